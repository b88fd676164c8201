"""What a measurement was made on, and with: the head of every table."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def one_thread(pin: bool = True) -> None:
    """Keep the libraries to one thread, and with ``pin`` the process to one processor; before NumPy is imported."""
    for name in _THREADS:
        os.environ[name] = "1"
    if pin and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def head(packages: Iterable[str]) -> str:
    """Machine, load, versions and the command, a line each."""
    versions = [f"Python {platform.python_version()}"]
    for name in packages:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} missing")
    # The whole command as it was typed, modules as modules.
    module = getattr(sys.modules["__main__"].__spec__, "name", None)
    command = ["python", *(["-m", module] if module else [sys.argv[0]]), *sys.argv[1:]]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return "\n".join(
        [
            f"machine   {processor()}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}",
            f"load      {load} (1, 5, 15 minutes)",
            f"versions  {', '.join(versions)}",
            f"command   {shlex.join(command)}",
        ]
    )


def processor() -> str:
    """The processor's name where the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned by spaces, the first to the left, the others to the right."""
    lines = [list(columns), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(v.rjust(w) for v, w in zip(line[1:], widths[1:], strict=True))]
        )
        for line in lines
    )
