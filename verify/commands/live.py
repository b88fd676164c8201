"""The live display of a run on a terminal: a bar for all claims, and a line for each one that is being
examined."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from verify.commands.display import finished_words
from verify.outcome import ClaimResult

_STYLES = {
    "PROVED": "green",
    "SUPPORTED": "cyan",
    "REFUTED": "magenta",
    "UNDECIDED": "yellow",
    "ERROR": "bold red",
}


class Live:
    """Shows a run with rich; lines about finished claims scroll away above the bar."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Elapsed(),
            console=self._console,
            transient=True,
        )
        self._all: TaskID | None = None
        self._running: dict[str, TaskID] = {}

    def close(self) -> None:
        """Take the display down."""
        self._progress.stop()

    def begin(self, total: int) -> None:
        self._progress.start()
        self._all = self._progress.add_task("claims", total=total)

    def started(self, claim: str, why: str) -> None:
        self._running[claim] = self._progress.add_task(f"{claim} ({why})", total=None)

    def message(self, claim: str, text: str) -> None:
        if claim in self._running:
            self._progress.update(self._running[claim], description=f"{claim}: {text}")

    def finished(self, result: ClaimResult) -> None:
        if result.id in self._running:
            self._progress.remove_task(self._running.pop(result.id))
        style = _STYLES[result.verdict.value] if result.as_expected else "bold red"
        self._console.print(f"[{style}]{escape(finished_words(result))}[/]", highlight=False)
        if self._all is not None:
            self._progress.advance(self._all)

    def warn(self, sentence: str) -> None:
        self._console.print(f"lemmata: {sentence}", markup=False, highlight=False)
