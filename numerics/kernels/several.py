"""The drift through moments in several input dimensions, where there are more samples than monomials.

(w·x)^p = Σ_{|α| = p} p!/α! w^α x^α: neurons and samples meet in one sum for each monomial of odd degree, as in
``numerics.kernels.moments``. Monomials of even degree serve the derivative. Cancellation between the monomials costs
nothing that counts: Σ_α p!/α! |w^α x^α| ≤ (‖w‖ ‖x‖)^p.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from numerics.array import FloatArray
from numerics.kernels.series import MOST_TERMS, OddSeries

_COST = 5  # of a monomial in samples, measured
_BLOCK_NUMBERS = 2**17  # numbers in the tables of one block of neurons


class MomentsInSeveral:
    """For inputs x (n, d), labels y (n,), sample weights (n,)."""

    name = "moments"

    def __init__(self, series: OddSeries, x: FloatArray, y: FloatArray, weights: FloatArray) -> None:
        self.series, self.y, self.weights = series, y, weights
        self.scale = float(np.sqrt(np.max(np.sum(x * x, axis=1))))
        samples, dim = x.shape
        self.most = most_terms(len(series.coefficients), dim, samples)
        graded = _graded(dim, 2 * self.most - 1)
        place = {alpha: i for degree in graded for i, alpha in enumerate(degree)}
        # Each monomial is one of a degree less times one coordinate: (row there, coordinate).
        self.parents = []
        for degree in graded[1:]:
            coordinates = [next(j for j, power in enumerate(alpha) if power) for alpha in degree]
            self.parents.append(
                (
                    np.array([place[_less(alpha, j)] for alpha, j in zip(degree, coordinates, strict=True)]),
                    np.array(coordinates),
                )
            )
        self.coefficients = [
            np.array([series.coefficients[p // 2] * _multinomial(alpha) for alpha in graded[p]])
            for p in range(1, 2 * self.most, 2)
        ]
        # For each even monomial β and coordinate j: the row of β + e_j, and β_j + 1.
        self.above = [
            np.array([[place[_more(beta, j)] for beta in graded[p]] for j in range(dim)])
            for p in range(0, 2 * self.most, 2)
        ]
        self.factors = [
            np.array([[beta[j] + 1.0 for beta in graded[p]] for j in range(dim)])
            for p in range(0, 2 * self.most, 2)
        ]
        _, odd = self._tables(np.ascontiguousarray(x.T) / self.scale, self.most)
        self.powers = np.concatenate(odd)

    def output(self, state: FloatArray, outer: FloatArray) -> FloatArray | None:
        """f at the samples, (n,); None where the weights are beyond the reach of the series."""
        terms = self._terms(state)
        if terms is None:
            return None
        sums = np.zeros(sum(len(c) for c in self.coefficients[:terms]))
        for part in self._parts(len(state), terms):
            _, odd = self._tables(self._scaled(state[part]), terms)
            sums += np.concatenate([table @ outer[part] for table in odd])
        return np.asarray((np.concatenate(self.coefficients[:terms]) * sums) @ self.powers[: len(sums)])

    def drift(self, state: FloatArray, outer: FloatArray) -> FloatArray | None:
        """The drift, (m, 1 + d); None where the weights are beyond the reach of the series."""
        terms = self._terms(state)
        if terms is None:
            return None
        coefficients = np.concatenate(self.coefficients[:terms])
        powers = self.powers[: len(coefficients)]
        parts = self._parts(len(state), terms)
        sums = np.zeros(len(coefficients))
        even: list[FloatArray] = []
        odd: list[FloatArray] = []
        for part in parts:
            even, odd = self._tables(self._scaled(state[part]), terms)
            sums += np.concatenate([table @ outer[part] for table in odd])
        pull = (self.y - (coefficients * sums) @ powers) * self.weights
        to_a = np.split(coefficients * (powers @ pull), self._ends(terms))
        to_w = [
            self.factors[i] * to_a[i][self.above[i]] * self.scale for i in range(terms)
        ]  # (d, even monomials) each
        drift = np.empty_like(state)
        for part in parts:
            if len(parts) > 1:
                even, odd = self._tables(self._scaled(state[part]), terms)
            drift[part, 0] = sum(row @ table for row, table in zip(to_a, odd, strict=True))
            towards = sum(rows @ table for rows, table in zip(to_w, even, strict=True))
            drift[part, 1:] = (towards * state[part, 0]).T
        return drift

    def _terms(self, state: FloatArray) -> int | None:
        """How many terms of the series are enough; None where more than pay, or for a NaN."""
        inner = state[:, 1:]
        largest = math.sqrt(float(np.max(np.einsum("ki,ki->k", inner, inner)))) * self.scale
        terms = self.series.terms(largest)
        return None if terms is None or terms > self.most else terms

    def _scaled(self, state: FloatArray) -> FloatArray:
        return np.ascontiguousarray(state[:, 1:].T) * self.scale

    def _tables(self, w: FloatArray, terms: int) -> tuple[list[FloatArray], list[FloatArray]]:
        """Monomials of w (d, points) by degree: even ones 0, 2, … and odd ones 1, 3, …, (monomials, points) each."""
        table = np.ones((1, w.shape[1]))
        tables = [table]
        for rows, coordinates in self.parents[: 2 * terms - 1]:
            table = table[rows] * w[coordinates]
            tables.append(table)
        return tables[0::2], tables[1::2]

    def _ends(self, terms: int) -> list[int]:
        return list(itertools.accumulate(len(c) for c in self.coefficients[: terms - 1]))

    def _parts(self, width: int, terms: int) -> list[slice]:
        size = max(64, _BLOCK_NUMBERS // sum(len(rows) for rows, _ in self.parents[: 2 * terms - 1]))
        return [slice(start, min(start + size, width)) for start in range(0, width, size)]


def most_terms(known: int, dim: int, samples: int) -> int:
    """The most terms for which monomials in ``dim`` variables are quicker than samples, up to ``known``; may be 0."""
    terms = 0
    # Monomials up to degree 2J − 1: C(2J − 1 + d, d).
    while terms < min(known, MOST_TERMS) and _COST * math.comb(2 * terms + 1 + dim, dim) <= samples:
        terms += 1
    return terms


def _graded(dim: int, degree: int) -> list[list[tuple[int, ...]]]:
    """Exponents of degree 0, 1, …, up to ``degree``."""
    levels = [[(0,) * dim]]
    for _ in range(degree):
        levels.append(sorted({_more(alpha, j) for alpha in levels[-1] for j in range(dim)}, reverse=True))
    return levels


def _more(alpha: tuple[int, ...], j: int) -> tuple[int, ...]:
    return (*alpha[:j], alpha[j] + 1, *alpha[j + 1 :])


def _less(alpha: tuple[int, ...], j: int) -> tuple[int, ...]:
    return (*alpha[:j], alpha[j] - 1, *alpha[j + 1 :])


def _multinomial(alpha: tuple[int, ...]) -> float:
    return float(math.factorial(sum(alpha)) // math.prod(math.factorial(power) for power in alpha))
