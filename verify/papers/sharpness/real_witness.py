"""A second way to train a small network: gradients as sums over layers with einsum, sharpness by power iteration on
central differences of gradients. It shares the task and the initial weights with the checks, and no formula."""

from __future__ import annotations

from functools import cache

import numpy as np

from numerics.array import FloatArray
from verify.papers.sharpness.real_draws import network

Weights = list[FloatArray]

_ROUNDS = 60
_STEP = 1e-5


class Plain:
    """One draw: task, weights, and what can be measured of it."""

    def __init__(
        self, depth: int, width: int, seed: int, activation: str = "relu", samples: int = 64
    ) -> None:
        model = network(depth, width, seed, activation, samples)
        theta = model.initial(seed)
        self.x, self.y, self.activation = model.x, model.y, activation
        self.start: Weights = [np.array(layer.weight) for layer in model.layers(theta)]

    def bent(self, z: FloatArray) -> FloatArray:
        """σ(z)."""
        if self.activation == "relu":
            return np.where(z > 0, z, 0.0)
        return z if self.activation == "linear" else np.sinh(z) / np.cosh(z)

    def slope(self, h: FloatArray) -> FloatArray:
        """σ'(z) from h = σ(z)."""
        if self.activation == "relu":
            return np.asarray(h > 0, dtype=np.float64)
        return np.ones_like(h) if self.activation == "linear" else np.asarray(1 - h**2)

    def forward(self, weights: Weights) -> list[FloatArray]:
        """Entries of every layer, and the output at the end."""
        entries = [self.x]
        for number, weight in enumerate(weights):
            z = np.einsum("ni,oi->no", entries[-1], weight)
            if number < len(weights) - 1:
                z = self.bent(z)
            entries.append(z)
        return entries

    def loss(self, weights: Weights) -> float:
        return float(np.sum((self.forward(weights)[-1] - self.y) ** 2) / (2 * self.y.size))

    def gradient(self, weights: Weights) -> Weights:
        entries = self.forward(weights)
        back = (entries[-1] - self.y) / self.y.size
        found: Weights = []
        for number in range(len(weights) - 1, -1, -1):
            found.insert(0, np.einsum("no,ni->oi", back, entries[number]))
            h = entries[number]
            back = np.einsum("no,oi->ni", back, weights[number])
            if number:
                back = back * self.slope(h)
        return found

    def sharpness(self, weights: Weights) -> float:
        generator = np.random.Generator(np.random.Philox(key=7))
        v = [generator.standard_normal(weight.shape) for weight in weights]
        size = 1.0
        for _ in range(_ROUNDS):
            norm = np.sqrt(sum(float(np.sum(part**2)) for part in v))
            v = [part / norm for part in v]
            ahead = self.gradient([w + _STEP * part for w, part in zip(weights, v, strict=True)])
            behind = self.gradient([w - _STEP * part for w, part in zip(weights, v, strict=True)])
            image = [(a - b) / (2 * _STEP) for a, b in zip(ahead, behind, strict=True)]
            size = sum(float(np.sum(p * q)) for p, q in zip(v, image, strict=True))
            v = image
        return size

    def after(self, steps: int, rate: float) -> Weights:
        weights = self.start
        for _ in range(steps):
            weights = [w - rate * g for w, g in zip(weights, self.gradient(weights), strict=True)]
        return weights


@cache
def plain_ratio(depth: int, width: int, seed: int, c: float, steps: int = 10) -> float:
    """λ_t/λ_0 after so many steps with η = c/λ_0."""
    draw = Plain(depth, width, seed)
    first = draw.sharpness(draw.start)
    return draw.sharpness(draw.after(steps, c / first)) / first


@cache
def plain_c_loss(depth: int, width: int, seed: int, activation: str = "relu") -> float:
    """c_loss of one draw by plain loops, in steps of 1 %; inf where the loss does not rise below c = 40."""
    draw = Plain(depth, width, seed, activation)
    first, loss = draw.sharpness(draw.start), draw.loss(draw.start)
    c = 1.5
    while c < 40:
        weights = draw.start
        with np.errstate(all="ignore"):
            for _ in range(10):
                weights = [w - c / first * g for w, g in zip(weights, draw.gradient(weights), strict=True)]
                if not draw.loss(weights) <= loss:
                    return c
        c *= 1.01
    return float("inf")
