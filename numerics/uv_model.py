"""The uv model with all its parameters: f = x u·v/√w, L = ½(f − y)², trained by full-batch gradient descent.

Written by hand from the loss, for any width, many draws at once; nothing of the theory takes part. Arrays of weights
have the shape (…, w), and whatever is measured of them the shape (…).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.sampling import standard_normals

if TYPE_CHECKING:
    from flint import arb

_KRYLOV = 4  # the Hessian has at most four different eigenvalues, whatever the width


@dataclass(frozen=True)
class UVNetwork:
    """The model on the example (x, y).

    InputError where x is zero or one of the two is not finite.
    """

    x: float = 1.0
    y: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.x) and math.isfinite(self.y)) or self.x == 0:
            raise InputError(f"The example ({self.x}, {self.y}) must be finite, with x not zero.")

    def output(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """f."""
        return np.asarray(self.x * np.einsum("...i,...i->...", u, v) / math.sqrt(u.shape[-1]))

    def loss(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """L."""
        return np.asarray((self.output(u, v) - self.y) ** 2 / 2)

    def trace(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """λ = |∇f|², the neural tangent kernel on the example."""
        squares = np.einsum("...i,...i->...", u, u) + np.einsum("...i,...i->...", v, v)
        return np.asarray(self.x**2 * squares / u.shape[-1])

    def gradient(self, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
        """∂L/∂u and ∂L/∂v."""
        slope = ((self.output(u, v) - self.y) * self.x / math.sqrt(u.shape[-1]))[..., None]
        return slope * v, slope * u

    def step(self, u: FloatArray, v: FloatArray, rate: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """Weights after one step with the learning rate(s) ``rate``, of shape (…) or one number."""
        along_u, along_v = self.gradient(u, v)
        rates = np.asarray(rate)[..., None]
        return u - rates * along_u, v - rates * along_v

    def hessian(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """The dense Hessian of L in (u, v), shape (…, 2w, 2w)."""
        w = u.shape[-1]
        gradient_of_output = self.x / math.sqrt(w) * np.concatenate([v, u], axis=-1)
        dense = gradient_of_output[..., :, None] * gradient_of_output[..., None, :]
        exchange = np.kron([[0.0, 1.0], [1.0, 0.0]], np.eye(w))
        residual = self.output(u, v) - self.y
        return np.asarray(dense + (residual * self.x / math.sqrt(w))[..., None, None] * exchange)

    def hessian_product(
        self, u: FloatArray, v: FloatArray, along_u: FloatArray, along_v: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """The Hessian of L times a direction."""
        scale = self.x / math.sqrt(u.shape[-1])
        h = (scale * (self.output(u, v) - self.y))[..., None]
        inner = np.einsum("...i,...i->...", v, along_u) + np.einsum("...i,...i->...", u, along_v)
        rank_one = scale**2 * inner[..., None]
        return h * along_v + rank_one * v, h * along_u + rank_one * u

    def sharpness(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """The largest eigenvalue of the Hessian, by four steps of Lanczos from the direction (v + 2u, v − u).

        That is exact up to rounding: there are at most four different eigenvalues, so that four steps exhaust the
        Krylov space, and the start has a part along the eigenvector of the largest one.
        """
        half = u.shape[-1]
        vector = _unit(np.concatenate([v + 2 * u, v - u], axis=-1))
        basis = [vector]
        matrix = np.zeros((*u.shape[:-1], _KRYLOV, _KRYLOV))
        for i in range(_KRYLOV):
            image = np.concatenate(
                self.hessian_product(u, v, basis[i][..., :half], basis[i][..., half:]), axis=-1
            )
            size = np.linalg.norm(image, axis=-1, keepdims=True)
            for repeated in (False, True):
                for j, earlier in enumerate(basis):
                    along = np.einsum("...i,...i->...", image, earlier)
                    image = image - along[..., None] * earlier
                    if not repeated:
                        matrix[..., i, j] = matrix[..., j, i] = along
            left = np.linalg.norm(image, axis=-1, keepdims=True)
            # A Krylov space that is complete is left alone: rounding is no direction.
            basis.append(np.where(left > 1e-12 * size, _unit(image), 0.0))
        return np.asarray(np.linalg.eigvalsh(matrix)[..., -1])


def _unit(vector: FloatArray) -> FloatArray:
    size = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.asarray(np.divide(vector, size, out=np.zeros_like(vector), where=size > 0))


def gaussian_weights(seed: int, draws: int, width: int, *, first: int = 0) -> tuple[FloatArray, FloatArray]:
    """u and v of independent standard normal entries, each of shape (draws, width).

    Draw number i depends on the seed, the width and i alone. ``first`` is the number of the first draw. InputError for
    a width, a number of draws or a seed that makes no sense.
    """
    if width < 1 or draws < 1 or first < 0:
        raise InputError(f"{draws} draws of width {width} from number {first} on cannot be made.")
    if not 0 <= seed < 2**64:
        raise InputError(f"The seed is {seed}; it must be an integer from 0 to 2**64 - 1.")
    normal = standard_normals(seed, 1, first * width, draws * width).reshape(draws, width, 2)
    return np.ascontiguousarray(normal[..., 0]), np.ascontiguousarray(normal[..., 1])


def descend_uv(
    network: UVNetwork, u: FloatArray, v: FloatArray, rate: FloatArray | float, steps: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Weights after 0, 1 … ``steps`` steps. What diverges becomes inf and then NaN, without a warning."""
    yield u, v
    for _ in range(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            u, v = network.step(u, v, rate)
        yield u, v


def precise_descent(
    u: Sequence[float], v: Sequence[float], *, x: float, y: float, rate: float, steps: int, bits: int = 512
) -> list[tuple[arb, arb]]:
    """(f, λ) after 0, 1 … ``steps`` steps in ball arithmetic, every given number taken exactly.

    The balls hold the exact values; where they are too wide to be of use, ask for more ``bits``.
    """
    from flint import arb

    from numerics.precision import working_precision

    with working_precision(bits):
        us, vs = [arb(value) for value in u], [arb(value) for value in v]
        example, target, eta = arb(x), arb(y), arb(rate)
        root = arb(len(us)).sqrt()
        found = []
        for remaining in range(steps, -1, -1):
            inner = sum((a * b for a, b in zip(us, vs, strict=True)), arb(0))
            f = example * inner / root
            squares = sum((a * a + b * b for a, b in zip(us, vs, strict=True)), arb(0))
            found.append((f, example * example * squares / len(us)))
            if remaining:
                slope = eta * (f - target) * example / root
                us, vs = (
                    [a - slope * b for a, b in zip(us, vs, strict=True)],
                    [b - slope * a for a, b in zip(us, vs, strict=True)],
                )
    return found
