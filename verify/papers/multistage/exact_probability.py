"""A bound on a probability that is known exactly, checked in balls case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import sympy as sp

from numerics.precision import working_precision
from verify.checks.enclosure_steps import Steps, in_balls, step
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import JSON, Evidence, Verdict

if TYPE_CHECKING:
    from flint import arb

BITS = 160

Cases = Callable[[str], "Iterator[tuple[str, arb]]"]
"""Effort → (case in words, margin by which the bound holds there), evaluated one by one in balls."""


@dataclass(frozen=True)
class Stated:
    """A bound on a probability as one object that is printed and evaluated.

    relation: an inequality between expressions of the symbols, of ``defined`` names and of ``known`` probabilities.
    over:     the finite set of each symbol.
    defined:  equations name = expression.
    """

    relation: Any
    over: Mapping[sp.Symbol, sp.Set]
    defined: tuple[Any, ...] = ()

    def compared(self) -> tuple[Any, ...]:
        """As `verify.claim.Check` has it."""
        return self.relation, self.over, self.defined

    def cases(
        self,
        further: Mapping[sp.Symbol, Callable[[str], Iterable[int]]] | None = None,
        known: Mapping[sp.Expr, Callable[..., arb]] | None = None,
        *,
        share: bool = False,
    ) -> Cases:
        """The larger side less the smaller one at every point of the set.

        further: values of a symbol beyond its set, by effort.
        known:   a probability that no formula gives, as a function of the values in the order of ``over``.
        share:   the margin as a part of the larger side.
        """
        # What varies most is what the generated code takes; the other values are put in exactly.
        *fixed, last = self.over
        names = {expr: sp.Symbol(f"known_{i}") for i, expr in enumerate(known or {})}

        def values(symbol: sp.Symbol, effort: str) -> list[Any]:
            more = further[symbol](effort) if further and symbol in further else ()
            own: Any = self.over[symbol]
            return sorted({*own, *(sp.Integer(one) for one in more)})

        def cases(effort: str) -> Iterator[tuple[str, arb]]:
            from theory.codegen import ball_expression

            margin: Any = self._margin(share).xreplace(names)
            for point in product(*(values(symbol, effort) for symbol in fixed)):
                here = margin.subs(dict(zip(fixed, point, strict=True)))
                evaluate = ball_expression([here], (last, *names.values()), "margin")
                for value in values(last, effort):
                    at = (*point, value)
                    given = [probability(*at) for probability in (known or {}).values()]
                    called = (_WRITTEN.get(symbol.name, symbol.name) for symbol in self.over)
                    label = ", ".join(f"{name} = {one}" for name, one in zip(called, at, strict=True))
                    yield label, evaluate(_ball(value), *given)[0]

        return cases

    def _margin(self, share: bool) -> sp.Expr:
        meant = {one.lhs: one.rhs for one in self.defined}
        large, small = self.relation.gts.subs(meant), self.relation.lts.subs(meant)
        return 1 - small / large if share else large - small


_WRITTEN = {"delta": "δ"}


def _ball(value: sp.Rational) -> arb:
    from flint import arb, fmpq

    return arb(fmpq(int(value.p), int(value.q)))


def check(
    cases: Cases, of: str, told: Steps = (), compared: Callable[[], tuple[Any, ...]] | None = None
) -> Check:
    """PROVED when every margin is certainly positive, REFUTED as soon as one is certainly negative.

    A margin whose ball contains 0, or is not finite, decides nothing. ``told``: how the margin comes about, for the
    report. ``compared``: what the margins are made from.
    """

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        count, smallest, where = 0, float("inf"), ""
        open_case = ""
        with working_precision(BITS):
            for label, margin in cases(context.effort):
                count += 1
                if margin < 0:
                    return Evidence(
                        Verdict.REFUTED,
                        "enclosure",
                        f"{of}: false for {label}, by {margin.str(6, radius=False)}.",
                        {"case": label},
                    )
                if not margin > 0:
                    open_case = open_case or label
                elif float(margin.mid()) < smallest:
                    smallest, where = float(margin.mid()), label
        if open_case or not count:
            reason = f"not decided for {open_case}" if count else "there was no case"
            return Evidence(Verdict.UNDECIDED, "enclosure", f"{of}: {reason}.", {"not_confirmed": True})
        data: dict[str, JSON] = {"cases": count}
        if told:
            data["derivation"] = [
                *told,
                step(f"It is evaluated case by case, {in_balls(BITS)}."),
                step(
                    f"In each of {count} cases the whole ball of the margin is above 0. It is nearest for {where}.",
                    rf"{sp.latex(sp.Float(smallest, 6))}\ldots > 0",
                ),
            ]
        return Evidence(
            Verdict.PROVED,
            "enclosure",
            f"{of}: {count} cases, each settled in balls; the smallest margin, {smallest:.3g}, is that for {where}.",
            data,
        )

    return Check("enclosure", run, compared)
