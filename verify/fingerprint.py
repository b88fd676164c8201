"""What a claim's verdict depends on: the code it can reach, and the versions of what that code stands on.

The code is found by reading: from a module, all first-party modules that it imports, at any depth and in any
function. Two files with the same syntax tree, docstrings aside, are the same code; comments and layout don't
count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from verify.load import BUILT_IN, PaperSource

_PROJECT = Path(__file__).resolve().parent.parent
_PACKAGES: Final = ("theory", "numerics", "verify")

#: Modules that store or schedule verdicts and can change none, though the public surface of `verify` names them.
_BYSTANDERS: Final = frozenset(
    {
        "verify.results",
        "verify.runner",
        "verify.lane",
        "verify.cache",
        "verify.fingerprint",
        "verify.load",
        "verify.selection",
    }
)

#: What runs between a claim and its evidence, and is imported by no paper.
_ALWAYS: Final = ("verify.judge", "verify.worker")

_DISTRIBUTIONS: Final = ("sympy", "mpmath", "python-flint", "numpy", "scipy", "hypothesis", "z3-solver")

_MODULE_NAME = re.compile(rf"({'|'.join(_PACKAGES)})(\.[a-z_][a-z0-9_]*)+")


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


def code_fingerprint(source: PaperSource) -> str:
    """A hash of all code that the claims of this paper can reach.

    A user's own file counts to the byte, as its claims may read their own text; the rest by syntax tree.
    """
    digest = hashlib.sha256()
    if source.kind == "file":
        file = Path(source.place)
        digest.update(b"file\0" + file.read_bytes())
        roots = {**dict.fromkeys(_PACKAGES, _PROJECT), "": file.parent}
        start = [*_ALWAYS, *_imported(_tree(file), "", False, roots)]
    else:
        roots = dict.fromkeys(_PACKAGES, _PROJECT)
        start = [*_ALWAYS, BUILT_IN[source.place]]
    for name, path in sorted(reachable(start, roots).items()):
        digest.update(f"\0{name}\0{syntax_hash(path)}".encode())
    return digest.hexdigest()


def reachable(start: list[str], roots: Mapping[str, Path]) -> dict[str, Path]:
    """The modules that these modules import, themselves included: {name: file}.

    `roots` says where a top-level package lies; its key "" stands for all other names.
    """
    found: dict[str, Path] = {}
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name in found or name in _BYSTANDERS:
            continue
        path = _module_file(name, roots)
        if path is None:
            continue
        found[name] = path
        parts = name.split(".")
        # Importing a.b.c executes a and a.b as well.
        waiting.extend(".".join(parts[:i]) for i in range(1, len(parts)))
        waiting.extend(_imported(_tree(path), name, path.name == "__init__.py", roots))
    return found


def syntax_hash(path: Path) -> str:
    """A hash of a file's syntax tree without its docstrings; of its bytes where it is not valid Python."""
    return _syntax_hash(path, path.stat().st_mtime_ns)


@functools.cache
def _syntax_hash(path: Path, changed: int) -> str:
    text = path.read_bytes()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return hashlib.sha256(text).hexdigest()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _tree(path: Path) -> ast.Module:
    return _parsed(path, path.stat().st_mtime_ns)


@functools.cache
def _parsed(path: Path, changed: int) -> ast.Module:
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _module_file(name: str, roots: Mapping[str, Path]) -> Path | None:
    """The file of a first-party module, None for any other."""
    top = name.partition(".")[0]
    root = roots.get(top, roots.get(""))
    if root is None or not name:
        return None
    base = root.joinpath(*name.split("."))
    for candidate in (base / "__init__.py", base.with_name(base.name + ".py")):
        if candidate.is_file():
            return candidate
    return None


def _imported(tree: ast.Module, module: str, is_package: bool, roots: Mapping[str, Path]) -> Iterator[str]:
    """Names that may be modules: everything imported anywhere in the file, and texts that name a module of
    the project, which is how a lazy public surface refers to its parts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                kept = parts[: len(parts) - node.level + (1 if is_package else 0)]
                base = ".".join([*kept, base] if base else kept)
            yield base
            for alias in node.names:
                yield f"{base}.{alias.name}" if base else alias.name
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _MODULE_NAME.fullmatch(node.value)
        ):
            yield node.value
