"""Mini-batches that depend on one integer and on the number of the step, on nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.array import FloatArray
from numerics.errors import InputError

Draw = Literal["epochs", "independent"]

_STREAM = 2**63 << 64  # keys of initial weights have the dimension here, which is smaller


class Weighted(Protocol):
    """Samples that a risk is the mean over: how many, and their weights (n,) of sum 1."""

    @property
    def samples(self) -> int: ...
    @property
    def weights(self) -> FloatArray: ...


@dataclass(eq=False)
class Batches:
    """The samples of each step of stochastic gradient descent, and their weights in its gradient.

    ``draw`` "epochs" goes through all samples in a new random order each time (the last batch of an epoch may
    be smaller); "independent" draws each sample anew from the data distribution. Either way the gradient of a
    step has the full gradient as its mean. InputError for a batch size outside 1 … n, or a seed outside
    [0, 2**64).
    """

    data: Weighted
    size: int
    seed: int = 0
    draw: Draw = "epochs"
    _order: tuple[int, NDArray[np.int64]] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if not 1 <= self.size <= self.data.samples:
            raise InputError(
                f"The batch size is {self.size}; it must lie between 1 and {self.data.samples}, the samples."
            )
        if not 0 <= self.seed < 2**64:
            raise InputError(f"The seed is {self.seed}; it must be an integer from 0 to 2**64 - 1.")
        if self.draw not in ("epochs", "independent"):
            raise InputError(f'Batches are drawn in "epochs" or "independent", not {self.draw!r}.')

    def __call__(self, step: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Indices (b,) of the samples of this step (counted from 0), and their weights (b,)."""
        if self.draw == "independent":
            words = self._words(step, self.size)
            cumulative = np.cumsum(self.data.weights)
            uniform = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
            # Rounding of the sum must not lead past the last sample that can be drawn.
            last = int(np.flatnonzero(self.data.weights)[-1])
            chosen = np.minimum(np.searchsorted(cumulative, uniform, side="right"), last)
            return chosen, np.full(self.size, 1.0 / self.size)
        samples = self.data.samples
        epoch, place = divmod(step, math.ceil(samples / self.size))
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.argsort(self._words(epoch, samples), kind="stable")
        chosen = self._order[1][place * self.size : (place + 1) * self.size]
        return chosen, self.data.weights[chosen] * (samples / len(chosen))

    def _words(self, number: int, count: int) -> NDArray[np.uint64]:
        # Each step (or epoch) owns 2**128 counters of the generator.
        return np.random.Philox(key=_STREAM + self.seed, counter=number << 128).random_raw(count)
