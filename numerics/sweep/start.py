"""The network that a run about early training starts from: a real one on a random task, or the uv model."""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.fully_connected import FullyConnected
from numerics.random_task import TARGETS, random_task
from numerics.sampling import standard_normals
from numerics.sweep.parameters import Parameter, Parameters, Unfit, integer, one_of, text

NETWORKS: Final = ("fully-connected", "uv")
REAL: Final = "fully-connected"

_MOST_PARAMETERS = 2 * 10**7

#: What a network, its task and its weights are told by.
PARAMETERS: Final[dict[str, Parameter]] = {
    "network": Parameter(one_of(*NETWORKS), REAL),
    "depth": Parameter(integer(2, 100), 2, REAL),
    "width": Parameter(integer(1, 10**6), 64),
    "seed": Parameter(integer(0, 2**63 - 1), 0),
    "activation": Parameter(text, "relu", REAL),
    "samples": Parameter(integer(2, 10**5), 64, REAL),
    "inputs": Parameter(integer(1, 10**5), 32, REAL),
    "outputs": Parameter(integer(1, 10**4), 10, REAL),
    "targets": Parameter(one_of(*TARGETS), "one-hot", REAL),
    "batch": Parameter(integer(1, 10**5), None, REAL),
}
TELLING: Final = ("network", "activation", "depth", "width", "samples", "inputs", "outputs", "batch")


def complete(kind: str, about: dict[str, Parameter], given: Parameters) -> dict[str, Any]:
    """The parameters of a run of this kind with the defaults filled in, without those that are for the other
    network."""
    network = given.get("network", REAL)
    chosen = {
        name: given.get(name, one.default) for name, one in about.items() if one.only in (None, network)
    }
    return {"kind": kind, **chosen}


def check(parameters: Parameters) -> None:
    """Unfit where the activation cannot be used, or the parameters together make no sense."""
    if parameters["network"] != REAL:
        return
    try:
        FullyConnected(np.ones((1, 1)), np.ones((1, 1)), (1,), parameters["activation"])
    except InputError as error:
        raise Unfit("activation", str(error)) from None
    if size(parameters) > _MOST_PARAMETERS:
        raise Unfit(
            "width",
            f"A network of width {parameters['width']} and depth {parameters['depth']} has {size(parameters):.2g} "
            f"weights; at most {_MOST_PARAMETERS:.0e} can be trained.",
        )
    batch = parameters["batch"]
    if batch is not None and batch > parameters["samples"]:
        raise Unfit("batch", f"The batch size is {batch}, but there are {parameters['samples']} samples.")


def start(parameters: Parameters) -> tuple[FullyConnected, FloatArray]:
    """The network on its task, and its initial weights."""
    width, seed = parameters["width"], parameters["seed"]
    if parameters["network"] == "uv":
        # f = u·v/√w on the example (1, 0), u and v standard normal: a linear network on the input 1/√w.
        return _uv(width), standard_normals(seed, 1, 0, width).T.ravel()
    sizes = {name: parameters[name] for name in ("samples", "inputs", "outputs")}
    x, y = random_task(seed, targets=parameters["targets"], **sizes)
    network = FullyConnected(x, y, (width,) * (parameters["depth"] - 1), parameters["activation"])
    return network, network.initial(seed)


def size(parameters: Parameters) -> float:
    """The number of weights, of the uv model that of pairs."""
    width = float(parameters["width"])
    if parameters["network"] != REAL:
        return width
    between = int(parameters["depth"]) - 2
    return width * float(parameters["inputs"] + parameters["outputs"]) + between * width * width


def cost(parameters: Parameters) -> float:
    """What a step costs: the weights, once an example."""
    return size(parameters) * (parameters["samples"] if parameters["network"] == REAL else 1)


@functools.lru_cache(maxsize=16)
def _uv(width: int) -> FullyConnected:
    return FullyConnected(np.array([[width**-0.5]]), np.zeros((1, 1)), (width,), "linear")
