"""Whether a run breaks a bound, in balls: nothing of the measurement that found the run is used again.

The flow is enclosed (`numerics.integrate.tube`): on each step the weights are polynomials p of time, known exactly, and
the solution is off them by e at most. What an integrand makes of the polynomials is analytic, but for the largest of
several of them; its integral is bounded from above piece by piece, with the one that is largest in the middle and as
much as another may exceed it by. The remainders f, g of (7) hold rates of the solution, which are p' but for
∫‖x' − p'‖ ≤ ∫‖F(x) − F(p)‖ + ∫‖F(p) − p'‖ ≤ Λ e h + defect, with ‖DF‖ ≤ Λ by Cauchy's estimate on a complex box.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import acb, arb, arb_poly

from numerics.balls.dyadic import ball, centred, square
from numerics.balls.network import BallNetwork, State
from numerics.balls.polynomial import value_range
from numerics.balls.samples import of_dataset
from numerics.integrate.enclosure import TubeStep
from numerics.integrate.tube import Settings, enclose
from numerics.precision import working_precision
from verify.papers.multistage.trajectory_runs import CONSTANTS, Start, data_of

BITS = 64
_HALVED = 8
"""How often the pieces of a step are halved at most."""

_NEAR = arb((1, -30))
"""As much as another candidate may exceed the chosen one by, relative to the largest, without a further cut."""

_BOX = Fraction(1, 16)
"""Radius of the complex box on which Λ is sought first; it is halved until the field is analytic there."""


@dataclass(frozen=True)
class Part:
    """One step: polynomials of the time since its ``start``, a (m,) and w (m, d).

    ``off`` ≥ |x − p| for every weight, ``rough`` ≥ ∫‖x' − p'‖ over the step.
    """

    start: Fraction
    length: Fraction
    a: list[arb_poly]
    w: list[list[arb_poly]]
    off: arb
    rough: arb

    def largest(self, polynomial: arb_poly) -> arb:
        """A bound of |polynomial| over the step."""
        bound: arb = value_range(polynomial, Fraction(0), self.length).abs_upper()
        return bound

    def off_product(self, p: arb_poly, q: arb_poly, p_off: arb, q_off: arb) -> arb:
        """How far a product may be off p q, where its factors are off p and q by so much."""
        return self.largest(p) * q_off + self.largest(q) * p_off + p_off * q_off


@dataclass(frozen=True)
class Flow:
    """An enclosed run up to ``until``; ``first`` and ``last`` are the weights (a, w) at its ends, in balls.

    ``different`` are the neurons with different starts: those with equal ones stay equal.
    """

    parts: list[Part]
    first: State
    last: State
    different: list[int]
    until: arb
    L: arb
    D: arb
    F: arb


Judged = tuple[list[arb], arb]
"""Left sides of a bound at the end of a run, of which any may break it, and a bound of the right side from above."""

BallSides = Callable[[Flow], Judged]


def broken(start: Start, sides: BallSides, until: float) -> bool:
    """Whether the bound is certainly broken at that time, on the data's own floats."""
    with working_precision(BITS):
        found = flow_of(start, until)
        if found is None:
            return False
        left, right = sides(found)
        return any(value > right for value in left)


def flow_of(start: Start, until: float) -> Flow | None:
    """The flow from there, at the precision that is set; None where it was not enclosed."""
    data = data_of(start.data)
    network = BallNetwork.named(start.activation, of_dataset(data))
    found = enclose(network, start.weights, until, Settings(bits=BITS))
    if found.status != "PROVED":
        return None
    parts = []
    for step in found.steps:
        steepness = _steepness(network, step)
        if steepness is None:
            return None
        off, rows = step.radii[-1], step.polynomials
        rough = steepness * off * ball(step.length) + step.defect
        parts.append(
            Part(step.start, step.length, [p[0] for p in rows], [list(p[1:]) for p in rows], off, rough)
        )
    whole = of_dataset(data, odd=False)
    reach = arb(0)
    for x in whole.x:
        reach = reach.max(_total(square(c) for c in x))
    return Flow(
        parts,
        [[ball(value) for value in row] for row in start.weights],
        found.state(found.until),
        [k for k, row in enumerate(start.weights) if row not in start.weights[:k]],
        ball(found.until),
        arb(CONSTANTS[start.activation]),
        reach.sqrt(),
        _total(rho * abs(y) for rho, y in zip(whole.weights, whole.y, strict=True)),
    )


def _total(values: Iterable[arb]) -> arb:
    return sum(values, arb(0))


def _steepness(network: BallNetwork, step: TubeStep) -> arb | None:
    """Λ ≥ ‖DF‖ on the tube of a step: F is bounded by M on the complex ball of radius r around, so DF by M/r."""
    box = step.box(Fraction(0), step.length)
    radius = _BOX
    while radius > Fraction(1, 2**20):
        around = centred(ball(radius))
        speed = network.speed_bound([[acb(entry + around, around) for entry in row] for row in box])
        if speed is not None:
            return speed / ball(radius)
        radius /= 2
    return None


Integrand = Callable[[acb, acb, bool], acb]
"""Of the local time, the largest candidate, and whether to answer only where analytic. Real and growing with it."""


def integral_above(part: Part, candidates: Sequence[arb_poly], integrand: Integrand) -> arb:
    """A bound from above of ∫ integrand(s, max_c candidate_c(s)) ds over the step."""

    def over(low: Fraction, high: Fraction, leader: arb_poly, excess: arb) -> arb:
        def at(z: acb, analytic: bool) -> acb:
            return integrand(z, leader(z) + excess, analytic)

        found: acb = acb.integral(at, ball(low), ball(high), rel_tol=_NEAR)
        bound: arb = found.real
        return bound

    return _total(over(*piece) for piece in _pieces(candidates, Fraction(0), part.length, _HALVED))


def _pieces(
    candidates: Sequence[arb_poly], low: Fraction, high: Fraction, cuts: int
) -> Iterator[tuple[Fraction, Fraction, arb_poly, arb]]:
    """The interval in pieces, each with a candidate and how much another may exceed it by there."""
    middle = ball((low + high) / 2)
    leader = max(candidates, key=lambda candidate: float(candidate(middle)))
    excess = arb(0)
    for candidate in candidates:
        if candidate is not leader:
            excess = excess.max(value_range(candidate - leader, low, high).upper())
    if not cuts or not excess > _NEAR * value_range(leader, low, high).abs_upper():
        yield low, high, leader, excess
        return
    for ends in ((low, (low + high) / 2), ((low + high) / 2, high)):
        yield from _pieces(candidates, *ends, cuts - 1)


def gronwall(flow: Flow, growth: float = 1.0, factor: float = 1.0) -> Judged:
    """As `trajectory_runs.gronwall`, with q² the largest of a_k² and ‖w_k‖²."""
    m, L, D, F, rate = len(flow.first), flow.L, flow.D, flow.F, arb(growth)
    right = arb(0)
    for part in flow.parts:
        sizes = []
        for k in flow.different:
            for entries in ([part.a[k]], part.w[k]):
                wide = _total(part.off_product(p, p, part.off, part.off) for p in entries)
                sizes.append(_summed(p * p for p in entries) + wide)

        left_over = flow.until - ball(part.start)

        def source(s: acb, square_of_q: acb, analytic: bool, until: arb = left_over) -> acb:
            q = square_of_q.sqrt(analytic=analytic)
            terms = m * q**3 + L * D**3 * F * q**3 + 2 * m * L * D**4 * q**5 + m * L**2 * D**6 * q**7
            return ((until - s) * rate).exp() * terms

        right += integral_above(part, sizes, source)
    cosh, sinh = flow.until.cosh(), flow.until.sinh()
    left = []
    for (a, *w), (moved, *turned) in zip(flow.first, flow.last, strict=True):
        left.append(abs(moved - a * cosh - w[0] * sinh))
        across_e1 = _total(square(y - x) for x, y in zip(w[1:], turned[1:], strict=True))
        left.append((square(turned[0] - w[0] * cosh - a * sinh) + across_e1).sqrt())
    return left, arb(factor) * right


def across(flow: Flow, width: bool = True, factor: float = 1.0) -> Judged:
    """As `trajectory_runs.across`."""
    total = arb(0)
    for part in flow.parts:
        pull, pull_off = _pull(part, 1)
        candidates = []
        for k in flow.different:
            wide = part.off_product(part.a[k], pull, part.off, pull_off)
            candidates += _both_signs(part.w[k][1].derivative() - part.a[k] * pull, wide)
        total += integral_above(part, candidates, lambda s, largest, analytic: largest) + part.rough
    before, after = (_total(square(row[2]) for row in state).sqrt() for state in (flow.first, flow.last))
    root = arb(len(flow.first) if width else 1).sqrt()
    return [after - before], arb(factor) * root * total


def balanced(flow: Flow, rest: float = 1.0, cross: float = 1.0) -> Judged:
    """As `trajectory_runs.balanced`."""
    m, right = len(flow.first), arb(0)
    for part in flow.parts:
        dims = range(len(part.w[0]))
        pulls = [_pull(part, i) for i in dims]
        candidates = []
        for k in flow.different:
            f, f_off = part.a[k].derivative(), arb(0)
            for (pull, pull_off), w in zip(pulls, part.w[k], strict=True):
                f, f_off = f - w * pull, f_off + part.off_product(w, pull, part.off, pull_off)
            g_off = part.off_product(part.a[k], pulls[0][0], part.off, pulls[0][1])
            candidates += _both_signs(f, f_off)
            candidates += _both_signs(part.w[k][0].derivative() - part.a[k] * pulls[0][0], g_off)
        Q = _squares(part, [*part.a, *(w[0] for w in part.w)]) * (arb(1) / 2)
        V2 = _squares(part, [entry for w in part.w for entry in w[1:]])

        def source(s: acb, largest: acb, analytic: bool, Q: arb_poly = Q, V2: arb_poly = V2) -> acb:
            H = 2 * (Q(s) * m).sqrt(analytic=analytic) * largest
            return 2 * arb(cross) * V2(s) * Q(s) + arb(rest) * H

        right += integral_above(part, candidates, source)
        right += arb(rest) * 2 * (part.largest(Q) * m).sqrt() * part.rough
    return [_gap(flow.last) - _gap(flow.first)], right


def _pull(part: Part, i: int) -> tuple[arb_poly, arb]:
    """z_i − Σ a_k w_k^(i+1) for z = e₁, and how far the solution's may be off it."""
    sums = _summed(a * w[i] for a, w in zip(part.a, part.w, strict=True))
    off = _total(part.off_product(a, w[i], part.off, part.off) for a, w in zip(part.a, part.w, strict=True))
    return arb_poly([1 if i == 0 else 0]) - sums, off


def _squares(part: Part, entries: Sequence[arb_poly]) -> arb_poly:
    """At least the sum of squares of these weights of the solution."""
    wide = _total(part.off_product(p, p, part.off, part.off) for p in entries)
    return _summed(p * p for p in entries) + wide


def _summed(polynomials: Iterable[arb_poly]) -> arb_poly:
    return sum(polynomials, arb_poly([0]))


def _both_signs(polynomial: arb_poly, wide: arb) -> list[arb_poly]:
    return [polynomial + wide, wide - polynomial]


def _gap(state: State) -> arb:
    """√(Q² − P²) = ½ √(Σ(a + w)² Σ(a − w)²)."""
    plus, minus = (_total(square(row[0] + sign * row[1]) for row in state) for sign in (1, -1))
    gap: arb = (plus * minus).sqrt() / 2
    return gap
