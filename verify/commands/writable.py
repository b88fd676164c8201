"""Places to write to, tried before the work that depends on them."""

from __future__ import annotations

from pathlib import Path

from numerics.whole_file import try_folder
from verify.commands.errors import UsageError


def made_folder(folder: Path, option: str) -> Path:
    """The folder, made where it was not there. UsageError, with the option that names another, where no file can be
    made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try_folder(folder)
    except OSError as error:
        raise UsageError(
            f"the folder {folder} cannot be written ({error.strerror or error}); name another with {option}."
        ) from None
    return folder


def placed_file(file: Path, option: str) -> Path:
    """The file, with its folder made. UsageError where no file can be made there, or a folder stands in its place."""
    if file.is_dir():
        raise UsageError(f"{file} is a folder; name a file in it.")
    made_folder(file.parent, option)
    return file
