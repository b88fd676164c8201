"""Real networks between 2 and c_loss, where loss and sharpness fall together, and beyond, where no barrier stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from numerics.phase_diagram import Scan
from verify.checks import statistical
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.real_draws import CRITICAL, TASK, WHERE, scanned
from verify.papers.sharpness.real_witness import Plain, plain_c_loss, plain_ratio

DRAWS = (18, 40, 100)
PROBABILITY = "1/2"
LARGEST = 16.0
"""A loss that does not rise before this c is looked at as if it did here."""

Cells = Sequence[tuple[int, int]]
GAP_CELLS: Cells = ((2, 16), (3, 32))
BARRIER_CELLS: Cells = ((2, 32),)
BEYOND = 1.2

Place = Callable[[float], float]


def middle(c_loss: float) -> float:
    """In the middle between 2 and c_loss, in logarithms."""
    return math.sqrt(2.0 * c_loss)


def beyond(c_loss: float) -> float:
    """A fifth beyond c_loss."""
    return BEYOND * c_loss


def _at(cell: tuple[int, int], seed: int, place: Place, watch: tuple[str, ...]) -> Scan:
    """Ten steps at one c."""
    first = scanned(*cell, seed, ("loss",), smallest=2.0, largest=LARGEST).c_loss
    c = place(first or LARGEST)
    return scanned(*cell, seed, watch, smallest=c, largest=c * 1.001)


Counts = Callable[[Scan], bool]


def counted(
    cells: Cells, place: Place, watch: tuple[str, ...], counts: Counts, columns: Sequence[tuple[str, str]]
) -> Check:
    """A draw counts where it does so in every cell; the cells of one draw share their data."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        outcomes: list[bool | None] = []
        rows: list[list[Any]] = []
        for seed in context.draws(context.by_effort(*DRAWS)):
            context.progress(f"draw {seed}")
            found = [_at(cell, seed, place, watch) for cell in cells]
            numbers = [[float(np.asarray(getattr(one, name))[0]) for name, _ in columns] for one in found]
            ended = all(one.status == "ok" for one in found)
            outcomes.append(
                statistical.told(all(counts(one) for one in found), *chain(*numbers)) if ended else None
            )
            for cell, listed in zip(cells, numbers, strict=True):
                rows.append([seed, *cell, *(v if math.isfinite(v) else None for v in listed)])
        evidence = statistical.bound(Tally.of(outcomes), probability=PROBABILITY).run(context)
        table: dict[str, Any] = {
            "columns": ["seed", "depth", "width", *(shown for _, shown in columns)],
            "rows": rows[:30],
        }
        data: dict[str, Any] = {**evidence.data, "table": table}
        return Evidence(evidence.verdict, "statistical", evidence.detail, data)

    return Check("statistical", run)


def reduced(most: float = 1.0) -> Check:
    """Between 2 and c_loss: λ_t ≤ λ_0 at all ten steps, and λ_10 < most · λ_0."""
    return counted(
        GAP_CELLS,
        middle,
        ("loss", "sharpness"),
        lambda one: bool(one.sharpness[0] <= 1 and one.final_sharpness[0] < most and one.loss[0] <= 1),
        (
            ("c", "c"),
            ("loss", "largest L_t/L_0"),
            ("sharpness", "largest λ_t/λ_0"),
            ("final_sharpness", "λ_10/λ_0"),
        ),
    )


def risen() -> Check:
    """The opposite: the sharpness comes above its first value."""
    return counted(
        GAP_CELLS,
        middle,
        ("loss", "sharpness"),
        lambda one: bool(one.sharpness[0] > 1),
        (("c", "c"), ("sharpness", "largest λ_t/λ_0")),
    )


def _reduction_witness(most: float | None) -> str | None:
    """Plain loops on two draws of the first cell, each of the ten steps."""
    cell = GAP_CELLS[0]
    shown = []
    for seed in range(2):
        c = middle(plain_c_loss(*cell, seed))
        ratios = [plain_ratio(*cell, seed, c, steps) for steps in range(1, 11)]
        if (max(ratios) > 1) if most is None else (ratios[-1] < most):
            return None
        shown.append(f"{ratios[-1]:.2f}")
    return f"plain loops on two draws of depth {cell[0]} and width {cell[1]}: λ_10/λ_0 is {', '.join(shown)}"


paper.checked(
    "real.reduction.phase",
    reduced(),
    title="Between 2 and c_loss the sharpness falls",
    where=WHERE,
    statement=(
        r"c = \sqrt{2\,c_{\mathrm{loss}}}: \quad \mathbb{P}\Bigl[\lambda^H_{10} < \lambda^H_0,\; "
        r"\max_{t \le 10} \lambda^H_t \le \lambda^H_0,\; \max_{t \le 10} L_t \le L_0\Bigr] \ge \tfrac12"
    ),
    hypotheses=(
        *TASK,
        *CRITICAL,
        r"$(d, w) = (2, 16)$ and $(3, 32)$, in both of which a draw has to be so; where the loss does not rise before "
        r"$c = 16$, that stands for $c_{\mathrm{loss}}$",
    ),
    basis="text",
    mutants=lambda: [
        Mutant(
            "rises",
            "it rises there",
            r"\max_{t \le 10} \lambda^H_t > \lambda^H_0",
            risen().run,
            partial(_reduction_witness, None),
        ),
        Mutant(
            "quarter",
            "it falls to a quarter",
            r"\lambda^H_{10} < \tfrac14 \lambda^H_0",
            reduced(0.25).run,
            partial(_reduction_witness, 0.25),
        ),
    ],
    expected="SUPPORTED",
)


def barrier(stands: bool) -> Check:
    """A fifth beyond c_loss the loss rises, and a barrier stands on the segment to the tenth step, or does not."""
    return counted(
        BARRIER_CELLS,
        beyond,
        ("loss", "barrier"),
        lambda one: bool(one.loss[0] > 1 and (one.barrier[0] > 1) == stands),
        (("c", "c"), ("loss", "largest L_t/L_0"), ("barrier", "largest L/L_0 on the segment")),
    )


def _barrier_witness() -> str | None:
    """Plain loops on three draws: 40 points of the segment are all below the start."""
    (cell,) = BARRIER_CELLS
    highest = []
    for seed in range(3):
        draw = Plain(*cell, seed)
        rate = beyond(plain_c_loss(*cell, seed)) / draw.sharpness(draw.start)
        end = draw.after(10, rate)
        ways = [
            [(1 - s) * a + s * b for a, b in zip(draw.start, end, strict=True)]
            for s in np.linspace(0.025, 1, 40)
        ]
        highest.append(max(draw.loss(way) for way in ways) / draw.loss(draw.start))
    if max(highest) < 1:
        return "plain loops on three draws: the largest L/L_0 on the segment is " + ", ".join(
            f"{value:.2f}" for value in highest
        )
    return None


paper.checked(
    "real.barrier",
    barrier(stands=False),
    title="Where the loss is catapulted, no barrier stands between the start and the tenth step",
    where=WHERE,
    statement=(
        r"c = \tfrac65 c_{\mathrm{loss}}: \quad \mathbb{P}\Bigl[\max_{t \le 10} L_t > L_0 \ge "
        r"\max_{0 \le s \le 1} L\bigl((1-s)\,\theta_0 + s\,\theta_{10}\bigr)\Bigr] \ge \tfrac12, "
        r"\qquad\text{so that } c_{\mathrm{barrier}} > c_{\mathrm{loss}}"
    ),
    hypotheses=(
        *TASK,
        *CRITICAL,
        r"$d = 2$, $w = 32$; the segment is looked at in 20 points. To the first step alone the two would be the same "
        r"in the uv model (uv.barrier)",
    ),
    basis="chosen",
    mutants=lambda: [
        Mutant(
            "stands",
            "a barrier stands wherever the loss rises",
            r"c_{\mathrm{barrier}} = c_{\mathrm{loss}}",
            barrier(stands=True).run,
            _barrier_witness,
        )
    ],
    expected="SUPPORTED",
)
