from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import verify
from verify import ClaimResult, load_results
from verify.cli import COMMANDS, main

Toy = Callable[..., Path]
PROJECT = Path(verify.__file__).resolve().parent.parent

GOOD = """
def says(verdict, method="symbolic"):
    return lambda context: Evidence(verdict, method, f"said at {context.effort}")

paper.checked(
    "eq1", Check("symbolic", says(Verdict.PROVED)), title="A sum", where="Section 2",
    mutants=[Mutant("m1", "sign changed", "1 = 2", says(Verdict.REFUTED), lambda: "false at 0"),
             Mutant("m2", "stronger", "1 = 3", says(Verdict.UNDECIDED), lambda: None)])
paper.checked("eq2", Check("simulation", says(Verdict.SUPPORTED, "simulation")), uses=("eq1",), basis="derived")
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    status = main(arguments)
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    return status, out, err


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
    assert "(--fresh)" in call(capfd, "verify", path, "--no-html", "--fresh")[2]


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
        "methods": ["simulation"],
    }
    status, out, _ = call(capfd, "list", path, "eq1")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == ["toys.eq1"]


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "toys.py", "eq3"], "there is no claim 'eq3'; did you mean"),
        (["verify", "none.py"], "there is no file 'none.py'"),
        (["verify", "folder.py"], "'folder.py' is a folder; name a file in it"),
        (["verify", "--paper", "multistagee"], "did you mean multistage?"),
        (["verify", "broken.py"], "broken.py, line 2: ZeroDivisionError"),
        (["verify", "toys.py", "--out", "toys.py"], "the folder toys.py cannot be written"),
        (["verify", "toys.py", "--out", "toys.py/deep"], "cannot be written"),
        (["list", "toys.py", "nothing-like-it"], "there is no claim 'nothing-like-it'"),
        (["mutate", "broken.py"], "broken.py, line 2"),
        (["report", "none.json"], "there is no results file none.json"),
        (["report", "toys.py"], "not valid JSON"),
    ],
)
def test_bad_input_is_one_sentence(
    toy: Toy, capfd: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    toy(GOOD)
    toy("\n1 / 0\n", name="broken.py", header="")
    Path("folder.py").mkdir()
    status, out, err = call(capfd, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("lemmata: ")
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "--jobs", "0"],
        ["verify", "--seed", "one"],
        ["verify", "--colour"],
        ["report"],
        ["frobnicate"],
    ],
)
def test_bad_usage(capfd: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    status, out, err = call(capfd, *arguments)
    assert (status, out) == (2, "")
    assert "Usage: lemmata" in err


@pytest.mark.parametrize("command", ["verify", "mutate"])
def test_an_effort_that_is_none_is_refused_with_those_that_are(
    capfd: pytest.CaptureFixture[str], command: str
) -> None:
    said = "lemmata: --effort huge: it is one of quick, standard and deep.\n"
    assert call(capfd, command, "--effort", "huge") == (2, "", said)


def test_a_folder_that_cannot_be_written_is_found_before_the_work(
    toy: Toy, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = toy(
        f"""
@paper.claim("a", method="simulation")
def a(context):
    open({str(tmp_path / "ran")!r}, "w")
    return Evidence(Verdict.SUPPORTED, "simulation", "said")
"""
    )
    assert call(capfd, "verify", str(path), "--out", str(path))[0] == 2
    assert not (tmp_path / "ran").exists()


def test_an_error_of_ours_is_one_sentence_and_its_traceback_can_be_had(
    toy: Toy, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **options: object) -> list[ClaimResult]:
        raise RuntimeError("the sky\nfell")

    monkeypatch.setattr("verify.commands.examine.run_claims", broken)
    path = str(toy(GOOD))
    status, out, err = call(capfd, "verify", path, "--no-html")
    assert (status, out) == (3, "")
    assert err == (
        "lemmata: this is a bug of lemmata (RuntimeError: the sky fell); "
        "run the same again with LEMMATA_TRACEBACK=1 to see where.\n"
    )
    monkeypatch.setenv("LEMMATA_TRACEBACK", "1")
    assert main(["verify", path, "--no-html"]) == 3
    assert "Traceback" in capfd.readouterr().err


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


SLOW = """
import os, time

def first(context):
    return Evidence(Verdict.SUPPORTED, "simulation", "said")

def hangs(context):
    with open("pid", "w") as file:
        file.write(str(os.getpid()))
    os.rename("pid", "worker.pid")
    time.sleep(600)

paper.checked("first", Check("simulation", first))
paper.checked("hangs", Check("simulation", hangs))
"""


def started(path: Path) -> subprocess.Popen[str]:
    """`lemmata verify`, as far as its second claim, which never ends."""
    command = [
        sys.executable,
        "-m",
        "verify",
        "verify",
        str(path),
        "--no-html",
        "--jobs",
        "1",
        "--effort",
        "deep",
    ]
    process = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Tests that run in the background ignore Ctrl-C, and so would what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not Path("worker.pid").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return process


def wait_until_gone(pid: int) -> None:
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state in "ZX":
            return
        time.sleep(0.05)


def test_an_interruption_keeps_what_was_finished(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    path = toy(SLOW)
    Path("results").mkdir()
    Path("results/results.json").write_text("old")
    process = started(path)
    # As from a terminal: every process of the foreground group is hit.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1].startswith("lemmata: interrupted after 1 of 2 claims;")
    assert "Traceback" not in err
    assert "KeyboardInterrupt" not in err
    assert os.listdir("results") == ["results.json"]
    assert Path("results/results.json").read_text() == "old"
    wait_until_gone(int(Path("worker.pid").read_text()))
    status, _, err = call(capfd, "verify", str(path), "first", "--no-html", "--effort", "deep")
    assert status == 0
    assert "unchanged since" in err


def test_workers_end_with_a_runner_that_was_killed(toy: Toy) -> None:
    process = started(toy(SLOW))
    process.kill()
    process.communicate()
    wait_until_gone(int(Path("worker.pid").read_text()))


def test_a_reader_that_leaves_is_no_error(toy: Toy) -> None:
    path = toy("for i in range(5000):\n    paper.checked(f'eq{i}', Check('smt', print), title='x' * 100)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "verify", "list", str(path)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["list", "verify"])
def test_a_stream_that_is_closed_is_no_error(toy: Toy, command: str, closed: str) -> None:
    path = toy(GOOD)
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m verify {command} "$1" {closed}', sys.executable, str(path)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    if command == "verify":
        assert {one["verdict"] for one in load_results("results/results.json")["claims"]} == {
            "PROVED",
            "SUPPORTED",
        }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["--help"], ["list"]])
def test_help_that_cannot_be_written_is_one_sentence(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "verify", *arguments],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (2, "lemmata: No space left on device.\n")


def test_too_little_memory_is_no_bug(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> None:
        raise MemoryError

    import verify.commands.list as listing

    monkeypatch.setattr(listing, "run", run)
    status, out, err = call(capfd, "list")
    assert (status, out) == (2, "")
    assert err == "lemmata: there is not enough memory for this; ask for something smaller.\n"


def test_a_file_name_that_is_no_utf8(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    try:
        toy(GOOD, name=name)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    status, _, err = call(capfd, "verify", name)
    assert (status, "bug" in err) == (0, False)
    assert Path("results/index.html").read_text(encoding="utf-8")
    assert len(load_results("results/results.json")["claims"]) == 2


def test_a_broken_map_is_told_before_anything_is_checked(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    path = toy(GOOD + '\npaper.map("nowhere.toml")\n')
    status, _, err = call(capfd, "verify", str(path), "--out", "out")
    assert status == 2
    assert "nowhere.toml cannot be read" in err
    assert "eq1" not in err
    assert not Path("out/results.json").exists()
