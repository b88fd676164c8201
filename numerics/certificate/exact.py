"""Exact numbers of a certificate, and bounds that refuse what is not finite."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb, fmpq

_EXPONENT = 1_000_000


class Fails(Exception):
    """A part of the certificate that could not be confirmed."""


def exact(text: str) -> arb:
    mantissa, exponent = text.split(":")
    if abs(int(exponent)) > _EXPONENT:
        raise ValueError("an exponent is out of bounds")
    return arb((int(mantissa, 16), int(exponent)))


def fraction(text: str) -> Fraction:
    mantissa, exponent = text.split(":")
    if abs(int(exponent)) > _EXPONENT:
        raise ValueError("an exponent is out of bounds")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)


def number(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def pair(texts: list[str]) -> arb:
    centre, radius = texts
    found = exact(centre) + arb(0, exact(radius))
    if not found.is_finite():
        raise ValueError("a ball is not finite")
    return found


def upper(value: arb) -> arb:
    if not value.is_finite():
        raise Fails("a number is not finite")
    return value.upper()


def float_above(value: arb) -> float:
    near = float(value)
    return near if arb(near) >= value else math.nextafter(near, math.inf)


def norm(entries: list[arb]) -> arb:
    return upper(sum((upper(abs(entry)) ** 2 for entry in entries), arb(0)).sqrt())
