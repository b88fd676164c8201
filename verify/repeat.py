"""What a results document asks for when it is repeated: the same claims, effort, seed and parameters."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify.claim import PaperError
from verify.load import BUILT_IN, PaperSource
from verify.selection import Selected


@dataclass(frozen=True)
class Request:
    """Everything that `runner.run` needs to do the same again.

    gone: full ids of claims that the results have and their papers no longer do.
    """

    selection: tuple[Selected, ...]
    effort: str
    seed: int
    controls: bool
    parameters: Mapping[str, str]
    gone: tuple[str, ...]


def request_of(
    document: Mapping[str, Any],
    files: Sequence[str | os.PathLike[str]] = (),
    folders: Sequence[Path] = (),
) -> Request:
    """The run that a results document records.

    files: the users' files whose claims are in it, where they are not in one of the `folders` under the name that the
    document has. PaperError, in a sentence, where a file or a paper is missing or cannot be loaded, and where a file
    that was found and not named has changed: it is not executed.
    """
    selection: list[Selected] = []
    gone: list[str] = []
    unused = [Path(one) for one in files]
    for record in document["papers"]:
        source = _source(record, unused, folders)
        paper = source.load()
        if paper.name != record["name"]:
            raise PaperError(
                f"{Path(source.place).name} has the paper {paper.name!r}, and the results are of {record['name']!r}."
            )
        for claim in document["claims"]:
            if claim["paper"] != record["name"]:
                continue
            if claim["id"].removeprefix(f"{paper.name}.") in paper:
                selection.append(Selected(source, paper, paper[claim["id"]]))
            else:
                gone.append(claim["id"])
    if unused:
        raise PaperError(f"the results are of no file {os.fspath(unused[0])}.")
    if not selection:
        raise PaperError("there is nothing to repeat: none of the claims in the results is there.")
    return Request(
        tuple(selection),
        document["effort"],
        document["seed"],
        _controls(document),
        _parameters(document),
        tuple(gone),
    )


def file_of(record: Mapping[str, Any], folders: Sequence[Path]) -> Path | None:
    """The user's file that a paper of the results was loaded from, where one of the folders has it."""
    name = record["file"]["name"]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _source(record: Mapping[str, Any], unused: list[Path], folders: Sequence[Path]) -> PaperSource:
    if "file" not in record:
        if record["name"] in BUILT_IN:
            return PaperSource.built_in(record["name"])
        # An older document does not say which file it is of.
        if len(unused) == 1:
            return PaperSource.file(unused.pop())
        raise PaperError(
            f"the paper {record['name']!r} is not built in; name its file: lemmata report RESULTS FILE.py --check"
        )
    name = record["file"]["name"]
    given = next((one for one in unused if one.name == name), None)
    if given is None and len(unused) == 1:
        given = unused[0]
    if given is not None:
        unused.remove(given)
        return PaperSource.file(given)
    found = file_of(record, folders)
    if found is None:
        raise PaperError(
            f"the results are of the file {name}, which is not here; name it: lemmata report RESULTS {name} --check"
        )
    # A file is a program: one that nobody named, and that is not the one that was run, is not run either.
    if hashlib.sha256(found.read_bytes()).hexdigest() != record["file"]["sha256"]:
        raise PaperError(
            f"{found} is not the file that these results are of (its SHA-256 differs), so it was not run; to run it "
            f"all the same, name it: lemmata report RESULTS {found} --check"
        )
    return PaperSource.file(found)


def _controls(document: Mapping[str, Any]) -> bool:
    recorded = document.get("controls")
    return bool(recorded) if recorded is not None else any(one["mutants"] for one in document["claims"])


def _parameters(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{paper['name']}.{one['name']}": one["value"]
        for paper in document["papers"]
        for one in paper.get("parameters", [])
        if one["changed"]
    }
