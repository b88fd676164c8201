"""The two-layer network f(x) = Σ_k a_k σ(w_k·x) and the gradient flow of its risk, written out by hand.

This file is the witness against which derived equations are held: it knows the network and the risk
R = ½ Σ_i weight_i (f(x_i) − y_i)², and nothing about their reductions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from numerics.activation import Activation
from numerics.array import FloatArray
from numerics.dataset import Dataset
from numerics.errors import InputError

_STORED_PAIRS = 2**22  # neuron-sample pairs kept in memory at once, beyond which they are computed twice


@dataclass(eq=False)
class Network:
    """A network of any width on fixed data; a state is an array (m, 1 + d) of columns a, w1, …, wd.

    With an odd activation and data that contain (−x, −y) with each (x, y), the two samples of a pair say
    the same, and half of them are enough; ``use_symmetry=False`` keeps the plain sums. One object keeps
    work space between calls, so it is for one thread at a time.
    """

    activation: Activation
    data: Dataset
    use_symmetry: bool = True
    _x: FloatArray = field(init=False, repr=False)
    _y: FloatArray = field(init=False, repr=False)
    _weights: FloatArray = field(init=False, repr=False)
    _constant_loss: float = field(init=False, repr=False, default=0.0)
    _space: FloatArray = field(init=False, repr=False, default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        data = self.data
        self._x, self._y, self._weights = data.x, data.y, data.weights
        if self.uses_symmetry:
            # The samples whose first coordinate that is not zero is positive; those at x = 0 only add a
            # constant to the loss, because f(0) = 0.
            filled = np.argmax(data.x != 0, axis=1)
            first = np.take_along_axis(data.x, filled[:, None], axis=1)[:, 0]
            half, centre = first > 0, first == 0
            self._x, self._y = np.ascontiguousarray(data.x[half]), np.ascontiguousarray(data.y[half])
            self._weights = 2.0 * data.weights[half]
            self._constant_loss = 0.5 * float(data.weights[centre] @ data.y[centre] ** 2)

    @property
    def uses_symmetry(self) -> bool:
        """Whether one sample of each ± pair is left out of the sums."""
        return self.use_symmetry and self.activation.odd and self.data.is_symmetric

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_space": np.empty(0)}

    def output(self, state: FloatArray, x: FloatArray) -> FloatArray:
        """f at the points x (n, d): shape (n,)."""
        state = self._checked(state)
        total = np.zeros(len(x))
        for part in self._parts(len(state), len(x)):
            inner = self._inner(state[part, 1:], np.asarray(x, dtype=np.float64))
            total += state[part, 0] @ self.activation.value(inner)
        return total

    def residual(self, state: FloatArray) -> FloatArray:
        """f(x_i) − y_i at every sample of the data: shape (n,)."""
        return self.output(state, self.data.x) - self.data.y

    def loss(self, state: FloatArray) -> float:
        """R = ½ Σ_i weight_i (f(x_i) − y_i)²."""
        residual = self.output(state, self._x) - self._y
        return 0.5 * float(self._weights @ (residual * residual)) + self._constant_loss

    def drift(self, state: FloatArray) -> FloatArray:
        """−∇R in the neurons' own coordinates, shape (m, 1 + d): the right-hand side of the gradient flow.

        da_k/dt = −Σ_i weight_i r_i σ(w_k·x_i),  dw_k/dt = −a_k Σ_i weight_i r_i σ'(w_k·x_i) x_i.
        """
        state = self._checked(state)
        width, samples = len(state), len(self._y)
        drift = np.empty_like(state)
        if width * samples <= _STORED_PAIRS:
            value, slope = self._filled(state, slice(None))
            self._add_drift(state[:, 0] @ value, value, slope, state, drift)
            return drift
        parts = self._parts(width, samples)
        total = np.zeros(samples)
        for part in parts:
            total += state[part, 0] @ self._filled(state, part)[0]
        for part in parts:
            value, slope = self._filled(state, part)
            self._add_drift(total, value, slope, state[part], drift[part])
        return drift

    def _add_drift(
        self, total: FloatArray, value: FloatArray, slope: FloatArray, state: FloatArray, drift: FloatArray
    ) -> None:
        pull = (self._y - total) * self._weights
        drift[:, 0] = value @ pull
        np.multiply(state[:, :1], slope @ (pull[:, None] * self._x), out=drift[:, 1:])

    def _filled(self, state: FloatArray, part: slice) -> tuple[FloatArray, FloatArray]:
        """σ(w_k·x_i) and σ'(w_k·x_i), each (neurons, samples), in the work space."""
        weights = state[part, 1:]
        shape = (len(weights), len(self._y))
        size = shape[0] * shape[1]
        if self._space.size < 3 * size:
            self._space = np.empty(3 * size)
        inner, value, slope = (self._space[i * size : (i + 1) * size].reshape(shape) for i in range(3))
        self._inner(weights, self._x, inner)
        self.activation.fill(inner, value, slope)
        return value, slope

    def _inner(self, weights: FloatArray, x: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """w_k·x_i, (neurons, samples)."""
        if self.data.dim == 1:
            return np.multiply(weights, x[:, 0], out=out)
        return np.matmul(weights, x.T, out=out)

    def _parts(self, width: int, samples: int) -> list[slice]:
        size = max(1, _STORED_PAIRS // max(samples, 1))
        return [slice(start, start + size) for start in range(0, width, size)]

    def _checked(self, state: FloatArray) -> FloatArray:
        array = np.asarray(state, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != 1 + self.data.dim or not len(array):
            raise InputError(
                f"The weights have shape {array.shape}; data of dimension {self.data.dim} need "
                f"(m, {1 + self.data.dim}): columns a, w1 to w{self.data.dim}, with m at least 1."
            )
        return array
