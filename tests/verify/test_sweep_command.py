"""`lemmata sweep`: killed, resumed, starved of disk; what it prints, and how it refuses."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import numerics.sweep
import verify
from verify.cli import main
from verify.commands.sweep import _duration

GRID = 'width = [400, 600]\nseed = "0..6"\nsamples = 40\nuntil = 20.0\nneurons = "all"\nrtol = 1e-12\n'
QUICK = 'width = [8, 12]\nseed = "0..1"\nsamples = 12\nuntil = 5.0\n'


def start(folder: Path, *arguments: str, code: str = "pass") -> subprocess.Popen[bytes]:
    """The command in a process of its own, which counts as not installed but importable."""
    root = str(Path(verify.__file__).parents[1])
    program = f"{code}; import sys; from verify.cli import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", program, "sweep", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Tests that run in the background ignore Ctrl-C, and so would what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def recorded(folder: Path) -> dict[str, str]:
    """Key and time of every row; {} while there is no database."""
    if not (folder / "runs.sqlite").is_file():
        return {}
    connection = sqlite3.connect(folder / "runs.sqlite")
    try:
        return dict(connection.execute("SELECT key, finished || rowid FROM runs"))
    except sqlite3.OperationalError:
        return {}
    finally:
        connection.close()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def wait_for_rows(folder: Path, least: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120.0
    while len(recorded(folder)) < least:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "nothing was recorded"
        time.sleep(0.02)


def test_killed_in_the_middle_it_loses_nothing_leaves_nobody_and_goes_on(tmp_path, monkeypatch, capsys):
    """kill -9, twice; then the rows are those of a sweep that was left alone, and no run was done twice."""
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    kept: dict[str, str] = {}
    for least in (2, 5):
        process = start(tmp_path, "grid.toml", "--jobs", "2")
        wait_for_rows(tmp_path / "grid.sweep", least, process)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not psutil.wait_procs(family, timeout=60)[1]
        before, kept = kept, recorded(tmp_path / "grid.sweep")
        assert before.items() <= kept.items()
        assert least <= len(kept) < 14
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "grid.toml", "--jobs", "2", "--export", "a.csv", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["recorded_before"] == len(kept)
    assert document["recorded_now"] == 14 - len(kept)
    finished = recorded(tmp_path / "grid.sweep")
    assert kept.items() <= finished.items()
    assert len(finished) == 14
    assert sorted(path.stem for path in (tmp_path / "grid.sweep" / "arrays").iterdir()) == sorted(finished)
    assert main(["sweep", "grid.toml", "--out", "whole", "--jobs", "2", "--export", "b.csv"]) == 0
    assert len(rows(tmp_path / "a.csv")) == 14
    assert rows(tmp_path / "a.csv") == rows(tmp_path / "b.csv")


def test_ctrl_c_says_what_is_kept(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    process = start(tmp_path, "grid.toml", "--jobs", "1", "--out", "kept")
    wait_for_rows(tmp_path / "kept", 1, process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    # Lines of progress may stand before it.
    assert (
        f"{len(recorded(tmp_path / 'kept'))} of 14 runs are recorded in kept"
        in said.decode().splitlines()[-1]
    )
    assert not psutil.wait_procs(family, timeout=60)[1]


def test_a_disk_that_is_full_stops_it_and_nothing_is_lost(tmp_path, monkeypatch, capsys):
    """A limit on the size of files stands for the disk: SQLite and NumPy get a true error when they write."""
    text = QUICK.replace("0..1", "0..39") + 'arrays = "none"\n'
    (tmp_path / "grid.toml").write_text(text, encoding="utf-8")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))"
    process = start(tmp_path, "grid.toml", "--jobs", "1", code=limit)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 3, said
    assert b"could not be recorded" in said
    assert b"goes on from there" in said
    assert b"Traceback" not in said
    kept = recorded(tmp_path / "grid.sweep")
    assert 0 < len(kept) < 80
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "grid.toml", "--jobs", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recorded_before"] == len(kept)
    assert kept.items() <= recorded(tmp_path / "grid.sweep").items()


def test_it_prints_what_was_done(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(QUICK, encoding="utf-8")
    assert main(["sweep", "grid.toml", "--jobs", "1", "--out", "here", "--export", "t.parquet"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "4 of 4 runs recorded, 4 of them now (4 ok)",
        "4 rows written to t.parquet",
    ]
    assert main(["sweep", "grid.toml", "--jobs", "1", "--out", "here"]) == 0
    assert capsys.readouterr().out == "4 of 4 runs recorded, 0 of them now (4 ok)\n"


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("width = [10,\n", [], "not TOML"),
        ("seed = 1\nwidht = 10\n", [], "line 2, widht"),
        (QUICK, ["--jobs", "1", "--dask", "tcp://127.0.0.1:1"], "contradict"),
        (QUICK, ["--export", "t.xls"], ".parquet"),
        (QUICK, ["--export", "no/t.csv"], "does not exist"),
        (QUICK, ["--export", "/proc/t.csv"], "the folder /proc cannot be written"),
        (QUICK, ["--out", "grid.toml"], "The folder grid.toml cannot be written (Not a directory)"),
        (QUICK, ["--out", "/proc/x"], "The folder /proc/x cannot be written (No such file or directory)"),
        (QUICK, ["--dask", "nonsense://127.0.0.1:1"], "No Dask scheduler"),
    ],
)
def test_bad_input_is_one_sentence(text, options, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(text, encoding="utf-8")
    assert main(["sweep", "grid.toml", *options]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_durations_are_short():
    assert [_duration(s) for s in (0.4, 89, 100, 4000, 7200)] == ["0 s", "89 s", "2 min", "67 min", "2.0 h"]


def test_the_help_names_every_key(capsys):
    from numerics.sweep.kinds import KINDS

    assert main(["sweep", "--help"]) == 0
    said = capsys.readouterr().out
    keys = [key for kind in KINDS.values() for key in [*kind.parameters, kind.selector]]
    assert [key for key in keys if key not in said] == []
    assert "phase-diagram" in said


def test_a_run_of_another_kind_that_fails_is_told_by_its_own_parameters(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text('kind = "saturation"\nwidth = 8\ndepth = 3', encoding="utf-8")

    def fails(plan, folder, **options):
        return numerics.sweep.Summary(
            "incomplete", "1 of 1 failed.", 1, 0, 0, {}, ((plan.runs[0], "no memory"),)
        )

    monkeypatch.setattr(numerics.sweep, "sweep", fails)
    assert main(["sweep", "grid.toml"]) == 3
    said = capsys.readouterr().err
    assert (
        "the run with kind saturation, network fully-connected, depth 3, width 8, seed 0: no memory." in said
    )
