"""What nobody's text may do to the pages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from report_samples import (
    Page,
    example,
    hostile,
    site,
)

from verify.report import render_site


@pytest.mark.parametrize("made", [example, hostile])
def test_nothing_comes_from_outside_and_no_text_runs(made: Any) -> None:
    scripts = {"report.js", "search-index.js", "graph-data.js", "graph.js", "viz-global.js"}
    for page in site(made()).values():
        assert not page.named("img", "iframe", "object", "embed", "base", "foreignobject", "style")
        for tag, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on")], tag
            for name in ("href", "src", "xlink:href", "action"):
                assert not re.match(r"[a-z]+:|//", attributes.get(name, "#"), re.I)
            assert "url(" not in attributes.get("style", "").replace("url(#", "")
        assert {one["src"].rpartition("/")[2] for one in page.named("script")} <= scripts
        assert not [data for tag, data in page.texts if tag == "script"]
        (policy,) = [
            one["content"]
            for one in page.named("meta")
            if "content-security" in one.get("http-equiv", "").lower()
        ]
        assert policy.startswith("default-src 'none';")
        assert "'unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
    css = render_site(made())["assets/page.css"].decode()
    assert "url(" not in css
    assert "@import" not in css


def test_hostile_texts_are_shown_and_do_nothing(hostile_pages: dict[str, Page]) -> None:
    assert sum(page.text.count("<script>alert(1)</script>") for page in hostile_pages.values()) > 20
    kinds = {tag for page in hostile_pages.values() for tag, _ in page.elements}
    ordinary = {tag for page in site(example()).values() for tag, _ in page.elements}
    assert {tag for tag in kinds - ordinary if not re.fullmatch("m(ath|[a-z]+)", tag)} <= {"pre"}


def test_what_the_scripts_read_is_data_whatever_the_texts_are() -> None:
    files = render_site(hostile())
    for name, variable in (("search-index", "LEMMATA_SEARCH"), ("graph-data", "LEMMATA_GRAPH")):
        text = files[f"assets/{name}.js"].decode("ascii")
        assert text.startswith(f"window.{variable} = ")
        assert text.count("\n") == 1
        assert json.loads(text.removeprefix(f"window.{variable} = ").rstrip(";\n"))


def test_what_no_text_may_hold_is_replaced() -> None:
    written = b"".join(render_site(hostile()).values()).decode()
    shown = "".join(text.decode() for name, text in render_site(hostile()).items() if name.endswith(".html"))
    assert not re.search("[\x00-\x08\x0b-\x1f]", shown)
    assert "\ufffd\ufffd\ufffd[31m" in written


def test_no_text_turns_the_order_of_what_follows_about() -> None:
    document = hostile()
    document["claims"][0]["title"] = "is \u202eDEVORP\u2066 and\u2028so on"
    pages = b"".join(render_site(document).values()).decode()
    assert not re.search("[\u2028-\u202e\u2066-\u2069]", pages)
    assert "is \ufffdDEVORP\ufffd and\ufffdso on" in pages
