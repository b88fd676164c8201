"""The class of activations that the theory is about: σ(0) = 0, σ'(0) ≠ 0, σ''(0) = 0, smooth on the whole line.

Assumption 3 of the multi-stage paper has slope 1; any other slope s is brought to 1 by dividing the argument, σ(u/s),
which is exact and leaves the class. What does not belong is refused with the condition that fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from theory.activation import TaylorModel
from theory.constant import sign_of
from theory.domain import smooth_everywhere
from theory.errors import AssumptionViolated, InexactConstant, TheoryError
from theory.series import NotSmooth, taylor_series
from theory.zero import decide_zero

argument = sp.Symbol("u", real=True)
"""The variable u of every activation here."""

NAMED: dict[str, sp.Expr] = {
    "tanh": sp.tanh(argument),
    "erf": sp.erf(sp.sqrt(sp.pi) * argument / 2),
    "arctan": sp.atan(argument),
    "sin": sp.sin(argument),
    "rational": argument / sp.sqrt(1 + argument**2),
    "gd": 2 * sp.atan(sp.tanh(argument / 2)),
}
"""Built-in activations of the class, as expressions in u with slope 1 at 0."""

_ODDNESS_ORDER = 12
_LAST_POWER = 30


@dataclass(frozen=True)
class SmoothActivation:
    """An activation of the class, with slope 1.

    Attributes
    ----------
    expression:
        σ(u) with σ(0) = 0, σ'(0) = 1, σ''(0) = 0, in the symbol :data:`argument`.
    given:
        What was given; ``expression`` is given(u/slope).
    slope:
        σ'(0) of what was given, exact.
    odd:
        True or False if proved, None if not decided.
    everywhere:
        True if proved smooth for all real u, None if not decided (refuted is refused).
    note:
        What was changed or not decided, for the reader; may be empty.
    """

    expression: sp.Expr
    given: sp.Expr
    slope: sp.Expr
    odd: bool | None
    everywhere: bool | None
    note: str = ""

    def coefficients(self, order: int) -> tuple[sp.Expr, ...]:
        """Exact Taylor coefficients c₀ … c_order at 0."""
        found = _series(self.given, order)
        if self.slope == 1:
            return found
        return tuple(sp.expand(c / self.slope**n) for n, c in enumerate(found))

    def taylor(self, order: int) -> TaylorModel:
        """The Taylor polynomial of σ up to ``order``, at least 1. TheoryError for an order below 1."""
        if order < 1:
            raise TheoryError(f"The order of a Taylor expansion must be at least 1, not {order}.")
        return TaylorModel(self.coefficients(order))

    def next_power(self, order: int) -> int | None:
        """The power p > ``order`` with which σ − (its Taylor polynomial of that order) begins: c_p ≠ 0.

        None if every coefficient up to order + 30 vanishes, as for a polynomial of no higher degree.
        """
        last = order + _LAST_POWER
        upto = min(order + 2, last)
        while True:
            found = self.coefficients(upto)
            for p in range(order + 1, upto + 1):
                if sign_of(found[p]) != 0:
                    return p
            if upto == last:
                return None
            upto = min(2 * upto, last)


def admit(given: sp.Expr | str) -> SmoothActivation:
    """The activation of this name, or given by an expression in one variable, with slope 1 at 0.

    Parameters
    ----------
    given:
        One of :data:`NAMED`, or a SymPy expression in one symbol, for instance ``sympy.tanh(2*u)``.

    Raises
    ------
    AssumptionViolated
        If it is outside the class; the message says which condition fails.
    InexactConstant
        If it contains a floating-point number.
    TheoryError
        If it is not an expression in one variable, or a condition could not be decided.
    """
    return _admitted(named_activation(given) if isinstance(given, str) else _in_u(given))


def taylor_of(expression: sp.Expr, order: int) -> TaylorModel:
    """Exact Taylor coefficients of a concrete activation at 0 that has slope 1 already.

    Raises
    ------
    AssumptionViolated, InexactConstant, TheoryError
        As :func:`admit`, and for a slope other than 1.
    """
    found = admit(expression)
    if found.slope != 1:
        raise AssumptionViolated(
            f"The activation {expression} breaks Assumption 3: it needs σ'(0) = 1, but σ'(0) = {found.slope}; "
            "theory.admit rescales its argument."
        )
    return found.taylor(order)


def named_activation(name: str) -> sp.Expr:
    """The built-in activation called ``name``, as an expression in u. TheoryError for a name that is not built in."""
    if name not in NAMED:
        raise TheoryError(f"Unknown activation {name!r}; built in are {', '.join(NAMED)}.")
    return NAMED[name]


def _in_u(expression: sp.Expr) -> sp.Expr:
    if not isinstance(expression, sp.Expr):
        raise TheoryError(f"An activation is a SymPy expression in one variable, not {expression!r}.")
    symbols = sorted(expression.free_symbols, key=str)
    if len(symbols) != 1:
        names = ", ".join(map(str, symbols)) or "none"
        raise TheoryError(f"An activation is an expression in one variable u; {expression} has {names}.")
    floats = sorted(expression.atoms(sp.Float), key=str)
    if floats:
        raise InexactConstant(
            f"The activation {expression} contains the float {floats[0]}; write it exactly, "
            f'for instance Rational("{floats[0]}").'
        )
    return expression.subs(symbols[0], argument)


@lru_cache(maxsize=64)
def _admitted(given: sp.Expr) -> SmoothActivation:
    prefix = f"The activation {given} is outside Assumption 3: "
    try:
        value, slope, curvature = _series(given, 2)
    except NotSmooth as error:
        raise AssumptionViolated(f"{prefix}it is not smooth at u = 0. {error}") from None
    failures = []
    if _decided(value, "σ(0)", given) != 0:
        failures.append(f"σ(0) = {value}, and must be 0")
    if _decided(slope, "σ'(0)", given) == 0:
        failures.append("σ'(0) = 0, so that it has no linear part at 0")
    if _decided(curvature, "σ''(0)", given) != 0:
        failures.append(f"it has an even part, σ''(0) = {2 * curvature}, and must have σ''(0) = 0")
    domain = smooth_everywhere(given, argument)
    if domain.everywhere is False:
        failures.append(f"it must be smooth for all real u, but {domain.reason}")
    if failures:
        raise AssumptionViolated(f"{prefix}{'; and '.join(failures)}.")
    notes = [domain.reason] if domain.reason else []
    expression = given
    if slope != 1:
        expression = given.subs(argument, argument / slope)
        notes.insert(0, f"the slope at 0 is {slope}: the argument is divided by it, so that the slope is 1")
    return SmoothActivation(expression, given, slope, _oddness(given), domain.everywhere, "; ".join(notes))


def _decided(value: sp.Expr, name: str, given: sp.Expr) -> int:
    sign = sign_of(value)
    if sign is None:
        raise TheoryError(f"It was not decided whether {name} = {value} of the activation {given} is zero.")
    return sign


def _oddness(given: sp.Expr) -> bool | None:
    if any(sign_of(c) in (1, -1) for c in _series(given, _ODDNESS_ORDER)[::2]):
        return False
    if _vanishes(given + given.subs(argument, -argument)):
        return True
    # σ(0) = 0, so that σ is odd where σ' is even; logarithms and inverse functions disappear from σ'.
    slope = given.diff(argument)
    return True if _vanishes(slope - slope.subs(argument, -argument)) else None


def _vanishes(expr: sp.Expr) -> bool:
    try:
        return decide_zero(expr).is_zero is True
    except TheoryError:
        return False


@lru_cache(maxsize=256)
def _series(given: sp.Expr, order: int) -> tuple[sp.Expr, ...]:
    return tuple(taylor_series(given, argument, order))
