"""Bounds that hold on a whole half-line: lo · u^a ≤ |f(u)| ≤ hi · u^b for every u ≥ R, with a sign where it is known.

The third arithmetic for generated ball code, beside balls and jets: a ball cannot reach infinity, a :class:`Growth`
starts there. Only what products, sums and monotone functions of such bounds give is known; where that is nothing the
upper bound is absent (infinite) or the lower one zero, which is always true.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

_ZERO = Fraction(0)


@dataclass(frozen=True)
class Growth:
    """Attributes: ``start`` R ≥ 1; ``hi`` and ``b`` (hi None: no upper bound); ``lo`` ≥ 0 and ``a``; ``sign`` 1 for
    f ≥ 0, −1 for f ≤ 0, 0 for unknown, on all of u ≥ R."""

    start: Fraction
    hi: arb | None
    b: Fraction
    lo: arb
    a: Fraction
    sign: int

    @classmethod
    def variable(cls, start: Fraction) -> Growth:
        """u itself, u ≥ start ≥ 1."""
        if start < 1:
            raise ValueError(f"a half-line for growth bounds starts at 1 or later, not at {start}")
        one = Fraction(1)
        return cls(start, arb(1), one, arb(1), one, 1)

    def bound(self) -> arb | None:
        """A bound of |f| on the half-line; None if there is none of this kind."""
        if self.hi is None or self.b > 0:
            return None
        return _finite(self.hi * self._at_start(self.b))

    def _at_start(self, exponent: Fraction) -> arb:
        """R^exponent."""
        if not exponent:
            return arb(1)
        return (_ball(self.start).log() * _ball(exponent)).exp()

    def _make(self, hi: arb | None, b: Fraction, lo: arb, a: Fraction, sign: int) -> Growth:
        # Upper and lower ends are single numbers, so that no radius is carried from operation to operation.
        finite = None if hi is None else _finite(hi)
        below = lo.lower() if lo.is_finite() and lo > 0 else arb(0)
        return Growth(
            self.start, None if finite is None else finite.upper(), b, below, a if below > 0 else _ZERO, sign
        )

    def _constant(self, value: Any) -> Growth:
        ball = arb(value)
        sign = 1 if ball >= 0 else -1 if ball <= 0 else 0
        return self._make(_finite(abs(ball)), _ZERO, abs(ball).abs_lower(), _ZERO, sign)

    def _between(self, low: arb, high: arb | None, sign: int) -> Growth:
        """A function with low ≤ |f| ≤ high."""
        return self._make(high, _ZERO, low, _ZERO, sign)

    def _other(self, other: Any) -> Growth:
        return other if isinstance(other, Growth) else self._constant(other)

    # -- arithmetic

    def __neg__(self) -> Growth:
        return Growth(self.start, self.hi, self.b, self.lo, self.a, -self.sign)

    def __abs__(self) -> Growth:
        return Growth(self.start, self.hi, self.b, self.lo, self.a, 1)

    def __add__(self, other: Any) -> Growth:
        q = self._other(other)
        hi, b = None, max(self.b, q.b)
        if self.hi is not None and q.hi is not None:
            hi = self.hi * self._at_start(self.b - b) + q.hi * self._at_start(q.b - b)
        if self.sign and self.sign == q.sign:
            lo, a = max((self, q), key=lambda f: (f.lo > 0, f.a))._floor()
            if self.a == q.a:
                lo = self.lo + q.lo
            return self._make(hi, b, lo, a, self.sign)
        for strong, weak in ((self, q), (q, self)):
            lo = strong._lead_over(weak)
            if strong.sign and lo > 0:
                return self._make(hi, b, lo, strong.a, strong.sign)
        return self._make(hi, b, arb(0), _ZERO, 0)

    __radd__ = __add__

    def _floor(self) -> tuple[arb, Fraction]:
        return self.lo, self.a

    def _lead_over(self, weak: Growth) -> arb:
        """c with |self| − |weak| ≥ c u^a; 0 if nothing is known."""
        if weak.hi is None or weak.b > self.a:
            return arb(0)
        lead = self.lo - weak.hi * self._at_start(weak.b - self.a)
        return lead if lead > 0 else arb(0)

    def __sub__(self, other: Any) -> Growth:
        return self + (-self._other(other))

    def __rsub__(self, other: Any) -> Growth:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Growth:
        q = self._other(other)
        hi = None if self.hi is None or q.hi is None else self.hi * q.hi
        return self._make(hi, self.b + q.b, self.lo * q.lo, self.a + q.a, self.sign * q.sign)

    __rmul__ = __mul__

    def _inverse(self) -> Growth:
        hi = 1 / self.lo if self.lo > 0 else None
        lo = 1 / self.hi if self.hi is not None and self.hi > 0 else arb(0)
        return self._make(hi, -self.a, lo, -self.b, self.sign)

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

    # -- functions

    def sqrt(self) -> Growth:
        if self.sign != 1:
            return self._make(None, _ZERO, arb(0), _ZERO, 0)
        hi = None if self.hi is None else self.hi.sqrt()
        return self._make(hi, self.b / 2, self.lo.sqrt(), self.a / 2, 1)

    def _largest(self) -> arb | None:
        """sup |f| on the half-line if it is bounded."""
        return self.bound()

    def _smallest(self) -> arb:
        """A lower bound of |f| on the whole half-line."""
        return self.lo * self._at_start(self.a) if self.a >= 0 else arb(0)

    def exp(self) -> Growth:
        large, small = self._largest(), self._smallest()
        if self.sign > 0:
            return self._between(small.exp(), None if large is None else large.exp(), 1)
        if self.sign < 0:
            return self._between(arb(0) if large is None else (-large).exp(), (-small).exp(), 1)
        if large is None:
            return self._between(arb(0), None, 1)
        return self._between((-large).exp(), large.exp(), 1)

    def log(self) -> Growth:
        if self.sign != 1 or self.hi is None or not (self.lo > 0 and self.hi > 0):
            return self._make(None, _ZERO, arb(0), _ZERO, 0)
        # |log f| ≤ max |log| of the factors + max |exponent| · log u, and log u ≤ 2 √u.
        factor = abs(self.hi.log()).max(abs(self.lo.log()))
        power = max(abs(self.a), abs(self.b))
        half = Fraction(1, 2)
        hi = factor * self._at_start(-half) + 2 * _ball(power)
        small = self._smallest().log() if self._smallest() > 1 else arb(0)
        return self._make(hi, half, small, _ZERO, 1 if self._smallest() >= 1 else 0)

    def _bounded(self, name: str, limit: arb) -> Growth:
        """An odd increasing function g with |g(x)| ≤ min(limit, |x| · (a slope of at most 2))."""
        small = getattr(self._smallest(), name)()
        if self.hi is not None and self.b < 0:
            return self._make(2 * self.hi, self.b, arb(0), _ZERO, self.sign)
        return self._between(small, limit, self.sign)

    def tanh(self) -> Growth:
        return self._bounded("tanh", arb(1))

    def atan(self) -> Growth:
        return self._bounded("atan", arb.pi() / 2)

    def erf(self) -> Growth:
        return self._bounded("erf", arb(1))

    def erfc(self) -> Growth:
        return self._between(arb(0), arb(1) if self.sign > 0 else arb(2), 1)

    def sin(self) -> Growth:
        return self._between(arb(0), arb(1), 0)

    cos = sin

    def cosh(self) -> Growth:
        large = self._largest()
        return self._between(self._smallest().cosh(), None if large is None else large.cosh(), 1)

    def sinh(self) -> Growth:
        large = self._largest()
        return self._make(None if large is None else large.sinh(), _ZERO, self.lo, self.a, self.sign)

    def asinh(self) -> Growth:
        return self._make(self.hi, self.b, self._smallest().asinh(), _ZERO, self.sign)

    def sech(self) -> Growth:
        return self.cosh()._inverse()

    def csch(self) -> Growth:
        return self.sinh()._inverse()

    def coth(self) -> Growth:
        return self.tanh()._inverse()

    def _unknown(self) -> Growth:
        return self._make(None, _ZERO, arb(0), _ZERO, 0)

    tan = cot = sec = csc = asin = acos = acosh = atanh = _unknown


def _finite(value: arb) -> arb | None:
    return value if value.is_finite() else None


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))
