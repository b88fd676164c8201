"""Maps of coloured cells: which cell has which colour is found again in the drawing."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from verify.report.cells import Cells, read_cells
from verify.report.figure import draw
from verify.report.panel import PanelError
from verify.report.svg import DIVERGING, SEQUENTIAL, SERIES


def field(**changes: Any) -> dict[str, Any]:
    """Three columns and two rows."""
    return {
        "x": [1, 2, 4],
        "y": [10, 20],
        "values": [[0, 0.5, 1], [None, 0.25, 0.75]],
        "label": "final sharpness",
        "scale": "linear",
    } | changes


def panel(cells: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"title": "Map", "xlabel": "rate", "ylabel": "exponent", "cells": cells} | changes


def steps(**changes: Any) -> list[list[int]]:
    return read_cells(field(**changes)).steps


def boxes(svg: str, variable: str) -> list[tuple[float, float, float, float]]:
    """The rectangles drawn in a colour: left, right, top, bottom in units of the drawing."""
    found = []
    for path in re.findall(rf'<path d="([^"]*)"[^>]*style="fill: var\(--{variable}\)', svg):
        for part in path.split("z"):
            at = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", part)]
            if at:
                found.append((min(at[::2]), max(at[::2]), min(at[1::2]), max(at[1::2])))
    return found


def tall(found: list[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """The cells of the map, without the steps of its bar."""
    return [box for box in found if box[3] - box[2] > 40]


def test_the_least_and_the_greatest_value_have_the_ends_of_the_scale() -> None:
    last = len(SEQUENTIAL) - 1
    assert steps() == [[0, len(SEQUENTIAL) // 2, last], [-1, len(SEQUENTIAL) // 4, 3 * len(SEQUENTIAL) // 4]]


def test_equal_ratios_are_equal_steps_on_a_logarithmic_scale() -> None:
    row = steps(values=[[1e-8, 2e-4, 1], [0, -1, 2e-2]], scale="log")
    assert row == [[0, 8, 15], [-1, -1, 12]]


def test_the_centre_of_a_diverging_scale_has_the_middle_colour() -> None:
    found = read_cells(field(values=[[1, 2, 3], [2, 2.01, -1]], scale="diverging", centre=2))
    middle = len(DIVERGING) // 2
    assert found.steps[0][1] == found.steps[1][:2][0] == found.steps[1][1] == middle
    assert found.steps[1][2] == 0
    # As far above the centre as below it: 3 is a third of the way that −1 is.
    assert (found.low, found.high) == (-1.0, 5.0)


def test_one_value_alone_is_drawn() -> None:
    svg = draw(panel({"x": [1], "y": [1], "values": [[3.0]], "label": "v"}), "f").svg
    assert len(boxes(svg, f"heat-{len(SEQUENTIAL) // 2 + 1}")) == 2  # the cell, and its step in the bar


def test_cells_lie_between_their_neighbours_halves() -> None:
    svg = draw(panel(field(values=[[0, 1, 0], [1, 1, 1]])), "f").svg
    first, third = sorted(tall(boxes(svg, "heat-1")))
    # Centres 1, 2, 4: edges 0.5, 1.5, 3, 5.
    assert (third[0] - first[1]) / (first[1] - first[0]) == pytest.approx(1.5, rel=1e-2)
    assert (third[1] - third[0]) / (first[1] - first[0]) == pytest.approx(2.0, rel=1e-2)
    assert first[2] == third[2]


def test_the_first_row_is_the_lowest() -> None:
    svg = draw(panel(field(values=[[0, 0, 0], [1, 1, 1]])), "f").svg
    (low,) = tall(boxes(svg, "heat-1"))
    (high,) = tall(boxes(svg, f"heat-{len(SEQUENTIAL)}"))
    assert low[2] == pytest.approx(high[3], abs=0.02)


def test_cells_of_a_logarithmic_axis_meet_at_geometric_means() -> None:
    cells = field(x=[1, 100, 10000], values=[[0, 1, 0], [1, 1, 1]])
    svg = draw(panel(cells, xscale="log"), "f").svg
    widths = [box[1] - box[0] for box in tall(boxes(svg, "heat-1"))]
    assert widths[0] == pytest.approx(widths[1], rel=1e-2)


def test_there_is_a_bar_with_its_label_and_a_legend_of_what_has_no_value() -> None:
    drawn = draw(panel(field()), "f")
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", drawn.svg)
    assert {"final sharpness", "rate", "exponent", "0.2", "1.0"} <= set(texts)
    assert [key.label for key in drawn.keys] == ["no value"]
    assert "cells, 3 along x and 2 along y, final sharpness from 0 to 1, linear" in drawn.svg


def test_categories_have_a_legend_and_more_than_colour_to_tell_them_by() -> None:
    cells = field(values=[[0, 1, 2], [2, 1, None]], categories=["converges", "$\\eta$ too large", "diverges"])
    drawn = draw(panel(cells), "f")
    assert [key.label for key in drawn.keys] == ["converges", "$\\eta$ too large", "diverges", "no value"]
    assert len({str(key.swatch) for key in drawn.keys}) == 4
    assert len({re.sub(r"--series-\d", "", key.swatch) for key in drawn.keys}) == 4
    assert "converges (1), η too large (2), diverges (2)" in drawn.svg


def test_more_categories_than_colours_still_differ() -> None:
    many = [f"c{i}" for i in range(3 * len(SERIES))]
    cells = {"x": list(range(len(many))), "y": [0], "values": [list(range(len(many)))], "categories": many}
    assert len({str(key.swatch) for key in draw(panel(cells), "f").keys}) == len(many)


def test_series_and_marks_are_drawn_over_the_cells() -> None:
    series = [{"label": "boundary", "x": [1, 4], "y": [10, 20], "style": "dashed", "role": "predicted"}]
    drawn = draw(panel(field(), series=series, marks=[{"x": 2, "label": "$\\eta_c$"}]), "f")
    cells = [found.start() for found in re.finditer(r"fill: var\(--heat-", drawn.svg)]
    line = re.search(r"stroke-dasharray: [^;]+; stroke-dashoffset: 0; stroke: var\(--ink\)", drawn.svg)
    assert line is not None
    # The bar comes after the axes; before it, all cells come before the line.
    assert len([place for place in cells if place < line.start()]) == 5
    assert [key.label for key in drawn.keys] == ["boundary", "no value"]
    assert "boundary (dashed line)" in drawn.svg


def test_lines_beyond_the_cells_widen_the_axes() -> None:
    cells = field(values=[[0, 1, 0], [1, 1, 1]])
    narrow = tall(boxes(draw(panel(cells), "f").svg, "heat-1"))
    series = [{"label": "s", "x": [1, 40], "y": [10, 20], "style": "line"}]
    wide = tall(boxes(draw(panel(cells, series=series), "f").svg, "heat-1"))
    assert max(box[1] - box[0] for box in wide) < max(box[1] - box[0] for box in narrow) / 5


def test_all_colours_are_the_pages_own() -> None:
    for scale in ("linear", "diverging"):
        assert not re.search(r"#[0-9a-f]{6}\b", draw(panel(field(scale=scale)), "f").svg)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": [1, 2]}, "not 2 rows of 2"),
        ({"values": [[1, 2, 3]]}, "not 2 rows of 3"),
        ({"values": 3}, "its values is a list"),
        ({"values": [3, 4]}, "each row"),
        ({"values": [["one", 1, 1], [1, 1, 1]]}, "where a number belongs"),
        ({"values": [[None] * 3] * 2}, "has a value"),
        ({"values": [[-1] * 3] * 2, "scale": "log"}, "positive value"),
        ({"x": [1, 1, 2]}, "do not increase"),
        ({"x": [1, None, 2]}, "are numbers"),
        ({"x": []}, "are numbers"),
        ({"scale": "cubic"}, "it is one of linear, log, diverging"),
        ({"scale": "diverging", "centre": "middle"}, "where a number belongs"),
        ({"scale": "diverging", "centre": math.inf}, "is not a number"),
        ({"categories": ["a"]}, "there are categories 0 to 0"),
        ({"categories": ["a", "b"]}, "the category 0.5"),
    ],
)
def test_malformed_cells_say_what_is_wrong(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_cells(field(**changes))


@pytest.mark.parametrize("cells", [3, [], "cells"])
def test_cells_are_a_mapping(cells: Any) -> None:
    with pytest.raises(PanelError, match="its cells are a mapping"):
        draw(panel(cells), "f")


def test_a_cell_on_a_logarithmic_axis_lies_above_zero() -> None:
    with pytest.raises(PanelError, match="its x axis is logarithmic, and a cell lies at 0"):
        draw(panel(field(x=[0, 1, 2]), xscale="log"), "f")


def test_too_many_cells_are_refused() -> None:
    many = {"x": list(range(300)), "y": list(range(300)), "values": [[0.0] * 300] * 300}
    with pytest.raises(PanelError, match="90000 cells"):
        read_cells(many)


def test_neighbours_of_one_colour_are_one_box() -> None:
    flat = {"x": list(range(50)), "y": list(range(50)), "values": [[0.0] * 50] * 49 + [[1.0] * 50]}
    svg = draw(panel(flat), "f").svg
    assert len(boxes(svg, "heat-1")) == 49 + 1
    assert isinstance(read_cells(flat), Cells)


@pytest.mark.parametrize(("centres", "between"), [([2.0, 3.0, 4.0], False), ([2.0, 3.0, 3.5], True)])
def test_cells_of_whole_numbers_have_no_tick_half_way_between_them(
    centres: list[float], between: bool
) -> None:
    svg = draw(panel(field(y=centres, values=[[0, 1, 2]] * 3)), "f").svg
    named = set(re.findall(r"<text [^>]*>([^<]*)</text>", svg))
    assert ("2.5" in named) is between
