"""What one might expect of the uv model and what is false: sentences whose expected verdict is REFUTED."""

from __future__ import annotations

import sympy as sp

from theory.uv import g, k
from verify.evidence import Verdict
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import DOMAIN, TARGET_0, next_g, next_k
from verify.papers.sharpness.uv_reduction import SCALED
from verify.papers.sharpness.uv_sharpness_rise import ROOT, SQUARE, S, rises

WHERE = "tempting but false"

paper.inequality(
    "uv.naive.trace",
    lambda: sp.Implies(sp.Gt(next_g() ** 2, g**2), sp.Gt(next_k(), k)),
    assuming=(*DOMAIN, sp.Lt(k, 4), sp.Ne(g, 0)),
    title="False: where the loss is catapulted, the trace rises too",
    where=WHERE,
    hypotheses=(*TARGET_0, r"$k < 4$, $g \ne 0$, $|g| \le k/2$"),
    uses=("uv.trace.rise",),
    basis="chosen",
    expected=Verdict.REFUTED,
    expected_reason="the trace rises only for k > 4, where training diverges (uv.trace.rise): with the trace in place "
    "of the sharpness there is no catapult of it at y = 0",
    statement=r"L' > L \;\Longrightarrow\; \lambda' > \lambda \qquad (k < 4)",
)

paper.inequality(
    "uv.naive.c_sharp",
    lambda: sp.Not(rises()),
    assuming=(sp.Gt(k, 0), sp.Lt(k, 4), sp.Gt(S, k), sp.Le(2 * S, 3 * k)),
    title="False: the sharpness does not rise below k = 4",
    where=WHERE,
    hypotheses=(*TARGET_0, ROOT, r"$0 < k < 4$, $g \ne 0$"),
    uses=("uv.sharpness.polynomial",),
    basis="chosen",
    expected=Verdict.REFUTED,
    expected_reason="4 is where the trace begins to rise; the sharpness does so from 5/2 on (uv.sharpness.rise), as it "
    "is above the trace by 3g² to leading order, and g² grows",
    statement=(
        r"S' \le S \quad\text{for all } k < 4, \qquad\text{that is } c_{\mathrm{sharp}} \to 4 \text{ at large width}"
    ),
)

paper.inequality(
    "uv.naive.reduction",
    lambda: sp.Implies(sp.Gt((k - SQUARE), 2), rises()),
    assuming=(sp.Gt(k, 0), sp.Lt(k, 4), sp.Gt(S, k), sp.Le(2 * S, 3 * k)),
    title="False: the sharpness rises as soon as the loss does",
    where=WHERE,
    hypotheses=(*TARGET_0, ROOT, r"$0 < k < 4$, $g \ne 0$"),
    uses=("uv.sharpness.polynomial", "uv.loss.rise"),
    basis="chosen",
    expected=Verdict.REFUTED,
    expected_reason="for 2 < k < 5/2 the loss is catapulted while the sharpness falls (uv.loss.rise and "
    "uv.sharpness.rise)",
    statement=r"L' > L \;\Longrightarrow\; \lambda^{H\prime} > \lambda^H \qquad (k < 4)",
)

u1, u2, v1, v2 = sp.symbols("u1 u2 v1 v2", real=True)

paper.identity(
    "uv.naive.invariant",
    (u1**2 + u2**2 - v1**2 - v2**2) ** 2,
    ((u1 + v1) ** 2 + (u2 + v2) ** 2) * ((u1 - v1) ** 2 + (u2 - v2) ** 2),
    aligned=False,
    title="False: the two invariants of the flow are one",
    where=WHERE,
    hypotheses=(*SCALED, "$w = 2$"),
    uses=("uv.directions", "uv.invariant"),
    basis="chosen",
    expected=Verdict.REFUTED,
    expected_reason="by Cauchy and Schwarz the left side is at most the right one, and equal only where u + v and "
    "u − v are parallel, as they always are at w = 1; both are conserved by the flow, but they are two quantities",
    statement=r"(|u|^2 - |v|^2)^2 = |u+v|^2\,|u-v|^2",
    mutants=(),
)
