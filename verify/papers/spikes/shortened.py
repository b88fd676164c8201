"""Evidence about many spikes, with a table that a reader can take in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence

MOST_ROWS = 30


def shortened(check: Check) -> Check:
    """The same check; of its table the first MOST_ROWS rows, and how many there were."""

    def run(context: Context) -> Evidence:
        found = check.run(context)
        table = found.data.get("table")
        rows: Any = table.get("rows", []) if isinstance(table, Mapping) else []
        if not isinstance(table, Mapping) or len(rows) <= MOST_ROWS:
            return found
        shown: dict[str, Any] = {
            **found.data,
            "table": {**table, "rows": list(rows)[:MOST_ROWS]},
            "rows": len(rows),
        }
        detail = f"{found.detail}; of {len(rows)} rows the table shows the {MOST_ROWS} furthest off"
        return Evidence(found.verdict, found.method, detail, shown)

    return Check(check.method, run)
