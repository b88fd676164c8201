"""A value as Python code that makes it again, with the imports it needs."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from verify.load import FILE_MODULE

_LONGEST = 20_000


def pasted(value: Any, name: str = "case") -> str:
    """Lines that can be pasted into a file or an interpreter: imports, then `name = …`.

    Of dataclasses, fractions, numbers, texts and containers of these. What has no such code, or very much of it, is an
    empty text: nothing is better than lines that do not run.
    """
    classes: set[tuple[str, str]] = set()
    if not _all_plain(value, classes):
        return ""
    imports = [f"from {module} import {what}" for module, what in sorted(classes)]
    code = "\n".join([*imports, "", f"{name} = {value!r}"]).strip()
    return code if len(code) <= _LONGEST else ""


def _all_plain(value: Any, classes: set[tuple[str, str]]) -> bool:
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return kind is not float or math.isfinite(value)
    if kind.__module__ == "fractions" and kind.__name__ == "Fraction":
        classes.add(("fractions", "Fraction"))
        return True
    if isinstance(value, Mapping):
        return kind is dict and _each(value.keys(), classes) and _each(value.values(), classes)
    if kind in (list, tuple, set, frozenset):
        return _each(value, classes)
    if dataclasses.is_dataclass(value) and _printed_by_its_fields(kind):
        classes.add((_importable(kind.__module__), kind.__qualname__))
        return _each((getattr(value, field.name) for field in dataclasses.fields(value)), classes)
    return False


def _importable(module: str) -> str:
    """A user's own file goes by its own name, not by that under which it was loaded."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return Path(file).stem if module == FILE_MODULE and file else module


def _each(values: Iterable[Any], classes: set[tuple[str, str]]) -> bool:
    return all(_all_plain(value, classes) for value in values)


def _printed_by_its_fields(kind: type) -> bool:
    """A class at the top of its module, whose repr is that of its fields: then the repr makes the value again."""
    own = kind.__dict__.get("__repr__")
    generated = own is not None and getattr(own, "__qualname__", "").endswith(
        "__create_fn__.<locals>.__repr__"
    )
    plain_fields = all(field.init and field.repr for field in dataclasses.fields(kind))
    return "." not in kind.__qualname__ and plain_fields and (generated or _wrapped(own))


def _wrapped(function: Any) -> bool:
    """dataclasses guards its generated repr against recursion by `reprlib`, which leaves this mark."""
    return function is not None and hasattr(function, "__wrapped__")
