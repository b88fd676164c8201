"""The sign of an exact constant: proved, or not decided."""

from __future__ import annotations

import sympy as sp

from theory.codegen.ball import signs_at
from theory.errors import TheoryError
from theory.zero import decide_zero


def sign_of(value: sp.Expr) -> int | None:
    """−1, 0 or 1 for a real constant; None if it was not decided.

    A sign is read off a ball that excludes 0; zero is proved by the canonical form of :mod:`theory.zero`.
    """
    value = sp.sympify(value)
    if value.is_Rational:
        return int(sp.sign(value))
    if value.free_symbols or value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        return None
    try:
        (sign,) = signs_at(value, sp.Dummy("u"), (sp.S.Zero,))
    except TheoryError:  # no ball arithmetic for a function in it
        sign = None
    if sign is not None:
        return sign
    return 0 if decide_zero(value).is_zero else None
