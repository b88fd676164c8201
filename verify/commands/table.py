"""A plain table: columns padded with blanks, nothing cut off in a pipe, the last column cut to fit a
terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence


def lines(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """The table as lines. `right` has the indices of columns that are set to the right, such as numbers."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    out = []
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = "  ".join(cells).rstrip()
        out.append(line if room is None or len(line) <= room else line[: max(1, room - 1)] + "…")
    return out
