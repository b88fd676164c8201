"""Power laws and logarithmic laws in the width fitted to measurements, with confidence intervals.

Finite widths deviate from a law by a relative b/m: a fit without that term is biased, and its intervals, which
know of scatter only, miss the truth. Where the widths are too few or too close to say anything, a fit is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError

Interval = tuple[float, float]
Scatter = Literal["equal", "each"]

LEAST_SPAN = 4.0

_ROUNDS = 50


@dataclass(frozen=True)
class PowerFit:
    """Exponent p and constant c of a power law, each with an interval of confidence ``level``.

    ``correction`` is b in value = c · width^p · (1 + b/width), None where no such term was fitted.
    """

    exponent: float
    exponent_interval: Interval
    constant: float
    constant_interval: Interval
    level: float
    correction: float | None = None
    correction_interval: Interval | None = None


@dataclass(frozen=True)
class LogFit:
    """Slope s and constant C of value = s · log(width) + C, with intervals of confidence ``level``.

    ``correction`` is b in a further term b/width, None where it was not fitted.
    """

    slope: float
    slope_interval: Interval
    constant: float
    constant_interval: Interval
    level: float
    correction: float | None = None
    correction_interval: Interval | None = None


def fit_power(
    widths: Sequence[float],
    values: Sequence[float],
    *,
    level: float = 0.95,
    corrected: bool = False,
    weights: Sequence[float] | None = None,
    scatter: Scatter = "equal",
    resolution: float | None = None,
) -> PowerFit:
    """value = c · width^p, or c · width^p · (1 + b/width) if ``corrected``, by least squares in log value.

    ``scatter`` "equal": the variance of log value is the same everywhere, or proportional to 1/``weights``; the
    intervals are Student's and have their coverage for normal errors; with b, to first order in its error, and so
    not where b is larger than the smallest width and poorly determined.
    "each": several values at each width, whose own scatter there is its error (Welch and Satterthwaite).

    InputError where this cannot be said: widths or values that are not positive and finite, fewer than 3
    distinct widths (4 if ``corrected``), widths within a factor of LEAST_SPAN, or an interval of the exponent
    wider than ``resolution``.
    """
    x, y = _paired(widths, values)
    if not np.all(y > 0):
        raise InputError("A power law is fitted to positive finite widths and values only.")
    regression = _Regression(x, np.log(y), level, corrected, weights, scatter)
    estimate, half = regression.nonlinear() if corrected else regression.linear()
    constant, exponent = estimate[:2]
    interval = (exponent - half[1], exponent + half[1])
    _resolved("exponent", interval, resolution, level)
    return PowerFit(
        exponent,
        interval,
        math.exp(constant),
        (math.exp(constant - half[0]), math.exp(constant + half[0])),
        level,
        estimate[2] if corrected else None,
        (estimate[2] - half[2], estimate[2] + half[2]) if corrected else None,
    )


def fit_logarithm(
    widths: Sequence[float],
    values: Sequence[float],
    *,
    level: float = 0.95,
    corrected: bool = False,
    weights: Sequence[float] | None = None,
    scatter: Scatter = "equal",
    resolution: float | None = None,
) -> LogFit:
    """value = s · log(width) + C, and + b/width if ``corrected``: the law of the descent time T_2.

    Arguments and refusals as in ``fit_power``, for the values themselves, which may have any sign. Linear in all
    of its parameters, so that intervals with equal scatter have exactly their coverage for normal errors.
    """
    x, y = _paired(widths, values)
    estimate, half = _Regression(x, y, level, corrected, weights, scatter).linear()
    constant, slope = estimate[:2]
    interval = (slope - half[1], slope + half[1])
    _resolved("slope", interval, resolution, level)
    return LogFit(
        slope,
        interval,
        constant,
        (constant - half[0], constant + half[0]),
        level,
        estimate[2] if corrected else None,
        (estimate[2] - half[2], estimate[2] + half[2]) if corrected else None,
    )


def _paired(widths: Sequence[float], values: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    x = np.asarray(widths, dtype=np.float64)
    y = np.asarray(values, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"A fit needs one value a width; got {x.size} widths and {y.size} values.")
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y)) and np.all(x > 0)):
        raise InputError("A law is fitted to positive finite widths and finite values only.")
    return x, y


def _resolved(what: str, interval: Interval, resolution: float | None, level: float) -> None:
    if resolution is None:
        return
    if not resolution > 0:
        raise InputError(f"The resolution is {resolution}; it must be positive.")
    if interval[1] - interval[0] > resolution:
        raise InputError(
            f"The range is too short to say: at level {level:g} the {what} lies in [{interval[0]:.4g}, "
            f"{interval[1]:.4g}], wider than the resolution {resolution:g}; add wider networks, or more seeds."
        )


class _Regression:
    """y = C + p log m (+ a correction) + error."""

    def __init__(
        self,
        widths: FloatArray,
        y: FloatArray,
        level: float,
        corrected: bool,
        weights: Sequence[float] | None,
        scatter: Scatter,
    ) -> None:
        distinct = np.unique(widths)
        needed = 4 if corrected else 3
        if len(distinct) < needed:
            what = "A fit with a finite-size correction" if corrected else "A fit with an interval"
            raise InputError(f"{what} needs {needed} distinct widths; there are {len(distinct)}.")
        if distinct[-1] < LEAST_SPAN * distinct[0]:
            raise InputError(
                f"The range is too short to say: the widths {distinct[0]:g} to {distinct[-1]:g} span less than a "
                f"factor of {LEAST_SPAN:g}; add wider networks."
            )
        if not 0 < level < 1:
            raise InputError(f"The confidence level is {level}; it must lie between 0 and 1.")
        self.widths, self.y, self.level, self.corrected = widths, y, level, corrected
        self.weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
        if self.weights.shape != y.shape or not np.all((self.weights > 0) & (self.weights < np.inf)):
            raise InputError("The weights of a fit must be positive finite numbers, one a value.")
        if scatter not in ("equal", "each"):
            raise InputError(f'The scatter is "equal" or "each", not {scatter!r}.')
        self.groups: list[np.ndarray[tuple[int], np.dtype[np.intp]]] | None = None
        if scatter == "each":
            self.groups = [np.flatnonzero(widths == width) for width in distinct]
            for width, group in zip(distinct, self.groups, strict=True):
                if len(group) < 2:
                    raise InputError(
                        f"At width {width:g} there is one value only; its scatter needs at least two seeds."
                    )

    def linear(self) -> tuple[list[float], list[float]]:
        """Estimates of C, p (and b of b/m) with half the widths of their intervals."""
        design = self.design(1 / self.widths)
        solver = self.solver(design)
        estimate = solver @ self.y
        return estimate.tolist(), self.halves(design, solver, self.y - design @ estimate)

    def nonlinear(self) -> tuple[list[float], list[float]]:
        """The same with log(1 + b/m), by Gauss–Newton steps from the linear fit."""
        log_widths, lowest = np.log(self.widths), -float(self.widths.min())
        estimate = self.solver(self.design(1 / self.widths)) @ self.y
        estimate[2] = max(float(estimate[2]), 0.9 * lowest)

        def residual(at: FloatArray) -> FloatArray:
            return np.asarray(self.y - at[0] - at[1] * log_widths - np.log1p(at[2] / self.widths))

        for _ in range(_ROUNDS):
            error = residual(estimate)
            step = self.solver(self.design(1 / (self.widths + estimate[2]))) @ error
            shrunk = 1.0
            # Half of the step, and again, while it leaves 1 + b/m > 0 or makes the fit worse.
            while shrunk > 1e-6:
                moved = estimate + shrunk * step
                if moved[2] > lowest and self.sum(residual(moved)) <= self.sum(error):
                    break
                shrunk /= 2
            else:
                break
            estimate = moved
            if abs(step[2]) <= 1e-12 * (abs(estimate[2]) - lowest):
                break
        design = self.design(1 / (self.widths + estimate[2]))
        return estimate.tolist(), self.halves(design, self.solver(design), residual(estimate))

    def design(self, correction: FloatArray) -> FloatArray:
        columns = [np.ones(len(self.widths)), np.log(self.widths)]
        return np.column_stack([*columns, correction] if self.corrected else columns)

    def solver(self, design: FloatArray) -> FloatArray:
        """The matrix that takes values to least-squares estimates, (parameters, values)."""
        root = np.sqrt(self.weights)
        # Columns of very different size: pinv after scaling them.
        size = np.linalg.norm(design * root[:, None], axis=0)
        return np.asarray(np.linalg.pinv(design * root[:, None] / size) * root / size[:, None])

    def sum(self, residual: FloatArray) -> float:
        return float(self.weights @ (residual * residual))

    def halves(self, design: FloatArray, solver: FloatArray, residual: FloatArray) -> list[float]:
        from scipy.stats import t as student

        if self.groups is None:
            freedom = len(self.y) - design.shape[1]
            variance = self.sum(residual) / freedom
            spread = np.sqrt(variance * np.sum(solver**2 / self.weights, axis=1))
            return [float(student.ppf(0.5 + self.level / 2, freedom) * one) for one in spread]
        # What each width contributes to the variance of each estimate, from the scatter of its values.
        parts = np.array([self.y[g].var(ddof=1) * np.sum(solver[:, g] ** 2, axis=1) for g in self.groups])
        total = parts.sum(axis=0)
        freedoms = np.array([len(group) - 1.0 for group in self.groups])
        below = np.sum(parts**2 / freedoms[:, None], axis=0)
        freedom_each = np.where(below > 0, total**2 / np.where(below > 0, below, 1.0), freedoms.sum())
        quantiles = student.ppf(0.5 + self.level / 2, freedom_each)
        return [float(one) for one in quantiles * np.sqrt(total)]
