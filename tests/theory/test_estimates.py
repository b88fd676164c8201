"""The bounds of Lemma 1: against a hand calculation, against exact networks, and at higher orders."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import theory
from theory import Derivation, Neuron, NeuronSum, Remainder, random_model
from theory.errors import TheoryError
from theory.estimates import (
    D,
    F,
    Inner,
    L,
    _Rules,
    cauchy_schwarz_defect,
    q,
    remainder_estimate,
    whole_remainders,
    written_out,
)
from theory.symbols import width as m
from theory.zero import decide_zero

BY_HAND = L * D**3 * F * q**3 + 2 * m * L * D**4 * q**5 + m * L**2 * D**6 * q**7


@pytest.mark.parametrize("dim", [1, 2, 3, 4])
def test_the_bound_does_not_depend_on_the_dimension(dim):
    found = remainder_estimate(dim)
    assert sp.expand(found.f - BY_HAND) == 0
    assert sp.expand(found.g - BY_HAND) == 0
    assert (found.order, found.power) == (1, 3)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("order", [1, 3])
def test_what_is_bounded_is_the_remainder_of_the_flow(dim, order):
    taylor = theory.tanh_like(order)
    whole = whole_remainders(dim, taylor).map(lambda drift: sp.expand(written_out(drift)))
    derived = Derivation(dim, taylor).expanded.remainder_part()
    for p, r in zip(theory.apply_data(whole, theory.aligned(dim)).drift, derived.drift, strict=True):
        assert decide_zero(p - r).is_zero
    assert not any(drift.has(Inner) for drift in whole.drift)


def test_third_order_by_hand():
    """d = 1, σ = u + c₃u³ + δ, |δ| ≤ L|u|⁵, |δ'| ≤ Lu⁴, every product of the three written out."""
    c = sp.Symbol("C", positive=True)
    u = q * D
    sigma_poly, delta = u + c * u**3, L * u**5
    residual = m * q * (sigma_poly + delta) + F
    f = residual * delta + m * q * delta * sigma_poly
    slope_poly, slope_delta = 1 + 3 * c * u**2, L * u**4
    g = q * D * (residual * slope_delta + m * q * delta * slope_poly)
    found = remainder_estimate(2, theory.tanh_like(3, odd=True), 5)
    assert sp.expand(found.f.subs(sp.Abs(sp.Symbol("c3", real=True)), c) - f) == 0
    assert sp.expand(found.g.subs(sp.Abs(sp.Symbol("c3", real=True)), c) - g) == 0


@cache
def _rest(dim):
    whole = whole_remainders(dim, theory.tanh_like(1)).map(lambda drift: sp.expand(written_out(drift)))
    return theory.apply_data(whole, theory.general(dim, symmetric=False))


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 2))
def test_exact_networks_stay_below(seed, dim):
    """Random rational networks and data, σ = u + c₃u³ + …: exact values of f_k and g_k against the bound."""
    model = random_model(seed, dim, aligned=False, width_of_model=2, degree=5)
    values = [model.interpret(drift) for drift in _rest(dim).drift]
    norms = [max(n[0] ** 2, sum(w**2 for w in n[1:])) for n in model.neurons]
    size, reach = sp.sqrt(max(norms)), sp.sqrt(max(sum(x**2 for x in point) for _, point, _ in model.points))
    most = size * reach  # |u| ≤ qD: L for the polynomial on that interval
    constant = sum(k * abs(c) * most ** (k - 3) for k, c in enumerate(model.taylor) if k >= 3)
    target = sum(weight * abs(value) for weight, _, value in model.points)
    bound = BY_HAND.xreplace({L: constant, D: reach, F: target, q: size, m: sp.Integer(len(model.neurons))})
    assert abs(values[0]) <= bound.evalf(30)
    assert sp.sqrt(sum(g**2 for g in values[1:])).evalf(30) <= bound.evalf(30)


def test_no_bound_no_estimate():
    rules = _Rules(3)
    k = Neuron("k", 1)
    with pytest.raises(TheoryError, match="no bound"):
        rules.bound(sp.sin(k.a))
    with pytest.raises(TheoryError, match="second derivative"):
        rules.bound(Remainder(1, 2, k.a))
    x = theory.Sample("x", 1)
    with pytest.raises(TheoryError, match="one factor"):
        rules.bound(theory.DataMean(theory.Target(*x.x) ** 2, x))
    with pytest.raises(TheoryError):
        remainder_estimate(1, theory.tanh_like(3), 3)


def test_rules_are_the_triangle_inequality():
    rules = _Rules(3)
    k = Neuron("k", 2)
    x = theory.Sample("x", 2)
    assert rules.bound(-3 * k.a * k.w[1]) == 3 * q**2
    assert rules.bound(NeuronSum(k.a**2 - k.w[0], k)) == m * q**2 + m * q
    assert rules.bound(theory.DataMean(theory.Target(*x.x) * x.x[0] ** 2, x)) == F * D**2
    assert rules.bound(sp.Symbol("c3", real=True)) == sp.Abs(sp.Symbol("c3", real=True))
    assert rules.bound(sp.sqrt(2) * k.a) == sp.sqrt(2) * q


def test_cauchy_schwarz_in_exact_networks():
    left, right = cauchy_schwarz_defect()
    for seed in range(5):
        model = random_model(seed, 1, width_of_model=4)
        value = model.interpret(left)
        pairs = [(n[1], n[0]) for n in model.neurons]
        lagrange = sum((a * d - b * c) ** 2 for a, b in pairs for c, d in pairs) / 2
        assert value == model.interpret(right) == lagrange
        assert value >= 0


def test_fraction_free_of_rounding():
    assert remainder_estimate(1, theory.admit("tanh").taylor(3), 5).f.coeff(F) == L * D**5 * q**5
    assert Fraction(1, 3) == Fraction(str(-theory.admit("tanh").coefficients(3)[3]))
