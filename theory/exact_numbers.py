"""Numbers that a user gives, taken exactly.

A plain Python float is refused: ``0.1`` is not one tenth, and nobody can tell whether it was meant to be. The floats
of a NumPy array are measurements; they are taken as the dyadic numbers that they are, without rounding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any

import sympy as sp

from theory.errors import InexactConstant, TheoryError

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?")
_QUOTIENT = re.compile(r"[+-]?\d+\s*/\s*\d+")
_LONGEST = 400


def opening(what: str) -> str:
    """``what`` at the beginning of a sentence: capitalised, unless it is a place in an argument such as points[0]."""
    return what if "[" in what else what[:1].upper() + what[1:]


def rational(value: Any, what: str = "the number") -> Fraction:
    """An int, a Fraction, a Decimal, a SymPy rational, or the text of a decimal or a quotient, exactly.

    ``what`` names the number in messages.

    Raises
    ------
    InexactConstant
        For a float; the message says how to write the number.
    TheoryError
        For anything else that is not a finite rational number.
    """
    if isinstance(value, float | sp.Float):
        raise InexactConstant(
            f"{opening(what)} is the float {value}, which is not exact; write it as text ('{value}'), as a Fraction "
            "or as a Rational, or pass a NumPy array if the binary numbers themselves are meant."
        )
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Integral) and not isinstance(value, bool):
        return Fraction(int(value))
    if isinstance(value, sp.Rational) and value.is_finite:
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= 9999:
        return Fraction(value)
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= _LONGEST and (_DECIMAL.fullmatch(text) or _QUOTIENT.fullmatch(text)):
            try:
                return Fraction(text.replace(" ", ""))
            except ZeroDivisionError:
                pass
    raise TheoryError(
        f"{opening(what)} is {str(value)[:60]!r}, not an exact rational number; write an integer, a Fraction, or text "
        "such as '-1.5e-3' or '1/3'."
    )


def exact(value: Any, what: str = "the number") -> sp.Expr:
    """The same, and any real number in SymPy's exact form, for instance ``sqrt(3)`` or ``pi / 2``."""
    if isinstance(value, sp.Expr) and not isinstance(value, sp.Float | sp.Rational):
        floats = sorted(value.atoms(sp.Float), key=str)
        if floats:
            raise InexactConstant(
                f"{opening(what)} contains the float {floats[0]}; write it exactly, for instance "
                f'Rational("{floats[0]}").'
            )
        if (
            value.free_symbols
            or not value.is_number
            or value.is_extended_real is False
            or not value.is_finite
        ):
            raise TheoryError(f"{opening(what)} is {str(value)[:60]}, not a finite real number.")
        return value
    return sympified(rational(value, what))


def sympified(value: Fraction) -> sp.Rational:
    """A Fraction as a SymPy rational."""
    return sp.Rational(value.numerator, value.denominator)


def rational_array(values: Any, what: str = "the array") -> Any:
    """Nested tuples of Fractions from nested sequences or a NumPy array, in the same shape.

    The floats of an array (anything with ``dtype`` and ``tolist``) are taken as the dyadic numbers they are; floats in
    a list are refused, as in :func:`rational`. ``what`` names the array in messages.
    """
    if hasattr(values, "dtype") and hasattr(values, "tolist"):
        binary = values.dtype.kind == "f"
        return _nested(values.tolist(), what, binary)
    return _nested(values, what, False)


def _nested(values: Any, what: str, binary: bool) -> Any:
    if isinstance(values, Sequence) and not isinstance(values, str):
        return tuple(_nested(value, f"{what}[{i}]", binary) for i, value in enumerate(values))
    if not binary:
        return rational(values, what)
    try:
        return Fraction(*values.as_integer_ratio())
    except (OverflowError, ValueError):
        raise TheoryError(
            f"{opening(what)} is {values}, not a finite number; leave that sample out."
        ) from None
