"""Lines of a panel that lie on one another, of which only the last would be seen."""

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


def _lies_on(above: dict[float, float], below: dict[float, float], reach: float) -> bool:
    shared = [(y, below[x]) for x, y in above.items() if x in below]
    distances = [abs(y - other) for y, other in shared if math.isfinite(y - other)]
    return len(distances) >= _FEWEST and sum(d < reach for d in distances) >= _SHARE * len(distances)


def _height(y: float, log: bool) -> float:
    if not log:
        return y
    return math.log(y) if y > 0 else math.nan
