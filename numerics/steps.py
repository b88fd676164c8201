"""The loop of gradient descent, whatever is trained: make steps, record some of them, and say how it ended.

A step is θ ← θ − η ∇R(θ); time is η times the number of steps. The state θ is an array of any shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np

from numerics.array import FloatArray
from numerics.eigenvalues import SymmetricMap, extreme_eigenvalues
from numerics.errors import InputError

Observable = Callable[[FloatArray], Any]
Status = Literal["ok", "diverged", "interrupted"]

_MOST_KEPT = 1000  # states, unless `every` says otherwise
_KEPT_BYTES = 2**29
_RUNAWAY = 1e12  # times the loss at the start: beyond this it will not come back
_ROUNDING = 1e-9


class Trained(Protocol):
    """What is trained: all that the loop asks of it is its loss."""

    def loss(self, state: FloatArray, /) -> float: ...


@dataclass(eq=False)
class Steps:
    """The steps that were kept: ``t`` (k,) = η · ``numbers`` and ``y`` (k, …); others are made again.

    Between two steps the state is on the straight line that joins them (Euler's polygon). ``records`` are the
    observables by name, each (j, …), at ``record_times`` (j,) = η · ``record_numbers``.
    """

    learning_rate: float
    numbers: FloatArray
    y: FloatArray
    status: Status
    message: str
    evaluations: int
    record_numbers: FloatArray
    records: Mapping[str, FloatArray]
    _drift: Callable[[FloatArray, int], FloatArray] = field(repr=False)
    _last: tuple[int, FloatArray] | None = field(repr=False, default=None)

    @property
    def t(self) -> FloatArray:
        return self.learning_rate * self.numbers

    @property
    def record_times(self) -> FloatArray:
        return self.learning_rate * self.record_numbers

    def __call__(self, times: float) -> FloatArray:
        """The state at a time; InputError outside the steps that were made."""
        end = float(self.t[-1])
        if not 0.0 <= times <= end:
            raise InputError(
                f"The steps are known from t = 0 to {end:.6g}, but were asked for at {times:.6g}."
            )
        place = min(times / self.learning_rate, float(self.numbers[-1]))
        nearest = round(place)
        if abs(place - nearest) <= 1e-12 * max(place, 1.0):
            return self._at(nearest)
        below = math.floor(place)
        return (1.0 - (place - below)) * self._at(below) + (place - below) * self._at(below + 1)

    def _at(self, number: int) -> FloatArray:
        """The state after so many steps: from the last kept one before, or the one asked for last."""
        kept = int(np.searchsorted(self.numbers, number, side="right")) - 1
        step, state = int(self.numbers[kept]), self.y[kept]
        if self._last is not None and step < self._last[0] <= number:
            step, state = self._last
        with np.errstate(all="ignore"):
            for i in range(step, number):
                state = state + self.learning_rate * self._drift(state, i)
        if number > step:
            self._last = number, state
        return np.asarray(state)


def checked(
    learning_rate: float, steps: int, every: int | None, observables: Mapping[str, Observable] | None
) -> None:
    """InputError for a learning rate, a number or a name that makes no sense."""
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise InputError(f"The learning rate is {learning_rate}; it must be positive and finite.")
    if steps < 1:
        raise InputError(f"The number of steps is {steps}; it must be at least 1.")
    if every is not None and every < 1:
        raise InputError(f"Every {every}-th step cannot be kept; give a number of at least 1.")
    if observables and "loss" in observables:
        raise InputError("The loss is always recorded; give the observable another name.")


def stable_below(hessian: SymmetricMap) -> str:
    """The largest stable learning rate 2/λ_max, as the end of a sentence; "" where it cannot be had."""
    try:
        found = extreme_eigenvalues(hessian, tolerance=1e-3)
    except (InputError, ArithmeticError):
        return ""
    if found.status != "ok" or not found.largest > 0:
        return ""
    return f" (where the loss was least, steps are stable below 2/λ_max = {2 / found.largest:.3g})"


def spacing(steps: int, state_bytes: int) -> int:
    """Every how many steps one is kept where nothing is said: about a thousand, fewer where states are large."""
    most = _MOST_KEPT if not state_bytes else max(2, min(_MOST_KEPT, _KEPT_BYTES // state_bytes))
    return math.ceil(steps / most)


@dataclass(frozen=True, eq=False)
class _Record:
    """One recorded step; the state is None where it is not kept."""

    number: int
    loss: float
    values: tuple[Any, ...]
    state: FloatArray | None


@dataclass
class Run:
    """Steps under way, and what is kept of them.

    ``drift(state, number)`` is −∇R for the step of this number. ``advice(state)`` ends a sentence on a learning
    rate that was too large; it is given the recorded state where the loss was least.
    """

    network: Trained
    drift: Callable[[FloatArray, int], FloatArray]
    learning_rate: float
    steps: int
    every: int
    observables: dict[str, Observable]
    keep_states: bool
    advice: Callable[[FloatArray], str] = lambda state: ""
    runaway_ratio: float = _RUNAWAY
    made: list[_Record] = field(default_factory=list)
    calmest: FloatArray = field(default_factory=lambda: np.empty(0))
    least: float = math.inf
    done: int = 0

    def solution(
        self, start: FloatArray, progress: Callable[[float], None] | None, *, may_rise: bool
    ) -> Steps:
        """Make the steps from ``start``. Interruption, overflow and a loss that runs away are statuses.

        Unless the loss ``may_rise``, as it may with mini-batches and in a catapult, ending above its start is
        "diverged" too.
        """
        status: Status
        self.record(0, start)
        try:
            status, message = self.walk(start, progress)
        except KeyboardInterrupt:
            reached = self.made[-1].number
            status, message = "interrupted", f"Interrupted; what was recorded up to step {reached} is kept."
        if status == "ok":
            status, message = self.judged(may_rise)
        kept = [(one.number, one.state) for one in self.made if one.state is not None]
        names = list(self.observables)
        return Steps(
            self.learning_rate,
            np.array([number for number, _ in kept], dtype=np.float64),
            np.array([state for _, state in kept]),
            status,
            message,
            self.done,
            np.array([one.number for one in self.made], dtype=np.float64),
            {
                "loss": np.array([one.loss for one in self.made]),
                **{
                    name: np.array([one.values[i] for one in self.made], dtype=np.float64)
                    for i, name in enumerate(names)
                },
            },
            self.drift,
        )

    def walk(self, state: FloatArray, progress: Callable[[float], None] | None) -> tuple[Status, str]:
        for step in range(self.steps):
            moved = state + self.learning_rate * self.drift(state, step)
            self.done = step + 1
            if not np.all(np.isfinite(moved)):
                return "diverged", self.runaway(step + 1, "the weights overflowed")
            state = moved
            if (step + 1) % self.every == 0 or step + 1 == self.steps:
                loss = self.network.loss(state)
                if not loss <= self.runaway_ratio * self.made[0].loss:
                    return "diverged", self.runaway(step + 1, f"the loss was {loss:.3g}")
                self.record(step + 1, state, loss)
                if progress is not None:
                    progress(self.learning_rate * (step + 1))
        return "ok", ""

    def record(self, number: int, state: FloatArray, loss: float | None = None) -> None:
        loss = self.network.loss(state) if loss is None else loss
        if loss <= self.least:
            self.least, self.calmest = loss, state
        values = tuple(observable(state) for observable in self.observables.values())
        self.made.append(_Record(number, loss, values, state))
        if len(self.made) > 2 and not self.keep_states:
            self.made[-2] = replace(self.made[-2], state=None)

    def judged(self, may_rise: bool) -> tuple[Status, str]:
        """At the end: did the loss fall, as it must at full batch while the learning rate is small enough?"""
        reached = f"Made {self.steps} steps, to t = {self.learning_rate * self.steps:.17g}."
        if may_rise:
            return "ok", reached
        losses = [one.loss for one in self.made]
        if losses[-1] > losses[0] * (1 + _ROUNDING):
            return "diverged", self.runaway(self.steps, f"the loss was {losses[-1]:.3g}")
        floor = _ROUNDING * losses[0]
        rose = [i for i in range(1, len(losses)) if losses[i] > losses[i - 1] + floor]
        if rose:
            reached += (
                f" The loss rose on the way, first before step {self.made[rose[0]].number}: the learning rate "
                f"is too large to follow the flow there{self.advice(self.calmest)}."
            )
        return "ok", reached

    def runaway(self, step: int, what: str) -> str:
        return (
            f"The learning rate {self.learning_rate:g} is too large: after {step} step{'s' * (step != 1)} {what}, from "
            f"{self.made[0].loss:.3g} at the start{self.advice(self.calmest)}."
        )
