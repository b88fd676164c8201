"""Statements in LaTeX, printed from the same expressions that the checks compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from theory import Neuron, NeuronSum, ParticleSystem, width
from theory.rates import rate_latex
from verify.stating import expression_latex, named

FORMAL = (
    "what is written out is derived; that what is left out is as small as stated is not part of the check"
)
"""For an exact calculation of a part of something, such as a coefficient or a leading term."""

LEAD = (
    r"$\operatorname{lead}[\,\cdot\,]$ is the leading term of the formal expansion for large $m$; that the expansion "
    "is one, so that what is left out is smaller, is not part of the check"
)
"""What the operator in front of a leading term means."""


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


def printed_flow(*less: str, dim: int = 2) -> Callable[[Any, Any], str]:
    """Prints the compared flow of a neuron in one dimension; ``less`` is taken off each rate, in LaTeX."""
    rates = [rate_latex(coordinate) for coordinate in Neuron("k", dim).coordinates]
    taken = less or ("",) * len(rates)
    return named(*(rate + off for rate, off in zip(rates, taken, strict=True)), only=f"d = {dim}:")


def on_plateau(expr: sp.Expr) -> str:
    """LaTeX in the scale of the secondary plateau, d = 1: A_k, B_k for the coordinates, ⟨·⟩ for Σ/m, κ for
    −c₃(F₃ − M₄)."""
    c3, F3, M4 = sp.symbols("c3 F3 M4", real=True)
    k = Neuron("k", 1)
    # The names sort: factors are printed in this order.
    kappa, big_a, big_b = sp.symbols("1kappa 3A 3B", real=True)
    called = {kappa: r"\kappa", big_a: "A_k", big_b: "B_k", sp.Symbol("Lambda", real=True): r"\Lambda"}
    means = {}
    for one in expr.atoms(NeuronSum):
        means[one] = width * (mark := sp.Symbol(f"2{one}", real=True))
        called[mark] = _mean_latex(one)
    shown = expr.xreplace(means).xreplace({F3: M4 - kappa / c3, k.a: big_a, k.w[0]: big_b})
    return expression_latex(sp.factor_terms(shown), called)


def _mean_latex(one: NeuronSum) -> str:
    body = expression_latex(one).removeprefix(r"\sum_{j} ")
    return (
        r"\langle "
        + re.sub(r"\\left\(w_\{j\}\^\{\(1\)\}\\right\)|w_\{j\}\^\{\(1\)\}", "B", body).replace("a_{j}", "A")
        + r"\rangle"
    )
