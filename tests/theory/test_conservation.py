"""Conserved quantities and the order at which they drift, against hand calculation and exact finite networks."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, NeuronSum, ParticleSystem, tanh_like
from theory.conservation import CONDENSED, SMALL, Scaling, breaks_at, drift_of
from theory.finite_model import random_model

c3, F3, M4 = sp.symbols("c3 F3 M4", real=True)


def truncated(order: int) -> ParticleSystem:
    return Derivation(1, tanh_like(order)).truncated


def sums() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    k = theory.Neuron("k", 1)
    return NeuronSum(k.a * k.w[0], k), NeuronSum(k.a**2, k), NeuronSum(k.w[0] ** 2, k)


def test_difference_of_squares_of_a_neuron() -> None:
    """Section 6.2 by hand: d(a² − w²)/dt = 2c₃ a w³ (F₃ − M₄P)(1 − 3), everything else cancels to this order."""
    k = theory.Neuron("k", 1)
    p, _, _ = sums()
    order, drift = breaks_at(k.a**2 - k.w[0] ** 2, truncated, 5) or (0, None)
    assert order == 3
    assert drift is not None
    assert (drift.own_order, drift.order, drift.relative_order) == (2, 4, 2)
    assert sp.expand(drift.leading + 4 * c3 * k.a * k.w[0] ** 3 * (F3 - M4 * p)) == 0


def test_invariant_of_the_reduced_system() -> None:
    p, a2, w2 = sums()
    invariant = ((a2 + w2) / 2) ** 2 - p**2
    assert drift_of(invariant, truncated(1)).conserved
    assert drift_of(invariant, Derivation(3).leading_order, CONDENSED).conserved
    drift = drift_of(invariant, truncated(3))
    assert (drift.own_order, drift.order) == (0, 2)  # O(1/m) on the descent
    small = drift_of(invariant, truncated(3), SMALL)
    assert (small.own_order, small.order) == (4, 6)


def test_what_is_not_conserved() -> None:
    p, a2, w2 = sums()
    drift = drift_of(p, truncated(3))
    assert (drift.own_order, drift.order, drift.relative_order) == (0, 0, 0)
    assert sp.expand(drift.leading - (a2 + w2) * (1 - p)) == 0


def test_leading_part_is_a_limit() -> None:
    """In a finite network scaled by λ the rate over λ^order tends to the leading part: exactly, as a series in λ."""
    k = theory.Neuron("k", 1)
    quantity = k.a**2 - k.w[0] ** 2
    drift = drift_of(quantity, truncated(3), SMALL)
    model = random_model(5, 1, degree=3)
    lam = sp.Symbol("lambda")
    scaled = type(model)(tuple(tuple(lam * v for v in n) for n in model.neurons), model.points, model.taylor)
    series = sp.Poly(sp.expand(scaled.interpret(drift.rate)), lam)
    assert min(power for (power,) in series.monoms()) == drift.order
    assert series.coeff_monomial(lam**drift.order) == model.interpret(drift.leading)


def test_invariant_of_two_dimensions_needs_all_weights() -> None:
    """a² − ‖w‖² is conserved by the linear activation in any dimension, a² − (w^(1))² is not."""
    k = theory.Neuron("k", 2)
    system = Derivation(2).truncated
    assert drift_of(k.a**2 - k.w[0] ** 2 - k.w[1] ** 2, system).conserved
    assert not drift_of(k.a**2 - k.w[0] ** 2, system).conserved
    assert drift_of(k.a**2 - k.w[0] ** 2, system, Scaling(across=3, sums=-2)).relative_order == 4


@pytest.mark.parametrize(
    ("quantity", "system", "message"),
    [
        (sp.S.Zero, lambda: truncated(1), "zero"),
        (theory.P, lambda: Derivation(1).flow, "polynomial"),
    ],
)
def test_bad_input_is_refused(quantity: sp.Expr, system: object, message: str) -> None:
    with pytest.raises(theory.TheoryError, match=message):
        drift_of(quantity, system())  # type: ignore[operator]
