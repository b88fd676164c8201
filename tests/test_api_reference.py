"""The public surface says what a reader needs: each name what it is, each function which errors to expect."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Protocols of Python and SymPy, whose errors are those of the protocol.
PROTOCOL = {
    "AssertionError",
    "AttributeError",
    "KeyError",
    "NotImplementedError",
    "StopIteration",
    "TypeError",
}
SYMPY_METHODS = {"fdiff", "eval"}


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("api_reference", ROOT / "tools" / "api_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TOOL = tool()


@pytest.mark.parametrize("package", TOOL.PACKAGES)
def test_every_public_name_says_what_it_is(package: str) -> None:
    silent, endless = [], []
    for entry in TOOL.entries(package):
        for one in (entry, *entry.members):
            shown = entry.name if one is entry else f"{entry.name}.{one.name}"
            if not one.text:
                silent.append(shown)
        if entry.text and not re.search(r"[.:)](\s|$)", entry.text):
            endless.append(entry.name)
    assert silent == []
    assert endless == []


def functions(package: str) -> Iterator[tuple[str, Any, str]]:
    """The public functions, constructors and methods with what is said of them."""
    module = importlib.import_module(package)
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isfunction(value):
            yield name, value, inspect.getdoc(value) or ""
        elif inspect.isclass(value) and value.__module__.startswith(("theory", "numerics", "verify")):
            for inner, member in vars(value).items():
                if not inspect.isfunction(member) or inner in SYMPY_METHODS:
                    continue
                if not inner.startswith("_") or inner in ("__init__", "__post_init__"):
                    said = f"{inspect.getdoc(member) or ''} {inspect.getdoc(value) or ''}"
                    yield f"{name}.{inner}", member, said


@pytest.mark.parametrize("package", TOOL.PACKAGES)
def test_every_error_that_a_public_function_raises_is_named(package: str) -> None:
    missing = []
    for name, function, said in functions(package):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except (OSError, SyntaxError):
            continue  # written by dataclasses
        raised = {
            node.exc.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
        }
        missing += [(name, error) for error in sorted(raised - PROTOCOL) if error not in said]
    assert missing == []


def test_the_reference_holds_every_public_name() -> None:
    pages = TOOL.pages()
    assert set(pages) == {"README.md", *(f"{package}.md" for package in TOOL.PACKAGES)}
    for package in TOOL.PACKAGES:
        text = pages[f"{package}.md"]
        for name in importlib.import_module(package).__all__:
            assert f"\n## {name}\n" in text
        assert "0x" not in re.sub(r"`[^`]*`", "", text)


def test_the_reference_is_the_same_twice_and_can_be_checked(tmp_path: Path) -> None:
    assert TOOL.main([str(tmp_path)]) == 0
    assert TOOL.main(["--check", str(tmp_path)]) == 0
    page = tmp_path / "theory.md"
    page.write_text(page.read_text(encoding="utf-8") + "more", encoding="utf-8")
    assert TOOL.main(["--check", str(tmp_path)]) == 1
    links = re.findall(r"\]\(\.\./\.\./([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert links
    assert all((ROOT / link).is_file() for link in links)


def test_docstrings_become_readable() -> None:
    said = TOOL.markdown(
        "A thing_of <x>.\n\nrows: how many\n    of them\ncode: ``a*b``\n\n    x = 1\n\n    y = 2"
    )
    assert said == (
        "A thing\\_of \\<x>.\n\n- `rows`: how many of them\n- `code`: `a*b`\n\n```python\nx = 1\n\ny = 2\n```"
    )
