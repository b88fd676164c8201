"""One worker process seen from the runner: give it a claim, collect what it reports, end it when it must
end."""

from __future__ import annotations

import contextlib
import json
import math
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

from numerics.worker_start import environment, without_interruption
from verify.evidence import Verdict
from verify.judge import mutant_record
from verify.outcome import ALL_MUTANTS
from verify.worker import ENVIRONMENT, work

PATIENCE: Final = 5
"""By how much more than its limit a claim may last by the clock while its worker waits for a core."""

_IDLE: Final = 0.02
_SOON: Final = 0.05


@dataclass
class Progress:
    """What a worker has reported of one claim so far."""

    checks: bool
    mutants: bool
    methods: tuple[str, ...]
    statement: str = ""
    evidence: list[dict[str, Any]] = field(default_factory=list)
    controls: list[dict[str, Any]] = field(default_factory=list)
    current: int | None = None
    in_mutants: bool = False
    checks_whole: bool = False
    mutants_whole: bool = False
    reads: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, list[str]] = field(default_factory=dict)

    def take(self, report: dict[str, Any]) -> None:
        """Add one report of the worker."""
        event = report.pop("event")
        self.reads |= report.get("reads", {})
        if event == "statement":
            self.statement = report["text"]
        elif event == "evidence":
            self.evidence.append(report)
        elif event == "checks-done":
            self.checks_whole = True
            self.parameters["checks"] = report["parameters"]
        elif event == "mutants":
            self.controls = report["planned"]
        elif event == "trying":
            self.current = report["index"]
            self.controls[self.current]["witness"] = report["witness"]
            self.controls[self.current]["detail"] = report["note"] or "not tried"
        elif event == "tried":
            control = self.controls[report.pop("index")]
            # The note about a witness that failed stays with the verdict.
            note = control["detail"] if control["detail"].startswith("no witness: ") else ""
            control.update(report)
            control["detail"] = "; ".join(text for text in (report["detail"], note) if text)
            self.current = None
        elif event == "mutants-done":
            self.mutants_whole = True
            self.parameters["mutants"] = report["parameters"]

    def cut_short(self, verdict: Verdict, detail: str, seconds: float = 0.0) -> None:
        """The worker is gone, after so many seconds: what was being examined gets this verdict, and what had to come
        next is not tried."""
        if self.checks and not self.checks_whole:
            method = self.methods[min(len(self.evidence), len(self.methods) - 1)]
            self.evidence.append(
                {
                    "verdict": verdict.value,
                    "method": method,
                    "detail": detail,
                    "data": {},
                    "not_confirmed": False,
                    "seconds": seconds,
                }
            )
            if self.mutants:
                self.controls = []
        elif self.mutants and not self.mutants_whole:
            if self.current is not None:
                self.controls[self.current].update(verdict=verdict.value, detail=detail)
            elif not self.controls:
                about = "the negative controls could not be made"
                self.controls = [mutant_record(ALL_MUTANTS, about, "", verdict, detail)]


class Lane:
    """A worker process that serves one claim at a time, and is started again when it was lost."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self.task: dict[str, Any] | None = None
        #: When to look whether the time of the task is over; None without a limit.
        self.deadline: float | None = None
        self._limit = math.inf
        self._began = self._computed_before = 0.0
        #: What claims share, as (paper, name), and was computed here.
        self.keeps: set[tuple[str, str]] = set()

    @property
    def connection(self) -> Connection:
        """The runner's end. Only while a task is given."""
        assert self._connection is not None
        return self._connection

    def give(self, task: dict[str, Any], limit: float | None) -> None:
        """Start on a task, in a new process if there is none. limit: seconds, None for no limit."""
        if self._process is None or not self._process.is_alive():
            self.end()
            self._start()
        self.task = task
        try:
            self.connection.send_bytes(json.dumps(task).encode())
        except OSError:
            self.end()
            self._start()
            self.task = task
            self.connection.send_bytes(json.dumps(task).encode())
        self.allow(limit)

    def allow(self, limit: float | None) -> None:
        """Set the time limit anew, from now on."""
        self._limit = math.inf if limit is None else limit
        self._began, self._computed_before = time.monotonic(), self._computed()
        self.deadline = None if limit is None else self._began + limit

    @property
    def elapsed(self) -> float:
        """Seconds since the limit was set."""
        return time.monotonic() - self._began

    def out_of_time(self) -> bool:
        """Whether the limit is over: so many seconds of computing.

        On a busy machine a worker waits for a core, which says nothing of the claim: then it has up to PATIENCE times
        as long by the clock. One that has not been computing at all is not waiting for a core.
        """
        if self.deadline is None or time.monotonic() < self.deadline:
            return False
        computed, elapsed = self._computed() - self._computed_before, self.elapsed
        left = min(self._limit - computed, PATIENCE * self._limit - elapsed)
        if computed < _IDLE * elapsed or left < _SOON * self._limit:
            return True
        self.deadline = time.monotonic() + left
        return False

    def _computed(self) -> float:
        """Seconds that the worker and the processes it has started have computed; 0 when it is gone."""
        import psutil

        if self._process is None or self._process.pid is None:
            return 0.0
        try:
            worker = psutil.Process(self._process.pid)
            spent = [one.cpu_times() for one in (worker, *worker.children(recursive=True))]
        except psutil.Error:
            return 0.0
        return float(sum(one.user + one.system for one in spent) + spent[0].children_user)

    def receive(self) -> dict[str, Any] | None:
        """The next report; None when the worker is gone. Call it when the connection is ready."""
        try:
            report = json.loads(self.connection.recv_bytes())
        except (EOFError, OSError, ValueError):
            return None
        assert isinstance(report, dict)
        return report

    def exit_words(self) -> str:
        """How the worker went, once it has."""
        if self._process is None:
            return "the worker process is gone"
        self._process.join(timeout=5)
        code = self._process.exitcode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"the worker process was ended by {signal.Signals(-code).name}"
        return f"the worker process left with status {code}"

    def end(self) -> None:
        """End the worker and whatever processes it started. Does nothing when there is none."""
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        self.task, self.deadline = None, None
        if process is not None:
            _kill_group(process)
            process.join()
            process.close()
        if connection is not None:
            connection.close()

    def _start(self) -> None:
        # A fresh interpreter rather than a fork: a fork would inherit threads and locks in an unknown state.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._connection = ours
        process = context.Process(target=work, args=(theirs,), name="lemmata-worker")
        self._process = process
        with environment(ENVIRONMENT), without_interruption():
            process.start()
        theirs.close()


def _kill_group(process: BaseProcess) -> None:
    """End a process and its group; until it has stood apart it shares ours, and only itself is ended."""
    if hasattr(os, "killpg") and process.pid is not None:
        with contextlib.suppress(OSError):
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
