"""Theorems about concrete full networks: T_2, the three stages, the reduced system, by enclosures of the whole flow.

Every statement is for the exact flow from exactly given weights, and proved in ball arithmetic; its negative controls
are held against simulations of the same networks in double precision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp

from numerics.balls.dyadic import float_above, float_below
from numerics.integrate.trends import REFUTED, Decision, decay_rate
from numerics.reduced import reduced_order_parameters
from theory.symbols import width as m
from verify.checks.enclosure_steps import step
from verify.papers.multistage import enclosed_runs as runs
from verify.papers.multistage.enclosed_claim import AT_ONCE, Compared, Control, Decide, add, undecided
from verify.papers.multistage.enclosed_runs import Run
from verify.stating import expression_latex, implication

# -- T_2

STATED = {10: Fraction("4.69095315"), 20: Fraction("5.99570900"), 50: Fraction("7.33095758")}
"""Lower ends of the stated brackets; they are 1e-8 wide."""

WIDE = Fraction(1, 10**8)


TIMES = {width: sp.Symbol(f"T_2_{width}", positive=True) for width in STATED}
"""T_2 of each network."""


ALWAYS = runs.widths("quick")
"""The networks that are enclosed at every effort: what is stated is of these."""


def brackets(shift: int = 0, widths: Sequence[int] = ALWAYS) -> Compared:
    """low ≤ T_2 ≤ low + 1e-8 for each of these networks, the brackets shifted by so many widths."""
    parts = [
        part
        for width in widths
        for part in (
            sp.Le(sp.Rational(STATED[width] + WIDE * shift), TIMES[width], evaluate=False),
            sp.Le(TIMES[width], sp.Rational(STATED[width] + WIDE * (shift + 1)), evaluate=False),
        )
    ]
    return sp.And(*parts, evaluate=False), {}, ()


def bracket_of(stated: Compared, width: int) -> tuple[Fraction, Fraction]:
    """The stated bracket of one network."""
    parts = [part for part in stated[0].args if part.has(TIMES[width])]
    (low,) = (part.lhs for part in parts if part.rhs == TIMES[width])
    (high,) = (part.rhs for part in parts if part.lhs == TIMES[width])
    return Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))


def in_decimals(relation: Any, over: Any, assuming: Any) -> str:
    """Each bracket as a chain, its ends as decimals."""
    ends = {one: decimal(one) for one in relation.atoms(sp.Rational)}
    lines = []
    for width, time in ((one, time) for one, time in TIMES.items() if relation.has(time)):
        names = {**ends, time: f"T_2^{{(m={width})}}"}
        (low,) = (part for part in relation.args if part.rhs.has(time))
        (high,) = (part for part in relation.args if part.lhs.has(time))
        middle = dict.fromkeys(expression_latex(one, names) for one in (low.rhs, high.lhs))
        shown = r",\; ".join(middle)
        lines.append(
            rf"{expression_latex(low.lhs, names)} &\leq {shown} \leq {expression_latex(high.rhs, names)}"
        )
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def in_one_line(stated: Compared) -> str:
    """The bracket of one network, for a hypothesis."""
    text = in_decimals(*stated)
    return text.removeprefix(r"\begin{aligned} ").removesuffix(r" \end{aligned}").replace("&", "")


def decimal(value: sp.Rational) -> str:
    """A decimal of eight digits or more, in full; a number that is none as a fraction."""
    for digits in range(8, 20):
        if 10**digits % int(value.q) == 0:
            whole = int(value.p) * 10**digits // int(value.q)
            return f"{'-' * (whole < 0)}{abs(whole) // 10**digits}.{abs(whole) % 10**digits:0{digits}d}"
    return str(sp.latex(value))


def _descent_time(shift: int) -> Decide:
    stated = brackets(shift, tuple(STATED))

    def decide(run: Run) -> Decision:
        bracket = run.second.bracket
        if run.second.status != "PROVED" or bracket is None:
            return undecided(run)
        low, high = bracket_of(stated, run.width)
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


def _proved_bracket(run: Run) -> Mapping[str, Any]:
    low, high = run.second.bracket or (Fraction(0), Fraction(0))
    return {"T₂ from": float(low), "width of the bracket": float(high - low)}


add(
    "thm2.enclosed",
    "T₂ of concrete networks, first crossing proved",
    "Theorem 2, equation (42)",
    brackets,
    in_decimals,
    _descent_time(0),
    [
        Control(
            f"shifted-{word}",
            f"brackets shifted {word} by their width",
            in_decimals(*brackets(shift)),
            _descent_time(shift),
            partial(_shifted_witness, shift),
        )
        for word, shift in (("up", 1), ("down", -1))
    ],
    extra=_proved_bracket,
    more=(
        "at standard effort and above, and not at quick effort, this is decided as well: $"
        + in_one_line(brackets(0, [width for width in STATED if width not in ALWAYS]))
        + "$",
    ),
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


_distance = sp.Symbol("distance", real=True)
GAP_NAME = {
    _distance: r"\max_{0 \le t \le T_2 + \log m} |P_{\mathrm{full}}(t) - P_{\mathrm{reduced}}(t)|",
}


def gap(bound: Fraction = GAP) -> Compared:
    """The largest distance is at most bound/m."""
    return sp.Le(_distance, sp.Rational(bound) / m, evaluate=False), {m: AT_ONCE}, ()


def _gap(bound: Fraction) -> Decide:
    limit = gap(bound)[0].rhs

    def decide(run: Run) -> Decision:
        if run.last is None:
            return undecided(run)
        found, stated = run.gap, limit.subs(m, run.width)
        low, high = float_below(found.low.lower()), float_above(found.high.upper())
        words = f"the largest distance is in [{low:.5g}, {high:.5g}]"
        # Exact, as a float is a fraction; an infinite one is not below anything.
        if math.isfinite(high) and Fraction(high) <= Fraction(int(stated.p), int(stated.q)):
            return Decision("PROVED", words, found.pieces)
        above = math.isfinite(low) and Fraction(low) > Fraction(int(stated.p), int(stated.q))
        return Decision(REFUTED if above else "UNDECIDED", words, found.pieces)

    return decide


def _gap_witness(bound: Fraction, width: int) -> str | None:
    times = np.linspace(0.0, runs.simulated_second(width) + math.log(width), 400)
    P, Q = runs.simulated_parameters(width, times)
    distance = np.abs(P - reduced_order_parameters(float(P[0]), float(Q[0]), times)[0]).max()
    if distance > float(bound / width) + 1e-6:
        return f"m = {width}: the simulation has a distance of {distance:.5g} > {float(bound / width):.5g}"
    return None


add(
    "b1.enclosed",
    "P of concrete networks within 5/(2m) of the exact reduced solution",
    "beyond the paper; Theorem 2",
    gap,
    implication(GAP_NAME),
    _gap(GAP),
    [
        Control(
            f"bound-over-{by}",
            f"the bound {by} times smaller",
            implication(GAP_NAME)(*gap(GAP / by)),
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


RATES = sp.symbols("r_1:4", real=True)
RATE_NAMES = dict(
    zip(
        RATES,
        (
            r"\frac{R(0) - R(T_1)}{T_1}",
            r"\frac{R(T_1) - R(T_2)}{T_2 - T_1}",
            r"\frac{R(T_2) - R(T_2 + \log m)}{\log m}",
        ),
        strict=True,
    )
)


def stages(share: Fraction = SLOWER, fast: int = 1) -> Compared:
    """The two other rates over ``share`` are below the one on interval ``fast``, which is positive."""
    others = [rate for i, rate in enumerate(RATES) if i != fast]
    parts = [sp.Lt(rate / sp.Rational(share), RATES[fast], evaluate=False) for rate in others]
    return sp.And(*parts, sp.Gt(RATES[fast], 0, evaluate=False), evaluate=False), {}, ()


def _stages(share: Fraction, fast: int) -> Decide:
    parts = stages(share, fast)[0].args

    def decide(run: Run) -> Decision:
        if run.last is None:
            return undecided(run)
        rates = dict(zip(RATES, _rates(run), strict=True))
        words = "decay rates " + ", ".join(f"{float(rate):.3g}" for rate in rates.values())
        margins = [_margin(part, rates) for part in parts]
        if all(margin > 0 for margin in margins):
            return Decision("PROVED", words, 3)
        return Decision(REFUTED if any(margin <= 0 for margin in margins) else "UNDECIDED", words, 3)

    return decide


def _margin(part: Any, rates: Mapping[sp.Symbol, Any]) -> Any:
    """The larger side less the smaller one, both linear in the rates."""
    terms = (part.gts - part.lts).as_coefficients_dict().items()
    return sum(rates[symbol] * int(factor.p) / int(factor.q) for symbol, factor in terms)


def _stages_witness(share: Fraction, fast: int, width: int) -> str | None:
    run, second = runs.simulated(width), runs.simulated_second(width)
    marks = [0.0, runs.simulated_first(width), second, second + math.log(width)]
    loss = [run.network.loss(run.state(t)) for t in marks]
    rates = [(loss[i] - loss[i + 1]) / (marks[i + 1] - marks[i]) for i in range(3)]
    if any(rate > 1.0001 * float(share) * rates[fast] for i, rate in enumerate(rates) if i != fast):
        return f"m = {width}: the simulation has decay rates " + ", ".join(f"{rate:.4g}" for rate in rates)
    return None


add(
    "thm3.enclosed",
    "The three stages of concrete networks: plateau, descent, plateau",
    "Theorems 1, 2 and 3",
    stages,
    implication(RATE_NAMES),
    _stages(SLOWER, 1),
    [
        Control(
            "first-fastest",
            "the first interval takes the place of the second",
            implication(RATE_NAMES)(*stages(SLOWER, 0)),
            _stages(SLOWER, 0),
            partial(_stages_witness, SLOWER, 0),
        ),
        Control(
            "last-fastest",
            "the third interval takes the place of the second",
            implication(RATE_NAMES)(*stages(SLOWER, 2)),
            _stages(SLOWER, 2),
            partial(_stages_witness, SLOWER, 2),
        ),
        Control(
            "share-over-10",
            "the share ten times smaller",
            implication(RATE_NAMES)(*stages(SLOWER / 10, 1)),
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
