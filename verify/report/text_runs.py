"""Texts of a report as runs: plain words, `code` and $formulas$, for the printed forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from verify.report.formula import FormulaError, Node, parse
from verify.report.indices import pieces

_INLINE: Final = re.compile(r"\$([^$\n]+)\$|`([^`\n]+)`")
_TEXT: Final = re.compile(r"\\(?:text|mbox|mathrm|textrm)\s*\{[^{}]*\}")


@dataclass(frozen=True)
class Run:
    """A piece of a line.

    kind:   text, strong, emph, sub, super, code, math (with its `node`), source (a formula that could not be set, as it
            is written), verdict, link (to the label `target`) and page (the number of the page that has the label).
    """

    kind: str
    text: str
    node: Node | None = None
    target: str = ""


Runs = tuple[Run, ...]


@lru_cache(maxsize=4096)
def understood(latex: str) -> Node | None:
    """The tree of a formula, None where it is not understood."""
    try:
        return parse(latex)
    except FormulaError:
        return None


def formula_run(latex: str) -> Run:
    node = understood(latex)
    return Run("source", latex) if node is None else Run("math", latex, node)


def prose(text: str) -> Runs:
    """Plain text with $formulas$ and `code` in it, its indices lowered."""
    made: list[Run] = []
    at = 0
    for found in _INLINE.finditer(text):
        made += [Run(kind, piece) for kind, piece in pieces(text[at : found.start()])]
        formula, code = found.groups()
        made.append(formula_run(formula) if formula is not None else Run("code", code))
        at = found.end()
    return (*made, *(Run(kind, piece) for kind, piece in pieces(text[at:])))


def is_prose(statement: str) -> bool:
    """A statement is words with $formulas$ where it has dollar signs, else one displayed formula."""
    return "$" in _TEXT.sub("", statement).replace(r"\$", "")


def words(text: str) -> Runs:
    """Text that is printed as it stands."""
    return (Run("text", text),) if text else ()
