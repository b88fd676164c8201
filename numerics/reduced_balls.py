"""The reduced system in balls, from its exact solution B1, and its proved distance from the full network.

The solution is the one that `theory` derives, printed by its generator for ball arithmetic: P, Q and t as functions of
v. It is inverted by bracketing: t(v) increases, so t(v₁) ≤ t ≤ t(v₂) in balls puts v between, however the guess for v
was made; and P increases with v and with t. Q does not where P < 0, and comes from Q² − P² = 4AB.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb

from numerics.balls.dyadic import ball, centred, square
from numerics.balls.polynomial import value_range
from numerics.errors import InputError
from numerics.integrate.enclosure import Enclosure, TubeStep
from numerics.precision import working_precision
from numerics.reduced import descent_solution


@lru_cache(maxsize=1)
def _code() -> Callable[..., Any]:
    from theory.codegen.ball import ball_expression

    solution = descent_solution()
    return ball_expression([solution.P, solution.t], [solution.v, solution.A, solution.B], "descent")


@dataclass(frozen=True)
class ReducedDescent:
    """P and Q of the reduced system from P(0) = A − B, Q(0) = A + B, for all A and B in the balls.

    InputError unless A > 0, B ≥ 0 up to its radius, and P(0) < 1.
    """

    A: arb
    B: arb

    def __post_init__(self) -> None:
        if not (self.A > 0 and self.B.is_finite() and not self.B < 0 and self.A - self.B < 1):
            raise InputError("The reduced solution needs 0 ≤ |P(0)| ≤ Q(0), Q(0) > −P(0) and P(0) < 1.")

    @classmethod
    def starting_with(cls, enclosure: Enclosure) -> ReducedDescent:
        """From the order parameters of the initial box: A = ¼Σ(a + w)², B = ¼Σ(a − w)², both without cancellation."""
        with working_precision(enclosure.bits):
            plus, minus = arb(0), arb(0)
            for a, w, *_ in enclosure.initial:
                plus = plus + square(a + w)
                minus = minus + square(a - w)
            return cls(plus / 4, minus / 4)

    def at(self, time: Fraction) -> tuple[arb, arb]:
        """Balls that contain P and Q at a time. Not finite where no lower end of a bracket was found."""
        if time == 0:
            return self._with_partner(self.A - self.B)
        t = ball(time)
        guess = self._guess(t)
        low = self._bracket(guess, -1, lambda found: bool(found <= t))
        high = self._bracket(guess, 1, lambda found: bool(found >= t))
        if low is None:
            return arb("nan"), arb("nan")
        # P < 1 at all times: what is left where v is too close to its limit, at which t is infinite.
        return self._with_partner(low.union(arb(1) if high is None else high))

    def _bracket(self, guess: arb, side: int, holds: Callable[[arb], bool]) -> arb | None:
        """P at a v beside the guess whose time is certainly on the right side."""
        for spread in (-44, -36, -28, -20, -12):
            v = (guess * (1 + side * arb((1, spread)))).mid()
            P, t = _code()(v if v > 1 else arb(1), self.A, self.B)
            if holds(t):
                bound: arb = P
                return bound
        return None

    def _with_partner(self, P: arb) -> tuple[arb, arb]:
        return P, (square(P) + 4 * self.A * self.B).sqrt()

    def _guess(self, t: arb) -> arb:
        """v(t) by Möbius inversion, on midpoints: a guess, so nothing has to be exact."""
        A, B = self.A.mid(), self.B.mid()
        root = (1 + 4 * A * B).sqrt()
        low, high = (1 - root) / (2 * A), (1 + root) / (2 * A)
        ratio = (2 * root * t).exp() * (1 - low) / (high - 1)
        guess: arb = ((low + ratio * high) / (1 + ratio)).mid()
        return guess

    def slope_over(self, low: Fraction, high: Fraction) -> arb:
        """dP/dt = 2Q(1 − P) over [low, high], as P increases."""
        P, Q = self._with_partner(self.at(low)[0].union(self.at(high)[0]))
        return 2 * Q * (1 - P)


@dataclass(frozen=True)
class Gap:
    """max_t |P_full − P_reduced| on [0, until]: between ``low``, which is reached near ``place``, and ``high``."""

    low: arb
    high: arb
    place: Fraction
    pieces: int


def largest_gap(
    enclosure: Enclosure, until: Fraction | None = None, share: float = 0.01, budget: int = 20_000
) -> Gap:
    """Bounds of the largest |P_full − P_reduced|, no further apart than ``share`` of it if the budget allows.

    On a piece the difference is its value in the middle, within half the length times the bound of its derivative; the
    piece with the largest bound is halved next. Bounds that are not finite come out as they are.
    """
    end = enclosure.reached if until is None else until
    reduced = ReducedDescent.starting_with(enclosure)
    with working_precision(enclosure.bits):
        best, place = arb(0), Fraction(0)
        heap: list[tuple[float, int, TubeStep, Fraction, Fraction, arb]] = []
        count = 0

        def push(step: TubeStep, a: Fraction, b: Fraction) -> None:
            nonlocal best, place, count
            value, bound = _difference(reduced, step, a, b)
            count += 1
            if value.is_finite() and value.abs_lower() > best:
                best, place = value.abs_lower(), step.start + (a + b) / 2
            order = -float(bound) if bound.is_finite() else float("-inf")
            heapq.heappush(heap, (order, count, step, a, b, bound))

        for step, a, b in enclosure.pieces(Fraction(0), end):
            push(step, a, b)
        while count < budget and not heap[0][-1] <= best * (1 + arb(share)):
            *_, step, a, b, _ = heapq.heappop(heap)
            push(step, a, (a + b) / 2)
            push(step, (a + b) / 2, b)
        high = arb(0)
        for *_, bound in heap:
            if not bound.is_finite():
                return Gap(best, arb("inf"), place, count)
            high = bound if bound > high else high
        return Gap(best, high, place, count)


def _difference(reduced: ReducedDescent, step: TubeStep, a: Fraction, b: Fraction) -> tuple[arb, arb]:
    """The difference in the middle of a piece, and an upper bound of its size on the piece."""
    middle = (a + b) / 2
    poly = step.order_parameters[0]
    error = step.order_parameter_error(a, b)
    value = poly(ball(middle)) - reduced.at(step.start + middle)[0]
    slope = value_range(poly.derivative(), a, b) - reduced.slope_over(step.start + a, step.start + b)
    reach = abs(slope) * ball((b - a) / 2) + error
    return value + centred(error), (abs(value) + reach).upper()
