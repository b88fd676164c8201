"""Statements in LaTeX, printed from the same expressions that the checks compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from theory import Neuron, NeuronSum, width
from theory.naming import Named, NamedQuantity
from theory.rates import rate_latex
from theory.symbols import Coordinate
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


def aligned_latex(lines: list[str]) -> str:
    """Several aligned equations, each with one ``&``."""
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def printed_flow(*less: str, dim: int = 2) -> Callable[[Any, Any], str]:
    """Prints the compared flow of a neuron in one dimension; ``less`` is taken off each rate, in LaTeX."""
    rates = [rate_latex(coordinate) for coordinate in Neuron("k", dim).coordinates]
    taken = less or ("",) * len(rates)
    return named(*(rate + off for rate, off in zip(rates, taken, strict=True)), only=f"d = {dim}:")


def on_plateau(expr: sp.Expr, *, several: bool = False) -> str:
    """LaTeX in the scale of the secondary plateau: A_k, B_k for the coordinates, with a number where there are several
    inputs, ⟨·⟩ for Σ/m; in one dimension κ for −c₃(F₃ − M₄). A formula in names is printed in them."""
    stated = expr.stated if isinstance(expr, Named) else expr
    c3, F3, M4 = sp.symbols("c3 F3 M4", real=True)
    # The names sort: factors are printed in this order.
    kappa = sp.Symbol("1kappa", real=True)
    called = {kappa: r"\kappa"}
    free = {one for one in stated.free_symbols if isinstance(one, Coordinate)}
    coordinates: dict[sp.Basic, sp.Expr] = {}
    for one in free:
        coordinates[one] = mark = sp.Symbol(f"3{'A' if one.slot == 'a' else 'B' + one.slot[1:]}", real=True)
        upper = f"^{{({one.slot[1:]})}}" if several and one.slot != "a" else ""
        called[mark] = f"{mark.name[1]}_{one.label}{upper}"
    means = {}
    for one in stated.atoms(NeuronSum):
        means[one] = width * (mark := sp.Symbol(f"2{one}", real=True))
        called[mark] = _mean_latex(one, several)
    # A quantity has its neuron's coordinates as arguments: it is kept whole.
    quantities = {one: sp.Symbol(f"4{one}", real=True) for one in stated.atoms(NamedQuantity)}
    called |= {mark: expression_latex(one) for one, mark in quantities.items()}
    shown = stated.xreplace(means).xreplace(quantities)
    shown = shown.xreplace({F3: M4 - kappa / c3} | coordinates)
    first = {
        one: sp.Symbol(f"0{one}", real=True) for one in shown.free_symbols if str(one)[:6] in ("c3", "Lambda")
    }
    called |= {mark: str(sp.latex(one)) for one, mark in first.items()}
    shown = shown.xreplace(first)
    return expression_latex(sp.factor_terms(shown), called)


def _mean_latex(one: NeuronSum, several: bool) -> str:
    body = expression_latex(one).removeprefix(r"\sum_{j} ")
    weight = r"B_{\1}" if several else "B"
    body = re.sub(
        r"\\left\(w_\{j\}\^\{\((\d)\)\}\\right\)|w_\{j\}\^\{\((\d)\)\}",
        lambda found: weight.replace(r"\1", found[1] or found[2]),
        body,
    )
    body = re.sub(r"_\{j\}\^\{\((\d)\)\}", r"_{\1}", body)
    return r"\langle " + body.replace("a_{j}", "A").replace("_{j}", "") + r"\rangle"
