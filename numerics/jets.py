"""Derivatives of a formula's tree by Taylor arithmetic.

A jet is a list of arrays c_0, c_1, …: the Taylor coefficients of the formula along u + s, as a function of s.
Every rule below is the power-series recurrence of one operation (differential equation of the function).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.expression import Tree, constant

Jet = list[Any]


def derivatives(tree: Tree, u: FloatArray, order: int) -> tuple[FloatArray, ...]:
    """Value and derivatives up to ``order`` of a one-variable tree at the points ``u``, each of its shape."""
    with np.errstate(all="ignore"):
        coefficients = _jet(tree, u, order)
        return tuple(
            np.array(np.broadcast_to(c * float(math.factorial(k)), u.shape), dtype=np.float64)
            for k, c in enumerate(coefficients)
        )


def _constant(value: float, order: int) -> Jet:
    return [np.float64(value)] + [np.float64(0.0)] * order


def _jet(tree: Tree, u: FloatArray, order: int) -> Jet:
    kind = tree[0]
    if kind == "num":
        return _constant(float(tree[1]), order)
    if kind == "const":
        return _constant(math.pi, order)
    if kind == "var":
        jet = _constant(0.0, order)
        jet[0] = u
        if order:
            jet[1] = np.float64(1.0)
        return jet
    if kind == "neg":
        return [-c for c in _jet(tree[1], u, order)]
    if kind == "call":
        return _call(tree[1], _jet(tree[2], u, order))
    left = _jet(tree[1], u, order)
    if kind == "pow":
        exponent = constant(tree[2])
        if exponent is not None:
            return _power(left, float(exponent), exponent.denominator == 1)
        return _call("exp", _product(_jet(tree[2], u, order), _call("log", left)))
    right = _jet(tree[2], u, order)
    if kind == "add":
        return [a + b for a, b in zip(left, right, strict=True)]
    if kind == "sub":
        return [a - b for a, b in zip(left, right, strict=True)]
    if kind == "mul":
        return _product(left, right)
    return _quotient(left, right)


def _product(a: Jet, b: Jet) -> Jet:
    return [sum((a[i] * b[k - i] for i in range(1, k + 1)), a[0] * b[k]) for k in range(len(a))]


def _quotient(a: Jet, b: Jet) -> Jet:
    result: Jet = []
    for k in range(len(a)):
        known = sum((result[i] * b[k - i] for i in range(k)), np.float64(0.0))
        result.append((a[k] - known) / b[0])
    return result


def _power(base: Jet, exponent: float, whole: bool) -> Jet:
    if whole:
        # Repeated squaring holds where the base vanishes, where the recurrence below divides by zero.
        result = _constant(1.0, len(base) - 1)
        square, left = base, int(abs(exponent))
        while left:
            if left & 1:
                result = _product(result, square)
            left >>= 1
            if left:
                square = _product(square, square)
        return result if exponent >= 0 else _quotient(_constant(1.0, len(base) - 1), result)
    powers: Jet = [np.power(base[0], exponent)]
    for k in range(1, len(base)):
        total = sum(((exponent * i - (k - i)) * base[i] * powers[k - i] for i in range(1, k + 1)), 0.0)
        powers.append(total / (k * base[0]))
    return powers


def _integrate(first: Any, slope: Jet, inner: Jet) -> Jet:
    """The jet h with h_0 = first and h' = slope · inner'; ``slope`` may lack its last coefficient."""
    result: Jet = [first]
    for k in range(1, len(inner)):
        result.append(sum((i * inner[i] * slope[k - i] for i in range(1, k + 1)), 0.0) / k)
    return result


def _call(function: str, inner: Jet) -> Jet:
    order = len(inner) - 1
    if function == "exp":
        values: Jet = [np.exp(inner[0])]
        for k in range(1, order + 1):
            values.append(sum((i * inner[i] * values[k - i] for i in range(1, k + 1)), 0.0) / k)
        return values
    if function == "log":
        return _integrate(np.log(inner[0]), _quotient(_constant(1.0, order), inner), inner)
    if function == "sqrt":
        return _power(inner, 0.5, whole=False)
    if function in ("sin", "cos", "sinh", "cosh"):
        return _pair(function, inner)
    if function == "tan":
        return _quotient(_pair("sin", inner), _pair("cos", inner))
    if function == "tanh":
        return _tanh(inner)
    if function == "atan":
        square = _product(inner, inner)
        below = [1.0 + square[0], *square[1:]]
        return _integrate(np.arctan(inner[0]), _quotient(_constant(1.0, order), below), inner)
    if function == "erf":
        from scipy.special import erf

        bell = _call("exp", [-c for c in _product(inner, inner)])
        return _integrate(erf(inner[0]), [c * (2.0 / math.sqrt(math.pi)) for c in bell], inner)
    # abs: no derivative where the argument vanishes, and NaN says so.
    sign = np.where(inner[0] == 0, np.nan, np.sign(inner[0]))
    return [np.abs(inner[0])] + [sign * c for c in inner[1:]]


def _pair(function: str, inner: Jet) -> Jet:
    """sin, cos, sinh, cosh: each is the other's derivative, up to the sign of the circular pair."""
    circular = function in ("sin", "cos")
    odd: Jet = [np.sin(inner[0]) if circular else np.sinh(inner[0])]
    even: Jet = [np.cos(inner[0]) if circular else np.cosh(inner[0])]
    sign = -1.0 if circular else 1.0
    for k in range(1, len(inner)):
        odd.append(sum((i * inner[i] * even[k - i] for i in range(1, k + 1)), 0.0) / k)
        even.append(sign * sum((i * inner[i] * odd[k - i] for i in range(1, k + 1)), 0.0) / k)
    return odd if function in ("sin", "sinh") else even


def _tanh(inner: Jet) -> Jet:
    """tanh' = 1 − tanh²: the coefficients of the slope are built along with those of the value."""
    value: Jet = [np.tanh(inner[0])]
    slope: Jet = [1.0 - value[0] * value[0]]
    for k in range(1, len(inner)):
        value.append(sum((i * inner[i] * slope[k - i] for i in range(1, k + 1)), 0.0) / k)
        slope.append(-sum((value[i] * value[k - i] for i in range(k + 1)), 0.0))
    return value
