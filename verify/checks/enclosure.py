"""Inequalities over a box, proved in ball arithmetic by adaptive subdivision.

PROVED: every part of the box was shown to satisfy the statement, or to lie outside the stated conditions; a ball that
is not finite shows nothing. REFUTED: at one exact rational point of the set a ball excludes the statement. What is left
at the end of the budget is UNDECIDED, and data["not_confirmed"] says that this is what happened.

Unlike the solver's, these statements may contain exp, log, sin, tanh, erf and the like, fractional powers and π.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import sympy as sp
from sympy.logic.boolalg import And, Boolean

from theory.errors import TheoryError
from verify.checks.enclosure_steps import Steps, box_steps, settled, stated_step
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.region import Over, Region, region, require_open

if TYPE_CHECKING:
    from numerics.balls.subdivision import Box, Decision

BUDGET: Mapping[str, int] = {"quick": 5_000, "standard": 50_000, "deep": 1_000_000}
"""Boxes to examine, by effort."""

BITS = 96

Form = Literal["natural", "centred", "mean-value", "best"]
"""How an expression is enclosed on a box.

natural: the expression evaluated in balls. mean-value: f(c) + ∇f(box)·(box − c), with the derivatives derived. centred:
the same with each derivative evaluated on a box that is still a point in the coordinates that follow (slopes taken one
coordinate after the other). best: natural, and where that does not suffice the mean-value form of the part of the box
that monotony leaves.
"""


def inequality(
    relation: Boolean | Callable[[], Boolean],
    over: Over,
    assuming: Sequence[Boolean] = (),
    *,
    form: Form = "best",
    budget: Mapping[str, int] | None = None,
    bits: int = BITS,
) -> Check:
    """Check that a relation holds at every real point of a box.

    Parameters
    ----------
    relation
        left < right, ≤, > or ≥ between expressions with exact constants, an And of such, or a function without
        arguments that returns one.
    over
        Symbol → ``(low, high)``, exact and finite, for every symbol.
    assuming
        Further relations of the same kinds; parts of the box where one is certainly false are left out.
    form
        See :data:`Form`.
    budget
        Boxes by effort, instead of :data:`BUDGET`.
    bits
        Working precision.

    Raises
    ------
    InexactConstant, TheoryError
        For a statement that is there already: a floating-point number, a symbol without a finite box, or a relation
        of another kind. In a function's result these are found by the check and reported as ERROR.
    """
    wanted = dict(BUDGET if budget is None else budget)
    if form not in ("natural", "centred", "mean-value", "best"):
        raise TheoryError(f"there is no form {form!r}; it is natural, centred, mean-value or best")
    if isinstance(relation, Boolean | bool):
        _prepared(relation, over, assuming)

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        from numerics.balls.inequality import Statement, decide_inequality

        stated = relation if isinstance(relation, Boolean | bool) else relation()
        symbols, box, parts, conditions, cancelled = _prepared(stated, over, assuming)
        statement = Statement(symbols, parts, conditions, cancelled)
        found = decide_inequality(statement, box, form=form, budget=wanted[context.effort], bits=bits)
        told = [stated_step(stated), *box_steps(parts, conditions, symbols, box, form, bits)]
        return evidence(found, f"`{stated}` on the box", [s.name for s in symbols], told)

    return Check(
        "enclosure",
        run,
        lambda: (relation if isinstance(relation, Boolean | bool) else relation(), over, assuming),
    )


def proof(
    prove: Callable[[int], Decision],
    *,
    of: str,
    budget: Mapping[str, int] | None = None,
    told: Callable[[], Steps] = list,
    compared: Callable[[], tuple[Any, ...]] | None = None,
) -> Check:
    """Check by a proof of one's own: ``prove(budget)`` returns a ``numerics.balls.subdivision.Decision``.

    ``of`` says in words what is proved, ``told`` makes the steps of the proof for the report. ``compared``
    makes the relation, its box and what it assumes, for a proof that reads them.
    """
    wanted = dict(BUDGET if budget is None else budget)

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        return evidence(prove(wanted[context.effort]), of, ["u"], told())

    return Check("enclosure", run, compared)


def evidence(found: Decision, of: str, names: Sequence[str], told: Steps = ()) -> Evidence:
    """Evidence from a decision; ``names`` are those of the point's coordinates, ``told`` the steps of the proof before
    the last one."""
    from numerics.balls.subdivision import Status

    data: dict[str, Any] = {"boxes": found.boxes}
    point = found.point or ()
    shown = {
        name if len(point) == len(names) else f"x{i}": _short(value)
        for i, (name, value) in enumerate(zip(names, point, strict=False), 1)
    }
    if found.status is Status.PROVED:
        if not found.about_something:
            return Evidence(
                Verdict.UNDECIDED,
                "enclosure",
                f"{of}: no box certainly contains a point of the stated set; anything would be true of the empty one",
                data,
            )
        if told:
            data["derivation"] = [*told, settled(found.boxes)]
        return Evidence(
            Verdict.PROVED, "enclosure", f"{of}: every one of {found.boxes} boxes is settled.", data
        )
    if found.status is Status.REFUTED:
        where = ", ".join(f"{name} = {value}" for name, value in shown.items())
        detail = f"{of}: false at the exact point {where}, where a ball excludes it."
        return Evidence(Verdict.REFUTED, "enclosure", detail, data | {"point": shown})
    return Evidence(
        Verdict.UNDECIDED,
        "enclosure",
        f"{of}: {found.reason}.",
        data | {"near": shown, "not_confirmed": True},
    )


def _short(value: Fraction) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"about {float(value):.6g}"


Part = tuple[sp.Expr, bool]
"""(difference, strict): difference > 0 or ≥ 0."""


def _prepared(
    stated: Any, over: Over, assuming: Sequence[Boolean]
) -> tuple[tuple[sp.Symbol, ...], Box, list[Part], list[Part], list[sp.Expr]]:
    statement = require_open(stated, "the relation")
    where = region(statement, over, assuming)
    box = tuple(_sides(symbol, where) for symbol in where.symbols)
    relations = statement.args if isinstance(statement, And) else (statement,)
    return (
        where.symbols,
        box,
        [_part(relation) for relation in relations],
        [_part(condition) for condition in where.conditions if not _is_the_box(condition, where)],
        [piece for relation in relations for piece in _cancelled(relation)],
    )


def _cancelled(relation: Any) -> list[sp.Expr]:
    """Functions and powers that stand on a side and no longer in the difference of the sides.

    1/x + 1 > 1/x says nothing at 0, although the difference is 1 everywhere.
    """

    def pieces(expr: sp.Expr) -> set[sp.Expr]:
        found: set[sp.Expr] = expr.atoms(sp.Pow, sp.Function)
        return {one for one in found if not (one.is_Pow and one.exp.is_Integer and one.exp > 0)}

    difference = relation.lhs - relation.rhs
    lost = (pieces(relation.lhs) | pieces(relation.rhs)) - pieces(difference)
    return sorted(lost, key=sp.default_sort_key)


def _sides(symbol: sp.Symbol, where: Region) -> tuple[Fraction, Fraction]:
    bound = where.bounds.get(symbol)
    if symbol.is_integer:
        raise TheoryError(
            f"{symbol} is an integer; enclosures are over real boxes, integers are for the solver"
        )
    if bound is None or bound.low is None or bound.high is None:
        raise TheoryError(f"an enclosure needs a finite box: give {symbol} in over={{{symbol}: (low, high)}}")
    if bound.low > bound.high:
        raise TheoryError(f"the box of {symbol} is empty: {bound.low} > {bound.high}")
    return bound.low, bound.high


def _is_the_box(condition: Boolean, where: Region) -> bool:
    """A condition that closed bounds already express; those of an open end are kept."""
    if condition.lhs not in where.bounds or not condition.rhs.is_Rational or isinstance(condition, sp.Ne):
        return False
    bound, value = where.bounds[condition.lhs], Fraction(int(condition.rhs.p), int(condition.rhs.q))
    assert bound.low is not None
    assert bound.high is not None
    match condition:
        case sp.GreaterThan():
            return value <= bound.low
        case sp.StrictGreaterThan():
            return value < bound.low
        case sp.LessThan():
            return value >= bound.high
        case sp.StrictLessThan():
            return value > bound.high
    return False


def _part(relation: Any) -> Part:
    match relation:
        case sp.StrictLessThan():
            return relation.rhs - relation.lhs, True
        case sp.LessThan():
            return relation.rhs - relation.lhs, False
        case sp.StrictGreaterThan():
            return relation.lhs - relation.rhs, True
        case sp.GreaterThan():
            return relation.lhs - relation.rhs, False
    raise TheoryError(
        f"{relation} is not <, ≤, > or ≥ between two expressions, which is what an enclosure can show"
    )
