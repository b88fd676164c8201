"""verify: claims about theories of training, and what each verdict on them is worth.

A paper is written in one file:

    from verify import Paper

    paper = Paper("On toys")
    paper.identity("eq1", (x + 1) ** 2, x**2 + 2 * x + 1, title="A square")

and checked with `lemmata verify FILE.py`, or with `run(select(["FILE.py"]))` from Python. The names below are
imported when they are first used, so that `import verify` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.claim import Check as Check
    from verify.claim import Claim as Claim
    from verify.claim import Mutant as Mutant
    from verify.claim import PaperError as PaperError
    from verify.context import Context as Context
    from verify.entry import Entry as Entry
    from verify.evidence import METHODS as METHODS
    from verify.evidence import Evidence as Evidence
    from verify.evidence import EvidenceError as EvidenceError
    from verify.evidence import Verdict as Verdict
    from verify.load import PaperSource as PaperSource
    from verify.outcome import ClaimResult as ClaimResult
    from verify.outcome import MutantResult as MutantResult
    from verify.outcome import exit_status as exit_status
    from verify.paper import Paper as Paper
    from verify.parameters import Choice as Choice
    from verify.parameters import Parameter as Parameter
    from verify.parameters import remembered as remembered
    from verify.results import load_results as load_results
    from verify.results import results_document as results_document
    from verify.results import write_results as write_results
    from verify.runner import run as run
    from verify.selection import select as select

_HOME = {
    "Verdict": "evidence",
    "METHODS": "evidence",
    "Evidence": "evidence",
    "EvidenceError": "evidence",
    "Context": "context",
    "Check": "claim",
    "Mutant": "claim",
    "Claim": "claim",
    "PaperError": "claim",
    "Paper": "paper",
    "Entry": "entry",
    "Choice": "parameters",
    "Parameter": "parameters",
    "remembered": "parameters",
    "PaperSource": "load",
    "select": "selection",
    "MutantResult": "outcome",
    "ClaimResult": "outcome",
    "exit_status": "outcome",
    "run": "runner",
    "results_document": "results",
    "write_results": "results",
    "load_results": "results",
}

__all__ = [
    "Verdict",
    "METHODS",
    "Evidence",
    "EvidenceError",
    "Context",
    "Check",
    "Mutant",
    "Claim",
    "PaperError",
    "Paper",
    "Entry",
    "Choice",
    "Parameter",
    "remembered",
    "PaperSource",
    "select",
    "MutantResult",
    "ClaimResult",
    "exit_status",
    "run",
    "results_document",
    "write_results",
    "load_results",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"verify.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
