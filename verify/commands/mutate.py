"""`lemmata mutate`: the negative controls as a matrix, and how many of them were caught."""

from __future__ import annotations

import typer

from verify.commands.examine import examine
from verify.commands.options import (
    AsJson,
    EffortOption,
    Fresh,
    Jobs,
    Names,
    PaperName,
    Seed,
    Set,
    print_json,
)
from verify.commands.table import lines
from verify.context import EFFORTS
from verify.evidence import Verdict
from verify.outcome import kill_rate
from verify.parameters import assignments
from verify.selection import select


def run(
    names: Names = None,
    paper: PaperName = None,
    effort: EffortOption = EFFORTS[0],
    jobs: Jobs = None,
    fresh: Fresh = False,
    seed: Seed = 0,
    chosen: Set = None,
    json: AsJson = False,
) -> None:
    """Check that false versions of the claims are caught.

    The rate counts only those that are shown to be false by other means than the check (a witness). Exit
    status: 0 when all of these were caught, 1 when one was not, 2 for bad usage or input, 3 when a check
    failed with an ERROR.
    """
    selection = select(names or (), paper)
    results = examine(
        selection,
        effort=effort,
        seed=seed,
        jobs=jobs,
        mutants=True,
        fresh=fresh,
        parameters=assignments(chosen or ()),
    )
    mutants = [mutant for one in results for mutant in one.mutants]
    rate = kill_rate(mutants)
    survivors = [one for one in mutants if one.survived]
    verdicts = [one.verdict for one in results] + [one.verdict for one in mutants]
    if json:
        print_json(
            {
                "mutants": [
                    {
                        "claim": one.claim,
                        "mutant": one.mutant,
                        "description": one.description,
                        "statement": one.statement,
                        "verdict": one.verdict.value,
                        "detail": one.detail,
                        "witness": one.witness,
                        "killed": one.killed,
                    }
                    for one in mutants
                ],
                "killed": rate.killed,
                "with_witness": rate.with_witness,
                "total": rate.total,
            }
        )
    else:
        rows = [
            (
                one.claim,
                one.mutant,
                one.verdict.value,
                "yes" if one.killed else "no",
                "yes" if one.witness is not None else "no",
                one.description,
            )
            for one in mutants
        ]
        for line in lines(("claim", "mutant", "verdict", "killed", "witness", "description"), rows):
            typer.echo(line)
        typer.echo("")
        for one in survivors:
            typer.echo(f"survived: {one.claim} {one.mutant}: {one.detail} (false by {one.witness})")
        for one in mutants:
            if one.verdict is Verdict.ERROR:
                typer.echo(f"failed: {one.claim} {one.mutant}: {one.detail}")
        share = f"{rate.killed / rate.with_witness:.0%}" if rate.with_witness else "no rate"
        unshown = rate.total - rate.with_witness
        apart = f"; {unshown} more not shown false, and not counted" if unshown else ""
        typer.echo(f"{rate.killed} of {rate.with_witness} killed ({share}){apart}.")
    raise typer.Exit(1 if survivors else 3 if Verdict.ERROR in verdicts else 0)
