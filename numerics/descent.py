"""Gradient descent and stochastic gradient descent: the training that the gradient flow stands for.

A step is θ ← θ − η ∇R(θ), full batch or of a mini-batch; time is η times the number of steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from numerics.array import FloatArray
from numerics.batches import Batches, Draw
from numerics.errors import InputError
from numerics.network import Network
from numerics.trajectory import Trajectory

Observable = Callable[[FloatArray], Any]
Status = Literal["ok", "diverged", "interrupted"]

_MOST_KEPT = 1000  # states, unless `every` says otherwise
_KEPT_BYTES = 2**29
_BLOCK_PAIRS = 2**16
_RUNAWAY = 1e12  # times the loss at the start: beyond this it will not come back
_ROUNDING = 1e-9


@dataclass(eq=False)
class Steps:
    """The steps that were kept: ``t`` (k,) = η · ``numbers`` and ``y`` (k, m, 1 + d); others are made again.

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


@dataclass(frozen=True, eq=False)
class Descent(Trajectory):
    """A trajectory of steps. ``times`` and ``states`` are those kept, and any time in between can be asked for."""

    solution: Steps

    @property
    def records(self) -> Mapping[str, FloatArray]:
        """The observables that were recorded (``loss`` among them), at ``record_times``."""
        return self.solution.records

    @property
    def record_times(self) -> FloatArray:
        """η times the numbers of the recorded steps, shape (j,)."""
        return self.solution.record_times


def descend(
    network: Network,
    initial: FloatArray,
    learning_rate: float,
    steps: int,
    *,
    batch: int | None = None,
    seed: int = 0,
    draw: Draw = "epochs",
    every: int | None = None,
    observables: Mapping[str, Observable] | None = None,
    keep_states: bool = True,
    progress: Callable[[float], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Descent:
    """``steps`` steps of gradient descent from ``initial`` (m, 1 + d), of all samples or of ``batch`` at a time.

    Every ``every``-th step is recorded: the loss, the ``observables``, and the state, which ``keep_states=False``
    leaves out but for the first and the last. By default there are about a thousand records, fewer where the
    states would not fit into memory. ``seed`` and ``draw`` choose the batches (`numerics.batches`).

    How it ended is the status: "diverged" where the loss ran away or, at full batch, ended above its start, and
    then the message says what learning rate the Hessian would have allowed. InputError for a learning rate, a
    number or a shape that makes no sense.
    """
    start = np.array(initial, dtype=np.float64)
    if not np.all(np.isfinite(start)):
        raise InputError("The initial weights must be finite numbers.")
    network.drift(start)  # refuses a wrong shape before anything is started
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise InputError(f"The learning rate is {learning_rate}; it must be positive and finite.")
    if steps < 1:
        raise InputError(f"The number of steps is {steps}; it must be at least 1.")
    if every is not None and every < 1:
        raise InputError(f"Every {every}-th step cannot be kept; give a number of at least 1.")
    if observables and "loss" in observables:
        raise InputError("The loss is always recorded; give the observable another name.")
    drift = (
        _full(network) if batch is None else _of_batches(network, Batches(network.data, batch, seed, draw))
    )
    spacing = _spacing(steps, start.nbytes if keep_states else 0) if every is None else every
    run = _Run(network, drift, learning_rate, steps, spacing, dict(observables or {}), keep_states)
    with np.errstate(all="ignore"):
        solution = run.solution(start, progress, stochastic=batch is not None)
    about = {
        "activation": network.activation.name,
        "activation_note": network.activation.note,
        "data": dict(network.data.description),
        "width": len(start),
        "dim": network.data.dim,
        "until": learning_rate * steps,
        "method": "gradient descent" if batch is None else "stochastic gradient descent",
        "learning_rate": learning_rate,
        "steps": steps,
        "batch": batch,
        "batch_seed": None if batch is None else seed,
        "draw": None if batch is None else draw,
        "uses_symmetry": batch is None and network.uses_symmetry,
        "evaluations": solution.evaluations,
    }
    from numerics.simulate import versions

    return Descent(network, solution, {**about, "versions": versions(), **(provenance or {})})


def largest_deviation(descent: Trajectory, flow: Trajectory, observable: Observable) -> float:
    """The largest |observable(descent) − observable(flow)| over the kept times of the descent that both reach."""
    times = descent.times[descent.times <= flow.end]
    difference = descent.series(observable, times) - flow.series(observable, times)
    return float(np.abs(difference).max())


def modified_drift(network: Network, learning_rate: float) -> Callable[[FloatArray], FloatArray]:
    """The drift −∇R − (η/2) H ∇R, whose flow gradient descent follows to second order in η.

    It is the first-order modified equation of backward error analysis: the flow of R + (η/4) ‖∇R‖².
    """
    from numerics.hessian import Hessian

    def drift(state: FloatArray) -> FloatArray:
        plain = network.drift(state)
        return plain + 0.5 * learning_rate * Hessian(network, state).product(plain)

    return drift


def _full(network: Network) -> Callable[[FloatArray, int], FloatArray]:
    return lambda state, step: network.drift(state)


def _of_batches(network: Network, batches: Batches) -> Callable[[FloatArray, int], FloatArray]:
    activation, data = network.activation, network.data
    of_neurons = network.neuron_weights

    def fill(state: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        inner = state[:, 1:] @ x.T
        value, slope = np.empty_like(inner), np.empty_like(inner)
        activation.fill(inner, value, slope)
        return value, slope

    def drift(state: FloatArray, step: int) -> FloatArray:
        chosen, weights = batches(step)
        x, y = data.x[chosen], data.y[chosen]
        block = max(1, _BLOCK_PAIRS // len(chosen))
        parts = [slice(i, i + block) for i in range(0, len(state), block)]
        outer = state[:, 0] if of_neurons is None else of_neurons * state[:, 0]
        output, value, slope = np.zeros(len(chosen)), np.empty(0), np.empty(0)
        for part in parts:
            value, slope = fill(state[part], x)
            output += outer[part] @ value
        pull = weights * (y - output)
        pull_x = pull[:, None] * x
        found = np.empty_like(state)
        for part in parts:
            if len(parts) > 1:
                value, slope = fill(state[part], x)
            found[part, 0] = value @ pull
            found[part, 1:] = state[part, :1] * (slope @ pull_x)
        return found

    return drift


def _spacing(steps: int, state_bytes: int) -> int:
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
class _Run:
    """Steps under way, and what is kept of them."""

    network: Network
    drift: Callable[[FloatArray, int], FloatArray]
    learning_rate: float
    steps: int
    every: int
    observables: dict[str, Observable]
    keep_states: bool
    made: list[_Record] = field(default_factory=list)
    calmest: FloatArray = field(default_factory=lambda: np.empty(0))
    least: float = math.inf
    done: int = 0

    def solution(
        self, start: FloatArray, progress: Callable[[float], None] | None, *, stochastic: bool
    ) -> Steps:
        status: Status
        self.record(0, start)
        try:
            status, message = self.walk(start, progress)
        except KeyboardInterrupt:
            reached = self.made[-1].number
            status, message = "interrupted", f"Interrupted; what was recorded up to step {reached} is kept."
        if status == "ok":
            status, message = self.judged(stochastic)
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
                if not loss <= _RUNAWAY * self.made[0].loss:
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

    def judged(self, stochastic: bool) -> tuple[Status, str]:
        """At the end: did the loss fall, as it must at full batch while the learning rate is small enough?"""
        reached = f"Made {self.steps} steps, to t = {self.learning_rate * self.steps:.17g}."
        if stochastic:
            return "ok", reached
        losses = [one.loss for one in self.made]
        if losses[-1] > losses[0] * (1 + _ROUNDING):
            return "diverged", self.runaway(self.steps, f"the loss was {losses[-1]:.3g}")
        floor = _ROUNDING * losses[0]
        rose = [i for i in range(1, len(losses)) if losses[i] > losses[i - 1] + floor]
        if rose:
            reached += (
                f" The loss rose on the way, first before step {self.made[rose[0]].number}: the learning rate "
                f"is too large to follow the flow there{self.allowed()}."
            )
        return "ok", reached

    def runaway(self, step: int, what: str) -> str:
        return (
            f"The learning rate {self.learning_rate:g} is too large: after {step} steps {what}, from "
            f"{self.made[0].loss:.3g} at the start{self.allowed()}."
        )

    def allowed(self) -> str:
        """What the Hessian allows at the calmest recorded state: stability needs η < 2/λ_max."""
        from numerics.hessian import Hessian, extreme_eigenvalues

        try:
            found = extreme_eigenvalues(Hessian(self.network, self.calmest), tolerance=1e-3)
        except (InputError, ArithmeticError):
            return ""
        if found.status != "ok" or not found.largest > 0:
            return ""
        return f" (where the loss was least, steps are stable below 2/λ_max = {2 / found.largest:.3g})"
