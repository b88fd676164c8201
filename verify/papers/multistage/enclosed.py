"""Theorems about concrete full networks: T_2, the three stages, the reduced system, by enclosures of the whole flow.

Every statement is for the exact flow from exactly given weights, and proved in ball arithmetic; its negative controls
are held against simulations of the same networks in double precision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from numerics.balls.dyadic import float_above, float_below
from numerics.integrate.trends import REFUTED, Decision, decay_rate
from numerics.reduced import reduced_order_parameters
from verify.checks.enclosure_steps import step
from verify.papers.multistage import enclosed_runs as runs
from verify.papers.multistage.enclosed_claim import Control, Decide, add, undecided
from verify.papers.multistage.enclosed_runs import Run

# -- T_2

STATED = {10: Fraction("4.69095315"), 20: Fraction("5.99570900"), 50: Fraction("7.33095758")}
"""Lower ends of the stated brackets; they are 1e-8 wide."""

WIDE = Fraction(1, 10**8)


def _descent_time(shift: int) -> Decide:
    def decide(run: Run) -> Decision:
        bracket = run.second.bracket
        if run.second.status != "PROVED" or bracket is None:
            return undecided(run)
        low, high = (STATED[run.width] + WIDE * (shift + end) for end in (0, 1))
        width = f"first crossing in a bracket of width {float(bracket[1] - bracket[0]):.2g}"
        if low <= bracket[0] and bracket[1] <= high:
            return Decision("PROVED", f"{width}, inside the stated one", 1)
        if bracket[1] < low or bracket[0] > high:
            return Decision(REFUTED, f"{width}, outside the stated one", 1)
        return Decision("UNDECIDED", f"{width}, across an end of the stated one", 1)

    return decide


def _shifted_witness(shift: int, width: int) -> str | None:
    low, high = (float(STATED[width] + WIDE * (shift + end)) for end in (0, 1))
    found = runs.simulated_second(width)
    if found < low - 1e-9 or found > high + 1e-9:
        return f"m = {width}: the simulation has T_2 = {found:.11g}, outside [{low:.10g}, {high:.10g}]"
    return None


def _bracket_latex(shift: int) -> str:
    ends = {m: [f"{float(low + WIDE * (shift + end)):.8f}" for end in (0, 1)] for m, low in STATED.items()}
    later = {50: r"\;\text{ (at standard effort)}"}
    return r",\quad ".join(
        rf"T_2^{{(m={m})}} \in [{low}, {high}]{later.get(m, '')}" for m, (low, high) in ends.items()
    )


def _proved_bracket(run: Run) -> Mapping[str, Any]:
    low, high = run.second.bracket or (Fraction(0), Fraction(0))
    return {"T₂ from": float(low), "width of the bracket": float(high - low)}


add(
    "thm2.enclosed",
    "T₂ of concrete networks, first crossing proved",
    "Theorem 2, equation (42)",
    _bracket_latex(0),
    _descent_time(0),
    [
        Control(
            f"shifted-{word}",
            f"brackets shifted {word} by their width",
            _bracket_latex(shift),
            _descent_time(shift),
            partial(_shifted_witness, shift),
        )
        for word, shift in (("up", 1), ("down", -1))
    ],
    extra=_proved_bracket,
    told=[
        step(
            "On each step $P$ is a polynomial of time plus an error that the radius of the tube bounds. On every "
            "piece of $[0, t_-]$ its ball lies below $1 - \\zeta$, and at $t_+$ above it; so the first crossing is "
            "in between.",
            r"P(t) = \sum_k a_k w_k < 1 - \zeta \;\;(0 \le t \le t_-), \qquad P(t_+) > 1 - \zeta "
            r"\quad\Longrightarrow\quad t_- \le T_2 \le t_+",
        ),
        step("Pieces that are not settled are cut in two; the brackets so found lie inside the stated ones."),
    ],
)

# -- distance from the reduced system

GAP = Fraction(5, 2)
"""The stated bound times m."""


def _gap(bound: Fraction) -> Decide:
    def decide(run: Run) -> Decision:
        if run.last is None:
            return undecided(run)
        found, stated = run.gap, bound / run.width
        low, high = float_below(found.low.lower()), float_above(found.high.upper())
        words = f"the largest distance is in [{low:.5g}, {high:.5g}]"
        if high <= stated:
            return Decision("PROVED", words, found.pieces)
        return Decision(REFUTED if low > stated else "UNDECIDED", words, found.pieces)

    return decide


def _gap_witness(bound: Fraction, width: int) -> str | None:
    times = np.linspace(0.0, runs.simulated_second(width) + math.log(width), 400)
    P, Q = runs.simulated_parameters(width, times)
    distance = np.abs(P - reduced_order_parameters(float(P[0]), float(Q[0]), times)[0]).max()
    if distance > float(bound / width) + 1e-6:
        return f"m = {width}: the simulation has a distance of {distance:.5g} > {float(bound / width):.5g}"
    return None


def _gap_latex(bound: Fraction) -> str:
    return (
        r"\max_{0 \le t \le T_2 + \log m} |P_{\mathrm{full}}(t) - P_{\mathrm{reduced}}(t)| \le "
        rf"\frac{{{bound.numerator}}}{{{bound.denominator}\,m}}"
    )


add(
    "b1.enclosed",
    "P of concrete networks within 5/(2m) of the exact reduced solution",
    "beyond the paper; Theorem 2",
    _gap_latex(GAP),
    _gap(GAP),
    [
        Control(
            f"bound-over-{by}",
            f"the bound {by} times smaller",
            _gap_latex(GAP / by),
            _gap(GAP / by),
            partial(_gap_witness, GAP / by),
        )
        for by in (10, 2)
    ],
    uses=("b1",),
    told=[
        step(
            "The reduced system starts from the balls of $P(0)$ and $Q(0)$ of the same network; its solution in closed "
            "form (b1) is evaluated in balls over pieces of time.",
            r"\dot P = 2Q(1 - P), \qquad \dot Q = 2P(1 - P)",
        ),
        step(
            "Over each piece the ball of the difference bounds the distance; pieces are cut until the largest is known "
            "well enough. It is below the stated bound.",
            r"\max_t |P_{\mathrm{full}}(t) - P_{\mathrm{reduced}}(t)| \le \frac{5}{2m}",
        ),
    ],
)

# -- three stages

SLOWER = Fraction(1, 10)


def _rates(run: Run) -> list[Any]:
    bracket = run.second.bracket
    assert bracket is not None
    assert run.last is not None
    marks = [(Fraction(0), Fraction(0)), run.first, bracket, run.last]
    return [decay_rate(run.enclosure, *pair) for pair in pairwise(marks)]


def _stages(share: Fraction, fast: int) -> Decide:
    """The two other rates are below ``share`` of the one on interval ``fast``, which is positive."""

    def decide(run: Run) -> Decision:
        if run.last is None:
            return undecided(run)
        rates = _rates(run)
        words = "decay rates " + ", ".join(f"{float(rate):.3g}" for rate in rates)
        # share = p/q: compare q · rate with p · fast rate, without a division.
        p, q = share.numerator, share.denominator
        others = [rate for i, rate in enumerate(rates) if i != fast]
        if rates[fast] > 0 and all(q * rate < p * rates[fast] for rate in others):
            return Decision("PROVED", words, 3)
        refuted = rates[fast] <= 0 or any(q * rate >= p * rates[fast] for rate in others)
        return Decision(REFUTED if refuted else "UNDECIDED", words, 3)

    return decide


def _stages_witness(share: Fraction, fast: int, width: int) -> str | None:
    run, second = runs.simulated(width), runs.simulated_second(width)
    marks = [0.0, runs.simulated_first(width), second, second + math.log(width)]
    loss = [run.network.loss(run.state(t)) for t in marks]
    rates = [(loss[i] - loss[i + 1]) / (marks[i + 1] - marks[i]) for i in range(3)]
    if any(rate > 1.0001 * float(share) * rates[fast] for i, rate in enumerate(rates) if i != fast):
        return f"m = {width}: the simulation has decay rates " + ", ".join(f"{rate:.4g}" for rate in rates)
    return None


_INTERVALS = (r"[0, T_1]", r"[T_1, T_2]", r"[T_2, T_2 + \log m]")


def _stages_latex(share: Fraction, fast: int) -> str:
    others = r" \text{ and on } ".join(name for i, name in enumerate(_INTERVALS) if i != fast)
    return (
        rf"\text{{mean decay rate of }} R \text{{ on }} {others} \;<\; "
        rf"\tfrac{{{share.numerator}}}{{{share.denominator}}} \text{{ of that on }} {_INTERVALS[fast]}"
    )


add(
    "thm3.enclosed",
    "The three stages of concrete networks: plateau, descent, plateau",
    "Theorems 1, 2 and 3",
    _stages_latex(SLOWER, 1),
    _stages(SLOWER, 1),
    [
        Control(
            "first-fastest",
            "the first interval takes the place of the second",
            _stages_latex(SLOWER, 0),
            _stages(SLOWER, 0),
            partial(_stages_witness, SLOWER, 0),
        ),
        Control(
            "last-fastest",
            "the third interval takes the place of the second",
            _stages_latex(SLOWER, 2),
            _stages(SLOWER, 2),
            partial(_stages_witness, SLOWER, 2),
        ),
        Control(
            "share-over-10",
            "the share ten times smaller",
            _stages_latex(SLOWER / 10, 1),
            _stages(SLOWER / 10, 1),
            partial(_stages_witness, SLOWER / 10, 1),
        ),
    ],
    told=[
        step(
            "The marks of the stages: $T_1$ from its formula, $T_2$ in its proved bracket; each is an interval, and "
            "the loss at a mark is its ball over that interval and the tube.",
            r"0, \quad T_1 = \gamma\log m, \quad T_2, \quad T_2 + \log m",
        ),
        step(
            "The mean decay rate of a stage, in balls; the one of the descent is positive, and ten times each of the "
            "others lies below it.",
            r"\frac{R(t_0) - R(t_1)}{t_1 - t_0}",
        ),
    ],
)
