"""The uv model with a target: its edge of stability, period doubling, and what the sharpness is on average there."""

from __future__ import annotations

import sympy as sp

from theory.uv import Y, p
from theory.uv_edge import (
    across_multiplier,
    along_multiplier,
    edge_map,
    edge_sharpness,
    mean_on_the_cycle,
    sharpness_square,
    two_cycle,
)
from verify.evidence import Verdict
from verify.papers.sharpness.controls import if_and_only_if, solver_mutants
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_reduction import SCALED

WHERE = "the edge of stability"
EDGE = (
    *SCALED,
    r"on the invariant manifold $q = 0$, which is $u = v$; there $k = p/2$, $g = p/4$, $a = p/4 - Y$; $Y > 0$",
)

paper.identity(
    "uv.eos",
    lambda: edge_map()[p],
    lambda: (1 + Y - p / 4) ** 2 * p,
    aligned=False,
    title="The edge-of-stability manifold is invariant, and one-dimensional",
    where=WHERE,
    hypotheses=EDGE,
    uses=("uv.factorised",),
    basis="derived",
    statement=(
        r"p' = \Bigl(1 + Y - \frac p4\Bigr)^2 p, \qquad\text{with } s^2 = p: \; "
        r"s' = s\,\Bigl(1 + Y - \frac{s^2}{4}\Bigr)"
    ),
)

paper.identity(
    "uv.eos.cycle",
    lambda: {"points": two_cycle(), "along": along_multiplier(), "across": across_multiplier()},
    lambda: {
        "points": p**2 - 4 * (1 + Y) * p + 16,
        "along": 9 - 2 * (1 + Y) ** 2,
        "across": (2 * Y - 3) ** 2,
    },
    aligned=False,
    title="The two-cycle on the edge of stability, and its multipliers",
    where=WHERE,
    hypotheses=(
        *EDGE,
        "the two roots exist for $Y > 1$; multipliers of two steps, along and across the manifold",
    ),
    uses=("uv.eos",),
    basis="derived",
    statement=(
        r"p^2 - 4(1+Y)\,p + 16 = 0, \qquad \text{multipliers } 9 - 2(1+Y)^2 \text{ along } q = 0 "
        r"\text{ and } (2Y-3)^2 "
        r"\text{ across}"
    ),
)


def _stable(limit: int = 5, across: int = 1) -> sp.Boolean:
    multiplier = 9 - 2 * (1 + Y) ** 2
    inside = sp.And(sp.Lt(multiplier, 1), sp.Gt(multiplier, -1))
    return sp.And(
        if_and_only_if(inside, sp.Lt((1 + Y) ** 2, limit)),
        sp.Implies(sp.Lt(Y, 2), sp.Lt((2 * Y - 3) ** 2, across)),
    )


paper.inequality(
    "uv.eos.period",
    _stable,
    assuming=(sp.Gt(Y, 1),),
    title="Period 2 from Y = 1 to √5 − 1",
    where=WHERE,
    hypotheses=(
        *EDGE,
        r"$Y > 1$, so that $(1+Y)^2 < 5$ is $Y < \sqrt5 - 1$; at $Y = 1$ the multiplier $1 - k = 1 - 2Y$ of the "
        r"minimum on $q = 0$ is $-1$, at $Y = \sqrt5 - 1$ that of the cycle",
    ),
    uses=("uv.eos.cycle", "uv.fixed"),
    basis="derived",
    statement=r"|9 - 2(1+Y)^2| < 1 \iff (1+Y)^2 < 5, \qquad Y < 2 \Longrightarrow (2Y-3)^2 < 1",
    mutants=solver_mutants(
        (
            ("square-6", "5 made 6", lambda: _stable(6)),
            ("square-9-2", "5 made 9/2 (as 4)", lambda: _stable(4)),
            ("across-half", "the multiplier across below 1/2", lambda: _stable(5, sp.Rational(1, 2))),
        ),
        (sp.Gt(Y, 1),),
    ),
)

paper.inequality(
    "uv.eos.bounded",
    lambda: sp.And(sp.Ge(sp.factor(edge_map()[p]), 0), sp.Le(sp.factor(edge_map()[p]), 4 * (2 + Y))),
    assuming=(sp.Ge(Y, 0), sp.Le(Y, 2), sp.Ge(p, 0), sp.Le(p, 4 * (2 + Y))),
    title="On the edge of stability orbits stay bounded up to Y = 2",
    where=WHERE,
    hypotheses=(*EDGE, r"$0 \le Y \le 2$; $p = 4(2+Y)$ is the fixed point (III)"),
    uses=("uv.eos",),
    basis="derived",
    statement=r"0 \le p \le 4(2+Y) \;\Longrightarrow\; 0 \le p' \le 4(2+Y)",
)

_t = sp.Symbol("t", positive=True)

paper.inequality(
    "uv.eos.sign",
    sp.Ge(4 * _t, 2 * (_t + 1 / _t - 1)),
    over={_t: (sp.Rational(1, 100), None)},
    assuming=(sp.Le(_t**2 + 1 / _t**2, 3),),
    title="On the stable two-cycle the sharpness is the eigenvalue along u = v",
    where=WHERE,
    hypotheses=(
        *EDGE,
        r"the points of the cycle are $p = 4t$ and $p = 4/t$ with $t + 1/t = 1 + Y$; $1 < Y \le \sqrt5 - 1$ is "
        r"$t^2 + t^{-2} \le 3$, which implies $t > \frac1{100}$; then $\eta\mu_+ = k/2 + |p/2 - Y| = k + a$",
    ),
    uses=("uv.eos.cycle", "uv.sharpness"),
    basis="derived",
    statement=(
        r"t^2 + t^{-2} \le 3 \;\Longrightarrow\; p = 4t \ge 2\,(t + t^{-1} - 1) = 2Y, \qquad\text{so that } "
        r"\eta\lambda^H = k + a"
    ),
)

paper.identity(
    "uv.eos.mean",
    lambda: {
        "trace": mean_on_the_cycle(p / 2),
        "sharpness": mean_on_the_cycle(edge_sharpness()),
        "square of the root": sharpness_square(),
    },
    lambda: {
        "trace": 1 + Y,
        "sharpness": (3 + Y) / 2,
        "square of the root": (p / 2 - Y) ** 2,
    },
    aligned=False,
    title="Means over the two-cycle, exact",
    where=WHERE,
    hypotheses=(
        *EDGE,
        r"$1 < Y \le \sqrt5 - 1$, where $\eta\lambda^H = k + a$ at both points (uv.eos.sign); the "
        r"mean of the trace for "
        r"every $Y > 1$",
    ),
    uses=("uv.eos.cycle", "uv.eos.sign"),
    basis="derived",
    statement=r"\langle\eta\lambda\rangle = 1 + Y, \qquad \langle\eta\lambda^H\rangle = \frac{3 + Y}{2}",
)

paper.identity(
    "uv.naive.eos",
    lambda: mean_on_the_cycle(edge_sharpness()),
    sp.Integer(2),
    aligned=False,
    title="False: at the edge of stability the mean sharpness is 2/η",
    where="tempting but false",
    hypotheses=(*EDGE, r"$1 < Y \le \sqrt5 - 1$, on the two-cycle"),
    uses=("uv.eos.mean",),
    basis="chosen",
    expected=Verdict.REFUTED,
    expected_reason="the mean is (3 + Y)/2, above 2 throughout; 2 is only its limit at Y = 1 (uv.eos.mean)",
    statement=r"\langle\eta\lambda^H\rangle = 2",
    mutants=(),
)
