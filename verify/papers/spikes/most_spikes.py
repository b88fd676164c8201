"""How often the sentences hold that do not hold of every spike: fractions of a run's spikes, over runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from numerics.spike_anatomy import Anatomy
from verify.checks import statistical
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.growth import WINDOW
from verify.papers.spikes.paper import paper

LEAST = Fraction(3, 4)
"""Fraction of a run's spikes."""

RUNS = Fraction(1, 2)
"""Probability that a run has so many."""

Holds = Callable[[Anatomy], bool]


def fraction_check(holds: Holds) -> Check:
    """Whether with probability RUNS at least a run has at least the fraction LEAST of its spikes of which it holds."""

    def counted(context: Context) -> dict[int, list[bool]]:
        by_seed: dict[int, list[bool]] = {}
        for _, seed, found in runs.all_spikes(context):
            by_seed.setdefault(seed, []).append(holds(found))
        return by_seed

    def count(context: Context) -> Tally:
        return Tally.of(sum(listed) >= LEAST * len(listed) for listed in counted(context).values())

    bound = statistical.bound(count, probability=RUNS)

    def run(context: Context) -> Evidence:
        found = bound.run(context)
        if found.verdict is Verdict.ERROR:
            return found
        rows = [[seed, len(listed), sum(listed)] for seed, listed in counted(context).items()]
        held, spikes = sum(row[2] for row in rows), sum(row[1] for row in rows)
        table: dict[str, Any] = {"columns": ["seed", "spikes", "of which it holds"], "rows": rows[:30]}
        text = f"runs with at least {LEAST} of their spikes: {found.detail}; {held} of {spikes} spikes in all"
        return Evidence(found.verdict, found.method, text, {**found.data, "table": table})

    return Check("statistical", run)


def grows(tolerance: float, found: Anatomy) -> bool:
    """The logarithm of the growth per step along v_1 is that of |1 − ηλ_max| within this part of it."""
    growth = found.growth
    if growth is None or growth.predicted <= 1 or growth.measured <= 0:
        return False
    return abs(math.log(growth.measured) / math.log(growth.predicted) - 1) <= tolerance


def turns(least: float, found: Anatomy) -> bool:
    """The gradient at the peak has at least this share along v_1."""
    return found.gradient_share >= least


def falls(low: float, high: float, found: Anatomy) -> bool:
    """The low share of the drop is between these."""
    return low <= found.low_drop <= high


def deviates(least: float, found: Anatomy) -> bool:
    """The parameters' deviation has at least this share along v_1."""
    return found.deviation_share >= least


MOST = (
    *runs.NETWORK,
    rf"{runs.AT_RATE}; all spikes that start after step {runs.TRANSIENT} and end (at quick effort the first "
    rf"{runs.MOST_QUICKLY} of a run)",
    *runs.DEFINITIONS,
    "one trial is one run that has such a spike; exact binomial bound over seeds",
)
_OF_A_RUN = r"\Pr[\text{at least } \tfrac34 \text{ of a run's spikes have }"


def _gradient_witness() -> str | None:
    found = second_run.second()
    gradient = runs.model().network.gradient(found.states[found.peak])
    value = second_run.share(gradient, found.vectors[:, 0])
    return f"seed {second_run.SEED}: its first spike has {value:.4f}" if value < 0.9999 else None


def _deviation_witness() -> str | None:
    found = second_run.second()
    value = second_run.share(found.delta, found.vectors[:, 0])
    return f"seed {second_run.SEED}: its first spike has {value:.3f}" if value < 0.85 else None


def _frequency_witness() -> str | None:
    found = second_run.second()
    value = second_run.low_share(found.peak, found.end)
    return f"seed {second_run.SEED}: its first spike has {value:.3f}" if value > 0.5 else None


def _growth_witness() -> str | None:
    """Spikes of other codes' first spike: the second run's window by its own growth, against 1e-5 of agreement."""
    from verify.papers.spikes.growth import STATED, _second_growth

    measured, sharp = _second_growth()
    off = abs(measured / STATED.logarithm(sharp) - 1)
    return f"seed {second_run.SEED}: its first spike is off by {off:.1e}" if off > 1e-4 else None


paper.checked(
    "abs.growth.most",
    fraction_check(partial(grows, 0.05)),
    title="In most spikes the steps along the first eigendirection grow by |1 − ηλ_max| each",
    where="abstract, 'the loss exponentially increases once the loss landscape is too sharp', limited",
    hypotheses=(*MOST, WINDOW),
    uses=("abs.growth",),
    basis="text",
    statement=_OF_A_RUN
    + r"\text{growth } |1 - \eta\lambda_{\max}| \text{ within 5 \% of its logarithm}] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "exactly",
            "within 10⁻⁵ of the logarithm",
            r"\dots \text{ within } 10^{-5}",
            fraction_check(partial(grows, 1e-5)).run,
            _growth_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
)

paper.checked(
    "abs.direction.gradient.most",
    fraction_check(partial(turns, 0.9)),
    title="At most peaks the gradient points along the first eigendirection",
    where="abstract, 'We observe a deviation in the first eigendirection', limited",
    hypotheses=MOST,
    uses=("abs.direction.gradient",),
    basis="text",
    statement=_OF_A_RUN + r"(\nabla L(\theta_P)\cdot v_1)^2 \ge 0.9\,|\nabla L(\theta_P)|^2] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "exactly",
            "a share of 0.9999",
            r"\dots \ge 0.9999\,|\nabla L|^2",
            fraction_check(partial(turns, 0.9999)).run,
            _gradient_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
)

paper.checked(
    "abs.frequency.most",
    fraction_check(partial(falls, 0.5, 1.5)),
    title="The rapid descent of most spikes is one of low frequencies",
    where=(
        "abstract, 'the rapid descent in loss as being primarily influenced by low-frequency components', "
        "limited"
    ),
    hypotheses=MOST,
    uses=("abs.frequency",),
    basis="text",
    statement=_OF_A_RUN + r"\text{a low share of the drop of } 1 \pm \tfrac12] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "high",
            "of high frequencies",
            r"\dots \text{ low share below } \tfrac12",
            fraction_check(partial(falls, -9.0, 0.5)).run,
            _frequency_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
)

paper.checked(
    "abs.direction.most",
    fraction_check(partial(deviates, 0.5)),
    title="In most spikes most of the parameters' deviation is along the first eigendirection",
    where="abstract, 'We observe a deviation in the first eigendirection', read of the parameters",
    hypotheses=MOST,
    uses=("abs.direction.large",),
    basis="text",
    statement=_OF_A_RUN
    + r"((\theta_P - \theta_s)\cdot v_1)^2 \ge \tfrac12 |\theta_P - \theta_s|^2] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "nearly-all",
            "a share of 0.9",
            r"\dots \ge 0.9\,|\theta_P - \theta_s|^2",
            fraction_check(partial(deviates, 0.9)).run,
            _deviation_witness,
        )
    ],
    expected={"quick": Verdict.UNDECIDED, "standard": Verdict.REFUTED},
    expected_reason=(
        "About half of the spikes deviate mostly along it, and few runs have three quarters of such spikes; eight "
        "seeds are too few to exclude that half of the runs do."
    ),
)
