"""The second rigorous method: Taylor series of the whole box in balls, at high precision, remainder by Picard.

It shares the field with the tube and nothing of its argument: no logarithmic norm, no defect, no centre. Balls grow
with every operation, a few bits per unit of time, so it is for small networks, short times and many bits; where both
reach, both contain the truth and must overlap.

Let X be the box x + {|z_k| ≤ R_k} in complex space and ρ|F_k| < R_k on it. Then Picard's iteration on |t| ≤ ρ stays in
X, solutions from x are analytic there, and by Cauchy their Taylor coefficients obey |c_{k,j}| ≤ R_k ρ^{−j}: the
remainder after the term t^N is at most R_k q^{N+1}/(1 − q), q = t/ρ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import acb, arb, arb_series

from numerics.balls.dyadic import ball, centred, dyadic_time
from numerics.balls.network import BallNetwork, State
from numerics.errors import InputError
from numerics.integrate.enclosure import PROVED, UNDECIDED
from numerics.integrate.tube import checked_box
from numerics.precision import check_bits, working_precision

_SHARE = 3  # a step is ρ / 3
_START = Fraction(1, 2)
_SHORTEST = Fraction(1, 2**20)


@dataclass(frozen=True)
class BoxEnclosure:
    """States in balls at the ends of the steps: ``times`` (k,) dyadic, ``states`` (k,) from time 0 on."""

    times: tuple[Fraction, ...]
    states: tuple[State, ...]
    until: Fraction
    reason: str = ""

    @property
    def status(self) -> str:
        """PROVED where the horizon was reached, else UNDECIDED with a ``reason``."""
        return PROVED if not self.reason and self.times[-1] == self.until else UNDECIDED


def enclose_boxes(
    network: BallNetwork,
    initial: Sequence[Sequence[float | Fraction | arb]],
    until: float | Fraction,
    bits: int = 128,
    progress: Callable[[float], None] | None = None,
) -> BoxEnclosure:
    """Enclose the solutions from a box on [0, ``until``]; see the module for the method. Errors as in `enclose`."""
    check_bits(bits)
    horizon = dyadic_time(until, "The horizon")
    if horizon < _SHORTEST:
        raise InputError(f"The horizon {float(horizon)} is shorter than the shortest step.")
    order = -(-bits * 2 // 3)
    reason = ""
    with working_precision(bits, order + 1):
        box = checked_box(network, initial)
        times, states = [Fraction(0)], [box]
        length = _START
        try:
            while times[-1] < horizon and not reason:
                taken = _step(network, box, min(length, horizon - times[-1]), order)
                if taken is None:
                    reason = "the balls are too wide"
                    break
                box, used = taken
                times.append(times[-1] + used)
                states.append(box)
                length = min(2 * used, _START)
                if progress is not None:
                    progress(float(times[-1]))
        except KeyboardInterrupt:
            reason = "interrupted"
    if reason:
        reason = f"Enclosed up to t = {float(times[-1]):.6g} of {float(horizon):.6g}: {reason}."
    return BoxEnclosure(tuple(times), tuple(states), horizon, reason)


def _step(network: BallNetwork, box: State, longest: Fraction, order: int) -> tuple[State, Fraction] | None:
    length = longest
    while length >= _SHORTEST:
        reach = _reach(network, box, ball(length * _SHARE))
        if reach is not None:
            end = _taylor(network, box, reach, length, order)
            if all(entry.is_finite() for neuron in end for entry in neuron):
                return end, length
            return None
        length /= 2
    return None


def _reach(network: BallNetwork, box: State, rho: arb) -> list[list[arb]] | None:
    """R with ρ |F_k| < R_k over the complex box, if a few tries find it."""
    reach = [
        [(abs(entry).upper() * arb((1, -2)) + arb((1, -10))).upper() for entry in neuron] for neuron in box
    ]
    for _ in range(16):
        wide = [
            [acb(entry + centred(r), centred(r)) for entry, r in zip(neuron, rs, strict=True)]
            for neuron, rs in zip(box, reach, strict=True)
        ]
        if any(
            not network.activation.in_strip(network.inner(neuron[1:], x))
            for neuron in wide
            for x in network.data.x
        ):
            return None
        moved = network.field(wide, network.activation.box)
        need = [[(entry.abs_upper() * rho).upper() for entry in neuron] for neuron in moved]
        if not all(entry.is_finite() for neuron in need for entry in neuron):
            return None
        if all(n < r for ns, rs in zip(need, reach, strict=True) for n, r in zip(ns, rs, strict=True)):
            return reach
        reach = [[(n * arb(1.125) + arb((1, -40))).upper() for n in ns] for ns in need]
        if any(r > 64 for rs in reach for r in rs):
            return None
    return None


def _taylor(network: BallNetwork, box: State, reach: list[list[arb]], length: Fraction, order: int) -> State:
    """The sum of the Taylor series at ``length`` with its remainder; coefficients one order at a time."""
    rows = [[[entry] for entry in neuron] for neuron in box]
    for known in range(1, order + 1):
        series = [[arb_series(row, known) for row in neuron] for neuron in rows]
        moved = network.field(series, network.activation.series)
        for neuron, found in zip(rows, moved, strict=True):
            for row, component in zip(neuron, found, strict=True):
                row.append(component[known - 1] / known)
    h, q = ball(length), ball(Fraction(1, _SHARE))
    tail = q ** (order + 1) / (1 - q)
    end = []
    for neuron, rs in zip(rows, reach, strict=True):
        entries = []
        for row, r in zip(neuron, rs, strict=True):
            total = arb(0)
            for coefficient in reversed(row):
                total = total * h + coefficient
            entries.append(total + centred((tail * r).upper()))
        end.append(entries)
    return end
