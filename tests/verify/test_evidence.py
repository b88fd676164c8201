from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from verify import METHODS, Evidence, EvidenceError, Verdict
from verify.evidence import NotFinite

EMPIRICAL = {"search", "scaling", "statistical", "simulation"}


def test_only_exact_methods_can_prove() -> None:
    for method, verdict in itertools.product(METHODS, Verdict):
        if verdict is Verdict.PROVED:
            possible = method not in EMPIRICAL
        elif verdict is Verdict.SUPPORTED:
            possible = method in EMPIRICAL
        elif verdict is Verdict.REFUTED:
            possible = True
        else:
            possible = True
        if possible:
            assert Evidence(verdict, method, "found").verdict is verdict
        else:
            with pytest.raises(EvidenceError, match=f"'{method}' cannot say {verdict}"):
                Evidence(verdict, method, "found")


def test_a_text_is_no_verdict() -> None:
    with pytest.raises(EvidenceError, match="verdict"):
        Evidence("PROVED", "symbolic", "found")  # type: ignore[arg-type]


def test_an_unknown_method_and_an_empty_detail_are_refused() -> None:
    with pytest.raises(EvidenceError, match="no method 'magic'"):
        Evidence(Verdict.PROVED, "magic", "found")
    with pytest.raises(EvidenceError, match="detail"):
        Evidence(Verdict.PROVED, "symbolic", "  ")


@pytest.mark.parametrize(
    "bad", [math.nan, math.inf, np.float64("nan"), np.array([1.0, np.nan]), [{"a": (1, math.nan)}]]
)
def test_nothing_is_supported_by_a_number_that_is_not_finite(bad: object) -> None:
    with pytest.raises(NotFinite, match=r"data\.error"):
        Evidence(Verdict.SUPPORTED, "simulation", "found", {"error": bad})  # type: ignore[dict-item]
    with pytest.raises(NotFinite):
        Evidence(Verdict.PROVED, "enclosure", "found", {"error": bad})  # type: ignore[dict-item]


def test_other_verdicts_keep_such_a_number_as_text() -> None:
    found = Evidence(Verdict.UNDECIDED, "simulation", "diverged", {"errors": [math.nan, -math.inf, 1.5]})
    assert found.data == {"errors": ["nan", "-inf", 1.5]}


def test_data_are_copied_into_plain_json() -> None:
    rows = [[np.int64(1), np.float64(0.5)], (True, None)]
    found = Evidence(
        Verdict.SUPPORTED, "scaling", "found", {"rows": rows, "flag": np.bool_(True), "x": np.arange(2)}
    )
    rows.clear()
    assert found.data == {"rows": [[1, 0.5], [True, None]], "flag": True, "x": [0, 1]}
    assert [type(value) for value in found.data["rows"][0]] == [int, float]  # type: ignore[index,union-attr]


@pytest.mark.parametrize("bad", [object(), {1: 2}, {"a": 1j}, [b"x"], {1, 2}])
def test_what_json_cannot_say_is_refused(bad: object) -> None:
    with pytest.raises(EvidenceError, match=r"data\.x"):
        Evidence(Verdict.UNDECIDED, "symbolic", "found", {"x": bad})  # type: ignore[dict-item]


def test_not_confirmed_has_to_be_said_on_purpose() -> None:
    assert Evidence(Verdict.UNDECIDED, "enclosure", "too wide", {"not_confirmed": True}).not_confirmed
    assert not Evidence(Verdict.UNDECIDED, "enclosure", "too wide", {"not_confirmed": 1}).not_confirmed
    assert not Evidence(Verdict.UNDECIDED, "enclosure", "too wide").not_confirmed
    assert not Evidence(Verdict.ERROR, "enclosure", "broken", {"not_confirmed": True}).not_confirmed


def test_a_verdict_prints_as_its_name() -> None:
    assert [f"{verdict}" for verdict in Verdict] == ["PROVED", "SUPPORTED", "REFUTED", "UNDECIDED", "ERROR"]
