"""Options from a file: the keys of `--config FILE.toml` are the options of its command, which win over it."""

from __future__ import annotations

import difflib
import types
import typing
from pathlib import Path
from typing import Any, Final

import typer

#: What a value must be for an option that takes this type.
_WORDS: Final[dict[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    Path: "the name of a file in quotes",
}


def take_defaults(context: typer.Context, file: Path | None) -> Path | None:
    """Callback of an eager option `--config`: what the file says becomes the default of the other options.

    Keys are the long names without the dashes in front; inside, - and _ are the same. Names of files are relative to
    the folder of this one. InputError for a file that cannot be read, an unknown key, or a value of another type.
    """
    if file is None:
        return None
    from numerics.errors import InputError
    from numerics.toml_file import read_toml, shown

    document, place = read_toml(file)
    option = context.command.callback
    assert option is not None
    wanted = {
        name: _plain(kind)
        for name, kind in typing.get_type_hints(option).items()
        if name not in ("config", "return")
    }
    found: dict[str, Any] = {}
    for key, value in document.items():
        name = key.replace("-", "_")
        if name not in wanted:
            near = difflib.get_close_matches(name, wanted, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(wanted)}."
            raise InputError(f"{place(key)}: this is no option of {context.info_name}; {hint}")
        if name in found:
            raise InputError(f"{place(key)}: {name} is given twice; leave one of them out.")
        kind = wanted[name]
        if not _fits(value, kind):
            raise InputError(f"{place(key)}: {shown(value)} must be {_WORDS[kind]}.")
        found[name] = file.parent / value if kind is Path else value
    context.default_map = {**(context.default_map or {}), **found}
    return file


def _plain(kind: Any) -> type:
    """X of X | None."""
    parts = [part for part in typing.get_args(kind) if part is not types.NoneType]
    found: type = parts[0] if parts else kind
    return found


def _fits(value: Any, kind: type) -> bool:
    if kind is Path:
        return isinstance(value, str) and bool(value.strip())
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind
