"""One run of a sweep: from its parameters to numbers and arrays. This is what a worker process does."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from numerics.array import FloatArray
from numerics.descent import descend
from numerics.errors import InputError
from numerics.milestones import default_gamma, descent_time, plateau_time
from numerics.network import Network
from numerics.observables import norms, order_parameters
from numerics.sampling import initial_weights
from numerics.simulate import default_horizon, simulate, versions
from numerics.sweep.parameters import data_of, named_activation
from numerics.trajectory import Trajectory

#: The numbers of a run, in the order of an export; None where there is none. ``representatives`` is how many stood
#: for the neurons, and ``estimate`` the error in P, Q and the loss that this makes at most, as estimated.
RESULTS: Final = (
    *("T1", "T2", "t", "loss", "P", "Q", "norm_a", "norm_w", "evaluations"),
    *("representatives", "estimate"),
)
#: The observables over time, beside the times ``t`` themselves.
SERIES: Final = ("loss", "norm_a", "norm_w", "P", "Q")

_LONGEST = 2000  # entries of a series
_DESCENT_LEVEL = 0.1


class OtherCode(RuntimeError):
    """The worker has other code than the process that planned the run."""


@dataclass(frozen=True)
class Outcome:
    """What became of a run: ``status`` as of a trajectory, ``results`` by the names in RESULTS."""

    status: str
    message: str
    results: Mapping[str, float | int | None]
    arrays: Mapping[str, FloatArray]
    seconds: float
    versions: Mapping[str, str]


def execute(parameters: Mapping[str, Any], code: str | None = None) -> Outcome:
    """Run. OtherCode where the fingerprint of the code that runs here is not ``code``.

    What the simulation itself refuses, as it does where quadrature cannot be trusted, has the status "refused".
    """
    if code is not None and _code_here() != code:
        raise OtherCode(
            "A worker has other code than this process, or other versions of NumPy, SciPy or numba: the code was "
            "edited meanwhile, or another version is installed there."
        )
    begun = time.perf_counter()
    try:
        trajectory = _trajectory(parameters)
    except InputError as error:
        took = time.perf_counter() - begun
        return Outcome("refused", str(error), dict.fromkeys(RESULTS), {}, took, versions())
    results, arrays = _results(trajectory, parameters), _arrays(trajectory, parameters["arrays"])
    took = time.perf_counter() - begun
    return Outcome(trajectory.status, trajectory.message, results, arrays, took, versions())


@functools.cache
def _code_here() -> str:
    from numerics.source import simulation_fingerprint

    return simulation_fingerprint()


def _trajectory(parameters: Mapping[str, Any]) -> Trajectory:
    data = data_of(parameters["samples"], parameters["dim"], parameters["target"])
    network = Network(named_activation(parameters["activation"]), data)
    width = parameters["width"]
    scale = float(width) ** -parameters["alpha"]
    initial = initial_weights(parameters["seed"], width, data.dim, scale)
    until = parameters["until"]
    if until is None:
        until = default_horizon(width, scale, float(np.linalg.norm(data.z)))
    states = parameters["arrays"] == "states"
    if parameters["method"] == "flow":
        return simulate(
            network,
            initial,
            until,
            rtol=parameters["rtol"],
            neurons=parameters["neurons"],
            tolerance=parameters["tolerance"],
            keep="states" if states else "observables",
        )
    rate, steps = parameters["learning_rate"], parameters["steps"]
    if steps is None:
        steps = max(1, math.ceil(until / rate - 1e-9))
    return descend(network, initial, rate, steps, batch=parameters["batch"], seed=parameters["seed"])


def _results(trajectory: Trajectory, parameters: Mapping[str, Any]) -> dict[str, float | int | None]:
    final, weights = trajectory.states[-1], trajectory.weights
    neurons = trajectory.provenance.get("neurons", {})
    found: dict[str, float | int | None] = {
        "T1": plateau_time(parameters["width"], default_gamma(parameters["alpha"])),
        "T2": descent_time(trajectory, _DESCENT_LEVEL),
        "t": trajectory.end,
        "loss": trajectory.network.loss(final),
        **dict(zip(("P", "Q"), order_parameters(final, weights), strict=True)),
        **dict(zip(("norm_a", "norm_w"), norms(final, weights), strict=True)),
        "evaluations": trajectory.solution.evaluations,
        "representatives": neurons.get("representatives"),
        "estimate": neurons.get("estimate"),
    }
    return {
        name: None if value is None or not math.isfinite(value) else value for name, value in found.items()
    }


def _arrays(trajectory: Trajectory, wanted: str) -> dict[str, FloatArray]:
    """Series at the kept times, thinned evenly beyond _LONGEST of them, and the states there on request.

    Where neurons stand for several, a row of a state is one of them, and ``weights`` says for how many it stands.
    """
    if wanted == "none":
        return {}
    recorded, weights = trajectory.recorded, trajectory.weights
    times = trajectory.times if recorded is None else recorded["t"]
    places = np.unique(np.linspace(0, len(times) - 1, min(len(times), _LONGEST)).round().astype(int))
    found = {"t": times[places]}
    if recorded is not None:
        return found | {name: recorded[name][places] for name in SERIES}
    states = [trajectory.states[i] for i in places]
    rows = [
        [trajectory.network.loss(state), *norms(state, weights), *order_parameters(state, weights)]
        for state in states
    ]
    found |= dict(zip(SERIES, np.array(rows).T, strict=True))
    if wanted == "states":
        found["state"] = np.array(states)
        if weights is not None:
            found["weights"] = weights
    return found
