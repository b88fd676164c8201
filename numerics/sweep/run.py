"""One run of a sweep: from its parameters to numbers and arrays. This is what a worker process does."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.simulate import versions
from numerics.sweep.kinds import kind_of


class OtherCode(RuntimeError):
    """The worker has other code than the process that planned the run."""


@dataclass(frozen=True)
class Outcome:
    """What became of a run: ``status`` as of a trajectory, ``results`` by the names of its kind's results."""

    status: str
    message: str
    results: Mapping[str, float | int | None]
    arrays: Mapping[str, FloatArray]
    seconds: float
    versions: Mapping[str, str]


def execute(parameters: Mapping[str, Any], code: str | None = None) -> Outcome:
    """Run. OtherCode where the fingerprint of the code that runs here is not ``code``.

    What the simulation itself refuses, as it does where quadrature cannot be trusted, has the status "refused".
    """
    if code is not None and _code_here() != code:
        raise OtherCode(
            "A worker has other code than this process, or other versions of NumPy, SciPy or numba: the code was "
            "edited meanwhile, or another version is installed there."
        )
    begun, kind = time.perf_counter(), kind_of(parameters)
    try:
        status, message, results, arrays = kind.execute(parameters)
    except InputError as error:
        status, message, results, arrays = "refused", str(error), dict.fromkeys(kind.results), {}
    return Outcome(status, message, results, arrays, time.perf_counter() - begun, versions())


@functools.cache
def _code_here() -> str:
    from numerics.source import simulation_fingerprint

    return simulation_fingerprint()
