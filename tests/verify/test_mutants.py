"""Negative controls: all kinds, different from the original, killed by the check, and witnessed by other
code."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.brackets import DataMean, NeuronSum
from theory.errors import TheoryError
from theory.symbols import Neuron, Sample
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.mutants import of_identity, of_inequality
from verify.mutants.determined import determined
from verify.mutants.evaluation import holds, value
from verify.mutants.expression import KINDS, changes, same, spread
from verify.mutants.inequality import falsifying_point

ROOT = Path(__file__).resolve().parents[2]
x, y, z = sp.symbols("x y z", real=True)
t = sp.Symbol("t", positive=True)
k, s = Neuron("k", 1), Sample("x", 1)
P = NeuronSum(k.coordinates[0] * k.coordinates[1], k)
Q = NeuronSum(k.coordinates[0] ** 2, k)
F = DataMean(s.coordinates[0] ** 4, s)


def by_expansion(lhs: sp.Expr, rhs: sp.Expr) -> Check:
    """A check for polynomials that shares nothing with the project's own."""

    def run(context: Context) -> Evidence:
        zero = sp.Poly(lhs - rhs, *sorted((lhs - rhs).free_symbols, key=str) or [x]).is_zero
        return Evidence(Verdict.PROVED if zero else Verdict.REFUTED, "symbolic", "by expansion")

    return Check("symbolic", run)


def built(expr: sp.Expr) -> list[sp.Expr]:
    return [change.build() for listed in changes(expr).values() for change in listed]


def test_every_kind_of_change_is_made():
    found = changes(3 * x**2 * y - z)
    made = {kind: {change.build() for change in listed} for kind, listed in found.items()}
    assert made["sign"] == {-3 * x**2 * y - z, 3 * x**2 * y + z}
    assert made["coefficient"] == {4 * x**2 * y - z, 3 * x**2 * y - 2 * z}
    assert made["exponent"] == {3 * x**3 * y - z, 3 * x**2 * y**2 - z, 3 * x**2 * y - z**2}
    assert made["drop"] == {-z, 3 * x**2 * y}
    assert {3 * y**2 * x - z, 3 * z**2 * y - x, 3 * x**2 * z - y} <= made["swap"]


@pytest.mark.parametrize(
    ("value", "changed"),
    [(3, 4), (-3, -4), (1, 2), (-1, -2), ("1/3", "1/4"), ("-1/3", "-1/4"), ("5/2", "5/3")],
)
def test_coefficients_change_to_a_rational_near_by(value, changed):
    (change,) = changes(sp.Rational(value) * x)["coefficient"]
    assert change.build() == sp.Rational(changed) * x


def test_changes_reach_into_powers_and_elementary_functions():
    expressions = built((1 - x) ** 2 * sp.exp(-2 * t))
    assert (1 + x) ** 2 * sp.exp(-2 * t) in expressions
    assert (1 - x) ** 2 * sp.exp(2 * t) in expressions
    assert (1 - x) ** 2 * sp.exp(-3 * t) in expressions
    assert (1 - x) ** 3 * sp.exp(-2 * t) in expressions


def test_a_reciprocal_keeps_its_factor():
    (change,) = (c for c in changes(y / x)["exponent"] if "-1" in c.description)
    assert change.build() == y / x**2


def test_brackets_are_changed_as_a_whole():
    expr = 2 * (1 - P) * Q - F * P
    for changed in built(expr):
        assert changed.atoms(NeuronSum, DataMean) <= {P, Q, F, P**2, Q**2}
        assert not any(symbol.name.endswith("~1") for symbol in changed.free_symbols)
    assert 2 * (1 - Q) * P - F * Q in built(expr)  # two sums over neurons exchanged, the mean over data not


def test_only_symbols_of_the_same_kind_are_exchanged():
    assert not changes(x + 2 * t)["swap"]  # a real one and a positive one
    f, g = sp.Function("f"), sp.Function("g")
    made = {change.build() for change in changes(f(t) + 2 * g(t) + 3 * f(x))["swap"]}
    assert g(t) + 2 * f(t) + 3 * f(x) in made
    assert not any(e.has(g(x)) for e in made)


small = st.sampled_from([x, y, z, t, P, F, sp.Integer(2), sp.Rational(1, 3), sp.Integer(-1)])
expressions = st.recursive(
    small,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, st.integers(2, 3)).map(lambda p: p[0] ** p[1]),
        inner.map(sp.tanh),
    ),
    max_leaves=6,
)


@given(expressions)
@settings(max_examples=60, deadline=None)
def test_mutants_differ_from_the_original_and_from_each_other(expr: sp.Expr):
    seen: list[sp.Expr] = []

    def recording(lhs: sp.Expr, rhs: sp.Expr) -> Check:
        changed = lhs if rhs == 0 and expr == 0 else rhs
        seen.append(changed)
        return Check("symbolic", lambda context: Evidence(Verdict.UNDECIDED, "symbolic", "recorded"))

    mutants = of_identity(expr, expr, recording, lambda lhs, rhs: None)
    assert 0 < len(mutants) <= 12
    assert len({m.name for m in mutants}) == len(mutants)
    for mutant in mutants:
        mutant.run(Context())
        assert mutant.statement
        assert mutant.description
    for i, one in enumerate(seen):
        assert sp.expand(one - expr) != 0
        assert all(sp.expand(one - other) != 0 for other in seen[:i])


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_the_check_of_the_original_kills_every_mutant_of_a_polynomial(terms):
    polynomial = sp.Add(*(c * x**i * y**j for c, i, j in terms))
    assert by_expansion(polynomial, polynomial).run(Context()).verdict is Verdict.PROVED
    for mutant in of_identity(polynomial, polynomial, by_expansion, lambda lhs, rhs: None):
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


def test_mutants_are_of_all_kinds_in_turn():
    rhs = sp.expand((x + 2 * y - 3 * z) ** 3)
    mutants = of_identity(rhs, rhs, by_expansion)
    assert len(mutants) == 12
    kinds = [m.name.split("-")[0] for m in mutants]
    assert kinds[: len(KINDS)] == list(KINDS)
    assert all(kinds.count(kind) >= 2 for kind in KINDS)
    assert len(of_identity(rhs, rhs, by_expansion, most=3)) == 3


def test_few_of_many_come_from_all_over():
    listed = changes(sp.Add(*(i * x**i for i in range(1, 8))))["drop"]
    assert spread(listed)[:3] == [listed[0], listed[-1], listed[3]]
    assert set(spread(listed)) == set(listed)
    assert spread([]) == []


def test_the_entries_of_structured_sides_take_turns():
    lhs = {"dP": x + y, "dQ": x * y}
    mutants = of_identity(lhs, lhs, by_expansion)
    entries = [m.description.split(":")[0] for m in mutants]
    assert set(entries) == {"entry dP", "entry dQ"}
    assert all(m.run(Context()).verdict is Verdict.REFUTED for m in mutants)
    listed = of_identity([x, y], (x, y), by_expansion)
    assert {m.description.split(":")[0] for m in listed} == {"entry 0", "entry 1"}


def test_a_zero_right_side_has_its_left_side_changed():
    lhs = x + y - z
    mutants = of_identity(lhs, 0, by_expansion)
    assert {m.name.split("-")[0] for m in mutants} == set(KINDS)
    assert any("left side" in m.description for m in mutants)
    assert all(m.run(Context()).verdict is Verdict.REFUTED for m in mutants)


def test_a_derived_left_side_is_derived_once_and_late():
    calls: list[str] = []

    def derived() -> sp.Expr:
        calls.append("derived")
        return (x + y) ** 2

    mutants = of_identity(derived, lambda: x**2 + 2 * x * y + y**2, by_expansion)
    assert not calls
    assert all(m.run(Context()).verdict is Verdict.REFUTED for m in mutants)
    assert calls == ["derived"]


def test_the_witness_is_asked_with_the_changed_statement():
    asked: list[tuple[sp.Expr, sp.Expr]] = []

    def witness(lhs: sp.Expr, rhs: sp.Expr) -> str:
        asked.append((lhs, rhs))
        return "differs"

    mutants = of_identity(x, x, by_expansion, witness)
    assert [m.witness() for m in mutants] == ["differs"] * len(mutants)
    assert all(lhs == x and rhs != x for lhs, rhs in asked)


def test_sides_that_do_not_fit_are_refused():
    with pytest.raises(TheoryError, match="expression"):
        of_identity(x, "x + 1")
    mutants = of_identity(lambda: [x], [x, y])
    with pytest.raises(TheoryError, match="different entries"):
        mutants[0].run(Context())


def test_the_projects_own_check_and_witness_agree_on_brackets():
    lhs = sp.expand((1 - P) * Q)
    mutants = of_identity(lhs, Q - P * Q)
    assert len(mutants) >= 8
    for mutant in mutants:
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description
        assert mutant.witness(), mutant.description


def test_equality_after_expansion_keeps_brackets_whole():
    assert same((1 - P) * Q, Q - P * Q)
    assert not same(P, Q)


def test_the_order_does_not_depend_on_the_process():
    code = (
        "import sympy as sp\n"
        "from verify.mutants import of_identity\n"
        "x, y, z, u = sp.symbols('x y z u', real=True)\n"
        "e = (x - y)**2*sp.exp(u*z) + z*sp.Function('f')(x)/3 + u*x*y\n"
        "print([(m.name, m.description, m.statement) for m in of_identity(e, e)])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


# -- inequalities
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relation", "over"),
    [
        (x**2 + y**2 >= 2 * x * y, None),
        (x * y <= sp.Rational(1, 4), {x: (0, sp.Rational(1, 2)), y: (0, sp.Rational(1, 2))}),
        (x**2 - x > -1, {x: (-2, 2)}),
        (1 / x <= x, {x: (1, None)}),
    ],
)
def test_what_has_a_witness_is_refuted_and_what_is_proved_has_none(relation, over):
    mutants = of_inequality(relation, over)
    witnessed = 0
    for mutant in mutants:
        verdict, witness = mutant.run(Context()).verdict, mutant.witness()
        if witness is not None:
            witnessed += 1
            assert verdict is Verdict.REFUTED, mutant.statement
        if verdict is Verdict.PROVED:
            assert witness is None
    assert witnessed >= 2


@given(
    st.fractions(-3, 3, max_denominator=5),
    st.fractions(-3, 3, max_denominator=5),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_mutants_are_stronger_except_the_reversed_one(p: Fraction, q: Fraction, strict: bool, flip: bool):
    # Where a strengthened statement holds the original holds, at every point and for both signs of the larger
    # side.
    left, right = x - 1, y
    if flip:
        relation = (sp.StrictGreaterThan if strict else sp.GreaterThan)(left, right)
    else:
        relation = (sp.StrictLessThan if strict else sp.LessThan)(left, right)
    captured: list[sp.Rel] = []

    def capture(changed: sp.Rel, over: object, assuming: object) -> Check:
        captured.append(changed)
        return Check("smt", lambda context: Evidence(Verdict.UNDECIDED, "smt", "captured"))

    mutants = of_inequality(relation, check=capture)
    for mutant in mutants:
        mutant.run(Context())
    assert [m.name for m in mutants][-1] == "reversed"
    assert ("strict" in {m.name for m in mutants}) is not strict
    for changed in captured[:-1]:
        assert not holds(changed, {x: p, y: q}) or holds(relation, {x: p, y: q})
    if p - 1 != q:
        assert holds(captured[-1], {x: p, y: q}) is not holds(relation, {x: p, y: q})


def test_parts_of_a_conjunction_are_changed_one_at_a_time():
    mutants = of_inequality(sp.And(x >= 0, x <= 1), {x: (0, 1)})
    assert {m.name.rsplit("-of-")[1] for m in mutants} == {"1", "2"}
    for mutant in mutants:
        expected = Verdict.PROVED if mutant.witness() is None else Verdict.REFUTED
        assert mutant.run(Context()).verdict is expected
    # 0 ≤ 9/10 x and 0 ≤ x/2 stay true on the interval: they have no witness and do not count.
    assert sum(mutant.witness() is None for mutant in mutants) == 2


def test_equations_have_no_strengthening():
    assert of_inequality(sp.Ne(x, y)) == []


def test_a_witness_lies_in_the_set_and_in_the_domain():
    n = sp.Symbol("n", integer=True)
    assert falsifying_point(sp.Lt(n**2, n, evaluate=False), {n: (1, 5)}) is not None
    assert (
        falsifying_point(n**2 >= n, {n: (sp.Rational(1, 10), 5)}) is None
    )  # false at 1/2 alone, which is no integer
    even = sp.Symbol("k", even=True)
    assert falsifying_point(sp.Ne(even, 3, evaluate=False), {even: (3, 3)}) is None
    with pytest.raises(TheoryError, match="empty"):
        falsifying_point(x > 1, {x: (2, 1)})
    assert falsifying_point(1 / x > 0, {x: sp.Interval(0, 1)}) is None  # 0 has no value
    assert falsifying_point(x < y, {x: (0, 1), y: (0, 1)}, [x < y]) is None


def test_exact_evaluation_of_relations():
    point = {x: Fraction(1, 3), y: Fraction(-2)}
    assert value(3 * x**2 / y + sp.Abs(y), point) == Fraction(-1, 6) + 2
    assert holds(sp.And(sp.Eq(3 * x, 1), sp.Or(x < y, sp.Ne(y, 0)), sp.Not(sp.Eq(x, y))), point)
    assert not holds(sp.Implies(x > y, sp.Ge(y, x)), point)
    with pytest.raises(ZeroDivisionError):
        value(1 / x, {x: Fraction(0)})
    with pytest.raises(TheoryError):
        value(sp.sqrt(x), point)


def test_equations_among_the_conditions_give_symbols_their_values():
    p, q, r, n = sp.symbols("p q r n", real=True)
    equations = [
        sp.Eq(p * q, x - y**2, evaluate=False),
        sp.Eq(r**2, x**2 + q**2, evaluate=False),
        sp.Eq(n, 1 - p, evaluate=False),
        sp.Le(x, y),
    ]
    found = determined(equations)
    assert [(one.symbol, one.power) for one in found] == [(p, 1), (r, 2), (n, 1)]
    point = {q: Fraction(3), x: Fraction(4), y: Fraction(1), p: Fraction(0)}
    assert [one.at(point) for one in found[:2]] == [Fraction(1), Fraction(5)]
    assert found[1].at({**point, x: Fraction(3)}) is None  # √18 is irrational
    assert found[1].at({**point, x: Fraction(-4)}) == 5
    assert determined([sp.Eq(p, x, evaluate=False)], kept=[p, x]) == []
    assert determined([sp.Eq(p, sp.exp(x), evaluate=False)])[0].at(point) is None


def test_a_witness_satisfies_an_equation_that_no_point_at_random_does():
    slope, height = sp.symbols("slope height", real=True)
    given = [sp.Eq(slope * 7 + height / 13, x**3 + y, evaluate=False), sp.Le(sp.Abs(slope), 1)]
    found = falsifying_point(sp.Lt(slope, 1, evaluate=False), {x: (2, 5), y: (2, 3)}, given)
    assert found is not None
