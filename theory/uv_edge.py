"""The edge of stability of the uv model with a target y ≠ 0: its invariant manifold, two-cycle and averages, exactly.

On q = 0 (u = v) one variable is left, p, with p′ = (1 + Y − p/4)² p. Points of the two-cycle are the roots of a
quadratic factor of the twice iterated map; functions on the cycle are reduced modulo it, so that averages come out
without any radical.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.errors import TheoryError
from theory.iteration import IterationMap
from theory.uv import Y, factorised, g, k, p, q
from theory.uv_hessian import sharpness


@cache
def edge_map() -> IterationMap:
    """The step on q = 0."""
    return factorised().restrict({q: sp.S.Zero})


@cache
def two_cycle() -> sp.Expr:
    """The polynomial in p whose roots are the two points of the cycle that period doubling opens.

    Of the factors of the twice iterated map that the map itself has not, the one of degree 2.
    """
    (once,), (twice,) = edge_map().images, edge_map().iterate(2).images
    old = {factor for factor, _ in sp.factor_list(sp.expand(once - p), p)[1]}
    new = [f for f, _ in sp.factor_list(sp.expand(twice - p), p)[1] if f not in old]
    quadratic = [f for f in new if sp.degree(f, p) == 2]
    if len(quadratic) != 1:
        raise TheoryError(f"The twice iterated map has {len(quadratic)} new factors of degree 2.")
    return sp.Poly(quadratic[0], p).monic().as_expr()


def on_the_cycle(expr: sp.Expr) -> sp.Expr:
    """A polynomial in p, reduced to degree 1 on the points of the two-cycle."""
    return sp.expand(sp.rem(sp.expand(expr), two_cycle(), p))


def mean_on_the_cycle(expr: sp.Expr) -> sp.Expr:
    """Its mean over the two points: half the sum of it at p and at the image of p."""
    return on_the_cycle((expr + edge_map().image(expr)) / 2)


def along_multiplier() -> sp.Expr:
    """Derivative of the twice iterated map on the cycle, along q = 0."""
    (once,) = edge_map().images
    slope = once.diff(p)
    return on_the_cycle(slope * edge_map().image(slope))


def across_multiplier() -> sp.Expr:
    """What two steps multiply a small q by."""
    factor = factorised().jacobian[1, 1].subs(q, 0)
    return on_the_cycle(factor * edge_map().image(factor))


def sharpness_square() -> sp.Expr:
    """(η μ₊ − k/2)² on q = 0, in p."""
    on_edge = {g: p / 4, k: p / 2}
    return sp.expand(((sharpness() - k / 2) ** 2).subs(on_edge))


def edge_sharpness() -> sp.Expr:
    """η λ^H on q = 0 where it is k + a, that is for p ≥ 2Y."""
    return p / 2 + (p / 4 - Y)
