"""Run the gradient flow of the real network."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import metadata
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.integrate.float64 import Event, Observation, Solution, integrate
from numerics.integrate.joined import Joined
from numerics.integrate.stabilised import Stabilised
from numerics.network import Network
from numerics.observables import norms, order_parameters
from numerics.representatives import Representatives, integrate_representatives, why_not
from numerics.trajectory import Path, Trajectory

NEURONS = ("all", "auto", "quadrature")
RECORDED = ("loss", "norm_a", "norm_w", "P", "Q")
_LEVELS = (0.9, 0.5)  # 1 − ζ for which T_2 is located where states are not kept


def simulate(
    network: Network,
    initial: FloatArray,
    until: float,
    *,
    rtol: float = 1e-10,
    atol: float | None = None,
    progress: Callable[[float], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
    neurons: str = "all",
    tolerance: float = 1e-8,
    keep: str = "states",
    times: FloatArray | None = None,
    slow: tuple[float, float] | None = None,
) -> Trajectory:
    """The gradient flow from ``initial`` (m, 1 + d) up to time ``until``.

    ``atol`` is by default rtol times the size of the initial weights. ``provenance`` (seed, α, …) is kept
    with the trajectory beside what is known here. How the run ended is the trajectory's status.

    ``neurons`` is "all", "quadrature" (a few weighted representatives; refused where two degrees differ in P, Q or the
    loss by more than ``tolerance``) or "auto" (representatives where they pay and can be trusted, else all;
    the provenance says which and why). ``keep="observables"`` records the loss, norms, P and Q at the
    integrator's steps and at ``times`` in place of states, for networks whose states would fill the memory.

    ``slow``: from when to when the run is on a plateau. There the stabilised method of second order is used, which
    takes far longer steps (`numerics.integrate.stabilised`); for all neurons given, and with states kept.

    InputError for weights of another dimension than the data, or a refusal.
    """
    if neurons not in NEURONS:
        raise InputError(f"neurons={neurons!r} is not one of {', '.join(NEURONS)}.")
    if keep not in ("states", "observables"):
        raise InputError(f"keep={keep!r} is neither 'states' nor 'observables'.")
    if slow is not None and (neurons != "all" or keep != "states" or not 0 < slow[0] < slow[1]):
        raise InputError("slow=(start, end) needs 0 < start < end, neurons='all' and keep='states'.")
    network.drift(initial)  # refuses a wrong shape before anything is started
    width = len(initial)
    reason = None if neurons == "quadrature" else why_not(network, width)
    if neurons == "all":
        reason = reason or "all neurons were asked for"
    representatives: Representatives | None = None
    solution: Path
    if reason is None:
        try:
            network, solution, representatives = integrate_representatives(
                network, initial, until, tolerance=tolerance, rtol=rtol, atol=atol, progress=progress
            )
        except InputError as refusal:
            if neurons == "quadrature":
                raise
            reason = str(refusal)
    crossings: dict[float, tuple[float, ...]] = {}
    if slow is not None:
        solution = _in_parts(network, initial, until, slow, rtol, atol, progress)
    elif representatives is None:
        watched, observe = _watched(network, keep, times)
        solution = integrate(
            network.drift,
            initial,
            until,
            rtol=rtol,
            atol=atol,
            progress=progress,
            events=[event for _, event in watched],
            observe=observe,
            solver=network.solver(width),
        )
        crossings = {level: found for (level, _), found in zip(watched, solution.events, strict=True)}
    kernel = network.kernel_for(len(solution.y[0]))
    about = {
        "activation": network.activation.name,
        "activation_note": network.activation.note,
        "data": dict(network.data.description),
        "width": width,
        "dim": network.data.dim,
        "until": until,
        "rtol": rtol,
        "atol": atol,
        "method": "DOP853" if slow is None else f"DOP853, between {slow[0]:.6g} and {slow[1]:.6g} RKC",
        "uses_symmetry": network.uses_symmetry,
        "kernel": {"name": kernel.name, "reason": kernel.reason},
        "neurons": _said(representatives, reason),
        "evaluations": solution.evaluations,
        "versions": versions(),
    }
    recorded = None
    if isinstance(solution, Solution) and solution.observed is not None and solution.observed_t is not None:
        columns = dict(zip(RECORDED, solution.observed.T, strict=True))
        recorded = {"t": solution.observed_t, **columns}
    return Trajectory(
        network, solution, {**about, **(provenance or {})}, representatives, recorded, crossings
    )


def _in_parts(
    network: Network,
    initial: FloatArray,
    until: float,
    slow: tuple[float, float],
    rtol: float,
    atol: float | None,
    progress: Callable[[float], None] | None,
) -> Path:
    """Up to the plateau, along it, and beyond; each part with its own absolute tolerance where none is given."""
    usual = network.solver(len(initial))
    start = 0.0
    parts: list[Solution] = []
    for end, solver in ((slow[0], usual), (slow[1], Stabilised), (until, usual)):
        length = min(end, until) - start
        if length <= 0:
            continue
        state = parts[-1].y[-1] if parts else initial
        said = None if progress is None else partial(_later, progress, start)
        part = integrate(network.drift, state, length, rtol=rtol, atol=atol, progress=said, solver=solver)
        parts.append(part)
        if part.status != "ok":
            break
        start = min(end, until)
    return Joined(parts)


def _later(progress: Callable[[float], None], start: float, time: float) -> None:
    progress(start + time)


def _watched(
    network: Network, keep: str, times: FloatArray | None
) -> tuple[list[tuple[float, Event]], Observation | None]:
    """Where states are not kept: the levels 1 − ζ of P to locate, and what to record."""
    if keep == "states":
        return [], None
    mu = network.neuron_weights

    def passes(level: float) -> Event:
        return Event(lambda state: order_parameters(state, mu)[0] - level)

    def all_of(state: FloatArray) -> list[float]:
        return [network.loss(state), *norms(state, mu), *order_parameters(state, mu)]

    wanted = np.empty(0) if times is None else np.asarray(times, dtype=np.float64)
    return [(level, passes(level)) for level in _LEVELS], Observation(all_of, wanted)


def _said(representatives: Representatives | None, reason: str | None) -> dict[str, Any]:
    """Which neurons were simulated, as provenance."""
    if representatives is None:
        return {"simulated": "all", "reason": reason}
    used = representatives.quadrature
    return {
        "simulated": "quadrature",
        "degree": used.degree,
        "representatives": len(used.nodes),
        "extreme_neurons_kept": used.kept,
        "moment_residual": used.residual,
        "estimate": None if math.isnan(representatives.estimate) else representatives.estimate,
        "estimate_at": representatives.estimate_at,
    }


def versions() -> dict[str, str]:
    """The versions of what a simulation rests on."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    """Looked up once: it takes files to be read, and a search simulates hundreds of networks."""
    found = {"python": platform.python_version()}
    for name in ("lemmata", "numpy", "scipy", "numba"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def default_horizon(width: int, scale: float, z: float = 1.0, *, zeta: float = 0.1) -> float:
    """A time that shows the descent and the plateau after it: predicted T_2, then 2 log m + 3.

    The prediction is T_2 = [log(2‖z‖/(m ε²)) + log((1 − ζ)/ζ)] / (2‖z‖) for initialisation scale ε.

    InputError for a width below 1, or a scale or ‖z‖ that is not positive.
    """
    if width < 1 or not scale > 0 or not z > 0:
        raise InputError("A horizon needs a width of at least 1, a positive scale and a positive ‖z‖.")
    descent = (math.log(2 * z / (width * scale * scale)) + math.log((1 - zeta) / zeta)) / (2 * z)
    return max(descent, 0.0) + 2 * math.log(width) + 3
