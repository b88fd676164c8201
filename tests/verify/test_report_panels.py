"""Figures of the pages: what cannot be drawn says why, and what is drawn can be read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from report_samples import (
    claim,
    document,
    evidence,
    first_claim,
    panel,
)

from verify.report.figure import draw
from verify.report.panel import PanelError


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
