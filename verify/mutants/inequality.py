"""Mutants of an inequality, in the strengthening direction only: a weakened true inequality stays true."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product, zip_longest
from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, Boolean

from theory.errors import TheoryError
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence
from verify.mutants import elementary
from verify.mutants.determined import determined
from verify.mutants.evaluation import holds, value
from verify.mutants.expression import brief
from verify.region import Bound, Over, Region, fits, region, require_open

MOST = 12
POINTS = 2000
"""Rational points tried for a witness, on a lattice of special values, as many at random and as many mostly zero."""
_ZERO = 0.6

CheckFactory = Callable[..., Check]


def of_inequality(
    relation: Boolean | Callable[[], Boolean],
    over: Over | None = None,
    assuming: Sequence[Boolean] = (),
    check: CheckFactory | None = None,
    *,
    most: int = MOST,
    show: Callable[[Boolean], str] | None = None,
) -> list[Mutant]:
    """Strengthened versions of small ≤ large (or <), or of each such part of a conjunction; none of other
    statements.

    The larger side is scaled down or lowered by a constant, ≤ becomes <, and the inequality is reversed.
    Their witness is a rational point of the set, found by trying many, at which the changed inequality is
    false in exact arithmetic, or by a margin at 50 digits where it contains other than rational functions.
    ``check(relation, over, assuming)`` makes the check; by default the solver's. ``show`` prints a changed relation.
    """
    statement = require_open(relation if isinstance(relation, Boolean) else relation(), "the relation")
    parts = list(statement.args) if isinstance(statement, And) else [statement]
    mutants: list[Mutant] = []
    by_part = [[(i, change) for change in _stronger(part)] for i, part in enumerate(parts)]
    in_turn = [item for items in zip_longest(*by_part) for item in items if item is not None]
    for i, change in in_turn[:most]:
        changed, name, words = change.relation, change.name, change.description
        if len(parts) > 1:
            changed = And(*parts[:i], changed, *parts[i + 1 :], evaluate=False)
            name, words = f"{name}-of-{i + 1}", f"{words}, in {brief(parts[i])}"
        run = functools.partial(_run, check, changed, over, assuming)
        search = functools.partial(falsifying_point, changed, over, assuming)
        text = str(sp.latex(changed)) if show is None else show(changed)
        mutants.append(Mutant(name, words, text, run, search))
    return mutants


@dataclass(frozen=True)
class _Change:
    name: str
    description: str
    relation: Boolean


def _stronger(part: Boolean) -> Iterator[_Change]:
    if isinstance(part, sp.StrictLessThan | sp.LessThan):
        small, large, flipped = part.lhs, part.rhs, False
    elif isinstance(part, sp.StrictGreaterThan | sp.GreaterThan):
        small, large, flipped = part.rhs, part.lhs, True
    else:
        return
    strict = isinstance(part, sp.StrictLessThan | sp.StrictGreaterThan)

    def build(small: sp.Expr, large: sp.Expr, strict: bool) -> Boolean:
        if flipped:
            return (sp.StrictGreaterThan if strict else sp.GreaterThan)(large, small, evaluate=False)
        return (sp.StrictLessThan if strict else sp.LessThan)(small, large, evaluate=False)

    if large != 0:
        for factor in (sp.Rational(1, 2), sp.Rational(9, 10)):
            words = f"larger side times {factor}"
            reduced = factor * large
            if not large.is_nonnegative:
                # Half of a negative number is larger: take away half of the absolute value instead.
                words = f"larger side less {1 - factor} of its absolute value"
                reduced = large - (1 - factor) * sp.Abs(large)
            yield _Change(f"factor-{factor.p}-{factor.q}", words, build(small, reduced, strict))
    for offset in (sp.S.One, sp.Rational(1, 10), sp.Rational(1, 100)):
        words = f"larger side less {offset}"
        yield _Change(f"offset-{offset.p}-{offset.q}", words, build(small, large - offset, strict))
    if not strict:
        yield _Change("strict", "equality excluded", build(small, large, True))
    yield _Change("reversed", "sides exchanged", build(large, small, True))


def _run(
    check: CheckFactory | None,
    changed: Boolean,
    over: Over | None,
    assuming: Sequence[Boolean],
    context: Context,
) -> Evidence:
    if check is None:
        from verify.checks import smt

        check = smt.inequality
    return check(changed, over, assuming).run(context)


def falsifying_point(statement: Boolean, over: Over | None, assuming: Sequence[Boolean] = ()) -> str | None:
    """A rational point of the set at which the statement is false, in words; None when none was found."""
    where = region(statement, over, assuming)
    following = determined(assuming, where.bounds)
    for point in _points(where):
        try:
            for one in following:
                found = one.at(point)
                point |= {} if found is None else {one.symbol: found}
            inside = all(fits(s, sp.Rational(v)) for s, v in point.items())
            if inside and all(_true(c, point) for c in where.conditions) and _false(statement, point):
                return _words(statement, point)
        except ZeroDivisionError:  # not in the domain of the statement
            continue
    return None


def _true(statement: Boolean, point: dict[sp.Symbol, Fraction]) -> bool:
    """Exactly for rational functions, by a margin for others."""
    try:
        return holds(statement, point)
    except TheoryError:
        return elementary.margin(statement, point) > 0


def _false(statement: Boolean, point: dict[sp.Symbol, Fraction]) -> bool:
    try:
        return not holds(statement, point)
    except TheoryError:
        return elementary.margin(statement, point) < 0


def _shown(expr: sp.Expr, point: dict[sp.Symbol, Fraction]) -> str:
    try:
        return str(value(expr, point))
    except TheoryError:
        return elementary.approximate(expr, point)


def _words(statement: Boolean, point: dict[sp.Symbol, Fraction]) -> str:
    place = ", ".join(f"{s.name} = {v}" for s, v in point.items()) or "every point"
    if isinstance(statement, sp.core.relational.Relational):
        left, right = _shown(statement.lhs, point), _shown(statement.rhs, point)
        return f"at {place} the left side is {left} and the right side {right}"
    return f"false at {place}"


def _points(where: Region) -> Iterator[dict[sp.Symbol, Fraction]]:
    # A fixed seed: the same statement has the same witness on every machine.
    draw = random.Random(20_000)
    choices = [_special(s, where.bounds.get(s, Bound())) for s in where.symbols]
    if math.prod(len(c) for c in choices) <= POINTS:
        lattice: Iterator[Any] = product(*choices)
    else:
        lattice = (tuple(draw.choice(c) for c in choices) for _ in range(POINTS))
    sparse = dict(zip(where.symbols, choices, strict=True))
    for values in lattice:
        yield dict(zip(where.symbols, values, strict=True))
    for _ in range(POINTS):
        yield {s: _anywhere(draw, s, where.bounds.get(s, Bound())) for s in where.symbols}
    # Where several conditions have to be tight at once, most symbols are 0.
    for _ in range(POINTS):
        yield {s: choice[0] if draw.random() < _ZERO else draw.choice(choice) for s, choice in sparse.items()}


def _special(symbol: sp.Symbol, bound: Bound) -> list[Fraction]:
    """Ends and middle of the interval, and small numbers in it."""
    wanted = [Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(2)]
    wanted += [end for end in (bound.low, bound.high) if end is not None]
    if bound.low is not None and bound.high is not None:
        wanted.append((bound.low + bound.high) / 2)
    inside = [
        v
        for v in dict.fromkeys(wanted)
        if (bound.low is None or v >= bound.low) and (bound.high is None or v <= bound.high)
    ]
    return [v for v in inside if v.denominator == 1 or not symbol.is_integer] or [Fraction(0)]


def _anywhere(draw: random.Random, symbol: sp.Symbol, bound: Bound) -> Fraction:
    denominator = 1 if symbol.is_integer else draw.randint(1, 60)
    if bound.low is not None and bound.high is not None and not symbol.is_integer:
        return bound.low + (bound.high - bound.low) * Fraction(draw.randint(0, denominator), denominator)
    size = Fraction(draw.randint(0, 10 ** draw.randint(0, 4)), denominator)
    if bound.low is not None:
        return (math.ceil(bound.low) if symbol.is_integer else bound.low) + size
    if bound.high is not None:
        return (math.floor(bound.high) if symbol.is_integer else bound.high) - size
    return size * draw.choice((1, -1))
