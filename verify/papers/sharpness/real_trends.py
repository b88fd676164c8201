"""How the sharpness-reduction phase opens as depth and 1/width grow: trends over draws of real networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from verify.checks import mean
from verify.checks.mean import Draws
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.real_draws import (
    CRITICAL,
    TASK,
    WHERE,
    early_ratio,
    logarithm,
    scanned,
    slope_weights,
)
from verify.papers.sharpness.real_witness import plain_c_loss, plain_ratio

GRID = 0.1  # of log2 c: the true threshold lies up to so much below what a scan gives


@dataclass(frozen=True)
class Trend:
    """A quantity of one draw (depth, width, seed) along sizes, by effort: along the width it is the slope over
    log2(1/w), along the depth that over d. Its true value lies up to ``grid`` below the one that is found."""

    name: str
    of: Callable[[int, int, int], float]
    along: str
    fixed: int
    sizes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    draws: tuple[int, int, int]
    ylabel: str
    grid: float

    def cell(self, size: int) -> tuple[int, int]:
        """Depth and width."""
        return (self.fixed, size) if self.along == "width" else (size, self.fixed)

    def measured(self, context: Context) -> Draws:
        sizes = context.by_effort(*self.sizes)
        chosen = context.draws(context.by_effort(*self.draws))
        rows = []
        for size in sizes:
            context.progress(f"{self.name}, {self.along} {size}")
            rows.append([self.of(*self.cell(size), seed) for seed in chosen])
        values = np.array(rows)
        weights = slope_weights([-math.log2(s) if self.along == "width" else float(s) for s in sizes])
        return Draws(
            [float(v) for v in weights @ values],
            below=self.grid * float(weights[weights > 0].sum()),
            above=self.grid * float(-weights[weights < 0].sum()),
            table=_table(self, sizes, values),
            figure=[_panel(self, sizes, values)],
        )


def _table(trend: Trend, sizes: Sequence[int], values: Any) -> dict[str, Any]:
    rows = []
    for size, row in zip(sizes, values, strict=True):
        depth, width = trend.cell(size)
        ok = bool(np.all(np.isfinite(row)))
        low: float | None = None
        high: float | None = None
        # Draws that are all equal say nothing of their scatter.
        if ok and np.ptp(row) > 0:
            low, high = mean.student_interval([float(v) for v in row], 0.95)
        rows.append([depth, width, float(np.mean(row)) if ok else None, low, high])
    return {"columns": ["depth", "width", trend.name, "95 % from", "to"], "rows": rows}


def _panel(trend: Trend, sizes: Sequence[int], values: Any) -> dict[str, Any]:
    x = [1 / s if trend.along == "width" else float(s) for s in sizes]
    finite = [[float(v) for v in column] for column in values.T if np.all(np.isfinite(column))]
    series = [
        {
            "label": "single draws",
            "x": x * len(finite),
            "y": [v for column in finite for v in column],
            "style": "points",
            "role": "other",
        }
    ]
    if finite:
        averages = [float(v) for v in np.mean(finite, axis=0)]
        series.append({"label": "mean", "x": x, "y": averages, "style": "line", "role": "simulated"})
    fixed = f"depth {trend.fixed}" if trend.along == "width" else f"width {trend.fixed}"
    return {
        "title": f"{trend.name}, {fixed}",
        "xlabel": "1/w" if trend.along == "width" else "depth d",
        "ylabel": trend.ylabel,
        "xscale": "log" if trend.along == "width" else "linear",
        "yscale": "linear",
        "series": series,
    }


def check(trend: Trend, low: float, high: float) -> Check:
    what = "log2(1/w)" if trend.along == "width" else "d"
    return mean.within(trend.measured, low, high, quantity=f"slope of {trend.name} over {what}")


def _gap(depth: int, width: int, seed: int) -> float:
    return logarithm(scanned(depth, width, seed, ("loss",)).c_loss) - 1


RATIO = "λ₁₀/λ₀ at c = 1"
OPENING = "log₂(c_loss/2)"

TRENDS = {
    "real.reduction.width": Trend(
        RATIO, early_ratio, "width", 2, ((8, 16, 32, 64), (8, 16, 32, 64, 128), (8, 16, 32, 64, 128, 256)),
        (8, 16, 32), "λ^H after ten steps over λ^H₀", 0.0,
    ),
    "real.reduction.depth": Trend(
        RATIO, early_ratio, "depth", 32, ((2, 3, 4), (2, 3, 4, 5), (2, 3, 4, 5, 6)),
        (10, 20, 40), "λ^H after ten steps over λ^H₀", 0.0,
    ),
    "real.gap.width": Trend(
        OPENING, _gap, "width", 2, ((16, 32, 64, 128), (16, 32, 64, 128), (16, 32, 64, 128, 256)),
        (6, 12, 24), "log₂(c_loss/2)", GRID,
    ),
    "real.gap.depth": Trend(
        OPENING, _gap, "depth", 64, ((2, 3, 4), (2, 3, 4), (2, 3, 4, 5)),
        (6, 12, 24), "log₂(c_loss/2)", GRID,
    ),
}  # fmt: skip


def _witness(id: str, low: float, high: float) -> str | None:
    """Both ends of the trend on three draws by plain loops: none has a slope in the stated interval."""
    trend = TRENDS[id]
    sizes = trend.sizes[0]
    ends = (sizes[0], sizes[-1])
    ratio = trend.name == RATIO
    slopes = []
    for seed in range(3):
        found = [
            plain_ratio(*trend.cell(size), seed, 1.0)
            if ratio
            else math.log2(plain_c_loss(*trend.cell(size), seed) / 2)
            for size in ends
        ]
        length = math.log2(ends[0] / ends[1]) if trend.along == "width" else float(ends[1] - ends[0])
        slopes.append((found[1] - found[0]) / length)
    if all(slope < low or slope > high for slope in slopes):
        shown = ", ".join(f"{slope:.3f}" for slope in slopes)
        return f"plain loops on three draws, {trend.along} {ends[0]} against {ends[1]}: slopes {shown}"
    return None


def _mutants(id: str, wrong: Sequence[tuple[str, str, str, float, float]]) -> Callable[[], Sequence[Mutant]]:
    def made() -> Sequence[Mutant]:
        return [
            Mutant(name, words, statement, check(TRENDS[id], low, high).run, partial(_witness, id, low, high))
            for name, words, statement, low, high in wrong
        ]

    return made


S10 = r"\bigl\langle \lambda^H_{10}/\lambda^H_0 \bigr\rangle_{c=1}"
GAP = r"\bigl\langle \log_2 (c_{\mathrm{loss}}/2) \bigr\rangle"

paper.checked(
    "real.reduction.width",
    check(TRENDS["real.reduction.width"], -math.inf, 0.0),
    title="Early sharpness reduction opens as 1/width grows",
    where=WHERE,
    statement=rf"{S10} \text{{ decreases in }} 1/w",
    hypotheses=(*TASK, r"$d = 2$, $w$ from 8 to 64; the slope over $\log_2(1/w)$, draw by draw"),
    basis="text",
    mutants=_mutants(
        "real.reduction.width",
        (
            (
                "other-way",
                "the sharpness grows with 1/w",
                rf"{S10} \text{{ increases in }} 1/w",
                0.0,
                math.inf,
            ),
            ("flat", "no dependence on the width", rf"{S10} \text{{ is constant in }} w", -0.02, 0.02),
        ),
    ),
    expected="SUPPORTED",
)

paper.checked(
    "real.reduction.depth",
    check(TRENDS["real.reduction.depth"], -math.inf, 0.0),
    title="Early sharpness reduction opens as depth grows",
    where=WHERE,
    statement=rf"{S10} \text{{ decreases in }} d",
    hypotheses=(*TASK, r"$w = 32$, $d = 2, 3, 4$; the slope over $d$, draw by draw"),
    basis="text",
    mutants=_mutants(
        "real.reduction.depth",
        (
            (
                "other-way",
                "the sharpness grows with depth",
                rf"{S10} \text{{ increases in }} d",
                0.0,
                math.inf,
            ),
            ("flat", "no dependence on the depth", rf"{S10} \text{{ is constant in }} d", -0.02, 0.02),
        ),
    ),
    expected="SUPPORTED",
)

paper.checked(
    "real.gap.width",
    check(TRENDS["real.gap.width"], 0.0, math.inf),
    title="The gap between 2 and c_loss opens as 1/width grows",
    where=WHERE,
    statement=rf"{GAP} \text{{ increases in }} 1/w",
    hypotheses=(*TASK, *CRITICAL, r"$d = 2$, $w$ from 16 to 128; the slope over $\log_2(1/w)$, draw by draw"),
    basis="text",
    mutants=_mutants(
        "real.gap.width",
        (
            ("other-way", "the gap closes", rf"{GAP} \text{{ decreases in }} 1/w", -math.inf, 0.0),
            (
                "flat",
                "the gap does not depend on the width",
                rf"{GAP} \text{{ is constant in }} w",
                -0.05,
                0.05,
            ),
        ),
    ),
    expected="SUPPORTED",
)

paper.checked(
    "real.gap.depth",
    check(TRENDS["real.gap.depth"], 0.0, math.inf),
    title="The gap between 2 and c_loss opens as depth grows",
    where=WHERE,
    statement=rf"{GAP} \text{{ increases in }} d",
    hypotheses=(*TASK, *CRITICAL, r"$w = 64$, $d = 2, 3, 4$; the slope over $d$, draw by draw"),
    basis="text",
    mutants=_mutants(
        "real.gap.depth",
        (
            ("other-way", "the gap closes", rf"{GAP} \text{{ decreases in }} d", -math.inf, 0.0),
            (
                "flat",
                "the gap does not depend on the depth",
                rf"{GAP} \text{{ is constant in }} d",
                -0.05,
                0.05,
            ),
        ),
    ),
    expected="SUPPORTED",
)
