"""Files that are there whole or not at all, whatever happens while they are written; and folders that take none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

UNFINISHED = ".part"


def try_folder(folder: str | Path) -> None:
    """OSError where no file can be made in this folder. Nothing is left behind."""
    with tempfile.TemporaryFile(dir=folder):
        pass


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a hidden file beside its place, then move it there: a reader sees the old one or the new one.

    ``write`` gets a binary stream. OSError that names ``path``, and nothing is left behind; any other exception of
    ``write`` passes through in the same way. What a killed process leaves ends in ``UNFINISHED``.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=UNFINISHED)
    except OSError as error:
        # The name of the unfinished file would tell nobody anything.
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        # A temporary file is private; the finished one gets what any new file gets.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError) and error.strerror is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
