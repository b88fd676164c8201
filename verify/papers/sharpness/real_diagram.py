"""The phase diagram of real networks, c against 1/w and depth: its cells, its lines, and how it opens over the grid."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from numerics.phase_diagram import PHASES, Scan, scan
from verify.checks import mean
from verify.checks.guard import guarded
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.real_draws import CRITICAL, TASK, WHERE, logarithm, network
from verify.papers.sharpness.real_trends import GAP, OPENING, Trend
from verify.papers.sharpness.real_witness import plain_c_loss
from verify.parameters import remembered

SPACINGS = (0.25, 0.1, 0.1)  # of log2 c, by effort, for the cells
LARGEST = 16.0
FINE = 0.05  # of log2 c, for the trends, which look at ten steps alone, from SMALLEST on
SMALLEST = 1.9
ERROR = 0.01  # probability that one of the intervals misses, all together

Sizes = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Grid:
    """Depths and widths by effort, draws for the trends, and draws for the cells."""

    activation: str
    depths: Sizes
    widths: Sizes
    draws: tuple[int, int, int]
    shown: tuple[int, int, int]


_WIDTHS = ((32, 64, 128), (16, 32, 64, 128), (16, 32, 64, 128, 256))
GRIDS = {
    "relu": Grid("relu", ((2, 3, 4), (2, 3, 4), (2, 3, 4, 5, 6)), _WIDTHS, (10, 16, 24), (1, 3, 5)),
    "tanh": Grid("tanh", ((2, 3), (2, 3, 4), (2, 3, 4, 5)), _WIDTHS, (20, 24, 32), (1, 3, 5)),
    "linear": Grid("linear", ((2, 3), (2, 3, 4), (2, 3, 4, 5)), _WIDTHS, (20, 24, 32), (1, 3, 5)),
}

Bounds = tuple[float, float]
UP, DOWN, FLAT = (0.0, math.inf), (-math.inf, 0.0), (-0.05, 0.05)


@remembered
def _scanned(activation: str, depth: int, width: int, seed: int, spacing: float | None) -> Scan:
    """All there is up to LARGEST; without a spacing, only where the loss rises, from SMALLEST on."""
    model = network(depth, width, seed, activation)
    start = model.initial(seed)
    if spacing is None:
        return scan(model, start, watch=("loss",), smallest=SMALLEST, spacing=FINE)
    return scan(
        model,
        start,
        watch=("loss", "sharpness", "divergence"),
        smallest=_lowest(spacing),
        largest=LARGEST,
        spacing=spacing,
    )


def _lowest(spacing: float) -> float:
    """Below c = 2, so that this is where the second and the third cell meet."""
    return float(2.0 ** (1 - 1.5 * spacing))


def _gap(activation: str, depth: int, width: int, seed: int) -> float:
    return logarithm(_scanned(activation, depth, width, seed, None).c_loss) - 1


def _lines(grid: Grid, context: Context, along: str) -> list[Trend]:
    """One trend for each depth along the widths, or for each width along the depths."""
    across: Sizes = grid.widths if along == "width" else grid.depths
    fixed: Sizes = grid.depths if along == "width" else grid.widths
    of = partial(_gap, grid.activation)
    return [
        Trend(OPENING, of, along, one, across, grid.draws, "log₂(c_loss/2)", FINE)
        for one in context.by_effort(*fixed)
    ]


def opening(grid: Grid, stated: dict[str, Bounds]) -> Check:
    """Slopes of the gap along the widths at every depth, and along the depths at every width, draw by draw: the mean of
    each lies in what is stated for its direction, with intervals that hold all together."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        lines = [(trend, stated[along]) for along in stated for trend in _lines(grid, context, along)]
        rows: list[list[Any]] = []
        verdicts, doubts = [], []
        for trend, (low, high) in lines:
            name = f"{'depth' if trend.along == 'width' else 'width'} {trend.fixed}"
            one = mean.within(
                trend.measured, low, high, quantity=name, confidence=1 - ERROR / len(lines)
            ).run(context)
            if "interval" not in one.data:
                return Evidence(Verdict.UNDECIDED, "statistical", one.detail)
            over = "log₂(1/w)" if trend.along == "width" else "d"
            interval: Any = one.data["interval"]
            rows.append([name, over, one.data["mean"], *interval])
            verdicts.append(one.verdict)
            doubts.append(one.detail)
        data: dict[str, Any] = {
            "table": {"columns": ["at", "slope over", "mean slope", "from", "to"], "rows": rows},
            "draws": context.by_effort(*grid.draws),
        }
        spread = f"slopes of {OPENING} from {min(r[3] for r in rows):.3g} to {max(r[4] for r in rows):.3g}"
        detail = (
            f"{len(rows)} lines of the grid, {data['draws']} draws in each cell: {spread}, by intervals that hold "
            f"together with {100 * (1 - ERROR):g} %"
        )
        if Verdict.REFUTED in verdicts:
            wrong = doubts[verdicts.index(Verdict.REFUTED)]
            return Evidence(Verdict.REFUTED, "statistical", f"{detail}; {wrong}", data)
        if set(verdicts) != {Verdict.SUPPORTED}:
            unsure = next(d for d, v in zip(doubts, verdicts, strict=True) if v is not Verdict.SUPPORTED)
            more = {**data, "not_confirmed": True}
            return Evidence(Verdict.UNDECIDED, "statistical", f"{detail}; {unsure}", more)
        if stated == RIGHT:
            data["figure"] = [_map(grid, context), *_diagrams(grid, context)]
        return Evidence(Verdict.SUPPORTED, "statistical", detail, data)

    return Check("statistical", run)


RIGHT: dict[str, Bounds] = {"width": UP, "depth": UP}


def _map(grid: Grid, context: Context) -> dict[str, Any]:
    """The mean gap over widths and depths."""
    widths, depths = context.by_effort(*grid.widths)[::-1], context.by_effort(*grid.depths)
    chosen = context.draws(context.by_effort(*grid.draws))
    values = [
        [float(np.mean([_gap(grid.activation, d, w, seed) for seed in chosen])) for w in widths]
        for d in depths
    ]
    return {
        "title": f"Gap between 2 and c_loss, {grid.activation}",
        "xlabel": "1/w",
        "ylabel": "depth d",
        "xscale": "log",
        "yscale": "linear",
        "cells": {
            "x": [1 / w for w in widths],
            "y": [float(d) for d in depths],
            "values": values,
            "label": "mean of log₂(c_loss/2)",
            "scale": "linear",
        },
    }


def _diagrams(grid: Grid, context: Context) -> list[dict[str, Any]]:
    widths, depths = context.by_effort(*grid.widths)[::-1], context.by_effort(*grid.depths)
    spacing = context.by_effort(*SPACINGS)
    chosen = context.draws(context.by_effort(*grid.shown))
    found: dict[tuple[int, int], list[Scan]] = {}
    for depth in depths:
        for width in widths:
            context.progress(f"phases, {grid.activation}: depth {depth}, width {width}")
            found[depth, width] = [_scanned(grid.activation, depth, width, s, spacing) for s in chosen]
    panels = [
        _panel(
            f"{grid.activation}, depth {depth}",
            "1/w",
            [1 / w for w in widths],
            [found[depth, w] for w in widths],
            spacing,
        )
        for depth in depths
    ]
    middle = sorted(widths)[len(widths) // 2]
    columns = [found[depth, middle] for depth in depths]
    x = [float(depth) for depth in depths]
    return [*panels, _panel(f"{grid.activation}, width {middle}", "depth d", x, columns, spacing)]


_LINES = {"c_loss": ("solid", -0.5), "c_sharp": ("dashed", -0.5), "c_max": ("solid", 0.5)}
"""By how much of a step of log2 c the middle of where the threshold may be lies above what a scan gives."""


def _panel(
    where: str, xlabel: str, x: list[float], cells: Sequence[Sequence[Scan]], spacing: float
) -> dict[str, Any]:
    # The very numbers of the scans, so that each c is on its side of a critical value.
    low = _lowest(spacing)
    c = [low * 2.0 ** (i * spacing) for i in range(math.ceil(math.log2(LARGEST / low) / spacing) + 1)]
    values = [
        [PHASES.index(Counter(one.phase(value) for one in draws).most_common(1)[0][0]) for draws in cells]
        for value in c
    ]
    series = []
    for name, (style, shift) in _LINES.items():
        means = [np.mean([logarithm(getattr(one, name)) for one in draws]) for draws in cells]
        there = [
            (at, 2 ** float(m + shift * spacing)) for at, m in zip(x, means, strict=True) if np.isfinite(m)
        ]
        if there:
            series.append(
                {
                    "label": name if len(cells[0]) == 1 else f"mean {name}",
                    "x": [at for at, _ in there],
                    "y": [value for _, value in there],
                    "style": "dashed" if style == "dashed" else "line",
                    "role": "simulated",
                }
            )
    return {
        "title": f"Phases: {where}, {_many(cells)}",
        "xlabel": xlabel,
        "ylabel": "c = η λ^H₀",
        "xscale": "log" if xlabel == "1/w" else "linear",
        "yscale": "log",
        "cells": {
            "x": x,
            "y": c,
            "values": values,
            "label": "phase" if len(cells[0]) == 1 else "phase of most draws",
            "categories": list(PHASES),
        },
        "series": series,
    }


def _many(cells: Sequence[Sequence[Scan]]) -> str:
    """How many draws a picture is of."""
    return "one draw" if len(cells[0]) == 1 else f"{len(cells[0])} draws"


def _witness(activation: str, along: str, stated: Bounds) -> str | None:
    """The ends of one line on three draws by plain loops."""
    ends = ((2, 128), (2, 32)) if along == "width" else ((2, 64), (3, 64))
    length = 2.0 if along == "width" else 1.0
    slopes = [
        (math.log2(plain_c_loss(*ends[1], s, activation)) - math.log2(plain_c_loss(*ends[0], s, activation)))
        / length
        for s in range(3)
    ]
    if all(slope < stated[0] or slope > stated[1] for slope in slopes):
        shown = ", ".join(f"{slope:.3f}" for slope in slopes)
        return f"plain loops on three draws, (d, w) = {ends[0]} against {ends[1]}: slopes {shown}"
    return None


def _mutants(grid: Grid) -> Callable[[], Sequence[Mutant]]:
    def made() -> Sequence[Mutant]:
        wrong = (
            (
                "closes-in-width",
                "the gap closes as 1/w grows",
                "width",
                DOWN,
                rf"{GAP} \text{{ decreases in }} 1/w",
            ),
            (
                "closes-in-depth",
                "the gap closes with depth",
                "depth",
                DOWN,
                rf"{GAP} \text{{ decreases in }} d",
            ),
            (
                "flat-in-width",
                "the width does not matter",
                "width",
                FLAT,
                rf"{GAP} \text{{ is constant in }} w",
            ),
            (
                "flat-in-depth",
                "the depth does not matter",
                "depth",
                FLAT,
                rf"{GAP} \text{{ is constant in }} d",
            ),
        )
        return [
            Mutant(
                name,
                words,
                statement,
                opening(grid, {along: stated}).run,
                partial(_witness, grid.activation, along, stated),
            )
            for name, words, along, stated, statement in wrong
        ]

    return made


def _shown(draws: tuple[int, int, int]) -> str:
    return ", ".join(
        f"{one} at effort {name}" for name, one in zip(("quick", "standard", "deep"), draws, strict=True)
    )


def _sizes(sizes: Sizes) -> str:
    return "; ".join(
        f"{', '.join(str(one) for one in row)} at effort {name}"
        for name, row in zip(("quick", "standard", "deep"), sizes, strict=True)
    )


_TITLES = {
    "relu": "The phase diagram opens at every depth as 1/w grows, and at every width with depth",
    "tanh": "The same phase diagram with tanh",
    "linear": "The same phase diagram with linear networks",
}

for _grid in GRIDS.values():
    paper.checked(
        "real.diagram" if _grid.activation == "relu" else f"real.diagram.{_grid.activation}",
        opening(_grid, RIGHT),
        title=_TITLES[_grid.activation],
        where=WHERE,
        statement=(
            rf"{GAP} \text{{ increases in }} 1/w \text{{ at every depth, and in }} d \text{{ at every width}}"
        ),
        hypotheses=(
            TASK[0]
            if _grid.activation == "relu"
            else TASK[0]
            .replace("relu", _grid.activation)
            .replace(
                r"variance $2/\text{fan-in}$, $1/\text{fan-in}$ "
                "in the last layer",
                r"variance $1/\text{fan-in}$",
            ),
            *TASK[1:],
            *CRITICAL,
            r"for the slopes $c_{\mathrm{loss}}$ is searched in steps of $2^{0.05}$",
            rf"depths {_sizes(_grid.depths)}; widths {_sizes(_grid.widths)}; slopes over $\log_2(1/w)$ and over $d$, "
            "draw by draw, widened by the grid of $c$",
            rf"draws in a picture of the phases, up to $c = {LARGEST:g}$: {_shown(_grid.shown)}; a line has no point "
            "where a draw has no such value up to there",
        ),
        basis="text",
        mutants=_mutants(_grid),
        expected="SUPPORTED",
    )
