"""A few weighted neurons in place of many: the same moments up to a total degree K.

Neurons act on each other through sums over neurons only, and all follow one smooth flow map from where they start. So
a sum Σ_k g(θ_k(t)) is a sum of a smooth function of the initial weights, and a positive quadrature that is exact for
polynomials up to degree K (Tchakaloff) gives it with an error that falls quickly with K. For odd activations a
neuron (−a, −w) does the same as (a, w), and even degrees suffice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.errors import InputError

Indices: TypeAlias = NDArray[np.intp]

MOST_COORDINATES = 4
_BLOCK = 2**13  # neurons whose polynomials are formed at once
_GROUPS = 2  # groups of neurons a polynomial in each round of the elimination
_RESIDUAL = 1e-12


@dataclass(frozen=True, eq=False)
class Quadrature:
    """``nodes`` (r, 1 + d) are neurons of the draw, ``weights`` (r,) how many neurons each stands for.

    The weights are positive and sum to m; the ``kept`` last nodes are extreme neurons of weight 1. ``residual`` is
    the largest difference of a moment to that of the whole draw, relative to the mean modulus of its polynomial.
    """

    nodes: FloatArray
    weights: FloatArray
    degree: int
    even: bool
    kept: int
    residual: float
    scales: FloatArray

    def expand(self, state: FloatArray, initial: FloatArray) -> FloatArray:
        """The whole draw ``initial`` (m, 1 + d), moved by the flow map that takes the nodes to ``state`` (r, 1 + d).

        The map is a polynomial of the initial weights, of degree K − 1 and odd where the activation is: fitted to the
        nodes by weighted least squares. For what needs every neuron, such as the distance of distributions.
        """
        powers = _exponents(self.nodes.shape[1], self.degree - 1, 1 if self.even else None)
        root = np.sqrt(self.weights)[:, None]
        at_nodes = _polynomials(self.nodes / self.scales, powers).T
        sizes = np.linalg.norm(root * at_nodes, axis=0)
        fitted = np.linalg.lstsq(root * at_nodes / sizes, root * state, rcond=1e-13)[0] / sizes[:, None]
        moved = np.empty_like(initial)
        for part in _blocks(len(initial)):
            moved[part] = _polynomials(initial[part] / self.scales, powers).T @ fitted
        return moved


def node_count(coordinates: int, degree: int, even: bool) -> int:
    """The largest number of nodes that this degree needs, extreme neurons apart."""
    return len(_exponents(coordinates, degree, 0 if even else None))


def compress(initial: FloatArray, degree: int, *, even: bool, keep: int = 4) -> Quadrature:
    """Representatives of the draw ``initial`` (m, 1 + d) with its moments of total degree up to ``degree``.

    ``even``: only even degrees, for odd activations. ``keep`` neurons with the largest |a + w^(1)|, |a| and ‖w‖ each
    stay as they are. InputError for more than four coordinates, an odd or too small degree, numbers that are not
    finite, fewer neurons than the quadrature would need, or moments that are not met.
    """
    width, coordinates = initial.shape
    if coordinates > MOST_COORDINATES:
        raise InputError(
            f"Neuron quadrature is for input dimensions up to {MOST_COORDINATES - 1}, not {coordinates - 1}: "
            "above, it needs too many representatives to pay. Simulate all neurons."
        )
    if degree < 2 or degree % 2:
        raise InputError(f"The degree of the neuron quadrature is {degree}; it must be even and at least 2.")
    if not np.all(np.isfinite(initial)):
        raise InputError("The initial weights must be finite numbers.")
    powers = _exponents(coordinates, degree, 0 if even else None)
    extreme = _extremes(initial, keep)
    if width < 2 * (len(powers) + len(extreme)):
        raise InputError(
            f"Neuron quadrature of degree {degree} takes up to {len(powers) + len(extreme)} representatives, "
            f"which does not pay for {width} neurons. Simulate all neurons."
        )
    scales = np.sqrt(np.mean(initial * initial, axis=0))
    scales[scales == 0.0] = 1.0
    # Moments of the extreme neurons need no matching: they stay.
    rest = np.ones(width, dtype=bool)
    rest[extreme] = False
    points = np.ascontiguousarray(initial[rest] / scales)
    target, size = _moments(points, powers)
    chosen, weights = _eliminate(points, powers)
    residual = float(np.max(np.abs(_polynomials(points[chosen], powers) @ weights - target) / size))
    if not (residual <= _RESIDUAL and np.all(weights > 0)):
        raise InputError(
            f"Neuron quadrature of degree {degree} misses the moments of the draw by {residual:.1e}. "
            "Simulate all neurons."
        )
    nodes = np.concatenate([initial[rest][chosen], initial[extreme]])
    return Quadrature(
        np.ascontiguousarray(nodes),
        np.concatenate([weights, np.ones(len(extreme))]),
        degree,
        even,
        len(extreme),
        residual,
        scales,
    )


def gauss_hermite(width: float, dim: int, scale: float, degree: int) -> tuple[FloatArray, FloatArray]:
    """The limit of many draws: nodes (r, 1 + d) and weights (r,) with the moments of ``width`` normal neurons.

    Exact up to total degree ``degree`` for a, w_i ~ N(0, scale²): a product of Gauss rules with their signs paired, so
    for odd activations. InputError for more than four coordinates.
    """
    if not 1 <= dim < MOST_COORDINATES:
        raise InputError(f"The dimension is {dim}; it must lie between 1 and {MOST_COORDINATES - 1}.")
    points = degree // 2 + 1
    # An even number of points has none at 0, where a neuron would do nothing.
    line, mass = np.polynomial.hermite_e.hermegauss(points + points % 2)
    nodes = np.array(list(product(line, repeat=1 + dim))) * scale
    weights = np.array([math.prod(p) for p in product(mass, repeat=1 + dim)])
    first = nodes[:, 0] > 0  # one of each pair ±θ
    return nodes[first], 2.0 * width * weights[first] / weights.sum()


def _exponents(coordinates: int, degree: int, parity: int | None) -> list[tuple[int, ...]]:
    """Exponents of total degree up to ``degree``, of this parity (None: all)."""
    return [
        powers
        for powers in product(range(degree + 1), repeat=coordinates)
        if sum(powers) <= degree and (parity is None or sum(powers) % 2 == parity)
    ]


def _polynomials(points: FloatArray, powers: list[tuple[int, ...]]) -> FloatArray:
    """Products of normalised Hermite polynomials, (polynomials, points): nearly orthonormal on a normal draw."""
    most = max(max(power) for power in powers)
    tables = []
    for column in points.T:
        table = np.empty((most + 1, len(points)))
        table[0] = 1.0
        if most:
            table[1] = column
        for j in range(1, most):
            table[j + 1] = (column * table[j] - math.sqrt(j) * table[j - 1]) / math.sqrt(j + 1)
        tables.append(table)
    values = np.empty((len(powers), len(points)))
    for row, power in zip(values, powers, strict=True):
        used = [tables[i][p] for i, p in enumerate(power) if p]
        row[:] = used[0] if used else 1.0
        for factor in used[1:]:
            row *= factor
    return values


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK))


def _moments(points: FloatArray, powers: list[tuple[int, ...]]) -> tuple[FloatArray, FloatArray]:
    """Sums of the polynomials and of their moduli over the points."""
    total, size = np.zeros(len(powers)), np.zeros(len(powers))
    for part in _blocks(len(points)):
        values = _polynomials(points[part], powers)
        total += values.sum(axis=1)
        size += np.abs(values).sum(axis=1)
    return total, size


def _extremes(initial: FloatArray, keep: int) -> Indices:
    """The neurons with the largest |a + w^(1)|, |a| and ‖w‖, each ``keep`` of them."""
    keep = min(keep, len(initial))
    if keep < 1:
        return np.empty(0, dtype=np.intp)
    sizes = (
        np.abs(initial[:, 0] + initial[:, 1]),
        np.abs(initial[:, 0]),
        np.sqrt(np.einsum("ki,ki->k", initial[:, 1:], initial[:, 1:])),
    )
    return np.unique(np.concatenate([np.argpartition(size, -keep)[-keep:] for size in sizes]))


def _eliminate(points: FloatArray, powers: list[tuple[int, ...]]) -> tuple[Indices, FloatArray]:
    """Indices and positive weights of at most as many points as polynomials, with the sums of all points.

    Rounds of Carathéodory's elimination on groups (Litterer and Lyons 2012): the points form twice as many groups as
    there are polynomials; half of the groups can go when the others are weighted anew, and so on.
    """
    count = len(powers)
    index, weights = np.arange(len(points)), np.ones(len(points))
    while len(index) > count:
        groups = min(_GROUPS * count, len(index))
        starts = np.arange(groups) * len(index) // groups
        factors = _caratheodory(_group_sums(points, powers, index, weights, starts))
        if np.all(factors > 0):
            break
        of_point = np.repeat(factors, np.diff(starts, append=len(index)))
        kept = of_point > 0
        index, weights = index[kept], weights[kept] * of_point[kept]
    return index, weights


def _group_sums(
    points: FloatArray, powers: list[tuple[int, ...]], index: Indices, weights: FloatArray, starts: Indices
) -> FloatArray:
    """Weighted sums of the polynomials over groups of points that begin at ``starts``: (polynomials, groups)."""
    sums = np.zeros((len(powers), len(starts)))
    for part in _blocks(len(index)):
        values = _polynomials(points[index[part]], powers)
        values *= weights[part]
        first = int(np.searchsorted(starts, part.start, side="right")) - 1
        last = int(np.searchsorted(starts, part.stop, side="left"))
        begins = np.maximum(starts[first:last], part.start) - part.start
        sums[:, first:last] += np.add.reduceat(values, begins, axis=1)
    return sums


def _caratheodory(sums: FloatArray) -> FloatArray:
    """Factors ≥ 0 (columns,), at most as many above 0 as there are rows, with Σ factor · column = Σ column."""
    rows, columns = sums.shape
    # Columns of very different size would hide a direction of the null space in rounding.
    sizes = np.linalg.norm(sums, axis=0)
    sizes[sizes == 0.0] = 1.0
    values = sizes.copy()
    # What is left of the complete Q is orthogonal to every row, whatever the rank.
    null = np.linalg.qr((sums / sizes).T, mode="complete")[0].T[rows:].copy()
    alive = np.ones(columns, dtype=bool)
    for step in range(len(null)):
        direction = null[step]
        if not np.any(direction[alive] > 0):
            direction = -direction
        rising = alive & (direction > 1e-300)
        if not np.any(rising):
            continue
        ratios = np.full(columns, np.inf)
        ratios[rising] = values[rising] / direction[rising]
        gone = int(np.argmin(ratios))
        values -= ratios[gone] * direction
        values[gone] = 0.0
        values[alive] = np.maximum(values[alive], 0.0)
        alive[gone] = False
        later = null[step + 1 :]
        later -= np.outer(later[:, gone] / direction[gone], direction)
        later[:, gone] = 0.0
    values[~alive] = 0.0
    factors: FloatArray = values / sizes
    return factors
