"""λ_max and condensation along a run: whether they go together."""

from __future__ import annotations

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
from verify.papers.spikes.shortened import MOST_ROWS

TREND = "abstract, 'there is a correlation (similar trend) between λ_max and condensation'"

RULE = Fraction(1, 2)
"""As a rule: in more than this part of the trials."""

LATER_THAN = 100.0
"""ηt from which on λ_max and condensation are compared."""


def trend(seed: int, rate: float) -> float | None:
    """Correlation of λ_max and C over the looks of a run; None of one that diverged, or along which one of them
    stays as it is."""
    if runs.run(seed, rate).status != "ok":
        return None
    seen = runs.looks(seed, rate)
    late = seen.times > LATER_THAN
    found = float(np.corrcoef(seen.sharpness[late], seen.condensed[late])[0, 1])
    return found if np.isfinite(found) else None


TOGETHER = 0.5
"""Correlation from which two series go together: a quarter of the variance of one is that of the other."""

PAIRS = (6, 80, 160)
"""Starts by effort from which a run that spikes is held against one that does not. In about three of four the latter
has the larger correlation, which six starts cannot tell from one half."""

CONTROL_PAIRS = (9, 80, 160)
"""Starts for what never happens: at quick effort so many that none of them is a decision."""


def trend_check() -> Check:
    """The correlation is at least TOGETHER in more than half of the runs, with the series of the first of them."""

    def run(context: Context) -> Evidence:
        values: list[tuple[float, int, float | None]] = []
        for rate, seed in runs.trials(context):
            context.progress(f"η = {rate}, seed {seed}")
            values.append((rate, seed, trend(seed, rate)))
        tally = Tally.of(None if value is None else value >= TOGETHER for *_, value in values)
        found = statistical.bound(tally, probability=RULE).run(context)
        known = [(rate, seed, value) for rate, seed, value in values if value is not None]
        data: dict[str, Any] = {
            **found.data,
            "table": {
                "columns": ["η", "seed", "correlation"],
                "rows": [list(row) for row in known[:MOST_ROWS]],
            },
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


def quieter_check(gap: float, pairs: tuple[int, int, int] = PAIRS) -> Check:
    """From one start, the correlation of the run at CONTROL_RATE is above that of the run at RATE by more than this, as
    a rule. Starts of which the first spikes, or the second does not, are no trials. pairs: starts by effort."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        outcomes: list[bool | None] = []
        rows: list[list[Any]] = []
        for seed in context.draws(context.by_effort(*pairs)):
            context.progress(f"η = {runs.CONTROL_RATE} and {runs.RATE}, seed {seed}")
            if runs.spikes(seed, runs.CONTROL_RATE) or not runs.spikes(seed, runs.RATE):
                continue
            quiet, spiking = trend(seed, runs.CONTROL_RATE), trend(seed, runs.RATE)
            outcomes.append(quiet > spiking + gap if quiet is not None and spiking is not None else None)
            rows.append([seed, quiet, spiking])
        found = statistical.bound(Tally.of(outcomes), probability=RULE).run(context)
        middle = ""
        if rows and None not in outcomes:
            low, high = (float(np.median([row[i] for row in rows])) for i in (2, 1))
            middle = f"; the median correlation is {high:.2f} without a spike and {low:.2f} with spikes"
        columns = ["seed", f"correlation, η = {runs.CONTROL_RATE}", f"correlation, η = {runs.RATE}"]
        data: dict[str, Any] = {
            **found.data,
            "table": {"columns": columns, "rows": rows[:MOST_ROWS]},
            "figure": _series(runs.CONTROL_RATE, rows[0][0]) if rows else [],
        }
        return Evidence(found.verdict, found.method, f"{found.detail}{middle}", data)

    return Check("statistical", run)


def _correlations(rate: float) -> list[float]:
    """Of seeds 0 to 2, with Hessians from products and looks of their own."""
    network, found = runs.model().network, []
    for seed in range(3):
        made = runs.run(seed, rate)
        if made.status != "ok":
            continue
        steps = np.linspace(LATER_THAN / rate, made.last, 12).astype(int)
        sharp = [float(np.linalg.eigvalsh(network.hessian(made.state(int(s))))[-1]) for s in steps]
        condensed = [runs.condensation_of(made.state(int(s))) for s in steps]
        found.append(float(np.corrcoef(sharp, condensed)[0, 1]))
    return found


def _gap_witness(gap: float) -> str | None:
    """Of three starts, none has this gap, by looks that see it to a tenth."""
    quiet, spiking = _correlations(runs.CONTROL_RATE), _correlations(runs.RATE)
    if len(quiet) < 3 or len(spiking) < 3:
        return None
    gaps = [one - other for one, other in zip(quiet, spiking, strict=True)]
    shown = ", ".join(f"{v:.2f}" for v in gaps)
    return f"seeds 0 to 2, Hessians by other code: gaps {shown}" if max(gaps) < gap - 0.1 else None


_LOOKED = rf"correlation over {runs.LOOKS} looks at equal intervals of $\eta t$, those after $\eta t = {LATER_THAN:g}$"

paper.checked(
    "abs.correlation",
    trend_check(),
    title="λ_max and condensation go together as a rule in runs that spike",
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
    statement=r"\Pr\bigl[\operatorname{corr}(\lambda_{\max}, C) \ge \tfrac12\bigr] \ge \tfrac12",
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "λ_max is held near 2/η while condensation rises: the sign of their correlation differs from seed to "
        "seed, and few runs have a correlation of one half."
    ),
)

paper.checked(
    "abs.correlation.quiet",
    quieter_check(0.0),
    title="λ_max and condensation go together more in runs that do not spike than in runs that do",
    where=f"{TREND}, limited",
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta = {runs.CONTROL_RATE}$ against $\eta = {runs.RATE}$ from the same start, $\eta t \le "
        rf"{runs.HORIZON:g}$; the starts with no spike after step {runs.TRANSIENT} at the first rate, and some at the "
        "second",
        _LOOKED,
        runs.RULE_AT_RATE,
    ),
    uses=("abs.correlation",),
    basis="text",
    statement=(
        r"\Pr\bigl[\operatorname{corr}(\lambda_{\max}, C)_{\text{no spike}} > "
        r"\operatorname{corr}(\lambda_{\max}, C)_{\text{spikes}}\bigr] \ge \tfrac12"
    ),
    mutants=lambda: [
        Mutant(
            "opposite",
            "by as much as from opposite trends to like ones",
            r"\Pr\bigl[\dots > \dots + 2\bigr] \ge \tfrac12",
            quieter_check(2.0, CONTROL_PAIRS).run,
            partial(_gap_witness, 2.0),
        )
    ],
    shares=runs.SHARED,
    expected={"quick": Verdict.UNDECIDED, "standard": Verdict.SUPPORTED},
    expected_reason=(
        "About three starts in four go this way; six, the most there are at quick effort, cannot tell that from one "
        "half, and eighty can."
    ),
)
