"""The plain tables of `lemmata list` and its like: whole in a pipe, readable on a narrow terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from verify.commands.table import lines
from verify.selection import select

ROOT = Path(__file__).resolve().parents[2]

HEADER = ("id", "basis", "where", "title")
ROWS = [
    (
        "paper.eq1",
        "derived",
        "Section 3, " + "proof of the lemma, " * 5,
        "A title that says what the claim is",
    ),
    ("paper.eq2.longer", "text", "Section 4", "Short"),
]


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))


def test_nothing_is_cut_in_a_pipe() -> None:
    text = "\n".join(lines(HEADER, ROWS))
    assert all(cell.strip() in text for row in ROWS for cell in row)


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_terminal_cuts_the_middle_and_keeps_the_title(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    on_a_terminal(monkeypatch, columns)
    out = lines(HEADER, ROWS)
    assert max(map(len, out)) <= columns
    assert out[0].split() == list(HEADER)
    assert ROWS[0][-1][: columns // 3 - 1] in out[2]
    assert out[3].startswith("paper.eq2.longer")
    assert out[3].endswith("Short")


def test_a_terminal_with_room_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lines(HEADER, ROWS)
    on_a_terminal(monkeypatch, 300)
    assert lines(HEADER, ROWS) == whole


@pytest.mark.parametrize("columns", [1, 5, 20])
def test_no_terminal_is_too_narrow(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    on_a_terminal(monkeypatch, columns)
    assert max(map(len, lines(HEADER, ROWS))) <= columns


def test_the_claims_that_the_readme_names_are_there() -> None:
    """Each line of the README that checks or mutates claims names exactly one claim each time."""
    commands = re.findall(
        r"^    lemmata (?:verify|mutate) ([a-z0-9. ]+?)(?: --.*)?(?: +#.*)?$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.M,
    )
    assert len(commands) >= 3
    for names in commands:
        assert len(select(names.split(), None)) == len(names.split())
