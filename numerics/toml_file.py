"""TOML files typed by a user: read, or refused in a sentence that says where."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numerics.errors import InputError


@dataclass(frozen=True)
class Places:
    """Where a key stands, for messages: the file, the line where it is found, and the key."""

    file: Path | None
    text: str = ""

    def __call__(self, key: str) -> str:
        pattern = re.compile(rf"""\s*(?:\[+\s*)?["']?{re.escape(key)}["']?\s*[=\].]""")
        for number, line in enumerate(self.text.splitlines(), 1):
            if pattern.match(line):
                return f"{self.file}, line {number}, {key}"
        return key if self.file is None else f"{self.file}, {key}"


def read_toml(path: str | Path) -> tuple[Mapping[str, Any], Places]:
    """The keys and values of a TOML file, and where they stand. InputError for what cannot be read or is none."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or 'cannot be read'}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: this is not a text in UTF-8.") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: this is not TOML: {error}.") from None
    except RecursionError:
        raise InputError(f"{file}: this is not TOML: it is nested too deeply.") from None
    return document, Places(file, text)


def shown(value: Any) -> str:
    """A value as a message quotes it: at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
