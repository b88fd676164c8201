"""Where the sharpness settles after the first transient, by learning rate, and the critical c of that regime.

At cτ = 200, that is after τ = 200/c steps, the sharpness has settled; its ratio to the start, averaged over draws,
bends downwards most sharply at

    c_crit = argmax over c of −∂²_c ⟨λ_τ/λ_0⟩

(D. S. Kalra and M. Barkeshli, arXiv 2302.12250). A second derivative amplifies noise: here it is that of local
polynomials of degree 3, least squares over a window of neighbouring c (A. Savitzky and M. J. E. Golay, Analytical
Chemistry 36, 1964). Its interval holds every c at which the mean bend of the draws is not told from the largest: those
where, by Student's one-sided tests of the differences draw by draw, no other c is found to bend more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.eigenvalues import largest_eigenvalue
from numerics.errors import InputError
from numerics.fully_connected import FullyConnected
from numerics.phase_diagram import initial_sharpness
from numerics.training import train
from numerics.uv_model import UVNetwork, descend_uv

PRODUCT: Final = 200.0  # c τ
WINDOW: Final = 7
DEGREE: Final = 3  # of the local polynomials


def saturation_ratios(
    network: FullyConnected,
    initial: FloatArray,
    c: Sequence[float] | FloatArray,
    *,
    product: float = PRODUCT,
    batch: int | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> FloatArray:
    """λ_τ/λ_0 after τ = round(product/c) steps with η = c/λ_0, for each c: shape (k,), NaN where a run diverged.

    InputError for a c that is not positive or leaves no step, and for a start whose sharpness is not positive.
    """
    values = _values_of_c(c, product)
    first = initial_sharpness(network.at(np.asarray(initial, dtype=np.float64)))
    if first.status != "ok" or not first.value > 0:
        raise InputError(
            f"The sharpness at the start is {first.value:.3g} ({first.status}); c/λ_0 needs one that is positive."
        )
    found = np.full(len(values), math.nan)
    for i, value in enumerate(values):
        steps = round(product / float(value))
        run = train(
            network,
            initial,
            float(value) / first.value,
            steps,
            batch=batch,
            seed=seed,
            every=steps,
            explain=False,
        )
        if run.status == "interrupted":
            raise KeyboardInterrupt
        if run.status == "ok":
            top = largest_eigenvalue(network.at(run.y[-1]), near=first.vector)
            found[i] = top.value / first.value if top.status == "ok" else math.nan
        if progress is not None:
            progress(float(value))
    return found


def uv_saturation_ratios(
    network: UVNetwork,
    u: FloatArray,
    v: FloatArray,
    c: Sequence[float] | FloatArray,
    *,
    product: float = PRODUCT,
    progress: Callable[[float], None] | None = None,
) -> FloatArray:
    """The same of the uv model, for draws u and v (draws, w): shape (draws, k), NaN where a run diverged."""
    values = _values_of_c(c, product)
    first = network.sharpness(u, v)
    if not np.all(first > 0):
        raise InputError("The sharpness of a draw at the start is not positive; c/λ_0 needs one that is.")
    found = np.full((len(u), len(values)), math.nan)
    for i, value in enumerate(values):
        at_u, at_v = u, v
        for at_u, at_v in descend_uv(network, u, v, float(value) / first, round(product / float(value))):  # noqa: B007
            pass
        ended = np.isfinite(at_u).all(axis=-1) & np.isfinite(at_v).all(axis=-1)
        found[ended, i] = network.sharpness(at_u[ended], at_v[ended]) / first[ended]
        if progress is not None:
            progress(float(value))
    return found


def _values_of_c(c: Sequence[float] | FloatArray, product: float) -> FloatArray:
    values = np.asarray(c, dtype=np.float64)
    if values.ndim != 1 or not np.all((values > 0) & (values <= product)):
        raise InputError(f"Every c must lie in (0, {product:g}], so that at least one step is made.")
    return values


@dataclass(frozen=True, eq=False)
class CriticalPoint:
    """c_crit with an interval of ``level``, and what it was read from.

    ``mean``: ⟨λ_τ/λ_0⟩ at ``c``, and ``bend`` its −∂²_c, NaN within half a window of the ends.
    """

    value: float
    interval: tuple[float, float]
    level: float
    c: FloatArray
    mean: FloatArray
    bend: FloatArray


def critical_point(
    c: FloatArray,
    ratios: FloatArray,
    *,
    window: int = WINDOW,
    level: float = 0.95,
) -> CriticalPoint:
    """c_crit from ``ratios`` (draws, k) at equally spaced ``c`` (k,).

    Values of c at which a draw diverged are left out, with all that are larger. The interval has probability ``level``
    of holding the c with the largest expected bend, for independent draws whose differences in bend are normal: such a
    c is left out only if a test that it bends no less than another, at 1 − ``level`` over the number of others, fails.
    It is widened by half a spacing of c on both sides, because c_crit lies between the c's. InputError for c's that are
    not equally spaced, fewer than three draws, fewer c's than two windows, or a level outside of (0, 1).
    """
    c, ratios = np.asarray(c, dtype=np.float64), np.asarray(ratios, dtype=np.float64)
    if not 0 < level < 1:
        raise InputError(f"The level of an interval lies between 0 and 1, not at {level}.")
    if ratios.ndim != 2 or c.shape != ratios.shape[1:] or len(ratios) < 3:
        raise InputError(
            f"Ratios of shape {ratios.shape} at {c.shape} values of c: at least three draws are needed."
        )
    step = float(c[1] - c[0])
    if not (step > 0 and np.allclose(np.diff(c), step, rtol=1e-9)):
        raise InputError("The values of c must be equally spaced, upwards.")
    bad = np.flatnonzero(~np.all(np.isfinite(ratios), axis=0))
    kept = int(bad[0]) if len(bad) else len(c)
    if window % 2 == 0 or window <= DEGREE or kept < 2 * window:
        raise InputError(
            f"A window of {window} needs to be odd, above {DEGREE}, and at most half of the {kept} values of c at "
            "which no draw diverged."
        )
    c, ratios = c[:kept], ratios[:, :kept]
    half = window // 2
    mean = ratios.mean(axis=0)
    inside = c[half : len(c) - half]
    found = bend_of(mean, step, window)
    left = inside[_largest_of(bend_of(ratios, step, window)[:, half : len(c) - half], level)]
    return CriticalPoint(
        float(c[np.nanargmax(found)]),
        (float(left[0]) - step / 2, float(left[-1]) + step / 2),
        level,
        c,
        mean,
        found,
    )


def _largest_of(values: FloatArray, level: float) -> NDArray[np.int_]:
    """Of draws (n, k), which of the k may have the largest expectation.

    Each is compared with all others at once: were it the largest, one of these k − 1 tests would fail by chance with
    probability 1 − level at most. Where draws show no scatter, nothing is known of it and nothing is left out.
    """
    from scipy.stats import t

    n, k = values.shape
    quantile = float(t.isf((1 - level) / max(1, k - 1), n - 1))
    left = []
    for i in range(k):
        more = values - values[:, [i]]
        mean, error = more.mean(axis=0), more.std(axis=0, ddof=1) / math.sqrt(n)
        if not np.any((error > 0) & (mean > quantile * error)):
            left.append(i)
    return np.array(left)


def bend_of(ratios: FloatArray, spacing: float, window: int = WINDOW) -> FloatArray:
    """−∂²_c of values (…, k) at equally spaced c, of the same shape: of local cubics over ``window`` of them, and NaN
    within half a window of the ends. InputError for a window that is not odd or too short."""
    values = np.asarray(ratios, dtype=np.float64)
    if window % 2 == 0 or not DEGREE < window <= values.shape[-1]:
        raise InputError(
            f"A window of {window} needs to be odd, above {DEGREE}, and at most the {values.shape[-1]} values of c."
        )
    half = window // 2
    offsets = np.arange(-half, half + 1) * spacing
    weights = 2 * np.linalg.pinv(np.vander(offsets, DEGREE + 1, increasing=True))[2]
    found = np.full(values.shape, math.nan)
    found[..., half : values.shape[-1] - half] = (
        -np.lib.stride_tricks.sliding_window_view(values, window, axis=-1) @ weights
    )
    return found
