"""A rigorous enclosure of a trajectory: polynomials with exact coefficients, and how far the truth is from them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb, arb_poly

from numerics.balls.dyadic import ball, centred, float_above, norm_bound, square
from numerics.balls.network import BallNetwork, State
from numerics.balls.polynomial import value_range
from numerics.errors import InputError
from numerics.precision import working_precision

PROVED, UNDECIDED = "PROVED", "UNDECIDED"


@dataclass(frozen=True)
class TubeStep:
    """One step [start, start + length]; time inside it is measured from its start.

    Attributes
    ----------
    polynomials:
        m rows of 1 + d polynomials p(t) with exact coefficients.
    radius:
        e ≥ ‖x(0) − p(0)‖.
    disc, speed, defect:
        ρ of Cauchy's estimate, M = sup‖F‖ on the complex box, and the bound of ∫‖p' − F(p)‖.
    rates, radii:
        On equal parts of the step: bounds of the logarithmic norm, and e_t ≥ ‖x(t) − p(t)‖ up to the part's end.
    tube:
        E, the radius within which the rates hold.
    """

    start: Fraction
    length: Fraction
    polynomials: tuple[tuple[arb_poly, ...], ...]
    radius: arb
    disc: Fraction
    speed: arb
    defect: arb
    rates: tuple[arb, ...]
    radii: tuple[arb, ...]
    tube: arb

    @property
    def end(self) -> Fraction:
        """The time at which the step ends."""
        return self.start + self.length

    def radius_up_to(self, local: Fraction) -> arb:
        """A bound of ‖x − p‖ on [0, local]."""
        part = self.length / len(self.radii)
        for i, radius in enumerate(self.radii):
            if local <= part * (i + 1):
                return radius
        raise ValueError("the time is beyond the step")

    def state_polynomials_at(self, local: Fraction) -> State:
        """p(local) in balls."""
        time = ball(local)
        return [[poly(time) for poly in neuron] for neuron in self.polynomials]

    def box(self, low: Fraction, high: Fraction) -> State:
        """Balls that contain every weight on [low, high], times local."""
        around = centred(self.radius_up_to(high))
        return [[entry + around for entry in neuron] for neuron in self.centre_box(low, high)]

    def centre_box(self, low: Fraction, high: Fraction) -> State:
        """Balls that contain the polynomials' values on [low, high], times local."""
        return [[value_range(poly, low, high) for poly in neuron] for neuron in self.polynomials]

    @cached_property
    def order_parameters(self) -> tuple[arb_poly, arb_poly]:
        """Σ a_k w_k^(1) and ½ Σ (a_k² + (w_k^(1))²) of the polynomials: balls as coefficients."""
        P = arb_poly([0])
        Q = arb_poly([0])
        for neuron in self.polynomials:
            a, w = neuron[0], neuron[1]
            P = P + a * w
            Q = Q + (a * a + w * w)
        return P, Q * arb_poly([arb((1, -1))])

    def order_parameter_error(self, low: Fraction, high: Fraction) -> arb:
        """How far P and Q of the solution may be from those of the polynomials on [low, high].

        |ΔP| ≤ ‖(w, a)‖ E + ½E² and |ΔQ| ≤ ‖(a, w)‖ E + ½E² with ‖(a, w)‖² = 2Q.
        """
        radius = self.radius_up_to(high)
        size = (value_range(self.order_parameters[1], low, high).abs_upper() * 2).sqrt()
        return (size * radius + radius * radius / 2).upper()


@dataclass(frozen=True)
class Enclosure:
    """All solutions from the box ``initial``, enclosed on [0, reached].

    ``status`` is PROVED when ``reached`` is the horizon ``until`` and no radius was lost; otherwise UNDECIDED, and
    ``reason`` is a sentence. Everything on [0, reached] is proved in either case. Times are dyadic and exact.
    """

    network: BallNetwork
    initial: State
    until: Fraction
    bits: int
    steps: tuple[TubeStep, ...]
    reason: str = ""

    @property
    def reached(self) -> Fraction:
        """The time up to which the solutions are enclosed."""
        return self.steps[-1].end if self.steps else Fraction(0)

    @property
    def status(self) -> str:
        """PROVED or UNDECIDED."""
        sound = all(radius.is_finite() for step in self.steps for radius in step.radii)
        return PROVED if sound and self.reached == self.until and not self.reason else UNDECIDED

    @property
    def radius(self) -> float:
        """A bound of the Euclidean distance of the solution from the polynomial at the end, rounded up."""
        return float_above(self.steps[-1].radii[-1]) if self.steps else float_above(self._initial_radius)

    @property
    def largest_radius(self) -> float:
        """The same, the largest over all times."""
        return max((float_above(step.radii[-1]) for step in self.steps), default=self.radius)

    @property
    def _initial_radius(self) -> arb:
        return norm_bound(entry.rad() for neuron in self.initial for entry in neuron)

    def pieces(self, low: Fraction, high: Fraction) -> list[tuple[TubeStep, Fraction, Fraction]]:
        """The steps that [low, high] meets, with the part of it inside each, in times of the step.

        InputError unless 0 ≤ low ≤ high ≤ reached.
        """
        if not self.steps or not 0 <= low <= high <= self.reached:
            raise InputError(
                f"The enclosure covers [0, {float(self.reached):.6g}]; "
                f"[{float(low):.6g}, {float(high):.6g}] is not inside."
            )
        index = min(bisect_right(self._starts, low) - 1, len(self.steps) - 1)
        found: list[tuple[TubeStep, Fraction, Fraction]] = []
        while index < len(self.steps) and (self.steps[index].start < high or not found):
            step = self.steps[index]
            found.append((step, max(low - step.start, Fraction(0)), min(high, step.end) - step.start))
            index += 1
        return found

    @cached_property
    def _starts(self) -> list[Fraction]:
        return [step.start for step in self.steps]

    def state(self, low: Fraction, high: Fraction | None = None) -> State:
        """Balls that contain every weight at a time, or throughout [low, high]: m rows (a, w1, …, wd)."""
        with working_precision(self.bits):
            return _joined(step.box(a, b) for step, a, b in self.pieces(low, low if high is None else high))

    def order_parameters(self, low: Fraction, high: Fraction | None = None) -> tuple[arb, arb]:
        """P and Q at a time, or throughout [low, high]."""
        with working_precision(self.bits):
            found = []
            for step, a, b in self.pieces(low, low if high is None else high):
                error = centred(step.order_parameter_error(a, b))
                found.append([[value_range(poly, a, b) + error for poly in step.order_parameters]])
            ((P, Q),) = _joined(found)
            return P, Q

    def norms(self, low: Fraction, high: Fraction | None = None) -> tuple[arb, arb]:
        """√Σ a² and √Σ‖w‖² at a time, or throughout [low, high]."""
        with working_precision(self.bits):
            found: list[State] = []
            for step, a, b in self.pieces(low, low if high is None else high):
                around = centred(step.radius_up_to(b))
                outer, inner = arb(0), arb(0)
                for neuron in step.polynomials:
                    first, *rest = (value_range(poly, a, b) for poly in neuron)
                    outer = outer + square(first)
                    inner = inner + sum((square(w) for w in rest), arb(0))
                found.append([[outer.sqrt() + around, inner.sqrt() + around]])
            ((norm_a, norm_w),) = _joined(found)
            return norm_a, norm_w

    def loss(self, low: Fraction, high: Fraction | None = None) -> arb:
        """R at a time, or throughout [low, high]."""
        with working_precision(self.bits):
            found: list[State] = []
            for step, a, b in self.pieces(low, low if high is None else high):
                radius = step.radius_up_to(b)
                sway = self.network.gradient_bounds(step.box(a, b))
                near = self.network.residuals(step.centre_box(a, b))
                moved = [r + centred((radius * s).upper()) for r, s in zip(near, sway, strict=True)]
                found.append([[self.network.loss(moved)]])
            return _joined(found)[0][0]


def _joined(boxes: Iterable[State]) -> State:
    """The smallest balls that contain all the boxes."""
    rest = iter(boxes)
    total = next(rest)
    for box in rest:
        total = [[x.union(y) for x, y in zip(xs, ys, strict=True)] for xs, ys in zip(total, box, strict=True)]
    return total
