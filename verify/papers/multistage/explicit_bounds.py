"""The paper's "for m large enough", with constants: each step of its proofs as inequalities between formulas in m.

The formulas are put together from what other claims prove: B(q) of Lemma 1, B_E of (38), the fall of (39), the start
of the descent (prop2.start), the integrals over the descent (eq47.integrals). They are printed as they are evaluated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from theory.estimates import q
from theory.symbols import width as m
from verify.papers.multistage import loss
from verify.papers.multistage.estimates import BOUND
from verify.papers.multistage.explicit_descent_steps import OVER_DESCENT, level
from verify.papers.multistage.explicit_steps import COUNT, Start
from verify.papers.multistage.explicit_terms import (
    KAPPA,
    Condition,
    K,
    Lambda,
    Names,
    across_share,
    alpha,
    gamma,
    kappa,
    rest_share,
    s,
    vartheta,
    zeta,
)
from verify.papers.multistage.initialisation import d

HALF = sp.Rational(1, 2)

x, lam = sp.symbols("x lambda", positive=True)
Phi, B0 = sp.symbols("Phi B_0", positive=True)
fall, bent, bent_late = sp.symbols(r"{\Delta} E_2 E_3", positive=True)
b, b2, b3, b4 = sp.symbols("b b_2 b_3 b_4", positive=True)
V, V3, tau, tau1 = sp.symbols(
    r"\overline{V} \overline{V}_3 {\overline{\tau}} {\overline{\tau}_1}", positive=True
)

LOW = sp.Rational(Start().low)
"""P(T_1) is at least this times m^{1−2α+2γ}."""


def weighted(source: sp.Expr, rate: int) -> sp.Expr:
    """∫ e^{−rate·u} source(q) du over u from 0 to ∞ for q = K x e^{−u}, where `source` is a sum of powers of q."""
    u = sp.Symbol("u", positive=True)
    found = sp.S.Zero
    for (power,), c in sp.Poly(source, q).terms():
        found += c * (K * x) ** power * sp.integrate(sp.exp(-(power + rate) * u), (u, 0, sp.oo))
    return found


def over_descent(key: str) -> sp.Expr:
    """The antiderivative of eq47.integrals at P = 1 − ζ."""
    return OVER_DESCENT[key].subs(level, 1 - zeta)


def _at(bound: sp.Expr, square: sp.Expr) -> sp.Expr:
    """A bound in q where q² is this."""
    return sp.expand(bound.subs(q, sp.sqrt(square)))


@cache
def names() -> Names:
    """What each name stands for, in the order of the proofs."""
    size = sp.sqrt(2 * d * Lambda) * m ** (gamma - alpha)
    first = LOW * m ** (1 - 2 * alpha + 2 * gamma)
    of_root = (OVER_DESCENT["P"].subs(level, 0), OVER_DESCENT["√P"].subs(level, 0))
    assert of_root == (0, 0)
    return {
        kappa: KAPPA,
        x: size,
        Phi: sp.expand(weighted(m * q**3 + BOUND, -1) / x),
        B0: sp.expand(sp.sqrt(m) * weighted(BOUND, 0)),
        fall: (loss.LEADING + sp.Add(*loss.TERMS)).subs(q, K * x),
        # q² may grow twice as much as P does, from K²x² at T_1 on.
        lam: sp.powsimp(2 * m * (K * size) ** 2 / first),
        b: _at(m ** sp.Rational(3, 2) * BOUND, lam / m),
        b2: _at(m * BOUND / q, lam / m),
        b3: _at(m ** sp.Rational(3, 2) * BOUND, 4 * lam / m),
        b4: _at(m * BOUND / q, 4 * lam / m),
        V: sp.sqrt(sp.Rational(3, 2)) * m ** (HALF - alpha)
        + B0
        + b * over_descent("P") / ((2 - vartheta) * m),
        tau: ((2 * alpha - 1 - 2 * gamma) * Lambda + over_descent("1") - sp.log(LOW)) / (2 - vartheta),
        tau1: ((2 * alpha - 1 - 2 * gamma) * (1 + kappa) + over_descent("1") - sp.log(LOW)) / (2 - vartheta),
        bent: _at(sp.Add(*loss.TERMS), lam / m),
        bent_late: _at(sp.Add(*loss.TERMS), 4 * lam / m),
        V3: V + b3 * m ** (s - 1),
    }


def across(v: sp.Expr = V) -> sp.Expr:
    """Bound of V_2 = Σ_{i≥2} V_i²."""
    return (d - 1) * v**2


LATE = 2 * b3 / (m * sp.sqrt(1 - 2 * zeta))
"""H/Q after T_2, where q may double and Q ≥ P ≥ 1 − 2ζ."""

DRIFT = (2 * across() + 2 * b / m) / (zeta * (2 - vartheta))
"""Growth of √(Q² − P²)/P on the descent: ∫ (2V_2 Q + H) ds with H/Q ≤ 2b/m."""

GAIN = vartheta * (1 - vartheta) * (1 - zeta**2) / 2

Conditions = Callable[[], tuple[Condition, ...]]
"""What a step needs. Made when it is asked for, because the formulas are."""


def event() -> tuple[Condition, ...]:
    """Proposition 8 holds for all d + 1 sums with probability at least 1 − δ/2 (lem3.event)."""
    return (Condition("Proposition 8", COUNT, m),)


def test_time() -> tuple[Condition, ...]:
    """(34): the deviation at T_1 is less than K − 1 times x."""
    return (Condition("(34)", Phi, K - 1),)


def across_plateau() -> tuple[Condition, ...]:
    """(30): V_i(T_1) ≤ (1 + ϑ) V_i(0), where V_i(0)² ≥ ½ m^{1−2α}."""
    return (*event(), Condition("(30)", B0, vartheta * m ** (HALF - alpha) / sp.sqrt(2)))


def small_fall() -> tuple[Condition, ...]:
    """(39): |R(0) − R(T_1)| ≤ ϑ."""
    return (Condition("(39)", 2 * fall, vartheta),)


def order_parameters() -> tuple[Condition, ...]:
    """(35) and (36), as prop2.start needs them: by prop2.deviation P is off by m x² (2Φ + Φ²), Q − P by 4 m x² Φ²."""
    size, start = names()[x] ** 2 * m, m ** (1 - 2 * alpha)
    low = LOW * m ** (2 * gamma)
    apart = (
        sp.powsimp(4 * sp.Rational(3, 4) * m ** (-2 * gamma) / low)
        + sp.powsimp(4 * size / start / low) * Phi**2
    )
    return (
        *event(),
        Condition("first part of (35)", 12 * m ** (-4 * gamma), sp.S.One),
        Condition("second part of (35)", sp.powsimp(size / start / low) * (2 * Phi + Phi**2), sp.S.One),
        Condition("(36)", sp.Integer(Start().times) * apart, sp.S.One),
    )


def rates() -> tuple[Condition, ...]:
    """(47): V_2 + H/Q ≤ ϑζ, so that dP/dt ≥ (2 − ϑ) Q (1 − P) before T_2; also V_2 ≤ c_V ζ and H ≤ c_H ζ Q."""
    return (Condition("(47)", across() + 2 * b / m, zeta * sp.Min(vartheta, across_share, rest_share)),)


def hypothesis_time() -> tuple[Condition, ...]:
    """(52): q²/P at most doubles, and √(Q² − P²)/P ≤ 3/4 + 1/4."""
    sums = 4 * sp.sqrt(d - 1) * V * sp.log(4 / zeta) + (2 * b2 + 4 * b) * over_descent("P") / m
    return (
        Condition("(52), q", sums / (2 - vartheta) + 2 * across() * tau, sp.log(2)),
        Condition("(52), Q", DRIFT, sp.Rational(1, 4)),
    )


def large_fall() -> tuple[Condition, ...]:
    """(53): R(T_1) − R(T_2) ≥ ½(1 − ϑ)(1 − ζ²)."""
    return (Condition("(53)", fall + 2 * across() + bent, vartheta * (1 - zeta**2) / 2),)


def ratio_of_rates() -> tuple[Condition, ...]:
    """(3): the rate on the descent is at least 1/ϑ times that before it; log m ≥ 1."""
    return (Condition("(3)", 2 * fall * tau1 / gamma, GAIN),)


def long_plateau() -> tuple[Condition, ...]:
    """(59): T_3/T_2 ≥ 1/ϑ."""
    return (Condition("(59)", gamma * Lambda + tau, vartheta * m**s),)


def near_one() -> tuple[Condition, ...]:
    """(63): |1 − P| ≤ (1 + ϑ)ζ up to T_3."""
    return (Condition("(63)", (across(V3) + LATE) / 2, vartheta * zeta),)


def norm_stays() -> tuple[Condition, ...]:
    """(64): q at most doubles up to T_3, and Q < 2P."""
    along = m**s * ((across(V3) + LATE) / 2 + b4 / m)
    # ∫‖S⊥‖ ≤ √(m^s ∫‖S⊥‖²), and ½V² + V₃ b₃ m^{s−1} ≤ (V/√2 + b₃ m^{s−1})² (eq64.root).
    sideways = sp.sqrt(d - 1) * m ** (s / 2) * (V / sp.sqrt(2) + b3 * m ** (s - 1))
    largest = 2 * (1 + 2 * zeta)
    return (
        Condition("(64), q", along + sideways, sp.log(2) - zeta / (2 * (1 - 2 * zeta))),
        Condition(
            "(64), Q",
            largest * m**s * (2 * across(V3) + LATE),
            sp.sqrt(3) * (1 - 2 * zeta) - (1 - zeta),
        ),
    )


def slow_plateau() -> tuple[Condition, ...]:
    """(60): the decay rate on [T_2, T_3] is at most ϑ times that on [T_1, T_2]."""
    late = ((1 + vartheta) * zeta) ** 2 / 2 + 4 * (1 + 2 * zeta) * across(V3) + 2 * bent_late
    return (Condition("(60)", tau * m ** (-s) * late, GAIN),)
