"""Section 3.3 and Corollary 3: the critical manifold P = 1, its spectrum for any width, and the gradient near it."""

from __future__ import annotations

import sympy as sp

from theory import Neuron, NeuronSum, P, ParticleSystem, Q, drift_sum
from theory.critical_manifold import field_spectrum, particle_jacobian, relative_gradient
from theory.naming import Named, NamedQuantity, quantity
from theory.noting import kept
from verify.papers.multistage import derivations
from verify.papers.multistage.dynamics import SHOWN
from verify.papers.multistage.paper import paper
from verify.stating import named

LEADING = ("leading-order dynamics (16), any width",)


def _entries(dim: int) -> tuple[NamedQuantity, ...]:
    """The names δ_k^(0), δ_k^(1) … of the entries of a direction."""
    return tuple(quantity(rf"\delta{c}", Neuron("k", dim)) for c in range(dim + 1))


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
    """The derivative of (16) along that vector, by the chain rule over all neurons."""
    along = ParticleSystem(Neuron("k", dim), _direction(dim))
    return tuple(along.derivative(drift) for drift in derivations.leading_order(dim).drift)


def _stated_product(dim: int) -> tuple[sp.Expr, ...]:
    """−v (v·δ) with v = (w^(1), a, 0 … 0) at each neuron, and what 1 − P leaves beside it."""
    k, called = Neuron("k", dim), _entries(dim)
    product = sp.Symbol("p", real=True)
    meanings = {P: drift_sum(k, 1)} | dict(zip(called, _direction(dim), strict=True))
    meanings |= {product: NeuronSum(k.w[0] * called[0] + k.a * called[1], k)}
    entries = ((1 - P) * called[1] - k.w[0] * product, (1 - P) * called[0] - k.a * product)
    return tuple(Named(entry, meanings) for entry in (*entries, *[sp.S.Zero] * (dim - 1)))


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
    hypotheses=(
        *LEADING,
        r"$J$ is the derivative of (16), all neurons together, at any weights; $\delta$ is a direction with entries "
        r"$\delta_k^{(0)}$ for $a_k$ and $\delta_k^{(i)}$ for $w_k^{(i)}$, each one quadratic polynomial, the same for "
        "all neurons, in a neuron's weights, with any coefficients",
        r"where $P = 1$ what is left is $-v\,(v\cdot\delta)$ with $v = (w_k^{(1)}, a_k, 0)_k$, and "
        r"$p = v\cdot\delta$",
        SHOWN,
    ),
    uses=("eq16", "eq21.critical"),
    basis="derived",
    statement=named(
        r"(J\delta)_{a_k}",
        r"(J\delta)_{w_k^{(1)}}",
        r"(J\delta)_{w_k^{(2)}}",
        only="d = 2",
        told=(r"\delta",),
    ),
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
        r"a linearisation of rank one has its trace, here $-2Q$, as one eigenvalue, and 0 as all the $m(1 + d) - 1$ "
        "others: this step is not part of the check",
        r"$J$: as in eq21.jacobian, where $P = 1$; $J_{PQ}$: the derivative of the $(P, Q)$ system there, with its two "
        "eigenvalues",
        SHOWN,
    ),
    uses=("eq21.jacobian", "eq18.flow"),
    basis="derived",
    statement=named(
        r"\operatorname{tr} J", r"\lambda_1(J_{PQ})", r"\lambda_2(J_{PQ})", only=("d = 2", "(P, Q)")
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
