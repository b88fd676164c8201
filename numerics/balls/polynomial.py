"""Polynomials in time with exact coefficients: tight ranges over intervals."""

from __future__ import annotations

from fractions import Fraction

from flint import arb, arb_poly

from numerics.balls.dyadic import ball


def over(low: Fraction, high: Fraction) -> arb:
    """The interval [low, high] as a ball."""
    return ball((low + high) / 2) + arb(0, ball((high - low) / 2).upper())


def value_range(polynomial: arb_poly, low: Fraction, high: Fraction) -> arb:
    """A ball that contains the polynomial's values on [low, high]: mean-value form, or the plain one if tighter."""
    if low == high:
        at: arb = polynomial(ball(low))
        return at
    everywhere = over(low, high)
    centred: arb = polynomial(ball((low + high) / 2)) + polynomial.derivative()(everywhere) * arb(
        0, ball((high - low) / 2).upper()
    )
    plain: arb = polynomial(everywhere)
    return centred if centred.rad() < plain.rad() else plain
