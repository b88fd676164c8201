"""The weights across e₁ on the descent and on the secondary plateau after it, in closed form.

The clock x with sinh x = e^{t − t_½} and P(t_½) = ½ solves dP/dt = 2P(1 − P) by P = tanh² x, and dx/dt = tanh x. In it
both numbers of `theory.descent_across` are integrals of rational functions: α₃ of tanh x, and (α₁ + k₄α₃) cosh x of
sinh x. Multi-stage paper, Propositions 3 and 7, equations (46) and (61).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.descent_across import AcrossDescent, alpha1, alpha3
from theory.errors import TheoryError
from theory.meanfield import moment_of_draw
from theory.order_parameters import P

clock = sp.Symbol("x", positive=True)
"""x, with sinh x = e^{t − t_½}; x = t − t_½ + log 2 + O(e^{−2(t − t_½)}) on the plateau."""

root = sp.Symbol("T", positive=True)
"""tanh x = √P."""

rest = sp.Symbol("C", positive=True)
"""1/cosh x = √(1 − P)."""

angle = sp.Symbol("phi", positive=True)
"""arctan(sinh x), the Gudermannian of x."""

pull = sp.Symbol("u", real=True)
"""α₁ + k₄α₃: the part of m B^(i) along ξ that the damping by Σ a_k w_k^(i) does not remove."""


@dataclass(frozen=True)
class AcrossSolution:
    """Closed forms in ``clock``, ``root``, ``rest`` and ``angle``; both numbers vanish as t → −∞.

    Attributes
    ----------
    drive, pull:
        α₃ and u = α₁ + k₄α₃.
    drive_rate, pull_limit:
        dα₃/dt and u on the plateau, as P → 1.
    square:
        m² Σ_k (w_k^(i))² beside the start, in α₃ (``alpha3``) and u (``pull``).
    """

    drive: sp.Expr
    pull: sp.Expr
    drive_rate: sp.Expr
    pull_limit: sp.Expr
    square: sp.Expr


def solve_across(found: AcrossDescent) -> AcrossSolution:
    """Integrate dα₃/dt and du/dt = −P u + …

    Raises
    ------
    TheoryError
        If the field has another damping than −P(α₁ + k₄α₃), or a rate that is no P^{3/2} times a polynomial of P.
    """
    k4 = moment_of_draw(4)
    _, first, third = (component.xreplace({P: root**2}) for component in found.field.components)
    driven = sp.expand(first + k4 * third + root**2 * (alpha1 + k4 * alpha3))
    if (driven.free_symbols | third.free_symbols) & {alpha1, alpha3}:
        raise TheoryError("The field across e₁ has another damping than −P(α₁ + k₄α₃).")
    return AcrossSolution(
        drive=_in_root(_per_clock(third)),
        pull=_damped(_per_clock(driven)),
        drive_rate=sp.expand(third.xreplace({root: sp.S.One})),
        pull_limit=sp.expand(driven.xreplace({root: sp.S.One})),
        square=sp.expand(found.square.xreplace({alpha1: pull - k4 * alpha3})),
    )


def _per_clock(rate: sp.Expr) -> sp.Poly:
    """The rate over dx/dt = √P: an even polynomial of √P without a constant."""
    found = sp.Poly(sp.expand(rate / root), root)
    if any(power < 2 or power % 2 for (power,) in found.monoms()):
        raise TheoryError("A rate across e₁ is no P^{3/2} times a polynomial of P.")
    return found


def _in_root(rate: sp.Poly) -> sp.Expr:
    """∫ rate(tanh x) dx: with T = tanh x, dT = (1 − T²) dx, a polynomial of T and a multiple of x."""
    quotient, constant = sp.div(rate, sp.Poly(1 - root**2, root))
    return sp.expand(quotient.integrate(root).as_expr() + constant.as_expr() * clock)


def _damped(rate: sp.Poly) -> sp.Expr:
    """u of du/dx = −u tanh x + rate(tanh x): u cosh x = ∫ rate dh with h = sinh x and tanh² x = 1 − 1/(1 + h²)."""
    inverse = sp.Dummy("y")
    powers = sp.Poly(sp.Add(*(c * (1 - inverse) ** (n // 2) for (n,), c in rate.terms())), inverse)
    return sp.expand(sp.Add(*(c * _power_integral(n) for (n,), c in powers.terms())))


def _power_integral(n: int) -> sp.Expr:
    """∫ (1 + h²)^{−n} dh from 0 to sinh x, over cosh x."""
    if n < 2:
        return rest * angle if n else root
    k = 2 * (n - 1)
    return root * rest**k / k + sp.Rational(k - 1, k) * _power_integral(n - 1)
