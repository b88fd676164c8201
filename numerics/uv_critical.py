"""Critical constants of the uv model, measured on all its parameters: the smallest c = ηλ^H₀ at which something rises.

For each draw c is raised from a start in small steps until, within a number of gradient-descent steps, the loss (the
sharpness, the trace) exceeds its initial value, or the run diverges; the crossing is then bisected.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.uv_model import UVNetwork, descend_uv

#: What is watched: the name of a quantity of ``UVNetwork``, or "divergence".
WATCHED = ("loss", "sharpness", "trace", "divergence")

LARGEST = 1e10  # a loss that many times the initial one counts as diverged
_ROUNDING = 1e-12  # a quantity has risen when it is this much above its initial value, relatively


def risen(
    network: UVNetwork, u: FloatArray, v: FloatArray, c: FloatArray, steps: int, watched: str
) -> NDArray[np.bool_]:
    """Whether what is watched rises above its initial value in one of the steps 1 … ``steps``; shape (draws,).

    A run that is not finite any more has risen.
    """
    if watched not in WATCHED:
        raise InputError(f"{watched!r} is not watched; it is one of {', '.join(WATCHED)}.")
    rate = c / network.sharpness(u, v)
    quantity = network.loss if watched == "divergence" else getattr(network, watched)
    limit = LARGEST if watched == "divergence" else 1 + _ROUNDING
    first: FloatArray | None = None
    found = np.zeros(len(u), dtype=bool)
    for us, vs in descend_uv(network, u, v, rate, steps):
        with np.errstate(over="ignore", invalid="ignore"):
            finite = np.isfinite(network.loss(us, vs)) & np.isfinite(network.trace(us, vs))
            safe_u, safe_v = np.where(finite[:, None], us, 1.0), np.where(finite[:, None], vs, 1.0)
            value = np.where(finite, quantity(safe_u, safe_v), np.inf)
        if first is None:
            first = value
        found |= ~(value <= limit * first)
    return found


def critical_constants(
    network: UVNetwork,
    u: FloatArray,
    v: FloatArray,
    watched: str,
    *,
    steps: int = 10,
    start: float = 1.98,
    stop: float = 8.0,
    progress: Callable[[str], None] = lambda _: None,
) -> FloatArray:
    """The smallest c of each draw at which what is watched rises, by :func:`first_rise`. InputError where the search
    cannot be made."""
    if steps < 1:
        raise InputError(f"A run of {steps} steps has none in which anything could rise.")

    def rises(draws: NDArray[np.int_], c: FloatArray) -> NDArray[np.bool_]:
        progress(f"{watched}: c from {float(np.min(c)):.2f} on, {len(draws)} draws")
        return risen(network, u[draws], v[draws], c, steps, watched)

    return first_rise(rises, len(u), start=start, stop=stop)


def first_rise(
    rises: Callable[[NDArray[np.int_], FloatArray], NDArray[np.bool_]],
    draws: int,
    *,
    start: float = 1.98,
    stop: float = 8.0,
    spacing: float = 0.05,
    resolution: float = 1e-4,
) -> FloatArray:
    """The smallest c of each draw at which ``rises(numbers of draws, their c)`` is true, within ``resolution``.

    c goes up from ``start`` in steps of ``spacing``, and the first crossing is bisected; NaN where there is none up to
    ``stop``. A set of such c that is thinner than the spacing can be missed. InputError where the search cannot be
    made.
    """
    if not (0 < spacing < stop - start and 0 < resolution < spacing and start > 0):
        raise InputError(f"c cannot be searched from {start} to {stop} in steps of {spacing}.")
    low, high = np.full(draws, start), np.full(draws, np.nan)
    still = np.arange(draws)
    c = start
    while len(still) and c < stop:
        c += spacing
        up = rises(still, np.full(len(still), c))
        high[still[up]] = c
        low[still[~up]] = c
        still = still[~up]
    known = np.flatnonzero(np.isfinite(high))
    while len(known) and float(np.max(high[known] - low[known])) > resolution:
        middle = (low[known] + high[known]) / 2
        up = rises(known, middle)
        high[known] = np.where(up, middle, high[known])
        low[known] = np.where(up, low[known], middle)
    return np.asarray((low + high) / 2)
