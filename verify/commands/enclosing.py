"""`lemmata simulate --rigorous`: what is proved of one network's trajectory, every interval rounded outward."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numerics.balls.dyadic import float_above, float_below, float_interval
from numerics.balls.network import BallNetwork
from numerics.balls.samples import of_dataset, of_numbers
from numerics.errors import InputError
from numerics.integrate.crossing import Crossing, descent_time
from numerics.integrate.enclosure import PROVED, UNDECIDED, Enclosure
from numerics.integrate.export import write_certificate
from numerics.integrate.tube import Settings, enclose
from numerics.milestones import default_gamma, plateau_time, secondary_time
from numerics.precision import working_precision
from numerics.simulate import versions
from numerics.table import numbered_columns, read_exact_table
from verify.commands.experiment import Experiment, why_not_reduced

if TYPE_CHECKING:
    from numerics.reduced_balls import Gap

BITS = 64
ZETA = Fraction(1, 10)


@dataclass(frozen=True)
class Rigorous:
    """An enclosure with what is read off it; ``gap`` is None where the reduced system does not apply."""

    what: Experiment
    enclosure: Enclosure
    descent: Crossing
    gap: Gap | None

    @property
    def status(self) -> str:
        """PROVED where both the trajectory and T_2 (or that it is not reached) are; else UNDECIDED."""
        return PROVED if {self.enclosure.status, self.descent.status} == {PROVED} else UNDECIDED

    @property
    def reason(self) -> str:
        """Why it is UNDECIDED, or that T_2 is not reached."""
        return self.enclosure.reason or self.descent.reason.replace("The level", f"P = {1 - ZETA} (time T2)")


def run_rigorous(
    what: Experiment,
    activation: str,
    initial_file: Path | None = None,
    data_file: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> Rigorous:
    """Enclose the experiment. Numbers of files are taken exactly as they are written, all others as the binary
    numbers that they are. InputError for an activation or a file that rigorous runs cannot take."""
    if not (math.isfinite(what.until) and what.until > 0):
        raise InputError(f"The final time is {what.until}; it must be finite and above 0.")
    with working_precision(BITS):
        if data_file is None:
            data = of_dataset(what.network.data)
        else:
            names, rows = read_exact_table(data_file)
            names = ["x1" if name == "x" else name for name in names]
            columns = numbered_columns(data_file, names, "y", "x")
            data = of_numbers(
                [[row[c] for c in columns[1:]] for row in rows], [row[columns[0]] for row in rows]
            )
        network = BallNetwork.named(activation, data)
    initial: Any = what.initial.tolist()
    if initial_file is not None:
        names, rows = read_exact_table(initial_file)
        columns = numbered_columns(initial_file, names, "a", "w")
        initial = [[row[c] for c in columns] for row in rows]
    found = enclose(network, initial, what.until, Settings(bits=BITS), progress)
    gap = None
    if found.steps and why_not_reduced(what.network.data) is None:
        from numerics.reduced_balls import largest_gap

        gap = _gap_or_none(lambda: largest_gap(found))
    return Rigorous(what, found, descent_time(found, ZETA), gap)


def _gap_or_none(measure: Callable[[], Gap]) -> Gap | None:
    """None where the reduced solution does not start: P(0) ≥ 1, or P(0) = −Q(0)."""
    try:
        return measure()
    except InputError:
        return None


def write_enclosure(found: Rigorous, path: Path) -> None:
    """The certificate of what was enclosed, T_2 with it."""
    write_certificate(found.enclosure, path, {ZETA: found.descent})


def rigorous_document(found: Rigorous) -> dict[str, Any]:
    """What `--json` prints: the keys of a simulation, and under "enclosure" what is proved."""
    what, enclosure = found.what, found.enclosure
    width = len(what.initial)
    first = None if what.alpha is None else plateau_time(width, default_gamma(what.alpha))
    bracket = None
    if found.descent.bracket is not None:
        low, high = found.descent.bracket
        bracket = [_float_below(low), _float_above(high)]
    second = None if bracket is None else sum(bracket) / 2
    third = None if second is None or width < 2 else secondary_time(second, width)
    if third is not None and third > enclosure.reached:
        third = None
    final = _final(enclosure)
    middle = {name: sum(ends) / 2 for name, ends in final.items()}
    gap = None if found.gap is None else _interval(float_below(found.gap.low), float_above(found.gap.high))
    error = None if "P" not in final else (final["P"][1] - final["P"][0]) / 2
    return {
        "status": found.status,
        "message": found.reason,
        "milestones": {"T1": first, "T2": second, "T3": third},
        "final": {"t": float(enclosure.reached), **middle},
        "max_abs_P_minus_reduced": None if gap is None else gap[1],
        "error_estimate": error,
        "enclosure": {
            "radius": enclosure.largest_radius if math.isfinite(enclosure.largest_radius) else None,
            "T2": bracket,
            "final": final,
            "max_abs_P_minus_reduced": gap,
            "reached": float(enclosure.reached),
            "steps": len(enclosure.steps),
            "bits": enclosure.bits,
        },
        "provenance": {
            "activation": enclosure.network.activation.name,
            "width": width,
            "dim": what.network.data.dim,
            "samples": what.network.data.samples,
            "until": what.until,
            "data": dict(what.network.data.description),
            **what.about,
            "versions": {**versions(), "python-flint": _flint_version()},
        },
    }


def rigorous_lines(document: dict[str, Any]) -> list[str]:
    """The same for a person."""

    def interval(ends: list[float] | None) -> str:
        return "none" if ends is None else f"[{ends[0]!r}, {ends[1]!r}]"

    proved, about = document["enclosure"], document["provenance"]
    radius = "none" if proved["radius"] is None else f"{proved['radius']:.3g}"
    lines = [
        f"status      {document['status']}",
        f"network     {about['activation']}, m = {about['width']}, d = {about['dim']}",
        f"enclosed    up to t = {proved['reached']:.10g} in {proved['steps']} steps, {proved['bits']} bits",
        f"radius      {radius}",
        f"T2          {interval(proved['T2'])}",
    ]
    lines += [f"{name:<11} {interval(ends)}" for name, ends in proved["final"].items()]
    lines.append(f"|P - P of the reduced system|, largest: {interval(proved['max_abs_P_minus_reduced'])}")
    return lines


def _final(enclosure: Enclosure) -> dict[str, list[float]]:
    if not enclosure.steps:
        return {}
    P, Q = enclosure.order_parameters(enclosure.reached)
    norm_a, norm_w = enclosure.norms(enclosure.reached)
    values = {"loss": enclosure.loss(enclosure.reached), "P": P, "Q": Q, "norm_a": norm_a, "norm_w": norm_w}
    with working_precision(enclosure.bits):
        ends = {name: _interval(*float_interval(ball)) for name, ball in values.items()}
    return {name: pair for name, pair in ends.items() if pair is not None}


def _interval(low: float, high: float) -> list[float] | None:
    return [low, high] if math.isfinite(low) and math.isfinite(high) else None


def _float_below(time: Fraction) -> float:
    near = float(time)
    return near if Fraction(near) <= time else math.nextafter(near, -math.inf)


def _float_above(time: Fraction) -> float:
    near = float(time)
    return near if Fraction(near) >= time else math.nextafter(near, math.inf)


def _flint_version() -> str:
    import flint

    return str(flint.__version__)
