"""Statements in LaTeX, printed from the same expressions that the checks compare."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory import ParticleSystem
from theory.rates import rate_latex

FORMAL = (
    "what is written out is derived; that what is left out is as small as stated is not part of the check"
)
"""For an exact calculation that is printed with ~ or O(…)."""


def latex_of(expr: sp.Expr, names: Mapping[sp.Basic, str] | None = None) -> str:
    """LaTeX of an expression; ``names`` gives whole subexpressions a name of their own."""
    marks = {node: sp.Symbol(name) for node, name in (names or {}).items()}
    return str(sp.latex(expr.xreplace(marks) if marks else expr))


def flow_latex(system: ParticleSystem, names: Mapping[sp.Basic, str] | None = None) -> str:
    """The drift of a neuron as aligned equations."""
    lines = [
        rf"{rate_latex(coordinate)} &= {latex_of(drift, names)}"
        for coordinate, drift in zip(system.neuron.coordinates, system.drift, strict=True)
    ]
    return aligned_latex(lines)


def aligned_latex(lines: list[str]) -> str:
    """Several aligned equations, each with one ``&``."""
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"
