"""λ_max and condensation along a run: whether they go together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from verify.checks import statistical
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes import runs
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper

TREND = "abstract, 'there is a correlation (similar trend) between λ_max and condensation'"

LATER_THAN = 100.0
"""ηt from which on λ_max and condensation are compared."""


def trend(seed: int, rate: float) -> float | None:
    """Correlation of λ_max and C over the looks of a run; None of one that diverged."""
    if runs.run(seed, rate).status != "ok":
        return None
    seen = runs.looks(seed, rate)
    late = seen.times > LATER_THAN
    return float(np.corrcoef(seen.sharpness[late], seen.condensed[late])[0, 1])


TOGETHER = 0.5
"""Correlation from which two series go together: a quarter of the variance of one is that of the other."""

Sign = Callable[[float], bool]
Runs = Callable[[Context], Sequence[tuple[float, int]]]
"""The learning rates and seeds of the trials."""


def quiet_runs(context: Context) -> list[tuple[float, int]]:
    """Those that do not spike of the runs at CONTROL_RATE; enough for a verdict at deep effort only."""
    rate = runs.CONTROL_RATE
    return [(rate, seed) for seed in runs.seeds(context, *QUIET) if not runs.spikes(seed, rate)]


QUIET = (4, 6, 200)
"""About seven runs in ten go one way: four or six cannot tell that from one half, and two hundred can."""


def trend_check(sign: Sign, of: Runs, least: Fraction = Fraction(1, 2)) -> Check:
    """The correlation has this property in more than half of the runs, with the series of the first of them."""

    def run(context: Context) -> Evidence:
        values: list[tuple[float, int, float | None]] = []
        for rate, seed in of(context):
            context.progress(f"η = {rate}, seed {seed}")
            values.append((rate, seed, trend(seed, rate)))
        tally = Tally.of(None if value is None else sign(value) for *_, value in values)
        found = statistical.bound(tally, probability=least).run(context)
        known = [(rate, seed, value) for rate, seed, value in values if value is not None]
        data: dict[str, Any] = {
            **found.data,
            "table": {"columns": ["η", "seed", "correlation"], "rows": [list(row) for row in known[:30]]},
            "figure": _series(*known[0][:2]) if known else [],
        }
        shown = ", ".join(f"{value:.2f}" for *_, value in known[:12])
        return Evidence(found.verdict, found.method, f"{found.detail}; correlations {shown}", data)

    return Check("statistical", guarded("statistical")(run))


def _series(rate: float, seed: int) -> list[dict[str, Any]]:
    seen = runs.looks(seed, rate)
    marks = [(rate * s.peak, "") for s in runs.spikes(seed, rate)[:12]]
    return [
        panel(
            f"{what}, seed {seed}, η = {rate}", "ηt", label, [curve(label, seen.times, values)], marks=marks
        )
        for what, label, values in (("λ_max", "λ_max", seen.sharpness), ("Condensation", "C", seen.condensed))
    ]


def _correlations(rate: float, statistic: Callable[[Any, Any], float]) -> list[float]:
    """Of seeds 0 to 2, with Hessians from products and looks of their own."""
    network, found = runs.model().network, []
    for seed in range(3):
        made = runs.run(seed, rate)
        if made.status != "ok":
            continue
        steps = np.linspace(LATER_THAN / rate, made.last, 12).astype(int)
        sharp = [float(np.linalg.eigvalsh(network.hessian(made.state(int(s))))[-1]) for s in steps]
        condensed = [runs.condensation_of(made.state(int(s))) for s in steps]
        found.append(statistic(sharp, condensed))
    return found


def _proportional_witness(rate: float) -> str | None:
    """If 99 runs in 100 had a correlation of 0.99, two of three without it would be seen three times in 10⁴."""
    found = _correlations(rate, lambda sharp, condensed: float(np.corrcoef(sharp, condensed)[0, 1]))
    shown = ", ".join(f"{v:.2f}" for v in found)
    return f"seeds 0 to 2, correlations {shown}" if sum(v < 0.99 for v in found) >= 2 else None


_LOOKED = rf"correlation over {runs.LOOKS} looks at equal intervals of $\eta t$, those after $\eta t = {LATER_THAN:g}$"

paper.checked(
    "abs.correlation",
    trend_check(lambda value: value >= TOGETHER, runs.trials),
    title="λ_max and condensation go together in runs that spike",
    where=TREND,
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta t \le {runs.HORIZON:g}$",
        _LOOKED,
        rf"together: a correlation of at least {TOGETHER:g} (chosen)",
        runs.RULE,
    ),
    uses=("abs.generalisation.edge",),
    basis="text",
    statement=r"\operatorname{corr}(\lambda_{\max}, C) \ge \tfrac12",
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "λ_max is held near 2/η while condensation rises: the sign of their correlation differs from seed to "
        "seed, and few runs have a correlation of one half."
    ),
)

paper.checked(
    "abs.correlation.quiet",
    trend_check(lambda value: value > 0, quiet_runs),
    title="λ_max and condensation rise and fall together in runs that do not spike",
    where=f"{TREND}, limited",
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta = {runs.CONTROL_RATE}$, $\eta t \le {runs.HORIZON:g}$; the runs without a spike after "
        rf"step {runs.TRANSIENT}",
        _LOOKED,
        "as a rule: in more than half of the runs, by the exact binomial test at 99 %",
    ),
    basis="text",
    statement=r"\operatorname{corr}(\lambda_{\max}, C) > 0",
    mutants=lambda: [
        Mutant(
            "proportional",
            "as good as proportional, in 99 runs of 100",
            r"\Pr[\operatorname{corr}(\lambda_{\max}, C) \ge 0.99] \ge 0.99",
            trend_check(lambda value: value >= 0.99, quiet_runs, Fraction(99, 100)).run,
            partial(_proportional_witness, runs.CONTROL_RATE),
        )
    ],
    shares=runs.SHARED,
    expected={
        "quick": Verdict.UNDECIDED,
        "standard": Verdict.UNDECIDED,
        "deep": Verdict.SUPPORTED,
    },
    expected_reason=(
        "About seven runs in ten go this way, and the others as strongly the other way; a hundred runs and more tell "
        "that from one half."
    ),
)
