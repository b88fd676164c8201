"""Statements about a whole interval of time, proved by adaptive subdivision: monotone, bounded, ordered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from numerics.balls.dyadic import ball, centred, square
from numerics.balls.polynomial import value_range
from numerics.integrate.enclosure import PROVED, UNDECIDED, Enclosure, TubeStep
from numerics.precision import working_precision

REFUTED = "REFUTED"


@dataclass(frozen=True)
class Decision:
    """PROVED, REFUTED or UNDECIDED, with a sentence, and the pieces of time it took."""

    status: str
    reason: str
    pieces: int


def order_parameter_rates(enclosure: Enclosure, step: TubeStep, low: Fraction, high: Fraction) -> list[arb]:
    """dP/dt and dQ/dt of the solution throughout [low, high] (times of the step), from the field over the tube."""
    network = enclosure.network
    box = step.box(low, high)
    moved = network.field(box, lambda u: network.activation.interval(u)[:2])
    rate_p, rate_q = arb(0), arb(0)
    for (outer, inner, *_), (da, dw, *_) in zip(box, moved, strict=True):
        rate_p = rate_p + da * inner + outer * dw
        rate_q = rate_q + da * outer + inner * dw
    return [rate_p, rate_q]


def increase(enclosure: Enclosure, low: Fraction, high: Fraction, budget: int = 4000) -> Decision:
    """Whether dP/dt > 0 and dQ/dt > 0 throughout [low, high] (Prop. 4: (47), (48))."""
    return positive(
        enclosure, low, high, lambda step, a, b: order_parameter_rates(enclosure, step, a, b), budget
    )


def conserved(
    enclosure: Enclosure,
    start: tuple[Fraction, Fraction],
    high: Fraction,
    share: Fraction,
    budget: int = 20_000,
) -> Decision:
    """Whether |(Q² − P²)(t) − (Q² − P²)(s)| < share · P(t)² for s ≤ t ≤ ``high`` and every s in the bracket ``start``
    (Prop. 5, (49))."""
    with working_precision(enclosure.bits):
        P, Q = enclosure.order_parameters(*start)
        before = Q * Q - P * P

        def slack(step: TubeStep, a: Fraction, b: Fraction) -> list[arb]:
            error = step.order_parameter_error(a, b)
            poly_p, poly_q = step.order_parameters
            p = value_range(poly_p, a, b) + centred(error)
            # Q² − P² of the polynomials is one polynomial: its range does not lose the cancellation.
            size = 2 * (value_range(poly_p, a, b).abs_upper() + value_range(poly_q, a, b).abs_upper())
            change = value_range(poly_q * poly_q - poly_p * poly_p, a, b) - before
            moved = change + centred((size * error + 2 * error * error).upper())
            return [ball(share) * square(p) - abs(moved)]

        return positive(enclosure, start[0], high, slack, budget)


def positive(
    enclosure: Enclosure,
    low: Fraction,
    high: Fraction,
    values: Callable[[TubeStep, Fraction, Fraction], list[arb]],
    budget: int,
) -> Decision:
    """Whether all the values, given over pieces of steps, are positive throughout [low, high].

    REFUTED only where one of them is certainly negative or zero at a time.
    """
    with working_precision(enclosure.bits):
        if high > enclosure.reached or not enclosure.steps:
            return Decision(
                UNDECIDED, f"The enclosure ends before t = {float(high):.6g}. {enclosure.reason}", 0
            )
        waiting = enclosure.pieces(low, high)[::-1]
        used = 0
        while waiting:
            step, a, b = waiting.pop()
            used += 1
            found = values(step, a, b)
            if all(bool(value > 0) for value in found):
                continue
            middle = (a + b) / 2
            if any(bool(value <= 0) for value in values(step, middle, middle)):
                return Decision(REFUTED, f"It fails at t = {float(step.start + middle):.9g}.", used)
            if used >= budget or a == b:
                return Decision(UNDECIDED, f"It stays open near t = {float(step.start + a):.9g}.", used)
            waiting += [(step, middle, b), (step, a, middle)]
        return Decision(PROVED, f"Certified on {used} pieces.", used)


def decay_rate(enclosure: Enclosure, start: tuple[Fraction, Fraction], end: tuple[Fraction, Fraction]) -> arb:
    """(R(t₀) − R(t₁))/(t₁ − t₀) for all t₀ in one bracket and t₁ in a later one. Not finite if they meet."""
    with working_precision(enclosure.bits):
        first, last = (ball(t[0]).union(ball(t[1])) for t in (start, end))
        drop = enclosure.loss(*start) - enclosure.loss(*end)
        rate: arb = drop / (last - first)
        return rate
