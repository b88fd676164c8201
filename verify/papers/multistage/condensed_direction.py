"""Assumption 1 with M₂ ≠ I: unless z is an eigenvector of M₂ the condensed direction turns from z towards M₂⁻¹ z."""

from __future__ import annotations

import sympy as sp

import theory
from theory import Neuron
from verify.checks import symbolic
from verify.evidence import Verdict
from verify.papers.multistage import derivations
from verify.papers.multistage.dynamics import FLOW
from verify.papers.multistage.paper import paper
from verify.stating import Printed, named

DIM = 2
pull = sp.Symbol("p", real=True)
"""p with Σ_j a_j w_j = p z, where every w_j is a multiple of z."""

HYPOTHESES = (
    *FLOW,
    r"$d = 2$, any data with second moments $M_2$ and any $z$; leading order at the origin, remainders left out",
)
ON_THE_LINE = r"every $w_j$ is a multiple of $z$; $p$ is defined by $\sum_j a_j w_j = p\,z$"


def _leading_drift() -> list[sp.Expr]:
    """dw_k/dt with S_i = Σ_j a_j w_j^(i) in it, derived for any M₂ and z."""
    return list(derivations.of_any_data(DIM).truncated.drift[1:])


def _sums(values: tuple[sp.Expr, ...]) -> dict[sp.Basic, sp.Expr]:
    k = Neuron("k", DIM)
    return {theory.drift_sum(k, i): value for i, value in enumerate(values, 1)}


def across_line() -> sp.Expr:
    """Component across z of the derived dw_k/dt, every neuron on the line that z spans."""
    z1, z2 = theory.general(DIM).z
    first, second = (rate.subs(_sums((pull * z1, pull * z2))) for rate in _leading_drift())
    return sp.expand(z1 * second - z2 * first)


def stated_across_line() -> sp.Expr:
    """−a_k p (z^⊥ · M₂ z): zero for all p if and only if z is an eigenvector of M₂."""
    data = theory.general(DIM)
    z1, z2 = data.z
    image = data.second_moments * sp.Matrix(data.z)
    return -Neuron("k", DIM).a * pull * (z1 * image[1] - z2 * image[0])


def resting_sums() -> dict[str, sp.Expr]:
    """S = Σ_j a_j w_j at which the derived dw_k/dt of every neuron vanishes, a_k ≠ 0."""
    unknown = sp.symbols("S1 S2", real=True)
    equations = [rate.subs(_sums(unknown)) / Neuron("k", DIM).a for rate in _leading_drift()]
    (found,) = sp.linsolve([sp.expand(e) for e in equations], unknown)
    return {f"S_{i}": entry for i, entry in enumerate(found, 1)}


def stated_resting_sums() -> dict[str, sp.Expr]:
    """M₂⁻¹ z, by Cramer's rule."""
    data = theory.general(DIM)
    z1, z2 = data.z
    (m11, m12), (_, m22) = data.second_moments.tolist()
    det = m11 * m22 - m12**2
    return {"S_1": (m22 * z1 - m12 * z2) / det, "S_2": (m11 * z2 - m12 * z1) / det}


paper.identity(
    "asm1.eigenvector",
    across_line,
    stated_across_line,
    aligned=False,
    title="Unless z is an eigenvector of M₂, condensed neurons leave the line that z spans",
    where="Assumption 1, what (10) and (15)–(20) need of it",
    hypotheses=(*HYPOTHESES, ON_THE_LINE),
    uses=("eq7",),
    basis="derived",
    statement=named(r"z^{\perp}\cdot\dot w_k"),
)

paper.identity(
    "asm1.eigenvector.rest",
    resting_sums,
    stated_resting_sums,
    aligned=False,
    title="The leading drift rests where the summed weights point along M₂⁻¹ z",
    where="Assumption 1, what (10) and (15)–(20) need of it",
    hypotheses=(
        *HYPOTHESES,
        r"$\det M_2 \ne 0$; $S_i = \sum_j a_j w_j^{(i)}$ where $\dot w_k = 0$ and $a_k \ne 0$, the only solution; "
        r"on the right is $M_2^{-1} z$",
    ),
    uses=("eq7",),
    basis="derived",
    statement=named("S_1", "S_2"),
)

_ON_LINE = symbolic.identity(across_line, sp.S.Zero, aligned=False)
assert _ON_LINE.compared is not None

# A false sentence has no mutants: whatever is changed in it would be caught for the wrong reason.
paper.checked(
    "asm1.eigenvector.line",
    _ON_LINE,
    title="Control: neurons condensed on z stay there whatever the second moments are",
    where="Assumption 1, left out",
    hypotheses=(*HYPOTHESES, ON_THE_LINE),
    uses=("eq7",),
    basis="derived",
    expected=Verdict.REFUTED,
    expected_reason="The sentence is false on purpose: it holds only if z is an eigenvector of M₂.",
    statement=Printed(
        _ON_LINE.compared, named(r"z^{\perp}\cdot\dot w_k", after=r"\quad\text{for every } M_2")
    ),
)
