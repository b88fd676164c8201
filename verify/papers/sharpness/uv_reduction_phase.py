"""The uv model with target 0: the sharpness falls while the loss does, and where a barrier stands in a step's way."""

from __future__ import annotations

import sympy as sp

from theory.uv import g, k
from theory.uv_critical import zero_target
from verify.papers.sharpness.controls import solver_mutants
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import DOMAIN, TARGET_0, next_g
from verify.papers.sharpness.uv_sharpness_rise import BOX, ROOT, SET, SQUARE, S, falls

WHERE = "phases with target zero"

part = sp.Symbol("s", real=True)
"""How far on the segment from θ to θ′."""

WAY = (sp.Ge(part, 0), sp.Le(part, 1))


def _reduction(loss: sp.Expr, sharpness: sp.Expr) -> sp.Boolean:
    """k − g² ≤ loss lowers the sharpness; ηλ^H ≤ sharpness lowers the loss."""
    return sp.And(
        sp.Implies(sp.Le(k - SQUARE, loss), falls()), sp.Implies(sp.Le(S, sharpness), sp.Lt(k - SQUARE, 2))
    )


TWO = sp.Integer(2)
BELOW = (*SET, sp.Lt(k, 4))

paper.inequality(
    "uv.sharpness.falls",
    lambda: _reduction(TWO, TWO),
    over=BOX,
    assuming=BELOW,
    title="A step that does not raise the loss lowers the sharpness, and no step with ηλ^H ≤ 2 raises the loss",
    where=WHERE,
    hypotheses=(
        *TARGET_0,
        ROOT,
        r"$g \ne 0$, $0 < k < 4$, $|g| \le k/2$: every width and every state; the loss rises where $k - g^2 > 2$ "
        r"(uv.loss.rise)",
        r"left to the reader: hence $c_{\mathrm{loss}} > 2$ for every draw but $g_0 = 0$; and for $c < c_{\max}$, "
        r"where $k$ stays below 4 "
        r"(uv.bounded), the sharpness falls in every step from the first on until the loss rises for the first time",
    ),
    uses=("uv.sharpness.polynomial", "uv.loss.rise", "uv.bounded"),
    basis="derived",
    statement=(
        r"L' \le L \;\Longrightarrow\; \lambda^{H\prime} < \lambda^H, \qquad "
        r"\eta\lambda^H \le 2 \;\Longrightarrow\; L' < L"
    ),
    mutants=solver_mutants(
        (
            ("loss-3", "up to k − g² = 3", lambda: _reduction(sp.Integer(3), TWO)),
            ("loss-5-2", "up to k − g² = 13/5", lambda: _reduction(sp.Rational(13, 5), TWO)),
            ("sharpness-5-2", "ηλ^H ≤ 5/2 lowers the loss", lambda: _reduction(TWO, sp.Rational(5, 2))),
        ),
        BELOW,
        BOX,
    ),
)


def _on_the_way() -> sp.Expr:
    """g at the point (1 − s)θ + sθ′ over that at θ. The point is θ′ of the learning rate sη, and g and k are
    proportional to the rate."""
    moved = zero_target()[g].subs({g: part * g, k: part * k}, simultaneous=True)
    return sp.expand(moved / (part * g))


def _no_barrier(rate: sp.Expr, end: sp.Expr) -> sp.Boolean:
    """Where the end of the segment is as low as the start, with `end` times its loss, no point of it is higher."""
    at_end = sp.expand(next_g() / g)
    return sp.Implies(sp.Le(end * at_end**2, 1), sp.Le(_on_the_way().subs(k, rate * k) ** 2, 1))


paper.inequality(
    "uv.barrier",
    lambda: _no_barrier(sp.Integer(1), sp.Integer(1)),
    assuming=(*DOMAIN, *WAY, sp.Le(k, 4), sp.Ne(g, 0)),
    title="Below 4 a barrier stands in the way of a step exactly where the step raises the loss",
    where=WHERE,
    hypotheses=(
        *TARGET_0,
        r"$g \ne 0$, $|g| \le k/2$, $k \le 4$; $(1-s)\,\theta + s\,\theta'$ is $\theta'$ of the learning rate $s\eta$",
        r"with $\theta_1$ in place of $\theta_{10}$, $c_{\mathrm{barrier}}$ is so $c_{\mathrm{loss}}$ for every draw",
    ),
    uses=("uv.loss.factor", "uv.dimensionless"),
    basis="derived",
    statement=(
        r"\max_{0 \le s \le 1} L\bigl((1-s)\,\theta + s\,\theta'\bigr) > L(\theta) \iff L(\theta') > L(\theta)"
    ),
    mutants=solver_mutants(
        (
            ("steeper", "k made 2k on the way", lambda: _no_barrier(TWO, sp.Integer(1))),
            (
                "half",
                "wherever the step does not double the loss",
                lambda: _no_barrier(sp.Integer(1), sp.Rational(1, 2)),
            ),
        ),
        (*DOMAIN, *WAY, sp.Le(k, 4), sp.Ne(g, 0)),
        {k: (0, 4), g: (-2, 2), part: (0, 1)},
    ),
)
