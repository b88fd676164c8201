"""The power series of odd activations at zero, and how many of their terms are enough.

σ(u) = u Σ_j c_j u^{2j}. For |u| ≤ U the terms from J on change neither σ(u)/u nor σ'(u) by more than half a unit in
the last place of 1 when (2J + 1) |c_J| U^{2J} / (1 − r U² (2J + 3)/(2J + 1)) ≤ 2⁻⁵⁴, where r bounds |c_{j+1}/c_j|
for j ≥ J: the tail is dominated by a geometric series.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import islice
from typing import Any

import numpy as np

from numerics.activation import NAMED, Activation
from numerics.array import FloatArray

MOST_TERMS = 20
_TAIL = 2.0**-54
_LARGEST_REACH = 1.0  # beyond, the terms of sin or erf are larger than their sum, and rounding grows
_HIGHEST_POWER = 2 * MOST_TERMS - 1


@dataclass(frozen=True, eq=False)
class OddSeries:
    """c_0 … c_{J−1}, and for each number of terms the largest |u| at which they are σ to rounding.

    ``reach[J]`` is that bound for J terms (``reach[0]`` = 0); for a polynomial the last one is infinite.
    """

    coefficients: FloatArray
    reach: FloatArray

    @cached_property
    def _reach(self) -> list[float]:
        return [float(value) for value in self.reach]

    def terms(self, largest: float) -> int | None:
        """The fewest terms that give σ(u) for |u| ≤ ``largest``; None if all are too few, or for NaN."""
        if not largest <= self._reach[-1]:
            return None
        return max(1, bisect_left(self._reach, largest))


def series_of(activation: Activation) -> OddSeries | None:
    """The series of a named activation or of an odd polynomial; None for anything else."""
    if activation.name in _NAMED and activation == NAMED[activation.name]:
        return _named(activation.name)
    return _polynomial(activation)


@cache
def _named(name: str) -> OddSeries:
    make, ratio = _NAMED[name]
    exact = [abs(float(c)) for c in islice(make(), MOST_TERMS + 1)]
    signed = [float(c) for c in islice(make(), MOST_TERMS)]
    reach = [0.0, *(_reach(exact[terms], terms, ratio(terms)) for terms in range(1, MOST_TERMS + 1))]
    # More terms never reach less far.
    return OddSeries(np.array(signed), np.maximum.accumulate(np.array(reach)))


def _reach(coefficient: float, terms: int, ratio: float) -> float:
    """The largest U at which the tail from ``terms`` on is below rounding, found from below by bisection."""

    def small(largest: float) -> bool:
        shrink = 1.0 - ratio * largest * largest * (2 * terms + 3) / (2 * terms + 1)
        return shrink > 0 and (2 * terms + 1) * coefficient * largest ** (2 * terms) <= _TAIL * shrink

    low, high = 0.0, _LARGEST_REACH
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if small(middle) else (low, middle)
    return low


def _tanh() -> Iterator[Fraction]:
    """From σ' = 1 − σ²."""
    known: list[Fraction] = []
    for j in range(MOST_TERMS + 1):
        square = sum((known[i] * known[j - 1 - i] for i in range(j)), Fraction(0))
        known.append(Fraction(1) if j == 0 else -square / (2 * j + 1))
        yield known[-1]


def _arctan() -> Iterator[Fraction]:
    return (Fraction((-1) ** j, 2 * j + 1) for j in range(MOST_TERMS + 1))


def _sin() -> Iterator[Fraction]:
    return (Fraction((-1) ** j, math.factorial(2 * j + 1)) for j in range(MOST_TERMS + 1))


def _rational() -> Iterator[Fraction]:
    """The binomial series of (1 + u²)^{−1/2}."""
    value = Fraction(1)
    for j in range(MOST_TERMS + 1):
        yield value
        value *= Fraction(-(2 * j + 1), 2 * (j + 1))


def _gudermannian() -> Iterator[Fraction]:
    """From gd' cosh = 1."""
    slope: list[Fraction] = []
    for j in range(MOST_TERMS + 1):
        rest = sum((slope[i] / math.factorial(2 * (j - i)) for i in range(j)), Fraction(0))
        slope.append(Fraction(1) if j == 0 else -rest)
        yield slope[-1] / (2 * j + 1)


def _erf() -> Iterator[float]:
    """erf(√π u/2) = Σ (−π/4)^j u^{2j+1} / (j! (2j + 1))."""
    return ((-math.pi / 4) ** j / (math.factorial(j) * (2 * j + 1)) for j in range(MOST_TERMS + 1))


# For tanh, |c_j| = 8·4^j Σ_l ((2l − 1)π)^{−2j−2} from its poles, so the ratio stays below 4/π²; for gd, |c_j| =
# 2(2/π)^{2j+1} β(2j + 1)/(2j + 1) with Dirichlet's β, increasing to 1 from β(3) = 0.9689 for j ≥ 1, and the factor
# (2j + 1)/(2j + 3) pays for it.
_NAMED: dict[str, tuple[Callable[[], Iterator[Any]], Callable[[int], float]]] = {
    "tanh": (_tanh, lambda j: 4 / math.pi**2),
    "arctan": (_arctan, lambda j: 1.0),
    "sin": (_sin, lambda j: 1.0 / ((2 * j + 2) * (2 * j + 3))),
    "rational": (_rational, lambda j: 1.0),
    "gd": (_gudermannian, lambda j: 4 / math.pi**2),
    "erf": (_erf, lambda j: math.pi / (4 * (j + 1))),
}


def _polynomial(activation: Activation) -> OddSeries | None:
    """The coefficients of an activation whose formula is an odd polynomial of moderate degree."""
    formula, slope = getattr(activation.value, "formula", None), getattr(activation.value, "slope", 1.0)
    powers = None if formula is None else _powers(formula.tree)
    if not powers or any(power % 2 == 0 for power in powers):
        return None
    coefficients = np.zeros((max(powers) + 1) // 2)
    for power, value in powers.items():
        coefficients[power // 2] = float(value) / slope**power
    reach = np.zeros(len(coefficients) + 1)
    reach[-1] = math.inf
    return OddSeries(coefficients, reach) if np.all(np.isfinite(coefficients)) else None


def _powers(tree: Any) -> dict[int, Fraction] | None:
    """Exponent → coefficient of a polynomial in one variable, without zeros; None for anything else."""
    kind, *parts = tree
    if kind == "num":
        return {0: Fraction(parts[0])} if parts[0] else {}
    if kind == "var":
        return {1: Fraction(1)}
    if kind == "pow" and parts[1][0] == "num":
        base, exponent = _powers(parts[0]), parts[1][1]
        if base is None or exponent != int(exponent) or not 0 <= exponent <= _HIGHEST_POWER:
            return None
        result: dict[int, Fraction] | None = {0: Fraction(1)}
        for _ in range(int(exponent)):
            result = _product(result, base)
        return result
    if kind not in ("neg", "add", "sub", "mul", "div"):
        return None
    sides = [_powers(part) for part in parts]
    first, second = sides[0], sides[-1]
    if first is None or second is None:
        return None
    if kind == "neg":
        return {power: -value for power, value in first.items()}
    if kind == "mul":
        return _product(first, second)
    if kind == "div":
        below = second.get(0)
        return {p: v / below for p, v in first.items()} if below and len(second) == 1 else None
    total = dict(first)
    for power, value in second.items():
        total[power] = total.get(power, Fraction(0)) + (value if kind == "add" else -value)
    return {power: value for power, value in total.items() if value}


def _product(
    first: dict[int, Fraction] | None, second: dict[int, Fraction] | None
) -> dict[int, Fraction] | None:
    if first is None or second is None or max(first, default=0) + max(second, default=0) > _HIGHEST_POWER:
        return None
    total: dict[int, Fraction] = {}
    for p, u in first.items():
        for q, v in second.items():
            total[p + q] = total.get(p + q, Fraction(0)) + u * v
    return {power: value for power, value in total.items() if value}
