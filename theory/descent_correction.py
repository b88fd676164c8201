"""What the cubic terms change in the descent, to first order in 1/m, along the exact leading-order solution.

On the scale a = A/√m, w = B/√m the truncated flow is dθ/dt = leading + cubic/m + …. To leading order the descent is
A_k = B_k^(1) = √P ξ_k with dP/dt = 2P(1 − P) and fixed ξ; the first correction is then an integral over P.
Multi-stage paper, section 5; the results belong to (42)–(44), (56), (57) and to the start of section 6.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from theory.activation import TaylorModel, tanh_like
from theory.data import DataModel, aligned
from theory.derivation import Derivation
from theory.errors import TheoryError
from theory.meanfield import mean, on_condensed, orders, profile
from theory.order_parameters import P
from theory.particles import ParticleSystem
from theory.symbols import width


@dataclass(frozen=True)
class DescentCorrection:
    """First-order corrections along A_k = B_k^(1) = √P ξ_k.

    Attributes
    ----------
    speed:
        dP/dt to leading order, 2P(1 − P).
    drive:
        m times what the cubic terms add to dP/dt, as a function of P; they add the same to dQ/dt.
    split:
        What the cubic terms add to m d(A_k − B_k^(1))/dt, as a function of P and ξ.
    decay:
        A_k − B_k^(1) decays at this rate to leading order, 1 − P.
    relative_gradient:
        ‖∇R‖/‖θ‖ through order 1/m as a function of P (d = 1; above, without the weights across e₁).
    """

    speed: sp.Expr
    drive: sp.Expr
    split: sp.Expr
    decay: sp.Expr
    relative_gradient: sp.Expr

    def time_shift(self, zeta: sp.Expr) -> sp.Expr:
        """T_2 of the truncated flow minus T_2 of the reduced system, order 1/m: −∫_0^{1−ζ} drive/(m speed²) dP."""
        return -_integral(self.drive / self.speed**2, zeta) / width

    def asymmetry(self, zeta: sp.Expr) -> sp.Expr:
        """m (A_k − B_k^(1)) where P = 1 − ζ, as a function of ζ and ξ.

        u = √P (A − B) has no decay: du/dP = √P split/speed.

        TheoryError where the factor does not decay.
        """
        if sp.cancel(self.decay / self.speed - 1 / (2 * P)) != 0:
            raise TheoryError("A − B does not decay like 1/√P.")
        root = sp.sqrt(P)
        grown = _integral(sp.cancel(sp.expand(self.split * root)) / self.speed, zeta)
        return grown / sp.sqrt(1 - zeta)

    @cached_property
    def handover(self) -> sp.Expr:
        """Time after P = ½ at which the clock of the slow flow starts, t = handover + mτ, for ‖a‖/‖w‖.

        Both sides are linear in time where they meet: with log(1/ζ) = 2 (t − t_½) the asymmetry that the descent leaves
        is s (t − t_½) + b, and the slow flow started from A = B makes s (t − t_0) of it.
        """
        zeta = sp.Symbol("zeta", positive=True)
        late = sp.expand(self.asymmetry(zeta) * sp.sqrt(1 - zeta))
        slope = late.coeff(sp.log(zeta), 1).subs(zeta, 0) * -2
        offset = late.coeff(sp.log(zeta), 0).subs(zeta, 0)
        return sp.factor(-offset / slope)


def descent_correction(
    dim: int = 1, taylor: TaylorModel | None = None, data: DataModel | None = None
) -> DescentCorrection:
    """Derive the corrections from the gradient flow, for aligned data with ‖z‖ = 1.

    Raises
    ------
    TheoryError
        If the leading order is not the condensed one, or if the cubic terms drive Q − P.
    """
    known = aligned(dim) if data is None else data
    derivation = Derivation(dim, tanh_like(3, odd=True) if taylor is None else taylor, known)
    neuron = derivation.network.neuron
    by_order = [orders(component, [neuron], dim) for component in derivation.truncated.drift]
    leading, cubic = (
        ParticleSystem(neuron, tuple(found.get(n, sp.S.Zero) for found in by_order)) for n in (1, 3)
    )
    a, first = neuron.a, neuron.w[0]
    product, halves = mean(a * first, neuron), mean(a**2 + first**2, neuron) / 2
    speeds, drives = (
        [on_condensed(system.derivative(quantity), P) for quantity in (product, halves)]
        for system in (leading, cubic)
    )
    for pair, what in ((speeds, "leading terms"), (drives, "cubic terms")):
        if sp.expand(pair[0] - pair[1]) != 0:
            raise TheoryError(f"The {what} drive Q − P away from 0.")
    condensed = {c: sp.S.Zero for c in neuron.w[1:]} | {a: sp.sqrt(P) * profile, first: sp.sqrt(P) * profile}
    gap = sp.Dummy("gap", real=True)
    leaning = {a: first + gap}  # the leading part of d(A − B)/dt is linear in A − B
    rates = sp.expand((leading[a] - leading[first]).xreplace(leaning))
    decay = -_value(rates.coeff(gap, 1), condensed)
    if sp.expand(_value(rates.coeff(gap, 0), condensed)) != 0:
        raise TheoryError("The leading terms drive A − B.")
    split = _value(cubic[a] - cubic[first], condensed)
    gradient = _relative_gradient(leading, cubic)
    return DescentCorrection(sp.factor(speeds[0]), drives[0], split, sp.factor(decay), gradient)


def _relative_gradient(leading: ParticleSystem, cubic: ParticleSystem) -> sp.Expr:
    """√(⟨(leading + cubic/m)²⟩ / ⟨θ²⟩) through order 1/m.

    The first term is exact along e₁, whatever A and B: corrections of the state at the same P do not change it.
    """
    neuron = leading.neuron
    along = list(zip(leading.drift[:2], cubic.drift[:2], strict=True))
    size = on_condensed(mean(neuron.a**2 + neuron.w[0] ** 2, neuron), P)
    first = on_condensed(mean(sp.Add(*(p**2 for p, _ in along)), neuron), P) / size
    second = on_condensed(mean(sp.Add(*(p * q for p, q in along)), neuron), P) / size
    speed = 1 - P
    if sp.cancel(first - speed**2) != 0:
        raise TheoryError("The leading gradient is not 1 − P times the weights.")
    return speed + sp.cancel(second / speed) / width


def _value(expr: sp.Expr, condensed: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """A neuron's own rate on the condensed state: its coordinates first, then the means."""
    return sp.expand(on_condensed(sp.expand(expr).xreplace(condensed), P))


def _integral(integrand: sp.Expr, zeta: sp.Expr) -> sp.Expr:
    """∫_0^{1−ζ} dP of a rational function of P with poles at 1 only."""
    rest = sp.Symbol("q", positive=True)  # 1 − P
    terms = sp.expand(sp.apart(sp.cancel(sp.together(integrand).subs(P, 1 - rest)), rest))
    primitive = sp.integrate(terms, rest)
    return sp.expand(primitive.subs(rest, 1) - primitive.subs(rest, zeta))
