"""The page for somebody who brings a theory: its file is taken from the page and checked as a user would."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from verify.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your-own-theory.md"


def the_file() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return str(code)


def test_it_is_thirty_lines_at_most() -> None:
    lines = [line for line in the_file().splitlines() if line.strip()]
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 110


def test_what_the_page_promises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "modes.py"
    path.write_text(the_file(), encoding="utf-8")
    status = main(["verify", str(path), "--jobs", "1", "--json", "--out", str(tmp_path / "out")])
    found = json.loads(capsys.readouterr().out)
    assert status == 0
    verdicts = {claim["id"].rpartition(".")[2]: claim["verdict"] for claim in found["claims"]}
    assert verdicts == {"rates": "PROVED", "wrong": "REFUTED", "network": "SUPPORTED"}
    assert main(["mutate", str(path), "--jobs", "1", "--json"]) == 0
    controls = json.loads(capsys.readouterr().out)
    assert controls["killed"] >= 6


def test_a_wrong_law_is_refuted_by_the_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same page with a wrong second moment in the data of the theory: the simulation says no."""
    changed = the_file().replace("Empirical.of(points, labels)", "Empirical.of([-3, -1, 1, 3], labels)")
    assert changed != the_file()
    path = tmp_path / "modes.py"
    path.write_text(changed, encoding="utf-8")
    status = main(["verify", str(path), "--jobs", "1", "--json", "--out", str(tmp_path / "out")])
    verdicts = {
        c["id"].rpartition(".")[2]: c["verdict"] for c in json.loads(capsys.readouterr().out)["claims"]
    }
    assert status == 1
    assert verdicts["rates"] == "REFUTED"
    assert verdicts["network"] == "REFUTED"
