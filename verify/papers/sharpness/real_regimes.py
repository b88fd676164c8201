"""Four regimes of training in time, on real networks: transient, saturation, sharpening, edge of stability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.eigenvalues import largest_eigenvalue
from numerics.regimes import EDGE, NAMES, Regime, regimes
from numerics.training import Sharpness, train
from verify.checks import statistical
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.real_draws import network
from verify.papers.sharpness.real_witness import Plain

DEPTH, WIDTH, SAMPLES, C, STEPS = 4, 24, 128, 1.5, 800
EVERY = 4
DRAWS = (24, 48, 120)
PROBABILITY = "1/2"


@dataclass(frozen=True)
class Course:
    """One run: the steps recorded, λ and L there, the learning rate, and how it ended."""

    steps: FloatArray
    sharpness: FloatArray
    loss: FloatArray
    rate: float
    status: str


@cache
def course(seed: int) -> Course:
    """The course of one draw."""
    model = network(DEPTH, WIDTH, seed, "tanh", SAMPLES)
    start = model.initial(seed)
    rate = C / largest_eigenvalue(model.at(start), tolerance=1e-6).value
    run = train(
        model,
        start,
        rate,
        STEPS,
        every=EVERY,
        observables={"sharpness": Sharpness(model, 1e-3)},
        explain=False,
    )
    return Course(run.record_numbers, run.records["sharpness"], run.records["loss"], rate, run.status)


def seen(one: Course, edge: float) -> tuple[Regime, ...] | None:
    """The regimes of a run, None where it did not end as it should."""
    if one.status != "ok" or not (np.all(np.isfinite(one.sharpness)) and np.all(np.isfinite(one.loss))):
        return None
    return regimes(one.steps, one.sharpness, one.loss, one.rate, edge=edge)


def check(edge: float = EDGE, wanted: Sequence[bool] = (True, True, True, True)) -> Check:
    """A draw counts where exactly the wanted regimes are seen."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        outcomes: list[bool | None] = []
        shown: list[list[Any]] = []
        first: tuple[Course, tuple[Regime, ...]] | None = None
        for seed in context.draws(context.by_effort(*DRAWS)):
            context.progress(f"draw {seed}")
            one = course(seed)
            found = seen(one, edge)
            outcomes.append(None if found is None else [r.seen for r in found] == list(wanted))
            if found is not None:
                first = first or (one, found)
                shown.append(
                    [seed, *(r.end for r in found[:3]), float((one.rate * one.sharpness)[-50:].mean())]
                )
        evidence = statistical.bound(Tally.of(outcomes), probability=PROBABILITY).run(context)
        table = {
            "columns": ["seed", "transient until", "saturation until", "sharpening until", "ηλ at the end"],
            "rows": shown[:20],
        }
        data: dict[str, Any] = {**evidence.data, "table": table}
        if first is not None and evidence.verdict is Verdict.SUPPORTED:
            data["figure"] = _panels(*first)
        return Evidence(evidence.verdict, "statistical", evidence.detail, data)

    return Check("statistical", run)


def _panels(one: Course, found: tuple[Regime, ...]) -> list[dict[str, Any]]:
    steps = [float(t) + 1 for t in one.steps]
    marks = [
        {"x": r.end + 1, "label": word}
        for r, word in zip(found[:3], ("i | ii", "ii | iii", "iii | iv"), strict=True)
    ]
    edge = {"label": "2", "x": [steps[0], steps[-1]], "y": [2.0, 2.0], "style": "dashed", "role": "predicted"}
    scaled = [float(v) for v in one.rate * one.sharpness]
    shared = {"xlabel": "step + 1", "xscale": "log", "marks": marks}
    return [
        {
            **shared,
            "title": "Sharpness in the four regimes",
            "ylabel": "η λ^H",
            "yscale": "linear",
            "series": [
                {"label": "η λ^H", "x": steps, "y": scaled, "style": "line", "role": "simulated"},
                edge,
            ],
        },
        {
            **shared,
            "title": "Loss of the same run",
            "ylabel": "loss",
            "yscale": "log",
            "series": [
                {
                    "label": "loss",
                    "x": steps,
                    "y": [float(v) for v in one.loss],
                    "style": "line",
                    "role": "simulated",
                }
            ],
        },
    ]


@cache
def _late_sharpness() -> tuple[float, float]:
    """ηλ by power iteration after all steps, and the least of it before the last quarter, of draw 0."""
    draw = Plain(DEPTH, WIDTH, 0, "tanh", SAMPLES)
    rate = C / draw.sharpness(draw.start)
    weights, least = draw.start, C
    for step in range(1, STEPS + 1):
        weights = [w - rate * g for w, g in zip(weights, draw.gradient(weights), strict=True)]
        if step in (10, 20, 40, 80):
            least = min(least, rate * draw.sharpness(weights))
    return rate * draw.sharpness(weights), least


def _witness(edge: float) -> str | None:
    last, least = _late_sharpness()
    if abs(last - edge) > 0.2 * edge:
        return f"power iteration on draw 0: ηλ falls to {least:.3f} and ends at {last:.3f}, not near {edge:g}"
    return None


def _sharpening_witness() -> str | None:
    last, least = _late_sharpness()
    return (
        f"power iteration on draw 0: ηλ grows from {least:.3f} to {last:.3f}" if last > 1.25 * least else None
    )


def _mutants() -> Sequence[Mutant]:
    return [
        Mutant(
            "edge-at-1", "an edge at ηλ = 1", r"\eta\lambda^H \to 1", check(1.0).run, partial(_witness, 1.0)
        ),
        Mutant(
            "edge-at-4", "an edge at ηλ = 4", r"\eta\lambda^H \to 4", check(4.0).run, partial(_witness, 4.0)
        ),
        Mutant(
            "no-sharpening",
            "the sharpness stays where it saturates",
            r"\text{regimes (i) and (ii) alone}",
            check(wanted=(True, True, False, False)).run,
            _sharpening_witness,
        ),
    ]


paper.checked(
    "real.regimes",
    check(),
    title="Four regimes of training in time",
    where="abstract",
    statement=(
        r"\mathbb{P}\bigl[\text{" + ", ".join(NAMES) + r" are all seen, in this order}\bigr] \ge \tfrac12"
    ),
    hypotheses=(
        rf"tanh networks of depth {DEPTH} and width {WIDTH}, no bias, on {SAMPLES} Gaussian inputs with one-hot "
        rf"targets; full-batch gradient descent, $c = {C}$, {STEPS} steps",
        r"with $\lambda_*$ the least sharpness before $\eta\lambda^H_t \ge 2$ is reached: saturation is the interval "
        r"around it with $\lambda^H_t \le 1.05\,\lambda_*$, and lasts until twice the step at which it began or "
        r"longer; the transient lies before and changes $\lambda^H$ by more than 5 %; sharpening raises it by a "
        r"quarter or more, up to $\eta\lambda^H_t \ge 2$; from there on the edge, over whose second half the mean of "
        r"$\eta\lambda^H_t$ is within 20 % of 2 while the loss falls",
    ),
    basis="text",
    mutants=_mutants,
    expected="SUPPORTED",
)
