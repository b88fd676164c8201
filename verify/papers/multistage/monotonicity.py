"""Section 5.1, how P and Q move along the full dynamics: Proposition 4, (47) and (48), with explicit constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp

import theory
from theory import Neuron, NeuronSum
from theory.naming import Named
from verify.checks import smt
from verify.claim import Check, Mutant
from verify.papers.multistage import chosen, derivations, names
from verify.papers.multistage.dynamics import ASSUMPTIONS, SHOWN
from verify.papers.multistage.paper import paper
from verify.stating import implication, printed_from

ALONG_10 = (*ASSUMPTIONS, "along the full dynamics (10), any width")


def parameters(dim: int) -> tuple[sp.Expr, sp.Expr]:
    """P and Q as sums over neurons."""
    k = Neuron("k", dim)
    return NeuronSum(k.a * k.w[0], k), NeuronSum(k.a**2 + k.w[0] ** 2, k) / 2


def _derivatives(dim: int) -> dict[str, sp.Expr]:
    flow = derivations.aligned(dim)
    P, Q = parameters(dim)
    return {
        f"d = {dim}: {name}": flow.derivative(quantity)
        for name, quantity in (("P", P), ("Q", Q), ("Q - P", Q - P), ("Q + P", Q + P))
    }


def stated_derivatives(dim: int) -> dict[str, sp.Expr]:
    """d/dt of P, Q, Q − P and Q + P."""
    across = [(names.S(i), names.C(i)) for i in range(2, dim + 1)]
    P, Q, X, Y = theory.P, theory.Q, names.X, names.Y
    rates = {
        "P": 2 * Q * (1 - P) - sp.Add(*(s * c for s, c in across)) + Y,
        "Q": 2 * P * (1 - P) - sp.Add(*(s**2 for s, _ in across)) + X,
        "Q - P": sp.Mul(2, P - Q, 1 - P) - sp.Add(*(s * (s - c) for s, c in across)) + X - Y,
        "Q + P": sp.Mul(2, P + Q, 1 - P) - sp.Add(*(s * (s + c) for s, c in across)) + X + Y,
    }
    called = names.parameters(dim)
    return {f"d = {dim}: {name}": Named(rate, called) for name, rate in rates.items()}


paper.identity(
    "prop4.rates",
    lambda: names.every(_derivatives),
    lambda: names.every(stated_derivatives),
    title="How P and Q move, exactly",
    where="Section 5.1, proof of Proposition 4",
    hypotheses=(*ALONG_10, names.REMAINDERS, SHOWN),
    uses=("eq10", "eq17", "eq18"),
    basis="derived",
    statement=names.shown(r"\dot P", r"\dot Q", r"\frac{d}{dt}(Q - P)", r"\frac{d}{dt}(Q + P)"),
)


# -- inequalities between the real numbers that the claims above and Cauchy–Schwarz tie together

P, X, Y, Z, P_rate, Q_rate = sp.symbols("P X Y Z Pdot Qdot", real=True)
Q, H, S2, V2 = sp.symbols("Q H S_2 V_2", nonnegative=True)
zeta = sp.Symbol("zeta", positive=True)
_S, _C = sp.symbols("S_i C_i", real=True)
norm_a, norm_w, G, V_i, root_q = sp.symbols("A B G V_i kappa", nonnegative=True)

SIZES = (
    r"$V_2 = \sum_{i\ge 2} V_i^2$, $S_2 = \sum_{i\ge 2} S_i^2$, $Z = \sum_{i\ge 2} S_i C_i$",
    r"$H = 2\sqrt{mQ}\,\max_k\max(|f_k|, |g_k^{(1)}|)$, bounded by lem1",
    r"$S_2 \le 2V_2Q$, $|Z| \le V_2Q$ and $|X|, |Y| \le H$ are the claims prop4.across and prop4.remainders",
)
"""What is known of the terms in the rates of prop4.rates."""

P_MOVES = (
    sp.Eq(P_rate, 2 * Q * (1 - P) - Z + Y, evaluate=False),
    sp.Le(sp.Abs(Z), V2 * Q, evaluate=False),
    sp.Le(sp.Abs(Y), H, evaluate=False),
)
Q_MOVES = (
    sp.Eq(Q_rate, 2 * P * (1 - P) - S2 + X, evaluate=False),
    sp.Le(S2, 2 * V2 * Q, evaluate=False),
    sp.Le(sp.Abs(X), H, evaluate=False),
)
TWICE_Q = sp.Le(norm_a**2 + norm_w**2, 2 * Q, evaluate=False)
"""What Q is, as far as it is needed."""
NORMS = {norm_a: r"\lVert a\rVert", norm_w: r"\lVert w^{(1)}\rVert"}

paper.inequality(
    "prop4.across",
    sp.And(
        sp.Le(_S**2, 2 * Q * V_i**2, evaluate=False),
        sp.Le(sp.Abs(_S * _C), Q * V_i**2, evaluate=False),
        evaluate=False,
    ),
    assuming=(
        TWICE_Q,
        sp.Le(sp.Abs(_S), norm_a * V_i, evaluate=False),
        sp.Le(sp.Abs(_C), norm_w * V_i, evaluate=False),
    ),
    title="The weights across the condensed direction in the rates of P and Q",
    where="Section 5.1, proof of Proposition 4",
    hypotheses=(
        r"$a$, $w^{(1)}$: the vectors of the $a_k$ and of the $w_k^{(1)}$, so that $\lVert a\rVert^2 + \lVert "
        r"w^{(1)}\rVert^2 = 2Q$; one $i \ge 2$",
        "the last two conditions are Cauchy–Schwarz, lem2.squares; the sum over $i$ is plain",
    ),
    uses=("lem2.squares",),
    basis="derived",
    statement=implication(NORMS),
)

paper.inequality(
    "prop4.remainders",
    sp.And(
        sp.Le(sp.Abs(X), 2 * G * root_q, evaluate=False),
        sp.Le(sp.Abs(Y), 2 * G * root_q, evaluate=False),
        evaluate=False,
    ),
    assuming=(
        sp.Le(norm_a**2 + norm_w**2, 2 * root_q**2, evaluate=False),
        sp.Le(sp.Abs(X), G * (norm_a + norm_w), evaluate=False),
        sp.Le(sp.Abs(Y), G * (norm_a + norm_w), evaluate=False),
    ),
    title="The remainders in the rates of P and Q",
    where="Section 5.1, proof of Proposition 4",
    hypotheses=(
        r"$a$, $w^{(1)}$: the vectors of the $a_k$ and of the $w_k^{(1)}$; "
        r"$G = \sqrt m\,\max_k\max(|f_k|, |g_k^{(1)}|)$, so that $H = 2G\sqrt Q$",
        "the last two conditions are Cauchy–Schwarz, lem2.squares",
    ),
    uses=("lem2.squares", "lem1"),
    basis="derived",
    statement=implication({**NORMS, root_q**2: "Q", root_q: r"\sqrt{Q}"}),
)


@dataclass(frozen=True)
class Growth:
    """dP/dt or dQ/dt ≥ ``rate`` · Q(1 − P) under (47) with the constants ``across`` of V_2 and ``rest`` of H."""

    of: str
    rate: Fraction
    across: Fraction
    rest: Fraction

    def check(self) -> Check:
        grows = {"P": P_rate, "Q": Q_rate}[self.of]
        relation = sp.And(
            sp.Ge(grows, sp.Rational(self.rate) * Q * (1 - P), evaluate=False),
            sp.Gt(grows, 0, evaluate=False),
            evaluate=False,
        )
        assuming = (
            *(P_MOVES if self.of == "P" else Q_MOVES),
            sp.Le(V2, sp.Rational(self.across) * zeta, evaluate=False),
            sp.Le(H, sp.Rational(self.rest) * zeta * Q, evaluate=False),
            sp.Gt(Q, 0, evaluate=False),
            sp.Le(Q, 2 * P, evaluate=False),
            sp.Le(P, 1 - zeta, evaluate=False),
        )
        return smt.inequality(relation, assuming=assuming)

    def witness(self) -> str | None:
        """Two neurons with remainders of their own, P = 1 − ζ = ½, and V_2 and H as large as they may be."""
        worst = min(_two_neurons(self, angle, ratio) for angle, ratio in _SHAPES)
        if worst[0] < -1e-6:
            _, shape, rate, stated = worst
            return (
                f"a = (1, 1), w¹ {shape}, scaled to P = ζ = 1/2, V_2 = {self.across / 2}, H = {self.rest / 2} Q: "
                f"d{self.of}/dt = {rate:.6g} < {stated:.6g}"
            )
        return None


_SHAPES = tuple((angle / 40, 1 + ratio / 20) for angle in range(21) for ratio in range(-16, 17))
"""Angle between a and w¹ as a part of π, and ‖w¹‖/‖a‖."""


def _two_neurons(stated: Growth, angle: float, ratio: float) -> tuple[float, str, float, float]:
    """How far dP/dt or dQ/dt is above what is stated; where Q > 2P the case does not count."""
    theta = math.pi / 4 + math.pi * angle
    a, w = (math.sqrt(0.5), math.sqrt(0.5)), (ratio * math.cos(theta), ratio * math.sin(theta))
    along = a[0] * w[0] + a[1] * w[1]
    shape = f"at {angle:g}π to it and {ratio:g} times as long"
    if along <= 0 or (1 + ratio**2) / 2 > 2 * along:
        return 0.0, shape, 0.0, 0.0
    scale = 0.5 / along
    P, Q = 0.5, (1 + ratio**2) / 2 * scale
    V2, H = float(stated.across) / 2, float(stated.rest) / 2 * Q
    # All |f_k| and |g_k| are h, against the signs of what they meet; H = 2√(2Q) h.
    h = H / (2 * math.sqrt(2 * Q))
    pull = h * math.sqrt(scale) * (a[0] + a[1] + abs(w[0]) + abs(w[1]))
    # The weights across point where S C, or S², is largest.
    across = V2 * scale * ((ratio + along) / 2 if stated.of == "P" else 1.0)
    rate = 2 * (Q if stated.of == "P" else P) * 0.5 - across - pull
    least = float(stated.rate) * Q * 0.5
    return rate - least, shape, rate, least


def growth(of: str) -> Growth:
    """With the constants of (47) in this run, and what they leave of the rates 2Q(1 − P) and 2P(1 − P) ≥ Q(1 − P)."""
    across, rest = chosen.across_share.value, chosen.rest_share.value
    rate = {"P": 2 - across - rest, "Q": 1 - 2 * across - rest}[of]
    return Growth(of, rate, across, rest)


def _growth_check(of: str) -> Check:
    """That of `growth`, made when it runs."""

    def compared() -> tuple[Any, ...]:
        sides = growth(of).check().compared
        assert sides is not None
        return sides()

    return Check("smt", lambda context: growth(of).check().run(context), compared)


def _growth_mutants(of: str) -> Sequence[Mutant]:
    stated = growth(of)
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
        Mutant(name, words, printed_from(changed.check())(), changed.check().run, changed.witness)
        for name, words, changed in listed
    ]


for _id, _of, _title, _equation in (
    ("eq48", "P", "P increases wherever (47) holds, at a rate near 2Q(1 − P)", "equations (47) and (48)"),
    ("prop4", "Q", "Q increases wherever (47) holds", "equation (47)"),
):
    _check = _growth_check(_of)
    paper.checked(
        _id,
        _check,
        title=_title,
        where=f"Section 5.1, Proposition 4, {_equation}",
        statement=printed_from(_check),
        hypotheses=(
            *SIZES,
            r"(47) is chosen: $V_2 \le c_V\zeta$ and $H \le c_H\zeta Q$, with $0 < Q \le 2P$, and $P \le 1 - \zeta$ "
            r"as before $T_2$; the statement has this run's $c_V$ and $c_H$",
            r"the rates are those of prop4.rates; what is left of them is $2 - c_V - c_H$ for $P$ and "
            r"$1 - 2c_V - c_H$ for $Q$, so that $Q$ grows for $2c_V + c_H < 1$",
        ),
        uses=("prop4.rates", "prop4.across", "prop4.remainders"),
        basis="chosen",
        mutants=partial(_growth_mutants, _of),
    )
