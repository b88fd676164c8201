"""The commands that repeat what the results record, as a reader can paste them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from verify.report.views import ClaimView, PaperView, Reading


def repeat_claim(reading: Reading, paper: PaperView, claim: ClaimView) -> str:
    """Check one claim again, as it was checked."""
    return _command([*([paper.file] if paper.file else []), claim.id], reading, [paper])


def repeat_all(reading: Reading) -> str:
    """Check all papers of the results again."""
    papers = reading.papers
    files = [paper.file for paper in papers if paper.file]
    named = ["--paper", papers[0].name] if len(papers) == 1 and not files else files
    return _command(named, reading, papers)


def _command(named: Iterable[str], reading: Reading, papers: Iterable[PaperView]) -> str:
    words = ["lemmata", "verify", *named, "--effort", reading.effort, "--seed", reading.seed]
    for paper in papers:
        for one in paper.parameters:
            if one.changed:
                words += ["--set", f"{paper.name}.{one.name}={one.value}"]
    return shlex.join(words)
