"""What was asked for and cannot be done, and what goes wrong on the way: one sentence, and the right status."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_samples import GOOD, Toy, call
from report_samples import claim, document

from verify import ClaimResult, load_results
from verify.cli import COMMANDS, main
from verify.results import write_results


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "toys.py", "eq3"], "there is no claim 'eq3' in toys; did you mean"),
        (["verify", "none.py"], "there is no file 'none.py'"),
        (["verify", "folder.py"], "'folder.py' is a folder; name a file in it"),
        (["verify", "--paper", "multistagee"], "did you mean multistage?"),
        (["verify", "broken.py"], "broken.py, line 2: ZeroDivisionError"),
        (["verify", "toys.py", "--out", "toys.py"], "the folder toys.py cannot be written"),
        (["verify", "toys.py", "--out", "toys.py/deep"], "cannot be written"),
        (["list", "toys.py", "nothing-like-it"], "there is no claim 'nothing-like-it' in toys"),
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
    ("arguments", "said"),
    [
        (["verify", "--jobs", "0"], "--jobs 0: it has to be at least 1."),
        (["verify", "--jobs=-3"], "--jobs -3: it has to be at least 1."),
        (["verify", "--seed", "one"], "--seed one: it has to be a whole number."),
        (["simulate", "--alpha", "z"], "--alpha z: it has to be a number."),
        (["report", "r", "--tolerance", "3"], "--tolerance 3: it has to be at most 1."),
        (["derive", "eq7", "--as", "pdf"], "--as pdf: it is one of text, latex, sympy, python and c."),
        (
            ["verify", "--colour"],
            "verify has no option --colour; `lemmata verify --help` lists those that there are.",
        ),
        (["simulate", "--widht", "3"], "simulate has no option --widht; did you mean --width?"),
        (["mutate", "--effort"], "--effort needs a value after it; `lemmata mutate --help` says more."),
        (["list", "--json=3"], "--json takes no value; leave out what follows its =."),
        (
            ["report"],
            "report needs RESULTS (a results.json, or the folder it is in); `lemmata report --help` says more.",
        ),
        (
            ["simulate", "extra"],
            "simulate cannot use 'extra', and nothing was done; `lemmata simulate --help` says more.",
        ),
        (["frobnicate"], "there is no command 'frobnicate'; there are " + ", ".join(COMMANDS) + "."),
        (["verfy"], "there is no command 'verfy'; did you mean verify?"),
        (["--colour"], "lemmata itself has no option --colour; `lemmata --help` lists those that there are."),
    ],
)
def test_bad_usage_is_one_sentence(
    capfd: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert call(capfd, *arguments) == (2, "", f"lemmata: {said}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_has_more_to_say_than_a_sentence(capfd: pytest.CaptureFixture[str], command: str) -> None:
    status, out, err = call(capfd, command, "--no-such-option")
    assert (status, out, len(err.splitlines())) == (2, "", 1)


def test_without_arguments_the_commands_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capfd)
    assert (status, out) == (2, "")
    assert "Usage: lemmata" in err
    assert all(f"  {command} " in err for command in COMMANDS)


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--html", "file"], "the folder file cannot be written (File exists); name another with --html."),
        (["--html", "/proc/x"], "(No such file or directory); name another with --html."),
        (["--latex", "file/deep"], "(Not a directory); name another with --latex."),
        (["--pdf", "/proc/x.pdf"], "the folder /proc cannot be written"),
        (["--archive", "file/x.zip"], "name another with --archive."),
        (["--archive", "made.zip"], "made.zip is a folder; name a file in it."),
    ],
)
def test_a_place_that_takes_no_report_is_one_sentence(
    capfd: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    write_results(document(claim("multistage.eq7")), Path("results.json"))
    Path("file").touch()
    Path("made.zip").mkdir()
    status, out, err = call(capfd, "report", ".", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("lemmata: ")
    assert said in err
    assert len(err.splitlines()) == 1
