"""Run the gradient flow of the real network."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.integrate.float64 import integrate
from numerics.network import Network
from numerics.trajectory import Trajectory


def simulate(
    network: Network,
    initial: FloatArray,
    until: float,
    *,
    rtol: float = 1e-10,
    atol: float | None = None,
    progress: Callable[[float], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Trajectory:
    """The gradient flow from ``initial`` (m, 1 + d) up to time ``until``.

    ``atol`` is by default rtol times the size of the initial weights. ``provenance`` (seed, α, …) is kept
    with the trajectory beside what is known here. How the run ended is the trajectory's status; InputError
    for weights of another dimension than the data.
    """
    network.drift(initial)  # refuses a wrong shape before anything is started
    solution = integrate(network.drift, initial, until, rtol=rtol, atol=atol, progress=progress)
    about = {
        "activation": network.activation.name,
        "activation_note": network.activation.note,
        "data": dict(network.data.description),
        "width": len(initial),
        "dim": network.data.dim,
        "until": until,
        "rtol": rtol,
        "atol": atol,
        "method": "DOP853",
        "uses_symmetry": network.uses_symmetry,
        "evaluations": solution.evaluations,
        "versions": versions(),
    }
    return Trajectory(network, solution, {**about, **(provenance or {})})


def versions() -> dict[str, str]:
    """The versions of what a simulation rests on."""
    found = {"python": platform.python_version()}
    for name in ("lemmata", "numpy", "scipy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def default_horizon(width: int, scale: float, z: float = 1.0, *, zeta: float = 0.1) -> float:
    """A time that shows the descent and the plateau after it: predicted T_2, then 2 log m + 3.

    The prediction is T_2 = [log(2‖z‖/(m ε²)) + log((1 − ζ)/ζ)] / (2‖z‖) for initialisation scale ε.
    """
    if width < 1 or not scale > 0 or not z > 0:
        raise InputError("A horizon needs a width of at least 1, a positive scale and a positive ‖z‖.")
    descent = (math.log(2 * z / (width * scale * scale)) + math.log((1 - zeta) / zeta)) / (2 * z)
    return max(descent, 0.0) + 2 * math.log(width) + 3
