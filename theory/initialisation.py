"""The random start a_k ~ N(0, ε_a²), w_k ~ N(0, ε_w² I): moments of what is summed over neurons, exact for any width.

The multi-stage paper has ε_a = ε_w = m^{−α}; separate scales are kept apart here.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.errors import TheoryError
from theory.order_parameters import condensed_order_parameters
from theory.symbols import Neuron, width

scale_a = sp.Symbol("epsilon_a", positive=True)
"""Standard deviation ε_a of the output weights at time 0."""

scale_w = sp.Symbol("epsilon_w", positive=True)
"""Standard deviation ε_w of every input weight at time 0."""


@dataclass(frozen=True)
class Initialisation:
    """Independent Gaussian weights in dimension ``dim``, with a standard deviation for each layer.

    Attributes
    ----------
    dim:
        Dimension d of the input.
    scale_a, scale_w:
        ε_a and ε_w: symbols unless given, for instance both m^{−α}.
    """

    dim: int = 1
    scale_a: sp.Expr = scale_a
    scale_w: sp.Expr = scale_w

    @property
    def neuron(self) -> Neuron:
        """The neuron in whose coordinates functions are written."""
        return Neuron("k", self.dim)

    def expectation(self, function: sp.Expr) -> sp.Expr:
        """E φ(a, w) for a polynomial φ in the coordinates of :attr:`neuron`.

        Raises
        ------
        TheoryError
            If φ is not a polynomial in them.
        """
        coordinates = self.neuron.coordinates
        if not sp.sympify(function).is_polynomial(*coordinates):
            raise TheoryError(f"A Gaussian mean is taken of a polynomial in a, w1 … wd, not of {function}.")
        scales = (self.scale_a, *[self.scale_w] * self.dim)
        total = sp.S.Zero
        for powers, coefficient in sp.Poly(function, *coordinates).terms():
            if not any(p % 2 for p in powers):
                normal = (s**p * sp.factorial2(p - 1) for s, p in zip(scales, powers, strict=True))
                total += coefficient * sp.Mul(*normal)
        return sp.expand(total)

    def mean(self, function: sp.Expr) -> sp.Expr:
        """E Σ_k φ(a_k, w_k) over the m neurons."""
        return sp.factor(width * self.expectation(function))

    def covariance(self, function: sp.Expr, other: sp.Expr) -> sp.Expr:
        """Covariance of Σ_k φ(a_k, w_k) and Σ_k ψ(a_k, w_k): m (E φψ − E φ E ψ), as the neurons are independent."""
        product = self.expectation(sp.expand(function * other))
        return sp.factor(width * (product - self.expectation(function) * self.expectation(other)))

    def variance(self, function: sp.Expr) -> sp.Expr:
        """Variance of Σ_k φ(a_k, w_k)."""
        return self.covariance(function, function)

    @property
    def order_parameters(self) -> dict[str, sp.Expr]:
        """φ for P₀, Q₀, and for the growing and the decaying part A = ¼Σ(a + w¹)², B = ¼Σ(a − w¹)² of the start."""
        a, w = self.neuron.a, self.neuron.w[0]
        found = {f"{name}0": phi for name, phi in condensed_order_parameters(self.neuron).items()}
        quarter = sp.Rational(1, 4)
        return found | {"A": sp.expand((a + w) ** 2 * quarter), "B": sp.expand((a - w) ** 2 * quarter)}
