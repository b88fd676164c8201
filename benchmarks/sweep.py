"""Sweeps: what it costs to record each run, and how many runs a second come out.

    python -m benchmarks.sweep [--runs 100] [--jobs 2] [--repeats 3] [--width 300]

The same runs in a plain loop that keeps nothing, in one thread with each run recorded, and in processes; "again" is the
same sweep when everything is recorded already. Times are medians; those of processes hold their start, which is
given apart.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.machine import head, one_thread, table

one_thread(pin=False)

from numerics.sweep import sweep  # noqa: E402
from numerics.sweep.grid import Plan, plan_of  # noqa: E402
from numerics.sweep.run import execute  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Time sweeps.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--width", type=int, default=300)
    given = parser.parse_args(arguments)
    print(head(("numpy", "scipy", "numba", "distributed")))
    print(f"problem   {given.runs} seeds, tanh, m = {given.width}, n = 60, T = 12, rtol 1e-8\n")
    rows = []
    for arrays in ("none", "series"):
        plan = plan_of(
            {"width": given.width, "until": 12.0, "seed": f"0..{given.runs - 1}", "arrays": arrays}
        )
        execute(plan.runs[0])  # compiles what is compiled
        loop = median_of(given.repeats, lambda plan=plan: [execute(run) for run in plan.runs])
        rows.append(row("plain loop, nothing kept", arrays, given.runs, loop, loop))
        with tempfile.TemporaryDirectory() as scratch:
            ways = measured(plan, Path(scratch) / "s", given.jobs, given.repeats)
        rows += [row(name, arrays, given.runs, seconds, loop) for name, seconds in ways]
        rows[-1][3:] = ["", ""]
    print(table(["way", "arrays", "seconds", "runs/s", "ms/run over the loop"], rows))


def row(name: str, arrays: str, runs: int, seconds: float, loop: float) -> list[str]:
    return [
        name,
        arrays,
        f"{seconds:.3f}",
        f"{runs / seconds:.1f}",
        f"{1e3 * (seconds - loop) / runs:+.2f}",
    ]


def measured(plan: Plan, folder: Path, jobs: int, repeats: int) -> list[tuple[str, float]]:
    """Medians for each way to do the plan."""

    def fresh(call: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            call()

        return run

    def in_a_thread() -> None:
        with ThreadPoolExecutor(1) as threads:
            sweep(plan, folder, executor=threads)

    found = [("one thread, recorded", median_of(repeats, fresh(in_a_thread)))]
    found.append(("again, all recorded", median_of(repeats, in_a_thread)))
    for count in sorted({1, jobs}):
        name = f"{count} process{'es' * (count > 1)}, recorded"
        found.append((name, median_of(repeats, fresh(lambda count=count: sweep(plan, folder, jobs=count)))))
    one = Plan(plan.name, plan.runs[:1])
    found.append(("1 process, 1 run: the start", median_of(repeats, fresh(lambda: sweep(one, folder)))))
    return found


def median_of(repeats: int, call: Callable[[], object]) -> float:
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
