"""The report: results.json as a page to read. It draws what is there and computes nothing.

from verify.report import write_html

write_html(results, Path("results"))     # -> results/index.html
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.report.html import render_site as render_site
    from verify.report.html import write_html as write_html
    from verify.report.reading import ReportError as ReportError

_HOME = {"write_html": "html", "render_site": "html", "ReportError": "reading"}

__all__ = ["write_html", "render_site", "ReportError"]


def __getattr__(name: str) -> Any:
    # Drawing takes Matplotlib, which is slow to import: only when something is drawn.
    if name not in _HOME:
        raise AttributeError(f"module 'verify.report' has no attribute {name!r}")
    return getattr(importlib.import_module(f"verify.report.{_HOME[name]}"), name)
