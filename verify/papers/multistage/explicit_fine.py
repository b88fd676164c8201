"""Sharper explicit bounds: the initial plateau through the sums of squares of a + w and a − w, and the corollaries.

p = √(P + Q) and n = √(Q − P) obey |p' − (1 − P)p|, |n' + (1 − P)n| ≤ V_2 √Q + √(2m) B(q) (prop4.halves), where the
largest neuron and its logarithm enter the remainder B alone. T is T_1 = γ log m; x, B, Λ and b are those of
`explicit_bounds`.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.estimates import q
from theory.symbols import width as m
from verify.papers.multistage import explicit_bounds as bounds
from verify.papers.multistage.estimates import BOUND
from verify.papers.multistage.explicit_bounds import (
    B0,
    DRIFT,
    HALF,
    Conditions,
    V,
    across,
    b,
    b3,
    event,
    over_descent,
    weighted,
    x,
)
from verify.papers.multistage.explicit_terms import (
    Condition,
    K,
    Lambda,
    Names,
    alpha,
    gamma,
    kappa,
    s,
    vartheta,
    zeta,
)
from verify.papers.multistage.initialisation import d

B1, B_1, pulled = sp.symbols("B_1 {B_{-1}} C", positive=True)
V1, y, N, nu = sp.symbols(r"\overline{V}_1 y N nu", positive=True)
forward, backward, u = sp.symbols(r"{\beta_{+}} {\beta_{-}} u", positive=True)

LARGEST = sp.sqrt(sp.Rational(3, 2))
"""p, n, √Q and V_i at 0 are at most this times m^{1/2−α}, by Proposition 8."""

UNIT = m ** (HALF - alpha + gamma)
"""m^{1/2−α} e^T."""


@cache
def names() -> Names:
    """Those of the paper's proofs, then those of the sharper bounds."""
    return {
        **bounds.names(),
        B1: sp.expand(sp.sqrt(m) * weighted(BOUND, 1)),
        B_1: sp.expand(sp.sqrt(m) * weighted(BOUND, -1)),
        pulled: sp.expand(weighted(BOUND / q, 0)),
        V1: LARGEST * m ** (HALF - alpha) + B0,
        y: LARGEST * UNIT + B_1,
        N: m ** (1 - 2 * alpha) / 4 + across(V1) * y**2 / 4 + y * B1,
        forward: across(V1) * y * gamma * Lambda + sp.sqrt(2) * B_1,
        backward: across(V1) * y / 2 + sp.sqrt(2) * B1,
        nu: (1 + y**2) * (LARGEST * m ** (-2 * gamma) + backward / UNIT),
        u: (across() + 2 * b / m) / zeta,
    }


def _norm(name: str, at: sp.Expr | None = None) -> Condition:
    """Growth of log(q e^{−t}): N bounds ∫ max(−P, 0), and C is ∫ B(q)/q."""
    return Condition(name, N + sp.sqrt(2 * (d - 1)) * V1 * y + pulled, sp.log(K), at)


def plateau() -> tuple[Condition, ...]:
    """(27): q < K x up to T_1, and P < 1 − ζ."""
    return (_norm("(27), q"), Condition("(27), P", y**2, 1 - zeta))


def start() -> tuple[Condition, ...]:
    """(35), (36): p ≥ ½ m^{1/2−α} e^T and n ≤ ⅛ of it, so that P ≥ (15/128) m^{1−2α+2γ} and Q ≤ (17/15) P."""
    root = sp.sqrt(HALF)
    return (
        Condition("(35), sum", root * y**2 / 2 + forward / UNIT, root - HALF),
        Condition("(35), difference", 8 * nu, sp.S.One),
    )


PLATEAU: tuple[Conditions, ...] = (event, plateau)
START = (*PLATEAU, start)
DESCENT = (*START, bounds.rates, bounds.hypothesis_time)
"""All of what carries the bounds from 0 to T_2."""


def lower_half() -> tuple[Condition, ...]:
    """P < 1 − ζ up to (1 − ϑ)(α − ½) log m."""
    return _before((1 - vartheta) * (alpha - HALF), "(43), q", "(43), P")


def lower_half_in_full() -> tuple[Condition, ...]:
    """P < 1 − ζ up to (α − ½) log m itself, which takes ζ < ¼."""
    return _before(alpha - HALF, "(43) in full, q", "(43) in full, P")


def _before(end: sp.Expr, norm: str, reached: str) -> tuple[Condition, ...]:
    squared = (LARGEST * UNIT + forward) ** 2 / (2 * (1 - zeta))
    return (_norm(norm, end), Condition(reached, squared + 2 * N, sp.S.One, end))


def upper_half() -> tuple[Condition, ...]:
    """γ log m + [(2α − 1 − 2γ) log m + c]/(2 − u) ≤ (1 + ϑ)(α − ½) log m, c = log(128(1 − ζ)/(15ζ)).

    u = (V_2 + H/Q)/ζ is below ϑ by (47), and 1/(2 − u) ≤ (1 + u)/2; log m = Λ − κ.
    """
    c = over_descent("1") - sp.log(sp.Rational(15, 128))
    wait = c / (2 * vartheta * (alpha - HALF))
    left = (kappa + (1 + u) * wait) / Lambda + (1 - gamma / (alpha - HALF)) * u / vartheta
    return (Condition("(43), T₂", left, sp.S.One),)


# -- corollaries


def coupling_first() -> tuple[Condition, ...]:
    """(40): √(Σ(a − w)²/Σa²) ≤ 8 m^{−2γ} at T_1."""
    return (Condition("(40)", sp.Rational(16, 3) * nu, 8 * m ** (-2 * gamma)),)


def condensed() -> tuple[Condition, ...]:
    """(41): Σ_{i≥2} V_i²/Σ‖w‖² ≤ 24(d − 1) m^{−2γ} at T_1."""
    share = V1**2 / (sp.Rational(9, 128) * UNIT**2)
    return (Condition("(41)", share, 24 * m ** (-2 * gamma)),)


def gradient_first() -> tuple[Condition, ...]:
    """(55): ‖∇R‖/‖θ‖ is within ϑ of 1 at T_1."""
    remainder = sp.expand(sp.sqrt(m) * BOUND.subs(q, K * x))
    left = (
        y**2 + sp.sqrt(2 * (d - 1)) * V1 * y + 3 * remainder / UNIT + sp.Rational(9, 4) * across(V1) / UNIT**2
    )
    return (Condition("(55)", left, vartheta),)


def equal_sums() -> tuple[Condition, ...]:
    """(50), (51): √(Q² − P²) ≤ ϑP on [T_1, T_2]."""
    return (Condition("(50)", sp.Rational(64, 15) * nu + DRIFT, vartheta),)


_DURING = b * over_descent("P") / ((2 - vartheta) * m)
_LEAST = vartheta * m ** (HALF - alpha) / sp.sqrt(2)
"""ϑ times the least that V_i(0) can be."""


def across_descent() -> tuple[Condition, ...]:
    """(46): V_i ≤ (1 + ϑ)V_i(0) up to T_2."""
    return (Condition("(46)", B0 + _DURING, _LEAST),)


def across_plateau_late() -> tuple[Condition, ...]:
    """(61): V_i ≤ (1 + ϑ)V_i(0) up to T_3, while q² ≤ 4λ/m."""
    return (Condition("(61)", B0 + _DURING + b3 * m ** (s - 1), _LEAST),)


def gradient_second() -> tuple[Condition, ...]:
    """(54): ‖∇R‖/‖θ‖ is within ϑζ of ζ at T_2."""
    left = 2 * sp.sqrt(d - 1) * V + b / m + zeta * across() / 2
    return (Condition("(54)", left, vartheta * zeta),)


def coupling_second() -> tuple[Condition, ...]:
    """(57): √(Σ(a − w)²/Σa²) ≤ ϑ at T_2."""
    apart = sp.Rational(64, 15) * nu * y**2 / (1 - zeta) + DRIFT
    return (Condition("(57)", apart, 1 / (1 / vartheta + HALF)),)
