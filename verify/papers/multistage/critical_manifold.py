"""Section 3.3 and Corollary 3: the critical manifold P = 1, its spectrum for any width, and the gradient near it."""

from __future__ import annotations

import sympy as sp

from theory import Neuron, NeuronSum, P, ParticleSystem, Q, drift_sum
from theory.critical_manifold import field_spectrum, particle_jacobian, relative_gradient
from theory.noting import kept
from verify.papers.multistage import derivations
from verify.papers.multistage.dynamics import EVERY, SHOWN
from verify.papers.multistage.paper import paper
from verify.stating import named

LEADING = ("leading-order dynamics (16), any width",)


def _direction(dim: int) -> tuple[sp.Expr, ...]:
    """Any vector over all neurons that is a quadratic polynomial, the same one, in each neuron's weights."""
    k = Neuron("k", dim)
    quadratic = [sp.S.One, *k.coordinates, *(c * k.w[0] for c in k.coordinates)]
    return tuple(
        sp.Add(*(sp.Symbol(f"q{c}_{n}", real=True) * body for n, body in enumerate(quadratic)))
        for c in range(dim + 1)
    )


@kept
def _times_direction(dim: int) -> tuple[sp.Expr, ...]:
    """The derivative of (16) on P = 1 along that vector, by the chain rule over all neurons."""
    k = Neuron("k", dim)
    along = ParticleSystem(k, _direction(dim))
    system = derivations.leading_order(dim)
    return tuple(_on_plateau(along.derivative(drift), k) for drift in system.drift)


def _on_plateau(expr: sp.Expr, k: Neuron) -> sp.Expr:
    return sp.expand(expr.subs({drift_sum(k, 1): sp.S.One}))


def _stated_product(dim: int) -> tuple[sp.Expr, ...]:
    """−v (v·δ) with v = (w^(1), a, 0 … 0) at each neuron."""
    k = Neuron("k", dim)
    v = (k.w[0], k.a, *[sp.S.Zero] * (dim - 1))
    amount = NeuronSum(sp.Add(*(p * q for p, q in zip(v, _direction(dim), strict=True))), k)
    return tuple(_on_plateau(-entry * amount, k) for entry in v)


def _over(part: object) -> dict[str, sp.Expr]:
    return {
        f"d = {dim}, component {c}": e
        for dim in derivations.DIMENSIONS
        for c, e in enumerate(part(dim))  # type: ignore[operator]
    }


paper.identity(
    "eq21.jacobian",
    lambda: _over(_times_direction),
    lambda: _over(_stated_product),
    title="On P = 1 the linearisation of all neurons has rank one",
    where="Section 3.3, before equation (21)",
    hypotheses=(*LEADING, r"directions $\delta$ whose entries are quadratic in each neuron's weights", EVERY),
    uses=("eq16", "eq21.critical"),
    basis="derived",
    statement=r"J\,\delta = -v\,(v\cdot\delta),\quad v = (w_k^{(1)}, a_k, 0, \dots, 0)_k",
)


def _fast_rate(dim: int) -> sp.Expr:
    system = derivations.leading_order(dim)
    jacobian = particle_jacobian(system, {drift_sum(system.neuron, 1): sp.S.One})
    assert all(entry == 0 for entry in jacobian.own)
    return jacobian.small_matrix.trace()


def _stated_rate(dim: int) -> sp.Expr:
    k = Neuron("k", dim)
    return -NeuronSum(k.a**2, k) - NeuronSum(k.w[0] ** 2, k)


def _of_order_parameters() -> dict[str, sp.Expr]:
    fast, neutral = sorted(field_spectrum(derivations.of(1).reduced, {P: sp.S.One}), key=lambda v: v == 0)
    return {"(P, Q): fast": fast, "(P, Q): neutral": neutral}


paper.identity(
    "eq21.spectrum",
    lambda: {f"d = {d}": _fast_rate(d) for d in derivations.DIMENSIONS} | _of_order_parameters(),
    lambda: (
        {f"d = {d}": _stated_rate(d) for d in derivations.DIMENSIONS}
        | {"(P, Q): fast": -2 * Q, "(P, Q): neutral": sp.S.Zero}
    ),
    title="One fast direction on the critical manifold, all others neutral, up to a step left to the reader",
    where="Section 3.3, before equation (21)",
    hypotheses=(
        *LEADING,
        "the check compares the trace of a linearisation of rank one with $-2Q$; that a matrix of rank one has all "
        "other eigenvalues 0 is not part of it",
        EVERY,
    ),
    uses=("eq21.jacobian", "eq18.flow"),
    basis="derived",
    statement=(
        r"\lambda = -(\lVert a\rVert^2 + \lVert w^{(1)}\rVert^2) = -2Q"
        r"\text{ once, } 0 \text{ with multiplicity } m(1 + d) - 1"
    ),
)


def _stated_ratio(dim: int) -> sp.Expr:
    k = Neuron("k", dim)
    squares = [NeuronSum(c**2, k) for c in k.coordinates]
    return (1 - drift_sum(k, 1)) ** 2 * sp.Add(*squares[:2]) / sp.Add(*squares)


paper.identity(
    "cor3.exact",
    lambda: {f"d = {d}": relative_gradient(derivations.leading_order(d)) for d in derivations.DIMENSIONS},
    lambda: {f"d = {d}": _stated_ratio(d) for d in derivations.DIMENSIONS},
    title="Relative size of the gradient, exact at leading order",
    where="Corollary 3, equations (54) and (55)",
    hypotheses=(*LEADING, r"$P = \sum_j a_j w_j^{(1)}$; " + SHOWN),
    uses=("eq16",),
    basis="derived",
    statement=named(r"\Bigl(\frac{\lVert\nabla R\rVert}{\lVert\theta\rVert}\Bigr)^2", only="d = 2"),
)
