"""The lower-loss-as-sharper map m' = m + ε(1 − z), z' = (1 − m)² z, iterated in log z.

Between two spikes z = αy² falls by hundreds of decades and underflows in double precision; with it goes the memory
of when the next spike comes. The state kept here is d = m − 2 and u = log z, so that

    d' = d − ε expm1(u),  u' = u + 2 log|1 + d|

has no cancellation near the threshold m = 2, and both sums carry the part that rounding took off them: the
error of a step is that of one logarithm and one exponential, whatever the size of u.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.errors import InputError


@dataclass(frozen=True, eq=False)
class Orbit:
    """States after 0, 1, … steps: ``m`` and ``log_z`` (k,), and ``above`` = m − 2 with its own rounding.

    status: "ok", or "diverged" where the orbit came to m < 0 with z > 1; it never returns from there, and ends.
    """

    epsilon: float
    above: FloatArray
    log_z: FloatArray
    status: Literal["ok", "diverged"]

    @property
    def m(self) -> FloatArray:
        """η λ on the axis."""
        return 2.0 + self.above

    def __len__(self) -> int:
        return len(self.log_z)


@dataclass(frozen=True)
class ToySpike:
    """One excursion of an orbit: the steps at which m is largest, z passes 1 and z is largest, and what they are."""

    widest: int
    peak: int
    m_max: float
    log_z_peak: float


def reduced_parameters(
    alpha: float, beta: float, rate: float, x: float, y: float
) -> tuple[float, float, float]:
    """(ε, m, log z) of gradient descent with this rate from (x, y) on (αx + β)y² − x + C. InputError for α ≤ 0, a rate
    that is not positive, or y = 0."""
    if not alpha > 0 or not rate > 0 or y == 0:
        raise InputError("The map needs alpha > 0, a learning rate above zero, and a start off the axis.")
    return 2 * alpha * rate * rate, 2 * rate * (alpha * x + beta), math.log(alpha) + 2 * math.log(abs(y))


def orbit(epsilon: float, m: float, log_z: float, steps: int) -> Orbit:
    """``steps`` steps from (m, log z), fewer where the orbit diverges. InputError for numbers that make no sense."""
    _checked(epsilon, steps)
    if not (math.isfinite(m) and math.isfinite(log_z)):
        raise InputError(f"An orbit starts from finite numbers, not m = {m}, log z = {log_z}.")
    above, height = np.empty(steps + 1), np.empty(steps + 1)
    d, d_low, u, u_low = m - 2.0, 0.0, log_z, 0.0
    for step in range(steps + 1):
        above[step], height[step] = d, u
        if _lost(d, u):
            return Orbit(epsilon, above[: step + 1], height[: step + 1], "diverged")
        pull = -epsilon * (math.expm1(u) + math.exp(u) * u_low)
        factor = 2.0 * _log_of_growth(d, d_low)
        d, d_low = _added(d, d_low, pull)
        u, u_low = _added(u, u_low, factor)
    return Orbit(epsilon, above, height, "ok")


def divergence_steps(epsilon: FloatArray, m: FloatArray, log_z: FloatArray, steps: int) -> NDArray[np.int64]:
    """For many starts (k,) at once: the step at which each has come to m < 0 with z > 1; −1 if none of ``steps``."""
    _checked(float(np.min(epsilon)), steps)
    rate, d, u = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (epsilon, m - 2.0, log_z)))
    found = np.full(d.shape, -1, dtype=np.int64)
    d, u, going = d.copy(), u.copy(), np.arange(d.size)
    for step in range(steps + 1):
        lost = (d < -2.0) & (u > 0.0)
        if np.any(lost):
            found[going[lost]] = step
            d, u, rate, going = d[~lost], u[~lost], rate[~lost], going[~lost]
        if not going.size:
            break
        with np.errstate(divide="ignore"):
            grown = u + 2.0 * np.log(np.abs(1.0 + d))
        d, u = d - rate * np.expm1(u), grown
    return found


def spikes_of(found: Orbit) -> list[ToySpike]:
    """The excursions of an orbit that came to a peak (a largest z, above 1), in order."""
    u, spikes, start = found.log_z, [], 0
    rising = np.flatnonzero((u[:-1] <= 0.0) & (u[1:] > 0.0))
    for first in rising:
        after = np.flatnonzero(u[first + 1 :] <= 0.0)
        end = int(first) + 1 + int(after[0]) if len(after) else len(u) - 1
        peak = int(first) + int(np.argmax(u[first : end + 1]))
        if peak == end and found.status == "ok" and not len(after):
            break  # still rising where the orbit ends
        widest = start + int(np.argmax(found.above[start : peak + 1]))
        spikes.append(ToySpike(widest, peak, float(found.m[widest]), float(u[peak])))
        start = end
    return spikes


def plain_descent(
    alpha: float, beta: float, rate: float, x: float, y: float, steps: int
) -> tuple[FloatArray, FloatArray]:
    """x and y (steps + 1,) by gradient descent in double precision as it is written: y underflows.

    The arrays end early where a number is no longer finite.
    """
    xs, ys = np.empty(steps + 1), np.empty(steps + 1)
    for step in range(steps + 1):
        xs[step], ys[step] = x, y
        if not (math.isfinite(x) and math.isfinite(y)):
            return xs[:step], ys[:step]
        x, y = x + rate * (1.0 - alpha * y * y), (1.0 - 2.0 * rate * (alpha * x + beta)) * y
    return xs, ys


def crossing(function: Callable[[float], float], low: float, high: float) -> float:
    """The zero of a continuous function between two points where it differs in sign. InputError where it does not."""
    from scipy.optimize import brentq

    if not function(low) * function(high) <= 0:
        raise InputError(f"The function has the same sign at {low} and {high}.")
    return float(brentq(function, low, high, xtol=1e-14, rtol=1e-14))


def _checked(epsilon: float, steps: int) -> None:
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise InputError(f"The parameter epsilon is {epsilon}; it must be positive and finite.")
    if steps < 0:
        raise InputError(f"The number of steps is {steps}; it must not be negative.")


def _lost(d: float, u: float) -> bool:
    return d < -2.0 and u > 0.0


def _log_of_growth(d: float, low: float) -> float:
    """log|1 + d|, of m = 1 exactly minus infinity."""
    if d > -1.0:
        return math.log1p(d) + low / (1.0 + d)
    if d == -1.0:
        return math.log(abs(low)) if low else -math.inf
    return math.log(-1.0 - d) + low / (1.0 + d)


def _added(high: float, low: float, term: float) -> tuple[float, float]:
    """high + low + term as a rounded sum and what rounding took off it (Knuth's two-sum)."""
    total = high + term
    if not math.isfinite(total):
        return total, 0.0
    part = total - high
    lost = (high - (total - part)) + (term - part) + low
    rounded = total + lost
    return rounded, lost - (rounded - total)
