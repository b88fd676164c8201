"""Bounds that hold on a whole half-line: lower(u) ≤ |f(u)| ≤ upper(u) for every u ≥ R, with a sign where it is known.

The third arithmetic for generated ball code, beside balls and jets: a ball cannot reach infinity, a :class:`Growth`
starts there. Both bounds are of the form c u^p e^(ru). Only what products, sums and monotone functions of such bounds
give is known; where that is nothing the upper bound is absent (infinite) or the lower one zero, which is always true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

_ZERO = Fraction(0)
_FINE = 2**20
"""Rates of exponentials are rounded to multiples of 1/2²⁰, outwards."""


@dataclass(frozen=True)
class Law:
    """c u^p e^(ru), c ≥ 0 a single number."""

    c: arb
    p: Fraction = _ZERO
    r: Fraction = _ZERO

    def times(self, other: Law) -> Law:
        return Law(self.c * other.c, self.p + other.p, self.r + other.r)

    def ratio_at(self, start: Fraction, p: Fraction, r: Fraction) -> arb:
        """c R^(self.p − p) e^((self.r − r)R): the largest c' with |·| ≤ c' u^p e^(ru), where p, r are not below."""
        value: arb = self.c * (_ball(start).log() * _ball(self.p - p) + _ball(start * (self.r - r))).exp()
        return value


@dataclass(frozen=True)
class Growth:
    """Attributes: ``start`` R ≥ 1; ``upper`` (None: no bound) and ``lower`` on u ≥ R; ``sign`` 1 for f ≥ 0 there, −1
    for f ≤ 0, 0 for unknown."""

    start: Fraction
    upper: Law | None
    lower: Law
    sign: int

    @classmethod
    def variable(cls, start: Fraction) -> Growth:
        """u itself, u ≥ start ≥ 1."""
        if start < 1:
            raise ValueError(f"a half-line for growth bounds starts at 1 or later, not at {start}")
        law = Law(arb(1), Fraction(1))
        return cls(start, law, law, 1)

    def bound(self) -> arb | None:
        """A bound of |f| on the half-line; None if there is none of this kind."""
        if self.upper is None:
            return None
        law = self.upper
        if law.r > 0 or (law.r == 0 and law.p > 0):
            return None
        peak = self.start if law.r == 0 else max(self.start, -law.p / law.r)
        # Beyond its peak at −p/r the law falls.
        value = law.ratio_at(peak, _ZERO, _ZERO)
        return value if value.is_finite() else None

    def _make(self, upper: Law | None, lower: Law, sign: int) -> Growth:
        # Both constants are single numbers, so that no radius is carried from operation to operation.
        if upper is not None:
            upper = Law(upper.c.upper(), upper.p, upper.r) if upper.c.is_finite() else None
        positive = lower.c.is_finite() and lower.c > 0
        return Growth(
            self.start, upper, Law(lower.c.lower(), lower.p, lower.r) if positive else _NOTHING, sign
        )

    def _constant(self, value: Any) -> Growth:
        ball = arb(value)
        sign = 1 if ball >= 0 else -1 if ball <= 0 else 0
        return self._make(Law(abs(ball)), Law(ball.abs_lower()), sign)

    def _other(self, other: Any) -> Growth:
        return other if isinstance(other, Growth) else self._constant(other)

    # -- arithmetic

    def __neg__(self) -> Growth:
        return Growth(self.start, self.upper, self.lower, -self.sign)

    def __abs__(self) -> Growth:
        return Growth(self.start, self.upper, self.lower, 1)

    def __add__(self, other: Any) -> Growth:
        q = self._other(other)
        upper = None
        if self.upper is not None and q.upper is not None:
            p, r = max(self.upper.p, q.upper.p), max(self.upper.r, q.upper.r)
            upper = Law(self.upper.ratio_at(self.start, p, r) + q.upper.ratio_at(self.start, p, r), p, r)
        if self.sign and self.sign == q.sign:
            lower = max((self.lower, q.lower), key=lambda law: (law.c > 0, law.r, law.p))
            if (self.lower.p, self.lower.r) == (q.lower.p, q.lower.r):
                lower = Law(self.lower.c + q.lower.c, lower.p, lower.r)
            return self._make(upper, lower, self.sign)
        for strong, weak in ((self, q), (q, self)):
            lead = strong._lead_over(weak)
            if strong.sign and lead.c > 0:
                return self._make(upper, lead, strong.sign)
        return self._make(upper, _NOTHING, 0)

    __radd__ = __add__

    def _lead_over(self, weak: Growth) -> Law:
        """A lower bound of |self| − |weak|; nothing if none is known."""
        p, r = self.lower.p, self.lower.r
        if weak.upper is None or weak.upper.p > p or weak.upper.r > r:
            return _NOTHING
        lead = self.lower.c - weak.upper.ratio_at(self.start, p, r)
        return Law(lead, p, r) if lead > 0 else _NOTHING

    def __sub__(self, other: Any) -> Growth:
        return self + (-self._other(other))

    def __rsub__(self, other: Any) -> Growth:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Growth:
        q = self._other(other)
        upper = None if self.upper is None or q.upper is None else self.upper.times(q.upper)
        return self._make(upper, self.lower.times(q.lower), self.sign * q.sign)

    __rmul__ = __mul__

    def _inverse(self) -> Growth:
        low, high = self.lower, self.upper
        upper = Law(1 / low.c, -low.p, -low.r) if low.c > 0 else None
        lower = Law(1 / high.c, -high.p, -high.r) if high is not None and high.c > 0 else _NOTHING
        return self._make(upper, lower, self.sign)

    def __truediv__(self, other: Any) -> Growth:
        return self * self._other(other)._inverse()

    def __rtruediv__(self, other: Any) -> Growth:
        return self._constant(other) * self._inverse()

    def __pow__(self, exponent: int) -> Growth:
        if exponent < 0:
            return (self**-exponent)._inverse()
        result = self._constant(1)
        for _ in range(exponent):
            result = result * self
        return abs(result) if exponent % 2 == 0 else result

    # -- what is known of |f| as a number, and as a multiple of u

    def _smallest(self) -> arb:
        """A lower bound of |f| on the whole half-line."""
        return self.lower.ratio_at(self.start, _ZERO, _ZERO) if self.lower.p >= 0 <= self.lower.r else arb(0)

    def _rate_above(self) -> Fraction | None:
        """c with |f| ≤ c u."""
        law = self.upper
        if law is None or law.p > 1 or law.r > 0:
            return None
        return _rounded(law.ratio_at(self.start, Fraction(1), _ZERO), math.ceil)

    def _rate_below(self) -> Fraction:
        """c with |f| ≥ c u; 0 if nothing is known."""
        law = self.lower
        if law.p < 1 or law.r < 0:
            return _ZERO
        return max(_ZERO, _rounded(law.ratio_at(self.start, Fraction(1), _ZERO), math.floor) or _ZERO)

    def _exp_above(self) -> Law | None:
        """A bound of e^|f|."""
        largest, rate = self.bound(), self._rate_above()
        if largest is not None:
            return Law(largest.exp())
        return None if rate is None else Law(arb(1), _ZERO, rate)

    def _exp_below(self) -> Law:
        """A lower bound of e^|f|."""
        rate = self._rate_below()
        return Law(arb(1), _ZERO, rate) if rate > 0 else Law(self._smallest().exp())

    # -- functions

    def exp(self) -> Growth:
        above, below = self._exp_above(), self._exp_below()
        rising = self._make(above, below, 1)
        if self.sign > 0:
            return rising
        if self.sign < 0:
            return rising._inverse()
        return self._make(above, rising._inverse().lower, 1)

    def sgn(self) -> Growth:
        return self._make(Law(arb(1)), Law(arb(1)) if self.lower.c > 0 else _NOTHING, self.sign)

    def sqrt(self) -> Growth:
        if self.sign != 1:
            return self._unknown()
        upper = None if self.upper is None else _root(self.upper)
        return self._make(upper, _root(self.lower), 1)

    def log(self) -> Growth:
        high, low = self.upper, self.lower
        if self.sign != 1 or high is None or not (low.c > 0 and high.c > 0):
            return self._unknown()
        # |log f| ≤ max |log c| + max |p| log u + max |r| u, and log u ≤ 2 √u.
        half, one = Fraction(1, 2), Fraction(1)
        factor = abs(high.c.log()).max(abs(low.c.log()))
        power, rate = max(abs(low.p), abs(high.p)), max(abs(low.r), abs(high.r))
        root = self._constant(factor) + self._make(Law(2 * _ball(power), half), _NOTHING, 1)
        total = root + self._make(Law(_ball(rate), one), _NOTHING, 1) if rate else root
        small = self._smallest()
        return self._make(total.upper, Law(small.log()) if small > 1 else _NOTHING, 1 if small >= 1 else 0)

    def _bounded(self, name: str, limit: arb) -> Growth:
        """An odd increasing function g with |g(x)| ≤ min(limit, 2|x|)."""
        law = self.upper
        if law is not None and law.p <= 0 and law.r <= 0 and (law.p < 0 or law.r < 0):
            return self._make(Law(2 * law.c, law.p, law.r), _NOTHING, self.sign)
        return self._make(Law(limit), Law(getattr(self._smallest(), name)()), self.sign)

    def tanh(self) -> Growth:
        return self._bounded("tanh", arb(1))

    def atan(self) -> Growth:
        return self._bounded("atan", arb.pi() / 2)

    def erf(self) -> Growth:
        return self._bounded("erf", arb(1))

    def erfc(self) -> Growth:
        return self._make(Law(arb(1 if self.sign > 0 else 2)), _NOTHING, 1)

    def sin(self) -> Growth:
        return self._make(Law(arb(1)), _NOTHING, 0)

    cos = sin

    def cosh(self) -> Growth:
        # e^|x|/2 ≤ cosh x ≤ e^|x|, and cosh x ≥ cosh of the smallest |x|.
        below = self._exp_below()
        lower = Law(below.c / 2, below.p, below.r) if below.r > 0 else Law(self._smallest().cosh())
        return self._make(self._exp_above(), lower, 1)

    def sinh(self) -> Growth:
        # |x| ≤ |sinh x| ≤ e^|x|/2; with |x| ≥ cR it is at least e^|x| (1 − e^(−2cR))/2.
        above, rate = self._exp_above(), self._rate_below()
        lower = self.lower
        if rate > 0:
            lower = Law((1 - _ball(-2 * rate * self.start).exp()) / 2, _ZERO, rate)
        return self._make(None if above is None else Law(above.c / 2, above.p, above.r), lower, self.sign)

    def asinh(self) -> Growth:
        return self._make(self.upper, Law(self._smallest().asinh()), self.sign)

    def sech(self) -> Growth:
        return self.cosh()._inverse()

    def csch(self) -> Growth:
        return self.sinh()._inverse()

    def coth(self) -> Growth:
        return self.tanh()._inverse()

    def _unknown(self) -> Growth:
        return self._make(None, _NOTHING, 0)

    tan = cot = sec = csc = asin = acos = acosh = atanh = _unknown


def _root(law: Law) -> Law:
    return Law(law.c.sqrt(), law.p / 2, law.r / 2)


def _rounded(value: arb, towards: Any) -> Fraction | None:
    """A multiple of 1/2²⁰ on the outer side of the ball; None if it is not finite."""
    if not value.is_finite():
        return None
    end = (value.upper() if towards is math.ceil else value.lower()).fmpq()
    return Fraction(towards(Fraction(int(end.p), int(end.q)) * _FINE), _FINE)


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


_NOTHING = Law(arb(0))
"""The lower bound that always holds."""
