"""Numeric solutions of the reduced (P, Q) system, from the vector field and the closed form that theory derives.

Nothing is typed in here: the field comes from the gradient flow by expansion, leading order and reduction, the code
from the code generator. It is the prediction that full simulations are compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.integrate import solve_ivp

from numerics.array import FloatArray
from numerics.errors import InputError

if TYPE_CHECKING:
    from theory import DescentSolution, VectorField


@lru_cache(maxsize=1)
def reduced_field() -> VectorField:
    """The (P, Q) system of the descent, derived: equations (16)–(18) of the multi-stage paper."""
    from theory import Derivation

    return Derivation(1).reduced


@lru_cache(maxsize=1)
def descent_solution() -> DescentSolution:
    """Exact solution of :func:`reduced_field`, derived."""
    import theory

    return theory.solve_descent(reduced_field())


@lru_cache(maxsize=1)
def _field_code() -> Callable[..., Any]:
    from theory.codegen import numpy_function

    return numpy_function(reduced_field(), "reduced_field")


@lru_cache(maxsize=1)
def _descent_time_code() -> Callable[..., Any]:
    import sympy as sp

    from theory.codegen import numpy_expression

    solution = descent_solution()
    zeta = sp.Symbol("zeta", positive=True)
    return numpy_expression([solution.descent_time(zeta)], [solution.A, solution.B, zeta], "descent_time")


def reduced_order_parameters(P0: float, Q0: float, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P and Q of the reduced system at ``times`` (increasing, from 0 on), from their values at time 0.

    Integrated with the generated field at a relative tolerance of 1e-12.

    Raises
    ------
    InputError
        If |P0| > Q0, which no network has.
    """
    _check_start(P0, Q0)
    times = np.asarray(times, dtype=float)
    end = float(times[-1])
    if end == 0.0:
        return np.full(times.shape, P0), np.full(times.shape, Q0)
    found = solve_ivp(
        _field_code(),
        (0.0, end),
        [P0, Q0],
        method="DOP853",
        t_eval=times,
        rtol=1e-12,
        atol=1e-13 * max(Q0, 1e-300),
    )
    if not found.success:
        raise InputError(f"The reduced system could not be integrated to {end:g}: {found.message}")
    return found.y[0], found.y[1]


def reduced_descent_time(P0: float, Q0: float, zeta: float = 0.1) -> float:
    """T_2 of the reduced system in closed form, in time of the gradient flow.

    Raises
    ------
    InputError
        If |P0| > Q0, or P0 ≥ 1 − ζ already.
    """
    _check_start(P0, Q0)
    if not 0 < zeta < 1 or 1 - zeta <= P0:
        raise InputError(f"P must start below 1 − ζ with 0 < ζ < 1; here P(0) = {P0:g} and ζ = {zeta:g}.")
    return float(reduced_descent_times(np.array([P0]), np.array([Q0]), zeta)[0])


def reduced_descent_times(P0: FloatArray, Q0: FloatArray, zeta: float = 0.1) -> FloatArray:
    """The same for many draws at once, arrays of one shape; NaN where P starts above 1 − ζ."""
    times: FloatArray = _descent_time_code()((P0 + Q0) / 2, (Q0 - P0) / 2, zeta)[0]
    return times


def _check_start(P0: float, Q0: float) -> None:
    if not (np.isfinite(P0) and np.isfinite(Q0)) or abs(P0) > Q0:
        raise InputError(f"Every network has |P| ≤ Q; here P(0) = {P0:g} and Q(0) = {Q0:g}.")
