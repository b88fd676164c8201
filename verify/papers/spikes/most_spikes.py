"""The sentences that do not hold of every spike, of most of a run's spikes: one trial is one run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from numerics.spike_anatomy import Anatomy
from verify.checks import statistical
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.growth import WINDOW
from verify.papers.spikes.paper import paper
from verify.papers.spikes.shortened import MOST_ROWS

RATES = (0.08, 0.1)
"""Where two eigenvalues at 2/η together are the exception; at the largest learning rate they are not."""

LARGE = 10.0
"""Height from which a spike is large."""

Holds = Callable[[Anatomy], bool | None]
"""Whether it holds of a spike; None where a number that it takes is not known."""


def more_than_half(listed: Sequence[bool | None]) -> bool | None:
    """Whether it holds of more than half of the spikes; None where that hangs on those of which it is not known."""
    if 2 * listed.count(True) > len(listed):
        return True
    return None if 2 * (len(listed) - listed.count(False)) > len(listed) else False


def most_check(
    holds: Holds, least_height: float = 0.0, rates: Sequence[float] = RATES, quickly: int | None = None
) -> Check:
    """Whether it holds, as a rule, of more than half of the spikes of a run that are at least so high. ``quickly``:
    runs at quick effort, where it is not all of them."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        by_run: dict[tuple[float, int], list[bool | None]] = {}
        for rate, seed, one in runs.all_spikes(context, rates, context.by_effort(quickly, None, None)):
            if one.height >= least_height:
                by_run.setdefault((rate, seed), []).append(holds(one))
        tally = Tally.of(more_than_half(listed) for listed in by_run.values())
        found = statistical.bound(tally, probability=Fraction(1, 2)).run(context)
        rows = [[*key, len(listed), listed.count(True)] for key, listed in by_run.items()]
        held, spikes = sum(row[3] for row in rows), sum(row[2] for row in rows)
        columns = ["η", "seed", "spikes", "of which it holds"]
        table: dict[str, Any] = {"columns": columns, "rows": rows[:MOST_ROWS]}
        text = f"runs of whose spikes it holds of more than half: {found.detail}; {held} of {spikes} spikes in all"
        return Evidence(found.verdict, found.method, text, {**found.data, "table": table})

    return Check("statistical", run)


def grows(tolerance: float, found: Anatomy) -> bool | None:
    """The logarithm of the growth per step along v_1 is that of |1 − ηλ_max| within this part of it."""
    growth = found.growth
    if growth is None or not (math.isfinite(growth.predicted) and math.isfinite(growth.measured)):
        return None
    if growth.predicted <= 1 or growth.measured <= 0:
        return False
    return abs(math.log(growth.measured) / math.log(growth.predicted) - 1) <= tolerance


def turns(least: float, found: Anatomy) -> bool | None:
    """The gradient at the peak has at least this share along v_1."""
    return statistical.told(found.gradient_share >= least, found.gradient_share)


def falls(low: float, high: float, found: Anatomy) -> bool | None:
    """The low share of the drop is between these."""
    return statistical.told(low <= found.low_drop <= high, found.low_drop)


def deviates(least: float, found: Anatomy) -> bool | None:
    """The parameters' deviation has at least this share along v_1."""
    return statistical.told(found.deviation_share >= least, found.deviation_share)


def _most(rates: Sequence[float]) -> tuple[str, ...]:
    return (
        *runs.NETWORK,
        rf"$\eta = {', '.join(map(str, rates))}$, $\eta t \le {runs.HORIZON:g}$; all spikes that start after step "
        rf"{runs.TRANSIENT} and end (at quick effort the first {runs.MOST_QUICKLY} of a run)",
        *runs.DEFINITIONS,
        "one trial is one run that has such a spike, from a start of its own; the exact binomial test is at 99 %, and "
        "the number of runs is fixed by the effort",
    )


MOST, MOST_OF_ALL = _most(RATES), _most(runs.RATES)
_OF_A_RUN = r"\Pr[\text{more than half of a run's spikes have }"


def _gradient_witness() -> str | None:
    found = second_run.second()
    gradient = runs.model().network.gradient(found.states[found.peak])
    value = second_run.share(gradient, found.vectors[:, 0])
    return f"seed {second_run.SEED}: its first spike has {value:.4f}" if value < 0.9999 else None


def _large_witness() -> str | None:
    """A large spike by other code: the first of the same start at the smallest rate."""
    found = second_run.second(RATES[0], 12000)
    height = found.losses[found.peak] / found.losses[found.start]
    value = second_run.share(found.delta, found.vectors[:, 0])
    if height >= LARGE and value < 0.9:
        return f"η = {RATES[0]}, seed {second_run.SEED}, height {height:.0f}: the share is {value:.3f}"
    return None


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
    most_check(partial(grows, 0.05)),
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
            most_check(partial(grows, 1e-5)).run,
            _growth_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.direction.gradient.most",
    most_check(partial(turns, 0.9)),
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
            most_check(partial(turns, 0.9999)).run,
            _gradient_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.frequency.most",
    most_check(partial(falls, 0.5, 1.5)),
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
            most_check(partial(falls, -9.0, 0.5)).run,
            _frequency_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.direction.large",
    most_check(partial(deviates, 0.5), LARGE),
    title="In most large spikes most of the parameters' deviation is along the first eigendirection",
    where="abstract, 'We observe a deviation in the first eigendirection', read of the parameters",
    hypotheses=(
        *MOST,
        rf"spikes with $L(\theta_P) \ge {LARGE:g}\,L(\theta_s)$; a deviation has the drift of the slow rise in it",
    ),
    uses=("abs.direction.gradient",),
    basis="text",
    statement=_OF_A_RUN
    + r"((\theta_P - \theta_s)\cdot v_1)^2 \ge \tfrac12 |\theta_P - \theta_s|^2] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "nearly-all",
            "a share of 0.95",
            r"\dots \ge 0.95\,|\theta_P - \theta_s|^2",
            most_check(partial(deviates, 0.95), LARGE).run,
            _large_witness,
        ),
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

FEW = 6
"""Runs at quick effort. About three runs in ten have mostly such spikes: six runs decide nothing, 120 do."""

paper.checked(
    "abs.direction.most",
    most_check(partial(deviates, 0.5), rates=runs.RATES, quickly=FEW),
    title="In most spikes most of the parameters' deviation is along the first eigendirection",
    where="abstract, 'We observe a deviation in the first eigendirection', read of the parameters, of most spikes",
    hypotheses=(
        *MOST_OF_ALL,
        f"at quick effort {FEW} runs, which cannot decide whatever is seen in them",
    ),
    uses=("abs.direction.large",),
    basis="text",
    statement=_OF_A_RUN
    + r"((\theta_P - \theta_s)\cdot v_1)^2 \ge \tfrac12 |\theta_P - \theta_s|^2] \ge \tfrac12",
    expected={"quick": Verdict.UNDECIDED, "standard": Verdict.REFUTED},
    expected_reason=(
        "Later spikes of a run are weaker and rise more slowly, and the parameters meanwhile move along the floor of "
        "the valley: about three runs in ten have more than half of their spikes mostly along v₁. Of large spikes it "
        "holds (abs.direction.large), by the same check."
    ),
    shares=runs.SHARED,
)

paper.checked(
    "abs.direction.some",
    most_check(partial(deviates, 0.1)),
    title="In most spikes a tenth of the parameters' deviation, and more, is along the first eigendirection",
    where="abstract, 'We observe a deviation in the first eigendirection', read of the parameters, limited",
    hypotheses=(
        *MOST,
        "a tenth of the deviation (chosen): a random direction has one part in 151 of it in the mean, as there are 151 "
        "parameters",
    ),
    uses=("abs.direction.gradient.most",),
    basis="text",
    statement=_OF_A_RUN
    + r"((\theta_P - \theta_s)\cdot v_1)^2 \ge \tfrac1{10} |\theta_P - \theta_s|^2] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "nearly-all",
            "a share of 0.95",
            r"\dots \ge 0.95\,|\theta_P - \theta_s|^2",
            most_check(partial(deviates, 0.95)).run,
            _large_witness,
        ),
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)
