"""Leading terms as the width grows: constant · m^exponent · (log m)^power, and the order of what is left out.

The start is a_k, w_k ~ N(0, m^{−2α}), T_1 = γ log m with 0 < γ < α − ½, and P(T_2) = 1 − ζ. Everything is derived:
from the linear phase (23), the exact solution of the reduced system, and Gaussian moments. Multi-stage paper,
equations (29), (35), (36), (40), (41), (43), (44), (54), (55).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from theory.brackets import DataMean
from theory.derivation import Derivation
from theory.descent_correction import descent_correction
from theory.errors import TheoryError
from theory.initialisation import Initialisation
from theory.meanfield import on_condensed, orders
from theory.noting import step
from theory.order_parameters import P
from theory.solutions import DescentSolution, solve_linear
from theory.symbols import time, width

alpha = sp.Symbol("alpha", positive=True)
"""α of the initialisation, ε = m^{−α}, α > ½."""

gamma = sp.Symbol("gamma", positive=True)
"""γ of the first milestone T_1 = γ log m, 0 < γ < α − ½."""

zeta = sp.Symbol("zeta", positive=True)
"""ζ of the second milestone, P(T_2) = 1 − ζ, 0 < ζ < 1."""

_CORNER = {alpha: sp.Rational(1, 2), gamma: sp.S.Zero}
_EDGES = ({alpha: 1, gamma: 0}, {alpha: 1, gamma: 1})
"""The region 0 ≤ γ ≤ α − ½ is the corner plus the cone of these two directions."""


@dataclass(frozen=True)
class Asymptotic:
    """``leading`` · (1 + O(each of ``corrections``)) as m → ∞.

    Attributes
    ----------
    name:
        What it is.
    leading:
        constant · m^exponent · (log m)^log_power.
    corrections:
        Relative orders of what is left out, as powers of m.
    """

    name: str
    leading: sp.Expr
    corrections: tuple[sp.Expr, ...] = ()

    @cached_property
    def _parts(self) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        log = sp.Dummy("log", positive=True)
        known = sp.powsimp(self.leading.xreplace({sp.log(width): log}))
        constant, rest = known.as_independent(width, log, as_Add=False)
        powers = rest.as_powers_dict() if rest != 1 else {}
        if set(powers) - {width, log}:
            raise TheoryError(
                f"The leading term {self.leading} is not a constant times powers of m and log m."
            )
        return constant, sp.expand(powers.get(width, sp.S.Zero)), sp.expand(powers.get(log, sp.S.Zero))

    @property
    def constant(self) -> sp.Expr:
        """Factor that does not depend on m."""
        return self._parts[0]

    @property
    def exponent(self) -> sp.Expr:
        """Power of m."""
        return self._parts[1]

    @property
    def log_power(self) -> sp.Expr:
        """Power of log m."""
        return self._parts[2]


def dominant(expr: sp.Expr) -> sp.Expr:
    """The term of a sum of c · m^(linear in α, γ) that is largest as m → ∞ for all 0 < γ < α − ½.

    Raises
    ------
    TheoryError
        If no term dominates in the whole region.
    """
    by_power: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand(sp.powsimp(sp.expand(expr)))):
        constant, rest = term.as_independent(width)
        power = sp.expand(rest.as_powers_dict().get(width, sp.S.Zero)) if rest != 1 else sp.S.Zero
        by_power[power] = by_power.get(power, sp.S.Zero) + constant
    for power, constant in by_power.items():
        if constant != 0 and all(_ahead(power - other) for other in by_power if other != power):
            return constant * width**power
    raise TheoryError(f"No term of {str(expr)[:80]} is the largest for all 0 < γ < α − ½.")


def _ahead(difference: sp.Expr) -> bool:
    """Whether a linear function of α and γ is positive inside the region."""
    at_corner = difference.subs(_CORNER)
    slopes = [difference.diff(alpha) * edge[alpha] + difference.diff(gamma) * edge[gamma] for edge in _EDGES]
    values = [at_corner, *slopes]
    return all(bool(v >= 0) for v in values) and any(bool(v > 0) for v in values)


class Asymptotics:
    """All leading terms for one dimension of the input, Assumptions 1 and 2 with z = e₁, ε_a = ε_w = m^{−α}."""

    def __init__(self, dim: int = 1) -> None:
        self.derivation = Derivation(dim)
        self.dim = dim

    @step
    def solution(self) -> DescentSolution:
        """B1, the exact solution of the reduced system."""
        return Derivation(1).descent

    def expected(self, quantity: sp.Expr) -> sp.Expr:
        """E Σ_k quantity(a_k, w_k) at T_1 in the linear phase (23), exact; written in the neuron's coordinates."""
        neuron = self.derivation.network.neuron
        start = {sp.Symbol(f"{c.slot}0", real=True): c for c in neuron.coordinates}
        along = {c: e.xreplace(start) for c, e in solve_linear(self.derivation.linearised).items()}
        scale = width**-alpha
        value = Initialisation(self.dim, scale, scale).mean(
            sp.expand(quantity.subs(along, simultaneous=True))
        )
        explicit = sp.expand(value.rewrite([sp.sinh, sp.cosh], sp.exp))
        at = {node: width ** (gamma * node.args[0] / time) for node in explicit.atoms(sp.exp)}
        return sp.expand(explicit.xreplace(at))

    @step
    def squares(self) -> Asymptotic:
        """(35): Σ a_k², Σ (w_k^(1))² and P at T_1 are the same to leading order.

        Left out: the scatter of the draw, and how far the linear phase is from the descent, which is P itself.
        """
        a, w = self.derivation.network.neuron.a, self.derivation.network.neuron.w[0]
        values = {dominant(self.expected(quantity)) for quantity in (a**2, w**2, a * w)}
        if len(values) != 1:
            raise TheoryError("The three sums of (35) differ at leading order.")
        (value,) = values
        return Asymptotic("Σa², Σ(w¹)², P at T_1", value, (width ** sp.Rational(-1, 2), value))

    def risk(self, level: sp.Expr) -> sp.Expr:
        """R − R_0 on the condensed state P = level, to leading order in 1/m: (37)–(39)."""
        leading = sp.expand(orders(self.derivation.risk, dim=self.dim)[0])
        return on_condensed(sp.Add(*(t for t in leading.args if not t.has(DataMean))), level)

    @step
    def first_decay(self) -> Asymptotic:
        """(29): (R(0) − R(T_1))/T_1, with the slope of the risk at P = 0."""
        slope = self.risk(P).diff(P).subs(P, 0)
        rate = -slope * self.squares.leading / (gamma * sp.log(width))
        return Asymptotic("(R(0) − R(T_1))/T_1", rate, self.squares.corrections)

    @step
    def imbalance(self) -> Asymptotic:
        """(36): (Q − P)/P at T_1."""
        solution = self.solution
        ratio = self._late((solution.Q - solution.P) / solution.P)
        return Asymptotic("(Q − P)/P at T_1", ratio, self.squares.corrections)

    @step
    def coupling(self) -> Asymptotic:
        """(40): the bound √(Σ(a − w)²/Σa²) on W₂/√(Σa²/m) at T_1; Σ(a − w)² = 2(Q − P), and Σa² → Q by (35)."""
        solution = self.solution
        square = self._late(2 * (solution.Q - solution.P) / solution.Q)
        return Asymptotic(
            "coupling bound at T_1", sp.powdenest(sp.sqrt(square), force=True), self.squares.corrections
        )

    def _late(self, ratio: sp.Expr) -> sp.Expr:
        """Leading power of v of a function of B1 as v → ∞, at v = e^{2T_1} (as s = T_1 − O(P)) and B/A → 1.

        A and B are ½ε² times independent χ² variables with m degrees of freedom: their ratio scatters by O(m^(−1/2)).
        """
        solution = self.solution
        small = sp.Dummy("s", positive=True)
        lead = sp.S.One
        for polynomial, sign in zip(
            sp.fraction(sp.cancel(ratio.subs(solution.v, 1 / small))), (1, -1), strict=True
        ):
            (power,), constant = min(sp.Poly(polynomial, small).terms(), key=lambda term: term[0])
            lead *= (constant * small**power) ** sign
        start = Initialisation(1)
        means = {name: start.mean(start.order_parameters[name]) for name in ("A", "B")}
        lead = sp.cancel(lead.subs(solution.B, solution.A * means["B"] / means["A"]))
        return sp.powsimp(lead.subs(small, width ** (-2 * gamma)))

    @step
    def across(self) -> Asymptotic:
        """(41): (Σ‖w_k‖² − Σ(w_k^(1))²)/Σ‖w_k‖² at T_1; 0 for d = 1."""
        w = self.derivation.network.neuron.w
        rest, whole = (self.expected(sp.Add(*(wi**2 for wi in ws))) for ws in (w[1:], w))
        leading = sp.S.Zero if rest == 0 else sp.powsimp(dominant(rest) / dominant(whole))
        return Asymptotic("share of the weights across e₁ at T_1", leading, (width ** (-2 * gamma),))

    def decay_ratio(self, second: sp.Expr) -> sp.Expr:
        """(44): average decay rate of the risk on [T_1, T_2 = second] over that on [0, T_1]."""
        fall = sp.factor(-self.risk(1 - zeta))
        return fall / (second - gamma * sp.log(width)) / self.first_decay.leading

    @step
    def gradient_at_descent(self) -> sp.Expr:
        """(54): ‖∇R‖/‖θ‖ at T_2 through order 1/m, k₄ the kurtosis of the draw."""
        return sp.expand(descent_correction(self.dim).relative_gradient.subs(P, 1 - zeta))

    @step
    def gradient_at_plateau(self) -> Asymptotic:
        """(55): 1 − ‖∇R‖/‖θ‖ at T_1.

        The ratio is (1 − P) √(1 − s) at leading order, s the share of the weights across e₁ in ‖θ‖². As Σ a² equals
        Σ(w^(1))² by (35), s is half of (41).
        """
        share = self.across.leading / 2
        return Asymptotic(
            "1 − ‖∇R‖/‖θ‖ at T_1", self.squares.leading + share / 2, (width ** sp.Rational(-1, 2),)
        )
