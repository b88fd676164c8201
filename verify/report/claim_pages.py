"""The pages of all claims, made by several processes where there are many: setting thousands of formulas and drawing
the figures is nearly all the work of a report.

A helper is this module run as a program, with a file that says what to do. It is no worker of `multiprocessing`, which
would run the user's own program once more.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from numerics.worker_start import ONE_THREAD
from verify.report.pages import claim_page
from verify.report.reading import read
from verify.report.views import ClaimView, Reading

_WORTH_A_HELPER: Final = 40
_MOST: Final = 8
_ROOT: Final = Path(__file__).resolve().parents[2]


def claim_pages(
    results: Mapping[str, Any], reading: Reading, *, processes: int | None = None
) -> Iterator[tuple[str, str]]:
    """(address, page) of every claim. What a helper fails at is made here.

    processes: how many take part, this one included; by default as many as there are processors and work for them.
    """
    if processes is None:
        processes = min(_MOST, os.cpu_count() or 1, len(reading.claims) // _WORTH_A_HELPER)
    own, *others = _shares(reading.claims, max(1, processes))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lemmata-report-")))
        helpers = [
            stack.enter_context(_Helper(results, share, folder / str(i))) for i, share in enumerate(others)
        ]
        for claim in own:
            yield claim.address, claim_page(reading, claim)
        for helper in helpers:
            made = helper.pages()
            for claim in helper.claims:
                yield claim.address, made.get(claim.address) or claim_page(reading, claim)


def _shares(claims: Sequence[ClaimView], count: int) -> list[list[ClaimView]]:
    """The claims in `count` parts of about equal work."""
    shares: list[list[ClaimView]] = [[] for _ in range(count)]
    loads = [0] * count
    for claim in sorted(claims, key=_work, reverse=True):
        least = loads.index(min(loads))
        shares[least].append(claim)
        loads[least] += _work(claim)
    return shares


def _work(claim: ClaimView) -> int:
    """About as many characters of formulas as take as long as this claim: a drawing is worth some thousands."""
    figures = [one.data.get("figure") for one in claim.evidence]
    drawn = sum(len(one) if isinstance(one, list) else 1 for one in figures if one)
    return 500 + 8000 * drawn + sum(len(one.statement) for one in claim.mutants)


class _Helper:
    """A process that makes the pages of some claims while we make others."""

    def __init__(self, results: Mapping[str, Any], claims: Sequence[ClaimView], folder: Path) -> None:
        self.claims = claims
        self._answer = folder.with_suffix(".pages")
        self._process: subprocess.Popen[bytes] | None = None
        # A helper that cannot be started costs time and nothing else.
        with contextlib.suppress(OSError, ValueError, TypeError):
            request = folder.with_suffix(".request")
            wanted = {"results": results, "claims": [one.id for one in claims], "answer": str(self._answer)}
            request.write_text(json.dumps(wanted), encoding="utf-8", errors="surrogatepass")
            self._process = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, str(request)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ | ONE_THREAD | {"PYTHONPATH": _search_path()},
            )

    def __enter__(self) -> _Helper:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pages(self) -> dict[str, str]:
        """The finished pages by their addresses; none where something went wrong."""
        if self._process is None or self._process.wait() != 0:
            return {}
        try:
            made: dict[str, str] = json.loads(self._answer.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        return made


def _search_path() -> str:
    return os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))


def _help(request: Path) -> None:
    wanted = json.loads(request.read_text(encoding="utf-8", errors="surrogatepass"))
    reading = read(wanted["results"])
    made = {reading.by_id[id].address: claim_page(reading, reading.by_id[id]) for id in wanted["claims"]}
    Path(wanted["answer"]).write_text(json.dumps(made), encoding="ascii")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _help(Path(sys.argv[1]))
