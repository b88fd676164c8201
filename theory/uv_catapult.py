"""The catapult of the uv model near its threshold: a formal invariant of the map, and where the catapult ends.

With ε = k − 2 and G = g² the step for y = 0 is ε′ = ε + G(ε − 2), G′ = G(1 + ε − G)². Give ε the weight 1 and G the
weight 2: to leading weight it is the flow of −2G ∂_ε + 2εG ∂_G, which conserves ε² + 2G. Every step changes a
polynomial by a multiple of G, and G(−∂_ε + ε∂_G) is onto the multiples of G; so ε² + 2G is completed, weight by weight,
to a formal series that the map conserves. A catapult runs along a level curve of it, from (δ, 0) to the curve's other
point on G = 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.errors import TheoryError
from theory.iteration import IterationMap
from theory.uv import g, k
from theory.uv_critical import zero_target

epsilon, square = sp.symbols("epsilon G", real=True)
"""ε = k − 2 and G = g²."""

delta = sp.Symbol("delta", positive=True)
"""δ = k₀ − 2, where the catapult starts."""


@cache
def near_threshold() -> IterationMap:
    """The step in (ε, G)."""
    step = zero_target()
    images = (step[k] - 2, sp.expand(step[g] ** 2))
    plain = {g: sp.sqrt(square), k: epsilon + 2}
    return IterationMap((epsilon, square), tuple(sp.expand(e.subs(plain)) for e in images))


def weighted_part(expr: sp.Expr, weight: int) -> sp.Expr:
    """Terms ε^i G^j with i + 2j = weight."""
    terms = sp.Poly(expr, epsilon, square).terms()
    return sp.Add(*(c * epsilon**i * square**j for (i, j), c in terms if i + 2 * j == weight))


@cache
def formal_invariant(weight: int) -> sp.Expr:
    """ε² + 2G + … up to the given weight: a step changes it by terms of weight ``weight`` + 2 and more.

    Powers of ε² + 2G could be added; here no term is free of ε but 2G itself.
    """
    if weight < 2:
        raise TheoryError("The invariant begins at weight 2.")
    if weight == 2:
        return epsilon**2 + 2 * square
    known = formal_invariant(weight - 1)
    missing = weighted_part(near_threshold().change(known), weight + 1)
    powers = [(weight - 2 * j, j) for j in range(weight // 2 + 1) if weight - 2 * j > 0]
    unknowns = sp.symbols(f"c0:{len(powers)}")
    ansatz = sp.Add(*(c * epsilon**i * square**j for c, (i, j) in zip(unknowns, powers, strict=True)))
    changed = 2 * square * (epsilon * ansatz.diff(square) - ansatz.diff(epsilon))
    equations = sp.Poly(sp.expand(changed + missing), epsilon, square).coeffs()
    (solution,) = sp.linsolve(equations, unknowns)
    return sp.expand(known + ansatz.subs(dict(zip(unknowns, solution, strict=True))))


@cache
def end_of_catapult(order: int) -> sp.Expr:
    """k after the catapult from k₀ = 2 + δ and g₀ → 0, to the given order in δ."""
    invariant = formal_invariant(order + 1).subs(square, 0)
    end = -delta
    for n in range(2, order + 1):
        unknown = sp.Symbol("c")
        trial = end + unknown * delta**n
        gap = sp.expand(invariant.subs(epsilon, trial) - invariant.subs(epsilon, delta))
        (value,) = sp.solve(sp.Poly(gap, delta).coeff_monomial(delta ** (n + 1)), unknown)
        end += value * delta**n
    return 2 + end


@cache
def peak_of_catapult() -> sp.Expr:
    """The largest g² on the way, to third order in δ: the level curve of the invariant is highest at ε = 0."""
    invariant = formal_invariant(3)
    top = sp.solve(invariant.diff(epsilon), epsilon)
    if 0 not in top:
        raise TheoryError("The level curves are not highest at ε = 0.")
    level = sp.expand(invariant.subs({epsilon: delta, square: 0}))
    (height,) = sp.solve(invariant.subs(epsilon, 0) - level, square)
    return sp.expand(height)
