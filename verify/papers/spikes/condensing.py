"""Loss spikes and condensation: against runs of equal training time of which few spike, and during the spikes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.condensation import ALIKE, angles, clusters, similarities
from numerics.shallow import Steps
from verify.claim import Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs
from verify.papers.spikes.intervals import NORMAL, Sample, mean_check
from verify.papers.spikes.panels import cells, curve, panel
from verify.papers.spikes.paper import paper

SENTENCE = (
    "abstract, 'loss spikes can facilitate condensation, causing input weights to evolve towards the same "
    "direction'"
)
MEASURE = (
    r"$C$: mean of $|\cos|$ of the angle between $(w_i, b_i)$ and $(w_j, b_j)$ over all pairs of neurons; "
    r"$2/\pi \approx "
    r"0.637$ for independent directions"
)
CONTROL = (
    rf"control: the same start at $\eta = {runs.CONTROL_RATE}$, at equal $\eta t$; few controls spike after step "
    rf"{runs.TRANSIENT}, and the evidence counts their spikes"
)


def gain(seed: int, rate: float) -> float | None:
    """C at the end of the run less C of its control; None where one diverged."""
    made, control = runs.run(seed, rate), runs.run(seed, runs.CONTROL_RATE)
    if made.status != "ok" or control.status != "ok":
        return None
    return final(made) - final(control)


def final(made: Steps) -> float:
    """C at the end of a run."""
    return runs.condensation_of(made.state(made.last))


def _gains(rate: float) -> Callable[[Context], Sample]:
    def measure(context: Context) -> Sample:
        values, rows, missing = {}, [], 0
        for seed in runs.seeds(context):
            context.progress(f"η = {rate} and control, seed {seed}")
            value = gain(seed, rate)
            if value is None:
                missing += 1
                continue
            values[seed] = value
            made, control = runs.run(seed, rate), runs.run(seed, runs.CONTROL_RATE)
            count = len(runs.spikes(seed, rate)), len(runs.spikes(seed, runs.CONTROL_RATE))
            rows.append([seed, runs.condensation_of(made.state(0)), final(made), final(control), *count])
        return Sample(
            values,
            missing,
            columns=("seed", "C at the start", f"C, η = {rate}", "C, control", "spikes", "spikes, control"),
            rows=rows,
            figure=_panels(min(values), rate) if values else (),
        )

    return measure


def _panels(seed: int, rate: float) -> list[dict[str, Any]]:
    made = runs.run(seed, rate)
    before, after = (_matrix(made.state(step)) for step in (0, made.last))
    neurons = np.arange(1.0, runs.WIDTH + 1)
    seen, still = runs.looks(seed, rate), runs.looks(seed, runs.CONTROL_RATE)
    return [
        panel(
            f"Cosines between neurons at the start, seed {seed}",
            "neuron",
            "neuron",
            cells=cells(
                neurons, neurons, before, "cosine, neurons in the order of their angle", "diverging", 0.0
            ),
        ),
        panel(
            f"Cosines at ηt = {runs.HORIZON:g}, η = {rate}",
            "neuron",
            "neuron",
            cells=cells(
                neurons, neurons, after, "cosine, neurons in the order of their angle", "diverging", 0.0
            ),
        ),
        panel(
            "Condensation in training",
            "ηt",
            "C",
            [
                curve(f"η = {rate}", seen.times, seen.condensed),
                curve(f"control, η = {runs.CONTROL_RATE}", still.times, still.condensed, style="dashed"),
            ],
        ),
    ]


def _matrix(theta: FloatArray) -> FloatArray:
    w, b, _, _ = runs.model().parts(theta)
    order = np.argsort(angles(w, b))
    # tanh is odd: a neuron and its negative are one, and shown with b ≥ 0.
    sign = np.where(b[order] < 0, -1.0, 1.0)
    return similarities(sign * w[order], sign * b[order])


def by_angles(theta: FloatArray) -> float:
    """C by angles: mean |cos(φ_i − φ_j)|."""
    m = runs.WIDTH
    turned = np.arctan2(theta[m : 2 * m], theta[:m])
    pairs = [abs(float(np.cos(turned[i] - turned[j]))) for i in range(m) for j in range(i)]
    return float(np.mean(pairs))


def _gain_witness(rate: float, at_least: float) -> str | None:
    """The mean over other seeds, C by angles."""
    found = []
    for seed in range(5):
        made, control = runs.run(seed, rate), runs.run(seed, runs.CONTROL_RATE)
        if made.status == "ok":
            found.append(by_angles(made.state(made.last)) - by_angles(control.state(control.last)))
    mean, spread = float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(len(found)))
    if mean + 5 * spread < at_least:
        return f"seeds 0 to 4, angles: the mean gain is {mean:.3f} ± {spread:.3f}"
    return None


def _gain_check(rate: float, at_least: float | None = None, at_most: float | None = None) -> Any:
    return mean_check(_gains(rate), quantity="C less C of the control", at_least=at_least, at_most=at_most)


paper.checked(
    "abs.condensation",
    _gain_check(runs.RATE, 0.0),
    title="Runs that spike at η = 0.1 condense more than runs of equal training time of which few do",
    where=SENTENCE,
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta = {runs.RATE}$, $\eta t = {runs.HORIZON:g}$",
        MEASURE,
        CONTROL,
        NORMAL,
    ),
    basis="text",
    statement=r"\mathrm{E}[C_{\eta = 0.1} - C_{\mathrm{control}}] > 0",
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"\mathrm{{E}}[\dots] \ge {value:g}",
            _gain_check(runs.RATE, value).run,
            partial(_gain_witness, runs.RATE, value),
        )
        for name, words, value in (("more", "at least 0.1", 0.1), ("all", "to a single direction", 0.36))
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.condensation.larger",
    _gain_check(runs.RATES[2], 0.0),
    title="Runs that spike at η = 0.12 condense more than runs of equal training time of which few do",
    where=SENTENCE,
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta = {runs.RATES[2]}$, $\eta t = {runs.HORIZON:g}$; starts that diverge are left out",
        MEASURE,
        CONTROL,
        NORMAL,
    ),
    basis="text",
    statement=r"\mathrm{E}[C_{\eta = 0.12} - C_{\mathrm{control}}] > 0",
    mutants=lambda: [
        Mutant(
            "all",
            "to a single direction",
            r"\mathrm{E}[\dots] \ge 0.36",
            _gain_check(runs.RATES[2], 0.36).run,
            partial(_gain_witness, runs.RATES[2], 0.36),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def change(seed: int, rate: float = runs.RATE) -> tuple[float, float] | None:
    """(change of C from s to E of the first spike, change over as many steps before s); None without a spike."""
    found = runs.spikes(seed, rate)
    if not found:
        return None
    spike, made = found[0], runs.run(seed, rate)
    assert spike.end is not None
    length = spike.end - spike.start
    at = [max(0, spike.start - length), spike.start, spike.end]
    values = [runs.condensation_of(made.state(step)) for step in at]
    return values[2] - values[1], values[1] - values[0]


def _during(context: Context) -> Sample:
    values, rows, missing = {}, [], 0
    for seed in runs.starts(context):
        context.progress(f"seed {seed}")
        found = change(seed)
        if found is None:
            missing += 1
            continue
        values[seed] = found[0] - found[1]
        made = runs.run(seed, runs.RATE)
        whole = final(made) - runs.condensation_of(made.state(0))
        inside = sum(
            runs.condensation_of(made.state(s.end)) - runs.condensation_of(made.state(s.start))
            for s in runs.spikes(seed)
            if s.end is not None
        )
        rows.append([seed, found[0], found[1], inside, whole])
    columns = ("seed", "first spike", "as many steps before it", "all spikes together", "whole run")
    return Sample(values, missing, columns=columns, rows=rows, remark="changes of C")


def _during_check(at_least: float | None = None, at_most: float | None = None) -> Any:
    return mean_check(
        _during,
        quantity="change of C in the first spike less that over as many steps before",
        at_least=at_least,
        at_most=at_most,
    )


def _during_witness(at_least: float) -> str | None:
    found = []
    for seed in range(3):
        spike, made = runs.spikes(seed)[0], runs.run(seed, runs.RATE)
        assert spike.end is not None
        length = spike.end - spike.start
        at = (spike.start - length, spike.start, spike.end)
        c = [by_angles(made.state(step)) for step in at]
        found.append(c[2] - 2 * c[1] + c[0])
    largest = max(found)
    return f"seeds 0 to 2, angles: at most {largest:.4f}" if largest < 0.7 * at_least else None


paper.checked(
    "abs.condensation.during",
    _during_check(at_most=0.02),
    title="A first spike by itself adds little to condensation: less than half of what its run gains",
    where=SENTENCE,
    hypotheses=(
        *runs.NETWORK,
        runs.AT_RATE,
        *runs.DEFINITIONS,
        MEASURE,
        "0.02: less than half of what a run gains over its control (abs.condensation), which is about 0.045 (chosen)",
        NORMAL,
    ),
    uses=("abs.condensation",),
    basis="chosen",
    statement=r"\mathrm{E}\bigl[(C(\theta_E) - C(\theta_s)) - (C(\theta_s) - C(\theta_{2s - E}))\bigr] \le 0.02",
    mutants=lambda: [
        Mutant(
            "more",
            "by 0.05 or more",
            r"\mathrm{E}[\dots] \ge 0.05",
            _during_check(0.05).run,
            partial(_during_witness, 0.05),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def _fewer(context: Context) -> Sample:
    values, rows, missing = {}, [], 0
    for _, seed in runs.trials(context, (runs.RATE,)):
        context.progress(f"seed {seed}")
        made = runs.run(seed, runs.RATE)
        if made.status != "ok":
            missing += 1
            continue
        parts = [runs.model().parts(theta) for theta in (made.state(0), made.state(made.last))]
        counts = [clusters(w, b) for w, b, _, _ in parts]
        values[seed] = float(counts[0] - counts[1])
        rows.append([seed, *counts])
    return Sample(values, missing, columns=("seed", "start", "end"), rows=rows)


paper.checked(
    "abs.condensation.clusters",
    mean_check(_fewer, quantity="fall of the number of orientation clusters", at_least=1.0),
    title="Spikes leave fewer groups of neurons that point the same way",
    where=f"{SENTENCE}, read of clusters",
    hypotheses=(
        *runs.NETWORK,
        runs.AT_RATE,
        rf"clusters: neurons linked by $|\cos| \ge {ALIKE:g}$ (chosen)",
        NORMAL,
    ),
    uses=("abs.condensation",),
    basis="text",
    statement=r"\mathrm{E}[\text{clusters at the start} - \text{clusters at the end}] \ge 1",
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "The number of clusters rises a little: neurons come closer on average without forming fewer groups."
    ),
)
