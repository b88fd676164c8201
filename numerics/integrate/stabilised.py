# mypy: disable-error-code="has-type"
"""An explicit method for long stretches of slow change: Runge–Kutta–Chebyshev of order 2, as a solver of scipy.

On a plateau the weights change within times of order m, but fast modes that have died out still bound the steps of a
usual explicit method to about 3. Here s stages together may step about ⅔ s²/ρ, ρ the largest rate: cheaper by a factor
that grows with the step, without a Jacobian. Only for rates that are real and not positive, or small, such as those of
a gradient flow; accuracy is of order 2, so not for the descent itself.

Source: Sommeijer, Shampine and Verwer, RKC: an explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88 (1998).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.integrate import DenseOutput, OdeSolver

from numerics.array import FloatArray

_MOST_STAGES = 60
_DAMPING = 2 / 13
_RENEWED = 25  # steps after which the largest rate is estimated anew
_POWER_STEPS, _SETTLED = 30, 0.02
_SAFETY = 1.2


@lru_cache(maxsize=_MOST_STAGES)
def coefficients(stages: int) -> tuple[float, list[tuple[float, float, float, float]]]:
    """The share of h f(y) in the first stage; (μ, ν, μ̃, γ̃) of each later one."""
    w0 = 1 + _DAMPING / stages**2
    T, dT, ddT = [1.0, w0], [0.0, 1.0], [0.0, 0.0]
    for _ in range(2, stages + 1):
        T.append(2 * w0 * T[-1] - T[-2])
        dT.append(2 * T[-2] + 2 * w0 * dT[-1] - dT[-2])
        ddT.append(4 * dT[-2] + 2 * w0 * ddT[-1] - ddT[-2])
    w1 = dT[stages] / ddT[stages]
    b = [ddT[max(j, 2)] / dT[max(j, 2)] ** 2 for j in range(stages + 1)]
    later = []
    for j in range(2, stages + 1):
        share = 2 * b[j] * w1 / b[j - 1]
        before = 1 - b[j - 1] * T[j - 1]
        later.append((2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2], share, -before * share))
    return b[1] * w1, later


class Stabilised(OdeSolver):  # type: ignore[misc]
    """Takes the arguments of scipy's DOP853; the error of a step is bounded in the same norm."""

    def __init__(
        self,
        fun: Callable[[float, FloatArray], FloatArray],
        t0: float,
        y0: FloatArray,
        t_bound: float,
        rtol: float = 1e-6,
        atol: float = 1e-9,
        **unused: Any,
    ) -> None:
        super().__init__(fun, t0, y0, t_bound, False)
        self.rtol, self.atol = rtol, atol
        self.f = self.fun(self.t, self.y)
        self._mode: FloatArray | None = None
        self._age = 0
        self._rate = self._largest_rate() if np.all(np.isfinite(self.f)) else math.nan
        self.h_abs = min(0.1 / self._rate if self._rate > 0 else math.inf, abs(t_bound - t0))
        self.y_old, self.f_old = self.y, self.f

    def _largest_rate(self) -> float:
        """The spectral radius of the Jacobian by the power method, on differences of the drift; 20 % above what it
        finds."""
        size = float(np.linalg.norm(self.y))
        shift = 1e-7 * size if size > 0 else 1e-7
        mode = self._mode
        if mode is None:
            mode = self.f if np.any(self.f) else np.ones_like(self.y)
            # No direction is left out, whatever the symmetry of f.
            mode = mode / np.linalg.norm(mode) + np.cos(np.arange(len(mode))) / math.sqrt(len(mode))
        rate = 0.0
        for _ in range(_POWER_STEPS):
            mode = mode / np.linalg.norm(mode)
            mode = (self.fun(self.t, self.y + shift * mode) - self.f) / shift
            found = float(np.linalg.norm(mode))
            if not math.isfinite(found) or found == 0.0:
                break
            if abs(found - rate) < _SETTLED * found:
                rate = found
                break
            rate = found
        self._mode, self._age = mode if np.all(np.isfinite(mode)) and np.any(mode) else None, 0
        return _SAFETY * max(rate, 1e-300)

    def _step_impl(self) -> tuple[bool, str | None]:
        if self._age >= _RENEWED:
            self._rate = self._largest_rate()
        smallest = 10 * abs(np.nextafter(self.t, math.inf) - self.t)
        rejected = False
        while True:
            h = min(self.h_abs, abs(self.t_bound - self.t), 0.65 * (_MOST_STAGES**2 - 1) / self._rate)
            if not h >= smallest and h != abs(self.t_bound - self.t):
                return False, self.TOO_SMALL_STEP
            new = self._stages(h, max(2, math.ceil(math.sqrt(1 + 1.54 * h * self._rate))))
            rates = self.fun(self.t + h, new)
            error = 0.8 * (self.y - new) + 0.4 * h * (self.f + rates)
            scale = self.atol + self.rtol * np.maximum(np.abs(self.y), np.abs(new))
            size = float(np.linalg.norm(error / scale)) / math.sqrt(len(new))
            if size <= 1:
                break
            self.h_abs = h * (max(0.1, 0.8 * size ** (-1 / 3)) if math.isfinite(size) else 0.1)
            # The rates may have grown since they were looked at.
            self._rate, rejected = self._largest_rate(), True
        grown = 5.0 if size == 0 else min(5.0, max(0.3, 0.8 * size ** (-1 / 3)))
        self.h_abs = h * (min(1.0, grown) if rejected else grown)
        self.y_old, self.f_old = self.y, self.f
        self.t, self.y, self.f = self.t + h, new, rates
        if abs(self.t_bound - self.t) <= smallest / 10:
            self.t = self.t_bound
        self._age += 1
        return True, None

    def _stages(self, h: float, count: int) -> FloatArray:
        first, later = coefficients(count)
        before, now = self.y, self.y + first * h * self.f
        for mu, nu, share, rest in later:
            rates = self.fun(self.t, now)
            new = (1 - mu - nu) * self.y + mu * now + nu * before + h * (share * rates + rest * self.f)
            before, now = now, new
        return np.asarray(now)

    def _dense_output_impl(self) -> DenseOutput:
        return _Cubic(self.t_old, self.t, self.y_old, self.y, self.f_old, self.f)


class _Cubic(DenseOutput):  # type: ignore[misc]
    """The cubic with the states and the rates of both ends."""

    def __init__(
        self, start: float, end: float, y: FloatArray, new: FloatArray, f: FloatArray, rates: FloatArray
    ) -> None:
        super().__init__(start, end)
        self.y, self.new, self.f, self.rates = y, new, f, rates

    def _call_impl(self, time: float) -> FloatArray:
        h = self.t - self.t_old
        x = (time - self.t_old) / h
        rise = self.new - self.y
        bent = (1 - 2 * x) * rise + (x - 1) * h * self.f + x * h * self.rates
        return np.asarray((1 - x) * self.y + x * self.new + x * (x - 1) * bent)
