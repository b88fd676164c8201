"""results.json: the one document that reports are made from. Its schema lies beside this file."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import os
import platform
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from numerics.source import PROJECT
from verify.cache import write_atomically
from verify.claim import BASES, PaperError, combined
from verify.context import EFFORTS, LARGEST_SEED
from verify.entry import KINDS, entry_document
from verify.evidence import Evidence, EvidenceError, Verdict
from verify.fingerprint import code_fingerprint, python_version, versions
from verify.load import PaperSource
from verify.outcome import ClaimResult, kill_rate
from verify.paper import Paper
from verify.parameters import Settings

SCHEMA: Final = "lemmata/results/1"
SCHEMA_FILE: Final = Path(__file__).with_name("results.schema.json")

#: A file of a paper is named without its folders: whoever repeats the results loads no other file than one beside them.
_BARE_NAME: Final = re.compile(r"[^/\\\x00-\x1f]+\.py")


class ResultsError(PaperError):
    """A results file that cannot be read or written."""


def results_document(
    results: Sequence[ClaimResult],
    papers: Sequence[Paper],
    *,
    effort: str,
    seed: int,
    settings: Mapping[str, Settings] | None = None,
    sources: Mapping[str, PaperSource] | None = None,
    mutants: bool = True,
) -> dict[str, Any]:
    """The document of a run, made of JSON's own types alone.

    settings: the parameters that have another value than their default, by paper (`runner.settings_for`).
    sources:  where each paper was loaded from, by its name, so that the document says what code its verdicts are of.
    mutants:  whether the negative controls were run.
    """
    rate = kill_rate([mutant for one in results for mutant in one.mutants])
    used = {one.paper for one in results}
    return {
        "schema": SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "effort": effort,
        "seed": seed,
        "controls": mutants,
        "versions": {"lemmata": _version(), "python": python_version(), **versions()},
        "machine": {"system": platform.system(), "machine": platform.machine(), "cores": os.cpu_count()},
        "papers": [
            _paper(one, (settings or {}).get(one.name, {}), results, (sources or {}).get(one.name))
            for one in papers
            if one.name in used
        ],
        "claims": [_claim(one) for one in results],
        "summary": {verdict.value: sum(one.verdict is verdict for one in results) for verdict in Verdict},
        "mutants": {"killed": rate.killed, "with_witness": rate.with_witness, "total": rate.total},
    }


def _version() -> str:
    try:
        return importlib.metadata.version("lemmata")
    except importlib.metadata.PackageNotFoundError:
        pass
    try:
        # Run from its source, as from an archive.
        about = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(about["project"]["version"])
    except (OSError, KeyError, ValueError):
        return "not installed"


def _paper(
    one: Paper, settings: Settings, results: Sequence[ClaimResult], source: PaperSource | None
) -> dict[str, Any]:
    about: dict[str, Any] = {"name": one.name, "title": one.title, "reference": one.reference}
    if source is not None:
        about["code"] = code_fingerprint(source)
        if source.kind == "file":
            file = Path(source.place)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            # The bare name: where the file was is nobody's business.
            about["file"] = {"name": file.name, "sha256": digest}
    if one.entries:
        about["entries"] = [entry_document(one.name, entry) for entry in one.entries]
    if one.parameters:
        own = [result for result in results if result.paper == one.name]
        about["parameters"] = [
            parameter.document(settings, [result.id for result in own if name in result.parameters])
            for name, parameter in one.parameters.items()
        ]
    return about


def _claim(one: ClaimResult) -> dict[str, Any]:
    return {
        "id": one.id,
        "paper": one.paper,
        "title": one.title,
        "where": one.where,
        "statement": one.statement,
        "printed": one.printed,
        "hypotheses": list(one.hypotheses),
        "uses": list(one.uses),
        "basis": one.basis,
        "verdict": one.verdict.value,
        "method": one.method,
        "settled": one.settled,
        "expected": one.expected.value,
        "expected_reason": one.expected_reason,
        "as_expected": one.as_expected,
        "seconds": round(one.seconds, 3),
        "detail": one.detail,
        "evidence": [
            {
                "verdict": found.verdict.value,
                "method": found.method,
                "detail": found.detail,
                "seconds": round(found.seconds, 3),
                "data": dict(found.data),
            }
            for found in one.evidence
        ],
        "mutants": [
            {
                "mutant": mutant.mutant,
                "description": mutant.description,
                "statement": mutant.statement,
                "verdict": mutant.verdict.value,
                "detail": mutant.detail,
                "witness": mutant.witness,
                "killed": mutant.killed,
                "seconds": round(mutant.seconds, 3),
            }
            for mutant in one.mutants
        ],
        "source": one.source,
        "parameters": list(one.parameters),
        "cached": one.cached,
    }


_HALF: Final = re.compile("[\ud800-\udfff]")


def write_results(document: Mapping[str, Any], path: str | os.PathLike[str]) -> Path:
    """Write results.json, whole or not at all. OSError when it cannot be written."""
    target = Path(path)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    # What a file name that is not UTF-8 is read as has no place in a text.
    write_atomically(target, _HALF.sub("\N{REPLACEMENT CHARACTER}", text) + "\n")
    return target


def load_results(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a results.json. ResultsError, in one sentence, when it is not one, is damaged or contradicts itself."""
    shown = os.fspath(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ResultsError(f"there is no results file {shown}; `lemmata verify` writes one.") from None
    except IsADirectoryError:
        raise ResultsError(f"{shown} is a folder; name the results.json in it.") from None
    except UnicodeDecodeError:
        raise ResultsError(f"{shown} is not a results file: it is not text.") from None
    except OSError as error:
        raise ResultsError(f"{shown} cannot be read: {error.strerror or error}.") from None
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ResultsError(f"{shown} is not valid JSON: {error.msg} at line {error.lineno}.") from None
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{shown} is not a results file: {error}.") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, str) or not schema.startswith("lemmata/results/"):
        raise ResultsError(f"{shown} is not a results file of lemmata: it does not say so under 'schema'.")
    if schema != SCHEMA:
        raise ResultsError(
            f"{shown} has the schema {schema}, and this version reads {SCHEMA}: run verify again."
        )
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ResultsError(f"{shown} is damaged: a text in it has half a character.") from None
    try:
        _check(document)
        _check_sums(document)
    except _Damaged as error:
        raise ResultsError(f"{shown} is damaged: {error}.") from None
    assert isinstance(document, dict)
    return document


def _no_constant(name: str) -> float:
    raise ValueError(f"it has the number {name}, which JSON does not")


class _Damaged(Exception):
    """Where a document departs from its schema."""


def _check(document: Mapping[str, Any]) -> None:
    """Walk a document along the schema: each key that a report may ask for is there and has its type."""
    _keys(
        document, "the document", created=str, effort=str, seed=int, versions=dict, machine=dict, papers=list
    )
    _keys(document, "the document", claims=list, summary=dict, mutants=dict)
    _is(document.get("controls", True), bool, "controls")
    _one_of(document["effort"], EFFORTS, "effort")
    if not 0 <= document["seed"] <= LARGEST_SEED:
        raise _Damaged(f"seed is not a whole number from 0 to {LARGEST_SEED}")
    for name, version in document["versions"].items():
        _is(version, str, f"versions.{name}")
    _keys(document["mutants"], "mutants", killed=int, with_witness=int, total=int)
    _keys(document["summary"], "summary", **{verdict.value: int for verdict in Verdict})
    for i, paper in enumerate(document["papers"]):
        _keys(paper, f"papers[{i}]", name=str, title=str, reference=str)
        _is(paper.get("code", ""), str, f"papers[{i}].code")
        if "file" in paper:
            _keys(paper["file"], f"papers[{i}].file", name=str, sha256=str)
            if not _BARE_NAME.fullmatch(paper["file"]["name"]):
                raise _Damaged(f"papers[{i}].file.name is not the bare name of a Python file")
        _is(paper.get("entries", []), list, f"papers[{i}].entries")
        for j, entry in enumerate(paper.get("entries", [])):
            _check_entry(entry, f"papers[{i}].entries[{j}]")
        _is(paper.get("parameters", []), list, f"papers[{i}].parameters")
        for j, parameter in enumerate(paper.get("parameters", [])):
            _check_parameter(parameter, f"papers[{i}].parameters[{j}]")
    names = [paper["name"] for paper in document["papers"]]
    if len(set(names)) != len(names):
        raise _Damaged("a paper is in it twice")
    for i, claim in enumerate(document["claims"]):
        _check_claim(claim, f"claims[{i}]")


def _check_parameter(parameter: Any, where: str) -> None:
    _keys(parameter, where, name=str, symbol=str, meaning=str, allowed=str, value=str, default=str)
    _keys(parameter, where, changed=bool, claims=list)
    for j, text in enumerate(parameter["claims"]):
        _is(text, str, f"{where}.claims[{j}]")


def _check_entry(entry: Any, where: str) -> None:
    _keys(entry, where, id=str, number=str, title=str, kind=str, basis=str, statement=str, claims=list)
    _keys(entry, where, reach=str, rests_on=list)
    _one_of(entry["kind"], KINDS, f"{where}.kind")
    _one_of(entry["basis"], BASES, f"{where}.basis")
    for key in ("claims", "rests_on"):
        for j, text in enumerate(entry[key]):
            _is(text, str, f"{where}.{key}[{j}]")


def _check_claim(claim: Any, where: str) -> None:
    _keys(claim, where, id=str, paper=str, title=str, where=str, statement=str, hypotheses=list, uses=list)
    _keys(claim, where, basis=str, verdict=str, method=str, settled=bool, expected=str, expected_reason=str)
    _keys(claim, where, as_expected=bool, seconds=float, detail=str, evidence=list, mutants=list, source=str)
    _keys(claim, where, cached=str | None)
    _one_of(claim["basis"], BASES, f"{where}.basis")
    for key in ("verdict", "expected"):
        _one_of(claim[key], Verdict.__members__, f"{where}.{key}")
    _is(claim.get("parameters", []), list, f"{where}.parameters")
    _is(claim.get("printed", False), bool, f"{where}.printed")
    for key in ("hypotheses", "uses", "parameters"):
        for j, text in enumerate(claim.get(key, ())):
            _is(text, str, f"{where}.{key}[{j}]")
    for j, found in enumerate(claim["evidence"]):
        _check_evidence(found, f"{where}.evidence[{j}]")
    for j, mutant in enumerate(claim["mutants"]):
        place = f"{where}.mutants[{j}]"
        _keys(mutant, place, mutant=str, description=str, statement=str, verdict=str, detail=str)
        _keys(mutant, place, witness=str | None, killed=bool)
        _one_of(mutant["verdict"], Verdict.__members__, f"{place}.verdict")


def _check_evidence(found: Any, where: str) -> None:
    _keys(found, where, verdict=str, method=str, detail=str, seconds=float, data=dict)
    _one_of(found["verdict"], Verdict.__members__, f"{where}.verdict")
    try:
        Evidence(Verdict(found["verdict"]), found["method"], found["detail"], found["data"])
    except EvidenceError as error:
        raise _Damaged(f"{where}: {str(error).rstrip('.')}") from None


def _check_sums(document: Mapping[str, Any]) -> None:
    """Whatever a document says twice agrees: a verdict follows from the evidence below it, and counts are counts."""
    claims = {one["id"]: one for one in document["claims"]}
    if len(claims) != len(document["claims"]):
        raise _Damaged("a claim is in it twice")
    counted = dict.fromkeys(Verdict.__members__, 0)
    grounded = _grounded(claims)
    for one in claims.values():
        verdict, method, _ = combined([(Verdict(e["verdict"]), e["method"]) for e in one["evidence"]])
        counted[one["verdict"]] += 1
        if (one["verdict"], one["method"]) != (verdict.value, method):
            raise _Damaged(
                f"{one['id']} is {one['verdict']} by {one['method']}, which its evidence does not say"
            )
        if one["as_expected"] != (one["verdict"] == one["expected"]):
            raise _Damaged(f"{one['id']} is not as expected, or is, against its own verdict")
        rests = all(claims[used]["settled"] for used in one["uses"] if used in claims)
        if one["settled"] and not (verdict is Verdict.PROVED and rests):
            raise _Damaged(f"{one['id']} is settled, and it or what it uses is not proved")
        if one["id"] not in grounded:
            raise _Damaged(f"{one['id']} rests on itself, or on what does")
        for mutant in one["mutants"]:
            if mutant["killed"] and mutant["verdict"] not in (Verdict.REFUTED, Verdict.UNDECIDED):
                raise _Damaged(
                    f"the mutant {mutant['mutant']} of {one['id']} is killed by {mutant['verdict']}"
                )
    if {name: document["summary"][name] for name in counted} != counted:
        raise _Damaged("the summary does not count its claims")
    mutants = [mutant for one in claims.values() for mutant in one["mutants"]]
    shown = [mutant["killed"] for mutant in mutants if mutant["witness"] is not None]
    sums = {"killed": sum(shown), "with_witness": len(shown), "total": len(mutants)}
    if {name: document["mutants"][name] for name in sums} != sums:
        raise _Damaged("the counts of negative controls are not those of its claims")


def _grounded(claims: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The ids of the claims that rest on no circle."""
    waiting = {id: {used for used in one["uses"] if used in claims} for id, one in claims.items()}
    users: dict[str, list[str]] = {}
    for id, uses in waiting.items():
        for used in uses:
            users.setdefault(used, []).append(id)
    ready = [id for id, uses in waiting.items() if not uses]
    found = set(ready)
    while ready:
        used = ready.pop()
        for user in users.get(used, ()):
            waiting[user].discard(used)
            if not waiting[user]:
                found.add(user)
                ready.append(user)
    return found


def _keys(mapping: Any, place: str, /, **kinds: Any) -> None:
    _is(mapping, dict, place)
    for key, kind in kinds.items():
        if key not in mapping:
            raise _Damaged(f"{place} has no {key!r}")
        _is(mapping[key], kind, f"{place}.{key}")


def _is(value: Any, kind: Any, where: str) -> None:
    wanted = int | float if kind is float else kind
    # True and False are integers to Python, and not to JSON.
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        names = {str: "text", int: "an integer", float: "a number", bool: "true or false", list: "a list"}
        raise _Damaged(f"{where} is not {names.get(kind, 'an object' if kind is dict else 'text or null')}")
    if kind is float:
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            raise _Damaged(f"{where} is not a number that a computer reckons with")


def _one_of(value: Any, allowed: Any, where: str) -> None:
    if value not in allowed:
        raise _Damaged(f"{where} is {value!r}, which is none of {', '.join(allowed)}")
