"""What a claim's verdict depends on: the code it can reach, and the versions of what that code stands on."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from numerics import source
from numerics.source import PACKAGES, PROJECT, syntax_hash, tree_of
from verify.load import BUILT_IN, PaperSource

#: Modules that store or schedule verdicts and can change none, though the public surface of `verify` names them.
_BYSTANDERS: Final = frozenset(
    {
        "verify.entry",
        "verify.results",
        "verify.runner",
        "verify.lane",
        "verify.cache",
        "verify.fingerprint",
        "verify.load",
        "verify.selection",
        "numerics.source",
    }
)

#: What runs between a claim and its evidence, and is imported by no paper.
_ALWAYS: Final = ("verify.judge", "verify.worker")

_DISTRIBUTIONS: Final = ("sympy", "mpmath", "python-flint", "numpy", "scipy", "hypothesis", "z3-solver")


@functools.cache
def versions() -> Mapping[str, str]:
    """Versions of the libraries that verdicts rest on; "absent" where one is not installed."""
    found: dict[str, str] = {}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


@functools.cache
def python_version() -> str:
    """Implementation and version of Python, as in "CPython 3.11.4"."""
    return f"{platform.python_implementation()} {platform.python_version()}"


def code_fingerprint(paper: PaperSource) -> str:
    """A hash of all code that the claims of this paper can reach.

    A user's own file counts to the byte, as its claims may read their own text; the rest by syntax tree.
    """
    digest = hashlib.sha256()
    if paper.kind == "file":
        file = Path(paper.place)
        digest.update(b"file\0" + file.read_bytes())
        roots = {**dict.fromkeys(PACKAGES, PROJECT), "": file.parent}
        start = [*_ALWAYS, *source.imported(tree_of(file), "", False)]
    else:
        roots = dict.fromkeys(PACKAGES, PROJECT)
        start = [*_ALWAYS, BUILT_IN[paper.place]]
    for name, path in sorted(reachable(start, roots).items()):
        digest.update(f"\0{name}\0{syntax_hash(path)}".encode())
    return digest.hexdigest()


def reachable(start: Sequence[str], roots: Mapping[str, Path]) -> dict[str, Path]:
    """The modules that these modules import, themselves included: {name: file}.

    `roots` says where a top-level package lies; its key "" stands for all other names.
    """
    return source.reachable(start, roots, skip=_BYSTANDERS)
