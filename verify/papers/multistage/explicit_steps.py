"""The inequalities that lead from the equations of the flow to the explicit bounds, each for all real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import sympy as sp

from verify.checks import smt
from verify.claim import Check, Mutant
from verify.papers.multistage.initialisation import BOUND, SHARP, d, delta
from verify.papers.multistage.paper import paper

# -- the event

FACTOR = sp.Rational(128, 3)
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
        r"$[\frac12, \frac32]\,m\varepsilon^2$ with probability at most $2e^{-3m/128}$ (prop8)",
        r"$m \ge \frac{128}{3}\log\frac{4(d+1)}{\delta}$; the probabilities of what fails are added",
    ),
    uses=("lem3.union", "prop8"),
    basis="derived",
    statement=(
        r"\sqrt{2\log\tfrac{m(d+1)}{\delta/2}} = \eta, \qquad 2(d+1)\,e^{-3m/128} = \tfrac\delta2 \text{ at } "
        r"m = \tfrac{128}{3}\log\tfrac{4(d+1)}{\delta}"
    ),
)

# -- the initial plateau

P, S, D, X, Y, Z, u, w1, rate = sp.symbols("P S D X Y Z u w1 r", real=True)
alpha0, omega0, da, dw = sp.symbols("a0 w0 da dw", real=True)
x, n, y, G, A, B, Q, V, v, H, R, k, p, q = sp.symbols("x n y G A B Q V v H R k p q", nonnegative=True)
theta, zeta, mu, b, V2, S2, W, sigma, beta = sp.symbols(
    "vartheta zeta mu b V2 S2 W sigma beta", nonnegative=True
)
E = sp.Symbol("E", positive=True)


def _le(left: sp.Expr, right: sp.Expr) -> sp.Rel:
    return sp.Le(left, right, evaluate=False)


def _deviation(middle: int = 2, last: int = 8, square: int = 1) -> Check:
    """|product − product| ≤ middle · nx + square · n² and (difference)² ≤ 2 (…)² + last · n²."""
    moved = (alpha0 + da) * (omega0 + dw) - alpha0 * omega0
    apart = (alpha0 + da - omega0 - dw) ** 2
    sizes = ((alpha0, x), (omega0, x), (da, n), (dw, n))
    return smt.inequality(
        sp.And(
            _le(sp.Abs(moved), middle * n * x + square * n**2),
            _le(apart, 2 * (alpha0 - omega0) ** 2 + last * n**2),
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
            rf"\ldots \le {middle}\,nx + {square}\,n^2, \quad \ldots \le 2(\tilde a - \tilde w)^2 + {last}\,n^2",
            _deviation(middle, last, square).run,
            partial(_deviation_witness, middle, last, square),
        )
        for name, words, (middle, last, square) in listed
    ]


paper.checked(
    "prop2.deviation",
    _deviation(),
    title="What the deviation from the linearised dynamics does to a neuron's share of P and of Q − P",
    where="Section 4, proof of Proposition 2",
    hypotheses=(r"$a_0, w_0$: (23) for one neuron; $|\Delta a|, |\Delta w| \le n$; $x$ bounds $\tilde q$",),
    uses=("eq25", "eq33"),
    basis="derived",
    statement=(
        r"\bigl|(\tilde a + \Delta a)(\tilde w + \Delta w) - \tilde a\tilde w\bigr| \le 2nx + n^2, \quad "
        r"(\tilde a + \Delta a - \tilde w - \Delta w)^2 \le 2(\tilde a - \tilde w)^2 + 8n^2"
    ),
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
            sp.Ge(P, low * E, evaluate=False), _le(P, high * E), _le(times * (Q - P), P), evaluate=False
        )
        quarters = (sp.Rational(1, 4), sp.Rational(3, 4))
        assuming = (
            sp.Ge(E**2, 12, evaluate=False),
            _le(sp.Abs(E * P - A * E**2 + B), 3 * E**2 / 32),
            _le(E * (Q - P), 4 * B + E * y),
            _le(4 * (3 + E * y), 3 * E**2 / 32),
        )
        return smt.inequality(relation, over={A: quarters, B: quarters}, assuming=assuming)

    @property
    def latex(self) -> str:
        low, high, more = (sp.latex(sp.Rational(c)) for c in (self.low, self.high, 1 + 1 / self.times))
        return (
            r"E^2 \ge 12,\; \Bigl|P - AE + \frac BE\Bigr| \le \tfrac{3}{32}E,\; Q - P \le \frac{4B}{E} + y,\; "
            r"4\Bigl(\frac3E + y\Bigr) \le \tfrac{3}{32}E \;\Longrightarrow\; "
            rf"{low}\,E \le P \le {high}\,E,\; Q \le {more}\,P"
        )

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
        Mutant(name, words, changed.latex, changed.check().run, changed.witness)
        for name, words, changed in listed
    ]


paper.checked(
    "prop2.start",
    Start().check(),
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
    statement=Start().latex,
    mutants=_start_mutants,
)

paper.inequality(
    "prop4.halves",
    _le(sp.Abs(X - S * D), p * (v**2 * k + 2 * R)),
    assuming=(_le(sp.Abs(S), v * k), _le(sp.Abs(D), v * p), _le(sp.Abs(X), 2 * R * p)),
    title="The sums of squares of a + w and of a − w grow and fall at the rate 1 − P, up to the remainders",
    where="Section 4, beside Proposition 2",
    hypotheses=(
        r"$W = P + Q = \frac12\sum_k(a_k + w_k^{(1)})^2$ and $p = \sqrt W$, $k = \sqrt Q$, $R = "
        r"\sqrt{2m}\max_k\max(|f_k|, |g_k^{(1)}|)$; for one $i \ge 2$: $S = S_i$, $D = S_i + C_i = \sum_k(a_k + "
        r"w_k^{(1)})w_k^{(i)}$, $v = \sqrt2\,V_i$; $X = \sum_k(f_k + g_k^{(1)})(a_k + w_k^{(1)})$",
        r"$|S| \le vk$, $|D| \le vp$ and $|X| \le 2Rp$ are Cauchy–Schwarz (lem2.squares); by prop4.rates the "
        r"left side is $|\dot W - 2(1-P)W|$, so that $|\dot p - (1-P)p| \le V_2\sqrt Q + R$ where $p > 0$; the same "
        r"for "
        r"$\sqrt{Q-P}$ with $-(1-P)$, from $S_i - C_i$ and $f_k - g_k^{(1)}$",
    ),
    uses=("prop4.rates", "lem2.squares"),
    basis="derived",
    statement=(r"|S| \le vk,\; |D| \le vp,\; |X| \le 2Rp \;\Longrightarrow\; |X - SD| \le p\,(v^2k + 2R)"),
)

paper.inequality(
    "prop4.growth",
    sp.And(
        _le(2 * P * (1 - P) - S2 + X, 2 * Q + H),
        sp.Or(sp.Gt(P, 0, evaluate=False), _le(-2 * Q * (1 - P) + Z - Y, 2 * P + V2 * Q + H), evaluate=False),
        evaluate=False,
    ),
    assuming=(_le(sp.Abs(P), Q), _le(sp.Abs(X), H), _le(sp.Abs(Y), H), _le(sp.Abs(Z), V2 * Q)),
    title="Q grows at most at the rate 2, and what P lacks to 0 dies out, up to steps left to the reader",
    where="Section 4, beside Proposition 2",
    hypotheses=(
        r"the left sides are $\dot Q$ and $-\dot P$ by prop4.rates, with $S_2 = \sum_{i\ge2}S_i^2$, $Z = \sum_{i\ge2}"
        r"S_iC_i$ and $H$ as in prop4.across and prop4.remainders",
        r"hence $\frac{d}{dt}\sqrt Q \le \sqrt Q + \sqrt m\,B(q)$, and $\int\max(-P, 0) \le \frac12\max(-P(0), 0) + "
        r"\frac12\int(V_2Q + H)$. These two integrations are calculus and not part of the check",
    ),
    uses=("prop4.rates", "prop4.across", "prop4.remainders", "eq18.order"),
    basis="derived",
    statement=(
        r"2P(1-P) - S_2 + X \le 2Q + H, \qquad P \le 0 \;\Longrightarrow\; -2Q(1-P) + Z - Y \le 2P + V_2Q + H"
    ),
)
