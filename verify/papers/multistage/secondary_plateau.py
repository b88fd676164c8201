"""Section 3.3: the critical point that the descent ends near, and the dynamics left there, (21)."""

from __future__ import annotations

import sympy as sp

import theory
from theory import Neuron, P, ParticleSystem, Q
from verify.papers.multistage import derivations, names
from verify.papers.multistage.dynamics import ASSUMPTIONS, RATES, SHOWN
from verify.papers.multistage.notation import printed_flow
from verify.papers.multistage.paper import paper
from verify.stating import expression_latex, named


def equation_21(dim: int) -> ParticleSystem:
    """(21) without f_k and g_k."""
    k = Neuron("k", dim)
    across = range(2, dim + 1)
    drift_a = -sp.Add(*(k.w[i - 1] * theory.drift_sum(k, i) for i in across))
    return ParticleSystem(k, (drift_a, sp.S.Zero, *(-k.a * theory.drift_sum(k, i) for i in across)))


def critical_factor(dim: int) -> sp.Expr:
    return 1 - theory.drift_sum(Neuron("k", dim), 1)


def _on_critical_set(dim: int) -> ParticleSystem:
    return derivations.of(dim).on_plateau


paper.identity(
    "eq21.critical",
    lambda: {f"d = {d}": derivations.of(d).critical_factor for d in derivations.DIMENSIONS},
    lambda: {f"d = {d}": critical_factor(d) for d in derivations.DIMENSIONS},
    title="Critical-point condition: every neuron stops where P = 1",
    where="Section 3.3, before equation (21)",
    hypotheses=(*ASSUMPTIONS, "leading-order dynamics (16)", SHOWN),
    uses=("eq16",),
    basis="derived",
    statement=named(r"\text{common factor of } \dot a_k,\; \dot w_k^{(1)},\; \dot w_k^{(2)}", only="d = 2"),
)


def _critical_sets() -> dict[str, sp.Expr]:
    """P on each critical set of the (P, Q) system, and Q where it is fixed."""
    sets = theory.critical_sets(derivations.of(1).reduced)
    return {f"set {i}: {v}": s[v] for i, s in enumerate(sets) for v in (P, Q) if v in s} | {
        "number of sets": sp.Integer(len(sets))
    }


def _sets_latex(lhs: dict[str, sp.Expr], rhs: dict[str, sp.Expr]) -> str:
    count = int(rhs["number of sets"])
    sets = [
        ", ".join(
            f"{name[-1]} = {expression_latex(value)}" for name, value in rhs.items() if f"set {i}:" in name
        )
        for i in range(count)
    ]
    return r" \quad\text{and}\quad ".join(rf"\{{{one}\}}" for one in sets)


paper.identity(
    "eq21.sets",
    _critical_sets,
    lambda: {
        "set 0: P": sp.S.One,
        "set 1: P": sp.S.Zero,
        "set 1: Q": sp.S.Zero,
        "number of sets": sp.Integer(2),
    },
    title="Critical sets of the (P, Q) system",
    where="Section 3.3, before equation (21)",
    hypotheses=("the reduced system of (16)",),
    uses=("eq18.flow",),
    basis="derived",
    statement=_sets_latex,
)

paper.identity(
    "eq21",
    lambda: derivations.over_dimensions(_on_critical_set),
    lambda: derivations.over_dimensions(equation_21),
    title="Dynamics of the secondary plateau",
    where="Section 3.3, equation (21)",
    hypotheses=(
        *ASSUMPTIONS,
        "on $P = 1$",
        "the check compares the leading parts; that the remainders $f_k$, $g_k$ stay as in (10) is eq21.rest",
        SHOWN,
    ),
    uses=("eq10", "eq21.critical"),
    statement=printed_flow(" - f_k", " - g_k^{(1)}", " - g_k^{(2)}"),
)


def _remainders_on_critical_set(dim: int) -> ParticleSystem:
    return derivations.aligned(dim).remainder_part()


def _stated_remainders(dim: int) -> dict[str, sp.Expr]:
    return names.rates(dim, (names.f_k(dim), *names.g_k(dim)), names.split(dim, P))


paper.identity(
    "eq21.rest",
    lambda: derivations.over_dimensions(_remainders_on_critical_set),
    lambda: names.every(_stated_remainders),
    title="What drives the secondary plateau are the remainders (8) and (9)",
    where="Section 3.3, equation (21)",
    hypotheses=(
        *ASSUMPTIONS,
        r"$[\,\cdot\,]_\delta$: what (10) has beside its leading part, whatever $P$ is; so $f_k$ and $g_k$ of (21) "
        "are (8) and (9)",
        SHOWN,
    ),
    uses=("eq8", "eq9"),
    basis="derived",
    statement=named(*(rf"[{rate}]_\delta" for rate in RATES), only="d = 2"),
)
