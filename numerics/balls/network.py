"""The two-layer network's gradient flow over balls: its field, its Jacobian's logarithmic norm, its observables.

A state is a list of m neurons, each a list (a, w1, …, wd). The field is written once and works on real balls, complex
balls and power series alike; it knows nothing of the reductions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flint import acb, arb

from numerics.balls.activation import BallActivation
from numerics.balls.dyadic import norm_bound, square
from numerics.balls.from_formula import ball_activation
from numerics.balls.samples import BallData
from numerics.errors import InputError

State = list[list[arb]]


@dataclass(frozen=True)
class BallNetwork:
    """f(x) = Σ_k a_k σ(w_k·x) on these data, with the risk R = ½ Σ_i weight_i (f(x_i) − y_i)²."""

    activation: BallActivation
    data: BallData

    @classmethod
    def named(cls, activation: str, data: BallData) -> BallNetwork:
        """With a built-in activation, or a formula in u. InputError for what is neither.

        Also where the data are one of each ± pair only and the activation is not odd by its form.
        """
        found = ball_activation(activation)
        if data.mirrored and not found.odd:
            raise InputError(
                f"The activation {found.name!r} is not odd by its form; the data must hold both of each ± pair."
            )
        return cls(found, data)

    def inner(self, w: Sequence[Any], x: Sequence[arb]) -> Any:
        """w·x in the arithmetic of w."""
        total = w[0] * x[0]
        for weight, coordinate in zip(w[1:], x[1:], strict=True):
            total = total + weight * coordinate
        return total

    def field(
        self, state: Sequence[Sequence[Any]], pair: Callable[[Any], tuple[Any, Any]]
    ) -> list[list[Any]]:
        """−∇R: da_k/dt = −Σ_i ρ_i r_i σ(w_k·x_i), dw_k/dt = −a_k Σ_i ρ_i r_i σ'(w_k·x_i) x_i.

        ``pair(u)`` gives σ(u) and σ'(u) in the arithmetic of the state's entries.
        """
        outer: list[Any] = [None] * len(state)
        inner: list[list[Any]] = [[None] * self.data.dim for _ in state]
        for x, y, rho in zip(self.data.x, self.data.y, self.data.weights, strict=True):
            values = [pair(self.inner(neuron[1:], x)) for neuron in state]
            total = state[0][0] * values[0][0]
            for neuron, (value, _) in zip(state[1:], values[1:], strict=True):
                total = total + neuron[0] * value
            pull = (total - y) * -rho
            for k, (value, slope) in enumerate(values):
                outer[k] = _plus(outer[k], pull * value)
                bent = pull * slope
                for coordinate in range(self.data.dim):
                    inner[k][coordinate] = _plus(inner[k][coordinate], bent * x[coordinate])
        return [
            [da, *(neuron[0] * entry for entry in dw)]
            for neuron, da, dw in zip(state, outer, inner, strict=True)
        ]

    def speed_bound(self, box: Sequence[Sequence[acb]]) -> arb | None:
        """A bound of ‖∇R‖₂ over a complex box, None unless the whole box lies where the field is analytic."""
        for neuron in box:
            for x in self.data.x:
                if not self.activation.in_strip(self.inner(neuron[1:], x)):
                    return None
        moved = self.field(box, self.activation.box)
        bound = norm_bound(entry for neuron in moved for entry in neuron)
        return bound if bound.is_finite() else None

    def residuals(self, box: State) -> list[arb]:
        """f(x_i) − y_i for every state in the box."""
        found = []
        for x, y in zip(self.data.x, self.data.y, strict=True):
            total = -y
            for neuron in box:
                total = total + neuron[0] * self.activation.interval(self.inner(neuron[1:], x))[0]
            found.append(total)
        return found

    def gradient_bounds(self, box: State) -> list[arb]:
        """For each sample a bound of ‖∇_θ f(x_i)‖₂ over the box: how fast the residual can change with the state."""
        found = []
        for x in self.data.x:
            size = norm_bound(x)
            entries = []
            for neuron in box:
                value, slope, _ = self.activation.interval(self.inner(neuron[1:], x))
                entries += [value, neuron[0] * slope * size]
            found.append(norm_bound(entries))
        return found

    def growth_bound(self, box: State, residuals: Sequence[arb]) -> arb:
        """An upper bound, over a box of states, of the logarithmic 2-norm of the field's Jacobian.

        J = −∇²R is symmetric, so its logarithmic 2-norm is its largest eigenvalue. With weights ρ_i ≥ 0

            −∇²R = −Σ_i ρ_i ∇f_i ∇f_iᵀ − Σ_i ρ_i r_i ∇²f_i,

        and the first sum is positive semidefinite: leaving it out can only raise the largest eigenvalue
        (λ_max(A − G) ≤ λ_max(A) for G ⪰ 0, by the Rayleigh quotient). As f is a sum over neurons, ∇²f_i has no entry
        that joins two neurons, and what is left is block diagonal, with the block of neuron k

            −[[0, gᵀ], [g, H]],   g = Σ_i ρ_i r_i σ'(w_k·x_i) x_i,   H = a_k Σ_i ρ_i r_i σ''(w_k·x_i) x_i x_iᵀ,

        so λ_max is at most the largest of the blocks' own. For a unit vector (α, v) with ‖v‖ = β the block's form is
        −2α g·v − vᵀHv ≤ 2|α|β‖g‖ + λ_max(−H)β², the form of [[0, ‖g‖], [‖g‖, h]] at (|α|, β) with h = λ_max(−H), and
        the largest eigenvalue of that is ½(h + √(h² + 4‖g‖²)): increasing in h and in ‖g‖, so upper bounds of the two
        may be put in. In one dimension nothing is lost. h is bounded by Gershgorin's discs. All of it holds at every
        single state of the box, with ``residuals`` containing r_i there; data in balls are fixed, unknown numbers.

        NaN (or an infinite ball) comes out where one went in.
        """
        dim = self.data.dim
        worst = arb(0)
        for neuron in box:
            g = [arb(0)] * dim
            h = [[arb(0)] * dim for _ in range(dim)]
            for x, rho, r in zip(self.data.x, self.data.weights, residuals, strict=True):
                _, slope, bend = self.activation.interval(self.inner(neuron[1:], x))
                pull = rho * r
                first, second = pull * slope, pull * bend
                for i in range(dim):
                    g[i] = g[i] + first * x[i]
                    for j in range(i + 1):
                        h[i][j] = h[i][j] + second * x[i] * x[j]
            top = _largest_eigenvalue(
                [[-neuron[0] * entry for entry in row[: i + 1]] for i, row in enumerate(h)]
            )
            size = norm_bound(g)
            bound = ((top + (top * top + 4 * size * size).sqrt()) / 2).upper()
            if not bound.is_finite():
                return arb("nan")
            worst = bound if bound > worst else worst
        return worst

    def loss(self, residuals: Sequence[arb]) -> arb:
        """R from the residuals of the summed samples."""
        total = self.data.constant_loss
        for rho, r in zip(self.data.weights, residuals, strict=True):
            total = total + rho * square(r) / 2
        return total


def _plus(total: Any, term: Any) -> Any:
    return term if total is None else total + term


def _largest_eigenvalue(lower: Sequence[Sequence[arb]]) -> arb:
    """An upper bound, by Gershgorin's discs, of the eigenvalues of a symmetric matrix given by its lower triangle."""
    best = None
    for i in range(len(lower)):
        edge = lower[i][i]
        for j in range(len(lower)):
            if j != i:
                edge = edge + abs(lower[max(i, j)][min(i, j)])
        top = edge.upper()
        if not top.is_finite():
            return arb("nan")
        best = top if best is None or top > best else best
    assert best is not None
    return best
