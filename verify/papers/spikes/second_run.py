"""The first spike of one run by other code: the witness for negative controls.

Gradients and Hessians are those of `numerics.fully_connected`, the spike is found by a plain loop, and frequencies by
the sums of cosines and sines written out; nothing of `numerics.shallow`, `numerics.spikes` or `numerics.spike_anatomy`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from numerics.array import FloatArray
from verify.papers.spikes import runs

SEED = 2
"""A run whose first spike comes early."""


@dataclass(frozen=True, eq=False)
class Second:
    """Steps s, P, E; losses (k,) and states (k, size) from step 0 on; eigenvalues and -vectors of the Hessian at s."""

    start: int
    peak: int
    end: int
    losses: FloatArray
    states: FloatArray
    values: FloatArray
    vectors: FloatArray

    @property
    def delta(self) -> FloatArray:
        """θ_P − θ_s."""
        return np.asarray(self.states[self.peak] - self.states[self.start])


@cache
def second(rate: float = runs.RATE, most: int = 3000, seed: int = SEED) -> Second:
    """The first spike after the transient, and the run up to its end."""
    network = runs.model().network
    theta = runs.start(seed)
    losses: list[float] = []
    states: list[FloatArray] = []
    lowest, start, peak, rising = math.inf, 0, 0, False
    for step in range(most):
        point = network.at(theta)
        losses.append(point.loss)
        states.append(theta)
        if not rising and point.loss < lowest:
            lowest, start = point.loss, step
        rising = rising or (point.loss > 2 * lowest and step > runs.TRANSIENT)
        if rising and (peak <= start or point.loss > losses[peak]):
            peak = step
        if rising and point.loss < 1.2 * lowest:
            break
        theta = theta - rate * point.gradient
    values, vectors = np.linalg.eigh(network.hessian(states[start]))
    order = np.argsort(values)[::-1]
    return Second(
        start, peak, len(losses) - 1, np.array(losses), np.array(states), values[order], vectors[:, order]
    )


def share(vector: FloatArray, direction: FloatArray) -> float:
    """(vector·direction)²/|vector|²."""
    return float(np.dot(vector, direction) ** 2 / np.dot(vector, vector))


def energies(step: int) -> FloatArray:
    """The loss by frequency after so many steps, (n/2 + 1,): cosine and sine sums."""
    found = second()
    residual = runs.model().network.residual(found.states[step])[:, 0]
    n = len(residual)
    angle = 2 * math.pi * np.outer(np.arange(n // 2 + 1), np.arange(n)) / n
    cosines, sines = np.cos(angle) @ residual, np.sin(angle) @ residual
    twice = np.where((np.arange(n // 2 + 1) == 0) | (2 * np.arange(n // 2 + 1) == n), 1.0, 2.0)
    return np.asarray(twice * (cosines**2 + sines**2) / (2 * n * n))


def low_share(before: int, after: int) -> float:
    """The part of the change of the loss between two steps that is in k ≤ 3."""
    change = energies(after) - energies(before)
    return float(change[:4].sum() / change.sum())


def sharpness(step: int) -> float:
    """λ_max after so many steps."""
    found = second()
    return float(np.linalg.eigvalsh(runs.model().network.hessian(found.states[step]))[-1])
