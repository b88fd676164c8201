"""Search and filters of the report, in a real browser."""

from __future__ import annotations

import pytest
from browser_samples import (
    CHROMIUM,
    HOSTILE,
    Tab,
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)"
)


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
