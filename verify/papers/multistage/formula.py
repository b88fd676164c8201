"""A stated closed formula, its numeric value, and its negative controls.

The formula stands once, as a SymPy expression; its value comes from generated code, and its mutants are made from it
and handed to the same simulation check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import islice, zip_longest
from typing import Any

import sympy as sp
from numpy import errstate, float64, isfinite

from theory.codegen import numpy_expression
from verify.claim import Check, Mutant
from verify.mutants.expression import Change, changes, same, spread
from verify.stating import Printed, expression_latex

MOST = 8


@dataclass(frozen=True)
class Formula:
    """expression in ``symbols``; call it with their values in that order."""

    expression: sp.Expr
    symbols: tuple[sp.Symbol, ...]

    def __call__(self, *values: Any) -> Any:
        return self._code(*values)[0]

    @cached_property
    def _code(self) -> Callable[..., tuple[Any, ...]]:
        """Generated once: a grid asks for thousands of values of one formula."""
        return numpy_expression([self.expression], self.symbols, "formula")

    def compared(self) -> tuple[sp.Expr]:
        """What a check of this formula evaluates."""
        return (self.expression,)

    def printed(self, before: str, after: str = "", names: Mapping[sp.Basic, str] | None = None) -> Printed:
        """A statement in which the formula is printed, between LaTeX that is not evaluated."""
        return Printed(self.compared, lambda expr: before + expression_latex(expr, names) + after)

    def checked(self, check: Callable[[Formula], Check]) -> Check:
        """The check that ``check`` makes of this formula; it says what it evaluates."""
        return replace(check(self), compared=self.compared)


def formula_mutants(
    stated: Formula,
    check: Callable[[Formula], Check],
    witness: Callable[[Formula], str | None],
    *,
    by_hand: Sequence[tuple[str, sp.Expr]] | None = None,
    probe: Sequence[float] = (),
) -> Callable[[], Sequence[Mutant]]:
    """Mutants of the stated formula, each run through ``check`` and shown false by ``witness``.

    ``by_hand`` gives (description, changed expression) instead of the generated changes: a bound, for instance, can
    only be strengthened. A generated change that has no finite value at ``probe`` states nothing and is left out.
    """

    def made() -> Sequence[Mutant]:
        if by_hand is not None:
            listed = [(f"by-hand-{i}", text, expr) for i, (text, expr) in enumerate(by_hand, 1)]
        else:
            listed = list(islice(_generated(stated, probe), MOST))
        return [
            Mutant(
                name=name,
                description=description,
                statement=str(sp.latex(expression)),
                run=check(Formula(expression, stated.symbols)).run,
                witness=partial(witness, Formula(expression, stated.symbols)),
            )
            for name, description, expression in listed
        ]

    return made


def _generated(stated: Formula, probe: Sequence[float]) -> Iterator[tuple[str, str, sp.Expr]]:
    for number, change in enumerate(_in_turn(stated.expression), 1):
        changed = change.build()
        if changed.has(sp.zoo, sp.oo, sp.nan):
            continue
        with errstate(all="ignore"):
            finite = not probe or bool(isfinite(Formula(changed, stated.symbols)(*map(float64, probe))))
        if finite and not same(changed, stated.expression):
            yield f"{change.kind}-{number}", change.description, changed


def _in_turn(expression: sp.Expr) -> Iterator[Change]:
    lanes = [spread(found) for found in changes(expression).values()]
    return (change for row in zip_longest(*lanes) for change in row if change is not None)
