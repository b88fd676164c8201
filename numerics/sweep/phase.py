"""A run of the phase diagram: one network, one draw, and the critical values of its learning rate."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.fully_connected import FullyConnected
from numerics.phase_diagram import HORIZON, SPACING, scan
from numerics.random_task import TARGETS, random_task
from numerics.sampling import standard_normals
from numerics.sweep.parameters import Parameter, Parameters, Unfit, integer, number, one_of, text

NAME: Final = "phase-diagram"

NETWORKS: Final = ("fully-connected", "uv")
ARRAYS: Final = ("none", "series")

#: The numbers of a run: λ_0 and L_0, the critical values (None where training diverged before, or did not diverge),
#: and the sharpness after ten steps at c = 1 over that at the start.
RESULTS: Final = ("sharpness", "loss", "c_loss", "c_sharp", "c_barrier", "c_max", "s10")

_REAL = "fully-connected"
_MOST_PARAMETERS = 2 * 10**7

PARAMETERS: Final[dict[str, Parameter]] = {
    "network": Parameter(one_of(*NETWORKS), _REAL),
    "depth": Parameter(integer(2, 100), 2, _REAL),
    "width": Parameter(integer(1, 10**6), 64),
    "seed": Parameter(integer(0, 2**63 - 1), 0),
    "activation": Parameter(text, "relu", _REAL),
    "samples": Parameter(integer(2, 10**5), 64, _REAL),
    "inputs": Parameter(integer(1, 10**5), 32, _REAL),
    "outputs": Parameter(integer(1, 10**4), 10, _REAL),
    "targets": Parameter(one_of(*TARGETS), "one-hot", _REAL),
    "batch": Parameter(integer(1, 10**5), None, _REAL),
    "spacing": Parameter(number("a number between 0 and 1", lambda value: 0 < value <= 1), SPACING),
    "horizon": Parameter(integer(10, 10**6), HORIZON),
    "arrays": Parameter(one_of(*ARRAYS), "series"),
}


def complete(given: Parameters) -> dict[str, Any]:
    """Parameters with the defaults filled in, and without those that are for the other network."""
    network = given.get("network", _REAL)
    chosen = {
        name: given.get(name, about.default)
        for name, about in PARAMETERS.items()
        if about.only in (None, network)
    }
    return {"kind": NAME, **chosen}


def check(parameters: Parameters) -> None:
    """Unfit where the activation cannot be used, or the parameters together make no sense."""
    if parameters["network"] != _REAL:
        return
    try:
        FullyConnected(np.ones((1, 1)), np.ones((1, 1)), (1,), parameters["activation"])
    except InputError as error:
        raise Unfit("activation", str(error)) from None
    if _size(parameters) > _MOST_PARAMETERS:
        raise Unfit(
            "width",
            f"A network of width {parameters['width']} and depth {parameters['depth']} has {_size(parameters):.2g} "
            f"weights; at most {_MOST_PARAMETERS:.0e} can be trained.",
        )
    batch = parameters["batch"]
    if batch is not None and batch > parameters["samples"]:
        raise Unfit("batch", f"The batch size is {batch}, but there are {parameters['samples']} samples.")


def work(parameters: Parameters) -> FloatArray:
    """What the seconds of a run are proportional to: one, and the weights, once an example."""
    if parameters["network"] != _REAL:
        return np.array([1.0, float(parameters["width"])])
    return np.array([1.0, _size(parameters) * parameters["samples"]])


def execute(
    parameters: Parameters,
) -> tuple[str, str, Mapping[str, float | int | None], Mapping[str, FloatArray]]:
    """Status, message, results and arrays of a run. InputError where it cannot be scanned."""
    network, initial = _start(parameters)
    found = scan(
        network,
        initial,
        batch=parameters.get("batch"),
        seed=parameters["seed"],
        spacing=parameters["spacing"],
        horizon=parameters["horizon"],
    )
    results: dict[str, float | int | None] = {
        "sharpness": found.initial_sharpness,
        "loss": found.initial_loss,
        "c_loss": found.c_loss,
        "c_sharp": found.c_sharp,
        "c_barrier": found.c_barrier,
        "c_max": found.c_max,
        "s10": float(found.final_sharpness[0]),
    }
    arrays = {}
    if parameters["arrays"] == "series":
        arrays = {
            name: np.asarray(getattr(found, name), dtype=np.float64)
            for name in ("c", "loss", "sharpness", "final_sharpness", "barrier", "diverged")
        }
    message = "" if found.status == "ok" else "An eigenvalue was not found to the tolerance."
    known = {
        name: value if value is not None and math.isfinite(value) else None for name, value in results.items()
    }
    return found.status, message, known, arrays


def _start(parameters: Parameters) -> tuple[FullyConnected, FloatArray]:
    width, seed = parameters["width"], parameters["seed"]
    if parameters["network"] == "uv":
        # f = u·v/√w on the example (1, 0), u and v standard normal: a linear network on the input 1/√w.
        return _uv(width), standard_normals(seed, 1, 0, width).T.ravel()
    sizes = {name: parameters[name] for name in ("samples", "inputs", "outputs")}
    x, y = random_task(seed, targets=parameters["targets"], **sizes)
    network = FullyConnected(x, y, (width,) * (parameters["depth"] - 1), parameters["activation"])
    return network, network.initial(seed)


@functools.lru_cache(maxsize=16)
def _uv(width: int) -> FullyConnected:
    return FullyConnected(np.array([[width**-0.5]]), np.zeros((1, 1)), (width,), "linear")


def _size(parameters: Parameters) -> float:
    width, between = float(parameters["width"]), int(parameters["depth"]) - 2
    return width * float(parameters["inputs"] + parameters["outputs"]) + between * width * width
