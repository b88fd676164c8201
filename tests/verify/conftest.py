"""What the tests of the runner and of the command line share: small papers in files, and a cache of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = """
from verify import Check, Claim, Context, Evidence, Mutant, Paper, Verdict

paper = Paper("Toys", reference="A. Nobody")
"""


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., Path]:
    """Write a paper's file, with the imports and the `paper` above the given text."""

    def write(text: str, name: str = "toys.py", header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_text(header + text, encoding="utf-8")
        return path

    return write


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEMMATA_CACHE", str(tmp_path / "cache"))
