"""How a claim stands, with everything that it rests on. It is computed from the verdicts: nobody sets it by hand.

The colours of the report mean this, and not the verdict alone: a proof that rests on something unproved is not yet one
to build on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from verify.evidence import Verdict


@dataclass(frozen=True)
class Standing:
    """One way to stand: the name of its colour, what a reader is told, and a sign that needs no colour."""

    name: str
    label: str
    sign: str
    meaning: str


SETTLED: Final = Standing(
    "settled", "settled", "✓", "proved, and so is everything it rests on, at any remove"
)
PROVED: Final = Standing(
    "proved",
    "proved, rests on unproved",
    "(✓)",
    "proved, but something it rests on is not, or was not examined",
)
SUPPORTED: Final = Standing(
    "supported", "supported", "≈", "experiments that could have contradicted it agree with it"
)
REFUTED: Final = Standing("refuted", "refuted", "✗", "false as it is written")
UNDECIDED: Final = Standing("undecided", "undecided", "?", "the method could not tell within its budget")
FAILED: Final = Standing(
    "error", "error", "!", "the check itself failed, which says nothing about the statement"
)

STANDINGS: Final = (SETTLED, PROVED, SUPPORTED, REFUTED, UNDECIDED, FAILED)

_OF_VERDICT: Final[Mapping[str, Standing]] = {
    Verdict.PROVED.value: PROVED,
    Verdict.SUPPORTED.value: SUPPORTED,
    Verdict.REFUTED.value: REFUTED,
    Verdict.UNDECIDED.value: UNDECIDED,
    Verdict.ERROR.value: FAILED,
}


def standings(claims: Iterable[tuple[str, str, Iterable[str]]]) -> dict[str, Standing]:
    """The standing of each claim, given (id, verdict, ids of what it uses).

    A used id that is not among the claims settles nothing, and neither does a circle.
    """
    verdicts: dict[str, str] = {}
    waiting: dict[str, set[str]] = {}
    users: dict[str, list[str]] = {}
    for id, verdict, uses in claims:
        verdicts[id] = verdict
        waiting[id] = set(uses)
        for used in waiting[id]:
            users.setdefault(used, []).append(id)
    found = {id: _OF_VERDICT[verdict] for id, verdict in verdicts.items()}
    ready = [id for id, verdict in verdicts.items() if verdict == Verdict.PROVED.value and not waiting[id]]
    while ready:
        id = ready.pop()
        found[id] = SETTLED
        for user in users.get(id, []):
            waiting[user].discard(id)
            if not waiting[user] and verdicts[user] == Verdict.PROVED.value:
                ready.append(user)
    return found
