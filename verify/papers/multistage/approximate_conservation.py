"""Section 5.1, Propositions 5 and 6: Q² − P² is nearly conserved, (49), and what follows from it, (50) and (51)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

import theory
from theory import Neuron, NeuronSum
from theory.naming import Named, quantity
from verify.checks import smt
from verify.claim import Check, Mutant
from verify.papers.multistage import derivations, names
from verify.papers.multistage.dynamics import SHOWN
from verify.papers.multistage.monotonicity import (
    ALONG_10,
    NORMS,
    TWICE_Q,
    V2,
    G,
    H,
    Q,
    norm_a,
    norm_w,
    parameters,
)
from verify.papers.multistage.paper import paper
from verify.stating import Printed, implication, named, printed_from


def _invariant_rate(dim: int) -> dict[str, sp.Expr]:
    P, Q = parameters(dim)
    return {f"d = {dim}": derivations.aligned(dim).derivative(sp.expand(Q**2 - P**2))}


def _stated_invariant_rate(dim: int) -> dict[str, sp.Expr]:
    P, Q, pairs = theory.P, theory.Q, [(names.S(i), names.C(i)) for i in range(2, dim + 1)]
    across = sp.Add(*(-2 * s * (Q * s - P * c) for s, c in pairs))
    return {f"d = {dim}": Named(across + 2 * Q * names.X - 2 * P * names.Y, names.parameters(dim))}


paper.identity(
    "prop5.rate",
    lambda: names.every(_invariant_rate),
    lambda: names.every(_stated_invariant_rate),
    title="How the conserved quantity of the leading order moves, exactly",
    where="Section 5.1, proof of Proposition 5",
    hypotheses=(*ALONG_10, names.REMAINDERS, SHOWN),
    uses=("prop4.rates", "eq18.invariant"),
    basis="derived",
    statement=names.shown(r"\frac{d}{dt}(Q^2 - P^2)"),
)

_across, _E, _rate = sp.symbols("U E rate", real=True)
_root = sp.Symbol("r", nonnegative=True)


def _squares() -> dict[str, sp.Expr]:
    """Σ (Q a − P w)² and Σ (Q w − P a)²."""
    k, (P, Q) = Neuron("k", 1), parameters(1)
    of_a, of_w = quantity("C", k), quantity("D", k)
    called = {theory.P: P, theory.Q: Q}
    return {
        "a": Named(NeuronSum(of_a**2, k), called | {of_a: theory.Q * k.a - theory.P * k.w[0]}),
        "w": Named(NeuronSum(of_w**2, k), called | {of_w: theory.Q * k.w[0] - theory.P * k.a}),
    }


def _stated_squares() -> dict[str, sp.Expr]:
    k, (P, Q) = Neuron("k", 1), parameters(1)
    gap, called = theory.Q**2 - theory.P**2, {theory.P: P, theory.Q: Q}
    return {
        "a": Named(gap * NeuronSum(k.a**2, k), called),
        "w": Named(gap * NeuronSum(k.w[0] ** 2, k), called),
    }


paper.identity(
    "prop5.defect",
    _squares,
    _stated_squares,
    aligned=False,
    title="How far a and w are from each other's direction, by Q² − P²",
    where="Section 5.1, proof of Proposition 5, sharpened",
    hypotheses=("any real $a_k$, $w_k^{(1)}$ and any width",),
    basis="derived",
    statement=named("=", "="),
)


@dataclass(frozen=True)
class Drift:
    """|d(Q² − P²)/dt| ≤ (across · V_2 Q + rest · H) √(Q² − P²)."""

    across: Fraction = Fraction(4)
    rest: Fraction = Fraction(2)

    def check(self) -> Check:
        """r stands for √(Q² − P²), U for the sum of S_i T_i."""
        limit = (sp.Rational(self.across) * V2 * Q + sp.Rational(self.rest) * H) * _root
        assuming = (
            sp.Eq(_rate, -2 * _across + 2 * _E, evaluate=False),
            sp.Le(sp.Abs(_across), V2 * norm_a**2 * _root, evaluate=False),
            sp.Le(sp.Abs(_E), G * (norm_a + norm_w) * _root, evaluate=False),
            sp.Le(G * (norm_a + norm_w), H, evaluate=False),
            TWICE_Q,
        )
        return smt.inequality(sp.Le(sp.Abs(_rate), limit, evaluate=False), assuming=assuming)

    @staticmethod
    def printed_as(check: Check) -> Printed:
        """The statement of one of these checks."""
        names = {
            **NORMS,
            _across: r"\sum_{i \ge 2} S_i T_i",
            _rate: r"\tfrac{d}{dt}(Q^2 - P^2)",
            _root: r"\sqrt{Q^2 - P^2}",
        }
        return printed_from(check, names)

    def witness(self) -> str | None:
        """Weights and remainders in fractions, with P = 0 so that √(Q² − P²) = Q is one."""
        for told, a, w, v, f, g in _EXAMPLES:
            P, Q, S, C, X, Y = (
                _dot(a, w),
                (_dot(a, a) + _dot(w, w)) / 2,
                _dot(a, v),
                _dot(w, v),
                _dot(f, a) + _dot(g, w),
                _dot(f, w) + _dot(g, a),
            )
            rate = abs(-2 * S * (Q * S - P * C) + 2 * Q * X - 2 * P * Y)
            # H² = 4 m Q max²; every example has a whole root, and P = 0.
            largest = max(abs(x) for x in (*f, *g))
            bound = (self.across * _dot(v, v) * Q + self.rest * _WHOLE[told] * largest) * Q
            if rate > bound:
                return f"{told}: the rate is {rate} > {bound}"
        return None


def _dot(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    return sum((one * two for one, two in zip(x, y, strict=True)), Fraction(0))


_ones, _signs, _none = (tuple(Fraction(v) for v in pair) for pair in ((1, 1), (1, -1), (0, 0)))
_EXAMPLES = (
    ("a = w² = (1, 1), w¹ = 0, no remainders", _ones, _none, _ones, _none, _none),
    ("a = f = (1, 1), w¹ = g = (1, −1), w² = 0", _ones, _signs, _none, _ones, _signs),
)
_WHOLE = {_EXAMPLES[0][0]: Fraction(0), _EXAMPLES[1][0]: Fraction(4)}
"""2√(mQ) of each example that has remainders."""


def _drift_mutants() -> Sequence[Mutant]:
    nearly = Fraction(999, 1000)
    listed = [
        ("across-less", "4 made 3.996", Drift(across=4 * nearly)),
        ("rest-less", "2 made 1.998", Drift(rest=2 * nearly)),
        ("across-dropped", "first term dropped", Drift(across=Fraction(0))),
        ("rest-dropped", "second term dropped", Drift(rest=Fraction(0))),
        ("halved", "both halved", Drift(Fraction(2), Fraction(1))),
    ]
    return [
        Mutant(name, words, Drift.printed_as(changed.check())(), changed.check().run, changed.witness)
        for name, words, changed in listed
    ]


_drift = Drift().check()
paper.checked(
    "eq49",
    _drift,
    title="Approximate conservation law of Q² − P², with the best constants",
    where="Section 5.1, Proposition 5, equation (49)",
    statement=Drift.printed_as(_drift),
    hypotheses=(
        r"$V_2 = \sum_{i\ge2}V_i^2$ and $H = 2\sqrt{mQ}\,\max_k\max(|f_k|, |g_k^{(1)}|)$; the rate is that of "
        r"prop5.rate with $T_i = QS_i - PC_i = \sum_k (Qa_k - Pw_k^{(1)})w_k^{(i)}$ "
        r"and $E = QX - PY = \sum_k \bigl(f_k(Qa_k - Pw_k^{(1)}) + g_k^{(1)}(Qw_k^{(1)} - Pa_k)\bigr)$",
        r"$a$, $w^{(1)}$: the vectors of the $a_k$ and of the $w_k^{(1)}$; "
        r"$G = \sqrt m\,\max_k\max(|f_k|, |g_k^{(1)}|)$. The bounds of the sum, term by term $|S_i| \le V_i\lVert "
        r"a\rVert$ and $|T_i| \le V_i\lVert a\rVert\sqrt{Q^2-P^2}$, and that of $E$ are Cauchy–Schwarz (lem2.squares) "
        r"with prop5.defect; $G(\lVert a\rVert + \lVert w^{(1)}\rVert) \le H$ is prop4.remainders",
        r"left to the reader: hence at most $4V_2Q^2 + 2HQ$, because $0 \le Q^2 - P^2 \le Q^2$ (eq18.order); and "
        r"where $Q > |P|$: "
        r"$\bigl|\frac{d}{dt}\sqrt{Q^2-P^2}\bigr| \le 2V_2Q + H$",
        r"neither constant can be lowered, for weights and remainders that are any real numbers: the negative controls "
        r"are two neurons that attain them, each at $P = 0$",
    ),
    uses=("prop5.rate", "prop5.defect", "prop4.remainders", "lem2.squares", "eq18.order"),
    basis="derived",
    mutants=_drift_mutants,
)

_q2, _p = sp.Symbol("Q", nonnegative=True), sp.Symbol("P", positive=True)
_root_eps = sp.Symbol("s", nonnegative=True)

paper.inequality(
    "eq50",
    sp.And(
        sp.Ge(_q2, _p, evaluate=False),
        sp.Le(_q2, (1 + _root_eps**2 / 2) * _p, evaluate=False),
        evaluate=False,
    ),
    assuming=(
        sp.Ge(_q2**2, _p**2, evaluate=False),
        sp.Le(_q2**2 - _p**2, _root_eps**2 * _p**2, evaluate=False),
    ),
    title="Q/P is near 1 where Q² − P² is small",
    where="Section 5.1, Proposition 6, equation (50)",
    hypotheses=(r"$P > 0$; $s^2 = (Q^2 - P^2)/P^2$, which eq49 controls, and $Q \ge P$ from eq18.order",),
    uses=("eq49", "eq18.order"),
    basis="derived",
    statement=implication(),
)

_a2, _w2 = sp.symbols("A2 B2", nonnegative=True)

paper.inequality(
    "eq51",
    sp.And(
        sp.Le(sp.Abs(_a2 - _w2), 2 * _root_eps * _p, evaluate=False),
        sp.Le((1 - _root_eps) * sp.Abs(_a2 - _w2), 2 * _root_eps * _w2, evaluate=False),
        evaluate=False,
    ),
    assuming=(
        sp.Ge(_a2 * _w2, _p**2, evaluate=False),
        sp.Le((_a2 + _w2) ** 2 / 4 - _p**2, _root_eps**2 * _p**2, evaluate=False),
        sp.Le(_root_eps, 1, evaluate=False),
    ),
    title="The two sums of squares are near each other where Q² − P² is small",
    where="Section 5.1, Proposition 6, equation (51)",
    hypotheses=(
        r"$A_2 = \sum_k a_k^2$, $B_2 = \sum_k (w_k^{(1)})^2$, so that $Q = (A_2 + B_2)/2$ and $P^2 \le A_2 B_2$ "
        "(Cauchy–Schwarz, lem2.squares)",
        r"$P > 0$, $s^2 = (Q^2 - P^2)/P^2 \le 1$; for $s < 1$ the second part is $|A_2/B_2 - 1| \le 2s/(1-s)$",
    ),
    uses=("eq49", "lem2.squares"),
    basis="derived",
    statement=implication(),
)
