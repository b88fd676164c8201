"""results.json, read for the report: grouped by paper and section, with all texts made fit to print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from verify.evidence import Verdict
from verify.report.anchors import Anchors
from verify.report.standing import Standing, standings
from verify.report.views import (
    ClaimView,
    EntryView,
    EvidenceBlock,
    MutantRow,
    PaperView,
    ParameterView,
    Reading,
    SectionView,
)

_SECTION: Final = re.compile(
    r"(?:\b(?:[Ss]ections?|[Ss]ect?\.)|§)\s*(\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)(?![\w])|\b[Aa]ppendix\s+([A-Z](?:\.\d+)*)\b"
)
_STATEMENT: Final = re.compile(r"(Assumption|Lemma|Proposition|Theorem|Corollary|Remark|Figure|Table) \d+\b")
_FEW_WORDS: Final = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){0,4}")
# What no text file should hold: control characters other than line ends and tabs, those that break lines or turn the
# order of what follows about, and halves of characters.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


class ReportError(ValueError):
    """The results cannot be shown: something that every results document has is missing or wrong."""


def read(results: Mapping[str, Any]) -> Reading:
    """Read a results document (see results.schema.json). Raises ReportError where it is not one."""
    try:
        return _read(_printable(results))
    except KeyError as error:
        raise ReportError(f"the results lack {error}; write them anew with `lemmata verify`.") from None
    except (TypeError, AttributeError, ValueError) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError(f"the results are not a results document: {error}.") from None


def _read(document: Mapping[str, Any]) -> Reading:
    anchors = Anchors()
    known: dict[str, str] = {}
    for record in document["claims"]:
        if record["id"] in known:
            raise ReportError(f"the results hold the claim {record['id']!r} twice.")
        known[record["id"]] = anchors.new(record["id"])
    stands = standings((one["id"], one["verdict"], one["uses"]) for one in document["claims"])
    users: dict[str, list[str]] = {}
    for record in document["claims"]:
        for used in dict.fromkeys(record["uses"]):
            users.setdefault(used, []).append(record["id"])
    claims = [
        _claim(record, known, stands[record["id"]], users.get(record["id"], []))
        for record in document["claims"]
    ]
    return Reading(
        created=document["created"],
        effort=document["effort"],
        seed=str(document["seed"]),
        papers=tuple(_papers(document, claims, anchors)),
        counts=tuple((one.value, sum(claim.verdict == one.value for claim in claims)) for one in Verdict),
        unexpected=tuple(claim for claim in claims if not claim.as_expected),
        killed=int(document["mutants"]["killed"]),
        with_witness=int(document["mutants"]["with_witness"]),
        mutants=int(document["mutants"]["total"]),
        provenance=tuple(_provenance(document)),
        controls_run=document.get("controls", True) is True,
    )


def _claim(
    record: Mapping[str, Any], anchors: Mapping[str, str], standing: Standing, used_by: Sequence[str]
) -> ClaimView:
    return ClaimView(
        id=record["id"],
        anchor=anchors[record["id"]],
        paper=record["paper"],
        section=_section(record["where"]),
        title=record["title"],
        where=record["where"],
        statement=record["statement"],
        hypotheses=tuple(str(one) for one in record["hypotheses"]),
        uses=tuple((str(one), anchors.get(one)) for one in record["uses"]),
        basis=record["basis"],
        verdict=Verdict(record["verdict"]).value,
        method=record["method"],
        settled=record["settled"] is True,
        expected=record["expected"],
        expected_reason=record.get("expected_reason", ""),
        as_expected=record["as_expected"] is True,
        seconds=float(record["seconds"]),
        detail=record["detail"],
        evidence=tuple(
            EvidenceBlock(
                verdict=Verdict(one["verdict"]).value,
                method=one["method"],
                detail=one["detail"],
                seconds=float(one["seconds"]),
                data=dict(one["data"]),
            )
            for one in record["evidence"]
        ),
        mutants=tuple(
            MutantRow(
                name=one["mutant"],
                description=one["description"],
                statement=one["statement"],
                verdict=Verdict(one["verdict"]).value,
                detail=one["detail"],
                witness=one["witness"],
                outcome="not counted"
                if one["witness"] is None
                else "caught"
                if one["killed"]
                else "survived",
            )
            for one in record["mutants"]
        ),
        source=record["source"],
        cached=record["cached"],
        standing=standing,
        used_by=tuple(used_by),
        parameters=tuple(str(one) for one in record.get("parameters", [])),
        printed=None if "printed" not in record else record["printed"] is True,
    )


def _papers(
    document: Mapping[str, Any], claims: Sequence[ClaimView], anchors: Anchors
) -> Iterable[PaperView]:
    """The papers in the document's order, then any that only claims name. One without claims is left out."""
    known = {one["name"]: one for one in document["papers"]}
    for name in dict.fromkeys([*known, *(claim.paper for claim in claims)]):
        own = [claim for claim in claims if claim.paper == name]
        if not own:
            continue
        anchor = anchors.new(f"paper-{name}")
        titles = list(dict.fromkeys(claim.section for claim in own))
        sections = [
            SectionView(
                title=title or ("Elsewhere" if len(titles) > 1 else "Claims"),
                anchor=anchors.new(f"{anchor}-{title or 'claims'}"),
                claims=tuple(claim for claim in own if claim.section == title),
            )
            for title in titles
        ]
        record = known.get(name, {})
        yield PaperView(
            name=name,
            anchor=anchor,
            title=record.get("title") or name,
            reference=record.get("reference", ""),
            sections=tuple(sections),
            entries=tuple(_entries(record)),
            parameters=tuple(
                ParameterView(
                    **{
                        key: str(one[key])
                        for key in ("name", "symbol", "meaning", "allowed", "value", "default")
                    },
                    changed=one["changed"] is True,
                    claims=tuple(str(id) for id in one["claims"]),
                )
                for one in record.get("parameters", [])
            ),
            file=record.get("file", {}).get("name", ""),
        )


def _entries(paper: Mapping[str, Any]) -> Iterable[EntryView]:
    """The map of a paper; anchors are those of its own page."""
    listed = paper.get("entries", [])
    anchors = Anchors()
    known = {one["id"]: (one["number"], anchors.new(f"entry-{one['id']}")) for one in listed}
    for one in listed:
        yield EntryView(
            id=one["id"],
            anchor=known[one["id"]][1],
            number=one["number"],
            title=one["title"],
            kind=one["kind"],
            basis=one["basis"],
            statement=one["statement"],
            reach=one["reach"],
            claims=tuple(str(id) for id in one["claims"]),
            rests_on=tuple(known[id] for id in one["rests_on"] if id in known),
        )


def _section(where: str) -> str:
    """The section a place lies in: "Section 3.2" for "Section 3.2, equation (7)".

    Where a place names no section, the theorem (lemma, …) with which it begins stands for it, or a few plain words
    before the first comma or semicolon; anything else gives "".
    """
    found = _SECTION.search(where)
    if found is None:
        numbered = _STATEMENT.match(where)
        if numbered is not None:
            return numbered.group()
        begin = re.split("[,;]", where, maxsplit=1)[0].strip()
        return begin[:1].upper() + begin[1:] if _FEW_WORDS.fullmatch(begin) else ""
    number, letter = found.groups()
    if letter is not None or number[0].isalpha():
        return f"Appendix {letter or number}"
    return f"Section {number}"


def _provenance(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key, label in (("created", "made"), ("effort", "effort"), ("seed", "seed"), ("schema", "format")):
        yield label, str(document[key])
    for key in ("machine", "versions"):
        for name, value in document[key].items():
            yield str(name), str(value)


def _printable(value: Any) -> Any:
    """A copy in which every text can be printed: what cannot be becomes the replacement character."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, Mapping):
        return {_printable(str(key)): _printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item) for item in value]
    return value
