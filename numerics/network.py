"""The two-layer network f(x) = Σ_k a_k σ(w_k·x) and the gradient flow of its risk, written out by hand.

This file is the witness against which derived equations are held: it knows the network and the risk
R = ½ Σ_i weight_i (f(x_i) − y_i)², and nothing about their reductions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from numerics.activation import Activation
from numerics.array import FloatArray
from numerics.dataset import Dataset
from numerics.errors import InputError
from numerics.kernels.choice import Choice, choose, solver_for

if TYPE_CHECKING:
    from numerics.kernels.stepping import Solver

_STORED_PAIRS = 2**23  # neuron-sample pairs kept in memory at once, beyond which they are computed twice
_CACHED_PAIRS = 2**16  # pairs worked on at once: what fits the processor's cache


@dataclass(eq=False)
class Network:
    """A network of any width on fixed data; a state is an array (m, 1 + d) of columns a, w1, …, wd.

    ``neuron_weights`` (m,), equal to 1 if not given, let a neuron stand for several: f(x) = Σ_k μ_k a_k
    σ(w_k·x), while each neuron follows the flow of its own (a_k, w_k) as one of them.

    With an odd activation and data that contain (−x, −y) with each (x, y), the two samples of a pair say
    the same, and half of them are enough; ``use_symmetry=False`` keeps all. ``kernels`` is "auto", "plain"
    (the sums as they are written here) or a name of ``numerics.kernels``: other ways to the same drift, which
    agree to rounding. One object keeps work space between calls, so it is for one thread at a time.

    InputError for weights of neurons that are not positive and finite, one a neuron.
    """

    activation: Activation
    data: Dataset
    use_symmetry: bool = True
    neuron_weights: FloatArray | None = None
    kernels: str = "auto"
    _x: FloatArray = field(init=False, repr=False)
    _y: FloatArray = field(init=False, repr=False)
    _weights: FloatArray = field(init=False, repr=False)
    _constant_loss: float = field(init=False, repr=False, default=0.0)
    _space: FloatArray = field(init=False, repr=False, default_factory=lambda: np.empty(0))
    _choice: tuple[int, Choice] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        data = self.data
        if self.neuron_weights is not None:
            mu = np.array(self.neuron_weights, dtype=np.float64)
            if mu.ndim != 1 or not len(mu) or not np.all((mu > 0) & (mu < np.inf)):
                raise InputError("The weights of the neurons must be positive, finite numbers, one a neuron.")
            self.neuron_weights = mu
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
        self.kernel_for(1)  # refuses a kernel that does not fit

    def kernel_for(self, width: int) -> Choice:
        """The kernels that a state of this width is given to, in order of preference, and the reason."""
        if self._choice is None or self._choice[0] != width:
            chosen = choose(self.kernels, self.activation, self._x, self._y, self._weights, width)
            self._choice = (width, chosen)
        return self._choice[1]

    @property
    def uses_symmetry(self) -> bool:
        """Whether one sample of each ± pair is left out of the sums."""
        return self.use_symmetry and self.activation.odd and self.data.is_symmetric

    @property
    def summed(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """x, y and weights of the samples that the sums run over: all, or one of each ± pair."""
        return self._x, self._y, self._weights

    def solver(self, width: int) -> Solver | None:
        """The integrator's steps in compiled form for states of this width, where there are any."""
        return solver_for(self.kernels, self.activation, self.summed, self.neuron_weights, width)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_space": np.empty(0), "_choice": None}

    def output(self, state: FloatArray, x: FloatArray) -> FloatArray:
        """f at the points x (n, d): shape (n,)."""
        state = self._checked(state)
        total = np.zeros(len(x))
        for part in self._parts(len(state), len(x)):
            inner = self._inner(state[part, 1:], np.asarray(x, dtype=np.float64))
            total += self._outer(state)[part] @ self.activation.value(inner)
        return total

    def residual(self, state: FloatArray) -> FloatArray:
        """f(x_i) − y_i at every sample of the data: shape (n,)."""
        return self.output(state, self.data.x) - self.data.y

    def loss(self, state: FloatArray) -> float:
        """R = ½ Σ_i weight_i (f(x_i) − y_i)²."""
        state = self._checked(state)
        for kernel in self.kernel_for(len(state)).kernels:
            output = kernel.output(state, self._outer(state))
            if output is not None:
                break
        else:
            output = self.output(state, self._x)
        residual = output - self._y
        return 0.5 * float(self._weights @ (residual * residual)) + self._constant_loss

    def drift(self, state: FloatArray) -> FloatArray:
        """−∇R in the neurons' own coordinates, shape (m, 1 + d): the right-hand side of the gradient flow.

        da_k/dt = −Σ_i weight_i r_i σ(w_k·x_i),  dw_k/dt = −a_k Σ_i weight_i r_i σ'(w_k·x_i) x_i.
        """
        state = self._checked(state)
        for kernel in self.kernel_for(len(state)).kernels:
            found = kernel.drift(state, self._outer(state))
            if found is not None:
                return found
        return self._plain_drift(state)

    def _plain_drift(self, state: FloatArray) -> FloatArray:
        """The sums as they are written, in two passes over blocks of neurons."""
        outer = self._outer(state)
        width, samples = len(state), len(self._y)
        stored = width * samples <= _STORED_PAIRS
        inner, value, slope = self._work_space(width if stored else self._block(samples), samples)
        total = np.zeros(samples)
        drift = np.empty_like(state)
        for part in self._parts(width, samples):
            rows = part if stored else slice(0, len(state[part]))
            self._fill(state[part], inner, value[rows], slope[rows])
            total += outer[part] @ value[rows]
        pull = (self._y - total) * self._weights
        pull_x = pull[:, None] * self._x
        for part in self._parts(width, samples):
            rows = part if stored else slice(0, len(state[part]))
            if not stored:
                self._fill(state[part], inner, value[rows], slope[rows])
            drift[part, 0] = value[rows] @ pull
            np.multiply(state[part, :1], slope[rows] @ pull_x, out=drift[part, 1:])
        return drift

    def _fill(self, state: FloatArray, inner: FloatArray, value: FloatArray, slope: FloatArray) -> None:
        """σ(w_k·x_i) and σ'(w_k·x_i) of a block of neurons, each (neurons, samples)."""
        inner = inner[: len(state)]
        self._inner(state[:, 1:], self._x, inner)
        self.activation.fill(inner, value, slope)

    def _work_space(self, rows: int, samples: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Arrays for w·x of one block, and for σ and σ' of ``rows`` neurons; kept from call to call."""
        block = self._block(samples)
        size = (block + 2 * rows) * samples
        if self._space.size < size:
            self._space = np.empty(size)
        space = self._space[:size].reshape(block + 2 * rows, samples)
        return space[:block], space[block : block + rows], space[block + rows :]

    def _inner(self, weights: FloatArray, x: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """w_k·x_i, (neurons, samples)."""
        if self.data.dim == 1:
            return np.multiply(weights, x[:, 0], out=out)
        return np.matmul(weights, x.T, out=out)

    @staticmethod
    def _block(samples: int) -> int:
        return max(1, _CACHED_PAIRS // max(samples, 1))

    def _outer(self, state: FloatArray) -> FloatArray:
        """a_k, or μ_k a_k: what a neuron gives to f for each unit of σ."""
        return state[:, 0] if self.neuron_weights is None else self.neuron_weights * state[:, 0]

    def _parts(self, width: int, samples: int) -> list[slice]:
        size = self._block(samples)
        return [slice(start, min(start + size, width)) for start in range(0, width, size)]

    def _checked(self, state: FloatArray) -> FloatArray:
        array = np.asarray(state, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != 1 + self.data.dim or not len(array):
            raise InputError(
                f"The weights have shape {array.shape}; data of dimension {self.data.dim} need "
                f"(m, {1 + self.data.dim}): columns a, w1 to w{self.data.dim}, with m at least 1."
            )
        if self.neuron_weights is not None and len(self.neuron_weights) != len(array):
            raise InputError(
                f"There are {len(array)} neurons, but weights for {len(self.neuron_weights)} of them."
            )
        return array
