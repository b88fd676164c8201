"""The measuring scripts run; times are for people, so only what is not a time is looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def output(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.stdout


def test_the_flow_is_measured_at_equal_accuracy_and_missing_rivals_are_said():
    """Every row is at least as accurate as the one to match."""
    text = output("benchmarks.flow", "--width", "30", "--samples", "10", "--until", "3", "--runs", "1")
    assert "machine   " in text
    assert "command   python -m benchmarks.flow --width 30" in text
    for name, package in (
        ("JAX + diffrax Tsit5", "diffrax"),
        ("torchdiffeq dopri8", "torchdiffeq"),
        ("heyoka", "heyoka"),
    ):
        assert f"{package} missing" not in text or f"missing   {name}: " in text
    blocks = text.split("\nfinal state to ")[1:]
    assert len(blocks) == 2
    for block in blocks:
        assert "best rival at this accuracy" in block
        goal = float(block.split()[0])
        rows = [line for line in block.splitlines() if line.startswith(("lemmata", "NumPy"))]
        assert len(rows) >= 4
        for row in rows:
            # Contender (with single blanks), then seconds, error, tolerance, ratio.
            assert float(row.split()[-3]) <= 1.06 * goal


def test_many_digits_are_as_many_as_they_say():
    small = "--width 4 --samples 4 --until 1 --digits 20 --mpmath 0.01 --runs 1".split()
    sizes = ("--series", "2,2 3,2", "--enclosed", "5,4,4 5,8,4 10,8,4 5,4,8")
    text = output("benchmarks.precision", *small, *sizes)
    assert "heyoka missing" not in text or "missing   heyoka" in text
    lines = [line.split() for line in text.splitlines()]
    (own,) = (row for row in lines if row[:2] == ["lemmata,", "collocation"])
    assert float(own[-2]) < 1e-20  # the error, beside how many times as long it takes
    assert any(row[:3] == ["mpmath", "odefun,", "at"] for row in lines)
    series = [row for row in lines if row[:2] == ["4", "4"]]
    assert series
    assert all(float(row[-1]) < 1e-20 for row in series)
    assert text.count(" PROVED ") == 4
    assert "UNDECIDED" not in text


def test_all_tables_have_one_command_and_no_table_is_left_out():
    from benchmarks.__main__ import TABLES

    scripts = {file.stem for file in (ROOT / "benchmarks").glob("*.py")}
    assert set(TABLES) == scripts - {"__init__", "__main__", "machine", "rivals"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    assert "there is no table 'nothing'" in done.stderr
