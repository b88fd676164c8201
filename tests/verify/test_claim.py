from __future__ import annotations

import itertools
from typing import Any

import pytest

from verify import Check, Claim, Context, Evidence, PaperError, Verdict
from verify.claim import combined

P, S, R, U, E = Verdict.PROVED, Verdict.SUPPORTED, Verdict.REFUTED, Verdict.UNDECIDED, Verdict.ERROR


def found(context: Context) -> Evidence:
    return Evidence(P, "symbolic", "found")


def claim(**changes: Any) -> Claim:
    fields: dict[str, Any] = {
        "id": "eq1",
        "paper": "toys",
        "title": "One",
        "checks": (Check("symbolic", found),),
    }
    return Claim(**{**fields, **changes})


def verdict_of(*verdicts: Verdict) -> Verdict:
    return combined([(verdict, f"method{i}") for i, verdict in enumerate(verdicts)])[0]


def test_one_verdict_from_several_in_any_order() -> None:
    cases = {
        (P, S): P,
        (P, U): P,
        (S, U): S,
        (R, S): R,
        (R, U): R,
        (P, R): E,
        (E, P): E,
        (E, R): E,
        (S, S, U): S,
    }
    for verdicts, expected in cases.items():
        for order in itertools.permutations(verdicts):
            assert verdict_of(*order) is expected, order


def test_the_method_is_that_of_the_verdict_and_a_contradiction_names_both() -> None:
    assert combined([(S, "search"), (P, "smt"), (P, "symbolic")])[1] == "smt"
    verdict, _, remark = combined([(P, "symbolic"), (R, "simulation")])
    assert verdict is E
    assert remark is not None
    assert "symbolic says PROVED" in remark
    assert "simulation says REFUTED" in remark


def test_no_evidence_is_an_error() -> None:
    assert verdict_of() is E


def test_an_expectation_holds_on_until_another_is_given() -> None:
    one = claim(expected={"quick": U, "deep": P}, expected_reason="too large to do quickly")
    assert [one.expected_at(effort) for effort in ("quick", "standard", "deep")] == [U, U, P]
    assert claim(expected="PROVED").expected_at("deep") is P


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "eq 1"}, "not a claim id"),
        ({"id": ".eq"}, "not a claim id"),
        ({"id": ""}, "not a claim id"),
        ({"id": "../eq"}, "not a claim id"),
        ({"checks": ()}, "at least one Check"),
        ({"checks": (found,)}, "at least one Check"),
        ({"basis": "guess"}, "basis"),
        ({"uses": "eq2"}, "not one text"),
        ({"expected": "MAYBE"}, "'MAYBE' is not a verdict"),
        ({"expected": E}, "never be expected"),
        ({"expected": {"standard": P}}, "'quick'"),
        ({"expected": {"quick": P, "slow": P}}, "efforts"),
        ({"expected": U}, "say why"),
        ({"expected": R, "expected_reason": " "}, "say why"),
    ],
)
def test_a_bad_argument_is_one_sentence(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PaperError, match=said):
        claim(**changes)


def test_ids_of_the_paper() -> None:
    for id in ("eq7", "thm2.i", "sec6.2", "b1", "a-b_c"):
        assert claim(id=id).full_id == f"toys.{id}"


def test_a_statement_is_derived_only_when_asked_for() -> None:
    calls: list[int] = []

    def derived() -> str:
        calls.append(1)
        return "x = x"

    one = claim(statement=derived)
    assert calls == []
    assert one.statement_text() == "x = x"


def test_a_check_names_a_method() -> None:
    with pytest.raises(PaperError, match="no method 'magic'"):
        Check("magic", found)


def test_context_chooses_by_effort() -> None:
    assert [Context(effort).by_effort(1, 2, 3) for effort in ("quick", "standard", "deep")] == [1, 2, 3]
    with pytest.raises(ValueError, match="no effort 'huge'"):
        Context("huge")
