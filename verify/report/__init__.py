"""The report: results.json as pages, as a PDF, as a LaTeX folder or as an archive. It draws what is there and computes
nothing.

    from verify.report import write_archive, write_html, write_latex, write_pdf

    write_html(results, "site")  # -> site/index.html
    write_pdf(results, "supplement.pdf")
    write_latex(results, "latex")  # -> latex/main.tex
    write_archive(results, "supplement.zip")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.report.archive import write_archive as write_archive
    from verify.report.html import render_site as render_site
    from verify.report.html import write_html as write_html
    from verify.report.latex import write_latex as write_latex
    from verify.report.pdf import render_pdf as render_pdf
    from verify.report.pdf import write_pdf as write_pdf
    from verify.report.reading import ReportError as ReportError

_HOME = {
    "write_html": "html",
    "render_site": "html",
    "write_pdf": "pdf",
    "render_pdf": "pdf",
    "write_latex": "latex",
    "write_archive": "archive",
    "ReportError": "reading",
}

__all__ = [
    "write_html",
    "render_site",
    "write_pdf",
    "render_pdf",
    "write_latex",
    "write_archive",
    "ReportError",
]


def __getattr__(name: str) -> Any:
    # Drawing takes Matplotlib, which is slow to import: only when something is drawn.
    if name not in _HOME:
        raise AttributeError(f"module 'verify.report' has no attribute {name!r}")
    return getattr(importlib.import_module(f"verify.report.{_HOME[name]}"), name)
