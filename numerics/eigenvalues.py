"""The ends of the spectrum of a symmetric map that is known by its products: Lanczos, with residuals as error bounds.

A residual ‖H v − λ v‖ of a unit vector bounds the distance from λ to an eigenvalue, whatever the method. That this is
the last of the spectrum no residual says: that rests on a start that has a part along every eigenvector.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError

_SMALL = 60  # parameters up to which the dense eigenvalues are cheaper than Lanczos
_KRYLOV = 40  # dimension of the Krylov space, below _SMALL
_FEW = 12  # the same where one well separated end is wanted to a few digits
_FIRST = 1e-4  # tolerance of the first look
_ENDS = ("LA", "SA")  # the largest and the lowest, as ARPACK names them


class SymmetricMap(Protocol):
    """A symmetric linear map: its ``size``, the shape that its directions have, products, and its matrix."""

    @property
    def size(self) -> int: ...
    @property
    def direction_shape(self) -> tuple[int, ...]: ...
    def product(self, direction: FloatArray, /) -> FloatArray: ...
    def dense(self) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class Extremes:
    """The largest and the lowest eigenvalue of a Hessian, with unit eigenvectors of ``direction_shape``.

    A ``residual`` ‖H v − λ v‖ bounds the distance from λ to the nearest eigenvalue (H is symmetric). ``status``
    is "ok", or "not-converged" where a residual is larger than asked for; ``message`` says it in words.
    """

    largest: float
    lowest: float
    largest_vector: FloatArray = field(repr=False)
    lowest_vector: FloatArray = field(repr=False)
    residuals: tuple[float, float]
    products: int
    status: Literal["ok", "not-converged"] = "ok"
    message: str = ""


def extreme_eigenvalues(
    hessian: SymmetricMap,
    *,
    tolerance: float = 1e-6,
    near: tuple[FloatArray, FloatArray] | None = None,
    most_products: int = 4000,
) -> Extremes:
    """Both ends of the spectrum by Lanczos on exact products; by the dense matrix where that is small.

    ``tolerance`` bounds the residuals relative to the larger of |λ_max| and |λ_min|; the error of an eigenvalue
    that stands apart is of the order of its square. ``near`` are vectors, of ``direction_shape``, that are close
    to the two eigenvectors, such as those found nearby. At each end at most about ``most_products`` products are
    spent: eigenvalues that crowd together (as λ_min does on the initial plateau) converge slowly.
    InputError for a tolerance outside (1e-14, 1).
    """
    if not 1e-14 < tolerance < 1:
        raise InputError(f"The tolerance is {tolerance}; it must lie between 1e-14 and 1.")
    counted = _Counted(hessian)
    if hessian.size <= _SMALL:
        values, vectors = _dense(hessian)
        pairs = [_Pair(float(values[-1]), vectors[:, -1]), _Pair(float(values[0]), vectors[:, 0])]
    else:
        # The scale that residuals are held against is the larger end; a first look at both finds it.
        starts = [None, None] if near is None else [vector.ravel() for vector in near]
        rough = [
            _lanczos(counted, end, v, _FIRST, most_products) for end, v in zip(_ENDS, starts, strict=True)
        ]
        goal = tolerance * max(abs(pair.value) for pair in rough)
        pairs = [
            _refined(counted, end, pair, tolerance, goal, most_products)
            for end, pair in zip(_ENDS, rough, strict=True)
        ]
    shape = hessian.direction_shape
    residuals = [_residual(counted, pair) for pair in pairs]
    scale = max(abs(pair.value) for pair in pairs)
    # Below this a residual is rounding of the product.
    met = all(pair.complete for pair in pairs) and max(residuals) <= max(tolerance, 1e-13) * scale
    message = f"Residuals {residuals[0]:.3g} and {residuals[1]:.3g} after {counted.products} products."
    return Extremes(
        pairs[0].value,
        pairs[1].value,
        pairs[0].vector.reshape(shape),
        pairs[1].vector.reshape(shape),
        (residuals[0], residuals[1]),
        counted.products,
        "ok" if met else "not-converged",
        message if met else f"{message} Asked for {tolerance:.3g} of the larger eigenvalue, {scale:.6g}.",
    )


@dataclass(frozen=True, eq=False)
class Largest:
    """The largest eigenvalue with a unit eigenvector of ``direction_shape``; ``residual`` and ``status`` as above."""

    value: float
    vector: FloatArray = field(repr=False)
    residual: float
    products: int
    status: Literal["ok", "not-converged"] = "ok"


def largest_eigenvalue(
    hessian: SymmetricMap,
    *,
    tolerance: float = 1e-4,
    near: FloatArray | None = None,
    most_products: int = 1000,
) -> Largest:
    """The upper end of the spectrum alone, in few products: for sharpness along a trajectory.

    ``tolerance`` bounds the residual relative to the eigenvalue, and ``near`` is a vector close to the eigenvector,
    such as the one found a step before. A Ritz value never exceeds λ_max; where it belongs to λ_max, it is as close
    to it as the square of the residual over the gap. InputError for a tolerance outside (1e-14, 1).
    """
    if not 1e-14 < tolerance < 1:
        raise InputError(f"The tolerance is {tolerance}; it must lie between 1e-14 and 1.")
    counted = _Counted(hessian)
    if hessian.size <= _SMALL:
        values, vectors = _dense(hessian)
        pair = _Pair(float(values[-1]), vectors[:, -1])
    else:
        start = None if near is None else near.ravel()
        pair = _lanczos(counted, "LA", start, tolerance, most_products, _FEW)
    residual = _residual(counted, pair)
    met = pair.complete and residual <= max(tolerance, 1e-13) * abs(pair.value)
    return Largest(
        pair.value,
        pair.vector.reshape(hessian.direction_shape),
        residual,
        counted.products,
        "ok" if met else "not-converged",
    )


@dataclass
class _Counted:
    hessian: SymmetricMap
    products: int = 0

    def __call__(self, v: FloatArray) -> FloatArray:
        self.products += 1
        return self.hessian.product(v.ravel())


@dataclass(frozen=True, eq=False)
class _Pair:
    """An eigenpair. ``complete`` is False where the search for it ran out of products: a small residual then says
    that it is some eigenpair, and not that it is the end of the spectrum."""

    value: float
    vector: FloatArray
    complete: bool = True


def _dense(hessian: SymmetricMap) -> tuple[FloatArray, FloatArray]:
    """All eigenvalues, rising, and unit eigenvectors as columns; NaN where the matrix is not finite."""
    matrix = hessian.dense()
    if not np.all(np.isfinite(matrix)):
        return np.full(len(matrix), np.nan), np.eye(len(matrix))
    values, vectors = np.linalg.eigh(matrix)
    return values, vectors


def _residual(product: _Counted, pair: _Pair) -> float:
    return float(np.linalg.norm(product(pair.vector) - pair.value * pair.vector))


def _refined(
    product: _Counted, end: str, pair: _Pair, tolerance: float, goal: float, most_products: int
) -> _Pair:
    """The pair with a residual of at most ``goal``, or the best that the budget gives.

    ARPACK returns nothing at all when it has not converged, so the tolerance is lowered in steps.
    """
    spent, step = product.products, _FIRST
    best, residual = pair, _residual(product, pair)
    while (
        not (best.complete and residual <= goal)
        and step > 1e-2 * tolerance
        and product.products - spent < most_products
    ):
        step *= 1e-2
        left = most_products - (product.products - spent)
        found = _lanczos(product, end, best.vector, step, left)
        reached = _residual(product, found)
        if best.complete and (reached >= residual or not found.complete):
            break
        best, residual = found, reached
    return best


def _lanczos(
    product: _Counted,
    end: str,
    start: FloatArray | None,
    tolerance: float,
    products: int,
    krylov: int = _KRYLOV,
) -> _Pair:
    """One eigenpair at an end of the spectrum; the start itself, with its Rayleigh quotient, if none converged."""
    spent = product.products
    found = _arpack(product, end, start, tolerance, products, krylov, 0.0)
    sign = 1.0 if end == "LA" else -1.0
    if not found.complete or not sign * found.value < 0:
        return found
    # ARPACK holds its error against the eigenvalue itself, and so misses an end that is zero, as λ_min is of a
    # matrix of low rank. A shift moves both that end and the one found away from zero.
    left = max(1, products - (product.products - spent))
    again = _arpack(product, end, start, tolerance, left, krylov, -2.0 * found.value)
    return again if again.complete and sign * (again.value - found.value) > 0 else found


def _arpack(
    product: _Counted,
    end: str,
    start: FloatArray | None,
    tolerance: float,
    products: int,
    krylov: int,
    shift: float,
) -> _Pair:
    """The same of the map plus ``shift``, with the shift taken off again."""
    from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

    size = product.hessian.size
    operator = LinearOperator((size, size), matvec=lambda v: product(v) + shift * v.ravel(), dtype=np.float64)
    # A start without a component along the answer would never find it: some noise, the same in every run.
    noise = np.random.Generator(np.random.Philox(key=size)).standard_normal(size)
    noise /= np.linalg.norm(noise)
    begin = noise if start is None else start / np.linalg.norm(start) + 1e-3 * noise
    try:
        values, vectors = eigsh(
            operator,
            k=1,
            which=end,
            v0=begin,
            ncv=krylov,
            tol=tolerance,
            maxiter=max(1, products // (krylov // 2)),
        )
    except ArpackNoConvergence:
        unit = begin / np.linalg.norm(begin) if start is None else start / np.linalg.norm(start)
        return _Pair(float(unit @ product(unit)), unit, complete=False)
    except ArpackError:
        # What it says of a map that is zero, as the Hessian of a network is whose neurons are all switched off, and
        # of one whose products are no numbers.
        seen = product(noise)
        if not np.all(np.isfinite(seen)):
            return _Pair(float("nan"), noise, complete=False)
        if np.any(seen):
            raise
        return _Pair(0.0, noise)
    return _Pair(float(values[0]) - shift, np.asarray(vectors[:, 0]))
