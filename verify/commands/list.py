"""`lemmata list`: the claims that can be checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from verify.commands.options import AsJson, Names, PaperName, print_json
from verify.commands.table import lines
from verify.entry import entry_document
from verify.selection import Selected, select

Entries = Annotated[
    bool,
    typer.Option(
        "--entries",
        help="List what the papers state under each of their numbers, with the claims that look at it.",
    ),
]


def run(names: Names = None, paper: PaperName = None, entries: Entries = False, json: AsJson = False) -> None:
    """List the claims that can be checked."""
    selection = select(names or (), paper)
    if entries:
        _list_entries(selection, json)
        return
    claims = [one.claim for one in selection]
    if json:
        print_json(
            {
                "claims": [
                    {
                        "id": claim.full_id,
                        "paper": claim.paper,
                        "title": claim.title,
                        "where": claim.where,
                        "basis": claim.basis,
                        "uses": [f"{claim.paper}.{used}" for used in claim.uses],
                        "methods": list(claim.methods),
                        "printed": claim.printed,
                    }
                    for claim in claims
                ]
            }
        )
        return
    rows = [
        (claim.full_id, claim.basis, ", ".join(claim.methods), claim.where, claim.title) for claim in claims
    ]
    for line in lines(("id", "basis", "methods", "where", "title"), rows):
        typer.echo(line)


def _list_entries(selection: Sequence[Selected], json: bool) -> None:
    """The maps of the papers, as far as they name one of the selected claims or, where a paper is selected whole,
    to the end."""
    chosen = {one.claim.full_id for one in selection}
    papers = list({one.paper.name: one.paper for one in selection}.values())
    documents = [
        {"paper": paper.name, **entry_document(paper.name, entry)}
        for paper in papers
        for entry in paper.entries
        if all(claim.full_id in chosen for claim in paper)
        or not chosen.isdisjoint(f"{paper.name}.{claim}" for claim in entry.claims)
    ]
    if json:
        print_json({"entries": documents})
        return
    if not documents:
        names = ", ".join(paper.name for paper in papers)
        typer.echo(
            f"No entry of a map names what is chosen ({names}); without --entries the claims are listed."
        )
        return
    rows = [
        (
            f"{one['paper']}.{one['id']}",
            one["number"],
            one["kind"],
            one["basis"],
            ", ".join(claim.removeprefix(f"{one['paper']}.") for claim in one["claims"]) or "none",
            one["title"],
        )
        for one in documents
    ]
    for line in lines(("id", "number", "kind", "basis", "claims", "title"), rows):
        typer.echo(line)
