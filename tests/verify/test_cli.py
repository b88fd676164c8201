"""The commands: what they print and write, and their exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_samples import GOOD, Toy, call, environment

from verify import load_results
from verify.cli import COMMANDS


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_help_names_every_command(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capfd, "--help")
    assert status == 0
    for name, (_, line) in COMMANDS.items():
        assert f"  {name} " in out
        assert line in " ".join(out.split())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from verify.cli import main; main(['--help']); "
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    heavy = {"sympy", "numpy", "scipy", "matplotlib", "z3", "flint", "rich", "hypothesis", "mpmath", "jinja2"}
    assert not heavy & set(done.stderr.replace("'", " ").replace(",", " ").split())


def test_version(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capfd, "--version")
    assert status == 0
    assert out.startswith("lemmata ")


@pytest.mark.parametrize("command", ["list", "verify", "mutate", "report"])
def test_each_command_has_help(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capfd, command, "--help")
    assert status == 0
    assert f"lemmata {command}" in out
    assert "--" in out


def test_verify_writes_results_and_prints_a_table(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capfd, "verify", str(toy(GOOD)), "--no-html")
    assert status == 0
    rows = [line.split() for line in out.splitlines()]
    assert ["toys.eq1", "PROVED", "symbolic", "0.0", "A", "sum"] in rows
    assert (
        "2 claims: 1 PROVED, 1 SUPPORTED; 1 settled; negative controls: 1 of 1 caught (1 more not shown false)"
        in out
    )
    assert "[2/2]" in err
    assert "(first run)" in err
    document = load_results("results/results.json")
    assert [claim["id"] for claim in document["claims"]] == ["toys.eq1", "toys.eq2"]
    assert os.listdir("results") == ["results.json"]


def test_verify_json_prints_one_document_and_nothing_else(
    toy: Toy, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = call(
        capfd, "verify", str(toy(GOOD)), "--json", "--no-html", "--out", "a/b", "--seed", "3"
    )
    assert status == 0
    document = json.loads(out)
    assert document == load_results("a/b/results.json")
    assert document["seed"] == 3
    keys = {"id", "paper", "title", "verdict", "method", "settled", "expected", "seconds", "detail"}
    assert keys <= set(document["claims"][0])


def test_verify_takes_claims_effort_and_leaves_mutants_out(
    toy: Toy, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = call(
        capfd,
        "verify",
        str(toy(GOOD)),
        "eq2",
        "--effort",
        "standard",
        "--no-mutants",
        "--no-html",
        "--jobs",
        "1",
    )
    assert status == 0
    assert "negative" not in out
    (claim,) = load_results("results/results.json")["claims"]
    assert (claim["id"], claim["detail"]) == ("toys.eq2", "said at standard")


def test_verify_a_second_time_says_unchanged(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    path = str(toy(GOOD))
    call(capfd, "verify", path, "--no-html")
    assert "unchanged since" in call(capfd, "verify", path, "--no-html")[2]
    assert "(cache not used)" in call(capfd, "verify", path, "--no-html", "--fresh")[2]


SURPRISES = {
    1: 'paper.checked("bad", Check("symbolic", says(Verdict.REFUTED)))',
    3: 'paper.checked("bad", Check("symbolic", says(Verdict.UNDECIDED)))',
}


@pytest.mark.parametrize("status", [1, 3])
def test_a_surprise_sets_the_exit_status_and_is_named(
    toy: Toy, capfd: pytest.CaptureFixture[str], status: int
) -> None:
    found, out, err = call(capfd, "verify", str(toy(GOOD + SURPRISES[status])), "--no-html")
    assert found == status
    assert "not as expected: toys.bad is" in out
    assert "expected PROVED" in err
    assert Path("results/results.json").exists()


SURVIVOR = """
paper.checked("weak", Check("symbolic", says(Verdict.PROVED)),
              mutants=[Mutant("m1", "sign", "", says(Verdict.PROVED), lambda: "false at 0")])
"""


def test_a_survivor_sets_the_exit_status_of_verify_and_mutate(
    toy: Toy, capfd: pytest.CaptureFixture[str]
) -> None:
    path = str(toy(GOOD + SURVIVOR))
    status, out, _ = call(capfd, "verify", path, "--no-html")
    assert status == 1
    assert "not caught: toys.weak m1" in out
    assert call(capfd, "verify", path, "--no-html", "--no-mutants")[0] == 0
    status, out, _ = call(capfd, "mutate", path)
    assert status == 1
    assert "survived: toys.weak m1" in out
    assert "1 of 2 killed (50%); 1 more not shown false" in out
    assert call(capfd, "mutate", path, "eq1")[0] == 0


FAILING = """
def fails(context):
    raise ValueError("no such root")

paper.checked("root", Check("symbolic", fails), mutants=[
    Mutant("m1", "sign", "", fails, lambda: "false at 0"),
    Mutant("m2", "doubled", "", fails, lambda: fails(None)),
    Mutant("m3", "halved", "", says(Verdict.PROVED), lambda: "false at 1"),
    Mutant("m4", "dropped", "", lambda context: 1 / 0, lambda: "false at 2")])
"""


def test_why_a_claim_could_not_be_examined_is_said_once(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capfd, "verify", str(toy(GOOD + FAILING)), "root", "--no-html")
    told = [line for line in out.splitlines() if line.startswith("not ")]
    assert [line.partition(": ")[2].partition(" (")[0] for line in told] == [
        "toys.root is ERROR, expected PROVED: ValueError: no such root",
        "toys.root m3",
        "toys.root m4",
    ]
    assert told[0].endswith("; 2 of its negative controls fail likewise")
    assert "ZeroDivisionError" in told[2]


def test_mutate_json(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capfd, "mutate", str(toy(GOOD)), "--json")
    assert status == 0
    document = json.loads(out)
    assert (document["killed"], document["with_witness"], document["total"]) == (1, 1, 2)
    rows = [(one["claim"], one["mutant"], one["verdict"], one["killed"]) for one in document["mutants"]]
    assert rows == [("toys.eq1", "m1", "REFUTED", True), ("toys.eq1", "m2", "UNDECIDED", False)]


def test_an_error_among_the_mutants_is_status_three(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    path = str(
        toy(GOOD + 'paper.checked("x", Check("symbolic", says(Verdict.PROVED)), mutants=lambda: 1 / 0)\n')
    )
    for command in (["mutate"], ["verify", "--no-html"]):
        status, out, _ = call(capfd, *command, path)
        assert status == 3
        assert "ZeroDivisionError" in out


def test_list(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    path = str(toy(GOOD))
    status, out, err = call(capfd, "list", path, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["claims"][1] == {
        "id": "toys.eq2",
        "paper": "toys",
        "title": "eq2",
        "where": "",
        "basis": "derived",
        "uses": ["toys.eq1"],
        "printed": False,
        "methods": ["simulation"],
    }
    status, out, _ = call(capfd, "list", path, "eq1")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == ["toys.eq1"]


def test_the_name_of_a_paper_means_all_of_its_claims(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    path = str(toy(GOOD))
    assert call(capfd, "list", path, "toys") == call(capfd, "list", path)


def test_entries_of_a_paper_without_a_map_are_said_to_be_missing(
    toy: Toy, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = call(capfd, "list", "--entries", str(toy(GOOD)))
    assert status == 0
    assert out.startswith("No entry of a map names what is chosen")
    assert len(out.splitlines()) == 1


def test_report_reads_the_results_file_alone(
    toy: Toy, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import types

    seen: list[tuple[dict[str, Any], Path]] = []

    def write_html(results: dict[str, Any], folder: Path) -> Path:
        seen.append((results, folder))
        return folder / "index.html"

    page = types.ModuleType("verify.report.html")
    page.write_html = write_html  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "verify.report.html", page)
    path = toy(GOOD)
    call(capfd, "verify", str(path), "--out", "out")
    path.unlink()
    for named in ("out/results.json", "out"):
        status, out, _ = call(capfd, "report", named, "--html", "page")
        assert (status, out.strip()) == (0, os.path.join("page", "index.html"))
    assert call(capfd, "report", "out")[0] == 0
    assert [folder for _, folder in seen] == [Path("out"), Path("page"), Path("page"), Path("out")]
    assert all(results == load_results("out/results.json") for results, _ in seen)
