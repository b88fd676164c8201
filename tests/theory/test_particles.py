"""Particle systems: components, substitution, and the rate of change along the drift."""

from __future__ import annotations

import pytest
import sympy as sp

from theory import DataMean, Neuron, NeuronSum, ParticleSystem, Sample, TheoryError, decide_zero, random_model
from theory.brackets import neuron_derivative

K = Neuron("k", 1)
A, W = K.coordinates
AW = NeuronSum(A * W, K)
SYSTEM = ParticleSystem(K, (W * (1 - AW) + A**3, A * (1 - AW) - W * NeuronSum(A**2, K)))


def test_components_by_coordinate() -> None:
    assert SYSTEM[W] == SYSTEM.drift[1]
    with pytest.raises(TheoryError, match="2 components"):
        ParticleSystem(K, (A,))


def test_whole_brackets_are_substituted() -> None:
    assert SYSTEM.substitute({AW: sp.S.One}).drift == (A**3, -W * NeuronSum(A**2, K))


@pytest.mark.parametrize(
    "quantity",
    [AW, NeuronSum(A**2 * W**3, K), A * W**2, AW**2 * A, NeuronSum(sp.exp(A - W), K), sp.exp(AW) * W],
)
def test_time_derivative_is_the_chain_rule(quantity: sp.Expr) -> None:
    """d/dt = Σ_k ∂/∂θ_k · dθ_k/dt, with the sum over neurons written out: every neuron plays k in turn."""
    model = random_model(4, 1)
    value = sp.S.Zero
    for index, neuron in enumerate(model.neurons):
        turned = type(model)(
            (neuron, *model.neurons[:index], *model.neurons[index + 1 :]), model.points, model.taylor
        )
        if index and not quantity.has(NeuronSum):
            break  # a quantity of neuron k alone moves with k alone
        fixed = {A: model.neurons[0][0], W: model.neurons[0][1]}
        for coordinate, rate in zip(SYSTEM.neuron.coordinates, SYSTEM.drift, strict=True):
            if index == 0:
                slope = turned.interpret(neuron_derivative(quantity, coordinate, K))
            else:
                other = Neuron("other", 1)
                at = dict(zip(other.coordinates, neuron, strict=True))
                moved = neuron_derivative(quantity, other.coordinates[K.coordinates.index(coordinate)], other)
                slope = model.interpret(moved, at | fixed)
            value += slope * turned.interpret(rate)
    assert sp.simplify(model.interpret(SYSTEM.derivative(quantity)) - value) == 0


def test_nested_sums_and_means_move() -> None:
    """By hand: d/dt Σ_k exp(w_k Σ_j a_j) = Σ_k exp(w_k Σ a)(w_k' Σ a + w_k Σ a')."""
    decay = ParticleSystem(K, (-A, 2 * W))
    total = NeuronSum(A, K)
    inner = NeuronSum(sp.exp(W * total), K)
    expected = NeuronSum(sp.exp(W * total) * (2 * W * total - W * total), K)
    assert decide_zero(decay.derivative(inner) - expected).is_zero
    s = Sample("x", 1)
    (x,) = s.x
    assert decay.derivative(DataMean(sp.exp(x), s)) == 0
    # The order of sum and mean differs on the two sides: compared by value in a finite network.
    bent = 1 / (1 + (W * x) ** 2)
    square = DataMean(NeuronSum(A * bent, K) ** 2, s)
    rate = NeuronSum(-A * bent + 2 * W * A * bent.diff(x) * x / W, K)
    model = random_model(9, 1)
    expected = DataMean(2 * NeuronSum(A * bent, K) * rate, s)
    assert model.interpret(decay.derivative(square) - expected) == 0


def test_own_coordinates_inside_a_sum_move_too() -> None:
    """By hand: d/dt Σ_j exp(a_j w_k) = Σ_j exp(a_j w_k)(a_j w_k' + a_j' w_k)."""
    decay = ParticleSystem(K, (-A, 2 * W))
    j = Neuron("j", 1)
    mixed = NeuronSum(sp.exp(j.a * W), j)
    expected = NeuronSum(sp.exp(j.a * W) * (2 * j.a * W - j.a * W), j)
    assert decide_zero(decay.derivative(mixed) - expected).is_zero


def test_another_neuron_is_refused() -> None:
    with pytest.raises(TheoryError, match="another neuron"):
        SYSTEM.derivative(Neuron("j", 1).a * A)
