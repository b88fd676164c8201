"""The map of a paper: one entry for each of its statements, and which claims look at it.

A claim says what was checked; an entry says what of the paper that covers, and how far it goes. Entries are written
in TOML, one table a statement, or added one by one:

    [[entry]]
    id = "eq7"
    number = "(7)"
    title = "The dynamics"
    kind = "claim"
    basis = "derived"
    statement = 'LaTeX without dollar signs'
    claims = ["eq65"]
    reach = "One sentence: how far the check goes, or why there is none."
    rests_on = ["eq8", "eq9"]

A claim that has the entry's own id, or continues it with a dot ("eq7", "eq7.taylor"), belongs to it without being
named.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from verify.claim import BASES, PaperError

#: What a statement of a paper can be.
KINDS: Final[tuple[str, ...]] = (
    "definition",
    "assumption",
    "claim",
    "proof step",
    "remark",
    "figure",
    "table",
    "section",
)

_LISTS: Final = ("claims", "rests_on")


@dataclass(frozen=True)
class Entry:
    """One statement of a paper.

    id:        permanent, follows the paper ("eq7", "thm2", "rem3").
    number:    as the paper prints it ("(7)"), or where it stands ("Abstract 2b").
    kind:      one of `KINDS`.   basis: where the statement as given here is from, one of `verify.claim.BASES`.
    statement: LaTeX without dollar signs.
    claims:    ids of the claims of the same paper that look at it, beside those that have its own id or continue it;
               none is allowed where `reach` says why.
    reach:     one sentence: how far the claims go. LaTeX between dollar signs.
    rests_on:  ids of other entries of the same paper.
    PaperError on a bad argument.
    """

    id: str
    number: str
    title: str
    kind: str
    basis: str
    statement: str
    reach: str
    claims: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _LISTS:
                if isinstance(value, str) or not all(isinstance(one, str) for one in value):
                    raise PaperError(f"entry {self.id!r}: {field.name} is a list of ids.")
                object.__setattr__(self, field.name, tuple(value))
            elif not isinstance(value, str) or not value.strip():
                raise PaperError(f"entry {self.id!r}: {field.name} is a text, and not empty.")
        for name, allowed in (("kind", KINDS), ("basis", BASES)):
            if getattr(self, name) not in allowed:
                raise PaperError(
                    f"entry {self.id!r}: {name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}."
                )


def read_entries(files: Sequence[Path]) -> tuple[Entry, ...]:
    """The entries of these TOML files, in their order. PaperError, in one sentence with the file, when one cannot be
    read or has an entry that is none."""
    return tuple(entry for file in files for entry in _entries_of(file))


def _entries_of(file: Path) -> Iterable[Entry]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PaperError(f"{file.name} cannot be read: {error.strerror or error}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PaperError(f"{file.name} is not valid TOML: {error}.") from None
    listed = document.pop("entry", None)
    if document or not isinstance(listed, list):
        raise PaperError(f"{file.name}: a map has [[entry]] tables, and nothing beside them.")
    known = {field.name for field in fields(Entry)}
    needed = known - set(_LISTS)
    for position, table in enumerate(listed, 1):
        shown = f"{file.name}, entry {position}" + (f" ({table['id']})" if "id" in table else "")
        odd, absent = sorted(set(table) - known), sorted(needed - set(table))
        if odd or absent:
            what = f"knows no key {odd[0]!r}" if odd else f"has no {absent[0]!r}"
            raise PaperError(f"{shown} {what}; the keys are {', '.join(sorted(known))}.")
        try:
            yield Entry(**table)
        except PaperError as error:
            raise PaperError(f"{file.name}: {error}") from None


def with_own_claims(entries: Sequence[Entry], claims: Iterable[str]) -> tuple[Entry, ...]:
    """The entries with the claims that have their id, or continue it with a dot, before those that they name."""
    ids = list(claims)
    found = []
    for entry in entries:
        own = [id for id in ids if id == entry.id or id.startswith(f"{entry.id}.")]
        found.append(replace(entry, claims=tuple(dict.fromkeys([*own, *entry.claims]))))
    return tuple(found)


def check_entries(paper: str, entries: Sequence[Entry], claims: Iterable[str]) -> None:
    """PaperError for an id used twice, a claim or an entry that does not exist, or entries that rest on each other in
    a circle."""
    by_id: dict[str, Entry] = {}
    known = set(claims)
    for entry in entries:
        if entry.id in by_id:
            raise PaperError(f"the map of {paper!r} has two entries with the id {entry.id!r}.")
        by_id[entry.id] = entry
    for entry in entries:
        for claim in entry.claims:
            if claim not in known:
                raise PaperError(
                    f"entry {entry.id!r} of {paper!r} names the claim {claim!r}, which is not there."
                )
        for other in entry.rests_on:
            if other not in by_id:
                raise PaperError(
                    f"entry {entry.id!r} of {paper!r} rests on {other!r}, which is not in the map."
                )
    finished: set[str] = set()
    for start in by_id:
        _walk(paper, start, (), by_id, finished)


def _walk(paper: str, id: str, path: tuple[str, ...], by_id: dict[str, Entry], finished: set[str]) -> None:
    if id in path:
        circle = " → ".join([*path[path.index(id) :], id])
        raise PaperError(f"entries of {paper!r} rest on each other in a circle: {circle}.")
    if id not in finished:
        for other in by_id[id].rests_on:
            _walk(paper, other, (*path, id), by_id, finished)
        finished.add(id)


def entry_document(paper: str, entry: Entry) -> dict[str, Any]:
    """An entry as it stands in results.json; its claims by their full ids."""
    return {
        "id": entry.id,
        "number": entry.number,
        "title": entry.title,
        "kind": entry.kind,
        "basis": entry.basis,
        "statement": entry.statement,
        "claims": [f"{paper}.{claim}" for claim in entry.claims],
        "reach": entry.reach,
        "rests_on": list(entry.rests_on),
    }
