"""What the scripts of the report read: the index that is searched, and the graph that is drawn.

Both are JavaScript files that set one variable, because a page opened from disk may not read any other kind of file.
"""

from __future__ import annotations

import json
from typing import Any

from verify.report.plain import plain
from verify.report.views import ClaimView, Reading

_MOST_TEXT = 600


def search_index(reading: Reading) -> str:
    """One record a claim: [address, id, title, place, verdict, other words to find it by]."""
    records = [
        [one.address, one.id, plain(one.title), plain(one.where), one.verdict, _words(one)]
        for one in reading.claims
    ]
    return _assignment("LEMMATA_SEARCH", records)


def graph_data(reading: Reading) -> str:
    """Papers, then one record a claim: its place, texts and standing, and the ids that it uses."""
    papers = [[paper.name, paper.anchor, paper.title] for paper in reading.papers]
    claims = [
        {
            "id": one.id,
            "anchor": one.anchor,
            "paper": one.paper,
            "short": one.short_id,
            "title": plain(one.title),
            "page": one.address,
            "standing": one.standing.name,
            "label": one.standing.label,
            "sign": one.standing.sign,
            "expected": one.as_expected,
            "uses": [id for id, anchor in one.uses if anchor is not None],
        }
        for one in reading.claims
    ]
    return _assignment("LEMMATA_GRAPH", {"papers": papers, "claims": claims})


def _words(claim: ClaimView) -> str:
    told = [claim.method, claim.standing.label, claim.statement, *claim.hypotheses]
    return " ".join(" ".join(told).split())[:_MOST_TEXT]


def _assignment(name: str, value: Any) -> str:
    # All that is not ASCII is written as an escape: two characters of Unicode end a line in JavaScript and not in
    # JSON. The text is a file of its own and never part of a page.
    return f"window.{name} = {json.dumps(value, ensure_ascii=True, separators=(',', ':'))};\n"
