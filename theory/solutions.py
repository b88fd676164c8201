"""Closed-form solutions, derived: linear systems, the logistic equation, and the exact solution of (16).

Time t is the time of the gradient flow; values at t = 0 are symbols named after the variable with a trailing 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.brackets import Bracket
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.symbols import time
from theory.vectorfield import VectorField


def initial_value(variable: sp.Symbol) -> sp.Symbol:
    """Symbol of the value at time 0: P ↦ P0."""
    name = getattr(variable, "slot", variable.name)
    return sp.Symbol(f"{name}0", real=True)


def _propagator(matrix: sp.Matrix, at: sp.Expr) -> sp.Matrix:
    return (matrix * at).exp().applyfunc(sp.expand)


def solve_linear(system: ParticleSystem, at: sp.Expr = time) -> dict[sp.Symbol, sp.Expr]:
    """Solution of a linear particle system without sums over neurons: equation (23) from (15).

    Raises
    ------
    TheoryError
        If the drift is not linear in the neuron's own coordinates.
    """
    coordinates = system.neuron.coordinates
    plain = {c: sp.Symbol(c.slot, real=True) for c in coordinates}
    if any(component.has(Bracket) for component in system.drift):
        raise TheoryError("The drift contains sums over neurons; linearise the system first.")
    variables = list(plain.values())
    components = [component.xreplace(plain) for component in system.drift]
    matrix = sp.Matrix(components).jacobian(variables)
    if matrix.free_symbols & set(variables) or any(
        c.subs(dict.fromkeys(variables, 0)) != 0 for c in components
    ):
        raise TheoryError("The drift is not linear in the coordinates of the neuron.")
    start = sp.Matrix([initial_value(c) for c in coordinates])
    return dict(zip(coordinates, _propagator(matrix, at) * start, strict=True))


def solve_riccati(rate: sp.Expr, variable: sp.Symbol, at: sp.Expr = time) -> sp.Expr:
    """Solution of the scalar equation dP/dt = c + bP + aP² by the linear system that it comes from.

    With P = u/v, u' = bu + cv and v' = −au give the equation; u(0) = P0, v(0) = 1. The logistic equation (19) is one.

    TheoryError for a rate that is no quadratic polynomial in it.
    """
    polynomial = sp.Poly(rate, variable) if rate.is_polynomial(variable) else None
    if polynomial is None or polynomial.degree() > 2:
        raise TheoryError(f"The rate {rate} is not a quadratic polynomial in {variable}.")
    a, b, c = (polynomial.coeff_monomial(variable**n) for n in (2, 1, 0))
    linear = _propagator(sp.Matrix([[b, c], [-a, 0]]), at) * sp.Matrix([initial_value(variable), 1])
    return sp.cancel(linear[0] / linear[1])


def on_level_set(
    field: VectorField, invariant: sp.Expr, value: sp.Expr, eliminate: sp.Symbol
) -> list[VectorField]:
    """The field on a level set of a conserved quantity, one field for each branch of the eliminated variable.

    On Q² − P² = 0 the branch Q = P of the (P, Q) system is the logistic equation (19).

    TheoryError where the quantity is not conserved.
    """
    if sp.expand(field.lie_derivative(invariant)) != 0:
        raise TheoryError(f"The expression {invariant} is not conserved by the field.")
    kept = tuple(v for v in field.variables if v != eliminate)
    branches = sp.solve(sp.Eq(invariant, value), eliminate)
    return [
        VectorField(kept, tuple(sp.expand(field[v].subs(eliminate, branch)) for v in kept))
        for branch in branches
    ]


@dataclass(frozen=True)
class DescentSolution:
    """Exact solution of the (P, Q) system of the descent, parametrised by v = e^{2s} ≥ 1.

    Attributes
    ----------
    v:
        The parameter; v = 1 at time 0.
    A, B:
        A = (P0 + Q0)/2 > 0 and B = (Q0 − P0)/2 ≥ 0.
    P, Q:
        Order parameters as functions of v.
    t:
        Time of the gradient flow as a function of v.
    """

    v: sp.Symbol
    A: sp.Symbol
    B: sp.Symbol
    P: sp.Expr
    Q: sp.Expr
    t: sp.Expr

    def descent_time(self, zeta: sp.Expr) -> sp.Expr:
        """T_2: the time at which P = 1 − ζ, as an expression in A, B and ζ."""
        level = sp.expand(self.v * (self.P - (1 - zeta)))
        root = _positive_root(level, self.v)
        return self.t.subs(self.v, root)


def _positive_root(quadratic: sp.Expr, v: sp.Symbol) -> sp.Expr:
    # leading coefficient A > 0 and constant term −B ≤ 0: the larger root is the positive one
    a, b, c = sp.Poly(quadratic, v).all_coeffs()
    return (-b + sp.sqrt(sp.expand(b**2 - 4 * a * c))) / (2 * a)


def solve_descent(field: VectorField) -> DescentSolution:
    """Exact solution of the reduced system, derived in three steps.

    A common factor g of the components is taken out by the change of time ds = g dt; what remains is linear and is
    solved by its exponential; dt = ds/g is then a rational integral in v = e^{2s}.

    Raises
    ------
    TheoryError
        If the field is not a factor 1 − P times the linear field (2Q, 2P).
    """
    if len(field.variables) != 2:
        raise TheoryError(f"The descent has two order parameters, not {len(field.variables)}.")
    P, Q = field.variables
    factor = sp.gcd(*field.components)
    if factor.subs({P: 0, Q: 0}).is_negative:
        factor = -factor  # the new time s must run forward from small initialisation
    linear = sp.Matrix([sp.cancel(c / factor) for c in field.components])
    matrix = linear.jacobian([P, Q])
    if matrix.free_symbols or any(sp.expand(row) != 0 for row in linear - matrix * sp.Matrix([P, Q])):
        raise TheoryError("After taking out the common factor of its components the field must be linear.")
    rate = matrix[0, 1]
    stopping = sp.cancel(factor / (1 - P))
    if matrix != sp.Matrix([[0, rate], [rate, 0]]) or not (stopping.is_Rational and stopping * rate > 0):
        raise TheoryError(f"The field must be a positive factor times (1 − {P}) ({Q}, {P}).")
    A, B = sp.Symbol("A", positive=True), sp.Symbol("B", nonnegative=True)
    v, s = sp.Symbol("v", positive=True), sp.Symbol("s", real=True)
    start = sp.Matrix([A - B, A + B])
    p, q = (sp.expand(e.subs(s, sp.log(v) / rate)) for e in _propagator(matrix, s) * start)
    speed = sp.cancel(factor.subs({P: p, Q: q}) * rate * v)
    return DescentSolution(v, A, B, p, q, _integral_of_inverse(speed, v))


def _integral_of_inverse(speed: sp.Expr, v: sp.Symbol) -> sp.Expr:
    """∫_1^v du/speed(u) for a quadratic with negative leading coefficient and the start between its roots."""
    a, b, c = sp.Poly(speed, v).all_coeffs()
    root = sp.sqrt(sp.factor(b**2 - 4 * a * c))
    low, high = (-b + root) / (2 * a), (-b - root) / (2 * a)
    return (sp.log((v - low) / (1 - low)) - sp.log((high - v) / (high - 1))) / root
