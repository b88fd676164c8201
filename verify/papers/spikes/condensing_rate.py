"""Loss spikes and condensation: runs that spike at two learning rates, against each other."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from verify.claim import Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs
from verify.papers.spikes.condensing import CONTROL, MEASURE, SENTENCE, by_angles, final
from verify.papers.spikes.intervals import NORMAL, Sample, mean_check
from verify.papers.spikes.paper import paper


def _at_both(context: Context) -> Sample:
    """C of the run at the smallest rate less that of the run at RATE from the same start; with the gain of each over
    the control of that start, where that did not diverge either."""
    values, rows, missing = {}, [], 0
    rates = (runs.RATES[0], runs.RATE)
    for seed in runs.seeds(context):
        context.progress(f"seed {seed}")
        pair, control = [runs.run(seed, rate) for rate in rates], runs.run(seed, runs.CONTROL_RATE)
        if any(made.status != "ok" for made in (*pair, control)):
            missing += 1
            continue
        small, usual = (final(made) for made in pair)
        values[seed] = small - usual
        rows.append([seed, small, usual, final(control), *(len(runs.spikes(seed, rate)) for rate in rates)])
    columns = ("seed", *(f"C, η = {rate}" for rate in rates), "C, control")
    columns += tuple(f"spikes, η = {rate}" for rate in rates)
    return Sample(values, missing, columns=columns, rows=rows, remark=_gained(rows, rates) if rows else "")


def _gained(rows: list[list[Any]], rates: tuple[float, float]) -> str:
    """What the two rates gain over the controls on average, and the spikes of a run."""
    small, usual, control, few, many = (float(v) for v in np.mean([row[1:] for row in rows], axis=0))
    gains, counts = (small - control, usual - control), (few, many)
    shown = [
        f"{gain:.4f} at η = {rate} with {count:.0f} spikes a run"
        for rate, gain, count in zip(rates, gains, counts, strict=True)
    ]
    return f"mean gain over the controls: {' and '.join(shown)}"


def _both_check(at_least: float | None = None, at_most: float | None = None) -> Any:
    quantity = f"C at η = {runs.RATES[0]} less C at η = {runs.RATE}"
    return mean_check(_at_both, quantity=quantity, at_least=at_least, at_most=at_most)


def _both_witness(at_most: float) -> str | None:
    """The mean over other seeds, C by angles."""
    found = []
    for seed in range(5):
        small, usual = (runs.run(seed, rate) for rate in (runs.RATES[0], runs.RATE))
        if "ok" == small.status == usual.status:
            found.append(by_angles(small.state(small.last)) - by_angles(usual.state(usual.last)))
    mean, spread = float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(len(found)))
    if mean - 5 * spread > at_most:
        return f"seeds 0 to 4, angles: the mean is {mean:.3f} ± {spread:.3f}"
    return None


BOTH = (
    *runs.NETWORK,
    rf"$\eta = {runs.RATES[0]}$ against $\eta = {runs.RATE}$, same start, $\eta t = {runs.HORIZON:g}$: every run "
    "spikes several times",
    MEASURE,
    f"for comparison only, {CONTROL}",
)

paper.checked(
    "abs.condensation.any",
    _both_check(at_least=0.0),
    title="Runs that spike at η = 0.08 condense at least as much as runs that spike at η = 0.1",
    where=f"{SENTENCE}, read without 'can'",
    hypotheses=(
        *BOTH,
        "chosen, and more than the sentence says: that spikes condense as much whatever the learning rate is; the "
        "sentence says only that they can (abs.condensation, abs.condensation.larger)",
        NORMAL,
    ),
    uses=("abs.condensation",),
    basis="chosen",
    statement=r"\mathrm{E}[C_{\eta = 0.08} - C_{\eta = 0.1}] \ge 0",
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "At η = 0.08 runs have more spikes on average than at η = 0.1, and condense less; the evidence has what both "
        "gain over the controls. It is not the spikes alone that do it. The same check passes on the opposite, with "
        "negative controls (abs.condensation.rate)."
    ),
)

paper.checked(
    "abs.condensation.rate",
    _both_check(at_most=0.0),
    title="Runs that spike at η = 0.08 condense no more than runs that spike at η = 0.1",
    where=SENTENCE,
    hypotheses=(*BOTH, "the opposite of abs.condensation.any, by the same check", NORMAL),
    uses=("abs.condensation",),
    basis="chosen",
    statement=r"\mathrm{E}[C_{\eta = 0.08} - C_{\eta = 0.1}] \le 0",
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"\mathrm{{E}}[\dots] \le {value:g}",
            _both_check(at_most=value).run,
            partial(_both_witness, value),
        )
        for name, words, value in (("tenth", "by at least 0.1", -0.1), ("all", "by at least 0.36", -0.36))
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)
