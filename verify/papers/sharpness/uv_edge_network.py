"""Full uv networks with a target: the edge of stability they come to, their periods, and the way into chaos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.uv_model import UVNetwork, descend_uv, gaussian_weights
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_edge import WHERE
from verify.papers.sharpness.uv_reduction import SCALED

WIDTH, TARGET = 8, 20.0
BEFORE, KEPT = 6000, 512
PERIODS = {1.05: 2, 1.2: 2, 1.25: 4, 1.29: 8}
"""Y → period that is stated."""

CHAOTIC, EXPONENT = 1.5, 0.49
BEYOND = 1e50
"""Size of a weight from which on a run has left for infinity."""
MOST_SHOWN = 0.1
"""A share of the steps from which on a cell of the diagram has its deepest colour."""


@cache
def at_the_edge(values: tuple[float, ...], seed: int, before: int = BEFORE) -> tuple[FloatArray, FloatArray]:
    """(η λ^H, p) in the last KEPT steps, each of shape (KEPT, values of Y); one network, a learning rate for each Y.

    NaN where a run has left for infinity: close to Y = 2 some draws start outside what is attracted.
    """
    network = UVNetwork(1.0, TARGET)
    u, v = (np.repeat(part / 2, len(values), axis=0) for part in gaussian_weights(seed, 1, WIDTH))
    rate = np.array(values) * np.sqrt(WIDTH) / TARGET
    sharp, along = [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for number, (at_u, at_v) in enumerate(descend_uv(network, u, v, rate, before + KEPT - 1)):
            if number >= before:
                stayed = np.all(np.abs(at_u) + np.abs(at_v) < BEYOND, axis=-1)
                at_u, at_v = (np.where(stayed[:, None], part, 0.0) for part in (at_u, at_v))
                sharp.append(np.where(stayed, rate * network.sharpness(at_u, at_v), np.nan))
                along.append(np.where(stayed, rate * np.sum((at_u + at_v) ** 2, axis=-1) / WIDTH, np.nan))
    return np.array(sharp), np.array(along)


def period_of(series: FloatArray) -> int:
    """The smallest power of two after which a series repeats itself; 0 where none up to 64 does."""
    return next((n for n in (1, 2, 4, 8, 16, 32, 64) if np.allclose(series[:-n], series[n:], atol=1e-6)), 0)


@dataclass(frozen=True)
class Stated:
    """Mean of η λ^H on the two-cycle, period by Y, and the exponent at Y = 1.5."""

    mean: Callable[[float], float] = lambda Y: (3 + Y) / 2
    period: Callable[[float], int] = PERIODS.__getitem__
    exponent: float = EXPONENT


def edge_check(stated: Stated) -> Check:
    def measure(context: Context) -> Measurement:
        values = tuple(PERIODS)
        context.progress("four values of Y")
        sharp, _ = at_the_edge(values, context.seed)
        found = []
        for column, value in enumerate(values):
            seen = period_of(sharp[:, column])
            found.append(Comparison(f"period at Y = {value}", seen, stated.period(value), 0.5, 0.0))
            if seen == 2:
                halves = np.mean(sharp[:, column]), np.mean(sharp[KEPT // 2 :, column])
                error = float(abs(halves[0] - halves[1])) + 1e-12
                found.append(
                    Comparison(
                        f"mean of ηλ^H, Y = {value}", float(halves[0]), stated.mean(value), 1e-9, error
                    )
                )
        context.progress("Y = 1.5")
        whole, half = exponent(context.draws(16))
        found.append(Comparison("exponent at Y = 1.5", whole, stated.exponent, 0.03, abs(whole - half)))
        return Measurement(found, figure=_bifurcation(context), remark=f"after {BEFORE} steps, w = {WIDTH}")

    return simulation.compare(measure, quantity="full networks at the edge of stability")


@cache
def exponent(seeds: range) -> tuple[float, float]:
    """Lyapunov exponent at Y = 1.5 from several networks, and from the first half of them."""
    logs = []
    for one in seeds:
        _, along = at_the_edge((CHAOTIC,), one, 2000)
        logs.append(np.mean(np.log(np.abs(1 + CHAOTIC - 0.75 * along))))
    return float(np.mean(logs)), float(np.mean(logs[: len(logs) // 2]))


def _bifurcation(context: Context) -> list[dict[str, Any]]:
    values = tuple(float(v) for v in np.linspace(0.8, 1.98, 60))
    context.progress("bifurcation diagram")
    sharp, along = at_the_edge(values, context.seed, 2500)
    means = np.mean(sharp, axis=0)
    bins = np.linspace(0, 8, 41)
    counts = np.array([np.histogram(sharp[:, i], bins)[0] for i in range(len(values))]).T / KEPT
    cells = {
        "x": list(values),
        "y": [float(v) for v in (bins[1:] + bins[:-1]) / 2],
        "values": [_shown(np.where(np.isnan(means), np.nan, np.minimum(row, MOST_SHOWN))) for row in counts],
        "label": "share of the steps (0.1: that or more)",
        "scale": "linear",
    }
    fine = np.linspace(1, np.sqrt(5) - 1, 20)
    S = 1 + fine
    lower = 2 * (S - np.sqrt(np.maximum(S**2 - 4, 0)))
    upper = 2 * (S + np.sqrt(np.maximum(S**2 - 4, 0)))
    marks = [{"x": 1.0, "label": "Y = 1"}, {"x": float(np.sqrt(5) - 1), "label": "√5 − 1"}]
    logs = np.mean(np.log(np.maximum(np.abs(1 + np.array(values) - 0.75 * along), 1e-300)), axis=0)
    base = {"xlabel": "Y", "xscale": "linear", "yscale": "linear", "marks": marks}
    return [
        base
        | {
            "title": "Bifurcation diagram of the sharpness, full networks",
            "ylabel": "η λ^H",
            "cells": cells,
            "series": [
                _dashed("two-cycle, exact", fine, [3 * p / 4 - y for p, y in zip(lower, fine, strict=True)]),
                _dashed("its other point", fine, [3 * p / 4 - y for p, y in zip(upper, fine, strict=True)]),
            ],
        },
        base
        | {
            "title": "Lyapunov exponent along the edge of stability",
            "ylabel": "exponent",
            "series": [
                {
                    "label": "full networks",
                    "x": list(values),
                    "y": _shown(logs),
                    "style": "line",
                    "role": "simulated",
                },
                _dashed("zero", np.array([values[0], values[-1]]), [0.0, 0.0]),
            ],
        },
        base
        | {
            "title": "Mean sharpness at the edge of stability",
            "ylabel": "mean of η λ^H",
            "series": [
                {
                    "label": "full networks",
                    "x": list(values),
                    "y": _shown(means),
                    "style": "line",
                    "role": "simulated",
                },
                _dashed("(3 + Y)/2", fine, list((3 + fine) / 2)),
                _dashed("2", np.array([values[0], values[-1]]), [2.0, 2.0]),
            ],
        },
    ]


def _shown(values: FloatArray) -> list[float | None]:
    """The numbers of a picture, None where a run has left."""
    return [float(value) if np.isfinite(value) else None for value in values]


def _dashed(label: str, x: FloatArray, y: list[float]) -> dict[str, Any]:
    points = {"x": [float(v) for v in x], "y": [float(v) for v in y]}
    return {"label": label, **points, "style": "dashed", "role": "predicted"}


def _iterated(value: float) -> FloatArray:
    """The scalar map of s by itself, in plain Python."""
    s, found = 1.0, []
    for n in range(20000):
        s *= 1 + value - s * s / 4
        if n >= 20000 - 4096:
            found.append(s * s)
    return np.array(found)


def _witness(stated: Stated) -> str | None:
    """Orbits of s ↦ s(1 + Y − s²/4)."""
    for value in PERIODS:
        p = _iterated(value)
        if period_of(p) != stated.period(value):
            return f"Y = {value}: s² repeats itself after {period_of(p)} steps, not {stated.period(value)}"
    p = _iterated(1.2)
    mean = float(np.mean(0.75 * p - 1.2))
    if abs(mean - stated.mean(1.2)) > 1e-6:
        return f"Y = 1.2: k + a is {mean:.6f} on average, not {stated.mean(1.2):.6f}"
    value = float(np.mean(np.log(np.abs(1 + CHAOTIC - 0.75 * _iterated(CHAOTIC)))))
    if abs(value - stated.exponent) > 0.06:
        return f"Y = 1.5: the exponent is {value:.3f}, not {stated.exponent}"
    return None


_WRONG: tuple[tuple[str, str, str, Stated], ...] = (
    ("mean-2", "mean sharpness 2", r"\langle\eta\lambda^H\rangle = 2", Stated(mean=lambda Y: 2.0)),
    (
        "mean-trace",
        "mean sharpness 1 + Y",
        r"\langle\eta\lambda^H\rangle = 1 + Y",
        Stated(mean=lambda Y: 1 + Y),
    ),
    ("always-2", "period 2 throughout", r"\text{period } 2", Stated(period=lambda Y: 2)),
    ("doubled-late", "period 4 at 1.29", r"\text{period } 4", Stated(period=lambda Y: min(4, PERIODS[Y]))),
    ("ln-2", "exponent ln 2", r"\ln 2", Stated(exponent=0.6931)),
)

paper.checked(
    "uv.eos.network",
    edge_check(Stated()),
    title="Full networks come to the edge of stability and double their period there",
    where=WHERE,
    statement=(
        r"\begin{aligned} Y &= 1.05,\, 1.2,\, 1.25,\, 1.29: \text{ periods } 2,\, 2,\, 4,\, 8; \\ "
        r"Y &= 1.05,\, 1.2: \langle\eta\lambda^H\rangle = \tfrac{3+Y}{2}; \qquad "
        r"Y = 1.5: \text{ Lyapunov exponent } 0.49 \end{aligned}"
    ),
    hypotheses=(
        *SCALED,
        rf"$w = {WIDTH}$, $x = 1$, $y = {TARGET:g}$, initial weights $N(0, \frac14)$, after {BEFORE} steps",
        "exponent along the manifold, from 16 networks (2000 steps before), within 0.03",
    ),
    uses=("uv.eos.period", "uv.eos.mean"),
    basis="derived",
    mutants=lambda: [
        Mutant(name, words, latex, edge_check(stated).run, partial(_witness, stated))
        for name, words, latex, stated in _WRONG
    ],
)
