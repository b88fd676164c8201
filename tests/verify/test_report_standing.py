"""Which claims are settled, and the graph that shows it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from report_samples import (
    claim,
    document,
)

import verify.report
from verify.report import render_site
from verify.report.standing import standings


def chain(*verdicts: str) -> dict[str, str]:
    """Standings of claims in a row, each of which uses the one before it."""
    ids = [str(i) for i in range(len(verdicts))]
    uses = [[], *([one] for one in ids)]
    found = standings(zip(ids, verdicts, uses, strict=False))
    return {id: found[id].name for id in ids}


def test_a_claim_is_settled_only_where_all_below_it_is_proved() -> None:
    assert list(chain("PROVED", "PROVED", "SUPPORTED", "PROVED", "PROVED").values()) == [
        "settled",
        "settled",
        "supported",
        "proved",
        "proved",
    ]
    assert list(chain("REFUTED", "UNDECIDED", "ERROR").values()) == ["refuted", "undecided", "error"]


def test_what_was_not_examined_settles_nothing() -> None:
    found = standings([("a", "PROVED", ["elsewhere"]), ("b", "PROVED", ["a"]), ("c", "PROVED", [])])
    assert [found[id].name for id in "abc"] == ["proved", "proved", "settled"]


def test_a_circle_settles_nothing() -> None:
    found = standings([("a", "PROVED", ["b"]), ("b", "PROVED", ["a"]), ("c", "PROVED", ["a"])])
    assert {one.name for one in found.values()} == {"proved"}


def test_long_chains_are_no_trouble() -> None:
    assert chain(*["PROVED"] * 5000)["4999"] == "settled"


def test_the_graph_has_the_computed_colours() -> None:
    made = document(
        claim("a.x", verdict="SUPPORTED", method="simulation"),
        claim("a.y", uses=["a.x"]),
        claim("a.z", uses=["elsewhere.w"]),
        claim("a.s"),
    )
    text = render_site(made)["assets/graph-data.js"].decode()
    graph = json.loads(text.removeprefix("window.LEMMATA_GRAPH = ").rstrip(";\n"))
    assert {one["id"]: one["standing"] for one in graph["claims"]} == {
        "a.x": "supported",
        "a.y": "proved",
        "a.z": "proved",
        "a.s": "settled",
    }
    assert {one["id"]: one["uses"] for one in graph["claims"]} == {
        "a.x": [],
        "a.y": ["a.x"],
        "a.z": [],
        "a.s": [],
    }


def test_the_library_of_the_graph_is_the_published_one() -> None:
    folder = Path(verify.report.__file__).parent / "vendor" / "viz"
    digest = hashlib.sha256((folder / "viz-global.js").read_bytes()).hexdigest()
    assert f"SHA-256: {digest}" in (folder / "README.txt").read_text(encoding="utf-8")
    # The checksum of version 3.31.0 as npm has it.
    assert digest == "c9e0b310f9883910e01c66054b48b7ff4be3d8695141116635e72b0af152692e"
