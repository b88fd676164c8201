"""Distributions that depend on |x| alone: uniform on a ball or a sphere, Gaussian truncated at a radius.

For such a distribution ∫ x^p ρ = E|x|^k · Π (p_i − 1)!! / (d (d + 2) … (d + k − 2)) with k = Σ p_i, all p_i even; the
second factor is the moment of the uniform distribution on the unit sphere.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.distributions import Atom, Distribution, positive
from theory.symbols import check_dimension


@dataclass(frozen=True, init=False)
class Radial(Distribution):
    """Common part: dimension, and the radius outside which there is nothing."""

    size: int
    bound: sp.Expr

    def __init__(self, dim: int, radius: Any) -> None:
        object.__setattr__(self, "size", check_dimension(dim))
        object.__setattr__(self, "bound", positive(radius, "the radius"))

    @property
    def dim(self) -> int:
        return self.size

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        return (self.bound,) * self.size

    @property
    def radius(self) -> sp.Expr:
        return self.bound

    @property
    def symmetric(self) -> bool:
        return True

    @abstractmethod
    def radial_moment(self, k: int) -> sp.Expr:
        """E|x|^k for even k."""

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        if any(p % 2 for p in powers):
            return sp.S.Zero
        total = sum(powers)
        above = sp.Mul(*(sp.factorial2(p - 1) for p in powers))
        below = sp.Mul(*(self.size + j for j in range(0, total, 2)))
        return self.radial_moment(total) * above / below


@dataclass(frozen=True, init=False)
class Ball(Radial):
    """Uniform on the ball |x| ≤ radius in dimension ``dim``."""

    def radial_moment(self, k: int) -> sp.Expr:
        return self.bound**k * sp.Rational(self.size, self.size + k)


@dataclass(frozen=True, init=False)
class Sphere(Radial):
    """Uniform on the sphere |x| = radius in dimension ``dim``; two points for dim = 1."""

    def radial_moment(self, k: int) -> sp.Expr:
        return self.bound**k

    @property
    def atoms(self) -> Sequence[Atom] | None:
        half = sp.Rational(1, 2)
        return [(half, (self.bound,)), (half, (-self.bound,))] if self.size == 1 else None


@dataclass(frozen=True, init=False)
class TruncatedGaussian(Radial):
    """The Gaussian N(0, deviation² I) on R^dim, restricted to |x| ≤ radius.

    Moments are exact in erf (odd dim) or exp (even dim).
    """

    deviation: sp.Expr

    def __init__(self, dim: int, radius: Any, deviation: Any = 1) -> None:
        super().__init__(dim, radius)
        object.__setattr__(self, "deviation", positive(deviation, "the standard deviation"))

    def radial_moment(self, k: int) -> sp.Expr:
        return sp.expand(self._radial_integral(self.size - 1 + k) / self._radial_integral(self.size - 1))

    def _radial_integral(self, n: int) -> sp.Expr:
        """∫_0^radius r^n exp(−r²/(2 deviation²)) dr, by parts down to n = 0 or 1."""
        edge, variance = self.bound, self.deviation**2
        tail = sp.exp(-(edge**2) / (2 * variance))
        if n == 0:
            return self.deviation * sp.sqrt(sp.pi / 2) * sp.erf(edge / (self.deviation * sp.sqrt(2)))
        if n == 1:
            return variance * (1 - tail)
        return variance * ((n - 1) * self._radial_integral(n - 2) - edge ** (n - 1) * tail)
