"""Second derivatives of the risk R, written out by hand, and the ends of its spectrum.

With u_ki = w_k·x_i, r_i = f(x_i) − y_i and p_i the weight of a sample, the blocks are

    ∂²R/∂a_k∂a_l = Σ_i p_i σ(u_ki) σ(u_li)
    ∂²R/∂a_k∂w_l = Σ_i p_i σ(u_ki) a_l σ'(u_li) x_i + δ_kl Σ_i p_i r_i σ'(u_ki) x_i
    ∂²R/∂w_k∂w_l = Σ_i p_i a_k a_l σ'(u_ki) σ'(u_li) x_i x_iᵀ + δ_kl a_k Σ_i p_i r_i σ''(u_ki) x_i x_iᵀ

A parameter's place is its place in ``state.ravel()``: a, w1, …, wd of neuron 0, then of neuron 1, and so on. On
the gradient flow the Hessian is minus the Jacobian of the drift; gradient descent with learning rate η is stable
near a minimum where λ_max < 2/η.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from numerics.activation import Function
from numerics.array import FloatArray
from numerics.eigenvalues import Extremes, extreme_eigenvalues
from numerics.errors import InputError
from numerics.network import Network
from numerics.trajectory import Trajectory

MOST_PARAMETERS = 8000  # of a dense Hessian, which then takes half a gigabyte

_KEPT_NUMBERS = 2**24  # beyond these a product computes σ, σ' and σ'' again, block by block
_BLOCK_PAIRS = 2**16


class Hessian:
    """The Hessian of the risk of ``network`` at ``state`` (m, 1 + d), as a linear map.

    ``hessian @ v`` and ``hessian.product(v)`` cost O(m n d), whatever the width; ``dense()`` is the matrix.
    InputError for a state of another dimension, one that is not finite, or an activation without σ''.
    """

    def __init__(self, network: Network, state: FloatArray) -> None:
        network.drift(state)  # refuses a wrong shape in words
        self.state = np.array(state, dtype=np.float64)
        if not np.all(np.isfinite(self.state)):
            raise InputError("The Hessian is asked for at weights that are not finite.")
        if network.neuron_weights is not None:
            raise InputError("The Hessian is that of a network of single neurons, not of weighted ones.")
        self.network = network
        self._second = _second_derivative(network)
        self._x, y, self._p = network.summed
        self._residual = network.output(self.state, self._x) - y
        self._kept: tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None = None
        width, dim = len(self.state), network.data.dim
        if width * (2 * len(y) + dim * dim) <= _KEPT_NUMBERS:
            value, slope, curvature = self._derivatives(slice(None))
            self._kept = (value, slope, *self._own_blocks(slice(None), slope, curvature))

    @property
    def size(self) -> int:
        """The number of parameters m (1 + d)."""
        return int(self.state.size)

    @property
    def direction_shape(self) -> tuple[int, ...]:
        """(m, 1 + d), the shape of the state."""
        return self.state.shape

    def __matmul__(self, direction: FloatArray) -> FloatArray:
        return self.product(direction)

    def product(self, direction: FloatArray) -> FloatArray:
        """H v for v of the shape of the state, or flat; the answer has the shape of v.

        Exact up to rounding: the derivative of the gradient along v, differentiated by hand.
        """
        given = np.asarray(direction, dtype=np.float64)
        if given.size != self.size:
            raise InputError(f"A direction needs {self.size} numbers, one a parameter; it has {given.size}.")
        v = given.reshape(self.state.shape)
        found = self._from_kept(v) if self._kept is not None else self._block_by_block(v)
        return found.reshape(given.shape)

    def dense(self) -> FloatArray:
        """The whole matrix, shape (m (1 + d), m (1 + d)), exactly symmetric.

        InputError above MOST_PARAMETERS parameters.
        """
        if self.size > MOST_PARAMETERS:
            raise InputError(
                f"The dense Hessian of {self.size} parameters is too large (at most {MOST_PARAMETERS}); "
                "use products and extreme_eigenvalues."
            )
        value, slope, curvature = self._derivatives(slice(None))
        mixed, inner = self._own_blocks(slice(None), slope, curvature)
        width, dim = len(self.state), self.network.data.dim
        # ∂f(x_i)/∂θ for every sample, times the root of its weight: of the form AᵀA, so exactly symmetric.
        jacobian = np.empty((len(self._p), width, 1 + dim))
        jacobian[:, :, 0] = value.T
        jacobian[:, :, 1:] = (self.state[:, :1] * slope).T[:, :, None] * self._x[:, None, :]
        jacobian *= np.sqrt(self._p)[:, None, None]
        flat = jacobian.reshape(len(self._p), self.size)
        matrix = (flat.T @ flat).reshape(width, 1 + dim, width, 1 + dim)
        own = np.arange(width)
        matrix[own, 0, own, 1:] += mixed
        matrix[own, 1:, own, 0] += mixed
        matrix[own, 1:, own, 1:] += inner
        square = matrix.reshape(self.size, self.size)
        return np.asarray(0.5 * (square + square.T))

    def _from_kept(self, v: FloatArray) -> FloatArray:
        assert self._kept is not None
        value, slope, mixed, inner = self._kept
        outer, along = self.state[:, 0], v[:, 1:]
        change = v[:, 0] @ value + np.sum(((outer[:, None] * along).T @ slope).T * self._x, axis=1)
        pull = self._p * change
        found = np.empty_like(v)
        found[:, 0] = value @ pull + np.sum(mixed * along, axis=1)
        found[:, 1:] = outer[:, None] * (slope @ (pull[:, None] * self._x)) + v[:, :1] * mixed
        found[:, 1:] += np.einsum("kij,kj->ki", inner, along)
        return found

    def _block_by_block(self, v: FloatArray) -> FloatArray:
        """The same with memory for one block of neurons: the change of f along v first, then of the gradient."""
        change = np.zeros(len(self._p))
        for part in self._parts():
            value, slope, _ = self._derivatives(part)
            inner_change = v[part, 1:] @ self._x.T
            change += v[part, 0] @ value + self.state[part, 0] @ (slope * inner_change)
        pull, weighted = self._p * change, self._p * self._residual
        found = np.empty_like(v)
        for part in self._parts():
            value, slope, curvature = self._derivatives(part)
            inner_change = v[part, 1:] @ self._x.T
            outer = self.state[part, :1]
            found[part, 0] = value @ pull + (slope * inner_change) @ weighted
            bend = (
                slope * (outer * pull + v[part, :1] * weighted) + outer * weighted * curvature * inner_change
            )
            found[part, 1:] = bend @ self._x
        return found

    def _own_blocks(
        self, part: slice, slope: FloatArray, curvature: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """The terms with δ_kl: (m, d) between a_k and w_k, (m, d, d) of w_k with itself."""
        weighted = (self._p * self._residual)[:, None] * self._x
        dim = self.network.data.dim
        rows, columns = np.triu_indices(dim)
        products = weighted[:, rows] * self._x[:, columns]
        upper = self.state[part, :1] * (curvature @ products)
        inner = np.empty((len(slope), dim, dim))
        inner[:, rows, columns] = upper
        inner[:, columns, rows] = upper
        return slope @ weighted, inner

    def _derivatives(self, part: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
        """σ, σ' and σ'' at w_k·x_i for a block of neurons, each (neurons, samples)."""
        inner = self.state[part, 1:] @ self._x.T
        curvature = self._second(inner)
        value, slope = np.empty_like(inner), np.empty_like(inner)
        self.network.activation.fill(inner, value, slope)
        return value, slope, curvature

    def _parts(self) -> list[slice]:
        block = max(1, _BLOCK_PAIRS // max(len(self._p), 1))
        return [slice(start, start + block) for start in range(0, len(self.state), block)]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """``largest`` and ``lowest`` eigenvalue at each of ``times`` (k,), each (k,), and the largest ``residual``."""

    times: FloatArray
    largest: FloatArray
    lowest: FloatArray
    residual: float
    status: Literal["ok", "not-converged"]


def spectrum_along(
    trajectory: Trajectory, times: Sequence[float] | FloatArray | None = None, *, tolerance: float = 1e-6
) -> Spectrum:
    """λ_max and λ_min of the Hessian along a trajectory; at the integrator's own steps if no times are given.

    Each search starts from the eigenvectors found before, which are close by.
    """
    chosen = np.asarray(trajectory.times if times is None else times, dtype=np.float64)
    ends: list[Extremes] = []
    for time in chosen:
        near = (ends[-1].largest_vector, ends[-1].lowest_vector) if ends else None
        hessian = Hessian(trajectory.network, trajectory.state(float(time)))
        ends.append(extreme_eigenvalues(hessian, tolerance=tolerance, near=near))
    return Spectrum(
        chosen,
        np.array([end.largest for end in ends]),
        np.array([end.lowest for end in ends]),
        max((max(end.residuals) for end in ends), default=0.0),
        "ok" if all(end.status == "ok" for end in ends) else "not-converged",
    )


def _second_derivative(network: Network) -> Function:
    if network.activation.second is None:
        raise InputError(
            f"The activation {network.activation.name!r} has no second derivative; give one as `second`."
        )
    return network.activation.second
