"""Power laws value = C · width^s fitted to measurements, with confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.errors import InputError


@dataclass(frozen=True)
class PowerFit:
    """Exponent s and constant C of a power law, each with an interval of confidence ``level``."""

    exponent: float
    exponent_interval: tuple[float, float]
    constant: float
    constant_interval: tuple[float, float]
    level: float


def fit_power(widths: Sequence[float], values: Sequence[float], *, level: float = 0.95) -> PowerFit:
    """Least squares of log value on log width, with Student-t intervals (n − 2 degrees of freedom).

    The intervals have their stated coverage for independent normal errors of equal variance in log value.
    InputError for fewer than three distinct widths, or a width or value that is not positive and finite.
    """
    from scipy.stats import t as student

    x = np.asarray(widths, dtype=np.float64)
    y = np.asarray(values, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"A fit needs one value a width; got {x.size} widths and {y.size} values.")
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y)) and np.all(x > 0) and np.all(y > 0)):
        raise InputError("A power law is fitted to positive finite widths and values only.")
    if len(np.unique(x)) < 3:
        raise InputError(f"A fit with an interval needs 3 distinct widths; there are {len(np.unique(x))}.")
    if not 0 < level < 1:
        raise InputError(f"The confidence level is {level}; it must lie between 0 and 1.")
    log_x, log_y = np.log(x), np.log(y)
    centre = log_x.mean()
    spread = float(np.sum((log_x - centre) ** 2))
    exponent = float(np.sum((log_x - centre) * (log_y - log_y.mean()))) / spread
    intercept = float(log_y.mean()) - exponent * float(centre)
    errors = log_y - intercept - exponent * log_x
    variance = float(np.sum(errors**2)) / (len(x) - 2)
    quantile = float(student.ppf(0.5 + level / 2, len(x) - 2))
    half_exponent = quantile * math.sqrt(variance / spread)
    half_intercept = quantile * math.sqrt(variance * (1 / len(x) + float(centre) ** 2 / spread))
    return PowerFit(
        exponent,
        (exponent - half_exponent, exponent + half_exponent),
        math.exp(intercept),
        (math.exp(intercept - half_intercept), math.exp(intercept + half_intercept)),
        level,
    )
