"""Activations: values against mpmath, slope 1, and what leaves the class of Assumption 3."""

from __future__ import annotations

import math
import pickle

import mpmath
import numpy as np
import pytest

from numerics import InputError
from numerics.activation import NAMED, Activation, activation

POINTS = np.array([-700.0, -30.0, -2.5, -0.4, -1e-9, 0.0, 1e-9, 0.1, 1.0, 6.0, 800.0])
SIGMA = {
    "tanh": (mpmath.tanh, lambda u: mpmath.sech(u) ** 2),
    "erf": (
        lambda u: mpmath.erf(mpmath.sqrt(mpmath.pi) * u / 2),
        lambda u: mpmath.exp(-mpmath.pi * u * u / 4),
    ),
    "arctan": (mpmath.atan, lambda u: 1 / (1 + u * u)),
    "sin": (mpmath.sin, mpmath.cos),
    "rational": (lambda u: u / mpmath.sqrt(1 + u * u), lambda u: (1 + u * u) ** mpmath.mpf("-1.5")),
    "gd": (lambda u: 2 * mpmath.atan(mpmath.tanh(u / 2)), mpmath.sech),
}


SECOND = {
    "tanh": lambda u: -2 * mpmath.tanh(u) * mpmath.sech(u) ** 2,
    "erf": lambda u: -mpmath.pi / 2 * u * mpmath.exp(-mpmath.pi * u * u / 4),
    "arctan": lambda u: -2 * u / (1 + u * u) ** 2,
    "sin": lambda u: -mpmath.sin(u),
    "rational": lambda u: -3 * u * (1 + u * u) ** mpmath.mpf("-2.5"),
    "gd": lambda u: -mpmath.sech(u) * mpmath.tanh(u),
}


def test_every_named_activation_is_tested():
    assert set(NAMED) == set(SIGMA)


@pytest.mark.parametrize("name", sorted(SIGMA))
def test_values_and_derivatives(name):
    chosen = activation(name)
    value, derivative = np.empty_like(POINTS), np.empty_like(POINTS)
    chosen.fill(POINTS.copy(), value, derivative)
    with mpmath.workdps(400):  # the derivative of tanh at 800 is 1 − tanh² ≈ 1e-694
        exact = [[float(f(mpmath.mpf(float(u)))) for u in POINTS] for f in SIGMA[name]]
    for found in (chosen.value(POINTS), value):
        assert np.allclose(found, exact[0], rtol=4e-15, atol=0)
    for found in (chosen.derivative(POINTS), derivative):
        assert np.allclose(found, exact[1], rtol=1e-14, atol=1e-15)
    assert chosen.derivative(np.array([0.0])).tolist() == [1.0]
    assert chosen.odd


@pytest.mark.parametrize("name", sorted(SIGMA))
def test_second_derivatives(name):
    """Against the closed form, and that form against numerical differentiation of σ by mpmath."""
    with mpmath.workdps(400):
        exact = [float(SECOND[name](mpmath.mpf(float(u)))) for u in POINTS]
    assert np.allclose(activation(name).second(POINTS), exact, rtol=2e-14, atol=1e-15)
    with mpmath.workdps(40):
        for u in ("-1.3", "0", "0.4"):
            assert mpmath.almosteq(
                mpmath.diff(SIGMA[name][0], mpmath.mpf(u), 2), SECOND[name](mpmath.mpf(u)), abs_eps=1e-12
            )


def test_the_second_derivative_of_a_formula_is_that_of_the_rescaled_argument():
    chosen = activation("4*tanh(u/2)")
    points = np.linspace(-3, 3, 7)
    exact = 4 / 16 * activation("tanh").second(points / 4)
    assert np.allclose(chosen.second(points), exact, rtol=1e-13, atol=1e-16)
    for text, name in (("u/sqrt(1+u**2)", "rational"), ("2*atan(tanh(u/2))", "gd"), ("arctan(u)", "arctan")):
        found = activation(text).second(points)
        assert np.allclose(found, activation(name).second(points), rtol=1e-12, atol=1e-15)
    again = pickle.loads(pickle.dumps(chosen))
    assert np.array_equal(again.second(points), chosen.second(points))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("tanh(u)", "tanh"),
        ("tanh(x)", "tanh"),
        ("u/sqrt(1+u**2)", "rational"),
        ("arctan(u)", "arctan"),
        ("2*atan(tanh(u/2))", "gd"),
        ("erf(u)", "erf"),
        ("2*tanh(u/2)*3 ", None),
        ("-tanh(u)", "tanh"),
    ],
)
def test_formulas(text, same):
    chosen = activation(text)
    points = np.linspace(-3, 3, 41)
    if same is not None:
        assert np.allclose(chosen.value(points), activation(same).value(points), rtol=1e-13, atol=1e-15)
        assert np.allclose(chosen.derivative(points), activation(same).derivative(points), rtol=1e-12)
    assert chosen.derivative(np.array([0.0]))[0] == pytest.approx(1.0, abs=1e-14)
    assert chosen.odd
    again = pickle.loads(pickle.dumps(chosen))
    assert np.array_equal(again.value(points), chosen.value(points))


def test_a_slope_other_than_one_is_said():
    assert activation("tanh(u)").note == ""
    chosen = activation("4*tanh(u/2)")
    assert "slope at zero is 2" in chosen.note
    points = np.linspace(-3, 3, 7)
    assert np.allclose(chosen.value(points), 4 * np.tanh(points / 4), rtol=1e-14)


def test_a_formula_that_is_not_odd_but_in_the_class():
    chosen = activation("u + u**4")
    assert not chosen.odd
    assert chosen.value(np.array([-2.0]))[0] == 14.0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("u**2", "even"),
        ("cos(u)", "even"),
        ("abs(u)", "even"),
        ("cosh(u)-1", "even"),
        ("3", "even"),
        ("exp(u)", "value at 0 is 1"),
        ("u+0.5", "value at 0 is 0.5"),
        ("u**3", "slope at 0 is 0"),
        ("u+u**2", "second derivative at 0 is 2"),
        ("exp(u)-1", "second derivative at 0 is 1"),
        ("u+abs(u)", "no first or second derivative"),
        ("log(u)", "not finite at 0"),
        ("1/u", "not finite at 0"),
        ("tan(u)/(1-u**2)", "not finite near u = -1"),
        ("u + u**3*sqrt(4-u**2)", "not finite near"),
        ("exp(exp(u**2))*u", "not finite near"),
    ],
)
def test_what_leaves_the_class_is_refused_with_its_reason(text, word):
    with pytest.raises(InputError, match=word) as caught:
        activation(text)
    assert "Assumption 3" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["relu", "gelu", "", "sigmoid(u)", "__import__('os')", "u*x", "x1", "tanh"[:3]]
)
def test_unknown_names_list_the_known_ones(text):
    with pytest.raises(InputError, match="tanh, erf, arctan, sin, rational, gd") as caught:
        activation(text)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    ("text", "cubic", "quintic"),
    [
        ("tanh", -1 / 3, 2 / 15),
        ("sin", -1 / 6, 1 / 120),
        ("arctan", -1 / 3, 1 / 5),
        ("rational", -1 / 2, 3 / 8),
        ("gd", -1 / 6, 1 / 24),
        ("erf", -math.pi / 12, math.pi**2 / 160),
        # σ(u/s) of 2u e^(−u²), s = 2: u e^(−u²/4).
        ("2*u*exp(-u**2)", -1 / 4, 1 / 32),
        ("u", 0, 0),
    ],
)
def test_taylor_coefficients_are_those_of_the_series(text, cubic, quintic):
    assert activation(text).taylor(5) == pytest.approx((0, 1, 0, cubic, 0, quintic), abs=1e-15, rel=1e-14)


def test_taylor_coefficients_of_what_is_not_known_are_refused():
    nameless = Activation("mine", np.tanh, np.cos)
    with pytest.raises(InputError, match="'mine' are not known"):
        nameless.taylor(3)
