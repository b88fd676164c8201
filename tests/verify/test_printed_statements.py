"""A statement that is said to be printed from what is checked changes when what is checked does, and a claim that is
checked in some dimensions says in which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sympy as sp

from theory.naming import Named, names_in, title_of
from verify.checks.identity_steps import sides_steps
from verify.checks.symbolic import components
from verify.claim import Check, Claim
from verify.evidence import Verdict
from verify.load import BUILT_IN, PaperSource
from verify.mutants.expression import changes, same
from verify.stating import Printed

CLAIMS = {claim.full_id: claim for name in BUILT_IN for claim in PaperSource.built_in(name).load()}
PRINTED = [id for id, claim in CLAIMS.items() if claim.printed]
DIMENSION = re.compile(r"\bd = (\d+)")
OWN_STEPS = {"multistage.lem1.maxnorm"}
"""A claim that is expected to be refuted, by a network that its own check tells."""

LISTED = re.compile(r"\bd = (\d+(?:, \d+)*)")


def _check_of(claim: Claim) -> Check | None:
    """The check whose comparison the statement prints."""
    assert isinstance(claim.statement, Printed)
    return next((one for one in claim.checks if one.compared == claim.statement.compared), None)


def _changed(expr: sp.Expr) -> sp.Expr:
    """Another expression, one of those that negative controls are made of where there is one."""
    for listed in changes(expr).values():
        for change in listed:
            other = change.build()
            if not other.has(sp.nan, sp.zoo, sp.oo) and not same(other, expr):
                return other
    return expr + 1


def _with_one_changed(side: Any) -> list[tuple[str, Any]]:
    if isinstance(side, Mapping):
        return [(str(key), {**side, key: _changed(side[key])}) for key in side]
    if isinstance(side, Sequence):
        return [(str(i), [*side[:i], _changed(entry), *side[i + 1 :]]) for i, entry in enumerate(side)]
    return [("", _changed(side))]


TOLD = {"f", "g", "K", r"\delta"}
"""Names whose meaning is told in hypotheses where it is not printed: by (8), (9), an integral, or in words."""


def _printed_names(side: Any, only: str) -> list[Any]:
    """The names that stand in the components that are printed, those of what is told left out."""
    entries = side.items() if isinstance(side, Mapping) else [("", side)]
    named = [one for name, one in entries if isinstance(one, Named) and str(name).startswith(only)]
    found: list[Any] = []
    for one in named:
        used = [one.stated]
        for name, meaning in reversed(one.meanings):
            if any(names_in(part, name) for part in used):
                found.append(name)
                if title_of(name).rstrip("0123456789") not in TOLD:
                    used.append(meaning)
    return [name for name in dict.fromkeys(found) if title_of(name).rstrip("0123456789") not in TOLD]


def _with_meaning_changed(side: Any, head: Any) -> Any:
    if isinstance(side, Mapping):
        return {key: _with_meaning_changed(one, head) for key, one in side.items()}
    if not isinstance(side, Named):
        return side
    return Named(
        side.stated, [(name, meaning + 1 if name == head else meaning) for name, meaning in side.meanings]
    )


def _other_relations(relation: Any) -> list[Any]:
    found = sorted(relation.atoms(sp.core.relational.Relational), key=sp.default_sort_key)
    return [
        relation.xreplace({one: one.func(one.lhs, one.rhs + sp.Rational(1, 7), evaluate=False)})
        for one in found
    ]


@pytest.mark.parametrize("claim_id", PRINTED)
def test_a_printed_statement_follows_what_is_compared(claim_id: str) -> None:
    claim = CLAIMS[claim_id]
    assert isinstance(claim.statement, Printed)
    assert _check_of(claim) is not None, "the statement prints something else than a check compares"
    show, compared = claim.statement.show, claim.statement.compared()
    text = claim.statement_text()
    assert text == show(*compared)
    if len(compared) == 2:
        left, right = compared
        parts = _with_one_changed(right)
        dims = {found[1] for name, _ in parts if (found := DIMENSION.search(name))}
        for name, other in parts:
            found = DIMENSION.search(name)
            if found and found[1] != ("2" if "2" in dims else min(dims)):
                continue  # said to be printed for another dimension: see the test below
            assert show(left, other) != text, f"the component {name} does not stand in the statement"
        for head in _printed_names(right, "d = 2" if "2" in dims else ""):
            changed = show(_with_meaning_changed(left, head), _with_meaning_changed(right, head))
            assert changed != text, f"what {head} stands for does not stand in the statement"
        return
    if len(compared) == 1:
        assert show(_changed(compared[0])) != text
        return
    relation, over, assuming = compared
    for other in _other_relations(relation):
        assert show(other, over, assuming) != text
    for i, one in enumerate(assuming):
        for other in _other_relations(one):
            assert show(relation, over, [*assuming[:i], other, *assuming[i + 1 :]]) != text
    for symbol in over:
        assert show(relation, {**over, symbol: (sp.Rational(-5, 7), sp.Rational(9, 7))}, assuming) != text


@pytest.mark.parametrize("claim_id", [id for id, one in CLAIMS.items() if "symbolic" in one.methods])
def test_a_claim_that_is_checked_in_some_dimensions_says_which(claim_id: str) -> None:
    claim = CLAIMS[claim_id]
    checked: set[str] = set()
    for check in claim.checks:
        if check.compared is None or check.method != "symbolic":
            continue
        _, right = check.compared()
        if isinstance(right, Mapping):
            checked |= {found[1] for name in right if (found := DIMENSION.search(str(name)))}
    said = {dim for one in claim.hypotheses for listed in LISTED.findall(one) for dim in listed.split(", ")}
    assert checked <= said, f"checked for d = {sorted(checked)}, and the hypotheses say {sorted(said)}"
    if checked - {"2"} and claim.printed and len(checked) > 1:
        assert any("d = 2" in one or "checked for" in one for one in claim.hypotheses)


LEFT_OUT = ("left out is as small as", "left out is smaller", "left out is of second order")


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_a_title_says_when_a_step_is_left_to_the_reader(claim_id: str) -> None:
    """What the hypotheses except from the check, but for the size of what an expansion leaves out, the title tells."""
    claim = CLAIMS[claim_id]
    excepted = [
        one
        for one in claim.hypotheses
        if "not part of" in one and not any(words in " ".join(one.split()) for words in LEFT_OUT)
    ]
    if claim.expected_at("quick") is Verdict.PROVED:
        assert ("left to the reader" in claim.title) == bool(excepted), excepted or claim.title


@pytest.mark.parametrize(
    "claim_id", [id for id, one in CLAIMS.items() if one.expected_at("quick") is Verdict.PROVED]
)
def test_what_is_proved_is_not_printed_with_a_remainder_that_nobody_looked_at(claim_id: str) -> None:
    text = CLAIMS[claim_id].statement_text()
    assert not re.search(r"\\sim\b|\bO\(|\\approx|\\dots$|lowest order", text)


BY_HAND = [id for id, one in CLAIMS.items() if not one.printed and {"symbolic", "smt"} & set(one.methods)]


@pytest.mark.parametrize("claim_id", BY_HAND)
def test_what_is_compared_is_printed_beside_a_statement_by_hand(claim_id: str) -> None:
    """The right side of every component that is shown, and the relation for the solver."""
    for check in CLAIMS[claim_id].checks:
        if check.compared is None:
            assert check.method not in ("symbolic", "smt") or claim_id in OWN_STEPS
            continue
        if check.method == "symbolic":
            told: Any = sides_steps(components(*check.compared()), derived=False)
            assert any(step.get("compared") for step in told)
            long = [step["text"] for step in told if "too long" in step["text"]]
            assert all(text.startswith("Left-hand side") for text in long)
