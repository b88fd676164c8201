"""Mutants of an identity: its right side changed a little, and handed to the check of the original."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, zip_longest
from typing import Any

import sympy as sp

from theory.errors import TheoryError
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence
from verify.mutants.expression import KINDS, Change, changes, same, spread

MOST = 12
LONGEST_LATEX = 1500

CheckFactory = Callable[[Any, Any], Check]
WitnessSearch = Callable[[Any, Any], str | None]


def of_identity(
    lhs: Any,
    rhs: Any,
    check: CheckFactory | None = None,
    witness: WitnessSearch | None = None,
    *,
    most: int = MOST,
) -> list[Mutant]:
    """Mutants of lhs = rhs, at most so many, of all kinds in turn, in an order that depends on the statement
    alone.

    Parameters
    ----------
    lhs, rhs
        Expressions, or sequences or mappings of them, or functions without arguments that return these. The
        right side is evaluated at once, the left side when a mutant is checked. Where an entry of the right
        side is zero, the left side's entry is changed as well.
    check
        ``check(lhs, rhs)`` makes the check of one equation; by default the symbolic one.
    witness
        ``witness(lhs, rhs)`` shows in words that the two differ, by other means than the check, or returns
        None.

    Raises
    ------
    TheoryError
        A side is no expression, or the sides have different entries.
    """
    sides = _Sides(functools.cache(functools.partial(_entries, lhs)), _entries(rhs))
    mutants: list[Mutant] = []
    counts = dict.fromkeys(KINDS, 0)
    taken: list[tuple[Any, str, sp.Expr]] = []
    for key, side, change in _in_turn(sides):
        if len(mutants) == most:
            break
        expr = change.build()
        original = sides.rhs[key] if side == "right" else sides.left(key)
        if expr.has(sp.nan, sp.zoo, sp.oo) or same(expr, original):
            continue
        if any((k, s) == (key, side) and same(expr, earlier) for k, s, earlier in taken):
            continue
        taken.append((key, side, expr))
        counts[change.kind] += 1
        where = (f"entry {key}: " if key is not None else "") + ("left side: " if side == "left" else "")
        mutants.append(
            Mutant(
                name=f"{change.kind}-{counts[change.kind]}",
                description=where + change.description,
                statement=_latex(lhs, sides, key, side, expr),
                run=functools.partial(_run, check, sides, key, side, expr),
                witness=functools.partial(_witness, witness, sides, key, side, expr),
            )
        )
    return mutants


@dataclass(frozen=True, eq=False)
class _Sides:
    """Entries of both sides by key; the key None stands for a side that is a single expression."""

    lhs: Callable[[], Mapping[Any, sp.Expr]]
    rhs: Mapping[Any, sp.Expr]

    def left(self, key: Any) -> sp.Expr:
        entries = self.lhs()
        if entries.keys() != self.rhs.keys():
            raise TheoryError(f"the sides have different entries: {list(entries)} and {list(self.rhs)}")
        return entries[key]

    def pair(self, key: Any, side: str, expr: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return (expr, self.rhs[key]) if side == "left" else (self.left(key), expr)


def _entries(given: Any) -> dict[Any, sp.Expr]:
    # A SymPy symbol can be called too, so that expressions are recognised first.
    if isinstance(given, sp.Expr):
        return {None: given}
    if isinstance(given, int | Fraction):
        return {None: sp.Rational(given)}
    if callable(given):
        return _entries(given())
    if isinstance(given, Mapping):
        return {key: _entries(value)[None] for key, value in given.items()}
    if isinstance(given, list | tuple | sp.Tuple):
        return {i: _entries(value)[None] for i, value in enumerate(given)}
    raise TheoryError(
        f"a side of an identity is an expression, a sequence or a mapping of them, not {given!r}"
    )


def _in_turn(sides: _Sides) -> Iterator[tuple[Any, str, Change]]:
    """Changes of all kinds in turn, and within a kind of all entries in turn."""
    by_kind: dict[str, list[list[tuple[Any, str, Change]]]] = {kind: [] for kind in KINDS}
    for key, expr in sides.rhs.items():
        changed = [("right", changes(expr))]
        if expr == 0 and sides.left(key) != 0:
            changed.append(("left", changes(sides.left(key))))
        for side, found in changed:
            for kind, listed in found.items():
                by_kind[kind].append([(key, side, change) for change in spread(listed)])
    lanes = [_interleaved(lists) for lists in by_kind.values()]
    return iter(_interleaved(lanes))


def _interleaved(lists: list[list[Any]]) -> list[Any]:
    return [item for item in chain.from_iterable(zip_longest(*lists)) if item is not None]


def _run(
    check: CheckFactory | None, sides: _Sides, key: Any, side: str, expr: sp.Expr, context: Context
) -> Evidence:
    if check is None:
        from verify.checks import symbolic

        check = symbolic.identity
    return check(*sides.pair(key, side, expr)).run(context)


def _witness(search: WitnessSearch | None, sides: _Sides, key: Any, side: str, expr: sp.Expr) -> str | None:
    if search is None:
        from verify.witness import identity_witness

        search = identity_witness
    return search(*sides.pair(key, side, expr))


def _latex(lhs: Any, sides: _Sides, key: Any, side: str, expr: sp.Expr) -> str:
    """The changed equation. A left side that still has to be derived, or is long, is shown as dots."""
    if side == "left":
        equation = f"{_printed(expr)} = 0"
    else:
        known = isinstance(lhs, sp.Expr | Mapping | list | tuple)
        left = _printed(sides.left(key), 300) if known else r"\cdots"
        equation = f"{left} = {_printed(expr)}"
    if key is None:
        return equation
    label = str(key).replace("\\", "").replace("_", r"\_")
    return rf"\text{{{label}:}}\quad {equation}"


def _printed(expr: sp.Expr, limit: int = LONGEST_LATEX) -> str:
    try:
        text = str(sp.latex(expr))
    except Exception:  # an expression without a printer is no reason to lose the mutant
        return r"\cdots"
    return text if len(text) <= limit else r"\cdots"
