"""The maps of the two papers of which the abstract was read: each of its assertions has an entry, and what has no claim
says why.

The lists are the abstracts, assertion by assertion, written down apart from the maps.
"""

from __future__ import annotations

import re

import pytest

from verify.evidence import Verdict
from verify.load import BUILT_IN, PaperSource
from verify.paper import Paper
from verify.report.mathml import prose, statement
from verify.report.text_runs import understood

#: The number of a sentence of the abstract, and the entry of each assertion in it.
ASSERTED = {
    "sharpness": (
        (1, "abs.study"),
        (2, "abs.measure"),
        (2, "abs.regimes"),
        (2, "abs.transient"),
        (2, "abs.saturation"),
        (2, "abs.sharpening"),
        (2, "abs.edge"),
        (3, "abs.diagram"),
        (3, "abs.diagram.saturation"),
        (4, "abs.critical"),
        (5, "abs.reduction"),
        (5, "abs.reduction.depth"),
        (5, "abs.reduction.width"),
    ),
    "spikes": (
        (1, "abs.mechanism"),
        (2, "abs.llas"),
        (2, "abs.onset"),
        (2, "abs.growth"),
        (3, "abs.flat"),
        (4, "abs.frequency"),
        (5, "abs.direction"),
        (5, "abs.principle"),
        (6, "abs.link"),
        (7, "abs.sharpness"),
        (7, "abs.generalisation"),
        (8, "abs.condensation"),
        (8, "abs.alignment"),
        (9, "abs.correlation"),
        (10, "abs.outlook"),
    ),
}

#: The words of the abstract that an assertion needs.
DEFINED = {
    "sharpness": "network sharpness c c_loss c_sharp c_max c_barrier c_crit phases regimes",
    "spikes": "network spike lambda llas low condensation generalisation rule",
}

#: An outlook.
WITHOUT_A_CLAIM: dict[str, set[str]] = {"sharpness": set(), "spikes": {"abs.outlook"}}

PAPERS = [PaperSource.built_in(name).load() for name in BUILT_IN if name in ASSERTED]
each = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)


def test_both_are_built_in() -> None:
    assert sorted(paper.name for paper in PAPERS) == sorted(ASSERTED)


@each
def test_each_assertion_of_the_abstract_has_its_entry_and_no_other_has(paper: Paper) -> None:
    asserted = [entry for entry in paper.entries if entry.number.startswith("Abstract ")]
    found = [(int(re.findall(r"\d+", entry.number)[0]), entry.id) for entry in asserted]
    assert found == list(ASSERTED[paper.name])
    assert [entry.id for entry in paper.entries if entry.id.startswith("abs.")] == [id for _, id in found]


@each
def test_what_the_abstract_asserts_is_from_its_words(paper: Paper) -> None:
    assert {entry.basis for entry in paper.entries if entry.number.startswith("Abstract ")} == {"text"}


@each
def test_each_word_that_an_assertion_needs_is_defined(paper: Paper) -> None:
    defined = [entry for entry in paper.entries if entry.number.startswith("Definition ")]
    assert [entry.id for entry in defined] == [f"def.{word}" for word in DEFINED[paper.name].split()]
    assert {entry.kind for entry in defined} == {"definition"}
    used = {id for entry in paper.entries for id in entry.rests_on}
    assert {entry.id for entry in defined} <= used


@each
def test_every_entry_has_a_claim_or_says_why_not(paper: Paper) -> None:
    assert {entry.id for entry in paper.entries if not entry.claims} == WITHOUT_A_CLAIM[paper.name]


@each
def test_every_claim_is_somewhere_in_the_map(paper: Paper) -> None:
    shown = {claim for entry in paper.entries for claim in entry.claims}
    assert [claim.id for claim in paper if claim.id not in shown] == []


@each
def test_no_claim_is_named_twice_in_a_file(paper: Paper) -> None:
    """An entry that names what joins it by its id, or names it twice, would have to be kept in step by hand."""
    for entry in paper.entries:
        assert len(entry.claims) == len(set(entry.claims)), entry.id


@each
def test_a_claim_from_the_abstract_is_under_an_assertion_of_it(paper: Paper) -> None:
    """What is given out as the abstract's own words can be found from the abstract."""
    under = {c for entry in paper.entries if entry.number.startswith("Abstract ") for c in entry.claims}
    assert [claim.id for claim in paper if claim.basis == "text" and claim.id not in under] == []


@each
def test_a_refuted_reading_is_told_of_where_it_is_named(paper: Paper) -> None:
    """The sentence of an assertion that has a refuted claim says what does not hold."""
    refuted = {claim.id for claim in paper if claim.expected_at("deep") is Verdict.REFUTED}
    for entry in paper.entries:
        if entry.number.startswith("Abstract ") and refuted.intersection(entry.claims):
            assert re.search(r"\b(not|false|refuted)\b", entry.reach), entry.id


@each
def test_no_number_is_given_twice(paper: Paper) -> None:
    numbers = [entry.number for entry in paper.entries]
    assert len(numbers) == len(set(numbers))


@each
def test_statements_and_sentences_can_be_drawn(paper: Paper) -> None:
    for entry in paper.entries:
        assert "<math" in statement(entry.statement), entry.id
        assert "$" not in prose(entry.reach), entry.id
        assert all(understood(formula) for formula in re.findall(r"\$([^$]+)\$", entry.reach)), entry.id
