"""Inequalities between expressions of several variables on a box: natural, mean-value, centred and monotone forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import arb

from numerics.balls.subdivision import Answer, Box, Decision, Point, ball, decide, middle
from numerics.precision import working_precision

if TYPE_CHECKING:
    import sympy as sp

Part = tuple["sp.Expr", bool]
"""(difference, strict): difference > 0, or ≥ 0 if not strict."""


@dataclass(frozen=True)
class Enclosed:
    """An expression as code for its value and for each partial derivative, all in balls."""

    expression: sp.Expr
    symbols: tuple[sp.Symbol, ...]

    @cached_property
    def _value(self) -> Callable[..., Any]:
        from theory.codegen import ball_expression

        return ball_expression([self.expression], self.symbols, "difference")

    @cached_property
    def _slopes(self) -> list[Callable[..., Any] | None]:
        """One function a symbol; None where the derivative has no ball arithmetic, as at a kink of |x|."""
        from theory.codegen import ball_expression
        from theory.errors import TheoryError

        found: list[Callable[..., Any] | None] = []
        for symbol in self.symbols:
            try:
                found.append(ball_expression([self.expression.diff(symbol)], self.symbols, "slope"))
            except TheoryError:
                found.append(None)
        return found

    def at(self, point: Point) -> arb:
        """The value at one exact point."""
        value: arb = self._value(*(ball(x) for x in point))[0]
        return value

    def natural(self, box: Box) -> arb:
        """The expression evaluated in balls."""
        value: arb = self._value(*(ball(*side) for side in box))[0]
        return value

    def mean_value(self, box: Box) -> arb:
        """f(c) + Σ_i ∂_i f(box) (box_i − c_i); NaN unless the expression is defined on the whole box."""
        return self._about_centre(box, self._rates(box))

    def centred(self, box: Box) -> arb:
        """The same, ∂_i f taken where the coordinates after i are still at the centre: a path along the axes."""
        whole = [ball(*side) for side in box]
        centre = [ball(x) for x in middle(box)]
        rates = [self._rate(i, [*whole[: i + 1], *centre[i + 1 :]]) for i in range(len(box))]
        return self._about_centre(box, rates)

    def least(self, box: Box) -> arb:
        """A ball below which the expression does not fall; it need not contain its larger values.

        Where a derivative keeps its sign, the minimum is on one side of the box, which is kept alone: at a corner the
        value is that of an exact point. What is left has its mean-value form.
        """
        rates = self._rates(box)
        reduced = []
        for (low, high), rate in zip(box, rates, strict=True):
            known = rate.is_finite()
            reduced.append(
                (low, low) if known and rate >= 0 else (high, high) if known and rate <= 0 else (low, high)
            )
        return self._about_centre(tuple(reduced), rates) if self.natural(box).is_finite() else arb("nan")

    def _rates(self, box: Box) -> list[arb]:
        whole = [ball(*side) for side in box]
        return [self._rate(i, whole) for i in range(len(box))]

    def _rate(self, i: int, place: Sequence[arb]) -> arb:
        slope = self._slopes[i]
        rate: arb = arb("nan") if slope is None else slope(*place)[0]
        return rate

    def _about_centre(self, box: Box, rates: Sequence[arb]) -> arb:
        if not self.natural(box).is_finite():
            # Derivatives alone do not show that there is no gap in the domain between the centre and the rest.
            return arb("nan")
        centre = middle(box)
        total = self.at(centre)
        for (low, high), c, rate in zip(box, centre, rates, strict=True):
            if low < high:
                total += rate * ball(low - c, high - c)
        return total


@dataclass(frozen=True)
class Statement:
    """All ``parts`` hold wherever all ``conditions`` do; each is a difference that is > 0 or ≥ 0.

    ``defined`` are expressions that have to have a value wherever the statement is made: what cancels in a difference.
    """

    symbols: tuple[sp.Symbol, ...]
    parts: Sequence[Part]
    conditions: Sequence[Part] = ()
    defined: Sequence[sp.Expr] = ()


def decide_inequality(
    statement: Statement, box: Box, *, form: str = "best", budget: int = 5_000, bits: int = 96
) -> Decision:
    """Prove or refute the statement on a closed box.

    Parameters
    ----------
    form:
        ``natural``, ``mean-value``, ``centred``, or ``best``: natural first, then what monotony leaves of the box in
        mean-value form.
    budget:
        Most boxes to examine.
    bits:
        Working precision.
    """
    parts = [(Enclosed(expression, statement.symbols), strict) for expression, strict in statement.parts]
    conditions = [
        (Enclosed(expression, statement.symbols), strict) for expression, strict in statement.conditions
    ]
    defined = [Enclosed(expression, statement.symbols) for expression in statement.defined]

    def certainly(value: arb, strict: bool) -> bool:
        return bool(value.is_finite() and (value > 0 if strict else value >= 0))

    def certainly_not(value: arb, strict: bool) -> bool:
        return bool(value.is_finite() and (value <= 0 if strict else value < 0))

    def judge(current: Box) -> Answer:
        about = True
        for condition, strict in conditions:
            if any(certainly_not(value, strict) for value in _ranges(condition, current, form)):
                return Answer.OUTSIDE
            about = about and certainly(condition.at(middle(current)), strict)
        if not all(one.natural(current).is_finite() for one in defined):
            return Answer.OPEN
        for part, strict in parts:
            if not any(certainly(value, strict) for value in _bounds(part, current, form)):
                return Answer.OPEN
        return Answer.HOLDS if about else Answer.VACUOUS

    def refutes(point: Point) -> bool:
        if not all(certainly(condition.at(point), strict) for condition, strict in conditions):
            return False
        if not all(one.at(point).is_finite() for one in defined):
            return False
        return any(certainly_not(part.at(point), strict) for part, strict in parts)

    with working_precision(bits):
        return decide(box, judge, refutes, budget=budget)


def _ranges(enclosed: Enclosed, box: Box, form: str) -> Iterator[arb]:
    """Enclosures of all values on the box."""
    if form in ("natural", "best"):
        yield enclosed.natural(box)
    if form == "mean-value":
        yield enclosed.mean_value(box)
    if form in ("centred", "best"):
        yield enclosed.centred(box)


def _bounds(enclosed: Enclosed, box: Box, form: str) -> Iterator[arb]:
    """Balls that bound the values on the box from below."""
    if form != "best":
        yield from _ranges(enclosed, box, form)
        return
    yield enclosed.natural(box)
    yield enclosed.least(box)
