"""Short runs of small networks against bounds that are integrals along the same run, with measured errors.

An integral up to the end of a panel is by Boole's rule on its four steps; what that changes of Simpson's rule on two
steps twice as long counts as its error, panel by panel and without signs. The run is made a second time with a coarser
tolerance, and what this changes of either side counts as error, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.dataset import Dataset, equidistant
from numerics.network import Network
from numerics.simulate import simulate
from verify.papers.multistage.grid_runs import dataset
from verify.parameters import remembered

CONSTANTS: Mapping[str, float] = {"tanh": 1.0, "arctan": 1.0, "sin": 0.5, "gd": 0.5}
"""L of Assumption 3."""

PANELS = 32
"""At the end of each a bound is looked at; a power of two, so that these times are exact."""

_STEPS = 4
_FINE, _COARSE = 1e-10, 1e-8
_ROUNDED = 100 * float(np.finfo(float).eps)
"""Rounding of either side, relative to the largest weight."""


@dataclass(frozen=True)
class Start:
    """Weights (a, w^(1), …) of each neuron, the activation, the data and how long it runs."""

    activation: str
    data: str
    weights: tuple[tuple[float, ...], ...]
    until: float


@remembered
def data_of(name: str) -> Dataset:
    """``two``: the points ±1 with f*(x) = x; else as in `grid_runs.dataset`."""
    return equidistant(2, "x") if name == "two" else dataset(name)


def cases(dims: tuple[int, ...] = (1, 2)) -> Any:
    """Starts in these dimensions, each as often as it is named.

    Most have equal neurons, for which bounds are nearly attained: with a = w^(1), with a = w^(1) = 0, or any.
    """
    from hypothesis import strategies as st

    def of(name: str) -> Any:
        dim = data_of(name).dim
        number = st.integers(-8, 8).map(lambda n: n / 8)
        neuron = st.tuples(*[number] * (dim + 1))
        balanced = st.tuples(*[number] * dim).map(lambda w: (w[0], *w))
        across = st.tuples(*[number] * (dim - 1)).map(lambda w: (0.0, 0.0, *w))
        size = st.sampled_from([0.05, 0.2, 0.5, 1.0])

        def scaled(s: float, rows: Sequence[tuple[float, ...]]) -> tuple[tuple[float, ...], ...]:
            return tuple(tuple(s * v for v in row) for row in rows)

        alike = (balanced, balanced, neuron, *([across] if dim > 1 else []))
        equal = (st.builds(lambda row, n: (row,) * n, row, st.sampled_from([1, 2, 4, 8])) for row in alike)
        rows = st.one_of(*equal, st.lists(neuron, min_size=1, max_size=4).map(tuple))
        return st.builds(
            Start, st.sampled_from(sorted(CONSTANTS)), st.just(name), st.builds(scaled, size, rows),
            st.sampled_from([0.25, 0.5, 1.0, 2.0]),
        )  # fmt: skip

    # A counterexample shrinks towards the first, and the square has the fewer points.
    names = [name for dim in dims for name in ("two", "few", "square", "plane") if data_of(name).dim == dim]
    return st.sampled_from(names).flatmap(of)


@dataclass(frozen=True)
class Run:
    """What a run does at equidistant times (n,): a, w, the remainders f, g of (7), and the constants of Lemma 1."""

    times: FloatArray
    a: FloatArray
    w: FloatArray
    f: FloatArray
    g: FloatArray
    L: float
    D: float
    F: float

    @property
    def size(self) -> FloatArray:
        """q."""
        norms = np.sqrt(np.sum(self.w**2, axis=2))
        return np.asarray(np.maximum(np.abs(self.a), norms).max(axis=1))


def run_of(start: Start, rtol: float = _FINE, steps: int = PANELS * _STEPS) -> Run | None:
    """The gradient flow from there, at steps + 1 times; None where it fails."""
    data = data_of(start.data)
    network = Network(activation(start.activation), data)
    state = np.array(start.weights)
    if not np.any(state):
        return None
    solved = simulate(network, state, start.until, rtol=rtol)
    if solved.status != "ok":
        return None
    times = np.linspace(0.0, start.until, steps + 1)
    states = np.array([solved.state(min(t, solved.end)) for t in times])
    rates = np.array([network.drift(s) for s in states])
    a, w = states[:, :, 0], states[:, :, 1:]
    pull = -np.einsum("tk,tki->ti", a, w)
    pull[:, 0] += 1.0
    return Run(
        times, a, w,
        rates[:, :, 0] - np.einsum("tki,ti->tk", w, pull),
        rates[:, :, 1:] - a[:, :, None] * pull[:, None, :],
        CONSTANTS[start.activation],
        float(np.sqrt(np.sum(data.x**2, axis=1)).max()),
        float(data.weights @ np.abs(data.y)),
    )  # fmt: skip


class Sides(NamedTuple):
    """A bound left(t) ≤ ∫_0^t e^{growth (t − s)} source(s) ds at the times of a run, all (n,)."""

    left: FloatArray
    source: FloatArray
    growth: float = 0.0


SidesOf = Callable[[Run], Sides]


def gronwall(run: Run, growth: float = 1.0, factor: float = 1.0) -> Sides:
    """max_k ‖Δ_k‖ ≤ ∫ e^{t−s}(mq³ + LD³Fq³ + 2mLD⁴q⁵ + mL²D⁶q⁷) ds."""
    t, m = run.times[:, None], run.a.shape[1]
    a, w = run.a[0], run.w[0]
    moved = np.abs(run.a - a * np.cosh(t) - w[:, 0] * np.sinh(t))
    linear = np.repeat(w[None], len(run.times), axis=0)
    linear[:, :, 0] = w[:, 0] * np.cosh(t) + a * np.sinh(t)
    left = np.maximum(moved, np.sqrt(np.sum((run.w - linear) ** 2, axis=2))).max(axis=1)
    q, L, D, F = run.size, run.L, run.D, run.F
    source = m * q**3 + L * D**3 * F * q**3 + 2 * m * L * D**4 * q**5 + m * L**2 * D**6 * q**7
    return Sides(left, factor * source, growth)


def across(run: Run, width: bool = True, factor: float = 1.0) -> Sides:
    """V_i − V_i(0) ≤ √m ∫ max_j |g_j^(i)| ds, i = 2; V_i(0) on both sides, so that the share is that of the growth."""
    V = np.sqrt(np.sum(run.w[:, :, 1] ** 2, axis=1))
    root = math.sqrt(run.a.shape[1]) if width else 1.0
    return Sides(V - V[0], factor * root * np.abs(run.g[:, :, 1]).max(axis=1))


def balanced(run: Run, rest: float = 1.0, cross: float = 1.0) -> Sides:
    """√(Q² − P²)(t) ≤ √(Q² − P²)(0) + ∫ (2V₂Q + H) ds, of which (50) and (51) are consequences."""
    a, w = run.a, run.w[:, :, 0]
    # Q² − P² = ¼ Σ(a + w)² Σ(a − w)², without the cancellation.
    gap = np.sqrt(np.sum((a + w) ** 2, axis=1) * np.sum((a - w) ** 2, axis=1)) / 2
    Q = (np.sum(a**2, axis=1) + np.sum(w**2, axis=1)) / 2
    V2 = np.sum(run.w[:, :, 1:] ** 2, axis=(1, 2))
    largest = np.maximum(np.abs(run.f), np.abs(run.g[:, :, 0])).max(axis=1)
    H = 2 * np.sqrt(a.shape[1] * Q) * largest
    return Sides(gap - gap[0], cross * 2 * V2 * Q + rest * H)


def integrals(times: FloatArray, source: FloatArray, growth: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """∫_0^t e^{growth (t − s)} source(s) ds at the end of every panel, and its error; ``times`` (4 panels + 1,)."""
    weighted = source * np.exp(-growth * times)
    h = times[_STEPS] - times[0]
    v0, v1, v2, v3, v4 = (weighted[i : len(times) - _STEPS + i : _STEPS] for i in range(_STEPS + 1))
    simpson = h / 6 * (v0 + 4 * v2 + v4)
    boole = h / 90 * (7 * v0 + 32 * v1 + 12 * v2 + 32 * v3 + 7 * v4)
    grown = np.exp(growth * times[_STEPS::_STEPS])
    return grown * np.cumsum(boole), grown * np.cumsum(np.abs(boole - simpson))


@dataclass(frozen=True)
class Measured:
    """Both sides at the ends of the panels (32,), and how far their difference may be off."""

    times: FloatArray
    left: FloatArray
    right: FloatArray
    error: FloatArray

    @property
    def shares(self) -> FloatArray:
        """The left side less the error over the right: above 1 where the bound is broken beyond the error."""
        return np.asarray((self.left - self.error) / np.maximum(self.right, 1e-12))


@lru_cache(maxsize=128)
def _both(start: Start) -> tuple[Run, Run] | None:
    fine, coarse = run_of(start, _FINE), run_of(start, _COARSE)
    return None if fine is None or coarse is None else (fine, coarse)


def measured(start: Start, sides: SidesOf) -> Measured | None:
    """The bound along the run from there; None where there is none, or a side is not a finite number."""
    runs = _both(start)
    if runs is None:
        return None
    found = []
    for run in runs:
        left, source, growth = sides(run)
        right, error = integrals(run.times, source, growth)
        found.append((left[_STEPS::_STEPS], right, error))
    # A comparison with NaN is false, and would count as a bound that holds.
    if not np.all(np.isfinite(found)):
        return None
    (left, right, error), (left2, right2, _) = found
    total = error + np.abs(left - left2) + np.abs(right - right2) + _ROUNDED * float(runs[0].size.max())
    return Measured(runs[0].times[_STEPS::_STEPS], left, right, total)


def broken_at(start: Start, sides: SidesOf) -> float | None:
    """The first time at which the bound is clearly broken, its share at least the root of the largest; None: never."""
    found = measured(start, sides)
    if found is None or not np.any(found.shares > 1):
        return None
    clear = math.sqrt(float(np.nanmax(found.shares)))
    return float(found.times[np.argmax(found.shares >= clear)])
