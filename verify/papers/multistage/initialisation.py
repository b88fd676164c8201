"""Appendix C, Lemma 3: how large the largest of the m(d + 1) initial weights is, (68)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import sympy as sp

from verify.checks.enclosure_steps import Steps, step
from verify.claim import Check, Mutant
from verify.papers.multistage import exact_probability
from verify.papers.multistage.exact_probability import Cases, Stated
from verify.papers.multistage.paper import paper
from verify.stating import Printed, expression_latex, implication, named, printed_from

if TYPE_CHECKING:
    pass

m, d = sp.symbols("m d", positive=True, integer=True)
delta = sp.Symbol("delta", positive=True)
eta, n, y, p, B = sp.symbols("eta n y p B", nonnegative=True)

BOUND = sp.sqrt(2 * sp.log(2 * m * (d + 1) / delta))
"""(68)."""

SHARP = sp.sqrt(2 * sp.log(m * (d + 1) / delta))
"""(68) without the factor 2 under the logarithm."""

GAUSSIAN = (
    r"$a_k/\varepsilon$ and the entries of $w_k/\varepsilon$: $m(d+1)$ independent standard normal variables",
)
LEVELS = tuple(Fraction(1, k) for k in (2, 10, 20, 100, 1000))
DIMENSIONS = (1, 2, 3, 10, 100)


WITHIN = sp.erf(eta / sp.sqrt(2)) ** (m * (d + 1))
"""Probability that every weight over ε is within [−η, η]."""

NAMED = {
    WITHIN: r"\Pr\Bigl[\max_{k,i}\bigl(|a_k|, |w_k^{(i)}|\bigr) \le \varepsilon\eta\Bigr] = "
    + expression_latex(WITHIN)
}


def _widths(effort: str) -> range:
    return range(1, {"quick": 60, "standard": 1_000, "deep": 20_000}[effort])


def _set(values: Sequence[Fraction | int]) -> sp.Set:
    return sp.FiniteSet(*(sp.Rational(value) for value in values))


def stated(bound: sp.Expr) -> Stated:
    """P(max |X_i| ≤ η) ≥ 1 − δ at η = bound."""
    widths = sp.Union(sp.Range(1, 60), _set([10**3, 10**4, 10**5, 10**6]))
    return Stated(
        sp.Ge(WITHIN, 1 - delta, evaluate=False),
        {delta: _set(LEVELS), d: _set(DIMENSIONS), m: widths},
        (sp.Eq(eta, bound, evaluate=False),),
    )


def margins(bound: sp.Expr) -> Cases:
    """P(max |X_i| ≤ η) − (1 − δ)."""
    return stated(bound).cases({m: _widths})


def _told(bound: sp.Expr) -> Steps:
    half_square = sp.latex(sp.expand(bound**2 / 2))
    return [
        step(
            "One standard normal variable is within $[-\\eta, \\eta]$ with the probability $\\operatorname{erf}"
            "(\\eta/\\sqrt 2)$; the $m(d+1)$ weights are independent.",
            r"\Pr\Bigl[\max_{k,i}\bigl(|a_k|, |w_k^{(i)}|\bigr) \le \varepsilon\eta\Bigr] = "
            r"\operatorname{erf}\Bigl(\frac{\eta}{\sqrt 2}\Bigr)^{m(d+1)}",
        ),
        step(
            "The stated $\\eta$ is put in; only its square is needed.",
            rf"\frac{{\eta^2}}{{2}} = {half_square}",
        ),
        step(
            "The margin, which has to be positive.",
            rf"\operatorname{{erf}}\Bigl(\sqrt{{{half_square}}}\Bigr)^{{m(d+1)}} - (1 - \delta)",
        ),
    ]


def witness(bound: sp.Expr) -> str | None:
    """A case with a smaller probability than stated: mpmath, through erfc and a logarithm."""
    from mpmath import mp

    value = sp.lambdify((m, d, delta), bound, "mpmath")
    with mp.workdps(40):
        for width in (1, 2, 5, 20, 1000, 10**6):
            for dim in (1, 100):
                for level in LEVELS:
                    stated = mp.mpf(level.numerator) / level.denominator
                    outside = mp.erfc(value(width, dim, stated) / mp.sqrt(2))
                    inside = mp.exp(width * (dim + 1) * mp.log1p(-outside)) if outside < 1 else mp.mpf(0)
                    if inside < (1 - stated) * (1 - mp.mpf(10) ** -20):
                        return (
                            f"m = {width}, d = {dim}, δ = {level}: the probability is {mp.nstr(inside, 8)}, "
                            f"less than {mp.nstr(1 - stated, 8)}"
                        )
    return None


def _claimed(bound: sp.Expr) -> tuple[Check, Printed]:
    """The check of a bound, and its statement."""
    compared = stated(bound).compared
    made = exact_probability.check(margins(bound), "the exact probability", _told(bound), compared)
    return made, printed_from(made, NAMED)


def _mutants(listed: Sequence[tuple[str, str, sp.Expr]]) -> list[Mutant]:
    found = []
    for name, words, changed in listed:
        check, printed = _claimed(changed)
        found.append(Mutant(name, words, printed(), check.run, partial(witness, changed)))
    return found


def _root(argument: sp.Expr, factor: int = 2) -> sp.Expr:
    return sp.sqrt(factor * sp.log(argument))


def _bound_mutants() -> list[Mutant]:
    return _mutants(
        [
            ("factor-halved", "2 log replaced by log", _root(2 * m * (d + 1) / delta, 1)),
            ("level-dropped", "δ left out", _root(2 * m * (d + 1))),
            ("width-dropped", "m left out", _root(2 * (d + 1) / delta)),
            ("dimension-dropped", "d + 1 left out", _root(2 * m / delta)),
            ("root-of-width", "√m in place of m", _root(2 * sp.sqrt(m) * (d + 1) / delta)),
        ]
    )


def _sharp_mutants() -> list[Mutant]:
    return _mutants(
        [
            ("quarter", "m(d+1)/(4δ) in place of m(d+1)/δ", _root(m * (d + 1) / (4 * delta))),
            ("factor-halved", "2 log replaced by log", _root(m * (d + 1) / delta, 1)),
            ("dimension-dropped", "d + 1 left out", _root(m / delta)),
            ("root-of-level", "√δ in place of δ", _root(m * (d + 1) / sp.sqrt(delta))),
        ]
    )


def _gap() -> sp.Expr:
    """e^{−s²} − erfc(s) at s = η."""
    return sp.exp(-(eta**2)) - sp.erfc(eta)


paper.identity(
    "lem3.tail",
    lambda: {
        "slope": _gap().diff(eta),
        "at 0": _gap().subs(eta, 0),
        "at infinity": sp.limit(_gap(), eta, sp.oo),
    },
    lambda: {
        "slope": 2 * sp.exp(-(eta**2)) * (1 / sp.sqrt(sp.pi) - eta),
        "at 0": sp.S.Zero,
        "at infinity": sp.S.Zero,
    },
    title="The tail of a normal variable is below exp(−η²/2), up to a step left to the reader",
    where="Appendix C, proof of Lemma 3",
    hypotheses=(
        r"with $s = \eta/\sqrt 2 \ge 0$: $h$ rises up to $s = 1/\sqrt\pi$ and falls from there on, so that it is "
        r"nowhere negative and $\Pr[|X| > \eta] = \operatorname{erfc}(s) \le e^{-s^2}$. This step is calculus and not "
        "part of the check",
    ),
    basis="derived",
    statement=named(
        r"h^{\prime}(s)",
        "h(0)",
        r"\lim_{s\to\infty} h(s)",
        printed=partial(expression_latex, names={eta: "s"}),
        also=lambda: {"h(s)": _gap()},
    ),
)

paper.inequality(
    "lem3.bernoulli",
    sp.Ge((1 - y) * (1 - n * y), 1 - (n + 1) * y, evaluate=False),
    over={y: (0, 1)},
    title="Bernoulli's inequality, the step from n to n + 1; the induction left to the reader",
    where="Appendix C, proof of Lemma 3",
    hypotheses=(
        r"with $(1-y)^0 = 1$ it gives $(1-y)^n \ge 1 - ny$ for all whole numbers $n$ by induction; that step is not "
        "part of the check",
    ),
    basis="derived",
    statement=implication(),
)

paper.inequality(
    "lem3.union",
    sp.Ge(B, 1 - delta, evaluate=False),
    assuming=(sp.Ge(B, 1 - n * p, evaluate=False), sp.Le(p, y, evaluate=False), sp.Eq(n * y, delta)),
    title="Lemma 3 for every width, dimension and level, up to steps left to the reader",
    where="Appendix C, Lemma 3, equation (68)",
    hypotheses=(
        *GAUSSIAN,
        r"$n = m(d+1)$, $p = \operatorname{erfc}(\eta/\sqrt 2)$, $y = e^{-\eta^2/2} = \delta/n$ with "
        r"$\eta = \sqrt{2\log(m(d+1)/\delta)}$, and $B = (1-p)^n$ the exact probability",
        r"$p \le y$ is the claim lem3.tail, $B \ge 1 - np$ the claim lem3.bernoulli; the calculus in the one and the "
        "induction in the other are not part of the checks",
        r"a larger $\eta$ only makes the probability larger, so that (68) follows with its factor 2",
    ),
    uses=("lem3.tail", "lem3.bernoulli"),
    basis="derived",
    statement=implication(),
)

_RANGES = (*GAUSSIAN, "at standard effort all $m$ up to 999, at deep effort up to 19 999")
_bound, _bound_printed = _claimed(BOUND)
_sharp, _sharp_printed = _claimed(SHARP)

paper.checked(
    "lem3",
    _bound,
    title="Bound on the initial weights, by the exact probability",
    where="Appendix C, Lemma 3, equation (68)",
    statement=_bound_printed,
    hypotheses=_RANGES,
    uses=("lem3.union",),
    mutants=_bound_mutants,
)

paper.checked(
    "lem3.sharp",
    _sharp,
    title="The same bound without the factor 2 under the logarithm",
    where="Appendix C, Lemma 3, sharpened",
    statement=_sharp_printed,
    hypotheses=_RANGES,
    uses=("lem3.union",),
    basis="derived",
    mutants=_sharp_mutants,
)
