"""Section 5.1, how P and Q move along the full dynamics: Propositions 4 to 6, (47)–(51), with explicit constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import sympy as sp
from sympy.logic.boolalg import Boolean

import theory
from theory import Neuron, NeuronSum, ParticleSystem
from verify.checks import smt
from verify.claim import Check, Mutant
from verify.papers.multistage import derivations
from verify.papers.multistage.dynamics import ASSUMPTIONS, f_k, g_k
from verify.papers.multistage.notation import aligned_latex
from verify.papers.multistage.paper import paper

ALONG_10 = (*ASSUMPTIONS, "along the full dynamics (10), any width, $d = 1, 2, 3$")


def _remainders(dim: int) -> ParticleSystem:
    """(8) and (9), σ = u + δ(u) and the named moments put in."""
    stated = ParticleSystem(Neuron("k", dim), (f_k(dim), *g_k(dim)))
    return theory.apply_data(theory.expand_activation(stated, theory.tanh_like(1)), theory.aligned(dim))


def parameters(dim: int) -> tuple[sp.Expr, sp.Expr]:
    """P and Q as sums over neurons."""
    k = Neuron("k", dim)
    return NeuronSum(k.a * k.w[0], k), NeuronSum(k.a**2 + k.w[0] ** 2, k) / 2


def _pieces(dim: int) -> tuple[list[sp.Expr], list[sp.Expr], sp.Expr, sp.Expr]:
    """S_i and C_i for i ≥ 2, Y and X, as in :data:`NAMES`."""
    k = Neuron("k", dim)
    f, g, *_ = _remainders(dim).drift
    across = range(2, dim + 1)
    S = [theory.drift_sum(k, i) for i in across]
    C = [NeuronSum(k.w[0] * k.w[i - 1], k) for i in across]
    return S, C, NeuronSum(f * k.w[0] + g * k.a, k), NeuronSum(f * k.a + g * k.w[0], k)


def _derivatives(dim: int) -> dict[str, sp.Expr]:
    flow = derivations.aligned(dim)
    P, Q = parameters(dim)
    return {
        f"d = {dim}: {name}": flow.derivative(quantity)
        for name, quantity in (("P", P), ("Q", Q), ("Q - P", Q - P), ("Q + P", Q + P))
    }


def stated_derivatives(dim: int) -> dict[str, sp.Expr]:
    """d/dt of P, Q, Q − P and Q + P."""
    P, Q = parameters(dim)
    S, C, Y, X = _pieces(dim)
    crossed = sp.Add(*(s * c for s, c in zip(S, C, strict=True)))
    squared = sp.Add(*(s**2 for s in S))
    rates = {
        "P": 2 * Q * (1 - P) - crossed + Y,
        "Q": 2 * P * (1 - P) - squared + X,
        "Q - P": -2 * (Q - P) * (1 - P) - sp.Add(*(s * (s - c) for s, c in zip(S, C, strict=True))) + X - Y,
        "Q + P": 2 * (Q + P) * (1 - P) - sp.Add(*(s * (s + c) for s, c in zip(S, C, strict=True))) + X + Y,
    }
    return {f"d = {dim}: {name}": sp.expand(rate) for name, rate in rates.items()}


def _over_dimensions(function: object) -> dict[str, sp.Expr]:
    found: dict[str, sp.Expr] = {}
    for dim in derivations.DIMENSIONS:
        found |= function(dim)  # type: ignore[operator]
    return found


NAMES = (
    r"$C_i = \sum_k w_k^{(1)} w_k^{(i)}$, $Y = \sum_k (f_k w_k^{(1)} + g_k^{(1)} a_k)$, "
    r"$X = \sum_k (f_k a_k + g_k^{(1)} w_k^{(1)})$"
)

paper.identity(
    "prop4.rates",
    lambda: _over_dimensions(_derivatives),
    lambda: _over_dimensions(stated_derivatives),
    title="How P and Q move, exactly",
    where="Section 5.1, proof of Proposition 4",
    hypotheses=(*ALONG_10, NAMES),
    uses=("eq10", "eq17", "eq18"),
    basis="derived",
    statement=aligned_latex(
        [
            r"\dot P &= 2Q(1-P) - \sum_{i\ge 2} S_i C_i + Y",
            r"\dot Q &= 2P(1-P) - \sum_{i\ge 2} S_i^2 + X",
            r"\tfrac{d}{dt}(Q-P) &= -2(Q-P)(1-P) - \sum_{i\ge 2} S_i(S_i - C_i) + X - Y",
            r"\tfrac{d}{dt}(Q+P) &= 2(Q+P)(1-P) - \sum_{i\ge 2} S_i(S_i + C_i) + X + Y",
        ]
    ),
)


def _invariant_rate(dim: int) -> dict[str, sp.Expr]:
    P, Q = parameters(dim)
    return {f"d = {dim}": derivations.aligned(dim).derivative(sp.expand(Q**2 - P**2))}


def _stated_invariant_rate(dim: int) -> dict[str, sp.Expr]:
    P, Q = parameters(dim)
    S, C, Y, X = _pieces(dim)
    across = sp.Add(*(s * (Q * s - P * c) for s, c in zip(S, C, strict=True)))
    return {f"d = {dim}": sp.expand(-2 * across + 2 * Q * X - 2 * P * Y)}


paper.identity(
    "prop5.rate",
    lambda: _over_dimensions(_invariant_rate),
    lambda: _over_dimensions(_stated_invariant_rate),
    title="How the conserved quantity of the leading order moves, exactly",
    where="Section 5.1, proof of Proposition 5",
    hypotheses=(*ALONG_10, NAMES),
    uses=("prop4.rates", "eq18.invariant"),
    basis="derived",
    statement=r"\frac{d}{dt}(Q^2 - P^2) = -2\sum_{i\ge 2} S_i\,(Q S_i - P C_i) + 2QX - 2PY",
)

# -- inequalities between the real numbers that the claims above and Cauchy–Schwarz tie together

P, X, Y, Z = sp.symbols("P X Y Z", real=True)
Q, H, S2, V2 = sp.symbols("Q H S2 V2", nonnegative=True)
zeta = sp.Symbol("zeta", positive=True)
_S, _C = sp.symbols("S C", real=True)
_A, _B, _G, _V = sp.symbols("A B G V", nonnegative=True)

SIZES = (
    r"$V_2 = \sum_{i\ge 2} V_i^2$, $S_2 = \sum_{i\ge 2} S_i^2$, $Z = \sum_{i\ge 2} S_i C_i$",
    r"$H = 2\sqrt{mQ}\,\max_k\max(|f_k|, |g_k^{(1)}|)$, bounded by lem1",
    r"$S_2 \le 2V_2Q$, $|Z| \le V_2Q$ and $|X|, |Y| \le H$ are the claims prop4.across and prop4.remainders",
)
_SIZED = (
    sp.Le(S2, 2 * V2 * Q, evaluate=False),
    sp.Le(sp.Abs(Z), V2 * Q, evaluate=False),
    sp.Le(sp.Abs(X), H, evaluate=False),
    sp.Le(sp.Abs(Y), H, evaluate=False),
)
NORM_NAMES = r"$A^2 = \sum_k a_k^2$, $B^2 = \sum_k (w_k^{(1)})^2$, so that $Q = (A^2 + B^2)/2$"

paper.inequality(
    "prop4.across",
    sp.And(
        sp.Le(_S**2, _V**2 * (_A**2 + _B**2), evaluate=False),
        sp.Le(2 * sp.Abs(_S * _C), _V**2 * (_A**2 + _B**2), evaluate=False),
        evaluate=False,
    ),
    assuming=(sp.Le(sp.Abs(_S), _V * _A, evaluate=False), sp.Le(sp.Abs(_C), _V * _B, evaluate=False)),
    title="The weights across the condensed direction in the rates of P and Q",
    where="Section 5.1, proof of Proposition 4",
    hypotheses=(
        NORM_NAMES + r"; for one $i \ge 2$: $S = S_i$, $C = C_i$, $V = V_i$",
        r"$|S_i| \le V_i A$ and $|C_i| \le V_i B$ are Cauchy–Schwarz, lem2.squares; the sum over $i$ is plain",
    ),
    uses=("lem2.squares",),
    basis="derived",
    statement=r"S_i^2 \le 2 V_i^2 Q, \qquad |S_i C_i| \le V_i^2 Q",
)

paper.inequality(
    "prop4.remainders",
    sp.Le((_G * (_A + _B)) ** 2, 2 * _G**2 * (_A**2 + _B**2), evaluate=False),
    title="The remainders in the rates of P and Q",
    where="Section 5.1, proof of Proposition 4",
    hypotheses=(
        NORM_NAMES,
        r"$G = \sqrt m\,\max_k\max(|f_k|, |g_k^{(1)}|)$; $|X|, |Y| \le G(A+B)$ is Cauchy–Schwarz, lem2.squares",
    ),
    uses=("lem2.squares", "lem1"),
    basis="derived",
    statement=r"|X|,\ |Y| \le G(A + B) \le 2 G \sqrt Q = H",
)


@dataclass(frozen=True)
class Growth:
    """dP/dt or dQ/dt ≥ ``rate`` · Q(1 − P) under (47) with the constants ``across`` of V_2 and ``rest`` of H."""

    of: str
    rate: Fraction
    across: Fraction = Fraction(1, 8)
    rest: Fraction = Fraction(1, 4)

    @property
    def relation(self) -> Boolean:
        rates = {"P": 2 * Q * (1 - P) - Z + Y, "Q": 2 * P * (1 - P) - S2 + X}
        return sp.Ge(rates[self.of], sp.Rational(self.rate) * Q * (1 - P), evaluate=False)

    @property
    def assuming(self) -> tuple[Boolean, ...]:
        return (
            sp.Le(P, 1 - zeta, evaluate=False),
            sp.Le(V2, sp.Rational(self.across) * zeta, evaluate=False),
            sp.Le(H, sp.Rational(self.rest) * zeta * Q, evaluate=False),
            sp.Gt(Q, 0, evaluate=False),
            sp.Le(Q, 2 * P, evaluate=False),
            *_SIZED,
        )

    def check(self) -> Check:
        return smt.inequality(self.relation, assuming=self.assuming)

    @property
    def latex(self) -> str:
        v, h, k = (sp.latex(sp.Rational(c)) for c in (self.across, self.rest, self.rate))
        return (
            rf"V_2 \le {v}\,\zeta,\; H \le {h}\,\zeta Q,\; 0 < Q \le 2P,\; P \le 1 - \zeta \;\Longrightarrow\; "
            rf"\dot {self.of} \ge {k}\,Q(1 - P) > 0"
        )

    def witness(self) -> str | None:
        """Everything as bad as it may be, at ζ = P = ½ and Q = 1, in fractions."""
        half, one = Fraction(1, 2), Fraction(1)
        across, rest = self.across * half, self.rest * half
        found = (2 * one if self.of == "P" else 2 * half) * half
        found -= (across if self.of == "P" else 2 * across) + rest
        if found < self.rate * half:
            return f"ζ = P = 1/2, Q = 1, V_2 = {across}, H = {rest}: d{self.of}/dt = {found} < {self.rate * half}"
        return None


GROWTH = {"P": Growth("P", Fraction(13, 8)), "Q": Growth("Q", Fraction(1, 2))}


def _growth_mutants(of: str) -> Sequence[Mutant]:
    stated = GROWTH[of]
    listed = [
        ("rate-larger", "rate a tenth larger", replace(stated, rate=stated.rate * Fraction(11, 10))),
        ("rate-doubled", "rate doubled", replace(stated, rate=2 * stated.rate)),
        ("across-doubled", "V_2 allowed to be twice as large", replace(stated, across=2 * stated.across)),
        ("rest-doubled", "H allowed to be twice as large", replace(stated, rest=2 * stated.rest)),
        (
            "rest-tenth-more",
            "H allowed to be a tenth larger",
            replace(stated, rest=stated.rest * Fraction(11, 10)),
        ),
    ]
    return [
        Mutant(name, words, changed.latex, changed.check().run, changed.witness)
        for name, words, changed in listed
    ]


for _id, _of, _title, _equation in (
    ("eq48", "P", "P increases wherever (47) holds, at a rate near 2Q(1 − P)", "equations (47) and (48)"),
    ("prop4", "Q", "Q increases wherever (47) holds", "equation (47)"),
):
    paper.checked(
        _id,
        GROWTH[_of].check(),
        title=_title,
        where=f"Section 5.1, Proposition 4, {_equation}",
        statement=GROWTH[_of].latex,
        hypotheses=(
            *SIZES,
            r"(47) is chosen: $V_2 \le \zeta/8$ and $H \le \zeta Q/4$, with $0 < Q \le 2P$, and "
            r"$P \le 1 - \zeta$ as before $T_2$",
            "the rate is that of prop4.rates",
        ),
        uses=("prop4.rates", "prop4.across", "prop4.remainders"),
        basis="chosen",
        mutants=partial(_growth_mutants, _of),
    )


@dataclass(frozen=True)
class Drift:
    """|d(Q² − P²)/dt| ≤ across · V_2 Q² + rest · H Q."""

    across: Fraction = Fraction(6)
    rest: Fraction = Fraction(4)

    def check(self) -> Check:
        limit = sp.Rational(self.across) * V2 * Q**2 + sp.Rational(self.rest) * H * Q
        rate = -2 * Q * S2 + 2 * P * Z + 2 * Q * X - 2 * P * Y
        assuming = (sp.Le(sp.Abs(P), Q, evaluate=False), *_SIZED)
        return smt.inequality(sp.Le(sp.Abs(rate), limit, evaluate=False), assuming=assuming)

    @property
    def latex(self) -> str:
        v, h = (sp.latex(sp.Rational(c)) for c in (self.across, self.rest))
        return rf"\Bigl|\frac{{d}}{{dt}}(Q^2 - P^2)\Bigr| \le {v}\,V_2 Q^2 + {h}\,H Q"

    def witness(self) -> str | None:
        """The largest rate at P = Q = 1, for V_2 or H alone, in fractions."""
        for v, h in ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)), (Fraction(1), Fraction(1))):
            found = abs(-2 * (2 * v) + 2 * (-v) + 2 * (-h) - 2 * h)
            if found > self.across * v + self.rest * h:
                return (
                    f"P = Q = 1, V_2 = {v}, H = {h}: the rate is {found} > {self.across * v + self.rest * h}"
                )
        return None


def _drift_mutants() -> Sequence[Mutant]:
    listed = [
        ("across-five", "6 made 5", Drift(across=Fraction(5))),
        ("rest-three", "4 made 3", Drift(rest=Fraction(3))),
        ("across-dropped", "first term dropped", Drift(across=Fraction(0))),
        ("rest-dropped", "second term dropped", Drift(rest=Fraction(0))),
        ("tenth-less", "both a tenth smaller", Drift(Fraction(27, 5), Fraction(18, 5))),
    ]
    return [
        Mutant(name, words, changed.latex, changed.check().run, changed.witness)
        for name, words, changed in listed
    ]


paper.checked(
    "eq49",
    Drift().check(),
    title="Approximate conservation law of Q² − P²",
    where="Section 5.1, Proposition 5, equation (49)",
    statement=Drift().latex,
    hypotheses=(
        *SIZES,
        r"the rate is that of prop5.rate; $|P| \le Q$ is eq18.order",
        r"integrated: $|(Q^2 - P^2)(t) - (Q^2 - P^2)(T_1)| \le \int_{T_1}^t (6 V_2 Q^2 + 4 H Q)\,ds$ for every $t$",
    ),
    uses=("prop5.rate", "prop4.across", "prop4.remainders", "eq18.order"),
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
    statement=r"1 \le \frac QP \le 1 + \tfrac12 s^2, \qquad s^2 = \frac{Q^2 - P^2}{P^2}",
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
    statement=r"|A_2 - B_2| \le 2 s P, \qquad (1 - s)\,|A_2 - B_2| \le 2 s\,B_2",
)
