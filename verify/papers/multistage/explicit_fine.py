"""Sharper explicit bounds: the initial plateau through the sums of squares of a + w and a − w, and the corollaries.

p = √(P + Q) and n = √(Q − P) obey |p' − (1 − P)p|, |n' + (1 − P)n| ≤ V_2 √Q + √(2m) B(q) (prop4.halves), where the
largest neuron and its logarithm enter the remainder B alone. T is T_1 = γ log m; x, B, Λ and b are those of
`explicit_bounds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb

from verify.papers.multistage.explicit_bounds import HALF, Setting, event, hypothesis_time, rates
from verify.papers.multistage.large_widths import Falling, ball, constant, term


@dataclass(frozen=True)
class Fine:
    """What is known on [0, T] while q(t) ≤ K x e^{t−T} and P ≤ 1 − ζ."""

    setting: Setting

    @property
    def largest(self) -> arb:
        """√(3/2): p, n, √Q and V_i at 0 are at most this times m^{1/2−α}."""
        return ball(Fraction(3, 2)).sqrt()

    def pulled(self, shift: int) -> Falling:
        """√m ∫ e^{−shift (T−t)} B(q) dt on [0, T]: the power q^p becomes (Kx)^p/(p + shift)."""
        s, found = self.setting, Falling({})
        for power, c in s.coefficients.items():
            found += (term(1, 0, -HALF) * c * s.x(power)).times(ball(s.room) ** power / (power + shift))
        return found

    @cached_property
    def end(self) -> Falling:
        """√m B(q) at T."""
        s, found = self.setting, Falling({})
        for power, c in s.coefficients.items():
            found += (term(1, 0, -HALF) * c * s.x(power)).times(ball(s.room) ** power)
        return found

    @cached_property
    def unit(self) -> Fraction:
        """m to minus this is m^{1/2−α} e^T."""
        return self.setting.alpha - HALF - self.setting.gamma

    def over_unit(self, bound: Falling) -> Falling:
        return bound * term(1, 0, -self.unit)

    @cached_property
    def across(self) -> Falling:
        """Bound of every V_i up to T."""
        return term(self.largest, 0, self.setting.alpha - HALF) + self.setting.growth

    @cached_property
    def across2(self) -> Falling:
        return (self.across**2).times(self.setting.dim - 1)

    @cached_property
    def size(self) -> Falling:
        """y with √Q(t) ≤ y e^{t−T}."""
        return term(self.largest, 0, self.unit) + self.pulled(-1)

    @cached_property
    def lack(self) -> Falling:
        """∫ max(−P, 0)."""
        start = term(Fraction(1, 4), 0, 2 * self.setting.alpha - 1)
        pushed = (self.across2 * self.size**2).times(HALF) + (self.size * self.pulled(1)).times(2)
        return start + pushed.times(HALF)

    @cached_property
    def norm(self) -> Falling:
        """Growth of log(q e^{−t})."""
        s = self.setting
        sideways = (self.across * self.size).times(ball(2 * (s.dim - 1)).sqrt())
        found = self.lack + sideways
        for power, c in s.coefficients.items():
            found += (c * s.x(power - 1)).times(ball(s.room) ** (power - 1) / (power - 1))
        return found

    @cached_property
    def forward(self) -> Falling:
        """∫ e^{T−t} (V_2 √Q + √(2m) B) dt."""
        along = (self.across2 * self.size) * term(self.setting.gamma, 1)
        return along + self.pulled(-1).times(ball(2).sqrt())

    @cached_property
    def backward(self) -> Falling:
        """∫ e^{t−T} (V_2 √Q + √(2m) B) dt."""
        return (self.across2 * self.size).times(HALF) + self.pulled(1).times(ball(2).sqrt())

    @cached_property
    def stretch(self) -> Falling:
        """e^{∫max(P, 0)} ≤ 1 + y² where y ≤ 1."""
        return constant(1) + self.size**2

    @cached_property
    def difference(self) -> Falling:
        """n(T) over m^{1/2−α} e^T."""
        start = term(self.largest, 0, 2 * self.setting.gamma)
        return self.stretch * (start + self.over_unit(self.backward))

    # -- descent

    @cached_property
    def apart_first(self) -> Falling:
        """√(Q² − P²)/P at T_1, where n ≤ p/4 and p ≥ ½ m^{1/2−α} e^T."""
        return self.difference.times(Fraction(64, 15))


Conditions = Mapping[str, Falling]


def plateau(s: Setting) -> Conditions:
    """(27): q < K x up to T_1, and P < 1 − ζ."""
    fine = Fine(s)
    return {
        **event(s),
        "(27), q": fine.norm.times(1 / ball(s.room).log()),
        "(27), P": (fine.size**2).times(1 / (1 - s.zeta)),
    }


def start(s: Setting) -> Conditions:
    """(35), (36): p ≥ ½ m^{1/2−α} e^T and n ≤ ⅛ of it, so that P ≥ (15/128) m^{1−2α+2γ} and Q ≤ (17/15) P."""
    fine, root = Fine(s), ball(HALF).sqrt()
    lost = (fine.size**2).times(root / 2) + fine.over_unit(fine.forward)
    return {
        **plateau(s),
        "(35), sum": lost.times(1 / (root - ball(HALF))),
        "(35), difference": fine.difference.times(8),
    }


def descent(s: Setting) -> Conditions:
    """All of what carries the bounds from 0 to T_2."""
    return {**start(s), **rates(s), **hypothesis_time(s)}


def lower_half(s: Setting) -> Conditions:
    """P < 1 − ζ up to (1 − ϑ)(α − ½) log m."""
    return _before(s, 1 - s.slack, "(43), q", "(43), P")


def lower_half_in_full(s: Setting) -> Conditions:
    """P < 1 − ζ up to (α − ½) log m itself, which takes ζ < ¼."""
    return _before(s, Fraction(1), "(43) in full, q", "(43) in full, P")


def _before(s: Setting, share: Fraction, norm: str, reached: str) -> Conditions:
    fine = Fine(Setting(s.alpha, s.dim, {**s.changed, "share": share}))
    sum_of_squares = (term(fine.largest, 0, fine.unit) + fine.forward) ** 2
    return {
        **event(s),
        norm: fine.norm.times(1 / ball(s.room).log()),
        reached: sum_of_squares.times(1 / (2 * (1 - s.zeta))) + fine.lack.times(2),
    }


def upper_half(s: Setting) -> Conditions:
    """γ log m + [(2α − 1 − 2γ) log m + c]/(2 − u) ≤ (1 + ϑ)(α − ½) log m, c = log(128(1 − ζ)/(15ζ)).

    u = (V_2 + H/Q)/ζ is below ϑ by (47), and 1/(2 − u) ≤ (1 + u)/2; log m = Λ − κ.
    """
    u = (s.across2 + s.rest).times(1 / s.zeta)
    c = (ball(Fraction(128, 15)) * (1 - ball(s.zeta)) / ball(s.zeta)).log()
    wait = c / ball(2 * (s.alpha - HALF) * s.slack)
    found = term(s.kappa + wait, -1, 0) + u * term(wait, -1, 0) + u.times((1 - s.share) / s.slack)
    return {"(43), T₂": found}


def both_halves(s: Setting) -> Conditions:
    return {**descent(s), **upper_half(s), **lower_half(s)}


# -- corollaries


def coupling_first(s: Setting) -> Conditions:
    """(40): √(Σ(a − w)²/Σa²) ≤ 8 m^{−2γ} at T_1."""
    fine = Fine(s)
    return {**start(s), "(40)": (fine.difference * term(1, 0, -2 * s.gamma)).times(Fraction(2, 3))}


def condensed(s: Setting) -> Conditions:
    """(41): Σ_{i≥2} V_i²/Σ‖w‖² ≤ 24(d − 1) m^{−2γ} at T_1."""
    relative = Fine(s).across * term(1, 0, HALF - s.alpha)
    return {**start(s), "(41)": (relative**2).times(Fraction(16, 27))}


def gradient_first(s: Setting) -> Conditions:
    """(55): ‖∇R‖/‖θ‖ is within ϑ of 1 at T_1."""
    fine = Fine(s)
    found = fine.size**2 + (fine.across * fine.size).times(ball(2 * (s.dim - 1)).sqrt())
    found += fine.over_unit(fine.end).times(3)
    found += fine.over_unit(fine.over_unit(fine.across2)).times(Fraction(9, 4))
    return {**start(s), "(55)": found.times(1 / s.slack)}


def equal_sums(s: Setting) -> Conditions:
    """(50), (51): √(Q² − P²) ≤ ϑP on [T_1, T_2]."""
    return {**descent(s), "(50)": (Fine(s).apart_first + s.drift_of_invariant).times(1 / s.slack)}


def across_descent(s: Setting) -> Conditions:
    """(46): V_i ≤ (1 + ϑ)V_i(0) up to T_2."""
    return {**descent(s), "(46)": _relative(s, s.growth + s.across_during)}


def across_plateau_late(s: Setting) -> Conditions:
    """(61): V_i ≤ (1 + ϑ)V_i(0) up to T_3, while q² ≤ 4λ/m."""
    return {**descent(s), "(61)": _relative(s, s.growth + s.across_during + s.across_more)}


def _relative(s: Setting, added: Falling) -> Falling:
    """What is added to V_i over ϑ times the least that V_i(0) can be."""
    return (added * term(1, 0, HALF - s.alpha)).times(ball(2).sqrt() / ball(s.slack))


def gradient_second(s: Setting) -> Conditions:
    """(54): ‖∇R‖/‖θ‖ is within ϑζ of ζ at T_2."""
    found = s.across.times(2 * ball(s.dim - 1).sqrt()) + s.rest.times(HALF) + s.across2.times(s.zeta / 2)
    return {**descent(s), "(54)": found.times(1 / (s.slack * s.zeta))}


def coupling_second(s: Setting) -> Conditions:
    """(57): √(Σ(a − w)²/Σa²) ≤ ϑ at T_2."""
    fine = Fine(s)
    apart = (fine.apart_first * fine.size**2).times(1 / (1 - s.zeta)) + s.drift_of_invariant
    return {**descent(s), "(57)": apart.times(1 / s.slack + HALF)}
