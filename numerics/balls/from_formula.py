"""An activation typed as a formula, in balls: over real and complex boxes, and of power series.

σ' and σ'' come from the tree's derivative. A complex value is finite only where the formula is holomorphic on the
whole ball: quotients and tan, tanh have no finite value on a ball with a pole, and square roots, logarithms, powers and
arctan none on one that meets their branch cuts. So a pole or a cut on the way leaves a run UNDECIDED, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import acb, arb, arb_series, ctx

from numerics.activation import formula_of_u
from numerics.balls.activation import BALL_ACTIVATIONS, BallActivation, constant_term, tanh_of_series
from numerics.balls.dyadic import ball
from numerics.derivative import derivative
from numerics.errors import InputError
from numerics.expression import Expression, Tree, constant

_SLOPE_ONE = 1e-13  # slopes at 0 as near to 1 as this are taken as 1, as in double precision


def ball_activation(text: str) -> BallActivation:
    """The built-in activation of this name, or a formula in u (or x), divided by its slope at 0 inside.

    InputError for what can be read as neither, for |·|, and for a slope at 0 that is not certainly finite and not 0.
    """
    found = BALL_ACTIVATIONS.get(text.strip())
    if found is not None:
        return found
    return of_formula(formula_of_u(text, BALL_ACTIVATIONS))


def of_formula(formula: Expression) -> BallActivation:
    """σ(u) of a formula with slope 1 at 0, or σ(u/s) where its slope s is another. InputError as above."""
    value = formula.tree
    try:
        slope = derivative(value)
        bend = derivative(slope)
    except InputError as problem:
        raise InputError(
            f"Balls need an activation that is analytic, unlike {formula.text!r}: {problem}"
        ) from None
    first = _value(slope, arb(0))
    if not (first.is_finite() and not first.contains(0)):
        raise InputError(
            f"The slope of the activation {formula.text!r} at 0 is not certainly finite and different from 0."
        )
    scaled = abs(float(first.mid()) - 1.0) > _SLOPE_ONE

    @lru_cache(maxsize=8)
    def scale_at(bits: int) -> arb:
        found: arb = _value(slope, arb(0))
        return found

    def over(u: Any, trees: tuple[Tree, ...], finish: Callable[[Any, Any], Any]) -> list[Any]:
        inside: Any = u
        scale = scale_at(ctx.prec) if scaled else None
        if scale is not None:
            inside = u * (1 / scale)
        found = []
        for order, tree in enumerate(trees):
            result = finish(_value(tree, inside), u)
            found.append(result if scale is None or not order else result * (1 / scale**order))
        return found

    def series(u: arb_series) -> tuple[arb_series, arb_series]:
        result = over(u, (value, slope), _as_series)
        return result[0], result[1]

    def box(u: acb) -> tuple[acb, acb]:
        result = over(u, (value, slope), lambda found, _: acb(found))
        return result[0], result[1]

    def interval(u: arb) -> tuple[arb, arb, arb]:
        result = over(u, (value, slope, bend), lambda found, _: found)
        return result[0], result[1], result[2]

    trees = (value, slope, bend)
    return BallActivation(
        formula.text, series, box, interval, None,
        odd=formula.parity() == "odd", trees=trees, scale=float(first.mid()) if scaled else 1.0,
    )  # fmt: skip


def _as_series(found: Any, u: arb_series) -> arb_series:
    return found if isinstance(found, arb_series) else arb_series([found], u.prec)


def _value(tree: Tree, u: Any) -> Any:
    """The tree at u in u's arithmetic; parts without u stay real balls."""
    kind = tree[0]
    if kind == "num":
        return ball(tree[1])
    if kind == "const":
        return arb.pi()
    if kind == "var":
        return u
    if kind == "neg":
        return -_value(tree[1], u)
    if kind == "call":
        return _call(tree[1], _value(tree[2], u))
    if kind == "pow":
        return _power(tree[1], tree[2], u)
    left, right = _value(tree[1], u), _value(tree[2], u)
    if kind == "add":
        return left + right
    if kind == "sub":
        return left - right
    return left * right if kind == "mul" else _quotient(left, right)


def _quotient(left: Any, right: Any) -> Any:
    if not isinstance(right, arb_series):
        return _nan(left) if isinstance(left, arb_series) and right.contains(0) else left / right
    return left * right.inv() if _invertible(right) else _nan(right)


def _invertible(series: arb_series) -> bool:
    return series.length() > 0 and not series[0].contains(0)


def _nan(like: Any) -> Any:
    if isinstance(like, arb_series):
        # Every coefficient: a series keeps finite ones beside a constant term that is not.
        return arb_series([arb("nan")] * max(1, like.prec), like.prec)
    return acb("nan") if isinstance(like, acb) else arb("nan")


def _call(function: str, inner: Any) -> Any:
    if isinstance(inner, arb_series):
        return _of_series(function, inner)
    if isinstance(inner, acb):
        if function in ("sqrt", "log"):
            return getattr(inner, function)(analytic=True)
        if function == "atan" and inner.real.contains(0) and not abs(inner.imag) < 1:
            return _nan(inner)  # the cuts run from ±i to ±i∞
    return getattr(inner, function)()


def _of_series(function: str, inner: arb_series) -> arb_series:
    first = inner[0]
    if not first.is_finite() or (function in ("log", "sqrt") and not first > 0):
        nothing: arb_series = _nan(inner)
        return nothing
    if function == "tanh":
        bent: arb_series = tanh_of_series(inner)
        return bent
    if function in ("sinh", "cosh"):
        grown, shrunk = inner.exp(), (-inner).exp()
        total = (grown - shrunk if function == "sinh" else grown + shrunk) / 2
        constant_part: arb = getattr(first, function)()
        return constant_term(total, constant_part)
    found: arb_series = getattr(inner, function)()
    return found


def _power(base: Tree, exponent: Tree, u: Any) -> Any:
    fixed, inside = constant(exponent), _value(base, u)
    if fixed is None:
        return _call("exp", _value(exponent, u) * _call("log", inside))
    if fixed.denominator != 1:
        if fixed.denominator == 2:
            return _whole_power(_call("sqrt", inside), int(fixed.numerator))
        return _call("exp", ball(Fraction(fixed)) * _call("log", inside))
    return _whole_power(inside, int(fixed))


def _whole_power(base: Any, power: int) -> Any:
    centred = isinstance(base, arb) and base.mid() == 0  # of these python-flint has no powers
    if centred or isinstance(base, arb_series):
        result: Any = arb(1) if centred else arb_series([arb(1)], base.prec)
        for digit in bin(abs(power))[2:]:
            result = result * result
            if digit == "1":
                result = result * base
    else:
        result = base ** abs(power)
    return result if power >= 0 else _quotient(arb(1), result)
