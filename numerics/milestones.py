"""The times T_1 and T_2 that end the initial plateau and the initial descent."""

from __future__ import annotations

import math

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.observables import order_parameters
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
    """
    from scipy.optimize import brentq

    if not 0 < zeta < 1:
        raise InputError(f"The level zeta is {zeta}; it must lie between 0 and 1.")

    def excess(state: FloatArray) -> float:
        return order_parameters(state)[0] - (1.0 - zeta)

    for step, state in enumerate(trajectory.states):
        if excess(state) < 0:
            continue
        if step == 0:
            return 0.0
        low, high = float(trajectory.times[step - 1]), float(trajectory.times[step])
        return float(brentq(lambda time: excess(trajectory.state(time)), low, high, xtol=1e-14, rtol=1e-15))
    return None
