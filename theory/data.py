"""What the theory knows of the data: symmetry, second moments, the vector z, and names for all other moments.

Assumptions 1 and 2 of the multi-stage paper: ρ is symmetric, ∫ x_i x_j ρ = δ_ij, z = ∫ f* x ρ ≠ 0, coordinates rotated
so that z = ‖z‖ e₁. General second moments are allowed: then (7) holds with M₂ in it, and (10) does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from theory.brackets import Bracket, DataMean, rewrite
from theory.errors import AssumptionViolated, InexactConstant, TheoryError
from theory.network import Target
from theory.symbols import Coordinate, check_dimension


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
    """

    dim: int
    second_moments: sp.ImmutableMatrix
    z: tuple[sp.Expr, ...]
    symmetric: bool = True

    def __post_init__(self) -> None:
        check_dimension(self.dim)
        if self.second_moments.shape != (self.dim, self.dim) or len(self.z) != self.dim:
            raise TheoryError(
                f"the second moments must be {self.dim} × {self.dim} and z of length {self.dim}"
            )
        if self.second_moments != self.second_moments.T:
            raise AssumptionViolated("the matrix of second moments must be symmetric")
        if all(entry == 0 for entry in self.z):
            raise AssumptionViolated(
                "Assumption 2 is violated: z = ∫ f* x ρ = 0, so that the target has no linear part to condense onto; "
                "choose a target with z ≠ 0"
            )
        for entry in (*self.z, *self.second_moments):
            if sp.sympify(entry).atoms(sp.Float):
                raise InexactConstant(f"the data model contains the float {entry}; write it as a Rational")

    def average(self, powers: Sequence[int], with_target: bool) -> sp.Expr:
        """∫ x^powers ρ, or ∫ f* x^powers ρ, as a known value or as a symbol."""
        total = sum(powers)
        if with_target:
            return self.z[list(powers).index(1)] if total == 1 else target_moment(powers)
        if total == 0:
            return sp.S.One
        if self.symmetric and total % 2:
            return sp.S.Zero
        if total == 2:
            first, *rest = [i for i, p in enumerate(powers) for _ in range(p)]
            return self.second_moments[first, rest[0]]
        return moment(powers)

    def apply(self, expr: sp.Expr) -> sp.Expr:
        """Replace every mean of a monomial x^p or f*(x) x^p by its value or its symbol."""

        def rule(node: sp.Expr) -> sp.Expr | None:
            if not isinstance(node, DataMean):
                return None
            return self._monomial(node)

        return rewrite(expr, rule)

    def _monomial(self, mean: Bracket) -> sp.Expr | None:
        powers = [0] * self.dim
        with_target = False
        for factor in sp.Mul.make_args(mean.args[0]):
            base, exponent = factor.as_base_exp()
            if isinstance(base, Coordinate) and exponent.is_Integer and exponent > 0:
                powers[int(base.slot[1:]) - 1] += int(exponent)
            elif isinstance(base, Target) and exponent == 1:
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
