"""Bounds that fall with the width, and the width from which on they are below 1.

A bound is a sum of terms c Λ^p m^{−r} with c ≥ 0, where Λ = log(m) + κ. Such sums are closed under what the estimates
of the paper do with them, and each term falls as soon as log m + κ > p/r: that makes "for all m large enough" a
statement about one width, however large that is. Widths are handled by their logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, fmpq

Number = arb | Fraction | int

#: Widths beyond this logarithm are not looked for.
FARTHEST = 10**7


def ball(value: Number) -> arb:
    """An exact number as a ball, at the working precision."""
    if isinstance(value, arb):
        return value
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))


@dataclass(frozen=True)
class Falling:
    """Σ c Λ^p m^{−r}: {(p, r): c} with c ≥ 0."""

    terms: Mapping[tuple[Fraction, Fraction], arb]

    def __add__(self, other: Falling) -> Falling:
        merged = dict(self.terms)
        for powers, c in other.terms.items():
            merged[powers] = merged[powers] + c if powers in merged else c
        return Falling(merged)

    def __mul__(self, other: Falling) -> Falling:
        product: dict[tuple[Fraction, Fraction], arb] = {}
        for (p, r), c in self.terms.items():
            for (q, s), e in other.terms.items():
                powers = (p + q, r + s)
                product[powers] = product[powers] + c * e if powers in product else c * e
        return Falling(product)

    def __pow__(self, exponent: int) -> Falling:
        found = constant(1)
        for _ in range(exponent):
            found *= self
        return found

    def times(self, factor: Number) -> Falling:
        """The bound with a factor, which is not negative."""
        scale = ball(factor)
        if not scale >= 0:
            raise ValueError(f"a bound that is to fall cannot have the factor {scale}")
        # A term with the coefficient 0 would count as one that rises where its power does.
        return Falling({powers: c * scale for powers, c in self.terms.items() if not scale.is_zero()})

    def at(self, log_width: arb, kappa: arb) -> arb:
        """Its value."""
        total = arb(0)
        for (p, r), c in self.terms.items():
            total += c * (log_width + kappa) ** ball(p) * (-ball(r) * log_width).exp()
        return total

    def falls_from(self, log_width: arb, kappa: arb) -> bool:
        """Whether no term rises at this width or any larger one: p ≤ r (log m + κ)."""
        return all(bool(ball(p) <= ball(r) * (log_width + kappa)) for p, r in self.terms)


def term(c: Number, p: Number = 0, r: Number = 0) -> Falling:
    """c Λ^p m^{−r}."""
    assert not isinstance(p, arb)
    assert not isinstance(r, arb)
    return Falling({(Fraction(p), Fraction(r)): ball(c)})


def constant(c: Number) -> Falling:
    """A bound that neither falls nor rises."""
    return term(c)


def root_of_term(square: Falling, exponent: int) -> Falling:
    """(√ of a bound of one term) to a whole power."""
    (((p, r), c),) = square.terms.items()
    return Falling({(p * exponent / 2, r * exponent / 2): (c.sqrt()) ** exponent})


@dataclass(frozen=True)
class Threshold:
    """The width from which on a bound is below 1, by its logarithm.

    above: the bound is below 1 there and at every larger width.   below: it is not there, None where nothing smaller
    was shown to fail. Both None: no width was found; `why` says what stands against it.
    """

    above: Fraction | None
    below: Fraction | None
    why: str = ""


def threshold(bound: Falling, kappa: arb, digits: int = 7) -> Threshold:
    """The smallest width, to this many digits of its logarithm; both sides are settled in balls."""
    for (p, r), c in bound.terms.items():
        if (r < 0 or (r == 0 and p > 0)) and not c.is_zero():
            return Threshold(None, None, f"a term grows like m^({-r}) (log m)^({p})")
    if constant_part(bound) >= 1:
        return Threshold(None, None, "a term does not fall with m and is too large by itself")
    guess = _Guess(bound, kappa)
    high = 1.0
    while not (guess.settled(high) and _settled(bound, kappa, Fraction(high))):
        high *= 2
        if high > FARTHEST:
            return Threshold(None, None, f"log m is above {FARTHEST}")
    if high == 1.0:
        return Threshold(Fraction(1), None)
    low, high = guess.between(high / 2, high, digits)
    # What floating point has found is confirmed in balls, or found again in them.
    if not _settled(bound, kappa, Fraction(high)):
        low, high = _bisected(lambda width: _settled(bound, kappa, Fraction(width)), low, 2 * high, digits)
    below = Fraction(low)
    sharp = bool(bound.at(ball(below), kappa) > 1)
    return Threshold(Fraction(high), below if sharp else None)


class _Guess:
    """The same bound in floating point, where to look for its threshold."""

    def __init__(self, bound: Falling, kappa: arb) -> None:
        self.kappa = float(kappa)
        kept = [(powers, c) for powers, c in bound.terms.items() if c > 0]
        self.p = np.array([float(p) for (p, _), _ in kept])
        self.r = np.array([float(r) for (_, r), _ in kept])
        self.log_c = np.array([float(c.log()) for _, c in kept])

    def settled(self, log_width: float) -> bool:
        whole = log_width + self.kappa
        if np.any(self.p > self.r * whole):
            return False
        logs = self.log_c + self.p * math.log(whole) - self.r * log_width
        return bool(np.sum(np.exp(np.minimum(logs, 50.0))) < 1)

    def between(self, low: float, high: float, digits: int) -> tuple[float, float]:
        return _bisected(self.settled, low, high, digits)


def _bisected(settled: Callable[[float], bool], low: float, high: float, digits: int) -> tuple[float, float]:
    """Neighbours, the upper one settled, the lower one not."""
    while high - low > high * 10.0**-digits:
        middle = (low + high) / 2
        if settled(middle):
            high = middle
        else:
            low = middle
    return low, high


def constant_part(bound: Falling) -> arb:
    """The sum of the terms that do not depend on m."""
    return bound.terms.get((Fraction(0), Fraction(0)), arb(0))


def _settled(bound: Falling, kappa: arb, log_width: Fraction) -> bool:
    here = ball(log_width)
    return bound.falls_from(here, kappa) and bool(bound.at(here, kappa) < 1)
