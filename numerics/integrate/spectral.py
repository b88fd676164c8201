"""Chebyshev–Lobatto nodes on [0, 1], integration and interpolation between them, in multiple precision.

A function that is analytic around [0, 1] is represented by its values at the nodes; integrals and values in between are
as accurate as its Chebyshev series is at that length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, arb_mat

from numerics.array import FloatArray
from numerics.precision import working_precision


@dataclass(frozen=True, eq=False)
class Nodes:
    """``count`` nodes t_0 = 0 < … < t_last = 1.

    Attributes
    ----------
    points:
        The nodes.
    integration:
        Matrix Q with (Q f)_i = ∫_0^{t_i} of the interpolating polynomial of f, shape (count, count).
    coefficients:
        Matrix that turns values at the nodes into Chebyshev coefficients, shape (count, count).
    weights:
        Barycentric weights, up to a common factor.
    """

    count: int
    points: tuple[arb, ...]
    integration: arb_mat
    coefficients: arb_mat
    weights: tuple[arb, ...]

    @property
    def points_double(self) -> FloatArray:
        return np.array([float(p) for p in self.points])

    @property
    def integration_double(self) -> FloatArray:
        return to_double(self.integration)

    def row_at(self, t: arb) -> arb_mat:
        """Values of the Lagrange polynomials at ``t`` in [0, 1], shape (1, count)."""
        for i, point in enumerate(self.points):
            if t == point:
                return arb_mat(1, self.count, [arb(1 if j == i else 0) for j in range(self.count)])
        parts = [w / (t - p) for w, p in zip(self.weights, self.points, strict=True)]
        total = sum(parts, arb(0))
        return arb_mat(1, self.count, [(part / total).mid() for part in parts])


def to_double(matrix: arb_mat) -> FloatArray:
    """Midpoints rounded to double precision."""
    values = np.array([float(entry) for entry in matrix.entries()])
    return values.reshape(matrix.nrows(), matrix.ncols())


def midpoints(matrix: arb_mat) -> arb_mat:
    """The matrix without its radii: this method is accurate, not rigorous."""
    return arb_mat(matrix.nrows(), matrix.ncols(), [entry.mid() for entry in matrix.entries()])


@lru_cache(maxsize=8)
def lobatto(count: int, bits: int) -> Nodes:
    """``count`` nodes and their matrices at ``bits`` bits; computed once with bits to spare."""
    with working_precision(bits + 2 * count + 64):
        last = count - 1
        # x_i = −cos(iπ/last) on [−1, 1], t = (x + 1)/2.
        angles = [arb.pi() * i / last for i in range(count)]
        x = [-angle.cos() for angle in angles]
        points = [arb(0), *[(value + 1) / 2 for value in x[1:-1]], arb(1)]
        halves = [arb(1) / 2 if i in (0, last) else arb(1) for i in range(count)]
        # T_k(x_i) = cos(k (π − iπ/last)) = (−1)^k cos(k i π/last)
        cosines = [(arb.pi() * i / last).cos() for i in range(2 * last)]
        table = [[(-1) ** k * cosines[(k * i) % (2 * last)] for k in range(count)] for i in range(count)]
        coefficients = arb_mat(
            [[2 * halves[k] * halves[i] * table[i][k] / last for i in range(count)] for k in range(count)]
        )
        integration = (
            arb_mat([_integrals(row, value) for row, value in zip(table, x, strict=True)]) * coefficients
        )
        weights = [(-1) ** i * halves[i] for i in range(count)]
    with working_precision(bits):
        return Nodes(
            count,
            tuple((+p).mid() for p in points),
            midpoints(integration),
            midpoints(coefficients),
            tuple(weights),
        )


def _integrals(row: list[arb], x: arb) -> list[arb]:
    """½ ∫_{−1}^{x} T_k for every k, from the values T_0(x) … and T_{count}(x) by recurrence."""
    count = len(row)
    above = [*row, 2 * x * row[-1] - row[-2]] if count > 1 else [*row, x]
    result = [(x + 1) / 2]
    for k in range(1, count):
        if k == 1:
            result.append((x * x - 1) / 4)
            continue
        sign = (-1) ** k
        # ∫ T_k = T_{k+1}/(2(k+1)) − T_{k−1}/(2(k−1)); T_j(−1) = (−1)^j.
        upper = above[k + 1] / (2 * (k + 1)) - above[k - 1] / (2 * (k - 1))
        lower = arb(-sign) / (2 * (k + 1)) - arb(-sign) / (2 * (k - 1))
        result.append((upper - lower) / 2)
    return result
