"""Training runs that several claims of this paper look at, each made once a process.

The network of the paper's experiments is not known in full; this one is chosen so that it spikes: 50 tanh neurons with
biases and an output bias, 40 equidistant points on [−π, π], target sin x + sin 4x, full-batch gradient descent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from numerics.array import FloatArray
from numerics.condensation import condensation
from numerics.fully_connected import FullyConnected
from numerics.shallow import Shallow, Steps, descend
from numerics.spike_anatomy import Anatomy, anatomy
from numerics.spikes import Spike, detect
from verify.checks.simulation import Comparison
from verify.context import Context

WIDTH, SAMPLES = 50, 40
RATE, CONTROL_RATE = 0.1, 0.05
"""Learning rates: one at which runs spike, and one at which few do."""

RATES = (0.08, 0.1, 0.12)
"""Learning rates that spike; from 0.13 on runs diverge."""

HORIZON = 2000.0
"""Training time ηt of every run: 20000 steps at RATE."""

MOST_QUICKLY = 6
"""Spikes of a run that are looked at at quick effort."""

TRANSIENT = 100
"""A spike that starts at an earlier step belongs to the settling of the initial weights."""

NETWORK = (
    r"$f(x) = \sum_{j=1}^{50} a_j\tanh(w_j x + b_j) + c$; $w_j, b_j \sim N(0, 1)$, $a_j \sim N(0, 1/50)$, $c "
    r"= 0$",
    r"40 equidistant points on $[-\pi, \pi]$, target $\sin x + \sin 4x$, $L$ half the mean squared residual, "
    r"full-batch "
    r"gradient descent in double precision (all chosen)",
)
DEFINITIONS = (
    r"a spike: $L > 2 \times$ the running minimum; $s$: lowest $L$ since the spike before, $P$: largest "
    r"$L$, $E$: "
    r"first step with $L < 1.2 \times$ the minimum (chosen)",
    r"$v_1, \lambda_1 = \lambda_{\max}$: first eigenpair of the Hessian at $\theta_s$",
)
RULE = (
    "as a rule: in more than half of the runs. One trial is one run from a start of its own, half of them at "
    "$\\eta = 0.1$, a quarter at each other learning rate; their number is fixed by the effort, and the exact binomial "
    "test is at 99 %; the evidence has the bounds on how often it holds"
)
RULE_AT_RATE = (
    "as a rule: in more than half of the runs, by the exact binomial test at 99 %; the number of runs is fixed by the "
    "effort"
)
MANY = (
    rf"learning rates $\eta \in \{{{', '.join(map(str, RATES))}\}}$, $\eta t \le {HORIZON:g}$; all spikes "
    rf"of every run that "
    rf"start after step {TRANSIENT} and end (at quick effort the first {MOST_QUICKLY})"
)
AT_RATE = rf"$\eta = {RATE}$, training time $\eta t \le {HORIZON:g}$"
LATER = rf"spikes that start after step {TRANSIENT}"

SHARED = "training runs"
"""What the claims that look at these runs have as `shares`."""


@cache
def model() -> Shallow:
    """The network on its data."""
    x = np.linspace(-np.pi, np.pi, SAMPLES)
    return Shallow(FullyConnected(x[:, None], target(x), (WIDTH,), "tanh", bias=True))


def target(x: FloatArray) -> FloatArray:
    """sin x + sin 4x."""
    return np.asarray(np.sin(x) + np.sin(4 * x), dtype=np.float64)


def start(seed: int) -> FloatArray:
    """Initial parameters (size,)."""
    theta = model().network.initial(seed, bias_scale=1.0)
    theta[-1] = 0.0
    return theta


def seeds(context: Context, quick: int = 12, standard: int = 24, deep: int = 60) -> range:
    """The seeds of an effort, for runs of one learning rate and for pairs of runs from one start."""
    return context.draws(context.by_effort(quick, standard, deep))


@cache
def run(seed: int, rate: float) -> Steps:
    """One training run up to HORIZON."""
    return descend(model(), start(seed), rate, round(HORIZON / rate), every=20)


@cache
def spikes(seed: int, rate: float = RATE) -> tuple[Spike, ...]:
    """The spikes of a run that start after the transient and have ended. None of a run that diverged count."""
    made = run(seed, rate)
    if made.status != "ok":
        return ()
    return tuple(s for s in detect(made.losses) if s.end is not None and s.start >= TRANSIENT)


@cache
def dissected(seed: int, rate: float, number: int) -> Anatomy:
    """The anatomy of one of the run's spikes."""
    return anatomy(run(seed, rate), spikes(seed, rate)[number])


def trials(context: Context, rates: Sequence[float] = RATES) -> list[tuple[float, int]]:
    """Learning rate and seed of independent runs: every start is used once, half of them at RATE and a quarter at each
    of the others."""
    count = context.by_effort(10, 30, 60)
    drawn = context.draws(count * (len(RATES) + 1))
    order = (RATE, RATE, *(rate for rate in RATES if rate != RATE))
    return [
        (rate, seed)
        for seed, rate in zip(drawn, np.repeat(order, count).tolist(), strict=True)
        if rate in rates
    ]


def starts(context: Context) -> list[int]:
    """The seeds of the trials at RATE: more than `seeds`, and their runs are made for `trials` already."""
    return [seed for _, seed in trials(context, (RATE,))]


def first_spikes(context: Context, rates: Sequence[float] = RATES) -> list[tuple[float, int, Anatomy]]:
    """Learning rate, seed and anatomy of the first spike of every trial that has one: independent of each other."""
    found = []
    for rate, seed in trials(context, rates):
        context.progress(f"first spike, η = {rate}, seed {seed}")
        if spikes(seed, rate):
            found.append((rate, seed, dissected(seed, rate, 0)))
    return found


def all_spikes(
    context: Context, rates: Sequence[float] = RATES, trials_of: int | None = None
) -> list[tuple[float, int, Anatomy]]:
    """Learning rate, seed and anatomy of the spikes of every trial, or of the first ``trials_of``; at quick effort of
    its first MOST_QUICKLY spikes. Those of one run are not independent."""
    found = []
    most = context.by_effort(MOST_QUICKLY, 1000, 1000)
    for rate, seed in trials(context, rates)[:trials_of]:
        context.progress(f"all spikes, η = {rate}, seed {seed}")
        found += [(rate, seed, dissected(seed, rate, i)) for i in range(min(most, len(spikes(seed, rate))))]
    return found


def shown_first(items: Sequence[Comparison]) -> list[Comparison]:
    """Comparisons with those that are furthest off first: a table of many shows these."""

    def distance(item: Comparison) -> float:
        return -(item.difference or 0.0) / (item.tolerance or 1.0)

    return sorted(items, key=distance)


@dataclass(frozen=True, eq=False)
class Looks:
    """A run looked at now and then: arrays (k,) of steps, training times ηt, losses on the data and on a fine grid,
    λ_max and condensation."""

    steps: FloatArray
    times: FloatArray
    loss: FloatArray
    test: FloatArray
    sharpness: FloatArray
    condensed: FloatArray


LOOKS = 80


@cache
def looks(seed: int, rate: float) -> Looks:
    """The run at LOOKS equal intervals of training time. InputError for one that diverged."""
    made = run(seed, rate)
    steps = np.linspace(0, round(HORIZON / rate), LOOKS + 1).astype(int)
    states = [made.state(int(step)) for step in steps]
    return Looks(
        steps.astype(float),
        rate * steps,
        made.losses[steps],
        np.array([test_loss(theta) for theta in states]),
        np.array([model().largest_eigenvalue(theta) for theta in states]),
        np.array([condensation_of(theta) for theta in states]),
    )


TEST_POINTS = 400


def test_loss(theta: FloatArray) -> float:
    """Half the mean squared error at TEST_POINTS points half-way in equal cells of [−π, π]."""
    x: FloatArray = (np.arange(TEST_POINTS, dtype=np.float64) + 0.5) * (2 * np.pi / TEST_POINTS) - np.pi
    return 0.5 * float(np.mean((model().output(theta, x) - target(x)) ** 2))


def condensation_of(theta: FloatArray) -> float:
    """The mean |cosine| between the orientations of the neurons."""
    w, b, _, _ = model().parts(theta)
    return condensation(w, b)


def over(context: Context, rate: float, value: Callable[[int], float]) -> dict[int, float]:
    """One number of every run of this learning rate that did not diverge."""
    found = {}
    for seed in seeds(context):
        context.progress(f"η = {rate}, seed {seed}")
        if run(seed, rate).status == "ok":
            found[seed] = value(seed)
    return found
