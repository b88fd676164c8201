"""The pages of the report, each from what was read and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verify.evidence import METHODS
from verify.report.figure import Panel, draw
from verify.report.figure_data import FOLDER, file_name, panels_of
from verify.report.mathml import prose, statement
from verify.report.panel import PanelError
from verify.report.plain import plain
from verify.report.repeating import repeat_all, repeat_claim
from verify.report.steps import steps_of
from verify.report.tables import cell, full, rest, tables
from verify.report.views import ClaimView, EvidenceBlock, PaperView, Reading
from verify.report.wording import BASIS_MEANING, METHOD_MEANING, VERDICT_MEANING, duration, moment

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


def overview(reading: Reading) -> str:
    """The first page: counts, surprises, the papers, and all claims in one table."""
    return _rendered(
        "index",
        reading,
        page="index",
        root="",
        title=_title(reading),
        settled=sum(claim.standing.name == "settled" for claim in reading.claims),
        used_methods=[name for name in METHODS if any(one.method == name for one in reading.claims)],
        verdict_meaning=VERDICT_MEANING,
        command=repeat_all(reading),
    )


def paper_page(reading: Reading, paper: PaperView) -> str:
    """One paper: its map, and its claims with their statements."""
    return _rendered("paper", reading, page=paper.anchor, root="../", paper=paper)


def graph_page(reading: Reading) -> str:
    """The dependency graph, and the same as a list."""
    return _rendered("graph", reading, page="graph", root="")


def claim_page(reading: Reading, claim: ClaimView) -> str:
    """One claim, with all that is known of it."""
    paper = next(one for one in reading.papers if one.name == claim.paper)
    section = next(one for one in paper.sections if claim in one.claims)
    place = paper.claims.index(claim)
    numbers = count(1)
    steps = [steps_of(evidence.data) for evidence in claim.evidence]
    return _rendered(
        "claim",
        reading,
        page="claim",
        root="../",
        claim=claim,
        paper=paper,
        entries=[entry for entry in paper.entries if claim.id in entry.claims],
        section=section,
        before=paper.claims[place - 1] if place else None,
        after=paper.claims[place + 1] if place + 1 < len(paper.claims) else None,
        command=repeat_claim(reading, paper, claim),
        read_parameters=[one for one in paper.parameters if one.name in claim.parameters],
        derivations=[one for one in steps if one],
        panels=lambda evidence: list(_panels(claim, evidence, numbers)),
    )


@cache
def _environment() -> Environment:
    # Every value is escaped unless the code below has made it Markup; a name that is not there is an error.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "prose": prose,
        "statement": statement,
        "duration": duration,
        "moment": moment,
        "cell": cell,
        "full": full,
        "tables": tables,
        "plain": plain,
        "rest": rest,
    }
    return environment


def _rendered(template: str, reading: Reading, **values: Any) -> str:
    return (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(
            reading=reading,
            methods={name: METHOD_MEANING.get(name, "") for name in METHODS},
            basis_meaning=BASIS_MEANING,
            **values,
        )
    )


def _title(reading: Reading) -> str:
    count = len(reading.papers)
    return reading.papers[0].title if count == 1 else f"{count} papers, {len(reading.claims)} claims"


def _panels(
    claim: ClaimView, evidence: EvidenceBlock, numbers: Iterator[int]
) -> Iterator[tuple[Panel | str, str | None]]:
    """The drawn panels, each with the place of its numbers; a text where one cannot be drawn, so that the rest of the
    page is still there."""
    for panel in panels_of(evidence.data):
        number = next(numbers)
        file = file_name(claim.id, number, panel)
        place = f"{FOLDER}/{file}" if file is not None else None
        try:
            yield draw(panel, f"figure-{number}"), place
        except PanelError as error:
            yield f"A figure that belongs here could not be drawn: {error}.", place
