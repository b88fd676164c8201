# mypy: disable-error-code="untyped-decorator"
"""Steps of DOP853 on the moments of a network, compiled: for many runs of small and middling networks.

The step and its control are those of Hairer, Nørsett and Wanner as scipy has them, to the order of the sums; what is
saved is the time between them, and between steps where several are taken in one call. Imported by
``numerics.kernels.loading`` alone.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from numerics.array import FloatArray
from numerics.kernels.compiled import _BLOCK, _KEPT, _SUMS

# The functions list the same arrays one by one, as arguments: plain arrays are what numba compiles, keeps on disk and
# is called with from Python at the least cost. The loops themselves are here once.
DONE, TOO_SMALL, BEYOND = 0, 1, 2
BLOCK = _BLOCK
_STAGES = 12
_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 10.0


@numba.njit(cache=_KEPT, error_model="numpy", fastmath=_SUMS)
def moment_drift(
    y: FloatArray,
    mu: FloatArray,
    coefficients: FloatArray,
    reach: FloatArray,
    scale: float,
    powers: FloatArray,
    labels: FloatArray,
    weights: FloatArray,
    work: FloatArray,
    drift: FloatArray,
) -> bool:
    """The drift (2m,) of the state y (2m,) = a_0, w_0, a_1, w_1, …; False beyond the reach of the series.

    Series and powers (terms, n) as in ``numerics.kernels.moments``; work (6, at least terms, n and 256) is work space.
    """
    m, n = y.size // 2, labels.size
    largest = 0.0
    for k in range(m):
        largest = max(largest, abs(y[2 * k + 1]))
    terms = 1
    while terms < reach.size and not largest * scale <= reach[terms]:
        terms += 1
    if terms == reach.size:
        return False
    pull, square, power, both = work[0], work[1], work[2], work[3]
    sums, to_a = work[4], work[5]
    for j in range(terms):
        sums[j] = 0.0
    for start in range(0, m, _BLOCK):
        count = min(_BLOCK, m - start)
        for k in range(count):
            w = y[2 * (start + k) + 1] * scale
            square[k] = w * w
            power[k] = mu[start + k] * y[2 * (start + k)] * w
        for j in range(terms):
            total = 0.0
            for k in range(count):
                total += power[k]
            sums[j] += total
            if j + 1 < terms:
                for k in range(count):
                    power[k] *= square[k]
    for i in range(n):
        pull[i] = 0.0
    for j in range(terms):
        factor = coefficients[j] * sums[j]
        for i in range(n):
            pull[i] += factor * powers[j, i]
    for i in range(n):
        pull[i] = (labels[i] - pull[i]) * weights[i]
    for j in range(terms):
        total = 0.0
        for i in range(n):
            total += pull[i] * powers[j, i]
        to_a[j] = coefficients[j] * total
    for start in range(0, m, _BLOCK):
        count = min(_BLOCK, m - start)
        for k in range(count):
            w = y[2 * (start + k) + 1] * scale
            square[k] = w * w
            power[k] = to_a[terms - 1]
            both[k] = (2 * terms - 1) * to_a[terms - 1]
        for j in range(terms - 2, -1, -1):
            one, other = to_a[j], (2 * j + 1) * to_a[j]
            for k in range(count):
                power[k] = power[k] * square[k] + one
                both[k] = both[k] * square[k] + other
        for k in range(count):
            drift[2 * (start + k)] = y[2 * (start + k) + 1] * scale * power[k]
            drift[2 * (start + k) + 1] = y[2 * (start + k)] * scale * both[k]
    return True


@numba.njit(cache=_KEPT, error_model="numpy", fastmath=_SUMS)
def step(
    t: float,
    bound: float,
    size: float,
    y: FloatArray,
    slopes: FloatArray,
    tableau: FloatArray,
    final: FloatArray,
    error3: FloatArray,
    error5: FloatArray,
    rtol: float,
    atol: float,
    new: FloatArray,
    mu: FloatArray,
    coefficients: FloatArray,
    reach: FloatArray,
    scale: float,
    powers: FloatArray,
    labels: FloatArray,
    weights: FloatArray,
    work: FloatArray,
) -> tuple[int, float, float, float, int]:
    """From y (N,) at t, with its slope in slopes[0], to ``new``: code, new t, step taken, next step size, attempts.

    ``slopes`` (13, N) are left as the dense output wants them.
    """
    smallest = 10.0 * (np.nextafter(t, math.inf) - t)
    size = max(size, smallest)
    rejected = False
    attempts = 0
    trial = np.empty_like(y)
    while True:
        if not size >= smallest:
            return TOO_SMALL, t, 0.0, size, attempts
        end = min(t + size, bound)
        h = end - t
        size = h
        attempts += 1
        for stage in range(1, _STAGES + 1):
            target = new if stage == _STAGES else trial
            for i in range(y.size):
                target[i] = 0.0
            for j in range(stage):
                factor = final[j] if stage == _STAGES else tableau[stage, j]
                if factor != 0.0:
                    for i in range(y.size):
                        target[i] += factor * slopes[j, i]
            for i in range(y.size):
                target[i] = y[i] + h * target[i]
            if not moment_drift(
                target, mu, coefficients, reach, scale, powers, labels, weights, work, slopes[stage]
            ):
                return BEYOND, t, 0.0, size, attempts
        first, second = 0.0, 0.0
        for i in range(y.size):
            three, five = 0.0, 0.0
            for j in range(_STAGES + 1):
                three += error3[j] * slopes[j, i]
                five += error5[j] * slopes[j, i]
            allowed = atol + max(abs(y[i]), abs(new[i])) * rtol
            first += (five / allowed) ** 2
            second += (three / allowed) ** 2
        error = 0.0
        if first != 0.0 or second != 0.0:
            error = h * first / math.sqrt((first + 0.01 * second) * y.size)
        if error < 1.0:
            factor = _GROW if error == 0.0 else min(_GROW, _SAFETY * error**-0.125)
            return DONE, end, h, size * (min(1.0, factor) if rejected else factor), attempts
        factor = _SAFETY * error**-0.125
        size *= factor if factor > _SHRINK else _SHRINK  # a NaN shrinks the step too, until it is too small
        rejected = True


@numba.njit(cache=_KEPT, error_model="numpy", fastmath=_SUMS)
def interpolant(
    h: float,
    before: FloatArray,
    after: FloatArray,
    slopes: FloatArray,
    extra: FloatArray,
    combination: FloatArray,
    found: FloatArray,
    mu: FloatArray,
    coefficients: FloatArray,
    reach: FloatArray,
    scale: float,
    powers: FloatArray,
    labels: FloatArray,
    weights: FloatArray,
    work: FloatArray,
) -> bool:
    """The coefficients ``found`` (7, N) of the interpolant of a step of length h; False beyond the reach of the series.

    ``slopes`` (16, N) hold the 13 of the step; ``extra`` (3, 16) and ``combination`` (4, 16) are scipy's.
    """
    trial = np.empty_like(before)
    for stage in range(_STAGES + 1, slopes.shape[0]):
        for i in range(before.size):
            trial[i] = 0.0
        for j in range(stage):
            factor = extra[stage - _STAGES - 1, j]
            if factor != 0.0:
                for i in range(before.size):
                    trial[i] += factor * slopes[j, i]
        for i in range(before.size):
            trial[i] = before[i] + h * trial[i]
        if not moment_drift(
            trial, mu, coefficients, reach, scale, powers, labels, weights, work, slopes[stage]
        ):
            return False
    for i in range(before.size):
        change = after[i] - before[i]
        found[0, i] = change
        found[1, i] = h * slopes[0, i] - change
        found[2, i] = 2.0 * change - h * (slopes[_STAGES, i] + slopes[0, i])
    for row in range(combination.shape[0]):
        for i in range(before.size):
            found[3 + row, i] = 0.0
        for j in range(slopes.shape[0]):
            factor = h * combination[row, j]
            if factor != 0.0:
                for i in range(before.size):
                    found[3 + row, i] += factor * slopes[j, i]
    return True


@numba.njit(cache=_KEPT, error_model="numpy", fastmath=_SUMS)
def several_steps(
    t: float,
    bound: float,
    size: float,
    y: FloatArray,
    slopes: FloatArray,
    tableau: FloatArray,
    final: FloatArray,
    error3: FloatArray,
    error5: FloatArray,
    rtol: float,
    atol: float,
    extra: FloatArray,
    combination: FloatArray,
    times: FloatArray,
    states: FloatArray,
    dense: FloatArray,
    mu: FloatArray,
    coefficients: FloatArray,
    reach: FloatArray,
    scale: float,
    powers: FloatArray,
    labels: FloatArray,
    weights: FloatArray,
    work: FloatArray,
) -> tuple[int, float, float, int]:
    """Steps from y (N,) at t, with its slope in slopes[0], up to ``bound`` or until ``times`` (S,) is full.

    Fills times, states (S, N) and the interpolants dense (S, 7, N): how many steps, the last one's length, the next
    step size, attempts. It ends early, before a step that cannot be made here, whatever the reason. slopes[0] is then
    that of the last state. ``slopes`` (16, N) are work space.
    """
    made, attempts, length = 0, 0, 0.0
    while made < times.size and t < bound:
        before = y if made == 0 else states[made - 1]
        after = states[made]
        code, end, h, following, tried = step(
            t, bound, size, before, slopes[: _STAGES + 1], tableau, final, error3, error5, rtol, atol, after,
            mu, coefficients, reach, scale, powers, labels, weights, work,
        )  # fmt: skip
        if code != DONE:
            break
        finite = True
        for i in range(y.size):
            finite = finite and math.isfinite(after[i])
        if not finite or not interpolant(
            h, before, after, slopes, extra, combination, dense[made],
            mu, coefficients, reach, scale, powers, labels, weights, work,
        ):  # fmt: skip
            break
        for i in range(y.size):
            slopes[0, i] = slopes[_STAGES, i]
        times[made] = end
        t, size, length = end, following, h
        attempts += tried
        made += 1
    return made, length, size, attempts
