"""Data from files, taken exactly, for the theory: the counterpart of ``numerics.dataset.from_csv`` in fractions."""

from __future__ import annotations

from pathlib import Path

from numerics.errors import InputError
from numerics.table import numbered_columns, read_exact_table
from theory.empirical import Empirical


def measure_from_csv(path: str | Path) -> Empirical:
    """The empirical measure of a file with columns x1, …, xd, y in any order (x for a single one), y its labels.

    Decimals (``0.1``) and quotients of integers (``1/3``) are taken exactly; nothing is rescaled. Without a column y
    the measure has no labels. InputError as for every table: the file, the line and the column are named.
    """
    file = Path(path)
    names, rows = read_exact_table(file)
    labelled = "y" in names
    inputs = sorted(name for name in names if name != "y")
    if inputs == ["x"]:
        names = ["x1" if name == "x" else name for name in names]
    if not inputs:
        raise InputError(f"{file}: the only column is y; there must be columns x1 to xd.")
    # Where there are no labels the name of the missing column is put first, so that the rest is checked alike.
    shown = ", ".join(names)
    columns = numbered_columns(file, names if labelled else ["y", *names], "y", "x", shown)
    shift = 0 if labelled else 1
    points = [[row[column - shift] for column in columns[1:]] for row in rows]
    return Empirical.of(points, [row[columns[0]] for row in rows] if labelled else None)
