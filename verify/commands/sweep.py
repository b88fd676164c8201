"""`lemmata sweep`: a grid of simulations, each recorded when it is done, so that nothing is done twice."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.commands.errors import Stopped, UsageError
from verify.commands.options import AsJson, Jobs, print_json

if TYPE_CHECKING:
    from numerics.sweep.drive import Progress, Summary

NOT_FINISHED = 3

_LINE_SECONDS = 10.0  # between two lines of progress where nobody watches a terminal

Config = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG.toml", help="The grid: a list is an axis, and seed may be a range like '0..199'."
    ),
]
DaskAddress = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Run on the Dask cluster with this scheduler."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Where the runs are kept. [default: the name of the CONFIG, with .sweep]",
        show_default=False,
    ),
]
Export = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE", help="Write the runs to a .csv or a .parquet, a row each."),
]


def run(
    config: Config,
    jobs: Jobs = None,
    dask: DaskAddress = None,
    out: Out = None,
    export: Export = None,
    json: AsJson = False,
) -> None:
    """Run a grid of simulations.

    Each run is recorded in DIR as soon as it is done: the same command goes on where it was interrupted, and does
    nothing when all is done.

    A CONFIG has a line for each key, such as width = [100, 1000] or seed = "0..9". The keys are method (flow or
    descent), width, alpha, seed, activation, dim, target, samples, until, rtol, neurons, tolerance, learning_rate,
    steps, batch, and arrays (none, series or states: what is kept of each run).

    With kind = "phase-diagram" a run raises the learning rate c/sharpness, c = 2^0, 2^spacing, …, until training
    diverges, and records the critical values c_loss, c_sharp, c_barrier and c_max. Its keys are network
    (fully-connected or uv), depth, width, seed (of data and weights), activation (also relu and linear), samples,
    inputs, outputs, targets (one-hot or values), batch, spacing, horizon (steps within which a run diverges or
    not), and arrays (none or series).

    With kind = "saturation" a run trains for product/c steps at each c from smallest to largest in steps of spacing,
    and records where the sharpness has settled, relative to its start: its series c and ratio, and c_crit, where
    the ratio bends downwards most (the second derivative is that of cubics over window values of c). Its other keys
    are those of the network and its task, as above.
    """
    if jobs is not None and dask is not None:
        raise UsageError("--jobs and --dask contradict each other; leave one of them out.")
    from numerics.source import simulation_fingerprint
    from numerics.sweep import export as write_table
    from numerics.sweep import read_plan, sweep
    from numerics.sweep.export import check_export

    plan = read_plan(config)
    if export is not None:
        check_export(export)
    folder = Path(f"{plan.name}.sweep") if out is None else out
    display = _Display()
    # Once for both: the code may be edited while the sweep is at work.
    code = simulation_fingerprint()
    summary = sweep(plan, folder, jobs=jobs or _cores(), dask=dask, progress=display.show, code=code)
    display.close()
    written = None if export is None else write_table(plan, folder, export, code=code)
    if json:
        print_json(_document(summary, folder, export, written))
    else:
        for line in _lines(summary, export, written):
            typer.echo(line)
    for parameters, reason in summary.failures[:10]:
        telling = ("kind", "method", "network", "depth", "width", "alpha", "seed")
        told = ", ".join(f"{name} {parameters[name]}" for name in telling if name in parameters)
        typer.echo(f"lemmata: the run with {told}: {reason}.", err=True)
    if summary.status == "interrupted":
        raise Stopped(summary.message)
    if summary.status != "ok":
        typer.echo(f"lemmata: {summary.message}", err=True)
        raise typer.Exit(NOT_FINISHED)


def _cores() -> int:
    import os

    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available is not None else os.cpu_count() or 1


def _document(summary: Summary, folder: Path, export: Path | None, written: int | None) -> dict[str, Any]:
    return {
        "status": summary.status,
        "message": summary.message,
        "folder": str(folder),
        "runs": summary.total,
        "recorded_before": summary.before,
        "recorded_now": summary.made,
        "statuses": dict(summary.statuses),
        "failures": [
            {"parameters": dict(parameters), "reason": reason} for parameters, reason in summary.failures
        ],
        "export": None if export is None else {"file": str(export), "rows": written},
    }


def _lines(summary: Summary, export: Path | None, written: int | None) -> list[str]:
    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.statuses.items()))
    recorded = summary.before + summary.made
    lines = [
        f"{recorded} of {summary.total} runs recorded, {summary.made} of them now"
        + f" ({counts})" * bool(counts)
    ]
    if export is not None:
        lines.append(f"{written} rows written to {export}")
    return lines


class _Display:
    """Progress on stderr: one line that changes on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._said = time.monotonic()
        self._open = False

    def show(self, progress: Progress) -> None:
        """Say how far it is; a note is always said."""
        now = time.monotonic()
        if progress.note:
            self._print(f"lemmata: {progress.note}")
        if self._terminal:
            sys.stderr.write(f"\r\033[K{_words(progress)}")
            sys.stderr.flush()
            self._open = True
        elif now - self._said >= _LINE_SECONDS and progress.done < progress.total:
            self._said = now
            self._print(_words(progress))

    def close(self) -> None:
        """Remove the line."""
        if self._open:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def _print(self, line: str) -> None:
        self.close()
        print(line, file=sys.stderr, flush=True)


def _words(progress: Progress) -> str:
    text = f"{progress.done} of {progress.total} runs, {_duration(progress.seconds)}"
    return text if progress.left is None else f"{text}, about {_duration(progress.left)} to go"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
