"""CITATION.cff: what version 1.2.0 of the format asks for, and the same facts as in pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_it_has_what_the_format_asks_for() -> None:
    assert str(CITATION["cff-version"]) == "1.2.0"
    assert {"cff-version", "message", "title", "authors"} <= CITATION.keys()
    # Keys of the format; any other would make the file invalid.
    known = {
        "cff-version",
        "message",
        "title",
        "authors",
        "type",
        "abstract",
        "version",
        "license",
        "keywords",
    }
    assert CITATION.keys() <= known
    assert CITATION["type"] in ("software", "dataset")
    assert all(author.keys() <= {"name", "website"} and author["name"] for author in CITATION["authors"])


def test_it_agrees_with_the_package() -> None:
    assert CITATION["title"] == PROJECT["name"]
    assert CITATION["version"] == PROJECT["version"]
    assert CITATION["license"] == PROJECT["license"]
    assert [one["name"] for one in CITATION["authors"]] == [one["name"] for one in PROJECT["authors"]]
    assert set(PROJECT["keywords"]) <= set(CITATION["keywords"])
