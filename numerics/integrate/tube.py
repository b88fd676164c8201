"""Rigorous enclosures of the full network's flow: a Euclidean tube around an approximate trajectory.

On a step [0, h] let p be any polynomial with exact coefficients, ‖x(0) − p(0)‖ ≤ e, and ∫₀ʰ‖p' − F(p)‖ ≤ D. If μ(t)
bounds the logarithmic 2-norm of the Jacobian of F = −∇R on the ball of radius E around p(t), and

    e_t = (e + D) exp ∫₀ᵗ max(μ, 0) < E   on [0, h],

then the solution exists on [0, h] and ‖x(t) − p(t)‖ ≤ e_t there: while it stays in the tube its distance d obeys
D⁺d ≤ μ d + ‖p' − F(p)‖ (the mean value theorem along the segment from p to x, which lies in the ball), so d ≤ e_t < E,
and it cannot be the first time that it leaves. Boxes are never wrapped around turned sets, so the radius grows like the
flow itself. μ comes from `BallNetwork.growth_bound`. The defect's first N coefficients are computed in balls; it is
analytic on |t| < ρ if the field is analytic on the complex box that holds p(|t| ≤ ρ), and Cauchy's estimate with
M = sup‖F‖ there bounds the rest: Σ_{j≥N} M (t/ρ)^j, whose integral is at most M (h/ρ)^N h / ((N + 1)(1 − h/ρ)).
p is corrected in floating point, which needs no rigour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import numpy as np
from flint import acb, arb, arb_poly, arb_series

from numerics.array import FloatArray
from numerics.balls.dyadic import ball, centred, dyadic_time, norm_bound, spread_bound
from numerics.balls.network import BallNetwork, State
from numerics.balls.polynomial import value_range
from numerics.errors import InputError
from numerics.integrate.enclosure import Enclosure, TubeStep
from numerics.integrate.taylor import ChainMaker, Samples, expand
from numerics.integrate.taylor_of_formula import FormulaChain
from numerics.precision import check_bits, working_precision

_PARTS = 4  # subintervals of a step on which μ is bounded
_GUESSES = 8
_LONGEST = Fraction(2)
_SHORTEST = Fraction(1, 2**20)
_GRAIN = 2**12  # steps are whole multiples of 1/4096 as long as they are not shorter than that


@dataclass(frozen=True)
class Settings:
    """How an enclosure is computed.

    bits:      precision of the balls.
    terms:     Taylor terms of a step; 0: from the precision.
    max_steps: the budget; what is reached within it is kept.
    widest:    radius beyond which a tube says nothing any more.
    memory:    bytes that the polynomials of all steps may take, estimated; the run ends before it takes more.
    """

    bits: int = 80
    terms: int = 0
    max_steps: int = 100_000
    widest: float = 10.0
    memory: int = 2**32

    def __post_init__(self) -> None:
        check_bits(self.bits)
        if self.terms < 0 or self.max_steps < 0 or self.memory < 0:
            raise InputError("The number of terms, of steps and of bytes must not be negative.")

    @property
    def order(self) -> int:
        """N, the number of terms."""
        return self.terms or max(8, math.ceil(0.4 * self.bits))

    def bytes_of_step(self, entries: int) -> int:
        """What a step of that many weights takes: 48 bytes a coefficient, and its digits where they are many."""
        return entries * (self.order + 1) * (48 + (self.bits // 8 if self.bits > 128 else 0))


@dataclass
class _Progress:
    """What one step hands on to the next: the step that was good last time, and how fast errors grew."""

    length: Fraction = Fraction(1, 4)
    growth: float = 1.0
    steps: list[TubeStep] = field(default_factory=list)


class _Refused(Exception):
    """A step that cannot be enclosed; the text says why."""


def enclose(
    network: BallNetwork,
    initial: Sequence[Sequence[float | Fraction | arb]],
    until: float | Fraction,
    settings: Settings | None = None,
    progress: Callable[[float], None] | None = None,
) -> Enclosure:
    """Enclose the solutions from all initial weights in the box ``initial`` on [0, ``until``].

    ``initial`` holds m rows (a, w1, …, wd): floats (exactly the binary numbers that they are), fractions, or balls of
    any radius. The result has status PROVED where the whole interval is enclosed; UNDECIDED, with the reason, the time
    reached and everything up to it, where it is not (KeyboardInterrupt included). InputError for a box that is empty,
    not finite or of the wrong shape, a horizon that is not finite, or a precision that makes no sense.
    """
    chosen = Settings() if settings is None else settings
    horizon = dyadic_time(until, "The horizon")
    with working_precision(chosen.bits, chosen.order):
        start = checked_box(network, initial)
        centre, radius = recentred(start)
        reached, known, reason = Fraction(0), _Progress(), ""
        try:
            while reached < horizon:
                if len(known.steps) >= chosen.max_steps:
                    reason = f"the budget of {chosen.max_steps} steps is used up"
                    break
                if (len(known.steps) + 1) * chosen.bytes_of_step(len(start) * len(start[0])) > chosen.memory:
                    reason = f"the steps take more than {chosen.memory} bytes"
                    break
                step, centre, radius = _advance(network, chosen, centre, radius, reached, horizon, known)
                known.steps.append(step)
                reached += step.length
                if progress is not None:
                    progress(float(reached))
        except _Refused as refused:
            reason = str(refused)
        except KeyboardInterrupt:
            reason = "interrupted"
    if reason:
        reason = f"Enclosed up to t = {float(reached):.6g} of {float(horizon):.6g}: {reason}."
    return Enclosure(network, start, horizon, chosen.bits, tuple(known.steps), reason)


def checked_box(network: BallNetwork, initial: Sequence[Sequence[float | Fraction | arb]]) -> State:
    """The initial box as balls."""
    box = [[ball(entry) for entry in neuron] for neuron in initial]
    size = 1 + network.data.dim
    if not box or any(len(neuron) != size for neuron in box):
        raise InputError(
            f"The initial weights need at least one row, each of {size} numbers: a, w1 to w{size - 1}."
        )
    for k, neuron in enumerate(box):
        for entry in neuron:
            if not entry.is_finite():
                raise InputError(f"The initial weights of neuron {k + 1} are not a finite, non-empty box.")
    return box


def _advance(
    network: BallNetwork,
    settings: Settings,
    centre: State,
    radius: arb,
    start: Fraction,
    horizon: Fraction,
    known: _Progress,
) -> tuple[TubeStep, State, arb]:
    """One step from ``start``, halved until it is accepted; with the next centre and radius."""
    rows, disc, speed = _polynomials(network, settings, centre)
    length = min(_suggested(settings, rows, disc, speed), 2 * known.length, horizon - start)
    while True:
        step = _try(network, settings, rows, disc, speed, radius, start, length, known)
        if isinstance(step, TubeStep):
            break
        if length / 2 < _SHORTEST:
            raise _Refused(step)
        length = _rounded_time(length / 2)
    known.length = length if length < horizon - start else max(length, known.length)
    end = step.state_polynomials_at(length)
    following, moved = recentred(end)
    wider = (step.radii[-1] + moved).upper()
    if not wider.is_finite() or not wider < settings.widest:
        raise _Refused(f"the radius of the tube passed {settings.widest:g}")
    return step, following, wider


def recentred(box: State) -> tuple[State, arb]:
    """Exact centres of the balls, and the Euclidean distance that the rest of the box may have from them."""
    centre = [[entry.mid() for entry in neuron] for neuron in box]
    return centre, spread_bound(entry for neuron in box for entry in neuron)


def _rounded_time(length: Fraction) -> Fraction:
    grain = _GRAIN if length * _GRAIN >= 1 else 2**40
    return Fraction(max(1, math.floor(length * grain)), grain)


def _suggested(settings: Settings, rows: list[list[arb_poly]], disc: Fraction, speed: arb) -> Fraction:
    """The length at which Cauchy's bound of the defect is as small as rounding."""
    size = max(abs(float(poly[0])) for neuron in rows for poly in neuron)
    if size == 0.0 or not float(speed) > 0.0:
        return min(_LONGEST, disc / 2)
    share = math.log(size) - settings.bits * math.log(2.0) - math.log(float(speed))
    ratio = min(math.exp(share / settings.order), 0.5)
    return min(_rounded_time(Fraction(ratio) * disc), _LONGEST)


def _polynomials(
    network: BallNetwork, settings: Settings, centre: State
) -> tuple[list[list[arb_poly]], Fraction, arb]:
    """p through the centre, a disc |t| ≤ ρ on which the field is analytic along p, and M there."""
    data, terms = network.data, settings.order
    samples = Samples(
        np.array([[float(c) for c in x] for x in data.x]),
        np.array([float(y) for y in data.y]),
        np.array([float(rho) for rho in data.weights]),
    )
    approximate = np.array([[float(entry) for entry in neuron] for neuron in centre])
    if not np.all(np.isfinite(approximate)):
        raise _Refused("the weights are beyond double precision")
    with np.errstate(all="ignore"):
        expansion = expand(_chain(network), samples, approximate, terms)
        if not np.all(np.isfinite(expansion.state)):
            raise _Refused("the Taylor coefficients overflow")
        table = [
            [
                [centre[k][j], *(arb(c) for c in expansion.state[1:, k, j].tolist())]
                for j in range(len(centre[k]))
            ]
            for k in range(len(centre))
        ]
        for _ in range(math.ceil(max(settings.bits - 50, 0) / 45)):
            defect = defect_coefficients(network, table, terms)
            measured = np.array([[[float(c) for c in row] for row in neuron] for neuron in defect])
            change = expansion.correct(np.moveaxis(measured, 2, 0))
            if not np.all(np.isfinite(change)):
                raise _Refused("the correction of the Taylor coefficients is not finite")
            for k, neuron in enumerate(table):
                for j, row in enumerate(neuron):
                    for order, add in enumerate(change[:, k, j].tolist()):
                        if order:
                            row[order] = (row[order] + arb(add)).mid()
    disc, speed = _disc(network, table, expansion.state)
    return [[arb_poly(row) for row in neuron] for neuron in table], disc, speed


def _chain(network: BallNetwork) -> str | ChainMaker:
    activation = network.activation
    if activation.trees is None:
        return activation.name
    return partial(FormulaChain, activation.trees, activation.scale)


def defect_coefficients(
    network: BallNetwork, table: list[list[list[arb]]], terms: int
) -> list[list[list[arb]]]:
    """The coefficients of F(p) − p' below ``terms``, in balls: (m, 1 + d, terms)."""
    state = [[arb_series(row[:terms], terms) for row in neuron] for neuron in table]
    moved = network.field(state, network.activation.series)
    found = []
    for neuron, exact in zip(moved, table, strict=True):
        rows = []
        for series, row in zip(neuron, exact, strict=True):
            coefficients = series.coeffs()
            coefficients += [arb(0)] * (terms - len(coefficients))
            rows.append([c - row[j + 1] * (j + 1) for j, c in enumerate(coefficients)])
        found.append(rows)
    return found


def _disc(
    network: BallNetwork, table: list[list[list[arb]]], approximate: FloatArray
) -> tuple[Fraction, arb]:
    """The largest tried ρ with a finite sup‖F‖ = M on the box that holds p(|t| ≤ ρ)."""
    sizes = np.abs(approximate).reshape(len(approximate), -1).max(axis=1)
    terms = len(sizes) - 1
    tail = [j for j in range(max(2, (2 * terms) // 3), terms + 1) if sizes[j] > 0]
    near = max(sizes[0], sizes[1], 1e-300)
    estimate = min((float((near / sizes[j]) ** (1.0 / j)) for j in tail), default=16.0)
    rho = _rounded_time(Fraction(min(max(0.8 * estimate, 2.0**-12), 16.0)))
    for _ in range(40):
        speed = network.speed_bound(complex_box(table, ball(rho)))
        if speed is not None:
            return rho, speed
        rho = _rounded_time(rho * Fraction(3, 4))
    raise _Refused("no disc was found on which the field is analytic")


def complex_box(table: list[list[list[arb]]], rho: arb) -> list[list[acb]]:
    """A box that contains p(t) for every complex |t| ≤ ρ."""
    box = []
    for neuron in table:
        entries = []
        for row in neuron:
            reach = arb(0)
            for coefficient in reversed(row[1:]):
                reach = (reach + abs(coefficient)) * rho
            around = centred(reach.upper())
            entries.append(acb(row[0] + around, around))
        box.append(entries)
    return box


def _defect_bound(
    network: BallNetwork, rows: list[list[arb_poly]], disc: Fraction, speed: arb, length: Fraction, terms: int
) -> arb:
    """A bound of ∫₀ʰ ‖p' − F(p)‖."""
    table = [[[poly[j] for j in range(terms + 1)] for poly in neuron] for neuron in rows]
    coefficients = defect_coefficients(network, table, terms)
    h, ratio = ball(length), ball(length / disc)
    total, power = arb(0), h
    for j in range(terms):
        total += norm_bound(row[j] for neuron in coefficients for row in neuron) * power / (j + 1)
        power *= h
    tail = speed * ratio**terms * h / ((terms + 1) * (1 - ratio))
    return (total + tail).upper()


def _try(
    network: BallNetwork,
    settings: Settings,
    rows: list[list[arb_poly]],
    disc: Fraction,
    speed: arb,
    radius: arb,
    start: Fraction,
    length: Fraction,
    known: _Progress,
) -> TubeStep | str:
    """The step of this length, or why there is none."""
    if not length < disc:
        return "the step is longer than the disc of analyticity"
    defect = _defect_bound(network, rows, disc, speed, length, settings.order)
    base = (radius + defect).upper()
    if not base.is_finite():
        return "the defect of the approximate solution has no finite bound"
    part = length / _PARTS
    ranges = [
        [[value_range(poly, part * i, part * (i + 1)) for poly in neuron] for neuron in rows]
        for i in range(_PARTS)
    ]
    guess = (
        (base * arb(min(known.growth * float(length), 50.0)).exp() + arb((1, -10 * settings.bits)))
        * arb(1.06)
    ).upper()
    for _ in range(_GUESSES):
        if not guess < settings.widest:
            return f"the radius of the tube passed {settings.widest:g}"
        rates, radii, total = [], [], arb(0)
        for box in ranges:
            rate = growth_over(network, box, guess)
            if not rate.is_finite():
                return "the growth of errors has no finite bound (a number is not finite)"
            rates.append(rate)
            total = total + rate * ball(part)
            radii.append((base * total.exp()).upper())
        if radii[-1].is_finite() and radii[-1] < guess:
            known.growth = float(total) / float(length)
            return TubeStep(
                start, length, tuple(tuple(neuron) for neuron in rows), radius, disc, speed, defect,
                tuple(rates), tuple(radii), guess,
            )  # fmt: skip
        guess = (radii[-1] * arb(1.06)).upper()
        if not guess.is_finite():
            return "the radius of the tube is not finite"
    return "no tube around the approximate solution was found that keeps the solution inside"


def growth_over(network: BallNetwork, box: State, radius: arb) -> arb:
    """An upper bound, at least 0, of the logarithmic norm within ``radius`` of the states in ``box``."""
    around = centred(radius)
    wide = [[entry + around for entry in neuron] for neuron in box]
    if radius > arb((1, -20)):
        # The residual moves by no more than E sup‖∇f_i‖: less than the sum over neurons of what each may do.
        sway = network.gradient_bounds(wide)
        residuals = [r + centred(radius * s) for r, s in zip(network.residuals(box), sway, strict=True)]
    else:
        residuals = network.residuals(wide)
    return network.growth_bound(wide, residuals)
