"""The loss grows exponentially at |1 − ηλ_max|: the steps along v_1, and the loss as their square."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from numerics.array import FloatArray
from numerics.spike_anatomy import FROM, UNTIL, Anatomy
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import as_a_rule
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.lower_is_sharper import FIRST
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.shortened import shortened


@dataclass(frozen=True)
class Factor:
    """A factor of growth per step as a function of ηλ_max."""

    name: str
    words: str
    latex: str
    of: Callable[[FloatArray], FloatArray]

    def logarithm(self, sharpness: FloatArray) -> float:
        """The mean logarithm per step."""
        return float(np.mean(np.log(np.abs(self.of(sharpness)))))


STATED = Factor("stated", "", r"|1 - \eta\lambda_{\max}|", lambda s: 1 - s)

WRONG = (
    Factor("half", "half the rate beyond the threshold", r"\eta\lambda_{\max}/2", lambda s: s / 2),
    Factor("square", "its square", r"(1 - \eta\lambda_{\max})^2", lambda s: (1 - s) ** 2),
    Factor(
        "exponential",
        "e to the power of ηλ − 2, less 3 %",
        r"0.97\,e^{\eta\lambda_{\max} - 2}",
        lambda s: 0.97 * np.exp(s - 2),
    ),
    Factor("none", "no growth", "1", np.ones_like),
)

TOLERANCE = 0.05
"""Of the predicted logarithm of growth."""

WINDOW = (
    rf"window: from the step at which $L - L(\theta_s)$ passes {FROM:g} of its rise to the one at which it "
    rf"passes "
    rf"{UNTIL:g}; geometric means over it; $\lambda_{{\max}}$ half-way between $\theta_t$ and $\theta_{{t+1}}$"
)


def _comparison(
    label: str, found: Anatomy, factor: Factor, loss: bool, tolerance: float
) -> Comparison | None:
    growth = found.growth
    if growth is None:
        return None
    predicted = factor.logarithm(growth.sharpness)
    if loss:
        # The valley's floor moves while the loss rises; the tolerance is for that.
        measured, error = math.log(growth.excess), 0.0
    else:
        measured, error = math.log(growth.measured), abs(math.log(growth.measured / growth.turned))
    return Comparison(label, measured, predicted, tolerance * abs(predicted) + 1e-4, error)


def first_check(factor: Factor, loss: bool = False) -> Check:
    """The first spikes of all runs."""
    tolerance = 0.2 if loss else TOLERANCE

    def measure(context: Context) -> Measurement:
        items, seen = [], []
        for rate, seed, found in runs.first_spikes(context):
            label = f"η = {rate}, seed {seed}"
            item = _comparison(label, found, factor, loss, tolerance)
            items.append(item or Comparison(label, None, 0.0, 0.0, None))
            seen.append(found)
        return Measurement(
            runs.shown_first(items),
            figure=[_scatter(seen, loss), _rise()],
            remark=f"logarithms of the growth per step, tolerance {100 * tolerance:g} % of the predicted one"
            + ("" if loss else "; error: the same along v₁ of the window's middle"),
        )

    quantity = "growth of the loss above that of the start" if loss else "growth of the steps along v₁"
    return shortened(as_a_rule(measure, quantity=quantity))


def _scatter(seen: list[Anatomy], loss: bool) -> dict[str, object]:
    known = [g for a in seen if (g := a.growth) is not None]
    x = [g.predicted for g in known]
    ends = [min(x), max(x)] if x else []
    return panel(
        "Growth per step in the first spikes",
        "|1 − ηλ_max|, geometric mean",
        "measured",
        [
            curve("first spikes", x, [g.excess if loss else g.measured for g in known], style="points"),
            curve("equal", ends, ends, role="predicted"),
        ],
    )


def _rise() -> dict[str, object]:
    """Steps along v_1 in the spike of the second run, with the predicted factor applied to the first of them."""
    found = second_run.second()
    first = found.vectors[:, 0]
    begin = found.start + (found.peak - found.start) // 3
    steps = np.arange(begin, found.peak)
    along = np.abs(np.diff(found.states[begin : found.peak + 1], axis=0) @ first)
    middles = 0.5 * (found.states[begin : found.peak] + found.states[begin + 1 : found.peak + 1])
    sharp = np.array([runs.RATE * runs.model().largest_eigenvalue(theta) for theta in middles[:-1]])
    expected = along[0] * np.r_[1.0, np.cumprod(np.abs(1 - sharp))]
    return panel(
        f"The rise of the first spike of seed {second_run.SEED}, η = {runs.RATE}",
        "step",
        "step along v₁",
        [
            curve("|(θ_{t+1} − θ_t)·v₁|", steps, along),
            curve("product of |1 − ηλ_max|", steps, expected, role="predicted"),
        ],
        yscale="log",
    )


def _second_growth() -> tuple[float, FloatArray]:
    """(log of the growth per step along v_1, ηλ_max at the middles) between two steps of the second run's rise."""
    found = second_run.second()
    above = found.losses - found.losses[found.start]
    top = above[found.peak]
    begin = next(t for t in range(found.start, found.peak) if above[t] > 0.05 * top)
    end = begin + 2 * ((next(t for t in range(found.start, found.peak) if above[t] > 0.4 * top) - begin) // 2)
    first = found.vectors[:, 0]
    along = [abs(float((found.states[t + 1] - found.states[t]) @ first)) for t in (begin, end)]
    network = runs.model().network
    sharp = [
        runs.RATE
        * float(np.linalg.eigvalsh(network.hessian(0.5 * (found.states[t] + found.states[t + 1])))[-1])
        for t in range(begin, end)
    ]
    return math.log(along[1] / along[0]) / (end - begin), np.array(sharp)


def _witness(factor: Factor) -> str | None:
    measured, sharp = _second_growth()
    said = factor.logarithm(sharp)
    if abs(measured - said) > 0.15 * max(abs(measured), abs(said)):
        return (
            f"seed {second_run.SEED}, Hessians from products: the steps grow by e^{measured:.4f} each, the "
            f"changed factor "
            f"says e^{said:.4f}"
        )
    return None


def _mutants(loss: bool) -> list[Mutant]:
    return [
        Mutant(
            wrong.name,
            f"the factor replaced by {wrong.words}" if wrong.name != "none" else wrong.words,
            wrong.latex,
            first_check(wrong, loss).run,
            partial(_witness, wrong),
        )
        for wrong in WRONG
    ]


paper.checked(
    "abs.growth",
    first_check(STATED),
    title="In first spikes the steps along the first eigendirection grow by |1 − ηλ_max| each",
    where="abstract, 'the loss exponentially increases once the loss landscape is too sharp'",
    hypotheses=(*FIRST, WINDOW),
    uses=("toy.growth", "abs.onset"),
    basis="text",
    statement=(
        r"\frac{|(\theta_{t+2} - \theta_{t+1})\cdot v_1|}{|(\theta_{t+1} - \theta_t)\cdot v_1|} = |1 - "
        r"\eta\lambda_{\max}|"
        r"\quad\text{in the geometric mean, the logarithm within 5 \%}"
    ),
    mutants=lambda: _mutants(False),
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.growth.loss",
    first_check(STATED, loss=True),
    title="In first spikes the loss above that of the start grows as the square",
    where="abstract, 'the loss exponentially increases once the loss landscape is too sharp'",
    hypotheses=(*FIRST, WINDOW),
    uses=("toy.growth", "abs.growth"),
    basis="derived",
    statement=(
        r"\frac{L(\theta_{t+1}) - L(\theta_s)}{L(\theta_t) - L(\theta_s)} = (1 - \eta\lambda_{\max})^2"
        r"\quad\text{in the geometric mean, the logarithm within 20 \%}"
    ),
    mutants=lambda: _mutants(True),
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def every_check() -> Check:
    """All spikes of all runs, those late in training included."""

    def measure(context: Context) -> list[Comparison]:
        items = []
        for rate, seed, found in runs.all_spikes(context):
            label = f"η = {rate}, seed {seed}, step {found.spike.start}"
            item = _comparison(label, found, STATED, False, TOLERANCE)
            if item is not None:
                items.append(item)
        return runs.shown_first(items)

    return simulation.compare(measure, quantity="growth of the steps along v₁, logarithm per step")


paper.checked(
    "abs.growth.every",
    shortened(every_check()),
    title="In every spike the steps along the first eigendirection grow by |1 − ηλ_max| each",
    where=(
        "abstract, 'the loss exponentially increases once the loss landscape is too sharp', without a limit"
    ),
    hypotheses=(*runs.NETWORK, runs.MANY, *runs.DEFINITIONS, WINDOW),
    uses=("abs.growth",),
    basis="text",
    statement=r"\text{as abs.growth, in every spike}",
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "Later in training two eigenvalues stand at 2/η together; the direction that grows is then not the "
        "first "
        "eigenvector of the start, and the step along it grows by another factor."
    ),
)
