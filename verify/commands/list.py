"""`lemmata list`: the claims that can be checked."""

from __future__ import annotations

import typer

from verify.commands.options import AsJson, Names, PaperName, print_json
from verify.commands.table import lines
from verify.selection import select


def run(names: Names = None, paper: PaperName = None, json: AsJson = False) -> None:
    """List the claims that can be checked."""
    claims = [one.claim for one in select(names or (), paper)]
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
