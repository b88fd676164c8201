"""Inequalities between rational functions over the reals, by the solver z3.

The negation of the statement is handed to the solver together with the stated set. No point satisfies both:
PROVED. A point that does, found by the solver and evaluated again in exact rational arithmetic: REFUTED.
Everything else is UNDECIDED: a spent budget, an empty set (of which anything is true), a denominator that may
vanish. The budget counts the solver's own steps, not seconds, so that a verdict does not depend on the
machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, Boolean, Implies, Not, Or

from theory.errors import TheoryError
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.region import Over, Region, fits, region, require_open
from verify.stating import expression_latex

STEPS: Mapping[str, int] = {"quick": 10_000_000, "standard": 100_000_000, "deep": 1_000_000_000}
"""Solver steps for each question, by effort; about three million steps a second."""

LARGEST_EXPONENT = 64

Point = dict[sp.Symbol, sp.Rational]


def inequality(
    relation: Boolean | Callable[[], Boolean],
    over: Over | None = None,
    assuming: Sequence[Boolean] = (),
    *,
    steps: Mapping[str, int] | None = None,
) -> Check:
    """Check that a relation holds at every real point of a set.

    Parameters
    ----------
    relation
        A SymPy relation (or And, Or, Not, Implies of relations) between rational functions with rational
        coefficients, or a function without arguments that returns one.
    over
        Symbol → ``(low, high)``, closed; None or ±oo for no bound; or a SymPy ``Interval``.
    assuming
        Further relations that hold on the set; ``Ne(x, 0)`` allows x in a denominator.
    steps
        Solver steps by effort, instead of :data:`STEPS`.

    Raises
    ------
    InexactConstant
        A floating-point number stands in the statement.
    TheoryError
        The statement is not a relation, SymPy has already evaluated it, or a bound is not a rational number.
        What else cannot be translated (a square root, an exponential) is found by the check and reported as
        ERROR.
    """
    budget = dict(STEPS if steps is None else steps)
    if isinstance(relation, Boolean | bool):
        # A statement that is there already is refused where it is written, not in a worker.
        region(require_open(relation, "the relation"), over, assuming)

    @guarded("smt")
    def run(context: Context) -> Evidence:
        statement = require_open(relation if isinstance(relation, Boolean) else relation(), "the relation")
        return _Question(statement, region(statement, over, assuming), budget[context.effort]).answer()

    return Check(
        "smt", run, lambda: (relation if isinstance(relation, Boolean) else relation(), over or {}, assuming)
    )


class _Unsettled(Exception):
    """The statement cannot be decided; the message says why."""


class _Question:
    """One statement over one set, in the language of the solver."""

    def __init__(self, statement: Boolean, where: Region, steps: int) -> None:
        import z3

        self.z3: Any = z3
        self.context: Any = z3.Context()
        self.statement, self.region, self.steps = statement, where, steps
        self.spent = 0
        integers = [s for s in where.symbols if s.is_integer]
        self.logic = "ALL" if integers else "QF_NRA"
        self.variables = {
            s: z3.ToReal(z3.Int(f"v{i}", self.context)) if s.is_integer else z3.Real(f"v{i}", self.context)
            for i, s in enumerate(where.symbols)
        }
        self.conditions = [self._formula(c) for c in where.conditions]
        self.formula, self.denominators = self._formula(statement)

    # -- the verdict
    # ---------------------------------------------------------------------------------------------

    def answer(self) -> Evidence:
        try:
            assumed = self._stated_set()
            inside = self._sample(assumed)
            for denominator in self.denominators:
                self._must_not_vanish(denominator, assumed)
            found = self._solve([*assumed, self.z3.Not(self.formula)])
        except _Unsettled as why:
            return Evidence(Verdict.UNDECIDED, "smt", str(why), {"solver": self._solver_name()})
        data: dict[str, Any] = {"solver": self._solver_name(), "steps": self.spent}
        if found is None:
            detail = f"no real point of the stated set violates `{self.statement}`"
            data["point_of_the_set"] = _shown(inside)
            data["derivation"] = self._told(inside)
            return Evidence(Verdict.PROVED, "smt", detail, data)
        for point in self._rational_points(found):
            if self._is_counterexample(point):
                detail = f"false at {_written(point)}: {self._sides(point)}"
                told = self._asked()
                return Evidence(
                    Verdict.REFUTED, "smt", detail, data | {"point": _shown(point), "derivation": told}
                )
        detail = "the solver reports a counterexample, but no rational point near it violates the statement"
        return Evidence(Verdict.UNDECIDED, "smt", detail, data)

    def _told(self, inside: Mapping[sp.Symbol, sp.Rational]) -> list[dict[str, Any]]:
        """What was asked of the solver, in the order in which it was asked."""
        told = self._asked()
        told.append({"text": f"The set is not empty: the solver gives a point of it, {_written(inside)}."})
        if self.denominators:
            told.append(
                {"text": "No denominator of the statement vanishes on it: the solver finds no such point."}
            )
        told.append(
            {"text": "The solver is asked for a point of the set where the statement fails."},
        )
        told.append({"text": f"It answers that there is none ({self._solver_name()}, {self.spent} steps)."})
        return told

    def _asked(self) -> list[dict[str, Any]]:
        """The statement and its set, as they are handed to the solver."""
        return [
            {
                "text": "The statement, as it is handed to the solver.",
                "latex": expression_latex(self.statement),
                "compared": True,
            },
            {
                "text": "The stated set, over the real numbers; symbols that are said to be integers take integers.",
                "latex": r",\; ".join(expression_latex(one) for one in self.region.conditions)
                or r"\text{all of them}",
            },
        ]

    def _stated_set(self) -> list[Any]:
        """Conditions as formulas; those with denominators come last and are checked against those before
        them."""
        assumed = [formula for formula, denominators in self.conditions if not denominators]
        for formula, denominators in self.conditions:
            for denominator in denominators:
                self._must_not_vanish(denominator, assumed)
            if denominators:
                assumed.append(formula)
        return assumed

    def _sample(self, assumed: list[Any]) -> dict[sp.Symbol, sp.Rational | None]:
        model = self._solve(assumed)
        if model is None:
            raise _Unsettled(
                f"the stated set is empty ({self.region.describe()}): anything would be true of it"
            )
        values = {s: self._value(model, s, 20) for s in self.region.symbols}
        sample = {s: value if rational else None for s, (value, rational) in values.items()}
        if not all(fits(s, value) for s, value in sample.items()):
            raise _Unsettled("no point of the stated set was found that satisfies what its symbols assume")
        return sample

    def _must_not_vanish(self, denominator: tuple[Any, sp.Expr], assumed: list[Any]) -> None:
        formula, shown = denominator
        model = self._solve([*assumed, formula == 0])
        if model is not None:
            place = {s: self._value(model, s, 5)[0] for s in self.region.symbols}
            raise _Unsettled(
                f"the denominator {shown} vanishes in the stated set, near {_written(place)}; "
                f"state that it does not, such as Ne({shown}, 0)"
            )

    def _solve(self, formulas: list[Any]) -> Any:
        """A model, or None when there is none."""
        z3 = self.z3
        solver = z3.SolverFor(self.logic, ctx=self.context)
        solver.set("rlimit", self.steps)
        solver.add(*formulas)
        outcome = solver.check()
        statistics = solver.statistics()
        self.spent += sum(int(value) for key, value in statistics if key == "rlimit count")
        if outcome == z3.unsat:
            return None
        if outcome == z3.sat:
            return solver.model()
        raise _Unsettled(f"the solver gave up: {solver.reason_unknown()} ({self.steps} steps allowed)")

    # -- counterexamples
    # -----------------------------------------------------------------------------------------

    def _rational_points(self, model: Any) -> list[Point]:
        """The model in rational numbers; an algebraic coordinate is replaced by ever closer rational ones."""
        points: list[Point] = []
        for digits in (2, 5, 10, 20, 40, 80):
            values = {s: self._value(model, s, digits) for s in self.region.symbols}
            points.append({s: value for s, (value, _) in values.items()})
            if all(rational for _, rational in values.values()):
                break
        return points

    def _value(self, model: Any, symbol: sp.Symbol, digits: int) -> tuple[sp.Rational, bool]:
        """Value of a symbol and whether it is rational; an irrational one is rounded to so many digits."""
        value = self.z3.simplify(model.eval(self.variables[symbol], model_completion=True))
        rational = not self.z3.is_algebraic_value(value)
        number = value if rational else value.approx(digits)
        if not self.z3.is_rational_value(number):
            raise _Unsettled(f"the solver gives no number for {symbol}")
        return sp.Rational(number.numerator_as_long(), number.denominator_as_long()), rational

    def _is_counterexample(self, point: Point) -> bool:
        """Exact evaluation by SymPy, which shares nothing with the solver."""
        if not all(fits(s, value) for s, value in point.items()):
            return False
        try:
            conditions = [_at(c, point) for c in self.region.conditions]
            return all(c == sp.true for c in conditions) and _at(self.statement, point) == sp.false
        except TypeError:  # SymPy's word for a comparison with infinity: a denominator vanishes here
            return False

    def _sides(self, point: Point) -> str:
        if not isinstance(self.statement, sp.core.relational.Relational):
            return f"`{self.statement}` does not hold"
        lhs, rhs = (side.xreplace(point) for side in (self.statement.lhs, self.statement.rhs))
        return f"the left side is {lhs}, the right side {rhs}, and `{self.statement}` does not hold"

    def _solver_name(self) -> str:
        return f"z3 {self.z3.get_version_string()}"

    # -- translation
    # ---------------------------------------------------------------------------------------------

    def _formula(self, statement: Boolean) -> tuple[Any, list[tuple[Any, sp.Expr]]]:
        """A statement as a formula of the solver, with the denominators in it, inner ones first."""
        denominators: list[tuple[Any, sp.Expr]] = []
        return self._boolean(statement, denominators), denominators

    def _boolean(self, statement: Boolean, denominators: list[tuple[Any, sp.Expr]]) -> Any:
        z3 = self.z3
        if isinstance(statement, sp.core.relational.Relational):
            return self._relation(statement, denominators)
        parts = [self._boolean(require_open(arg, "a part of it"), denominators) for arg in statement.args]
        if isinstance(statement, And):
            return z3.And(*parts)
        if isinstance(statement, Or):
            return z3.Or(*parts)
        if isinstance(statement, Not):
            return z3.Not(parts[0])
        if isinstance(statement, Implies):
            return z3.Implies(*parts)
        raise TheoryError(f"{statement} is neither a relation nor And, Or, Not or Implies of relations")

    def _relation(self, relation: Any, denominators: list[tuple[Any, sp.Expr]]) -> Any:
        (p, q), (r, s) = (self._ratio(side, denominators) for side in (relation.lhs, relation.rhs))
        # p/q < r/s and (ps − rq) qs < 0 say the same where q and s do not vanish.
        left, right = (p, r) if q is None and s is None else (self._times(p, s) - self._times(r, q), None)
        if right is None:
            left, right = self._times(self._times(left, q), s), self._number(sp.S.Zero)
        match relation:
            case sp.Eq():
                return left == right
            case sp.Ne():
                return left != right
            case sp.StrictLessThan():
                return left < right
            case sp.LessThan():
                return left <= right
            case sp.StrictGreaterThan():
                return left > right
            case sp.GreaterThan():
                return left >= right
        raise TheoryError(f"{relation} is not a relation this method knows")

    def _number(self, value: sp.Rational) -> Any:
        return self.z3.Q(int(value.p), int(value.q), self.context)

    @staticmethod
    def _times(value: Any, factor: Any) -> Any:
        return value if factor is None else value * factor

    def _ratio(self, expr: sp.Expr, denominators: list[tuple[Any, sp.Expr]]) -> tuple[Any, Any]:
        """Numerator and denominator (None for 1)."""
        if isinstance(expr, sp.Rational):
            return self._number(expr), None
        if isinstance(expr, sp.Symbol):
            return self.variables[expr], None
        if isinstance(expr, sp.Add | sp.Mul):
            parts = [self._ratio(arg, denominators) for arg in expr.args]
            total = parts[0]
            for part in parts[1:]:
                total = self._sum(total, part) if isinstance(expr, sp.Add) else self._product(total, part)
            return total
        if isinstance(expr, sp.Abs):
            top, bottom = self._ratio(expr.args[0], denominators)
            return self._absolute(top), None if bottom is None else self._absolute(bottom)
        if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Integer):
            return self._power(expr, denominators)
        raise TheoryError(
            f"{expr} is not a rational function with rational coefficients; name it by a symbol and state "
            "what is known of it"
        )

    def _power(self, expr: sp.Pow, denominators: list[tuple[Any, sp.Expr]]) -> tuple[Any, Any]:
        exponent = int(expr.exp)
        if abs(exponent) > LARGEST_EXPONENT:
            raise TheoryError(
                f"the exponent of {expr} is beyond {LARGEST_EXPONENT}, which this method does not try"
            )
        top, bottom = self._ratio(expr.base, denominators)
        if exponent < 0:
            denominators.append((top, expr.base))
            top, bottom = (self._number(sp.S.One) if bottom is None else bottom), top
        repeated = self.z3.Product([top] * abs(exponent))
        return repeated, None if bottom is None else self.z3.Product([bottom] * abs(exponent))

    def _sum(self, left: tuple[Any, Any], right: tuple[Any, Any]) -> tuple[Any, Any]:
        (p, q), (r, s) = left, right
        if q is None and s is None:
            return p + r, None
        if q is not None and s is not None and q.eq(s):
            return p + r, q
        return self._times(p, s) + self._times(r, q), self._product((q, None), (s, None))[0]

    def _product(self, left: tuple[Any, Any], right: tuple[Any, Any]) -> tuple[Any, Any]:
        def product(a: Any, b: Any) -> Any:
            return b if a is None else self._times(a, b)

        return product(left[0], right[0]), product(left[1], right[1])

    def _absolute(self, value: Any) -> Any:
        return self.z3.If(value >= 0, value, -value)


def _at(statement: Boolean, point: Point) -> Boolean:
    """A statement at a point. Every relation is built anew, as one without symbols would stay unevaluated."""
    if isinstance(statement, sp.core.relational.Relational):
        return statement.func(statement.lhs.xreplace(point), statement.rhs.xreplace(point))
    return statement.func(*(_at(arg, point) for arg in statement.args))


def _shown(point: Mapping[sp.Symbol, sp.Rational | None]) -> dict[str, str]:
    return {s.name: "irrational" if value is None else str(value) for s, value in point.items()}


def _written(point: Mapping[sp.Symbol, sp.Rational | None]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in _shown(point).items()) or "every point"
