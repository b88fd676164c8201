"""The first steps of training at one learning rate after the other, and the critical values between its phases.

The learning rate is η = c/λ_0, with λ_0 the sharpness (largest eigenvalue of the loss's Hessian) at the start, and c
runs through 2^0, 2^0.1, 2^0.2, … until training diverges. With t counted in steps, the definitions are

    c_loss     the smallest c with L_t > L_0 at any t ≤ 10
    c_sharp    the smallest c with λ_t > λ_0 at any t ≤ 10
    c_barrier  the smallest c for which the loss on the straight line from θ_0 to θ_10 exceeds L_0
    c_max      the last c before the first that diverges

(D. S. Kalra and M. Barkeshli, arXiv 2302.12250, and their public code). The true threshold of the first three lies
between the c before and the one that is given; that of c_max between it and the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.batches import Batches
from numerics.eigenvalues import Largest, largest_eigenvalue
from numerics.errors import InputError
from numerics.fully_connected import Expansion, FullyConnected
from numerics.training import RUNAWAY, Examples

EARLY: Final = 10  # steps that c_loss, c_sharp and c_barrier look at
SPACING: Final = 0.1  # of log2 c
HORIZON: Final = 100  # steps in which a run must not diverge: ten would miss slow divergence
#: What a run is called by the critical values that its c has passed, in this order.
PHASES: Final = (
    "below 2",
    "sharpness reduction",
    "loss catapult",
    "sharpness catapult",
    "loss and sharpness catapult",
    "divergent",
)

#: What can be watched for.
WATCHED: Final = ("loss", "sharpness", "barrier", "divergence")

_PIECES = 20  # of the segment
_FIRST_TOLERANCE = 1e-6
_TOLERANCE = 1e-4
_RISE = 1e-12  # a loss above its start by less is rounding


@dataclass(frozen=True, eq=False)
class Scan:
    """What ten steps did at each ``c`` (k,), as ratios to the start: the last c is the first that diverged, if any did.

    ``loss``: the largest L_t/L_0, t ≤ 10. ``sharpness``: the largest λ_t/λ_0, t ≤ 10, a lower bound of it where it had
    been seen to rise, and NaN where it was not asked for any more; ``final_sharpness``: λ_10/λ_0. ``barrier``: the
    largest L/L_0 on the segment. ``diverged`` says whether a run did so within the horizon. ``initial_sharpness`` and
    ``initial_loss`` are λ_0 and L_0. ``status``: "ok", or "not-converged" where an eigenvalue was not found to the
    tolerance.
    """

    c: FloatArray
    loss: FloatArray
    sharpness: FloatArray
    final_sharpness: FloatArray
    barrier: FloatArray
    diverged: NDArray[np.bool_]
    initial_sharpness: float
    initial_loss: float
    spacing: float
    status: str

    @property
    def c_loss(self) -> float | None:
        """None where the loss did not rise at any c that was tried, as with all of these."""
        return self._first(self.loss > 1 + _RISE)

    @property
    def c_sharp(self) -> float | None:
        return self._first(self.sharpness > 1)

    @property
    def c_barrier(self) -> float | None:
        return self._first(self.barrier > 1 + _RISE)

    @property
    def c_max(self) -> float | None:
        """None where even the first c diverges, or the last one did not."""
        if not self.diverged[-1] or len(self.c) < 2:
            return None
        return float(self.c[-2])

    def _first(self, risen: NDArray[np.bool_]) -> float | None:
        places = np.flatnonzero(risen)
        return float(self.c[places[0]]) if len(places) else None

    def phase(self, c: float) -> str:
        """One of PHASES, by the critical values."""
        if self.diverged[0] and c >= self.c[0]:  # there is no c_max below the first c that was tried
            return PHASES[-1]
        return phase_of(c, self.c_loss, self.c_sharp, self.c_max)


def phase_of(c: float, c_loss: float | None, c_sharp: float | None, c_max: float | None) -> str:
    """One of PHASES; a critical value that is None was not reached before training diverged."""
    if c_max is not None and c > c_max:
        return "divergent"
    loss, sharp = (value is not None and c >= value for value in (c_loss, c_sharp))
    if loss or sharp:
        return (
            "loss and sharpness catapult" if loss and sharp else f"{'loss' if loss else 'sharpness'} catapult"
        )
    return "below 2" if c < 2 else "sharpness reduction"


def scan(
    network: FullyConnected,
    initial: FloatArray,
    *,
    batch: int | None = None,
    seed: int = 0,
    watch: Sequence[str] = WATCHED,
    smallest: float = 1.0,
    largest: float = 2.0**8,
    spacing: float = SPACING,
    horizon: int = HORIZON,
    progress: Callable[[float], None] | None = None,
) -> Scan:
    """Ten steps from ``initial`` (size,) at each c, and ``horizon`` steps to see whether the run diverges.

    With ``batch``, steps are of mini-batches that ``seed`` chooses; loss and sharpness are those of all examples all
    the same. A run diverges where its loss exceeds RUNAWAY times the first. A rise of the sharpness counts where it is
    larger than the residuals of both eigenvalues. The scan starts at ``smallest`` and ends where all that it is told to
    ``watch`` has been seen, or training diverged; what is not watched is not looked at. ``progress(c)`` is called after
    each c. InputError for weights at which the loss is zero or the sharpness not positive, and for a spacing, a range
    or a number of steps that makes no sense.
    """
    if not 0 < spacing <= 1 or horizon < EARLY or not 0 < smallest < largest < math.inf:
        raise InputError(
            f"c cannot be scanned from {smallest:g} to {largest:g} with a spacing of {spacing:g} of log2 c and "
            f"{horizon} steps a run: the spacing lies in (0, 1], and there are at least {EARLY} steps."
        )
    if not watch or set(watch) - set(WATCHED):
        raise InputError(
            f"A scan watches for some of {', '.join(WATCHED)}, not for {', '.join(watch) or 'nothing'}."
        )
    runs = _Runs(network, initial, batch, seed, horizon if "divergence" in watch else EARLY)
    rows: list[_Row] = []
    awaited = set(watch)
    for i in range(math.ceil(math.log2(largest / smallest) / spacing) + 1):
        c = smallest * 2.0 ** (i * spacing)
        with np.errstate(all="ignore"):
            row = runs.at(c, sharpness="sharpness" in awaited, barrier="barrier" in awaited)
        rows.append(row)
        seen = {
            "loss": row.loss > 1 + _RISE,
            "sharpness": row.sharpness > 1,
            "barrier": row.barrier > 1 + _RISE,
        }
        awaited -= {name for name, there in seen.items() if there}
        if progress is not None:
            progress(c)
        if row.diverged or not awaited:
            break
    return Scan(
        np.array([row.c for row in rows]),
        np.array([row.loss for row in rows]),
        np.array([row.sharpness for row in rows]),
        np.array([row.final_sharpness for row in rows]),
        np.array([row.barrier for row in rows]),
        np.array([row.diverged for row in rows]),
        runs.sharpness.value,
        runs.start.loss,
        spacing,
        "ok" if runs.converged else "not-converged",
    )


@dataclass(frozen=True)
class _Row:
    c: float
    loss: float
    sharpness: float
    final_sharpness: float
    barrier: float
    diverged: bool


class _Runs:
    """Runs from one start, with what they share: the start's loss, gradient and sharpness."""

    def __init__(
        self, network: FullyConnected, initial: FloatArray, batch: int | None, seed: int, horizon: int
    ) -> None:
        self.network, self.horizon = network, horizon
        self.start = network.at(np.array(initial, dtype=np.float64))
        self.sharpness = initial_sharpness(self.start)
        self.converged = self.sharpness.status == "ok"
        if not (0 < self.start.loss < math.inf and self.sharpness.value > 0):
            raise InputError(
                f"At the start the loss is {self.start.loss:.3g} and the sharpness {self.sharpness.value:.3g}; a phase "
                "diagram needs both to be positive."
            )
        self.batches = None
        if batch is not None:
            self.batches = Batches(Examples(network.samples, network.example_weights), batch, seed)

    def moved(self, here: Expansion, rate: float, step: int) -> FloatArray:
        if self.batches is None:
            return here.theta - rate * here.gradient
        return here.theta - rate * self.network.batch(*self.batches(step)).gradient(here.theta)

    def at(self, c: float, *, sharpness: bool, barrier: bool) -> _Row:
        rate, first = c / self.sharpness.value, self.start.loss
        here, near = self.start, self.sharpness.vector
        most_loss, most_sharp, last_sharp, highest = 0.0, math.nan, math.nan, math.nan
        for step in range(self.horizon):
            theta = self.moved(here, rate, step)
            if not np.all(np.isfinite(theta)):
                return _Row(c, math.inf, most_sharp, math.nan, highest, True)
            here = self.network.at(theta)
            if step < EARLY:
                most_loss = max(most_loss, here.loss / first)
            if not here.loss <= RUNAWAY * first:
                return _Row(c, math.inf if step < EARLY else most_loss, most_sharp, last_sharp, highest, True)
            if step < EARLY and sharpness:
                found = largest_eigenvalue(here, tolerance=_TOLERANCE, near=near)
                self.converged &= found.status == "ok"
                near, ratio = found.vector, found.value / self.sharpness.value
                most_sharp = ratio if math.isnan(most_sharp) else max(most_sharp, ratio)
                sharpness = found.value - found.residual <= self.sharpness.value + self.sharpness.residual
                if sharpness and step == EARLY - 1:
                    # Not risen beyond doubt in any of the steps.
                    most_sharp, last_sharp = min(most_sharp, 1.0), ratio
            if step == EARLY - 1 and barrier:
                way = theta - self.start.theta
                highest = max(
                    self.network.loss(self.start.theta + part * way) / first
                    for part in np.arange(1, _PIECES + 1) / _PIECES
                )
        return _Row(c, most_loss, most_sharp, last_sharp, highest, False)


def initial_sharpness(start: Expansion) -> Largest:
    """λ_0, to more digits than the sharpness on the way is needed to."""
    return largest_eigenvalue(start, tolerance=_FIRST_TOLERANCE)
