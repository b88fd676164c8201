"""`lemmata simulate --digits N`: the same run in multiple precision; what is beyond a double is printed as text."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb

from numerics.integrate.collocation import PreciseSolution
from numerics.milestones import default_gamma, plateau_time
from numerics.precise import PreciseTrajectory, simulate_precise
from numerics.precision import working_precision
from numerics.reduced import reduced_order_parameters
from numerics.table import numbered_columns, read_exact_table
from verify.commands.experiment import Experiment, why_not_reduced

_GRID = 400


def run_precise(
    what: Experiment,
    activation: str,
    digits: int,
    initial_file: Path | None = None,
    data_file: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> PreciseTrajectory:
    """Simulate the experiment to so many digits. Numbers of files are taken exactly as they are written, all others as
    the binary numbers that they are. InputError for an activation that is not analytic, or digits out of range."""
    numbers = None
    if data_file is not None:
        names, rows = read_exact_table(data_file)
        names = ["x1" if name == "x" else name for name in names]
        columns = numbered_columns(data_file, names, "y", "x")
        numbers = ([[row[c] for c in columns[1:]] for row in rows], [row[columns[0]] for row in rows])
    initial: Any = what.initial
    if initial_file is not None:
        names, rows = read_exact_table(initial_file)
        columns = numbered_columns(initial_file, names, "a", "w")
        initial = [[row[c] for c in columns] for row in rows]
    return simulate_precise(
        activation,
        what.network.data,
        initial,
        what.until,
        digits,
        numbers=numbers,
        progress=progress,
        provenance=what.about,
    )


def precise_document(what: Experiment, run: PreciseTrajectory) -> dict[str, Any]:
    """What `--json` prints: the keys of a simulation, with T2, P, Q and the loss as text of so many digits."""
    first = None if what.alpha is None else plateau_time(len(what.initial), default_gamma(what.alpha))
    reached = run.descent_time(Fraction(1, 10)) if run.solution.steps else None
    final: dict[str, Any] = {"t": run.end}
    if run.solution.steps:
        P, Q = run.order_parameters(run.end)
        final |= {"loss": _text(run, run.loss(run.end)), "P": _text(run, P), "Q": _text(run, Q)}
    return {
        "status": run.status,
        "message": run.message,
        "milestones": {"T1": first, "T2": None if reached is None else _text(run, reached), "T3": None},
        "final": final,
        "max_abs_P_minus_reduced": _largest_gap(what, run),
        "error_estimate": run.error_estimate,
        "enclosure": None,
        "digits": run.digits,
        "provenance": dict(run.provenance),
    }


def precise_lines(document: dict[str, Any]) -> list[str]:
    """The same for a person."""
    final, about = document["final"], document["provenance"]
    error, gap = document["error_estimate"], document["max_abs_P_minus_reduced"]
    lines = [
        f"status      {document['status']}",
        f"network     {about['activation']}, m = {about['width']}, d = {about['dim']}",
        f"T2          {document['milestones']['T2'] or 'none'}",
        f"final t     {final['t']:.10g}",
    ]
    lines += [f"{name:<11} {final[name]}" for name in ("loss", "P", "Q") if name in final]
    lines.append(f"|P - P of the reduced system|, largest: {'none' if gap is None else f'{gap:.4g}'}")
    relative = "none" if error is None else f"{error:.2g}"
    lines.append(f"error relative to the largest weight, estimated from a second run: {relative}")
    return lines


def _text(run: PreciseTrajectory, value: arb) -> str:
    with working_precision(run.solution.bits):
        return str(value.str(run.digits, radius=False))


def _largest_gap(what: Experiment, run: PreciseTrajectory) -> float | None:
    """Largest |P − P of the reduced system| over the run, in double precision; None where the reduced system does not
    apply."""
    if not run.solution.steps or why_not_reduced(what.network.data) is not None:
        return None
    times = _times(run.solution)
    order = [run.order_parameters(float(t)) for t in times]
    P0, Q0 = (float(value) for value in order[0])
    reduced, _ = reduced_order_parameters(P0, Q0, times)
    return float(np.max(np.abs(np.array([float(P) for P, _ in order]) - reduced)))


def _times(solution: PreciseSolution) -> Any:
    return np.linspace(0.0, solution.end, _GRID)
