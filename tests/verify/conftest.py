"""What several tests share: small papers in files, a cache of their own, and the pages of the sample reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from report_samples import Page, example, hostile, site

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


@pytest.fixture(scope="session")
def pages() -> dict[str, Page]:
    return site(example())


@pytest.fixture(scope="session")
def hostile_pages() -> dict[str, Page]:
    return site(hostile())
