"""Four regimes of training in time, read off one trajectory of the sharpness by stated definitions.

With λ_t the sharpness and λ_* its smallest value before the edge of stability is reached:

    edge of stability       from the first record with ηλ_t ≥ 2 that lies after the smallest value, to the end
    intermediate saturation the longest interval around the smallest value in which λ_t ≤ (1 + band) λ_*
    early transient         from the start to the beginning of the saturation
    progressive sharpening  from the end of the saturation to the edge of stability

(the regimes are those of D. S. Kalra and M. Barkeshli, arXiv 2302.12250; the edge of stability is that of J. Cohen,
S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar, ICLR 2021). Each is *seen* if it is more than a name: the transient
changes the sharpness by more than the band, the saturation lasts until at least twice the step at which it began, the
sharpening raises the sharpness by at least a quarter, and over the edge's records, of which the first half is left out
to let it settle, the mean of ηλ lies within a fifth of 2 while the loss falls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError

NAMES: Final = (
    "early transient",
    "intermediate saturation",
    "progressive sharpening",
    "edge of stability",
)
BAND: Final = 0.05
EDGE: Final = 2.0

_LASTING = 2.0
_SHARPENING = 1.25
_NEAR = 0.2
_FEWEST = 10  # records at the edge


@dataclass(frozen=True)
class Regime:
    """One regime, from step ``begin`` to step ``end``; ``seen`` says whether it is there by its definition, and
    ``why`` gives the numbers."""

    name: str
    begin: float
    end: float
    seen: bool
    why: str


def regimes(
    steps: FloatArray,
    sharpness: FloatArray,
    loss: FloatArray,
    rate: float,
    *,
    band: float = BAND,
    edge: float = EDGE,
) -> tuple[Regime, Regime, Regime, Regime]:
    """The four regimes of a trajectory recorded at ``steps`` (k,), in the order of NAMES.

    ``edge`` is 2 but for a negative control. Where it is not reached, it begins and ends at the last step and is not
    seen. InputError for arrays of different lengths, numbers that are not finite or steps that do not begin with 0
    and rise.
    """
    arrays = [np.asarray(given, dtype=np.float64) for given in (steps, sharpness, loss)]
    t, top, losses = arrays
    if len({one.shape for one in arrays}) != 1 or t.ndim != 1 or len(t) < 3:
        raise InputError(
            "Steps, sharpness and loss must be three rows of the same length, of at least 3 records."
        )
    if not all(np.all(np.isfinite(one)) for one in arrays) or t[0] != 0 or not np.all(np.diff(t) > 0):
        raise InputError("Steps must begin with 0 and rise, and all records must be finite numbers.")
    if not (math.isfinite(rate) and rate > 0 and 0 < band < 1 and edge > 0 and np.all(top > 0)):
        raise InputError(
            "The rate, the sharpness and the edge must be positive, and the band between 0 and 1."
        )
    least, reached = _least_and_edge(rate * top, edge)
    # A run that never reaches the edge ends there.
    last = min(reached, len(t) - 1)
    within = top <= (1 + band) * top[least]
    first = least
    while first > 0 and within[first - 1]:
        first -= 1
    past = least
    while past < last and within[past + 1]:
        past += 1
    change = top[0] / top[least] - 1
    rise = top[last] / top[past]
    starts, ends, last_step = float(t[first]), float(t[past]), float(t[last])
    begin = max(starts, float(t[1]))
    found = (
        Regime(
            NAMES[0],
            0.0,
            starts,
            bool(first > 0 and change > band),
            f"λ falls by {change / (1 + change):.1%}",
        ),
        Regime(
            NAMES[1],
            starts,
            ends,
            ends >= _LASTING * begin,
            f"within {band:.0%} of its least value from step {t[first]:g} to {t[past]:g}",
        ),
        Regime(NAMES[2], ends, last_step, bool(rise >= _SHARPENING), f"λ grows by a factor {rise:.3g}"),
        _at_the_edge(t, rate * top, losses, reached, edge),
    )
    return found


def _least_and_edge(scaled: FloatArray, edge: float) -> tuple[int, int]:
    """Where ηλ is least before it first reaches the edge again, and where it does; k where it does not."""
    least, reached = 0, len(scaled)
    for i, value in enumerate(scaled):
        if value < scaled[least]:
            least = i
        # A start above the edge is the transient's, which brings it down first.
        if value >= edge and scaled[least] < edge:
            reached = i
            break
    return least, reached


def _at_the_edge(t: FloatArray, scaled: FloatArray, loss: FloatArray, reached: int, edge: float) -> Regime:
    end = float(t[-1])
    if reached >= len(t):
        return Regime(NAMES[3], end, end, False, f"ηλ stays below {edge:g}: at most {scaled.max():.3g}")
    begin = float(t[reached])
    if len(t) - reached < _FEWEST:
        return Regime(NAMES[3], begin, end, False, f"only {len(t) - reached} records are left")
    late = scaled[reached + (len(t) - reached) // 2 :]
    mean = float(late.mean())
    near, falls = abs(mean - edge) <= _NEAR * edge, bool(loss[-1] < loss[reached])
    return Regime(
        NAMES[3],
        begin,
        end,
        near and falls,
        f"ηλ is {mean:.3g} in the mean, between {late.min():.3g} and {late.max():.3g}; the loss goes from "
        f"{loss[reached]:.3g} to {loss[-1]:.3g}",
    )
