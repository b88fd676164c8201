"""(47) on full networks: from which width on it holds on all of [T_1, T_2], beside the width that the proof needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.simulate import simulate
from verify.checks.guard import guarded
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.explicit_widths import stated, told_width
from verify.papers.multistage.paper import paper
from verify.parameters import remembered
from verify.stating import expression_latex

ALPHA = Fraction(1)
DATA = {"line": 1, "plane": 2}
LADDER = (500, 1000, 2000, 4000, 8000)
LATER = (16000, 32000, 100000)
FINE, COARSE = (1e-6, 24), (1e-4, 12)
"""Tolerance of the integration and number of times; the change between the two estimates the error of both."""
FAR = 1e6
"""Q/P where P is not positive, or nearly 0."""


def _parts(state: FloatArray, drift: FloatArray) -> tuple[float, float, float]:
    """V_2, H/Q and Q/P of a state, its remainders taken from its drift; FAR in place of Q/P where P ≤ 0."""
    a, w = state[:, 0], state[:, 1:]
    P, Q = float(a @ w[:, 0]), float(a @ a + w[:, 0] @ w[:, 0]) / 2
    f = drift[:, 0] - w[:, 0] * (1 - P) + w[:, 1:] @ (a @ w[:, 1:])
    g = drift[:, 1] - a * (1 - P)
    largest = max(float(np.abs(f).max()), float(np.abs(g).max()))
    # (47) has P > 0 as well: where P ≤ 0, the quotient Q/P would be below any bound.
    return float((w[:, 1:] ** 2).sum()), 2 * math.sqrt(len(a) / Q) * largest, Q / max(P, Q / FAR)


@remembered
def largest_parts(
    width: int, seed: int, data: str, rtol: float, count: int
) -> tuple[float, float, float] | None:
    """The largest of each at ``count`` times of [T_1, T_2]; None when the run does not reach T_2."""
    points = runs.dataset(data)
    network = Network(activation("tanh"), points)
    start = runs.initial(width, seed, points.dim, float(ALPHA))
    zeta = float(chosen.zeta)
    run = simulate(network, start, runs.descent_mean(width, float(ALPHA)) + 1, rtol=rtol)
    last = descent_time(run, zeta)
    if run.status != "ok" or last is None:
        return None
    times = np.linspace(chosen.gamma(float(ALPHA)) * math.log(width), last, count)
    states = [run.state(float(t)) for t in times]
    found = np.array([_parts(state, network.drift(state)) for state in states]).max(axis=0)
    return float(found[0]), float(found[1]), float(found[2])


@dataclass(frozen=True)
class Condition:
    """V_2 ≤ across · ζ, H ≤ rest · ζ Q and Q ≤ ratio · P on [T_1, T_2], from this width on."""

    start: int
    across: Fraction
    rest: Fraction
    ratio: Fraction = Fraction(2)

    def measured(self, width: int, seed: int, data: str) -> tuple[float, float] | None:
        """The largest of the three over what it may be, and an estimate of its error."""
        fine, coarse = (largest_parts(width, seed, data, *how) for how in (FINE, COARSE))
        if fine is None or coarse is None:
            return None
        return self.over(fine), abs(self.over(fine) - self.over(coarse))

    def over(self, parts: Sequence[float]) -> float:
        """The largest of the three over what it may be."""
        zeta = float(chosen.zeta)
        bounds = (float(self.across) * zeta, float(self.rest) * zeta, float(self.ratio))
        return max(part / bound for part, bound in zip(parts, bounds, strict=True))

    @property
    def latex(self) -> str:
        v, h, r = (expression_latex(sp.Rational(c)) for c in (self.across, self.rest, self.ratio))
        return (
            rf"V_2 \le {v}\,\zeta, \quad H \le {h}\,\zeta Q, \quad 0 < Q \le {r}\,P \quad \text{{on }} [T_1, T_2], "
            rf"\text{{ in all draws for every simulated }} m \ge {self.start},\; "
            rf"\zeta = {expression_latex(sp.Rational(chosen.zeta.value))}"
        )

    def check(self) -> Check:
        @guarded("simulation")
        def run(context: Context) -> Evidence:
            return self._evidence(context)

        return Check("simulation", run)

    def _evidence(self, context: Context) -> Evidence:
        widths = LADDER + context.by_effort((), LATER, LATER)
        seeds = context.draws(context.by_effort(4, 8, 20))
        later = context.draws(context.by_effort(0, 3, 8))
        rows: list[list[Any]] = []
        curves: list[dict[str, Any]] = []
        verdicts: list[bool | None] = []
        for data, dim in DATA.items():
            sizes = []
            for width in widths:
                context.progress(f"{data}, {width} neurons")
                found = [self.measured(width, seed, data) for seed in (later if width in LATER else seeds)]
                if width >= self.start:
                    verdicts += [_holds(one) for one in found]
                known = [one for one in found if one is not None]
                met = sum(_holds(one) is True for one in found)
                sizes.append(max(known)[0] if known else None)
                largest = max(known) if known else (None, None)
                rows.append([data, width, f"{met} of {len(found)}", *largest])
            curves.append(
                {
                    "label": f"{data}, d = {dim}",
                    "x": list(widths),
                    "y": sizes,
                    "style": "points",
                    "role": "simulated",
                }
            )
        shown: dict[str, Any] = {
            "table": {
                "columns": [
                    "data",
                    "m",
                    "draws that satisfy (47)",
                    "largest part of what it may be",
                    "its error",
                ],
                "rows": rows,
            },
            "figure": [_panel(curves)],
        }
        told = _beside()
        if any(one is False for one in verdicts):
            return Evidence(Verdict.REFUTED, "simulation", f"A draw does not satisfy it. {told}", shown)
        if not verdicts:
            return Evidence(
                Verdict.UNDECIDED, "simulation", f"No width from {self.start} on is simulated at this effort. {told}",
                shown,
            )  # fmt: skip
        if any(one is None for one in verdicts):
            return Evidence(
                Verdict.UNDECIDED, "simulation", "A draw is too close to call, or was not finished.",
                {**shown, "not_confirmed": True},
            )  # fmt: skip
        return Evidence(
            Verdict.SUPPORTED,
            "simulation",
            f"All {len(verdicts)} runs from m = {self.start} on satisfy it; smaller widths are in the table. {told}",
            shown,
        )


CUBIC = 3.5
"""H/Q near T_2 is at most 2√m |c₃| M₄ max w³ = 2^{5/2}|c₃|M₄ (log m)^{3/2}/m, with c₃ = −1/3 and M₄ = 9/5."""


def condition() -> Condition:
    """(47) with the constants of this run, from the width on where the leading orders of its parts satisfy it: the
    cubic remainders at the largest neuron, twice V_2(0), and Q/P at T_1."""
    across, rest, zeta = chosen.across_share.value, chosen.rest_share.value, chosen.zeta.value

    def met(width: int) -> bool:
        first = width ** (-4 * chosen.gamma(float(ALPHA)))
        largest = CUBIC * math.log(width) ** 1.5 / width
        return largest <= rest * zeta and 2 / width <= across * zeta and first <= 1 / 4

    start = next((width for width in (*LADDER, *LATER) if met(width)), LATER[-1] + 1)
    return Condition(start, across, rest)


def _holds(over: tuple[float, float] | None) -> bool | None:
    if over is None or not all(map(math.isfinite, over)):
        return None
    size, error = over
    if size + error <= 1:
        return True
    return False if size - error > 1 else None


def _beside() -> str:
    """The explicit widths of (47), for the same scale of the start."""
    found = []
    for dim in DATA.values():
        width = stated(ALPHA, dim, "(47)")
        if width is not None:
            found.append(f"{told_width(width)} for d = {dim}")
    return (
        f"The proof needs at least {' and '.join(found)}." if found else "The proof has no width for it here."
    )


def _panel(curves: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": "The three parts of (47) against what they may be",
        "xlabel": "m",
        "ylabel": "largest ratio on [T₁, T₂]",
        "xscale": "log",
        "yscale": "log",
        "series": [
            *curves,
            {
                "label": "(47) holds below",
                "x": [LADDER[0], LATER[-1]],
                "y": [1.0, 1.0],
                "style": "dashed",
                "role": "predicted",
            },
        ],
        "marks": [],
    }


def _closed_parts(width: int, data: str, level: float) -> tuple[float, float, float]:
    """The same at P = level along the exact solution of (16), by the drift that the theory derived."""
    points = runs.dataset(data)
    start = runs.initial(width, 0, points.dim, float(ALPHA))
    plus, minus = start[:, 0] + start[:, 1], start[:, 0] - start[:, 1]
    A, B = float(plus @ plus) / 4, float(minus @ minus) / 4
    v = (level + math.sqrt(level**2 + 4 * A * B)) / (2 * A)
    state = start.copy()
    state[:, 0] = (plus * math.sqrt(v) + minus / math.sqrt(v)) / 2
    state[:, 1] = (plus * math.sqrt(v) - minus / math.sqrt(v)) / 2
    return _parts(state, runs.generated_rates(points)(state))


def _witness(changed: Condition) -> str | None:
    """A width and a place on the way where it is certainly broken, up to the O(1/m) of the leading order."""
    for width in (w for w in LADDER if changed.start <= w <= 8000):
        first = 0.5 * width ** (2 * chosen.gamma(float(ALPHA)) + 1 - 2 * float(ALPHA))
        for data in DATA:
            for level in (first, *(k / 10 * (1 - float(chosen.zeta)) for k in range(1, 10))):
                parts = _closed_parts(width, data, level)
                if changed.over(parts) > 1.08:
                    return f"m = {width}, {data}, at P = {level:.3g}: {changed.over(parts):.3g} times what it may be"
    return None


def _mutants() -> Sequence[Mutant]:
    stated = condition()
    listed = (
        ("from-500", "from m = 500 on", replace(stated, start=500)),
        ("rest-tenth", "a tenth of H allowed", replace(stated, rest=stated.rest / 10)),
        ("across-thousandth", "a thousandth of V₂ allowed", replace(stated, across=stated.across / 1000)),
        ("ratio-below-one", "Q ≤ 9/10 P", replace(stated, ratio=Fraction(9, 10))),
    )
    return [
        Mutant(name, words, changed.latex, changed.check().run, partial(_witness, changed))
        for name, words, changed in listed
    ]


paper.checked(
    "eq47.network",
    Check("simulation", lambda context: condition().check().run(context)),
    title="(47) on full networks holds from a few thousand neurons on",
    where="Section 5.1, proof of Proposition 4, equation (47)",
    statement=lambda: condition().latex,
    hypotheses=(
        r"tanh, $\alpha = 1$, $d = 1$ (target $\sin x$) and $d = 2$ (target $\sin x_1 + 0.3\sin 2x_2$); $H = "
        r"2\sqrt{mQ}\,\max_k\max(|f_k|, |g_k^{(1)}|)$ from the network's own drift, at 24 times of "
        r"$[T_1, T_2]$; the error of a size is its change at half as many times and a hundred times the "
        r"tolerance of the integration",
        r"$m$ up to 8000 (at standard effort and above $10^5$, in three draws from 16000 on, at deep eight); "
        r"$H/Q$ is about $1/m$ times the cube of the largest neuron's share, so that the width from which on "
        r"it holds scatters between draws",
        r"from the width on where $3.5(\log m)^{3/2}/m \le c_H\zeta$, $2/m \le c_V\zeta$ and $m^{-4\gamma} \le "
        r"\frac14$: orders of $H/Q$ at the largest neuron, of $V_2$ with its scatter, and of $Q/P - 1$ at $T_1$",
    ),
    uses=("eq47", "eq48"),
    basis="chosen",
    mutants=_mutants,
)
