"""Loss spikes in a series of losses: where they start, peak and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError

RISE = 2.0
"""A spike is there when the loss exceeds the running minimum this many times."""

SETTLED = 1.2
"""It is over at the first step with a loss below this many times the running minimum."""


@dataclass(frozen=True)
class Spike:
    """start: the step of the lowest loss since the spike before (or since the first step); peak: that of the largest
    loss; end: the first step after the rise at which the loss is settled, None where the series ends before."""

    start: int
    peak: int
    end: int | None


def detect(losses: FloatArray, rise: float = RISE, settled: float = SETTLED) -> list[Spike]:
    """The spikes of a series of losses (k,), in order.

    InputError unless 1 < settled ≤ rise and the losses are finite and positive.
    """
    if not 1.0 < settled <= rise:
        raise InputError(f"A spike needs 1 < settled <= rise, not settled = {settled}, rise = {rise}.")
    if losses.ndim != 1 or not np.all(np.isfinite(losses)) or np.any(losses < 0):
        raise InputError("Spikes are looked for in a series of finite losses that are not negative.")
    lowest = np.minimum.accumulate(losses)
    above = losses > rise * lowest
    found: list[Spike] = []
    step = 0
    while True:
        later = np.flatnonzero(above[step:])
        if not len(later):
            return found
        over = step + int(later[0])
        start = step + int(np.argmin(losses[step : over + 1]))
        calm = np.flatnonzero(losses[over:] < settled * lowest[over])
        end = over + int(calm[0]) if len(calm) else None
        stop = len(losses) if end is None else end
        found.append(Spike(start, over + int(np.argmax(losses[over:stop])), end))
        if end is None:
            return found
        step = end
