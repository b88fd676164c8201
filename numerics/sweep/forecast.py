"""How long the rest of a sweep will take, from the runs that are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.sweep.kinds import kind_of

_FEWEST = 2


def work(parameters: Mapping[str, Any]) -> FloatArray:
    """What the seconds of a run are proportional to; of the same length for all runs of a kind."""
    return kind_of(parameters).work(parameters)


class Forecast:
    """Seconds as non-negative multiples of ``work``, fitted to the runs that are done or already take longer."""

    def __init__(self, waiting: FloatArray) -> None:
        self._waiting = waiting  # the sum of the work of all runs that are not done
        self._done: list[FloatArray] = []
        self._seconds: list[float] = []

    def finished(self, parameters: Mapping[str, Any], seconds: float) -> None:
        """A run is done; it took so long."""
        one = work(parameters)
        self._waiting = self._waiting - one
        self._done.append(one)
        self._seconds.append(seconds)

    def dropped(self, parameters: Mapping[str, Any]) -> None:
        """A run will not be done."""
        self._waiting = self._waiting - work(parameters)

    def left(self, hands: int, under_way: Sequence[tuple[Mapping[str, Any], float]] = ()) -> float | None:
        """Seconds until the end with so many workers, None while too little is known.

        ``under_way``: the runs that are being done, and for how many seconds.
        """
        if len(self._done) < _FEWEST:
            return None
        running = [(work(parameters), seconds) for parameters, seconds in under_way]
        multiples = self._fitted([])
        late = [(one, seconds) for one, seconds in running if seconds > one @ multiples]
        if late:
            multiples = self._fitted(late)
        spent = sum(min(seconds, float(one @ multiples)) for one, seconds in running)
        return max(0.0, float(self._waiting @ multiples) - spent) / hands

    def _fitted(self, late: Sequence[tuple[FloatArray, float]]) -> FloatArray:
        from scipy.optimize import nnls

        table = np.array([*self._done, *(one for one, _ in late)])
        took = np.array([*self._seconds, *(seconds for _, seconds in late)])
        size = np.maximum(table.max(axis=0), 1e-300)
        multiples, _ = nnls(table / size, took)
        return np.asarray(multiples / size)
