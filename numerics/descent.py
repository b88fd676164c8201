"""Gradient descent and stochastic gradient descent: the training that the gradient flow stands for.

A step is θ ← θ − η ∇R(θ), full batch or of a mini-batch; time is η times the number of steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.batches import Batches, Draw
from numerics.errors import InputError
from numerics.network import Network
from numerics.steps import Observable, Run, Steps, checked, spacing, stable_below
from numerics.trajectory import Trajectory

_BLOCK_PAIRS = 2**16


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
    checked(learning_rate, steps, every, observables)
    drift = (
        _full(network) if batch is None else _of_batches(network, Batches(network.data, batch, seed, draw))
    )
    apart = spacing(steps, start.nbytes if keep_states else 0) if every is None else every
    run = Run(
        network,
        drift,
        learning_rate,
        steps,
        apart,
        dict(observables or {}),
        keep_states,
        lambda state: _allowed(network, state),
    )
    with np.errstate(all="ignore"):
        solution = run.solution(start, progress, may_rise=batch is not None)
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


def _allowed(network: Network, calmest: FloatArray) -> str:
    """What the Hessian allows where the loss was least: stability needs η < 2/λ_max."""
    from numerics.hessian import Hessian

    try:
        return stable_below(Hessian(network, calmest))
    except InputError:
        return ""
