"""Write docs/api/: one page for each public package, from its docstrings. With --check only say if they are current.

    python tools/api_reference.py [--check] [FOLDER]

A name is public when the `__all__` of one of the packages below has it. Nothing is fetched, and nothing is run but the
imports.
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = (
    "theory",
    "theory.codegen",
    "numerics",
    "numerics.integrate",
    "numerics.kernels",
    "numerics.sweep",
    "numerics.certificate",
    "verify",
    "verify.checks",
    "verify.mutants",
    "verify.report",
)


@dataclass(frozen=True)
class Entry:
    """One public name: what it is (function, class, value or module), how it is called, and what it says."""

    name: str
    kind: str
    signature: str
    text: str
    place: str
    members: tuple[Entry, ...] = ()


def entries(package: str) -> list[Entry]:
    """The public names of a package, in the order of its `__all__`."""
    module = importlib.import_module(package)
    return [_entry(module, name) for name in module.__all__]


def _entry(module: ModuleType, name: str) -> Entry:
    value = getattr(module, name)
    if inspect.ismodule(value):
        shown = [one for one in vars(value) if _is_own(value, one)]
        members = tuple(_callable(one, getattr(value, one)) for one in shown)
        return Entry(name, "module", "", inspect.getdoc(value) or "", _place(value), members)
    if inspect.isclass(value) or inspect.isroutine(value):
        return _callable(name, value)
    return _value(module, name, value)


def _is_own(module: ModuleType, name: str) -> bool:
    value = getattr(module, name)
    return not name.startswith("_") and inspect.isroutine(value) and value.__module__ == module.__name__


def _callable(name: str, value: Any) -> Entry:
    if not inspect.isclass(value):
        return Entry(
            name, "function", f"{name}{_signature(value)}", inspect.getdoc(value) or "", _place(value)
        )
    members = tuple(_members(value))
    return Entry(name, "class", _class_line(name, value), _own_doc(value), _place(value), members)


def _class_line(name: str, value: type) -> str:
    bases = [base.__name__ for base in value.__bases__ if base is not object]
    if issubclass(value, enum.Enum):
        return f"class {name}({', '.join(bases)})  # {', '.join(value.__members__)}"
    if issubclass(value, BaseException) or not _has_own_constructor(value):
        return f"class {name}({', '.join(bases)})" if bases else f"class {name}"
    return f"class {name}{_signature(value)}"


def _has_own_constructor(value: type) -> bool:
    return any("__init__" in vars(base) or "__new__" in vars(base) for base in value.__mro__[:-1])


def _own_doc(value: type) -> str:
    doc = vars(value).get("__doc__") or ""
    # What dataclasses write by themselves says no more than the signature.
    return "" if doc.startswith(f"{value.__name__}(") else inspect.cleandoc(doc)


def _members(value: type) -> Iterator[Entry]:
    for name, member in vars(value).items():
        if name.startswith("_") or name in vars(value).get("__annotations__", {}):
            continue
        if isinstance(member, property):
            yield Entry(name, "property", name, inspect.getdoc(member) or "", "")
        elif isinstance(member, (classmethod, staticmethod)) or inspect.isfunction(member):
            function = getattr(value, name)
            yield Entry(name, "method", f"{name}{_signature(function)}", inspect.getdoc(function) or "", "")
        elif hasattr(member, "func") and hasattr(member, "attrname"):
            yield Entry(name, "property", name, inspect.getdoc(member.func) or "", "")


def _signature(value: Any) -> str:
    try:
        text = str(inspect.signature(value))
    except (ValueError, TypeError):
        return "(…)"
    # Annotations are texts already; addresses of objects would change with every run.
    text = re.sub(r"<([\w.]+) object at 0x[0-9a-f]+>", r"<\1>", text.replace("'", ""))
    return re.sub(r"<(?:function|class) ([\w.]+)[^>]*>", r"\1", text)


def _value(module: ModuleType, name: str, value: Any) -> Entry:
    home, text = _comment(module, name)
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    return Entry(name, "value", f"{name}: {kind}", text, home)


def _comment(module: ModuleType, name: str) -> tuple[str, str]:
    """Where a value is assigned, and the comment above it or the text below it."""
    found = next(_assignments(module, name), None)
    if found is None:
        return "", ""
    path, tree, source, index = found
    node = tree.body[index]
    after = tree.body[index + 1] if index + 1 < len(tree.body) else None
    if (
        isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    ):
        return path, inspect.cleandoc(after.value.value)
    above: list[str] = []
    line = node.lineno - 2
    while line >= 0 and source[line].startswith("#"):
        above.insert(0, source[line].lstrip("#: ").rstrip())
        line -= 1
    return path, " ".join(above)


def _assignments(module: ModuleType, name: str) -> Iterator[tuple[str, ast.Module, list[str], int]]:
    top = ROOT / module.__name__.split(".")[0]
    own = Path(str(module.__file__))
    for path in (own, *sorted(one for one in top.rglob("*.py") if one != own)):
        text = path.read_text(encoding="utf-8")
        if name not in text:
            continue
        tree = ast.parse(text)
        for index, node in enumerate(tree.body):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(one, ast.Name) and one.id == name for one in targets):
                yield path.relative_to(ROOT).as_posix(), tree, text.splitlines(), index


def _place(value: Any) -> str:
    try:
        return Path(inspect.getsourcefile(value) or "").resolve().relative_to(ROOT).as_posix()
    except (TypeError, ValueError):
        return ""


def page(package: str) -> str:
    """The page of a package, in Markdown."""
    found = entries(package)
    parts = [f"# {package}", markdown(_about(package)), _table(found)]
    for entry in found:
        parts += _section(entry, 2)
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(package: str) -> str:
    text = (inspect.getdoc(importlib.import_module(package)) or "").removeprefix(f"{package}: ")
    return text[:1].upper() + text[1:]


def _table(found: Sequence[Entry]) -> str:
    rows = [
        f"| [`{entry.name}`](#{entry.name.lower()}) | {_first_sentence(entry.text).replace('|', chr(92) + '|')} |"
        for entry in found
    ]
    return "\n".join(["| name | what it is |", "|---|---|", *rows])


def _section(entry: Entry, level: int) -> list[str]:
    parts = [f"{'#' * level} {entry.name}"]
    if entry.signature:
        parts.append(f"```python\n{_wrapped(entry.signature)}\n```")
    parts.append(markdown(entry.text))
    if entry.place:
        parts.append(f"*{entry.kind} in [{entry.place}](../../{entry.place})*")
    for member in entry.members:
        if entry.kind == "module":
            parts += _section(member, level + 1)
        else:
            name = member.signature if member.kind == "method" else member.name
            parts.append(
                f"- `{name}`" + (f": {_inline(' '.join(member.text.split()))}" if member.text else "")
            )
    return [part for part in parts if part]


def _wrapped(signature: str) -> str:
    """A long signature with one argument a line."""
    if len(signature) <= 100 or "(" not in signature:
        return signature
    head, _, rest = signature.partition("(")
    arguments, depth, piece = [], 0, ""
    body, _, tail = rest.rpartition(")")
    for char in body:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            arguments.append(piece.strip())
            piece = ""
        else:
            piece += char
    arguments.append(piece.strip())
    return f"{head}(\n" + "".join(f"    {one},\n" for one in arguments if one) + f"){tail}"


_PARAMETER: Final = re.compile(r"^([\w*]+(?:, [\w*]+)*):\s+")


def markdown(text: str) -> str:
    """A docstring as Markdown: paragraphs, lists of what stands for what, and examples as they are."""
    made: list[str] = []
    for part in re.split(r"\n[ \t]*\n", text):
        if not part.strip():
            continue
        if all(row.startswith("    ") for row in part.splitlines()):
            code = textwrap.dedent(part)
            if made and made[-1].endswith("```"):
                # An example with an empty line in it is one example.
                made[-1] = made[-1].removesuffix("```") + f"\n{code}\n```"
            else:
                made.append(f"```python\n{code}\n```")
        else:
            made.append(_paragraph(part.splitlines()))
    return "\n\n".join(made)


def _paragraph(rows: Sequence[str]) -> str:
    if len(rows) > 2 and re.fullmatch(r"-{3,}", rows[1].strip()):
        return f"**{rows[0].strip()}**\n\n{_defined(rows[2:])}"
    if not any(_PARAMETER.match(row) for row in rows):
        if any(row.startswith("    ") for row in rows):
            return "```text\n" + "\n".join(rows) + "\n```"
        return _inline(" ".join(row.strip() for row in rows))
    lines: list[str] = []
    for row in rows:
        named = _PARAMETER.match(row)
        if named is not None:
            # A list that follows words needs a line between them.
            lines += [""] if lines and not lines[-1].startswith("- ") else []
            lines.append(f"- `{named[1]}`: {_inline(row[named.end() :])}")
        elif lines:
            lines[-1] += f" {_inline(row.strip())}"
        else:
            lines.append(_inline(row.strip()))
    return "\n".join(lines)


def _defined(rows: Sequence[str]) -> str:
    """A section in NumPy's style: names at the margin, what they are indented below them."""
    lines: list[str] = []
    for row in rows:
        if row.startswith("    ") and lines:
            lines[-1] += f" {_inline(row.strip())}"
        else:
            lines.append(f"- `{row.strip().rstrip(':')}`:")
    return "\n".join(lines)


def _inline(text: str) -> str:
    """Words with `code`; what would mean something else to Markdown is escaped."""
    pieces = re.split(r"(``[^`]+``|`[^`]+`)", text)
    return "".join(
        f"`{piece.strip('`')}`" if number % 2 else re.sub(r"([*_<\[\]|])", r"\\\1", piece)
        for number, piece in enumerate(pieces)
    )


def _first_sentence(text: str) -> str:
    first = " ".join(text.split("\n\n")[0].split())
    found = re.match(r".*?\.(?=\s|$)", first)
    return _inline(found[0] if found else first)


def pages() -> dict[str, str]:
    """All pages: the name of a file → its text."""
    made = {f"{package}.md": page(package) for package in PACKAGES}
    rows = [f"- [{package}]({package}.md): {_first_sentence(_about(package))}" for package in PACKAGES]
    intro = (
        "Made from the docstrings by `make docs`. The way of data through the packages is in "
        "[architecture](../architecture.md)."
    )
    made["README.md"] = "\n\n".join(["# API reference", intro, "\n".join(rows)]) + "\n"
    return made


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or compare them with what is there. Exit status 1 where they are not current."""
    check = "--check" in arguments
    given = [one for one in arguments if one != "--check"]
    folder = Path(given[0]) if given else ROOT / "docs" / "api"
    made = pages()
    old = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    if check:
        stale = sorted(name for name in {*made, *old} if made.get(name) != old.get(name))
        if stale:
            print(f"docs/api is not current ({', '.join(stale)}); run make docs", file=sys.stderr)
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in old.keys() - made.keys():
        (folder / name).unlink()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
