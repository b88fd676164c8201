"""The pages: what they must contain, and what nobody's text may do to it.

The results are written by hand. Where the expected text matters, it comes from HTML's own rules, by way of the
parsers of the standard library, and not from the code that writes the page.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import math
import os
import re
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import verify.report
from verify.report import ReportError, render_site, write_html
from verify.report.claim_pages import claim_pages
from verify.report.figure import draw
from verify.report.mathml import math as formula
from verify.report.mathml import prose, statement
from verify.report.panel import PanelError
from verify.report.plain import plain
from verify.report.reading import read
from verify.report.standing import standings
from verify.report.tables import cell

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</style>]]>--></svg>"
VOID = {"meta", "link", "br", "hr", "img", "input"}


def claim(id: str, **changes: Any) -> dict[str, Any]:
    paper = id.split(".")[0]
    return {
        "id": id,
        "paper": paper,
        "title": f"Title of {id}",
        "where": "Section 3.1, equation (7)",
        "statement": r"\frac{dP}{dt} = 2Q(1-P)",
        "hypotheses": ["the data are symmetric", "$\\lVert z \\rVert = 1$"],
        "uses": [],
        "basis": "derived",
        "verdict": "PROVED",
        "method": "symbolic",
        "settled": True,
        "expected": "PROVED",
        "expected_reason": "",
        "as_expected": True,
        "seconds": 1.5,
        "detail": "the difference is zero",
        "evidence": [
            {
                "verdict": "PROVED",
                "method": "symbolic",
                "detail": "the difference is zero as a polynomial",
                "seconds": 1.5,
                "data": {},
            }
        ],
        "mutants": [],
        "source": "verify/papers/multistage/dynamics.py",
        "cached": None,
    } | changes


def mutant(name: str, *, witness: str | None, killed: bool, verdict: str = "REFUTED") -> dict[str, Any]:
    return {
        "mutant": name,
        "description": "the sign of the second term is changed",
        "statement": r"\frac{dP}{dt} = 2Q(1+P)",
        "verdict": verdict,
        "detail": "a counterexample was found",
        "witness": witness,
        "killed": killed,
        "seconds": 0.2,
    }


def times(count: int = 60) -> list[float]:
    return [0.2 * i for i in range(count)]


def panel(**changes: Any) -> dict[str, Any]:
    t = times()
    return {
        "title": "Order parameter P of the network and of the reduced system",
        "xlabel": "t (time of the gradient flow)",
        "ylabel": "$P$",
        "xscale": "linear",
        "yscale": "linear",
        "series": [
            {
                "label": "full network, m = 1000",
                "x": t,
                "y": [1 / (1 + math.exp(6 - s)) for s in t],
                "style": "line",
                "role": "simulated",
            },
            {
                "label": "reduced system",
                "x": t,
                "y": [1 / (1 + math.exp(6.05 - s)) for s in t],
                "style": "dashed",
                "role": "predicted",
            },
        ],
        "marks": [{"x": 2.1, "label": "$T_1$"}, {"x": 7.9, "label": "$T_2$"}],
    } | changes


def evidence(verdict: str, method: str, **data: Any) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "method": method,
        "detail": "the largest difference is 0.0031, the error budget 0.01",
        "seconds": 12.25,
        "data": data,
    }


def document(*claims: dict[str, Any]) -> dict[str, Any]:
    every = [one for record in claims for one in record["mutants"]]
    counted = [one for one in every if one["witness"] is not None]
    counts = Counter(record["verdict"] for record in claims)
    return {
        "schema": "lemmata/results/1",
        "created": "2026-05-04T03:02:01+00:00",
        "effort": "quick",
        "seed": 20260504,
        "versions": {"python": "3.11.7", "sympy": "1.14.0"},
        "machine": {"system": "Linux", "machine": "x86_64", "cores": 2},
        "papers": [
            {"name": "multistage", "title": "Multi-stage loss dynamics", "reference": "A. Author, 2024"}
        ],
        "claims": list(claims),
        "summary": {v: counts[v] for v in ("PROVED", "SUPPORTED", "REFUTED", "UNDECIDED", "ERROR")},
        "mutants": {
            "killed": sum(one["killed"] for one in counted),
            "with_witness": len(counted),
            "total": len(every),
        },
    }


def example() -> dict[str, Any]:
    """A document with one of everything."""
    widths = {
        "columns": ["width $m$", "$T_2$", "note"],
        "rows": [[100, 4.123456789, "ok"], [1000, 5.25, None]],
    }
    loss = [0.5 * math.exp(-s) + 1e-5 for s in times()]
    log_panel = panel(
        title="Loss",
        ylabel="loss",
        yscale="log",
        series=[{"label": "loss", "x": times(), "y": loss, "style": "line", "role": "simulated"}],
    )
    fit = panel(
        title="Time of the descent",
        xlabel="width m",
        ylabel="$T_2$",
        xscale="log",
        yscale="log",
        series=[
            {
                "label": "measured",
                "x": [100, 300, 1000],
                "y": [4.1, 4.6, 5.2],
                "style": "points",
                "role": "other",
            },
            {"label": "fit", "x": [100, 1000], "y": [4.1, 5.2], "style": "dashed", "role": "predicted"},
        ],
        marks=[],
    )
    return document(
        claim(
            "multistage.eq7",
            mutants=[
                mutant("sign-1", witness="at P = 1/3, Q = 2: 8/3 against 16/3", killed=True),
                mutant("exponent-2", witness="at P = 2: 1 against 4", killed=False, verdict="UNDECIDED"),
                mutant("symbol-1", witness=None, killed=False, verdict="UNDECIDED"),
            ],
        ),
        claim(
            "multistage.prop4",
            title="The initial descent takes a time of order log m",
            where="Section 4, Proposition 4",
            uses=["multistage.eq7", "sharpness.eq1"],
            verdict="SUPPORTED",
            method="simulation",
            settled=False,
            expected="SUPPORTED",
            expected_reason="an asymptotic statement is not proved by finite widths",
            basis="chosen",
            evidence=[
                evidence("SUPPORTED", "simulation", table=widths, figure=[panel(), log_panel], seeds=[1, 2]),
                evidence("SUPPORTED", "scaling", figure=[fit]),
            ],
        ),
        claim(
            "multistage.rem7",
            where="Remark 7",
            verdict="REFUTED",
            method="search",
            settled=False,
            expected="SUPPORTED",
            as_expected=False,
            evidence=[evidence("REFUTED", "search", counterexample={"m": 2, "a": ["1/3", "-2"]})],
        ),
    )


def hostile() -> dict[str, Any]:
    """Every text of the document is hostile, the ids and the keys of data included."""
    bad = panel(
        title=HOSTILE,
        xlabel=HOSTILE + "$\\frac{$",
        ylabel=HOSTILE,
        series=[{"label": HOSTILE, "x": [0, 1], "y": [1, 2], "style": "line", "role": HOSTILE}],
        marks=[{"x": 0.5, "label": HOSTILE}],
    )
    record = claim(
        f"p.{HOSTILE}",
        title=HOSTILE,
        where=HOSTILE,
        statement=HOSTILE,
        hypotheses=[HOSTILE, f"${HOSTILE}$", f"`{HOSTILE}`"],
        uses=[HOSTILE, f"p.{HOSTILE}"],
        expected_reason=HOSTILE,
        expected="SUPPORTED",
        as_expected=False,
        detail=HOSTILE,
        method=HOSTILE,
        basis=HOSTILE,
        source=HOSTILE,
        cached=HOSTILE,
        evidence=[
            {
                "verdict": "PROVED",
                "method": HOSTILE,
                "detail": HOSTILE + "\x00\ud800\x1b[31m",
                "seconds": 0.0,
                "data": {
                    "table": {"caption": HOSTILE, "columns": [HOSTILE], "rows": [[HOSTILE], [[HOSTILE]]]},
                    "figure": [bad, HOSTILE],
                    HOSTILE: HOSTILE,
                },
            }
        ],
        mutants=[
            mutant(HOSTILE, witness=HOSTILE, killed=False)
            | {"description": HOSTILE, "statement": f"\\text{{{HOSTILE}}}", "detail": HOSTILE}
        ],
    )
    made = document(record)
    made["papers"] = [{"name": "p", "title": HOSTILE, "reference": HOSTILE}]
    made["machine"] = {HOSTILE: HOSTILE}
    made["created"] = HOSTILE
    return made


class Page(HTMLParser):
    """A page taken apart: elements with their attributes in order, their texts, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def named(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def text(self) -> str:
        return " ".join("".join(data for tag, data in self.texts if tag != "style").split())


def site(made: dict[str, Any]) -> dict[str, Page]:
    """The report's pages by their addresses."""
    return {name: Page(text.decode()) for name, text in render_site(made).items() if name.endswith(".html")}


def first_claim(made: dict[str, Any]) -> Page:
    return next(page for name, page in site(made).items() if name.startswith("claims/"))


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    return site(example())


@pytest.fixture(scope="module")
def hostile_pages() -> dict[str, Page]:
    return site(hostile())


def test_the_example_is_a_results_document() -> None:
    schema = Path(__file__).parents[2] / "verify" / "results.schema.json"
    jsonschema.validate(example(), json.loads(schema.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("claims/multistage.eq7.html", "the data are symmetric"),
        ("claims/multistage.eq7.html", "the difference is zero as a polynomial"),
        ("claims/multistage.eq7.html", "at P = 1/3, Q = 2: 8/3 against 16/3"),
        ("claims/multistage.eq7.html", "1 of 2 caught, 1 not counted"),
        ("claims/multistage.eq7.html", "verify/papers/multistage/dynamics.py"),
        ("claims/multistage.eq7.html", "lemmata verify multistage.eq7 --effort quick --seed 20260504"),
        ("claims/multistage.eq7.html", "Used by multistage.prop4"),
        ("claims/multistage.prop4.html", "Rests on multistage.eq7"),
        ("claims/multistage.prop4.html", "full network, m = 1000"),
        ("claims/multistage.rem7.html", "expected SUPPORTED"),
        ("claims/multistage.prop4.html", "a choice made here where the paper leaves one open"),
        ("claims/multistage.rem7.html", '"counterexample"'),
        ("papers/paper-multistage.html", "Section 3.1"),
        ("papers/paper-multistage.html", "Section 4"),
        ("index.html", "A. Author, 2024"),
        ("index.html", "sympy"),
        ("index.html", "20260504"),
        ("index.html", "1 of 3 verdicts is not as expected"),
        ("index.html", "Negative controls caught 1 of 2"),
        ("index.html", "multistage.rem7 Title of multistage.rem7 is REFUTED, expected SUPPORTED"),
        ("graph.html", "eq7 Title of multistage.eq7 ✓ settled Used by prop4"),
        ("graph.html", "Rests on eq7"),
    ],
)
def test_the_pages_say_what_the_results_say(pages: dict[str, Page], address: str, wanted: str) -> None:
    assert wanted in pages[address].text


def test_there_is_a_page_for_each_claim_and_each_paper(pages: dict[str, Page]) -> None:
    claims = {f"claims/multistage.{name}.html" for name in ("eq7", "prop4", "rem7")}
    assert set(pages) == {"index.html", "graph.html", "papers/paper-multistage.html"} | claims


def test_verdicts_are_words_and_not_colour_alone(pages: dict[str, Page]) -> None:
    words = {data for tag, data in pages["index.html"].texts if tag == "span"}
    assert {"PROVED", "SUPPORTED", "REFUTED"} <= words


@pytest.mark.parametrize("made", [example, hostile])
def test_every_link_meets_a_place(made: Any) -> None:
    files = render_site(made())
    found = {name: Page(text.decode()) for name, text in files.items() if name.endswith(".html")}
    ids = {
        name: [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        for name, page in found.items()
    }
    for name, page in found.items():
        assert [id for id, times in Counter(ids[name]).items() if times > 1] == []
        for _, attributes in page.elements:
            for key in ("aria-labelledby", "aria-describedby", "for", "aria-controls"):
                for target in attributes.get(key, "").split():
                    assert target in ids[name]
            for key in ("href", "src"):
                if key not in attributes or attributes[key].startswith("#verdict="):
                    continue
                file, _, fragment = attributes[key].partition("#")
                target = os.path.normpath(os.path.join(os.path.dirname(name), file)) if file else name
                assert target in files
                if fragment and not fragment.startswith("paper="):
                    assert fragment in ids[target]


def test_a_claim_that_the_results_lack_is_named_and_not_linked(pages: dict[str, Page]) -> None:
    page = pages["claims/multistage.prop4.html"]
    assert "sharpness.eq1 not among these results" in page.text
    assert not [one for one in page.named("a") if "sharpness" in one.get("href", "")]


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


def test_a_number_larger_than_any_float_is_shown() -> None:
    assert cell(10**400) == "1.000000e+400"
    assert cell(-(10**400)) == "−1.000000e+400"


def test_headings_are_in_order_and_landmarks_are_there(pages: dict[str, Page]) -> None:
    for page in pages.values():
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert len(page.named("main")) == 1
        assert page.named("html") == [{"lang": "en"}]
        assert {"class": "skip", "href": "#main"} in page.named("a")


def test_tables_have_headers(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert all(attributes.get("scope") in ("col", "row", "rowgroup") for attributes in page.named("th"))
    assert len(pages["claims/multistage.prop4.html"].named("caption")) == 1


def test_long_tables_are_folded_away() -> None:
    table = {"columns": ["m"], "rows": [[m] for m in range(30)]}
    page = first_claim(document(claim("a.b", evidence=[evidence("PROVED", "symbolic", table=table)])))
    assert "Values: 30 rows" in page.text
    assert "29" in page.text


def test_the_steps_of_a_derivation_are_shown_in_their_order() -> None:
    steps = [
        {"text": "The flow is derived from $R$.", "latex": r"\dot a = -\partial_a R"},
        {"text": "Its expansion.", "latex": r"\unknown{<b>}"},
        {"text": HOSTILE},
    ]
    page = first_claim(document(claim("a.b", evidence=[evidence("PROVED", "symbolic", derivation=steps)])))
    assert "The flow is derived from R." in page.text
    assert page.text.index("Its expansion.") < page.text.index(r"\unknown{<b>}") < page.text.index("<script>")
    assert "Further data" not in page.text
    assert not page.named("img", "b")


@pytest.mark.parametrize("steps", ["one", [3], [{}], [{"text": ""}], [{"text": 3}]])
def test_what_is_no_derivation_is_shown_as_data(steps: Any) -> None:
    page = first_claim(document(claim("a.b", evidence=[evidence("PROVED", "symbolic", derivation=steps)])))
    assert '"derivation"' in page.text


def test_long_numbers_are_shortened_and_kept(pages: dict[str, Page]) -> None:
    page = pages["claims/multistage.prop4.html"]
    assert "4.12346" in page.text
    assert "4.123456789" in {attributes.get("title") for attributes in page.named("td")}


def test_figures_are_drawn_with_their_own_names_and_descriptions(pages: dict[str, Page]) -> None:
    page = pages["claims/multistage.prop4.html"]
    drawn = [attributes for attributes in page.named("svg") if attributes.get("role") == "img"]
    assert len(drawn) == 3
    assert len({attributes["aria-labelledby"] for attributes in drawn}) == 3
    described = " ".join(data for tag, data in page.texts if tag == "desc")
    assert "y axis: loss, log" in described
    assert "T₁ at 2.1" in described


def test_the_same_results_make_the_same_report() -> None:
    assert render_site(example()) == render_site(json.loads(json.dumps(example())))


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_report_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "new folder"
    path = write_html(example(), folder)
    assert path == folder / "index.html"
    before = files_in(folder)
    assert before == render_site(example())
    broken = example()
    del broken["claims"][0]["title"]
    with pytest.raises(ReportError, match="the results lack 'title'"):
        write_html(broken, folder)
    assert files_in(folder) == before


def test_pages_of_an_earlier_report_do_not_stay(tmp_path: Path) -> None:
    write_html(example(), tmp_path)
    own = {"results.json": b"{}", "claims/notes.html": b"mine", "assets/files.bak": b"mine"}
    for name, content in own.items():
        (tmp_path / name).write_bytes(content)
    less = document(claim("multistage.eq7"))
    write_html(less, tmp_path)
    assert files_in(tmp_path) == render_site(less) | own


@pytest.mark.parametrize(
    "listed", ["../outside.html", "/outside.html", "results.json", "claims/../results.json", "."]
)
def test_a_damaged_list_of_files_removes_nothing_else(tmp_path: Path, listed: str) -> None:
    folder = tmp_path / "report"
    write_html(document(claim("a.b")), folder)
    outside = [tmp_path / "outside.html", folder / "results.json"]
    for path in outside:
        path.write_text("kept", encoding="utf-8")
    (folder / "assets" / "files.txt").write_text(f"{listed}\n", encoding="utf-8")
    write_html(document(claim("a.c")), folder)
    assert all(path.exists() for path in outside)


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "claims").write_text("a file where a folder belongs", encoding="utf-8")
    with pytest.raises(OSError, match="claims"):
        write_html(example(), tmp_path)
    assert not (tmp_path / "index.html").exists()


def test_the_map_of_a_paper_names_the_claims_that_look_at_it() -> None:
    made = document(
        claim("multistage.eq7"), claim("multistage.prop4", uses=["multistage.eq7"], verdict="SUPPORTED")
    )
    entry = {
        "id": "eq7",
        "number": "(7)",
        "title": "The dynamics",
        "kind": "claim",
        "basis": "derived",
        "statement": r"\dot a_k = w_k \cdot z",
        "claims": ["multistage.eq7", "multistage.eq9"],
        "reach": "for any width $m$",
        "rests_on": ["asm1"],
    }
    other = entry | {
        "id": "asm1",
        "number": HOSTILE,
        "title": HOSTILE,
        "claims": [],
        "rests_on": [],
        "reach": HOSTILE,
    }
    made["papers"][0]["entries"] = [other, entry]
    page = site(made)["papers/paper-multistage.html"]
    assert "(7) ✓ The dynamics: settled" in page.text
    assert "(7) The dynamics claim, calculated from the model; rests on" in page.text
    assert "Not among these results: eq9" in page.text
    assert "These results hold 1 of the 2 claims that the map names" in page.text
    assert "No claim looks at it." in page.text
    assert "for any width" in page.text
    assert not page.named("img")


def test_changed_constants_are_said_and_in_the_command() -> None:
    made = document(claim("multistage.eq7", parameters=["zeta"]), claim("multistage.eq8"))
    constant = {
        "name": "zeta",
        "symbol": r"\zeta",
        "meaning": HOSTILE,
        "allowed": "a number above 0",
        "value": "1/20",
        "default": "1/10",
        "changed": True,
        "claims": ["multistage.eq7"],
    }
    made["papers"][0]["parameters"] = [constant, constant | {"name": "gamma", "changed": False}]
    made["controls"] = False
    pages = site(made)
    assert "= 1/20 instead of 1/10." in pages["index.html"].text
    assert "The negative controls were not run." in pages["index.html"].text
    page = pages["claims/multistage.eq7.html"]
    assert "= 1/20 (changed from 1/10): <script>" in page.text
    said = "lemmata verify multistage.eq7 --effort quick --seed 20260504 --set multistage.zeta=1/20"
    assert ("code", said) in page.texts
    assert "They were not run." in page.text
    assert "Constants that it reads" not in pages["claims/multistage.eq8.html"].text


def test_a_paper_in_a_file_is_repeated_from_the_file() -> None:
    made = document(claim("toys.eq1"))
    made["papers"] = [
        {"name": "toys", "title": "T", "reference": "", "file": {"name": "my toys.py", "sha256": ""}}
    ]
    pages = site(made)
    assert "lemmata verify 'my toys.py' toys.eq1 --effort" in pages["claims/toys.eq1.html"].text
    assert "lemmata verify 'my toys.py' --effort" in pages["index.html"].text


def many() -> dict[str, Any]:
    caught = [mutant("m", witness=HOSTILE, killed=True)]
    return document(
        *(claim(f"a.c{i}", mutants=caught, title=HOSTILE if i % 3 else "Plain") for i in range(7))
    )


def test_several_processes_make_the_same_pages() -> None:
    made = many()
    reading = read(made)
    alone = dict(claim_pages(made, reading, processes=1))
    assert dict(claim_pages(made, reading, processes=3)) == alone
    assert set(alone) == {f"claims/a.c{i}.html" for i in range(7)}


@pytest.mark.parametrize("broken", ["/nowhere/python", sys.executable])
def test_what_a_helper_fails_at_is_made_without_it(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = many()
    reading = read(made)
    alone = dict(claim_pages(made, reading, processes=1))
    # The one cannot be started; the other finds no module of that name.
    monkeypatch.setattr("verify.report.claim_pages.sys.executable", broken)
    monkeypatch.setattr("verify.report.claim_pages.__spec__", type("Spec", (), {"name": "no.such.module"}))
    assert dict(claim_pages(made, reading, processes=2)) == alone


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


def test_an_overview_of_hundreds_of_claims_stays_small() -> None:
    mutants = [mutant(f"m{i}", witness="at 1", killed=True) for i in range(12)]
    many = document(*(claim(f"a.c{i}", mutants=mutants if i < 5 else []) for i in range(300)))
    assert len(render_site(many)["index.html"]) < 3_000_000 / 4


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"claims": 3},
        document(claim("a.b", verdict="MAYBE")),
        document(claim("a.b", evidence=[3])),
        document(claim("a.b"), claim("a.b")),
        [],
        None,
    ],
)
def test_what_is_no_results_document_is_refused_in_one_sentence(broken: Any) -> None:
    with pytest.raises(ReportError) as caught:
        render_site(broken)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "heading"),
    [
        ("Section 3.2, equation (7)", "Section 3.2"),
        ("Theorem 1 in section 4", "Section 4"),
        ("§5.1", "Section 5.1"),
        ("Appendix B, equation (65)", "Appendix B"),
        ("Sect. A.2", "Appendix A.2"),
        ("beyond the paper", "Beyond the paper"),
        ("abstract, 'the loss rises'", "Abstract"),
        ("beyond the abstract; a toy", "Beyond the abstract"),
        ("Theorem 2 (iii), equation (44)", "Theorem 2"),
        ("equation (7)", "Claims"),
        ("", "Claims"),
    ],
)
def test_claims_stand_under_their_section(where: str, heading: str) -> None:
    page = site(document(claim("a.b", where=where)))["papers/paper-a.html"]
    assert ("h3", heading) in page.texts


def test_results_without_claims_are_a_page_too() -> None:
    pages = site(document())
    assert "hold no claims" in pages["index.html"].text


def test_ids_that_look_alike_get_different_addresses() -> None:
    made = document(*(claim(id) for id in ("a.x y", "a.x!y", "a.X-Y", "main", "..", "a/../../b")))
    names = [name for name in render_site(made) if name.startswith("claims/")]
    assert len({name.lower() for name in names}) == 6
    assert all(re.fullmatch(r"claims/[A-Za-z0-9][\w.-]*\.html", name) for name in names)


def test_a_panel_that_cannot_be_drawn_costs_the_panel_only() -> None:
    panels = [panel(yscale="log", series=[{"label": "s", "x": [1], "y": [-1]}]), panel(), 3]
    page = first_claim(document(claim("a.b", evidence=[evidence("PROVED", "symbolic", figure=panels)])))
    assert "no value on it is positive" in page.text
    assert "a panel of a figure is a mapping" in page.text
    assert len([one for one in page.named("svg") if one.get("role") == "img"]) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"xscale": "cubic"}, "a scale is linear or log"),
        ({"series": 3}, "its series is a list"),
        ({"series": [{"label": "s", "x": [1, 2], "y": [1]}]}, "2 values of x and 1 of y"),
        ({"series": [{"label": "s", "x": [1], "y": [[1]]}]}, "where a number belongs"),
        ({"series": [{"label": "s", "x": [1], "y": ["one"]}]}, "where a number belongs"),
        ({"series": [{"label": "s", "x": [1], "y": [1], "style": "wavy"}]}, "style"),
        ({"series": [{"label": "s", "x": [-1e308, 1e308], "y": [-1e308, 1e308]}]}, "cannot be drawn"),
        ({"marks": [3]}, "each of its marks"),
    ],
)
def test_malformed_panels_say_what_is_wrong(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        draw(panel(**changes), "f")


def test_gaps_and_numbers_as_text_can_be_drawn() -> None:
    series = [{"label": "s", "x": [0, 1, 2, 3], "y": ["0.5", None, "nan", 1e-30], "style": "points"}]
    svg = draw(panel(series=series, marks=[{"x": "inf", "label": "never"}]), "f").svg
    # One marker for each of the two finite values: each refers to the one drawn shape of the series.
    shapes = re.findall(r'id="(f-\d+)"', svg)
    assert 2 in [svg.count(f'<use href="#{shape}"') for shape in shapes]


def test_predicted_lines_are_dashed_over_solid_simulated_ones() -> None:
    svg = draw(panel(), "f").svg
    simulated = svg.index("stroke: var(--series-1)")
    predicted = re.search(r"stroke-dasharray: [^;]+; stroke-dashoffset: 0; stroke: var\(--ink\)", svg)
    assert predicted is not None
    assert predicted.start() > simulated
    assert "dasharray" not in svg[svg.rindex("<path", 0, simulated) : svg.index("/>", simulated)]


@pytest.mark.parametrize(
    ("y", "ticks"),
    [
        ([1e-6, 1e2], {"10⁻⁶", "10⁻⁴", "10⁻²", "1", "100"}),
        ([4e-4, 6e-3], {"0.0005", "0.001", "0.002", "0.005"}),
        ([4e-9, 6e-8], {"5·10⁻⁹", "10⁻⁸", "2·10⁻⁸", "5·10⁻⁸"}),
        ([1e5, 1e9], {"10⁵", "10⁷", "10⁹"}),
    ],
)
def test_logarithmic_axes_are_labelled_in_one_way(y: list[float], ticks: set[str]) -> None:
    series = [{"label": "s", "x": [0, 1], "y": y, "style": "line"}]
    svg = draw(panel(series=series, yscale="log", marks=[]), "f").svg
    assert ticks <= set(re.findall(r"<text [^>]*>([^<]*)</text>", svg))


def test_colours_are_the_pages_own() -> None:
    svg = draw(panel(), "f").svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)
    assert "<style" not in svg
    assert "font-family" not in svg


@pytest.mark.parametrize(
    ("latex", "wanted"),
    [
        (r"\frac{1}{2}", "<mfrac>"),
        (r"a < b \& c", "<mo>&lt;</mo>"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "<mtr>"),
        (r"a \\ b", "<mtr>"),
        (r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}", "<mtable>"),
        (r"\mathrm{d}t", '<mi mathvariant="normal">d</mi>'),
        (r"\dot a", '<mover accent="true">'),
        (r"\max_j x", "<munder><mo"),
        (r"\log m", '<mi>log</mi><mspace width="0.167em" /><mi>m</mi>'),
    ],
)
def test_formulas_become_mathml(latex: str, wanted: str) -> None:
    set_ = formula(latex, display=True)
    assert set_.startswith("<math ")
    assert wanted in set_


@pytest.mark.parametrize("latex", [r"\unknown{x}", "}{", "", "{" * 5000, "a\x00b", "x" * 30_000, "\\"])
def test_what_cannot_be_set_stays_latex(latex: str) -> None:
    assert formula(latex).startswith('<code class="latex">')


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:red}{x}",
        r"\class{evil}{x}",
        r"\text{<script>alert(1)</script>}",
        r"\text{&lt;script&gt;&#x3c;script&#x3e;}",
        r"<script>",
        r"\color{red\" onclick=\"alert(1)}{x}",
        r"\mathrm{<b>}",
    ],
)
def test_formulas_carry_nothing_but_mathematics(latex: str) -> None:
    page = Page(str(formula(latex)))
    allowed = {"display", "alttext", "mathvariant", "stretchy", "form", "fence", "accent", "class"}
    for tag, attributes in page.elements:
        assert tag in ("math", "code") or tag.startswith("m"), tag
        assert set(attributes) <= allowed
        assert attributes.get("class", "latex") == "latex"


def test_prose_sets_formulas_and_code_and_escapes_the_rest() -> None:
    assert prose("a < $b$ & `c<d`").startswith("a &lt; <math ")
    assert prose("a < $b$ & `c<d`").endswith(" &amp; <code>c&lt;d</code>")
    assert prose("it costs $5") == "it costs $5"


def test_a_statement_in_words_is_not_set_as_one_formula() -> None:
    assert statement("for all $t$: bounded").startswith("for all <math ")
    assert statement(r"x \ \text{where $x$ is real}").startswith("<math ")


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("$T_1$", "T₁"),
        (r"$\alpha^{-2}$ (no unit)", "α⁻² (no unit)"),
        (r"$\lVert w \rVert$", "‖w ‖"),
        (r"$\frac{1}{2}$", r"$\frac{1}{2}$"),
        ("5 $ or 6", "5 $ or 6"),
    ],
)
def test_labels_are_plain_text(label: str, wanted: str) -> None:
    assert plain(label) == wanted


def test_the_document_is_left_as_it_was() -> None:
    made = example()
    before = copy.deepcopy(made)
    render_site(made)
    assert made == before
