"""A fully connected network of any depth and widths, with its gradient and Hessian products, written out by hand.

    h_0 = x,   z_l = W_l h_{l−1} + b_l,   h_l = σ(z_l) for l < d,   f(x) = z_d,
    L = ½ Σ_i p_i mean_k (f_k(x_i) − y_ik)²,   p_i = 1/n unless weights are given:

half the mean over examples and outputs of the squared residual. The depth d counts the layers of weights, so that
d = 2 has one hidden layer. The gradient is reverse accumulation, and a Hessian product is that reverse pass
differentiated along a direction (forward over reverse; Pearlmutter, Neural Computation 6, 1994): exact up to
rounding wherever σ is twice differentiable. For relu that is everywhere but on the hyperplanes z = 0, of measure
zero, where the slope is taken as 0; there and across them the product knows nothing of the kink.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.activation import Activation
from numerics.activation import activation as named_or_formula
from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.sampling import standard_normals

MOST_PARAMETERS = 4000  # of a dense Hessian
_STREAM = 1  # of the generator: stream 0 belongs to the two-layer network


def _relu(u: FloatArray) -> FloatArray:
    return np.maximum(u, 0.0)


def _step(u: FloatArray) -> FloatArray:
    return (u > 0.0).astype(np.float64)


def _identity(u: FloatArray) -> FloatArray:
    return np.array(u, dtype=np.float64)


RELU = Activation("relu", _relu, _step, second=np.zeros_like, note="slope 0 and 1 on the sides of zero")
LINEAR = Activation("linear", _identity, np.ones_like, second=np.zeros_like, odd=True)


class Layer(NamedTuple):
    """One layer's part of a parameter vector, as views: ``weight`` (fan_out, fan_in), ``bias`` (fan_out,) or None."""

    weight: FloatArray
    bias: FloatArray | None


@dataclass(eq=False)
class FullyConnected:
    """A network on fixed data ``x`` (n, inputs), ``y`` (n, outputs) or (n,), with ``weights`` (n,) of sum 1.

    ``hidden`` are the widths of the hidden layers; ``activation`` is relu, linear, or what
    ``numerics.activation`` knows. A parameter vector ``theta`` (size,) holds, layer after layer, the rows of W_l
    and then, with ``bias``, b_l; ``layers(theta)`` shows it as matrices. InputError for shapes that do not fit,
    numbers that are not finite, or an activation without a second derivative.
    """

    x: FloatArray
    y: FloatArray
    hidden: Sequence[int]
    activation: str | Activation = "relu"
    bias: bool = False
    weights: FloatArray | None = None
    _sigma: Activation = field(init=False, repr=False)
    _p: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.x = np.array(self.x, dtype=np.float64)
        self.y = np.array(self.y, dtype=np.float64)
        if self.y.ndim == 1:
            self.y = self.y[:, None]
        if (
            self.x.ndim != 2
            or self.y.ndim != 2
            or len(self.x) != len(self.y)
            or not self.x.size * self.y.size
        ):
            raise InputError(
                f"The data have shapes x {self.x.shape} and y {self.y.shape}; they must be (n, inputs) and "
                "(n, outputs), with one row an example."
            )
        for name in ("x", "y"):
            if not np.all(np.isfinite(getattr(self, name))):
                raise InputError(f"The data hold a number that is not finite, in {name}.")
        self.hidden = tuple(int(width) for width in self.hidden)
        if any(width < 1 for width in self.hidden):
            raise InputError(f"The hidden widths are {self.hidden}; each must be at least 1.")
        self._sigma = _known(self.activation)
        if self.weights is None:
            self._p = np.full(len(self.x), 1.0 / len(self.x))
        else:
            self._p = np.array(self.weights, dtype=np.float64)
            if self._p.shape != self.x.shape[:1] or np.any(self._p < 0) or abs(self._p.sum() - 1) > 1e-12:
                raise InputError(
                    "The weights of the examples must be one an example, not negative, and of sum 1."
                )

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Inputs, hidden widths, outputs."""
        return (self.x.shape[1], *self.hidden, self.y.shape[1])

    @property
    def depth(self) -> int:
        """The number of layers of weights."""
        return len(self.hidden) + 1

    @cached_property
    def size(self) -> int:
        """The number of parameters."""
        return sum(o * (i + self.bias) for i, o in zip(self.widths, self.widths[1:], strict=False))

    @property
    def samples(self) -> int:
        """n"""
        return len(self.x)

    def layers(self, theta: FloatArray) -> list[Layer]:
        """Views of a parameter vector (or of several, (…, size)) as matrices and biases (…, fan_out, fan_in)."""
        lead, place, found = theta.shape[:-1], 0, []
        if theta.shape[-1:] != (self.size,):
            raise InputError(
                f"A parameter vector of widths {self.widths} has {self.size} numbers, not shape {theta.shape}."
            )
        for i, o in zip(self.widths, self.widths[1:], strict=False):
            weight = theta[..., place : place + o * i].reshape(*lead, o, i)
            place += o * i
            bias = theta[..., place : place + o] if self.bias else None
            place += o * self.bias
            found.append(Layer(weight, bias))
        return found

    def initial(self, seed: int, *, bias_scale: float = 0.0, first_stream: int = _STREAM) -> FloatArray:
        """Random parameters (size,) of the standard parameterisation.

        Independent normal weights of variance 2/fan_in in the hidden layers with relu, 1/fan_in with every other
        activation and in the last layer; biases of standard deviation ``bias_scale``. Every number depends on the
        seed, its layer, its row and the fan-in alone. Another ``first_stream`` (`numerics.sampling`) gives a network
        that is independent of this one. InputError for a seed outside [0, 2**64).
        """
        if not 0 <= seed < 2**64:
            raise InputError(f"The seed is {seed}; it must be an integer from 0 to 2**64 - 1.")
        if not (math.isfinite(bias_scale) and bias_scale >= 0):
            raise InputError(f"The scale of the biases is {bias_scale}; it must be finite and not negative.")
        theta = np.empty(self.size)
        for number, layer in enumerate(self.layers(theta)):
            rows, fan_in = layer.weight.shape
            normal = standard_normals(seed, fan_in, 0, rows, stream=first_stream + number)
            gain = 2.0 if self._sigma.name == "relu" and number < self.depth - 1 else 1.0
            layer.weight[...] = math.sqrt(gain / fan_in) * normal[:, 1:]
            if layer.bias is not None:
                layer.bias[...] = bias_scale * normal[:, 0]
        return theta

    def output(self, theta: FloatArray, x: FloatArray | None = None) -> FloatArray:
        """f at the points ``x`` (n, inputs), those of the data if not given: shape (n, outputs)."""
        h = self.x if x is None else np.asarray(x, dtype=np.float64)
        layers = self.layers(_vector(theta))
        for number, (weight, bias) in enumerate(layers):
            z = h @ weight.T
            if bias is not None:
                z += bias
            h = z if number == self.depth - 1 else self._sigma.value(z)
        return h

    def residual(self, theta: FloatArray) -> FloatArray:
        """f(x_i) − y_i, shape (n, outputs)."""
        return self.output(theta) - self.y

    def loss(self, theta: FloatArray) -> float:
        """L = ½ Σ_i p_i mean_k r_ik²: half the mean over examples and outputs."""
        residual = self.residual(theta)
        return 0.5 * float(self._p @ np.mean(residual * residual, axis=1))

    def gradient(self, theta: FloatArray) -> FloatArray:
        """∇L, shape (size,)."""
        return self.at(theta).gradient

    def hessian_product(self, theta: FloatArray, v: FloatArray) -> FloatArray:
        """∇²L v for a direction ``v`` (size,), or for several at once, (k, size). ``at(theta)`` keeps the passes."""
        return self.at(theta).product(v)

    def hessian(self, theta: FloatArray) -> FloatArray:
        """∇²L, shape (size, size), exactly symmetric. InputError above MOST_PARAMETERS parameters."""
        return self.at(theta).dense()

    def at(self, theta: FloatArray) -> Expansion:
        """The loss, its gradient and its Hessian at one point, from one forward and one backward pass."""
        return Expansion(self, theta)

    def batch(self, rows: NDArray[np.int64], weights: FloatArray) -> FullyConnected:
        """The same network on some of the examples (with repetitions), with other weights (b,)."""
        part: FullyConnected = object.__new__(FullyConnected)
        part.__dict__.update(self.__dict__)
        part.x, part.y, part._p, part.weights = self.x[rows], self.y[rows], weights, weights
        return part

    def fill(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """σ(z) and σ'(z)."""
        if self._sigma is LINEAR:
            return z, np.ones_like(z)
        if self._sigma.pair is None:
            return self._sigma.value(z), self._sigma.derivative(z)
        value, slope = np.empty_like(z), np.empty_like(z)
        self._sigma.pair(z.copy(), value, slope)
        return value, slope

    def curvature(self, z: FloatArray) -> FloatArray | None:
        """σ''(z); None where it is zero everywhere it exists."""
        if self._sigma.second is None or self._sigma in (RELU, LINEAR):
            return None
        return self._sigma.second(z)

    @property
    def example_weights(self) -> FloatArray:
        """p_i, shape (n,)."""
        return self._p


class Expansion:
    """The loss to second order about ``theta``: ``loss``, ``gradient`` (size,), and products with the Hessian."""

    def __init__(self, network: FullyConnected, theta: FloatArray) -> None:
        self.network, self.theta = network, _vector(theta)
        self._layers = network.layers(self.theta)
        h, self._entering, self._z, self._slope = network.x, [], [], []
        for number, (weight, bias) in enumerate(self._layers):
            self._entering.append(h)
            z = h @ weight.T
            if bias is not None:
                z += bias
            if number < network.depth - 1:
                h, slope = network.fill(z)
                self._z.append(z)
                self._slope.append(slope)
        residual = z - network.y
        p = network.example_weights
        self.loss = 0.5 * float(p @ np.mean(residual * residual, axis=1))
        self._scale = p[:, None] / residual.shape[1]
        self._top = self._scale * residual

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.network.size

    @property
    def direction_shape(self) -> tuple[int, ...]:
        """(size,)"""
        return (self.size,)

    @cached_property
    def _backward(self) -> tuple[list[FloatArray], list[FloatArray]]:
        """∂L/∂z_l (n, width) of every layer, and ∂L/∂h_l of the hidden ones."""
        below: list[FloatArray] = []
        deltas = [self._top]
        for number in range(self.network.depth - 1, 0, -1):
            below.append(deltas[-1] @ self._layers[number].weight)
            deltas.append(below[-1] * self._slope[number - 1])
        return deltas[::-1], below[::-1]

    @cached_property
    def gradient(self) -> FloatArray:
        """∇L, shape (size,)."""
        found = np.empty(self.size)
        for (weight, bias), h, delta in zip(
            self.network.layers(found), self._entering, self._backward[0], strict=True
        ):
            np.matmul(delta.T, h, out=weight)
            if bias is not None:
                bias[...] = delta.sum(axis=0)
        return found

    @cached_property
    def _bend(self) -> list[FloatArray | None]:
        """∂L/∂h_l · σ''(z_l) of the hidden layers, (n, width); None where σ'' vanishes."""
        bends: list[FloatArray | None] = []
        for z, below in zip(self._z, self._backward[1], strict=True):
            curvature = self.network.curvature(z)
            bends.append(None if curvature is None else below * curvature)
        return bends

    def product(self, v: FloatArray) -> FloatArray:
        """∇²L v for ``v`` (size,), or (k, size) for several at once; the answer has the shape of v."""
        direction = np.asarray(v, dtype=np.float64)
        along = self.network.layers(direction)
        last = self.network.depth - 1
        deltas = self._backward[0]
        # The change of every layer's entry and of its z, forward.
        change: FloatArray | None = None
        entering: list[FloatArray | None] = []
        inner: list[FloatArray] = []
        for number, ((weight, _), (dw, db)) in enumerate(zip(self._layers, along, strict=True)):
            entering.append(change)
            dz = self._entering[number] @ dw.swapaxes(-1, -2)
            if change is not None:
                dz += change @ weight.T
            if db is not None:
                dz += db[..., None, :]
            if number < last:
                inner.append(dz)
                change = self._slope[number] * dz
        # The change of every layer's ∂L/∂z, and with it that of the gradient, backward.
        delta_change = self._scale * dz
        found = np.empty_like(direction)
        parts = self.network.layers(found)
        for number in range(last, -1, -1):
            weight, bias = parts[number]
            np.matmul(delta_change.swapaxes(-1, -2), self._entering[number], out=weight)
            before = entering[number]
            if before is not None:
                weight += deltas[number].T @ before
            if bias is not None:
                bias[...] = delta_change.sum(axis=-2)
            if number:
                below = delta_change @ self._layers[number].weight + deltas[number] @ along[number].weight
                delta_change = below * self._slope[number - 1]
                bend = self._bend[number - 1]
                if bend is not None:
                    delta_change += bend * inner[number - 1]
        return found

    def dense(self) -> FloatArray:
        """∇²L, shape (size, size), exactly symmetric. InputError above MOST_PARAMETERS parameters."""
        if self.size > MOST_PARAMETERS:
            raise InputError(
                f"The dense Hessian of {self.size} parameters is too large (at most {MOST_PARAMETERS}); "
                "use products and extreme_eigenvalues."
            )
        matrix = np.empty((self.size, self.size))
        widest = max(self.network.widths) * self.network.samples
        block = max(1, 2**20 // max(widest, self.size))
        for start in range(0, self.size, block):
            rows = slice(start, min(start + block, self.size))
            matrix[rows] = self.product(np.eye(rows.stop - start, self.size, start))
        return np.asarray(0.5 * (matrix + matrix.T))


def _vector(theta: FloatArray) -> FloatArray:
    array = np.asarray(theta, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(f"A parameter vector is one row of numbers, not of shape {array.shape}.")
    return array


def _known(given: str | Activation) -> Activation:
    found = given if isinstance(given, Activation) else {"relu": RELU, "linear": LINEAR}.get(given.strip())
    if found is None:
        try:
            found = named_or_formula(str(given))
        except InputError as error:
            raise InputError(f"The activation is neither relu nor linear. {error}") from None
    if found.second is None:
        raise InputError(f"The activation {found.name!r} has no second derivative; give one as `second`.")
    return found
