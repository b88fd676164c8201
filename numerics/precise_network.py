"""The full network in multiple precision, and its linearisation in double precision.

The same gradient flow as `numerics.network`, from R = ½ Σ_i weight_i (f(x_i) − y_i)². Data and initial weights that are
floats are taken as the dyadic numbers they are; equal weights of n samples are exactly 1/n.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, fmpq

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.balls.from_formula import ball_activation
from numerics.dataset import Dataset

Pairs = Callable[[list[arb]], tuple[list[arb], list[arb]]]
Entry = float | int | Fraction
Numbers = tuple[Sequence[Sequence[Entry]], Sequence[Entry]]


def exact(value: Entry) -> arb:
    """A float as the dyadic number that it is, a Fraction as a ball at the working precision."""
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(value)


class PreciseNetwork:
    """Drift of a named activation, or of a formula in u, on a data set. InputError for one that is not analytic.

    States are flat: all a_k, then w_1, w_2, … neuron by neuron; ``size`` = m (1 + d). ``numbers`` = (inputs, labels)
    replaces the data's doubles by exact rationals. Constants are made at the working precision.
    """

    def __init__(self, name: str, data: Dataset, width: int, numbers: Numbers | None = None) -> None:
        self.name = name
        self.width = width
        self.dim = data.dim
        self.double = activation(name)
        self.pairs = _pairs(name)
        chosen, factor = list(range(data.samples)), 1
        if numbers is None and self.double.odd and data.is_symmetric and np.all(np.any(data.x, axis=1)):
            # With (x, y) and (−x, −y) in pairs, one of each with twice the weight gives the same gradient.
            chosen, factor = [i for i in chosen if tuple(data.x[i]) > tuple(-data.x[i])], 2
        self.x, self.y = data.x[chosen], data.y[chosen]
        self.weights = data.weights[chosen] * factor
        inputs, labels = (data.x.tolist(), data.y.tolist()) if numbers is None else numbers
        self._points = arb_mat([[exact(v) for v in inputs[i]] for i in chosen])
        self._across = self._points.transpose()
        self._targets = [exact(labels[i]) for i in chosen]
        equal = len(set(data.weights.tolist())) == 1
        self._weights = [
            exact(Fraction(factor, data.samples)) if equal else exact(float(data.weights[i])) * factor
            for i in chosen
        ]

    @property
    def size(self) -> int:
        return self.width * (1 + self.dim)

    def flatten(self, state: Sequence[Sequence[arb]]) -> list[arb]:
        """Rows (a, w1 … wd) to the flat order."""
        return [row[0] for row in state] + [entry for row in state for entry in row[1:]]

    def parts(self, flat: Sequence[arb]) -> tuple[list[arb], list[arb]]:
        """Output weights (m,) and input weights (m d,), neuron by neuron."""
        return list(flat[: self.width]), list(flat[self.width :])

    def forward(self, flat: Sequence[arb]) -> tuple[list[arb], arb_mat, list[arb]]:
        """Residuals f(x_i) − y_i, σ at every (neuron, sample) as a matrix, and σ' there, flat."""
        a, w = self.parts(flat)
        inner = arb_mat(self.width, self.dim, w) * self._across
        values, slope = self.pairs(inner.entries())
        value = arb_mat(self.width, len(self._targets), values)
        outputs = arb_mat(1, self.width, a) * value
        residual = [f - y for f, y in zip(outputs.entries(), self._targets, strict=True)]
        return residual, value, slope

    def drift(self, flat: Sequence[arb]) -> list[arb]:
        """−∇R in the flat order."""
        a, _ = self.parts(flat)
        residual, value, slope = self.forward(flat)
        samples = len(self._targets)
        pull = [-p * r for p, r in zip(self._weights, residual, strict=True)]
        rate_a = value * arb_mat(samples, 1, pull)
        scaled = arb_mat(
            samples, self.dim, [pull[i] * self._points[i, c] for i in range(samples) for c in range(self.dim)]
        )
        rate_w = (arb_mat(self.width, samples, slope) * scaled).entries()
        turned = [a[k] * rate_w[k * self.dim + c] for k in range(self.width) for c in range(self.dim)]
        return [entry.mid() for entry in (*rate_a.entries(), *turned)]

    def loss(self, flat: Sequence[arb]) -> arb:
        """R."""
        residual, _, _ = self.forward(flat)
        total = sum((p * r * r for p, r in zip(self._weights, residual, strict=True)), arb(0))
        return (total / 2).mid()

    def order_parameters(self, flat: Sequence[arb]) -> tuple[arb, arb]:
        """P and Q, (17) and (18)."""
        a, w = self.parts(flat)
        first = w[:: self.dim]
        product = sum((p * q for p, q in zip(a, first, strict=True)), arb(0))
        squares = sum((p * p + q * q for p, q in zip(a, first, strict=True)), arb(0))
        return product.mid(), (squares / 2).mid()

    def drift_double(self, flat: FloatArray) -> FloatArray:
        """−∇R in double precision, shape (size,)."""
        a, w = flat[: self.width], flat[self.width :].reshape(self.width, self.dim)
        inner = w @ self.x.T
        value, slope = self.double.value(inner), self.double.derivative(inner)
        pull = -self.weights * (a @ value - self.y)
        return np.concatenate([value @ pull, (a[:, None] * ((slope * pull) @ self.x)).ravel()])

    def linearised(self, states: FloatArray) -> Callable[[FloatArray], FloatArray]:
        """v ↦ J v at several states at once, both of shape (nodes, size), in double precision."""
        nodes = len(states)
        a = states[:, : self.width]
        w = states[:, self.width :].reshape(nodes, self.width, self.dim)
        inner = np.einsum("skd,id->ski", w, self.x)
        value, slope = self.double.value(inner), self.double.derivative(inner)
        assert self.double.second is not None  # names and formulas have one
        bend = self.double.second(inner)
        residual = np.einsum("sk,ski->si", a, value) - self.y
        pull = self.weights * residual

        def apply(v: FloatArray) -> FloatArray:
            va = v[:, : self.width]
            shift = np.einsum("skd,id->ski", v[:, self.width :].reshape(nodes, self.width, self.dim), self.x)
            change = np.einsum("sk,ski->si", va, value) + np.einsum("sk,ski,ski->si", a, slope, shift)
            moved = self.weights * change
            rate_a = -np.einsum("si,ski->sk", moved, value) - np.einsum("si,ski,ski->sk", pull, slope, shift)
            inside = va[:, :, None] * pull[:, None, :] * slope
            inside += a[:, :, None] * (moved[:, None, :] * slope + pull[:, None, :] * bend * shift)
            rate_w = -np.einsum("ski,id->skd", inside, self.x)
            return np.concatenate([rate_a, rate_w.reshape(nodes, -1)], axis=1)

        return apply


def _pairs(name: str) -> Pairs:
    """Lists of σ and of σ' of the numbers in a list."""
    if name == "tanh":

        def tanh_pairs(inner: list[arb]) -> tuple[list[arb], list[arb]]:
            one = arb(1)
            values = list(map(arb.tanh, inner))
            return values, [one - t * t for t in values]

        return tanh_pairs
    known = ball_activation(name)

    def pairs(inner: list[arb]) -> tuple[list[arb], list[arb]]:
        found = [known.interval(u) for u in inner]
        return [value for value, _, _ in found], [slope for _, slope, _ in found]

    return pairs
