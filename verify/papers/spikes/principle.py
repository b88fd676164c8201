"""The frequency principle: low frequencies are captured first, and what the first eigendirection has to do with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from random import Random
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.spike_anatomy import LOW, frequency_parts, leading_eigenpairs
from verify.checks import statistical
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.frequency import SPLIT
from verify.papers.spikes.intervals import NORMAL, Sample, mean_check
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.shortened import MOST_ROWS

SENTENCE = (
    "abstract, 'which can be reasonably explained by the frequency principle, as low-frequency information is captured "
    "rapidly'"
)
PART = 0.1
"""A group of frequencies is captured when the loss in it is this part of what the target has there."""

DIRECTIONS, NUDGE = 40, 1e-5
"""Random directions of a run, and how far along one the outputs are looked at."""


def _low_and_high(residual: FloatArray) -> tuple[float, float]:
    """The loss in k ≤ LOW, and in the rest."""
    parts = frequency_parts(residual)
    return float(parts[: LOW + 1].sum()), float(parts[LOW + 1 :].sum())


@cache
def _course(seed: int) -> tuple[FloatArray, FloatArray]:
    """Training times (k,), and low and high part of the loss over those of the target (k, 2), at RATE: each of the
    first steps, then equally spaced in the logarithm."""
    made = runs.run(seed, runs.RATE)
    later = np.geomspace(100, made.last, 400).astype(int)
    steps = np.unique(np.concatenate([np.arange(100), later]))
    target = np.array(_low_and_high(runs.target(runs.model().x)))
    found = [_low_and_high(runs.model().residual(made.state(int(step)))) for step in steps]
    return runs.RATE * steps, np.array(found) / target


def captured(seed: int) -> tuple[float, float] | None:
    """Training times at which low and high frequencies are captured, inf where they are not; None of a run that
    diverged."""
    if runs.run(seed, runs.RATE).status != "ok":
        return None
    times, parts = _course(seed)
    low, high = (
        float(times[there[0]]) if len(there) else math.inf for there in map(np.flatnonzero, (parts < PART).T)
    )
    return low, high


def sooner(factor: float, one: float, other: float) -> bool | None:
    """Whether one time is so many times before the other; None where both are the same, or never, or not known."""
    return None if one == other else statistical.told(factor * one <= other, one, other)


def order_check(factor: float, first: int = 0) -> Check:
    """The first group (0 low, 1 high) is captured so many times sooner than the other."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        outcomes: list[bool | None] = []
        rows: list[list[Any]] = []
        for seed in runs.starts(context):
            context.progress(f"frequencies, seed {seed}")
            times = captured(seed)
            outcomes.append(None if times is None else sooner(factor, times[first], times[1 - first]))
            if times is not None:
                rows.append([seed, *(time if math.isfinite(time) else None for time in times)])
        evidence = statistical.bound(Tally.of(outcomes), probability="1/2").run(context)
        table = {"columns": ["seed", "ηt, low frequencies", "ηt, high frequencies"], "rows": rows[:30]}
        data: dict[str, Any] = {**evidence.data, "table": table, "figure": _panels(runs.seeds(context)[0])}
        return Evidence(evidence.verdict, "statistical", evidence.detail, data)

    return Check("statistical", run)


def _panels(seed: int) -> list[dict[str, Any]]:
    times, parts = _course(seed)
    times, parts = times[1:], parts[1:]
    return [
        panel(
            f"Loss by frequency over that of the target, seed {seed}, η = {runs.RATE}",
            "training time ηt",
            "part of the target's",
            [
                curve(f"k ≤ {LOW}", times, parts[:, 0]),
                curve(f"k > {LOW}", times, parts[:, 1], style="dashed"),
                curve("captured", times[[0, -1]], [PART, PART], role="predicted"),
            ],
            xscale="log",
            yscale="log",
        )
    ]


@cache
def _plain_times() -> tuple[float, float]:
    """The same of one run by the general network's gradients and by sums of cosines and sines."""
    network = runs.model().network
    x = runs.model().x
    n = len(x)
    angle = 2 * math.pi * np.outer(np.arange(n // 2 + 1), np.arange(n)) / n

    def split(residual: FloatArray) -> FloatArray:
        power = (np.cos(angle) @ residual) ** 2 + (np.sin(angle) @ residual) ** 2
        power[1 : (n - 1) // 2 + 1] *= 2
        return np.array([power[: LOW + 1].sum(), power[LOW + 1 :].sum()])

    target, theta = split(runs.target(x)), runs.start(second_run.SEED)
    found = [math.inf, math.inf]
    for step in range(6000):
        point = network.at(theta)
        parts = split(network.residual(theta)[:, 0]) / target
        for group in (0, 1):
            if parts[group] < PART:
                found[group] = min(found[group], runs.RATE * step)
        if max(found) < math.inf:
            break
        theta = theta - runs.RATE * point.gradient
    return found[0], found[1]


def _order_witness(factor: float, first: int) -> str | None:
    times = _plain_times()
    if factor * times[first] <= times[1 - first]:
        return None
    return f"seed {second_run.SEED}, by other code: low frequencies at ηt = {times[0]:.1f}, high at {times[1]:.1f}"


RUN = rf"$\eta = {runs.RATE}$, $\eta t \le {runs.HORIZON:g}$"

paper.checked(
    "abs.principle.captured",
    order_check(5.0),
    title="Low frequencies are captured five times sooner than high ones, and more",
    where=SENTENCE,
    hypotheses=(
        *runs.NETWORK,
        RUN,
        SPLIT,
        rf"captured: the loss in these frequencies is for the first time below {PART} of what the target has there",
        runs.RULE_AT_RATE,
    ),
    basis="text",
    statement=r"\Pr\bigl[5\,t_{k \le 3} \le t_{k > 3}\bigr] \ge \tfrac12",
    mutants=lambda: [
        Mutant(name, words, shown, order_check(factor, first).run, partial(_order_witness, factor, first))
        for name, words, shown, factor, first in (
            ("high", "high frequencies are captured first", r"t_{k > 3} \le t_{k \le 3}", 1.0, 1),
            ("thousand", "a thousand times sooner", r"1000\,t_{k \le 3} \le t_{k > 3}", 1000.0, 0),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def moved_low_share(
    theta: FloatArray, direction: FloatArray, residual: Callable[[FloatArray], FloatArray]
) -> float:
    """The part of the frequencies k ≤ LOW in the change of the outputs along a direction."""
    change = residual(theta + NUDGE * direction) - residual(theta - NUDGE * direction)
    parts = frequency_parts(change)
    return float(parts[: LOW + 1].sum() / parts.sum())


@cache
def _shares(seed: int, rate: float = runs.RATE) -> tuple[float, float, float] | None:
    """The low share along v_1, along v_2, and its mean along random directions, at the start of the first spike."""
    spikes = runs.spikes(seed, rate)
    if not spikes:
        return None
    theta, model = runs.run(seed, rate).state(spikes[0].start), runs.model()
    _, vectors = leading_eigenpairs(model, theta, 2)
    first, second = (moved_low_share(theta, vectors[:, i], model.residual) for i in (0, 1))
    drawn = np.random.Generator(np.random.Philox(key=seed)).standard_normal((DIRECTIONS, len(theta)))
    others = [moved_low_share(theta, one / math.sqrt(float(one @ one)), model.residual) for one in drawn]
    return first, second, float(np.mean(others))


def _sample(context: Context, number: Callable[[tuple[float, float, float]], float]) -> Sample:
    values, rows = {}, []
    for seed in runs.starts(context):
        context.progress(f"directions, seed {seed}")
        shares = _shares(seed)
        if shares is not None:
            values[seed] = number(shares)
            rows.append([seed, *shares])
    columns = ("seed", "low share along v₁", "along v₂", "along random directions, mean")
    return Sample(values, columns=columns, rows=rows)


def fewer_high_check(factor: float) -> Check:
    """As a rule, v_1 moves at most this part of the high frequencies that a random direction moves."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        outcomes: list[bool | None] = []
        rows: list[list[Any]] = []
        for rate, seed in runs.trials(context):
            context.progress(f"directions, η = {rate}, seed {seed}")
            shares = _shares(seed, rate)
            if shares is not None:
                first, _, others = shares
                known = math.isfinite(first) and others < 1
                outcomes.append(1 - first <= factor * (1 - others) if known else None)
                if known:
                    rows.append([rate, seed, first, others, (1 - first) / (1 - others)])
        evidence = statistical.bound(Tally.of(outcomes), probability="1/2").run(context)
        ratios = [row[-1] for row in rows]
        middle = f"; the ratio of the high shares is {np.median(ratios):.3g} in the median" if ratios else ""
        columns = [
            "η",
            "seed",
            "low share along v₁",
            "along random directions, mean",
            "ratio of the high shares",
        ]
        data: dict[str, Any] = {**evidence.data, "table": {"columns": columns, "rows": rows[:MOST_ROWS]}}
        return Evidence(evidence.verdict, "statistical", f"{evidence.detail}{middle}", data)

    return Check("statistical", run)


def first_check(at_least: float | None = None, at_most: float | None = None) -> Check:
    return mean_check(
        partial(_sample, number=lambda shares: shares[0]),
        quantity="low share of what v₁ moves",
        at_least=at_least,
        at_most=at_most,
    )


def _first_witness(at_least: float, at_most: float) -> str | None:
    found = second_run.second()
    network = runs.model().network
    share = moved_low_share(
        found.states[found.start], found.vectors[:, 0], lambda theta: network.residual(theta)[:, 0]
    )
    if at_least - 0.02 <= share <= at_most + 0.02:
        return None
    return f"seed {second_run.SEED}, Hessian and outputs by other code: the share is {share:.3f}"


MOVES = r"what a direction $v$ moves: the outputs' derivative along it, and of that the part in $k \le 3$"

AGAINST_RANDOM = (
    *runs.NETWORK,
    rf"learning rates $\eta \in \{{{', '.join(map(str, runs.RATES))}\}}$, $\eta t \le {runs.HORIZON:g}$; at the "
    rf"start $\theta_s$ of every run's first spike after step {runs.TRANSIENT}",
    *runs.DEFINITIONS,
    SPLIT,
    MOVES,
    rf"random directions: {DIRECTIONS} a run, isotropic among all parameters",
    runs.RULE,
)

AT_START = (
    *runs.NETWORK,
    rf"{RUN}; at the start $\theta_s$ of every run's first spike after step {runs.TRANSIENT}, one of a seed",
    *runs.DEFINITIONS,
    SPLIT,
    MOVES,
    NORMAL,
)

paper.checked(
    "abs.principle.direction",
    first_check(0.8),
    title="The first eigendirection moves low frequencies",
    where=SENTENCE,
    hypotheses=AT_START,
    uses=("frequency.parseval",),
    basis="text",
    statement=(
        r"\mathrm{E}\Bigl[\frac{\sum_{k \le 3} E_k(v_1 \cdot \nabla f)}{\sum_k E_k(v_1 \cdot \nabla f)}\Bigr] \ge 0.8"
    ),
    mutants=lambda: [
        Mutant(
            "all", "nearly all of it", r"\ge 0.97", first_check(0.97).run, partial(_first_witness, 0.97, 1.0)
        ),
        Mutant(
            "half",
            "at most half of it",
            r"\le \tfrac12",
            first_check(at_most=0.5).run,
            partial(_first_witness, 0.0, 0.5),
        ),
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def _share_at_most(part: str) -> str:
    return (
        rf"\Pr\bigl[\text{{high share of what }} v_1 \text{{ moves}} \le {part}\,\text{{high share of what a random "
        r"direction moves}\bigr] \ge \tfrac12"
    )


def _ratio_witness(factor: float) -> str | None:
    """v_1 by another Hessian, outputs by the general network, and as many directions of another generator."""
    found, network = second_run.second(), runs.model().network
    theta = found.states[found.start]

    def high(direction: FloatArray) -> float:
        return 1 - moved_low_share(theta, direction, lambda at: network.residual(at)[:, 0])

    generator = Random(second_run.SEED)
    drawn = (
        np.array([generator.gauss(0, 1) for _ in range(len(theta))]) / math.sqrt(len(theta))
        for _ in range(DIRECTIONS)
    )
    ratio = high(found.vectors[:, 0]) / float(np.mean([high(one) for one in drawn]))
    if ratio <= 1.2 * factor:
        return None
    return f"seed {second_run.SEED}, Hessian and outputs by other code: the ratio of the high shares is {ratio:.2f}"


paper.checked(
    "abs.principle.like",
    fewer_high_check(2.0),
    title="The first eigendirection moves at most twice as much of high frequencies as other directions do",
    where=f"{SENTENCE}, read of this direction in particular",
    hypotheses=(*AGAINST_RANDOM, "at most twice (chosen)"),
    uses=("abs.principle.direction",),
    basis="chosen",
    statement=_share_at_most("2"),
    mutants=lambda: [
        Mutant(
            "half",
            "at most half as much",
            _share_at_most(r"\tfrac12"),
            fewer_high_check(0.5).run,
            partial(_ratio_witness, 0.5),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.principle.special",
    fewer_high_check(0.5),
    title="The first eigendirection moves far less of high frequencies than other directions do",
    where=f"{SENTENCE}, read of this direction in particular",
    hypotheses=(*AGAINST_RANDOM, "far less: at most half (chosen)"),
    uses=("abs.principle.direction", "abs.principle.like"),
    basis="chosen",
    statement=_share_at_most(r"\tfrac12"),
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "A random direction of this network moves low frequencies, nine parts in ten and more, and the first "
        "eigendirection about as much: a little less of them at η = 0.1, a little more at η = 0.08. That the deviation "
        "is one of low frequencies says little about the first eigendirection in particular."
    ),
)
