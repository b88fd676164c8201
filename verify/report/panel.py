"""What a panel of a figure holds, read with suspicion: each thing that cannot be drawn says what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

SCALES: Final = ("linear", "log")
STYLES: Final = ("line", "dashed", "points")


class PanelError(ValueError):
    """A panel that cannot be drawn: what is wrong with it."""


def series(value: object) -> tuple[str, list[float], list[float], str, str]:
    """One curve or set of points: (label, x, y, style, role)."""
    if not isinstance(value, Mapping):
        raise PanelError("each of its series is a mapping")
    name = label(value, "label")
    x = [number(one) for one in listed(value, "x")]
    y = [number(one) for one in listed(value, "y")]
    if len(x) != len(y):
        raise PanelError(f"its series {name!r} has {len(x)} values of x and {len(y)} of y")
    style = value.get("style", "line")
    if style not in STYLES:
        raise PanelError(
            f"its series {name!r} has the style {style!r}; a style is one of {', '.join(STYLES)}"
        )
    return name, x, y, style, str(value.get("role", "other"))


def mark(value: object) -> tuple[float, str]:
    """A place on the x axis and its label."""
    if not isinstance(value, Mapping) or "x" not in value:
        raise PanelError("each of its marks is a mapping with an x")
    return number(value["x"]), label(value, "label")


def scale(panel: Mapping[str, Any], key: str) -> str:
    found = panel.get(key, "linear")
    if found not in SCALES:
        raise PanelError(f"its {key} is {found!r}; a scale is linear or log")
    return str(found)


def number(value: object) -> float:
    """A number to draw; null, and what is not finite, leaves a gap. Text holds numbers that JSON cannot."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise PanelError(f"{value!r} stands where a number belongs")
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise PanelError(f"{value!r} stands where a number belongs") from None
    return found if math.isfinite(found) else math.nan


def label(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key, "")
    return " ".join(str(value).split())[:200] if value is not None else ""


def listed(record: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = record.get(key, [])
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PanelError(f"its {key} is a list")
    return value
