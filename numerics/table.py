"""Tables of numbers in CSV files: a header of column names, then decimal or rational cells."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LONGEST_CELL = 400
_LARGEST_EXPONENT = 400

Cell = TypeVar("Cell")


def _exact_cell(text: str) -> Fraction:
    """The exact value of one plain decimal or quotient; ``nan``, ``inf`` and digit separators are refused."""
    text = text.strip()
    if len(text) > _LONGEST_CELL:
        raise ValueError("too long")
    if "/" not in text:
        match = _DECIMAL.fullmatch(text)
        # A larger exponent would cost unbounded memory exactly; doubles end at 1e308 anyway.
        if not match or abs(int((match.group(2) or "e0")[1:])) > _LARGEST_EXPONENT:
            raise ValueError(text)
        return Fraction(text)
    above, below = (part.strip() for part in text.split("/", 1))
    # Integers only: a quotient of decimals with large exponents would cost unbounded memory too.
    if not re.fullmatch(r"[+-]?\d+", above) or not re.fullmatch(r"\d+", below):
        raise ValueError(text)
    return Fraction(int(above), int(below))


def _cell(text: str) -> float:
    stripped = text.strip()
    if _DECIMAL.fullmatch(stripped) and len(stripped) <= _LONGEST_CELL:
        value = float(stripped)
    else:
        value = float(_exact_cell(text))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def read_table(path: str | Path) -> tuple[list[str], FloatArray]:
    """Read the column names and the (rows, columns) array of a CSV file.

    A cell is a decimal (``-1.5e-3``) or a quotient of integers (``1/3``), rounded once, to the nearest
    double. InputError for an unreadable file, a repeated or empty column name, a row of another length,
    a cell that is not a finite number, or a file without rows.
    """
    names, rows = _read(path, _cell)
    return names, np.array(rows, dtype=np.float64)


def read_exact_table(path: str | Path) -> tuple[list[str], list[list[Fraction]]]:
    """The same with every cell taken exactly, as a fraction; exponents up to 400 in size."""
    return _read(path, _exact_cell)


def _read(path: str | Path, cell: Callable[[str], Cell]) -> tuple[list[str], list[list[Cell]]]:
    file = Path(path)
    if str(path) == "-":
        raise InputError("Standard input is not read (-): a table is read more than once; name a file.")
    if file.exists() and not (file.is_file() or file.is_dir()):
        # A pipe would be waited for as long as nobody writes to it, and can be read only once.
        raise InputError(f"{file} is not a file but a pipe or a device; write its contents to a file first.")
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            lines = [(number, row) for number, row in enumerate(csv.reader(stream), start=1) if any(row)]
    except UnicodeDecodeError as error:
        raise InputError(
            f"Cannot read {file}: it is not a text in UTF-8; save it as CSV in UTF-8."
        ) from error
    except (OSError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"Cannot read {file}: {reason}.") from error
    if not lines:
        raise InputError(f"{file} is empty: its first line must name the columns.")
    names = [name.strip() for name in lines[0][1]]
    separator = next((one for one in ";\t" if len(names) == 1 and one in names[0]), None)
    if separator is not None:
        raise InputError(f"{file}: the columns are separated by {separator!r}; separate them by commas.")
    for name in names:
        if not name:
            raise InputError(f"{file}: the first line has a column without a name.")
        if names.count(name) > 1:
            raise InputError(f"{file}: column {name!r} is there twice; keep one of them.")
    rows = []
    for number, row in lines[1:]:
        if len(row) != len(names):
            cells_said = "1 cell" if len(row) == 1 else f"{len(row)} cells"
            raise InputError(f"{file}, line {number}: {cells_said}, but the header names {len(names)}.")
        cells = []
        for name, text in zip(names, row, strict=True):
            try:
                cells.append(cell(text))
            except (ValueError, ZeroDivisionError, OverflowError):
                shown = text if len(text) <= 40 else text[:40] + "…"
                raise InputError(
                    f"{file}, line {number}, column {name!r}: {shown!r} is not a finite number; "
                    "write a decimal such as -1.5e-3 or a quotient of integers such as 1/3."
                ) from None
        rows.append(cells)
    if not rows:
        raise InputError(f"{file} names columns but has no rows.")
    return names, rows


def numbered_columns(
    file: Path, names: list[str], first: str, letter: str, shown: str | None = None
) -> list[int]:
    """Positions of the columns ``first``, ``letter1``, …, ``letterd``; InputError if the set is another.

    ``shown`` is what the message calls the columns of the file, where they are not ``names`` themselves.
    """
    dim = len(names) - 1
    wanted = [first] + [f"{letter}{i}" for i in range(1, dim + 1)]
    if dim < 1 or set(names) != set(wanted):
        raise InputError(
            f"{file}: the columns are {shown or ', '.join(names)}; they must be {first} and {letter}1 to {letter}d."
        )
    return [names.index(name) for name in wanted]
