"""Moments of a task as rigorous balls, and the model of the data for targets whose moments have no exact form.

The companion of :func:`theory.data.data_model`: what is exact there is exact here, what is a symbol F… (or M…)
there has a ball here, in the same coordinates and with the same division of the target by ‖z‖.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import sympy as sp
from flint import arb

import theory
from numerics.balls.evaluate import real_constant
from numerics.balls.means import ball_mean, bits_for
from numerics.errors import InputError
from numerics.precision import working_precision
from theory.distributions import unit
from theory.linear_maps import MonomialExpansion
from theory.means import input_symbols
from theory.rotation import is_along_first, norm_of
from theory.tasks import Moments, Task, TransformedTask, known_z

Matrix = Sequence[Sequence[arb]]


def target_moment(task: Task, powers: Sequence[int], digits: int = 30) -> arb:
    """A ball that holds F_p = ∫ f* x^p ρ.

    Raises
    ------
    InputError
        If f* is not finite or not real on the support, or the integral does not split into few dimensions.
    """
    exact = task.target_moment(powers)
    if exact is not None or task.target is None:
        with working_precision(bits_for(digits)):
            return real_constant(exact)
    monomial = sp.Mul(*(x**p for x, p in zip(input_symbols(task.dim), powers, strict=True)))
    return ball_mean(task.distribution, task.target * monomial, digits)


def risk_at_zero(task: Task, digits: int = 30) -> arb:
    """A ball that holds R_0 = ½ ∫ f*² ρ, the risk of a network whose output is 0."""
    with working_precision(bits_for(digits)):
        if task.risk_at_zero is not None:
            return real_constant(task.risk_at_zero)
        assert task.target is not None  # labels have an exact form
        return ball_mean(task.distribution, task.target**2, digits) / 2


def absolute_mean(task: Task, digits: int = 30) -> arb:
    """A ball that holds F = ∫ |f*| ρ of Lemma 1; ``upper()`` of it is a bound to use there.

    Where ρ has more than one coordinate and is not finite, the ball is [0, √(2R_0)] by Cauchy–Schwarz: the kinks of
    |f*| are too expensive there.
    """
    with working_precision(bits_for(digits)):
        if task.absolute_mean is not None:
            return real_constant(task.absolute_mean)
        if task.dim == 1 or task.distribution.atoms is not None:
            return ball_mean(task.distribution, sp.Abs(task.target), digits)
        return arb(0).union((2 * risk_at_zero(task, digits)).sqrt())


class BallMoments:
    """M_p and F_p of a task in coordinates x' = A x with the target c f*, as balls.

    Made by :func:`data_model`. ``norm`` is a ball around ‖z‖ of the given target.
    """

    def __init__(
        self, task: Task, norm: arb, factor: arb, digits: int, matrix: sp.ImmutableMatrix | Matrix | None
    ) -> None:
        self.task = task
        self.norm = norm
        self.digits = digits
        self._factor = factor
        self._matrix = matrix

    @cached_property
    def _expansion(self) -> MonomialExpansion | None:
        return MonomialExpansion(self._matrix) if isinstance(self._matrix, sp.ImmutableMatrix) else None

    def moment(self, powers: Sequence[int]) -> arb:
        """A ball that holds ∫ x'^p ρ."""
        with working_precision(bits_for(self.digits)):
            terms = self._monomials(powers).items()
            return sum((c * real_constant(self.task.moment(q)) for q, c in terms), arb(0))

    def target_moment(self, powers: Sequence[int]) -> arb:
        """A ball that holds ∫ c f* x'^p ρ."""
        with working_precision(bits_for(self.digits)):
            terms = self._monomials(powers).items()
            return self._factor * sum(
                (c * target_moment(self.task, q, self.digits) for q, c in terms), arb(0)
            )

    def value(self, symbol: sp.Symbol) -> arb:
        """A ball for a symbol M… or F… of the model of the data.

        Raises
        ------
        InputError
            For any other symbol.
        """
        letter, numbers = symbol.name[:1], symbol.name[1:].split("_")
        if letter not in "MF" or len(numbers) != self.task.dim or not all(n.isdigit() for n in numbers):
            raise InputError(f"{symbol} is not the name of a moment in dimension {self.task.dim}.")
        powers = [int(number) for number in numbers]
        return self.moment(powers) if letter == "M" else self.target_moment(powers)

    def _monomials(self, powers: Sequence[int]) -> Mapping[tuple[int, ...], arb]:
        if self._matrix is None:
            return {tuple(powers): arb(1)}
        if self._expansion is not None:
            return {q: real_constant(c) for q, c in self._expansion.of(powers).items()}
        return _expanded(self._matrix, powers)


def _expanded(matrix: Matrix, powers: Sequence[int]) -> dict[tuple[int, ...], arb]:
    """Π_i (A x)_i^{p_i} in monomials of x, for a matrix of balls."""
    dim = len(matrix[0])
    result = {(0,) * dim: arb(1)}
    for row, power in zip(matrix, powers, strict=True):
        for _ in range(power):
            product: dict[tuple[int, ...], arb] = {}
            for monomial, coefficient in result.items():
                for j, entry in enumerate(row):
                    key = (*monomial[:j], monomial[j] + 1, *monomial[j + 1 :])
                    product[key] = product.get(key, arb(0)) + coefficient * entry
            result = product
    return result


def data_model(
    distribution: theory.Distribution,
    target: sp.Expr | None = None,
    *,
    digits: int = 30,
    unit_norm: bool = True,
) -> tuple[theory.DataModel, BallMoments]:
    """The model of the data with z = ‖z‖ e₁, and balls for all moments, those that stay symbols in it included.

    The rotation is exact where :func:`theory.rotation.rotated` can do it, and with balls otherwise (then every moment
    beyond the second is a symbol, and M₂ must be a multiple of I). Assumption 2 is proved by a ball around ‖z‖ that
    excludes 0.

    Raises
    ------
    AssumptionViolated
        If z = 0 exactly.
    InputError
        If z could not be told from 0, or M₂ is not a multiple of I where the rotation is not exact.
    """
    task = Task(distribution, target)
    with working_precision(bits_for(digits)):
        try:
            model = theory.data_model(distribution, target, unit_norm=unit_norm)
        except theory.AssumptionViolated:
            raise
        except theory.TheoryError:
            return _with_balls(task, digits, unit_norm)
        moments = model.moments
        assert isinstance(moments, TransformedTask)
        assert moments.factor is not None
        exact_norm = norm_of(known_z(task))
        balls = BallMoments(
            task, real_constant(exact_norm), real_constant(moments.factor), digits, moments.matrix
        )
        return model, balls


def _with_balls(task: Task, digits: int, unit_norm: bool) -> tuple[theory.DataModel, BallMoments]:
    z = [target_moment(task, unit(task.dim, i), digits) for i in range(task.dim)]
    norm = sum((entry * entry for entry in z), arb(0)).sqrt()
    if not norm > 0:
        raise InputError(
            f"z = ({', '.join(entry.str(10) for entry in z)}) could not be told from 0, so that Assumption 2 is not "
            "shown; ask for more digits, or choose a target with a larger linear part."
        )
    if is_along_first(task):
        # Only the sign of F_1 matters: the divided target has F_1 = 1.
        if not unit_norm:
            raise InputError("‖z‖ has no exact form here; let the target be divided by it (unit_norm).")
        model = theory.data_model(task.distribution, task.target, norm_is_positive=True)
        return model, BallMoments(task, norm, 1 / z[0], digits, None)
    matrix = _rotation(z, norm)
    second = task.distribution.second_moments
    if second != second[0, 0] * sp.eye(task.dim):
        raise InputError(
            "The rotation to z = ‖z‖ e₁ has no exact form, and M₂ would have none after it; normalise the data to "
            "M₂ = I first (theory.normalised)."
        )
    if not unit_norm:
        raise InputError("‖z‖ has no exact form here; let the target be divided by it (unit_norm).")
    along = (sp.S.One, *[sp.S.Zero] * (task.dim - 1))
    model = theory.DataModel(task.dim, second, along, task.distribution.symmetric)
    return model, BallMoments(task, norm, 1 / norm, digits, matrix)


def _rotation(z: Sequence[arb], norm: arb) -> Matrix:
    """The matrix of :func:`theory.rotation.rotation_to_first` in balls."""
    dim = len(z)
    beside = sum((entry * entry for entry in z[1:]), arb(0))
    if not beside > 0:
        raise InputError(
            "Whether z is along e₁ could not be told; ask for more digits, or write the target so that it shows."
        )

    def entry(i: int, j: int) -> arb:
        if i == 0 or j == 0:
            reflected = z[i + j] / norm
            return -reflected if i == dim - 1 else reflected
        reflected = int(i == j) - z[i] * z[j] * (1 + z[0] / norm) / beside
        return -reflected if i == dim - 1 else reflected

    return [[entry(i, j) for j in range(dim)] for i in range(dim)]


def free_moments(model: Moments | theory.DataModel, expressions: Sequence[sp.Expr]) -> list[sp.Symbol]:
    """The symbols M… and F… that are left in derived expressions, in the order of their names."""
    dim = model.dim
    found = set()
    for expression in expressions:
        for symbol in expression.free_symbols:
            numbers = symbol.name[1:].split("_")
            if symbol.name[0] in "MF" and len(numbers) == dim and all(n.isdigit() for n in numbers):
                found.add(symbol)
    return sorted(found, key=str)
