"""How a rate of change is printed."""

from __future__ import annotations

import re

import sympy as sp

_INDEXED = re.compile(r"(\\?[A-Za-z]+)((?:[_^]\{[^{}]*\})*)")


def rate_latex(quantity: sp.Expr) -> str:
    """LaTeX of d/dt of a coordinate or variable: the dot stands over the letter, beside its indices.

    Over the whole of w_k^(1) it would land on the superscript.
    """
    text = str(sp.latex(quantity))
    indexed = _INDEXED.fullmatch(text)
    return rf"\dot{{{text}}}" if indexed is None else rf"\dot{{{indexed[1]}}}{indexed[2]}"
