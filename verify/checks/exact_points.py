"""Exact values of expressions at random points: finite models for brackets, rational numbers for all other unknowns."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy as sp

    from theory.finite_model import FiniteModel

_DRAWS = 60
_AS_DRAWN = 20  # points after each of which numbers are drawn ten times as small
_PROPERTIES = (
    "zero nonzero positive negative nonnegative nonpositive integer noninteger even odd prime composite "
    "rational irrational algebraic transcendental real imaginary complex finite infinite commutative"
).split()


def values_at_points(
    exprs: Sequence[sp.Expr], aligned: bool, seed: int, count: int
) -> Iterator[tuple[dict[str, str], list[sp.Expr]]]:
    """Exact values of the expressions at random points of their domain: (description of the point, values).

    Each expression is evaluated by itself, so that nothing cancels between them. Points at which it cannot be said
    whether an undefined function is asked for one value or for two are left out.
    """
    import sympy as sp

    from theory.brackets import Bracket
    from theory.finite_model import random_model
    from theory.symbols import Coordinate

    together = sp.Tuple(*exprs)
    in_network = together.has(Bracket) or bool(_coordinates(together, Coordinate))
    dim = _dimension(together)
    for index in range(count):
        model = random_model(1000 * seed + index, dim, aligned=aligned, width_of_model=2 + index % 2)
        try:
            # A root or a logarithm may be real near 0 alone.
            scale = sp.Rational(1, 10 ** (index // _AS_DRAWN))
            values = _symbol_values(together, model, random.Random(1000 * seed + index), scale)
            results = [model.interpret(expr, values) for expr in exprs]
            results = _with_function_values(results, random.Random(index))
        except _OutsideHypotheses:
            continue
        point = {str(symbol): str(value) for symbol, value in values.items()}
        if in_network or any(model.symbol_value(symbol) is not None for symbol in together.free_symbols):
            point["neurons"] = str(model.neurons)
        yield point, results


def _dimension(expr: sp.Expr) -> int:
    from theory.network import Target
    from theory.symbols import Coordinate

    slots = [int(c.slot[1:]) for c in _coordinates(expr, Coordinate) if c.slot != "a"]
    slots += [len(target.args) for target in expr.atoms(Target)]
    # In one dimension the moments are called M4; in d of them M3_1 has d numbers.
    for symbol in expr.free_symbols:
        if symbol.name[:1] in "MF" and symbol.name[1:].replace("_", "").isdecimal():
            slots.append(1 + symbol.name.count("_"))
    return max(slots, default=1)


def _coordinates(expr: sp.Basic, kind: type) -> set[Any]:
    found = {expr} if isinstance(expr, kind) else set()
    return found.union(*(_coordinates(arg, kind) for arg in expr.args)) if expr.args else found


def _symbol_values(
    expr: sp.Expr, model: FiniteModel, rng: random.Random, scale: sp.Rational
) -> dict[sp.Symbol, sp.Rational]:
    from theory.symbols import Coordinate

    values: dict[sp.Symbol, sp.Rational] = {}
    for symbol in sorted(expr.free_symbols, key=str):
        if isinstance(symbol, Coordinate):
            continue
        known = model.symbol_value(symbol)
        if known is None:
            values[symbol] = _drawn(symbol, rng, scale)
        elif not _satisfies(known, symbol):
            raise _OutsideHypotheses
    return values


class _OutsideHypotheses(Exception):
    """No value was found that a symbol's assumptions allow, or it is not certain which value is asked for."""


def _with_function_values(values: list[sp.Expr], rng: random.Random) -> list[sp.Expr]:
    """A number for each value of an undefined function, from the innermost outwards: such a function is arbitrary,
    but at one place it has one value."""
    from sympy.core.function import AppliedUndef

    drawn: dict[sp.Expr, sp.Expr] = {}
    while calls := sorted(
        {
            call
            for value in values
            for call in value.atoms(AppliedUndef)
            if not any(arg.has(AppliedUndef) for arg in call.args)
        },
        key=str,
    ):
        for call in calls:
            same = next((one for one in drawn if _at_one_place(one, call)), None)
            drawn[call] = _drawn(call, rng) if same is None else drawn[same]
        values = [value.xreplace(drawn) for value in values]
    return values


def _at_one_place(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two calls of an undefined function ask for the same value. _OutsideHypotheses if that is not certain."""
    from theory.errors import TheoryError
    from theory.zero import decide_zero

    if one.func != other.func or len(one.args) != len(other.args):
        return False
    differences = [left - right for left, right in zip(one.args, other.args, strict=True)]
    if any(is_nonzero(difference) for difference in differences):
        return False
    try:
        if all(difference == 0 or decide_zero(difference).is_zero for difference in differences):
            return True
    except TheoryError:
        pass
    raise _OutsideHypotheses


def _drawn(symbol: sp.Expr, rng: random.Random, scale: sp.Rational | int = 1) -> sp.Rational:
    import sympy as sp

    for _ in range(_DRAWS):
        size = scale * sp.Rational(rng.randint(1, 40), rng.randint(11, 17))
        drawn = size if rng.random() < 0.5 else -size
        value = (
            sp.Integer(rng.randint(-5, 9)) if symbol.is_integer else sp.S.Zero if symbol.is_zero else drawn
        )
        if _satisfies(value, symbol):
            return value
    raise _OutsideHypotheses


def _satisfies(value: sp.Rational, unknown: sp.Expr) -> bool:
    """Whether a value has every property that a symbol or a function's value is assumed to have."""
    assumed = {name: getattr(unknown, f"is_{name}") for name in _PROPERTIES}
    return all(truth is None or getattr(value, f"is_{name}") == truth for name, truth in assumed.items())


def are_finite(values: Sequence[sp.Expr]) -> bool:
    """True only if all of them are certainly finite numbers."""
    return all(ball.is_finite() for ball in balls) if (balls := _balls(values)) is not None else False


def is_nonzero(value: sp.Expr) -> bool:
    """True only if the value is certainly not zero: a rational ≠ 0, or a ball that excludes 0."""
    if value.is_Rational:
        return bool(value != 0)
    balls = _balls([value])
    return balls is not None and bool(balls[0].is_finite() and not balls[0].contains(0))


def _balls(values: Sequence[sp.Expr]) -> Sequence[Any] | None:
    """A ball around each number that is not rational, None where ball arithmetic cannot tell."""
    from theory.codegen import ball_expression
    from theory.errors import TheoryError

    others = [value for value in values if not value.is_Rational]
    try:
        return ball_expression(others, [])() if others else ()
    except (TheoryError, ZeroDivisionError):
        return None
