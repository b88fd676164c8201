# mypy: disable-error-code="has-type"
"""scipy's DOP853 with its steps compiled, for networks whose drift goes through moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from scipy.integrate import DOP853, DenseOutput

from numerics.array import FloatArray
from numerics.kernels.moments import Moments

Solver = Callable[..., DOP853]

_AT_ONCE = 32  # steps in one call
_MOST_NUMBERS = 2**12  # in a state, above which the time between two steps is of no account


@dataclass(frozen=True)
class Steps:
    """Steps in a row: their ends (k,), the states there (k, N) and an interpolant of each."""

    times: FloatArray
    states: FloatArray
    interpolants: list[DenseOutput]


class _Interpolant(DenseOutput):  # type: ignore[misc]
    """The polynomial of degree 7 in nested products of x and 1 − x, x from 0 to 1 along the step."""

    def __init__(self, start: float, end: float, y: FloatArray, coefficients: FloatArray) -> None:
        super().__init__(start, end)
        self.y, self.coefficients = y, coefficients

    def _call_impl(self, time: float) -> FloatArray:
        x = (time - self.t_old) / (self.t - self.t_old)
        total = np.zeros_like(self.y)
        for i, coefficient in enumerate(self.coefficients[::-1]):
            total += coefficient
            total *= x if i % 2 == 0 else 1.0 - x
        return np.asarray(total + self.y)


def compiled_solver(module: ModuleType, moments: Moments, mu: FloatArray | None, width: int) -> Solver:
    """A class to use in place of DOP853 for this network of this width; ``module`` holds the compiled step.

    Wherever a stage is beyond the reach of the series, scipy takes the step by the network's own drift.
    """
    counts = np.ones(width) if mu is None else np.array(mu, dtype=np.float64)
    series = moments.series
    fixed = (
        counts,
        np.array(series.coefficients),
        np.array(series.reach),
        moments.scale,
        np.array(moments.powers),
        np.array(moments.y),
        np.array(moments.weights),
        np.empty((6, max(module.BLOCK, len(moments.y), len(series.reach)))),
    )
    tableau = (np.array(DOP853.A), np.array(DOP853.B), np.array(DOP853.E3), np.array(DOP853.E5))

    dense = (np.array(DOP853.A_EXTRA), np.array(DOP853.D))

    class Compiled(DOP853):  # type: ignore[misc]
        compiled_evaluations = 0

        def __init__(
            self,
            drift: Callable[[float, FloatArray], FloatArray],
            t0: float,
            y0: FloatArray,
            *given: Any,
            **named: Any,
        ) -> None:
            def compiled(t: float, y: FloatArray) -> FloatArray:
                y = np.require(y, requirements=["C", "W"])
                found = np.empty_like(y)
                if not module.moment_drift(y, *fixed, found):
                    return drift(t, y)
                self.compiled_evaluations += 1
                return found

            super().__init__(compiled, t0, y0, *given, **named)

        def several_steps(self) -> Steps | None:
            """As many steps as are made at once; None where there is none that can be made so."""
            if self.y.size > _MOST_NUMBERS or self.status != "running":
                return None
            slopes = self.K_extended
            slopes[0] = self.f
            times, states = np.empty(_AT_ONCE), np.empty((_AT_ONCE, self.y.size))
            coefficients = np.empty((_AT_ONCE, len(self.D) + 3, self.y.size))
            y = np.require(self.y, requirements=["C", "W"])
            made, length, size, attempts = module.several_steps(
                self.t,
                self.t_bound,
                self.h_abs,
                y,
                slopes,
                *tableau,
                self.rtol,
                self.atol,
                *dense,
                times,
                states,
                coefficients,
                *fixed,
            )
            self.compiled_evaluations += 12 * attempts + len(self.A_EXTRA) * made
            if not made:
                return None
            starts = [self.t, *times[: made - 1].tolist()]
            before = [y, *states[: made - 1]]
            self.t_old, self.y_old = starts[-1], before[-1]
            self.t, self.y, self.f = float(times[made - 1]), states[made - 1].copy(), slopes[0].copy()
            self.h_previous, self.h_abs = length, size
            if self.t >= self.t_bound:
                self.status = "finished"
            return Steps(
                times[:made],
                states[:made],
                [
                    _Interpolant(start, end, state, coefficients[i])
                    for i, (start, end, state) in enumerate(
                        zip(starts, times[:made].tolist(), before, strict=True)
                    )
                ],
            )

        def _step_impl(self) -> tuple[bool, Any]:
            # ``K`` is a view of a larger table, which numba would take for another type if it were not contiguous.
            slopes = self.K_extended[: len(self.K)]
            slopes[0] = self.f
            new = np.empty_like(self.y)
            code, t, h, size, attempts = module.step(
                self.t,
                self.t_bound,
                self.h_abs,
                np.require(self.y, requirements=["C", "W"]),
                slopes,
                *tableau,
                self.rtol,
                self.atol,
                new,
                *fixed,
            )
            if code == module.BEYOND:
                return tuple(super()._step_impl())
            self.compiled_evaluations += 12 * attempts
            if code == module.TOO_SMALL:
                return False, self.TOO_SMALL_STEP
            self.h_previous, self.y_old = h, self.y
            self.t, self.y, self.h_abs, self.f = t, new, size, slopes[-1].copy()
            return True, None

        def _dense_output_impl(self) -> Any:
            coefficients = np.empty((len(self.D) + 3, len(self.y)))
            known = module.interpolant(
                self.h_previous, self.y_old, self.y, self.K_extended, *dense, coefficients, *fixed
            )
            if not known:
                return super()._dense_output_impl()
            self.compiled_evaluations += len(self.A_EXTRA)
            return _Interpolant(self.t_old, self.t, self.y_old, coefficients)

    return Compiled
