"""The steps of a derivation, as evidence holds them under "derivation": sentences with a formula each.

`data["derivation"]` is a list of {"text": "one sentence", "latex": "formula"}; either may be absent. A step with
"compared": true has what the check compares, printed from the very expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """What was done, and the formula that it gave. Either may be empty. compared: the formula is what was compared."""

    text: str
    latex: str
    compared: bool = False


def steps_of(data: Mapping[str, Any]) -> list[Step] | None:
    """The steps among the data of evidence; [] where there are none, None where what is there is no such list."""
    found = data.get("derivation", [])
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        return None
    made = [Step(_text(one, "text"), _text(one, "latex"), one.get("compared") is True) for one in found]
    return made if all(step.text or step.latex for step in made) else None


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return value.strip() if isinstance(value, str) else ""
