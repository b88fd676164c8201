"""The paper's "for m large enough", with constants: each step of its proofs as a bound that has to be below 1.

Notation: Λ = log(2m(d+1)/δ) as in (68), x = √(2dΛ) m^{γ−α} the bound of q̃(T_1), B(q) that of Lemma 1. The steps are in
the order of the proofs; each one uses those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from flint import arb

from verify.papers.multistage import chosen
from verify.papers.multistage.large_widths import Falling, ball, constant, root_of_term, term
from verify.parameters import Parameter

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Setting:
    """Where the constants are put in: the chosen parameters of this run, unless `changed` has another value. L, F and
    D are those of Lemma 1.

    A parameter is read when a bound needs it, so that it is known which bounds it enters.
    """

    alpha: Fraction
    dim: int
    changed: Mapping[str, Fraction] = field(default_factory=dict)
    L: Fraction = Fraction(1)
    F: Fraction = Fraction(1)

    def _chosen(self, name: str, parameter: Parameter) -> Fraction:
        if name not in self.changed:
            return parameter.value
        return self.changed[name]

    @property
    def share(self) -> Fraction:
        """γ/(α − ½)."""
        return self._chosen("share", chosen.gamma_share)

    @property
    def room(self) -> Fraction:
        """K."""
        return self._chosen("room", chosen.room)

    @property
    def level(self) -> Fraction:
        """δ."""
        return self._chosen("level", chosen.level)

    @property
    def slack(self) -> Fraction:
        """ϑ."""
        return self._chosen("slack", chosen.slack)

    @property
    def zeta(self) -> Fraction:
        """ζ."""
        return self._chosen("zeta", chosen.zeta)

    @property
    def plateau(self) -> Fraction:
        """s."""
        return self._chosen("plateau", chosen.plateau_exponent)

    @property
    def gamma(self) -> Fraction:
        return self.share * (self.alpha - HALF)

    @property
    def D(self) -> arb:
        """Half the diagonal of the cube [−√3, √3]^d, on which the uniform density has unit second moments."""
        return ball(3 * self.dim).sqrt()

    @property
    def kappa(self) -> arb:
        """Λ − log m."""
        return (ball(2 * (self.dim + 1)) / ball(self.level)).log()

    # -- initial plateau

    @cached_property
    def x2(self) -> Falling:
        """x²."""
        return term(2 * self.dim, 1, 2 * (self.alpha - self.gamma))

    def x(self, power: int) -> Falling:
        """x^power."""
        return root_of_term(self.x2, power)

    @cached_property
    def coefficients(self) -> Mapping[int, Falling]:
        """B(q) = Σ coefficient · q^power, Lemma 1."""
        L, F, D = ball(self.L), ball(self.F), self.D
        return {
            3: term(L * D**3 * F),
            5: term(2 * L * D**4, 0, -1),
            7: term(L**2 * D**6, 0, -1),
        }

    @cached_property
    def deviation(self) -> Falling:
        """(28) over x at T_1: ∫ e^{t−s} (m q³ + B(q)) ds with q ≤ K x e^{s−T_1}, ∫ e^{t−s} e^{ps} ds ≤ e^{pt}/(p−1)."""
        found = (term(1, 0, -1) * self.x(2)).times(ball(self.room) ** 3 / 2)
        for power, c in self.coefficients.items():
            found += (c * self.x(power - 1)).times(ball(self.room) ** power / (power - 1))
        return found

    @cached_property
    def growth(self) -> Falling:
        """√m ∫_0^{T_1} B(q) ds, what Lemma 2 adds to V_i(0)."""
        found = Falling({})
        for power, c in self.coefficients.items():
            found += (term(1, 0, -HALF) * c * self.x(power)).times(ball(self.room) ** power / power)
        return found

    def fall(self, q2: Falling) -> Falling:
        """(39): |R − R_0| ≤ m q² + ½ m² q⁴ + B_E, from a bound of q²."""
        return (term(1, 0, -1) * q2) + (term(1, 0, -2) * q2**2).times(HALF) + self.risk_remainder(q2)

    def risk_remainder(self, q2: Falling) -> Falling:
        """(38)."""
        L, F, D = ball(self.L), ball(self.F), self.D
        return (
            (term(L * D**3 * F, 0, -1) * q2**2)
            + (term(L * D**4, 0, -2) * q2**3)
            + (term(L**2 * D**6 / 2, 0, -2) * q2**4)
        )

    @cached_property
    def plateau_fall(self) -> Falling:
        """Bound of |R − R_0| up to T_1."""
        return self.fall(self.x2.times(self.room**2))

    @cached_property
    def imbalance(self) -> Falling:
        """(Q − P)/P at T_1, where P(T_1) ≥ (3/32) m^{1−2α+2γ}."""
        return term(32, 0, 4 * self.gamma) + (term(Fraction(256, 3) * self.dim, 1) * self.deviation**2)

    # -- descent

    @cached_property
    def lam(self) -> Falling:
        """λ of (45): q² ≤ λP/m."""
        return term(Fraction(128, 3) * self.room**2 * self.dim, 1)

    def pull(self, lam: Falling, power: int) -> Falling:
        """B(q) ≤ m^{−3/2} · this for power 3, and B(q)/q ≤ this/m for power 2, where q² ≤ λ/m."""
        L, F, D = ball(self.L), ball(self.F), self.D
        return (
            root_of_term(lam, power).times(L * D**3 * F)
            + root_of_term(lam, power + 2).times(2 * L * D**4)
            + (root_of_term(lam, power + 4).times(L**2 * D**6) * term(1, 0, 1))
        )

    @property
    def rate(self) -> Fraction:
        """dP/dt ≥ this · Q(1 − P) on the descent."""
        return 2 - self.slack

    @cached_property
    def across(self) -> Falling:
        """Bound of every V_i up to T_2."""
        return term(ball(Fraction(3, 2)).sqrt(), 0, self.alpha - HALF) + self.growth + self.across_during

    @cached_property
    def across_during(self) -> Falling:
        """(46): what the descent adds to V_i."""
        whole = (1 / ball(self.zeta)).log()
        return (self.pull(self.lam, 3) * term(1, 0, 1)).times(whole / ball(self.rate))

    @cached_property
    def across2(self) -> Falling:
        """V_2 = Σ_{i≥2} V_i²."""
        return (self.across**2).times(self.dim - 1)

    @cached_property
    def rest(self) -> Falling:
        """H/Q ≤ 2b/m."""
        return (self.pull(self.lam, 3) * term(1, 0, 1)).times(2)

    @cached_property
    def duration(self) -> Falling:
        """T_2 − T_1 ≤ [log(1/P(T_1)) + log((1−ζ)/ζ)]/(2 − ϑ)."""
        more = (ball(Fraction(32, 3)) * (1 - ball(self.zeta)) / ball(self.zeta)).log()
        return (term(2 * self.alpha - 1 - 2 * self.gamma, 1) + constant(more)).times(1 / self.rate)

    @cached_property
    def drift_of_ratio(self) -> Falling:
        """Growth of log(q²/P) on the descent."""
        reach, whole = (4 / ball(self.zeta)).log(), (1 / ball(self.zeta)).log()
        inner = self.pull(self.lam, 2) + self.pull(self.lam, 3).times(2)
        return (
            self.across.times(4 * ball(self.dim - 1).sqrt() * reach / ball(self.rate))
            + (inner * term(1, 0, 1)).times(2 * whole / ball(self.rate))
            + (self.across2 * self.duration).times(2)
        )

    @cached_property
    def drift_of_invariant(self) -> Falling:
        """Growth of √(Q² − P²)/P on the descent: ∫ (2V_2 Q + H) ds ≤ (2V_2 + H/Q) P/((2 − ϑ)ζ)."""
        return (self.across2.times(2) + self.rest).times(1 / (self.zeta * self.rate))

    @cached_property
    def loss_defect(self) -> Falling:
        """½(1 − ζ²) − (R(T_1) − R(T_2)) at most."""
        end = self.lam * term(1, 0, 1)
        return self.plateau_fall + self.across2.times(2) + self.risk_remainder(end)

    # -- secondary plateau

    @cached_property
    def lam_late(self) -> Falling:
        """λ after T_2, where q may double."""
        return self.lam.times(4)

    @cached_property
    def length(self) -> Falling:
        """m^s."""
        return term(1, 0, -self.plateau)

    @cached_property
    def across_late(self) -> Falling:
        """(61): bound of every V_i up to T_3."""
        return self.across + self.across_more

    @cached_property
    def across_more(self) -> Falling:
        """What the secondary plateau adds to V_i."""
        return self.pull(self.lam_late, 3) * term(1, 0, 1) * self.length

    @cached_property
    def across2_late(self) -> Falling:
        return (self.across_late**2).times(self.dim - 1)

    @cached_property
    def rest_late(self) -> Falling:
        """H/Q after T_2, where Q ≥ P ≥ 1 − 2ζ."""
        floor = ball(1 - 2 * self.zeta).sqrt()
        return (self.pull(self.lam_late, 3) * term(1, 0, 1)).times(2 / floor)

    @cached_property
    def displacement(self) -> Falling:
        """(63): |1 − P| ≤ ζ e^{−2∫Q} + this."""
        return (self.across2_late + self.rest_late).times(HALF)

    @cached_property
    def drift_of_norm(self) -> Falling:
        """(64): growth of log q on [T_2, T_3] beyond ζ/(2(1 − 2ζ))."""
        source = self.across_late * self.pull(self.lam_late, 3) * term(1, 0, 1) * self.length
        squared = (self.across2.times(HALF) + source.times(self.dim - 1)) * self.length
        along = (self.displacement + self.pull(self.lam_late, 2) * term(1, 0, 1)) * self.length
        # ∫|S| ≤ √(m^s ∫S²), and √(Σ terms) ≤ Σ √terms.
        roots = Falling({})
        for powers, c in squared.terms.items():
            roots += root_of_term(Falling({powers: c}), 1)
        return along + roots

    @cached_property
    def drift_late(self) -> Falling:
        """Growth of √(Q² − P²) on [T_2, T_3], where Q ≤ 2P ≤ 2(1 + 2ζ)."""
        largest = 2 * (1 + 2 * self.zeta)
        return (self.across2_late.times(2) + self.rest_late).times(largest) * self.length

    @cached_property
    def late_fall(self) -> Falling:
        """(62): |R(T_2) − R(T_3)|."""
        squared = ((1 + self.slack) * self.zeta) ** 2 / 2
        end = self.risk_remainder(self.lam_late * term(1, 0, 1))
        return constant(squared) + self.across2_late.times(4 * (1 + 2 * self.zeta)) + end.times(2)


Conditions = Callable[[Setting], Mapping[str, Falling]]
"""What has to be below 1, each under a name."""


def setting(alpha: Fraction, dim: int, **changed: Fraction) -> Setting:
    """The setting of this run: what is not given is the paper's chosen parameter."""
    return Setting(alpha, dim, changed)


def event(s: Setting) -> Mapping[str, Falling]:
    """Proposition 8 holds for all d + 1 sums with probability at least 1 − δ/2 (lem3.event)."""
    least = ball(Fraction(128, 3)) * (ball(4 * (s.dim + 1)) / ball(s.level)).log()
    return {"Proposition 8": term(least, 0, 1)}


def test_time(s: Setting) -> Mapping[str, Falling]:
    """(34): the deviation at T_1 is less than K − 1 times x."""
    return {"(34)": s.deviation.times(1 / (s.room - 1))}


def across_plateau(s: Setting) -> Mapping[str, Falling]:
    """(30): V_i(T_1) ≤ (1 + ϑ) V_i(0), where V_i(0)² ≥ ½ m^{1−2α}."""
    relative = (s.growth * term(1, 0, HALF - s.alpha)).times(ball(2).sqrt() / ball(s.slack))
    return {**event(s), "(30)": relative}


def small_fall(s: Setting) -> Mapping[str, Falling]:
    """(39): |R(0) − R(T_1)| ≤ ϑ."""
    return {"(39)": s.plateau_fall.times(2 / s.slack)}


def order_parameters(s: Setting) -> Mapping[str, Falling]:
    """(35) and (36): P(T_1) ≥ (3/32) m^{1−2α+2γ} and Q ≤ (5/4) P."""
    relative = (s.deviation.times(2) + s.deviation**2) * term(8 * s.dim, 1)
    return {
        **event(s),
        "first part of (35)": term(12, 0, 4 * s.gamma),
        "second part of (35)": relative.times(Fraction(8, 3)),
        "(36)": s.imbalance.times(4),
    }


def rates(s: Setting) -> Mapping[str, Falling]:
    """(47): V_2 + H/Q ≤ ϑζ, so that dP/dt ≥ (2 − ϑ) Q (1 − P) before T_2."""
    return {"(47)": (s.across2 + s.rest).times(1 / (s.slack * s.zeta))}


def hypothesis_time(s: Setting) -> Mapping[str, Falling]:
    """(52): q²/P at most doubles, and √(Q² − P²)/P ≤ 3/4 + 1/4."""
    return {
        "(52), q": s.drift_of_ratio.times(1 / ball(2).log()),
        "(52), Q": s.drift_of_invariant.times(4),
    }


def large_fall(s: Setting) -> Mapping[str, Falling]:
    """(53): R(T_1) − R(T_2) ≥ ½(1 − ϑ)(1 − ζ²)."""
    return {"(53)": s.loss_defect.times(2 / (s.slack * (1 - s.zeta**2)))}


def ratio_of_rates(s: Setting) -> Mapping[str, Falling]:
    """(3): the rate on the descent is at least 1/ϑ times that before it; log m ≥ 1."""
    # Λ/log m ≤ 1 + κ, and the constant of the duration is positive for ζ < ½.
    longest = ball(0)
    for (p, _), c in s.duration.terms.items():
        longest += c * (1 + s.kappa if p else 1)
    slow = s.plateau_fall.times(2 * longest / ball(s.gamma))
    return {"(3)": slow.times(2 / (s.slack * (1 - s.slack) * (1 - s.zeta**2)))}


def long_plateau(s: Setting) -> Mapping[str, Falling]:
    """(59): T_3/T_2 ≥ 1/ϑ."""
    return {"(59)": ((term(s.gamma, 1) + s.duration) * term(1, 0, s.plateau)).times(1 / s.slack)}


def near_one(s: Setting) -> Mapping[str, Falling]:
    """(63): |1 − P| ≤ (1 + ϑ)ζ up to T_3."""
    return {"(63)": s.displacement.times(1 / (s.slack * s.zeta))}


def norm_stays(s: Setting) -> Mapping[str, Falling]:
    """(64): q at most doubles up to T_3, and Q < 2P."""
    left = ball(2).log() - ball(s.zeta / (2 * (1 - 2 * s.zeta)))
    band = ball(3).sqrt() * ball(1 - 2 * s.zeta) - ball(1 - s.zeta)
    if not left > 0 or not band > 0:
        return {"(64)": constant(1)}
    return {"(64), q": s.drift_of_norm.times(1 / left), "(64), Q": s.drift_late.times(1 / band)}


def slow_plateau(s: Setting) -> Mapping[str, Falling]:
    """(60): the decay rate on [T_2, T_3] is at most ϑ times that on [T_1, T_2]."""
    over = (s.late_fall * s.duration) * term(1, 0, s.plateau)
    return {"(60)": over.times(2 / (s.slack * (1 - s.slack) * (1 - s.zeta**2)))}
