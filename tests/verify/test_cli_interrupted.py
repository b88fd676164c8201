"""Commands that are interrupted or killed, or whose readers leave, and streams that are closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_samples import GOOD, Toy, call, environment

from verify import load_results
from verify.cli import NOBODY_READS


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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
    # As a program that the signal SIGPIPE ends: this is what a shell expects.
    assert process.wait() == NOBODY_READS


@pytest.mark.parametrize("arguments", [["--help"], ["list", "--help"], ["--version"], ["list"], ["derive"]])
def test_nobody_reads_anything(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "verify", *arguments],
            env=environment(),
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (NOBODY_READS, "")


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
