"""The map of a paper: how it is read, what it refuses, and where it goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from verify import PaperError, load_results, results_document, run, select, write_results
from verify.cli import main
from verify.entry import Entry, read_entries
from verify.load import load_file
from verify.results import SCHEMA_FILE, ResultsError

ABOUT = {
    "number": "(1)",
    "title": "A square",
    "kind": "claim",
    "basis": "text",
    "statement": "x = x",
    "reach": "All of it.",
}

MAPPED = """
from verify.entry import Entry

paper.checked("a", Check("symbolic", lambda context: Evidence(Verdict.PROVED, "symbolic", "exact")))
paper.checked("z", Check("symbolic", lambda context: Evidence(Verdict.PROVED, "symbolic", "exact")))
paper.map(Entry("eq1", "(1)", "A square", "claim", "text", "x = x", "All of it.", ("a",)))
paper.map(Entry("eq2", "(2)", "Again", "remark", "chosen", "y", "Nothing to check.", (), ("eq1",)))
"""


def entry(**changed: Any) -> Entry:
    return Entry(**{"id": "eq1", **ABOUT, **changed})


def write(path: Path, *tables: dict[str, Any]) -> Path:
    lines = [
        line for one in tables for line in ("[[entry]]", *(f"{k} = {json.dumps(v)}" for k, v in one.items()))
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "guess"}, "kind is one of definition"),
        ({"basis": "rumour"}, "basis is one of text"),
        ({"reach": " "}, "reach is a text"),
        ({"claims": "eq1"}, "claims is a list of ids"),
        ({"rests_on": [3]}, "rests_on is a list of ids"),
    ],
)
def test_an_entry_refuses_what_it_cannot_mean(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(PaperError, match=words):
        entry(**changed)


def test_a_file_is_read_in_its_order(tmp_path: Path) -> None:
    file = write(tmp_path / "map.toml", {"id": "b", **ABOUT}, {"id": "a", **ABOUT, "claims": ["c"]})
    assert [(one.id, one.claims) for one in read_entries([file])] == [("b", ()), ("a", ("c",))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[entry]", "map.toml is not valid TOML"),
        ("x = 1", r"has \[\[entry\]\] tables, and nothing beside"),
        ('[[entry]]\nid = "a"', r"map.toml, entry 1 \(a\) has no 'basis'"),
        ('[[entry]]\nid = "a"\nverdict = "good"', "knows no key 'verdict'"),
    ],
)
def test_a_file_that_is_no_map_is_refused_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "map.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PaperError, match=words):
        read_entries([file])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PaperError, match=r"gone\.toml cannot be read"):
        read_entries([tmp_path / "gone.toml"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('("eq1", "(1)", "t", "claim", "text", "s", "r")', "two entries with the id 'eq1'"),
        ('("eq3", "(3)", "t", "claim", "text", "s", "r", ("b",))', "names the claim 'b'"),
        ('("eq3", "(3)", "t", "claim", "text", "s", "r", (), ("eq9",))', "rests on 'eq9'"),
        ('("eq3", "(3)", "t", "claim", "text", "s", "r", (), ("eq3",))', "in a circle: eq3 → eq3"),
    ],
)
def test_a_map_names_only_what_is_there(toy: Callable[..., Path], more: str, words: str) -> None:
    file = toy(f"{MAPPED}\npaper.map(Entry{more})")
    with pytest.raises(PaperError, match=words):
        load_file(file)


def test_the_map_goes_into_the_results(toy: Callable[..., Path], tmp_path: Path) -> None:
    selection = select([str(toy(MAPPED))])
    document = results_document(run(selection, jobs=1), [selection[0].paper], effort="quick", seed=0)
    jsonschema.validate(document, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    first, second = document["papers"][0]["entries"]
    assert (first["id"], first["claims"], first["reach"]) == ("eq1", ["toys.a"], "All of it.")
    assert (second["kind"], second["claims"], second["rests_on"]) == ("remark", [], ["eq1"])
    assert load_results(write_results(document, tmp_path / "results.json")) == document
    document["papers"][0]["entries"][0]["kind"] = "guess"
    with pytest.raises(ResultsError, match=r"papers\[0\].entries\[0\].kind is 'guess'"):
        load_results(write_results(document, tmp_path / "results.json"))


def test_a_claim_with_the_id_of_an_entry_belongs_to_it(toy: Callable[..., Path]) -> None:
    own = "".join(
        f'paper.checked("{id}", Check("symbolic", lambda context: Evidence(Verdict.PROVED, "symbolic", "exact")))\n'
        for id in ("eq1.more", "eq1", "eq10")
    )
    entries = load_file(toy(MAPPED + own)).entries
    assert [entry.claims for entry in entries] == [("eq1.more", "eq1", "a"), ()]


def test_an_entry_stands_for_its_claims(toy: Callable[..., Path]) -> None:
    file = str(toy(MAPPED))
    assert [one.claim.id for one in select([file, "eq1"])] == ["a"]
    assert [one.claim.id for one in select([file, "toys.eq1", "z"])] == ["a", "z"]
    with pytest.raises(PaperError, match=r"no claim looks at toys.eq2: Nothing to check\."):
        select([file, "eq2"])


def test_a_map_is_listed(toy: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    file = str(toy(MAPPED))
    assert main(["list", file, "--entries"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown[2:]] == ["toys.eq1", "toys.eq2"]
    assert main(["list", file, "--entries", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["entries"]
    assert [(one["paper"], one["id"], one["claims"]) for one in listed] == [
        ("toys", "eq1", ["toys.a"]),
        ("toys", "eq2", []),
    ]
    assert main(["list", f"{file}", "a", "--entries"]) == 0
    assert "toys.eq2" not in capsys.readouterr().out
