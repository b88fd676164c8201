"""Where papers come from: the ones built in, by name, and a user's own file, by path."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from verify.claim import PaperError
from verify.paper import Paper
from verify.parameters import loading

#: The papers that come with the project: name and the module that has it as `paper`.
BUILT_IN: Final[Mapping[str, str]] = {
    "multistage": "verify.papers.multistage",
    "sharpness": "verify.papers.sharpness",
    "spikes": "verify.papers.spikes",
}

#: The name under which a user's file is imported.
FILE_MODULE: Final = "lemmata_paper_file"


@dataclass(frozen=True)
class PaperSource:
    """Enough to load a paper again in another process: a built-in name, or the absolute path of a file."""

    kind: str
    place: str

    @classmethod
    def built_in(cls, name: str) -> PaperSource:
        """The built-in paper of this name. PaperError when there is none."""
        if name not in BUILT_IN:
            raise PaperError(f"there is no built-in paper {name!r}; there is {', '.join(BUILT_IN)}.")
        return cls("built-in", name)

    @classmethod
    def file(cls, path: str | os.PathLike[str]) -> PaperSource:
        """The file at this path. PaperError when there is none."""
        file = Path(path).resolve()
        if file.is_dir():
            raise PaperError(f"{os.fspath(path)!r} is a folder; name a file in it.")
        if not file.is_file():
            raise PaperError(f"there is no file {os.fspath(path)!r}.")
        return cls("file", str(file))

    def load(self) -> Paper:
        """The paper, validated. PaperError with the file and the line where a user's file is at fault."""
        if self.kind == "file":
            return load_file(self.place)
        with loading():
            module = importlib.import_module(BUILT_IN[self.place])
        return _paper_of(module, BUILT_IN[self.place])


def load_file(path: str | os.PathLike[str]) -> Paper:
    """The `paper` of a user's Python file, validated.

    The file is executed as a module, with its folder at the end of the import path, so that it can import
    files that stand beside it without hiding anything installed. What it prints goes to stderr. PaperError,
    in one sentence with file and line, when it cannot be read, raises, or has no `paper`.
    """
    file = Path(path).resolve()
    shown = file.name
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(FILE_MODULE, file)
    if spec is None or spec.loader is None:
        raise PaperError(f"{shown} is not a Python file: its name has to end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[FILE_MODULE] = module
    try:
        with contextlib.redirect_stdout(sys.stderr), loading():
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except SyntaxError as error:
        where = Path(error.filename or shown).name
        raise PaperError(
            f"{where}, line {error.lineno or 1}: it is not valid Python ({error.msg})."
        ) from error
    except OSError as error:
        if traceback.extract_tb(error.__traceback__)[-1].filename != str(file) and not _lines_in(error, file):
            raise PaperError(f"{shown} cannot be read: {error.strerror or error}.") from error
        raise PaperError(_raised(error, file)) from error
    except BaseException as error:
        raise PaperError(_raised(error, file)) from error
    paper = _paper_of(module, shown)
    if paper.name in BUILT_IN:
        raise PaperError(
            f"{shown}: {paper.name!r} is the name of a paper that is built in; take another, as in "
            f'Paper("my-{paper.name}", title="…").'
        )
    others = [
        name
        for name, one in vars(module).items()
        if isinstance(one, Paper) and one is not paper and one.name not in BUILT_IN
    ]
    if others:
        raise PaperError(
            f"{shown}: beside `paper` there is another paper, `{others[0]}`, which nobody would check; "
            "give it a file of its own."
        )
    return paper


def _lines_in(error: BaseException, file: Path) -> list[int]:
    """The lines of `file` that the error passed through, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame.lineno or 1 for frame in frames if frame.filename == str(file)]


def _raised(error: BaseException, file: Path) -> str:
    lines = _lines_in(error, file)
    said = " ".join(str(error).split()) or "no message"
    kind = "" if isinstance(error, PaperError) else f"{type(error).__name__}: "
    return f"{file.name}, line {lines[-1] if lines else 1}: {kind}{said}"


def _paper_of(module: ModuleType, shown: str) -> Paper:
    paper = getattr(module, "paper", None)
    if not isinstance(paper, Paper):
        found = "it has none" if paper is None else f"it is of type {type(paper).__name__}"
        raise PaperError(
            f'{shown}, line 1: a paper\'s file needs a module-level `paper = Paper("title")`; {found}.'
        )
    try:
        paper.validate()
    except PaperError as error:
        raise PaperError(f"{shown}: {error}") from None
    return paper
