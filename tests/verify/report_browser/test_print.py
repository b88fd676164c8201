"""The pages in print, as a real browser makes them."""

from __future__ import annotations

import pytest
from browser_samples import (
    CHROMIUM,
    Tab,
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)"
)


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
