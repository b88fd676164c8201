"""What the leading order conserves, and at what order the cubic truncation breaks it: Prop. 5 and section 6.2."""

from __future__ import annotations

import sympy as sp

from theory import Derivation, Neuron, NeuronSum, ParticleSystem, tanh_like
from theory.conservation import MEAN_FIELD, Drift, breaks_at, drift_of
from theory.critical_manifold import approximate_manifold
from theory.noting import kept
from verify.papers.multistage import derivations
from verify.papers.multistage.paper import paper
from verify.stating import named

c3, F3, M4 = sp.symbols("c3 F3 M4", real=True)
CUBIC = (
    r"truncation of order 3, $d = 1$, any width; Assumptions 1 to 3",
    r"orders counted formally: weights $m^{-1/2}$, a sum over neurons $m$ times its terms, as on the descent and the "
    r"secondary plateau; $\operatorname{lead}[\,\cdot\,]$ is the part of lowest order",
)


@kept
def truncated_flow(order: int) -> ParticleSystem:
    """The flow with σ cut off after u^order, d = 1."""
    return Derivation(1, tanh_like(order)).truncated


def _sum(i: int, j: int) -> sp.Expr:
    """Σ_k a_k^i w_k^j."""
    k = Neuron("k", 1)
    return NeuronSum(k.a**i * k.w[0] ** j, k)


def _difference() -> sp.Expr:
    k = Neuron("k", 1)
    return k.a**2 - k.w[0] ** 2


def _invariant() -> sp.Expr:
    return ((_sum(2, 0) + _sum(0, 2)) / 2) ** 2 - _sum(1, 1) ** 2


def _orders(quantity: sp.Expr) -> dict[str, sp.Expr]:
    """First order K of the expansion that moves it, and the power of 1/m of its relative rate there."""
    found = breaks_at(quantity, truncated_flow, 5)
    if found is None:
        return {"K": sp.oo, "power of 1/m": sp.oo}
    order, drift = found
    assert isinstance(drift, Drift)
    assert drift.relative_order is not None
    return {"K": sp.Integer(order), "power of 1/m": sp.Rational(drift.relative_order, 2)}


paper.identity(
    "prop5.order",
    lambda: {
        f"{name}: {what}": value
        for name, quantity in (("Q^2 - P^2", _invariant()), ("a_k^2 - w_k^2", _difference()))
        for what, value in _orders(quantity).items()
    },
    lambda: {
        f"{name}: {what}": value
        for name in ("Q^2 - P^2", "a_k^2 - w_k^2")
        for what, value in (("K", sp.Integer(3)), ("power of 1/m", sp.S.One))
    },
    title="The invariants of the leading order drift at relative order 1/m, from the cubic term on",
    where="Proposition 5; after equation (18)",
    hypotheses=(
        *CUBIC[1:],
        "$d = 1$, any width; Assumptions 1 to 3",
        r"$K[X]$: the lowest order of the truncation of $\sigma$, of those up to 5, at which $\dot X \ne 0$; there "
        r"$\dot X$ is of order $m^{-\nu}$ times $X$, with $\nu = \nu[X]$",
    ),
    uses=("eq18.invariant",),
    basis="derived",
    statement=named(
        r"K[Q^2 - P^2]",
        r"\nu[Q^2 - P^2]",
        r"K\bigl[a_k^2 - (w_k^{(1)})^2\bigr]",
        r"\nu\bigl[a_k^2 - (w_k^{(1)})^2\bigr]",
    ),
)

paper.identity(
    "sec6.2.drift",
    lambda: drift_of(_difference(), truncated_flow(3), MEAN_FIELD).leading,
    lambda: -4 * c3 * Neuron("k", 1).a * Neuron("k", 1).w[0] ** 3 * (F3 - M4 * _sum(1, 1)),
    title="How the balance between a neuron's two weights is lost",
    where="Section 6.2",
    hypotheses=CUBIC,
    uses=("eq10",),
    basis="derived",
    statement=named(r"\operatorname{lead}\Bigl[\frac{d}{dt}\bigl(a_k^2 - (w_k^{(1)})^2\bigr)\Bigr]"),
)


def _displacement() -> sp.Expr:
    found = approximate_manifold(derivations.leading_order(1), truncated_flow(3))
    return found.displacement


def _stated_displacement() -> sp.Expr:
    across = c3 * (F3 - M4) * (_sum(0, 4) + 3 * _sum(2, 2)) / (_sum(2, 0) + _sum(0, 2))
    return across - c3 * M4 * _sum(1, 3)


paper.identity(
    "eq21.displacement",
    _displacement,
    _stated_displacement,
    title="Where P settles beside 1 on the secondary plateau",
    where="Section 3.3 and 6.2; the constant behind the overshoot",
    hypotheses=(*CUBIC, r"balance of the fast direction against the cubic drift on $P = 1$"),
    uses=("eq21.spectrum",),
    basis="derived",
    statement=named(r"\operatorname{lead}[P - 1]"),
)


def _at_equal_weights() -> sp.Expr:
    """The displacement where a_k = w_k = ξ_k/√m, ⟨ξ²⟩ = 1, ⟨ξ⁴⟩ = k₄."""
    m, k4 = sp.Symbol("m", positive=True), sp.Symbol("k4", real=True)
    fourth = k4 / m
    values = {_sum(2, 0): sp.S.One, _sum(0, 2): sp.S.One}
    values |= {_sum(0, 4): fourth, _sum(2, 2): fourth, _sum(1, 3): fourth}
    return sp.expand(_displacement().subs(values))


def _stated_overshoot() -> sp.Expr:
    m, k4 = sp.Symbol("m", positive=True), sp.Symbol("k4", real=True)
    kappa = -c3 * (F3 - M4)
    return k4 * (-c3 * M4 - 2 * kappa) / m


paper.identity(
    "b3.manifold",
    _at_equal_weights,
    _stated_overshoot,
    title="The constant of the overshoot, from the critical manifold",
    where="beyond the paper; section 6",
    hypotheses=(
        *CUBIC,
        r"$a_k = w_k = \xi_k/\sqrt m$, $\langle\xi^2\rangle = 1$, $\langle\xi^4\rangle = k_4$",
    ),
    uses=("eq21.displacement",),
    basis="derived",
    statement=named(r"\operatorname{lead}[P - 1]"),
)
