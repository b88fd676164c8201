"""One worker process seen from the runner: give it a claim, collect what it reports, end it when it must
end."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from numerics.worker_start import environment, without_interruption
from verify.evidence import Verdict
from verify.judge import mutant_record
from verify.outcome import ALL_MUTANTS
from verify.worker import ENVIRONMENT, work


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

    def cut_short(self, verdict: Verdict, detail: str) -> None:
        """The worker is gone: what was being examined gets this verdict, and what had to come next is not
        tried."""
        if self.checks and not self.checks_whole:
            method = self.methods[min(len(self.evidence), len(self.methods) - 1)]
            self.evidence.append(
                {
                    "verdict": verdict.value,
                    "method": method,
                    "detail": detail,
                    "data": {},
                    "not_confirmed": False,
                    "seconds": 0.0,
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
        self.deadline: float | None = None
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
        self.deadline = None if limit is None else time.monotonic() + limit

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
