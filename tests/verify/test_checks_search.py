"""Property-based search: what it supports, refutes, and leaves undecided."""

from __future__ import annotations

import importlib.util
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume
from hypothesis import strategies as st

from verify.checks import search
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.strategies import rationals

FEW = {"quick": 50, "standard": 100, "deep": 200}


def answer(strategy: object, predicate: object, *, seed: int = 0, **options: object) -> Evidence:
    return search.property(strategy, predicate, **({"cases": FEW} | options)).run(Context(seed=seed))


def test_a_true_property_is_supported_with_the_number_of_cases_evaluated():
    calls: list[Fraction] = []

    def square(q: Fraction) -> bool:
        calls.append(q)
        return q * q >= 0

    found = answer(rationals(), square)
    assert found.verdict is Verdict.SUPPORTED
    assert found.data["cases"] == len(calls) == 50


def test_the_number_of_cases_follows_the_effort():
    check = search.property(st.integers(), lambda k: True, cases=FEW)
    assert check.run(Context(effort="standard")).data["cases"] == 100


def test_a_false_property_is_refuted_by_the_smallest_case_to_paste_back():
    found = answer(st.integers(), lambda k: k < 17)
    assert found.verdict is Verdict.REFUTED
    assert found.data["counterexample"] == "17"
    found = answer(rationals(), lambda q: q <= 3)
    assert found.data["counterexample"] == "Fraction(4, 1)"


def test_the_seed_decides_the_cases():
    def drawn(seed: int) -> list[int]:
        calls: list[int] = []
        answer(st.integers(0, 10**9), lambda k: calls.append(k) or True, seed=seed)
        return calls

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_the_cases_do_not_depend_on_what_else_is_loaded(tmp_path, monkeypatch):
    def drawn() -> list[int]:
        calls: list[int] = []
        answer(st.integers(), lambda k: calls.append(k) or True, cases={"quick": 1000})
        return calls

    before = drawn()
    path = tmp_path / "constants_of_somebody.py"
    path.write_text("\n".join(f"C{i} = {10**6 + 7919 * i}" for i in range(300)))
    spec = importlib.util.spec_from_file_location("constants_of_somebody", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "constants_of_somebody", module)
    spec.loader.exec_module(module)
    assert drawn() == before


def test_a_confirmed_failure_refutes_and_an_unconfirmed_one_does_not():
    # In floating point 1e16 + k swallows a small k; in integers it does not.
    def rounded(k: int) -> bool:
        return (1e16 + k) - 1e16 == k

    exact = answer(st.integers(0, 3), rounded, confirm=lambda k: (10**16 + k) - 10**16 != k)
    assert exact.verdict is Verdict.UNDECIDED
    assert exact.data["unconfirmed"] in ("1", "3")
    assert not exact.not_confirmed
    assert answer(st.integers(0, 3), rounded, confirm=lambda k: True).verdict is Verdict.REFUTED


def test_an_unconfirmed_failure_does_not_hide_a_confirmed_one():
    found = answer(st.integers(0, 100), lambda k: k < 10, confirm=lambda k: k >= 40)
    assert found.verdict is Verdict.REFUTED
    assert found.data["counterexample"] == "40"


def test_an_exception_in_the_predicate_is_an_error_and_no_refutation():
    found = answer(rationals(), lambda q: 1 / q == 1 / q)
    assert found.verdict is Verdict.ERROR
    assert "ZeroDivisionError" in found.detail
    assert "Fraction(0, 1)" in found.detail


def test_an_exception_in_the_confirmation_is_an_error():
    assert answer(st.just(1), lambda k: False, confirm=lambda k: 1 / 0).verdict is Verdict.ERROR


@pytest.mark.parametrize("value", [None, float("nan"), 1, "yes", np.array([True, False]), sp.Symbol("x") > 0])
def test_an_answer_that_is_not_true_or_false_is_an_error(value):
    assert answer(st.just(1), lambda k: value).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (np.bool_(True), Verdict.SUPPORTED),
        (np.bool_(False), Verdict.REFUTED),
        (sp.true, Verdict.SUPPORTED),
        (sp.false, Verdict.REFUTED),
    ],
)
def test_truth_values_of_numpy_and_sympy_are_answers(value, verdict):
    assert answer(st.just(1), lambda k: value).verdict is verdict


def test_no_case_is_undecided():
    def impossible(k: int) -> bool:
        assume(False)
        return False

    for found in (
        answer(st.integers(), impossible),
        answer(st.integers().filter(lambda k: False), lambda k: True),
    ):
        assert found.verdict is Verdict.UNDECIDED
        assert found.data["cases"] == 0
    assert answer(st.nothing(), lambda k: True).verdict is Verdict.UNDECIDED


def test_a_case_that_hardly_ever_comes_is_undecided():
    found = answer(st.integers(0, 10**6).filter(lambda k: k % 1000 == 999), lambda k: True)
    assert found.verdict is Verdict.UNDECIDED


def test_few_possible_cases_are_counted_as_few():
    found = answer(st.sampled_from([1, 2, 3]), lambda k: k > 0)
    assert found.verdict is Verdict.SUPPORTED
    assert found.data["cases"] == 3
    assert "no more" in found.detail


def test_a_property_that_changes_its_mind_is_undecided():
    answers = iter([False] + [True] * 1000)
    assert answer(st.just(1), lambda k: next(answers)).verdict is Verdict.UNDECIDED


def test_a_predicate_that_changes_its_case_still_gives_the_case():
    def emptied(values: list[int]) -> bool:
        length = len(values)
        values.clear()
        return length < 3

    found = answer(st.lists(st.just(0)), emptied, confirm=lambda values: True)
    assert found.data["counterexample"] == "[0, 0, 0]"


def test_a_strategy_may_come_from_a_function_and_must_be_one():
    assert answer(lambda: st.integers(), lambda k: True).verdict is Verdict.SUPPORTED
    assert answer(lambda: 3, lambda k: True).verdict is Verdict.ERROR


def test_an_interruption_is_not_swallowed():
    def interrupted(k: int) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer(st.integers(), interrupted)
