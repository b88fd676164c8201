# mypy: disable-error-code="attr-defined, call-arg, var-annotated, untyped-decorator"
"""Kernels that numba compiles. Nothing imports this file but ``numerics.kernels.loading``, when they are wanted.

Sums may be reordered (reassoc, contract, nsz), which moves the last digits only; no flag assumes that numbers are
finite, so a NaN or an infinity comes out as one. What depends on the order of operations allows fused
multiply-adds and no more, and says so: a function that says nothing inherits the flags of its first caller.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from numerics.array import FloatArray

_KEPT = bool(numba.config.CACHE_DIR)  # set by ``loading``; without it numba would write into this folder
_EXACT = {"contract"}
_SUMS = {"reassoc", "contract", "nsz"}
_BLOCK = 256  # neurons worked on at once
_RESTART = 16  # samples after which the recurrence starts afresh, so that its rounding does not pile up

_SHIFT = 1.5 * 2.0**52  # adding it rounds to an integer, which is then in the lowest bits
_LOG2E = 1.0 / math.log(2.0)
_LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")  # 32 bits, so that a small integer times it is exact
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
_C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12, _C13, _C14 = (
    1.0 / math.factorial(k) for k in range(2, 15)
)


@intrinsic
def _bits(context: Any, number: Any) -> Any:
    """The bits of a double as an integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


@intrinsic
def _double(context: Any, bits: Any) -> Any:
    """The double with these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), generate


@numba.njit(forceinline=True, error_model="numpy", fastmath=_EXACT)
def _expm1(y: float) -> float:
    """e^y − 1 for |y| ≤ 700, to about 1 unit in the last place, relative also near 0."""
    shifted = y * _LOG2E + _SHIFT
    k = shifted - _SHIFT
    r = (y - k * _LN2_HIGH) - k * _LN2_LOW
    tail = _C8 + r * (_C9 + r * (_C10 + r * (_C11 + r * (_C12 + r * (_C13 + r * _C14)))))
    tail = _C2 + r * (_C3 + r * (_C4 + r * (_C5 + r * (_C6 + r * (_C7 + r * tail)))))
    scale = _double((_bits(shifted) + 1023) << 52)
    return scale * (r + r * r * tail) + (scale - 1.0)


@numba.njit(forceinline=True, error_model="numpy", fastmath=_EXACT)
def _tanh(u: float) -> float:
    y = 2.0 * u
    y = 40.0 if y > 40.0 else y  # a NaN is neither larger nor smaller, and stays
    y = -40.0 if y < -40.0 else y
    e = _expm1(y)
    return e / (e + 2.0)


@numba.njit(forceinline=True, error_model="numpy", fastmath=_EXACT)
def _next(e: float, step: float) -> float:
    """e^{u+h} − 1 from e^u − 1 and e^h − 1."""
    return e + (step + e * step)


@numba.njit(cache=_KEPT, error_model="numpy", fastmath=_EXACT)
def _tanh_of_all(u: FloatArray, t: FloatArray) -> None:
    # A function of its own, because inside a larger one the loop is not made into vector instructions.
    for k in range(u.size):
        t[k] = _tanh(u[k])


@numba.njit(forceinline=True, error_model="numpy", fastmath=_EXACT)
def _rational(u: float) -> float:
    # Above 1e150 the square overflows, and u/√(1 + u²) is ±1 to rounding long before.
    u = 1e150 if u > 1e150 else u
    u = -1e150 if u < -1e150 else u
    return u / math.sqrt(1.0 + u * u)


@numba.njit(cache=_KEPT, error_model="numpy", fastmath=_SUMS)
def fused(
    kind: int,
    state: FloatArray,
    outer: FloatArray,
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray,
    stored: FloatArray,
    pull: FloatArray,
    drift: FloatArray,
) -> None:
    """drift (m, 1 + d) from state (m, 1 + d).

    ``kind`` is 0 for tanh, 1 for u/√(1 + u²), 2 for tanh at equidistant increasing positive x (d = 1), |w x| ≤ 20:
    with E_i = e^{2 w x_i} − 1, tanh(w x_i) = E_i/(E_i + 2) and E_{i+1} = E_i + E + E_i E for the E of one step.
    ``outer`` (m,) is a_k times the weight of neuron k; x is (n, d); pull (n,) is left as weight_i (y_i − f_i).
    ``stored`` (n, m) keeps σ of all pairs; given with another number of rows, σ is computed twice instead.
    """
    m, n, d = state.shape[0], x.shape[0], x.shape[1]
    keep = stored.shape[0] == n
    w = np.zeros((d, _BLOCK))
    sums = np.zeros((d, _BLOCK))
    a, e, by, t, u = np.zeros(_BLOCK), np.zeros(_BLOCK), np.zeros(_BLOCK), np.zeros(_BLOCK), np.zeros(_BLOCK)
    whole = np.zeros(d)
    step = 2.0 * (x[n - 1, 0] - x[0, 0]) / max(n - 1, 1)
    for i in range(n):
        pull[i] = 0.0
    for start in range(0, m, _BLOCK):
        # The last block is filled up by neurons with a = w = 0.
        count = min(_BLOCK, m - start)
        for k in range(count):
            a[k] = outer[start + k]
        for k in range(count, _BLOCK):
            a[k] = 0.0
        _begin(kind, state, start, count, step, w, by)
        for i in range(n):
            _values(kind, i, x, w, by, e, u, t)
            total = 0.0
            for k in range(_BLOCK):
                total += a[k] * t[k]
            pull[i] += total
            if keep:
                for k in range(count):
                    stored[i, start + k] = t[k]
    for i in range(n):
        pull[i] = (y[i] - pull[i]) * weights[i]
        for j in range(d):
            whole[j] += pull[i] * x[i, j]
    for start in range(0, m, _BLOCK):
        count = min(_BLOCK, m - start)
        if not keep:
            _begin(kind, state, start, count, step, w, by)
        for k in range(_BLOCK):
            a[k] = 0.0
        for j in range(d):
            for k in range(_BLOCK):
                sums[j, k] = 0.0
        for i in range(n):
            if keep:
                for k in range(count):
                    t[k] = stored[i, start + k]
            else:
                _values(kind, i, x, w, by, e, u, t)
            p = pull[i]
            # tanh' = 1 − tanh²: the sum over the ones is the same for all neurons.
            if kind == 1:
                for k in range(_BLOCK):
                    below = 1.0 - t[k] * t[k]
                    a[k] += p * t[k]
                    t[k] = below * math.sqrt(below)
            else:
                for k in range(_BLOCK):
                    a[k] += p * t[k]
                    t[k] = t[k] * t[k]
            for j in range(d):
                q = p * x[i, j]
                for k in range(_BLOCK):
                    sums[j, k] += q * t[k]
        for k in range(count):
            drift[start + k, 0] = a[k]
        for j in range(d):
            for k in range(count):
                total = sums[j, k] if kind == 1 else whole[j] - sums[j, k]
                drift[start + k, 1 + j] = state[start + k, 0] * total


@numba.njit(forceinline=True, error_model="numpy", fastmath=_EXACT)
def _begin(
    kind: int, state: FloatArray, start: int, count: int, step: float, w: FloatArray, by: FloatArray
) -> None:
    """Inner weights of a block, (d, block), and the factor of one step of the recurrence."""
    for j in range(w.shape[0]):
        for k in range(_BLOCK):
            w[j, k] = 0.0
        for k in range(count):
            w[j, k] = state[start + k, 1 + j]
    if kind == 2:
        for k in range(_BLOCK):
            by[k] = _expm1(w[0, k] * step)


@numba.njit(forceinline=True, error_model="numpy", fastmath=_EXACT)
def _values(
    kind: int,
    i: int,
    x: FloatArray,
    w: FloatArray,
    by: FloatArray,
    e: FloatArray,
    u: FloatArray,
    t: FloatArray,
) -> None:
    """σ of a block of neurons at sample i, into t."""
    if kind == 2 and i % _RESTART != 0:
        for k in range(_BLOCK):
            e[k] = _next(e[k], by[k])
            t[k] = e[k] / (e[k] + 2.0)
        return
    for k in range(_BLOCK):
        u[k] = w[0, k] * x[i, 0]
    for j in range(1, x.shape[1]):
        for k in range(_BLOCK):
            u[k] += w[j, k] * x[i, j]
    if kind == 2:
        for k in range(_BLOCK):
            e[k] = _expm1(2.0 * u[k])
            t[k] = e[k] / (e[k] + 2.0)
    elif kind == 1:
        for k in range(_BLOCK):
            t[k] = _rational(u[k])
    else:
        _tanh_of_all(u, t)
