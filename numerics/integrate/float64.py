"""Integration in double precision: DOP853 of Hairer, Nørsett and Wanner, with dense output."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy.integrate import DOP853
from scipy.optimize import brentq

from numerics.array import FloatArray
from numerics.errors import InputError

Drift = Callable[[FloatArray], FloatArray]
Status = Literal["ok", "diverged", "interrupted", "horizon-not-reached"]

_DENSE_BYTES = 2**29  # interpolants kept in memory; later ones are made again from their step when asked
_INTERPOLANT_ARRAYS = 8
_MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class Event:
    """A number watched along the solution: its sign changes are located; ``terminal`` ones stop the run."""

    function: Callable[[FloatArray], float]
    terminal: bool = False


@dataclass(frozen=True, eq=False)
class Observation:
    """Numbers read off the state at each step's end and at the given ``times``, in place of keeping states."""

    function: Callable[[FloatArray], Sequence[float]]
    times: FloatArray


@dataclass(eq=False)
class Solution:
    """The integrator's own steps ``t`` (k,) and ``y`` (k, …), and everything in between.

    ``status`` is "ok" (the end, or a terminal event, was reached), "diverged" (no finite solution beyond
    ``t[-1]``), "interrupted" (by the keyboard) or "horizon-not-reached" (too many steps); ``message`` says
    it in words. ``events[i]`` holds the times at which event i changed sign. Where an Observation was asked for,
    ``t`` and ``y`` hold the start and the end alone, ``observed_t`` (j,) and ``observed`` (j, …) what was read.
    """

    t: FloatArray
    y: FloatArray
    status: Status
    message: str
    events: tuple[tuple[float, ...], ...]
    evaluations: int
    _drift: Drift = field(repr=False)
    _dense: list[Any] = field(repr=False)
    _remade: tuple[int, Any] | None = field(repr=False, default=None)
    observed_t: FloatArray | None = None
    observed: FloatArray | None = None

    def __call__(self, times: float | FloatArray) -> FloatArray:
        """The state at each of the ``times``, shape times.shape + state.shape; seventh-order interpolation.

        InputError outside [t[0], t[-1]].
        """
        wanted = np.asarray(times, dtype=np.float64)
        if wanted.size and not (self.t[0] <= wanted.min() and wanted.max() <= self.t[-1]):
            raise InputError(
                f"The solution is known from t = {self.t[0]:.6g} to {self.t[-1]:.6g}, "
                f"but was asked for at {wanted.min():.6g} to {wanted.max():.6g}."
            )
        result = np.empty(wanted.shape + self.y.shape[1:])
        flat = result.reshape((wanted.size, *self.y.shape[1:]))
        for i, time in enumerate(wanted.ravel()):
            flat[i] = self._at(float(time))
        return result

    def _at(self, time: float) -> FloatArray:
        step = int(np.searchsorted(self.t, time, side="left"))
        if self.t[step] == time:
            return np.asarray(self.y[step])
        if self.observed is not None:
            raise InputError(
                f"The state at t = {time:.6g} was not kept, only observables; simulate with keep='states'."
            )
        interpolant = self._dense[step - 1]
        if interpolant is None:
            if self._remade is None or self._remade[0] != step - 1:
                self._remade = (step - 1, self._again(step - 1))
            interpolant = self._remade[1]
        return np.asarray(interpolant(time)).reshape(self.y.shape[1:])

    def _again(self, step: int) -> Any:
        """The interpolant of a step that was not kept: the same step, taken once more."""
        drift, shape = self._drift, self.y.shape[1:]
        start, end = self.t[step], self.t[step + 1]

        def flat(_: float, y: FloatArray) -> FloatArray:
            return drift(y.reshape(shape)).ravel()

        # The tolerance is immaterial here: the step is known to be good, and must not be cut.
        solver = DOP853(
            flat, start, self.y[step].ravel(), end, first_step=end - start, rtol=1.0, atol=math.inf
        )
        solver.step()
        return solver.dense_output()


def integrate(
    drift: Drift,
    y0: FloatArray,
    until: float,
    *,
    rtol: float = 1e-10,
    atol: float | None = None,
    progress: Callable[[float], None] | None = None,
    events: Sequence[Event] = (),
    observe: Observation | None = None,
    solver: Callable[..., DOP853] | None = None,
) -> Solution:
    """Solve dy/dt = drift(y), y(0) = y0 (any shape), up to time ``until``.

    ``rtol`` and ``atol`` bound the root mean square of the local error of each step; ``atol`` is by default
    rtol times the root mean square of y0, so that tiny initial states are resolved. ``progress`` is called
    with the time after each step. With ``observe``, states between the first and the last are read and
    dropped: memory does not grow with the number of steps. What goes wrong on the way is a status of the
    solution, not an exception;
    ``solver`` is a class like scipy's DOP853 to use in its place.

    InputError is for a state that is not finite, a time that is not positive, or a tolerance out of range.
    """
    state = np.array(y0, dtype=np.float64)
    if not state.size or not np.all(np.isfinite(state)):
        raise InputError("The initial state must be a non-empty array of finite numbers.")
    if not (math.isfinite(until) and until > 0):
        raise InputError(f"The final time is {until}; it must be positive and finite.")
    if not 3e-14 <= rtol <= 1e-2:
        raise InputError(f"The relative tolerance is {rtol}; it must lie between 3e-14 and 1e-2.")
    largest = float(np.abs(state).max()) or 1.0
    scale = largest * (float(np.sqrt(np.mean((state / largest) ** 2))) or 1.0)
    absolute = rtol * scale if atol is None else atol
    if not (math.isfinite(absolute) and absolute >= 0):
        raise InputError(f"The absolute tolerance is {atol}; it must be finite and not negative.")
    run = _Run(drift, state, until, rtol, absolute, tuple(events), observe, solver)
    with np.errstate(all="ignore"):
        return run.solution(progress)


class _Run:
    """One integration under way: the steps so far, and what stopped it."""

    def __init__(
        self,
        drift: Drift,
        y0: FloatArray,
        until: float,
        rtol: float,
        atol: float,
        events: tuple[Event, ...],
        observe: Observation | None,
        solver: Callable[..., DOP853] | None,
    ) -> None:
        self.drift, self.shape, self.until = drift, y0.shape, until
        self.rtol, self.atol, self.events = rtol, atol, events
        self.times, self.states = [0.0], [y0]
        self.dense: list[Any] = []
        self.kept = max(16, _DENSE_BYTES // (_INTERPOLANT_ARRAYS * y0.nbytes))
        self.signs = [event.function(y0) for event in events]
        self.found: list[list[float]] = [[] for _ in events]
        self.evaluations = self.compiled = 0
        self.observe = observe
        self.solver = DOP853 if solver is None else solver
        self.observed: list[tuple[float, Sequence[float]]] = []
        self.ahead: list[float] = []
        if observe is not None:
            inside = observe.times[(observe.times > 0) & (observe.times < until)]
            self.ahead = np.unique(inside)[::-1].tolist()
            self.observed.append((0.0, observe.function(y0)))

    def flat(self, _: float, y: FloatArray) -> FloatArray:
        self.evaluations += 1
        return self.drift(y.reshape(self.shape)).ravel()

    def solution(self, progress: Callable[[float], None] | None) -> Solution:
        try:
            status, message = self.steps(progress)
        except KeyboardInterrupt:
            status, message = "interrupted", f"Interrupted at t = {self.times[-1]:.6g}."
        # An interruption may fall between two appends: only complete steps count.
        count = min(len(self.times), len(self.states), len(self.dense) + 1)
        if self.observe is not None:
            return Solution(
                np.array([0.0, self.times[-1]][:count]),
                np.array(self.states[:count]),
                status,
                message,
                tuple(tuple(times) for times in self.found),
                self.evaluations + self.compiled,
                self.drift,
                self.dense[: count - 1],
                observed_t=np.array([time for time, _ in self.observed]),
                observed=np.array([values for _, values in self.observed], dtype=np.float64),
            )
        return Solution(
            np.array(self.times[:count]),
            np.array(self.states[:count]),
            status,
            message,
            tuple(tuple(times) for times in self.found),
            self.evaluations + self.compiled,
            self.drift,
            self.dense[: count - 1],
        )

    def steps(self, progress: Callable[[float], None] | None) -> tuple[Status, str]:
        y0 = self.states[0].ravel()
        solver = self.solver(self.flat, 0.0, y0, self.until, rtol=self.rtol, atol=self.atol)
        if not np.all(np.isfinite(solver.f)):
            return "diverged", "The right-hand side is not finite at t = 0."
        together = getattr(solver, "several_steps", None)
        if self.events or self.observe is not None:
            together = None  # they are looked at step by step
        if not (math.isfinite(solver.h_abs) and solver.h_abs > 0):
            solver.h_abs = 1e-6 * self.until
        while solver.status == "running":
            if len(self.times) > _MOST_STEPS:
                return "horizon-not-reached", f"Stopped at t = {solver.t:.6g} after {_MOST_STEPS} steps."
            steps = together() if together is not None and len(self.dense) < self.kept else None
            if steps is not None:
                self.times.extend(steps.times.tolist())
                self.states.extend(steps.states.reshape((-1, *self.shape)))
                self.dense.extend(steps.interpolants)
                self.compiled = solver.compiled_evaluations
                if progress is not None:
                    progress(self.times[-1])
                continue
            before = solver.t
            problem = solver.step()
            if solver.status == "failed" or not np.all(np.isfinite(solver.y)):
                reason = "the step size shrank to nothing" if problem else "the state overflowed"
                return "diverged", f"No finite solution beyond t = {before:.17g}: {reason}."
            stopped = self.record(solver)
            self.compiled = getattr(solver, "compiled_evaluations", 0)
            if progress is not None:
                progress(self.times[-1])
            if stopped:
                return "ok", f"Stopped by an event at t = {self.times[-1]:.17g}."
        return "ok", f"Reached t = {solver.t:.17g}."

    def record(self, solver: Any) -> bool:
        """Keep the step just made, its interpolant and its events; True if a terminal one stops the run."""
        before, end = self.times[-1], float(solver.t)
        interpolant = None
        if self.observe is None and len(self.dense) < self.kept:
            interpolant = solver.dense_output()
        state = solver.y.reshape(self.shape).copy()
        stop: float | None = None
        hits: list[tuple[int, float]] = []
        for i, event in enumerate(self.events):
            old, new = self.signs[i], event.function(state)
            self.signs[i] = new
            if (old < 0 <= new) or (new <= 0 < old):
                finder = interpolant or solver.dense_output()
                time = _crossing(event, finder, self.shape, before, end)
                hits.append((i, time))
                if event.terminal and (stop is None or time < stop):
                    stop = time
        for i, time in hits:
            if stop is None or time <= stop:
                self.found[i].append(time)
        if stop is not None and before < stop < end:
            # The last step is cut at the event; its interpolant still serves, so it is kept in any case.
            interpolant = interpolant or solver.dense_output()
            state, end = np.asarray(interpolant(stop)).reshape(self.shape), stop
        if self.observe is not None:
            self.read(solver, interpolant, state, end)
            return stop is not None
        self.times.append(end)
        self.states.append(state)
        self.dense.append(interpolant)
        return stop is not None

    def read(self, solver: Any, interpolant: Any, state: FloatArray, end: float) -> None:
        """Observe up to the end of the step; of the states, only the last one stays."""
        assert self.observe is not None
        while self.ahead and self.ahead[-1] < end:
            interpolant = interpolant or solver.dense_output()
            time = self.ahead.pop()
            between = np.asarray(interpolant(time)).reshape(self.shape)
            self.observed.append((time, self.observe.function(between)))
        if self.ahead and self.ahead[-1] == end:
            self.ahead.pop()
        self.observed.append((end, self.observe.function(state)))
        self.times[1:], self.states[1:], self.dense[:] = [end], [state], [None]


def _crossing(event: Event, interpolant: Any, shape: tuple[int, ...], low: float, high: float) -> float:
    def value(time: float) -> float:
        return event.function(np.asarray(interpolant(time)).reshape(shape))

    at_low, at_high = value(low), value(high)
    if at_low == 0.0:
        return low
    if (
        at_low * at_high >= 0.0
    ):  # zero at the very end, or a difference by rounding between step and interpolant
        return high
    return float(brentq(value, low, high, xtol=1e-14, rtol=1e-15))
