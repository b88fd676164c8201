"""Runs of the network over a grid of α, dimension, activation and data, each run once a process.

Narrow networks are simulated whole; wide ones (to 10⁶ neurons) by a few weighted neurons of the same draw, and what
that leaves out is estimated for each quantity by two degrees of the quadrature. Nothing here imports `theory`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.dataset import Dataset, equidistant, from_arrays, halton
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import neuron_norm, norms, order_parameters, transverse
from numerics.quadrature import compress
from numerics.sampling import initial_weights
from numerics.simulate import default_horizon, simulate
from numerics.trajectory import Trajectory
from verify.papers.multistage import chosen
from verify.parameters import remembered

CUBIC: Mapping[str, float] = {
    "tanh": -1 / 3,
    "arctan": -1 / 3,
    "sin": -1 / 6,
    "gd": -1 / 6,
    "erf": -math.pi / 12,
    "rational": -1 / 2,
}
"""c₃ of σ(u) = u + c₃u³ + …, each with slope 1 at 0."""

WHOLE = {1: 10_000, 2: 4_000, 3: 2_000}
"""Widths up to which all neurons are simulated, by dimension; above, representatives, unless all are asked for."""

_FINE, _COARSE = (8, 1e-9), (6, 1e-8)
"""Degree of the quadrature and tolerance of the integrator; the difference of the two estimates the error."""


@dataclass(frozen=True)
class Setting:
    """What a row of a grid is about: α, the activation and the data; γ as chosen for the paper unless given."""

    alpha: float
    activation: str
    data: str
    gamma: float | None = None

    @property
    def dim(self) -> int:
        return dataset(self.data).dim

    @property
    def first(self) -> float:
        """γ of T_1 = γ log m."""
        return chosen.gamma(self.alpha) if self.gamma is None else self.gamma


@remembered
def dataset(name: str) -> Dataset:
    """Data with unit second moments and z = e₁, by what they are.

    d = 1: ``points``, ``rising``: equidistant points, as many as chosen, targets sin x and x + 0.3x³; ``few``: 6
    equidistant points, target tanh 2x; ``uniform``: the uniform density on [−√3, √3] (40 nodes), target sin x.
    d = 2: ``plane``: 120 Halton points in ± pairs, target sin x₁ + 0.3x₁²x₂; ``square``: the uniform density on
    [−√3, √3]² (6² nodes), target sin x₁ + 0.3(x₁² − 1)x₂.
    d = 3: ``cloud``: 120 Halton points in ± pairs, target sin x₁ + 0.3x₁²x₂; ``cube``: the uniform density on
    [−√3, √3]³ (4³ nodes, exact to degree 7), target sin x₁ + 0.3(x₁² − 1)x₂.
    """
    if name == "points":
        return equidistant(int(chosen.samples), "sin(x)")
    if name == "rising":
        return equidistant(int(chosen.samples), "x + 0.3*x**3")
    if name == "few":
        return equidistant(6, "tanh(2*x)")
    if name == "cloud":
        return halton(60, 3, "sin(x1) + 0.3*x1**2*x2")
    if name == "plane":
        return halton(60, 2, "sin(x1) + 0.3*x1**2*x2")
    return _uniform(*{"uniform": (1, 40), "square": (2, 6), "cube": (3, 4)}[name])


def _uniform(dim: int, nodes: int) -> Dataset:
    """The uniform density by a product Gauss rule, made exactly symmetric; ‖z‖ = 1."""
    line, mass = np.polynomial.legendre.leggauss(nodes)
    x = np.array(list(product(line * math.sqrt(3.0), repeat=dim)))
    weights = np.array([math.prod(p) for p in product(mass / 2, repeat=dim)])
    first = x[:, 0] > 0
    x, weights = x[first], weights[first]
    x /= np.sqrt(2 * weights @ x**2)
    y = np.sin(x[:, 0]) + (0.3 * (x[:, 0] ** 2 - 1) * x[:, 1] if dim > 1 else 0.0)
    y /= 2 * float(weights @ (y * x[:, 0]))
    both = np.concatenate([weights, weights])
    return from_arrays(
        np.concatenate([x, -x]), np.concatenate([y, -y]), both / both.sum(), {"kind": "uniform", "dim": dim}
    )


@dataclass(frozen=True)
class Measured:
    """Quantities of one run by name, and how far each may be off (quadrature and integration)."""

    values: Mapping[str, float]
    errors: Mapping[str, float]


@lru_cache(maxsize=2)
def normals(m: int, seed: int, dim: int) -> FloatArray:
    """The draw in units of ε, (m, 1 + d): the same for every α."""
    return initial_weights(seed, m, dim, 1.0)


@remembered
def representatives(m: int, seed: int, dim: int, degree: int) -> tuple[FloatArray, FloatArray]:
    """Nodes in units of ε and their weights; all activations of the grid are odd."""
    found = compress(normals(m, seed, dim), degree, even=True, keep=8)
    return found.nodes, found.weights


@remembered
def of_draw(m: int, seed: int, dim: int) -> tuple[float, float, float]:
    """k₄ and k₆ of a + w^(1), and Σ(a² − (w^(1))²)/ε²."""
    draw = normals(m, seed, dim)
    xi = draw[:, 0] + draw[:, 1]
    size = float(np.mean(xi**2))
    fourth, sixth = (float(np.mean(xi**n)) / size ** (n // 2) for n in (4, 6))
    return fourth, sixth, float(np.sum(draw[:, 0] ** 2) - np.sum(draw[:, 1] ** 2))


@remembered
def largest_of_draw(m: int, seed: int, dim: int) -> tuple[float, float]:
    """max_k |ξ_k| and the mean of ξ², ξ = (a + w^(1))(0)/√2 in units of ε: a draw of m standard normal variables."""
    draw = normals(m, seed, dim)
    xi = (draw[:, 0] + draw[:, 1]) / math.sqrt(2)
    return float(np.max(np.abs(xi))), float(np.mean(xi**2))


@remembered
def measured(setting: Setting, m: int, seed: int, whole: bool = False) -> Measured | None:
    """The run up to T_2 (T_1 where the setting has a γ of its own); None where it did not get there.

    ``whole``: all neurons, however many.

    At T_1: "Σa²", "Σw²", "P", "decay" ((R(0) − R(T_1))/T_1), "imbalance" ((Q − P)/P), "coupling" (√(Σ(a − w)²/Σa²)),
    "across" (1 − Σ(w^(1))²/Σ‖w‖²), "gradient" (1 − ‖∇R‖/‖θ‖), "q", "deviation" (max_k ‖Δ_k‖_∞/q),
    "V at T_1" (√ΣV_i²), "V ratio" (V(T_1)/V(0)), "amplitudes" (√((Σ(a − w^(1))² + ΣV_i²)/Σa²)).
    At T_2: "T_2", "fall ratio" (44), and "q", "gradient excess" (‖∇R‖/‖θ‖ − ζ), "imbalance", "coupling", "sizes"
    (Σa²/Σw² − 1), "V", "amplitudes", with " at T_2". Of the draw: "k4", "k6", "V(0)", "a² − w²" (Σ over neurons),
    "largest" and "square" (`largest_of_draw`).
    """
    if whole or m <= WHOLE[setting.dim]:
        runs = [_run(setting, m, seed, None, rtol) for _, rtol in (_FINE, _COARSE)]
    else:
        runs = [_run(setting, m, seed, *how) for how in (_FINE, _COARSE)]
    found = [None if run is None else _quantities(setting, m, seed, *run) for run in runs]
    if found[0] is None or found[1] is None:
        return None
    errors = {name: abs(value - found[1][name]) for name, value in found[0].items()}
    return Measured(found[0], errors)


def started(setting: Setting, m: int, seed: int, degree: int | None) -> tuple[Network, FloatArray]:
    """The network and where it starts: all neurons of the draw, or representatives of this degree."""
    network = Network(activation(setting.activation), dataset(setting.data))
    scale = float(m) ** -setting.alpha
    if degree is None:
        return network, scale * normals(m, seed, setting.dim)
    units, weights = representatives(m, seed, setting.dim, degree)
    return replace(network, neuron_weights=weights), scale * units


def _run(
    setting: Setting, m: int, seed: int, degree: int | None, rtol: float
) -> tuple[Trajectory, FloatArray] | None:
    network, nodes = started(setting, m, seed, degree)
    # T_2 of a draw scatters by 1/√(2m) about the default horizon's own estimate of it.
    end = default_horizon(m, float(m) ** -setting.alpha) - 2 * math.log(m) - 2
    first = setting.first * math.log(m)
    # A start as small as those with a γ of their own is resolved to T_1; later it drowns in rounding.
    end = max(end, first + 0.1) if setting.gamma is None else first
    run = simulate(network, nodes, end, rtol=rtol)
    return (run, nodes) if run.status == "ok" else None


def _quantities(
    setting: Setting, m: int, seed: int, run: Trajectory, nodes: FloatArray
) -> dict[str, float] | None:
    network, mu = run.network, run.weights
    first = setting.first * math.log(m)
    state = run.state(min(first, run.end))
    P, Q = order_parameters(state, mu)
    size_a, size_w = norms(state, mu)
    fall = (network.loss(nodes) - network.loss(state)) / first
    found = {
        "Σa²": size_a**2,
        "Σw²": 2 * Q - size_a**2,
        "P": P,
        "decay": fall,
        "imbalance": _gap(state, mu) / (2 * P),
        "coupling": math.sqrt(_gap(state, mu)) / size_a,
        "across": 1 - (2 * Q - size_a**2) / size_w**2,
        "gradient": 1 - _relative_gradient(network, state, mu),
        "q": max(neuron_norm(run.state(min(t, run.end))) for t in np.linspace(0.0, first, 5)),
        "deviation": _deviation(nodes, state, first) / neuron_norm(state),
    }
    found["k4"], found["k6"], gap = of_draw(m, seed, setting.dim)
    found["a² − w²"] = gap * float(m) ** (-2 * setting.alpha)
    found["largest"], found["square"] = largest_of_draw(m, seed, setting.dim)
    if setting.dim > 1:
        found["V(0)"] = float(np.linalg.norm(transverse(nodes, mu)))
        found["V at T_1"] = float(np.linalg.norm(transverse(state, mu)))
        found["V ratio"] = found["V at T_1"] / found["V(0)"]
        found["amplitudes"] = math.sqrt(_gap(state, mu) + found["V at T_1"] ** 2) / size_a
    if setting.gamma is not None:
        return found
    second = descent_time(run, float(chosen.zeta))
    if second is None:
        return None
    later = run.state(second)
    P, Q = order_parameters(later, mu)
    size_a, _ = norms(later, mu)
    found |= {
        "T_2": second,
        "fall ratio": (network.loss(state) - network.loss(later)) / (second - first) / fall,
        "q at T_2": neuron_norm(later),
        "gradient excess at T_2": _relative_gradient(network, later, mu) - float(chosen.zeta),
        "imbalance at T_2": _gap(later, mu) / (2 * P),
        "coupling at T_2": math.sqrt(_gap(later, mu)) / size_a,
        "sizes at T_2": size_a**2 / (2 * Q - size_a**2) - 1,
    }
    if setting.dim > 1:
        found["V at T_2"] = float(np.linalg.norm(transverse(later, mu)))
        found["amplitudes at T_2"] = math.sqrt(_gap(later, mu) + found["V at T_2"] ** 2) / size_a
    return found


def _gap(state: FloatArray, mu: FloatArray | None) -> float:
    """2(Q − P) = Σ(a − w^(1))², without the cancellation."""
    gap = (state[:, 0] - state[:, 1]) ** 2
    return float(np.sum(gap) if mu is None else mu @ gap)


def _deviation(nodes: FloatArray, state: FloatArray, time: float) -> float:
    """max_k ‖θ_k − θ̃_k‖_∞ with the linearised path (23)."""
    linear = nodes.copy()
    linear[:, 0] = nodes[:, 0] * math.cosh(time) + nodes[:, 1] * math.sinh(time)
    linear[:, 1] = nodes[:, 1] * math.cosh(time) + nodes[:, 0] * math.sinh(time)
    return float(np.max(np.abs(state - linear)))


def _relative_gradient(network: Network, state: FloatArray, mu: FloatArray | None) -> float:
    counted = np.ones(len(state)) if mu is None else mu
    rates = network.drift(state)
    return math.sqrt(float(counted @ np.sum(rates**2, axis=1)) / float(counted @ np.sum(state**2, axis=1)))


@remembered
def moments(setting: Setting) -> Mapping[str, float]:
    """c₃ of the activation, and F₃ = ∫f* x₁³ρ, M₄ = ∫x₁⁴ρ; F₂₁, M₃₁ for each direction across e₁ (d > 1)."""
    data = dataset(setting.data)
    x1 = data.x[:, 0]
    found = {
        "c3": CUBIC[setting.activation],
        "F3": float(data.weights @ (data.y * x1**3)),
        "M4": float(data.weights @ x1**4),
        "d": float(data.dim),
    }
    for i in range(1, data.dim):
        found[f"F21_{i + 1}"] = float(data.weights @ (data.y * x1**2 * data.x[:, i]))
        found[f"M31_{i + 1}"] = float(data.weights @ (x1**3 * data.x[:, i]))
    return found
