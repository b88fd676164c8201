"""Which files a worker has read or looked for: what was found from them is out of date when one of them has changed.

Python's own `open` and its listings of folders are seen, and so are modules imported from elsewhere. What is asked of a
file without opening it (whether it exists, its size, its dates) is not, nor is a library that opens files in C.
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

#: Each path as it was given to Python, with what was done to it.
_seen: dict[str, set[str]] = {}

#: What may be done: to read a file, to import it, to list a folder.
_READ: Final = "bytes"
_IMPORTED: Final = "code"
_LISTED: Final = "names"

#: Code that the cache's keys know already, and what is no file of anybody's.
_PLACES: Final = (
    sys.prefix,
    sys.base_prefix,
    *(str(PROJECT / name) for name in PACKAGES),
    "/dev",
    "/proc",
    "/sys",
    "/etc",
)
_ELSEWHERE: Final = tuple(
    {f"{spelled}{os.sep}" for place in _PLACES for spelled in (place, os.path.realpath(place))}
)

#: What a run itself puts into a folder in which a check may look around.
_OURS: Final = frozenset({"__pycache__", ".lemmata-cache", ".hypothesis"})

#: Packages that look for code: what they open is imported, and what they list is no evidence.
_IMPORTERS: Final = frozenset(
    {"importlib", "_frozen_importlib", "_frozen_importlib_external", "pkgutil", "zipimport"}
)

#: Whether this module itself is reading.
_looking = False


def watch() -> None:
    """Note every file that this process opens for reading, or tries to, and every folder that it lists from now on.
    It cannot be undone."""
    sys.addaudithook(_note)


def _note(event: str, details: tuple[Any, ...]) -> None:
    if event not in ("open", "os.listdir", "os.scandir") or _looking:
        return
    with contextlib.suppress(Exception):
        path = "." if details[0] is None else details[0]
        if not isinstance(path, str | bytes | os.PathLike) or str(path).startswith("<"):
            return  # a file that is open already, or text that was compiled as "<unknown>"
        caller = str(sys._getframe(1).f_globals.get("__name__", ""))
        imports = caller.partition(".")[0] in _IMPORTERS
        if event == "open":
            if details[2] & (os.O_WRONLY | os.O_RDWR) == os.O_WRONLY:
                return
            done = _IMPORTED if imports else _READ
        elif imports:
            return
        else:
            done = _LISTED
        # Not made shorter: behind a link, ".." leads elsewhere.
        _seen.setdefault(os.path.join(os.getcwd(), os.fsdecode(path)), set()).add(done)


def so_far() -> dict[str, str]:
    """Every path noted, with what is there now: a digest of a file, or of a folder's names, or that there is none."""
    global _looking
    found: dict[str, set[str]] = {}
    for path, done in _seen.items():
        source = path
        if _IMPORTED in done and path.endswith(".pyc"):
            with contextlib.suppress(ValueError):
                source = importlib.util.source_from_cache(path)
        # What was only looked for to import it, such as compiled code, is no evidence where it is missing.
        ours = not os.path.normpath(source).startswith(_ELSEWHERE)
        if ours and (done != {_IMPORTED} or os.path.isfile(source)):
            found.setdefault(source, set()).update(done)
    _looking = True
    try:
        return {path: _states(path, done) for path, done in sorted(found.items())}
    finally:
        _looking = False


def changed(states: Mapping[str, str]) -> str | None:
    """The name of a file or folder that is another one now, or None."""
    for path, state in states.items():
        if _states(path, {one.partition(":")[0] for one in state.split()}) != state:
            return Path(path).name
    return None


def _states(path: str, done: set[str]) -> str:
    # Bytes say more than code does.
    kinds = done - {_IMPORTED} if _READ in done else done
    return " ".join(f"{kind}:{_state(path, kind)}" for kind in sorted(kinds))


def _state(path: str, kind: str) -> str:
    """One word; a link is followed, so that another target is another state."""
    try:
        if kind == _LISTED:
            names = sorted(os.fsencode(name) for name in os.listdir(path) if name not in _OURS)
            return hashlib.sha256(b"\0".join(names)).hexdigest()
        if not os.path.isfile(path):
            return "none"
        if kind == _IMPORTED and path.endswith(".py"):
            with contextlib.suppress(SyntaxError, ValueError):
                return syntax_hash(Path(path))
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "none"
    except OSError:
        return "unreadable"
