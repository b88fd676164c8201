"""The report in a real browser, opened from disk: it fits the screen, is accessible, and asks for nothing.

Accessibility is judged by axe-core.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser_samples import (
    CHROMIUM,
    PAGES,
    SIZES,
    Tab,
    drawn,
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)"
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


def test_a_wide_table_leaves_room_for_words_on_a_phone(browser: Any, folder: Path) -> None:
    tab = Tab(browser, folder, viewport=SIZES["phone"])
    page = tab.open("claims/toys.fig1.html")
    cells = page.locator("table", has_text="remark").locator("tbody td")
    widths = cells.evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    # Eleven times the size of a letter; short words take what they need.
    assert widths[0] >= 160
    assert widths[-1] < 100
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
