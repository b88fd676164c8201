"""How statements are printed from what is compared."""

from __future__ import annotations

import pytest
import sympy as sp

from verify import stating
from verify.paper import Paper

P, Q, Y, g, k = sp.symbols("P Q Y g k", real=True)
z = sp.Symbol("z", positive=True)


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (-Y + g, "g - Y"),
        (2 * Q * (1 - P), r"2 Q \left(1 - P\right)"),
        (k * (g - Y) ** 2, r"k \left(g - Y\right)^{2}"),
        (-P - Q, "- P - Q"),
        (sp.Abs(P), r"\left|P\right|"),
    ],
)
def test_expressions_are_written_as_a_person_does(expr: sp.Expr, latex: str) -> None:
    assert stating.expression_latex(expr) == latex


def test_parts_that_are_no_relations_stand_in_brackets() -> None:
    both = sp.And(sp.Implies(P > 0, Q > 0), sp.Implies(Q > 0, P > 0), evaluate=False)
    assert stating.expression_latex(both).count(r"\left(") == 2


def test_names_stand_for_subexpressions() -> None:
    assert stating.expression_latex(3 * (P + Q) ** 2, {P + Q: "S"}) == "3 S^{2}"


def test_a_named_equation_prints_its_right_side() -> None:
    paper = Paper("On toys")
    claim = paper.identity("a", P**2, lambda: P * P, statement=stating.named(r"\dot P"))
    assert claim.printed
    assert claim.statement_text() == r"\dot P = P^{2}"
    of_one = stating.named("A", only="d = 2")
    sides = {"d = 1": P, "d = 2": Q}
    assert of_one(sides, sides) == "A = Q"
    assert stating.named("=")(P, Q) == "P = Q"
    with pytest.raises(ValueError, match="1 names for 2 components"):
        stating.named("A")(sides, sides)


def test_a_named_inequality_prints_its_conditions() -> None:
    paper = Paper("On toys")
    claim = paper.inequality(
        "a",
        sp.Le(P, Q, evaluate=False),
        over={P: (0, 1), Q: (1, None)},
        assuming=(sp.Ge(z, 2, evaluate=False),),
        statement=stating.implication({Q: "S"}, after=r"\text{ here}"),
    )
    assert claim.printed
    assert claim.statement_text() == (
        r"P \in [0, 1],\; S \ge 1,\; z \geq 2 \;\Longrightarrow\; P \leq S\text{ here} \quad (z > 0)"
    )


def test_what_is_long_has_several_lines() -> None:
    a, b = sp.symbols("a b", real=True)
    long = sp.Le(sum(a**i for i in range(40)), b, evaluate=False)
    text = stating.implication()(sp.And(long, sp.Ge(b, 2, evaluate=False), evaluate=False), {}, [sp.Le(a, 1)])
    assert text.startswith(r"\begin{aligned} & a \leq 1 \;\Longrightarrow \\ & ")
    assert text.count(r"\\ &") == 2
    assert stating.named("x &= y")(P, Q) == r"\begin{aligned} x &= y \\ &= Q \end{aligned}"


def test_many_conditions_have_several_lines_and_none_is_lost() -> None:
    names = [sp.Symbol(f"long_{i}", real=True) for i in range(30)]
    for count in (3, 12, 16, 20, 30):
        text = stating.implication()(
            sp.Le(P, Q, evaluate=False), {}, [sp.Le(one, 1) for one in names[:count]]
        )
        assert text.count(r"\leq 1") == count
        assert text.count(r"\Longrightarrow") == 1
        assert text.index(r"\Longrightarrow") > text.index(f"long_{{{count - 1}}}")
    assert text.count(r"\\ &") >= 3


def test_a_finite_set_is_printed_as_one() -> None:
    over = {z: sp.FiniteSet(sp.Rational(1, 2), 3), P: sp.Interval(0, 1)}
    text = stating.implication()(sp.Le(P, Q, evaluate=False), over, ())
    assert text.startswith(
        r"z \in \left\{\frac{1}{2}, 3\right\},\; P \in \left[0, 1\right] \;\Longrightarrow"
    )
    assert "z > 0" not in text, "the set says it"
    n = sp.Symbol("n", positive=True, integer=True)
    for values, said in ((sp.Range(1, 5), False), (sp.FiniteSet(sp.Rational(1, 2)), True), ((1, 4), True)):
        whole = stating.implication()(sp.Le(P, n, evaluate=False), {n: values}, ())
        assert (r"\mathbb{Z}" in whole) == said, "the set of whole numbers says it"


def test_a_norm_needs_no_brackets_under_a_power() -> None:
    for name, bare in (
        (r"\lVert w^{(1)}\rVert", True),
        (r"\lVert w^{(1)}\rVert + \lVert a\rVert", False),
        ("w^{(1)}", False),
    ):
        text = stating.expression_latex(P**2, {P: name})
        assert text == (f"{name}^{{2}}" if bare else rf"\left({name}\right)^{{2}}")


def test_a_norm_and_a_root_need_no_sign() -> None:
    size = sp.Symbol("N", nonnegative=True)
    for name, said in (
        (r"\lVert w\rVert", False),
        (r"\sqrt{Q}", False),
        (r"\left|u\right|", False),
        ("N", True),
    ):
        assert (r"\ge 0" in stating.implication({size: name})(sp.Le(P, size, evaluate=False), {}, ())) == said


def test_a_changed_relation_is_printed_like_the_statement() -> None:
    paper = Paper("On toys")
    claim = paper.inequality(
        "a", sp.Le(P, Q, evaluate=False), assuming=[sp.Le(P, Q)], statement=stating.implication({Q: "S"})
    )
    assert "P < S" in [mutant.statement for mutant in claim.mutants()]
    by_hand = paper.inequality("b", sp.Le(P, Q, evaluate=False), assuming=[sp.Le(P, Q)], statement="x")
    assert "P < Q" in [mutant.statement for mutant in by_hand.mutants()]


def test_texts_and_functions_that_take_nothing_are_by_hand() -> None:
    paper = Paper("On toys")
    assert paper.identity("a", P, P).printed
    assert not paper.identity("b", P, P, statement="P = P").printed
    assert not paper.identity("c", P, P, statement=lambda: "P = P").printed
    assert not paper.inequality("d", sp.Le(P, Q, evaluate=False), statement="x").printed
    assert paper.inequality("e", sp.Le(P, Q, evaluate=False)).printed
