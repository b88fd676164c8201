"""Appendix C, Proposition 8: how wide a network has to be for its sums of squares to be near their means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import sympy as sp

from verify.checks.enclosure_steps import Steps, step
from verify.claim import Mutant
from verify.papers.multistage import exact_probability
from verify.papers.multistage.chi_squared import SQUARES, other_tails, tail_steps, tails, widths
from verify.papers.multistage.exact_probability import Cases
from verify.papers.multistage.paper import paper

if TYPE_CHECKING:
    from flint import arb

LOW, HIGH = Fraction(1, 2), Fraction(3, 2)
THRESHOLDS = {Fraction(1, 10): 21, Fraction(1, 20): 30, Fraction(1, 100): 56, Fraction(1, 1000): 99}
"""δ → m₀: the smallest width from which on the sum is inside for every larger width too."""


def chernoff_tails(width: int, low: Fraction, high: Fraction) -> arb:
    """A bound of :func:`tails` that decreases in m (thm4.chernoff)."""
    from flint import arb, fmpq

    def term(edge: Fraction) -> arb:
        ball = arb(fmpq(edge.numerator, edge.denominator))
        return (-(ball - 1 - ball.log()) * width / 2).exp()

    return term(low) + term(high)


@dataclass(frozen=True)
class Sum:
    """low · m ≤ S_m ≤ high · m with probability at least 1 − δ for every m ≥ the threshold of δ."""

    thresholds: tuple[tuple[Fraction, int], ...]
    low: Fraction = LOW
    high: Fraction = HIGH
    sharp: bool = True

    @property
    def latex(self) -> str:
        low, high = (sp.latex(sp.Rational(v)) for v in (self.low, self.high))
        listed = r",\; ".join(
            rf"m_0\bigl(\tfrac{{1}}{{{v.denominator}}}\bigr) = {m0}" for v, m0 in self.thresholds
        )
        fails = r", \text{ but not for } m = m_0(\delta) - 1" if self.sharp else ""
        return (
            rf"\Pr\Bigl[{low}\,m\varepsilon^2 \le \sum_k a_k^2 \le {high}\,m\varepsilon^2\Bigr] \ge 1 - \delta "
            rf"\text{{ for all }} m \ge m_0(\delta){fails}; \qquad {listed}"
        )


def sum_margins(stated: Sum) -> Cases:
    """δ minus the exact probability outside, up to a width from which on the decreasing bound is enough."""

    def cases(effort: str) -> Iterator[tuple[str, arb]]:
        from flint import arb, fmpq

        for level, threshold in stated.thresholds:
            exact = arb(fmpq(level.numerator, level.denominator))
            if stated.sharp:
                outside = tails(threshold - 1, stated.low, stated.high)
                yield f"δ = {level}: m = {threshold - 1} fails", outside - exact
            width = threshold
            while not chernoff_tails(width, stated.low, stated.high) < exact:
                yield f"δ = {level}, m = {width}", exact - tails(width, stated.low, stated.high)
                width += 1
            margin = exact - chernoff_tails(width, stated.low, stated.high)
            yield f"δ = {level}, every m ≥ {width}", margin

    return cases


def sum_witness(stated: Sum) -> str | None:
    """A width where the statement is false, by :func:`other_tails`."""
    from mpmath import mp

    with mp.workdps(40):
        for level, threshold in stated.thresholds:
            exact = mp.mpf(level.numerator) / level.denominator
            before = other_tails(threshold - 1, stated.low, stated.high)
            if stated.sharp and before < exact * (1 - mp.mpf(10) ** -20):
                return f"δ = {level}: already m = {threshold - 1} has {mp.nstr(1 - before, 8)} ≥ 1 − δ"
            at = other_tails(threshold, stated.low, stated.high)
            if at > exact * (1 + mp.mpf(10) ** -20):
                return f"δ = {level}: m = {threshold} has only {mp.nstr(1 - at, 8)} < 1 − δ"
    return None


def _sum_mutants(listed: Sequence[tuple[str, str, Sum]]) -> Sequence[Mutant]:
    return [
        Mutant(
            name,
            words,
            changed.latex,
            exact_probability.check(sum_margins(changed), "the exact probability").run,
            partial(sum_witness, changed),
        )
        for name, words, changed in listed
    ]


def _stated(shift: int = 0, low: Fraction = LOW, high: Fraction = HIGH) -> Sum:
    return Sum(tuple((level, m0 + shift) for level, m0 in THRESHOLDS.items()), low, high)


def _sharp_mutants() -> Sequence[Mutant]:
    return _sum_mutants(
        [
            ("one-later", "every threshold one larger", _stated(1)),
            ("one-earlier", "every threshold one smaller", _stated(-1)),
            ("narrower", "[½, 3/2] made [½, 7/5]", _stated(high=Fraction(7, 5))),
            ("wider", "[½, 3/2] made [½, 8/5]", _stated(high=Fraction(8, 5))),
            ("lower-end", "[½, 3/2] made [3/5, 3/2]", _stated(low=Fraction(3, 5))),
        ]
    )


CHERNOFF = step(
    "For all the larger widths at once: both tails fall exponentially (thm4.chernoff).",
    r"\Pr[S_m \le v m],\; \Pr[S_m \ge v m] \le e^{-m I(v)}, \qquad I(v) = \frac{v - 1 - \log v}{2}",
)


def _sharp_told() -> Steps:
    return [
        *tail_steps(r"\tfrac12", r"\tfrac32"),
        step(
            "Width by width, from $m_0(\\delta)$ on: $\\delta$ minus that probability has to be positive. At "
            "$m_0(\\delta) - 1$ it is the other way round."
        ),
        CHERNOFF,
        step(
            "That bound decreases in $m$. The widths go on one by one until it is below $\\delta$; the rest then "
            "follows.",
            r"e^{-m I(1/2)} + e^{-m I(3/2)} < \delta",
        ),
    ]


FACTOR = Fraction(128, 3)
"""1/(C₀ (½/K)²): Bernstein's bound at t = ½ is δ where m = this · log(2/δ)."""


def _bernstein_margins_of_sum(factor: Fraction, low: Fraction = LOW, high: Fraction = HIGH) -> Cases:
    """2e^{−m/factor} minus the probability outside: for every m at once where the rates allow it."""

    def cases(effort: str) -> Iterator[tuple[str, arb]]:
        from flint import arb, fmpq

        slow = arb(fmpq(factor.denominator, factor.numerator))
        for width in widths(effort):
            yield f"m = {width}", 2 * (-slow * width).exp() - tails(width, low, high)
        for edge in (low, high):
            ball = arb(fmpq(edge.numerator, edge.denominator))
            yield f"every m, the tail beyond {edge}", (ball - 1 - ball.log()) / 2 - slow

    return cases


def _bernstein_statement(factor: Fraction, low: Fraction = LOW, high: Fraction = HIGH) -> str:
    shown, first, last = (sp.latex(sp.Rational(v)) for v in (factor, low, high))
    return (
        rf"m \ge {shown} \log\frac2\delta \;\Longrightarrow\; \Pr\Bigl[{first}\,m\varepsilon^2 \le \sum_k a_k^2 "
        rf"\le {last}\,m\varepsilon^2\Bigr] \ge 1 - \delta"
    )


def _bernstein_sum_witness(factor: Fraction, low: Fraction, high: Fraction) -> str | None:
    """A width and the level δ = 2e^{−m/factor} that belongs to it, where the sum is outside more often."""
    from mpmath import mp

    with mp.workdps(40):
        for width in (100, 400, 2000):
            level = 2 * mp.exp(-width * mp.mpf(factor.denominator) / factor.numerator)
            outside = other_tails(width, low, high)
            if level < 1 and outside > level * (1 + mp.mpf(10) ** -20):
                return f"m = {width}, δ = {mp.nstr(level, 8)}: outside with probability {mp.nstr(outside, 8)} > δ"
    return None


def _prop8_mutants() -> Sequence[Mutant]:
    listed = [
        ("factor-third", "128/3 made 16", Fraction(16), LOW, HIGH),
        ("factor-half", "128/3 made 20", Fraction(20), LOW, HIGH),
        ("narrower", "[½, 3/2] made [¾, 5/4]", FACTOR, Fraction(3, 4), Fraction(5, 4)),
        ("upper-end", "[½, 3/2] made [½, 5/4]", FACTOR, LOW, Fraction(5, 4)),
        ("lower-end", "[½, 3/2] made [4/5, 3/2]", FACTOR, Fraction(4, 5), HIGH),
    ]
    return [
        Mutant(
            name,
            words,
            _bernstein_statement(factor, low, high),
            exact_probability.check(
                _bernstein_margins_of_sum(factor, low, high), "Bernstein's threshold"
            ).run,
            partial(_bernstein_sum_witness, factor, low, high),
        )
        for name, words, factor, low, high in listed
    ]


paper.checked(
    "prop8",
    exact_probability.check(
        _bernstein_margins_of_sum(FACTOR),
        "Bernstein's threshold, by the exact probability",
        [
            *tail_steps(r"\tfrac12", r"\tfrac32"),
            step(
                "The smallest $\\delta$ that the threshold allows at a width $m$, and the margin there, which has to "
                "be positive.",
                r"\delta = 2e^{-3m/128}, \qquad 2e^{-3m/128} - \Pr\bigl[S_m \notin [\tfrac m2, \tfrac{3m}2]\bigr]",
            ),
            CHERNOFF,
            step(
                "So that every $m$ is settled once these two margins are positive.",
                r"I(\tfrac12) - \tfrac{3}{128}, \qquad I(\tfrac32) - \tfrac{3}{128}",
            ),
        ],
    ),
    title="Sums of squares of the initial weights, with the threshold that Bernstein's inequality gives",
    where="Appendix C, Proposition 8",
    statement=_bernstein_statement(FACTOR),
    hypotheses=(
        *SQUARES,
        r"the same for each $\sum_k (w_k^{(i)})^2$; all $d+1$ sums at once for "
        r"$m \ge \frac{128}{3}\log\frac{2(d+1)}{\delta}$",
        r"the factor is $1/(C_0 (1/(2K))^2)$ with $C_0 = \frac23$ (chosen)",
        r"every $m$: both exponential rates of thm4.chernoff at $t = \frac12$ are above $\frac{3}{128}$",
    ),
    uses=("thm4", "thm4.chernoff"),
    basis="chosen",
    mutants=_prop8_mutants,
)

paper.checked(
    "prop8.sharp",
    exact_probability.check(sum_margins(_stated()), "the exact probability", _sharp_told()),
    title="The exact widths from which on the sum of squares is inside",
    where="Appendix C, Proposition 8, sharpened",
    statement=lambda: _stated().latex,
    hypotheses=(
        SQUARES[0],
        r"one sum alone, at $\delta = \frac1{10}, \frac1{20}, \frac1{100}, \frac1{1000}$",
        r"width by width until the bound of thm4.chernoff, which decreases in $m$, is below $\delta$: nothing is taken "
        "to be monotone that is not shown to be",
    ),
    uses=("thm4.chernoff",),
    basis="derived",
    mutants=_sharp_mutants,
)
