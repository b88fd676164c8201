"""Which files a worker has read: what was found from them is out of date when one of them has changed.

Python's own `open` is seen, and so are modules imported from elsewhere; a library that opens files in C is not.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from numerics.source import PACKAGES, PROJECT, syntax_hash

_seen: set[str] = set()

#: Code that the cache's keys know already, and what is no file of anybody's.
_ELSEWHERE: Final = tuple(
    f"{os.path.realpath(place)}{os.sep}"
    for place in (
        sys.prefix,
        sys.base_prefix,
        *(str(PROJECT / name) for name in PACKAGES),
        "/dev",
        "/proc",
        "/sys",
        "/etc",
    )
)


def watch() -> None:
    """Note every file that this process opens for reading from now on. It cannot be undone."""
    sys.addaudithook(_note)


def _note(event: str, details: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(details[0], str | bytes | os.PathLike):
        return
    with contextlib.suppress(Exception):
        if details[2] & (os.O_WRONLY | os.O_RDWR) != os.O_WRONLY:
            _seen.add(os.path.abspath(os.fsdecode(details[0])))


def so_far() -> dict[str, str]:
    """Every file noted that is still there, with a digest of its content as it is now."""
    found: dict[str, str] = {}
    for path in sorted(_seen):
        source = path
        if path.endswith(".pyc"):
            with contextlib.suppress(ValueError):
                source = importlib.util.source_from_cache(path)
        place = os.path.realpath(source)
        if not place.startswith(_ELSEWHERE) and os.path.isfile(place):
            with contextlib.suppress(OSError):
                found[place] = _digest(place)
    return found


def changed(digests: Mapping[str, str]) -> str | None:
    """The name of a file whose content is another one now, or None."""
    for place, digest in digests.items():
        try:
            same = _digest(place) == digest
        except OSError:
            same = False
        if not same:
            return Path(place).name
    return None


def _digest(place: str) -> str:
    if place.endswith(".py"):
        with contextlib.suppress(SyntaxError, ValueError):
            return syntax_hash(Path(place))
    with open(place, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
