"""CSV files of the figures: read back with the standard library, they hold the evidence's own numbers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

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
