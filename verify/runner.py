"""Examine many claims at once, each apart from the others.

Workers are plain processes with a pipe each rather than a shared pool: when one crashes or runs out of time,
only its own claim is lost, it is known which, and it can be ended without the others noticing.
"""

from __future__ import annotations

import multiprocessing.connection
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from verify.cache import Cache, Key
from verify.evidence import Verdict
from verify.lane import Lane, Progress
from verify.outcome import ClaimResult, claim_result, with_settled
from verify.parameters import settings_of
from verify.selection import Selected

#: Seconds that one claim's checks may compute, and its negative controls again as many, by effort (`Lane.out_of_time`).
#: Checks keep to budgets of their own; this is for one that hangs.
TIME_LIMITS: Final[Mapping[str, float | None]] = {"quick": 120.0, "standard": 1200.0, "deep": None}

NO_TIME: Final = "ran out of time"


class Interrupted(Exception):
    """Ctrl-C. `results` has the claims that were finished, which are in the cache as well."""

    def __init__(self, results: Sequence[ClaimResult], total: int) -> None:
        super().__init__(f"interrupted after {len(results)} of {total} claims")
        self.results = list(results)
        self.total = total


class Observer(Protocol):
    """Is told how a run goes on. Each method is called in the runner's own process."""

    def begin(self, total: int) -> None:
        """The number of claims."""

    def started(self, claim: str, why: str) -> None:
        """A claim, by its full id, is being examined, and why it is not taken from the cache."""

    def message(self, claim: str, text: str) -> None:
        """A few words of a check about itself."""

    def finished(self, result: ClaimResult) -> None:
        """A claim is done, or was found in the cache. Its `settled` is not known yet."""


class Quiet:
    """An observer that says nothing."""

    def begin(self, total: int) -> None:
        pass

    def started(self, claim: str, why: str) -> None:
        pass

    def message(self, claim: str, text: str) -> None:
        pass

    def finished(self, result: ClaimResult) -> None:
        pass


@dataclass
class _Task:
    """A claim on its way: what the cache has of it, and what still has to be found."""

    position: int
    selected: Selected
    keys: dict[str, Key]
    records: dict[str, Mapping[str, Any]]
    since: list[str]
    why: str
    progress: Progress
    settings: Mapping[str, str]

    @property
    def shares(self) -> set[tuple[str, str]]:
        """What it computes that other claims use as well: at most one."""
        claim = self.selected.claim
        return {(claim.paper, claim.shares)} if claim.shares else set()

    def missing(self) -> list[str]:
        return [part for part in self.keys if part not in self.records]


def run(
    selection: Sequence[Selected],
    *,
    effort: str = "quick",
    seed: int = 0,
    jobs: int | None = None,
    mutants: bool = True,
    fresh: bool = False,
    cache: Cache | None = None,
    observer: Observer | None = None,
    limits: Mapping[str, float | None] = TIME_LIMITS,
    parameters: Mapping[str, object] | None = None,
) -> list[ClaimResult]:
    """Examine the claims of a selection, in its order of results.

    jobs: number of worker processes, by default one for each core. mutants: run the negative controls as
          well. parameters: values for constants that the papers chose, {"zeta": "0.05"}; PaperError for one that is
          not there or cannot have that value.
    fresh: take nothing from the cache (what is found is still kept). A claim whose check raises, crashes or
    runs out of time has ERROR or UNDECIDED as its verdict and is not kept. Raises Interrupted on Ctrl-C, with
    all workers ended.
    """
    cache = cache if cache is not None else Cache()
    observer = observer if observer is not None else Quiet()
    settings = settings_for(selection, parameters or {})
    observer.begin(len(selection))
    results: dict[int, ClaimResult] = {}
    lanes: list[Lane] = []
    try:
        waiting: list[_Task] = []
        for position, selected in enumerate(selection):
            task = _prepared(position, selected, cache, effort, seed, mutants, fresh, settings)
            if task.missing():
                waiting.append(task)
            else:
                results[position] = _finish(task, effort, observer)
        count = min(max(1, jobs if jobs is not None else _cores()), len(waiting))
        lanes.extend(Lane() for _ in range(count))
        _work_off(waiting, lanes, results, cache, effort, seed, observer, limits[effort])
    except KeyboardInterrupt:
        raise Interrupted([results[i] for i in sorted(results)], len(selection)) from None
    finally:
        for lane in lanes:
            lane.end()
    ordered = [results[i] for i in sorted(results)]
    return with_settled([*ordered, *_rests_on(selection, cache, effort, seed, settings)])[: len(ordered)]


def settings_for(
    selection: Sequence[Selected], parameters: Mapping[str, object]
) -> dict[str, dict[str, str]]:
    """What these values change, by paper: only those that are no defaults. PaperError."""
    return settings_of({one.paper.name: one.paper.parameters for one in selection}, parameters)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _prepared(
    position: int,
    selected: Selected,
    cache: Cache,
    effort: str,
    seed: int,
    mutants: bool,
    fresh: bool,
    settings: Mapping[str, Mapping[str, str]],
) -> _Task:
    id = selected.claim.full_id
    parts = ("checks", "mutants") if mutants else ("checks",)
    chosen = settings.get(selected.paper.name, {})
    keys = {part: cache.key(selected.source, id, part, effort, seed, chosen) for part in parts}
    records: dict[str, Mapping[str, Any]] = {}
    since: list[str] = []
    reasons: list[str] = []
    for part, key in keys.items():
        if fresh:
            reasons.append("cache not used")
            continue
        found = cache.get(key)
        if found.record is None:
            reasons.append(found.why if part == "checks" or reasons else f"negative controls: {found.why}")
        else:
            records[part] = found.record
            since.append(found.since)
    methods = tuple(check.method for check in selected.claim.checks)
    progress = Progress("checks" not in records, mutants and "mutants" not in records, methods)
    return _Task(position, selected, keys, records, since, reasons[0] if reasons else "", progress, chosen)


def _work_off(
    waiting: list[_Task],
    lanes: Sequence[Lane],
    results: dict[int, ClaimResult],
    cache: Cache,
    effort: str,
    seed: int,
    observer: Observer,
    limit: float | None,
) -> None:
    busy: dict[Lane, _Task] = {}
    while waiting or busy:
        for lane in lanes:
            task = None if lane in busy else _next(waiting, lane, lanes)
            if task is not None:
                waiting.remove(task)
                lane.keeps |= task.shares
                busy[lane] = task
                observer.started(task.selected.claim.full_id, task.why)
                lane.give(_message(task, effort, seed), limit)
        ready = multiprocessing.connection.wait([lane.connection for lane in busy], _patience(busy))
        for lane, task in list(busy.items()):
            over = False
            if lane.connection in ready:
                over = _listen(lane, task, observer, limit)
            elif lane.out_of_time():
                spent = f"{NO_TIME}: {limit:g} seconds at effort {effort}"
                task.progress.cut_short(Verdict.UNDECIDED, spent, lane.elapsed)
                lane.end()
                over = True
            if over:
                del busy[lane]
                results[task.position] = _concluded(task, cache, effort, observer)


def _next(waiting: Sequence[_Task], lane: Lane, lanes: Sequence[Lane]) -> _Task | None:
    """What this worker is to do next: first what shares a computation with something it has done, then what shares one
    that no worker has done yet, then what shares nothing. None where all that is left belongs to other workers."""
    elsewhere = {shared for other in lanes if other is not lane for shared in other.keeps}
    own = [task for task in waiting if task.shares & lane.keeps]
    new = [task for task in waiting if task.shares and not task.shares & elsewhere]
    alone = [task for task in waiting if not task.shares]
    return next(iter([*own, *new, *alone]), None)


def _patience(busy: Mapping[Lane, _Task]) -> float | None:
    """Seconds until the first deadline."""
    deadlines = [lane.deadline for lane in busy if lane.deadline is not None]
    return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None


def _listen(lane: Lane, task: _Task, observer: Observer, limit: float | None) -> bool:
    """Take one report. True when the claim is over, well or badly."""
    report = lane.receive()
    if report is None:
        task.progress.cut_short(Verdict.ERROR, f"the check crashed: {lane.exit_words()}")
        lane.end()
        return True
    event = report["event"]
    if event == "done":
        return True
    if event == "failed":
        task.progress.cut_short(Verdict.ERROR, str(report["reason"]))
        return True
    if event == "progress":
        observer.message(task.selected.claim.full_id, str(report["text"]))
        return False
    task.progress.take(report)
    if event == "checks-done":
        lane.allow(limit)
        if task.progress.mutants:
            observer.message(task.selected.claim.full_id, "negative controls")
    return False


def _message(task: _Task, effort: str, seed: int) -> dict[str, Any]:
    source = task.selected.source
    return {
        "source": [source.kind, source.place],
        "claim": task.selected.claim.id,
        "effort": effort,
        "seed": seed,
        "settings": dict(task.settings),
        "checks": task.progress.checks,
        "mutants": task.progress.mutants,
    }


def _concluded(task: _Task, cache: Cache, effort: str, observer: Observer) -> ClaimResult:
    """Keep what may be kept, and put the result together."""
    progress = task.progress
    if progress.checks:
        task.records["checks"] = {
            "statement": progress.statement,
            "evidence": progress.evidence,
            **_read_parameters(progress, "checks"),
        }
        if progress.checks_whole and not _failed(progress.evidence):
            cache.put(task.keys["checks"], task.records["checks"], progress.reads)
    if progress.mutants:
        task.records["mutants"] = {"mutants": progress.controls, **_read_parameters(progress, "mutants")}
        if progress.mutants_whole and not _failed(progress.controls):
            cache.put(task.keys["mutants"], task.records["mutants"], progress.reads)
    return _finish(task, effort, observer)


def _read_parameters(progress: Progress, part: str) -> dict[str, Any]:
    """Nothing for what was cut short: it is not known what that would have read."""
    return {"parameters": progress.parameters[part]} if part in progress.parameters else {}


def _failed(records: Sequence[Mapping[str, Any]]) -> bool:
    """An ERROR may have passed by the next run, so it is not kept."""
    return any(one["verdict"] == Verdict.ERROR.value for one in records)


def _finish(task: _Task, effort: str, observer: Observer) -> ClaimResult:
    result = claim_result(
        task.selected.claim,
        effort,
        task.records["checks"],
        task.records.get("mutants", {"mutants": []})["mutants"],
        cached=None if task.why else f"unchanged since {max(task.since)}",
        why=task.why,
    )
    observer.finished(result)
    return result


def _rests_on(
    selection: Sequence[Selected],
    cache: Cache,
    effort: str,
    seed: int,
    settings: Mapping[str, Mapping[str, str]],
) -> list[ClaimResult]:
    """What the cache knows of claims that the selection rests on without having them."""
    seen = {one.claim.full_id for one in selection}
    others: list[ClaimResult] = []
    for one in selection:
        waiting = list(one.claim.uses)
        while waiting:
            claim = one.paper[waiting.pop()]
            if claim.full_id in seen:
                continue
            seen.add(claim.full_id)
            waiting.extend(claim.uses)
            chosen = settings.get(one.paper.name, {})
            found = cache.get(cache.key(one.source, claim.full_id, "checks", effort, seed, chosen))
            if found.record is not None:
                others.append(claim_result(claim, effort, found.record, (), cached="", why=""))
    return others
