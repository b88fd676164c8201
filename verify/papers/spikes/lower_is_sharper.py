"""Before a spike the loss falls and λ_max rises; the spike starts beyond 2/η and ends below it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from numerics.spike_anatomy import Anatomy
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import as_a_rule
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.shortened import shortened

BEFORE, LOOKS = 400, 17
"""Steps before the start that are looked at, and looks in them."""

FIRST = (
    *runs.NETWORK,
    rf"learning rates $\eta \in \{{{', '.join(map(str, runs.RATES))}\}}$, $\eta t \le {runs.HORIZON:g}$; of "
    rf"every run the "
    rf"first spike that starts after step {runs.TRANSIENT}; runs that diverge have none",
    *runs.DEFINITIONS,
    runs.RULE,
)


def correlation(seed: int, rate: float, shift: int = 0) -> float:
    """Correlation of log L and λ_max over the last BEFORE steps up to the start of the first spike."""
    made, spike = runs.run(seed, rate), runs.spikes(seed, rate)[0]
    last = spike.start - shift
    steps = np.linspace(max(runs.TRANSIENT, last - BEFORE), last, LOOKS).astype(int)
    sharp = [runs.model().largest_eigenvalue(made.state(int(step))) for step in steps]
    return float(np.corrcoef(np.log(made.losses[steps]), sharp)[0, 1])


def trend_check(stated: float) -> Check:
    def measure(context: Context) -> Measurement:
        items = []
        for rate, seed in runs.trials(context):
            context.progress(f"η = {rate}, seed {seed}")
            if runs.spikes(seed, rate):
                value = correlation(seed, rate)
                # Looks at other steps tell how far the number depends on the choice of steps.
                error = abs(value - correlation(seed, rate, 10))
                items.append(Comparison(f"η = {rate}, seed {seed}", value, stated, 0.02, error))
        return Measurement(
            runs.shown_first(items),
            figure=_spike_panels(runs.seeds(context)[0]),
            remark="error: the same, looked at 10 steps earlier",
        )

    return shortened(as_a_rule(measure, quantity="correlation of log L and λ_max before the first spike"))


def _spike_panels(first: int) -> list[dict[str, Any]]:
    seed = next((s for s in range(first, first + 8) if runs.spikes(s)), None)
    if seed is None:
        return []
    made, spike = runs.run(seed, runs.RATE), runs.spikes(seed)[0]
    assert spike.end is not None
    steps = np.arange(max(0, spike.start - 300), min(spike.end + 150, made.last))
    few = np.unique(np.linspace(steps[0], steps[-1], 200).astype(int))
    sharp = [runs.model().largest_eigenvalue(made.state(int(step))) for step in few]
    marks = [(spike.start, "s"), (spike.peak, "P"), (spike.end, "E")]
    threshold = 2 / runs.RATE
    ends = [float(steps[0]), float(steps[-1])]
    return [
        panel(
            f"The first spike of seed {seed}, η = {runs.RATE}",
            "step",
            "loss",
            [curve("L", steps, made.losses[steps])],
            yscale="log",
            marks=marks,
        ),
        panel(
            "λ_max through it",
            "step",
            "λ_max",
            [
                curve("λ_max", few, sharp),
                curve("2/η", ends, [threshold, threshold], role="predicted"),
            ],
            marks=marks,
        ),
    ]


def _trend_witness(stated: float) -> str | None:
    found = second_run.second()
    steps = np.linspace(found.start - BEFORE, found.start, 9).astype(int)
    sharp = [second_run.sharpness(int(step)) for step in steps]
    value = float(np.corrcoef(np.log(found.losses[steps]), sharp)[0, 1])
    if abs(value - stated) > 0.1:
        return (
            f"seed {second_run.SEED}, Hessians from products: the correlation is {value:.3f}, not {stated:g}"
        )
    return None


paper.checked(
    "abs.llas",
    trend_check(-1.0),
    title="Before a spike, a lower loss is sharper as a rule",
    where="abstract, 'When the training enters a region with a lower-loss-as-sharper (LLAS) structure'",
    hypotheses=(
        *FIRST,
        rf"the {BEFORE} steps before the spike; {LOOKS} looks",
        "runs that do not spike show it as well: it comes before a spike, and does not by itself make one",
    ),
    uses=("toy.sharper",),
    basis="text",
    statement=r"\Pr\bigl[\operatorname{corr}(\log L, \lambda_{\max}) \le -0.98\bigr] \ge \tfrac12",
    mutants=lambda: [
        Mutant(name, words, shown, trend_check(value).run, partial(_trend_witness, value))
        for name, words, shown, value in (
            ("sign", "lower is flatter", r"\Pr\bigl[\operatorname{corr} \ge 0.98\bigr] \ge \tfrac12", 1.0),
            ("none", "no relation", r"\Pr\bigl[|\operatorname{corr}| \le 0.02\bigr] \ge \tfrac12", 0.0),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

Read = Callable[[Anatomy], float]


def side_check(read: Read, above: bool) -> Check:
    """Whether ηλ_max is above 2 (or below) in first spikes; the tolerance of 1 leaves but one side of 2."""

    def measure(context: Context) -> Measurement:
        items = []
        for rate, seed, found in runs.first_spikes(context):
            centre = 3.0 if above else 1.0
            items.append(Comparison(f"η = {rate}, seed {seed}", read(found), centre, 1.0, 1e-9))
        side = "above" if above else "below"
        return Measurement(runs.shown_first(items), remark=f"within 1 of {3 if above else 1} is {side} 2")

    return shortened(as_a_rule(measure, quantity="ηλ_max"))


def _side_witness(at: str, above: bool) -> str | None:
    found = second_run.second()
    step = found.start if at == "s" else found.end
    value = runs.RATE * second_run.sharpness(step)
    if (value > 2) != above:
        return f"seed {second_run.SEED}: ηλ_max is {value:.4f} at {at}"
    return None


paper.checked(
    "abs.onset",
    side_check(lambda a: a.at_start, True),
    title="As a rule the loss starts to rise when λ_max is beyond 2/η",
    where="abstract, 'once the loss landscape is too sharp'",
    hypotheses=FIRST,
    uses=("toy.onset",),
    basis="text",
    statement=r"\Pr\bigl[\eta\lambda_{\max}(\theta_s) > 2\bigr] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "below",
            "before it is beyond 2/η",
            r"\Pr\bigl[\eta\lambda_{\max}(\theta_s) < 2\bigr] \ge \tfrac12",
            side_check(lambda a: a.at_start, False).run,
            partial(_side_witness, "s", False),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.flat",
    side_check(lambda a: a.settled, False),
    title="As a rule a spike ends where λ_max is below 2/η",
    where="abstract, 'The training stabilizes when it finds a flat region'",
    hypotheses=(*FIRST, "the smallest of the looks at λ_max between P and E"),
    uses=("toy.back", "abs.onset"),
    basis="text",
    statement=r"\Pr\Bigl[\min_{P \le t \le E} \eta\lambda_{\max}(\theta_t) < 2\Bigr] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "sharp",
            "it stays above 2/η",
            r"\Pr\bigl[\min \eta\lambda_{\max} > 2\bigr] \ge \tfrac12",
            side_check(lambda a: a.settled, True).run,
            partial(_side_witness, "E", True),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)
