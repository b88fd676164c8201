"""Solutions one after another, as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.array import FloatArray
from numerics.integrate.float64 import Solution


@dataclass(frozen=True, eq=False)
class Joined:
    """Each part starts, at its own time 0, from the last state of the one before; all of them kept their states."""

    parts: Sequence[Solution]

    @property
    def starts(self) -> FloatArray:
        """The time at which each part starts, (parts,)."""
        return np.concatenate([[0.0], np.cumsum([part.t[-1] for part in self.parts[:-1]])])

    @property
    def t(self) -> FloatArray:
        """The times of all steps, each once."""
        times = [part.t[1:] + start for part, start in zip(self.parts, self.starts, strict=True)]
        return np.concatenate([[0.0], *times])

    @property
    def y(self) -> FloatArray:
        """The states at ``t``."""
        return np.concatenate([self.parts[0].y[:1], *(part.y[1:] for part in self.parts)])

    @property
    def status(self) -> str:
        """How the last part ended."""
        return self.parts[-1].status

    @property
    def message(self) -> str:
        """The same in words."""
        return self.parts[-1].message

    @property
    def evaluations(self) -> int:
        """Of the drift, in all parts."""
        return sum(part.evaluations for part in self.parts)

    def __call__(self, times: float) -> FloatArray:
        """The state at a time; InputError outside."""
        starts = self.starts
        number = max(0, int(np.searchsorted(starts, times)) - 1)
        part = self.parts[number]
        inside = times - starts[number]
        # Times are sums of the parts' own, and their last one is to be found again.
        return part(float(part.t[-1]) if abs(inside - part.t[-1]) <= 1e-14 * times else float(inside))
