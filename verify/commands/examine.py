"""What verify and mutate have in common: run a selection with a display, and turn an interruption into a
sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verify.cache import Cache
from verify.commands.display import display
from verify.commands.errors import Stopped
from verify.outcome import ClaimResult
from verify.runner import Interrupted
from verify.runner import run as run_claims
from verify.selection import Selected


def examine(
    selection: Sequence[Selected],
    *,
    effort: str,
    seed: int,
    jobs: int | None,
    mutants: bool,
    fresh: bool,
    parameters: Mapping[str, object],
) -> list[ClaimResult]:
    """Run the claims. Stopped on Ctrl-C, with a sentence that says what was kept."""
    with display() as shown:
        try:
            return run_claims(
                selection,
                effort=effort,
                seed=seed,
                jobs=jobs,
                mutants=mutants,
                fresh=fresh,
                cache=Cache(warn=shown.warn),
                observer=shown,
                parameters=parameters,
            )
        except Interrupted as stopped:
            raise Stopped(
                f"interrupted after {len(stopped.results)} of {stopped.total} claims; no results were written, and "
                "what was finished is kept in the cache, so that the same command goes on from there."
            ) from None
