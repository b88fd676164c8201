"""How far the input weights of a hidden layer point in the same direction.

The orientation of neuron j is its input weight and bias (w_j, b_j) normalised; two neurons point the same way where the
cosine between them is ±1, as tanh is odd.
"""

from __future__ import annotations

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError

ALIKE = 0.99
"""|cosine| from which two neurons count as one orientation."""


def similarities(w: FloatArray, b: FloatArray) -> FloatArray:
    """Cosines between the orientations, (m, m). InputError where a neuron has no orientation."""
    rows = np.stack([w, b], axis=1)
    norms = np.linalg.norm(rows, axis=1)
    if len(w) < 2 or not np.all(np.isfinite(norms)) or np.any(norms == 0):
        raise InputError(
            "Orientations need two neurons or more, with input weights that are finite and not zero."
        )
    unit = rows / norms[:, None]
    return np.asarray(np.clip(unit @ unit.T, -1.0, 1.0))


def condensation(w: FloatArray, b: FloatArray) -> float:
    """The mean of |cosine| over all pairs of neurons: 2/π for independent directions, 1 for a single one."""
    cosines = np.abs(similarities(w, b))
    m = len(w)
    return float((cosines.sum() - np.trace(cosines)) / (m * (m - 1)))


def angles(w: FloatArray, b: FloatArray) -> FloatArray:
    """Orientations as angles in [0, π), those of (w, b) and (−w, −b) the same; shape (m,)."""
    return np.asarray(np.mod(np.arctan2(b, w), np.pi))


def clusters(w: FloatArray, b: FloatArray, alike: float = ALIKE) -> int:
    """The number of groups of neurons that are linked by |cosine| ≥ ``alike``, directly or through others."""
    if not 0 < alike < 1:
        raise InputError(f"Neurons count as alike from a cosine in (0, 1), not {alike}.")
    ordered = np.sort(angles(w, b))
    gaps = np.diff(np.r_[ordered, ordered[0] + np.pi])
    breaks = int(np.sum(np.cos(gaps) < alike))
    return max(1, breaks)
