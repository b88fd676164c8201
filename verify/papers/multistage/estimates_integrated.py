"""Lemma 1 from the bound of δ′ alone: |δ′(u)| ≤ Lu² gives |δ(u)| ≤ L|u|³/3, and constants that networks attain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import sympy as sp

from theory.estimates import D, F, L, q, remainder_estimate
from theory.noting import kept
from theory.symbols import width as m
from verify.claim import Mutant
from verify.papers.multistage import derivations
from verify.papers.multistage.dynamics import FLOW
from verify.papers.multistage.estimates import CALCULUS, NORMS, exact_witness, search_check
from verify.papers.multistage.paper import paper
from verify.stating import named

_third = sp.Rational(1, 3)
FIRST, SECOND, THIRD = L * D**3 * F * q**3, m * L * D**4 * q**5, m * L**2 * D**6 * q**7
OUTPUT = _third * FIRST + 2 * _third * SECOND + THIRD / 9
"""Bound of |f_k|."""

INPUT = FIRST + 4 * _third * SECOND + _third * THIRD
"""Bound of ‖g_k‖₂, and of |f_k| as well."""

SLOPE = (
    *NORMS[:2],
    r"$|\delta'(u)| \le Lu^2$ for all $u$ and $\delta(0) = 0$, so that $|\delta(u)| \le \frac L3|u|^3$",
)


@kept
def _derived(dim: int) -> dict[str, sp.Expr]:
    found = remainder_estimate(dim, integrated=True)
    return {f"d = {dim}: f": found.f, f"d = {dim}: g": found.g}


paper.identity(
    "lem1.thirds",
    lambda: {key: bound for d in derivations.DIMENSIONS for key, bound in _derived(d).items()},
    lambda: {
        f"d = {d}: {key}": bound
        for d in derivations.DIMENSIONS
        for key, bound in (("f", OUTPUT), ("g", INPUT))
    },
    title="Lemma 1 with 1, 4/3, 1/3 in place of 1, 2, 1, up to rules of estimation left to the reader",
    where="Section 3.2, Lemma 1, equation (12), sharpened",
    hypotheses=(*FLOW, *SLOPE, CALCULUS, "checked for $d = 1, 2, 3$"),
    uses=("lem1.terms",),
    basis="derived",
    statement=named(
        r"\text{bounds of the terms of } f_k \text{, added up}",
        r"\text{bounds of the terms of } g_k^{(1)} \text{, added up}",
        only="d = 2:",
    ),
)


def _attaining() -> sp.Expr:
    """g_k of m equal neurons a = −q, w = q with σ = u + Lu³/3, ρ half at each of ±D, f* = F sgn x."""
    total = sp.S.Zero
    u = sp.Symbol("u", real=True)
    delta = L * u**3 / 3
    a, w = -q, q
    for x, target in ((D, F), (-D, -F)):
        bent = delta.subs(u, w * x)
        residual = m * a * (w * x + bent) - target
        # (9), written out for this network.
        total -= a * (residual * delta.diff(u).subs(u, w * x) + m * a * bent) * x / 2
    return sp.expand(total)


paper.identity(
    "lem1.thirds.attained",
    _attaining,
    lambda: -INPUT,
    title="A network attains Lemma 1 with the smaller constants, all three at once",
    where="Section 3.2, Lemma 1, equation (12), sharpened",
    hypotheses=(
        r"$d = 1$, $\sigma(u) = u + \frac L3u^3$, $m$ neurons with $a = -q$, $w = q$, $\rho = \frac12(\delta_D + "
        r"\delta_{-D})$, $f^{*}(x) = F\operatorname{sgn}x$, so that $z = FD > 0$; $M_2 = 1$ for $D = 1$",
        "for every positive $q$, $L$, $D$, $F$ and every $m$",
    ),
    uses=("eq9", "lem1.thirds"),
    basis="derived",
    statement=named("g_k"),
)


def _mutants() -> Sequence[Mutant]:
    tenth = sp.Rational(9, 10)
    listed = (
        ("first-less", "first term 10 % smaller", INPUT - FIRST / 10),
        ("second-less", "second term 10 % smaller", FIRST + tenth * 4 * _third * SECOND + _third * THIRD),
        ("third-less", "third term 10 % smaller", FIRST + 4 * _third * SECOND + tenth * _third * THIRD),
        ("output", "the bound of |f| for ‖g‖", OUTPUT),
        ("second-whole", "1 in place of 4/3", FIRST + SECOND + _third * THIRD),
        ("third-ninth", "1/9 in place of 1/3", FIRST + 4 * _third * SECOND + THIRD / 9),
    )
    return [
        Mutant(
            name,
            words,
            r"|f_k|,\ \lVert g_k\rVert_2 \le " + sp.latex(changed),
            search_check(changed).run,
            partial(exact_witness, changed),
        )
        for name, words, changed in listed
    ]


paper.checked(
    "lem1.thirds.search",
    search_check(INPUT),
    title="No network was found that breaks Lemma 1 with the smaller constants",
    where="Section 3.2, Lemma 1, equation (12), sharpened",
    statement=lambda: r"|f_k|,\ \lVert g_k\rVert_2 \le " + sp.latex(INPUT),
    hypotheses=(
        *SLOPE,
        r"exact networks, $d \le 9$, $m \le 3$, with the six built-in activations and $u + cu^3$",
    ),
    uses=("lem1.thirds",),
    basis="derived",
    mutants=_mutants,
)
