"""What the derived map says of a start: orbits and critical constants as functions of ρ, and averages over the widths.

With target 0 a start of any width is one number ρ = (g₀/k₀)², so that its critical constants are functions of ρ, and
their averages are integrals over the law of ρ: 4ρ has the Beta law with parameters ½ and w/2 for standard normal u, v.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.uv_critical import LARGEST, first_rise
from theory.codegen import numpy_expression
from theory.uv import g, k
from theory.uv_critical import ratio, rho, sharpness_of_zero_target, zero_target

QUANTILES = 600
"""Points of the law of ρ for an average."""

_ROUNDING = 1e-12


@cache
def step() -> Callable[..., Any]:
    """(g, k) ↦ (g′, k′) as arrays, from the derived map."""
    return numpy_expression(list(zero_target().images), (g, k), "uv_step")


@cache
def sharpness() -> Callable[..., Any]:
    """η λ^H of (g, k)."""
    code = numpy_expression([sharpness_of_zero_target()], (g, k), "uv_sharpness")
    return lambda *at: code(*at)[0]


@cache
def _ratio() -> Callable[..., Any]:
    return numpy_expression([ratio()], (rho,), "uv_ratio")


def ratio_of(rhos: FloatArray) -> FloatArray:
    """R(ρ)."""
    return np.asarray(_ratio()(rhos)[0])


def orbit(
    rhos: FloatArray, c: FloatArray, steps: int, move: Callable[..., Any] | None = None
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """(g, k) after 0, 1 … steps from the starts with these ρ and c = ηλ^H₀."""
    moved = step() if move is None else move
    at_k = c / ratio_of(rhos)
    at_g = np.sqrt(rhos) * at_k
    yield at_g, at_k
    for _ in range(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            at_g, at_k = moved(at_g, at_k)
        yield at_g, at_k


def risen(
    rhos: FloatArray, c: FloatArray, steps: int, watched: str, move: Callable[..., Any] | None = None
) -> NDArray[np.bool_]:
    """Whether loss, sharpness or trace rises above its start, or the run diverges, within so many steps."""

    def value(at_g: FloatArray, at_k: FloatArray) -> FloatArray:
        if watched == "sharpness":
            return np.asarray(sharpness()(at_g, at_k))
        return at_k if watched == "trace" else at_g**2

    limit = LARGEST if watched == "divergence" else 1 + _ROUNDING
    found = np.zeros(len(rhos), dtype=bool)
    first: FloatArray | None = None
    for at_g, at_k in orbit(rhos, c, steps, move):
        with np.errstate(over="ignore", invalid="ignore"):
            now = value(at_g, at_k)
        first = now if first is None else first
        found |= ~(now <= limit * first)
    return found


def constants(
    rhos: FloatArray, watched: str, steps: int = 10, move: Callable[..., Any] | None = None
) -> FloatArray:
    """The smallest c of each start at which what is watched rises."""
    return first_rise(
        lambda which, c: risen(rhos[which], c, steps, watched, move),
        len(rhos),
        start=3.5 if watched == "divergence" else 1.98,
    )


def law_of_rho(width: int, points: int = QUANTILES) -> FloatArray:
    """Midpoint quantiles of ρ over the initialisation."""
    from scipy.stats import beta

    return np.asarray(beta.ppf((np.arange(points) + 0.5) / points, 0.5, width / 2) / 4)


@cache
def average(width: int, watched: str, steps: int) -> float:
    """Mean critical constant over the initialisation, from the derived map."""
    return float(np.mean(constants(law_of_rho(width), watched, steps)))
