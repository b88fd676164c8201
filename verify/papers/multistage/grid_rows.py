"""Rows of a grid: measured over stated at several widths, and what they decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.evidence import Evidence, Verdict
from verify.papers.multistage.grid_runs import Setting


@dataclass(frozen=True)
class Point:
    """Mean over draws of measured/predicted at one width, with its error and what is allowed."""

    m: int
    ratios: tuple[float, ...]
    error: float
    allowed: float
    value: float

    @property
    def mean(self) -> float:
        return float(np.mean(self.ratios))

    @property
    def within(self) -> bool | None:
        off = abs(self.mean - 1)
        if off + self.error <= self.allowed:
            return True
        return False if off - self.error > self.allowed else None


@dataclass(frozen=True)
class Row:
    """One setting: its points, and the exponents over their widths."""

    setting: Setting
    points: tuple[Point, ...]
    exponent: float
    excess: tuple[float, float]
    missing: bool = False

    def verdict(self, coarse: float) -> Verdict:
        if any(point.within is False for point in self.points):
            return Verdict.REFUTED
        if self.missing or len(self.points) < 3 or any(point.within is None for point in self.points):
            return Verdict.UNDECIDED
        return Verdict.UNDECIDED if self.points[-1].allowed > coarse else Verdict.SUPPORTED


def judged(found: Sequence[Row], quantity: str, coarse: float) -> Evidence:
    """Evidence of a law: a table with a line for each row, a figure, and the verdict that all rows have together."""
    verdicts = [one.verdict(coarse) for one in found]
    data: dict[str, Any] = {
        "table": {
            "columns": ["α", "d", "activation", "data", "widths", "exponent stated", "exponent fitted",
                        "measured/stated, widest", "error", "allowed", "verdict"],
            "rows": [_listed(one, verdict) for one, verdict in zip(found, verdicts, strict=True)],
        },
        "figure": [_figure(found, quantity)] if any(one.points for one in found) else [],
    }  # fmt: skip
    counts = {v: verdicts.count(v) for v in (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.UNDECIDED)}
    words = (
        f"{quantity} against its stated leading term: {counts[Verdict.SUPPORTED]} of {len(found)} rows agree"
    )
    if counts[Verdict.REFUTED]:
        worst = next(one for one, v in zip(found, verdicts, strict=True) if v is Verdict.REFUTED)
        return Evidence(Verdict.REFUTED, "scaling", f"{words}; {_outside(worst)}", data)
    if not found or counts[Verdict.UNDECIDED]:
        open_row = next((o for o, v in zip(found, verdicts, strict=True) if v is Verdict.UNDECIDED), None)
        why = _why_open(open_row, coarse) if open_row else "nothing was measured"
        complete = bool(found) and not any(one.missing for one in found)
        return Evidence(Verdict.UNDECIDED, "scaling", f"{words}; {why}", data | {"not_confirmed": complete})
    closest = max(
        (p for one in found for p in one.points), key=lambda p: (abs(p.mean - 1) + p.error) / p.allowed
    )
    detail = (
        f"{words}, each within its next order; the closest to its tolerance is measured/stated = {closest.mean:.4f} ± "
        f"{closest.error:.1g} at m = {closest.m}, allowed 1 ± {closest.allowed:.2g}"
    )
    return Evidence(Verdict.SUPPORTED, "scaling", detail, data)


def _named(one: Row) -> str:
    s = one.setting
    return f"α = {s.alpha:g}, d = {s.dim}, {s.activation}, {s.data}"


def _outside(one: Row) -> str:
    point = next(p for p in reversed(one.points) if p.within is False)
    return (
        f"outside is {_named(one)}: measured/stated = {point.mean:.4g} ± {point.error:.1g} at m = {point.m}, "
        f"allowed 1 ± {point.allowed:.2g}"
    )


def _why_open(one: Row, coarse: float) -> str:
    if one.missing or len(one.points) < 3:
        return f"too few runs ended well for {_named(one)}"
    doubtful = next((p for p in one.points if p.within is None), None)
    if doubtful is not None:
        return (
            f"in doubt is {_named(one)}: measured/stated = {doubtful.mean:.4g} ± {doubtful.error:.1g} at "
            f"m = {doubtful.m}, allowed 1 ± {doubtful.allowed:.2g}"
        )
    last = one.points[-1]
    return (
        f"the range is too short for {_named(one)}: at m = {last.m} the next order is still "
        f"{last.allowed:.2g}, more than {coarse:g}"
    )


def _listed(one: Row, verdict: Verdict) -> list[Any]:
    s = one.setting
    low, high = (one.exponent + end for end in one.excess)
    fitted = f"{low:.4f} … {high:.4f}" if math.isfinite(low) else "none"
    last = one.points[-1] if one.points else None
    numbers = (
        [round(last.mean, 5), float(f"{last.error:.2g}"), float(f"{last.allowed:.2g}")]
        if last
        else [None] * 3
    )
    span = " ".join(f"10^{round(math.log10(p.m))}" for p in one.points)
    return [
        s.alpha, s.dim, s.activation, s.data, span, round(one.exponent, 4), fitted, *numbers, verdict.value
    ]  # fmt: skip


def _figure(found: Sequence[Row], quantity: str) -> dict[str, Any]:
    """measured/stated against the width, one series for each α."""
    series = []
    for value in sorted({one.setting.alpha for one in found}):
        points = sorted((p.m, p.mean) for one in found if one.setting.alpha == value for p in one.points)
        series.append(
            {"label": f"α = {value:g}", "x": [m for m, _ in points], "y": [r for _, r in points],
             "style": "points", "role": "simulated"}
        )  # fmt: skip
    ends = [min(p.m for one in found for p in one.points), max(p.m for one in found for p in one.points)]
    series.append({"label": "stated", "x": ends, "y": [1.0, 1.0], "style": "line", "role": "predicted"})
    return {
        "title": f"{quantity}: measured over stated",
        "xlabel": "width m",
        "ylabel": "measured / stated",
        "xscale": "log",
        "yscale": "linear",
        "series": series,
        "marks": [],
    }
