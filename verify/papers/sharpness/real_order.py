"""The order of the critical values of real networks: on average where they are wide, not for every draw, nor by d/w."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from numerics.phase_diagram import PHASES, Scan
from verify.checks import mean, statistical
from verify.checks.mean import Draws
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.real_draws import CRITICAL, TASK, WHERE, logarithm, scanned
from verify.papers.sharpness.real_witness import plain_c_loss, plain_ratio

GRID = 0.1
LARGEST = 8.0

DIAGRAMS: tuple[tuple[str, str, tuple[tuple[int, int], ...]], ...] = (
    ("Depth 2", "1/w", ((2, 128), (2, 64), (2, 32), (2, 16))),
    ("Depth 3", "1/w", ((3, 64), (3, 32), (3, 16))),
    ("Width 64", "depth d", ((2, 64), (3, 64), (4, 64))),
)
"""Title, what runs along x, and its cells (depth, width)."""

FATE = ("loss", "sharpness", "divergence")
ORDERED = ((2, 64), (2, 128))

Names = tuple[str, str, str]
RIGHT: Names = ("c_loss", "c_sharp", "c_max")


def _whole(depth: int, width: int, seed: int, spacing: float = GRID) -> Scan:
    return scanned(depth, width, seed, FATE, largest=LARGEST, spacing=spacing)


def _cell(context: Context, depth: int, width: int) -> list[Scan]:
    """The draws of one cell of the diagrams."""
    context.progress(f"diagram: depth {depth}, width {width}")
    chosen = context.draws(context.by_effort(2, 5, 10))
    return [_whole(depth, width, seed, _spacing(context)) for seed in chosen]


def _spacing(context: Context) -> float:
    return context.by_effort(2 * GRID, GRID, GRID)


def ordered(names: Names = RIGHT) -> Check:
    """Draw by draw, the smallest of the gaps between neighbours, over the wide cells: its mean is positive."""

    def measure(context: Context) -> Draws:
        chosen = context.draws(context.by_effort(10, 16, 24))
        values = []
        for seed in chosen:
            context.progress(f"draw {seed}")
            gaps = []
            for depth, width in ORDERED:
                c = [logarithm(getattr(_whole(depth, width, seed), name)) for name in names]
                gaps += [c[1] - c[0], c[2] - c[1]]
            values.append(float(np.min(gaps)))
        # c_loss and c_sharp lie up to a grid step below, c_max up to a step above what the scan says.
        draws = Draws(values, below=GRID, above=2 * GRID)
        if names != RIGHT:
            return draws
        panels = [_diagram(context, *one) for one in DIAGRAMS]
        return Draws(values, GRID, 2 * GRID, figure=panels, table=_table(context))

    return mean.within(measure, 0.0, quantity=f"smallest gap of log2 c in {' ≤ '.join(names)}")


def _diagram(context: Context, title: str, xlabel: str, cells: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The phase that most draws are in, for each c and each cell."""
    x = [1 / width if xlabel == "1/w" else float(depth) for depth, width in cells]
    spacing = _spacing(context)
    # The very numbers of the scans, so that each c is on its side of a critical value.
    c = [2.0 ** (i * spacing) for i in range(math.ceil(math.log2(LARGEST) / spacing) + 1)]
    found = [_cell(context, *cell) for cell in cells]
    values = [
        [PHASES.index(Counter(one.phase(value) for one in draws).most_common(1)[0][0]) for draws in found]
        for value in c
    ]
    return {
        "title": f"Phases of real networks: {title.lower()}",
        "xlabel": xlabel,
        "ylabel": "c = η λ^H₀",
        "xscale": "log" if xlabel == "1/w" else "linear",
        "yscale": "log",
        "cells": {"x": x, "y": c, "values": values, "label": "phase", "categories": list(PHASES)},
    }


def _mean(values: Sequence[float | None]) -> float | None:
    """The geometric mean, None where a draw has no value."""
    logs = [logarithm(value) for value in values]
    return float(2 ** np.mean(logs)) if np.all(np.isfinite(logs)) else None


def _table(context: Context) -> dict[str, Any]:
    rows = []
    for depth, width in ((2, 16), (2, 32), (2, 64), (2, 128), (3, 16), (3, 32), (3, 64), (4, 64)):
        draws = _cell(context, depth, width)
        means = [_mean([getattr(one, name) for one in draws]) for name in RIGHT]
        rows.append([depth, width, len(draws), *means])
    return {
        "columns": ["depth", "width", "draws", *RIGHT],
        "rows": [
            [*row[:3], *(f"not below {LARGEST:g} for each" if v is None else v for v in row[3:])]
            for row in rows
        ],
    }


def _plain_order(names: Names) -> str | None:
    """By plain loops at (2, 64): at a c between c_loss and c_sharp the loss has risen and the sharpness has not."""
    if names == RIGHT:
        return None
    c = plain_c_loss(2, 64, 0) * 1.05
    if any(plain_ratio(2, 64, 0, c, steps) > 1 for steps in (1, 3, 6, 10)):
        return None
    return "plain loops on a draw of width 64: 5 % above c_loss the sharpness has not risen in ten steps"


def _order_mutants() -> Sequence[Mutant]:
    wrong: tuple[tuple[str, str, Names], ...] = (
        ("sharp-first", "the sharpness rises before the loss", ("c_sharp", "c_loss", "c_max")),
        ("loss-last", "the loss rises only where training diverges", ("c_sharp", "c_max", "c_loss")),
    )
    latex = {"c_loss": r"c_{\mathrm{loss}}", "c_sharp": r"c_{\mathrm{sharp}}", "c_max": r"c_{\max}"}
    return [
        Mutant(
            name,
            words,
            r" \le ".join(latex[n] for n in names),
            ordered(names).run,
            partial(_plain_order, names),
        )
        for name, words, names in wrong
    ]


paper.checked(
    "real.order",
    ordered(),
    title="Wide networks: first the loss rises, then the sharpness, then training diverges",
    where=WHERE,
    statement=(
        r"\langle \log c_{\mathrm{loss}} \rangle < \langle \log c_{\mathrm{sharp}} \rangle "
        r"< \langle \log c_{\max} \rangle"
    ),
    hypotheses=(*TASK, *CRITICAL, r"$d = 2$, $w = 64$ and $128$; on average over draws"),
    basis="text",
    mutants=_order_mutants,
    expected="SUPPORTED",
)


def _always() -> Check:
    def count(context: Context) -> Tally:
        outcomes: list[bool | None] = []
        for depth, width, draws in (
            (2, 8, context.by_effort(6, 12, 24)),
            (4, 12, context.by_effort(0, 3, 12)),
        ):
            for seed in context.draws(draws):
                context.progress(f"depth {depth}, width {width}, draw {seed}")
                found = scanned(depth, width, seed, FATE)
                loss, sharp, most = (getattr(found, name) for name in RIGHT)
                if most is None:
                    outcomes.append(None)
                    continue
                # What was not seen before training diverged is larger than c_max, by its definition.
                outcomes.append(loss is not None and sharp is not None and loss <= sharp <= most)
        return Tally.of(outcomes)

    return statistical.bound(count, probability=1)


paper.checked(
    "real.order.always",
    _always(),
    title="The order of the critical values holds for every draw",
    where=WHERE,
    statement=r"c_{\mathrm{loss}} \le c_{\mathrm{sharp}} \le c_{\max} \text{ for every network}",
    hypotheses=(*TASK, *CRITICAL, r"any depth and width, also $d = 2$, $w = 8$ and $d = 4$, $w = 12$"),
    basis="chosen",
    expected="REFUTED",
    expected_reason=(
        "single draws of narrow networks break the order: the sharpness rises before the loss does, or training "
        "diverges before either has been seen to rise; the order is one of averages of wide networks"
    ),
)

RATIO_CELLS = ((2, 32), (4, 64))


def collapse(low: float, high: float) -> Check:
    """Two cells with the same d/w: the mean difference of log2 c_loss, draw by draw."""

    def measure(context: Context) -> Draws:
        values = []
        for seed in context.draws(context.by_effort(16, 24, 40)):
            context.progress(f"draw {seed}")
            c = [logarithm(scanned(*cell, seed, ("loss",)).c_loss) for cell in RATIO_CELLS]
            values.append(c[1] - c[0])
        return Draws(values, below=GRID, above=GRID)

    return mean.within(
        measure, low, high, quantity="difference of log2 c_loss at d/w = 1/16, depth 4 against 2"
    )


def _collapse_mutants(low: float, high: float) -> Callable[[], Sequence[Mutant]]:
    def witness() -> str | None:
        found = [math.log2(plain_c_loss(4, 64, s) / plain_c_loss(2, 32, s)) for s in range(3)]
        if all(low < value < high for value in found):
            return None
        return "plain loops on three draws: log2 of the ratio is " + ", ".join(f"{v:.2f}" for v in found)

    def made() -> Sequence[Mutant]:
        return [
            Mutant(
                "reversed",
                "the shallow network has the larger c_loss",
                r"c_{\mathrm{loss}}(4, 64) < c_{\mathrm{loss}}(2, 32)",
                collapse(-math.inf, 0.0).run,
                witness,
            )
        ]

    return made


paper.checked(
    "real.collapse",
    collapse(-0.15, 0.15),
    title="The ratio of depth to width alone decides on c_loss",
    where=WHERE,
    statement=(
        r"c_{\mathrm{loss}}(d, w) \text{ is a function of } d/w: \; "
        r"c_{\mathrm{loss}}(4, 64) = c_{\mathrm{loss}}(2, 32)"
    ),
    hypotheses=(
        *TASK,
        *CRITICAL,
        r"on average over draws, within a tenth: $|\Delta \log_2 c_{\mathrm{loss}}| < 0.15$",
    ),
    basis="chosen",
    mutants=_collapse_mutants(-math.inf, 0.0),
    expected="REFUTED",
    expected_reason=(
        "at the same d/w = 1/16 the deeper network has the larger c_loss, far beyond the spread of the draws: the data "
        "do not collapse on d/w"
    ),
)
