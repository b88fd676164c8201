"""Exact moments against quadrature at 30 digits, against plain fractions, and against the simulation's own data."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from numerics.dataset import equidistant
from theory import (
    AssumptionViolated,
    Ball,
    Box,
    Constant,
    Distribution,
    Empirical,
    InexactConstant,
    LinearImage,
    Product,
    Scaled,
    Sphere,
    Task,
    TheoryError,
    TruncatedGaussian,
    TwoPoint,
    normalised,
    with_bias,
)

DIGITS = 30
FRACTIONS = st.fractions(min_value=-5, max_value=5, max_denominator=12)


def close(value: sp.Expr, reference: mpmath.mpf) -> bool:
    with mpmath.workdps(DIGITS + 5):
        number = mpmath.mpf(str(sp.N(value, DIGITS + 10)))
        return bool(abs(number - reference) <= mpmath.mpf(10) ** -DIGITS * (1 + abs(reference)))


@pytest.mark.parametrize("power", [2, 4, 6, 9])
def test_an_interval(power: int) -> None:
    with mpmath.workdps(DIGITS + 5):
        half = mpmath.sqrt(2)
        reference = mpmath.quad(lambda x: x**power, [-half, 0, half]) / (2 * half)
    assert close(Box(sp.sqrt(2)).moment((power,)), reference)


@pytest.mark.parametrize("power", [2, 4, 8])
def test_a_truncated_gaussian_on_the_line(power: int) -> None:
    with mpmath.workdps(DIGITS + 5):

        def weight(x: mpmath.mpf) -> mpmath.mpf:
            return mpmath.exp(-(x**2) / (2 * mpmath.mpf("0.49")))

        edges = [-mpmath.mpf(2), 0, mpmath.mpf(2)]
        total = mpmath.quad(weight, edges)
        reference = mpmath.quad(lambda x: x**power * weight(x), edges) / total
    assert close(TruncatedGaussian(1, 2, "0.7").moment((power,)), reference)


@pytest.mark.parametrize("powers", [(2, 0), (2, 2), (4, 2), (0, 6)])
def test_a_disc_slice_by_slice(powers: tuple[int, int]) -> None:
    p, q = powers
    with mpmath.workdps(DIGITS + 5):
        # Over a slice at x the coordinate y runs to √(r² − x²) = r cos t at x = r sin t.
        r = mpmath.mpf(3) / 2

        def slice_(t: mpmath.mpf) -> mpmath.mpf:
            return (r * mpmath.sin(t)) ** p * 2 * (r * mpmath.cos(t)) ** (q + 2) / (q + 1)

        reference = mpmath.quad(slice_, [-mpmath.pi / 2, 0, mpmath.pi / 2]) / (mpmath.pi * r**2)
    assert close(Ball(2, "3/2").moment(powers), reference)


@pytest.mark.parametrize("powers", [(2, 0, 0), (2, 2, 0), (2, 4, 2)])
@pytest.mark.parametrize("gaussian", [False, True])
def test_three_dimensions_in_spherical_coordinates(powers: tuple[int, int, int], gaussian: bool) -> None:
    p, q, s = powers
    with mpmath.workdps(DIGITS + 5):

        def weight(r: mpmath.mpf) -> mpmath.mpf:
            return r**2 * (mpmath.exp(-(r**2) / 2) if gaussian else 1)

        radial = mpmath.quad(lambda r: r ** sum(powers) * weight(r), [0, 2]) / mpmath.quad(weight, [0, 2])
        height = mpmath.quad(lambda u: u**p * (1 - u**2) ** ((q + s) // 2), [-1, 1]) / 2
        angle = mpmath.quad(
            lambda t: mpmath.cos(t) ** q * mpmath.sin(t) ** s, [0, mpmath.pi, 2 * mpmath.pi]
        ) / (2 * mpmath.pi)
        reference = radial * height * angle
    assert close((TruncatedGaussian(3, 2) if gaussian else Ball(3, 2)).moment(powers), reference)


def test_a_sphere_is_the_surface_of_balls() -> None:
    # d/dr of r^(d+k) E_ball = the sphere's moment times (d + k) r^(d+k−1) · d/(d + k).
    ball, sphere = Ball(4, 1).moment((2, 2, 4, 0)), Sphere(4, 1).moment((2, 2, 4, 0))
    assert ball == sphere * sp.Rational(4, 4 + 8)
    assert Sphere(1, 2).moment((4,)) == TwoPoint(2).moment((4,)) == 16


@given(
    st.lists(st.tuples(FRACTIONS, FRACTIONS, FRACTIONS, st.integers(1, 9)), min_size=1, max_size=6),
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_an_empirical_measure_by_fractions(
    rows: list[tuple[Fraction, Fraction, Fraction, int]], powers: tuple[int, int]
) -> None:
    measure = Empirical.of([r[:2] for r in rows], [r[2] for r in rows], [r[3] for r in rows])
    total = sum(r[3] for r in rows)
    p, q = powers
    plain = sum((Fraction(w, total) * x**p * y**q for x, y, _, w in rows), Fraction(0))
    labelled = sum((Fraction(w, total) * f * x**p * y**q for x, y, f, w in rows), Fraction(0))
    assert measure.moment(powers) == sp.Rational(plain.numerator, plain.denominator)
    assert measure.label_moment(powers) == sp.Rational(labelled.numerator, labelled.denominator)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5))
def test_floats_of_an_array_are_the_dyadic_numbers_they_are(values: list[float]) -> None:
    measure = Empirical.of(np.array(values))
    exact = sum((Fraction(v) ** 3 for v in values), Fraction(0)) / len(values)
    assert measure.moment((3,)) == sp.Rational(exact.numerator, exact.denominator)


@given(st.lists(st.tuples(FRACTIONS, FRACTIONS), min_size=1, max_size=4))
def test_symmetry_of_an_empirical_measure(points: list[tuple[Fraction, Fraction]]) -> None:
    mirrored = [(-x, -y) for x, y in points]
    assert Empirical.of(points + mirrored).symmetric
    lopsided = Empirical.of([*points, *mirrored, (7, 0)])
    assert not lopsided.symmetric


def test_numbers_are_taken_exactly() -> None:
    measure = Empirical.of([1, "0.1", Fraction(1, 3), Decimal("2.5"), sp.Rational(-1, 7), "1/9"])
    total = 1 + Fraction(1, 10) + Fraction(1, 3) + Fraction(5, 2) - Fraction(1, 7) + Fraction(1, 9)
    assert measure.mean == (sp.Rational(total.numerator, 6 * total.denominator),)


@pytest.mark.parametrize("n", [2, 7, 60])
def test_the_equidistant_points_of_the_simulation(n: int) -> None:
    x = sp.Symbol("x")
    data = equidistant(n, "x + 0.3*x**3")
    ours = normalised(Empirical.of(range(1 - n, n, 2)))
    task = Task(ours, x + sp.Rational("0.3") * x**3)
    for k in range(2, 9, 2):
        assert float(ours.moment((k,))) == pytest.approx(data.M(k), rel=1e-13)
        quotient = task.target_moment((k - 1,)) / task.target_moment((1,))
        assert float(quotient) == pytest.approx(data.F(k - 1), rel=1e-13)


def test_rescaled_moments_are_quotients() -> None:
    for base in (Box(3), Ball(1, 2), TruncatedGaussian(1, 2), Empirical.of([1, -1, 3, -3, 5])):
        unit, second = normalised(base), base.moment((2,))
        for k in (2, 4, 6):
            assert sp.simplify(unit.moment((k,)) - base.moment((k,)) / second ** sp.Rational(k, 2)) == 0
    assert normalised(Box(7)).moment((4,)) == sp.Rational(9, 5)
    assert normalised(TwoPoint(1)) == TwoPoint(1)


@given(st.lists(st.tuples(FRACTIONS, FRACTIONS, FRACTIONS), min_size=4, max_size=5))
def test_any_second_moments_are_whitened(points: list[tuple[Fraction, Fraction, Fraction]]) -> None:
    measure = Empirical.of(points)
    if measure.second_moments.det() == 0:
        with pytest.raises(AssumptionViolated, match="hyperplane"):
            normalised(measure)
    else:
        assert normalised(measure).second_moments == sp.eye(3)


def test_a_singular_measure_is_refused() -> None:
    with pytest.raises(AssumptionViolated, match="direction 2 has second moment 0"):
        normalised(Empirical.of([[1, 1], [2, 2], [-1, -1]]))


def test_products_and_images() -> None:
    product = Product(Box(1), Ball(2, 1), Product(TwoPoint(2)))
    assert product.dim == 4
    assert product.moment((2, 2, 0, 4)) == sp.Rational(1, 3) * sp.Rational(1, 4) * 16
    assert product.radius == sp.sqrt(1 + 1 + 4)
    image = LinearImage(Box(1, 1), sp.ImmutableMatrix([[1, 1], [1, -1]]))
    # (x + y)²(x − y)² = x⁴ − 2x²y² + y⁴
    assert image.moment((2, 2)) == sp.Rational(2, 5) - sp.Rational(2, 9)
    assert Scaled(Box(1, 1), (sp.sqrt(3), 2)).moment((2, 4)) == sp.Rational(16, 5)


@pytest.mark.parametrize(
    "distribution",
    [Box(1, 2), Ball(2, 3), Sphere(2, 1), TwoPoint(1, 2), normalised(Box(1, 5)), with_bias(Box(1))],
)
def test_the_radius_bounds_every_moment(distribution: Distribution) -> None:
    for k in (2, 4, 8):
        assert distribution.moment((k, 0)) <= distribution.radius**k
        assert distribution.moment((0, k)) <= distribution.radius**k


def test_a_bias_keeps_second_moments_and_breaks_symmetry() -> None:
    biased = with_bias(normalised(Box(1)))
    assert biased.second_moments == sp.eye(2)
    assert not biased.symmetric
    assert biased.moment((2, 1)) == 1
    with pytest.raises(AssumptionViolated, match="∫ x1 ρ = 3/2"):
        with_bias(Empirical.of([1, 2]))
    assert Constant(0).symmetric


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Box(0.5), InexactConstant, "float 0.5"),
        (lambda: Empirical.of([0.1]), InexactConstant, "NumPy array"),
        (lambda: Empirical.of(["nan"]), TheoryError, "points\\[0\\]"),
        (lambda: Empirical.of(np.array([1.0, np.nan])), TheoryError, "not a finite number"),
        (lambda: Empirical.of([]), TheoryError, "at least one point"),
        (lambda: Empirical.of([[1, 2], [3]]), TheoryError, "points\\[1\\]"),
        (lambda: Empirical.of([1, 2], labels=[1]), TheoryError, "one number for each"),
        (lambda: Empirical.of([1, 2], weights=[1, 0]), TheoryError, "weights\\[1\\]"),
        (lambda: Empirical.of([1, 2]).label_moment((1,)), TheoryError, "no labels"),
        (lambda: Empirical.of(["1/0"]), TheoryError, "exact rational"),
        (lambda: Empirical.of(["1e99999"]), TheoryError, "exact rational"),
        (lambda: Empirical.of([True]), TheoryError, "exact rational"),
        (lambda: Box(-1), TheoryError, "positive"),
        (lambda: Box(), TheoryError, "dimension"),
        (lambda: Box(sp.oo), TheoryError, "Half-width"),
        (lambda: Box(sp.Symbol("h")), TheoryError, "finite real number"),
        (lambda: Ball(0, 1), TheoryError, "dimension"),
        (lambda: TruncatedGaussian(1, 1, 0), TheoryError, "deviation"),
        (lambda: Product(), TheoryError, "at least one"),
        (lambda: Box(1).moment((1, 2)), TheoryError, "1 powers"),
        (lambda: Box(1).moment((-1,)), TheoryError, "from 0 on"),
        (lambda: Scaled(Box(1), (0,)), TheoryError, "positive scales"),
        (lambda: LinearImage(Box(1), sp.ImmutableMatrix([[1, 2]])), TheoryError, "1 columns"),
    ],
)
def test_refusals(make: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()  # type: ignore[operator]
