"""Witnesses against inequalities with exp, sin and the like, and inequalities of a paper that enclosures check."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from theory.errors import TheoryError
from verify import Context, Paper, PaperError, Verdict
from verify.mutants import elementary
from verify.mutants.inequality import falsifying_point

x, y = sp.symbols("x y", real=True)
R = sp.Rational


def test_margins():
    at = {x: Fraction(1), y: Fraction(2)}
    assert elementary.margin(sp.exp(x) >= y, at) == pytest.approx(2.718281828459045 - 2)
    assert elementary.margin(sp.exp(x) <= y, at) == pytest.approx(2 - 2.718281828459045)
    assert elementary.margin(sp.And(sp.exp(x) >= y, sp.pi * x > 3), at) == pytest.approx(0.14159265358979)
    assert elementary.approximate(sp.atan(x) * 4, at) == "3.1415927"


def test_doubt_is_no_margin():
    at = {x: Fraction(1), y: Fraction(-1)}
    assert elementary.margin(sp.Ge(sp.sin(x) ** 2 + sp.cos(x) ** 2, x, evaluate=False), at) == 0
    assert elementary.margin(sp.log(y) <= 1, at) == 0  # not real
    assert elementary.margin(sp.Lt(1 / (x + y), 5), at) == 0  # not finite
    with pytest.raises(TheoryError):
        elementary.margin(sp.Eq(sp.sin(x), y), at)
    with pytest.raises(TheoryError):
        elementary.margin(sp.besselj(0, x) < 5, at)


def test_a_witness_is_in_the_box_and_in_the_conditions():
    found = falsifying_point(sp.exp(x) < 2, {x: (0, 1)}, (sp.sin(x) > R(1, 2),))
    assert found is not None
    assert "left side is 2." in found
    assert falsifying_point(sp.exp(x) < 3, {x: (0, 1)}) is None


def test_an_inequality_of_a_paper_by_enclosure():
    paper = Paper("toys")
    claim = paper.inequality("a", sp.exp(x) >= 1 + x, over={x: (R(1, 10), 3)}, by="enclosure")
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    for mutant in claim.mutants():
        verdict, witness = mutant.run(Context()).verdict, mutant.witness()
        # Strictly, it is still true on this box: not shown false, and not refuted.
        assert (verdict is Verdict.REFUTED) is (witness is not None) is (mutant.name != "strict")


def test_a_method_that_there_is_not():
    with pytest.raises(PaperError, match="smt or by enclosure"):
        Paper("toys").inequality("a", x**2 >= 0, by="magic")
