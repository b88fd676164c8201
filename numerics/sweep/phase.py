"""A run of the phase diagram: one network, one draw, and the critical values of its learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from numerics.array import FloatArray
from numerics.phase_diagram import HORIZON, SPACING, scan
from numerics.sweep import start
from numerics.sweep.parameters import Parameter, Parameters, integer, number, one_of

NAME: Final = "phase-diagram"

ARRAYS: Final = ("none", "series")

#: The numbers of a run: λ_0 and L_0, the critical values (None where training diverged before, or did not diverge),
#: and the sharpness after ten steps at c = 1 over that at the start.
RESULTS: Final = ("sharpness", "loss", "c_loss", "c_sharp", "c_barrier", "c_max", "s10")

PARAMETERS: Final[dict[str, Parameter]] = {
    **start.PARAMETERS,
    "spacing": Parameter(number("a number between 0 and 1", lambda value: 0 < value <= 1), SPACING),
    "horizon": Parameter(integer(10, 10**6), HORIZON),
    "arrays": Parameter(one_of(*ARRAYS), "series"),
}


def complete(given: Parameters) -> dict[str, Any]:
    """Parameters with the defaults filled in, and without those that are for the other network."""
    return start.complete(NAME, PARAMETERS, given)


def work(parameters: Parameters) -> FloatArray:
    """What the seconds of a run are proportional to: one, and the weights, once an example."""
    return np.array([1.0, start.cost(parameters)])


def execute(
    parameters: Parameters,
) -> tuple[str, str, Mapping[str, float | int | None], Mapping[str, FloatArray]]:
    """Status, message, results and arrays of a run. InputError where it cannot be scanned."""
    network, initial = start.start(parameters)
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
