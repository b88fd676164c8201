"""Lines that hide one another in a drawing are told apart; all others are drawn as they were asked for."""

from __future__ import annotations

import math
from typing import Any

import pytest

from verify.report.figure import draw
from verify.report.overlap import covering, meeting

X = [float(k) for k in range(20)]
RISING = [1.0 + k for k in range(20)]


def test_a_line_on_another_is_found_and_its_place_in_the_list_said():
    apart = [y + 3 for y in RISING]
    almost = [y + 0.01 for y in RISING]
    assert covering([(X, RISING), (X, apart), (X, almost)], log=False) == [None, None, 0]


def test_lines_that_part_over_a_third_of_the_way_are_two_lines():
    parting = [y if k < 13 else y + 5 for k, y in enumerate(RISING)]
    assert covering([(X, RISING), (X, parting)], log=False) == [None, None]


def test_what_is_close_is_measured_on_the_axis_as_it_is_drawn():
    low = [10.0 ** (-k) for k in range(20)]
    lower = [y / 10 for y in low]
    assert covering([(X, low), (X, lower)], log=False)[1] == 0
    assert covering([(X, low), (X, lower)], log=True)[1] is None


@pytest.mark.parametrize(
    "curves",
    [
        [],
        [([], []), ([], [])],
        [(X, [math.nan] * 20), (X, [math.nan] * 20)],
        [([0.0], [1.0]), ([0.0], [1.0])],
        [(X, RISING), ([x + 0.5 for x in X], RISING)],
    ],
)
def test_where_nothing_can_be_compared_nothing_lies_on_anything(curves):
    assert covering(curves, log=True) == [None] * len(curves)


def kinds(*series: dict[str, Any]) -> list[str]:
    drawn = draw({"series": [{"x": X, **one} for one in series]}, "f")
    return [key.kind for key in drawn.keys]


def test_the_line_below_is_broad_and_the_one_on_it_dashed():
    assert kinds({"label": "a", "y": RISING}, {"label": "b", "y": RISING}) == ["solid", "dashed"]


def test_lines_with_predictions_over_them_are_left_alone():
    predicted = {"label": "c", "y": RISING, "style": "dashed", "role": "predicted"}
    assert kinds({"label": "a", "y": RISING}, {"label": "b", "y": RISING}, predicted) == [
        "solid",
        "solid",
        "predicted",
    ]


def test_the_legend_says_in_words_which_is_dashed():
    drawn = draw({"series": [{"label": n, "x": X, "y": RISING} for n in "ab"]}, "f")
    assert "a (solid line), b (dashed line)" in drawn.svg


FEW = [0.0, 1.0, 2.0, 3.0]


def test_of_points_that_meet_those_of_the_longer_series_are_within_the_others():
    low, high = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0])
    both = ([*FEW, *FEW], [*low, *(y + 0.01 for y in high)])
    assert meeting([(FEW, low), both, (FEW, high)], log=False) == ["open", "inner", "open"]
    assert meeting([(FEW, low), (FEW, low)], log=False) == ["open", "inner"]


def test_points_apart_and_clouds_are_drawn_as_they_are():
    cloud = ([0.0] * 50, [1.0] * 50)
    assert meeting([(FEW, FEW), (FEW, [y + 1 for y in FEW])], log=False) == ["points", "points"]
    assert meeting([cloud, cloud], log=False) == ["points", "points"]
    assert meeting([([], []), ([], []), (FEW, [math.nan] * 4)], log=True) == ["points"] * 3


def test_the_legend_has_points_before_lines():
    points = {"x": FEW, "y": FEW, "style": "points"}
    line = {"x": X, "y": RISING, "label": "line"}
    drawn = draw({"series": [points | {"label": "a"}, line, points | {"label": "b"}]}, "f")
    assert [(key.label, key.kind) for key in drawn.keys] == [("a", "open"), ("b", "inner"), ("line", "fine")]
    assert "open points" in drawn.svg
