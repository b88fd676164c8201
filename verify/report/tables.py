"""The tables among the data of evidence, and whatever else there is in them, fit to be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeGuard

from verify.report.plain import plain
from verify.report.steps import steps_of

_WORDY: Final = 20  # characters of a text that is broken over lines where room is scarce


@dataclass(frozen=True)
class Table:
    """A table of evidence: `numeric` says which columns hold numbers only, `wordy` which hold texts of many words."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numeric: tuple[bool, ...]
    wordy: tuple[bool, ...]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """The tables among the data; what only looks like one is left to `rest`."""
    found = data.get("table")
    return [_table(one) for one in (found if isinstance(found, list) else [found]) if _is_table(one)]


def rest(data: Mapping[str, Any]) -> str:
    """The data that are neither drawn nor tabulated nor steps, as JSON text; "" where there are none."""
    left = {key: value for key, value in data.items() if key not in ("figure", "table", "derivation")}
    found = data.get("table")
    if found is not None and not all(
        _is_table(one) for one in (found if isinstance(found, list) else [found])
    ):
        left["table"] = found
    if steps_of(data) is None:
        left["derivation"] = data["derivation"]
    return json.dumps(left, indent=1, ensure_ascii=False) if left else ""


def cell(value: object) -> str:
    """A value as a table shows it: numbers to six figures."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    if isinstance(value, int):
        # As decimals, for a number that no float is as large as.
        return (str(value) if abs(value) < 10**15 else f"{Decimal(value):.6e}").replace("-", "−")
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def full(value: object) -> str:
    """All figures of a number that `cell` shortens, else ""."""
    if not _is_number(value):
        return ""
    exact = repr(value)
    return "" if exact.replace("-", "−") == cell(value) else exact


def _is_table(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return (
        isinstance(value, dict)
        and isinstance(value.get("columns"), list)
        and isinstance(value.get("rows"), list)
        and all(isinstance(row, list) and len(row) == len(value["columns"]) for row in value["rows"])
    )


def _table(value: Mapping[str, Any]) -> Table:
    columns = tuple(str(one) for one in value["columns"])
    rows = tuple(tuple(row) for row in value["rows"])
    numeric = tuple(
        bool(rows) and all(_is_number(row[i]) or row[i] is None for row in rows) for i in range(len(columns))
    )
    wordy = tuple(
        any(isinstance(row[i], str) and len(plain(row[i])) >= _WORDY for row in rows)
        for i in range(len(columns))
    )
    return Table(str(value.get("caption", "")), columns, rows, numeric, wordy)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
