"""Activation functions σ(u) = u + O(u³) with their derivatives (Assumption 3 of the multi-stage paper)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.expression import Expression, parse

Function = Callable[[FloatArray], FloatArray]
Pair = Callable[[FloatArray, FloatArray, FloatArray], None]


@dataclass(frozen=True)
class Activation:
    """An activation with slope 1 at zero.

    ``value``, ``derivative`` and ``second`` (σ'', None where it is not known) act on arrays of any shape.
    ``odd`` says that σ(−u) = −σ(u) is known;
    ``pair(u, value, derivative)`` fills both at once where that is cheaper than two calls (``u`` may be
    overwritten). ``note`` says what was changed to reach slope 1, if anything.
    """

    name: str
    value: Function
    derivative: Function
    note: str = ""
    odd: bool = False
    pair: Pair | None = None
    second: Function | None = None

    def taylor(self, order: int) -> tuple[float, ...]:
        """c_0, …, c_order of σ(u) = c_0 + c_1 u + …, by Taylor arithmetic; NaN for one that does not exist.

        InputError for an activation that is neither named nor given by a formula.
        """
        scale, formula = 1.0, None
        if isinstance(self.value, _Value):
            scale, formula = self.value.slope, self.value.formula
        elif self.name in _FORMULAS:
            formula = parse(_FORMULAS[self.name], ["u"])
        if formula is None:
            raise InputError(f"The Taylor coefficients of the activation {self.name!r} are not known.")
        values = formula.jet(np.array(0.0), order)
        return tuple(float(c) / math.factorial(k) / scale**k for k, c in enumerate(values))

    def fill(self, u: FloatArray, value: FloatArray, derivative: FloatArray) -> None:
        """Write σ(u) and σ'(u) into the two given arrays; ``u`` may be overwritten."""
        if self.pair is not None:
            self.pair(u, value, derivative)
        else:
            value[...] = self.value(u)
            derivative[...] = self.derivative(u)


def _tanh_derivative(u: FloatArray) -> FloatArray:
    t = np.tanh(u)
    return 1.0 - t * t


def _tanh_second(u: FloatArray) -> FloatArray:
    t = np.tanh(u)
    return -2.0 * t * (1.0 - t * t)


def _tanh_pair(u: FloatArray, value: FloatArray, derivative: FloatArray) -> None:
    np.tanh(u, out=value)
    np.multiply(value, value, out=derivative)
    np.subtract(1.0, derivative, out=derivative)


def _erf(u: FloatArray) -> FloatArray:
    from scipy.special import erf

    return np.asarray(erf(u * (math.sqrt(math.pi) / 2)), dtype=np.float64)


def _erf_derivative(u: FloatArray) -> FloatArray:
    return np.exp((-math.pi / 4) * u * u)


def _erf_second(u: FloatArray) -> FloatArray:
    return (-math.pi / 2) * u * np.exp((-math.pi / 4) * u * u)


def _arctan(u: FloatArray) -> FloatArray:
    return np.arctan(u)


def _arctan_derivative(u: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + u * u)


def _arctan_second(u: FloatArray) -> FloatArray:
    below = 1.0 + u * u
    return -2.0 * u / (below * below)


def _arctan_pair(u: FloatArray, value: FloatArray, derivative: FloatArray) -> None:
    np.arctan(u, out=value)
    np.multiply(u, u, out=derivative)
    derivative += 1.0
    np.reciprocal(derivative, out=derivative)


def _sin(u: FloatArray) -> FloatArray:
    return np.sin(u)


def _cos(u: FloatArray) -> FloatArray:
    return np.cos(u)


def _minus_sin(u: FloatArray) -> FloatArray:
    return -np.sin(u)


def _rational(u: FloatArray) -> FloatArray:
    return u / np.sqrt(1.0 + u * u)


def _rational_derivative(u: FloatArray) -> FloatArray:
    below = 1.0 + u * u
    return 1.0 / (below * np.sqrt(below))


def _rational_second(u: FloatArray) -> FloatArray:
    below = 1.0 + u * u
    return -3.0 * u / (below * below * np.sqrt(below))


def _gudermannian(u: FloatArray) -> FloatArray:
    return 2.0 * np.arctan(np.tanh(0.5 * u))


def _gudermannian_derivative(u: FloatArray) -> FloatArray:
    # 1/cosh u in a form that cannot overflow.
    decay = np.exp(-np.abs(u))
    return 2.0 * decay / (1.0 + decay * decay)


def _gudermannian_second(u: FloatArray) -> FloatArray:
    return -np.tanh(u) * _gudermannian_derivative(u)


NAMED: dict[str, Activation] = {
    "tanh": Activation("tanh", np.tanh, _tanh_derivative, odd=True, pair=_tanh_pair, second=_tanh_second),
    "erf": Activation(
        "erf",
        _erf,
        _erf_derivative,
        odd=True,
        note="erf(sqrt(pi) u/2), which has slope 1 at zero",
        second=_erf_second,
    ),
    "arctan": Activation(
        "arctan", _arctan, _arctan_derivative, odd=True, pair=_arctan_pair, second=_arctan_second
    ),
    "sin": Activation("sin", _sin, _cos, odd=True, second=_minus_sin),
    "rational": Activation("rational", _rational, _rational_derivative, odd=True, second=_rational_second),
    "gd": Activation("gd", _gudermannian, _gudermannian_derivative, odd=True, second=_gudermannian_second),
}

_FORMULAS = {
    "tanh": "tanh(u)",
    "erf": "erf(sqrt(pi)*u/2)",
    "arctan": "arctan(u)",
    "sin": "sin(u)",
    "rational": "u/sqrt(1 + u**2)",
    "gd": "2*arctan(tanh(u/2))",
}
"""The named ones as formulas, for their Taylor coefficients."""


@dataclass(frozen=True)
class _Value:
    """σ(u/slope) of a formula: a class rather than a closure, so that it travels to other processes."""

    formula: Expression
    slope: float

    def __call__(self, u: FloatArray) -> FloatArray:
        return self.formula.evaluate({self.formula.variables[0]: u / self.slope})


@dataclass(frozen=True)
class _Derivative:
    formula: Expression
    slope: float
    order: int = 1

    def __call__(self, u: FloatArray) -> FloatArray:
        return self.formula.jet(u / self.slope, self.order)[self.order] / self.slope**self.order


def formula_of_u(text: str, names: Iterable[str]) -> Expression:
    """The formula in u (or x). InputError, which tells the names as well, where it can be read as neither."""
    try:
        return parse(text, ["u"])
    except InputError as error:
        try:
            return parse(text, ["x"])
        except InputError:
            raise InputError(
                f"The activation is neither one of {', '.join(names)} nor a formula in u. {error}"
            ) from None


def activation(text: str) -> Activation:
    """The activation of this name (tanh, erf, arctan, sin, rational, gd), or given by a formula in u (or x).

    A formula whose slope s at zero is not 1 is used as σ(u/s), and ``note`` says so. InputError where the
    formula cannot be read or leaves the class of Assumption 3: σ(0) = 0, σ'(0) ≠ 0, σ''(0) = 0, and σ, σ'
    finite (tried at points of [−10, 10]; a bound for all u is not something a formula's values can show).
    """
    known = NAMED.get(text.strip())
    if known is not None:
        return known
    formula = formula_of_u(text, NAMED)
    value, slope, curvature = (float(c) for c in formula.jet(np.array(0.0), 2))
    prefix = f"The activation {formula.text!r} is outside Assumption 3: "
    if not math.isfinite(value):
        raise InputError(f"{prefix}it is not finite at 0.")
    if formula.parity() == "even":
        raise InputError(f"{prefix}it is even, so it has no linear part at 0.")
    if abs(value) > 1e-13:
        raise InputError(f"{prefix}its value at 0 is {value:.6g}, and must be 0.")
    if not (math.isfinite(slope) and math.isfinite(curvature)):
        raise InputError(f"{prefix}it has no first or second derivative at 0.")
    if abs(slope) < 1e-12:
        raise InputError(f"{prefix}its slope at 0 is 0.")
    if abs(curvature) > 1e-12 * max(1.0, slope * slope):
        raise InputError(f"{prefix}its second derivative at 0 is {curvature:.6g}, and must be 0.")
    points = np.linspace(-10.0, 10.0, 2001)
    for order, values in enumerate(formula.jet(points / slope, 1)):
        bad = points[~np.isfinite(values)]
        if bad.size:
            what = "value" if order == 0 else "derivative"
            raise InputError(f"{prefix}its {what} is not finite near u = {bad[0] / slope:.6g}.")
    note = ""
    if abs(slope - 1.0) > 1e-13:
        note = f"the slope at zero is {slope:.17g}: the argument is divided by it, so that the slope is 1"
    else:
        slope = 1.0
    return Activation(
        formula.text,
        _Value(formula, slope),
        _Derivative(formula, slope),
        note=note,
        odd=formula.parity() == "odd",
        second=_Derivative(formula, slope, order=2),
    )
