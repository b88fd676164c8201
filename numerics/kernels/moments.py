"""The drift through moments: where σ is a short power series, neurons and samples meet in a few sums only.

With u = w x, f(x_i) = Σ_j c_j x_i^{2j+1} S_j, S_j = Σ_k a_k w_k^{2j+1}: two passes of J terms over m neurons and over
n samples, O(J (m + n)) instead of O(m n). It is exact for polynomials, and to rounding while all |w_k x_i| stay
within the reach of the series; a few neurons beyond it are summed directly.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numerics.activation import Activation
from numerics.array import FloatArray
from numerics.kernels.series import OddSeries

Mask: TypeAlias = NDArray[np.bool_]

_BLOCK_NUMBERS = 2**15  # numbers in the table of powers of one block of neurons: what fits the cache
_MOST_BEYOND = 0.1  # share of the neurons that may be beyond the reach of the series


class Moments:
    """For inputs x (n,) of one dimension, labels y (n,), sample weights (n,)."""

    name = "moments"

    def __init__(
        self, activation: Activation, series: OddSeries, x: FloatArray, y: FloatArray, weights: FloatArray
    ) -> None:
        self.activation, self.series = activation, series
        self.x, self.y, self.weights = x, y, weights
        # Neurons see x scaled to [−1, 1], so that no power of it overflows.
        self.scale = float(np.abs(x).max())
        scaled = x / self.scale
        count = len(series.coefficients)
        self.powers = np.array([scaled ** (2 * j + 1) for j in range(count)])
        self.odd = np.arange(1.0, 2.0 * count, 2.0)

    def output(self, state: FloatArray, outer: FloatArray) -> FloatArray | None:
        """f at the samples, (n,); ``outer`` (m,) is a_k times the weight of neuron k. None as in ``drift``."""
        plan = self._plan(state)
        if plan is None:
            return None
        within, beyond, terms = plan
        w = state[within, 1] * self.scale
        outside = outer[within]
        sums = np.zeros(terms)
        for part in _parts(len(w), terms):
            sums += _even_powers(w[part], terms) @ (outside[part] * w[part])
        total = (self.series.coefficients[:terms] * sums) @ self.powers[:terms]
        if beyond is not None:
            total += outer[beyond] @ self.activation.value(state[beyond, 1:] * self.x)
        return np.asarray(total)

    def drift(self, state: FloatArray, outer: FloatArray) -> FloatArray | None:
        """The drift, (m, 2); None where too many neurons are beyond the reach of the series, or not finite."""
        plan = self._plan(state)
        if plan is None:
            return None
        within, beyond, terms = plan
        a, w = state[within, 0], state[within, 1] * self.scale
        total = np.zeros(len(self.x))
        if beyond is not None:
            inner = state[beyond, 1:] * self.x
            value, slope = np.empty_like(inner), np.empty_like(inner)
            self.activation.fill(inner, value, slope)
            total = outer[beyond] @ value
        outside = outer[within] * w
        parts = _parts(len(w), terms)
        sums = np.zeros(terms)
        even = np.empty(0)
        for part in parts:
            even = _even_powers(w[part], terms)
            sums += even @ outside[part]
        coefficients, powers = self.series.coefficients[:terms], self.powers[:terms]
        total += (coefficients * sums) @ powers
        pull = (self.y - total) * self.weights
        to_a = coefficients * (powers @ pull)
        to_w = to_a * self.odd[:terms] * self.scale
        drift = np.empty_like(state)
        for part in parts:
            if len(parts) > 1:
                even = _even_powers(w[part], terms)
            rows = part if beyond is None else np.flatnonzero(~beyond)[part]
            drift[rows, 0] = w[part] * (to_a @ even)
            drift[rows, 1] = a[part] * (to_w @ even)
        if beyond is not None:
            drift[beyond, 0] = value @ pull
            drift[beyond, 1] = state[beyond, 0] * (slope @ (pull * self.x))
        return drift

    def _plan(self, state: FloatArray) -> tuple[slice | Mask, Mask | None, int] | None:
        """Which neurons go through moments, which are beyond (None: none), and how many terms."""
        size = np.abs(state[:, 1])
        terms = self.series.terms(float(size.max()) * self.scale)
        if terms is not None:
            return (slice(None), None, terms) if terms <= len(self.x) else None
        within = size * self.scale <= self.series.reach[-1]
        if not (np.count_nonzero(within) >= (1.0 - _MOST_BEYOND) * len(size) and np.any(within)):
            return None
        terms = self.series.terms(float(size[within].max()) * self.scale)
        return None if terms is None or terms > len(self.x) else (within, ~within, terms)


def _even_powers(w: FloatArray, terms: int) -> FloatArray:
    """w^{2j} for j < terms: (terms, neurons)."""
    table = np.empty((terms, len(w)))
    table[0] = 1.0
    if terms > 1:
        np.multiply(w, w, out=table[1])
        for j in range(2, terms):
            np.multiply(table[j - 1], table[1], out=table[j])
    return table


def _parts(width: int, terms: int) -> list[slice]:
    size = max(1, _BLOCK_NUMBERS // terms)
    return [slice(start, min(start + size, width)) for start in range(0, width, size)]
