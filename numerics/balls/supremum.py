"""The supremum of |q| over 0 < |u| ≤ r, or over all u ≠ 0: proved not to exceed a constant, or enclosed.

Each side of 0 is three pieces: [0, h], where the quotient is regular with the power divided out; [h, R] in intervals
that are cut where they do not suffice; and everything beyond R by growth. Nothing is rounded in a bound that is
returned: it is the exact upper end of a ball.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

from flint import arb

from numerics.balls.quotient import Quotient
from numerics.balls.subdivision import Answer, Box, Decision, Interval, Status, decide

_REACHES = tuple(Fraction(1, 2**k) for k in range(1, 12))
"""h is the largest of these that serves."""

_STARTS = tuple(Fraction(2**k) for k in range(2, 15))
"""R is the smallest of these that serves."""


_HARDLY = Fraction(1, 10**4)
"""Relative excess of a bound at infinity over the best one that is accepted for a shorter way there."""


@dataclass(frozen=True)
class Supremum:
    """Result of :func:`enclose`: ``low`` ≤ sup |q| ≤ ``high``, both proved; ``high`` None if nothing was proved.

    ``at`` is where ``low`` was found: 0 for the limit at 0, else an exact u.
    """

    low: Fraction
    high: Fraction | None
    at: Fraction
    boxes: int
    reason: str = ""


def prove_at_most(
    sides: Sequence[Quotient], constant: arb, radius: Fraction | None, budget: int, *, touches: bool = False
) -> Decision:
    """Prove or refute |q(u)| ≤ constant for 0 < |u| ≤ radius (None: all u ≠ 0) on every side.

    Parameters
    ----------
    constant:
        A ball around the exact constant at the working precision.
    touches:
        True if the constant is exactly |q(0)|, the limit at 0; then the next term decides near 0.
    """
    spent = 0
    for side in sides:
        found = _prove_side(side, constant, radius, budget - spent, touches)
        spent += found.boxes
        if found.status is not Status.PROVED:
            return Decision(found.status, spent, found.reason, found.point)
    return Decision(Status.PROVED, spent, about_something=True)


def _prove_side(
    side: Quotient, constant: arb, radius: Fraction | None, budget: int, touches: bool
) -> Decision:
    if not side.regular or side.limit > constant:
        return _near_zero_refutation(side, constant, radius)

    def refutes(point: tuple[Fraction, ...]) -> bool:
        return point[0] > 0 and _certainly_above(side.at(point[0]), constant)

    reach = next(
        (h for h in _limited(_REACHES, radius) if _below_near_zero(side, constant, h, touches)), None
    )
    if reach is None:
        for h in _limited(_REACHES, radius):
            if refutes((h,)):
                return _refuted(side, h, 0)
        why = "near 0 the quotient was not bounded by the constant: the constant is the limit there, or below it"
        return Decision(Status.UNDECIDED, 0, why, (Fraction(0),))
    if radius is not None:
        if reach >= radius:
            return Decision(Status.PROVED, 1, about_something=True)
        end = radius
    else:
        start = next((s for s in _STARTS if _at_most(side.beyond(s), constant)), None)
        if start is None:
            far = next((s for s in _STARTS if refutes((s,))), None)
            if far is not None:
                return _refuted(side, far, 0)
            why = "beyond any u that was tried no bound by a power is known that would suffice"
            return Decision(Status.UNDECIDED, 0, why, (side.side * _STARTS[-1],))
        end = start

    def judge(box: Box) -> Answer:
        return Answer.HOLDS if _at_most(side.between(*box[0]), constant) else Answer.OPEN

    found = decide(((reach, end),), judge, refutes, budget=max(budget, 0), split=_cut)
    if found.point is not None:
        shown = side.side * found.point[0]
        reason = found.reason if found.status is Status.UNDECIDED else f"false at u = {shown}"
        return Decision(found.status, found.boxes, reason, (shown,))
    return found


def _near_zero_refutation(side: Quotient, constant: arb, radius: Fraction | None) -> Decision:
    """The limit at 0 exceeds the constant, or is infinite: some point near 0 shows it."""
    h = Fraction(1, 8) if radius is None else min(Fraction(1, 8), radius)
    for _ in range(40):
        if _certainly_above(side.at(h), constant):
            return _refuted(side, h, 0)
        h /= 2
    return Decision(
        Status.UNDECIDED, 0, "the limit at 0 exceeds the constant, but no point shows it", (Fraction(0),)
    )


def _refuted(side: Quotient, v: Fraction, boxes: int) -> Decision:
    u = side.side * v
    return Decision(Status.REFUTED, boxes, f"false at u = {u}", (u,), True)


def _limited(reaches: Sequence[Fraction], radius: Fraction | None) -> Sequence[Fraction]:
    if radius is None:
        return reaches
    return (radius,) if radius <= reaches[-1] else tuple(dict.fromkeys(min(h, radius) for h in reaches))


def _below_near_zero(side: Quotient, constant: arb, reach: Fraction, touches: bool) -> bool:
    q = side.near_zero(reach)
    if not touches:
        return _at_most(q, constant)
    # |q| = |q(0)| + v^s · slope as long as q keeps the sign it has at 0.
    slope = side.tangent(reach)
    keeps_sign = bool(q.is_finite() and (q > 0 or q < 0))
    return slope is not None and keeps_sign and bool(slope.is_finite() and slope <= 0)


def _at_most(value: arb | None, constant: arb) -> bool:
    if value is None or not value.is_finite() or not constant.is_finite():
        return False
    return bool(value <= constant and -value <= constant)


def _certainly_above(value: arb, constant: arb) -> bool:
    if not value.is_finite() or not constant.is_finite():
        return False
    return bool(value > constant or -value > constant)


def _cut(box: Box, original: Box) -> tuple[Box, Box]:
    """In the middle; a long interval near 0 in the ratio of its ends, because q varies with log u."""
    low, high = box[0]
    at = 2 * low if high > 4 * low else (low + high) / 2
    return ((low, at),), ((at, high),)


def enclose(sides: Sequence[Quotient], radius: Fraction | None, budget: int, tolerance: Fraction) -> Supremum:
    """Enclose sup |q| over 0 < |u| ≤ radius (None: all u ≠ 0) to a relative ``tolerance``: branch and bound.

    If the budget ends first, ``high`` is the bound that is proved by then.
    """
    return _Search(sides, radius, tolerance).run(budget)


class _Search:
    def __init__(self, sides: Sequence[Quotient], radius: Fraction | None, tolerance: Fraction) -> None:
        self.sides, self.radius, self.tolerance = sides, radius, tolerance
        self.low, self.at = Fraction(0), Fraction(0)
        self.floor = Fraction(0)
        self.boxes = 0
        self.order = count()
        # Unbounded intervals come first, then the one with the largest upper bound.
        self.queue: list[tuple[int, Fraction, int, int, Interval]] = []

    @property
    def enough(self) -> Fraction:
        """An upper bound that is not above this is as good as asked for."""
        return self.low * (1 + self.tolerance)

    def run(self, budget: int) -> Supremum:
        for side in self.sides:
            if not side.regular:
                return self._failed("the quotient is not bounded near 0: a lower power is left in it")
            self._see(side.limit, Fraction(0))
            for k in range(1, 33):
                v = Fraction(k, 4) if self.radius is None else self.radius * k / 32
                self._see(side.at(v), side.side * v)
        for index, side in enumerate(self.sides):
            problem = self._prepare(index, side)
            if problem:
                return self._failed(problem)
        while self.queue:
            unbounded, minus_high, _, index, interval = self.queue[0]
            if unbounded and -minus_high <= max(self.enough, self.floor):
                break  # and all the others are lower still
            if self.boxes >= budget:
                break
            heapq.heappop(self.queue)
            for (part,) in _cut((interval,), ((interval),)):
                self._push(index, part)
        if self.queue and not self.queue[0][0]:
            return self._failed(f"the budget of {budget} boxes is spent")
        high = max([self.floor, *(-entry[1] for entry in self.queue[:1])])
        reason = "" if high <= self.enough else "the bound is proved, but not sharp to the tolerance"
        return Supremum(self.low, rounded_up(high), self.at, self.boxes, reason)

    def _prepare(self, index: int, side: Quotient) -> str:
        """Bound the two ends and queue what lies between; what is wrong in words, or nothing."""
        reach, bound = self._best((h, side.near_zero(h)) for h in _limited(_REACHES, self.radius))
        if bound is None:
            return "near 0 no finite enclosure was found"
        self.floor = max(self.floor, bound)
        end = self.radius
        if end is None:
            end, bound = self._best((s, side.beyond(s)) for s in _STARTS)
            if bound is None:
                return "no bound by a power is known for all large u; state a radius"
            self.floor = max(self.floor, bound)
        if reach < end:
            self._push(index, (reach, end))
        return ""

    def _best(self, tried: Iterable[tuple[Fraction, arb | None]]) -> tuple[Fraction, Fraction | None]:
        """The first whose bound is good enough; else the first that is hardly above the least."""
        known: list[tuple[Fraction, Fraction]] = []
        for place, enclosure in tried:
            high = None if enclosure is None else _upper(enclosure)
            if high is not None:
                known.append((place, high))
                if high <= self.enough:
                    return place, high
        if not known:
            return Fraction(0), None
        # What is gained at the very end would have to be paid for in all the intervals before it.
        least = min(high for _, high in known)
        return next((place, high) for place, high in known if high <= least * (1 + _HARDLY))

    def _see(self, value: arb, at: Fraction) -> None:
        if value.is_finite():
            low = lower_end(value)
            if low > self.low:
                self.low, self.at = low, at

    def _push(self, index: int, interval: Interval) -> None:
        self.boxes += 1
        side = self.sides[index]
        self._see(side.at((interval[0] + interval[1]) / 2), side.side * (interval[0] + interval[1]) / 2)
        high = _upper(side.between(*interval))
        key = (0, -(interval[1] - interval[0])) if high is None else (1, -high)
        heapq.heappush(self.queue, (*key, next(self.order), index, interval))

    def _failed(self, reason: str) -> Supremum:
        return Supremum(self.low, None, self.at, self.boxes, reason)


def _upper(value: arb) -> Fraction | None:
    return upper_end(value) if value.is_finite() else None


def upper_end(value: arb) -> Fraction:
    """Exact upper bound of |value| for a finite ball."""
    return _exact(value.abs_upper())


def lower_end(value: arb) -> Fraction:
    """Exact lower bound of |value| for a finite ball."""
    return _exact(value.abs_lower())


def _exact(end: arb) -> Fraction:
    number = end.fmpq()
    return Fraction(int(number.p), int(number.q))


def rounded_up(value: Fraction) -> Fraction:
    """The next decimal number with about ten digits."""
    if value == 0:
        return value
    scale = Fraction(10) ** (10 - len(str(math.ceil(value))) if value >= 1 else 10 + _zeros(value))
    return Fraction(math.ceil(value * scale)) / scale


def _zeros(value: Fraction) -> int:
    """Zeros after the decimal point of a number below 1."""
    return len(str(value.denominator)) - len(str(value.numerator))
