"""The numbers behind every figure of a results document, as CSV files that any program can read.

One file a panel, ``data/CLAIM-N-TITLE.csv``, with a row for each point: the series it belongs to, whether that is
simulated or predicted, and the point. Marks are rows of the role "mark". Heat maps have a row for each cell.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

from numerics.whole_file import write_whole

FOLDER: Final = "data"
_LONGEST: Final = 60  # characters of a panel's title in the name of its file

Row = list[Any]


def write_figure_data(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``folder/data/*.csv`` from a results document; returns the files in the order of the claims.

    Nothing is written, and no folder made, where there is no figure. A panel that cannot be drawn (its lists do not
    fit) has no file either. OSError where the folder cannot be written.
    """
    written = []
    for name, content in figure_files(results):
        path = folder / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda stream, content=content: stream.write(content))  # type: ignore[misc]
        written.append(path)
    return written


def figure_files(results: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of every panel of every claim."""
    for name, rows in figure_tables(results):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        yield name, text.getvalue().encode("utf-8", errors="backslashreplace")


def figure_tables(results: Mapping[str, Any]) -> Iterator[tuple[str, list[Row]]]:
    """(file name, rows with a header) of every panel of every claim."""
    for claim in results.get("claims", ()):
        number = count(1)
        for evidence in claim.get("evidence", ()):
            for panel in panels_of(evidence.get("data", {})):
                index = next(number)
                name = file_name(claim["id"], index, panel)
                if name is not None:
                    yield name, list(_rows(panel))


def panels_of(data: Mapping[str, Any]) -> Sequence[Any]:
    """The panels among the data of evidence: a list of them, or a single one."""
    found = data.get("figure")
    if found is None:
        return ()
    return found if isinstance(found, list) else [found]


def file_name(claim: str, index: int, panel: Any) -> str | None:
    """The file of a claim's panel, None where it has no numbers. Panels are counted from 1 through all evidence."""
    if not isinstance(panel, Mapping) or next(islice(_rows(panel), 1, None), None) is None:
        return None
    return f"{_plain_name(claim)}-{index}{_titled(panel)}.csv"


def _rows(panel: Mapping[str, Any]) -> Iterator[Row]:
    x, y = _axes(panel)
    cells = panel.get("cells")
    yield ["series", "role", x, y, *([cells.get("label") or "value"] if isinstance(cells, Mapping) else [])]
    for one in _records(panel, "series"):
        xs, ys = _listed(one, "x"), _listed(one, "y")
        if len(xs) == len(ys):
            for point in zip(xs, ys, strict=True):
                yield [one.get("label", ""), one.get("role", "other"), *point]
    for mark in _records(panel, "marks"):
        yield [mark.get("label", ""), "mark", mark.get("x"), ""]
    if isinstance(cells, Mapping):
        yield from _cells(cells)


def _cells(cells: Mapping[str, Any]) -> Iterator[Row]:
    """Row by row of the map; where values are numbers of categories, the category's name."""
    names = _listed(cells, "categories")
    for y, line in zip(_listed(cells, "y"), _listed(cells, "values"), strict=False):
        for x, value in zip(_listed(cells, "x"), line if isinstance(line, list) else (), strict=False):
            named = isinstance(value, int) and 0 <= value < len(names)
            yield ["", "cell", x, y, names[value] if named else value]


def _records(panel: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in _listed(panel, key) if isinstance(one, Mapping))


def _listed(record: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = record.get(key)
    return found if isinstance(found, list | tuple) else ()


def _axes(panel: Mapping[str, Any]) -> tuple[str, str]:
    """Headings: the labels of the axes, or x and y where these say nothing or the same."""
    x, y = (" ".join(str(panel.get(key) or "").split()) for key in ("xlabel", "ylabel"))
    return (x or "x", y or "y") if x != y else ("x", "y")


def _titled(panel: Mapping[str, Any]) -> str:
    """The panel's title in plain letters, for a file's name."""
    plain = unicodedata.normalize("NFKD", str(panel.get("title") or "")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_LONGEST].strip("-")
    return f"-{words}" if words else ""


def _plain_name(claim: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", claim).strip(".-") or "claim"
