"""A lower loss that is sharper, in runs that never spike: the structure alone does not make training unstable."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.checks import statistical
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes import runs
from verify.papers.spikes.paper import paper

SPAN, LOOKS = 40.0, 17
"""Training time that is looked at, and looks in it."""

SHARPER = -0.98
"""The correlation of log L and λ_max from which on a lower loss counts as sharper."""


def window(seed: int) -> tuple[float, float] | None:
    """Correlation of log L and λ_max at CONTROL_RATE, and ηλ_max at the end, over the training time just before the
    first spike of the same start at RATE. None where that has none, or one too early."""
    spiking = runs.spikes(seed, runs.RATE)
    end = round(spiking[0].start * runs.RATE / runs.CONTROL_RATE) if spiking else 0
    first = end - round(SPAN / runs.CONTROL_RATE)
    if first < runs.TRANSIENT:
        return None
    made = runs.run(seed, runs.CONTROL_RATE)
    steps = np.linspace(first, end, LOOKS).astype(int)
    sharpness = [runs.model().largest_eigenvalue(made.state(int(step))) for step in steps]
    found = float(np.corrcoef(np.log(made.losses[steps]), sharpness)[0, 1])
    return found, runs.CONTROL_RATE * sharpness[-1]


def check() -> Check:
    """Of the runs in which a lower loss is sharper, those that spike."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        outcomes: list[bool | None] = []
        rows: list[list[Any]] = []
        for seed in runs.seeds(context):
            context.progress(f"η = {runs.CONTROL_RATE}, seed {seed}")
            found = window(seed)
            if found is None or found[0] > SHARPER:
                continue
            made = runs.run(seed, runs.CONTROL_RATE)
            spikes = runs.spikes(seed, runs.CONTROL_RATE)
            outcomes.append(bool(spikes) if made.status == "ok" else None)
            last = runs.CONTROL_RATE * runs.model().largest_eigenvalue(made.state(made.last))
            rows.append([seed, *found, last, len(spikes)])
        evidence = statistical.bound(Tally.of(outcomes), probability="1/2").run(context)
        columns = ["seed", "correlation of log L and λ_max", "ηλ_max there", "ηλ_max at ηt = 2000", "spikes"]
        data: dict[str, Any] = {**evidence.data, "table": {"columns": columns, "rows": rows[:30]}}
        return Evidence(evidence.verdict, "statistical", evidence.detail, data)

    return Check("statistical", run)


paper.checked(
    "abs.llas.enough",
    check(),
    title="Where a lower loss is sharper, training becomes unstable, whatever the learning rate",
    where="abstract, 'When the training enters a region with a lower-loss-as-sharper (LLAS) structure, the training "
    "becomes unstable', without a limit",
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta = {runs.CONTROL_RATE}$, $\eta t \le {runs.HORIZON:g}$; the runs with "
        rf"$\operatorname{{corr}}(\log L, \lambda_{{\max}}) \le {SHARPER}$ over the training time of {SPAN:g} before "
        rf"the first spike that the same start has at $\eta = {runs.RATE}$; {LOOKS} looks",
        rf"unstable: a spike that starts after step {runs.TRANSIENT} of the run",
        runs.RULE_AT_RATE,
    ),
    uses=("abs.llas",),
    basis="text",
    statement=r"\Pr\bigl[\text{a spike} \bigm| \text{a lower loss is sharper}\bigr] \ge \tfrac12",
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "At half the learning rate the structure is there as well, and no run spikes: λ_max rises while the loss "
        "falls, but does not come to 2/η within the run. It takes both, the structure and the threshold."
    ),
)
