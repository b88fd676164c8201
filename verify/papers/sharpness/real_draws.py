"""Draws of real networks, each measured once in a process: a task, initial weights, and what a scan finds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from numerics.array import FloatArray
from numerics.fully_connected import FullyConnected
from numerics.phase_diagram import SPACING, Scan, scan
from numerics.random_task import random_task

WHERE = "real networks; the protocol of measurement"
TASK = (
    r"fully connected relu networks of depth $d$ (layers of weights) and width $w$ in the standard parameterisation: "
    r"no bias, weights of variance $2/\text{fan-in}$, $1/\text{fan-in}$ in the last layer; "
    r"$L$ is half the mean squared residual over examples and outputs",
    r"64 standardised Gaussian inputs in 32 dimensions; one-hot targets of 10 classes, the largest outputs of a random "
    r"relu teacher; full-batch gradient descent with $\eta = c/\lambda^H_0$, $c = 2^0, 2^{0.1}, \ldots$",
)
CRITICAL = (
    r"$c_{\mathrm{loss}}$ ($c_{\mathrm{sharp}}$): the smallest $c$ with $L_t > L_0$ ($\lambda^H_t > \lambda^H_0$) "
    r"at any $t \le 10$; $c_{\max}$: the last before the first that diverges within 100 steps (a loss above "
    r"$10^6 L_0$)",
)

EARLY = ("loss", "sharpness")


@cache
def network(depth: int, width: int, seed: int, activation: str = "relu", samples: int = 64) -> FullyConnected:
    """A network on the task of this draw."""
    x, y = random_task(seed, samples=samples)
    return FullyConnected(x, y, (width,) * (depth - 1), activation)


@cache
def scanned(
    depth: int,
    width: int,
    seed: int,
    watch: tuple[str, ...] = EARLY,
    *,
    smallest: float = 1.0,
    largest: float = 2.0**8,
    spacing: float = SPACING,
    batch: int | None = None,
) -> Scan:
    """The scan of one draw."""
    model = network(depth, width, seed)
    return scan(
        model,
        model.initial(seed),
        watch=watch,
        smallest=smallest,
        largest=largest,
        spacing=spacing,
        batch=batch,
        seed=seed,
    )


@cache
def early_ratio(depth: int, width: int, seed: int) -> float:
    """λ_10/λ_0 at c = 1; NaN where it rose, and was not measured to the end."""
    found = scanned(depth, width, seed, ("sharpness",), largest=1.01)
    return float(found.final_sharpness[0])


def slope_weights(positions: Sequence[float]) -> FloatArray:
    """The least-squares slope of values at these positions is this row of numbers times the values."""
    centred = np.asarray(positions, dtype=np.float64) - np.mean(positions)
    return np.asarray(centred / (centred @ centred))


def logarithm(value: float | None) -> float:
    """log2, NaN where there is no value."""
    return math.nan if value is None else math.log2(value)
