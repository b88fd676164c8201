"""The uv model with target 0: when the true sharpness rises in a step, and why that is not at 4."""

from __future__ import annotations

import sympy as sp

from theory import width
from theory.uv import g, k
from theory.uv_critical import (
    first_change_of_norm,
    first_step_sharpness,
    first_step_sharpness_in_rho,
    linear_response,
    norm_rises_from,
    rho,
    sharpness_of_zero_target,
    squared_norm_of_zero_target,
    zero_target,
)
from verify.papers.sharpness.controls import solver_mutants
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import TARGET_0
from verify.papers.sharpness.uv_reduction import FORMAL, SERIES, WHERE, in_order, of_width
from verify.stating import named

S = sp.Symbol("S", positive=True)
"""η λ^H before the step: the positive root of S² = kS + 3g², so that g² = S(S − k)/3."""

SQUARE = S * (S - k) / 3
ROOT = r"$S = \eta\lambda^H = \frac12(k + \sqrt{k^2 + 12g^2})$, so that $g^2 = S(S-k)/3$, $k \le S \le \frac32 k$"


def _defining() -> dict[str, sp.Expr]:
    """The new defining polynomial S̃² − k′S̃ − 3g′² at the old sharpness, and the defining equation itself."""
    step = zero_target()
    square = sp.expand(step[g] ** 2).subs(g, sp.sqrt(SQUARE))
    trace = step[k].subs(g, sp.sqrt(SQUARE))
    value = sharpness_of_zero_target()
    return {
        "new polynomial at S": sp.expand(S**2 - trace * S - 3 * square),
        "defining equation": sp.expand(value**2 - k * value - 3 * g**2),
    }


paper.identity(
    "uv.sharpness.polynomial",
    _defining,
    lambda: {
        "new polynomial at S": SQUARE * ((4 - k) * S - 3 * (k - SQUARE) * (k - SQUARE - 2)),
        "defining equation": sp.S.Zero,
    },
    aligned=False,
    title="When one step raises the sharpness",
    where=WHERE,
    hypotheses=(
        *TARGET_0,
        ROOT,
        r"$S'$ is the positive root of $s^2 - k's - 3g'^2$, whose other root is not positive: so $S' > S$ exactly "
        r"where this polynomial is negative at $S$, that is for $(4-k)\,S < 3\,(k-g^2)(k-g^2-2)$",
    ),
    uses=("uv.sharpness", "uv.dimensionless"),
    basis="derived",
    statement=r"S^2 - k'S - 3g'^2 = g^2\,\bigl[(4-k)\,S - 3\,(k-g^2)(k-g^2-2)\bigr]",
)


def _sides() -> tuple[sp.Expr, sp.Expr]:
    """(4 − k) S and 3 (k − g²)(k − g² − 2): the first is the larger where the sharpness falls."""
    return (4 - k) * S, 3 * (k - SQUARE) * (k - SQUARE - 2)


def falls() -> sp.Boolean:
    return sp.Gt(*_sides())


def rises() -> sp.Boolean:
    return sp.Lt(*_sides())


BOX = {k: (0, 4), S: (0, 6)}
SET = (sp.Gt(k, 0), sp.Gt(S, k), sp.Le(2 * S, 3 * k))


HALF = sp.Rational(5, 2)


def _between(low: sp.Expr, slope: sp.Expr, start: sp.Expr = HALF) -> sp.Boolean:
    return sp.And(
        sp.Implies(sp.Le(k, low), falls()),
        sp.Implies(sp.And(sp.Ge(k, start + slope * SQUARE), sp.Le(k, 4)), rises()),
    )


paper.inequality(
    "uv.sharpness.rise",
    lambda: _between(sp.Rational(5, 2), sp.Rational(27, 25)),
    over=BOX,
    assuming=SET,
    title="The first step raises the sharpness from between 5/2 and 5/2 + 27g²/25 on, at every width",
    where="phases with target zero",
    hypotheses=(*TARGET_0, ROOT, r"$g \ne 0$, $0 < k \le 4$, $|g| \le k/2$: every width and every start"),
    uses=("uv.sharpness.polynomial",),
    basis="derived",
    statement=(
        r"k \le \tfrac52 \;\Longrightarrow\; S' < S; \qquad "
        r"\tfrac52 + \tfrac{27}{25}\,g^2 \le k \le 4 \;\Longrightarrow\; S' > S"
    ),
    mutants=solver_mutants(
        (
            ("falls-to-4", "falls up to k = 4", lambda: _between(sp.Integer(4), sp.Rational(27, 25))),
            ("falls-to-3", "falls up to k = 3", lambda: _between(sp.Integer(3), sp.Rational(27, 25))),
            ("slope-1-2", "27/25 made 1/2", lambda: _between(sp.Rational(5, 2), sp.Rational(1, 2))),
            (
                "rises-from-2",
                "5/2 made 2, where the loss begins to rise",
                lambda: _between(sp.Integer(2), sp.Rational(27, 25), sp.Integer(2)),
            ),
        ),
        SET,
        BOX,
    ),
)

paper.identity(
    "uv.c_sharp",
    lambda: (
        {"change of S, coefficient of g²": linear_response(1)}
        | dict(zip(("k_sharp at g = 0", "k_sharp, coefficient of g²"), first_step_sharpness(), strict=True))
        | {"c_sharp up to order 1 in ρ": first_step_sharpness_in_rho()}
    ),
    lambda: {
        "change of S, coefficient of g²": 4 * k - 10,
        "k_sharp at g = 0": sp.Rational(5, 2),
        "k_sharp, coefficient of g²": sp.Rational(27, 25),
        "c_sharp up to order 1 in ρ": sp.Rational(5, 2) + sp.Rational(57, 4) * rho,
    },
    aligned=False,
    title="To first order in ρ, the first step raises the sharpness from c = 5/2 + 57ρ/4 on",
    where="critical values with target zero",
    hypotheses=(
        *TARGET_0,
        r"at the start $S = \eta\lambda^H$, after the first step $S'$; $[g^2]$: the coefficient of $g^2$ in a series "
        r"in $g^2$ with coefficients in $k$",
        r"$k_{\mathrm{sharp}}$: the value of $k$, as a series in $g^2$, at which $S' - S$ changes sign: the sharpness "
        r"falls below it and rises above it",
        r"$c_{\mathrm{sharp}} = k_{\mathrm{sharp}}\,R(\rho)$: the $c = \eta\lambda^H_0 = k R(\rho)$ that belongs to it "
        r"(uv.ratio), as a series in $\rho = g^2/k^2 = (u\cdot v)^2/(|u|^2 + |v|^2)^2$ of the start, which is of order "
        r"$1/w$ at large width (uv.mean)",
        SERIES,
    ),
    uses=("uv.sharpness.rise", "uv.ratio", "uv.mean"),
    basis="derived",
    statement=named(
        r"[g^2]\,(S' - S)",
        r"\bigl[k_{\mathrm{sharp}}\bigr]_0",
        r"[g^2]\,k_{\mathrm{sharp}}",
        r"\bigl[c_{\mathrm{sharp}}\bigr]_1",
        printed=in_order,
    ),
)

paper.identity(
    "uv.frobenius.rise",
    lambda: {
        "norm": squared_norm_of_zero_target(),
        "change": first_change_of_norm(),
        "from": norm_rises_from(),
    },
    lambda: {
        "norm": k**2 + (2 * width + 4) * g**2,
        "change": 2 * k * ((width + 3) * k - 2 * (width + 4)),
        "from": 2 + 2 / (width + 3),
    },
    aligned=False,
    title="With the Frobenius norm in place of the sharpness, the first step raises it from 2 on at large width",
    where="critical values with target zero",
    hypotheses=(
        *TARGET_0,
        r"$[\,\cdot\,]_2$: the coefficient of $g^2$, which has the lowest order; $k_F > 0$: where it is zero",
    ),
    uses=("uv.hessian.plane", "uv.dimensionless"),
    basis="derived",
    statement=named(
        r"\eta^2\lVert\nabla^2 L\rVert_F^2",
        r"\bigl[\Delta\,\eta^2\lVert\nabla^2 L\rVert_F^2\bigr]_2",
        r"k_F",
        printed=of_width,
    ),
)

steps = sp.Symbol("t", integer=True, positive=True)

paper.identity(
    "uv.c_sharp.later",
    lambda: {"symbolic t": linear_response(steps)} | {f"t = {n}": linear_response(n) for n in (1, 2, 3)},
    lambda: (
        {"symbolic t": ((k - 1) ** (2 * steps) - 1) * (4 * k - 10) / (k * (k - 2))}
        | {f"t = {n}": ((k - 1) ** (2 * n) - 1) * (4 * k - 10) / (k * (k - 2)) for n in (1, 2, 3)}
    ),
    aligned=False,
    title="At large width no later step raises the sharpness earlier than the first",
    where="critical values with target zero",
    hypotheses=(
        *TARGET_0,
        r"$[g_0^2]$: the coefficient of $g_0^2$ in $\eta(\lambda^H_t - \lambda^H_0)$ for every number $t$ of steps; it "
        r"changes sign at $k = \frac52$ for every $t$",
        FORMAL,
    ),
    uses=("uv.dimensionless", "uv.sharpness"),
    basis="derived",
    statement=(
        r"[g_0^2]\,\eta\,(\lambda^H_t - \lambda^H_0) = \frac{\bigl[(k-1)^{2t} - 1\bigr](4k - 10)}{k\,(k-2)}"
    ),
)
