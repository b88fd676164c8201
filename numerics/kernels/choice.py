"""Which kernels fit a network, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from numerics.activation import NAMED, Activation
from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.kernels.loading import load, loaded
from numerics.kernels.moments import Moments
from numerics.kernels.series import series_of
from numerics.kernels.several import MomentsInSeveral, most_terms

if TYPE_CHECKING:
    from numerics.kernels.stepping import Solver

#: The names that a network takes for `kernel`: the choice by size, the plain sums, and the others.
NAMES = ("auto", "plain", "moments", "recurrence", "fused")
_WORTH_MOMENTS = 10**4  # neuron–sample pairs below which the plain sums are quicker
_SHORTEST_REACH = (
    0.05  # of a series cut to what pays in several dimensions, below which it would hardly be used
)
_WORTH_COMPILING = 2 * 10**5  # neuron–sample pairs from which loading numba pays within one run
_STORED_PAIRS = 2**17
_TANH, _RATIONAL, _RECURRENCE = 0, 1, 2
_FURTHEST = 20.0  # |w x| up to which the recurrence is used: e^{2 w x} stays far from overflow


class Kernel(Protocol):
    """``drift`` and ``output`` return None where the state is outside what the kernel can do."""

    name: str

    def drift(self, state: FloatArray, outer: FloatArray) -> FloatArray | None: ...

    def output(self, state: FloatArray, outer: FloatArray) -> FloatArray | None: ...


@dataclass(frozen=True)
class Choice:
    """The kernels to try in this order before the plain sums, and the reason in words."""

    kernels: tuple[Kernel, ...]
    reason: str

    @property
    def name(self) -> str:
        """The kernels in the order of preference, ending with what always works."""
        return ", ".join([*(kernel.name for kernel in self.kernels), "plain"])


def choose(
    wanted: str, activation: Activation, x: FloatArray, y: FloatArray, weights: FloatArray, width: int
) -> Choice:
    """The kernels for a network of this width; samples x (n, d), y (n,), weights (n,) as they are summed.

    ``wanted`` is one of NAMES. InputError for another name, or one that does not fit the network.
    """
    if wanted not in NAMES:
        raise InputError(f"There is no kernel {wanted!r}; the kernels are {', '.join(NAMES)}.")
    if wanted == "plain":
        return Choice((), "the plain sums were asked for")
    kernels: list[Kernel] = []
    reasons: list[str] = []
    if wanted == "auto" and width * len(x) < _WORTH_MOMENTS:
        return Choice((), f"the plain sums are quickest below {_WORTH_MOMENTS} neuron-sample pairs")
    if wanted in ("auto", "moments"):
        moments, reason = _moments(activation, x, y, weights)
        reasons.append(reason)
        if moments is not None:
            kernels.append(moments)
        elif wanted == "moments":
            raise InputError(f"The kernel 'moments' does not fit: {reason}.")
    if wanted in ("auto", "recurrence", "fused"):
        quick, reason = _compiled(wanted, activation, x, y, weights, width)
        reasons.append(reason)
        if quick is not None:
            kernels.append(quick)
        elif wanted != "auto":
            raise InputError(f"The kernel {wanted!r} does not fit: {reason}.")
    return Choice(tuple(kernels), "; ".join(reasons))


def solver_for(
    wanted: str,
    activation: Activation,
    samples: tuple[FloatArray, FloatArray, FloatArray],
    mu: FloatArray | None,
    width: int,
) -> Solver | None:
    """DOP853 with compiled steps, where the kernels are loaded already and the drift can go through moments.

    Loading takes half a second (and compiling, the first time on a machine, some), so that single runs are better
    off without: call ``numerics.kernels.load()`` before many.
    """
    known = loaded()
    if wanted not in ("auto", "moments") or known is None or known.stepping is None:
        return None
    from numerics.kernels.stepping import compiled_solver

    moments, _ = _moments(activation, *samples)
    return None if not isinstance(moments, Moments) else compiled_solver(known.stepping, moments, mu, width)


def _moments(
    activation: Activation, x: FloatArray, y: FloatArray, weights: FloatArray
) -> tuple[Moments | MomentsInSeveral | None, str]:
    if not len(x) or not np.any(x):
        return None, "there is no input apart from zero"
    series = series_of(activation)
    if series is None:
        return None, f"no short power series of {activation.name} is known"
    made: Moments | MomentsInSeveral
    if x.shape[1] == 1:
        made = Moments(activation, series, x[:, 0], y, weights)
        reach = series.reach[-1]
    else:
        terms = most_terms(len(series.coefficients), x.shape[1], len(x))
        reach = series.reach[terms]
        if reach == 0.0 or (terms < len(series.coefficients) and reach < _SHORTEST_REACH):
            return None, "there are too many monomials for so few samples"
        made = MomentsInSeveral(series, x, y, weights)
    if np.isinf(reach):
        return made, f"moments, because {activation.name} is an odd polynomial"
    return made, f"moments while |w| |x| <= {reach:.2g}, where {activation.name} is its power series"


def _compiled(
    wanted: str, activation: Activation, x: FloatArray, y: FloatArray, weights: FloatArray, width: int
) -> tuple[Kernel | None, str]:
    kind = {"tanh": _TANH, "rational": _RATIONAL}.get(activation.name)
    if kind is None or activation != NAMED[activation.name]:
        return None, f"no compiled kernel for {activation.name}"
    if kind == _TANH and wanted != "fused" and _equidistant(x):
        kind = _RECURRENCE
    if wanted == "recurrence" and kind != _RECURRENCE:
        return None, "the recurrence needs tanh at equidistant inputs above zero (one of each ± pair)"
    if wanted == "auto" and kind == _TANH:
        # Measured: NumPy's own tanh is vectorised as well, and the two are within a fifth of each other.
        return None, "compiled sums gain nothing over NumPy's for tanh at irregular inputs"
    if wanted == "auto" and width * len(x) < _WORTH_COMPILING:
        return None, f"compiled kernels pay from {_WORTH_COMPILING} neuron-sample pairs on"
    if wanted != "auto" and load().module is None:
        return None, f"no compiled kernels: {load().message}"
    if kind == _RECURRENCE:
        return _Compiled("recurrence", kind, x, y, weights), "recurrence along equidistant inputs, compiled"
    return _Compiled("fused", kind, x, y, weights), "fused sums, compiled"


def _equidistant(x: FloatArray) -> bool:
    """Whether the inputs are one-dimensional, increasing, above zero and equidistant to rounding."""
    if x.shape[1] != 1 or len(x) < 2 or not x[0, 0] > 0:
        return False
    line = x[:, 0]
    ideal = line[0] + np.arange(len(line)) * ((line[-1] - line[0]) / (len(line) - 1))
    return bool(line[-1] > line[0] and np.all(np.abs(line - ideal) <= 4e-16 * ideal))


class _Compiled:
    """A kernel of ``numerics.kernels.compiled``, loaded when first used, with its work space."""

    def __init__(self, name: str, kind: int, x: FloatArray, y: FloatArray, weights: FloatArray) -> None:
        self.name, self.kind = name, kind
        # Arrays that may not be written are another type to numba, for which it would compile again.
        self.x, self.y, self.weights = (np.array(given, order="C") for given in (x, y, weights))
        self.pull, self.stored = np.empty(len(y)), np.empty((0, 0))

    def drift(self, state: FloatArray, outer: FloatArray) -> FloatArray | None:
        if self.kind == _RECURRENCE and not float(np.abs(state[:, 1]).max()) * self.x[-1, 0] <= _FURTHEST:
            return None
        module = load().module
        if module is None:
            return None
        state = np.require(state, requirements=["C", "W"])
        drift = np.empty_like(state)
        # σ of all pairs is kept between the two passes where it fits the cache; the recurrence is too quick for that.
        keep = self.kind != _RECURRENCE and len(state) * len(self.y) <= _STORED_PAIRS
        shape = (len(self.y), len(state)) if keep else (0, len(state))
        if self.stored.shape != shape:
            self.stored = np.empty(shape)
        module.fused(
            self.kind,
            state,
            np.array(outer),
            self.x,
            self.y,
            self.weights,
            self.stored,
            self.pull,
            drift,
        )
        return drift

    def output(self, state: FloatArray, outer: FloatArray) -> FloatArray | None:
        return None
