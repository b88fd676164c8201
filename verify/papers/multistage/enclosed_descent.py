"""P and Q of concrete full networks during the descent, by enclosures: both increase, Q² − P² is nearly conserved."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
import sympy as sp

from numerics.integrate.trends import Decision, conserved, order_parameter_rates, positive
from theory.symbols import width as m
from verify.checks.enclosure_steps import step
from verify.papers.multistage import enclosed_runs as runs
from verify.papers.multistage.enclosed_claim import AT_ONCE, Compared, Control, Decide, add, undecided
from verify.papers.multistage.enclosed_runs import Run
from verify.stating import implication

t, first, second = sp.symbols("t T_1 T_2", real=True)
P, P_rate, Q_rate, now, at_first = sp.symbols("P Pdot Qdot I I_1", real=True)
_DESCENT = (sp.Le(first, t, evaluate=False), sp.Le(t, second, evaluate=False))


def monotone(sign_p: int = 1, sign_q: int = 1) -> Compared:
    """The signs of the two rates on the descent."""
    parts = [
        (sp.Gt if sign > 0 else sp.Lt)(rate, 0, evaluate=False)
        for rate, sign in ((P_rate, sign_p), (Q_rate, sign_q))
    ]
    return sp.And(*parts, evaluate=False), {}, _DESCENT


def _monotone(sign_p: int, sign_q: int) -> Decide:
    parts = monotone(sign_p, sign_q)[0].args
    # The larger side less the smaller one is the rate or its negative.
    signs = [
        next(1 if part.gts == rate else -1 for part in parts if part.has(rate)) for rate in (P_rate, Q_rate)
    ]

    def decide(run: Run) -> Decision:
        if run.second.bracket is None:
            return undecided(run)
        return positive(
            run.enclosure,
            run.first[0],
            run.second.bracket[1],
            lambda step, low, high: [
                sign * rate
                for sign, rate in zip(
                    signs, order_parameter_rates(run.enclosure, step, low, high), strict=True
                )
            ],
            4000,
        )

    return decide


def _monotone_witness(sign_p: int, sign_q: int, width: int) -> str | None:
    times = np.linspace(runs.simulated_first(width), runs.simulated_second(width), 60)
    for name, sign, values in zip(
        "PQ", (sign_p, sign_q), runs.simulated_parameters(width, times), strict=True
    ):
        drop = -float(np.min(np.diff(sign * values)))
        if drop > 1e-9:
            return f"m = {width}: {'-' if sign < 0 else ''}{name} of the simulation falls by {drop:.3g} in a step"
    return None


SHARE = Fraction(1, 20)
"""The stated constant times m."""


NEARLY = {now: "(Q^2 - P^2)(t)", at_first: "(Q^2 - P^2)(T_1)", P: "P(t)"}


def conserved_nearly(share: Fraction = SHARE) -> Compared:
    """|(Q² − P²)(t) − (Q² − P²)(T_1)| < share · P²/m on the descent."""
    limit = sp.Rational(share) * P**2 / m
    return sp.Lt(sp.Abs(now - at_first), limit, evaluate=False), {m: AT_ONCE}, _DESCENT


def _conserved(share: Fraction) -> Decide:
    part = sp.cancel(conserved_nearly(share)[0].rhs / P**2)

    def decide(run: Run) -> Decision:
        if run.second.bracket is None:
            return undecided(run)
        stated = part.subs(m, run.width)
        return conserved(
            run.enclosure, run.first, run.second.bracket[1], Fraction(int(stated.p), int(stated.q))
        )

    return decide


def _conserved_witness(share: Fraction, width: int) -> str | None:
    times = np.linspace(runs.simulated_first(width), runs.simulated_second(width), 200)
    P, Q = runs.simulated_parameters(width, times)
    ratio = float(np.max(np.abs((Q * Q - P * P) - (Q[0] ** 2 - P[0] ** 2)) / P**2))
    if ratio > 1.001 * float(share / width):
        return f"m = {width}: the simulation reaches {ratio:.4g} P² > {float(share / width):.4g} P²"
    return None


add(
    "prop4.enclosed",
    "P and Q of concrete networks increase during the descent",
    "Proposition 4, equations (47) and (48)",
    monotone,
    implication(),
    _monotone(1, 1),
    [
        Control(
            "p-falls",
            "the sign of dP/dt changed",
            implication()(*monotone(-1, 1)),
            _monotone(-1, 1),
            partial(_monotone_witness, -1, 1),
        ),
        Control(
            "q-falls",
            "the sign of dQ/dt changed",
            implication()(*monotone(1, -1)),
            _monotone(1, -1),
            partial(_monotone_witness, 1, -1),
        ),
    ],
    told=[
        step(
            "The rates of $P$ and $Q$ over a piece of time: the field $F$ evaluated over the whole tube there.",
            r"\dot P = \sum_k (\dot a_k w_k + a_k \dot w_k), \qquad \dot Q = \sum_k (a_k \dot a_k + w_k \dot w_k)",
        ),
        step(
            "From $T_1$ to $T_2$ the time is cut into pieces until the balls of both rates are above 0 on every piece."
        ),
    ],
)

add(
    "prop5.enclosed",
    "Q² − P² of concrete networks is nearly conserved during the descent",
    "Proposition 5, equation (49)",
    conserved_nearly,
    implication(NEARLY),
    _conserved(SHARE),
    [
        Control(
            f"bound-over-{by}",
            f"the bound {by} times smaller",
            implication(NEARLY)(*conserved_nearly(SHARE / by)),
            _conserved(SHARE / by),
            partial(_conserved_witness, SHARE / by),
        )
        for by in (10, 3)
    ],
    told=[
        step(
            "$P$ and $Q$ are polynomials $p$, $q$ of time plus errors of at most $r$; the range of $q^2 - p^2$, one "
            "polynomial, keeps what cancels in it.",
            r"|(Q^2 - P^2) - (q^2 - p^2)| \le 2r\,(|p| + |q|) + 2r^2",
        ),
        step(
            "From $T_1$ to $T_2$ the time is cut into pieces until this ball is above 0 on every piece.",
            r"\frac{P(t)^2}{20\,m} - \bigl|(Q^2 - P^2)(t) - (Q^2 - P^2)(T_1)\bigr|",
        ),
    ],
)
