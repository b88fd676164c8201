"""Negative controls by hand of statements for the solver, with witnesses from exact evaluation at many points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from verify.checks import smt
from verify.claim import Mutant
from verify.mutants.inequality import falsifying_point


def if_and_only_if(one: Boolean, other: Boolean) -> Boolean:
    """one ⟺ other, in the words that the solver's check knows."""
    return sp.And(sp.Implies(one, other), sp.Implies(other, one))


def solver_mutants(
    changed: Sequence[tuple[str, str, Callable[[], Boolean]]],
    assuming: Sequence[Boolean] = (),
    over: Mapping[Any, Any] | None = None,
) -> Callable[[], Sequence[Mutant]]:
    """Mutants (name, description, statement) over the same set as the claim."""

    def made() -> Sequence[Mutant]:
        return [
            Mutant(
                name,
                words,
                str(sp.latex(statement())),
                smt.inequality(statement, over, assuming).run,
                partial(_witness, statement, over, assuming),
            )
            for name, words, statement in changed
        ]

    return made


def _witness(
    statement: Callable[[], Boolean], over: Mapping[Any, Any] | None, assuming: Sequence[Boolean]
) -> str | None:
    return falsifying_point(statement(), over, assuming)
