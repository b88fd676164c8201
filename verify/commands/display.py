"""How a run is shown while it goes on: a live display on a terminal, else one line for each claim; always on
stderr."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Protocol

from verify.outcome import ClaimResult
from verify.runner import Observer


class Display(Observer, Protocol):
    """An observer that can also say something in between."""

    def warn(self, sentence: str) -> None:
        """Show a sentence without disturbing the rest."""


@contextlib.contextmanager
def display() -> Iterator[Display]:
    """The display that fits stderr; it is taken down at the end, whatever happens."""
    if not sys.stderr.isatty():
        yield Plain()
        return
    from verify.commands.live import Live

    live = Live()
    try:
        yield live
    finally:
        live.close()


def finished_words(result: ClaimResult) -> str:
    """One line about a claim that is done."""
    took = f"{result.seconds + sum(one.seconds for one in result.mutants):.1f} s"
    told = result.cached if result.cached is not None else f"{took} ({result.why})"
    remark = "" if result.as_expected else f", expected {result.expected}: {result.detail}"
    survivors = [one.mutant for one in result.mutants if one.survived]
    if survivors:
        remark += f"; not caught: {', '.join(survivors)}"
    return f"{result.id} {result.verdict} by {result.method}, {told}{remark}"


class Plain:
    """One line for each claim, when it is done."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0

    def begin(self, total: int) -> None:
        self._total = total

    def started(self, claim: str, why: str) -> None:
        pass

    def message(self, claim: str, text: str) -> None:
        pass

    def finished(self, result: ClaimResult) -> None:
        self._done += 1
        self._print(f"[{self._done}/{self._total}] {finished_words(result)}")

    def warn(self, sentence: str) -> None:
        self._print(f"lemmata: {sentence}")

    @staticmethod
    def _print(line: str) -> None:
        print(line, file=sys.stderr, flush=True)
