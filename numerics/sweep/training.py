"""A run of the two-layer network: its training by the flow or by steps, its milestones and its series."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from numerics.array import FloatArray
from numerics.descent import descend
from numerics.milestones import default_gamma, descent_time, plateau_time
from numerics.network import Network
from numerics.observables import norms, order_parameters
from numerics.sampling import initial_weights
from numerics.simulate import default_horizon, simulate
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


def work(parameters: Mapping[str, Any]) -> FloatArray:
    """What the seconds of a run are proportional to: one, the size of a flow, the size of a descent."""
    pairs = float(parameters["width"])
    if parameters["method"] == "flow":
        return np.array([1.0, pairs * parameters["samples"] * (parameters["until"] or 20.0), 0.0])
    steps = parameters["steps"] or (parameters["until"] or 20.0) / parameters["learning_rate"]
    return np.array([1.0, 0.0, pairs * (parameters["batch"] or parameters["samples"]) * steps])


def execute(
    parameters: Mapping[str, Any],
) -> tuple[str, str, Mapping[str, float | int | None], Mapping[str, FloatArray]]:
    """Status, message, results and arrays of a run. InputError where the simulation refuses it."""
    trajectory = _trajectory(parameters)
    results, arrays = _results(trajectory, parameters), _arrays(trajectory, parameters["arrays"])
    return trajectory.status, trajectory.message, results, arrays


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
