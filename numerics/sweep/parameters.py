"""The parameters of one run: what may be said, what is meant where nothing is said, and what makes no sense."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from numerics.activation import Activation, activation
from numerics.dataset import Dataset, generated
from numerics.errors import InputError

Parameters = Mapping[str, Any]

METHODS: Final = ("flow", "descent")
NEURONS: Final = ("auto", "all", "quadrature")
ARRAYS: Final = ("none", "series", "states")


@dataclass(frozen=True)
class Parameter:
    """One key: how a value is read (ValueError with what is wanted), and its default."""

    read: Callable[[Any], Any]
    default: Any = None
    only: str | None = None  # the method (or, in a phase diagram, the network) it is for, None for both


def integer(least: int, most: int) -> Callable[[Any], int]:
    """A reader of integers in a range."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"must be an integer from {least} to {most}")
        return value

    return read


def number(wanted: str, accepts: Callable[[float], bool]) -> Callable[[Any], float]:
    """A reader of finite numbers; ``wanted`` says which ones it accepts."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"must be {wanted}")
        found = float(value)
        if not (math.isfinite(found) and accepts(found)):
            raise ValueError(f"must be {wanted}")
        return found

    return read


def text(value: Any) -> str:
    """A reader of texts."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text")
    return value.strip()


def one_of(*choices: str) -> Callable[[Any], str]:
    """A reader of some words."""

    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(value)

    return read


_positive = number("a positive number", lambda value: value > 0)

#: Every key that a run has, in the order of an export.
PARAMETERS: Final[dict[str, Parameter]] = {
    "method": Parameter(one_of(*METHODS), "flow"),
    "width": Parameter(integer(1, 10**8), 1000),
    "alpha": Parameter(number("a number above 1/2", lambda value: value > 0.5), 1.0),
    "seed": Parameter(integer(0, 2**63 - 1), 0),
    "activation": Parameter(text, "tanh"),
    "dim": Parameter(integer(1, 1000), 1),
    "target": Parameter(text),
    "samples": Parameter(integer(2, 10**7)),
    "until": Parameter(_positive),
    "rtol": Parameter(number("a number from 3e-14 to 1e-2", lambda v: 3e-14 <= v <= 1e-2), 1e-8, "flow"),
    "neurons": Parameter(one_of(*NEURONS), "auto", "flow"),
    "tolerance": Parameter(number("a number between 0 and 1", lambda v: 0 < v < 1), 1e-8, "flow"),
    "learning_rate": Parameter(_positive, 0.05, "descent"),
    "steps": Parameter(integer(1, 10**9), None, "descent"),
    "batch": Parameter(integer(1, 10**7), None, "descent"),
    "arrays": Parameter(one_of(*ARRAYS), "series"),
}


def complete(given: Parameters) -> dict[str, Any]:
    """Parameters with the defaults filled in, and without those that are for the other method."""
    method = given.get("method", "flow")
    chosen = {
        name: given.get(name, about.default)
        for name, about in PARAMETERS.items()
        if about.only in (None, method)
    }
    if chosen["target"] is None:
        chosen["target"] = "sin(x)" if chosen["dim"] == 1 else "sin(x1)+0.3*sin(2*x2)"
    if chosen["samples"] is None:
        chosen["samples"] = 60 if chosen["dim"] == 1 else 200
    if method == "descent" and chosen["steps"] is not None:
        chosen["until"] = None
    return chosen


class Unfit(InputError):
    """The value of ``key`` does not fit the others, or cannot be used at all."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def check(parameters: Parameters) -> None:
    """Unfit where the activation, the target, or the parameters together make no sense.

    Reads the activation and makes the data, so that a run that starts does not end there.
    """
    dim, samples = parameters["dim"], parameters["samples"]
    tries: tuple[tuple[str, Callable[[], object]], ...] = (
        ("activation", lambda: named_activation(parameters["activation"])),
        ("samples", lambda: data_of(samples, dim, "x" if dim == 1 else "x1")),
        ("target", lambda: data_of(samples, dim, parameters["target"])),
    )
    for key, attempt in tries:
        try:
            attempt()
        except InputError as error:
            raise Unfit(key, str(error)) from None
    if float(parameters["width"]) ** -parameters["alpha"] < 1e-150:
        raise Unfit("alpha", f"With {parameters['alpha']:g} the initial weights are too small to square.")
    batch = parameters.get("batch")
    if batch is not None and batch > samples:
        raise Unfit("batch", f"The batch size is {batch}, but there are {samples} samples.")


def key_of(parameters: Parameters, code: str) -> str:
    """The name of a run: a hash of its parameters and of the code that computes it."""
    written = json.dumps([dict(parameters), code], sort_keys=True, allow_nan=False)
    return hashlib.sha256(written.encode()).hexdigest()[:32]


@functools.lru_cache(maxsize=64)
def named_activation(name: str) -> Activation:
    """The activation of a run, made once in a process."""
    return activation(name)


@functools.lru_cache(maxsize=16)
def data_of(samples: int, dim: int, target: str) -> Dataset:
    """The data of a run, made once in a process."""
    return generated(samples, dim, target)
