"""The report in a real browser, opened from disk: what it shows, what the keyboard does, and that it asks for nothing.

Chromium is driven by Playwright, and accessibility judged by axe-core. Without a Chromium on the machine there is
nothing to open the pages with, and these tests say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from verify.report import write_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)"
)

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</style>]]>--></svg>\u2028`${alert(3)}`"
)
SIZES = {"phone": {"width": 360, "height": 780}, "desktop": {"width": 1440, "height": 900}}
VERDICTS = ("PROVED", "SUPPORTED", "REFUTED", "UNDECIDED", "ERROR")


def claim(id: str, verdict: str = "PROVED", uses: Sequence[str] = (), **changes: Any) -> dict[str, Any]:
    method = "symbolic" if verdict == "PROVED" else "search"
    return {
        "id": id,
        "paper": id.split(".")[0],
        "title": f"What {id.split('.', 1)[1]} says of $Q$",
        "where": "Section 3.1, equation (7)",
        "statement": r"\dot P = 2 Q \left(1 - P\right)",
        "hypotheses": [r"$\lVert z \rVert = 1$", "the data are symmetric"],
        "uses": list(uses),
        "basis": "derived",
        "verdict": verdict,
        "method": method,
        "settled": False,
        "expected": verdict,
        "expected_reason": "The sentence is false at $m = 1$." if verdict in ("REFUTED", "UNDECIDED") else "",
        "as_expected": True,
        "seconds": 0.25,
        "detail": "the difference is zero",
        "evidence": [
            {"verdict": verdict, "method": method, "detail": "compared", "seconds": 0.25, "data": {}}
        ],
        "mutants": [],
        "source": "papers/toys.py",
        "cached": None,
    } | changes


def rich(id: str) -> dict[str, Any]:
    """A claim with a derivation, plots of both kinds, tables, and a control that survived."""
    t = [0.1 * i for i in range(80)]
    figure = [
        {
            "title": "Loss",
            "xlabel": "$t$",
            "ylabel": "loss",
            "yscale": "log",
            "series": [
                {"label": "network", "x": t, "y": [2.0**-s for s in t], "style": "line", "role": "simulated"},
                {
                    "label": "theory",
                    "x": t,
                    "y": [2.1**-s for s in t],
                    "style": "dashed",
                    "role": "predicted",
                },
            ],
            "marks": [{"x": 3.0, "label": "$T_1$"}],
        },
        {
            "title": "Outcome",
            "xlabel": r"$\eta$",
            "ylabel": r"$\alpha$",
            "cells": {
                "x": [1, 2, 3],
                "y": [1, 2],
                "values": [[0, 1, 1], [None, 0, 1]],
                "categories": ["converges", "diverges"],
            },
        },
    ]
    table = {"columns": ["$m$", "$T_2$"], "rows": [[m, 0.123456789 * m] for m in range(1, 25)]}
    steps = [
        {"text": f"Step {i}: the flow at order ${i}$.", "latex": r"\dot a = " + "a w + " * 60 + "1"}
        for i in (1, 2)
    ]
    data = {"figure": figure, "table": table, "derivation": steps, "seeds": [1, 2, 3]}
    mutants = [
        {
            "mutant": name,
            "description": "the sign of $Q$ is changed",
            "statement": r"\dot P = -2 Q \left(1 - P\right)" + " + Q^2" * 30,
            "verdict": "REFUTED" if killed else "PROVED",
            "detail": "at an exact point the difference is 4/3",
            "witness": witness,
            "killed": killed,
            "seconds": 0.1,
        }
        for name, witness, killed in (
            ("sign-1", "P = 1/2", True),
            ("sign-2", "P = 1", False),
            ("drop", None, True),
        )
    ]
    found = {"verdict": "PROVED", "method": "symbolic", "detail": "equal", "seconds": 0.2, "data": data}
    return claim(id, evidence=[found], mutants=mutants)


def document(claims: Sequence[dict[str, Any]]) -> dict[str, Any]:
    mutants = [one for each in claims for one in each["mutants"]]
    shown = [one for one in mutants if one["witness"] is not None]
    papers = dict.fromkeys(one["paper"] for one in claims)
    return {
        "schema": "lemmata/results/1",
        "created": "2026-05-04T03:02:01+00:00",
        "effort": "quick",
        "seed": 0,
        "versions": {"python": "CPython 3.11.7", "sympy": "1.14.0"},
        "machine": {"system": "Linux", "machine": "x86_64", "cores": 2},
        "papers": [{"name": name, "title": f"On {name}", "reference": "A. Author"} for name in papers],
        "claims": list(claims),
        "summary": {verdict: sum(one["verdict"] == verdict for one in claims) for verdict in VERDICTS},
        "mutants": {
            "killed": sum(one["killed"] for one in shown),
            "with_witness": len(shown),
            "total": len(mutants),
        },
    }


def made_by_hand() -> dict[str, Any]:
    """Two papers; the claims of the first rest on each other in every way of standing."""
    small = [
        claim("toys.eq1"),
        claim("toys.eq2", uses=["toys.eq1"]),
        claim("toys.law", "SUPPORTED", uses=["toys.eq2"], expected="PROVED", as_expected=False),
        claim("toys.thm1", uses=["toys.law", "toys.eq1"]),
        claim("toys.rem1", "REFUTED"),
        claim("toys.rem2", "UNDECIDED", uses=["toys.rem1"]),
        claim("toys.rem3", "ERROR"),
        rich("toys.fig1"),
        claim(
            "toys.evil",
            uses=["toys.eq1"],
            title=HOSTILE,
            where=HOSTILE,
            statement=HOSTILE,
            hypotheses=[HOSTILE, f"${HOSTILE}$"],
            detail=HOSTILE,
            source=HOSTILE,
        ),
    ]
    made = document([*small, claim("other.eq1")])
    made["papers"][0]["entries"] = [
        {
            "id": "eq1",
            "number": "(1)",
            "title": HOSTILE,
            "kind": "claim",
            "basis": "text",
            "statement": r"\dot P = 2 Q (1 - P)" + " + Q" * 80,
            "claims": ["toys.eq1", "toys.law"],
            "reach": "for every width $m$",
            "rests_on": [],
        }
    ]
    return made


def of_many_claims() -> dict[str, Any]:
    """A paper of 200 claims, each of which rests on one or two before it."""
    return document(
        [
            claim(
                f"large.c{i}",
                uses=[f"large.c{j}" for j in {i // 2, i - 3 if i % 5 else i // 3} if 0 <= j < i],
            )
            for i in range(200)
        ]
    )


def closure(made: dict[str, Any], id: str) -> set[str]:
    """A claim with all that it rests on and all that rests on it, by going round until nothing is added."""
    uses = {one["id"]: set(one["uses"]) for one in made["claims"]}
    below, above = {id}, {id}
    for _ in uses:
        below |= {used for one in below for used in uses[one]}
        above |= {one for one in uses if uses[one] & above}
    return below | above


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report with a space & #1")
    write_html(made_by_hand(), made)
    return made


@pytest.fixture(scope="module")
def large_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("large")
    write_html(of_many_claims(), made)
    return made


THEORY = """
import sympy as sp
from theory import Derivation, P
from verify import Paper

paper = Paper("Early training")
x = sp.Symbol("x", real=True)
paper.identity("logistic", lambda: Derivation(1).logistic[P], 2 * P * (1 - P), title="Logistic equation")
bound = sp.Le(2 * x * (1 - x), sp.Rational(1, 2))
paper.inequality("below", bound, over={x: (0, 1)}, uses=("logistic",), title="Bound")
"""


@pytest.fixture(scope="module")
def real_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `lemmata verify` writes."""
    place = tmp_path_factory.mktemp("run")
    (place / "early.py").write_text(THEORY, encoding="utf-8")
    command = [sys.executable, "-m", "verify", "verify", "early.py", "--jobs", "1", "--out", "results"]
    environment = os.environ | {
        "LEMMATA_CACHE": str(place / "cache"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=place)
    return place / "results"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


class Tab:
    """A page, with everything it complained about and every address it asked for."""

    def __init__(self, browser: Any, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.context = browser.new_context(**({"viewport": SIZES["desktop"]} | options))
        self.page = self.context.new_page()
        self.trouble: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self.trouble.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on(
            "dialog", lambda dialog: (self.trouble.append(f"dialog {dialog.message}"), dialog.dismiss())
        )
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address: str) -> Any:
        self.page.goto("about:blank")
        name, _, fragment = address.partition("#")
        self.page.goto((self.folder / name).as_uri() + (f"#{fragment}" if fragment else ""))
        return self.page

    def check_quiet(self) -> None:
        assert self.trouble == []
        assert self.asked
        assert [url for url in self.asked if not url.startswith("file://")] == []


@pytest.fixture
def tab(browser: Any, folder: Path, request: pytest.FixtureRequest) -> Iterator[Tab]:
    made = Tab(browser, folder, **getattr(request, "param", {}))
    yield made
    made.context.close()
    made.check_quiet()


PAGES = (
    "index.html",
    "papers/paper-toys.html",
    "graph.html#paper-toys",
    "claims/toys.fig1.html",
    "claims/toys.evil.html",
    "claims/toys.rem1.html",
)


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_pages_are_accessible_and_fit_the_screen(browser: Any, folder: Path, size: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = Tab(browser, folder, viewport=SIZES[size], color_scheme=scheme)
    for address in PAGES:
        page = tab.open(address)
        if "graph" in address:
            page.wait_for_selector("#canvas .node")
        if "fig1" in address:
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0, f"{address} is {wider} px wider than a {size}"
        found = (
            Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
        )
        grave = {
            one["id"]: [node["html"][:200] for node in one["nodes"][:3]]
            for one in found
            if one["impact"] in ("serious", "critical")
        }
        assert grave == {}, address
    tab.context.close()
    tab.check_quiet()


def test_light_and_dark_are_two_looks_of_one_page(browser: Any, folder: Path) -> None:
    look = {}
    for scheme in ("light", "dark"):
        tab = Tab(browser, folder, color_scheme=scheme)
        page = tab.open("claims/toys.fig1.html")
        colours = "getComputedStyle(document.querySelector('{}')).{}"
        look[scheme] = [
            page.evaluate(colours.format("body", "backgroundColor")),
            page.evaluate(colours.format("body", "color")),
            page.evaluate(colours.format("figure svg text", "fill")),
        ]
        tab.context.close()
    assert not set(look["light"]) & set(look["dark"])
    # The labels of a drawing have the colour of the text.
    assert all(colours[1] == colours[2] for colours in look.values())


def test_the_search_is_worked_by_the_keyboard(tab: Tab) -> None:
    page = tab.open("claims/toys.fig1.html")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("undecided")
    options = page.locator("#search-found [role=option]")
    assert [text.split()[0] for text in options.all_inner_texts()] == ["toys.rem2"]
    page.keyboard.press("Escape")
    assert not page.locator("#search-found").is_visible()
    page.keyboard.type("toys.eq")
    assert [text.split()[0] for text in options.all_inner_texts()] == ["toys.eq1", "toys.eq2"]
    chosen = page.locator("[aria-selected=true]")
    assert "toys.eq1" in chosen.inner_text()
    page.keyboard.press("ArrowDown")
    assert "toys.eq2" in chosen.inner_text()
    assert chosen.get_attribute("id") == page.locator("#search").get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    assert "toys.eq1" in chosen.inner_text()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/toys.eq2.html")


def test_the_search_says_what_it_found(tab: Tab) -> None:
    page = tab.open("index.html")
    page.fill("#search", "eq1")
    assert page.locator("#search-said").inner_text() == "2 claims found."
    page.fill("#search", "nowhere to be found")
    assert page.locator("#search-said").inner_text() == "No claim has “nowhere to be found”."
    page.fill("#search", "<script>")
    page.locator("#search-found [role=option]", has_text="toys.evil").click()
    page.wait_for_url("**/claims/toys.evil.html")
    assert HOSTILE.split("\u2028")[0] in page.locator("h1").inner_text()


def test_the_table_of_claims_is_filtered_and_the_filter_is_an_address(tab: Tab) -> None:
    page = tab.open("index.html")
    rows = page.locator("table.claims tbody tr:not(.group):visible")
    assert rows.count() == 10
    page.select_option("select[name=verdict]", "REFUTED")
    assert [text.split()[0] for text in rows.all_inner_texts()] == ["rem1"]
    assert page.locator("output[name=shown]").inner_text() == "1 of 10 shown"
    assert page.url.endswith("#verdict=REFUTED")
    page = tab.open("index.html#paper=paper-toys&standing=proved")
    assert [text.split()[0] for text in rows.all_inner_texts()] == ["thm1"]
    page.click("button[type=reset]")
    assert rows.count() == 10
    page.check("input[name=unexpected]")
    assert [text.split()[0] for text in rows.all_inner_texts()] == ["law"]
    page.click(".tile.v-UNDECIDED a")
    page.wait_for_function("document.querySelector('output[name=shown]').value.startsWith('1 of')")
    assert [text.split()[0] for text in rows.all_inner_texts()] == ["rem2"]


def drawn(page: Any, anchor: str) -> set[str]:
    """The claims in the drawing, once it shows what this address asks for."""
    page.wait_for_selector(f"#canvas[data-drawn='{anchor}']")
    labels = page.locator("#canvas .node a").evaluate_all(
        "links => links.map(link => link.getAttribute('aria-label'))"
    )
    return {label.split(":")[0] for label in labels}


def test_the_graph_shows_a_paper_and_a_claim_with_all_that_is_near_it(tab: Tab) -> None:
    made = made_by_hand()
    page = tab.open("graph.html")
    assert drawn(page, "paper-toys") == {f"toys.{name}" for name in "eq1 eq2 law thm1 rem1 rem2 evil".split()}
    assert "2 more stand alone" in page.locator("#focus-said").inner_text()
    page.select_option("#focus", "toys.thm1")
    assert drawn(page, "toys.thm1") == closure(made, "toys.thm1")
    assert page.url.endswith("graph.html#toys.thm1")
    page.select_option("#focus", "paper-other")
    assert drawn(page, "paper-other") == {"other.eq1"}
    # The address leads there too, also back and forth.
    page = tab.open("graph.html#toys.eq2")
    assert (
        drawn(page, "toys.eq2")
        == closure(made, "toys.eq2")
        == {f"toys.{n}" for n in "eq1 eq2 law thm1".split()}
    )
    assert "rests on 1 of the claims, and 2 rest on it" in page.locator("#focus-said").inner_text()
    page.get_by_role("link", name="show all of toys").click()
    assert len(drawn(page, "paper-toys")) == 7
    page.go_back()
    assert len(drawn(page, "toys.eq2")) == 4


def test_two_hundred_claims_are_drawn_and_found(browser: Any, large_folder: Path) -> None:
    made = of_many_claims()
    tab = Tab(browser, large_folder)
    page = tab.open("graph.html")
    assert drawn(page, "paper-large") == {f"large.c{i}" for i in range(200)}
    assert page.locator("#canvas .edge").count() == sum(len(one["uses"]) for one in made["claims"])
    page.select_option("#focus", "large.c90")
    assert drawn(page, "large.c90") == closure(made, "large.c90")
    page.fill("#search", "c1")
    assert page.locator("#search-found [role=option]").count() == 12
    assert "the first 12 are shown" in page.locator("#search-said").inner_text()
    tab.context.close()
    tab.check_quiet()


def test_colours_of_the_graph_are_computed(tab: Tab) -> None:
    page = tab.open("graph.html")
    drawn(page, "paper-toys")
    classes = page.locator("#canvas .node").evaluate_all(
        "nodes => nodes.map(node => ["
        "node.querySelector('a').getAttribute('aria-label').split(':')[0], node.getAttribute('class')])"
    )
    found = {id: next(word for word in names.split() if word.startswith("s-")) for id, names in classes}
    assert found == {
        "toys.eq1": "s-settled",
        "toys.eq2": "s-settled",
        "toys.law": "s-supported",
        "toys.thm1": "s-proved",
        "toys.rem1": "s-refuted",
        "toys.rem2": "s-undecided",
        "toys.evil": "s-settled",
    }
    assert dict(classes)["toys.law"].split().count("surprise") == 1


def test_the_graph_is_worked_by_the_keyboard(tab: Tab) -> None:
    page = tab.open("graph.html")
    drawn(page, "paper-toys")
    page.focus("#canvas")
    page.keyboard.press("Tab")
    page.locator("#canvas .node a[aria-label^='toys.eq1:']").focus()
    page.keyboard.press("ArrowRight")
    reached = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert reached.split(":")[0] in {"toys.eq2", "toys.evil", "toys.thm1"}
    page.locator("#canvas .node a[aria-label^='toys.eq2:']").focus()
    page.keyboard.press("Enter")
    assert drawn(page, "toys.eq2") == {f"toys.{name}" for name in "eq1 eq2 law thm1".split()}
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("toys.eq2:")
    width = "document.querySelector('#canvas svg').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.keyboard.press("+")
    assert page.evaluate(width) > before
    page.keyboard.press("0")
    page.keyboard.press("Escape")
    assert len(drawn(page, "paper-toys")) == 7
    page = tab.open("graph.html#toys.eq2")
    drawn(page, "toys.eq2")
    page.locator("#canvas .focus a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/toys.eq2.html")


def test_a_print_has_everything_and_no_controls(tab: Tab) -> None:
    page = tab.open("claims/toys.fig1.html")
    row = page.locator("td", has_text="2.96296").first
    assert not row.is_visible()
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert row.is_visible()
    for hidden in (".search", ".bar nav", ".turn", ".skip"):
        assert not page.locator(hidden).is_visible()
    assert page.locator(".steps li").count() == 2
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    assert page.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("tab", [{"color_scheme": "dark"}], indirect=True)
def test_a_print_is_on_white_paper(tab: Tab) -> None:
    page = tab.open("index.html")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".filters").is_visible()


@pytest.mark.parametrize("tab", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_everything_is_there_to_read(tab: Tab) -> None:
    page = tab.open("index.html")
    assert page.locator("table.claims tbody tr:not(.group):visible").count() == 10
    assert not page.locator(".filters").is_visible()
    assert not page.locator(".search").is_visible()
    page = tab.open("graph.html#toys.thm1")
    assert not page.locator(".drawing").is_visible()
    item = page.locator("[id='toys.thm1']")
    assert item.is_visible()
    assert "Rests on law, eq1" in item.inner_text()
    assert "Used by thm1" in page.locator("[id='toys.law']").inner_text()


def test_a_report_of_a_real_run_opens(browser: Any, real_folder: Path) -> None:
    tab = Tab(browser, real_folder, viewport=SIZES["phone"])
    page = tab.open("index.html")
    assert "All 2 verdicts are as expected" in page.locator("main").inner_text()
    page.locator("table.claims a", has_text="logistic").click()
    page.wait_for_url("**/claims/early-training.logistic.html")
    assert page.locator(".steps li").count() > 5
    assert page.locator("math").count() > 10
    assert page.locator("code.latex").count() == 0
    assert page.locator(".control.caught").count() > 3
    assert (
        "lemmata verify early.py early-training.logistic --effort quick"
        in page.locator(".command").inner_text()
    )
    page.click("text=Its place in the dependency graph")
    assert drawn(page, "early-training.logistic") == {"early-training.logistic", "early-training.below"}
    tab.context.close()
    tab.check_quiet()
