"""One simulated network as `lemmata simulate` asks for it: what is run, and what is said of it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.dataset import Dataset, from_csv, generated
from numerics.descent import descend, largest_deviation
from numerics.errors import InputError
from numerics.milestones import default_gamma, descent_time, plateau_time, secondary_time
from numerics.network import Network
from numerics.observables import norms, order_parameters
from numerics.sampling import initial_from_csv, initial_weights
from numerics.simulate import RECORDED, default_horizon, simulate
from numerics.trajectory import Trajectory

_GRID = 200  # times at which series are read, beside the integrator's own
_STATE_BYTES = 2**30  # of stored states, beyond which only observables are kept
_USUAL_STEPS = 100
_FINER = 100.0
_FINEST = 3e-14
_MOST_STEPS = 10**8
_WIDEST = 10**8
_COPIES_OF_ALL, _COPIES_COMPRESSED = 30, 8  # arrays as large as the weights, at the most
_MOST_SAMPLES = 10**7
_LARGEST_WEIGHT = 1e30  # beyond it powers that the drift needs overflow


@dataclass(frozen=True)
class StepRule:
    """Gradient descent in place of the flow; ``steps`` None for as many as reach the final time."""

    learning_rate: float
    steps: int | None = None
    batch: int | None = None


@dataclass(frozen=True)
class Experiment:
    """A network, where it starts, how long it runs.

    ``alpha`` is None for weights given by a file or with scales of their own. ``rule`` is None for the gradient flow.
    ``neurons`` is "all", "auto" or "quadrature", as for ``numerics.simulate``.
    """

    network: Network
    initial: FloatArray
    until: float
    alpha: float | None
    about: dict[str, Any]
    rule: StepRule | None = None
    neurons: str = "all"


@dataclass(frozen=True)
class Series:
    """What is written and drawn, at the times ``t`` (k,): each further field is (k,) too."""

    t: FloatArray
    loss: FloatArray
    norm_a: FloatArray
    norm_w: FloatArray
    P: FloatArray
    Q: FloatArray
    P_reduced: FloatArray | None
    Q_reduced: FloatArray | None


def data_for(dim: int | None, target: str | None, samples: int | None, file: Path | None) -> Dataset:
    """The data of a file, or generated ones with the defaults filled in."""
    if file is not None:
        return from_csv(file)
    size = 1 if dim is None else dim
    if size < 1:
        raise InputError(f"The dimension is {size}; it must be at least 1.")
    usual = "sin(x)" if size == 1 else "sin(x1)+0.3*sin(2*x2)"
    count = (60 if size == 1 else 200) if samples is None else samples
    if count > _MOST_SAMPLES:
        raise InputError(f"The number of samples is {count}; at most {_MOST_SAMPLES} can be made.")
    return generated(count, size, usual if target is None else target)


def experiment(
    data: Dataset,
    activation_text: str,
    *,
    width: int = 1000,
    alpha: float = 1.0,
    scale_a: float | None = None,
    scale_w: float | None = None,
    seed: int = 0,
    initial_file: Path | None = None,
    until: float | None = None,
    rule: StepRule | None = None,
    neurons: str = "all",
) -> Experiment:
    """Put an experiment together. InputError for a value that makes no sense, naming it.

    ``scale_a`` and ``scale_w`` are the standard deviations of the outer and the inner weights where they are not
    width ** −alpha; with either of them the start has no alpha of its own.
    """
    network = Network(activation(activation_text), data)
    about: dict[str, Any]
    if initial_file is None:
        if width < 1:
            raise InputError(f"The width is {width}; a network needs at least one neuron.")
        if width > _WIDEST:
            raise InputError(f"The width is {width}; at most {_WIDEST} neurons can be simulated.")
        _refuse_beyond_memory(width, data.dim, neurons)
        if not (math.isfinite(alpha) and alpha > 0.5):
            raise InputError(f"Alpha is {alpha}; it must be a number above 1/2.")
        scale = float(width) ** -alpha
        if scale < 1e-150:
            raise InputError(
                f"Alpha is {alpha}: initial weights of size {scale:.3g} are too small to square."
            )
        outer = scale if scale_a is None else scale_a
        inner = scale if scale_w is None else scale_w
        initial = initial_weights(seed, width, data.dim, inner, scale_a=outer)
        _refuse_large(initial)
        about = {"alpha": alpha, "seed": seed}
        if (outer, inner) != (scale, scale):
            about = {"alpha": None, "scale_a": outer, "scale_w": inner, "seed": seed}
            # The growing part of the start, A = ¼ Σ (a + w)², has the mean ½ m ε² with this ε.
            scale = math.hypot(outer, inner) / math.sqrt(2)
    else:
        initial = initial_from_csv(initial_file)
        if initial.shape[1] != 1 + data.dim:
            raise InputError(
                f"{initial_file} has weights of dimension {initial.shape[1] - 1}, but the data have "
                f"dimension {data.dim}."
            )
        _refuse_large(initial, f"{initial_file}: ")
        scale = float(np.sqrt(np.mean(initial**2)))
        if scale == 0.0:
            raise InputError(f"{initial_file}: all weights are zero, and so they stay.")
        about = {"alpha": None, "seed": None, "initial_file": initial_file.name}
    horizon = until
    if horizon is not None and not (math.isfinite(horizon) and horizon > 0):
        raise InputError(f"The final time is {horizon}; it must be positive and finite.")
    if horizon is None:
        horizon = default_horizon(len(initial), scale, float(np.linalg.norm(data.z)))
    if rule is not None:
        rule = _with_steps(rule, horizon)
        assert rule.steps is not None
        horizon = rule.learning_rate * rule.steps
    return Experiment(network, initial, horizon, about["alpha"], about, rule, neurons)


def _refuse_beyond_memory(width: int, dim: int, neurons: str) -> None:
    """Weights and what is worked on beside them: the stages of a step, or the tables of the compression."""
    try:
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not every system says
        return
    copies = _COPIES_OF_ALL if neurons == "all" or dim > 3 else _COPIES_COMPRESSED
    needed = 8 * width * (1 + dim) * copies
    if needed > there:
        raise InputError(
            f"The width is {width}; so many neurons in dimension {dim} need about {needed / 1e9:.2g} GB of memory, "
            f"and this machine has {there / 1e9:.2g} GB."
        )


def _refuse_large(initial: FloatArray, where: str = "") -> None:
    largest = float(np.abs(initial).max())
    if largest > _LARGEST_WEIGHT:
        raise InputError(
            f"{where}The largest initial weight is {largest:.3g}; it must be at most {_LARGEST_WEIGHT:g}."
        )


def _with_steps(rule: StepRule, horizon: float) -> StepRule:
    if rule.steps is not None:
        if rule.steps > _MOST_STEPS:
            raise InputError(f"The number of steps is {rule.steps}; it must be at most {_MOST_STEPS}.")
        return rule
    if not (math.isfinite(rule.learning_rate) and rule.learning_rate > 0):
        raise InputError(f"The learning rate is {rule.learning_rate}; it must be positive and finite.")
    steps = horizon / rule.learning_rate
    if not 0 < steps <= _MOST_STEPS:
        raise InputError(
            f"The final time {horizon:g} would take {steps:.3g} steps of learning rate {rule.learning_rate:g}; "
            f"give a number of steps up to {_MOST_STEPS}."
        )
    return replace(rule, steps=max(1, math.ceil(steps - 1e-9)))


def run_experiment(
    what: Experiment,
    rtol: float,
    progress: Callable[[float], None] | None = None,
    times: FloatArray | None = None,
) -> Trajectory:
    """The trajectory of the experiment; where its states would not fit, observables at ``times`` and its own steps."""
    if what.rule is not None:
        assert what.rule.steps is not None
        return descend(
            what.network,
            what.initial,
            what.rule.learning_rate,
            what.rule.steps,
            batch=what.rule.batch,
            seed=what.about["seed"] or 0,
            progress=progress,
            provenance=what.about,
        )
    large = what.initial.nbytes * _USUAL_STEPS > _STATE_BYTES
    return simulate(
        what.network,
        what.initial,
        what.until,
        rtol=rtol,
        progress=progress,
        provenance=what.about,
        neurons=what.neurons,
        keep="observables" if large else "states",
        times=np.linspace(0.0, what.until, _GRID + 1) if times is None else times,
    )


def why_not_reduced(data: Dataset) -> str | None:
    """Why the reduced system does not apply to these data, or None where it does."""
    if not np.allclose(data.second_moment, np.eye(data.dim), rtol=0, atol=1e-9):
        return "the second moment of the inputs is not the identity"
    if not np.allclose(data.z, np.eye(data.dim)[0], rtol=0, atol=1e-9):
        return "z, the mean of y x, is not the first unit vector"
    return None


def series_of(trajectory: Trajectory) -> Series:
    """Loss, norms and order parameters at the integrator's steps and at equal distances between."""
    mu = trajectory.weights

    def all_of(state: FloatArray) -> list[float]:
        return [trajectory.network.loss(state), *norms(state, mu), *order_parameters(state, mu)]

    if trajectory.recorded is None:
        times = np.union1d(trajectory.times, np.linspace(0.0, trajectory.end, _GRID + 1))
        loss, norm_a, norm_w, p, q = trajectory.series(all_of, times).T
    else:
        times = trajectory.recorded["t"]
        loss, norm_a, norm_w, p, q = (trajectory.recorded[name] for name in RECORDED)
    reduced: tuple[FloatArray | None, FloatArray | None] = (None, None)
    if why_not_reduced(trajectory.network.data) is None:
        from numerics.reduced import reduced_order_parameters

        # |P| ≤ Q holds up to rounding, which counts where a = w throughout.
        found = reduced_order_parameters(float(p[0]), max(float(q[0]), abs(float(p[0]))), times)
        reduced = np.asarray(found[0], dtype=np.float64), np.asarray(found[1], dtype=np.float64)
    return Series(times, loss, norm_a, norm_w, p, q, *reduced)


def milestones(what: Experiment, trajectory: Trajectory) -> dict[str, float | None]:
    """T1 = γ log m with γ = (α − ½)/2, T2 read off the trajectory, T3 = T2 + m/log m where the run gets there; null
    where there is none."""
    first = None
    if what.alpha is not None:
        first = plateau_time(len(what.initial), default_gamma(what.alpha))
    second = descent_time(trajectory)
    third = None if second is None or len(what.initial) < 2 else secondary_time(second, len(what.initial))
    return {"T1": first, "T2": second, "T3": None if third is None or third > trajectory.end else third}


def error_estimate(what: Experiment, rtol: float, series: Series) -> float | None:
    """The largest difference in P to a run at a hundredth of the tolerance; where that is finer than double
    precision allows, at a hundred times the tolerance, which overstates the error; and to it, that of the
    representatives where neurons are represented. None if that run fails, and
    for gradient descent, whose steps have no error but rounding. KeyboardInterrupt where that run was interrupted."""
    if what.rule is not None:
        return None
    other = rtol / _FINER if rtol / _FINER >= _FINEST else rtol * _FINER
    trajectory = run_experiment(what, other, times=series.t)
    _pass_on_interruption(trajectory)
    if trajectory.status != "ok":
        return None
    if trajectory.recorded is not None:
        found = trajectory.recorded["P"][np.searchsorted(trajectory.recorded["t"], series.t)]
    else:
        found = np.array([trajectory.order_parameters(float(time))[0] for time in series.t])
    of_neurons: float = trajectory.provenance.get("neurons", {}).get("estimate", 0.0)
    return float(np.abs(found - series.P).max()) + of_neurons


def flow_deviation(what: Experiment, trajectory: Trajectory, rtol: float) -> float | None:
    """The largest difference in P between gradient descent and the gradient flow; None where this is the
    flow. KeyboardInterrupt where the run of the flow was interrupted."""
    if what.rule is None or trajectory.end <= 0:
        return None
    flow = run_experiment(replace(what, rule=None, until=trajectory.end), rtol)
    _pass_on_interruption(flow)
    return largest_deviation(trajectory, flow, lambda state: order_parameters(state)[0])


def _pass_on_interruption(trajectory: Trajectory) -> None:
    if trajectory.status == "interrupted":
        raise KeyboardInterrupt


def document(
    what: Experiment,
    trajectory: Trajectory,
    series: Series,
    estimate: float | None,
    from_flow: float | None = None,
) -> dict[str, Any]:
    """What `--json` prints: plain numbers, null for what is not there."""
    deviation = None if series.P_reduced is None else float(np.abs(series.P - series.P_reduced).max())
    final = {
        "t": series.t[-1],
        "loss": series.loss[-1],
        "P": series.P[-1],
        "Q": series.Q[-1],
        "norm_a": series.norm_a[-1],
        "norm_w": series.norm_w[-1],
    }
    return {
        "status": trajectory.status,
        "message": trajectory.message,
        "milestones": milestones(what, trajectory),
        "final": {name: number(value) for name, value in final.items()},
        "max_abs_P_minus_reduced": number(deviation),
        "max_abs_P_minus_flow": number(from_flow),
        "error_estimate": number(estimate),
        "enclosure": None,
        "provenance": dict(trajectory.provenance),
    }


def number(value: float | None) -> float | None:
    """A finite Python float; null for what is not a number."""
    return None if value is None or not math.isfinite(value) else float(value)
