"""`lemmata report --check` and the archive: what is recorded is repeated, and whatever differs is said."""

from __future__ import annotations

import copy
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from verify.cli import main
from verify.compare import compare
from verify.report import ReportError, archive
from verify.report.archive import archive_files, write_archive
from verify.results import load_results

PAPER = """\
import sympy as sp

from beside import half
from verify import Evidence, Paper, Verdict

x, y = sp.symbols("x y", real=True)
paper = Paper("A tiny paper")
paper.identity("eq1", (x + y) ** 2 - x**2 - y**2, 2 * x * y, title="The binomial")


@paper.claim("eq2", method="simulation", title="A number", uses=("eq1",))
def number(context):
    rows = [[n, half(n), 1e-9] for n in range(3)]
    table = {"columns": ["n", "n/2", "error"], "rows": rows}
    return Evidence(Verdict.SUPPORTED, "simulation", "measured", {"table": table})
"""
BESIDE = "def half(n):\n    return n / 2 + 1.0\n"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny paper and its results, made once."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "tiny.py").write_text(PAPER, encoding="utf-8")
    (folder / "beside.py").write_text(BESIDE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setenv("LEMMATA_CACHE", str(folder / "cache"))
        patched.delitem(sys.modules, "beside", raising=False)
        assert main(["verify", "tiny.py", "--out", "results", "--no-html", "--jobs", "1"]) == 0
    return folder


@pytest.fixture
def made(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, in which the test runs."""
    folder = tmp_path / "a folder"
    shutil.copytree(results, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LEMMATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.delitem(sys.modules, "beside", raising=False)
    return folder


def test_the_results_say_what_they_are_of(made: Path) -> None:
    document = json.loads((made / "results" / "results.json").read_text(encoding="utf-8"))
    (paper,) = document["papers"]
    assert paper["file"] == {
        "name": "tiny.py",
        "sha256": hashlib.sha256((made / "tiny.py").read_bytes()).hexdigest(),
    }
    assert len(paper["code"]) == 64
    assert document["controls"] is True
    assert "lemmata" in document["versions"]


def test_the_same_again_is_the_same(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--check", "results", "--jobs", "1"]) == 0
    said = capsys.readouterr()
    assert "2 claims repeated (effort quick, seed 0, numbers within 1e-06): all the same." in said.out
    # Why they are examined although the cache has them, in words that are true without an option --fresh.
    assert said.err.count("(cache not used)") == 2


def test_a_file_that_says_something_else_now_is_found_out(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (made / "tiny.py").read_text(encoding="utf-8")
    (made / "tiny.py").write_text(text.replace("2 * x * y,", "3 * x * y,"), encoding="utf-8")
    assert main(["report", "results", "tiny.py", "--check", "--json", "--jobs", "1"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert {one["claim"] for one in said["differences"]} == {"a-tiny-paper.eq1"}
    assert any("was PROVED by symbolic and is now REFUTED" in one["words"] for one in said["differences"])
    assert "the file tiny.py is not as it was" in said["circumstances"]
    assert said["status"] == 1


def test_a_file_that_has_changed_is_not_run_unless_it_is_named(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (made / "tiny.py").open("a", encoding="utf-8") as stream:
        stream.write("from pathlib import Path\nPath('it-was-run').touch()\n")
    assert main(["report", "results", "--check"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "lemmata: tiny.py is not the file that these results are of (its SHA-256 differs)"
    )
    assert len(said.err.splitlines()) == 1
    assert not Path("it-was-run").exists()


def test_what_is_missing_is_bad_input(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made / "tiny.py").rename(made.parent / "tiny.py")
    assert main(["report", "results", "--check"]) == 2
    assert "tiny.py, which is not here" in capsys.readouterr().err
    assert main(["report", "results", "--check", "--pdf", "x.pdf"]) == 2
    assert main(["report", "results", "--include", "x"]) == 2
    assert main(["report", "nowhere"]) == 2


def record(**changes: Any) -> dict[str, Any]:
    rows = [[1, 0.5, 1e-9], [2, 1.0, 2e-9]]
    data = {"table": {"columns": ["n", "value", "error"], "rows": rows}, "cases": 200, "exponent": 0.5}
    one = {
        "verdict": "SUPPORTED",
        "method": "simulation",
        "detail": "",
        "seconds": 1.0,
        "data": data,
    }
    mutant = {"mutant": "sign-1", "verdict": "REFUTED", "witness": "at 1", "killed": True}
    claim = {
        "id": "p.eq1", "statement": "a = b", "hypotheses": [], "uses": [], "expected": "SUPPORTED",
        "verdict": "SUPPORTED", "method": "simulation", "detail": "", "evidence": [one], "mutants": [mutant],
    } | changes  # fmt: skip
    return {
        "controls": True,
        "claims": [claim],
        "versions": {"numpy": "2.0"},
        "machine": {"system": "Linux"},
        "papers": [{"name": "p"}],
    }


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(record())
    place = document["claims"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


CELL = ["evidence", 0, "data", "table", "rows", 1]


@pytest.mark.parametrize(
    ("path", "value", "kinds", "status"),
    [
        (["statement"], "a = c", ["statement"], 1),
        (["title"], "Another", ["statement"], 1),
        (["expected_reason"], "because", ["statement"], 1),
        (["printed"], True, ["statement"], 1),
        (["parameters"], ["share"], ["statement"], 1),
        (["mutants", 0, "statement"], "a = d", ["control"], 1),
        (["mutants", 0, "description"], "a term dropped", ["control"], 1),
        (["evidence", 0, "detail"], "9 of 9", ["number"], 1),
        (["detail"], "9 of 9", ["number"], 1),
        (["evidence", 0, "data", "exponent"], 10**400, ["number"], 1),
        (["verdict"], "REFUTED", ["verdict"], 1),
        (["verdict"], "UNDECIDED", ["undecided"], 3),
        (["verdict"], "ERROR", ["undecided"], 3),
        (["mutants", 0, "killed"], False, ["control"], 1),
        (["mutants", 0, "witness"], None, ["control"], 1),
        (["mutants"], [], ["control"], 1),
        ([*CELL, 1], 1.0 + 1e-5, ["number"], 1),
        ([*CELL, 1], 1.0 + 1e-7, [], 0),
        ([*CELL, 0], 3, ["number"], 1),
        # An error estimate is as good as it was when it is as small beside what it is the error of.
        ([*CELL, 2], 5e-9, [], 0),
        (["evidence", 0, "data", "exponent"], 0.51, ["number"], 1),
        (["evidence", 0, "data", "exponent"], None, ["number"], 1),
        (["evidence", 0, "data", "cases"], 201, [], 0),
        (["evidence", 0, "seconds"], 9.0, [], 0),
        (["evidence"], [], ["verdict"], 1),
    ],
)
def test_each_kind_of_difference(path: list[Any], value: Any, kinds: list[str], status: int) -> None:
    comparison = compare(record(), changed(path, value))
    assert [one.kind for one in comparison.differences] == kinds
    assert comparison.status == status


def test_words_are_compared_on_the_same_machine_alone() -> None:
    other = changed(["evidence", 0, "detail"], "measured 0.49999") | {"versions": {"numpy": "2.1"}}
    comparison = compare(record(), other)
    assert comparison.status == 0
    assert comparison.circumstances == ("numpy was 2.0 and is now 2.1",)
    assert not comparison.words_compared
    assert compare(record(), record()).words_compared


def test_elsewhere_words_that_differ_in_more_than_numbers_are_named() -> None:
    def said(recorded: str, repeated: str, *path: Any) -> tuple[str, ...]:
        before, now = (changed([*path, "detail"], text) for text in (recorded, repeated))
        return compare(before, now | {"versions": {"numpy": "2.1"}}).other_words

    first = ("evidence", 0)
    assert said("q: 3 of 3 within -1.5e-07, at 1/3", "q: 4 of 4 within +2.25, at 2/71", *first) == ()
    told = said("q: 100 of 100 within 1e-30", "q: 1 of 1 within tolerance", *first)
    assert told == ("p.eq1 has other words in its evidence 1: q: 1 of 1 within tolerance",)
    told = said("q: 100 of 100 within 1e-30", "q: 1 of 1 within tolerance")
    assert told == ("p.eq1 has other words than were recorded: q: 1 of 1 within tolerance",)


def test_a_check_that_compared_no_words_does_not_say_that_all_is_the_same(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made / "results" / "results.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["versions"] = dict.fromkeys(document["versions"], "9.9")
    for claim in document["claims"]:
        claim["detail"] = claim["evidence"][0]["detail"] = "Every one of a million cases agrees."
    path.write_text(json.dumps(document), encoding="utf-8")
    assert main(["report", "results", "--check", "--jobs", "1"]) == 0
    said = capsys.readouterr().out
    assert "all the same" not in said
    assert "to be read: a-tiny-paper.eq1 has other words in its evidence 1: " in said
    assert "the same verdicts, controls and numbers; the sentences of the evidence were not compared" in said
    assert main(["report", "results", "--check", "--json", "--jobs", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["words_compared"] is False
    assert len(told["other_words"]) == 2  # two claims, each with one evidence that its own words repeat


def test_a_parameter_with_another_value_or_a_title_is_a_difference() -> None:
    parameter = {"name": "share", "value": "1/10", "changed": False}
    papers = [{"name": "p", "title": "T", "parameters": [parameter]}]
    told = [{"name": "p", "title": "U", "parameters": [parameter | {"value": "2/5"}]}]
    comparison = compare(record() | {"papers": told}, record() | {"papers": papers})
    assert [(one.claim, one.kind) for one in comparison.differences] == [("p", "statement")] * 2
    assert "share = 2/5, and was repeated with 1/10" in comparison.differences[1].words
    for key in ("symbol", "meaning", "allowed", "default"):
        told = [{"name": "p", "title": "T", "parameters": [parameter | {key: "something else"}]}]
        comparison = compare(record() | {"papers": told}, record() | {"papers": papers})
        assert [one.kind for one in comparison.differences] == ["statement"], key


def test_a_claim_that_is_gone_and_other_circumstances() -> None:
    other = record() | {"claims": [], "versions": {"numpy": "2.1"}, "machine": {"system": "Darwin"}}
    comparison = compare(record(), other)
    assert [one.kind for one in comparison.differences] == ["claim"]
    assert set(comparison.circumstances) == {
        "numpy was 2.0 and is now 2.1",
        "the machine's system was Linux and is now Darwin",
    }


def test_an_archive_can_be_unpacked_checked_and_repeated(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (made / "numbers.csv").write_text("1,2\n", encoding="utf-8")
    arguments = ["report", "results", "--archive", "tiny supplement.zip", "--include", "numbers.csv"]
    assert main(arguments) == 0
    first = (made / "tiny supplement.zip").read_bytes()
    assert main([*arguments[:3], "again/tiny supplement.zip", *arguments[4:]]) == 0
    assert (made / "again" / "tiny supplement.zip").read_bytes() == first

    with zipfile.ZipFile(made / "tiny supplement.zip") as zipped:
        zipped.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    sums = dict(
        reversed(line.split("  ", 1))
        for line in (folder / archive.CHECKSUMS).read_text(encoding="utf-8").splitlines()
    )
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*sums, archive.CHECKSUMS}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert {
        "README.md", "repeat.sh", "requirements.lock", "results.json", "supplement.pdf", "latex/main.tex",
        "site/index.html", "claims/tiny.py", "claims/beside.py", "claims/numbers.csv", "lemmata/verify/cli.py",
        "lemmata/theory/__init__.py", "lemmata/numerics/network.py", "lemmata/pyproject.toml",
    } <= there  # fmt: skip
    assert not any("__pycache__" in name for name in there)
    lock = (folder / "requirements.lock").read_text(encoding="utf-8")
    assert "sympy==" in lock
    assert "--hash=sha256:" in lock
    assert "pytest==" not in lock

    capsys.readouterr()
    done = repeated(folder, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 claims repeated" in done.stdout
    assert "all the same" in done.stdout
    assert "not as it was" not in done.stderr
    (folder / "README.md").write_text("another", encoding="utf-8")
    done = repeated(folder, tmp_path)
    assert done.returncode == 1, done.stderr
    assert "not as it was put into the archive: README.md: FAILED" in done.stderr
    beside = folder / "claims" / "beside.py"
    beside.write_text(BESIDE.replace("1.0", "1.5"), encoding="utf-8")
    done = repeated(folder, tmp_path)
    assert done.returncode == 1, done.stderr
    assert "a-tiny-paper.eq2 has other data in its evidence 1" in done.stdout


def repeated(folder: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """The one command of the archive, with the libraries of this interpreter and the archive's own source."""
    environment = os.environ | {
        "LEMMATA_PYTHON": sys.executable,
        "LEMMATA_CACHE": str(tmp_path / "other cache"),
    }
    return subprocess.run(
        ["sh", "repeat.sh", "--jobs", "1"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_installed_lemmata_makes_an_archive_as_well(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a checkout there is no lock file and no pyproject.toml: what is installed stands in for them."""
    installed = tmp_path / "site-packages"
    for package in ("theory", "numerics", "verify"):
        (installed / package).mkdir(parents=True)
        (installed / package / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(archive, "PROJECT", installed)
    document = json.loads((made / "results" / "results.json").read_text(encoding="utf-8"))
    contents = archive.archive_files(document, files=[made / "tiny.py"])
    about = tomllib.loads(contents["lemmata/pyproject.toml"].decode())["project"]
    assert about["version"] == importlib.metadata.version("lemmata")
    lock = contents["requirements.lock"].decode()
    assert f"sympy=={importlib.metadata.version('sympy')}\n" in lock
    assert f"mpmath=={importlib.metadata.version('mpmath')}\n" in lock
    assert b"--require-hashes" not in contents["repeat.sh"] + contents["README.md"]
    assert b"@" not in contents["README.md"]


def test_an_archive_of_a_file_that_has_changed_is_refused(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (made / "tiny.py").open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    assert main(["report", "results", "--archive", "a.zip"]) == 2
    assert "tiny.py has changed since these results were made of it" in capsys.readouterr().err
    assert not (made / "a.zip").exists()


def test_nothing_of_an_archive_lies_outside_it_and_nothing_is_replaced(made: Path) -> None:
    document = load_results(made / "results" / "results.json")
    folder = made / "inner"
    (folder / "deep").mkdir(parents=True)
    (folder / "data.csv").write_text("1", encoding="utf-8")
    for include in (Path("inner/deep/.."), Path("inner")):
        found = archive_files(document, files=[Path("tiny.py")], include=[include])
        assert not [name for name in found if ".." in name.split("/")]
        assert any(name.endswith("data.csv") for name in found)
    (folder / "tiny.py").write_text("# another", encoding="utf-8")
    with pytest.raises(ReportError, match=r"two different files would be claims/tiny\.py"):
        archive_files(document, files=[Path("tiny.py")], include=[folder / "tiny.py"])


def test_an_archive_contains_no_earlier_one_and_is_not_written_over_a_source(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (made / "data").mkdir()
    command = ["report", "results", "--archive", "data/a.zip", "--include", "data"]
    assert main(command) == 0
    first = (made / "data" / "a.zip").read_bytes()
    assert main(command) == 0
    assert (made / "data" / "a.zip").read_bytes() == first
    source = (made / "tiny.py").read_bytes()
    for option, ending in (("--archive", ".zip"), ("--pdf", ".pdf")):
        assert main(["report", "results", option, "tiny.py"]) == 2
        assert f"has to end in {ending}" in capsys.readouterr().err
    with pytest.raises(ReportError, match="the archive needs another name"):
        write_archive(load_results(made / "results" / "results.json"), "tiny.py", files=[Path("tiny.py")])
    assert (made / "tiny.py").read_bytes() == source


@pytest.mark.parametrize("option", [("--tolerance", "0.1"), ("--jobs", "2")])
def test_what_belongs_to_check_is_refused_without_it(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, str]
) -> None:
    assert main(["report", str(made / "results"), "--html", str(tmp_path / "page"), *option]) == 2
    assert "belong to --check" in capsys.readouterr().err
    assert not (tmp_path / "page").exists()
