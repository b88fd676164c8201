"""Proved brackets of first crossings: T_2, and the exits from the secondary plateau that may define T_3.

A bracket [low, high] says: on all of [0, low] the quantity is certainly below the level (every subinterval before
the bracket is certified), and at ``high`` it is certainly above. So the *first* crossing lies inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, arb_poly

from numerics.balls.dyadic import ball, fraction
from numerics.balls.polynomial import value_range
from numerics.integrate.enclosure import PROVED, UNDECIDED, Enclosure, TubeStep
from numerics.precision import working_precision

_BUDGET = 50_000


@dataclass(frozen=True)
class Reading:
    """A quantity along one step: within ``error(low, high)`` of the polynomial on [low, high] (times of the step)."""

    polynomial: arb_poly
    error: Callable[[Fraction, Fraction], arb]

    def over(self, low: Fraction, high: Fraction) -> arb:
        """Its values on [low, high]."""
        return value_range(self.polynomial, low, high) + arb(0, self.error(low, high))


Readings = Callable[[TubeStep], Sequence[Reading]]


@dataclass(frozen=True)
class Crossing:
    """Where a quantity first reaches a level.

    ``bracket`` (low, high) in exact dyadic times when there is one. PROVED without a bracket: the level is certainly
    not reached on [0, horizon]. UNDECIDED: see ``reason``; ``below_until`` is proved in every case.
    """

    status: str
    bracket: tuple[Fraction, Fraction] | None
    below_until: Fraction
    reason: str = ""


def descent_time(enclosure: Enclosure, zeta: Fraction = Fraction(1, 10)) -> Crossing:
    """T_2 (42): the first time at which P = 1 − ζ."""
    with working_precision(enclosure.bits):
        return first_rise(enclosure, _order_parameter, ball(1 - zeta))


def size_reaches(enclosure: Enclosure, size: arb) -> Crossing:
    """The first time at which the neuron-wise norm q = max_k max(|a_k|, ‖w_k‖) reaches a size, in the manner of T_3."""
    with working_precision(enclosure.bits):
        return first_rise(enclosure, _squared_sizes, size * size)


def loss_falls_to(enclosure: Enclosure, level: arb) -> Crossing:
    """The time at which the loss falls to a level. It never rises along the gradient flow, so points are enough."""
    with working_precision(enclosure.bits):
        low, high = Fraction(0), enclosure.reached
        if not enclosure.steps or not enclosure.loss(low) > level:
            return Crossing(UNDECIDED, None, low, "The loss does not certainly start above the level.")
        if enclosure.loss(high) > level:
            return _never(enclosure, high)
        if not enclosure.loss(high) < level:
            return Crossing(UNDECIDED, None, low, "The loss is not certainly off the level at the end.")
        finest = _finest(enclosure)
        above = _last(low, high, finest, lambda t: bool(enclosure.loss(t) > level))
        before = _last(Fraction(0), high - above, finest, lambda s: bool(enclosure.loss(high - s) < level))
        return Crossing(PROVED, (above, high - before), above)


def first_rise(enclosure: Enclosure, readings: Readings, level: arb) -> Crossing:
    """Where the largest of the readings first reaches the level from below."""
    with working_precision(enclosure.bits):
        low: Fraction | None = None
        budget = _BUDGET
        for index, step in enumerate(enclosure.steps):
            here = readings(step)
            local, budget = _certified_below(here, level, step.length, _finest(enclosure), budget)
            if local == step.length:
                continue
            low = step.start + local
            if low == 0 and _above(here, level, Fraction(0)):
                return Crossing(PROVED, (Fraction(0), Fraction(0)), Fraction(0))
            high = _certified_above(enclosure, readings, level, index, local)
            if high is not None:
                return Crossing(PROVED, (low, high), low)
            reason = (
                f"After t = {float(low):.9g} the quantity can be told neither from the level nor above it "
                f"up to t = {float(enclosure.reached):.6g}"
            )
            return Crossing(UNDECIDED, None, low, f"{reason}. {enclosure.reason}".strip())
        return _never(enclosure, enclosure.reached)


def _never(enclosure: Enclosure, reached: Fraction) -> Crossing:
    if enclosure.status == PROVED:
        return Crossing(PROVED, None, reached, f"The level is not reached up to t = {float(reached):.6g}.")
    reason = enclosure.reason or "Nothing is enclosed."
    return Crossing(
        UNDECIDED, None, reached, f"The level is not reached as far as the enclosure goes. {reason}"
    )


def _finest(enclosure: Enclosure) -> Fraction:
    return Fraction(1, 2**enclosure.bits)


def _order_parameter(step: TubeStep) -> list[Reading]:
    return [Reading(step.order_parameters[0], step.order_parameter_error)]


def _squared_sizes(step: TubeStep) -> list[Reading]:
    """a_k² and ‖w_k‖² of every neuron."""
    found = []
    for neuron in step.polynomials:
        for part in (neuron[:1], neuron[1:]):
            square = arb_poly([0])
            for entry in part:
                square = square + entry * entry

            def error(low: Fraction, high: Fraction, square: arb_poly = square) -> arb:
                radius = step.radius_up_to(high)
                size = value_range(square, low, high).abs_upper().sqrt()
                return (2 * size * radius + radius * radius).upper()

            found.append(Reading(square, error))
    return found


def _below(readings: Sequence[Reading], level: arb, low: Fraction, high: Fraction) -> bool:
    return all(bool(reading.over(low, high) < level) for reading in readings)


def _above(readings: Sequence[Reading], level: arb, at: Fraction) -> bool:
    return any(bool(reading.over(at, at) > level) for reading in readings)


def _certified_below(
    readings: Sequence[Reading], level: arb, length: Fraction, finest: Fraction, budget: int
) -> tuple[Fraction, int]:
    """The time up to which every subinterval is certified below, left to right, and the budget that is left."""
    waiting = [(Fraction(0), length)]
    while waiting:
        low, high = waiting.pop()
        budget -= 1
        if _below(readings, level, low, high):
            continue
        if high - low <= finest or budget <= 0:
            return low, budget
        middle = (low + high) / 2
        waiting += [(middle, high), (low, middle)]
    return length, budget


def _certified_above(
    enclosure: Enclosure, readings: Readings, level: arb, index: int, local: Fraction
) -> Fraction | None:
    """A time soon after ``local`` in step ``index`` at which a reading is certainly above; None if none is found."""
    for number in range(index, len(enclosure.steps)):
        step = enclosure.steps[number]
        here = readings(step)
        first = local if number == index else Fraction(0)
        stride, before = _finest(enclosure), first
        while before < step.length:
            at = min(first + stride, step.length)
            if _above(here, level, at):
                return step.start + _earliest_above(here, level, before, at, (at - first) / 256)
            before, stride = at, 2 * stride
    return None


def _earliest_above(
    readings: Sequence[Reading], level: arb, before: Fraction, at: Fraction, finest: Fraction
) -> Fraction:
    """A time in (before, at] at which a reading is certainly above, as it is at ``at``; by bisection."""
    return at - _last(Fraction(0), at - before, finest, lambda back: _above(readings, level, at - back))


def _last(low: Fraction, high: Fraction, finest: Fraction, holds: Callable[[Fraction], bool]) -> Fraction:
    """Bisection for the last time at which a condition holds that holds at ``low``; every answer is certified."""
    while high - low > finest:
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def times_of(value: arb) -> tuple[Fraction, Fraction]:
    """Dyadic times around a ball, for a time such as T_1 = γ log m."""
    return fraction(value.lower()), fraction(value.upper())
