"""Small changes of one expression: a sign, a coefficient, an exponent, a dropped term, two symbols exchanged.

An expression is read as sums of products of powers, through the arguments of elementary functions as well.
In a formula in names the names are such pieces, and their meanings are kept.
Everything else (a sum over neurons, a mean over data, a derivative, an undefined function) is one piece,
which is kept, dropped or exchanged as a whole: what it binds inside is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Final

import sympy as sp
from sympy.core.function import AppliedUndef

from theory.naming import Named

KINDS = ("sign", "coefficient", "exponent", "drop", "swap")

Build = Callable[[], sp.Expr]
Put = Callable[[sp.Expr], sp.Expr]


@dataclass(frozen=True)
class Change:
    """One change: its kind, what is done in words, and how to build the changed expression."""

    kind: str
    description: str
    build: Build


def changes(expr: sp.Expr) -> dict[str, list[Change]]:
    """All changes of an expression by kind, in an order that depends on the expression alone."""
    if isinstance(expr, Named):
        return {
            kind: [replace(one, build=partial(_restated, expr, one.build)) for one in listed]
            for kind, listed in changes(expr.stated).items()
        }
    found: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    if expr == 0:
        found["coefficient"].append(Change("coefficient", "0 replaced by 1", lambda: sp.S.One))
        return found
    for change in (*_in_sum(expr, lambda changed: changed), *_exchanges(expr)):
        found[change.kind].append(change)
    return found


def same(one: sp.Expr, other: sp.Expr) -> bool:
    """Equal after expansion, where pieces that are kept whole count as symbols."""
    names: dict[sp.Basic, sp.Expr] = {}
    if isinstance(one, Named) and isinstance(other, Named) and one.meanings == other.meanings:
        return same(one.stated, other.stated)
    return bool(one == other or sp.expand(_flat(one, names) - _flat(other, names)) == 0)


def _restated(expr: Named, build: Build) -> Named:
    return expr.restated(build())


def spread(items: Sequence[Change]) -> list[Change]:
    """First, last, middle, middles of the halves …: so that a few of many come from all over the
    expression."""
    order = [0, len(items) - 1]
    gaps = [(0, len(items) - 1)]
    for low, high in gaps:  # grows while it is walked through
        if high - low > 1:
            middle = (low + high) // 2
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return [items[i] for i in dict.fromkeys(order)] if items else []


_PLAIN: Final = re.compile(r"-?[A-Za-z0-9_]+|-?[0-9]+/[0-9]+")


def brief(expr: sp.Basic, limit: int = 60) -> str:
    """Text of an expression, cut where it is long; more than a name or a number stands in backquotes, as code."""
    text = str(expr)
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return shown if _PLAIN.fullmatch(shown) else f"`{shown}`"


def is_elementary(node: sp.Basic) -> bool:
    """Whether changes look inside: sums, products, powers, and SymPy's own functions of expressions."""
    if isinstance(node, sp.Add | sp.Mul | sp.Pow):
        return True
    # An undefined function has no module.
    own = isinstance(node, sp.Function) and str(type(node).__module__).startswith("sympy.functions.")
    return own and all(isinstance(arg, sp.Expr) for arg in node.args)


def _in_sum(expr: sp.Expr, put: Put, place: str = "") -> Iterator[Change]:
    terms = sorted(sp.Add.make_args(expr), key=sp.default_sort_key)
    for i, term in enumerate(terms):
        others = [*terms[:i], *terms[i + 1 :]]

        def put_term(changed: sp.Expr, others: list[sp.Expr] = others) -> sp.Expr:
            return put(sp.Add(*others, changed))

        yield from _in_term(term, put_term, place)


def _in_term(term: sp.Expr, put: Put, place: str) -> Iterator[Change]:
    shown = brief(term) + place
    factor, rest = term.as_coeff_Mul()
    yield Change("sign", f"sign of {shown} changed", lambda: put(-term))
    other = _other_coefficient(factor)
    # A term that is a number has no coefficient to speak of.
    words = f"{shown} becomes {other}" if rest == 1 else f"coefficient {factor} of {shown} becomes {other}"
    yield Change("coefficient", words, lambda: put(other * rest))
    yield Change("drop", f"{shown} dropped", lambda: put(sp.S.Zero))
    if rest == 1:
        return
    factors = sorted(sp.Mul.make_args(rest), key=sp.default_sort_key)
    for i, one in enumerate(factors):
        remaining = [factor, *factors[:i], *factors[i + 1 :]]

        def put_factor(changed: sp.Expr, remaining: list[sp.Expr] = remaining) -> sp.Expr:
            return put(sp.Mul(*remaining, changed))

        yield from _in_factor(one, shown, put_factor)


def _in_factor(factor: sp.Expr, shown: str, put: Put) -> Iterator[Change]:
    place = f" in {brief(factor)}"
    if isinstance(factor, sp.Pow):
        base, exponent = factor.args
        # 1/x becomes 1/x² rather than 1, which would be a dropped factor.
        raised = exponent - 1 if exponent == -1 else exponent + 1
        words = f"exponent {brief(exponent, 20)} of {brief(base)} in {shown} becomes {brief(raised, 20)}"
        yield Change("exponent", words, lambda: put(base**raised))
        if isinstance(base, sp.Add):
            yield from _in_sum(base, lambda changed: put(changed**exponent), place)
        if not exponent.is_number:
            yield from _in_sum(exponent, lambda changed: put(base**changed), place)
        return
    if not isinstance(factor, sp.exp):
        yield Change("exponent", f"{brief(factor)} in {shown} squared", lambda: put(factor**2))
    if not is_elementary(factor):
        return
    if isinstance(factor, sp.Add):
        yield from _in_sum(factor, put, place)
        return
    for i, argument in enumerate(factor.args):

        def put_argument(changed: sp.Expr, i: int = i) -> sp.Expr:
            return put(factor.func(*factor.args[:i], changed, *factor.args[i + 1 :]))

        yield from _in_sum(argument, put_argument, place)


def _other_coefficient(value: sp.Expr) -> sp.Expr:
    """A rational number near by: ±1 → ±2, 3 → 4, −3 → −4, 1/3 → 1/4."""
    if not isinstance(value, sp.Rational) or value == 0:
        return 2 * value
    if isinstance(value, sp.Integer):
        return value + sp.sign(value)
    return sp.Rational(value.p, value.q + 1)


def _exchanges(expr: sp.Expr) -> Iterator[Change]:
    """Two pieces of the same kind exchanged; then one replaced by the other, for expressions symmetric in the
    two."""
    groups: dict[Hashable, dict[sp.Expr, None]] = {}
    for piece in _pieces(expr):
        groups.setdefault(_sort_of(piece), {})[piece] = None
    pairs = [
        pair for group in groups.values() for pair in combinations(sorted(group, key=sp.default_sort_key), 2)
    ]
    for one, other in pairs:
        both = {one: other, other: one}
        words = f"{brief(one)} and {brief(other)} exchanged"
        yield Change("swap", words, partial(_renamed, expr, both))
    for one, other in pairs:
        single = {one: other}
        words = f"{brief(one)} replaced by {brief(other)}"
        yield Change("swap", words, partial(_renamed, expr, single))


def _pieces(expr: sp.Expr) -> Iterator[sp.Expr]:
    if is_elementary(expr):
        for arg in expr.args:
            yield from _pieces(arg)
    elif not expr.is_Number and not isinstance(expr, sp.NumberSymbol):
        yield expr


def _sort_of(piece: sp.Expr) -> Hashable:
    """Only pieces of equal sort are exchanged: symbols with the same assumptions, functions of the same
    arguments."""
    if isinstance(piece, sp.Symbol):
        return (type(piece), tuple(sorted(piece.assumptions0.items())))
    if isinstance(piece, AppliedUndef):
        return (AppliedUndef, piece.args)
    return (type(piece),)


def _renamed(expr: sp.Expr, names: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    if not is_elementary(expr):
        return names.get(expr, expr)
    return expr.func(*(_renamed(arg, names) for arg in expr.args))


def _flat(expr: sp.Expr, names: dict[sp.Basic, sp.Expr]) -> sp.Expr:
    if is_elementary(expr):
        return expr.func(*(_flat(arg, names) for arg in expr.args))
    if isinstance(expr, sp.Symbol) or expr.is_Number or isinstance(expr, sp.NumberSymbol):
        return expr
    return names.setdefault(expr, sp.Dummy(real=True))
