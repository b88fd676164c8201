"""What the theory knows of the data: symmetry, second moments, the vector z, and names for all other moments.

Assumptions 1 and 2 of the multi-stage paper: ρ is symmetric, ∫ x_i x_j ρ = δ_ij, z = ∫ f* x ρ ≠ 0, coordinates rotated
so that z = ‖z‖ e₁. General second moments are allowed: then (7) holds with M₂ in it, and (10) does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from theory.brackets import Bracket, DataMean, rewrite
from theory.distributions import Distribution
from theory.errors import AssumptionViolated, InexactConstant, TheoryError
from theory.network import Target
from theory.rotation import is_along_first, norm_of, rotated
from theory.symbols import Coordinate, check_dimension
from theory.tasks import Moments, Task, TransformedTask, known_z


def moment(powers: Sequence[int]) -> sp.Symbol:
    """Name of M_{p1…pd} = ∫ x1^p1 … xd^pd ρ dx."""
    return sp.Symbol("M" + "_".join(str(p) for p in powers), real=True)


def target_moment(powers: Sequence[int]) -> sp.Symbol:
    """Name of F_{p1…pd} = ∫ f*(x) x1^p1 … xd^pd ρ dx."""
    return sp.Symbol("F" + "_".join(str(p) for p in powers), real=True)


@dataclass(frozen=True)
class DataModel:
    """Known moments of the data; every other moment becomes a symbol of its own.

    Attributes
    ----------
    dim:
        Dimension d of the input.
    second_moments:
        d × d matrix ∫ x_i x_j ρ, exact or symbolic.
    z:
        The vector ∫ f* x ρ, length d.
    symmetric:
        True if ρ(−x) = ρ(x): odd moments of ρ vanish.
    moments:
        Where the values of all other moments come from, if they are known: what has no exact form stays a symbol.

    Raises
    ------
    TheoryError:
        For moments of the wrong shape.
    AssumptionViolated:
        For a second moment that is not symmetric or z = 0.
    InexactConstant:
        For a float.
    """

    dim: int
    second_moments: sp.ImmutableMatrix
    z: tuple[sp.Expr, ...]
    symmetric: bool = True
    moments: Moments | None = None

    def __post_init__(self) -> None:
        check_dimension(self.dim)
        if self.second_moments.shape != (self.dim, self.dim) or len(self.z) != self.dim:
            raise TheoryError(
                f"The second moments must be {self.dim} × {self.dim} and z of length {self.dim}."
            )
        if self.second_moments != self.second_moments.T:
            raise AssumptionViolated("The matrix of second moments must be symmetric.")
        if all(entry == 0 for entry in self.z):
            raise AssumptionViolated(
                "Assumption 2 is violated: z = ∫ f* x ρ = 0, so that the target has no linear part to condense onto; "
                "choose a target with z ≠ 0."
            )
        for entry in (*self.z, *self.second_moments):
            if sp.sympify(entry).atoms(sp.Float):
                raise InexactConstant(f"The data model contains the float {entry}; write it as a Rational.")

    def average(self, powers: Sequence[int], with_target: bool) -> sp.Expr:
        """∫ x^powers ρ, or ∫ f* x^powers ρ, as a known value or as a symbol."""
        total = sum(powers)
        if with_target:
            if total == 1:
                return self.z[list(powers).index(1)]
            known = None if self.moments is None else self.moments.target_moment(powers)
            return target_moment(powers) if known is None else known
        if total == 0:
            return sp.S.One
        if self.symmetric and total % 2:
            return sp.S.Zero
        if total == 2:
            first, *rest = [i for i, p in enumerate(powers) for _ in range(p)]
            return self.second_moments[first, rest[0]]
        return moment(powers) if self.moments is None else self.moments.moment(powers)

    def apply(self, expr: sp.Expr) -> sp.Expr:
        """Replace every mean of a monomial x^p or f*(x) x^p by its value or its symbol."""

        def rule(node: sp.Expr) -> sp.Expr | None:
            if not isinstance(node, DataMean):
                return None
            return self._monomial(node)

        return rewrite(expr, rule)

    def _at_the_input(self, target: Target) -> bool:
        """Whether it is f*(x1 … xd) itself and not, for instance, f*(−x)."""
        slots = [arg.slot if isinstance(arg, Coordinate) else "" for arg in target.args]
        return slots == [f"x{i}" for i in range(1, self.dim + 1)]

    def _monomial(self, mean: Bracket) -> sp.Expr | None:
        powers = [0] * self.dim
        with_target = False
        for factor in sp.Mul.make_args(mean.args[0]):
            base, exponent = factor.as_base_exp()
            if isinstance(base, Coordinate) and exponent.is_Integer and exponent > 0:
                index = int(base.slot[1:])
                if index > self.dim:
                    raise TheoryError(
                        f"The data have dimension {self.dim}, but {mean} has a coordinate x{index}."
                    )
                powers[index - 1] += int(exponent)
            elif isinstance(base, Target) and exponent == 1 and self._at_the_input(base):
                with_target = True
            else:
                return None
        return self.average(powers, with_target)


def aligned(dim: int, *, norm: sp.Expr = sp.S.One) -> DataModel:
    """Assumptions 1 and 2 after the rotation: M₂ = I, z = ‖z‖ e₁ with ‖z‖ = ``norm``."""
    return DataModel(dim, sp.ImmutableMatrix(sp.eye(dim)), (sp.sympify(norm), *[sp.S.Zero] * (dim - 1)))


def general(dim: int, *, isotropic: bool = False, symmetric: bool = True) -> DataModel:
    """Symbolic z and, unless ``isotropic``, symbolic second moments."""
    z = tuple(sp.Symbol(f"z{i}", real=True) for i in range(1, dim + 1))

    def entry(i: int, j: int) -> sp.Expr:
        powers = [0] * dim
        powers[i] += 1
        powers[j] += 1
        return moment(powers)

    matrix = sp.eye(dim) if isotropic else sp.Matrix(dim, dim, entry)
    return DataModel(dim, sp.ImmutableMatrix(matrix), z, symmetric)


def data_model(
    distribution: Distribution,
    target: sp.Expr | None = None,
    *,
    rotate: bool = True,
    unit_norm: bool = True,
    norm_is_positive: bool = False,
) -> DataModel:
    """The model of a distribution and a target on it: moments that have an exact form are put in, others stay symbols.

    Parameters
    ----------
    distribution:
        ρ, taken as it is: for M₂ = I normalise it first (:func:`theory.linear_maps.normalised`).
    target:
        f* as an expression in x1 … xd (x for d = 1), or None for the labels of a measure.
    rotate:
        Turn the coordinates so that z = ‖z‖ e₁, exactly.
    unit_norm:
        Divide the target by ‖z‖; where F_1 has no exact form, symbols F… then mean moments of the divided target.
    norm_is_positive:
        Take it that z ≠ 0 where z = (F_1, 0, …, 0) has no exact form. Assumption 2 has to be shown by other means, as
        ``numerics.balls.moments.data_model`` does.

    Raises
    ------
    AssumptionViolated
        If z = 0 (Assumption 2).
    TheoryError
        If z has no exact form, or the exact rotation does not exist in Q(√n); the message says what else can be done.
    """
    task = Task(distribution, target)
    moments: Moments
    if norm_is_positive and unit_norm and task.z[0] is None and is_along_first(task):
        moments = TransformedTask(task, sp.ImmutableMatrix(sp.eye(task.dim)), None)
        z: tuple[sp.Expr, ...] = (sp.S.One, *[sp.S.Zero] * (task.dim - 1))
    elif rotate:
        moments = rotated(task, unit_norm=unit_norm)
        z = known_z(moments)
    else:
        moments = _divided(task) if unit_norm else task
        z = known_z(moments)
    second = moments.distribution.second_moments
    return DataModel(task.dim, second, z, moments.distribution.symmetric, moments)


def _divided(task: Task) -> TransformedTask:
    norm = norm_of(known_z(task))
    return TransformedTask(task, sp.ImmutableMatrix(sp.eye(task.dim)), 1 / norm)
