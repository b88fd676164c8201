"""Many small networks on the same data in one integration: for statistics over draws of the initial weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.integrate.float64 import Solution, integrate
from numerics.network import Network


@dataclass(eq=False)
class Ensemble:
    """D independent networks; the state is (D, r, 1 + d), ``weights`` (D, r) as of ``Network.neuron_weights``.

    Draws with fewer neurons than others are filled up by neurons at rest (a = w = 0). All draws share the steps of the
    integrator, and its error is controlled on average over them: they should be of one kind.
    """

    network: Network
    states: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, network: Network, draws: Sequence[tuple[FloatArray, FloatArray | None]]) -> Ensemble:
        """From pairs of initial weights (r_i, 1 + d) and neuron weights (r_i,), None for ones."""
        if not draws:
            raise InputError("An ensemble needs at least one draw.")
        if network.neuron_weights is not None:
            raise InputError("The weights of the neurons come with the draws of an ensemble.")
        most = max(len(nodes) for nodes, _ in draws)
        states = np.zeros((len(draws), most, 1 + network.data.dim))
        weights = np.ones((len(draws), most))
        for i, (nodes, mu) in enumerate(draws):
            if nodes.ndim != 2 or nodes.shape[1] != 1 + network.data.dim:
                raise InputError(
                    f"Draw {i} has shape {nodes.shape}; it must be (r, {1 + network.data.dim}): a, w1, …"
                )
            states[i, : len(nodes)] = nodes
            if mu is not None:
                weights[i, : len(nodes)] = mu
        return cls(network, states, weights)

    def drift(self, states: FloatArray) -> FloatArray:
        """The gradient flow of each network: (D, r, 1 + d)."""
        x, y, sample_weights = self.network.summed
        drift = np.empty_like(states)
        neurons = states.shape[1]
        block = max(1, 2**16 // (neurons * max(1, len(y))))  # draws at once: what fits the cache
        for start in range(0, len(states), block):
            part = states[start : start + block]
            rows = part.reshape(-1, part.shape[2])
            inner = rows[:, 1:] * x[:, 0] if x.shape[1] == 1 else rows[:, 1:] @ x.T
            value, slope = np.empty_like(inner), np.empty_like(inner)
            self.network.activation.fill(inner, value, slope)
            value = value.reshape(len(part), neurons, -1)
            slope = slope.reshape(len(part), neurons, -1)
            outer = part[:, :, 0] * self.weights[start : start + block]
            pull = (y - np.matmul(outer[:, None, :], value)[:, 0]) * sample_weights
            drift[start : start + block, :, 0] = np.matmul(value, pull[:, :, None])[:, :, 0]
            towards = np.matmul(slope, pull[:, :, None] * x)
            drift[start : start + block, :, 1:] = part[:, :, :1] * towards
        return drift

    def P(self, states: FloatArray) -> FloatArray:
        """Σ_k μ_k a_k w_k^(1) of each network, (D,)."""
        return np.asarray(np.einsum("dk,dk,dk->d", self.weights, states[:, :, 0], states[:, :, 1]))

    def integrate(
        self, until: float, *, rtol: float = 1e-9, progress: Callable[[float], None] | None = None
    ) -> Solution:
        """All networks up to ``until``; the tolerance is relative to the size of their initial weights."""
        size = float(np.sqrt(np.sum(self.states**2) / np.count_nonzero(self.states)))
        return integrate(self.drift, self.states, until, rtol=rtol, atol=rtol * size, progress=progress)

    def descent_times(self, until: float, *, zeta: float = 0.1, rtol: float = 1e-9) -> FloatArray:
        """T_2 of each network, (D,): the first time with P ≥ 1 − ζ; NaN where it is not reached by ``until``.

        InputError where the integration does not end well.
        """
        from scipy.optimize import brentq

        if not 0 < zeta < 1:
            raise InputError(f"The level zeta is {zeta}; it must lie between 0 and 1.")
        solution = self.integrate(until, rtol=rtol)
        if solution.status != "ok":
            raise InputError(f"The ensemble could not be integrated: {solution.message}")
        level = 1.0 - zeta
        series = np.array([self.P(state) for state in solution.y])
        times = np.full(len(self.states), np.nan)
        for i, reached in enumerate((series >= level).T):
            if not np.any(reached):
                continue
            step = int(np.argmax(reached))
            if step == 0:
                times[i] = 0.0
                continue

            def excess(time: float, draw: int = i) -> float:
                state = solution(time)[draw]
                return float((self.weights[draw] * state[:, 0]) @ state[:, 1]) - level

            times[i] = brentq(excess, solution.t[step - 1], solution.t[step], xtol=1e-13)
        return times
