"""Numbers read off a state (m, 1 + d) of columns a, w1, …, wd.

Superscript (i) is the i-th input coordinate, the first being the direction of z (multi-stage paper, (11),
(17), (18), (22)).
"""

from __future__ import annotations

import numpy as np

from numerics.array import FloatArray


def order_parameters(state: FloatArray) -> tuple[float, float]:
    """P = Σ_k a_k w_k^(1) and Q = ½ Σ_k (a_k² + (w_k^(1))²)   (17), (18)."""
    a, first = state[:, 0], state[:, 1]
    return float(a @ first), 0.5 * float(a @ a + first @ first)


def norms(state: FloatArray) -> tuple[float, float]:
    """√Σ_k a_k² and √Σ_k ‖w_k‖²."""
    return float(np.linalg.norm(state[:, 0])), float(np.linalg.norm(state[:, 1:]))


def drift_sums(state: FloatArray) -> FloatArray:
    """S_i = Σ_k a_k w_k^(i), shape (d,); S_1 = P."""
    return np.asarray(state[:, 0] @ state[:, 1:])


def transverse(state: FloatArray) -> FloatArray:
    """V_i = √Σ_k (w_k^(i))² for i = 2 … d, shape (d − 1,)   (22)."""
    return np.asarray(np.sqrt(np.sum(state[:, 2:] ** 2, axis=0)))


def neuron_norm(state: FloatArray) -> float:
    """q = max_k max(|a_k|, ‖w_k‖₂)   (11)."""
    return float(max(np.abs(state[:, 0]).max(), np.linalg.norm(state[:, 1:], axis=1).max()))
