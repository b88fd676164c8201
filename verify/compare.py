"""Two results documents side by side: what differs, claim by claim, verdict by verdict and number by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from verify.evidence import Verdict

#: How far a number may be off, as a part of the largest number of its row or curve.
TOLERANCE: Final = 1e-6

#: Verdicts that say nothing about a claim: not to have them again means that the repetition did not get there.
_OPEN: Final = frozenset({Verdict.UNDECIDED.value, Verdict.ERROR.value})

#: What a claim says of itself, and how to say that it is another.
_TEXTS: Final[Mapping[str, str]] = {
    "title": "another title",
    "where": "another place in its paper",
    "statement": "another statement",
    "hypotheses": "other hypotheses",
    "uses": "other claims that it uses",
    "basis": "another basis",
    "expected": "another expectation",
    "expected_reason": "another reason for its expectation",
    "printed": "another origin of its statement",
    "parameters": "other parameters that it reads",
}
_MANY: Final = frozenset({"hypotheses", "uses", "parameters"})

#: What a parameter says of itself.
_MEANING: Final = ("symbol", "meaning", "allowed", "default")

#: A number in a sentence.
_NUMBER: Final = re.compile(r"[-+]?\d+(?:[.,/]\d+)*(?:e[-+]?\d+)?")

#: Data that no repetition gives again.
_TIMES: Final = frozenset({"seconds"})


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same. kind: claim (it is not there), statement, verdict, control, number, or undecided
    (the repetition did not come to a verdict where there had been one)."""

    claim: str
    kind: str
    words: str


@dataclass(frozen=True)
class Comparison:
    """What differs, and what else is not as it was without changing a verdict by itself (versions, code, machine).

    words_compared: whether the sentences of the evidence were, which they are on the same machine with the same
    versions alone. Elsewhere other_words says which of them differ in more than their numbers.
    """

    claims: int
    differences: tuple[Difference, ...]
    circumstances: tuple[str, ...]
    words_compared: bool = True
    other_words: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """0 the same, 1 something differs, 3 nothing differs but not everything could be decided."""
        if any(one.kind != "undecided" for one in self.differences):
            return 1
        return 3 if self.differences else 0


def compare(
    recorded: Mapping[str, Any], repeated: Mapping[str, Any], *, tolerance: float = TOLERANCE
) -> Comparison:
    """Set the repetition of a run against what was recorded of it; both are results documents.

    tolerance: a number in a table or curve is the same when it is off by at most this part of the largest number in
    its row or curve. Counts of work done and times are not compared.
    """
    again = {one["id"]: one for one in repeated["claims"]}
    found: list[Difference] = list(_papers(recorded, repeated))
    # The words of evidence count work done, and print what only the same machine gives to the last digit.
    verbatim = not any(_surroundings(recorded, repeated))
    words: list[str] = []
    for claim in recorded["claims"]:
        other = again.get(claim["id"])
        if other is None:
            found.append(Difference(claim["id"], "claim", "is no longer there"))
        else:
            controls = recorded.get("controls") is not False
            found += _claim(claim, other, tolerance, controls=controls, verbatim=verbatim)
            words += [] if verbatim else _other_words(claim, other)
    circumstances = tuple(_circumstances(recorded, repeated))
    return Comparison(len(recorded["claims"]), tuple(found), circumstances, verbatim, tuple(words))


def _other_words(claim: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Where a claim's sentences differ in more than their numbers."""
    for number, (old, new) in enumerate(_pairs(claim["evidence"], other["evidence"]), 1):
        if old and new and _NUMBER.sub("#", old["detail"]) != _NUMBER.sub("#", new["detail"]):
            yield f"{claim['id']} has other words in its evidence {number}: {new['detail']}"
    if _NUMBER.sub("#", claim["detail"]) not in (
        _NUMBER.sub("#", one["detail"]) for one in (other, *claim["evidence"])
    ):
        yield f"{claim['id']} has other words than were recorded: {other['detail']}"


def _claim(
    claim: Mapping[str, Any], other: Mapping[str, Any], tolerance: float, *, controls: bool, verbatim: bool
) -> Iterator[Difference]:
    id = claim["id"]
    for key, words in _TEXTS.items():
        if claim.get(key) != other.get(key):
            yield Difference(
                id, "statement", f"has {words} than {'were' if key in _MANY else 'was'} recorded"
            )
    for key in ("verdict", "method"):
        if claim[key] != other[key]:
            yield Difference(
                id,
                _kind(claim["verdict"], other["verdict"]),
                f"was {claim['verdict']} by {claim['method']} and is now {other['verdict']} by {other['method']}: "
                f"{other['detail']}",
            )
            return
    for number, (old, new) in enumerate(_pairs(claim["evidence"], other["evidence"]), 1):
        if old is None or new is None:
            yield Difference(
                id, "verdict", f"has evidence {number} only {'now' if old is None else 'before'}"
            )
        elif old["verdict"] != new["verdict"]:
            words = f"has evidence {number} {new['verdict']} that was {old['verdict']}"
            yield Difference(id, _kind(old["verdict"], new["verdict"]), words)
        else:
            where = next(_numbers(old["data"], new["data"], tolerance), None)
            if where is not None:
                yield Difference(id, "number", f"has other data in its evidence {number}: {where}")
            elif verbatim and old["detail"] != new["detail"]:
                yield Difference(id, "number", f"has other words in its evidence {number}: {new['detail']}")
    if verbatim and claim["detail"] != other["detail"] and claim["evidence"]:
        yield Difference(id, "number", f"has other words than were recorded: {other['detail']}")
    if controls:
        yield from _controls(id, claim["mutants"], other["mutants"])


def _controls(
    id: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    again = {one["mutant"]: one for one in new}
    for mutant in old:
        other = again.pop(mutant["mutant"], None)
        name = f"negative control {mutant['mutant']}"
        if other is None:
            yield Difference(id, "control", f"no longer has the {name}")
        elif mutant["killed"] != other["killed"] or (mutant["witness"] is None) != (other["witness"] is None):
            words = f"has a {name} that was {_outcome(mutant)} and is now {_outcome(other)}"
            kind = "undecided" if other["verdict"] in _OPEN and not other["killed"] else "control"
            yield Difference(id, kind, words)
        elif any(mutant.get(key) != other.get(key) for key in ("description", "statement")):
            yield Difference(id, "control", f"has a {name} that says something else than was recorded")
    for name in again:
        yield Difference(id, "control", f"has a new negative control {name}")


def _outcome(mutant: Mapping[str, Any]) -> str:
    caught = "caught" if mutant["killed"] else "not caught"
    return f"{caught} ({mutant['verdict']})" + (
        "" if mutant["witness"] is not None else ", without a witness"
    )


def _kind(old: str, new: str) -> str:
    return "undecided" if new in _OPEN and old not in _OPEN else "verdict"


def _numbers(old: Any, new: Any, tolerance: float, where: str = "") -> Iterator[str]:
    """Where two pieces of data differ in more than rounding; in the words of where it is."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in (*old, *(key for key in new if key not in old)):
            if key in _TIMES:
                continue
            if key not in old or key not in new:
                yield f"{where or 'the data'} {'lost' if key in old else 'gained'} {key!r}"
            else:
                yield from _numbers(old[key], new[key], tolerance, f"{where}.{key}" if where else str(key))
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{where} has {len(new)} entries and had {len(old)}"
            return
        scale = max((abs(x) for x in (*old, *new) if isinstance(x, float)), default=0.0)
        for i, (x, y) in enumerate(zip(old, new, strict=True)):
            if isinstance(x, (Mapping, list)):
                yield from _numbers(x, y, tolerance, f"{where}[{i}]")
            elif not _same(x, y, tolerance, scale):
                yield f"{where}[{i}] was {x!r} and is now {y!r}"
    # A whole number that stands alone counts work done, which may differ between versions and proves nothing.
    elif not (isinstance(old, int) and isinstance(new, int)) and not _same(old, new, tolerance, 0.0):
        yield f"{where} was {old!r} and is now {new!r}"


def _same(old: Any, new: Any, tolerance: float, scale: float) -> bool:
    numbers = [x for x in (old, new) if isinstance(x, (int, float)) and not isinstance(x, bool)]
    if len(numbers) == 2 and any(isinstance(x, float) for x in numbers):
        try:
            return bool(abs(old - new) <= tolerance * max(abs(old), abs(new), scale))
        except OverflowError:  # a whole number beyond all floats
            return False
    return type(old) is type(new) and bool(old == new)


def _pairs(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    for i in range(max(len(old), len(new))):
        yield old[i] if i < len(old) else None, new[i] if i < len(new) else None


def _papers(recorded: Mapping[str, Any], repeated: Mapping[str, Any]) -> Iterator[Difference]:
    """What the papers say of themselves, and the values of their parameters."""
    now = {one["name"]: one for one in repeated["papers"]}
    for paper in recorded["papers"]:
        other = now.get(paper["name"])
        if other is None:
            continue
        for key in ("title", "reference", "entries"):
            if paper.get(key) != other.get(key):
                said = {"entries": "another map"}.get(key, f"another {key}")
                yield Difference(paper["name"], "statement", f"has {said} than was recorded")
        declared = {one["name"]: one for one in other.get("parameters", [])}
        for one in paper.get("parameters", []):
            again = declared.get(one["name"], {})
            if again.get("value") != one["value"]:
                words = f"is recorded with {one['name']} = {one['value']}, and was repeated with"
                yield Difference(paper["name"], "statement", f"{words} {again.get('value', 'none')}")
            elif any(again.get(key) != one.get(key) for key in _MEANING):
                words = f"has a parameter {one['name']} that says something else of itself than was recorded"
                yield Difference(paper["name"], "statement", words)


def _circumstances(recorded: Mapping[str, Any], repeated: Mapping[str, Any]) -> Iterator[str]:
    """What is another than it was, where a reader would look for the reason of a difference."""
    versions, machine = _surroundings(recorded, repeated)
    yield from versions
    now = {one["name"]: one for one in repeated["papers"]}
    for paper in recorded["papers"]:
        other = now.get(paper["name"], {})
        if "file" in paper and "file" in other and paper["file"]["sha256"] != other["file"]["sha256"]:
            yield f"the file {paper['file']['name']} is not as it was"
        elif "code" in paper and "code" in other and paper["code"] != other["code"]:
            yield f"the code that checks {paper['name']} is not as it was"
    yield from machine


def _surroundings(
    recorded: Mapping[str, Any], repeated: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the versions, what of the machine) is another, in words."""
    names = dict.fromkeys([*recorded["versions"], *repeated["versions"]])
    pairs = [(name, recorded["versions"].get(name), repeated["versions"].get(name)) for name in names]
    versions = [
        f"{name} was {old} and is now {new or 'absent'}"
        for name, old, new in pairs
        if old is not None and old != new
    ]
    machine = [
        f"the machine's {key} was {old} and is now {repeated['machine'].get(key)}"
        for key, old in recorded["machine"].items()
        if old != repeated["machine"].get(key)
    ]
    return tuple(versions), tuple(machine)
