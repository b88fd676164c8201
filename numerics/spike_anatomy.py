"""What happens in one loss spike: eigenvectors, growth, directions and frequencies.

θ_s is the state at its start, θ_P at its peak, θ_E at its end; v_1, v_2, … are the unit eigenvectors of the Hessian at
θ_s in the order of falling eigenvalues λ_1 ≥ λ_2 ≥ ….
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.shallow import Shallow, Steps
from numerics.spikes import Spike

LOW = 3
"""Frequencies k ≤ LOW count as low."""

_PAIRS = 12
FROM, UNTIL = 0.02, 0.5
"""Growth is measured while the loss above that of the start is between these parts of its rise."""


def frequency_parts(residual: FloatArray) -> FloatArray:
    """E_k ≥ 0, k = 0 … n/2, with Σ E_k = ½ mean r²: the loss by frequency (Parseval), for n residuals in order.

    E_k = (2 if 0 < k < n/2 else 1) |Σ_j r_j e^{−2πijk/n}|²/(2n²).
    """
    n = len(residual)
    if n < 1 or residual.ndim != 1:
        raise InputError("The split by frequency is of one row of residuals.")
    transform = np.fft.rfft(residual)
    twice = np.full(len(transform), 2.0)
    twice[0] = 1.0
    if n % 2 == 0:
        twice[-1] = 1.0
    return np.asarray(twice * (transform.real**2 + transform.imag**2) / (2.0 * n * n))


def low_share(before: FloatArray, after: FloatArray, low: int = LOW) -> float:
    """The part of the loss change between two residuals that is in the frequencies k ≤ low; NaN without a change."""
    change = frequency_parts(after) - frequency_parts(before)
    total = float(change.sum())
    return float(change[: low + 1].sum()) / total if total else float("nan")


@dataclass(frozen=True, eq=False)
class Growth:
    """Steps along v_1 while the loss rises, over the window [start, stop) of steps.

    measured: geometric mean per step of |δ_{t+1}·v_1/δ_t·v_1| with δ_t = θ_{t+1} − θ_t; ``turned``: the same along
    the first eigenvector in the middle of the window. sharpness: ηλ_max half-way between θ_t and θ_{t+1}, at up to 24
    of the steps. excess: the square root of the mean growth per step of the loss above that of the start.
    """

    start: int
    stop: int
    measured: float
    turned: float
    excess: float
    sharpness: FloatArray

    @property
    def steps(self) -> int:
        """Steps in the window."""
        return self.stop - self.start

    @property
    def predicted(self) -> float:
        """The geometric mean per step of |1 − ηλ_max| over the same steps."""
        return float(np.exp(np.mean(np.log(np.abs(1.0 - self.sharpness)))))


@dataclass(frozen=True)
class Anatomy:
    """One finished spike.

    Attributes
    ----------
    height:
        Loss at the peak over loss at the start.
    at_start, sharpest, settled:
        ηλ_max at the start, the largest between start and end, and the smallest between peak and end.
    growth:
        None where the rise is too short to have a window of four steps.
    deviation_share, gradient_share:
        ((θ_P − θ_s)·v_1)²/|θ_P − θ_s|² and (∇L(θ_P)·v_1)²/|∇L(θ_P)|²; ``gradient_share_before`` is one step earlier,
        ``…_in_two`` the share of the plane of v_1 and v_2.
    quadratic:
        (∇L(θ_s)·δ + ½Σλ_i(δ·v_i)²)/(L(θ_P) − L(θ_s)) with δ = θ_P − θ_s.
    low_rise, low_drop:
        The share of the frequencies k ≤ 3 in the change of the loss from start to peak, and from peak to end.
    """

    spike: Spike
    height: float
    at_start: float
    sharpest: float
    settled: float
    growth: Growth | None
    deviation_share: float
    gradient_share: float
    gradient_share_before: float
    deviation_in_two: float
    gradient_in_two: float
    quadratic: float
    low_rise: float
    low_drop: float


def leading_eigenpairs(model: Shallow, theta: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """The largest ``count`` eigenvalues of the Hessian, falling, and their vectors as columns (size, count)."""
    values, vectors = np.linalg.eigh(model.hessian(theta))
    return values[::-1][:count], vectors[:, ::-1][:, :count]


def anatomy(run: Steps, spike: Spike, *, looks: int = 13) -> Anatomy:
    """The numbers of one spike that has ended; λ_max is looked at about ``looks`` times. InputError without an end."""
    if spike.end is None:
        raise InputError("The spike has not ended; a longer run would show it.")
    model, rate = run.model, run.rate
    path = run.states(spike.start, spike.end + 1)
    theta_s, theta_p, theta_e = path[0], path[spike.peak - spike.start], path[-1]
    values, vectors = leading_eigenpairs(model, theta_s, len(theta_s))
    first, delta = vectors[:, 0], theta_p - theta_s
    gradient = model.gradient(theta_p)
    along = vectors.T @ delta
    rise = float(run.losses[spike.peak] - run.losses[spike.start])
    expected = float(model.gradient(theta_s) @ delta + 0.5 * values @ along**2)
    chosen = np.unique(np.linspace(0, len(path) - 1, looks).astype(int))
    sharp = np.array([rate * model.largest_eigenvalue(path[i]) for i in chosen])
    residuals = [model.residual(theta) for theta in (theta_s, theta_p, theta_e)]
    return Anatomy(
        spike,
        float(run.losses[spike.peak] / run.losses[spike.start]),
        float(rate * values[0]),
        float(sharp.max()),
        float(sharp[chosen >= spike.peak - spike.start].min()),
        _growth(run, spike, path, first),
        _share(delta, first),
        _share(gradient, first),
        _share(model.gradient(path[spike.peak - spike.start - 1]), first),
        _share(delta, first) + _share(delta, vectors[:, 1]),
        _share(gradient, first) + _share(gradient, vectors[:, 1]),
        expected / rise,
        low_share(residuals[0], residuals[1]),
        low_share(residuals[1], residuals[2]),
    )


def _share(vector: FloatArray, direction: FloatArray) -> float:
    return float((vector @ direction) ** 2 / (vector @ vector))


def _growth(run: Steps, spike: Spike, path: FloatArray, first: FloatArray) -> Growth | None:
    losses = run.losses[spike.start : spike.peak + 1] - run.losses[spike.start]
    top = float(losses[-1])
    begin = int(np.flatnonzero(losses > FROM * top)[0])
    end = int(np.flatnonzero(losses > UNTIL * top)[0])
    # An even number of steps: the sides of the valley that they end on differ a little in height.
    end = begin + 2 * ((end - begin) // 2)
    if end - begin < 4:
        return None
    steps = np.diff(path[begin : end + 2], axis=0)
    model, middle = run.model, path[(begin + end) // 2]
    turned = leading_eigenpairs(model, middle, 1)[1][:, 0]
    along, across = np.abs(steps @ first), np.abs(steps @ turned)
    if not (np.all(along > 0) and np.all(across > 0)):
        return None
    # λ_max on one side of the valley is not that on the other: looks come in pairs of steps.
    pairs = np.unique(np.linspace(0, (end - begin) // 2 - 1, _PAIRS).astype(int))
    looked = begin + np.sort(np.r_[2 * pairs, 2 * pairs + 1])
    middles = 0.5 * (path[looked] + path[looked + 1])
    per_step = 1.0 / (end - begin)
    return Growth(
        spike.start + begin,
        spike.start + end,
        float((along[-1] / along[0]) ** per_step),
        float((across[-1] / across[0]) ** per_step),
        float((losses[end] / losses[begin]) ** (0.5 * per_step)),
        np.array([run.rate * model.largest_eigenvalue(theta) for theta in middles]),
    )
