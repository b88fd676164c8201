"""Balls around moments contain what mpmath finds at 50 digits, and agree with exact forms where there are some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import acb, arb, fmpq

from numerics.balls.evaluate import evaluate
from numerics.balls.means import ball_mean
from numerics.balls.moments import (
    _rotation,
    absolute_mean,
    data_model,
    free_moments,
    risk_at_zero,
    target_moment,
)
from numerics.errors import InputError
from numerics.exact_data import measure_from_csv
from numerics.precision import working_precision
from theory import (
    AssumptionViolated,
    Ball,
    Box,
    Empirical,
    Product,
    Sphere,
    Task,
    TruncatedGaussian,
    TwoPoint,
    normalised,
    rotation_to_first,
)

x = sp.Symbol("x")
x1, x2, x3 = sp.symbols("x1 x2 x3", real=True)


@pytest.fixture(autouse=True)
def _fifty_digits() -> Iterator[None]:
    with mpmath.workdps(55), working_precision(250):
        yield


def contains(ball: arb, reference: mpmath.mpf, digits: int = 50) -> bool:
    """Whether the ball, made wider by the error of the reference, holds it, and is narrow itself."""
    near = arb(mpmath.nstr(reference, 55), f"1e-{digits}")
    return bool(ball.overlaps(near)) and bool(ball.rad() < arb(f"1e-{digits - 5}"))


def over_interval(function: Callable[[mpmath.mpf], mpmath.mpf], half: mpmath.mpf) -> mpmath.mpf:
    return mpmath.quad(function, mpmath.linspace(-half, half, 9)) / (2 * half)


@pytest.mark.parametrize(
    ("target", "function"),
    [
        (sp.tanh(2 * x), lambda u: mpmath.tanh(2 * u)),
        (sp.atan(3 * x), lambda u: mpmath.atan(3 * u)),
        (x / sp.sqrt(1 + x**2), lambda u: u / mpmath.sqrt(1 + u**2)),
        (sp.erf(x) + x**2, lambda u: mpmath.erf(u) + u**2),
        (sp.log(2 + x), lambda u: mpmath.log(2 + u)),
    ],
)
def test_an_interval(target: sp.Expr, function: Callable[[mpmath.mpf], mpmath.mpf]) -> None:
    task = Task(normalised(Box(1)), target)
    for k in (1, 3):
        reference = over_interval(lambda u, k=k: function(u) * u**k, mpmath.sqrt(3))
        assert contains(target_moment(task, (k,), 55), reference)
    assert contains(risk_at_zero(task, 55), over_interval(lambda u: function(u) ** 2 / 2, mpmath.sqrt(3)))


def test_a_truncated_gaussian() -> None:
    task = Task(TruncatedGaussian(1, 2), sp.sin(x))

    def weight(u: mpmath.mpf) -> mpmath.mpf:
        return mpmath.exp(-(u**2) / 2)

    total = mpmath.quad(weight, [-2, 0, 2])
    reference = mpmath.quad(lambda u: weight(u) * mpmath.sin(u) * u, [-2, 0, 2]) / total
    assert contains(target_moment(task, (1,), 55), reference)


def test_a_disc_by_bessel_functions() -> None:
    # The mean of e^{x1} over the unit disc is 2 I_1(1), over the circle I_0(1).
    assert contains(ball_mean(Ball(2, 1), sp.exp(x1), 30), 2 * mpmath.besseli(1, 1), 30)
    assert contains(ball_mean(Sphere(2, 1), sp.exp(x1), 30), mpmath.besseli(0, 1), 30)


def test_a_sphere_in_three_dimensions() -> None:
    assert contains(ball_mean(Sphere(3, 2), sp.exp(x3), 20), mpmath.sinh(2) / 2, 20)


def test_two_coordinates_that_do_not_split() -> None:
    found = ball_mean(Box(1, 2), sp.exp(sp.sin(x1 + x2)), 20)
    reference = mpmath.mpf(0)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    for u, p in zip(nodes, weights, strict=True):
        for v, q in zip(nodes, weights, strict=True):
            reference += p * q / 4 * mpmath.exp(mpmath.sin(u + 2 * v))
    # The nodes are in double precision.
    assert abs(found - arb(str(reference))) < 1e-13
    assert found.rad() < arb("1e-18")


def test_what_splits_is_a_product() -> None:
    distribution = Product(TwoPoint(1), Box(1), Box(1), Box(2))
    y = sp.symbols("x1:5", real=True)
    found = ball_mean(distribution, sp.exp(y[0]) * sp.tanh(y[1]) ** 2 * sp.cos(y[2]) * y[3] ** 2, 50)
    reference = (
        mpmath.cosh(1) * over_interval(lambda u: mpmath.tanh(u) ** 2, 1) * mpmath.sin(1) * mpmath.mpf(4) / 3
    )
    assert contains(found, reference)


def test_points() -> None:
    points = [Fraction(k, 7) for k in range(-20, 21)]
    task = Task(Empirical.of(points), sp.tanh(x))
    reference = sum(mpmath.tanh(mpmath.mpf(k) / 7) * mpmath.mpf(k) / 7 for k in range(-20, 21)) / 41
    assert contains(target_moment(task, (1,), 55), reference)
    sizes = sum(abs(mpmath.tanh(mpmath.mpf(k) / 7)) for k in range(-20, 21)) / 41
    assert contains(absolute_mean(task, 55), sizes)


def test_the_mean_of_the_absolute_value() -> None:
    found = absolute_mean(Task(Box(1), sp.sin(3 * x) - x), 20)
    # The one zero of sin 3x − x in (0, 1).
    zero = mpmath.findroot(lambda u: mpmath.sin(3 * u) - u, 0.8)
    reference = mpmath.quad(lambda u: abs(mpmath.sin(3 * u) - u), [0, zero, 1])
    assert found.overlaps(arb(mpmath.nstr(reference, 40), "1e-35"))
    assert found.rad() < arb("1e-10")
    bound = absolute_mean(Task(Box(1, 1), sp.sin(x1 + x2)), 20)
    assert bound.contains(arb(float(4 * mpmath.quad(lambda s: mpmath.sin(s) * (2 - s) / 4, [0, 2]) / 2)))


def test_symbols_of_the_model_have_balls() -> None:
    model, balls = data_model(normalised(Box(1)), sp.tanh(2 * x), digits=55)
    half = mpmath.sqrt(3)
    first = over_interval(lambda u: mpmath.tanh(2 * u) * u, half)
    third = over_interval(lambda u: mpmath.tanh(2 * u) * u**3, half)
    assert model.z == (1,)
    assert contains(balls.norm, first)
    assert contains(balls.value(sp.Symbol("F3")), third / first)
    assert balls.value(sp.Symbol("F1")).contains(1)
    assert balls.value(sp.Symbol("M4")).overlaps(arb(fmpq(9, 5)))
    left = free_moments(model, [sp.Symbol("F3") * sp.Symbol("c3") + sp.Symbol("M4"), sp.Symbol("m")])
    assert [symbol.name for symbol in left] == ["F3", "M4"]
    with pytest.raises(InputError, match="not the name of a moment"):
        balls.value(sp.Symbol("c3"))


def test_a_rotation_in_balls_agrees_with_the_exact_one() -> None:
    z = [3, -4, 12]
    found = _rotation([arb(entry) for entry in z], arb(13))
    exact = rotation_to_first([sp.Integer(entry) for entry in z])
    for i in range(3):
        for j in range(3):
            assert found[i][j].overlaps(arb(fmpq(int(exact[i, j].p), int(exact[i, j].q))))


def test_a_rotation_that_has_no_exact_form() -> None:
    task = Task(normalised(Box(1, 1)), sp.sin(x1) + sp.Rational(3, 10) * sp.sin(2 * x2))
    model, balls = data_model(task.distribution, task.target, digits=40)
    assert (model.z, model.second_moments) == ((1, 0), sp.eye(2))
    assert balls.target_moment((1, 0)).contains(1)
    assert balls.target_moment((0, 1)).contains(0)
    assert balls.moment((2, 0)).contains(1)
    assert balls.moment((1, 1)).contains(0)
    # |M₄|² = Σ binomial M² over the tensor does not turn; before it M₄₀ = M₀₄ = 9/5, M₂₂ = 1.
    powers = [(4, 0), (3, 1), (2, 2), (1, 3), (0, 4)]
    total = sum(c * balls.moment(p) ** 2 for c, p in zip((1, 4, 6, 4, 1), powers, strict=True))
    assert total.overlaps(arb(fmpq(2 * 81 + 6 * 25, 25)))
    assert total.rad() < arb("1e-35")


def test_exact_and_enclosed_moments_agree() -> None:
    model, balls = data_model(normalised(Box(1, 1)), 3 * x1 + 4 * x2 + x1**3)
    for powers in ((2, 1), (0, 3), (3, 0)):
        exact = model.average(powers, with_target=True)
        assert evaluate(exact, {}).real.overlaps(balls.target_moment(powers))
    assert balls.target_moment((1, 0)).contains(1)


def test_an_integrand_is_finite_only_where_it_is_holomorphic() -> None:
    around_cut = acb(arb(0, 0.1), arb(2, 0.1))
    assert not evaluate(sp.atan(x), {x: around_cut}, analytic=True).is_finite()
    assert evaluate(sp.atan(x), {x: around_cut}).is_finite()
    below_one = acb(arb(0, 0.1), arb("0.5", "0.1"))
    assert evaluate(sp.atan(x), {x: below_one}, analytic=True).is_finite()
    negative = acb(arb(-1, 0.1), arb(0, 0.1))
    for function in (sp.sqrt(x), sp.log(x), x ** sp.Rational(1, 3)):
        assert not evaluate(function, {x: negative}, analytic=True).is_finite()
    assert not evaluate(sp.Abs(x), {x: acb(arb(0, 0.1), 0)}, analytic=True).is_finite()


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: ball_mean(Box(1), 1 / (x1 - sp.Rational(1, 3))), InputError, "could not be integrated"),
        (lambda: ball_mean(Box(1), sp.sqrt(x1)), InputError, "not real"),
        (lambda: ball_mean(Box(1), sp.gamma(x1 + 3)), InputError, "no ball arithmetic for gamma"),
        (lambda: ball_mean(Box(1, 1), sp.gamma(x1 + x2 + 3)), InputError, "no ball arithmetic for gamma"),
        (
            lambda: ball_mean(Box(1, 1, 1, 1), sp.exp(sp.sin(sum(sp.symbols("x1:5", real=True))))),
            InputError,
            "nested",
        ),
        (lambda: ball_mean(Ball(4, 1), sp.exp(x1)), InputError, "nested"),
        (lambda: ball_mean(Box(1), sp.tanh(x1) ** 2, digits=0), InputError, "digits is 0"),
        (lambda: ball_mean(Box(1), sp.tanh(x1) ** 2, digits=5000), InputError, "digits is 5000"),
        (lambda: data_model(Box(1), sp.cosh(sp.tanh(x))), AssumptionViolated, "Assumption 2"),
        (lambda: data_model(Box(1, 2), sp.sin(x1) + x2), InputError, "normalise"),
        (lambda: data_model(Box(1), sp.tanh(x), unit_norm=False), InputError, "unit_norm"),
    ],
)
def test_refusals(make: Callable[[], object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_a_file_is_taken_exactly(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("y,x2,x1\n0.1,1/3,-2\n1e-3,0,7\n")
    measure = measure_from_csv(file)
    assert measure.points == ((Fraction(-2), Fraction(1, 3)), (Fraction(7), Fraction(0)))
    assert measure.labels == (Fraction(1, 10), Fraction(1, 1000))
    file.write_text("x\n1\n-1\n")
    assert measure_from_csv(file).labels is None
    for text, words in (
        ("y\n1\n", "only column is y"),
        ("x,z\n1,2\n", "columns are"),
        ("x\n1e999\n", "line 2"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=words):
            measure_from_csv(file)
