"""Appendix C, sums of squares of the initial weights: the ψ₁ norm (69) and Bernstein's inequality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import sympy as sp

from verify.checks.enclosure_steps import Steps, step
from verify.claim import Check, Mutant
from verify.papers.multistage import chosen, exact_probability
from verify.papers.multistage.exact_probability import Cases, Stated
from verify.papers.multistage.paper import paper
from verify.stating import named, printed_from

if TYPE_CHECKING:
    from flint import arb

r, _degrees = sp.symbols("r d", positive=True)
x, s, t = sp.symbols("x s t", positive=True)
m = sp.Symbol("m", positive=True, integer=True)
DEGREES = (1, 2, 3, 4, 5, 8)

# -- the ψ₁ norm


def mean_of_exponential(degrees: int | sp.Symbol) -> sp.Expr:
    """E e^{X/s} for X ~ χ²(d), with s = 2/(1 − r²)."""
    half = sp.sympify(degrees, strict=True) / 2
    density = x ** (half - 1) / (2**half * sp.gamma(half))
    # The exponents −x/2 and x/s = x(1 − r²)/2 add up to −x r²/2.
    return sp.integrate(density * sp.exp(-x * r**2 / 2), (x, 0, sp.oo))


def norm_of_chi_squared(degrees: int) -> sp.Expr:
    """(69) for χ²(d)."""
    return 2 / (1 - 4 ** (-sp.Rational(1, degrees)))


def _solved(degrees: int) -> sp.Expr:
    """s where E e^{X/s} = 2."""
    (root,) = [v for v in sp.roots(2 * r**degrees - 1, r) if v.is_positive]
    if sp.radsimp(mean_of_exponential(degrees).subs(r, root)) != 2:
        raise ValueError(f"the mean is not 2 at r = {root}")
    return 2 / (1 - root**2)


paper.identity(
    "eq69",
    lambda: mean_of_exponential(_degrees),
    lambda: r ** (-_degrees),
    title="Exponential moments of χ²(d)",
    where="Appendix C, equation (69) and Remark 9",
    hypotheses=(
        r"$X \sim \chi^2(d)$",
        r"$s > 2$, written as $s = 2/(1 - r^2)$ with $0 < r < 1$, so that $r^{-d} = (1 - 2/s)^{-d/2}$; for $s \le 2$ "
        "the mean is infinite",
        "any $d > 0$",
    ),
    basis="derived",
    statement=named(r"\mathbb{E}\,e^{X/s}"),
)

paper.identity(
    "eq69.norm",
    lambda: {f"d = {k}": _solved(k) for k in DEGREES},
    lambda: {f"d = {k}": norm_of_chi_squared(k) for k in DEGREES},
    title="Sub-exponential norm of χ²(d)",
    where="Appendix C, Definition 1, equation (69), and Remark 9",
    hypotheses=(
        r"$\lVert X\rVert_{\psi_1} = \inf\{s > 0 : \mathbb{E}\,e^{|X|/s} \le 2\}$; the mean $(1 - 2/s)^{-d/2}$ "
        "decreases in $s$, so that the infimum is where it equals 2",
        r"on the right is $2/(1 - 4^{-1/d})$; checked for $d = 1, 2, 3, 4, 5, 8$",
    ),
    uses=("eq69",),
    basis="derived",
    statement=named(*(rf"\lVert\chi^2({k})\rVert_{{\psi_1}}" for k in DEGREES)),
)

# -- Bernstein's inequality

SQUARES = (
    r"$S_m = \sum_{k=1}^m X_k^2$ with independent standard normal $X_k$, so that $S_m \sim \chi^2(m)$; the exact "
    "probability is a regularised incomplete gamma function",
    r"$K = \lVert\chi^2(1)\rVert_{\psi_1} = 8/3$",
)
LARGEST = sp.Rational(4, 3) - sp.log(sp.Rational(11, 3)) / 2
"""The largest constant C₀ of Bernstein's inequality for χ²(1): 0.6837."""

DEVIATIONS = tuple(
    Fraction(*pair) for pair in ((1, 100), (1, 4), (1, 2), (1, 1), (2, 1), (8, 3), (4, 1), (8, 1))
)


class Outside(sp.Function):  # type: ignore[misc]
    """P(|S_m/m − 1| ≥ t) of m and t."""

    nargs = (2,)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        width, deviation = (printer.doprint(one) for one in self.args)
        text = rf"\Pr\bigl[|S_{{{width}}}/{{{width}}} - 1| \ge {deviation}\bigr]"
        return text if exp is None else rf"{text}^{{{exp}}}"


C0 = sp.Symbol("C_0", positive=True)


@dataclass(frozen=True)
class Bernstein:
    """2 exp(−C₀ m min(t²/K², t/K)) as a bound of P(|S_m/m − 1| ≥ t)."""

    constant: Fraction
    prefactor: Fraction = Fraction(2)
    norm: Fraction = Fraction(8, 3)
    larger: bool = False

    @property
    def stated(self) -> Stated:
        which = sp.Max if self.larger else sp.Min
        scaled = t / sp.Rational(self.norm)
        bound = sp.Rational(self.prefactor) * sp.exp(-C0 * m * which(scaled**2, scaled))
        return Stated(
            sp.Le(Outside(m, t), bound, evaluate=False),
            {
                t: sp.FiniteSet(*(sp.Rational(one) for one in DEVIATIONS)),
                m: sp.Union(sp.Range(1, 41), sp.FiniteSet(2000)),
            },
            (sp.Eq(C0, sp.Rational(self.constant), evaluate=False),),
        )

    def check(self, of: str = "Bernstein's bound", told: Steps = ()) -> Check:
        return exact_probability.check(bernstein_margins(self), of, told, self.stated.compared)

    def exponent(self, deviation: Fraction) -> Fraction:
        """C₀ min(t²/K², t/K)."""
        parts = ((deviation / self.norm) ** 2, deviation / self.norm)
        return self.constant * (max(parts) if self.larger else min(parts))


def bernstein() -> Bernstein:
    """With C₀ of this run."""
    return Bernstein(chosen.bernstein.value)


def tails(width: int, low: Fraction, high: Fraction) -> arb:
    """P(S_m ≤ m · low or S_m ≥ m · high), in balls."""
    from flint import arb, fmpq

    def ball(value: Fraction) -> arb:
        return arb(fmpq(value.numerator, value.denominator))

    half = Fraction(width, 2)
    above = ball(half * high).gamma_upper(ball(half), regularized=1)
    if low <= 0:
        return above
    return above + _lower_tail(ball(half * low), ball(half))


def _lower_tail(h: arb, order: arb) -> arb:
    """P(S_m ≤ 2h) for m = 2 · order and h < order: e^{−h} h^order/Γ(order + 1) · Σ h^k/((order+1) … (order+k)).

    All terms are positive and fall at least geometrically. (flint's own function cancels digits at large m.)
    """
    from flint import arb

    ratio = h / (order + 1)
    if not ratio < 1:
        raise ValueError("the lower tail is for points below the mean")
    term = total = arb(1)
    k = 0
    while not term < arb(2) ** -(exact_probability.BITS + 8):
        k += 1
        term *= h / (order + k)
        total += term
    rest = term * ratio / (1 - ratio)
    return (order * h.log() - h - (order + 1).lgamma()).exp() * total.union(total + rest)


def tail_steps(low: str, high: str) -> Steps:
    """How :func:`tails` is evaluated; ``low`` and ``high`` in LaTeX."""
    return [
        step(
            "The exact probability outside, from the law of $S_m$, which is $\\chi^2(m)$.",
            rf"\Pr\bigl[S_m \le {low}\,m\bigr] + \Pr\bigl[S_m \ge {high}\,m\bigr] = "
            rf"\frac{{\gamma\bigl(\frac m2, \frac m2 ({low})\bigr) + "
            rf"\Gamma\bigl(\frac m2, \frac m2 ({high})\bigr)}}{{\Gamma(\frac m2)}}",
        ),
        step(
            "The lower tail by its series, all terms of which are positive. It is cut off where a term is below "
            f"$2^{{-{exact_probability.BITS + 8}}}$; what is left out is at most a geometric series, and is added to "
            "the ball.",
            r"\frac{\gamma(s, h)}{\Gamma(s)} = \frac{e^{-h} h^s}{\Gamma(s + 1)} \sum_{k \ge 0} "
            r"\frac{h^k}{(s + 1) \cdots (s + k)}",
        ),
    ]


def other_tails(width: int, low: Fraction, high: Fraction) -> Any:
    """The same by mpmath: finite sums, of a Poisson law for even m and from erfc on for odd m."""
    from mpmath import mp

    def above(point: Any) -> Any:
        # P(χ²(m) > 2h) = P(χ²(m − 2) > 2h) + e^{−h} h^{m/2 − 1}/Γ(m/2), down to χ²(2) or χ²(1).
        h = point / 2
        term, total = (mp.exp(-h), mp.exp(-h)) if width % 2 == 0 else (mp.exp(-h) / mp.sqrt(mp.pi * h), None)
        if total is None:
            total, power = mp.erfc(mp.sqrt(h)), mp.mpf(-1) / 2
        else:
            power = mp.mpf(0)
        while power + 1 < mp.mpf(width) / 2 - mp.mpf("0.25"):
            power += 1
            term *= h / power
            total += term
        return total

    upper = above(width * mp.mpf(high.numerator) / high.denominator)
    return upper if low <= 0 else upper + 1 - above(width * mp.mpf(low.numerator) / low.denominator)


def widths(effort: str) -> list[int]:
    last = {"quick": 40, "standard": 200, "deep": 1000}[effort]
    return [*range(1, last + 1), 2000]


def bernstein_margins(bound: Bernstein) -> Cases:
    """The bound minus the exact probability, relative to the bound."""

    def probability(deviation: sp.Rational, width: sp.Integer) -> arb:
        apart = Fraction(int(deviation.p), int(deviation.q))
        return tails(int(width), 1 - apart, 1 + apart)

    return bound.stated.cases({m: widths}, {Outside(m, t): probability}, share=True)


def bernstein_witness(bound: Bernstein) -> str | None:
    """A case with a larger probability than stated, by :func:`other_tails`."""
    from mpmath import mp

    with mp.workdps(60):
        for width in (1, 2, 20, 101, 2000):
            for deviation in DEVIATIONS:
                rate = bound.exponent(deviation) * width
                limit = mp.mpf(bound.prefactor.numerator) / bound.prefactor.denominator
                limit *= mp.exp(-mp.mpf(rate.numerator) / rate.denominator)
                exact = other_tails(width, 1 - deviation, 1 + deviation)
                if exact > limit * (1 + mp.mpf(10) ** -20):
                    return f"m = {width}, t = {deviation}: the probability is {mp.nstr(exact, 8)} > {mp.nstr(limit, 8)}"
    return None


def _bernstein_mutants() -> Sequence[Mutant]:
    stated = bernstein()
    listed = [
        ("constant-one", "C₀ = 1", Bernstein(Fraction(1))),
        ("constant-above-largest", "C₀ = 7/10, above the largest", Bernstein(Fraction(7, 10))),
        ("prefactor-half", "prefactor 1/2", replace(stated, prefactor=Fraction(1, 2))),
        ("larger", "the larger of the two exponents", replace(stated, larger=True)),
        ("norm-halved", "K = 4/3", replace(stated, norm=Fraction(4, 3))),
    ]
    return [
        Mutant(
            name,
            words,
            printed_from(changed.check())(),
            changed.check().run,
            partial(bernstein_witness, changed),
        )
        for name, words, changed in listed
    ]


def rate(edge: sp.Expr) -> sp.Expr:
    """Exponential rate of the tail of S_m/m beyond ``edge``, away from 1."""
    return (edge - 1 - sp.log(edge)) / 2


v = sp.Symbol("v", positive=True)


def _chernoff() -> dict[str, sp.Expr]:
    """−log of the bound e^{−λv} E e^{λX²} for one square, E e^{λX²} = (1 − 2λ)^{−1/2}, and its slope, at the best λ."""
    weight = sp.Symbol("lambda", real=True)
    best = (v - 1) / (2 * v)
    exponent = weight * v + sp.log(1 - 2 * weight) / 2
    at_best = best * v + sp.expand_log(sp.log(sp.cancel(1 - 2 * best))) / 2
    return {"value": at_best, "slope": sp.cancel(exponent.diff(weight).subs(weight, best))}


paper.identity(
    "thm4.chernoff",
    _chernoff,
    lambda: {"value": rate(v), "slope": sp.S.Zero},
    title="Exponential rates of the two tails of a mean of squares, up to a step left to the reader",
    where="Appendix C, Theorem 4",
    hypotheses=(
        r"$\mathbb{E}\,e^{\lambda X^2} = (1 - 2\lambda)^{-1/2}$ as in eq69; $\lambda = (v-1)/(2v)$ is the best one",
        r"with Markov's inequality for $e^{\lambda S_m}$: $\Pr[S_m \ge mv] \le e^{-m I(v)}$ for $v \ge 1$ and "
        r"$\Pr[S_m \le mv] \le e^{-m I(v)}$ for $0 < v \le 1$. This step is not part of the check",
    ),
    uses=("eq69",),
    basis="derived",
    statement=named(
        r"I(v) = \bigl[-\log\bigl(e^{-\lambda v}\,\mathbb{E}\,e^{\lambda X^2}\bigr)\bigr]_{\lambda = (v-1)/(2v)}",
        r"\Bigl[-\frac{d}{d\lambda}\log\bigl(e^{-\lambda v}\,\mathbb{E}\,e^{\lambda X^2}\bigr)\Bigr]"
        r"_{\lambda = (v-1)/(2v)}",
    ),
)

_u = sp.Symbol("u", positive=True)


def _integrals() -> dict[str, sp.Expr]:
    return {
        "I/t²": sp.integrate(_u / (2 * (1 + _u * t)), (_u, 0, 1)),
        "I/t": sp.integrate(_u * t / (2 * (1 + _u * t)), (_u, 0, 1)),
        "largest constant": sp.Rational(64, 9) * (rate(1 + t) / t**2).subs(t, sp.Rational(8, 3)),
        "below against above": sp.cancel((rate(1 - t) - rate(1 + t)).diff(t)),
        "the other branch": sp.Rational(8, 3) * (rate(1 + t) / t).subs(t, sp.Rational(8, 3)),
    }


paper.identity(
    "thm4.rate",
    _integrals,
    lambda: {
        "I/t²": rate(1 + t) / t**2,
        "I/t": rate(1 + t) / t,
        "largest constant": LARGEST,
        "below against above": t**2 / (1 - t**2),
        "the other branch": LARGEST,
    },
    title="The largest constant of Bernstein's inequality for χ²(1), up to a step left to the reader",
    where="Appendix C, Theorem 4, “absolute constant”",
    hypotheses=(
        r"$I$ is that of thm4.chernoff, $K = \frac83$; the right sides of the first two lines are $I(1+t)/t^2$ and "
        r"$I(1+t)/t$: the one integral falls and the other rises in $t$, so that $I(1+t) / \min(t^2/K^2, t/K)$ is "
        r"smallest at $t = K$, and it is at least as large with $I(1-t)$, as $I(1-t) - I(1+t)$ does not fall. "
        r"A larger constant fails for large $m$ by Cramér's theorem (not part of the check)",
    ),
    uses=("thm4.chernoff", "eq69.norm"),
    basis="derived",
    statement=named(
        r"\frac12\int_0^1 \frac{u\,du}{1+ut}",
        r"\frac12\int_0^1 \frac{ut\,du}{1+ut}",
        r"\Bigl[\frac{I(1+t)}{t^2/K^2}\Bigr]_{t=K}",
        r"\frac{d}{dt}\bigl[I(1-t) - I(1+t)\bigr]",
        r"\Bigl[\frac{I(1+t)}{t/K}\Bigr]_{t=K}",
    ),
)

_TOLD = [
    *tail_steps("1 - t", "1 + t"),
    step(
        "The margin, which has to be positive: how far the probability is below the bound, as a part of it. "
        "(For $t \\ge 1$ there is no lower tail.)",
        r"1 - \frac{\Pr[|S_m/m - 1| \ge t]}{2\exp\bigl(-C_0\,m \min(t^2/K^2, t/K)\bigr)}, \qquad K = \tfrac83",
    ),
]
_bernstein = Check(
    "enclosure",
    lambda context: bernstein().check("Bernstein's bound, by the exact probability", _TOLD).run(context),
    lambda: bernstein().stated.compared(),
)

paper.checked(
    "thm4",
    _bernstein,
    title="Bernstein's inequality for the squares of the initial weights",
    where="Appendix C, Theorem 4",
    statement=printed_from(_bernstein),
    hypotheses=(
        *SQUARES,
        r"$C_0$ is a parameter (chosen; thm4.rate has the largest one, and with it the bound for every $m$ and $t$)",
        "at standard effort all $m$ up to 200, at deep effort up to 1000",
    ),
    uses=("eq69.norm", "thm4.rate"),
    basis="chosen",
    mutants=_bernstein_mutants,
)
