"""λ_max as a measure: of sharpness, of generalisation, of condensation."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np

from numerics.array import FloatArray
from verify.checks import simulation, statistical
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.lower_is_sharper import FIRST
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper

MEASURES = "abstract, 'λ_max is a good measure of sharpness but not a good measure for generalization'"
TREND = "abstract, 'there is a correlation (similar trend) between λ_max and condensation'"
TEST = (
    rf"test loss: half the mean squared error at {runs.TEST_POINTS} points between the data's ends; all runs "
    rf"end at equal "
    r"$\eta t$"
)

RADIUS, ASCENTS = 0.05, 60


@cache
def worst_rise(seed: int, rate: float) -> tuple[float, float] | None:
    """(the largest rise of the loss found within RADIUS of the valley's floor, λ_max there), where the spike starts.

    The floor is half-way between two steps, which are on its two sides.
    """
    if not runs.spikes(seed, rate):
        return None
    start = runs.spikes(seed, rate)[0].start
    theta = runs.run(seed, rate).states(start, start + 2).mean(axis=0)
    return _ascend(theta), runs.model().largest_eigenvalue(theta)


def _ascend(theta: FloatArray) -> float:
    """Projected gradient ascent on the sphere from random directions; nothing of the Hessian is used."""
    model, best = runs.model(), 0.0
    centre = model.loss(theta)
    rng = np.random.Generator(np.random.Philox(key=1))
    for _ in range(3):
        step = rng.standard_normal(theta.size)
        step *= RADIUS / np.linalg.norm(step)
        for _ in range(ASCENTS):
            gradient = model.gradient(theta + step)
            step = step + 0.5 * RADIUS * gradient / np.linalg.norm(gradient)
            step *= RADIUS / np.linalg.norm(step)
        best = max(best, model.loss(theta + step) - centre)
    return best


def sharpness_check(factor: float) -> Check:
    def measure(context: Context) -> Measurement:
        items = []
        for rate in runs.RATES:
            for seed in runs.seeds(context):
                context.progress(f"η = {rate}, seed {seed}")
                found = worst_rise(seed, rate)
                if found is not None:
                    said = factor * found[1] * RADIUS**2
                    items.append(Comparison(f"η = {rate}, seed {seed}", found[0], said, 0.1 * said, 1e-9))
        x = [item.predicted for item in items]
        ends = [min(x), max(x)] if x else []
        figure = panel(
            "Worst rise of the loss within 0.05 of the floor",
            "½ λ_max ρ²",
            "found by ascent",
            [
                curve("starts of first spikes", x, [item.measured for item in items], style="points"),
                curve("equal", ends, ends, role="predicted"),
            ],
        )
        return Measurement(items, figure=[figure], remark="tolerance 10 % of the predicted rise")

    return simulation.compare(measure, quantity=f"largest rise of the loss within {RADIUS}")


def _sharpness_witness(factor: float) -> str | None:
    """The loss at ±ρ v_1 by other code: the largest rise is at least that."""
    found = second_run.second()
    network = runs.model().network
    floor = 0.5 * (found.states[found.start] + found.states[found.start + 1])
    rises = [
        network.loss(floor + sign * RADIUS * found.vectors[:, 0]) - network.loss(floor) for sign in (1, -1)
    ]
    said = factor * float(found.values[0]) * RADIUS**2
    # Nor can it be more than the quadratic bound with a margin for the third order, seen at ±ρ.
    if max(rises) > 1.3 * said or max(rises) < 0.7 * said:
        return f"seed {second_run.SEED}: at ±ρ v₁ the loss rises by {max(rises):.4g}, not about {said:.4g}"
    return None


paper.checked(
    "abs.sharpness",
    sharpness_check(0.5),
    title="λ_max measures the worst rise of the loss nearby",
    where=MEASURES,
    hypotheses=(
        *FIRST,
        rf"at $\bar\theta = (\theta_s + \theta_{{s+1}})/2$, radius $\rho = {RADIUS}$; the largest rise that "
        rf"gradient ascent on the sphere finds "
        rf"from random "
        "directions",
    ),
    basis="text",
    statement=(
        r"\max_{|\delta| \le \rho} L(\bar\theta + \delta) - L(\bar\theta) = \tfrac12\lambda_{\max}\rho^2 "
        r"\text{ within 10 \%}"
    ),
    mutants=lambda: [
        Mutant(name, words, shown, sharpness_check(factor).run, partial(_sharpness_witness, factor))
        for name, words, shown, factor in (
            ("no-half", "without the factor ½", r"\lambda_{\max}\rho^2", 1.0),
            ("quarter", "with ¼ instead of ½", r"\tfrac14\lambda_{\max}\rho^2", 0.25),
        )
    ],
    expected=Verdict.SUPPORTED,
)


def _ends(seed: int, rate: float) -> tuple[float, float]:
    """(λ_max, test loss) at the end of a run."""
    seen = runs.looks(seed, rate)
    return float(seen.sharpness[-1]), float(seen.test[-1])


def flatter_check(least: Fraction, better: bool) -> Check:
    """Of the two runs of a start, the flatter one generalises better (or worse) with at least this probability."""

    def count(context: Context) -> Tally:
        outcomes: list[bool | None] = []
        for seed in runs.seeds(context):
            context.progress(f"seed {seed}")
            if any(runs.run(seed, rate).status != "ok" for rate in (runs.RATE, runs.CONTROL_RATE)):
                outcomes.append(None)
                continue
            one, other = _ends(seed, runs.RATE), _ends(seed, runs.CONTROL_RATE)
            flat, sharp = (one, other) if one[0] < other[0] else (other, one)
            outcomes.append((flat[1] < sharp[1]) == better)
        return Tally.of(outcomes)

    return statistical.bound(count, probability=least)


def _flatter_witness() -> str | None:
    """Other seeds, with outputs and Hessians by the network's own code."""
    network = runs.model().network
    x = np.linspace(-np.pi, np.pi, 1001)[1:-1, None]
    better = 0
    for seed in range(3):
        ends = []
        for rate in (runs.RATE, runs.CONTROL_RATE):
            made = runs.run(seed, rate)
            if made.status != "ok":
                continue
            theta = made.state(made.last)
            error = network.output(theta, x)[:, 0] - runs.target(x[:, 0])
            ends.append((float(np.linalg.eigvalsh(network.hessian(theta))[-1]), float(np.mean(error**2))))
        if len(ends) == 2:
            flat, sharp = sorted(ends)
            better += flat[1] < sharp[1]
    return f"seeds 0 to 2: the flatter run generalises better in {better} of 3" if better == 0 else None


paper.checked(
    "abs.generalisation",
    flatter_check(Fraction(1, 2), better=False),
    title="The flatter of two runs generalises worse as a rule: λ_max does not measure generalisation",
    where=MEASURES,
    hypotheses=(
        *runs.NETWORK,
        rf"one start, $\eta = {runs.RATE}$ against $\eta = {runs.CONTROL_RATE}$ at $\eta t = "
        rf"{runs.HORIZON:g}$; flatter: smaller "
        r"$\lambda_{\max}$; exact binomial bound over seeds",
        TEST,
    ),
    basis="text",
    statement=(
        r"\Pr[\text{the run with the smaller } \lambda_{\max} \text{ has the larger test loss}] \ge \tfrac12"
    ),
    mutants=lambda: [
        Mutant(
            "better",
            "the flatter run generalises better",
            r"\Pr[\text{smaller test loss}] \ge \tfrac12",
            flatter_check(Fraction(1, 2), better=True).run,
            _flatter_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
)


def spread_check(factor: float) -> Check:
    """ηλ_max = factor at the end of every run, whatever the test loss."""

    def measure(context: Context) -> Measurement:
        items, points = [], []
        for seed in runs.seeds(context):
            context.progress(f"seed {seed}")
            if runs.run(seed, runs.RATE).status == "ok":
                sharp, test = _ends(seed, runs.RATE)
                items.append(Comparison(f"seed {seed}", runs.RATE * sharp, factor, 0.06, 1e-9))
                points.append((sharp, test))
        tests = [t for _, t in points]
        figure = panel(
            f"End of the runs at η = {runs.RATE}",
            "λ_max",
            "test loss",
            [curve("one point a seed", [s for s, _ in points], tests, style="points")],
            yscale="log",
            marks=[(2 / runs.RATE, "2/η")],
        )
        remark = f"test losses from {min(tests):.2g} to {max(tests):.2g}" if tests else "no run"
        return Measurement(items, figure=[figure], remark=remark)

    return simulation.compare(measure, quantity="ηλ_max at the end")


def _spread_witness(factor: float) -> str | None:
    made = runs.run(0, runs.RATE)
    value = runs.RATE * float(np.linalg.eigvalsh(runs.model().network.hessian(made.state(made.last)))[-1])
    return f"seed 0, Hessian from products: {value:.3f}" if abs(value - factor) > 0.2 else None


paper.checked(
    "abs.generalisation.edge",
    spread_check(2.0),
    title="At the end λ_max is 2/η, whatever the test loss is",
    where=MEASURES,
    hypotheses=(*runs.NETWORK, rf"$\eta = {runs.RATE}$, $\eta t = {runs.HORIZON:g}$", TEST),
    uses=("abs.flat",),
    basis="derived",
    statement=r"\eta\lambda_{\max} = 2 \pm 0.06",
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"\eta\lambda_{{\max}} = {value:g} \pm 0.06",
            spread_check(value).run,
            partial(_spread_witness, value),
        )
        for name, words, value in (("one", "1 instead of 2", 1.0), ("below", "1.7 instead of 2", 1.7))
    ],
    expected=Verdict.SUPPORTED,
)

LATER_THAN = 100.0
"""ηt from which on λ_max and condensation are compared."""


def trend(seed: int, rate: float) -> float | None:
    """Correlation of λ_max and C over the looks of a run; None of one that diverged."""
    if runs.run(seed, rate).status != "ok":
        return None
    seen = runs.looks(seed, rate)
    late = seen.times > LATER_THAN
    return float(np.corrcoef(seen.sharpness[late], seen.condensed[late])[0, 1])


Budget = tuple[int, int, int]
"""How many seeds at the three efforts."""

FEW: Budget = (4, 6, 60)
"""Too few to decide but at the last: about three runs in four go one way."""


def trend_check(
    least: Fraction, rate: float, sign: Callable[[float], bool], budget: Budget = (8, 24, 60)
) -> Check:
    def count(context: Context) -> Tally:
        outcomes: list[bool | None] = []
        for seed in runs.seeds(context, *budget):
            context.progress(f"seed {seed}")
            value = trend(seed, rate)
            outcomes.append(None if value is None else sign(value))
        return Tally.of(outcomes)

    return _with_numbers(statistical.bound(count, probability=least), rate, budget)


def _with_numbers(check: Check, rate: float, budget: Budget) -> Check:
    """The same check, with the correlation of every seed in a table and the two series of one seed."""
    from verify.evidence import Evidence

    def run(context: Context) -> Evidence:
        found = check.run(context)
        seeds = list(runs.seeds(context, *budget))
        rows: list[Any] = [[seed, value] for seed in seeds if (value := trend(seed, rate)) is not None]
        figure = []
        if rows:
            seen = runs.looks(rows[0][0], rate)
            marks = [
                (runs.run(rows[0][0], rate).rate * s.peak, "") for s in runs.spikes(rows[0][0], rate)[:12]
            ]
            figure = [
                panel(
                    f"λ_max, seed {rows[0][0]}, η = {rate}",
                    "ηt",
                    "λ_max",
                    [curve("λ_max", seen.times, seen.sharpness)],
                    marks=marks,
                ),
                panel(
                    f"Condensation, seed {rows[0][0]}, η = {rate}",
                    "ηt",
                    "C",
                    [curve("C", seen.times, seen.condensed)],
                    marks=marks,
                ),
            ]
        data = {
            **found.data,
            "table": {"columns": ["seed", "correlation"], "rows": rows[:30]},
            "figure": figure,
        }
        shown = ", ".join(f"{value:.2f}" for _, value in rows[:12])
        return Evidence(found.verdict, found.method, f"{found.detail}; correlations {shown}", data)

    return Check(check.method, run)


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


paper.checked(
    "abs.correlation",
    trend_check(Fraction(3, 4), runs.RATE, lambda value: value >= 0.5),
    title="λ_max and condensation go together in runs that spike",
    where=TREND,
    hypotheses=(
        *runs.NETWORK,
        runs.AT_RATE,
        rf"correlation over {runs.LOOKS} looks at equal intervals of $\eta t$, those after $\eta t = "
        rf"{LATER_THAN:g}$",
        "exact binomial bound over seeds",
    ),
    uses=("abs.generalisation.edge",),
    basis="text",
    statement=r"\Pr[\operatorname{corr}(\lambda_{\max}, C) \ge \tfrac12] \ge \tfrac34",
    expected=Verdict.REFUTED,
    expected_reason=(
        "λ_max is held near 2/η while condensation rises: the sign of their correlation differs from seed to "
        "seed."
    ),
)

paper.checked(
    "abs.correlation.quiet",
    trend_check(Fraction(1, 2), runs.CONTROL_RATE, lambda value: value > 0, FEW),
    title="λ_max and condensation go together in runs that do not spike",
    where=f"{TREND}, limited",
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta = {runs.CONTROL_RATE}$, $\eta t \le {runs.HORIZON:g}$: no spikes; both rise slowly",
        rf"correlation over {runs.LOOKS} looks at equal intervals of $\eta t$, those after $\eta t = "
        rf"{LATER_THAN:g}$",
        "exact binomial bound over seeds",
    ),
    basis="text",
    statement=r"\Pr[\operatorname{corr}(\lambda_{\max}, C) > 0] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "proportional",
            "as good as proportional, in 99 runs of 100",
            r"\Pr[\operatorname{corr}(\lambda_{\max}, C) \ge 0.99] \ge 0.99",
            trend_check(Fraction(99, 100), runs.CONTROL_RATE, lambda value: value >= 0.99, FEW).run,
            partial(_proportional_witness, runs.CONTROL_RATE),
        )
    ],
    expected={
        "quick": Verdict.UNDECIDED,
        "standard": Verdict.UNDECIDED,
        "deep": Verdict.SUPPORTED,
    },
    expected_reason="About three runs in four go this way; fewer than some fifty cannot tell that from one half.",
)
