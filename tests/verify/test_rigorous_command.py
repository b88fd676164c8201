"""`lemmata simulate --rigorous`: intervals that contain the simulation, certificates, refusals."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from numerics.certificate import check_file
from numerics.integrate import tube
from verify.cli import main
from verify.commands import simulate

SMALL = ["simulate", "--width", "6", "--samples", "6", "--until", "6", "--seed", "2"]


def document(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_is_proved_contains_the_simulation(capsys: pytest.CaptureFixture[str]) -> None:
    proved = document(capsys, *SMALL, "--rigorous")
    simulated = document(capsys, *SMALL, "--neurons", "all")
    assert proved["status"] == "PROVED"
    assert 0 < proved["enclosure"]["radius"] < 1e-15
    low, high = proved["enclosure"]["T2"]
    assert low < high < low + 1e-12
    assert abs(simulated["milestones"]["T2"] - low) < 1e-7
    for name, (low, high) in proved["enclosure"]["final"].items():
        assert low < high < low + 1e-12
        assert abs(simulated["final"][name] - low) < 1e-7
    low, high = proved["enclosure"]["max_abs_P_minus_reduced"]
    assert low - 1e-7 <= simulated["max_abs_P_minus_reduced"] <= high + 1e-7
    assert set(simulated) - {"max_abs_P_minus_flow"} <= set(proved)


def test_a_certificate_is_written_and_holds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    found = document(capsys, *SMALL, "--rigorous", "--certificate", str(path))
    checked = check_file(path)
    assert checked.holds
    assert checked.brackets == 1
    assert float(checked.reached) == found["enclosure"]["reached"] == 6.0


def test_digits_set_the_precision_and_intervals_become_text(capsys: pytest.CaptureFixture[str]) -> None:
    coarse = document(capsys, *SMALL, "--rigorous")
    fine = document(capsys, *SMALL, "--rigorous", "--digits", "40")
    precise = document(capsys, *SMALL, "--digits", "40")
    assert fine["status"] == "PROVED"
    assert fine["enclosure"]["radius"] < 1e-40
    for name, ends in {**fine["enclosure"]["final"], "T2": fine["enclosure"]["T2"]}.items():
        low, high = (Fraction(end) for end in ends)
        assert 0 < high - low < Fraction(1, 10**38)
        wide = coarse["enclosure"]["T2"] if name == "T2" else coarse["enclosure"]["final"][name]
        assert Fraction(wide[0]) <= low
        assert high <= Fraction(wide[1])
    for name in ("P", "Q", "loss"):
        low, high = (Fraction(end) for end in fine["enclosure"]["final"][name])
        room = Fraction(1, 10**39)  # the digits of the other method
        assert low - room <= Fraction(precise["final"][name]) <= high + room


@pytest.mark.parametrize("digits", ["0", "14", "401"])
def test_a_precision_that_makes_no_sense(capsys: pytest.CaptureFixture[str], digits: str) -> None:
    assert main([*SMALL, "--rigorous", "--digits", digits]) == 2
    assert f"The number of digits is {digits}" in capsys.readouterr().err


def test_a_formula_is_enclosed_but_not_certified(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = [*SMALL, "--activation", "u/(1+u**2)"]
    proved, simulated = document(capsys, *arguments, "--rigorous"), document(capsys, *arguments)
    assert proved["status"] == "PROVED"
    low, high = proved["enclosure"]["final"]["P"]
    assert abs(simulated["final"]["P"] - low) < 1e-7
    assert low < high < low + 1e-12
    assert main([*arguments, "--rigorous", "--certificate", str(tmp_path / "run.json")]) == 2
    assert "its checker knows" in capsys.readouterr().err


def test_a_long_run_says_now_and_then_where_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "_SECONDS_A_LINE", 0.0)
    assert main([*SMALL, "--rigorous"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 3
    assert all(line.startswith("lemmata: t = ") and line.endswith(" of 6") for line in lines)


def test_files_are_taken_exactly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    weights, data, path = tmp_path / "w.csv", tmp_path / "d.csv", tmp_path / "run.json"
    weights.write_text("a,w1\n1/3,0.1\n-0.2,1/7\n")
    data.write_text("x,y\n-1.3,-1\n0.1,1/9\n0.9,0.8\n")
    files = ["--initial", str(weights), "--data", str(data)]
    found = document(capsys, "simulate", *files, "--until", "3", "--rigorous", "--certificate", str(path))
    assert found["status"] == "PROVED"
    assert found["enclosure"]["max_abs_P_minus_reduced"] is None  # the second moment is not 1
    assert check_file(path).holds

    def exact(text: str) -> Fraction:
        mantissa, exponent = text.split(":")
        return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)

    centre, radius = (exact(part) for part in json.loads(path.read_text())["initial"][0][0])
    assert 0 < abs(centre - Fraction(1, 3)) <= radius < Fraction(1, 2**60)


def test_text_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--rigorous"]) == 0
    shown = capsys.readouterr().out
    assert "PROVED" in shown
    assert "T2" in shown


def test_a_run_that_gets_stuck_says_how_far_it_came(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tube, "_advance", _stops_after(tube._advance, 5))
    path = tmp_path / "run.json"
    found = document(capsys, *SMALL, "--rigorous", "--certificate", str(path), status=3)
    assert found["status"] == "UNDECIDED"
    assert "Enclosed up to" in found["message"]
    assert 0 < found["enclosure"]["reached"] < 6
    assert found["enclosure"]["T2"] is None
    assert found["final"]["t"] == found["enclosure"]["reached"]
    assert check_file(path).holds  # what was reached is certified


def _stops_after(honest: Any, steps: int) -> Any:
    count = 0

    def limited(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count > steps:
            raise tube._Refused("the test stops here")
        return honest(*arguments)

    return limited


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rigorous", "--descent"], "contradict"),
        (["--rigorous", "--out", "x.csv"], "contradict"),
        (["--rigorous", "--plot", "x.svg"], "contradict"),
        (["--rigorous", "--neurons", "all"], "contradict"),
        (["--rigorous", "--rtol", "1e-3"], "contradict"),
        (["--rigorous", "--activation", "u - u**3/3 + 0*uu"], "neither"),
        (["--rigorous", "--until", "inf"], "final time"),
        (["--rigorous", "--until", "-1"], "final time"),
        (["--rigorous", "--certificate", "none/x.json"], "does not exist"),
        (["--rigorous", "--certificate", "x.txt"], ".json"),
        (["--certificate", "x.json"], "rigorous"),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert main(["simulate", "--width", "4", "--samples", "4", *arguments]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert "Traceback" not in message


def test_no_number_is_infinite(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, *SMALL, "--rigorous")

    def finite(value: Any) -> bool:
        if isinstance(value, dict):
            return all(map(finite, value.values()))
        if isinstance(value, list):
            return all(map(finite, value))
        return not isinstance(value, float) or math.isfinite(value)

    assert finite(found)


def test_a_descent_that_is_not_reached_is_named(capsys):
    assert main(["simulate", "--rigorous", "--width", "2", "--samples", "4", "--until", "0.1"]) == 0
    assert capsys.readouterr().err == "lemmata: P = 9/10 (time T2) is not reached up to t = 0.1.\n"
