"""The inequalities that lead from the equations of the flow to the explicit bounds, each for all real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import sympy as sp

from verify.checks import smt
from verify.claim import Check, Mutant
from verify.papers.multistage.chi_squared import C0
from verify.papers.multistage.initialisation import BOUND, SHARP, d, delta
from verify.papers.multistage.monotonicity import P_MOVES, Q_MOVES, SIZES, V2, H, P, P_rate, Q, Q_rate, X, Z
from verify.papers.multistage.paper import paper
from verify.stating import implication, named, printed_from

# -- the event

FACTOR = (2 * sp.Rational(8, 3)) ** 2 / C0
"""1/(C₀(1/(2K))²), as in prop8."""

COUNT = FACTOR * sp.log(4 * (d + 1) / delta)
"""Width from which on Proposition 8 holds for d + 1 sums with probability at least 1 − δ/2."""

paper.identity(
    "lem3.event",
    lambda: {
        "(68)": SHARP.subs(delta, delta / 2),
        "Proposition 8": sp.simplify(2 * (d + 1) * sp.exp(-COUNT / FACTOR)),
    },
    lambda: {"(68)": BOUND, "Proposition 8": delta / 2},
    aligned=False,
    title="(68) and Proposition 8 together, with probability at least 1 − δ",
    where="Appendix C, Lemma 3 and Proposition 8",
    hypotheses=(
        r"(68) is lem3.union at the level $\delta/2$: its factor 2 under the logarithm is worth half of $\delta$",
        r"the $d + 1$ sums $\frac12\sum_k (a_k \pm w_k^{(1)})^2(0)$ and $\sum_k (w_k^{(i)})^2(0)$, $i \ge 2$, are "
        r"$\varepsilon^2\chi^2(m)$, because $(a_k \pm w_k^{(1)})/\sqrt2$ are normal like the others; each is outside "
        r"$[\frac12, \frac32]\,m\varepsilon^2$ with probability at most $2e^{-9C_0m/256}$ (prop8)",
        r"the first right side is the $\eta$ of (68); $m \ge m_0$; the probabilities of what fails are added",
    ),
    uses=("lem3.union", "prop8"),
    basis="derived",
    statement=named(
        r"\sqrt{2\log\frac{m(d+1)}{\delta/2}}",
        r"\bigl[2(d+1)\,e^{-9C_0m/256}\bigr]_{m = m_0}",
        also=lambda: {"m_0": COUNT},
    ),
)

# -- the initial plateau

u, p_rate, a, w, da, dw = sp.symbols("u pdot a w da dw", real=True)
x, n, y, A, B, R, root_q = sp.symbols("x n y A B R kappa", nonnegative=True)
E, p = sp.symbols("E p", positive=True)


def _le(left: sp.Expr, right: sp.Expr) -> sp.Rel:
    return sp.Le(left, right, evaluate=False)


TILDED = {a: r"\tilde a_k", w: r"\tilde w_k", da: r"\Delta a_k", dw: r"\Delta w_k"}


def _deviation(middle: int = 2, last: int = 8, square: int = 1) -> Check:
    """|product − product| ≤ middle · nx + square · n² and (difference)² ≤ 2 (…)² + last · n²."""
    moved = (a + da) * (w + dw) - a * w
    apart = (a + da - w - dw) ** 2
    sizes = ((a, x), (w, x), (da, n), (dw, n))
    return smt.inequality(
        sp.And(
            _le(sp.Abs(moved), middle * n * x + square * n**2),
            _le(apart, 2 * (a - w) ** 2 + last * n**2),
            evaluate=False,
        ),
        assuming=[_le(sp.Abs(value), bound) for value, bound in sizes],
    )


def _deviation_witness(middle: int, last: int, square: int) -> str | None:
    """a₀ = w₀ = x = 1 with equal deviations ½, and a₀ = 2n, w₀ = 0 with opposite ones."""
    half = Fraction(1, 2)
    if (1 + half) ** 2 - 1 > middle * half + square * half**2:
        return "a₀ = w₀ = x = 1, Δa = Δw = n = 1/2: the product moves by 5/4"
    if 2 * 2**2 + last < (2 + 1 + 1) ** 2:
        return "a₀ = x = 2, w₀ = 0, Δa = −Δw = n = 1: the square is 16"
    return None


def _deviation_mutants() -> Sequence[Mutant]:
    listed = (
        ("middle-halved", "nx in place of 2nx", (1, 8, 1)),
        ("square-dropped", "n² left out", (2, 8, 0)),
        ("last-halved", "4n² in place of 8n²", (2, 4, 1)),
    )
    return [
        Mutant(
            name,
            words,
            printed_from(_deviation(*changed), TILDED)(),
            _deviation(*changed).run,
            partial(_deviation_witness, *changed),
        )
        for name, words, changed in listed
    ]


_stated_deviation = _deviation()
paper.checked(
    "prop2.deviation",
    _stated_deviation,
    title="What the deviation from the linearised dynamics does to a neuron's share of P and of Q − P",
    where="Section 4, proof of Proposition 2",
    hypotheses=(
        r"$\tilde a_k$, $\tilde w_k$: (23) for the $a_k$ and $w_k^{(1)}$ of one neuron, and $x$ bounds $\tilde q$; "
        r"$n$ bounds the deviations",
    ),
    uses=("eq25", "eq33"),
    basis="derived",
    statement=printed_from(_stated_deviation, TILDED),
    mutants=_deviation_mutants,
)


@dataclass(frozen=True)
class Start:
    """low · E ≤ P ≤ high · E and times · (Q − P) ≤ P."""

    low: Fraction = Fraction(3, 32)
    high: Fraction = Fraction(27, 32)
    times: Fraction = Fraction(4)

    def check(self) -> Check:
        low, high, times = (sp.Rational(value) for value in (self.low, self.high, self.times))
        relation = sp.And(
            sp.Ge(P, low * E, evaluate=False), _le(P, high * E), _le(Q, (1 + 1 / times) * P), evaluate=False
        )
        quarters = (sp.Rational(1, 4), sp.Rational(3, 4))
        assuming = (
            sp.Ge(E**2, 12, evaluate=False),
            _le(sp.Abs(P - A * E + B / E), 3 * E / 32),
            _le(Q - P, 4 * B / E + y),
            _le(12 / E + 4 * y, 3 * E / 32),
        )
        return smt.inequality(relation, over={A: quarters, B: quarters}, assuming=assuming)

    def witness(self) -> str | None:
        """Both ends of what A, B and P can be at E = 12 and E = 40, in fractions."""
        for e in (Fraction(12), Fraction(40)):
            more = (3 * e**2 / 128 - 3) / e
            for a, b, side in ((1, 3, -1), (3, 1, 1)):
                first = Fraction(a, 4) * e - Fraction(b, 4) / e + side * 3 * e / 32
                gap = b / e + more
                if first < self.low * e or first > self.high * e or self.times * gap > first:
                    return f"E = {e}, A = {a}/4, B = {b}/4: P = {first}, Q = P + {gap}"
        return None


def _start_mutants() -> Sequence[Mutant]:
    listed = (
        ("low-doubled", "3/32 made 6/32", Start(low=Fraction(6, 32))),
        ("high-less", "27/32 made 26/32", Start(high=Fraction(26, 32))),
        ("closer", "5/4 made 9/8", Start(times=Fraction(8))),
    )
    return [
        Mutant(name, words, printed_from(changed.check())(), changed.check().run, changed.witness)
        for name, words, changed in listed
    ]


_start = Start().check()
paper.checked(
    "prop2.start",
    _start,
    title="P and Q at the end of the initial plateau, from their start",
    where="Section 4, proof of Proposition 2, equations (35) and (36)",
    hypotheses=(
        r"in units of $m^{1-2\alpha}$: $A = \frac14\sum_k(a_k + w_k^{(1)})^2(0)$ and $B = \frac14\sum_k(a_k - "
        r"w_k^{(1)})^2(0)$, in $[\frac14, \frac34]$ by Proposition 8; $E = e^{2T_1}$, so that (23) has $P = AE - "
        r"B/E$",
        r"$y$: what prop2.deviation adds to $Q - P$, summed over the neurons",
    ),
    uses=("eq23", "prop2.deviation", "lem3.event"),
    basis="derived",
    statement=printed_from(_start),
    mutants=_start_mutants,
)

paper.inequality(
    "prop4.halves",
    _le(sp.Abs(p_rate - u * p), V2 * root_q + R),
    assuming=(
        sp.Eq(2 * p * p_rate, 2 * u * p**2 - Z + X, evaluate=False),
        _le(sp.Abs(Z), 2 * V2 * root_q * p),
        _le(sp.Abs(X), 2 * R * p),
    ),
    title="The sums of squares of a + w and of a − w grow and fall at the rate 1 − P, up to the remainders",
    where="Section 4, beside Proposition 2",
    hypotheses=(
        r"for $p = \sqrt{P + Q}$, where $P + Q = \frac12\sum_k(a_k + w_k^{(1)})^2$: $u = 1 - P$, $Z = \sum_{i\ge2} "
        r"S_i(S_i + C_i)$ and $X = \sum_k(f_k + g_k^{(1)})(a_k + w_k^{(1)})$",
        r"for $p = \sqrt{Q - P}$: $u = P - 1$, $Z = \sum_{i\ge2} S_i(S_i - C_i)$ and "
        r"$X = \sum_k(f_k - g_k^{(1)})(a_k - w_k^{(1)})$",
        r"$V_2 = \sum_{i\ge2} V_i^2$, $R = \sqrt{2m}\max_k\max(|f_k|, |g_k^{(1)}|)$; the equation is prop4.rates, the "
        r"bounds are Cauchy–Schwarz (lem2.squares), that of $Z$ term by term: $|S_i| \le V_i\sqrt{2Q}$ and "
        r"$|S_i \pm C_i| \le \sqrt2\,V_i\,p$",
    ),
    uses=("prop4.rates", "lem2.squares"),
    basis="derived",
    statement=implication({root_q: r"\sqrt{Q}"}),
)

paper.inequality(
    "prop4.growth",
    sp.And(
        _le(Q_rate, 2 * Q + H),
        sp.Implies(_le(P, 0), _le(-P_rate, 2 * P + V2 * Q + H), evaluate=False),
        evaluate=False,
    ),
    assuming=(*Q_MOVES, *P_MOVES, _le(sp.Abs(P), Q)),
    title="Q grows at most at the rate 2, and what P lacks to 0 dies out, up to steps left to the reader",
    where="Section 4, beside Proposition 2",
    hypotheses=(
        "the rates are those of prop4.rates",
        *SIZES,
        r"hence $\frac{d}{dt}\sqrt Q \le \sqrt Q + \sqrt m\,B(q)$, and $\int\max(-P, 0) \le \frac12\max(-P(0), 0) + "
        r"\frac12\int(V_2Q + H)$. These two integrations are calculus and not part of the check",
    ),
    uses=("prop4.rates", "prop4.across", "prop4.remainders", "eq18.order"),
    basis="derived",
    statement=implication(),
)
