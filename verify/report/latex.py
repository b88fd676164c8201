"""The supplement as a LaTeX folder that compiles with a stock TeX Live: main.tex, claims.tex, figures, a Makefile."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from numerics.whole_file import write_whole
from verify.report.blocks import Block, Document, Figure, Formula, Grid, Heading, Items, Paragraph
from verify.report.formula_latex import display, latex
from verify.report.latex_columns import breakable, columns
from verify.report.latex_text import bookmark, code, escaped
from verify.report.pdf import panel_pdf
from verify.report.printed_figure import PrintedPanel
from verify.report.supplement import supplement
from verify.report.text_runs import Run, Runs

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_MAKEFILE: Final = """\
# `make` sets main.pdf with latexmk, or with pdflatex alone where that is not installed. Nothing here runs a program.
main.pdf: main.tex claims.tex $(wildcard figures/*.pdf)
\t@if command -v latexmk >/dev/null; then latexmk -pdf -no-shell-escape -interaction=nonstopmode main.tex; \\
\telse for pass in 1 2 3; do pdflatex -no-shell-escape -interaction=nonstopmode main.tex || exit 1; done; fi

clean:
\trm -f main.pdf main.aux main.log main.out main.toc main.fls main.fdb_latexmk claims.aux

.PHONY: clean
"""
_README: Final = """\
This folder is the supplement in LaTeX. `make` sets main.pdf; so does `latexmk -pdf main.tex`, or pdflatex three times.
It needs amsmath, booktabs, geometry, graphicx, hyperref, longtable, lmodern, microtype and xcolor, which every TeX Live
has (on Debian and Ubuntu: texlive-latex-recommended, texlive-fonts-recommended, lmodern). claims.tex holds the claims
alone, so that they can be put into an appendix of another document: take the preamble of main.tex with them.
"""
_LEVELS: Final = {1: "section", 2: "subsection", 3: "subsubsection", 4: "subsubsection*"}


def write_latex(results: Mapping[str, Any], folder: str | os.PathLike[str]) -> Path:
    """Write the folder (made if need be) and return the path of its main.tex.

    results: what results.json holds. ReportError where it is not a results document, OSError where a file cannot be
    written. Of what is there, only the files of the same names are replaced.
    """
    target = Path(folder)
    for name, content in sorted(latex_files(results).items()):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)
    return target / "main.tex"


def _write(path: Path, content: bytes) -> None:
    write_whole(path, lambda stream: stream.write(content))


def latex_files(results: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of the folder, by their names in it. ReportError where `results` is not a results document."""
    document = supplement(results)
    writer = _Writer({}, count(1))
    claims = writer.blocks(document.claims)
    main = _main(document, writer)
    texts = {"main.tex": main, "claims.tex": claims, "Makefile": _MAKEFILE, "README.txt": _README}
    return {name: text.encode("utf-8") for name, text in texts.items()} | {
        f"figures/{name}": content for name, content in writer.drawings.items()
    }


def _main(document: Document, writer: _Writer) -> str:
    subtitle = writer.runs(document.subtitle)
    parts = [
        (_TEMPLATES / "preamble.tex").read_text(encoding="utf-8").rstrip(),
        "",
        rf"\hypersetup{{pdftitle={{{bookmark(document.title)}}},pdfauthor={{lemmata}}}}",
        rf"\title{{{escaped(document.title)}\\[0.4em]\large {subtitle}}}",
        r"\author{}",
        rf"\date{{{escaped(document.made)}}}",
        "",
        r"\begin{document}",
        r"\maketitle",
        rf"\begin{{abstract}}\noindent {writer.runs(document.abstract)}\end{{abstract}}",
        r"{\parskip=0pt\tableofcontents}",
        r"\clearpage",
        writer.blocks(document.front),
        r"\input{claims}",
        writer.blocks(document.back),
        r"\end{document}",
        "",
    ]
    return "\n".join(parts)


@dataclass
class _Writer:
    """Writes blocks; collects the drawings that they refer to."""

    drawings: dict[str, bytes]
    numbers: Iterator[int]

    def blocks(self, blocks: Sequence[Block]) -> str:
        return "\n\n".join(self._block(block) for block in blocks) + "\n"

    def runs(self, runs: Runs) -> str:
        return "".join(_run(run) for run in runs)

    def _block(self, block: Block) -> str:
        if isinstance(block, Heading):
            return self._heading(block)
        if isinstance(block, Paragraph):
            words = self.runs(block.runs)
            return words if block.style == "normal" else rf"\lm{block.style}{{{words}}}"
        if isinstance(block, Formula):
            return _formula(block)
        if isinstance(block, Items):
            return self._items(block)
        if isinstance(block, Grid):
            return self._grid(block)
        return self._figure(block)

    def _heading(self, block: Heading) -> str:
        plain = bookmark("".join(run.text for run in block.runs)) or "claim"
        label = rf"\label{{{block.label}}}" if block.label else ""
        words = rf"\texorpdfstring{{{self.runs(block.runs)}}}{{{plain}}}"
        # What is not numbered is still led to by a link.
        anchor = r"\phantomsection" if block.level == 4 else ""
        return rf"\{_LEVELS[block.level]}{{{words}}}{anchor}{label}"

    def _items(self, block: Items) -> str:
        name = "enumerate" if block.numbered else "itemize"
        items = [
            r"\item "
            + "\n".join(_formula(part) if isinstance(part, Formula) else self.runs(part) for part in item)
            for item in block.items
        ]
        # An item that begins with a bracket must not be taken for a label.
        body = "\n".join(item.replace(r"\item [", r"\item {}[", 1) for item in items)
        spaced = r"\setlength{\itemsep}{1pt}\setlength{\parskip}{0pt}"
        return f"\\begin{{{name}}}{spaced}\n{body}\n\\end{{{name}}}" if items else ""

    def _grid(self, block: Grid) -> str:
        header = " & ".join(rf"\textbf{{{self.runs(breakable(column.title))}}}" for column in block.columns)
        # A row that begins with a bracket or a star must not be taken for an option of the line end before it.
        rows = [f"{{}}{' & '.join(self.runs(cell) for cell in row)} \\\\" for row in block.rows]
        settings, kinds = columns(block)
        return "\n".join(
            [
                rf"{{{settings}",
                rf"\begin{{longtable}}{{@{{}}{kinds}@{{}}}}",
                rf"\caption{{{self.runs(block.caption)}}}\\",
                rf"\toprule {header} \\ \midrule \endfirsthead",
                rf"\toprule {header} \\ \midrule \endhead",
                r"\bottomrule \endfoot",
                *rows,
                r"\end{longtable}}",
            ]
        )

    def _figure(self, block: Figure) -> str:
        panels = "".join(rf"\lmpanel{{{self._drawing(panel)}}}" for panel in block.panels)
        return rf"\lmfigure{{{panels}}}{{{self.runs(block.caption)}}}"

    def _drawing(self, panel: PrintedPanel) -> str:
        name = f"figure-{next(self.numbers):03d}.pdf"
        self.drawings[name] = panel_pdf(panel)
        return name


def _run(run: Run) -> str:
    if run.kind == "math":
        assert run.node is not None
        return f"${latex(run.node)}$"
    if run.kind == "link":
        return rf"\lmlinkto{{{run.target}}}{{{code(run.text)}}}"
    if run.kind == "page":
        return rf"\pageref{{{run.target}}}"
    if run.kind == "code":
        return code(run.text)
    if run.kind == "source":
        return rf"\lmsource{{{code(run.text)}}}"
    if run.kind == "verdict":
        return rf"\lmverdict{{{run.text}}}"
    words = escaped(run.text)
    command = {"strong": "textbf", "emph": "emph", "sub": "textsubscript", "super": "textsuperscript"}.get(
        run.kind
    )
    return words if command is None else rf"\{command}{{{words}}}"


def _formula(formula: Formula) -> str:
    return rf"\lmunset{{{code(formula.source)}}}" if formula.node is None else display(formula.node)
