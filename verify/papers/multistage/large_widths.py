"""Bounds that fall with the width, so that they are below 1 at every large width once they are at one.

A bound is a sum of terms c Λ^p m^{−r} with c ≥ 0, where Λ = log(m) + κ. Such sums are closed under what the estimates
of the paper do with them, and each term falls as soon as log m + κ > p/r: that makes "for all m large enough" a
statement about one width, however large that is. Widths are handled by their logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

Number = arb | Fraction | int


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

    def __pow__(self, exponent: Fraction | int) -> Falling:
        """A whole power from 0 on; any power of a bound of one term. ValueError for another one."""
        if exponent >= 0 and Fraction(exponent).denominator == 1:
            found = constant(1)
            for _ in range(int(exponent)):
                found *= self
            return found
        if not self.terms and exponent > 0:
            return self
        if len(self.terms) != 1:
            raise ValueError(f"a bound of {len(self.terms)} terms cannot be taken to the power {exponent}")
        (((p, r), c),) = self.terms.items()
        return Falling({(p * exponent, r * exponent): c ** ball(exponent)})

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
        """Whether no term rises at this width or any larger one: p ≤ r (log m + κ), and r ≥ 0, without which that
        would end; only where Λ = log m + κ > 0, as a power of it has no derivative before."""
        if not bool(log_width + kappa > 0):
            return False
        return all(r >= 0 and bool(ball(p) <= ball(r) * (log_width + kappa)) for p, r in self.terms)

    def settled(self, log_width: arb, kappa: arb) -> bool:
        """Whether it is certainly below 1 at this width and every larger one."""
        return self.falls_from(log_width, kappa) and bool(self.at(log_width, kappa) < 1)


def term(c: Number, p: Number = 0, r: Number = 0) -> Falling:
    """c Λ^p m^{−r}."""
    assert not isinstance(p, arb)
    assert not isinstance(r, arb)
    return Falling({(Fraction(p), Fraction(r)): ball(c)})


def constant(c: Number) -> Falling:
    """A bound that neither falls nor rises."""
    return term(c)
