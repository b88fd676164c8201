"""Gradient descent of the network of `numerics.shallow` with as many digits as wanted.

The data here are exact: equidistant points −π + 2πi/(n − 1) and sin x + sin 4x, to all digits. The initial weights are
the double-precision numbers they are given as. So a run differs from one in double precision by rounding alone, that of
the data and that of every operation. tanh at equidistant points comes from powers of one exponential:
e^{2(wx_i + b)} = e^{2(wx_0 + b)} (e^{2wh})^i.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.precision import working_precision

if TYPE_CHECKING:
    from flint import arb

_GUARD = 60  # bits beyond the digits asked for: e^{2u} − 1 loses those of a small u


@dataclass(frozen=True, eq=False)
class PreciseSteps:
    """``losses`` (k,) after 0, 1, … steps, rounded to double precision only here, and the last state (size,) likewise.

    ``states`` (j, size) are those of the steps in ``kept``.
    """

    digits: int
    losses: FloatArray
    kept: tuple[int, ...]
    states: FloatArray
    last: FloatArray


def descend_precisely(
    start: FloatArray,
    samples: int,
    rate: str,
    steps: int,
    *,
    digits: int = 50,
    keep: Sequence[int] = (),
    progress: Callable[[int], None] | None = None,
) -> PreciseSteps:
    """``steps`` steps from w, b, a, c (3m + 1,) on n ``samples``; ``rate`` is a decimal text such as "0.1".

    InputError for a shape that is not of such a network, fewer than two samples, or fewer than 20 digits.
    """
    if start.ndim != 1 or start.size < 4 or (start.size - 1) % 3 or not np.all(np.isfinite(start)):
        raise InputError("A state is w, b and a of every neuron, then c: 3 m + 1 finite numbers.")
    if samples < 2 or steps < 0 or digits < 20:
        raise InputError(
            "A precise run needs two samples, steps that are not negative, and 20 digits or more."
        )
    with working_precision(int(digits * 3.33) + _GUARD):
        return _run(start, samples, rate, steps, digits, frozenset(keep), progress)


def _run(
    start: FloatArray,
    samples: int,
    rate: str,
    steps: int,
    digits: int,
    keep: frozenset[int],
    progress: Callable[[int], None] | None,
) -> PreciseSteps:
    from flint import arb, arb_mat

    m = (start.size - 1) // 3
    spacing = 2 * arb.pi() / (samples - 1)
    x = [-arb.pi() + spacing * i for i in range(samples)]
    columns = arb_mat([[(v / samples).mid(), arb(1) / samples] for v in x])
    target = [v.sin() + (4 * v).sin() for v in x]
    eta, one = arb(rate), arb(1)
    w, b, a = ([arb(float(v)) for v in start[k * m : (k + 1) * m]] for k in range(3))
    c = arb(float(start[-1]))
    losses = np.empty(steps + 1)
    kept: list[int] = []
    states: list[FloatArray] = []
    for step in range(steps + 1):
        if step in keep:
            kept.append(step)
            states.append(_rounded(w, b, a, c))
        value = arb_mat([_tanh_along(w[j], b[j], x[0], spacing, samples) for j in range(m)])
        output = (arb_mat(1, m, a) * value).entries()
        residual = [(f + c - t).mid() for f, t in zip(output, target, strict=True)]
        losses[step] = float(sum((r * r for r in residual), arb(0)) / (2 * samples))
        if step == steps:
            break
        if progress is not None and step % 50 == 0:
            progress(step)
        slope = arb_mat(m, samples, [one - v * v for v in value.entries()])
        # Both sums of a neuron at once: Σ r σ' x/n and Σ r σ'/n.
        weighted = arb_mat(
            samples, 2, [residual[i] * columns[i, k] for i in range(samples) for k in range(2)]
        )
        inner = (slope * weighted).entries()
        outer = (value * arb_mat(samples, 1, [weighted[i, 1] for i in range(samples)])).entries()
        bias = sum((weighted[i, 1] for i in range(samples)), arb(0))
        w = [(w[j] - eta * a[j] * inner[2 * j]).mid() for j in range(m)]
        b = [(b[j] - eta * a[j] * inner[2 * j + 1]).mid() for j in range(m)]
        a = [(a[j] - eta * outer[j]).mid() for j in range(m)]
        c = (c - eta * bias).mid()
    shape = (len(kept), start.size)
    return PreciseSteps(
        digits,
        losses,
        tuple(kept),
        np.array(states).reshape(shape),
        _rounded(w, b, a, c),
    )


def _tanh_along(w: arb, b: arb, first: arb, spacing: arb, samples: int) -> list[arb]:
    """tanh(w x_i + b) at equidistant points; the exponential grows along the points or falls, and both are harmless."""
    from flint import arb

    power = (2 * (w * first + b)).exp()
    ratio = (2 * w * spacing).exp()
    one, two = arb(1), arb(2)
    found = []
    for _ in range(samples):
        found.append(one - two / (power + one))
        power = power * ratio
    return found


def _rounded(w: list[arb], b: list[arb], a: list[arb], c: arb) -> FloatArray:
    return np.array([float(v) for v in (*w, *b, *a, c)])
