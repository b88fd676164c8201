"""Target moments, the rotation to z = ‖z‖ e₁, and the model of the data made of a distribution and a target."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial, prod

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import theory
from numerics.dataset import halton
from theory import (
    AssumptionViolated,
    Ball,
    Box,
    Derivation,
    Empirical,
    InexactConstant,
    Moments,
    Product,
    Task,
    TheoryError,
    TruncatedGaussian,
    TwoPoint,
    data_model,
    normalised,
    rotated,
    rotation_to_first,
    tanh_like,
)
from theory.tasks import known_z

x = sp.Symbol("x")
x1, x2, x3 = sp.symbols("x1 x2 x3")
SMALL = st.integers(-4, 4)


def exact(task: Moments, powers: tuple[int, ...]) -> sp.Expr:
    value = task.target_moment(powers)
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("target", "function"),
    [
        (sp.sin(x), mpmath.sin),
        (sp.cos(2 * x) + x, lambda u: mpmath.cos(2 * u) + u),
        (sp.exp(x / 3), lambda u: mpmath.exp(u / 3)),
        (x * sp.sinh(x) - sp.cosh(x) ** 2, lambda u: u * mpmath.sinh(u) - mpmath.cosh(u) ** 2),
        (sp.exp(-x) * sp.sin(x) ** 2, lambda u: mpmath.exp(-u) * mpmath.sin(u) ** 2),
    ],
)
def test_closed_forms_on_an_interval(target: sp.Expr, function: Callable[[mpmath.mpf], mpmath.mpf]) -> None:
    task = Task(normalised(Box(1)), target)
    for k in range(4):
        with mpmath.workdps(40):
            half = mpmath.sqrt(3)
            reference = mpmath.quad(lambda u, k=k: function(u) * u**k, [-half, 0, half]) / (2 * half)
            value = mpmath.mpf(str(sp.N(exact(task, (k,)), 40)))
            assert abs(value - reference) < mpmath.mpf(10) ** -30


def test_polynomial_targets_use_the_moments() -> None:
    task = Task(Box(1, 2), x1**3 * x2 + x2 / 7)
    assert task.target_moment((1, 1)) == sp.Rational(1, 5) * sp.Rational(4, 3)
    assert task.z == (0, sp.Rational(4, 21))
    assert task.risk_at_zero == sp.Rational(1, 2) * (
        sp.Rational(1, 7) * sp.Rational(4, 3) + sp.Rational(4, 3) / 49
    )


@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=5), st.tuples(SMALL, SMALL, SMALL))
def test_polynomials_on_points_are_rational(points: list[tuple[int, int]], c: tuple[int, int, int]) -> None:
    task = Task(Empirical.of(points), c[0] * x1 + c[1] * x2**3 + c[2] * x1 * x2)
    labels = [c[0] * p + c[1] * q**3 + c[2] * p * q for p, q in points]
    labelled = Task(Empirical.of(points, labels))
    for powers in ((0, 0), (1, 0), (2, 1)):
        plain = Fraction(
            sum(y * p ** powers[0] * q ** powers[1] for y, (p, q) in zip(labels, points, strict=True)),
            len(points),
        )
        assert task.target_moment(powers) == labelled.target_moment(powers)
        assert task.target_moment(powers) == sp.Rational(plain.numerator, plain.denominator)
    assert task.risk_at_zero == labelled.risk_at_zero
    assert task.absolute_mean == labelled.absolute_mean


def test_what_has_no_exact_form_says_so() -> None:
    task = Task(Box(1), sp.tanh(2 * x))
    assert task.target_moment((1,)) is None
    assert task.target_moment((2,)) == 0
    assert Task(TruncatedGaussian(1, 1), sp.sin(x)).target_moment((1,)) is None
    few = Task(Empirical.of([1, -1]), sp.tanh(x))
    assert few.target_moment((1,)) == sp.tanh(1)
    many = Task(Empirical.of(range(-20, 21)), sp.tanh(x))
    assert many.target_moment((1,)) is None


def test_singularities_off_the_support_are_no_harm() -> None:
    Task(Box(1), 1 / (x - sp.Rational(11, 10)) + sp.sqrt(x + 2))
    Task(Ball(2, 1), sp.log(3 + x1 + x2) / (x1**2 + 1))
    Task(Empirical.of([1, 2]), 1 / x)


def test_functions_of_independent_coordinates_split() -> None:
    task = Task(Product(Box(1), TwoPoint(1)), sp.sin(x1) * sp.exp(x2) + sp.tanh(x1))
    closed = sp.sinh(1) * (sp.sin(1) - sp.cos(1))
    assert theory.decide_zero(exact(task, (1, 1)) - closed).is_zero
    assert task.target_moment((0, 1)) == 0
    assert task.target_moment((1, 0)) is None


@given(st.lists(SMALL, min_size=2, max_size=4).filter(any))
def test_the_rotation(z: list[int]) -> None:
    turn = rotation_to_first([sp.Integer(entry) for entry in z])
    norm = sp.sqrt(sum(entry**2 for entry in z))
    dim = len(z)
    assert (turn * turn.T).applyfunc(sp.expand) == sp.eye(dim)
    assert sp.expand(turn.det()) == 1
    assert (turn * sp.Matrix(z)).applyfunc(sp.expand) == sp.Matrix([norm, *[0] * (dim - 1)])


def test_the_rotation_of_the_simulation() -> None:
    data = halton(30, 2, "sin(x1) + 0.3*sin(2*x2)")
    theirs = np.array(data.description["rotation"])
    # Row 0 is z/‖z‖ for the points before; its entries as exact numbers are a direction in rationals.
    direction = [sp.Rational(*Fraction(float(entry)).as_integer_ratio()) for entry in theirs[0]]
    ours = np.array(rotation_to_first(direction).evalf(20).tolist(), dtype=float)
    assert ours == pytest.approx(theirs, abs=1e-15)


def norm_squared(task: Moments, order: int, target: bool) -> sp.Expr:
    """Squared norm of a symmetric tensor of moments, which a rotation leaves alone."""
    total = sp.S.Zero
    for powers in _powers(task.dim, order):
        count = sp.Rational(factorial(order), prod(map(factorial, powers)))
        value = exact(task, powers) if target else task.moment(powers)
        total += count * value**2
    return sp.expand(total)


def _powers(dim: int, total: int) -> list[tuple[int, ...]]:
    if dim == 1:
        return [(total,)]
    return [(p, *rest) for p in range(total + 1) for rest in _powers(dim - 1, total - p)]


@pytest.mark.parametrize(
    "task",
    [
        Task(Box(1, 1), 3 * x1 + 4 * x2 + x1**3 * x2**2),
        Task(Box(1, 2, 1), x1 + x2 - 2 * x3 + x1**2 * x3),
        Task(Empirical.of([[1, 2], [3, -1], [0, 1]], labels=[1, 2, 5])),
        Task(Ball(3, 2), 2 * x1 - x3 + x2**3),
    ],
)
def test_norms_of_tensors_do_not_turn(task: Task) -> None:
    turned = rotated(task)
    assert all(entry == 0 for entry in turned.z[1:])
    assert turned.z[0] ** 2 == sp.expand(sum(entry**2 for entry in task.z))
    for order in (1, 2, 3, 4):
        assert norm_squared(turned, order, target=False) == norm_squared(task, order, target=False)
        if order <= 3:
            assert norm_squared(turned, order, target=True) == norm_squared(task, order, target=True)
    unit = rotated(task, unit_norm=True)
    assert unit.z[0] == 1


def test_an_axis_needs_no_square_root() -> None:
    task = Task(normalised(Box(1, 1)), sp.sin(x2) + x1**2)
    turned = rotated(task, unit_norm=True)
    assert turned.matrix == sp.ImmutableMatrix([[0, 1], [-1, 0]])
    assert turned.z[1] == 0
    assert sp.simplify(turned.z[0] - 1) == 0
    assert rotation_to_first([sp.S(-1), sp.S(0)]) == -sp.eye(2)


def test_one_dimension_takes_the_sign_into_the_target() -> None:
    model = data_model(Box(1), -6 * x)
    assert model.z == (1,)
    assert model.average((3,), with_target=True) == sp.Rational(3, 5)


def test_the_model_of_the_data_goes_into_the_derivation() -> None:
    model = data_model(normalised(Box(1)), x + sp.Rational("0.3") * x**3)
    w, c3 = sp.Symbol("w"), sp.Symbol("c3", real=True)
    drift = Derivation(1, tanh_like(3, odd=True), model).truncated
    (neuron_a, neuron_w), quotient = drift.neuron.coordinates, exact(model.moments, (3,))
    # F₃ = (M₄ + 0.3 M₆)/(1 + 0.3 M₄) with M₄ = 9/5, M₆ = 27/7.
    assert quotient == (sp.Rational(9, 5) + sp.Rational(81, 70)) / (1 + sp.Rational(27, 50))
    no_sums = drift[neuron_a].replace(theory.NeuronSum, lambda *_: sp.S.Zero).subs(neuron_w, w)
    assert sp.expand(no_sums - w - c3 * quotient * w**3) == 0
    assert not drift[neuron_a].has(sp.Symbol("M4", real=True), sp.Symbol("F3", real=True))


def test_unknown_moments_stay_symbols() -> None:
    with pytest.raises(TheoryError, match=r"numerics\.balls"):
        data_model(normalised(Box(1)), sp.tanh(2 * x))
    model = data_model(normalised(Box(1)), sp.tanh(2 * x), norm_is_positive=True)
    assert model.z == (1,)
    assert model.average((3,), with_target=True) == sp.Symbol("F3", real=True)
    assert model.average((2,), with_target=True) == 0
    assert model.average((4,), with_target=False) == sp.Rational(9, 5)


def test_data_that_are_not_rotated() -> None:
    measure = Empirical.of([[1, 0], [-1, 0], [0, 2], [0, -2]], labels=[3, -3, 1, -1])
    model = data_model(measure, rotate=False, unit_norm=False)
    assert model.z == (sp.Rational(3, 2), 1)
    assert model.second_moments == sp.diag(sp.Rational(1, 2), 2)
    divided = data_model(measure, rotate=False)
    assert sum(entry**2 for entry in divided.z) == 1


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Task(Box(1), 0.3 * x), InexactConstant, "float"),
        (lambda: Task(Box(1), x2), TheoryError, "x2"),
        (lambda: Task(Box(1)), TheoryError, "A target is needed"),
        (lambda: Task(Empirical.of([1, 2])), TheoryError, "labels"),
        (lambda: Task(Empirical.of([0, 1]), 1 / x).z, TheoryError, "not finite at the data point"),
        (lambda: Task(Box(1), 1 / x), TheoryError, "not shown to be finite"),
        (lambda: Task(Box(1), sp.sqrt(x + sp.Rational(9, 10))), TheoryError, "not shown to be finite"),
        (lambda: Task(Box(2, 1), sp.log(x1 + x2 + 2)), TheoryError, "not shown to be finite"),
        (lambda: known_z(Task(Box(1), x**2)), AssumptionViolated, "Assumption 2"),
        (lambda: data_model(Box(1, 1), x1**2), AssumptionViolated, "Assumption 2"),
        (lambda: rotated(Task(Box(1, 1), sp.sin(x1) + x2)), TheoryError, "rational ratios"),
        (lambda: rotated(Task(Box(1, 1), sp.tanh(x1) + x2)), TheoryError, "no exact form"),
    ],
)
def test_refusals(make: Callable[[], object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()
