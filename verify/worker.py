"""The process in which claims are examined: one at a time, until it is told no more.

A worker is apart from the process that shows progress and writes files, so that a crash, a hang or an
interruption of a check costs that claim alone.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any, Final

from numerics.worker_start import ONE_THREAD
from verify import reads

#: Each worker computes with one thread: the runner already uses the cores, and sums come out the same on each
#: machine. Hashes are fixed as well, as the order of a set must not decide how an expression is written.
ENVIRONMENT: Final = {
    **ONE_THREAD,
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "Agg",
}

_PROGRESS_INTERVAL = 0.1


def work(connection: Connection) -> None:
    """Serve tasks from the connection, as JSON: {"source": [kind, place], "claim", "effort", "seed", "settings",
    "checks", "mutants"}.

    Answers with the reports of `judge.examine`, {"event": "progress", "text"} in between, and ends each task with
    {"event": "done"} or {"event": "failed", "reason"}.
    """
    _stand_apart()
    # What a check prints must not end up in the document that the command prints on stdout.
    sys.stdout.flush()
    os.dup2(2, 1)
    papers: dict[tuple[str, str], Any] = {}
    reads.watch()
    with contextlib.suppress(EOFError, _RunnerGone):
        while True:
            task = json.loads(connection.recv_bytes())
            _serve(task, connection, papers)


class _RunnerGone(Exception):
    """Nobody reads the other end of the connection any more."""


def _stand_apart() -> None:
    """A process group of our own: Ctrl-C in the terminal reaches the runner alone, which then ends this whole
    group. Should the runner be killed, we end it ourselves."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _serve(task: dict[str, Any], connection: Connection, papers: dict[tuple[str, str], Any]) -> None:
    from verify.checks.guard import reason
    from verify.context import Context
    from verify.judge import examine
    from verify.load import PaperSource

    def send(report: dict[str, Any]) -> None:
        if task["source"][0] == "file" and report["event"] in ("checks-done", "mutants-done"):
            # All that was read so far: a claim may use what an earlier one has loaded.
            report["reads"] = reads.so_far()
        text = json.dumps(report, allow_nan=False).encode()
        try:
            connection.send_bytes(text)
        except OSError:
            raise _RunnerGone from None

    last = 0.0

    def progress(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _PROGRESS_INTERVAL:
            last = time.monotonic()
            send({"event": "progress", "text": " ".join(str(text).split())[:200]})

    try:
        source = (str(task["source"][0]), str(task["source"][1]))
        if source not in papers:
            papers[source] = PaperSource(*source).load()
        papers[source].use(task["settings"])
        claim = papers[source][task["claim"]]
        context = Context.of_run(task["effort"], task["seed"], progress)
        examine(claim, context, send, checks=task["checks"], mutants=task["mutants"])
    except _RunnerGone:
        raise
    except BaseException as error:
        send({"event": "failed", "reason": reason(error)})
        return
    send({"event": "done"})
