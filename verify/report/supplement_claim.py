"""One claim in the supplement: statement, hypotheses, derivation, evidence, negative controls, where it comes from."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from verify.report.blocks import Block, Column, Figure, Formula, Grid, Heading, Items, Paragraph
from verify.report.panel import PanelError
from verify.report.plain import SUPERSCRIPTS
from verify.report.printed_figure import PrintedPanel, print_panel
from verify.report.steps import Step, steps_of
from verify.report.tables import Table, cell, tables
from verify.report.text_runs import Run, Runs, formula_run, is_prose, prose, understood, words
from verify.report.views import ClaimView, EvidenceBlock, ParameterView
from verify.report.wording import BASIS_MEANING, duration

#: Rows of a table that are printed; the results hold them all.
_ROWS: Final = 24
_LONGEST_VALUE: Final = 80
#: Letters that a line of a table takes, and from how many on a text may be broken.
_LINE: Final = 96
_WORDY: Final = 16
#: Characters of LaTeX from which on a formula that was printed already is not printed again.
_LONG_STEP: Final = 120
_POWER: Final = re.compile(r"e([+−-]?[0-9]+)$")
_DRAWN: Final = frozenset({"figure", "table", "derivation"})


@dataclass
class Printed:
    """What earlier claims have printed: how many drawings, so that no two share a name, and where each long formula of
    a derivation stands, so that it is printed once (its LaTeX → the claim and the number of the step)."""

    drawings: int = 0
    steps: dict[str, tuple[ClaimView, int]] = field(default_factory=dict)


def claim_blocks(
    claim: ClaimView, again: str, printed: Printed, changed: Iterable[ParameterView] = ()
) -> Iterator[Block]:
    """The blocks of one claim. `again` is the command that repeats it, `changed` what it reads that is no default."""
    yield Heading(4, prose(claim.title), claim.anchor)
    yield Paragraph(tuple(_head(claim)), "head")
    for one in changed:
        yield Paragraph(
            (
                Run("strong", "Not with the default: "),
                *_symbol(one),
                *words(" = "),
                Run("code", one.value),
                *words(" in place of "),
                Run("code", one.default),
                *words("."),
            ),
            "small",
        )
    if claim.statement:
        yield statement(claim.statement)
        if claim.origin:
            yield Paragraph(words(claim.origin), "small")
    if claim.hypotheses:
        yield Paragraph((Run("strong", "Hypotheses"),), "label")
        yield Items(tuple((prose(one),) for one in claim.hypotheses))
    if claim.expected_reason and claim.expected != "PROVED":
        yield Paragraph(
            (Run("strong", f"Why {claim.expected} is expected. "), *prose(claim.expected_reason)), "normal"
        )
    for number, evidence in enumerate(claim.evidence, 1):
        yield from _evidence(claim, evidence, number, printed)
    yield Paragraph(tuple(_foot(claim, again)), "small")


def statement(text: str) -> Block:
    """A statement, displayed where it is one formula."""
    return Paragraph(prose(text)) if is_prose(text) else Formula(text, understood(text))


def _symbol(one: ParameterView) -> Runs:
    return (formula_run(one.symbol),) if one.symbol else (Run("code", one.name),)


def _head(claim: ClaimView) -> Iterator[Run]:
    yield Run("verdict", claim.verdict)
    if claim.method:
        yield from words(f" by {claim.method}")
    yield from words(", settled" if claim.settled else ", not settled")
    if not claim.as_expected:
        yield Run("strong", f", expected {claim.expected}")
    yield from words(" · ")
    yield Run("code", claim.id)
    if claim.where:
        yield from words(" · ")
        yield from prose(claim.where)


def _evidence(claim: ClaimView, evidence: EvidenceBlock, number: int, printed: Printed) -> Iterator[Block]:
    title = "Evidence" if len(claim.evidence) == 1 else f"Evidence {number}"
    yield Paragraph(
        (
            Run("strong", f"{title}: {evidence.method}, "),
            Run("verdict", evidence.verdict),
            *words(f" ({duration(evidence.seconds)}): "),
            *prose(evidence.detail),
        )
    )
    steps = steps_of(evidence.data)
    if steps:
        yield Paragraph((Run("strong", "Derivation"),), "label")
        yield Items(
            tuple(_step(claim, step, position, printed) for position, step in enumerate(steps, 1)),
            numbered=True,
        )
    for table in tables(evidence.data):
        yield _table(table)
    drawn, refused = _panels(evidence.data, printed)
    if drawn:
        yield Figure(tuple(drawn), (*words("Evidence for "), Run("code", claim.id)))
    for reason in refused:
        yield Paragraph(words(f"A figure that belongs here could not be drawn: {reason}."), "alarm")
    rest = _rest(evidence.data)
    if rest:
        yield Paragraph(words(rest), "small")


def _step(claim: ClaimView, step: Step, position: int, printed: Printed) -> tuple[Runs | Formula, ...]:
    """A sentence and its formula; in place of a long one that stands elsewhere, a link to where it does."""
    text = prose(step.text)
    if not step.latex:
        return (text,)
    earlier, number = printed.steps.setdefault(step.latex, (claim, position))
    if len(step.latex) > _LONG_STEP and earlier is not claim:
        place = (
            *words(f" The formula stands in step {number} of "),
            Run("link", earlier.id, target=earlier.anchor),
        )
        return ((*text, *place, *words(".")),)
    formula = Formula(step.latex, understood(step.latex))
    return (text, formula) if text else (formula,)


def _panels(data: Mapping[str, Any], printed: Printed) -> tuple[list[PrintedPanel], list[str]]:
    found = data.get("figure")
    drawn: list[PrintedPanel] = []
    refused: list[str] = []
    for panel in found if isinstance(found, list) else [found] if found is not None else []:
        printed.drawings += 1
        try:
            drawn.append(print_panel(panel, f"figure-{printed.drawings}"))
        except PanelError as error:
            refused.append(str(error))
    return drawn, refused


def _table(table: Table) -> Grid:
    caption = prose(table.caption) or words("Values")
    if len(table.rows) > _ROWS:
        caption = (*caption, *words(f" (the first {_ROWS} of {len(table.rows)} rows)"))
    rows = tuple(
        tuple(prose(value) if isinstance(value, str) else words(_shown(value)) for value in row)
        for row in table.rows[:_ROWS]
    )
    columns, tight = _table_columns(table)
    return Grid(caption, columns, rows, tight)


def _table_columns(table: Table) -> tuple[tuple[Column, ...], bool]:
    """Columns as wide as they need, texts broken over lines; where that is wider than a line, titles are broken as
    well, and the table is a tight one."""
    cells = [
        max([0, *(len(_shown(row[i])) for row in table.rows[:_ROWS])]) for i in range(len(table.columns))
    ]
    longest = [max(len(title), size) for title, size in zip(table.columns, cells, strict=True)]
    # Words may be broken over lines, numbers may not.
    shares = [
        0.0 if numeric or size < _WORDY else float(min(size, 60))
        for numeric, size in zip(table.numeric, longest, strict=True)
    ]
    fixed = sum(size for size, share in zip(longest, shares, strict=True) if not share)
    tight = fixed + _WORDY * sum(share > 0 for share in shares) + 2 * len(longest) > _LINE
    if tight:
        shares = [_least(table, i, cells[i]) for i in range(len(table.columns))]
    columns = (
        Column(prose(title), share=share, right=numeric)
        for title, numeric, share in zip(table.columns, table.numeric, shares, strict=True)
    )
    return tuple(columns), tight


def _least(table: Table, i: int, size: int) -> float:
    """The letters that column i takes at least: its longest word, its numbers whole, and the gap to the next one."""
    titles = [1.15 * _letters(word) for word in table.columns[i].split()]
    texts = [row[i] for row in table.rows[:_ROWS] if isinstance(row[i], str)]
    words_of_cells = [_letters(word) for text in texts for word in text.split()]
    return 2 + max(1.0, float(size if table.numeric[i] else min(size, _WORDY)), *titles, *words_of_cells)


def _letters(word: str) -> float:
    """The width of a word in small letters."""
    return len(word) + 0.35 * sum(map(str.isupper, word))


def _shown(value: object) -> str:
    text = cell(value)
    if isinstance(value, float):
        # 1.2e−08 is written 1.2·10⁻⁸.
        text = _POWER.sub(
            lambda found: "·10" + str(int(found[1].replace("−", "-"))).translate(SUPERSCRIPTS), text
        )
    return text if len(text) <= 400 else f"{text[:399]}…"


def _rest(data: Mapping[str, Any]) -> str:
    """The short ones of the other values, as "cases 200, boxes 34"."""
    parts = []
    for key, value in data.items():
        if key in _DRAWN or (isinstance(value, (dict, str)) and len(value) > _LONGEST_VALUE):
            continue
        shown = cell(value) if not isinstance(value, (list, dict)) else json.dumps(value, ensure_ascii=False)
        if 0 < len(shown) <= _LONGEST_VALUE:
            parts.append(f"{key.replace('_', ' ')}: {shown}")
    return "; ".join(parts)


def _foot(claim: ClaimView, again: str) -> Iterator[Run]:
    if claim.mutants:
        kinds = Counter(row.outcome for row in claim.mutants)
        yield from words(f"Negative controls: {claim.caught} of {claim.counted} caught")
        if kinds["not counted"]:
            yield from words(f", {kinds['not counted']} not counted")
        yield from words(". ")
    if claim.uses:
        yield from words("Rests on ")
        for number, (id, anchor) in enumerate(claim.uses):
            yield from words(", " if number else "")
            yield Run("code", id) if anchor is None else Run("link", id, target=anchor)
        yield from words(". ")
    yield from words(f"Statement {BASIS_MEANING.get(claim.basis, claim.basis)}")
    if claim.source:
        yield from words(", stated in ")
        yield Run("code", claim.source)
    yield from words(f"; checked in {duration(claim.seconds)}; again: ")
    yield Run("code", again)
    yield from words(".")
