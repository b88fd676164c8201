"""A run of the saturation: one network, one draw, and where its sharpness settles at each learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from numerics.array import FloatArray
from numerics.phase_diagram import initial_sharpness
from numerics.saturation import DEGREE, PRODUCT, WINDOW, bend_of, saturation_ratios
from numerics.sweep import start
from numerics.sweep.parameters import Parameter, Parameters, Unfit, integer, number, one_of

NAME: Final = "saturation"

ARRAYS: Final = ("none", "series")

#: The numbers of a run: λ_0 and L_0; the c at which λ_τ/λ_0 bends downwards most, and how much it does there (None
#: where too few c's did not diverge); the ratio at the first c; and the last c before the first that diverged, or the
#: last one. The series have ``c``, ``ratio`` and ``bend``.
RESULTS: Final = ("sharpness", "loss", "c_crit", "bend", "first_ratio", "last_c")

_MOST = 2000  # values of c
_positive = number("a positive number", lambda value: value > 0)

PARAMETERS: Final[dict[str, Parameter]] = {
    **start.PARAMETERS,
    "smallest": Parameter(_positive, 1.0),
    "largest": Parameter(_positive, 3.0),
    "spacing": Parameter(_positive, 0.1),
    "product": Parameter(_positive, PRODUCT),
    "window": Parameter(integer(DEGREE + 1, 101), WINDOW),
    "arrays": Parameter(one_of(*ARRAYS), "series"),
}
TELLING: Final = (*start.TELLING, "smallest", "largest", "spacing", "product", "window")


def complete(given: Parameters) -> dict[str, Any]:
    """Parameters with the defaults filled in, and without those that are for the other network."""
    return start.complete(NAME, PARAMETERS, given)


def check(parameters: Parameters) -> None:
    """Unfit where the network cannot be used, or the values of c make no sense."""
    start.check(parameters)
    window = parameters["window"]
    if window % 2 == 0:
        raise Unfit("window", f"The window holds {window} values of c; the number must be odd.")
    if parameters["largest"] > parameters["product"]:
        raise Unfit(
            "largest",
            f"At c = {parameters['largest']:g} less than one step is made: c may go up to the product, "
            f"{parameters['product']:g}.",
        )
    count = (parameters["largest"] - parameters["smallest"]) / parameters["spacing"] + 1
    if not 2 * window <= count + 1e-9 <= _MOST:
        raise Unfit(
            "spacing",
            f"From {parameters['smallest']:g} to {parameters['largest']:g} in steps of {parameters['spacing']:g} there "
            f"are {max(0, math.floor(count + 1e-9))} values of c; at least {2 * window}, two windows, are needed, and "
            f"at most {_MOST} can be tried.",
        )


def work(parameters: Parameters) -> FloatArray:
    """What the seconds of a run are proportional to: one, and all steps, each of the weights once an example."""
    steps = float(np.sum(parameters["product"] / values_of_c(parameters)))
    return np.array([1.0, steps * start.cost(parameters)])


def values_of_c(parameters: Parameters) -> FloatArray:
    """Equally spaced."""
    low, high, spacing = (parameters[name] for name in ("smallest", "largest", "spacing"))
    return np.asarray(low + spacing * np.arange(math.floor((high - low) / spacing + 1e-9) + 1))


def execute(
    parameters: Parameters,
) -> tuple[str, str, Mapping[str, float | int | None], Mapping[str, FloatArray]]:
    """Status, message, results and arrays of a run. InputError where its start has no positive sharpness."""
    network, initial = start.start(parameters)
    c = values_of_c(parameters)
    with np.errstate(all="ignore"):
        ratio = saturation_ratios(
            network,
            initial,
            c,
            product=parameters["product"],
            batch=parameters.get("batch"),
            seed=parameters["seed"],
        )
    bad = np.flatnonzero(~np.isfinite(ratio))
    kept = int(bad[0]) if len(bad) else len(c)
    bend = np.full(len(c), math.nan)
    if kept >= parameters["window"]:
        bend[:kept] = bend_of(ratio[:kept], parameters["spacing"], parameters["window"])
    there = bool(np.isfinite(bend).any())
    place = int(np.nanargmax(bend)) if there else 0
    results: dict[str, float | int | None] = {
        "sharpness": initial_sharpness(network.at(initial)).value,
        "loss": network.loss(initial),
        "c_crit": float(c[place]) if there else None,
        "bend": float(bend[place]) if there else None,
        "first_ratio": float(ratio[0]) if kept else None,
        "last_c": float(c[kept - 1]) if kept else None,
    }
    arrays = {"c": c, "ratio": ratio, "bend": bend} if parameters["arrays"] == "series" else {}
    return "ok", "", results, arrays
