"""`lemmata report`: a page from a results.json, without computing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verify.results import load_results

Results = Annotated[Path, typer.Argument(metavar="RESULTS", help="A results.json, or the folder it is in.")]
HtmlFolder = Annotated[
    Path | None,
    typer.Option("--html", metavar="DIR", help="Folder for index.html; by default beside the results."),
]


def run(results: Results, html: HtmlFolder = None) -> None:
    """Make a page from a results.json."""
    path = results / "results.json" if results.is_dir() else results
    document = load_results(path)
    folder = html if html is not None else path.parent
    folder.mkdir(parents=True, exist_ok=True)
    from verify.report.figure_data import write_figure_data
    from verify.report.html import write_html

    write_figure_data(document, folder)
    typer.echo(str(write_html(document, folder)))
