"""Inequalities by enclosure: proofs, refutations at exact points, and everything that must stay undecided."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.balls.subdivision import Decision, Status
from theory.errors import InexactConstant, TheoryError
from verify.checks import enclosure
from verify.context import Context
from verify.evidence import Evidence, Verdict

x, y, z = sp.symbols("x y z", real=True)
n = sp.Symbol("n", integer=True)
p = sp.Symbol("p", positive=True)
R = sp.Rational

FORMS = ("natural", "mean-value", "centred", "best")


def answer(relation, over, assuming=(), **options) -> Evidence:
    return enclosure.inequality(relation, over, assuming, **options).run(Context())


PROVED = [
    (sp.sin(x) <= x, {x: (R(1, 100), 3)}, ()),
    (sp.exp(x) >= 1 + x, {x: (R(1, 10), 3)}, ()),
    (x * sp.exp(-x) < sp.exp(-1) + R(1, 1000), {x: (0, 10)}, ()),
    (sp.tanh(x) ** 2 <= x**2, {x: (R(1, 10), 5)}, ()),
    (sp.And(sp.cos(x) <= 1 + R(1, 100), sp.cos(x) >= -1 - R(1, 100)), {x: (-10, 10)}, ()),
    (x >= -1, {x: (-1, 3)}, ()),  # equality at a corner
    (sp.Abs(x) >= x, {x: (-1, 1)}, ()),
    (x**2 + y**2 - x * y >= -R(1, 1000), {x: (-2, 2), y: (-2, 2)}, ()),
    (sp.sin(x) * sp.cos(y) * z < 3, {x: (-4, 4), y: (-4, 4), z: (-2, 2)}, ()),
    (x + y > 0, {x: (-1, 1), y: (-1, 1)}, (x + y > R(1, 10),)),
    (1 / x >= 1, {x: (0, 1)}, (x >= R(1, 50),)),
    (p + 1 / p >= R(199, 100), {p: (R(1, 10), 10)}, ()),
    (sp.sqrt(x) * sp.log(x) > -R(3, 4), {x: (R(1, 1000), 1)}, ()),
    (sp.erf(x) < sp.pi / 3, {x: (-3, 3)}, ()),
    (x ** R(1, 3) <= 1 + R(1, 100), {x: (R(1, 8), 1)}, ()),
]


@pytest.mark.parametrize(("relation", "over", "assuming"), PROVED, ids=[str(s[0]) for s in PROVED])
def test_true_statements_are_proved(relation, over, assuming):
    found = answer(relation, over, assuming)
    assert found.verdict is Verdict.PROVED, found.detail
    assert found.data["boxes"] >= 1


@pytest.mark.parametrize(
    "relation",
    [
        sp.Gt(1 / x + 1, 1 / x, evaluate=False),
        sp.Gt(sp.log(x) + 1, sp.log(x), evaluate=False),
        sp.Gt(sp.log(x) - 1, sp.log(x), evaluate=False),
    ],
    ids=str,
)
def test_what_cancels_has_to_be_defined(relation):
    assert answer(relation, {x: (-1, 0)}, budget={"quick": 200}).verdict is not Verdict.PROVED
    if relation.has(sp.log):
        undefined = answer(relation, {x: (-1, -R(1, 2))}, budget={"quick": 200})
        assert undefined.verdict is Verdict.UNDECIDED
    there = Verdict.REFUTED if relation.lhs - relation.rhs == -1 else Verdict.PROVED
    assert answer(relation, {x: (1, 2)}).verdict is there


REFUTED = [
    (sp.exp(x) > 1 + x + x**2 / 2, {x: (-1, 3)}, ()),
    (x * sp.exp(-x) <= sp.exp(-1) - R(1, 1000), {x: (0, 10)}, ()),
    (sp.sin(x) < R(999, 1000), {x: (0, 3)}, ()),
    (x * y <= R(1, 4), {x: (0, 1), y: (0, 1)}, ()),
    (x < 1, {x: (0, 1)}, ()),  # equality at a corner
    (sp.And(x >= 0, x**2 <= R(1, 2)), {x: (0, 1)}, ()),
    (x + y > R(1, 5), {x: (-1, 1), y: (-1, 1)}, (x + y > R(1, 10),)),
    (sp.sinh(x) <= R(12, 10) * x, {x: (R(1, 2), 2)}, ()),
    (sp.tan(x) > -(10**9), {x: (1, 2)}, ()),
    (1 / x < 10**6, {x: (-1, 1)}, ()),
]


@pytest.mark.parametrize(("relation", "over", "assuming"), REFUTED, ids=[str(s[0]) for s in REFUTED])
def test_false_statements_are_refuted_at_a_point_of_their_set(relation, over, assuming):
    found = answer(relation, over, assuming)
    assert found.verdict is Verdict.REFUTED, found.detail
    at = {s: R(found.data["point"][s.name]) for s in over}
    for symbol, (low, high) in over.items():
        assert low <= at[symbol] <= high
    assert all(bool(condition.subs(at)) for condition in assuming)
    relations = relation.args if isinstance(relation, sp.And) else (relation,)
    with mpmath.mp.workdps(60):
        sides = [sp.N((r.gts - r.lts).subs(at), 50) for r in relations]
    assert any(
        side < 0 or (side == 0 and isinstance(r, sp.StrictLessThan | sp.StrictGreaterThan))
        for side, r in zip(sides, relations, strict=True)
    )


UNDECIDED = [
    (
        x * sp.exp(-x) <= sp.exp(-1),
        {x: (0, 10)},
        (),
    ),  # touches at x = 1, which is no dyadic point of the search
    (sp.sin(x) <= x, {x: (0, 3)}, ()),  # touches at 0 to third order
    (sp.Ge((x - sp.sqrt(2)) ** 2, 0, evaluate=False), {x: (1, 2)}, ()),
    (sp.sqrt(x) <= 2, {x: (-1, 1)}, ()),  # not defined on half of the box
    (sp.log(x) <= 100, {x: (0, 1)}, ()),  # not defined at an end
    (1 / x < 10**6, {x: (-1, 0)}, ()),
    (sp.atan(1 / x) < 2, {x: (-1, 1)}, ()),
    (x + y > 3, {x: (-1, 1), y: (-1, 1)}, (x + y > 5,)),  # about nothing
    (sp.Gt(sp.tan(x) ** 2, -1, evaluate=False), {x: (1, 2)}, ()),  # a pole inside
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("relation", "over", "assuming"), UNDECIDED, ids=[str(s[0]) for s in UNDECIDED])
def test_tangencies_gaps_and_empty_sets_are_undecided(relation, over, assuming, form):
    found = answer(relation, over, assuming, form=form, budget={"quick": 300})
    assert found.verdict is Verdict.UNDECIDED, found.detail


def test_an_undecided_budget_counts_as_not_confirmed():
    found = answer(sp.sin(x) <= x, {x: (0, 3)}, budget={"quick": 20})
    assert found.not_confirmed
    empty = answer(x + y > 3, {x: (-1, 1), y: (-1, 1)}, (x + y > 5,))
    assert empty.verdict is Verdict.UNDECIDED
    assert not empty.not_confirmed


@pytest.mark.parametrize("form", FORMS)
def test_every_form_proves(form):
    statement = sp.sin(x) * sp.cos(y) + x * y / 10 < R(13, 10)
    assert answer(statement, {x: (-1, 1), y: (-1, 1)}, form=form).verdict is Verdict.PROVED
    assert answer(sp.exp(x) < 1 + x, {x: (1, 2)}, form=form).verdict is Verdict.REFUTED


def test_better_forms_need_fewer_boxes():
    """x(1 − x)(1 + x²) near its maximum: the dependency that spoils the natural form is of first order."""
    most = sp.Max(
        *(s for s in sp.Poly(x * (1 - x) * (1 + x**2)).as_expr().diff(x).as_poly(x).nroots(n=30) if s.is_real)
    )
    top = R(str((x * (1 - x) * (1 + x**2)).subs(x, most).round(6))) + R(1, 10**5)
    boxes = {
        form: answer(x * (1 - x) * (1 + x**2) <= top, {x: (0, 1)}, form=form, budget={"quick": 200_000}).data[
            "boxes"
        ]
        for form in ("natural", "mean-value", "best")
    }
    assert boxes["mean-value"] < boxes["natural"] / 10
    assert boxes["best"] <= boxes["mean-value"]


@settings(max_examples=40)
@given(
    st.lists(st.fractions(-3, 3, max_denominator=4), min_size=2, max_size=5),
    st.fractions(-3, 3, max_denominator=8),
    st.sampled_from(FORMS),
)
def test_polynomials_against_sturm(coefficients, level, form):
    """p(x) < level on [−1, 1]: proved only if no point of the interval contradicts it, refuted only if one does."""
    polynomial = (
        sp.Poly([R(c.numerator, c.denominator) for c in coefficients], x).as_expr()
        + sp.Symbol("x", real=True) ** 5
    )
    difference = sp.Poly(R(level.numerator, level.denominator) - polynomial, x)
    holds = difference.count_roots(-1, 1) == 0 and difference.eval(0) > 0
    relation = sp.Lt(polynomial, R(level.numerator, level.denominator), evaluate=False)
    found = answer(relation, {x: (-1, 1)}, form=form, budget={"quick": 400})
    assert found.verdict in (
        (Verdict.PROVED, Verdict.UNDECIDED) if holds else (Verdict.REFUTED, Verdict.UNDECIDED)
    )


def test_precision_of_the_working_arithmetic_matters_and_is_safe():
    """1 − tanh(x) < 2⁻¹⁰⁰ at x = 36: not to be seen at 53 bits, and never proved or refuted wrongly."""
    assert answer(sp.tanh(x) < 1, {x: (30, 36)}, bits=53, budget={"quick": 50}).verdict is Verdict.UNDECIDED
    assert answer(sp.tanh(x) < 1, {x: (30, 36)}, bits=200).verdict is Verdict.PROVED
    third = sp.Eq(x, R(1, 3))
    assert isinstance(third, sp.Eq)
    assert answer(x * 3 <= 1, {x: (0, R(1, 3))}, bits=24).verdict is not Verdict.REFUTED


def test_what_cannot_be_stated_is_refused_at_once():
    with pytest.raises(InexactConstant, match="Rational"):
        enclosure.inequality(x < 0.1, {x: (0, 1)})
    with pytest.raises(InexactConstant):
        enclosure.inequality(x < 1, {x: (0, 0.5)})
    with pytest.raises(TheoryError, match="finite box"):
        enclosure.inequality(x < 1, {})
    with pytest.raises(TheoryError, match="finite box"):
        enclosure.inequality(x < 1, {x: (0, None)})
    with pytest.raises(TheoryError, match="finite box"):
        enclosure.inequality(x < y, {x: (0, 1)})
    with pytest.raises(TheoryError, match="empty"):
        enclosure.inequality(x < 1, {x: (1, 0)})
    with pytest.raises(TheoryError, match="integer"):
        enclosure.inequality(n < 1, {n: (0, 1)})
    with pytest.raises(TheoryError, match="not <"):
        enclosure.inequality(sp.Eq(x, 1), {x: (0, 1)})
    with pytest.raises(TheoryError, match="evaluated"):
        enclosure.inequality(sp.S(1) < 2, {})
    with pytest.raises(TheoryError, match="form"):
        enclosure.inequality(x < 1, {x: (0, 1)}, form="magic")


def test_trouble_inside_is_an_error_of_ours():
    assert answer(lambda: sp.besselj(0, x) < 2, {x: (0, 1)}).verdict is Verdict.ERROR
    assert answer(lambda: x < 0.5, {x: (0, 1)}).verdict is Verdict.ERROR


def test_a_statement_may_be_a_function():
    assert answer(lambda: sp.exp(x) > R(1, 1000), {x: (-5, 5)}).verdict is Verdict.PROVED


def test_proofs_of_ones_own():
    asked = []

    def prove(budget):
        asked.append(budget)
        return Decision(Status.UNDECIDED, budget, "nothing came of it")

    found = enclosure.proof(prove, of="a thing", budget={"quick": 5, "standard": 7}).run(Context("standard"))
    assert asked == [7]
    assert found.verdict is Verdict.UNDECIDED
    assert "nothing came of it" in found.detail
    proved = enclosure.proof(lambda budget: Decision(Status.PROVED, 3), of="a thing")
    assert proved.run(Context()).verdict is Verdict.UNDECIDED  # about nothing
    broken = enclosure.proof(lambda budget: 1 / 0, of="a thing")  # type: ignore[arg-type, return-value]
    assert broken.run(Context()).verdict is Verdict.ERROR
