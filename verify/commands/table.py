"""A plain table: columns padded with blanks, nothing cut off in a pipe. On a terminal the columns between the
first and the last are cut where it is too narrow, so that the last, which says most, keeps a third of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

NARROWEST = 8


def lines(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """The table as lines. `right` has the indices of columns that are set to the right, such as numbers."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if room is not None:
        _narrow(widths, room)
    out = []
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [
            _cut(cell, width).rjust(width) if i in right else _cut(cell, width).ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = "  ".join(cells).rstrip()
        out.append(line if room is None else _cut(line, room))
    return out


def _narrow(widths: list[int], room: int) -> None:
    """Take from the widest middle column, again and again, until the last has a third of the room, or all it
    needs."""
    last = min(widths[-1], room // 3)
    while sum(widths[:-1]) + 2 * (len(widths) - 1) + last > room and len(widths) > 2:
        widest = max(range(1, len(widths) - 1), key=lambda i: widths[i])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    widths[-1] = max(1, min(widths[-1], room - sum(widths[:-1]) - 2 * (len(widths) - 1)))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
