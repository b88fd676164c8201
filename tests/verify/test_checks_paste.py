"""A counterexample as code that makes it again."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.checks import search
from verify.checks.paste import pasted
from verify.context import Context
from verify.evidence import Verdict
from verify.strategies import networks, rationals


@dataclass(frozen=True)
class Hidden:
    seen: int
    secret: int = field(repr=False)


class Colour(enum.Enum):
    RED = 1


def made(code: str) -> object:
    namespace: dict[str, object] = {}
    exec(code, namespace)
    return namespace["case"]


@given(networks(None, 2, width=(1, 2)))
def test_what_is_pasted_makes_the_same_value(network):
    assert made(pasted(network)) == network


def test_containers_and_plain_values():
    case = [(Fraction(-1, 2), 3, "it's"), {"x": {1.5}, None: True}]
    code = pasted(case)
    assert code.startswith("from fractions import Fraction\n\ncase = ")
    assert made(code) == case


@pytest.mark.parametrize(
    "value", [float("nan"), Colour.RED, object(), Hidden(1, 2), lambda: 0, [float("inf")]]
)
def test_what_cannot_be_written_is_left_out(value):
    assert pasted(value) == ""


def test_a_refutation_has_its_case_as_code():
    check = search.property(rationals(6), lambda value: value < 3)
    found = check.run(Context())
    assert found.verdict is Verdict.REFUTED
    assert made(found.data["code"]) == Fraction(3)


def test_a_search_climbs_towards_a_violation():
    # One number in 50 000 fails, in the middle of nowhere.
    numbers = st.integers(0, 10**9)
    place = 314_159_265

    def holds(case):
        return abs(case - place) > 10_000

    cases = {"quick": 1_000}
    plain = search.property(numbers, holds, cases=cases).run(Context())
    climbing = search.property(numbers, holds, cases=cases, towards=lambda case: -abs(case - place)).run(
        Context()
    )
    assert plain.verdict is Verdict.SUPPORTED
    assert climbing.verdict is Verdict.REFUTED


def test_how_close_it_came_is_said():
    found = search.property(rationals(4), lambda value: value <= 4, towards=float).run(Context())
    assert found.verdict is Verdict.SUPPORTED
    assert (found.data["closest"], found.data["closest_case"]) == (4.0, "Fraction(4, 1)")
    assert "the closest to a violation reaches 4" in found.detail
    nothing = search.property(rationals(4), lambda value: True, towards=lambda value: float("nan")).run(
        Context()
    )
    assert "closest" not in nothing.data
