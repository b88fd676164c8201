"""Appendix C, Proposition 8: how wide a network has to be for its sums of squares to be near their means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import sympy as sp

from verify.checks.enclosure_steps import Steps, step
from verify.claim import Check, Mutant
from verify.papers.multistage import exact_probability
from verify.papers.multistage.chi_squared import SQUARES, bernstein, m, other_tails, tail_steps, tails, widths
from verify.papers.multistage.exact_probability import Cases
from verify.papers.multistage.paper import paper
from verify.stating import printed_from

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


class Inside(sp.Function):  # type: ignore[misc]
    """P(low ≤ S_m/m ≤ high) of m, low and high."""

    nargs = (3,)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        width, low, high = (printer.doprint(one) for one in self.args)
        text = rf"\Pr\Bigl[{low} \le \frac{{S_{{{width}}}}}{{{width}}} \le {high}\Bigr]"
        return text if exp is None else rf"{text}^{{{exp}}}"


delta = sp.Symbol("delta", positive=True)
first = sp.Function("m_0", positive=True, integer=True)


def fraction(value: sp.Expr) -> Fraction:
    """An exact number of a statement. TypeError for what is none."""
    if not value.is_Rational:
        raise TypeError(f"{value} is not a rational number")
    return Fraction(int(value.p), int(value.q))


@dataclass(frozen=True)
class Sum:
    """low · m ≤ S_m ≤ high · m with probability at least 1 − δ for every m ≥ the threshold of δ, and not just below."""

    thresholds: tuple[tuple[Fraction, int], ...]
    low: Fraction = LOW
    high: Fraction = HIGH

    def compared(self) -> tuple[Any, ...]:
        low, high = sp.Rational(self.low), sp.Rational(self.high)
        holds = sp.Ge(Inside(m, low, high), 1 - delta, evaluate=False)
        fails = sp.Lt(Inside(first(delta) - 1, low, high), 1 - delta, evaluate=False)
        levels = sp.FiniteSet(*(sp.Rational(level) for level, _ in self.thresholds))
        assuming = [sp.Ge(m, first(delta), evaluate=False)]
        assuming += [
            sp.Eq(first(sp.Rational(level)), sp.Integer(m0), evaluate=False) for level, m0 in self.thresholds
        ]
        return sp.And(holds, fails, evaluate=False), {delta: levels}, tuple(assuming)

    def check(self, told: Steps = ()) -> Check:
        return exact_probability.check(
            sum_margins(self.compared()), "the exact probability", told, self.compared
        )


def sum_margins(compared: tuple[Any, ...]) -> Cases:
    """δ minus the exact probability outside, up to a width from which on the decreasing bound is enough; and the other
    way round one below m₀(δ)."""
    relation, over, (_, *table) = compared
    (holds,) = relation.atoms(sp.Ge)
    (fails,) = relation.atoms(sp.Lt)
    ends = (fraction(holds.lhs.args[1]), fraction(holds.lhs.args[2]))
    known = {one.lhs.args[0]: int(one.rhs) for one in table}

    def cases(effort: str) -> Iterator[tuple[str, arb]]:
        from flint import arb, fmpq

        for level in sorted(over[delta], reverse=True):
            allowed = fraction((1 - holds.rhs).subs(delta, level))
            exact = arb(fmpq(allowed.numerator, allowed.denominator))
            before = int(fails.lhs.args[0].subs(delta, level).subs(first(level), known[level]))
            yield f"δ = {level}: m = {before} fails", tails(before, *ends) - exact
            width = known[level]
            while not chernoff_tails(width, *ends) < exact:
                yield f"δ = {level}, m = {width}", exact - tails(width, *ends)
                width += 1
            yield f"δ = {level}, every m ≥ {width}", exact - chernoff_tails(width, *ends)

    return cases


def sum_witness(stated: Sum) -> str | None:
    """A width where the statement is false, by :func:`other_tails`."""
    from mpmath import mp

    with mp.workdps(40):
        for level, threshold in stated.thresholds:
            exact = mp.mpf(level.numerator) / level.denominator
            before = other_tails(threshold - 1, stated.low, stated.high)
            if before < exact * (1 - mp.mpf(10) ** -20):
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
            printed_from(changed.check())(),
            changed.check().run,
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


def bernstein_factor() -> Fraction:
    """1/(C₀ (½/K)²): Bernstein's bound at t = ½ is δ where m = this · log(2/δ)."""
    return 1 / bernstein().exponent(HIGH - 1)


@dataclass(frozen=True)
class Threshold:
    """P(low ≤ S_m/m ≤ high) ≥ 1 − δ for every m ≥ factor · log(2/δ)."""

    factor: Fraction
    low: Fraction = LOW
    high: Fraction = HIGH

    def compared(self) -> tuple[Any, ...]:
        low, high = sp.Rational(self.low), sp.Rational(self.high)
        enough = sp.Ge(m, sp.Rational(self.factor) * sp.log(2 / delta), evaluate=False)
        return sp.Ge(Inside(m, low, high), 1 - delta, evaluate=False), {}, (enough,)

    def check(self, told: Steps = ()) -> Check:
        return exact_probability.check(
            threshold_margins(self.compared()), "Bernstein's threshold", told, self.compared
        )


def threshold_margins(compared: tuple[Any, ...]) -> Cases:
    """The smallest δ that is allowed at m, less the probability outside; every m at once where the rates allow it."""
    relation, _, (enough,) = compared
    ends = (fraction(relation.lhs.args[1]), fraction(relation.lhs.args[2]))
    factor = fraction(enough.rhs / sp.log(2 / delta))
    if enough.lhs != m or relation.rhs != 1 - delta:
        raise TypeError("the threshold is one of m, for the probability 1 − δ")

    def cases(effort: str) -> Iterator[tuple[str, arb]]:
        from flint import arb, fmpq

        slow = arb(fmpq(factor.denominator, factor.numerator))
        for width in widths(effort):
            yield f"m = {width}", 2 * (-slow * width).exp() - tails(width, *ends)
        for edge in ends:
            ball = arb(fmpq(edge.numerator, edge.denominator))
            yield f"every m, the tail beyond {edge}", (ball - 1 - ball.log()) / 2 - slow

    return cases


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
    factor = bernstein_factor()
    # So near 1 the upper tail falls like e^{−m t²/4} or more slowly, half as fast as is stated.
    t = Fraction(1, math.ceil(math.sqrt(factor / 2)))
    listed = [
        ("factor-16", f"{factor} made 16", Fraction(16), LOW, HIGH),
        ("factor-20", f"{factor} made 20", Fraction(20), LOW, HIGH),
        ("narrower", f"[½, 3/2] made [{1 - t}, {1 + t}]", factor, 1 - t, 1 + t),
        ("upper-end", f"[½, 3/2] made [½, {1 + t}]", factor, LOW, 1 + t),
        ("lower-end", f"[½, 3/2] made [{1 - t}, 3/2]", factor, 1 - t, HIGH),
    ]
    return [
        Mutant(
            name,
            words,
            printed_from(Threshold(*changed).check())(),
            Threshold(*changed).check().run,
            partial(_bernstein_sum_witness, *changed),
        )
        for name, words, *changed in listed
    ]


_TOLD = [
    *tail_steps(r"\tfrac12", r"\tfrac32"),
    step(
        "The smallest $\\delta$ that the threshold allows at a width $m$, and the margin there, which has to "
        "be positive.",
        r"\delta = 2e^{-9C_0m/256}, \qquad \delta - \Pr\bigl[S_m \notin [\tfrac m2, \tfrac{3m}2]\bigr]",
    ),
    CHERNOFF,
    step(
        "So that every $m$ is settled once these two margins are positive.",
        r"I(\tfrac12) - \tfrac{9}{256}C_0, \qquad I(\tfrac32) - \tfrac{9}{256}C_0",
    ),
]
_threshold = Check(
    "enclosure",
    lambda context: Threshold(bernstein_factor()).check(_TOLD).run(context),
    lambda: Threshold(bernstein_factor()).compared(),
)
_sharp = _stated().check(_sharp_told())

paper.checked(
    "prop8",
    _threshold,
    title="Sums of squares of the initial weights, with the threshold that Bernstein's inequality gives",
    where="Appendix C, Proposition 8",
    statement=printed_from(_threshold),
    hypotheses=(
        *SQUARES,
        r"$S_m = \varepsilon^{-2}\sum_k a_k^2$; the same for each $\sum_k (w_k^{(i)})^2$; all $d+1$ sums at once for "
        r"$m \ge \frac{256}{9C_0}\log\frac{2(d+1)}{\delta}$",
        r"the factor is $1/(C_0 (1/(2K))^2)$, with $C_0$ of thm4 (chosen)",
        r"every $m$: both exponential rates of thm4.chernoff at $t = \frac12$ are above $\frac{9}{256}C_0$",
    ),
    uses=("thm4", "thm4.chernoff"),
    basis="chosen",
    mutants=_prop8_mutants,
)

paper.checked(
    "prop8.sharp",
    _sharp,
    title="The exact widths from which on the sum of squares is inside",
    where="Appendix C, Proposition 8, sharpened",
    statement=printed_from(_sharp),
    hypotheses=(
        SQUARES[0],
        r"$S_m = \varepsilon^{-2}\sum_k a_k^2$, one sum alone",
        r"width by width until the bound of thm4.chernoff, which decreases in $m$, is below $\delta$: nothing is taken "
        "to be monotone that is not shown to be",
    ),
    uses=("thm4.chernoff",),
    basis="derived",
    mutants=_sharp_mutants,
)
