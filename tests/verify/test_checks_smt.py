"""Inequalities by the solver: exact proofs, exact counterexamples, and everything that must stay
undecided."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.errors import InexactConstant, TheoryError
from verify.checks import enclosure, smt
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.mutants.evaluation import holds
from verify.paper import Paper

x, y = sp.symbols("x y", real=True)
n = sp.Symbol("n", integer=True)
third = sp.Rational(1, 3)


def answer(relation: object, *args: object, **options: object) -> Evidence:
    return smt.inequality(relation, *args, **options).run(Context())


def unevaluated(relation: type, left: object, right: object) -> sp.Rel:
    return relation(left, right, evaluate=False)


PROVED = [
    (unevaluated(sp.Ge, x**2, 0), None, ()),
    (x**2 + y**2 >= 2 * x * y, None, ()),
    (x * y <= sp.Rational(1, 4), None, (sp.Eq(x + y, 1),)),
    (x * (1 - x) <= sp.Rational(1, 4), {x: (0, 1)}, ()),
    (x**3 < x, {x: sp.Interval.open(0, 1)}, ()),
    (1 / x >= 1, {x: sp.Interval.Lopen(0, 1)}, ()),
    (1 / x >= 1, {x: (0, 1)}, (sp.Ne(x, 0),)),
    (1 / (1 + 1 / x) < 1, {x: (1, 2)}, ()),
    (x / y + y / x >= 2, {x: (1, None), y: (1, sp.oo)}, ()),
    (x / y + 1 / y < 1, {x: (0, 1), y: (3, 4)}, ()),
    (unevaluated(sp.Le, sp.Abs(x + y), sp.Abs(x) + sp.Abs(y)), None, ()),
    (sp.Or(x > 1, x < 2), None, ()),
    (sp.Implies(x > 1, x**2 > 1), None, ()),
    (n**2 >= n, None, ()),  # true of integers, false of 1/2
    (unevaluated(sp.Lt, third, sp.Rational(1, 2)), None, ()),
]


@pytest.mark.parametrize(("relation", "over", "assuming"), PROVED)
def test_true_statements_are_proved_with_a_point_of_their_set(relation, over, assuming):
    found = answer(relation, over, assuming)
    assert found.verdict is Verdict.PROVED, found.detail
    assert "point_of_the_set" in found.data


REFUTED = [
    (x**2 > 0, None, (), {"x": "0"}),  # touches at one point
    (x * y < sp.Rational(1, 4), None, (sp.Eq(x + y, 1),), {"x": "1/2", "y": "1/2"}),
    (sp.Ne(3 * x, 1), {x: (0, 1)}, (), {"x": "1/3"}),
    (x * (1 - x) < sp.Rational(1, 4), {x: (0, 1)}, (), {"x": "1/2"}),
    (sp.Gt(x**2, x), {x: (1, 2)}, (), {"x": "1"}),  # a closed end belongs to the set
    (sp.And(x > 1, x < 2), {x: (2, 2)}, (), {"x": "2"}),
]


@pytest.mark.parametrize(("relation", "over", "assuming", "point"), REFUTED)
def test_false_statements_are_refuted_at_the_only_possible_point(relation, over, assuming, point):
    found = answer(relation, over, assuming)
    assert found.verdict is Verdict.REFUTED, found.detail
    assert found.data["point"] == point


@given(st.fractions(-4, 4, max_denominator=6), st.fractions(-4, 4, max_denominator=6))
@settings(max_examples=25, deadline=None)
def test_a_square_touches_zero_exactly_at_its_root(a: Fraction, b: Fraction):
    a_, b_ = sp.Rational(a), sp.Rational(b)
    square = (x - a_) ** 2 + (y - b_) ** 2
    assert answer(unevaluated(sp.Ge, square, 0)).verdict is Verdict.PROVED
    strict = answer(unevaluated(sp.Gt, square, 0))
    assert strict.verdict is Verdict.REFUTED
    assert strict.data["point"] == {"x": str(a_), "y": str(b_)}


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=5), st.integers(-3, 3), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_the_verdict_on_a_polynomial_agrees_with_its_roots(coefficients: list[int], low: int, width: int):
    polynomial = sp.Poly(coefficients, x)
    high = low + width
    roots = [] if polynomial.is_ground else sp.real_roots(polynomial)
    # Positive on the interval: no real root in it, and a positive value at one end.
    positive = polynomial.eval(low) > 0 and not any(low <= root <= high for root in roots)
    found = answer(unevaluated(sp.Gt, polynomial.as_expr(), 0), {x: (low, high)})
    assert found.verdict is (Verdict.PROVED if positive else Verdict.REFUTED) or (
        # A polynomial that only touches 0 at an irrational point has no rational counterexample.
        not positive and found.verdict is Verdict.UNDECIDED and any(not root.is_rational for root in roots)
    )


leaves = st.sampled_from([x, y, sp.Integer(2), third, sp.Integer(-1)])
rational_functions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, inner.filter(lambda e: e != 0)).map(lambda p: p[0] / p[1]),
        inner.map(sp.Abs),
    ),
    max_leaves=6,
)
halves = st.integers(-4, 4).map(lambda k: Fraction(k, 2))


@given(
    rational_functions,
    rational_functions,
    st.sampled_from([sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.Eq, sp.Ne]),
    halves,
    halves,
)
@settings(max_examples=150, deadline=None)
def test_at_one_point_the_verdict_is_what_plain_fractions_say(left, right, kind, p: Fraction, q: Fraction):
    relation = unevaluated(kind, left, right)
    found = answer(relation, {x: (p, p), y: (q, q)})
    try:
        expected = Verdict.PROVED if holds(relation, {x: p, y: q}) else Verdict.REFUTED
    except ZeroDivisionError:
        expected = Verdict.UNDECIDED
    assert found.verdict is expected, found.detail


UNDECIDED = [
    (x < 1, None, (x > 2, x < 1), "empty"),
    (2 * n > 7, {n: (sp.Rational(1, 4), sp.Rational(3, 4))}, (), "empty"),  # no integer there
    (1 / x >= 1, {x: (0, 1)}, (), "denominator x vanishes"),
    (1 / (1 - 1 / x) < 1, {x: (1, 2)}, (), "denominator 1 - 1/x vanishes"),
    (x > -1, {x: (0, 1)}, (1 / y > 0,), "denominator y vanishes"),
    (sp.Ne(x**2, 2), None, (), "no rational point"),  # false at √2 alone
]


@pytest.mark.parametrize(("relation", "over", "assuming", "why"), UNDECIDED)
def test_what_cannot_be_decided_says_why(relation, over, assuming, why):
    found = answer(relation, over, assuming)
    assert found.verdict is Verdict.UNDECIDED
    assert why in found.detail
    assert not found.not_confirmed


def test_rational_symbols_are_not_refuted_by_an_irrational_set():
    q = sp.Symbol("q", rational=True)
    assert answer(sp.Lt(q, 0), None, (sp.Eq(q**2, 2),)).verdict is Verdict.UNDECIDED


def test_a_point_that_the_symbols_exclude_is_no_counterexample():
    even = sp.Symbol("k", even=True)
    assert answer(unevaluated(sp.Ne, even, 3), {even: (0, 4)}).verdict is Verdict.UNDECIDED
    assert answer(unevaluated(sp.Ne, even, 4), {even: (0, 4)}).verdict is Verdict.REFUTED


def test_a_starved_budget_is_undecided():
    found = answer(x**6 + y**6 + 1 > x**2 * y**4 + x**4 * y**2 - x * y, steps={"quick": 50})
    assert found.verdict is Verdict.UNDECIDED
    assert "gave up" in found.detail


def test_the_same_question_takes_the_same_steps():
    relation = x**4 + y**4 + 1 >= x**2 * y + x * y
    assert answer(relation) == answer(relation)


def test_a_counterexample_must_hold_exactly(monkeypatch):
    # A solver that invents models must not refute a true statement.
    monkeypatch.setattr(smt._Question, "_rational_points", lambda self, model: [{x: sp.Integer(5)}])
    assert answer(sp.Lt(x, 3), {x: (0, 10)}).verdict is Verdict.REFUTED
    assert answer(sp.Lt(x, 3), {x: (0, 4)}).verdict is Verdict.UNDECIDED


def test_a_counterexample_where_a_denominator_vanishes_does_not_count(monkeypatch):
    monkeypatch.setattr(smt._Question, "_must_not_vanish", lambda *args: None)
    monkeypatch.setattr(smt._Question, "_rational_points", lambda self, model: [{x: sp.Integer(0)}])
    assert answer(1 / x > 1, {x: (0, 2)}).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("make", [lambda: x < 0.5 * y, lambda: sp.Lt(x**2.5, 1, evaluate=False)])
def test_floats_are_refused_where_they_are_written(make):
    with pytest.raises(InexactConstant, match="Rational"):
        smt.inequality(make())


def test_inexact_bounds_are_refused():
    with pytest.raises(InexactConstant, match="lower bound of x"):
        smt.inequality(x > 0, {x: (0.5, 1)})
    with pytest.raises(TheoryError, match="rational"):
        smt.inequality(x > 0, {x: (sp.sqrt(2), 2)})
    with pytest.raises(TheoryError, match="pair"):
        smt.inequality(x > 0, {x: 3})


@pytest.mark.parametrize(
    "bounds", [(2, 1), (sp.oo, -sp.oo), (sp.oo, None), (sp.oo, sp.oo), (None, -sp.oo), (float("inf"), None)]
)
def test_bounds_that_leave_nothing_are_refused(bounds):
    for make in (smt.inequality, enclosure.inequality, partial(Paper("Bounds").inequality, "a")):
        with pytest.raises(TheoryError, match=r"the bounds of x are .* which is empty"):
            make(x**2 >= x - 1, over={x: bounds})


def test_a_relation_that_sympy_has_evaluated_is_refused():
    with pytest.raises(TheoryError, match="evaluate=False"):
        smt.inequality(x**2 >= 0)
    with pytest.raises(TheoryError, match="relation"):
        smt.inequality(sp.Symbol("A"))


def test_signs_that_symbols_assume_belong_to_the_set():
    p = sp.Symbol("p", positive=True)
    assert answer(sp.Gt(p, x), {x: (-1, 0)}).verdict is Verdict.PROVED
    assert answer(p / (1 + p) < sp.Rational(1, 2), {p: (-5, sp.Rational(1, 2))}).verdict is Verdict.PROVED
    assert answer(sp.Gt(p, 1), {p: (-2, 0)}).verdict is Verdict.UNDECIDED  # empty
    imaginary = sp.Symbol("i", imaginary=True)
    with pytest.raises(TheoryError, match="not real"):
        smt.inequality(sp.Lt(imaginary**2, x))


@pytest.mark.parametrize("expr", [sp.sqrt(x), sp.exp(x), sp.pi * x, sp.Function("f")(x), x**100])
def test_what_the_solver_has_no_word_for_is_an_error(expr):
    found = answer(unevaluated(sp.Lt, expr, 1), {x: (0, 1)})
    assert found.verdict is Verdict.ERROR
    assert "TheoryError" in found.detail


def test_a_statement_may_come_from_a_function():
    assert answer(lambda: x**2 > 0).verdict is Verdict.REFUTED

    def broken() -> sp.Rel:
        raise RuntimeError("the derivation fails")

    found = answer(broken)
    assert found.verdict is Verdict.ERROR
    assert "the derivation fails" in found.detail


def test_a_proof_tells_what_the_solver_was_asked() -> None:
    x, y = sp.symbols("x y", real=True)
    check = smt.inequality(sp.Le(x * y / (1 + x**2), x**2 + y**2), {x: (0, None), y: (-1, 1)})
    found = check.run(Context("quick", 0, lambda _: None))
    assert found.verdict is Verdict.PROVED
    told: Any = found.data["derivation"]
    assert told[0] == {
        "text": "The statement, as it is handed to the solver.",
        "latex": r"\frac{x y}{x^{2} + 1} \leq x^{2} + y^{2}",
        "compared": True,
    }
    assert told[1]["latex"] == r"x \geq 0,\; y \geq -1,\; y \leq 1"
    assert "a point of it" in told[2]["text"]
    assert "No denominator" in told[3]["text"]
    assert "the statement fails" in told[4]["text"]
    assert "there is none" in told[5]["text"]


def test_a_refutation_tells_the_statement_and_its_set() -> None:
    x = sp.Symbol("x", real=True)
    found = smt.inequality(sp.Le(x, 1, evaluate=False), {x: (0, 3)}).run(Context("quick", 0, lambda _: None))
    assert found.verdict is Verdict.REFUTED
    told: Any = found.data["derivation"]
    assert [one["latex"] for one in told] == [r"x \leq 1", r"x \geq 0,\; x \leq 3"]
