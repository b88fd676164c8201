"""What the cubic terms put into the weights across e₁ during the descent, first order in 1/m, d ≥ 2.

Along A_k = B_k^(1) = √P ξ_k the weights across are B_k^(i) = (α₁ξ_k + α₃ξ_k³)/m beside what the start left: the cubic
terms drive both numbers, and the leading terms damp Σ a_k w_k^(i). Multi-stage paper, Proposition 3, equation (46).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.activation import tanh_like
from theory.brackets import NeuronSum
from theory.data import aligned
from theory.derivation import Derivation
from theory.errors import TheoryError
from theory.meanfield import moment_of_draw, on_condensed, orders, profile
from theory.order_parameters import P
from theory.symbols import width
from theory.vectorfield import VectorField

alpha1 = sp.Symbol("alpha1", real=True)
"""Coefficient of ξ in m B^(i)."""

alpha3 = sp.Symbol("alpha3", real=True)
"""Coefficient of ξ³ in m B^(i)."""


@dataclass(frozen=True)
class AcrossDescent:
    """Direction i ≥ 2.

    Attributes
    ----------
    field:
        d(P, α₁, α₃)/dt, all from 0 as t → −∞.
    square:
        m² Σ_k (w_k^(i))² = ⟨(α₁ξ + α₃ξ³)²⟩ in α₁, α₃ and the moments of the draw.
    """

    field: VectorField
    square: sp.Expr


def across_descent(dim: int, i: int) -> AcrossDescent:
    """Derive the growth in direction i of the input from the gradient flow, aligned data with ‖z‖ = 1.

    Raises
    ------
    TheoryError
        If i is not a direction across e₁, or the drive is no combination of ξ and ξ³.
    """
    if not 2 <= i <= dim:
        raise TheoryError(f"The directions across e₁ are 2 … d; there is no {i} for d = {dim}.")
    derivation = Derivation(dim, tanh_like(3, odd=True), aligned(dim))
    neuron = derivation.network.neuron
    by_order = orders(derivation.truncated[neuron.w[i - 1]], [neuron], dim)
    condensed = {c: sp.S.Zero for c in neuron.w[1:]} | dict.fromkeys(
        (neuron.a, neuron.w[0]), sp.sqrt(P) * profile
    )

    def value(expr: sp.Expr) -> sp.Expr:
        return sp.expand(on_condensed(sp.expand(expr).xreplace(condensed), P))

    shape = alpha1 * profile + alpha3 * profile**3
    drift_sum = NeuronSum(neuron.a * neuron.w[i - 1], neuron)
    named = sp.Dummy("S", real=True)
    leading = sp.expand(by_order.get(1, sp.S.Zero).subs(drift_sum, named * width))
    if value(leading.subs(named, 0)) != 0:
        raise TheoryError(f"The leading terms drive direction {i}.")
    product = sp.Poly(sp.expand(shape * profile), profile)
    level = sp.sqrt(P) * sp.Add(*(c * moment_of_draw(n) for (n,), c in product.terms()))
    damping = value(leading.coeff(named, 1)) * level
    total = sp.Poly(sp.expand(damping + value(by_order.get(3, sp.S.Zero))), profile)
    if set(total.monoms()) - {(1,), (3,)}:
        raise TheoryError(f"The drive of direction {i} is no combination of ξ and ξ³.")
    rates = tuple(sp.expand(total.coeff_monomial(profile**n)) for n in (1, 3))
    square = sp.Poly(sp.expand(shape**2), profile)
    return AcrossDescent(
        VectorField((P, alpha1, alpha3), (Derivation(1).logistic[P], *rates)),
        sp.Add(*(c * moment_of_draw(n) for (n,), c in square.terms())),
    )
