"""Who does the runs: processes of our own, any executor, or a Dask cluster.

A crew takes runs and gives futures. It says how many runs it wants under way, whether it is still there, and can
be started again after a worker was lost, or not.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from concurrent.futures.process import ProcessPoolExecutor
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Protocol

from numerics.errors import InputError
from numerics.sweep.run import Outcome, execute
from numerics.worker_start import ONE_THREAD, environment, without_interruption

#: Each worker computes with one thread: the sweep already uses the cores, and sums come out the same everywhere.
_CONNECT_SECONDS = 15.0
_ASKED_EVERY = 2.0
_NOBODY_SECONDS = 60.0


class Crew(Protocol):
    """Those who do the runs."""

    #: How many runs should be under way.
    window: int
    #: How many of them are worked on at once, for the forecast.
    hands: int

    def submit(self, parameters: Mapping[str, Any], code: str) -> Future[Outcome]: ...
    def lost(self) -> str | None:
        """Why no more runs will come back, None while they may."""

    def restart(self, reason: str) -> str | None:
        """Begin anew after the executor broke; a sentence where that cannot be."""

    def close(self, *, kill: bool) -> None:
        """Let the workers go; ``kill`` does not wait for what they are doing."""


class Processes:
    """Worker processes that live no longer than this one, even if it is killed."""

    def __init__(self, jobs: int) -> None:
        if jobs < 1:
            raise InputError(f"The number of jobs is {jobs}; it must be at least 1.")
        self.hands, self.window = jobs, jobs + 1
        self._start()

    def _start(self) -> None:
        # A fresh interpreter rather than a fork: a fork would inherit threads and locks in an unknown state.
        context = multiprocessing.get_context("spawn")
        reader, self._lifeline = context.Pipe(duplex=False)
        self._reader = reader
        self._executor = ProcessPoolExecutor(
            self.hands, mp_context=context, initializer=_begin, initargs=(reader,)
        )

    def submit(self, parameters: Mapping[str, Any], code: str) -> Future[Outcome]:
        # Processes are started here, as they are needed.
        with environment(ONE_THREAD), without_interruption():
            return self._executor.submit(execute, parameters, code)

    def lost(self) -> str | None:
        return None

    def restart(self, reason: str) -> str | None:
        self.close(kill=True)
        self._start()
        return None

    def close(self, *, kill: bool) -> None:
        if kill:
            self._lifeline.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._lifeline.close()
        self._reader.close()


def _begin(lifeline: Connection) -> None:
    """In a worker: leave when the other end of the lifeline is closed, by the sweep or by its death."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        with contextlib.suppress(EOFError, OSError):
            lifeline.recv_bytes()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


class Given:
    """Any executor of the standard library's interface. It belongs to the caller, who closes it."""

    def __init__(self, executor: Executor, hands: int) -> None:
        self._executor = executor
        self.hands, self.window = hands, 2 * hands

    def submit(self, parameters: Mapping[str, Any], code: str) -> Future[Outcome]:
        return self._executor.submit(execute, parameters, code)

    def lost(self) -> str | None:
        return None

    def restart(self, reason: str) -> str | None:
        return f"The executor broke ({reason})."

    def close(self, *, kill: bool) -> None:
        pass


class Dask:
    """A Dask cluster, by the address of its scheduler. InputError where there is none, or no Dask here."""

    def __init__(self, address: str) -> None:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise InputError(
                "A Dask cluster needs the package distributed: pip install 'lemmata[dask]'."
            ) from None
        self._address = address
        # What goes wrong is said in a sentence of ours, not in tracebacks on stderr.
        self._silenced = [(one, one.level) for one in logging.getLogger("distributed").handlers]
        for handler, _ in self._silenced:
            handler.setLevel(logging.CRITICAL + 1)
        try:
            self._client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            self._loud()
            said = " ".join(str(error).split()) or type(error).__name__
            raise InputError(f"No Dask scheduler answers at {address} ({said[:200]}).") from None
        self._executor = self._client.get_executor(pure=False)
        self.hands = max(1, sum(self._client.nthreads().values()))
        self.window = 2 * self.hands
        self._asked = time.monotonic()
        self._deserted: float | None = None

    def submit(self, parameters: Mapping[str, Any], code: str) -> Future[Outcome]:
        future: Future[Outcome] = self._executor.submit(execute, dict(parameters), code)
        return future

    def lost(self) -> str | None:
        if self._client.status != "running":
            return f"The Dask scheduler at {self._address} went away."
        now = time.monotonic()
        if now - self._asked < _ASKED_EVERY:
            return None
        self._asked = now
        try:
            workers = self._client.nthreads()
        except (OSError, ValueError, RuntimeError):
            return f"The Dask scheduler at {self._address} went away."
        if workers:
            self._deserted = None
            self.hands = max(1, sum(workers.values()))
            self.window = 2 * self.hands
            return None
        if self._deserted is None:
            self._deserted = now
        if now - self._deserted > _NOBODY_SECONDS:
            return f"The Dask scheduler at {self._address} has had no workers for {_NOBODY_SECONDS:g} s."
        return None

    def restart(self, reason: str) -> str | None:
        return f"The Dask cluster at {self._address} broke ({reason})."

    def close(self, *, kill: bool) -> None:
        # The client's own farewell can fail where the scheduler is gone; there is nothing to save.
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)
        self._loud()

    def _loud(self) -> None:
        for handler, level in self._silenced:
            handler.setLevel(level)
