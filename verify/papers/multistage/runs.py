"""Simulations of the full network that several claims of this paper look at, each run once a process.

The simulated side uses `numerics.network` alone; `generated_overshoot` and `generated_descent_time` integrate, with
another integrator, the drift that the theory derived and its code generator printed: the witness for negative controls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.dataset import Dataset, equidistant, halton
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import order_parameters
from numerics.reduced import reduced_descent_time, reduced_order_parameters
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from numerics.trajectory import Trajectory
from verify.papers.multistage import chosen
from verify.parameters import remembered

ALPHA = 1.0
"""α of the paper's own experiment: ε = m^{−α}."""

_FINE, _COARSE = 1e-10, 1e-8
_GRID = 400


@remembered
def dataset(name: str) -> Dataset:
    """The paper's data, all with unit second moments and z = e₁.

    ``line``: equidistant points (60 unless set), target sin x; ``rising line``: the same points, target x + 0.3x³.
    ``plane``: 100 Halton points of [−1, 1]² and their negatives, target sin x₁ + 0.3 sin 2x₂; ``bent plane``: the same
    points, target sin x₁ + 0.3x₁²x₂.
    """
    plane = {"plane": "sin(x1) + 0.3*sin(2*x2)", "bent plane": "sin(x1) + 0.3*x1**2*x2"}
    if name in plane:
        return halton(100, 2, plane[name])
    return equidistant(int(chosen.samples), {"line": "sin(x)", "rising line": "x + 0.3*x**3"}[name])


@dataclass(frozen=True)
class Descent:
    """What one simulation says of the descent. Times are times of the gradient flow.

    Attributes
    ----------
    descent_time, reduced_descent_time:
        T_2 of the full network and of the reduced system from the same initial weights.
    overshoot:
        P − 1 at T_2 + log m.
    kurtosis:
        ⟨ξ⁴⟩/⟨ξ²⟩² of ξ_k = (a_k + w_k^(1))(0).
    """

    descent_time: float
    reduced_descent_time: float
    overshoot: float
    kurtosis: float


def initial(width: int, seed: int, dim: int, alpha: float = ALPHA) -> FloatArray:
    """Initial weights a, w ~ N(0, m^{−2α})."""
    return initial_weights(seed, width, dim, float(width) ** -alpha)


def descent_mean(width: int, alpha: float) -> float:
    """T_2 of the reduced system to leading order, (α − ½) log m + ½ log (2(1 − ζ)/ζ); draws scatter by 1/√(2m)."""
    zeta = float(chosen.zeta)
    return (alpha - 0.5) * math.log(width) + 0.5 * math.log(2 * (1 - zeta) / zeta)


def trajectory(
    width: int, seed: int, data: str, rtol: float = _FINE, until: float | None = None
) -> Trajectory:
    """Gradient flow of the tanh network up to a little past T_2 + log m, or to ``until``."""
    points = dataset(data)
    start = initial(width, seed, points.dim)
    end = (
        reduced_descent_time(*order_parameters(start), float(chosen.zeta)) + math.log(width) + 0.5
        if until is None
        else until
    )
    return simulate(Network(activation("tanh"), points), start, end, rtol=rtol)


@remembered
def descent(width: int, seed: int, data: str, rtol: float = _FINE) -> Descent | None:
    """None when the run does not end as it should; the caller then has no measurement."""
    run = trajectory(width, seed, data, rtol)
    reached = descent_time(run, float(chosen.zeta))
    if run.status != "ok" or reached is None or reached + math.log(width) > run.end:
        return None
    start = run.state(0.0)
    P0, Q0 = order_parameters(start)
    return Descent(
        descent_time=reached,
        reduced_descent_time=reduced_descent_time(P0, Q0, float(chosen.zeta)),
        overshoot=order_parameters(run.state(reached + math.log(width)))[0] - 1.0,
        kurtosis=kurtosis(start),
    )


def gap(width: int, seed: int, data: str) -> tuple[float | None, float | None]:
    """max_t |P_full − P_reduced| on [0, T_2 + log m], and an estimate of its error as for `measured`."""
    fine, coarse = (_gap(width, seed, data, rtol) for rtol in (_FINE, _COARSE))
    return (None, None) if fine is None or coarse is None else (fine, abs(fine - coarse))


def _gap(width: int, seed: int, data: str, rtol: float) -> float | None:
    run = trajectory(width, seed, data, rtol)
    reached = descent_time(run, float(chosen.zeta))
    if run.status != "ok" or reached is None or reached + math.log(width) > run.end:
        return None
    times = np.linspace(0.0, reached + math.log(width), _GRID)
    full = np.array([order_parameters(run.state(t))[0] for t in times])
    reduced = reduced_order_parameters(*order_parameters(run.state(0.0)), times)[0]
    return float(np.max(np.abs(full - reduced)))


def kurtosis(start: FloatArray) -> float:
    """k₄ of a draw of initial weights."""
    xi = start[:, 0] + start[:, 1]
    return float(np.mean(xi**4) / np.mean(xi**2) ** 2)


def measured(width: int, seed: int, data: str, quantity: str) -> tuple[float | None, float | None]:
    """One quantity of `Descent` and an estimate of its error: the change when the tolerance is 100 times coarser."""
    fine, coarse = descent(width, seed, data), descent(width, seed, data, _COARSE)
    if fine is None or coarse is None:
        return None, None
    value = float(getattr(fine, quantity))
    return value, abs(value - float(getattr(coarse, quantity)))


def tanh_derivatives(order: int, u: FloatArray) -> FloatArray:
    """tanh and its first derivative, as generated drifts take them."""
    value = np.tanh(u)
    return value if order == 0 else 1 - value * value


def generated_rates(
    points: Dataset, sigma: Callable[[int, FloatArray], FloatArray] = tanh_derivatives
) -> Callable[[FloatArray], FloatArray]:
    """The drift of a state (m, 1 + d) on these data, by code generated from the theory's gradient flow.

    ``sigma(order, u)``: the activation and its first derivative.
    """
    from theory import TwoLayerNetwork, gradient_flow
    from theory.codegen import numpy_drift

    drift = numpy_drift(gradient_flow(TwoLayerNetwork(points.dim)), "generated_drift")

    def rates(state: FloatArray) -> FloatArray:
        found = drift(state[:, 0], state[:, 1:], x=points.x, target=points.y, rho=points.weights, sigma=sigma)
        return np.asarray(found, dtype=float)

    return rates


@remembered
def _generated(width: int, seed: int, data: str) -> tuple[float, float, float]:
    """(T_2, P − 1 at T_2 + log m, R(T_2) less R then) from the generated drift and LSODA."""
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    points = dataset(data)
    dim = points.dim
    rates = generated_rates(points)
    start = initial(width, seed, dim)

    def field(_: float, flat: FloatArray) -> FloatArray:
        return rates(flat.reshape(width, dim + 1)).ravel()

    def order_parameter(flat: FloatArray) -> float:
        state = flat.reshape(width, dim + 1)
        return float(state[:, 0] @ state[:, 1])

    guess = -math.log(order_parameter(np.abs(start).ravel())) + math.log(width) + 6.0
    found = solve_ivp(
        field, (0.0, guess), start.ravel(), method="LSODA", rtol=1e-8, atol=1e-12, dense_output=True
    )
    reached = float(
        brentq(
            lambda t: order_parameter(found.sol(t)) - (1 - float(chosen.zeta)), 0.0, guess - math.log(width)
        )
    )

    def risk(t: float) -> float:
        state = found.sol(t).reshape(width, dim + 1)
        missing = np.tanh(points.x @ state[:, 1:].T) @ state[:, 0] - points.y
        return float(points.weights @ missing**2) / 2

    later = reached + math.log(width)
    return reached, order_parameter(found.sol(later)) - 1.0, risk(reached) - risk(later)


def generated_descent_time(width: int, seed: int, data: str) -> float:
    """T_2 by the second route: derived drift, generated code, LSODA."""
    return _generated(width, seed, data)[0]


def generated_overshoot(width: int, seed: int, data: str) -> float:
    """P − 1 at T_2 + log m by the second route."""
    return _generated(width, seed, data)[1]


def generated_fall(width: int, seed: int, data: str) -> float:
    """By how much the risk falls from T_2 to T_2 + log m, by the second route."""
    return _generated(width, seed, data)[2]
