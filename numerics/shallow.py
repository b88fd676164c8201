"""Gradient descent of a small network with one hidden tanh layer and one output, many steps quickly.

The network is a `numerics.fully_connected.FullyConnected`; what is done here is what its gradient says, in as few
passes over memory as the shape allows, and its Hessian from the blocks written out. Steps are the same numbers whenever
they are made again, so that only some of the states are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.fully_connected import FullyConnected

_RUNAWAY = 1e6  # times the first loss: it will not come back
_CHUNK = 1000  # steps between two words on progress


class Shallow:
    """The loss of a tanh network with one hidden layer of m neurons, biases, one input and one output.

    A state is the network's own parameter vector: w (m,), b (m,), a (m,), c. InputError for another network.
    """

    def __init__(self, network: FullyConnected) -> None:
        if len(network.hidden) != 1 or network.widths[0] != 1 or network.widths[2] != 1 or not network.bias:
            raise InputError(
                "These loops need one hidden layer, one input, one output and biases; "
                f"the widths are {network.widths}, with biases: {network.bias}."
            )
        if network.activation != "tanh":
            raise InputError(f"These loops are written for tanh, not for {network.activation!r}.")
        self.network = network
        self.width = int(network.hidden[0])
        self.x, self.y = np.ascontiguousarray(network.x[:, 0]), np.ascontiguousarray(network.y[:, 0])
        self.p = np.array(network.example_weights)
        self._points = np.stack([self.x, np.ones_like(self.x)])
        shape = (self.width, len(self.x))
        self._value, self._square, self._pull = np.empty(shape), np.empty(shape), np.empty((len(self.x), 2))

    def parts(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """w, b, a as views, and c."""
        m = self.width
        return theta[:m], theta[m : 2 * m], theta[2 * m : 3 * m], float(theta[-1])

    def residual(self, theta: FloatArray) -> FloatArray:
        """f(x_i) − y_i, shape (n,)."""
        w, b, a, c = self.parts(theta)
        return np.asarray(a @ np.tanh(np.multiply.outer(w, self.x) + b[:, None]) + (c - self.y))

    def output(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """f at points x (k,)."""
        w, b, a, c = self.parts(theta)
        return np.asarray(a @ np.tanh(np.multiply.outer(w, x) + b[:, None]) + c)

    def loss(self, theta: FloatArray) -> float:
        """½ Σ p_i r_i²."""
        r = self.residual(theta)
        return 0.5 * float(self.p @ (r * r))

    def loss_and_gradient(self, theta: FloatArray, found: FloatArray) -> float:
        """The loss; its gradient (size,) into ``found``."""
        m, value, square, pull = self.width, self._value, self._square, self._pull
        np.matmul(theta[: 2 * m].reshape(2, m).T, self._points, out=value)
        np.tanh(value, out=value)
        a = theta[2 * m : 3 * m]
        residual = a @ value
        residual += theta[-1] - self.y
        weighted = self.p * residual
        pull[:, 0] = weighted * self.x
        pull[:, 1] = weighted
        np.multiply(value, value, out=square)
        # σ' = 1 − σ²: the sums with 1 are the same for all neurons.
        inner = pull.sum(axis=0) - square @ pull
        np.multiply(inner.T, a, out=found[: 2 * m].reshape(2, m))
        np.matmul(value, weighted, out=found[2 * m : 3 * m])
        found[-1] = weighted.sum()
        return 0.5 * float(weighted @ residual)

    def gradient(self, theta: FloatArray) -> FloatArray:
        """∇L, shape (size,)."""
        found = np.empty_like(theta)
        self.loss_and_gradient(theta, found)
        return found

    def hessian(self, theta: FloatArray) -> FloatArray:
        """∇²L, shape (size, size): JᵀpJ and the terms of a neuron with itself."""
        w, b, a, c = self.parts(theta)
        m = self.width
        value = np.tanh(np.multiply.outer(w, self.x) + b[:, None])
        slope = 1.0 - value * value
        weighted = self.p * (a @ value + (c - self.y))
        jacobian = np.concatenate(
            [slope * a[:, None] * self.x, slope * a[:, None], value, np.ones((1, len(self.x)))]
        )
        scaled = jacobian * np.sqrt(self.p)
        matrix = np.asarray(scaled @ scaled.T)
        bend = -2.0 * value * slope * a[:, None]
        own = np.arange(m)
        blocks = (
            (0, 0, bend @ (weighted * self.x * self.x)),
            (0, 1, bend @ (weighted * self.x)),
            (1, 1, bend @ weighted),
            (0, 2, slope @ (weighted * self.x)),
            (1, 2, slope @ weighted),
        )
        for row, column, entries in blocks:
            matrix[row * m + own, column * m + own] += entries
            if row != column:
                matrix[column * m + own, row * m + own] += entries
        return np.asarray(0.5 * (matrix + matrix.T))

    def largest_eigenvalue(self, theta: FloatArray) -> float:
        """λ_max of the Hessian."""
        return float(np.linalg.eigvalsh(self.hessian(theta))[-1])


@dataclass(eq=False)
class Steps:
    """A run: ``losses`` (k,) after 0, 1, … steps, and any state; "diverged" where the loss ran away in the next one."""

    model: Shallow
    rate: float
    losses: FloatArray
    status: Literal["ok", "diverged"]
    _kept: FloatArray
    _every: int

    @property
    def last(self) -> int:
        """The number of the last step."""
        return len(self.losses) - 1

    def state(self, step: int) -> FloatArray:
        """The parameters (size,) after so many steps, made again from the kept ones. InputError beyond the run."""
        return np.asarray(self.states(step, step + 1)[0])

    def states(self, start: int, stop: int) -> FloatArray:
        """The parameters after start, …, stop − 1 steps, shape (stop − start, size)."""
        if not 0 <= start < stop <= len(self.losses):
            raise InputError(f"Steps {start} to {stop - 1} were asked for; the run has 0 to {self.last}.")
        kept = start // self._every
        theta = self._kept[kept].copy()
        change = np.empty_like(theta)
        found = np.empty((stop - start, theta.size))
        for step in range(kept * self._every, stop):
            if step >= start:
                found[step - start] = theta
            if step + 1 < stop:
                self.model.loss_and_gradient(theta, change)
                change *= self.rate
                theta -= change
        return found


def descend(
    model: Shallow,
    start: FloatArray,
    rate: float,
    steps: int,
    *,
    every: int = 10,
    progress: Callable[[int], None] | None = None,
) -> Steps:
    """``steps`` steps θ ← θ − rate ∇L(θ) from ``start`` (size,), keeping every so many states.

    InputError for a start of another size or that is not finite, or a rate or number that makes no sense.
    """
    if start.shape != (model.network.size,) or not np.all(np.isfinite(start)):
        raise InputError(f"A start of this network is {model.network.size} finite numbers.")
    if not (math.isfinite(rate) and rate > 0) or steps < 1 or every < 1:
        raise InputError("The learning rate, the number of steps and the spacing must be positive.")
    theta, change = np.array(start, dtype=np.float64), np.empty(start.size)
    losses, kept = np.empty(steps + 1), np.empty((steps // every + 1, start.size))
    ends = math.inf
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            if step % every == 0:
                kept[step // every] = theta
            losses[step] = loss = model.loss_and_gradient(theta, change)
            if step == 0:
                ends = _RUNAWAY * max(loss, 1e-300)
            if not loss < ends:
                return Steps(model, rate, losses[:step], "diverged", kept[: (step - 1) // every + 1], every)
            change *= rate
            theta -= change
            if progress is not None and step % _CHUNK == 0:
                progress(step)
    return Steps(model, rate, losses, "ok", kept, every)
