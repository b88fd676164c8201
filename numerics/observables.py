"""Numbers read off a state (m, 1 + d) of columns a, w1, …, wd.

Superscript (i) is the i-th input coordinate, the first being the direction of z (multi-stage paper, (11),
(17), (18), (22)). Where neurons stand for several, ``weights`` (m,) says for how many.
"""

from __future__ import annotations

import numpy as np

from numerics.array import FloatArray


def _counted(state: FloatArray, weights: FloatArray | None) -> FloatArray:
    """The state with each neuron's row times the number of neurons it stands for."""
    return state if weights is None else state * weights[:, None]


def order_parameters(state: FloatArray, weights: FloatArray | None = None) -> tuple[float, float]:
    """P = Σ_k a_k w_k^(1) and Q = ½ Σ_k (a_k² + (w_k^(1))²)   (17), (18)."""
    a, first = state[:, 0], state[:, 1]
    counted = _counted(state, weights)
    return float(counted[:, 0] @ first), 0.5 * float(counted[:, 0] @ a + counted[:, 1] @ first)


def norms(state: FloatArray, weights: FloatArray | None = None) -> tuple[float, float]:
    """√Σ_k a_k² and √Σ_k ‖w_k‖²."""
    if weights is not None:
        state = state * np.sqrt(weights)[:, None]
    return float(np.linalg.norm(state[:, 0])), float(np.linalg.norm(state[:, 1:]))


def drift_sums(state: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """S_i = Σ_k a_k w_k^(i), shape (d,); S_1 = P."""
    return np.asarray(_counted(state, weights)[:, 0] @ state[:, 1:])


def transverse(state: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """V_i = √Σ_k (w_k^(i))² for i = 2 … d, shape (d − 1,)   (22)."""
    return np.asarray(np.sqrt(np.sum(_counted(state[:, 2:] ** 2, weights), axis=0)))


def neuron_norm(state: FloatArray) -> float:
    """q = max_k max(|a_k|, ‖w_k‖₂)   (11)."""
    return float(max(np.abs(state[:, 0]).max(), np.linalg.norm(state[:, 1:], axis=1).max()))
