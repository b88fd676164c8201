"""Gaussian means and variances of the start, against Gauss–Hermite quadrature and against drawn weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sympy as sp

from numerics.sampling import initial_weights
from theory import Initialisation, TheoryError, width
from theory.initialisation import scale_a, scale_w

SCALES = {scale_a: sp.Rational(1, 3), scale_w: sp.Rational(7, 5)}


def compiled(start: Initialisation, function: sp.Expr) -> Callable[..., np.ndarray]:
    names = sp.symbols(f"u:{1 + start.dim}")
    return sp.lambdify(names, function.xreplace(dict(zip(start.neuron.coordinates, names, strict=True))))


def by_quadrature(start: Initialisation, function: sp.Expr) -> float:
    """E φ(a, w) for d = 1 by 20 × 20 Gauss–Hermite nodes, exact for these polynomials up to rounding."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()
    a, w = np.meshgrid(nodes / 3, nodes * 1.4, indexing="ij")
    values = compiled(start, function)(a, w)
    return float(weights @ values @ weights)


@pytest.mark.parametrize("name", ["P0", "Q0", "A", "B"])
def test_means_and_variances(name: str) -> None:
    start = Initialisation()
    phi = start.order_parameters[name]
    first, second = by_quadrature(start, phi), by_quadrature(start, phi**2)
    mean, variance = (f(phi).subs(SCALES).subs(width, 10) for f in (start.mean, start.variance))
    assert float(mean) == pytest.approx(10 * first, rel=1e-12, abs=1e-12)
    assert float(variance) == pytest.approx(10 * (second - first**2), rel=1e-12)


def test_equal_scales_make_both_parts_independent() -> None:
    epsilon = sp.Symbol("epsilon", positive=True)
    start = Initialisation(3, epsilon, epsilon)
    phi = start.order_parameters
    assert start.covariance(phi["A"], phi["B"]) == 0
    assert start.mean(phi["A"]) == width * epsilon**2 / 2
    separate = Initialisation()
    phi = separate.order_parameters
    product = width * (scale_a**2 - scale_w**2) ** 2 / 8
    assert sp.expand(separate.covariance(phi["A"], phi["B"]) - product) == 0


def test_one_drawn_start_lies_where_it_should() -> None:
    size = 20000
    weights = initial_weights(7, size, 2, 0.02, scale_a=0.5)
    start = Initialisation(2, sp.Rational(1, 2), sp.Rational(1, 50))
    for phi in start.order_parameters.values():
        value = compiled(start, phi)(*weights.T).sum()
        mean, variance = (float(f(phi).subs(width, size)) for f in (start.mean, start.variance))
        assert abs(value - mean) < 5 * variance**0.5


def test_other_functions_are_refused() -> None:
    start = Initialisation()
    with pytest.raises(TheoryError, match="polynomial"):
        start.mean(sp.tanh(start.neuron.a))
