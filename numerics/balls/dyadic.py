"""Dyadic numbers: the ones that a file and a ball hold exactly, and bounds that are rounded up to one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from flint import arb, fmpq

from numerics.errors import InputError


def ball(value: float | Fraction | arb) -> arb:
    """A ball that contains the number: a float and a dyadic fraction exactly, other fractions to the precision.

    A float is the binary number that it is: 0.1 is not one tenth; say Fraction(1, 10) for that.
    """
    if isinstance(value, Fraction):
        whole = value.denominator
        if whole & (whole - 1) == 0:
            return arb((value.numerator, 1 - whole.bit_length()))
        return arb(fmpq(value.numerator, value.denominator))
    return arb(value)


def dyadic_time(value: float | Fraction, what: str) -> Fraction:
    """A time as an exact dyadic fraction above 0. InputError otherwise."""
    if not isinstance(value, Fraction) and not math.isfinite(value):
        raise InputError(f"{what} is {value}; it must be finite.")
    time = Fraction(value)
    if time <= 0 or time.denominator & (time.denominator - 1):
        raise InputError(f"{what} is {value}; it must be a dyadic number above 0.")
    return time


def text(value: arb) -> str:
    """An exact ball as ``mantissa:exponent``, mantissa in hexadecimal. ValueError unless it is exact and finite."""
    if not value.is_exact() or not value.is_finite():
        raise ValueError(f"{value} is not an exact finite number")
    mantissa, exponent = value.man_exp()
    return f"{int(mantissa):x}:{int(exponent)}"


def fraction(value: arb) -> Fraction:
    """An exact ball as a fraction."""
    mantissa, exponent = (int(part) for part in value.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def square(value: arb) -> arb:
    """value² over the whole ball, nothing of it negative.

    Not value**2, of which python-flint makes NaN where a ball is centred at exactly 0.
    """
    squared: arb = (value * value).nonnegative_part()
    return squared


def norm_bound(balls: Iterable[arb]) -> arb:
    """An exact number that is at least the Euclidean norm of every vector in the box; NaN if an entry is."""
    total = arb(0)
    for entry in balls:
        size = entry.abs_upper()
        total += size * size
    return total.sqrt().upper()


def spread_bound(balls: Iterable[arb]) -> arb:
    """An exact number that is at least the Euclidean distance of every vector in the box from its centre."""
    return norm_bound(entry.rad() for entry in balls)


def centred(radius: arb) -> arb:
    """The ball [−radius, radius]."""
    return arb(0, radius)


def float_interval(value: arb) -> tuple[float, float]:
    """Floats below and above everything in the ball; infinite where the ball is not finite."""
    if not value.is_finite():
        return -math.inf, math.inf
    return float_below(value.lower()), float_above(value.upper())


def float_below(value: arb) -> float:
    """A float that is at most this exact number, and as near as the next."""
    near = float(value)
    if near == math.inf:
        return math.nextafter(math.inf, 0.0)
    return near if arb(near) <= value else math.nextafter(near, -math.inf)


def float_above(value: arb) -> float:
    """A float that is at least this exact number, and as near as the next."""
    near = float(value)
    if near == -math.inf:
        return math.nextafter(-math.inf, 0.0)
    return near if arb(near) >= value else math.nextafter(near, math.inf)
