"""A simulated network: its states at all times, how the run ended, and where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from numerics.array import FloatArray
from numerics.network import Network


class Path(Protocol):
    """States over time: those at ``t`` (k,) are kept as ``y`` (k, m, 1 + d), those between are found when asked."""

    @property
    def t(self) -> FloatArray: ...
    @property
    def y(self) -> FloatArray: ...
    @property
    def status(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def evaluations(self) -> int: ...
    def __call__(self, times: float) -> FloatArray: ...


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The training of ``network`` from t = 0; ``provenance`` says how to make it again."""

    network: Network
    solution: Path
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def times(self) -> FloatArray:
        """The times whose states are kept, shape (k,), from 0 to the end: the integrator's own steps."""
        return self.solution.t

    @property
    def states(self) -> FloatArray:
        """The states at ``times``, shape (k, m, 1 + d)."""
        return self.solution.y

    @property
    def end(self) -> float:
        """The last time reached."""
        return float(self.solution.t[-1])

    @property
    def status(self) -> str:
        """ "ok", "diverged", "interrupted" or "horizon-not-reached"."""
        return self.solution.status

    @property
    def message(self) -> str:
        """The status in words."""
        return self.solution.message

    def state(self, time: float) -> FloatArray:
        """The state at a time in [0, end], shape (m, 1 + d); InputError outside."""
        return self.solution(time)

    def series(self, observable: Callable[[FloatArray], Any], times: FloatArray | None = None) -> FloatArray:
        """An observable of the state at the given times (the integrator's own if none): (k, …)."""
        if times is None:
            return np.array([observable(state) for state in self.states], dtype=np.float64)
        return np.array([observable(self.state(float(time))) for time in times], dtype=np.float64)
