"""`lemmata verify`: check claims, write the results, say what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

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
from verify.commands.writable import made_folder
from verify.context import EFFORTS
from verify.evidence import Verdict
from verify.outcome import ClaimResult, MutantResult, exit_status, kill_rate
from verify.parameters import assignments
from verify.results import results_document, write_results
from verify.runner import settings_for
from verify.selection import select

Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for results.json, index.html and data/*.csv.")
]
Mutants = Annotated[
    bool,
    typer.Option("--mutants/--no-mutants", help="Also check that false versions of each claim are caught."),
]
Html = Annotated[bool, typer.Option("--html/--no-html", help="Write a page beside the results.")]


def run(
    names: Names = None,
    paper: PaperName = None,
    effort: EffortOption = EFFORTS[0],
    jobs: Jobs = None,
    out: Out = Path("results"),
    fresh: Fresh = False,
    mutants: Mutants = True,
    html: Html = True,
    seed: Seed = 0,
    chosen: Set = None,
    json: AsJson = False,
) -> None:
    """Check claims, and write results.json and a page about them.

    Without arguments all claims of the built-in papers are checked. Exit status: 0 when every verdict is as
    expected, 1 when one contradicts its expectation or a false version of a claim was not caught, 2 for bad
    usage or input, 3 for an unexpected UNDECIDED or ERROR.
    """
    selection = select(names or (), paper)
    parameters = assignments(chosen or ())
    settings = settings_for(selection, parameters)
    made_folder(out, "--out")
    papers = list({id(one.paper): one.paper for one in selection}.values())
    for one in papers:
        # A map that names what is not there is told now, and not when hours of work are over.
        _ = one.entries
    results = examine(
        selection,
        effort=effort,
        seed=seed,
        jobs=jobs,
        mutants=mutants,
        fresh=fresh,
        parameters=parameters,
    )
    document = results_document(
        results,
        papers,
        effort=effort,
        seed=seed,
        settings=settings,
        sources={one.paper.name: one.source for one in selection},
        mutants=mutants,
    )
    written = [write_results(document, out / "results.json")]
    if html:
        from verify.report.html import write_html

        written.append(write_html(document, out))
    from verify.report.figure_data import FOLDER, write_figure_data

    if write_figure_data(document, out):
        written.append(out / FOLDER)
    if json:
        print_json(document)
    else:
        for line in [*_table(results), "", *_surprises(results), _summary(results, mutants, written)]:
            typer.echo(line)
    for name in _unread(parameters, results):
        typer.echo(f"note: --set {name} changed no verdict: no check of these claims reads it.", err=True)
    raise typer.Exit(exit_status(results))


def _table(results: Sequence[ClaimResult]) -> list[str]:
    rows = [(one.id, one.verdict.value, one.method, f"{one.seconds:.1f}", one.title) for one in results]
    return lines(("id", "verdict", "method", "seconds", "title"), rows, right=(3,))


def _surprises(results: Sequence[ClaimResult]) -> list[str]:
    """A line for each thing that is not as it should be."""
    said = []
    for one in results:
        if not one.as_expected:
            alike = sum(_fails_with(mutant, one) for mutant in one.mutants)
            controls = f"; {alike} of its negative controls fail{'s' * (alike == 1)} likewise" * bool(alike)
            said.append(
                f"not as expected: {one.id} is {one.verdict}, expected {one.expected}: {one.detail}{controls}"
            )
    said += [
        f"not caught: {one.claim} {one.mutant} ({one.description}): {one.verdict}, {one.detail}"
        for result in results
        for one in result.mutants
        if (one.survived or one.verdict is Verdict.ERROR) and not _fails_with(one, result)
    ]
    return said


def _fails_with(mutant: MutantResult, claim: ClaimResult) -> bool:
    """The control could not be examined for the reason for which its claim could not, which that claim's line says."""
    failed = claim.verdict is mutant.verdict is Verdict.ERROR
    return failed and not claim.as_expected and mutant.detail.startswith(claim.detail)


def _unread(parameters: Mapping[str, object], results: Sequence[ClaimResult]) -> list[str]:
    """The parameters, named alone or with their paper, that were given a value and that no check looked at."""
    looked_at = {name for one in results for read in one.parameters for name in (read, f"{one.paper}.{read}")}
    return [name for name in parameters if name not in looked_at]


def _summary(results: Sequence[ClaimResult], mutants: bool, written: Sequence[Path]) -> str:
    counts = {verdict: sum(one.verdict is verdict for one in results) for verdict in Verdict}
    parts = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    settled = sum(one.settled for one in results)
    text = f"{len(results)} claim{'s' * (len(results) != 1)}: {', '.join(parts)}; {settled} settled"
    if mutants:
        rate = kill_rate([mutant for one in results for mutant in one.mutants])
        text += f"; negative controls: {rate.killed} of {rate.with_witness} caught"
        if rate.total > rate.with_witness:
            text += f" ({rate.total - rate.with_witness} more not shown false)"
    return f"{text}. Written: {', '.join(map(str, written))}"
