"""The full network at its milestones T_1 and T_2, each run once a process; and the same by a second route.

The first route is `numerics.network` and its observables. The second integrates, with RK23, the drift that the theory
derived and its code generator printed, and computes the quantities from the weights by its own formulas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import norms, order_parameters
from numerics.reduced import reduced_descent_time
from numerics.simulate import simulate
from numerics.wasserstein import wasserstein2
from verify.papers.multistage import chosen, runs
from verify.parameters import remembered


@remembered
def milestones(
    m: int, seed: int, data: str, alpha: float, gamma: float, far: bool, rtol: float = 1e-9
) -> Mapping[str, float] | None:
    """Quantities of one run, to T_1 or (``far``) to T_2; None where the run did not get there.

    Keys: "Σa²", "Σw²", "P", "decay" ((R(0) − R(T_1))/T_1), "imbalance" ((Q − P)/P), "coupling" (√(Σ(a − w)²/Σa²)),
    "across", "gradient" (1 − ‖∇R‖/‖θ‖), all at T_1; "second" (T_2), "fall ratio" (44), "gradient at T_2",
    "distance at T_2" (relative W₂ of {a} and {w^(1)}), "kurtosis".
    """
    network = Network(activation("tanh"), runs.dataset(data))
    start = runs.initial(m, seed, network.data.dim, alpha)
    first = gamma * math.log(m)
    end = reduced_descent_time(*order_parameters(start), float(chosen.zeta)) + 0.5 if far else first
    run = simulate(network, start, end, rtol=rtol)
    if run.status != "ok":
        return None
    state = run.state(first)
    P, Q = order_parameters(state)
    size_a, size_w = norms(state)
    fall = (network.loss(start) - network.loss(state)) / first
    found = {
        "Σa²": size_a**2,
        "Σw²": 2 * Q - size_a**2,
        "P": P,
        "decay": fall,
        "imbalance": (Q - P) / P,
        "coupling": math.sqrt(2 * (Q - P)) / size_a,
        "across": 1 - (2 * Q - size_a**2) / size_w**2,
        "gradient": 1 - _relative_gradient(network, state),
    }
    if not far:
        return found
    second = descent_time(run, float(chosen.zeta))
    if second is None:
        return None
    later = run.state(second)
    found["second"] = second
    found["fall ratio"] = (network.loss(state) - network.loss(later)) / (second - first) / fall
    found["gradient at T_2"] = _relative_gradient(network, later)
    found["distance at T_2"] = wasserstein2(later[:, 0], later[:, 1]) / (norms(later)[0] / math.sqrt(m))
    found["kurtosis"] = runs.kurtosis(start)
    return found


def _relative_gradient(network: Network, state: FloatArray) -> float:
    return float(np.linalg.norm(network.drift(state)) / np.linalg.norm(state))


@remembered
def second_route(m: int, seed: int, data: str, alpha: float, gamma: float, far: bool) -> Mapping[str, float]:
    """The same quantities by generated code and RK23, without the Wasserstein distance."""
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    points = runs.dataset(data)
    rates = runs.generated_rates(points)
    start = runs.initial(m, seed, points.dim, alpha)
    shape = start.shape

    def risk(state: FloatArray) -> float:
        output = np.tanh(points.x @ state[:, 1:].T) @ state[:, 0]
        return float(points.weights @ (output - points.y) ** 2) / 2

    first = gamma * math.log(m)
    end = (2 * alpha - 1) * math.log(m) / 2 + 6 if far else first
    path = solve_ivp(
        lambda _, flat: rates(flat.reshape(shape)).ravel(),
        (0.0, end),
        start.ravel(),
        method="RK23",
        rtol=1e-5,
        atol=1e-8 * float(m) ** -alpha,
        dense_output=True,
    )

    def at(t: float) -> FloatArray:
        return np.asarray(path.sol(t)).reshape(shape)

    state = at(first)
    a, w = state[:, 0], state[:, 1]
    fall = (risk(start) - risk(state)) / first
    found = {
        "Σa²": float(a @ a),
        "Σw²": float(w @ w),
        "P": float(a @ w),
        "decay": fall,
        "imbalance": float(np.sum((a - w) ** 2) / (2 * a @ w)),
        "coupling": float(np.sqrt(np.sum((a - w) ** 2) / (a @ a))),
        "across": float(np.sum(state[:, 2:] ** 2) / np.sum(state[:, 1:] ** 2)),
        "gradient": 1 - float(np.sqrt(np.sum(rates(state) ** 2) / np.sum(state**2))),
    }
    if not far:
        return found
    second = float(brentq(lambda t: float(at(t)[:, 0] @ at(t)[:, 1]) - (1 - float(chosen.zeta)), first, end))
    later = at(second)
    found["second"] = second
    found["fall ratio"] = (risk(state) - risk(later)) / (second - first) / fall
    found["gradient at T_2"] = float(np.sqrt(np.sum(rates(later) ** 2) / np.sum(later**2)))
    gap = np.sort(later[:, 0]) - np.sort(later[:, 1])
    found["distance at T_2"] = float(np.sqrt(np.sum(gap**2) / np.sum(later[:, 0] ** 2)))
    found["kurtosis"] = runs.kurtosis(start)
    return found
