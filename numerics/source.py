"""The code that a result depends on, found by reading: a module, and all that it imports from the same project, at
any depth and in any function. Two files with the same syntax tree, docstrings aside, are the same code; comments
and layout don't count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

#: The folder that holds the packages of the project.
PROJECT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("theory", "numerics", "verify")

_MODULE_NAME = re.compile(rf"({'|'.join(PACKAGES)})(\.[a-z_][a-z0-9_]*)+")


def simulation_fingerprint(start: Sequence[str] = ("numerics.sweep.run",)) -> str:
    """A hash of the code of `numerics` that these modules reach, and of the versions of what it computes with.

    The surfaces of the packages only name their parts, and are left out: a change elsewhere costs nothing.
    """
    from numerics.simulate import versions

    found = reachable(start, {"numerics": PROJECT}, skip=("numerics", "numerics.sweep", "numerics.source"))
    digest = hashlib.sha256()
    for name, path in sorted(found.items()):
        digest.update(f"{name}\0{syntax_hash(path)}\0".encode())
    for name, version in sorted(versions().items()):
        if name not in ("lemmata", "python"):
            digest.update(f"{name}\0{version}\0".encode())
    return digest.hexdigest()


def reachable(
    start: Sequence[str], roots: Mapping[str, Path], *, skip: Collection[str] = ()
) -> dict[str, Path]:
    """The modules that these modules import, themselves included: {name: file}.

    `roots` says where a top-level package lies; its key "" stands for all other names. Modules in `skip` and
    what only they import are left out.
    """
    found: dict[str, Path] = {}
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name in found or name in skip:
            continue
        path = _module_file(name, roots)
        if path is None:
            continue
        found[name] = path
        parts = name.split(".")
        # Importing a.b.c executes a and a.b as well.
        waiting.extend(".".join(parts[:i]) for i in range(1, len(parts)))
        waiting.extend(imported(tree_of(path), name, path.name == "__init__.py"))
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


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file, an empty one where it is not valid Python."""
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


def imported(tree: ast.Module, module: str, is_package: bool) -> Iterator[str]:
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
