"""The map of the multi-stage paper: each of its numbers is there, and what has no claim says why."""

from __future__ import annotations

from verify.papers.multistage import paper
from verify.report.mathml import prose, statement

NUMBERED = (
    *(f"eq{i}" for i in range(1, 70)),
    *(f"lem{i}" for i in range(1, 4)),
    *(f"prop{i}" for i in range(1, 9)),
    *(f"thm{i}" for i in range(1, 5)),
    *(f"thm{i}.informal" for i in range(1, 5)),
    *(f"cor{i}" for i in range(1, 5)),
    *(f"rem{i}" for i in range(1, 10)),
    *(f"asm{i}" for i in range(1, 4)),
    *(f"fig{i}" for i in range(1, 4)),
    *("tab1", "tab2", "def1", "sec5.2", "sec6.2", "sec6.3", "appD"),
    *(f"b{i}" for i in range(1, 5)),
    "gd",
    "risk",
)

#: Two remarks whose text has not reached us, and a list of names.
WITHOUT_A_CLAIM = {"rem6", "rem8", "tab2"}


def test_no_number_is_missing_and_none_is_invented() -> None:
    assert sorted(entry.id for entry in paper.entries) == sorted(NUMBERED)


def test_an_entry_is_printed_with_its_number() -> None:
    by_id = {entry.id: entry for entry in paper.entries}
    assert all(by_id[f"eq{i}"].number == f"({i})" for i in range(1, 70))
    assert all(by_id[f"lem{i}"].number == f"Lemma {i}" for i in range(1, 4))
    assert all(by_id[f"prop{i}"].number == f"Proposition {i}" for i in range(1, 9))
    assert all(by_id[f"thm{i}"].number == f"Theorem {i}" for i in range(1, 5))


def test_every_entry_has_a_claim_or_says_why_not() -> None:
    assert {entry.id for entry in paper.entries if not entry.claims} == WITHOUT_A_CLAIM


def test_every_claim_is_somewhere_in_the_map() -> None:
    shown = {claim for entry in paper.entries for claim in entry.claims}
    assert [claim.id for claim in paper if claim.id not in shown] == []


def test_statements_and_sentences_can_be_drawn() -> None:
    for entry in paper.entries:
        assert "<math" in statement(entry.statement), entry.id
        assert "$" not in prose(entry.reach), entry.id
