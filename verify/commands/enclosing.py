"""`lemmata simulate --rigorous`: what is proved of one network's trajectory, every interval rounded outward."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flint import arb

from numerics.balls.activation import BALL_ACTIVATIONS
from numerics.balls.dyadic import float_above, float_below, float_interval
from numerics.balls.from_formula import ball_activation
from numerics.balls.network import BallNetwork
from numerics.balls.samples import of_dataset, of_numbers
from numerics.errors import InputError
from numerics.integrate.collocation import check_digits
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
_GUARD_BITS = 16
ZETA = Fraction(1, 10)


@dataclass(frozen=True)
class Rigorous:
    """An enclosure with what is read off it; ``gap`` is None where the reduced system does not apply.

    ``digits`` where that many were asked for, else None.
    """

    what: Experiment
    enclosure: Enclosure
    descent: Crossing
    gap: Gap | None
    digits: int | None = None

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
    digits: int | None = None,
) -> Rigorous:
    """Enclose the experiment. Numbers of files are taken exactly as they are written, all others as the binary
    numbers that they are. ``digits`` (15 to 400) sets the precision of the balls; without, it is that of 64 bits.
    InputError for an activation or a file that rigorous runs cannot take, or digits out of range."""
    bits = bits_for(digits)
    if not (math.isfinite(what.until) and what.until > 0):
        raise InputError(f"The final time is {what.until}; it must be finite and above 0.")
    with working_precision(bits):
        if data_file is None:
            data = of_dataset(what.network.data, odd=ball_activation(activation).odd)
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
    found = enclose(network, initial, what.until, Settings(bits=bits), progress)
    gap = None
    if found.steps and why_not_reduced(what.network.data) is None:
        from numerics.reduced_balls import largest_gap

        gap = _gap_or_none(lambda: largest_gap(found))
    return Rigorous(what, found, descent_time(found, ZETA), gap, digits)


def bits_for(digits: int | None) -> int:
    """The precision of the balls: that of so many digits and some more. InputError for digits out of range."""
    return BITS if digits is None else math.ceil(check_digits(digits) * math.log2(10)) + _GUARD_BITS


def _gap_or_none(measure: Callable[[], Gap]) -> Gap | None:
    """None where the reduced solution does not start: P(0) ≥ 1, or P(0) = −Q(0)."""
    try:
        return measure()
    except InputError:
        return None


def check_certifiable(activation: str) -> None:
    """InputError for a formula: the checker of certificates, which is a program of its own, knows names only."""
    if ball_activation(activation).trees is not None:
        raise InputError(
            f"--certificate is for the activations {', '.join(BALL_ACTIVATIONS)}, which its checker knows; "
            f"{activation!r} is a formula."
        )


def write_enclosure(found: Rigorous, path: Path) -> None:
    """The certificate of what was enclosed, T_2 with it."""
    write_certificate(found.enclosure, path, {ZETA: found.descent})


def rigorous_document(found: Rigorous) -> dict[str, Any]:
    """What `--json` prints: the keys of a simulation, and under "enclosure" what is proved."""
    what, enclosure = found.what, found.enclosure
    width = len(what.initial)
    first = None if what.alpha is None else plateau_time(width, default_gamma(what.alpha))
    bracket, second = None, None
    if found.descent.bracket is not None:
        low, high = found.descent.bracket
        bracket = _ends(low, high, found.digits)
        second = float((low + high) / 2)
    third = None if second is None or width < 2 else secondary_time(second, width)
    if third is not None and third > enclosure.reached:
        third = None
    final, middle, error = _final(enclosure, found.digits)
    gap = None if found.gap is None else _interval(float_below(found.gap.low), float_above(found.gap.high))
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

    def interval(ends: Ends | None) -> str:
        return "none" if ends is None else f"[{ends[0]}, {ends[1]}]"

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


Ends = list[float] | list[str]
"""The two ends of an interval, rounded outward: doubles, or decimal text where more digits were asked for."""


def _final(
    enclosure: Enclosure, digits: int | None
) -> tuple[dict[str, Ends], dict[str, float], float | None]:
    """What is read off the last state: intervals, their middles, and half the width of that of P."""
    if not enclosure.steps:
        return {}, {}, None
    P, Q = enclosure.order_parameters(enclosure.reached)
    norm_a, norm_w = enclosure.norms(enclosure.reached)
    values = {"loss": enclosure.loss(enclosure.reached), "P": P, "Q": Q, "norm_a": norm_a, "norm_w": norm_w}
    finite = {name: ball for name, ball in values.items() if ball.is_finite()}
    with working_precision(enclosure.bits):
        middle = {name: float(ball.mid()) for name, ball in finite.items()}
        if digits is not None:
            ends: dict[str, Ends] = {
                name: _ends(_exact(ball.lower()), _exact(ball.upper()), digits)
                for name, ball in finite.items()
            }
        else:
            doubles = {name: _interval(*float_interval(ball)) for name, ball in finite.items()}
            ends = {name: pair for name, pair in doubles.items() if pair is not None}
        return ends, middle, float_above(P.rad()) if P.is_finite() else None


def _exact(number: arb) -> Fraction:
    mantissa, exponent = number.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _ends(low: Fraction, high: Fraction, digits: int | None) -> Ends:
    if digits is None:
        return [_float_below(low), _float_above(high)]
    places = digits + 5 - max(_magnitude(low), _magnitude(high))
    return [_decimal(math.floor(low * Fraction(10) ** places), places),
            _decimal(math.ceil(high * Fraction(10) ** places), places)]  # fmt: skip


def _magnitude(number: Fraction) -> int:
    """How many digits stand before the point, below zero for numbers with zeros behind it."""
    if number == 0:
        return -400
    return (
        math.floor((abs(number.numerator).bit_length() - number.denominator.bit_length()) * math.log10(2)) + 1
    )


def _decimal(whole: int, places: int) -> str:
    """whole · 10^−places as text."""
    if places <= 0:
        return str(whole * 10**-places)
    sign, shown = "-" if whole < 0 else "", str(abs(whole)).rjust(places + 1, "0")
    return f"{sign}{shown[:-places]}.{shown[-places:]}"


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
