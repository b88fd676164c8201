from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from verify import PaperError, load_results, results_document, run, select, write_results
from verify.results import SCHEMA_FILE, ResultsError

TOY = """
def mutant(name, verdict, witness):
    return Mutant(name, "about", "1 = 2", lambda context: Evidence(verdict, "symbolic", "said"), lambda: witness)

paper.checked("base", Check("symbolic", lambda context: Evidence(Verdict.PROVED, "symbolic", "exact")))
paper.checked(
    "a",
    Check("symbolic", lambda context: Evidence(Verdict.PROVED, "symbolic", "exact", {"n": 3})),
    Check("simulation", lambda context: Evidence(Verdict.SUPPORTED, "simulation", "close", {
        "table": {"columns": ["m", "T"], "rows": [[100, 1.5]]},
        "figure": [{"title": "P", "series": [{"label": "x", "x": [0, 1], "y": [0, 1], "style": "line"}]}]})),
    title="Both", where="Section 1", statement="x = x", hypotheses=("it rains",), uses=("base",), basis="derived",
    mutants=[mutant("m1", Verdict.REFUTED, "false at 0"), mutant("m2", Verdict.UNDECIDED, None)])
paper.checked("b", Check("search", lambda context: Evidence(Verdict.UNDECIDED, "search", "open", {"x": float("nan")})))
paper.checked("c", Check("search", lambda context: 1 / 0))
"""


@pytest.fixture
def document(toy: Callable[..., Path]) -> dict[str, Any]:
    selection = select([str(toy(TOY))])
    results = run(selection, seed=5)
    return results_document(results, [selection[0].paper], effort="quick", seed=5)


@pytest.fixture
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


def test_a_document_follows_the_schema(document: dict[str, Any], schema: dict[str, Any]) -> None:
    jsonschema.validate(document, schema)


def test_a_document_says_it_all(document: dict[str, Any]) -> None:
    assert (document["schema"], document["effort"], document["seed"]) == ("lemmata/results/1", "quick", 5)
    assert document["papers"] == [{"name": "toys", "title": "Toys", "reference": "A. Nobody"}]
    assert document["summary"] == {"PROVED": 2, "SUPPORTED": 0, "REFUTED": 0, "UNDECIDED": 1, "ERROR": 1}
    assert document["mutants"] == {"killed": 1, "with_witness": 1, "total": 2}
    claim = {one["id"]: one for one in document["claims"]}["toys.a"]
    expected = {
        "paper": "toys",
        "title": "Both",
        "where": "Section 1",
        "statement": "x = x",
        "hypotheses": ["it rains"],
        "uses": ["toys.base"],
        "basis": "derived",
        "verdict": "PROVED",
        "method": "symbolic",
        "settled": True,
        "expected": "PROVED",
        "as_expected": True,
        "detail": "exact",
        "source": "toys.py",
        "cached": None,
    }
    assert {key: claim[key] for key in expected} == expected
    assert [one["method"] for one in claim["evidence"]] == ["symbolic", "simulation"]
    assert claim["evidence"][0]["data"] == {"n": 3}
    assert [(one["mutant"], one["killed"], one["witness"]) for one in claim["mutants"]] == [
        ("m1", True, "false at 0"),
        ("m2", False, None),
    ]


def test_written_and_read_again_it_is_the_same(document: dict[str, Any], tmp_path: Path) -> None:
    path = write_results(document, tmp_path / "results.json")
    assert load_results(path) == document
    assert [one.name for one in tmp_path.iterdir() if "results" in one.name] == ["results.json"]


def test_no_path_of_the_machine_is_in_it(document: dict[str, Any], tmp_path: Path) -> None:
    assert str(tmp_path) not in json.dumps(document)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON.*line 1"),
        ("[]", "does not say so"),
        ('{"schema": 3}', "does not say so"),
        ('{"schema": "other/1"}', "does not say so"),
        ('{"schema": "lemmata/results/0"}', "this version reads lemmata/results/1: run verify again"),
        ('{"schema": "lemmata/results/1"}', "damaged: the document has no"),
        ('{"x": NaN}', "number NaN"),
        ('{"schema": "lemmata/results/1", "effort": "\\ud800"}', "half a character"),
        ("[" * 100_000, "not a results file"),
    ],
)
def test_another_file_is_told_apart_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(ResultsError, match=said) as caught:
        load_results(path)
    assert "\n" not in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, said in (("none", "no results file"), ("binary", "not text"), (".", "folder")):
        with pytest.raises(PaperError, match=said):
            load_results(tmp_path / name)


def _alter(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({("verdict",): "SUPPORTED", ("expected",): "SUPPORTED"}, "which its evidence does not say"),
        ({("method",): "smt"}, "which its evidence does not say"),
        ({("evidence", 0, "verdict"): "REFUTED"}, "which its evidence does not say"),
        ({("as_expected",): False}, "against its own verdict"),
        ({("mutants", 0, "verdict"): "PROVED"}, "is killed by PROVED"),
        ({("mutants", 0, "killed"): False}, "negative controls"),
        ({("id",): "toys.base"}, "twice"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(
    document: dict[str, Any], tmp_path: Path, changes: dict[tuple[Any, ...], Any], said: str
) -> None:
    claim = next(one for one in document["claims"] if one["id"] == "toys.a")
    for path, value in changes.items():
        _alter(claim, path, value)
    with pytest.raises(ResultsError, match=said):
        load_results(write_results(document, tmp_path / "results.json"))


def test_settled_and_sums_have_to_follow_from_the_claims(document: dict[str, Any], tmp_path: Path) -> None:
    for path, value, said in (
        (("claims", 2, "settled"), True, "is settled"),
        (("summary", "PROVED"), 99, "summary"),
        (("mutants", "killed"), 2, "negative controls"),
        (("seed",), -5, "seed"),
        (("seed",), 10**13, "seed"),
    ):
        changed = json.loads(json.dumps(document))
        _alter(changed, path, value)
        with pytest.raises(ResultsError, match=said):
            load_results(write_results(changed, tmp_path / "results.json"))


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document that a required key or a value stands at, `data` and free-form parts left out."""
    found = [path] if path else []
    if path and path[-1] in ("data", "machine"):
        return found
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += _places(item, (*path, key))
    return found


def test_any_damage_is_found_by_the_reader_where_the_schema_finds_it(
    document: dict[str, Any], schema: dict[str, Any], tmp_path: Path
) -> None:
    validator = jsonschema.Draft202012Validator(schema)
    path = tmp_path / "damaged.json"
    refused = 0
    for place in _places(document):
        for damage in ("absent", {"another": "kind"}, 3.5, None, "MAYBE", True):
            damaged = json.loads(json.dumps(document))
            inner = damaged
            for key in place[:-1]:
                inner = inner[key]
            if damage == "absent":
                del inner[place[-1]]
            else:
                inner[place[-1]] = damage
            if validator.is_valid(damaged):
                continue
            path.write_text(json.dumps(damaged))
            with pytest.raises(ResultsError):
                load_results(path)
            refused += 1
    assert refused > 200


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../other.py", "a/b.py", "c\\d.py", "", ".py", "a\x00.py", "a.txt"]
)
def test_results_name_no_file_in_another_folder(document: dict[str, Any], tmp_path: Path, name: str) -> None:
    document["papers"][0]["file"] = {"name": name, "sha256": "0"}
    with pytest.raises(ResultsError, match="not the bare name of a Python file"):
        load_results(write_results(document, tmp_path / "results.json"))


def test_what_rests_on_itself_is_refused(document: dict[str, Any], tmp_path: Path) -> None:
    claims = {one["id"]: one for one in document["claims"]}
    claims["toys.base"]["uses"] = ["toys.a"]
    with pytest.raises(ResultsError, match="rests on itself, or on what does"):
        load_results(write_results(document, tmp_path / "results.json"))


def test_a_number_beyond_all_floats_and_a_paper_given_twice(document: dict[str, Any], tmp_path: Path) -> None:
    twice = document | {"papers": document["papers"] * 2}
    with pytest.raises(ResultsError, match="a paper is in it twice"):
        load_results(write_results(twice, tmp_path / "results.json"))
    document["claims"][0]["seconds"] = 10**400
    with pytest.raises(ResultsError, match="seconds is not a number that"):
        load_results(write_results(document, tmp_path / "results.json"))
