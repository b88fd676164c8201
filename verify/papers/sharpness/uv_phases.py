"""The phase diagram of the uv model: which of five phases a draw is in at each c and width, and its trajectories."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.uv_critical import LARGEST
from numerics.uv_model import UVNetwork, descend_uv, gaussian_weights
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness import reduced
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import TARGET_0
from verify.papers.sharpness.uv_constants import rho_of

PHASES = (
    "loss and sharpness fall, c < 2",
    "sharpness reduction, c > 2",
    "loss catapult",
    "loss and sharpness catapult",
    "divergent",
)
WIDTHS = (2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256)
VALUES_OF_C = np.round(np.arange(1.05, 5.5, 0.1), 2)
STEPS, LATER = 10, 100
"""Steps in which loss and sharpness are watched, and in which a run may diverge."""

Classes = NDArray[np.int_]
Truths = NDArray[np.bool_]
Move = Callable[..., Any]


def phase_of(c: FloatArray, loss: Truths, sharp: Truths, diverged: Truths) -> Classes:
    """Number of the phase from c and from whether loss and sharpness rose and the run diverged."""
    phase = np.where(c < 2, 0, 1)
    phase = np.where(loss, 2, phase)
    phase = np.where(sharp, 3, phase)
    return np.asarray(np.where(diverged, 4, phase))


@cache
def simulated(width: int, seed: int, draws: int) -> Classes:
    """Phases of full networks, shape (values of c, draws)."""
    network = UVNetwork()
    u, v = gaussian_weights(seed, draws, width)
    count = len(VALUES_OF_C)
    c = np.repeat(VALUES_OF_C, draws)
    us, vs = np.tile(u, (count, 1)), np.tile(v, (count, 1))
    rate = c / network.sharpness(us, vs)
    loss, sharp = np.zeros(len(c), dtype=bool), np.zeros(len(c), dtype=bool)
    diverged = np.zeros(len(c), dtype=bool)
    first_loss, first_sharpness = network.loss(us, vs), network.sharpness(us, vs)
    for number, (at_u, at_v) in enumerate(descend_uv(network, us, vs, rate, LATER)):
        with np.errstate(over="ignore", invalid="ignore"):
            value = network.loss(at_u, at_v)
            diverged |= ~(value <= LARGEST * first_loss)
            if 0 < number <= STEPS:
                loss |= ~(value <= first_loss * (1 + 1e-12))
                sound = ~diverged
                now = network.sharpness(np.where(sound[:, None], at_u, 1), np.where(sound[:, None], at_v, 1))
                sharp |= diverged | (now > first_sharpness * (1 + 1e-12))
    return phase_of(c, loss, sharp, diverged).reshape(count, draws)


def predicted(width: int, seed: int, draws: int, move: Move | None = None) -> Classes:
    """The same from the derived map and ρ alone."""
    count = len(VALUES_OF_C)
    c = np.repeat(VALUES_OF_C, draws)
    rhos = np.tile(rho_of(width, seed, draws), count)
    rose = [reduced.risen(rhos, c, STEPS, what, move) for what in ("loss", "sharpness")]
    diverged = reduced.risen(rhos, c, LATER, "divergence", move)
    return phase_of(c, rose[0], rose[1], diverged).reshape(count, draws)


def phases_check(move: Callable[[], Move | None]) -> Check:
    def measure(context: Context) -> Measurement:
        draws = context.by_effort(21, 75, 251)
        found, columns = [], []
        for width in WIDTHS:
            context.progress(f"phases, w = {width}")
            seen = simulated(width, context.seed, draws)
            off = float(np.mean(seen != predicted(width, context.seed, draws, move())))
            label = f"w = {width}: {seen.size} runs, share in another phase"
            found.append(Comparison(label, off, 0.0, 0.002, 1 / seen.size))
            columns.append([int(np.bincount(row, minlength=len(PHASES)).argmax()) for row in seen])
        figures = [_diagram(columns), *_trajectories()]
        return Measurement(found, figure=figures, remark="the estimated error is one run on a border")

    return simulation.compare(measure, quantity="phases of full networks against those of the derived map")


def _median_rho(width: float) -> float:
    from scipy.stats import beta

    return float(beta.ppf(0.5, 0.5, width / 2) / 4)


def _diagram(columns: list[list[int]]) -> dict[str, Any]:
    widths = np.geomspace(WIDTHS[0], WIDTHS[-1], 60)
    rhos = np.array([_median_rho(w) for w in widths])
    ratio = reduced.ratio_of(rhos)
    inside = np.where(rhos < 0.125, 1 - 8 * rhos, np.nan)
    curves = {
        "c_loss of the median draw": ratio * (1 - np.sqrt(inside)) / (2 * rhos),
        "c_sharp, to first order": 2.5 + 57 / 4 * rhos,
        "c_max = 4R": 4 * ratio,
    }
    cells = {
        "x": [1 / w for w in reversed(WIDTHS)],
        "y": [float(c) for c in VALUES_OF_C],
        "values": [list(row) for row in np.array(columns[::-1]).T.tolist()],
        "label": "phase of most draws",
        "scale": "linear",
        "categories": list(PHASES),
    }
    series = []
    for label, values in curves.items():
        shown = [(float(1 / w), float(c)) for w, c in zip(widths, values, strict=True) if 1 < c < 5.5]
        series.append(
            {
                "label": label,
                "x": [one for one, _ in shown],
                "y": [two for _, two in shown],
                "style": "dashed",
                "role": "predicted",
            }
        )
    return {
        "title": "Phases of the uv model, full networks",
        "xlabel": "1/w",
        "ylabel": "c",
        "xscale": "log",
        "yscale": "linear",
        "cells": cells,
        "series": series,
        "marks": [],
    }


SHOWN = {"c = 1.5": 1.5, "c = 2.3": 2.3, "c = 3.2": 3.2, "c = 3.9": 3.9}


def _trajectories() -> list[dict[str, Any]]:
    """Sharpness and loss of one network of width 512 at four values of c, with the derived map's."""
    network = UVNetwork()
    u, v = gaussian_weights(1, 1, 512)
    inner = float(np.sum(u * v)) / float(np.sum(u * u + v * v))
    panels = []
    for name, log in (("sharpness", False), ("loss", True)):
        series: list[dict[str, Any]] = []
        joined: dict[str, Any] = {
            "label": "derived map",
            "x": [],
            "y": [],
            "style": "dashed",
            "role": "predicted",
        }
        for label, c in SHOWN.items():
            rate = c / float(network.sharpness(u, v)[0])
            states = list(descend_uv(network, u, v, rate, 30))
            quantity = getattr(network, name)
            values = [float(quantity(*s)[0]) for s in states]
            series.append(
                {
                    "label": label,
                    "x": list(range(31)),
                    "y": [max(value / values[0], 1e-12) for value in values],
                    "style": "line",
                    "role": "simulated",
                }
            )
            orbit = list(reduced.orbit(np.array([inner**2]), np.array([c]), 30))
            other = [
                float(reduced.sharpness()(*at)[0]) if name == "sharpness" else float(at[0][0] ** 2)
                for at in orbit
            ]
            joined["x"] += [*range(31), None]
            joined["y"] += [*(max(value / other[0], 1e-12) for value in other), None]
        series.append(joined)
        panels.append(
            {
                "title": f"{name.capitalize()} relative to its start, w = 512",
                "xlabel": "step",
                "ylabel": "λ^Hₜ / λ^H₀" if name == "sharpness" else "L_t / L_0",
                "xscale": "linear",
                "yscale": "log" if log else "linear",
                "series": series,
                "marks": [],
            }
        )
    return panels


def _changed(kind: str) -> Move:
    def move(g: FloatArray, k: FloatArray) -> tuple[FloatArray, FloatArray]:
        if kind == "no-square":
            return g - g * k, k + g * (g * k - 4 * g)
        if kind == "fixed-trace":
            return g - g * k + g**3, k
        return g - g * k + g**3, k + g * (g * k - 2 * g)

    return move


_WRONG = (
    ("no-square", "g′ without g³", r"g' = g - gk"),
    ("fixed-trace", "k never changes", r"k' = k"),
    ("half-drop", "k′ = k + g(gk − 2g)", r"k' = k + g\,(gk - 2g)"),
)


def _witness(kind: str) -> str | None:
    """w = 1, x = 1, u = 1, v = 2, η = 1 by hand: u′ = 1 − 2·2 = −3, v′ = 2 − 2·1 = 0, so g: 2 ↦ 0 and k: 5 ↦ 9."""
    g, k = _changed(kind)(np.array([2.0]), np.array([5.0]))
    if (g[0], k[0]) != (0.0, 9.0):
        return f"w = 1, u = 1, v = 2, η = 1: (g, k) = (2, 5) goes to (0, 9), not to ({g[0]:g}, {k[0]:g})"
    return None


paper.checked(
    "uv.phases",
    phases_check(lambda: None),
    title="The phase diagram: every run is in the phase that the derived map says",
    where="phases with target zero",
    statement=(
        r"\text{phase of } (u, v) \text{ at } c = \text{phase of the derived map from } \rho \text{ at } c, \qquad "
        r"w = 2, \dots, 256,\; 1 < c < 5.5"
    ),
    hypotheses=(
        *TARGET_0,
        "loss or sharpness rises if it is above its first value within 10 steps; a run diverges if its loss is "
        r"$10^{10}$ times the first one within 100",
        "at most one run in 500 is on a border, where rounding decides",
    ),
    uses=("uv.dimensionless", "uv.sharpness"),
    basis="derived",
    mutants=lambda: [
        Mutant(name, words, latex, phases_check(partial(_changed, name)).run, partial(_witness, name))
        for name, words, latex in _WRONG
    ],
)
