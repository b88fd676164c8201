"""An exception inside a check is an ERROR of ours, never a verdict on the claim."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from pathlib import PurePath

from verify.context import Context
from verify.evidence import Evidence, NotFinite, Verdict

Run = Callable[[Context], Evidence]


def reason(error: BaseException) -> str:
    """What was raised, and in which line of which file, without the folders of this machine."""
    text = " ".join(str(error).split()) or "no message"
    if len(text) > 300:
        text = text[:300] + "…"
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({PurePath(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text}{where}"


def guarded(method: str) -> Callable[[Run], Run]:
    """Turn every ``Exception`` of a check into Evidence with verdict ERROR; an interruption passes
    through."""

    def decorate(run: Run) -> Run:
        @functools.wraps(run)
        def safe(context: Context) -> Evidence:
            try:
                return run(context)
            except NotFinite as error:
                return Evidence(Verdict.UNDECIDED, method, str(error))
            except Exception as error:
                return Evidence(Verdict.ERROR, method, reason(error))

        return safe

    return decorate
