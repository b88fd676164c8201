"""The supplement as a PDF, set by typst from a template that gets everything as data. No network, no other program."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from numerics.whole_file import write_whole
from verify.report.blocks import Block, Document, Figure, Formula, Grid, Heading, Items, Paragraph
from verify.report.formula import Node
from verify.report.formula_typst import displayed, tree
from verify.report.printed_figure import PrintedPanel, typeface_folder
from verify.report.reading import ReportError
from verify.report.supplement import supplement
from verify.report.text_runs import Runs, prose

#: The standard for accessible documents that the PDF keeps to where its contents allow it.
ACCESSIBLE: Final = "ua-1"
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


def write_pdf(results: Mapping[str, Any], file: str | os.PathLike[str]) -> Path:
    """Write the supplement into `file` and return its path.

    results: what results.json holds. ReportError where it is not a results document, OSError where the file cannot be
    written. A file that is there is replaced by a whole one or not at all. The same results give the same bytes.
    """
    target = Path(file)
    content = render_pdf(results)
    write_whole(target, lambda stream: stream.write(content))
    return target


def render_pdf(results: Mapping[str, Any]) -> bytes:
    """The supplement as the bytes of a PDF. ReportError where `results` is not a results document."""
    return compiled("supplement.typ", _document(supplement(results)), made=str(results.get("created", "")))


def panel_pdf(panel: PrintedPanel) -> bytes:
    """One panel with its legend as a PDF of its own size."""
    return compiled("panel.typ", _panel(panel), made="")


def compiled(template: str, data: Any, *, made: str) -> bytes:
    """A template with its data, set. `made` is the time to be written into the file."""
    import typst

    try:
        stamp = datetime.fromisoformat(made)
    except ValueError:
        stamp = datetime(2000, 1, 1, tzinfo=UTC)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
    compiler = typst.Compiler(
        _TEMPLATES / template,
        root=_TEMPLATES,
        font_paths=[typeface_folder()],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    try:
        try:
            # For readers who cannot see it: a document with its structure and texts in place of formulas and figures.
            content = compiler.compile(format="pdf", timestamp=stamp, pdf_standards=ACCESSIBLE)
        except typst.TypstError:
            content = compiler.compile(format="pdf", timestamp=stamp)
    except typst.TypstError as error:
        raise ReportError(f"the PDF could not be set: {' '.join(str(error.message).split())}.") from error
    if not isinstance(content, bytes):
        raise ReportError("the PDF could not be set: it came out in pieces.")
    return content


def _document(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "subtitle": _runs(document.subtitle),
        "made": document.made,
        "abstract": _runs(document.abstract),
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "runs": _runs(block.runs), "label": block.label}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "runs": _runs(block.runs), "style": block.style}
    if isinstance(block, Formula):
        return _formula(block)
    if isinstance(block, Items):
        items = [[_part(part) for part in item] for item in block.items]
        return {"kind": "items", "items": items, "numbered": block.numbered}
    if isinstance(block, Grid):
        return {
            "kind": "grid",
            "caption": _runs(block.caption),
            "columns": [
                {"title": _runs(one.title), "share": one.share, "right": one.right} for one in block.columns
            ],
            "rows": [[_runs(cell) for cell in row] for row in block.rows],
            "tight": block.tight,
        }
    assert isinstance(block, Figure)
    return {
        "kind": "figure",
        "panels": [_panel(one) for one in block.panels],
        "caption": _runs(block.caption),
    }


def _part(part: Runs | Formula) -> dict[str, Any]:
    return _formula(part) if isinstance(part, Formula) else {"kind": "runs", "runs": _runs(part)}


def _formula(formula: Formula) -> dict[str, Any]:
    lines = None if formula.node is None else displayed(formula.node)
    return {"kind": "formula", "lines": lines, "source": formula.source}


def _panel(panel: PrintedPanel) -> dict[str, Any]:
    return {
        "title": _runs(prose(panel.title)),
        "svg": panel.svg,
        "description": panel.description,
        "keys": [
            {
                "label": _runs(prose(key.label)),
                "kind": key.kind,
                "swatch": key.swatch,
                "sign": key.sign,
                "colour": key.colour,
            }
            for key in panel.keys
        ],
    }


def _runs(runs: Runs) -> list[list[Any]]:
    return [_run(run.kind, run.text, run.node, run.target) for run in runs]


def _run(kind: str, text: str, node: Node | None, target: str) -> list[Any]:
    if kind == "math":
        assert node is not None
        return [kind, tree(node), text]
    if kind in ("link", "page"):
        return [kind, target, text]
    return [kind, text]
