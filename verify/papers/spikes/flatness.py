"""λ_max as a measure: of sharpness, of generalisation."""

from __future__ import annotations

from fractions import Fraction
from functools import cache, partial

import numpy as np

from numerics.array import FloatArray
from verify.checks import statistical
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import Tally, as_a_rule
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.lower_is_sharper import FIRST
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.shortened import shortened

MEASURES = "abstract, 'λ_max is a good measure of sharpness but not a good measure for generalization'"
TEST = (
    rf"test loss: half the mean squared error at {runs.TEST_POINTS} points between the data's ends; all runs "
    rf"end at equal "
    r"$\eta t$"
)

RADIUS, ASCENTS = 0.05, 60
HALF = Fraction(1, 2)


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
        for rate, seed in runs.trials(context):
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
        return Measurement(
            runs.shown_first(items), figure=[figure], remark="tolerance 10 % of the predicted rise"
        )

    return shortened(as_a_rule(measure, quantity=f"largest rise of the loss within {RADIUS}"))


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
        r"\Pr\Bigl[\max_{|\delta| \le \rho} L(\bar\theta + \delta) - L(\bar\theta) = \tfrac12\lambda_{\max}\rho^2 "
        r"\text{ within 10 \%}\Bigr] \ge \tfrac12"
    ),
    mutants=lambda: [
        Mutant(name, words, shown, sharpness_check(factor).run, partial(_sharpness_witness, factor))
        for name, words, shown, factor in (
            ("no-half", "without the factor ½", r"\lambda_{\max}\rho^2", 1.0),
            ("quarter", "with ¼ instead of ½", r"\tfrac14\lambda_{\max}\rho^2", 0.25),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def _ends(seed: int, rate: float) -> tuple[float, float]:
    """(λ_max, test loss) at the end of a run."""
    seen = runs.looks(seed, rate)
    return float(seen.sharpness[-1]), float(seen.test[-1])


PAIRS = (12, 24, 60)
"""Pairs of runs from one start, by effort."""


def flatter_is(better: bool, one: tuple[float, float], other: tuple[float, float]) -> bool | None:
    """Whether the flatter of two ends (λ_max, test loss) generalises better, or worse; None where neither is flatter,
    neither is better, or one number is not known."""
    flat, sharp = sorted((one, other))
    if flat[0] == sharp[0] or flat[1] == sharp[1]:
        return None
    return statistical.told((flat[1] < sharp[1]) == better, *flat, *sharp)


def flatter_check(better: bool) -> Check:
    """Of the two runs of a start, the flatter one generalises better (or worse) as a rule: a sign test."""

    def count(context: Context) -> Tally:
        outcomes: list[bool | None] = []
        for seed in runs.seeds(context, *PAIRS):
            context.progress(f"seed {seed}")
            if any(runs.run(seed, rate).status != "ok" for rate in (runs.RATE, runs.CONTROL_RATE)):
                outcomes.append(None)
                continue
            one, other = _ends(seed, runs.RATE), _ends(seed, runs.CONTROL_RATE)
            outcomes.append(flatter_is(better, one, other))
        return Tally.of(outcomes)

    return statistical.bound(count, probability=HALF)


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
    flatter_check(better=False),
    title="The flatter of two runs generalises worse as a rule: λ_max does not measure generalisation",
    where=MEASURES,
    hypotheses=(
        *runs.NETWORK,
        rf"one start, $\eta = {runs.RATE}$ against $\eta = {runs.CONTROL_RATE}$ at $\eta t = "
        rf"{runs.HORIZON:g}$; flatter: smaller "
        r"$\lambda_{\max}$; the exact sign test over starts at 99 %",
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
            flatter_check(better=True).run,
            _flatter_witness,
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def spread_check(factor: float) -> Check:
    """ηλ_max = factor at the end of every run, whatever the test loss."""

    def measure(context: Context) -> Measurement:
        items, points = [], []
        for _, seed in runs.trials(context, (runs.RATE,)):
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
        return Measurement(runs.shown_first(items), figure=[figure], remark=remark)

    return shortened(as_a_rule(measure, quantity="ηλ_max at the end"))


def _spread_witness(factor: float) -> str | None:
    made = runs.run(0, runs.RATE)
    value = runs.RATE * float(np.linalg.eigvalsh(runs.model().network.hessian(made.state(made.last)))[-1])
    return f"seed 0, Hessian from products: {value:.3f}" if abs(value - factor) > 0.2 else None


paper.checked(
    "abs.generalisation.edge",
    spread_check(2.0),
    title="At the end of a run λ_max is as a rule 2/η, whatever the test loss is",
    where=MEASURES,
    hypotheses=(
        *runs.NETWORK,
        rf"$\eta = {runs.RATE}$, $\eta t = {runs.HORIZON:g}$",
        TEST,
        runs.RULE_AT_RATE,
    ),
    uses=("abs.flat",),
    basis="derived",
    statement=r"\Pr\bigl[\eta\lambda_{\max} = 2 \pm 0.06\bigr] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"\Pr\bigl[\eta\lambda_{{\max}} = {value:g} \pm 0.06\bigr] \ge \tfrac12",
            spread_check(value).run,
            partial(_spread_witness, value),
        )
        for name, words, value in (("one", "1 instead of 2", 1.0), ("below", "1.7 instead of 2", 1.7))
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)
