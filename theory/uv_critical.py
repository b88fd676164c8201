"""Critical learning rates of the uv model with target y = 0, for every width and averaged over the initialisation.

A start is one number, ρ = (g₀/k₀)² = (u·v)²/(|u|² + |v|²)² ∈ [0, ¼]: the sharpness is η λ^H₀ = k₀ R(ρ), and c = k₀ R.
All formulas come from the step derived in :mod:`theory.uv` and the spectrum in :mod:`theory.uv_hessian`.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.iteration import IterationMap
from theory.symbols import width
from theory.uv import Y, dimensionless, g, k, p, q
from theory.uv_hessian import sharpness, squared_norm

rho = sp.Symbol("rho", positive=True)
"""ρ = (g₀/k₀)²."""

G = sp.Symbol("G", positive=True)
"""g², where only it matters."""


@cache
def zero_target() -> IterationMap:
    """The step in (g, k) for y = 0."""
    return dimensionless().substitute({Y: sp.S.Zero})


@cache
def sharpness_of_zero_target() -> sp.Expr:
    """η λ^H in (g, k) for y = 0."""
    return sharpness().subs(Y, 0)


def squared_norm_of_zero_target() -> sp.Expr:
    """η²‖∇²L‖² (Frobenius) in (g, k) for y = 0."""
    return sp.expand(squared_norm().subs(Y, 0))


def first_change_of_norm() -> sp.Expr:
    """What one step adds to it, to leading order in g: the coefficient of g², for every width."""
    before, step = squared_norm_of_zero_target(), zero_target()
    after = before.subs({g: step.image(g), k: step.image(k)}, simultaneous=True)
    return sp.factor(sp.expand(after - before).coeff(g, 2))


def norm_rises_from() -> sp.Expr:
    """The k > 0 at which that is zero."""
    (found,) = (root for root in sp.solve(first_change_of_norm(), k) if root != 0)
    return found


def ratio() -> sp.Expr:
    """R(ρ) = λ^H/λ at y = 0."""
    positive = sp.Symbol("k", positive=True)
    at = sharpness_of_zero_target().subs({g: sp.sqrt(rho) * positive, k: positive})
    return sp.simplify(at / positive)


def loss_factor() -> sp.Expr:
    """L₁/L₀ − 1, factorised: a step raises the loss where it is positive."""
    image = zero_target().image(g)
    return sp.factor(sp.cancel(image**2 / g**2) - 1)


def first_step_loss() -> sp.Expr:
    """k at which the first step starts to raise the loss: the smaller root of k − ρk² = 2."""
    return min(
        sp.solve(loss_rises_from().subs(g, sp.sqrt(rho) * k), k),
        key=lambda root: root.subs(rho, sp.Rational(1, 16)),
    )


def loss_rises_from() -> sp.Expr:
    """The factor of :func:`loss_factor` that changes sign inside the domain: k − g² − 2."""
    constants = {factor.subs({g: 0, k: 0}): factor for factor, _ in sp.factor_list(loss_factor())[1]}
    (found,) = [factor for value, factor in constants.items() if value != 0]
    return found if found.coeff(k) == 1 else sp.expand(-found)


def linear_response(steps: int | sp.Symbol) -> sp.Expr:
    """Coefficient of g₀² in the change of η λ^H over ``steps`` steps, to leading order in a small g₀.

    g_s = (1 − k)^s g₀ to first order and k changes by a multiple of g² in each step, both read off the map; the
    geometric sum is closed for a symbolic number of steps.
    """
    step = zero_target()
    factor = step.jacobian[0, 0].subs(g, 0)
    drop = sp.expand(step.change(k)).coeff(g, 2)
    square = sp.factor(factor**2)
    grown = square**steps
    travelled = drop * (grown - 1) / (square - 1)
    positive = sp.Symbol("k", positive=True)
    at = sharpness_of_zero_target().subs({g: sp.sqrt(G), k: positive})
    direct = sp.series(at, G, 0, 2).removeO().coeff(G, 1).subs(positive, k)
    return sp.factor(travelled + direct * (grown - 1))


def first_step_sharpness() -> tuple[sp.Expr, sp.Expr]:
    """(k₀, k₁): the first step starts to raise the sharpness at k = k₀ + k₁ g² + O(g⁴)."""
    step = zero_target()
    inner = sp.Symbol("k", positive=True)
    after = {g: sp.expand(step[g]), k: sp.expand(step[k])}
    now = sharpness_of_zero_target()
    # η λ^H depends on g through g² alone.
    later_square = sp.expand(after[g] ** 2).subs({g: sp.sqrt(G), k: inner})
    later_trace = after[k].subs({g: sp.sqrt(G), k: inner})
    square = sp.Symbol("s", positive=True)
    value = now.subs(g, sp.sqrt(square))
    risen = value.subs({square: later_square, k: later_trace}, simultaneous=True)
    change = risen - value.subs({square: G, k: inner})
    taylor = sp.series(change, G, 0, 3).removeO()
    first, second = (sp.simplify(taylor.coeff(G, n)) for n in (1, 2))
    (start,) = [root for root in sp.solve(first, inner) if root > 2]
    slope = sp.simplify((-second / first.diff(inner)).subs(inner, start))
    return start, slope


def expanded_in_rho(c_of_rho: sp.Expr, order: int = 1) -> sp.Expr:
    """Taylor polynomial in ρ."""
    return sp.series(c_of_rho, rho, 0, order + 1).removeO()


def first_step_sharpness_in_rho() -> sp.Expr:
    """c = kR at which the first step starts to raise the sharpness, to first order in ρ; g² = ρk²."""
    start, slope = first_step_sharpness()
    return expanded_in_rho((start + slope * rho * start**2) * ratio())


def mean_of_power(power: int) -> sp.Expr:
    """E[ρ^n] over u, v ~ N(0, I), for symbolic width.

    |u + v|² and |u − v|² are independent and have the same law, twice a χ² of m degrees, so that B = p/(p + q) has the
    Beta law with both parameters m/2, and ρ is the polynomial ((p − q)/(2(p + q)))² in B.
    """
    share = sp.Symbol("B")
    g_over_k = sp.cancel(((p - q) / 4 / ((p + q) / 2)).subs(p, share / (1 - share) * q))
    polynomial = sp.Poly(sp.expand(g_over_k ** (2 * power)), share)
    moments = (c * sp.rf(width / 2, n) / sp.rf(width, n) for (n,), c in polynomial.terms())
    return sp.factor(sp.expand_func(sp.Add(*moments)))


def averaged(in_rho: sp.Expr) -> sp.Expr:
    """Mean of a polynomial in ρ over the initialisation."""
    polynomial = sp.Poly(in_rho, rho)
    return sp.Add(*(c * (mean_of_power(n) if n else 1) for (n,), c in polynomial.terms()))
