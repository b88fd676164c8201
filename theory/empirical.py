"""Empirical measures: finitely many weighted points with rational coordinates, with or without labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm, prod
from typing import Any

import sympy as sp

from theory.distributions import Atom, Distribution
from theory.errors import TheoryError
from theory.exact_numbers import opening, rational_array, sympified
from theory.symbols import check_dimension

Points = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Empirical(Distribution):
    """Σ_j weight_j δ_{x_j}, made with :meth:`of`.

    Attributes
    ----------
    points:
        n points of d rational coordinates.
    weights:
        n positive rationals of sum 1.
    labels:
        The target's values f*(x_j), n rationals, or None.
    """

    points: Points
    weights: tuple[Fraction, ...]
    labels: tuple[Fraction, ...] | None = None

    @classmethod
    def of(cls, points: Any, labels: Any = None, weights: Any = None) -> Empirical:
        """A measure from sequences of exact numbers or NumPy arrays; weights equal if not given.

        ``points`` has shape (n,) or (n, d), ``labels`` and ``weights`` (n,). Ints, Fractions, Decimals, SymPy
        rationals and text ('0.1', '1/3') are taken exactly; the floats of a NumPy array are the dyadic numbers they
        are. Weights are divided by their sum.

        Raises
        ------
        InexactConstant
            For a float outside a NumPy array.
        TheoryError
            For shapes that do not fit, fewer than one point, or a weight that is not positive.
        """
        rows = rational_array(points, "points")
        if not isinstance(rows, tuple) or not rows:
            raise TheoryError("An empirical measure needs a sequence of at least one point.")
        rows = tuple((row,) if isinstance(row, Fraction) else row for row in rows)
        dim = check_dimension(len(rows[0]))
        for i, row in enumerate(rows):
            if len(row) != dim or any(not isinstance(entry, Fraction) for entry in row):
                raise TheoryError(f"points[{i}] must be {dim} numbers, as the points before it are.")
        given = cls._column(weights, "weights", len(rows)) or (Fraction(1),) * len(rows)
        for i, weight in enumerate(given):
            if weight <= 0:
                raise TheoryError(f"weights[{i}] is {weight}; leave the point out if it has no weight.")
        total = sum(given)
        return cls(rows, tuple(w / total for w in given), cls._column(labels, "labels", len(rows)))

    @staticmethod
    def _column(values: Any, what: str, count: int) -> tuple[Fraction, ...] | None:
        if values is None:
            return None
        column = rational_array(values, what)
        if not isinstance(column, tuple) or len(column) != count:
            raise TheoryError(f"{opening(what)} must be one number for each of the {count} points.")
        for i, entry in enumerate(column):
            if not isinstance(entry, Fraction):
                raise TheoryError(f"{what}[{i}] must be one number.")
        return column

    @property
    def dim(self) -> int:
        return len(self.points[0])

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        return tuple(sympified(max(map(abs, column))) for column in zip(*self.points, strict=True))

    @property
    def radius(self) -> sp.Expr:
        return sp.sqrt(sympified(max(sum((x * x for x in point), Fraction(0)) for point in self.points)))

    @cached_property
    def symmetric(self) -> bool:
        """Whether each point has its negative, with the same total weight."""
        weights: Counter[tuple[Fraction, ...]] = Counter()
        for weight, point in zip(self.weights, self.points, strict=True):
            weights[point] += weight  # type: ignore[assignment]
        return all(weights[tuple(-x for x in point)] == weight for point, weight in weights.items())

    @property
    def atoms(self) -> Sequence[Atom]:
        return [
            (sympified(w), tuple(map(sympified, point)))
            for w, point in zip(self.weights, self.points, strict=True)
        ]

    def _moment(self, powers: tuple[int, ...]) -> sp.Expr:
        return self._sum(self._integers[2], self._integers[1], powers)

    def label_moment(self, powers: Sequence[int]) -> sp.Expr:
        """∫ f* x^powers ρ from the labels, exact.

        Raises
        ------
        TheoryError
            If the measure has no labels.
        """
        if self.labels is None:
            raise TheoryError("These points have no labels; give labels or a target.")
        _, rows, weights = self._integers
        below = lcm(*(y.denominator for y in self.labels))
        valued = [w * int(y * below) for w, y in zip(weights, self.labels, strict=True)]
        return self._sum(valued, rows, tuple(powers)) / below

    @cached_property
    def _integers(self) -> tuple[tuple[int, int], list[tuple[int, ...]], list[int]]:
        """((common denominator of coordinates, of weights), integer points, integer weights)."""
        below = lcm(*(x.denominator for point in self.points for x in point))
        shared = lcm(*(w.denominator for w in self.weights))
        rows = [tuple(int(x * below) for x in point) for point in self.points]
        return (below, shared), rows, [int(w * shared) for w in self.weights]

    def _sum(self, valued: list[int], rows: list[tuple[int, ...]], powers: tuple[int, ...]) -> sp.Rational:
        (below, shared), _, _ = self._integers
        used = [(i, p) for i, p in enumerate(powers) if p]
        total = sum(v * prod(row[i] ** p for i, p in used) for v, row in zip(valued, rows, strict=True))
        return sp.Rational(total, shared * below ** sum(powers))
