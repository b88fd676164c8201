"""Which quantities a system conserves exactly, which approximately, and at what order conservation breaks.

Orders are powers of a small λ after a scaling of the weights. Two scalings matter for the multi-stage paper: all
weights small (:data:`SMALL`), and the descent and the plateau after it, where the weights are of order m^(−1/2) while
a sum over neurons of a quadratic is of order 1 (:data:`MEAN_FIELD`, λ = m^(−1/2)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from theory.activation import Remainder, Sigma
from theory.brackets import Bracket, NeuronSum, lower
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.symbols import Coordinate, width


@dataclass(frozen=True)
class Scaling:
    """Powers of λ.

    Attributes
    ----------
    condensed:
        The power of a and of w^(1), the weights of the condensed direction.
    across:
        The power of w^(i), i ≥ 2.
    sums:
        The power that each sum over neurons brings in: 0 for a fixed width, −2 where m = λ^(−2).
    """

    condensed: int = 1
    across: int = 1
    sums: int = 0

    def coordinate(self, slot: str) -> int:
        """Power of a coordinate of a neuron."""
        return self.condensed if slot in ("a", "w1") else self.across

    def apply(self, expr: sp.Expr, small: sp.Symbol) -> sp.Expr:
        """The expression with the powers of ``small`` put in, expanded."""
        lowered, table = lower(expr)
        own = {
            s: small ** self.coordinate(s.slot) * s
            for s in lowered.free_symbols
            if isinstance(s, Coordinate) and s.space == "neuron"
        }
        sums = {symbol: self._bracket(bracket, small) for symbol, bracket in table.items()}
        return sp.expand(lowered.xreplace({width: small**self.sums * width} | own | sums))

    def _bracket(self, bracket: Bracket, small: sp.Symbol) -> sp.Expr:
        power = self.sums
        for factor in sp.Mul.make_args(bracket.args[0]):
            base, exponent = factor.as_base_exp()
            if not (isinstance(bracket, NeuronSum) and isinstance(base, Coordinate) and exponent.is_Integer):
                raise TheoryError(f"Orders are counted of moments; {bracket} is not one.")
            power += self.coordinate(base.slot) * int(exponent)
        return small**power * bracket


SMALL = Scaling()
"""All weights of order λ at a fixed width: the initial plateau."""

MEAN_FIELD = Scaling(sums=-2)
"""Weights of order λ = m^(−1/2), sums of quadratics of order 1: the descent and the secondary plateau."""

CONDENSED = Scaling(condensed=0)
"""Only the weights across the condensed direction small, as in (16)."""


@dataclass(frozen=True)
class Drift:
    """How fast a quantity changes along a system.

    Attributes
    ----------
    rate:
        Its time derivative, exact; 0 if it is conserved.
    order:
        The lowest power of λ in the rate; None if it is conserved exactly.
    leading:
        The part of the rate of that order.
    own_order:
        The lowest power of λ in the quantity itself.
    """

    rate: sp.Expr
    order: int | None
    leading: sp.Expr
    own_order: int

    @property
    def conserved(self) -> bool:
        """True if the rate is zero."""
        return self.order is None

    @property
    def relative_order(self) -> int | None:
        """Order of the rate minus that of the quantity: positive means nearly conserved over times of order 1."""
        return None if self.order is None else self.order - self.own_order


def drift_of(quantity: sp.Expr, system: ParticleSystem, scaling: Scaling = MEAN_FIELD) -> Drift:
    """The order at which a function of sums over neurons, and of one neuron, drifts along a polynomial system.

    Raises
    ------
    TheoryError
        If the system is not polynomial, or the quantity is zero.
    """
    if any(component.has(Sigma, Remainder) for component in system.drift):
        raise TheoryError("Orders are counted of polynomial systems; expand the activation first.")
    if sp.expand(quantity) == 0:
        raise TheoryError("The quantity is zero.")
    rate = system.derivative(quantity)
    own_order, _ = lowest_order(quantity, scaling)
    if rate == 0:
        return Drift(sp.S.Zero, None, sp.S.Zero, own_order)
    order, leading = lowest_order(rate, scaling)
    return Drift(rate, order, leading, own_order)


def lowest_order(expr: sp.Expr, scaling: Scaling) -> tuple[int, sp.Expr]:
    """The lowest power of λ in a polynomial of moments, and the terms of that order."""
    small = sp.Dummy("lambda", positive=True)
    by_power = sp.collect(scaling.apply(expr, small), small, evaluate=False)
    powers = {int(key.as_base_exp()[1]) if key != 1 else 0: value for key, value in by_power.items()}
    order = min(powers)
    return order, sp.expand(powers[order])


def breaks_at(
    quantity: sp.Expr, systems: Callable[[int], ParticleSystem], most: int
) -> tuple[int, Drift] | None:
    """The first order K of the expansion of σ whose system does not conserve the quantity, with its drift.

    Parameters
    ----------
    quantity:
        A function of sums over neurons, and of one neuron.
    systems:
        The system truncated at order K, for instance ``lambda K: Derivation(1, tanh_like(K)).truncated``.
    most:
        The highest order that is tried.

    Returns
    -------
    None if it is conserved up to that order.

    Raises
    ------
    TheoryError:
        Where ``most`` is below 1.
    """
    if most < 1:
        raise TheoryError(f"The highest order tried must be at least 1, not {most}.")
    for order in range(1, most + 1):
        found = drift_of(quantity, systems(order), MEAN_FIELD)
        if not found.conserved:
            return order, found
    return None
