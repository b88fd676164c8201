"""The quotient (f − T)/u^p of a function and its Taylor polynomial, enclosed near 0, in between and at infinity.

Near 0 the power is divided out before anything is evaluated: with exact Taylor coefficients d_k of f and an enclosure C
of f^(N)/N! between 0 and u (Lagrange), q(u) = Σ_{p ≤ k < N} d_k u^(k−p) + C u^(N−p), which is regular at 0. In between,
the quotient has a Taylor form of its own about the middle of each interval. At infinity a :class:`Growth` of f bounds
it. All intervals are of v = |u| on one side, u = ±v.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb

from numerics.balls.growth import Growth
from numerics.balls.jet import Jet
from numerics.balls.subdivision import ball

_TERMS = 12
"""Coefficients beyond u^p that are kept near 0."""

_FORM = 3
"""Order of the Taylor form of the quotient on an interval away from 0."""


@dataclass(frozen=True)
class BallFunction:
    """A function in ball arithmetic, for the arithmetics in this folder.

    Attributes
    ----------
    value:
        Generated code: maps a ball, Jet or Growth to the function's value.
    coefficients:
        ``coefficients(n)`` gives balls around the exact Taylor coefficients d₀ … d_n at 0, at the working precision;
        those that are zero are exactly zero.
    """

    value: Callable[[Any], Any]
    coefficients: Callable[[int], Sequence[arb]]


@dataclass(frozen=True)
class Quotient:
    """|f(u) − Σ_{k<p'} d_k u^k| / |u|^p on one side of 0.

    Attributes
    ----------
    function:
        f with its coefficients.
    degree:
        The Taylor polynomial that is taken away has this degree.
    power:
        p; coefficients between ``degree`` and p must vanish, else the quotient is not bounded at 0.
    side:
        1 for u > 0, −1 for u < 0.
    """

    function: BallFunction
    degree: int
    power: int
    side: int

    @cached_property
    def _coefficients(self) -> tuple[arb, ...]:
        return tuple(self.function.coefficients(self.power + _TERMS))

    @property
    def regular(self) -> bool:
        """Whether every coefficient between the polynomial and u^p is exactly zero."""
        return all(c.is_zero() for c in self._coefficients[self.degree + 1 : self.power])

    @cached_property
    def _leading(self) -> tuple[arb, ...]:
        """e_0, e_1, …: q = Σ e_j v^j for u = ±v, up to the common sign ±1 of u^p."""
        return tuple(self.side**j * c for j, c in enumerate(self._coefficients[self.power :]))

    @property
    def limit(self) -> arb:
        """|q(0)|."""
        return abs(self._leading[0])

    def near_zero(self, reach: Fraction) -> arb:
        """Encloses q(v) for 0 ≤ v ≤ reach, up to sign."""
        return self._series(self._leading, reach, 0)

    def tangent(self, reach: Fraction) -> arb | None:
        """Encloses sign(q(0)) · (q(v) − q(0)) / v^s, 0 ≤ v ≤ reach, where v^s is the next power in q.

        If that is ≤ 0, |q| does not exceed |q(0)| there as long as q keeps its sign. None if no further coefficient
        is different from zero.
        """
        sign = 1 if self._leading[0] > 0 else -1 if self._leading[0] < 0 else 0
        following = next((j for j, e in enumerate(self._leading) if j and not e.is_zero()), None)
        if not sign or following is None:
            return None
        return self._series(self._leading, reach, following) * sign

    def _series(self, leading: Sequence[arb], reach: Fraction, first: int) -> arb:
        last = len(leading) - 1  # replaced by the enclosure over the whole interval
        order = self.power + last
        hull = ball(min(Fraction(0), self.side * reach), max(Fraction(0), self.side * reach))
        over = self.function.value(Jet.variable(hull, order)).c[order] * self.side**last
        # v^j on [0, reach] is [0, reach^j]: tighter than a power of a ball.
        total: arb = over * ball(Fraction(0), reach ** (last - first)) if last > first else over
        for j in range(first, last):
            total += leading[j] * (ball(Fraction(0), reach ** (j - first)) if j > first else arb(1))
        return total

    def at(self, v: Fraction) -> arb:
        """q at one exact point v > 0."""
        u = ball(self.side * v)
        quotient: arb = (self.function.value(u) - self._polynomial(u)) / ball(v) ** self.power
        return quotient

    def between(self, low: Fraction, high: Fraction) -> arb:
        """Encloses q on [low, high], low > 0, by its Taylor form about the middle."""
        centre = (low + high) / 2
        step = ball(low - centre, high - centre)
        thin = self._jet(ball(self.side * centre), ball(centre), _FORM - 1)
        wide = self._jet(ball(self.side * low).union(ball(self.side * high)), ball(low, high), _FORM)
        total: arb = wide.c[_FORM]
        for c in reversed(thin.c):
            total = total * step + c
        return total

    def _jet(self, u: arb, v: arb, order: int) -> Jet:
        """The jet of q in v at the given ball."""
        inner = Jet([u, arb(self.side), *[arb(0)] * order][: order + 1])
        above: Jet = self.function.value(inner) - self._polynomial(inner)
        return above / Jet.variable(v, order) ** self.power

    def _polynomial(self, u: Any) -> Any:
        total: Any = u * 0
        for c in reversed(self._coefficients[: self.degree + 1]):
            total = total * u + c
        return total

    def beyond(self, start: Fraction) -> arb | None:
        """A bound of |q| for all v ≥ start; None if none is known."""
        v = Growth.variable(start)
        u = v if self.side > 0 else -v
        total: Growth = self.function.value(u)
        for k, c in enumerate(self._coefficients[: self.degree + 1]):
            if not c.is_zero():
                total = total - u**k * c
        return (total / v**self.power).bound()
