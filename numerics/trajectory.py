"""A simulated network: its states at all times, how the run ended, and where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.network import Network
from numerics.observables import order_parameters

if TYPE_CHECKING:
    from numerics.representatives import Representatives


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
    """The training of ``network`` from t = 0; ``provenance`` says how to make it again.

    Where neurons stand for several, states hold these representatives and ``weights`` says for how many each stands.
    Where only observables were kept, ``recorded`` holds them by name, each (k,), at ``recorded["t"]``, and
    ``crossings`` the times at which P passed some levels; ``times`` and ``states`` are then the start and the end.
    """

    network: Network
    solution: Path
    provenance: Mapping[str, Any] = field(default_factory=dict)
    representatives: Representatives | None = None
    recorded: Mapping[str, FloatArray] | None = None
    crossings: Mapping[float, tuple[float, ...]] = field(default_factory=dict)

    @property
    def times(self) -> FloatArray:
        """The times whose states are kept, shape (k,), from 0 to the end: the integrator's own steps."""
        return self.solution.t

    @property
    def states(self) -> FloatArray:
        """The states at ``times``, shape (k, m, 1 + d)."""
        return self.solution.y

    @property
    def weights(self) -> FloatArray | None:
        """How many neurons each row of a state stands for, (m,); None where each is one."""
        return self.network.neuron_weights

    @property
    def width(self) -> int:
        """The number of neurons of the network itself."""
        return self.states.shape[1] if self.weights is None else round(float(self.weights.sum()))

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

    def all_neurons(self, time: float) -> FloatArray:
        """The state of every neuron, (width, 1 + d), also where representatives were simulated."""
        state = self.state(time)
        return state if self.representatives is None else self.representatives.expand(state)

    def order_parameters(self, time: float) -> tuple[float, float]:
        """P and Q at a time."""
        return order_parameters(self.state(time), self.weights)

    def series(self, observable: Callable[[FloatArray], Any], times: FloatArray | None = None) -> FloatArray:
        """An observable of the state at the given times (the integrator's own if none): (k, …).

        The observable must know of ``weights`` where there are any. InputError where states were not kept.
        """
        if self.recorded is not None:
            raise InputError(
                "Only observables were kept of this run; they are in Trajectory.recorded. Simulate with "
                "keep='states' to look at others."
            )
        if times is None:
            return np.array([observable(state) for state in self.states], dtype=np.float64)
        return np.array([observable(self.state(float(time))) for time in times], dtype=np.float64)
