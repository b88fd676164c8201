"""Exact closure of order parameters."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, Neuron, NeuronSum, NotClosed, P, ParticleSystem, Q, TheoryError, width

K = Neuron("k", 2)
A, W1, W2 = K.coordinates


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_p_and_q_close(dim: int) -> None:
    field = Derivation(dim).reduced
    assert sp.expand(field[P] - 2 * Q * (1 - P)) == 0
    assert sp.expand(field[Q] - 2 * P * (1 - P)) == 0
    k = Neuron("k", dim)
    assert field.definitions == {
        P: NeuronSum(k.a * k.w[0], k),
        Q: NeuronSum(k.a**2, k) / 2 + NeuronSum(k.w[0] ** 2, k) / 2,
    }


def test_p_alone_does_not_close() -> None:
    with pytest.raises(NotClosed) as caught:
        theory.reduce(Derivation(1).leading_order, {P: Neuron("k", 1).a * Neuron("k", 1).w[0]})
    k = Neuron("k", 1)
    assert set(caught.value.leftovers) == {str(NeuronSum(k.a**2, k)), str(NeuronSum(k.w[0] ** 2, k))}


def test_the_second_moments_of_a_linear_system_close() -> None:
    """dθ/dt = Jθ gives dM/dt = JM + MJᵀ for M = Σ θθᵀ."""
    names = {
        pair: sp.Symbol(f"S{pair[0]}{pair[1]}", real=True)
        for pair in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    }
    theta = K.coordinates
    field = theory.reduce(Derivation(2).linearised, {s: theta[i] * theta[j] for (i, j), s in names.items()})
    moment = sp.Matrix(3, 3, lambda i, j: names[min(i, j), max(i, j)])
    jacobian = sp.Matrix([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    rate = jacobian * moment + moment * jacobian.T
    assert all(sp.expand(field[s] - rate[i, j]) == 0 for (i, j), s in names.items())


def test_other_combinations_close_too() -> None:
    plus, minus = sp.symbols("G D", real=True)
    field = theory.reduce(Derivation(2).leading_order, {plus: (A + W1) ** 2, minus: (A - W1) ** 2})
    p = (plus - minus) / 4
    assert sp.expand(field[plus] - 2 * plus * (1 - p)) == 0
    assert sp.expand(field[minus] + 2 * minus * (1 - p)) == 0


def test_a_constant_in_an_order_parameter_is_the_width() -> None:
    shifted = sp.Symbol("Y", real=True)
    linear = ParticleSystem(K, (A, W1, W2))
    field = theory.reduce(linear, {shifted: A + 1})
    assert sp.expand(field[shifted] - (shifted - width)) == 0


def test_a_closure_may_name_order_parameters() -> None:
    field = theory.reduce(
        Derivation(2).leading_order, {P: A * W1}, closure=lambda b: P if b != NeuronSum(A * W1, K) else None
    )
    assert sp.expand(field[P] - 2 * P * (1 - P)) == 0


def test_dependent_order_parameters_are_refused() -> None:
    with pytest.raises(TheoryError, match="linearly dependent"):
        theory.reduce(Derivation(2).leading_order, {P: A * W1, Q: 2 * A * W1})
    with pytest.raises(TheoryError, match="linearly dependent"):
        theory.reduce(
            Derivation(2).leading_order, {P: (A + W1) ** 2, Q: A**2 + W1**2, sp.Symbol("Y"): A * W1}
        )


def test_a_function_that_is_no_sum_over_its_own_neuron_is_refused() -> None:
    total = NeuronSum(A, K)
    with pytest.raises(TheoryError, match="linear in sums"):
        theory.reduce(Derivation(2).leading_order, {P: A * total})
