"""Strategies draw what they say, and shrink to something readable."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from numerics.errors import InputError
from verify.strategies import finite_models, polynomial_activations, rationals


@given(st.integers(1, 9).flatmap(lambda h: st.tuples(st.just(h), rationals(h))))
def test_rationals_have_their_height(drawn):
    height, value = drawn
    assert abs(value.numerator) <= height
    assert 1 <= value.denominator <= height


@given(polynomial_activations(7), polynomial_activations(7, odd=True), rationals(3))
def test_activations_are_in_the_class_of_the_theory(general, odd, u):
    for sigma in (general, odd):
        assert sigma.value(Fraction(0)) == 0
        assert sigma.derivative(Fraction(0)) == 1
        assert sigma.coefficients[2] == 0
    assert odd.value(-u) == -odd.value(u)
    assert odd.derivative(-u) == odd.derivative(u)


@given(polynomial_activations(5), rationals(3), rationals(3, nonzero=True))
def test_the_derivative_is_the_limit_of_exact_quotients(sigma, u, h):
    # (σ(u+h) − σ(u−h)) / 2h differs from σ'(u) by an even polynomial in h without constant term: Richardson
    # at degree 5.
    quotients = [(sigma.value(u + k * h) - sigma.value(u - k * h)) / (2 * k * h) for k in (1, 2, 3)]
    assert Fraction(3, 2) * quotients[0] - Fraction(3, 5) * quotients[1] + Fraction(1, 10) * quotients[2] == (
        sigma.derivative(u)
    )


@given(finite_models(2, width=(2, 3), samples=(1, 2), symmetric=True))
def test_symmetric_models_have_symmetric_data(model):
    assert 2 <= len(model.neurons) <= 3
    assert len(model.samples) in (2, 4)
    assert sorted(model.samples) == sorted((tuple(-c for c in x), -y) for x, y in model.samples)
    assert model.risk() >= 0


def test_models_shrink_to_little():
    model = find(finite_models(), lambda m: m.risk() > 0)
    assert len(model.neurons) == len(model.samples) == 1


def test_impossible_requests_are_refused():
    with pytest.raises(InputError):
        rationals(0)
    with pytest.raises(InputError):
        polynomial_activations(0)
    with pytest.raises(InputError):
        finite_models(width=(3, 2))
