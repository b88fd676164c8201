"""The times T_1, T_2, T_3 of the three stages, and when the secondary plateau is left."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.observables import neuron_norm, order_parameters
from numerics.trajectory import Trajectory


def default_gamma(alpha: float) -> float:
    """γ = (α − ½)/2, the middle of the range (0, α − ½) that the initial plateau allows."""
    return 0.5 * (alpha - 0.5)


def plateau_time(width: int, gamma: float) -> float:
    """T_1 = γ log m."""
    return gamma * math.log(width)


def descent_time(trajectory: Trajectory, zeta: float = 0.1) -> float | None:
    """T_2 = inf {t : P(t) ≥ 1 − ζ}   (42), or None if the trajectory ends before.

    Bracketed by the integrator's own steps, then found on its interpolant to rounding.

    InputError for a ζ outside (0, 1), or one that a run which kept no states did not watch.
    """
    if not 0 < zeta < 1:
        raise InputError(f"The level zeta is {zeta}; it must lie between 0 and 1.")
    level = 1.0 - zeta
    if trajectory.recorded is not None:
        if level not in trajectory.crossings:
            raise InputError(
                f"P = {level} was not watched in this run; simulate with keep='states', or use a zeta of "
                f"{', '.join(str(1 - known) for known in trajectory.crossings)}."
            )
        if trajectory.recorded["P"][0] >= level:
            return 0.0
        found = trajectory.crossings[level]
        return found[0] if found else None
    mu = trajectory.weights
    return first_crossing(trajectory, lambda state: order_parameters(state, mu)[0] - level)


def first_crossing(
    trajectory: Trajectory, excess: Callable[[FloatArray], float], after: float = 0.0
) -> float | None:
    """The first time from ``after`` on at which a number read off the state is at least 0; None if it never is.

    Bracketed by the integrator's own steps, then found on its interpolant to rounding.
    """
    from scipy.optimize import brentq

    if after > trajectory.end:
        return None
    if excess(trajectory.state(after)) >= 0:
        return after
    low = after
    for time, state in zip(trajectory.times, trajectory.states, strict=True):
        if time <= after:
            continue
        if excess(state) >= 0:
            root = brentq(lambda t: excess(trajectory.state(t)), low, float(time), xtol=1e-14, rtol=1e-15)
            return float(root)
        low = float(time)
    return None


def secondary_time(second: float, width: int, constant: float = 1.0) -> float:
    """T_3 = T_2 + c m/log m, a time within the secondary plateau that grows faster than T_2   (58).

    InputError for a width below 2.
    """
    if width < 2:
        raise InputError(f"T_3 is for networks of at least two neurons; the width is {width}.")
    return second + constant * width / math.log(width)


class PlateauExit(NamedTuple):
    """Times at which the secondary plateau ends, by three measures; None for what does not happen in the run."""

    norm_doubles: float | None
    loss_halves: float | None
    leaves_band: float | None


def plateau_exit(trajectory: Trajectory, zeta: float = 0.1) -> PlateauExit | None:
    """When the neuron-wise norm doubles, the loss falls to half, and |P − 1| reaches 2ζ, seen from T_2 + log m.

    None where the trajectory ends before T_2 + log m.
    """
    second = descent_time(trajectory, zeta)
    if second is None:
        return None
    start = second + math.log(trajectory.width)
    if start > trajectory.end:
        return None
    reference = trajectory.state(start)
    norm, loss, mu = neuron_norm(reference), trajectory.network.loss(reference), trajectory.weights
    return PlateauExit(
        first_crossing(trajectory, lambda state: neuron_norm(state) - 2 * norm, start),
        first_crossing(trajectory, lambda state: loss / 2 - trajectory.network.loss(state), start),
        first_crossing(trajectory, lambda state: abs(order_parameters(state, mu)[0] - 1) - 2 * zeta, start),
    )
