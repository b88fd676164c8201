"""The loop of a sweep: hand out runs, record each one that comes back, and know what to do when something breaks."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Literal

import numpy as np

from numerics.source import simulation_fingerprint
from numerics.sweep.forecast import Forecast, work
from numerics.sweep.grid import Plan
from numerics.sweep.parameters import key_of
from numerics.sweep.run import OtherCode, Outcome
from numerics.sweep.store import Store, StoreFull
from numerics.sweep.workers import Crew, Dask, Given, Processes

_TICK = 0.5
_ALONE = 2  # times that a run may take its worker with it, alone, before it is given up


@dataclass(frozen=True)
class Progress:
    """So many of ``total`` runs are done after ``seconds``; ``left`` seconds to go, None while unknown."""

    done: int
    total: int
    seconds: float
    left: float | None
    note: str = ""


@dataclass(frozen=True)
class Summary:
    """How a sweep ended.

    ``status``: "ok" (all runs are recorded), "incomplete" (some could not be done: ``failures``, each with its
    reason), "stopped" (the disk, the cluster or the executor gave way) or "interrupted"; ``message`` says it in
    words. ``before`` runs were recorded already, ``made`` now; ``statuses`` counts the runs recorded by theirs.
    """

    status: Literal["ok", "incomplete", "stopped", "interrupted"]
    message: str
    total: int
    before: int
    made: int
    statuses: Mapping[str, int]
    failures: tuple[tuple[Mapping[str, Any], str], ...] = ()


class _Stop(Exception):
    """The sweep cannot go on; the message says why."""


def sweep(
    plan: Plan,
    folder: str | Path,
    *,
    jobs: int = 1,
    executor: Executor | None = None,
    dask: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    code: str | None = None,
) -> Summary:
    """Do the runs of the plan that ``folder`` does not hold yet, and record each one there as it comes back.

    By ``jobs`` processes of our own; by ``executor``, anything of the interface of concurrent.futures, with
    ``jobs`` workers; or by the Dask cluster whose scheduler has the address ``dask``. Whatever goes wrong on the
    way is in the summary, and the same call goes on from there. ``code`` is the fingerprint that the runs are
    known by, by default that of the code as it stands. InputError for a folder that cannot be used, or a scheduler
    that does not answer.
    """
    code = simulation_fingerprint() if code is None else code
    keys = {key_of(run, code): run for run in plan.runs}
    with Store(folder) as store:
        done = store.done(list(keys))
        waiting = deque((key, run) for key, run in keys.items() if key not in done)
        drive = _Drive(store, code, waiting, len(keys), progress)
        if waiting:
            crew: Crew
            if dask is not None:
                crew = Dask(dask)
            elif executor is not None:
                crew = Given(executor, jobs)
            else:
                crew = Processes(min(jobs, len(waiting)))
            drive.run(crew)
        return drive.summary(list(keys), len(done))


@dataclass
class _Drive:
    store: Store
    code: str
    waiting: deque[tuple[str, Mapping[str, Any]]]
    total: int
    progress: Callable[[Progress], None] | None
    suspects: deque[tuple[str, Mapping[str, Any]]] = field(default_factory=deque)
    suspected: set[str] = field(default_factory=set)
    under_way: dict[Future[Outcome], tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)
    strikes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)
    made: int = 0
    stopped: str = ""
    interrupted: bool = False
    begun: float = field(default_factory=monotonic)

    def run(self, crew: Crew) -> None:
        todo = len(self.waiting)
        self.forecast = Forecast(np.sum([work(run) for _, run in self.waiting], axis=0))
        self.started = self.total - todo
        clean = False
        try:
            while self.waiting or self.suspects or self.under_way:
                self.hand_out(crew)
                finished, _ = wait(self.under_way, timeout=_TICK, return_when=FIRST_COMPLETED)
                broken = ""
                for future in finished:
                    broken = self.take(future) or broken
                if broken:
                    self.break_down(crew, broken)
                reason = crew.lost()
                if reason is not None:
                    raise _Stop(reason)
                self.show(crew)
            clean = True
        except KeyboardInterrupt:
            self.interrupted = True
        except _Stop as stop:
            self.stopped = str(stop)
        except StoreFull as full:
            self.stopped = f"A run could not be recorded ({full})."
        finally:
            for future in self.under_way:
                future.cancel()
            crew.close(kill=not clean)

    def hand_out(self, crew: Crew) -> None:
        # After a breakdown the runs that were under way go one at a time, so that it shows which one it was.
        alone = self.suspects or any(key in self.suspected for key, _ in self.under_way.values())
        window = 1 if alone else crew.window
        source = self.suspects or self.waiting
        while source and len(self.under_way) < window:
            key, run = source.popleft()
            try:
                self.under_way[crew.submit(run, self.code)] = (key, run)
                self.since[key] = monotonic()
            except BrokenExecutor as error:
                self.suspects.append((key, run))
                self.break_down(crew, str(error))
                return
            except (RuntimeError, OSError) as error:
                source.appendleft((key, run))
                raise _Stop(crew.lost() or f"No more runs could be started ({error}).") from error

    def take(self, future: Future[Outcome]) -> str:
        """Record what came back; a reason where the worker was lost instead."""
        key, run = self.under_way[future]
        try:
            outcome = future.result()
        except BrokenExecutor as error:
            return str(error) or type(error).__name__
        except CancelledError:
            raise _Stop(
                "The runs under way were cancelled: their workers or their scheduler went away."
            ) from None
        except OtherCode as error:
            raise _Stop(str(error)) from None
        except Exception as error:
            del self.under_way[future]
            said = " ".join(str(error).split())[:300]
            self.failures.append((run, f"{type(error).__name__}: {said}" if said else type(error).__name__))
            self.forecast.dropped(run)
            return ""
        del self.under_way[future]
        self.store.record(key, self.code, run, outcome)
        self.made += 1
        self.forecast.finished(run, outcome.seconds)
        return ""

    def break_down(self, crew: Crew, reason: str) -> None:
        """A worker was lost, and with it the executor: what was under way is done again."""
        lost = list(self.under_way.values())
        self.under_way.clear()
        if len(lost) == 1:
            key, run = lost[0]
            self.strikes[key] += 1
            if self.strikes[key] >= _ALONE:
                lost = []
                self.forecast.dropped(run)
                self.failures.append((run, "the worker process was killed, twice (out of memory?)"))
        self.suspects.extend(lost)
        self.suspected.update(key for key, _ in lost)
        sentence = crew.restart(reason)
        if sentence is not None:
            raise _Stop(sentence)
        self.show(crew, f"a worker process was lost; {len(lost)} runs are done again")

    def show(self, crew: Crew, note: str = "") -> None:
        if self.progress is not None:
            done = self.started + self.made
            now = monotonic()
            # More are handed out than are worked on; the last ones wait.
            running = list(self.under_way.values())[: crew.hands]
            left = self.forecast.left(crew.hands, [(run, now - self.since[key]) for key, run in running])
            self.progress(Progress(done, self.total, now - self.begun, left, note))

    def summary(self, keys: list[str], before: int) -> Summary:
        statuses = self.store.statuses(keys)
        recorded = sum(statuses.values())
        where = f"{recorded} of {self.total} runs are recorded in {self.store.folder}"
        again = "the same sweep goes on from there"
        status: Literal["ok", "incomplete", "stopped", "interrupted"] = "ok"
        message = f"All {self.total} runs are recorded in {self.store.folder}."
        if self.interrupted:
            status, message = "interrupted", f"Interrupted: {where}; {again}."
        elif self.stopped:
            status, message = "stopped", f"{self.stopped} {where[0].upper()}{where[1:]}; {again}."
        elif self.failures:
            status = "incomplete"
            count, reason = len(self.failures), self.failures[0][1]
            message = f"{count} runs could not be done, the first because of: {reason}; {where}."
        return Summary(status, message, self.total, before, recorded - before, statuses, tuple(self.failures))
