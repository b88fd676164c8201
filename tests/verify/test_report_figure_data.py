"""CSV files of the figures: read back, they hold the evidence's own numbers; and the pages link them."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from report_samples import claim as record
from report_samples import document as whole
from report_samples import evidence

from verify.report import render_site, write_html
from verify.report.figure_data import figure_tables, write_figure_data


def document(*panels: Any, id: str = "paper.fig1") -> dict[str, Any]:
    return {"claims": [{"id": id, "evidence": [{"data": {"figure": list(panels)}}]}]}


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


LINES = {
    "title": "Loss, and its “prediction” T₂",
    "xlabel": "time",
    "ylabel": "R(θ)",
    "series": [
        {"label": "full, network", "x": [0.0, 0.1], "y": [1 / 3, None], "role": "simulated"},
        {"label": "reduced", "x": [0.0, 0.1], "y": [0.5, "nan"], "role": "predicted"},
    ],
    "marks": [{"x": 1.5, "label": "T₁"}],
}


def test_every_point_is_a_row_with_its_numbers_unchanged(tmp_path):
    (path,) = write_figure_data(document(LINES), tmp_path)
    assert path == tmp_path / "data" / "paper.fig1-1-loss-and-its-prediction-t2.csv"
    rows = read(path)
    assert rows[0] == ["series", "role", "time", "R(θ)"]
    assert rows[1][:3] == ["full, network", "simulated", "0.0"]
    assert float(rows[1][3]) == 1 / 3
    assert rows[2][3] == ""
    assert rows[4] == ["reduced", "predicted", "0.1", "nan"]
    assert rows[5] == ["T₁", "mark", "1.5", ""]


def test_cells_of_a_map_are_rows_and_categories_are_named():
    cells = {"x": [1, 2], "y": [10], "values": [[0, None]], "label": "who", "categories": ["first"]}
    ((name, rows),) = figure_tables(document({"title": "", "cells": cells}))
    assert name == "paper.fig1-1.csv"
    assert rows == [
        ["series", "role", "x", "y", "who"],
        ["", "cell", 1, 10, "first"],
        ["", "cell", 2, 10, None],
    ]


def test_panels_are_numbered_through_and_malformed_ones_left_out(tmp_path):
    bent = {"series": [{"label": "a", "x": [1.0], "y": []}]}
    names = [name for name, _ in figure_tables(document(LINES, "no panel", bent, LINES))]
    assert [name.split("-")[1] for name in names] == ["1", "4"]


def test_nothing_is_made_where_there_is_no_figure(tmp_path):
    assert write_figure_data({"claims": [{"id": "a.b", "evidence": [{"data": {}}]}]}, tmp_path) == []
    assert not (tmp_path / "data").exists()


def test_a_name_cannot_leave_the_folder(tmp_path):
    (path,) = write_figure_data(document(LINES, id="../../etc/x"), tmp_path)
    assert path.parent == tmp_path / "data"


def claim(id: str, **data: Any) -> dict[str, Any]:
    return record(id, evidence=[evidence("PROVED", "symbolic", **data)])


def test_a_page_links_the_numbers_of_each_of_its_figures():
    bent = {"title": "bent", "series": [{"label": "a", "x": [1.0], "y": []}]}
    claims = [claim("a.one", figure=[LINES, bent, LINES]), claim("a.two", figure=LINES)]
    files = render_site(whole(*claims))
    linked = {
        name: re.findall(r'href="\.\./(data/[^"]+)"', content.decode())
        for name, content in files.items()
        if name.startswith("claims/")
    }
    there = {name for name in files if name.startswith("data/")}
    assert {len(linked["claims/a.one.html"]), len(linked["claims/a.two.html"])} == {2, 1}
    assert set().union(*linked.values()) == there
    assert files["data/a.two-1-loss-and-its-prediction-t2.csv"].startswith(b"series,role,time,")


def test_a_link_says_of_which_figure_it_has_the_numbers():
    page = render_site(whole(claim("a.one", figure=[LINES])))["claims/a.one.html"].decode()
    assert 'aria-label="Numbers as CSV: Loss, and its “prediction” T₂"' in page


def test_numbers_that_a_later_report_does_not_have_are_taken_away(tmp_path):
    write_html(whole(claim("a.one", figure=[LINES])), tmp_path)
    assert len(list((tmp_path / "data").iterdir())) == 1
    write_html(whole(claim("a.one")), tmp_path)
    assert not list((tmp_path / "data").iterdir())


def test_a_figure_that_is_none_costs_nobody_the_report():
    odd = ["text", {"series": "text", "marks": {"x": 1}}, {"cells": {"values": [3, [4]], "x": 1}}, 7, None]
    assert list(figure_tables(document(*odd))) == []
