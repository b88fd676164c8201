"""The derivation from the population risk to the reduced system, step by step, each step once."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from theory.activation import Remainder, Sigma, TaylorModel, tanh_like
from theory.brackets import rewrite
from theory.critical import common_factor
from theory.data import DataModel, aligned
from theory.errors import TheoryError
from theory.expansion import expand_flow, truncated_flow
from theory.flow import gradient_flow
from theory.invariants import conserved_quantities
from theory.linearise import condensed_leading_order, linearise
from theory.network import TwoLayerNetwork
from theory.noting import step
from theory.order_parameters import P, Q, condensed_order_parameters, drift_sum
from theory.particles import ParticleSystem
from theory.reduce import reduce
from theory.solutions import DescentSolution, on_level_set, solve_descent
from theory.vectorfield import VectorField


@dataclass(frozen=True)
class Derivation:
    """All steps for one dimension of the input, one Taylor model of σ and one model of the data.

    The equation numbers are those of the multi-stage paper. A step is derived when it is first asked for.

    Attributes
    ----------
    dim:
        Dimension d of the input.
    taylor:
        Taylor model of σ; by default σ(u) = u + δ(u).
    data:
        Known moments of the data; by default Assumptions 1 and 2 with z = e₁.
    """

    dim: int
    taylor: TaylorModel = field(default_factory=lambda: tanh_like(1))
    data: DataModel | None = None

    @step
    def network(self) -> TwoLayerNetwork:
        """The two-layer network f_θ(x) = Σ a_k σ(w_k·x) of any width, and its population risk."""
        return TwoLayerNetwork(self.dim)

    @step
    def flow(self) -> ParticleSystem:
        """Exact gradient flow of neuron k, σ opaque: (65)."""
        return gradient_flow(self.network)

    @step
    def expanded(self) -> ParticleSystem:
        """The flow with σ = Taylor polynomial + remainder, moments named: (7), or (10) for aligned data."""
        data = aligned(self.dim) if self.data is None else self.data
        return expand_flow(self.flow, self.taylor, data)

    @step
    def truncated(self) -> ParticleSystem:
        """The polynomial part of the expanded flow; what it leaves out is ``expanded.remainder_part()``."""
        data = aligned(self.dim) if self.data is None else self.data
        return truncated_flow(self.flow, self.taylor, data)

    @step
    def risk(self) -> sp.Expr:
        """Polynomial part of the risk, moments named: (37)–(39), with ½ ∫ f*² ρ in it."""

        def rule(node: sp.Expr) -> sp.Expr | None:
            return self.taylor.expand(node) if isinstance(node, Sigma) else None

        data = aligned(self.dim) if self.data is None else self.data
        terms = sp.Add.make_args(sp.expand(data.apply(sp.expand(rewrite(self.network.risk, rule)))))
        return sp.Add(*(t for t in terms if not t.has(Remainder)))

    @step
    def linearised(self) -> ParticleSystem:
        """Linear part at the origin: (15)."""
        return linearise(self.truncated)

    @step
    def leading_order(self) -> ParticleSystem:
        """Leading order of the descent, weights across e₁ small: (16) for σ(u) = u + δ(u)."""
        return condensed_leading_order(self.truncated)

    @step
    def reduced(self) -> VectorField:
        """The (P, Q) system."""
        return reduce(self.leading_order, condensed_order_parameters(self.network.neuron))

    @step
    def conserved(self) -> sp.Expr:
        """The conserved quantity of degree 2 of the (P, Q) system, found by the null space of an ansatz."""
        found = conserved_quantities(self.reduced, 2)
        if len(found) != 1:
            raise TheoryError(
                f"The (P, Q) system has {len(found)} conserved quantities of degree 2, not one."
            )
        return found[0]

    @step
    def logistic(self) -> VectorField:
        """The (P, Q) system on the branch Q = P of the level set 0 of the conserved quantity, P > 0: (19)."""
        branches = on_level_set(self.reduced, self.conserved, sp.S.Zero, Q)
        half = sp.Rational(1, 2)
        growing = [branch for branch in branches if branch[P].subs(P, half) > 0]
        if len(growing) != 1:
            raise TheoryError(
                f"Of {self.conserved} = 0 there are {len(growing)} branches that grow from small P, not one."
            )
        return growing[0]

    @step
    def descent(self) -> DescentSolution:
        """Exact solution of the (P, Q) system."""
        return solve_descent(self.reduced)

    @step
    def critical_factor(self) -> sp.Expr:
        """What vanishes where every neuron stops: 1 − P."""
        return common_factor(self.leading_order)

    @step
    def on_plateau(self) -> ParticleSystem:
        """The truncated flow on P = 1: (21) without its remainders."""
        return self.truncated.substitute({drift_sum(self.network.neuron, 1): sp.S.One})
