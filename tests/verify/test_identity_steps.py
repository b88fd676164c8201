"""A decided identity tells its steps: what was derived, the two sides, the decision, the second route."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory import Derivation, P
from verify.checks import symbolic
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.report.mathml import math

x, y = sp.symbols("x y", real=True)


def evidence(lhs: Any, rhs: Any) -> Evidence:
    return symbolic.identity(lhs, rhs).run(Context("quick", 0, lambda _: None))


def steps(lhs: Any, rhs: Any) -> list[dict[str, str]]:
    found = evidence(lhs, rhs)
    assert found.verdict is Verdict.PROVED
    told: Any = found.data["derivation"]
    return list(told)


def test_both_sides_are_shown_as_they_are() -> None:
    told = steps((x + y) ** 2, x**2 + 2 * x * y + y**2)
    assert told[0] == {"text": "Left-hand side.", "latex": r"\left(x + y\right)^{2}", "compared": True}
    assert told[1]["text"] == "Right-hand side, as it is stated."
    assert told[1]["latex"] == "x^{2} + 2 x y + y^{2}"
    assert "is 0 in the polynomial functions" in told[2]["text"]
    assert "3 evaluations at exact points agree" in told[3]["text"]
    # There is no sum over neurons in it.
    assert "network" not in told[3]["text"]
    assert "neurons" not in told[3]["text"]
    assert "x = " in told[3]["text"]
    assert "y = " in told[3]["text"]


def test_sides_of_one_form_are_shown_once() -> None:
    assert steps(x + y, y + x)[0]["text"] == "Both sides, which come out in the same form."


def test_of_many_components_the_first_are_shown_and_the_others_named() -> None:
    sides = {f"c{i}": (x + i) ** 2 for i in range(1, 11)}
    told = steps(sides, {name: sp.expand(side) for name, side in sides.items()})
    assert [one["text"] for one in told[:16]] == [
        f"{side} of the component `c{i}`{rest}."
        for i in range(1, 9)
        for side, rest in (("Left-hand side", ""), ("Right-hand side", ", as it is stated"))
    ]
    assert told[16]["text"] == "Compared in the same way, and not printed here: `c9`, `c10`."
    assert told[17]["text"].startswith("Each difference of two sides")


def test_of_several_dimensions_one_is_shown_whole_and_the_others_named() -> None:
    sides = {f"d = {d}: {name}": (x + d) ** i for d in (1, 2, 3) for i, name in ((2, "a"), (3, "w"))}
    told = steps(sides, {name: sp.expand(side) for name, side in sides.items()})
    assert [one["latex"] for one in told if one.get("compared") and "Left" in one["text"]] == [
        r"\left(x + 2\right)^{2}",
        r"\left(x + 2\right)^{3}",
    ]
    assert told[4]["text"].endswith("not printed here: `d = 1: a`, `d = 1: w`, `d = 3: a`, `d = 3: w`.")


def test_what_symbols_assume_is_told() -> None:
    p = sp.Symbol("p", positive=True)
    told = steps(sp.sqrt(p**2 * (x + 1) ** 2), p * sp.Abs(x + 1))
    assert {"text": "What the symbols assume.", "latex": "p > 0"} in told


def test_what_is_too_long_is_said_and_not_printed() -> None:
    long = sum(x**i * y ** (2 * i) for i in range(200))
    told = steps(long, long)
    assert "too long to print" in told[0]["text"]
    assert "latex" not in told[0]


def test_a_derived_side_tells_where_it_comes_from() -> None:
    derivation = Derivation(1)
    told = steps(lambda: derivation.logistic[P], 2 * P * (1 - P))
    texts = [one["text"] for one in told]
    assert "two-layer network" in texts[0]
    assert [i for i, text in enumerate(texts) if "(19)" in text] == [len(texts) - 5]
    assert texts[-4] == "Left-hand side, as it was derived."
    assert all("(here for $d = 1$)" in text for text in texts[:-4])
    # Asked for a second time nothing is derived anew, and the same is told.
    assert steps(lambda: derivation.logistic[P], 2 * P * (1 - P)) == told


def test_formulas_of_all_steps_can_be_set() -> None:
    derivation = Derivation(2)
    told = steps(lambda: list(derivation.reduced.components), lambda: list(derivation.reduced.components))
    printed = [one["latex"] for one in told if one.get("latex")]
    assert len(printed) >= 6
    assert all(math(latex, display=True).startswith("<math ") for latex in printed)


def test_what_is_false_has_a_point_and_the_sides_that_were_compared() -> None:
    found = evidence(x, x + 1)
    assert found.verdict is Verdict.REFUTED
    assert [one["latex"] for one in found.data["derivation"]] == ["x", "x + 1"]
