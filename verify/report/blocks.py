"""What a printed report is made of, whichever typesetter prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verify.report.formula import Node
from verify.report.printed_figure import PrintedPanel
from verify.report.text_runs import Run, Runs


@dataclass(frozen=True)
class Heading:
    """level: 1 for a section, down to 4 for a claim. `label` is what links lead to, "" for none."""

    level: int
    runs: Runs
    label: str = ""


@dataclass(frozen=True)
class Paragraph:
    """style: normal, small (what is beside the point), head (the same, kept with what follows), label (a word that
    stands above what follows) or alarm."""

    runs: Runs
    style: str = "normal"


@dataclass(frozen=True)
class Formula:
    """A displayed formula; `node` is None where it could not be set."""

    source: str
    node: Node | None


@dataclass(frozen=True)
class Items:
    """A list. `numbered`: the order matters."""

    items: tuple[tuple[Runs | Formula, ...], ...]
    numbered: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table: `share` is its part of the width, 0 for as much as it needs."""

    title: Runs
    share: float = 0.0
    right: bool = False


@dataclass(frozen=True)
class Grid:
    """A table, which may go over several pages. `tight`: in small letters, because it has many columns."""

    caption: Runs
    columns: tuple[Column, ...]
    rows: tuple[tuple[Runs, ...], ...]
    tight: bool = False


@dataclass(frozen=True)
class Figure:
    """Panels side by side, under one caption."""

    panels: tuple[PrintedPanel, ...]
    caption: Runs


Block = Heading | Paragraph | Formula | Items | Grid | Figure


@dataclass(frozen=True)
class Document:
    """A whole report: what stands before the claims, the claims one by one, and what stands after them."""

    title: str
    subtitle: Runs
    made: str
    abstract: Runs
    front: tuple[Block, ...]
    claims: tuple[Block, ...]
    back: tuple[Block, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (*self.front, *self.claims, *self.back)

    def unset(self) -> list[str]:
        """The formulas that could not be set, and are printed as they are written."""
        return [run.text for run in self._runs() if run.kind == "source"] + [
            formula.source for formula in self._formulas() if formula.node is None
        ]

    def _formulas(self) -> Iterator[Formula]:
        for block in self.blocks:
            if isinstance(block, Formula):
                yield block
            elif isinstance(block, Items):
                yield from (part for item in block.items for part in item if isinstance(part, Formula))

    def _runs(self) -> Iterator[Run]:
        yield from (*self.subtitle, *self.abstract)
        for block in self.blocks:
            if isinstance(block, (Heading, Paragraph)):
                yield from block.runs
            elif isinstance(block, Items):
                for item in block.items:
                    yield from (run for part in item if not isinstance(part, Formula) for run in part)
            elif isinstance(block, Grid):
                yield from block.caption
                yield from (run for column in block.columns for run in column.title)
                yield from (run for row in block.rows for cell in row for run in cell)
            elif isinstance(block, Figure):
                yield from block.caption
