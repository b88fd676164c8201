"""Examine one claim in this process: run its checks, then its negative controls, and report each as it is
done.

Reports are plain mappings, so that they can cross to another process as JSON and be kept in the cache.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from verify.checks.guard import reason
from verify.claim import Claim, Mutant
from verify.context import Context
from verify.evidence import Evidence, NotFinite, Verdict
from verify.outcome import ALL_MUTANTS
from verify.parameters import recording

Report = dict[str, Any]
Send = Callable[[Report], None]


def examine(claim: Claim, context: Context, send: Send, *, checks: bool = True, mutants: bool = True) -> None:
    """Run a claim's checks, its mutants, or both.

    Sends {"event": "statement", "text"}, one {"event": "evidence", ...} a check and {"event": "checks-done"};
    then {"event": "mutants", "planned": [...]}, {"event": "trying", "index", "witness", "note"} and
    {"event": "tried", "index", ...} for each, and {"event": "mutants-done"}. Both "-done" reports name the
    "parameters" that were read. Exceptions of a check become ERROR.
    """
    if checks:
        with recording() as read:
            text, failed = _statement(claim)
            send({"event": "statement", "text": text})
            for check in claim.checks:
                send({"event": "evidence"} | _evidence(check.method, check.run, context))
            if failed:
                send({"event": "evidence"} | _unprinted(claim, failed))
        send({"event": "checks-done", "parameters": sorted(read)})
    if mutants:
        with recording() as read:
            _examine_mutants(claim, context, send)
        send({"event": "mutants-done", "parameters": sorted(read)})


def _statement(claim: Claim) -> tuple[str, str]:
    """The statement in LaTeX; and why it could not be printed, if so."""
    try:
        text = claim.statement_text()
        if not isinstance(text, str):
            raise TypeError(f"the statement is LaTeX, not {text!r}")
        return text, ""
    except Exception as error:
        return rf"\text{{the statement could not be printed: {type(error).__name__}}}", reason(error)


def _unprinted(claim: Claim, why: str) -> Report:
    """An error beside the evidence: what is proved of a statement that nobody can read is no proof of the claim."""
    return {
        "verdict": Verdict.ERROR.value,
        "method": claim.checks[0].method,
        "detail": f"the statement could not be printed: {why}",
        "data": {},
        "not_confirmed": False,
        "seconds": 0.0,
    }


def _evidence(method: str | None, run: Callable[[Context], Evidence], context: Context) -> Report:
    """The record of one check. With a method, the evidence has to be of that method."""
    started = time.perf_counter()
    try:
        found: Any = run(context)
        if not isinstance(found, Evidence):
            raise TypeError(f"the check returned {type(found).__name__}, not Evidence")
        if method is not None and found.method != method:
            raise TypeError(
                f"a check of the method {method!r} returned evidence of the method {found.method!r}"
            )
        # Made once more: a subclass, or an object changed after it was made, is held to the same rules.
        found = Evidence(found.verdict, found.method, found.detail, found.data)
        verdict, used, detail, data = found.verdict, found.method, found.detail, dict(found.data)
        not_confirmed = found.not_confirmed
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # SystemExit as well: a check that leaves must not take the worker with it.
        verdict = Verdict.UNDECIDED if isinstance(error, NotFinite) else Verdict.ERROR
        used, detail, data, not_confirmed = method or "", reason(error), {}, False
    return {
        "verdict": verdict.value,
        "method": used,
        "detail": detail,
        "data": data,
        "not_confirmed": not_confirmed,
        "seconds": time.perf_counter() - started,
    }


def mutant_record(mutant: str, description: str, statement: str, verdict: Verdict, detail: str) -> Report:
    """The record of a mutant before, or without, its check."""
    return {
        "mutant": mutant,
        "description": description,
        "statement": statement,
        "verdict": verdict.value,
        "method": "",
        "detail": detail,
        "not_confirmed": False,
        "witness": None,
        "seconds": 0.0,
    }


def _examine_mutants(claim: Claim, context: Context, send: Send) -> None:
    try:
        planned = list(claim.mutants())
        for mutant in planned:
            if not isinstance(mutant, Mutant):
                raise TypeError(f"a negative control is a Mutant, not {type(mutant).__name__}")
        names = [mutant.name for mutant in planned]
        if len(set(names)) != len(names):
            raise ValueError("two negative controls have the same name")
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        failed = mutant_record(
            ALL_MUTANTS, "the negative controls could not be made", "", Verdict.ERROR, reason(error)
        )
        send({"event": "mutants", "planned": [failed]})
        return
    waiting = "not tried"
    records = [
        mutant_record(one.name, one.description, one.statement, Verdict.UNDECIDED, waiting) for one in planned
    ]
    send({"event": "mutants", "planned": records})
    for index, mutant in enumerate(planned):
        # The witness comes first: it must not depend on what the check says.
        witness, note = _witness(mutant)
        send({"event": "trying", "index": index, "witness": witness, "note": note})
        methods = {check.method for check in claim.checks}
        found: Mapping[str, Any] = _evidence(None, mutant.run, context)
        if found["verdict"] != Verdict.ERROR.value and found["method"] not in methods:
            # A control that another method examines says nothing about the claim's own checks.
            found = {
                **found,
                "verdict": Verdict.ERROR.value,
                "not_confirmed": False,
                "detail": f"the mutant was examined by the method {found['method']!r}, the claim by "
                f"{' and '.join(sorted(methods))}",
            }
        send({"event": "tried", "index": index} | {key: found[key] for key in found if key != "data"})


def _witness(mutant: Mutant) -> tuple[str | None, str]:
    """The witness of a mutant's falsity, or None; and a note where the search for one failed."""
    try:
        witness: Any = mutant.witness()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, f"no witness: {reason(error)}"
    if witness is None or (isinstance(witness, str) and witness.strip()):
        return witness, ""
    return None, f"no witness: a witness is a text, not {witness!r}"
