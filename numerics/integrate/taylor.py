"""Taylor coefficients of the network's gradient flow in float64, and their correction.

Nothing here is rigorous, nor has to be: an enclosure takes *any* polynomial as the centre of its tube and bounds the
defect. What is good here only makes the tube thin. A correction solves the linearised equation for the defect that
was measured in higher precision, so each one gains about fifteen digits whatever the precision aimed at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics.array import FloatArray


def _product(left: FloatArray, right: FloatArray, order: int) -> FloatArray:
    """Coefficient ``order`` of a product of two series with coefficients along the first axis."""
    return np.asarray((left[: order + 1] * right[order::-1]).sum(axis=0))


def _full(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.array([_product(left, right, order) for order in range(len(left))])


class Chain:
    """σ, σ' and σ'' of a series u(t) that becomes known order by order; arrays (terms, m, n)."""

    def __init__(self, terms: int, shape: tuple[int, ...]) -> None:
        self.u = np.zeros((terms, *shape))
        self.value = np.zeros((terms, *shape))
        self.slope = np.zeros((terms, *shape))
        self.extra = np.zeros((2, terms, *shape))

    def along(self, derivative: FloatArray, order: int) -> FloatArray:
        """Coefficient ``order`` ≥ 1 of z(u(t)), given the series of dz/du up to ``order`` − 1."""
        steps = np.arange(1, order + 1).reshape(-1, *[1] * (self.u.ndim - 1))
        return np.asarray((steps * self.u[1 : order + 1] * derivative[order - 1 :: -1]).sum(axis=0) / order)

    def advance(self, order: int) -> None:
        """Fill in ``value`` and ``slope`` at this order; u is known up to it."""
        raise NotImplementedError

    def bend(self) -> FloatArray:
        """The series of σ''."""
        raise NotImplementedError


class _Tanh(Chain):
    def advance(self, order: int) -> None:
        self.value[order] = np.tanh(self.u[0]) if order == 0 else self.along(self.slope, order)
        self.slope[order] = (order == 0) - _product(self.value, self.value, order)

    def bend(self) -> FloatArray:
        return -2.0 * _full(self.value, self.slope)


class _Sin(Chain):
    def advance(self, order: int) -> None:
        if order == 0:
            self.value[0], self.slope[0] = np.sin(self.u[0]), np.cos(self.u[0])
        else:
            value, slope = self.along(self.slope, order), -self.along(self.value, order)
            self.value[order], self.slope[order] = value, slope

    def bend(self) -> FloatArray:
        return -self.value


class _Arctan(Chain):
    def advance(self, order: int) -> None:
        below = self.extra[0]  # 1 + u², of which σ' is the inverse
        below[order] = (order == 0) + _product(self.u, self.u, order)
        if order == 0:
            self.value[0], self.slope[0] = np.arctan(self.u[0]), 1.0 / below[0]
        else:
            self.value[order] = self.along(self.slope, order)
            rest = (below[1 : order + 1] * self.slope[order - 1 :: -1]).sum(axis=0)
            self.slope[order] = -rest / below[0]

    def bend(self) -> FloatArray:
        return np.asarray(-2.0 * _full(self.u, _full(self.slope, self.slope)))


class _Erf(Chain):
    def advance(self, order: int) -> None:
        if order == 0:
            from scipy.special import erf

            self.value[0] = erf(self.u[0] * (np.sqrt(np.pi) / 2))
            self.slope[0] = np.exp(-np.pi / 4 * self.u[0] ** 2)
        else:
            self.value[order] = self.along(self.slope, order)
            self.slope[order] = self.along(self.extra[0], order)
        self.extra[0, order] = -np.pi / 2 * _product(self.u, self.slope, order)  # σ''

    def bend(self) -> FloatArray:
        return np.asarray(self.extra[0])


class _Rational(Chain):
    def advance(self, order: int) -> None:
        root, square = self.extra  # g = (1 + u²)^{−1/2} and g²; σ' = g³, dg/du = −u g³
        if order == 0:
            root[0] = 1.0 / np.sqrt(1.0 + self.u[0] ** 2)
        else:
            bent = np.array([_product(self.u, self.slope, j) for j in range(order)])
            root[order] = -self.along(bent, order)
        square[order] = _product(root, root, order)
        self.slope[order] = _product(square, root, order)
        self.value[order] = _product(self.u, root, order)

    def bend(self) -> FloatArray:
        return -3.0 * _full(self.u, _full(self.slope, self.extra[1]))


class _Gd(Chain):
    def advance(self, order: int) -> None:
        tanh, bend = self.extra  # dσ'/du = −σ' tanh u, d(tanh u)/du = σ'²
        if order == 0:
            tanh[0] = np.tanh(self.u[0])
            self.slope[0] = 1.0 / np.cosh(self.u[0])
            self.value[0] = 2.0 * np.arctan(np.tanh(self.u[0] / 2))
        else:
            square = np.array([_product(self.slope, self.slope, j) for j in range(order)])
            self.value[order] = self.along(self.slope, order)
            tanh[order] = self.along(square, order)
            self.slope[order] = self.along(bend, order)
        bend[order] = -_product(self.slope, tanh, order)

    def bend(self) -> FloatArray:
        return np.asarray(self.extra[1])


_CHAINS: dict[str, type[Chain]] = {
    "tanh": _Tanh,
    "sin": _Sin,
    "arctan": _Arctan,
    "erf": _Erf,
    "rational": _Rational,
    "gd": _Gd,
}


ChainMaker = Callable[[int, tuple[int, ...]], Chain]


@dataclass(frozen=True)
class Samples:
    """x (n, d), y (n,), weights (n,) of the sums, in float64."""

    x: FloatArray
    y: FloatArray
    weights: FloatArray


@dataclass(frozen=True)
class Expansion:
    """Taylor coefficients of a solution: ``state`` (terms + 1, m, 1 + d), and ``correct`` to improve them.

    ``correct(defect)`` takes the coefficients of F(p) − p', (terms, m, 1 + d), and returns those of the correction
    q with q(0) = 0 and q' = DF(p) q + defect, (terms + 1, m, 1 + d).
    """

    state: FloatArray
    correct: Callable[[FloatArray], FloatArray]


def expand(activation: str | ChainMaker, samples: Samples, start: FloatArray, terms: int) -> Expansion:
    """The solution through ``start`` (m, 1 + d) to ``terms`` terms beyond the constant one.

    ``activation`` is the name of a built-in one, or makes a chain for (terms, shape).
    """
    width, dim = start.shape[0], start.shape[1] - 1
    make = _CHAINS[activation] if isinstance(activation, str) else activation
    chain = make(terms, (width, len(samples.y)))
    state = np.zeros((terms + 1, width, 1 + dim))
    residual = np.zeros((terms, len(samples.y)))
    force = np.zeros((terms, width, dim))  # dw_k/dt = a_k force_k
    state[0] = start
    weighted_x = samples.x * samples.weights[:, None]
    for order in range(terms):
        outer = state[: order + 1, :, 0]
        chain.u[order] = state[order, :, 1:] @ samples.x.T
        chain.advance(order)
        residual[order] = np.einsum("lkn,lk->n", chain.value[: order + 1], outer[::-1])
        if order == 0:
            residual[0] -= samples.y
        backward = residual[order::-1]
        drift = np.empty((width, 1 + dim))
        drift[:, 0] = -np.einsum("lkn,ln->k", chain.value[: order + 1], backward * samples.weights)
        bent = np.einsum("lkn,ln->kn", chain.slope[: order + 1], backward)
        force[order] = -bent @ weighted_x
        drift[:, 1:] = np.einsum("lk,lkd->kd", outer, force[order::-1])
        state[order + 1] = drift / (order + 1)
    return Expansion(state, _Correction(samples, chain, state, residual))


class _Correction:
    """The linearised flow along a polynomial, solved order by order."""

    def __init__(self, samples: Samples, chain: Chain, state: FloatArray, residual: FloatArray) -> None:
        self.samples, self.chain = samples, chain
        self.prepared: tuple[FloatArray, FloatArray, FloatArray] | None = None
        self.outer, self.residual = state[: len(residual), :, 0], residual

    def __call__(self, defect: FloatArray) -> FloatArray:
        if self.prepared is None:
            outer, residual = self.outer[:, :, None], self.residual[:, None, :]
            bent = _full(residual, self.chain.slope)
            self.prepared = (
                _full(outer, self.chain.slope),
                bent,
                _full(outer, _full(residual, self.chain.bend())),
            )
        outer_slope, pull_slope, pull_bend = self.prepared
        terms, width, size = defect.shape
        x, weights = self.samples.x, self.samples.weights
        found = np.zeros((terms + 1, width, size))
        inner = np.zeros_like(outer_slope)
        change = np.zeros_like(self.residual)
        for order in range(terms):
            part = slice(0, order + 1)
            inner[order] = found[order, :, 1:] @ x.T
            outer = found[order::-1, :, 0]
            change[order] = np.einsum("lkn,lk->n", self.chain.value[part], outer)
            change[order] += np.einsum("lkn,lkn->n", outer_slope[part], inner[order::-1])
            bent = np.einsum("lkn,lkn->kn", pull_slope[part], inner[order::-1])
            drift = defect[order].copy()
            drift[:, 0] -= np.einsum("lkn,ln->k", self.chain.value[part], change[order::-1] * weights)
            drift[:, 0] -= bent @ weights
            turned = np.einsum("lkn,lk->kn", pull_slope[part], outer)
            turned += np.einsum("lkn,ln->kn", outer_slope[part], change[order::-1])
            turned += np.einsum("lkn,lkn->kn", pull_bend[part], inner[order::-1])
            drift[:, 1:] -= (turned * weights) @ x
            found[order + 1] = drift / (order + 1)
        return found
