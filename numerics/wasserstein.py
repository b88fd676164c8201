"""The 2-Wasserstein distance of finite measures on the line, exactly (up to rounding)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError


def wasserstein2(
    u: FloatArray,
    v: FloatArray,
    u_weights: FloatArray | None = None,
    v_weights: FloatArray | None = None,
) -> float:
    """W_2 between Σ p_i δ(u_i) and Σ q_j δ(v_j): the L² distance of their quantile functions.

    Weights are equal if not given, and are divided by their sum. InputError for an empty measure, a number
    that is not finite, a negative weight, or weights that sum to 0.
    """
    first, p = _sorted(u, u_weights)
    second, q = _sorted(v, v_weights)
    if u_weights is None and v_weights is None and len(first) == len(second):
        return math.sqrt(float(np.mean((first - second) ** 2)))
    ends_p, ends_q = np.cumsum(p), np.cumsum(q)
    ends_p[-1] = ends_q[-1] = 1.0  # both reach 1 exactly, whatever the rounding of the sums
    ends = np.union1d(ends_p, ends_q)
    lengths = np.diff(ends, prepend=0.0)
    i = np.minimum(np.searchsorted(ends_p, ends, side="left"), len(first) - 1)
    j = np.minimum(np.searchsorted(ends_q, ends, side="left"), len(second) - 1)
    return math.sqrt(max(0.0, float(lengths @ (first[i] - second[j]) ** 2)))


def _sorted(values: FloatArray, weights: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    points = np.asarray(values, dtype=np.float64).ravel()
    mass = np.ones(len(points)) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    if not len(points) or len(mass) != len(points):
        raise InputError(f"A measure needs points and as many weights; got {len(points)} and {len(mass)}.")
    if not (np.all(np.isfinite(points)) and np.all(np.isfinite(mass)) and np.all(mass >= 0)):
        raise InputError("The points and weights of a measure must be finite, and no weight negative.")
    total = float(mass.sum())
    if not (math.isfinite(total) and total > 0):
        raise InputError("The weights of a measure must have a positive, finite sum.")
    order = np.argsort(points, kind="stable")
    order = order[mass[order] > 0]
    return points[order], mass[order] / total


class RelativeWasserstein(NamedTuple):
    """Distances over √(Σ a²/m): of the weights a and w^(1), and of the amplitudes |a| and ‖w‖."""

    weights: float
    amplitudes: float


def relative_wasserstein(state: FloatArray, weights: FloatArray | None = None) -> RelativeWasserstein:
    """W_2 of {a_k} and {w_k^(1)}, and of {|a_k|} and {‖w_k‖}, relative to √(Σ a²/m)   (13).

    NaN where all a_k are zero. With ``weights`` (m,), of the weighted measures: representatives that keep sums over
    neurons do not resolve a distribution, so expand them first (``numerics.quadrature``) for that of all neurons.
    """
    a, w = state[:, 0], state[:, 1:]
    size = math.sqrt(float(np.average(a * a, weights=weights)))
    if size == 0.0:
        return RelativeWasserstein(math.nan, math.nan)
    return RelativeWasserstein(
        wasserstein2(a, w[:, 0], weights, weights) / size,
        wasserstein2(np.abs(a), np.linalg.norm(w, axis=1), weights, weights) / size,
    )
