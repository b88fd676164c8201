"""The dependency graph in a real browser: what it shows, its colours, and the keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser_samples import (
    CHROMIUM,
    Tab,
    closure,
    drawn,
    made_by_hand,
    of_many_claims,
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)"
)


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
