"""The slow flow of the secondary plateau, by singular perturbation of the truncated gradient flow.

On the scale a_k = A_k/√m, w_k = B_k/√m and in the slow time τ = t/m the truncated flow is

    dθ_k/dτ = m · fast_k + slow_k + O(m^(−1/2)).

The fast part is Σ_i g_i D_i with g = z − M₂⟨AB⟩ and D_i = (B_i in the direction of A; A in the direction of B_i): it
vanishes for all neurons at once on the surface ⟨AB⟩ = M₂⁻¹ z, which attracts. Off the surface by O(1/m) only,
g = ℓ/m, the fast part pushes with Σ_i ℓ_i D_i; ℓ is fixed by the condition that ⟨AB⟩ does not change at order 1.
Multi-stage paper, section 6.2: this is the flow that P = 1 leaves, and the plateau ends by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from theory.activation import TaylorModel, tanh_like
from theory.brackets import NeuronSum, lower
from theory.data import DataModel, aligned
from theory.derivation import Derivation
from theory.errors import TheoryError
from theory.meanfield import mean, on_condensed, orders, profile
from theory.noting import step
from theory.particles import ParticleSystem
from theory.symbols import Neuron, width


@dataclass(frozen=True)
class SlowFlow:
    """dA_k/dτ and dB_k/dτ on the surface ⟨AB⟩ = ``surface``, τ = t/m, to leading order in 1/m.

    The coordinates of ``neuron`` stand for A_k = √m a_k and B_k = √m w_k, and ⟨φ⟩ is written Σ φ / m.

    Attributes
    ----------
    neuron:
        Neuron k.
    push:
        The part of the drift that each neuron makes by itself, (G_A, G_B1 … G_Bd).
    cubic:
        What the brackets of the cubic terms add to ℓ: the multiplier Λ is ℓ − ``cubic``, length d.
    surface:
        Value of ⟨A B_i⟩ on the surface, length d; e₁ for aligned data.
    second_moments:
        M₂, which turns g into a distance from the surface.
    energy:
        E: the risk on the surface is ``plateau_risk`` + E/m + O(m^(−3/2)).
    plateau_risk:
        The risk on the surface as m → ∞, with ½ ∫ f*² ρ in it.
    """

    neuron: Neuron
    push: tuple[sp.Expr, ...]
    cubic: tuple[sp.Expr, ...]
    surface: tuple[sp.Expr, ...]
    second_moments: sp.ImmutableMatrix
    energy: sp.Expr
    plateau_risk: sp.Expr

    @property
    def dim(self) -> int:
        """Dimension d of the input."""
        return self.neuron.dim

    @cached_property
    def multiplier_symbols(self) -> tuple[sp.Symbol, ...]:
        """Names of Λ_1 … Λ_d."""
        if self.dim == 1:
            return (sp.Symbol("Lambda", real=True),)
        return tuple(sp.Symbol(f"Lambda{i}", real=True) for i in range(1, self.dim + 1))

    @step
    def fast_rate(self) -> sp.Matrix:
        """N = ⟨A²⟩ I + ⟨B Bᵀ⟩: off the surface, d⟨AB⟩/dt = N (z − M₂⟨AB⟩), so that the surface attracts."""
        a, w = self.neuron.a, self.neuron.w
        return sp.Matrix(
            self.dim,
            self.dim,
            lambda i, j: mean(w[i] * w[j], self.neuron) + (mean(a**2, self.neuron) if i == j else 0),
        )

    @step
    def multiplier(self) -> tuple[sp.Expr, ...]:
        """Λ = m (z − M₂⟨AB⟩) − ``cubic``, from d⟨AB⟩/dτ = 0: Λ = −N⁻¹ ⟨B G_A + A G_B⟩."""
        a, w = self.neuron.a, self.neuron.w
        moved = sp.Matrix(
            [mean(w[i] * self.push[0] + a * self.push[i + 1], self.neuron) for i in range(self.dim)]
        )
        named, table = lower(sp.Tuple(*self.fast_rate, *moved))
        entries = list(named)
        matrix = sp.Matrix(self.dim, self.dim, entries[: self.dim**2])
        solved = -(matrix.adjugate() * sp.Matrix(entries[self.dim**2 :])) / matrix.det(method="berkowitz")
        return tuple(sp.cancel(entry).xreplace(dict(table)) for entry in solved)

    @step
    def flow(self) -> ParticleSystem:
        """The drift with Λ as symbols: dA = Λ·B + G_A, dB_i = Λ_i A + G_Bi."""
        a, w, names = self.neuron.a, self.neuron.w, self.multiplier_symbols
        first = sp.Add(*(name * wi for name, wi in zip(names, w, strict=True)))
        along = (first, *(name * a for name in names))
        return ParticleSystem(
            self.neuron, tuple(sp.expand(p + q) for p, q in zip(along, self.push, strict=True))
        )

    @step
    def closed(self) -> ParticleSystem:
        """The drift with Λ put in, in the neuron's own coordinates and brackets alone."""
        values = dict(zip(self.multiplier_symbols, self.multiplier, strict=True))
        return self.flow.map(lambda drift: drift.xreplace(values))

    def derivative(self, expr: sp.Expr) -> sp.Expr:
        """d/dτ of a function of brackets and of neuron k's coordinates along the flow, Λ put in."""
        values = dict(zip(self.multiplier_symbols, self.multiplier, strict=True))
        return self.flow.derivative(expr).xreplace(values)

    def on_surface(self, expr: sp.Expr) -> sp.Expr:
        """The expression with ⟨A B_i⟩ replaced by its value on the surface."""
        values = {
            NeuronSum(self.neuron.a * wi, self.neuron): width * value
            for wi, value in zip(self.neuron.w, self.surface, strict=True)
        }
        return sp.expand(expr.subs(values))

    @step
    def displacement(self) -> tuple[sp.Expr, ...]:
        """m (⟨AB⟩ − surface) = −M₂⁻¹ ℓ with ℓ = Λ + ``cubic``: how far off the surface the network runs."""
        off = sp.Matrix([p + q for p, q in zip(self.multiplier, self.cubic, strict=True)])
        return tuple(-(self.second_moments.inv() * off))

    @step
    def kappa(self) -> sp.Expr:
        """κ, the rate of a neuron along e₁: G_A = −κ B₁³ where the weights across e₁ vanish."""
        across = dict.fromkeys(self.neuron.w[1:], sp.S.Zero)
        return sp.factor(-self.push[0].xreplace(across).coeff(self.neuron.w[0], 3))

    @step
    def overshoot(self) -> sp.Expr:
        """P_plateau − surface₁ where A = B₁ = ξ: what the descent hands over to the plateau, order 1/m."""
        return on_condensed(self.displacement[0], self.surface[0]) / width

    @step
    def growth_across(self) -> tuple[sp.Expr, ...]:
        """dB_i/dτ for i = 2 … d where A = B₁ = ξ and the weights across e₁ vanish, as polynomials in ξ.

        A direction in which this is zero is one that the condensed network does not leave for by itself.
        """
        along = {self.neuron.a: profile, self.neuron.w[0]: profile} | dict.fromkeys(
            self.neuron.w[1:], sp.S.Zero
        )
        level = self.surface[0]
        if level != 1 or any(self.surface[1:]):
            raise TheoryError("The growth across e₁ is derived for aligned data with ‖z‖ = 1.")
        values = {
            name: on_condensed(value, level)
            for name, value in zip(self.multiplier_symbols, self.multiplier, strict=True)
        }
        return tuple(sp.factor(drift.xreplace(along).xreplace(values)) for drift in self.flow.drift[2:])


def slow_flow(dim: int = 1, taylor: TaylorModel | None = None, data: DataModel | None = None) -> SlowFlow:
    """Derive the slow flow from the gradient flow.

    Parameters
    ----------
    dim:
        Dimension d of the input.
    taylor:
        Taylor model of σ of order at least 3; by default u + c₃u³. Higher orders do not change the result.
    data:
        By default Assumptions 1 and 2 with z = e₁. M₂ must be regular.

    Raises
    ------
    TheoryError
        If the fast part is not a common push along D_1 … D_d, so that no surface stops all neurons.
    """
    model = tanh_like(3, odd=True) if taylor is None else taylor
    if model.order < 3:
        raise TheoryError(
            "The slow flow comes from the cubic terms; expand the activation to order 3 or higher."
        )
    known = aligned(dim) if data is None else data
    derivation = Derivation(dim, model, known)
    system, neuron = derivation.truncated, derivation.network.neuron
    by_order = [orders(component, [neuron], dim) for component in system.drift]
    # A = √m a and τ = t/m: the drift is taken times m^(3/2), so that m^(−n/2) becomes m^((3−n)/2).
    if any(min(found, default=3) < 1 or 2 in found for found in by_order):
        raise TheoryError("The flow has terms larger than the fast part m (z − M₂⟨AB⟩).")
    fast = [found.get(1, sp.S.Zero) for found in by_order]
    slow = [found.get(3, sp.S.Zero) for found in by_order]
    pull = _along(fast, neuron)
    if any(sp.expand(rest) != 0 for rest in _without(fast, pull, neuron)):
        raise TheoryError("The fast part pushes neurons in different directions: no surface stops them all.")
    surface = _zero_of(pull, neuron)
    values = {NeuronSum(neuron.a * w, neuron): width * s for w, s in zip(neuron.w, surface, strict=True)}
    slow = [sp.expand(component.subs(values)) for component in slow]
    shared = [sp.Add(*(t for t in sp.Add.make_args(c) if t.has(NeuronSum))) for c in slow]
    push = tuple(sp.expand(c - s) for c, s in zip(slow, shared, strict=True))
    common = _along(shared, neuron)
    if any(sp.expand(rest) != 0 for rest in _without(shared, common, neuron)):
        raise TheoryError("The brackets of the cubic terms push neurons in different directions.")
    energy, plateau = _risk_on_surface(derivation, pull, values)
    return SlowFlow(neuron, push, tuple(-c for c in common), surface, known.second_moments, energy, plateau)


def _along(components: list[sp.Expr], neuron: Neuron) -> tuple[sp.Expr, ...]:
    """Coefficients of D_1 … D_d, read off the component of B_i: D_i alone moves it, by A."""
    return tuple(sp.expand(component).coeff(neuron.a, 1) for component in components[1:])


def _without(components: list[sp.Expr], along: tuple[sp.Expr, ...], neuron: Neuron) -> list[sp.Expr]:
    first = sp.Add(*(c * w for c, w in zip(along, neuron.w, strict=True)))
    return [components[0] - first, *(c - g * neuron.a for c, g in zip(components[1:], along, strict=True))]


def _zero_of(pull: tuple[sp.Expr, ...], neuron: Neuron) -> tuple[sp.Expr, ...]:
    """⟨A B_i⟩ where the fast part vanishes."""
    names = {
        NeuronSum(neuron.a * w, neuron): width * sp.Dummy(f"s{i}", real=True)
        for i, w in enumerate(neuron.w, 1)
    }
    unknown = [value / width for value in names.values()]
    equations = [sp.expand(g.xreplace(names)) for g in pull]
    if any(e.has(NeuronSum) for e in equations):
        raise TheoryError("The fast part depends on more than ⟨AB⟩.")
    found = sp.linsolve(equations, unknown)
    solution = next(iter(found), None)
    if solution is None or sp.Tuple(*solution).free_symbols & set(unknown):
        raise TheoryError("M₂ is singular: the fast part does not fix ⟨AB⟩.")
    return tuple(sp.factor(value) for value in solution)


def _risk_on_surface(
    derivation: Derivation, pull: tuple[sp.Expr, ...], values: dict[sp.Expr, sp.Expr]
) -> tuple[sp.Expr, sp.Expr]:
    """E and the risk at m → ∞, from the expanded risk on the surface."""
    found = orders(derivation.risk, dim=derivation.dim)
    if set(found) - {0, 2} and min(set(found) - {0, 2}) < 2:
        raise TheoryError("The risk has a term between order 1 and order 1/m.")
    leading, first = found[0], found.get(2, sp.S.Zero)
    # The leading part is stationary on the surface, so that a distance of order 1/m changes it by order 1/m² only.
    named, table = lower(leading)
    neuron = derivation.network.neuron
    for w, g in zip(neuron.w, pull, strict=True):
        (symbol,) = [s for s, bracket in table.items() if bracket == NeuronSum(neuron.a * w, neuron)]
        if sp.expand(width * named.diff(symbol).xreplace(dict(table)) + g) != 0:
            raise TheoryError("The risk is not stationary where the fast part vanishes.")
    return sp.factor_terms(sp.expand(first.subs(values))), sp.expand(leading.subs(values))
