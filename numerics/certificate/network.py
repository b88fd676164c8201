"""The network, written again: its field, and whether errors grow no faster than stated."""

from __future__ import annotations

from typing import Any

from flint import acb, arb

from numerics.certificate.activation import BOX, REAL, SERIES, STRIP
from numerics.certificate.exact import norm, pair


class Network:
    def __init__(self, document: Any) -> None:
        data = document["data"]
        self.x = [[pair(c) for c in x] for x in data["x"]]
        self.y = [pair(y) for y in data["y"]]
        self.rho = [pair(rho) for rho in data["weights"]]
        initial = [[pair(entry) for entry in neuron] for neuron in document["initial"]]
        self.width, self.dim = len(initial), len(initial[0]) - 1
        if not self.x or not len(self.x) == len(self.y) == len(self.rho) or any(rho < 0 for rho in self.rho):
            raise ValueError("the data do not fit together")
        if any(len(x) != self.dim for x in self.x) or any(len(row) != 1 + self.dim for row in initial):
            raise ValueError("the dimensions do not fit together")
        self.at = [[entry.mid() for entry in neuron] for neuron in initial]
        self.start = norm([entry.rad() for neuron in initial for entry in neuron])
        name = document["activation"]
        if name not in SERIES:
            raise ValueError(f"the activation {name!r} is not known")
        self.series, self.box, self.real, self.strip = SERIES[name], BOX[name], REAL[name], STRIP[name]

    def field(self, state: Any, sigma: Any) -> list[list[Any]]:
        """−∇R: for each neuron (da, dw1, …, dwd)."""
        moved = [[0 * neuron[0] for _ in range(1 + self.dim)] for neuron in state]
        for x, y, rho in zip(self.x, self.y, self.rho, strict=True):
            pairs = [
                sigma(sum((neuron[1 + i] * x[i] for i in range(self.dim)), 0 * neuron[0])) for neuron in state
            ]
            r = sum(
                (neuron[0] * value for neuron, (value, _) in zip(state, pairs, strict=True)),
                -y + 0 * state[0][0],
            )
            for row, neuron, (value, slope) in zip(moved, state, pairs, strict=True):
                row[0] = row[0] - rho * (r * value)
                force = rho * (r * neuron[0] * slope)
                for i in range(self.dim):
                    row[1 + i] = row[1 + i] - force * x[i]
        return moved

    def analytic(self, box: list[list[acb]]) -> bool:
        for neuron in box:
            for x in self.x:
                u = sum((neuron[1 + i] * x[i] for i in range(self.dim)), acb(0))
                if not u.is_finite() or not (self.strip is None or abs(u.imag) < self.strip):
                    return False
        return True

    def grows_at_most(self, box: list[list[arb]], rate: arb) -> bool:
        """Whether rate · I plus each neuron's block of Σ ρ r ∇²f is positive definite over the box."""
        tables = []
        residuals = []
        for x, y in zip(self.x, self.y, strict=True):
            row = [self.real(sum((neuron[1 + i] * x[i] for i in range(self.dim)), arb(0))) for neuron in box]
            tables.append(row)
            residuals.append(sum((neuron[0] * s[0] for neuron, s in zip(box, row, strict=True)), -y))
        size = 1 + self.dim
        for k, neuron in enumerate(box):
            block = [[arb(0)] * size for _ in range(size)]
            for x, rho, r, row in zip(self.x, self.rho, residuals, tables, strict=True):
                for i in range(self.dim):
                    block[0][1 + i] += rho * r * row[k][1] * x[i]
                    for j in range(self.dim):
                        block[1 + i][1 + j] += rho * r * row[k][2] * x[i] * x[j]
            for i in range(1, size):
                block[i][0] = block[0][i]
                block[i][1:] = [neuron[0] * entry for entry in block[i][1:]]
            for i in range(size):
                block[i][i] += rate
            if not _positive_definite(block):
                return False
        return True


def _positive_definite(matrix: list[list[arb]]) -> bool:
    """By the pivots of elimination: all are positive for every symmetric matrix in the balls, or False."""
    rows = [list(row) for row in matrix]
    for i in range(len(rows)):
        if not rows[i][i] > 0:
            return False
        for j in range(i + 1, len(rows)):
            factor = rows[j][i] / rows[i][i]
            for k in range(i + 1, len(rows)):
                rows[j][k] = rows[j][k] - factor * rows[i][k]
    return True
