"""Lines and points of a panel that lie on one another, of which only the last would be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

Curve = tuple[Sequence[float], Sequence[float]]

#: Two lines closer than this part of the axis cannot be told apart.
_CLOSE: Final = 0.01
#: So much of a line has to lie on another.
_SHARE: Final = 0.8
_FEWEST: Final = 5
#: Two points at one place of x closer than this part of the axis overlap.
_TOUCH: Final = 0.03
#: Series of more points are clouds, in which single points are not looked for.
_CLOUD: Final = 40


def covering(curves: Sequence[Curve], *, log: bool) -> list[int | None]:
    """For each curve (x, y) the number of an earlier one on which most of it lies, None where there is none.

    Points are compared where both curves have the same x; log: as they are drawn on a logarithmic y axis.
    """
    heights = [[_height(y, log) for y in ys] for _, ys in curves]
    finite = [y for ys in heights for y in ys if math.isfinite(y)]
    reach = _CLOSE * (max(finite) - min(finite)) if finite else 0.0
    placed = [dict(zip(x, ys, strict=True)) for (x, _), ys in zip(curves, heights, strict=True)]
    return [
        next((below for below in range(above) if _lies_on(placed[above], placed[below], reach)), None)
        for above in range(len(curves))
    ]


def meeting(points: Sequence[Curve], *, log: bool) -> list[str]:
    """How to draw each series of points (x, y): "open" and large below another one on half of its points, "inner" and
    small where others are around it, else "points". Of two that meet the one with more points is within the other, and
    of equally many the later one."""
    heights = [[_height(y, log) for y in ys] for _, ys in points]
    finite = [y for ys in heights for y in ys if math.isfinite(y)]
    reach = _TOUCH * (max(finite) - min(finite)) if finite else 0.0
    placed = [list(zip(x, ys, strict=True)) for (x, _), ys in zip(points, heights, strict=True)]
    looks = ["points"] * len(placed)
    by_size = sorted(range(len(placed)), key=lambda i: (len(placed[i]), i))
    for place, below in enumerate(by_size):
        for above in by_size[place + 1 :]:
            if len(placed[above]) <= _CLOUD and _half_met(placed[below], placed[above], reach):
                looks[below] = "open"
                looks[above] = "inner" if looks[above] == "points" else looks[above]
    return looks


def _half_met(few: Sequence[tuple[float, float]], many: Sequence[tuple[float, float]], reach: float) -> bool:
    met = [any(x == other and abs(y - height) < reach for other, height in many) for x, y in few]
    return sum(met) > 0 and 2 * sum(met) >= len(met)


def _lies_on(above: dict[float, float], below: dict[float, float], reach: float) -> bool:
    shared = [(y, below[x]) for x, y in above.items() if x in below]
    distances = [abs(y - other) for y, other in shared if math.isfinite(y - other)]
    return len(distances) >= _FEWEST and sum(d < reach for d in distances) >= _SHARE * len(distances)


def _height(y: float, log: bool) -> float:
    if not log:
        return y
    return math.log(y) if y > 0 else math.nan
