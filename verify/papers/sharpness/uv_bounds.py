"""The uv model with target 0: what stays bounded, what diverges, and when loss, trace and sharpness rise."""

from __future__ import annotations

import sympy as sp

from theory.uv import factorised, g, k, p, q
from theory.uv_critical import loss_factor, zero_target
from verify.papers.sharpness.controls import if_and_only_if, solver_mutants
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_reduction import SCALED, WHERE
from verify.stating import named

TARGET_0 = (*SCALED, "target $y = 0$, one step $(g, k) \\to (g', k')$")
DOMAIN = (sp.Le(2 * g, k), sp.Le(-2 * g, k))
"""|g| ≤ k/2."""

most = sp.Symbol("k0", real=True)
"""Where k starts."""

bound = sp.Symbol("B", positive=True)
"""A bound that |g| is to pass."""


def next_g() -> sp.Expr:
    return sp.factor(zero_target()[g])


def next_k() -> sp.Expr:
    return sp.factor(zero_target()[k])


paper.inequality(
    "uv.domain",
    lambda: sp.And(sp.Ge(sp.factor(factorised()[p]), 0), sp.Ge(sp.factor(factorised()[q]), 0)),
    assuming=(sp.Ge(p, 0), sp.Ge(q, 0)),
    title="|g| ≤ k/2 is never left",
    where=WHERE,
    hypotheses=(*SCALED, "every target $Y$"),
    uses=("uv.factorised",),
    basis="derived",
    statement=(
        r"p, q \ge 0 \;\Longrightarrow\; p', q' \ge 0, \qquad\text{that is } |g| \le k/2 "
        r"\Longrightarrow |g'| \le k'/2"
    ),
)

paper.identity(
    "uv.trace.change",
    lambda: zero_target().change(k),
    lambda: g**2 * (k - 4),
    aligned=False,
    title="What one step changes the trace by",
    where="phases with target zero",
    hypotheses=TARGET_0,
    uses=("uv.dimensionless",),
    basis="derived",
    statement=named("k' - k"),
)

paper.inequality(
    "uv.bounded",
    lambda: sp.And(sp.Le(next_k(), k), sp.Le(2 * next_g(), next_k()), sp.Le(-2 * next_g(), next_k())),
    assuming=(*DOMAIN, sp.Le(k, 4)),
    title="Below 4 the trace never rises, and the orbit stays bounded",
    where="phases with target zero",
    hypotheses=(
        *TARGET_0,
        r"$|g| \le k/2$, $k \le 4$",
        r"left to the reader: by induction $k_t \le k_0$ and $|g_t| \le k_0/2$ for all $t$",
    ),
    uses=("uv.dimensionless", "uv.domain"),
    basis="derived",
    statement=r"|g| \le \tfrac k2,\; k \le 4 \;\Longrightarrow\; k' \le k, \quad |g'| \le \tfrac{k'}{2}",
)

paper.inequality(
    "uv.converges",
    lambda: sp.Le((4 - most) * g**2, k - next_k()),
    assuming=(*DOMAIN, sp.Le(k, most), sp.Lt(most, 4)),
    title="Below 4 the losses have a finite sum, so that training converges",
    where="phases with target zero",
    hypotheses=(
        *TARGET_0,
        r"left to the reader: summed over the steps $\sum_t g_t^2 \le k_0/(4 - k_0)$, as $k_t \ge 0$ never rises "
        r""
        r"(uv.bounded); hence $g_t \to 0$",
    ),
    uses=("uv.bounded",),
    basis="derived",
    statement=r"k \le k_0 < 4 \;\Longrightarrow\; (4 - k_0)\,g^2 \le k - k'",
)


def _certificate(factor: int = 4, gain: int = 2, margin: int = 1) -> sp.And:
    """Near g = 0 |g| doubles; where |g| ≥ 1 the distance of k from 4 doubles; |g| passes every bound."""
    above = k > bound**2 + bound + margin
    return sp.And(
        sp.Ge(next_k(), k),
        sp.Implies(sp.Le(g**2, 1), sp.Ge(next_g() ** 2, factor * g**2)),
        sp.Implies(sp.Ge(g**2, 1), sp.Ge(next_k() - 4, gain * (k - 4))),
        sp.Implies(sp.And(sp.Ge(g**2, 1), sp.Le(g**2, bound**2), above), sp.Gt(next_g() ** 2, bound**2)),
    )


paper.inequality(
    "uv.diverges",
    _certificate,
    assuming=(sp.Gt(k, 4),),
    title="Above 4 training diverges, unless it hits the minimum exactly",
    where="phases with target zero",
    hypotheses=(
        *TARGET_0,
        r"left to the reader: hence, if $k_0 > 4$ and no $g_t$ is exactly 0, from $|g_t| < 1$ on $|g|$ at least "
        r""
        r"doubles until it is above 1, so that $|g_t| \ge 1$ infinitely often; $k_t - 4$ never falls and doubles "
        r"each time, so that "
        r"$k_t \to \infty$; and $|g_t|$ passes every bound $B \ge 1$",
        r"the exception is real: $g_t = 0$ is hit where $g^2 = k - 1$, on a set of starts of measure zero",
    ),
    uses=("uv.dimensionless",),
    basis="derived",
    statement=(
        r"\begin{aligned} k > 4: \quad & k' \ge k; \\ & |g| \le 1 \Rightarrow |g'| \ge 2|g|; \\ "
        r"& |g| \ge 1 \Rightarrow k' - 4 \ge 2(k-4); \\ & "
        r"1 \le |g| \le B,\; k > B^2 + B + 1 \Rightarrow |g'| > B \end{aligned}"
    ),
    mutants=solver_mutants(
        (
            ("faster-near-0", "|g′| ≥ 3|g| for |g| ≤ 1", lambda: _certificate(factor=9)),
            ("faster-in-k", "k′ − 4 ≥ 3(k − 4)", lambda: _certificate(gain=3)),
            ("earlier", "|g′| > B already for k > B² + B − 4", lambda: _certificate(margin=-4)),
        ),
        (sp.Gt(k, 4),),
    ),
)

paper.identity(
    "uv.loss.factor",
    loss_factor,
    lambda: (k - g**2) * (k - g**2 - 2),
    aligned=False,
    title="What one step multiplies the loss by",
    where="phases with target zero",
    hypotheses=(*TARGET_0, r"$L = w g^2/(2\eta^2x^2)$"),
    uses=("uv.dimensionless",),
    basis="derived",
    statement=named(r"\frac{L'}{L} - 1"),
)


def _loss_rises(threshold: sp.Expr, power: int = 2) -> sp.Boolean:
    return if_and_only_if(sp.Gt(next_g() ** 2, g**2), sp.Gt(k - g**power, threshold))


LOSS_SET = (*DOMAIN, sp.Lt(k, 4), sp.Ne(g, 0))

paper.inequality(
    "uv.loss.rise",
    lambda: _loss_rises(sp.Integer(2)),
    assuming=LOSS_SET,
    title="The loss rises in a step if and only if k − g² > 2",
    where="phases with target zero",
    hypotheses=(*TARGET_0, r"$|g| \le k/2$, $k < 4$, $g \ne 0$"),
    uses=("uv.loss.factor",),
    basis="derived",
    statement=r"L' > L \iff k - g^2 > 2",
    mutants=solver_mutants(
        (
            ("threshold-3-2", "2 made 3/2", lambda: _loss_rises(sp.Rational(3, 2))),
            ("threshold-9-4", "2 made 9/4", lambda: _loss_rises(sp.Rational(9, 4))),
            ("fourth-power", "g² made g⁴", lambda: _loss_rises(sp.Integer(2), 4)),
            (
                "no-width",
                "k > 2, as at infinite width",
                lambda: if_and_only_if(sp.Gt(next_g() ** 2, g**2), sp.Gt(k, 2)),
            ),
        ),
        LOSS_SET,
    ),
)


def _trace_rises(threshold: sp.Expr) -> sp.Boolean:
    return if_and_only_if(sp.Gt(next_k(), k), sp.Gt(k, threshold))


paper.inequality(
    "uv.trace.rise",
    lambda: _trace_rises(sp.Integer(4)),
    assuming=(sp.Ne(g, 0),),
    title="The trace rises in a step if and only if k > 4",
    where="phases with target zero",
    hypotheses=(*TARGET_0, r"$g \ne 0$"),
    uses=("uv.trace.change",),
    basis="derived",
    statement=r"\lambda' > \lambda \iff k > 4",
    mutants=solver_mutants(
        (
            ("threshold-2", "4 made 2, where the loss begins to rise", lambda: _trace_rises(sp.Integer(2))),
            ("threshold-7-2", "4 made 7/2", lambda: _trace_rises(sp.Rational(7, 2))),
            ("threshold-5", "4 made 5", lambda: _trace_rises(sp.Integer(5))),
        ),
        (sp.Ne(g, 0),),
    ),
)
