"""Proof of a statement over a box by adaptive subdivision, with a budget: the engine, whatever the statement is.

A statement comes as two questions. ``judge(box)`` says what is certain on a whole box; ``refutes(point)`` says whether
the statement is certainly false at one exact rational point. Only a certain answer counts: a NaN ball makes ``judge``
answer OPEN and ``refutes`` answer False, so that it ends as undecided.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from fractions import Fraction
from itertools import count, product

from flint import arb, fmpq

Interval = tuple[Fraction, Fraction]
Box = tuple[Interval, ...]
Point = tuple[Fraction, ...]

_CORNERS_UP_TO = 4
"""Corners of a box are tried up to this many dimensions."""


class Status(StrEnum):
    """What the subdivision found."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Answer(Enum):
    """What is certain on a whole box."""

    HOLDS = "holds"
    VACUOUS = "vacuous"  # it holds, but whether the box has a point that the statement is about is not known
    OUTSIDE = "outside"  # the box contains no point that the statement is about
    OPEN = "open"


@dataclass(frozen=True)
class Decision:
    """Result of :func:`decide`.

    Attributes
    ----------
    status:
        PROVED, REFUTED or UNDECIDED.
    boxes:
        Number of boxes that were judged.
    reason:
        In words, for UNDECIDED and REFUTED.
    point:
        REFUTED: the exact point at which the statement is false; UNDECIDED: the middle of the box that stayed open.
    about_something:
        Whether a box was found on which the statement holds, with a point in it that the statement is about.
    """

    status: Status
    boxes: int
    reason: str = ""
    point: Point | None = None
    about_something: bool = False


def ball(low: Fraction, high: Fraction | None = None) -> arb:
    """A ball that contains the interval, or the rational number, at the working precision."""
    left = arb(fmpq(low.numerator, low.denominator))
    if high is None or high == low:
        return left
    return left.union(arb(fmpq(high.numerator, high.denominator)))


def middle(box: Box) -> Point:
    """The midpoint, exact."""
    return tuple((low + high) / 2 for low, high in box)


def halves(box: Box, original: Box) -> tuple[Box, Box]:
    """The box cut across the side that is longest relative to the original one."""
    sides = [
        (high - low) / (top - bottom) if top > bottom else Fraction(0)
        for (low, high), (bottom, top) in zip(box, original, strict=True)
    ]
    i = sides.index(max(sides))
    low, high = box[i]
    cut = (low + high) / 2
    return (*box[:i], (low, cut), *box[i + 1 :]), (*box[:i], (cut, high), *box[i + 1 :])


def decide(
    box: Box,
    judge: Callable[[Box], Answer],
    refutes: Callable[[Point], bool],
    *,
    budget: int,
    split: Callable[[Box, Box], tuple[Box, Box]] = halves,
) -> Decision:
    """Judge the box, and its parts where it stays open, the largest first.

    Parameters
    ----------
    box:
        Exact intervals, low ≤ high; a point if low = high in each.
    judge, refutes:
        The statement, see the module's text.
    budget:
        Most boxes that are judged.
    split:
        Cuts a box in two parts that cover it; by default :func:`halves`.
    """
    order = count()
    queue: list[tuple[int, int, Box]] = [(0, next(order), box)]
    judged, something = 0, False
    for point in _corners(box):
        if refutes(point):
            return _refuted(point, judged)
    while queue:
        depth, _, current = heapq.heappop(queue)
        if judged == budget:
            return _undecided(
                current, judged, 1 + len(queue), f"the budget of {budget} boxes is spent", something
            )
        judged += 1
        answer = judge(current)
        if answer is Answer.HOLDS:
            something = True
        if answer is not Answer.OPEN:
            continue
        point = middle(current)
        if refutes(point):
            return _refuted(point, judged)
        if all(low == high for low, high in current):
            return _undecided(current, judged, 1 + len(queue), "it stays open at a single point", something)
        for part in split(current, box):
            heapq.heappush(queue, (depth + 1, next(order), part))
    return Decision(Status.PROVED, judged, about_something=something)


def _corners(box: Box) -> Iterator[Point]:
    yield middle(box)
    if len(box) <= _CORNERS_UP_TO:
        yield from dict.fromkeys(product(*box))


def _refuted(point: Point, judged: int) -> Decision:
    return Decision(Status.REFUTED, judged, "false at an exact point", point, True)


def _undecided(box: Box, judged: int, left: int, why: str, something: bool) -> Decision:
    sides = ", ".join(f"[{float(low):.6g}, {float(high):.6g}]" for low, high in box)
    boxes = "1 box stays" if left == 1 else f"{left} boxes stay"
    return Decision(
        Status.UNDECIDED, judged, f"{why}; {boxes} open, one of them {sides}", middle(box), something
    )
