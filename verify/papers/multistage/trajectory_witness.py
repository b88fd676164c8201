"""Euler steps of equal neurons on data by hand, against changed versions of the bounds on short runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numerics.array import FloatArray
from verify.papers.multistage.trajectory_runs import Run, SidesOf

_LINE = np.array([-math.sqrt(3.0), 0.0, math.sqrt(3.0)])
_MASS = np.array([1.0, 4.0, 1.0]) / 6
_GRID = np.array([(p, r) for p in _LINE for r in _LINE])

#: Data by hand, M₂ = I and z = e₁: points, weights, target, the target in words.
_DATA = (
    (np.array([(p, r) for p in (1.0, -1.0) for r in (1.0, -1.0)]), np.full(4, 0.25), lambda x: x[:, 0], "(±1, ±1), x₁"),
    (_GRID, np.outer(_MASS, _MASS).ravel(), lambda x: x[:, 0] + 0.5 * (x[:, 0] ** 2 - 1) * x[:, 1],
     "{0, ±√3}², x₁ + ½(x₁² − 1)x₂"),
)  # fmt: skip

#: Starts at which false versions are tried: (a, w) of equal neurons, how many, how long.
_TRIED = (
    (0.2, (0.2, 0.0), 8, 1.0),
    (0.5, (0.5, 0.0), 8, 2.0),
    (0.5, (0.5, 1.0), 1, 0.25),
    (0.1, (0.5, 0.0), 4, 0.5),
)


def _by_hand(data: Any, a: float, w: tuple[float, float], count: int, until: float) -> Run:
    """Equal tanh neurons by Euler steps."""
    x, rho, target, _ = data
    y = target(x)
    n = 4000
    h = until / n
    kept: list[tuple[float, ...]] = []
    v = np.array(w)
    for step in range(n + 1):
        u = x @ v
        r = rho * (count * a * np.tanh(u) - y)
        da = -float(r @ np.tanh(u))
        dv = -a * ((r / np.cosh(u) ** 2) @ x)
        pull = np.array([1.0, 0.0]) - count * a * v
        if step % 20 == 0:
            kept.append((a, *v, da - float(v @ pull), *(dv - a * pull)))
        a, v = a + h * da, v + h * dv
    rows = np.repeat(np.array(kept)[:, None, :], count, axis=1)
    times = np.linspace(0.0, until, len(kept))
    D, F = float(np.sqrt(np.sum(x**2, axis=1)).max()), float(rho @ np.abs(y))
    return Run(times, rows[:, :, 0], rows[:, :, 1:3], rows[:, :, 3], rows[:, :, 4:6], 1.0, D, F)


def _by_trapezoids(times: FloatArray, source: FloatArray, growth: float) -> FloatArray:
    weighted = source * np.exp(-growth * times)
    steps = np.diff(times) * (weighted[1:] + weighted[:-1]) / 2
    return np.asarray(np.exp(growth * times) * np.concatenate([[0.0], np.cumsum(steps)]))


def witness(sides: SidesOf) -> str | None:
    """A run by hand on which the bound is broken, in words."""
    for data in _DATA:
        for a, w, count, until in _TRIED:
            run = _by_hand(data, a, w, count, until)
            left, source, growth = sides(run)
            right = _by_trapezoids(run.times, source, growth)
            over = float(np.max(left - right))
            if over > 1e-2 * np.max(np.abs(left)) and over > 1e-4:
                return (
                    f"{count} equal tanh neurons a = {a}, w = {w}, {data[3]}, Euler steps up to t = {until}: "
                    f"the bound is exceeded by {over:.3g}"
                )
    return None
