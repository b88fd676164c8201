"""Images of a distribution under linear maps, and the normalisation to unit second moments, exactly.

Square roots stay exact: where every coordinate is divided by the root of its own second moment, a moment is
∫ x^p ρ / Π M_ii^{p_i/2}, which is rational again if all p_i are even and ρ has rational moments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy.polys.constructor import construct_domain
from sympy.polys.rings import ring

from theory.constant import sign_of
from theory.distributions import Atom, Distribution
from theory.errors import AssumptionViolated, TheoryError
from theory.exact_numbers import exact

Monomials = Mapping[tuple[int, ...], sp.Expr]
"""A polynomial as exact coefficients of monomials."""


class MonomialExpansion:
    """Expands Π_i (A x)_i^{p_i} in monomials of x for one exact matrix A, in the field that its entries generate."""

    def __init__(self, matrix: sp.ImmutableMatrix) -> None:
        rows, columns = matrix.shape
        self.domain, entries = construct_domain(list(matrix), extension=True)
        self._ring, *gens = ring([f"x{i}" for i in range(1, columns + 1)], self.domain)
        self._forms = [
            sum(
                (entries[i * columns + j] * g for j, g in enumerate(gens) if entries[i * columns + j]),
                self._ring.zero,
            )
            for i in range(rows)
        ]

    def of(self, powers: Sequence[int]) -> Monomials:
        """Coefficients by powers of x."""
        product = self._ring.one
        for form, power in zip(self._forms, powers, strict=True):
            if power:
                product *= form**power
        return {powers: self.domain.to_sympy(c) for powers, c in product.terms()}


@dataclass(frozen=True)
class Scaled(Distribution):
    """The distribution of (c_1 x_1, …, c_d x_d) with x from ``base``; positive factors c, exact.

    TheoryError unless there are d positive factors.
    """

    base: Distribution
    scales: tuple[sp.Expr, ...]

    def __post_init__(self) -> None:
        scales = tuple(exact(c, f"scale {i}") for i, c in enumerate(self.scales, 1))
        object.__setattr__(self, "scales", scales)
        if len(scales) != self.base.dim or any(sign_of(c) != 1 for c in scales):
            raise TheoryError(f"There must be {self.base.dim} positive scales, not {scales}.")

    @property
    def dim(self) -> int:
        return self.base.dim

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        return tuple(c * e for c, e in zip(self.scales, self.base.extents, strict=True))

    @property
    def radius(self) -> sp.Expr:
        # The extents give the corner of a box, exact for boxes; one common factor keeps the base's own radius.
        return self.scales[0] * self.base.radius if len(set(self.scales)) == 1 else super().radius

    @property
    def symmetric(self) -> bool:
        return self.base.symmetric

    @property
    def factors(self) -> tuple[Distribution, ...]:
        parts, start = [], 0
        if len(self.base.factors) == 1:
            return (self,)
        for part in self.base.factors:
            parts.append(Scaled(part, self.scales[start : start + part.dim]))
            start += part.dim
        return tuple(parts)

    @property
    def atoms(self) -> Sequence[Atom] | None:
        atoms = self.base.atoms
        if atoms is None:
            return None
        return [(w, tuple(c * x for c, x in zip(self.scales, point, strict=True))) for w, point in atoms]

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        factor = sp.Mul(*(c**p for c, p in zip(self.scales, powers, strict=True)))
        return factor * self.base.moment(powers)


@dataclass(frozen=True)
class LinearImage(Distribution):
    """The distribution of A x with x from ``base``; A an exact matrix with d columns.

    ``orthogonal`` says that A is known to be orthogonal: then the support stays in the ball that it was in.

    TheoryError for a matrix of the wrong shape.
    """

    base: Distribution
    matrix: sp.ImmutableMatrix
    orthogonal: bool = False

    def __post_init__(self) -> None:
        rows, columns = self.matrix.shape
        if columns != self.base.dim or rows < 1:
            raise TheoryError(f"The matrix must have {self.base.dim} columns, not {columns}.")
        for entry in self.matrix:
            exact(entry, "an entry of the matrix")

    @property
    def dim(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        if self.orthogonal:
            return (self.base.radius,) * self.dim
        return tuple(
            sp.Add(*(abs(self.matrix[i, j]) * e for j, e in enumerate(self.base.extents)))
            for i in range(self.dim)
        )

    @property
    def radius(self) -> sp.Expr:
        return self.base.radius if self.orthogonal else super().radius

    @property
    def symmetric(self) -> bool:
        if self.base.symmetric:
            return True
        if self.matrix.shape[0] == self.matrix.shape[1] and sign_of(self.matrix.det()) not in (0, None):
            return False
        raise TheoryError(
            "Whether a singular image of an asymmetric distribution is symmetric is not decided."
        )

    @property
    def atoms(self) -> Sequence[Atom] | None:
        atoms = self.base.atoms
        if atoms is None:
            return None
        return [(w, tuple(sp.expand(y) for y in self.matrix * sp.Matrix(point))) for w, point in atoms]

    @cached_property
    def _expansion(self) -> MonomialExpansion:
        return MonomialExpansion(self.matrix)

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        if self.base.symmetric and sum(powers) % 2:
            return sp.S.Zero
        terms = self._expansion.of(powers).items()
        return sp.expand(sp.Add(*(c * self.base.moment(q) for q, c in terms)))


def normalised(distribution: Distribution) -> Distribution:
    """An image of ρ under a linear map with M₂ = I exactly.

    Where M₂ is diagonal each coordinate is divided by √M_ii. Otherwise M₂ = L D Lᵀ, and x becomes D^{−1/2} L^{−1} x: no
    root but those of the diagonal of D. ρ itself is returned where M₂ = I already. Any other whitening differs by a
    rotation.

    Raises
    ------
    AssumptionViolated
        If M₂ is singular: the data lie in a hyperplane.
    """
    second = distribution.second_moments
    if second == sp.eye(distribution.dim):
        return distribution
    if second.is_diagonal():
        return _divided(distribution, [second[i, i] for i in range(distribution.dim)])
    lower, diagonal = _ldl(second)
    return _divided(LinearImage(distribution, sp.ImmutableMatrix(lower.inv())), diagonal)


def _divided(distribution: Distribution, squares: Sequence[sp.Expr]) -> Distribution:
    for i, square in enumerate(squares, 1):
        if sign_of(square) != 1:
            raise AssumptionViolated(
                f"The data cannot be normalised: direction {i} has second moment {square}, so that M₂ is singular and "
                "the data lie in a hyperplane; leave out an input coordinate that depends linearly on the others."
            )
    if all(square == 1 for square in squares):
        return distribution
    return Scaled(distribution, tuple(1 / sp.sqrt(square) for square in squares))


def _ldl(matrix: sp.ImmutableMatrix) -> tuple[sp.Matrix, list[sp.Expr]]:
    """M = L D Lᵀ with ones on the diagonal of L; a pivot that is not positive is left for the caller to refuse."""
    n = matrix.shape[0]
    lower = sp.eye(n)
    diagonal: list[sp.Expr] = []
    for j in range(n):
        pivot = matrix[j, j] - sp.Add(*(lower[j, k] ** 2 * diagonal[k] for k in range(j)))
        diagonal.append(sp.radsimp(sp.expand(pivot)))
        if sign_of(diagonal[-1]) != 1:
            return sp.eye(n), [*diagonal, *[sp.S.One] * (n - j - 1)]
        for i in range(j + 1, n):
            mixed = sp.Add(*(lower[i, k] * lower[j, k] * diagonal[k] for k in range(j)))
            lower[i, j] = sp.radsimp(sp.expand((matrix[i, j] - mixed) / diagonal[j]))
    return lower, diagonal
