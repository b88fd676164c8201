"""`lemmata report`: pages, a PDF, a LaTeX folder or an archive from a results.json; or the same run once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from verify.commands.errors import Stopped, UsageError
from verify.commands.options import AsJson, Jobs, print_json
from verify.commands.writable import made_folder, placed_file
from verify.compare import TOLERANCE, Comparison, compare
from verify.results import load_results

Results = Annotated[Path, typer.Argument(metavar="RESULTS", help="A results.json, or the folder it is in.")]
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE.py",
        help="Your own files that the results are of, where they are neither beside them nor here.",
        show_default=False,
    ),
]
HtmlFolder = Annotated[
    Path | None,
    typer.Option("--html", metavar="DIR", help="Folder for the pages; by default beside the results."),
]
PdfFile = Annotated[
    Path | None, typer.Option("--pdf", metavar="FILE", help="Write a supplement to print, as a PDF.")
]
LatexFolder = Annotated[
    Path | None, typer.Option("--latex", metavar="DIR", help="Write the same supplement as a LaTeX folder.")
]
ArchiveFile = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="FILE.zip",
        help="Write all of it with the code and its versions, to ship with a paper.",
    ),
]
Include = Annotated[
    list[Path] | None,
    typer.Option(
        "--include",
        metavar="PATH",
        help="With --archive: data that your files read; may be given repeatedly.",
    ),
]
Check = Annotated[
    bool,
    typer.Option("--check", help="Repeat the verification that the results record, and say what differs."),
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tolerance",
        min=0.0,
        max=1.0,
        metavar="X",
        help="With --check: how far a number may be off, as a part of the largest of its row or curve.",
    ),
]


def run(
    results: Results,
    files: Files = None,
    html: HtmlFolder = None,
    pdf: PdfFile = None,
    latex: LatexFolder = None,
    archive: ArchiveFile = None,
    include: Include = None,
    check: Check = False,
    tolerance: Tolerance = TOLERANCE,
    jobs: Jobs = None,
    json: AsJson = False,
) -> None:
    """Make pages, a PDF, a LaTeX folder or an archive from a results.json; or repeat the run with --check.

    Without options the pages are written beside the results. With --check the claims are examined again, at the
    same effort and seed and with the same parameters. Exit status: 0 the same verdicts, controls and numbers, 1
    something differs, 2 bad usage or input, 3 nothing differs, but not every claim came to a verdict again.
    """
    path = results / "results.json" if results.is_dir() else results
    document = load_results(path)
    for option, file, ending in (("--pdf", pdf, ".pdf"), ("--archive", archive, ".zip")):
        if file is not None and file.suffix.lower() != ending:
            raise UsageError(f"{option} {file}: the name of the file has to end in {ending}.")
    if include and archive is None:
        raise UsageError("--include belongs to --archive: there is nothing else to put a file into.")
    if check:
        if html or pdf or latex or archive:
            raise UsageError("--check writes nothing: leave out --html, --pdf, --latex and --archive.")
        raise typer.Exit(_check(document, files or (), path.parent, tolerance, jobs, json))
    if tolerance != TOLERANCE or jobs is not None:
        raise UsageError("--tolerance and --jobs belong to --check: without it nothing is computed.")
    for written in _write(document, path, html, pdf, latex, archive, files or (), include or ()):
        typer.echo(str(written))


def _write(
    document: Mapping[str, Any],
    path: Path,
    html: Path | None,
    pdf: Path | None,
    latex: Path | None,
    archive: Path | None,
    files: Sequence[Path],
    include: Sequence[Path],
) -> list[Path]:
    written: list[Path] = []
    if pdf is not None:
        from verify.report.pdf import write_pdf

        written.append(write_pdf(document, placed_file(pdf, "--pdf")))
    if latex is not None:
        from verify.report.latex import write_latex

        written.append(write_latex(document, made_folder(latex, "--latex")))
    if archive is not None:
        from verify.report.archive import write_archive

        sources = _sources(document, files, path.parent)
        written.append(
            write_archive(document, placed_file(archive, "--archive"), files=sources, include=include)
        )
    if html is not None or not written:
        folder = html if html is not None else path.parent
        made_folder(folder, "--html")
        from verify.report.html import write_html

        written.append(write_html(document, folder))
    return written


def _sources(document: Mapping[str, Any], files: Sequence[Path], folder: Path) -> list[Path]:
    """The users' files that the results are of. UsageError where one is not to be found."""
    from verify.repeat import file_of

    found: list[Path] = []
    for paper in document["papers"]:
        if "file" not in paper:
            continue
        given = next((one for one in files if one.name == paper["file"]["name"]), None)
        source = given if given is not None else file_of(paper, (folder, Path()))
        if source is None or not source.is_file():
            name = paper["file"]["name"]
            raise UsageError(
                f"the results are of the file {name}, which is not here; name it after the results."
            )
        found.append(source)
    return found


def _check(
    document: Mapping[str, Any],
    files: Sequence[Path],
    folder: Path,
    tolerance: float,
    jobs: int | None,
    json: bool,
) -> int:
    from verify.commands.examine import examine
    from verify.repeat import request_of
    from verify.results import results_document
    from verify.runner import settings_for

    request = request_of(document, files, (folder, Path()))
    try:
        results = examine(
            request.selection,
            effort=request.effort,
            seed=request.seed,
            jobs=jobs,
            mutants=request.controls,
            # What was found before is what is in question.
            fresh=True,
            parameters=request.parameters,
        )
    except Stopped:
        raise Stopped("interrupted; nothing was compared.") from None
    again = results_document(
        results,
        list({id(one.paper): one.paper for one in request.selection}.values()),
        effort=request.effort,
        seed=request.seed,
        settings=settings_for(request.selection, request.parameters),
        sources={one.paper.name: one.source for one in request.selection},
        mutants=request.controls,
    )
    comparison = compare(document, again, tolerance=tolerance)
    if json:
        print_json(_document(comparison))
    else:
        for line in _lines(comparison, document, tolerance):
            typer.echo(line)
    return comparison.status


def _document(comparison: Comparison) -> dict[str, Any]:
    return {
        "same": comparison.status == 0,
        "status": comparison.status,
        "claims": comparison.claims,
        "differences": [
            {"claim": one.claim, "kind": one.kind, "words": one.words} for one in comparison.differences
        ],
        "circumstances": list(comparison.circumstances),
        "words_compared": comparison.words_compared,
        "other_words": list(comparison.other_words),
    }


def _lines(comparison: Comparison, document: Mapping[str, Any], tolerance: float) -> list[str]:
    """The differences, what else is not as it was, and a last line that sums it up."""
    lines = [f"{one.claim} {one.words}" for one in comparison.differences]
    lines += [f"not as it was: {one}" for one in comparison.circumstances]
    lines += [f"to be read: {one}" for one in comparison.other_words]
    differing = len({one.claim for one in comparison.differences})
    settings = f"effort {document['effort']}, seed {document['seed']}, numbers within {tolerance:g}"
    claims = f"{comparison.claims} claim{'s' * (comparison.claims != 1)} repeated ({settings})"
    verdict = {
        0: "all the same" if comparison.words_compared else "the same verdicts, controls and numbers",
        1: f"{differing} not the same",
        3: f"{differing} not decided again, the others the same",
    }[comparison.status]
    if not comparison.words_compared:
        verdict += (
            "; the sentences of the evidence were not compared word for word, as versions or machine differ"
        )
    return [*lines, f"{claims}: {verdict}."]
