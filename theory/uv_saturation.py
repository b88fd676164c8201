"""Where the sharpness of the uv model settles, for a start c = ηλ^H₀ and target 0, at large width: a kink at c = 2.

Wide networks start with a small output, ρ → 0. Below k = 2 the loss dies out before the trace has changed: k + a(k)G
with G = g² is conserved up to G², which fixes a. Above, a catapult runs along a level curve of the formal invariant of
:mod:`theory.uv_catapult`, to its other end. In between, where c − 2 is of the order of √ρ, the leading part ε² + 2G of
the invariant joins the two smoothly. The output is zero in the end, so that the sharpness is the trace there.
"""

from __future__ import annotations

import sympy as sp

from theory.errors import TheoryError
from theory.noting import kept
from theory.uv import g, k
from theory.uv_catapult import delta, end_of_catapult, epsilon, formal_invariant, square
from theory.uv_critical import ratio, rho, zero_target

excess = sp.Symbol("delta", real=True)
"""c − 2, of either sign."""

_small = sp.Symbol("t", positive=True)


@kept
def drop_below() -> sp.Expr:
    """a(k): k + a G is the same before and after a step, up to G²."""
    step = zero_target()
    unknown = sp.Function("a")(k)
    before = k + unknown * square
    after = step[k].subs(g, sp.sqrt(square)) + unknown.subs(k, step[k].subs(g, 0)) * sp.expand(
        step[g] ** 2
    ).subs(g, sp.sqrt(square))
    first_order = sp.expand(after - before).diff(square).subs(square, 0)
    (found,) = sp.solve(first_order, unknown)
    return sp.factor(found)


@kept
def ratio_below() -> sp.Expr:
    """λ^H_∞/λ^H_0 from k₀ = k < 2, up to first order in ρ: k₀ + a(k₀) g₀² over k₀ R."""
    end = (k + drop_below() * rho * k**2) / (k * ratio())
    return sp.S.One + rho * sp.factor(end.diff(rho).subs(rho, 0))


@kept
def ratio_above(order: int) -> sp.Expr:
    """λ^H_∞/λ^H_0 from c = 2 + δ and ρ → 0, to the given order in δ."""
    return sp.series(end_of_catapult(order) / (2 + delta), delta, 0, order + 1).removeO()


@kept
def ratio_between() -> sp.Expr:
    """λ^H_∞/λ^H_0 from c = 2 + δ where δ is of the order of √ρ, up to that order."""
    start = (2 + _small * excess) / ratio().subs(rho, _small**2 * rho)
    invariant = formal_invariant(2)
    level = invariant.subs({epsilon: start - 2, square: _small**2 * rho * start**2})
    leading = sp.limit(level / _small**2, _small, 0)
    ends = sp.solve(invariant.subs(square, 0) - leading, epsilon)
    stable = [end for end in ends if end.subs({excess: 0, rho: 1}) < 0]
    if len(stable) != 1:
        raise TheoryError("A level curve does not end at one point below k = 2.")
    settled = (2 + _small * stable[0]) / (2 + _small * excess)
    return sp.expand(sp.series(settled, _small, 0, 2).removeO().subs(_small, 1))


@kept
def bend_between() -> sp.Expr:
    """−∂²_c of that."""
    return sp.factor(sp.simplify(-ratio_between().diff(excess, 2)))
