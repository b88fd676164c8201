"""How wide the columns of a table in LaTeX are: no word sticks out, and the whole is no wider than the page.

TeX itself could measure, but not tell before a table is set which of its columns have to be broken into lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from verify.report.blocks import Column, Grid
from verify.report.text_runs import Run, Runs

#: Of the text, in points.
_TEXT_WIDTH: Final = 466.0
#: A letter and what lies between two columns, in points, in the usual letters and in small ones.
_LETTER: Final = {False: 4.75, True: 4.1}
_BETWEEN: Final = {False: 9.0, True: 6.0}
_SETTINGS: Final = {
    False: r"\small\setlength{\tabcolsep}{4.5pt}",
    True: r"\scriptsize\setlength{\tabcolsep}{3pt}",
}
#: Letters that a column with sentences should have room for.
_COMFORTABLE: Final = 26.0
_BOLD: Final = 1.18
_SLACK: Final = 0.6
_BREAK: Final = "\u200b"
_WIDER: Final = {"code": 1.2, "link": 1.2, "verdict": 1.05 * _BOLD, "strong": _BOLD}
_SIGN: Final = re.compile(r"\\[A-Za-z]+|[^{}_^\\\s]")


@dataclass(frozen=True)
class _Measure:
    """A column: how wide it would like to be, how wide it has to be, and its part of what is left (0 for none)."""

    column: Column
    natural: float
    least: float
    share: float


def columns(block: Grid) -> tuple[str, str]:
    """(letters and distances, kinds of columns) for a table."""
    for tight in (True,) if block.tight else (False, True):
        measures = _broken(_measures(block, tight), tight)
        widths = _widths(measures, tight)
        if tight or _comfortable(measures, widths):
            break
    return _SETTINGS[tight], "".join(_kind(m, w) for m, w in zip(measures, widths, strict=True))


def _measures(block: Grid, tight: bool) -> list[_Measure]:
    letter = _LETTER[tight]
    found = []
    for i, column in enumerate(block.columns):
        cells = [row[i] for row in block.rows]
        title = tuple(
            replace(run, kind="strong") if run.kind == "text" else run for run in breakable(column.title)
        )
        natural = max((_length(runs) for runs in (title, *cells)), default=1.0)
        least = max((_longest_word(runs) for runs in (title, *cells)), default=1.0)
        # What is a guess is meant to be too much rather than too little.
        least = max(least, 1) + _SLACK
        found.append(_Measure(column, max(natural, least) * letter, least * letter, column.share))
    return found


def breakable(title: Runs) -> Runs:
    """The heading of a column, in which a line may end after a slash."""
    return tuple(
        replace(run, text=run.text.replace("/", f"/{_BREAK}")) if run.kind == "text" else run for run in title
    )


def _broken(measures: list[_Measure], tight: bool) -> list[_Measure]:
    """Columns that were to be set in one line are broken, those that gain most by it first, until all fit."""
    made = list(measures)
    while _needed(made, tight) > _TEXT_WIDTH:
        whole = [i for i, m in enumerate(made) if not m.share and m.natural > m.least]
        if not whole:
            break
        widest = max(whole, key=lambda i: made[i].natural - made[i].least)
        made[widest] = replace(made[widest], share=0.3)
    return made


def _needed(measures: Sequence[_Measure], tight: bool) -> float:
    between = _BETWEEN[tight] * (len(measures) - 1)
    return sum(m.least if m.share else m.natural for m in measures) + between


def _widths(measures: Sequence[_Measure], tight: bool) -> list[float]:
    """Each column has what it needs; what is left goes to those that share, as far as they have a use for it."""
    widths = [m.least if m.share else m.natural for m in measures]
    left = _TEXT_WIDTH - _needed(measures, tight)
    wanting = [i for i, m in enumerate(measures) if m.share]
    while left > 0.5 and wanting:
        shares = sum(measures[i].share for i in wanting)
        part = left
        for i in wanting:
            more = min(part * measures[i].share / shares, max(measures[i].natural - widths[i], 0.0))
            widths[i] += more
            left -= more
        wanting = [i for i in wanting if measures[i].natural - widths[i] > 0.5]
    return widths


def _comfortable(measures: Sequence[_Measure], widths: Sequence[float]) -> bool:
    room = _COMFORTABLE * _LETTER[False]
    return all(
        not m.share or width >= min(m.natural, room) - 1 for m, width in zip(measures, widths, strict=True)
    )


def _kind(measure: _Measure, width: float) -> str:
    if not measure.share:
        return "r" if measure.column.right else "l"
    side = "left" if measure.column.right else "right"
    return rf">{{\ragged{side}\arraybackslash}}p{{{width:.1f}pt}}"


def _length(runs: Runs) -> float:
    """About how many letters wide a text is."""
    return sum(_letters(run) for run in runs)


def _longest_word(runs: Runs) -> float:
    """The same of the longest piece that no line can be broken in."""
    longest = current = 0.0
    for run in runs:
        parts = [run.text] if run.kind in ("math", "source") else _parts(run)
        for place, part in enumerate(parts):
            if place:
                longest, current = max(longest, current), 0.0
            current += _letters(replace(run, text=part))
    return max(longest, current)


def _parts(run: Run) -> list[str]:
    # Names in a typewriter's letters may be broken after these signs.
    breakable = r"(?<=[./_=,:])|\s+" if run.kind in ("code", "link") else rf"\s+|{_BREAK}|(?<=[a-z]-)"
    return [one for one in re.split(breakable, run.text) if one is not None]


def _letters(run: Run) -> float:
    if run.kind == "page":
        return 4.0
    if run.kind == "math":
        return max(2.0, 1.25 * len(_SIGN.findall(run.text)))
    wide = sum(1.35 if char.isupper() or char in "mwMW±≤≥∞" else 1.0 for char in run.text)
    return wide * _WIDER.get(run.kind, 1.0)
