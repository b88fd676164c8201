"""Distributions of the input with exact moments of any order: box, symmetric pair, constant coordinate, products.

The radial ones (ball, sphere, truncated Gaussian) are in :mod:`theory.radial`, measures of finitely many points in
:mod:`theory.empirical`, images under linear maps in :mod:`theory.linear_maps`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from theory.constant import sign_of
from theory.errors import AssumptionViolated, TheoryError
from theory.exact_numbers import exact, opening
from theory.symbols import check_dimension

Atom = tuple[sp.Expr, tuple[sp.Expr, ...]]
"""A weight and a point."""


class Distribution(ABC):
    """A probability distribution ρ on R^d with compact support, whose moments are exact."""

    @property
    @abstractmethod
    def dim(self) -> int:
        """Dimension d of the input, bias coordinate included."""

    @property
    @abstractmethod
    def extents(self) -> tuple[sp.Expr, ...]:
        """Bounds of |x_i| on the support, one for each coordinate."""

    @property
    @abstractmethod
    def symmetric(self) -> bool:
        """Whether ρ(−x) = ρ(x), decided exactly."""

    @abstractmethod
    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        """∫ x^powers ρ for non-negative powers that are not all zero."""

    @property
    def radius(self) -> sp.Expr:
        """D of Assumption 1: a ball of this radius about 0 holds the support.

        The smallest one for the named distributions; for images under linear maps it may be larger than that.
        """
        return sp.sqrt(sp.Add(*(extent**2 for extent in self.extents)))

    @property
    def factors(self) -> tuple[Distribution, ...]:
        """Independent groups of consecutive coordinates, as distributions of their own."""
        return (self,)

    @property
    def atoms(self) -> Sequence[Atom] | None:
        """Weights and points if the support is finite, else None."""
        return None

    def moment(self, powers: Sequence[int]) -> sp.Expr:
        """∫ x1^p1 … xd^pd ρ dx, exact.

        Raises
        ------
        TheoryError
            If there are not d powers, or one is not a non-negative integer.
        """
        key = tuple(powers)
        if len(key) != self.dim or any(not isinstance(p, int) or p < 0 for p in key):
            raise TheoryError(f"A moment in dimension {self.dim} has {self.dim} powers from 0 on, not {key}.")
        if not any(key):
            return sp.S.One
        known: dict[tuple[int, ...], sp.Expr] = self.__dict__.setdefault("_moments", {})
        if key not in known:
            known[key] = self._moment(key)
        return known[key]

    @cached_property
    def mean(self) -> tuple[sp.Expr, ...]:
        """∫ x_i ρ."""
        return tuple(self.moment(unit(self.dim, i)) for i in range(self.dim))

    @cached_property
    def second_moments(self) -> sp.ImmutableMatrix:
        """d × d matrix M₂ of ∫ x_i x_j ρ."""
        return sp.ImmutableMatrix(
            self.dim, self.dim, lambda i, j: self.moment(unit(self.dim, min(i, j), max(i, j)))
        )


def unit(dim: int, *slots: int) -> tuple[int, ...]:
    """Powers of the monomial Π x_i over the 0-based ``slots``."""
    powers = [0] * dim
    for slot in slots:
        powers[slot] += 1
    return tuple(powers)


def positive(value: Any, what: str) -> sp.Expr:
    """An exact number that is proved positive."""
    number = exact(value, what)
    if sign_of(number) != 1:
        raise TheoryError(f"{opening(what)} must be positive, not {number}.")
    return number


@dataclass(frozen=True)
class Box(Distribution):
    """Uniform on [−h₁, h₁] × … × [−h_d, h_d]: ``Box(h1, …, hd)``, exact numbers."""

    half_widths: tuple[sp.Expr, ...]

    def __init__(self, *half_widths: Any) -> None:
        check_dimension(len(half_widths))
        values = tuple(positive(h, f"half-width {i}") for i, h in enumerate(half_widths, 1))
        object.__setattr__(self, "half_widths", values)

    @property
    def dim(self) -> int:
        return len(self.half_widths)

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        return self.half_widths

    @property
    def symmetric(self) -> bool:
        return True

    @property
    def factors(self) -> tuple[Distribution, ...]:
        return (self,) if self.dim == 1 else tuple(Box(h) for h in self.half_widths)

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        if any(p % 2 for p in powers):
            return sp.S.Zero
        return sp.Mul(*(h**p / (p + 1) for h, p in zip(self.half_widths, powers, strict=True)))


@dataclass(frozen=True)
class TwoPoint(Distribution):
    """The points p and −p, one half each: ``TwoPoint(p1, …, pd)``, exact numbers."""

    point: tuple[sp.Expr, ...]

    def __init__(self, *point: Any) -> None:
        check_dimension(len(point))
        object.__setattr__(self, "point", tuple(exact(p, f"coordinate {i}") for i, p in enumerate(point, 1)))

    @property
    def dim(self) -> int:
        return len(self.point)

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        return tuple(abs(p) for p in self.point)

    @property
    def symmetric(self) -> bool:
        return True

    @property
    def atoms(self) -> Sequence[Atom]:
        return [(sp.Rational(1, 2), self.point), (sp.Rational(1, 2), tuple(-p for p in self.point))]

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        if sum(powers) % 2:
            return sp.S.Zero
        return sp.Mul(*(x**p for x, p in zip(self.point, powers, strict=True)))


@dataclass(frozen=True)
class Constant(Distribution):
    """A coordinate that always has the same value, as a bias has."""

    value: sp.Expr = sp.S.One

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", exact(self.value, "the constant coordinate"))

    @property
    def dim(self) -> int:
        return 1

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        return (abs(self.value),)

    @property
    def symmetric(self) -> bool:
        return bool(self.value == 0)

    @property
    def atoms(self) -> Sequence[Atom]:
        return [(sp.S.One, (self.value,))]

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        return self.value ** powers[0]


@dataclass(frozen=True)
class Product(Distribution):
    """Independent groups of coordinates, one after the other: ``Product(Box(1), Ball(2, 1))`` has dimension 3.

    TheoryError without any.
    """

    parts: tuple[Distribution, ...]

    def __init__(self, *parts: Distribution) -> None:
        if not parts:
            raise TheoryError("A product needs at least one distribution.")
        object.__setattr__(self, "parts", _flattened(parts))

    @property
    def dim(self) -> int:
        return sum(part.dim for part in self.parts)

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        return tuple(extent for part in self.parts for extent in part.extents)

    @property
    def radius(self) -> sp.Expr:
        return sp.sqrt(sp.Add(*(part.radius**2 for part in self.parts)))

    @property
    def symmetric(self) -> bool:
        return all(part.symmetric for part in self.parts)

    @property
    def factors(self) -> tuple[Distribution, ...]:
        return _flattened(self.parts)

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        result, start = sp.S.One, 0
        for part in self.parts:
            result *= part.moment(powers[start : start + part.dim])
            start += part.dim
        return result


def _flattened(parts: Iterable[Distribution]) -> tuple[Distribution, ...]:
    return tuple(factor for part in parts for factor in part.factors)


def with_bias(distribution: Distribution) -> Product:
    """ρ with a coordinate appended that is always 1, so that the last input weight of a neuron is its bias.

    M₂ gains a row of 0 and a 1, hence M₂ = I stays true, if ρ is centred. Symmetry does not: the point (−x, −1) is not
    there, so that odd moments such as ∫ x_i² x_d = 1 do not vanish. (7)–(10) use M₂ and z alone and stay true, whatever
    uses that odd moments vanish (the cubic drift of section 6.2) does not.

    Raises
    ------
    AssumptionViolated
        If ρ is not centred: then ∫ x_i · 1 ρ is an entry of M₂.
    """
    for i, entry in enumerate(distribution.mean, 1):
        if sign_of(entry) != 0:
            raise AssumptionViolated(
                f"With a bias, the second moment of x{i} and the constant 1 is the mean ∫ x{i} ρ = {entry}, not 0; "
                "subtract the mean from the data first."
            )
    return Product(distribution, Constant())
