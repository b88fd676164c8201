"""A landscape whose lower parts are sharper: gradient descent on R = (αx + β)y² − x + C, exact.

Along the axis y = 0 the risk falls as x grows, and the curvature across it, 2(αx + β), grows. Gradient descent runs
down the axis, becomes unstable where the curvature passes 2/η, and is thrown off: a loss spike in two variables. In

    m = 2η(αx + β) (η times the curvature),  z = αy²,  ε = 2αη²

one step depends on ε alone. Lower-loss-as-sharper structures: Li et al., arXiv 2305.12133; this form of the landscape
is a reconstruction.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.errors import TheoryError
from theory.gradient_descent import learning_rate as eta
from theory.iteration import IterationMap
from theory.vectorfield import VectorField

x, y, beta, constant = sp.symbols("x y beta C", real=True)
alpha, epsilon, z = sp.symbols("alpha epsilon z", positive=True)
m, u = sp.symbols("m u", real=True)
"""z > 0 is αy² off the axis, u = log z."""

RISK: sp.Expr = (alpha * x + beta) * y**2 - x + constant
"""R."""

CURVATURE: sp.Expr = 2 * eta * (alpha * x + beta)
"""m as a function of x."""

HEIGHT: sp.Expr = alpha * y**2
"""z as a function of y."""


@cache
def descent() -> IterationMap:
    """(x, y) after one step of gradient descent on R, derived."""
    return IterationMap((x, y), tuple(sp.expand(v - eta * RISK.diff(v)) for v in (x, y)))


@cache
def hessian() -> sp.Matrix:
    """∂²R, order (x, y)."""
    return sp.hessian(RISK, (x, y))


@cache
def axis_eigenvalues() -> tuple[sp.Expr, ...]:
    """Eigenvalues of the Hessian on y = 0, with multiplicity."""
    values = hessian().subs(y, 0).eigenvals()
    return tuple(sp.expand(v) for v, count in sorted(values.items(), key=str) for _ in range(count))


def in_reduced(expr: sp.Expr) -> sp.Expr:
    """A polynomial in x and y², and in the parameters, in the variables m, z, ε and what is left of the parameters.

    Raises
    ------
    TheoryError
        If an odd power of y is left.
    """
    even = sp.Poly(sp.expand(expr), y)
    if any(power % 2 for (power,), _ in even.terms()):
        raise TheoryError(
            f"The expression {str(expr)[:80]} changes with the sign of y: it is no function of z = αy²."
        )
    in_z = sum((c * (z / alpha) ** (power // 2) for (power,), c in even.terms()), sp.S.Zero)
    at_x = in_z.subs(x, (m / (2 * eta) - beta) / alpha)
    return sp.expand(sp.cancel(at_x))


@cache
def reduced() -> IterationMap:
    """(m, z) after one step, in ε alone.

    Raises
    ------
    TheoryError
        If a step of m and z depended on anything else.
    """
    images = []
    for function in (CURVATURE, HEIGHT):
        after = in_reduced(descent().image(function))
        image = sp.factor(sp.expand(after.subs(alpha, epsilon / (2 * eta**2))))
        left = image.free_symbols - {m, z, epsilon}
        if left:
            raise TheoryError(f"One step of {function} still contains {sorted(map(str, left))[0]}.")
        images.append(sp.expand(image) if image.is_Add else image)
    return IterationMap((m, z), tuple(images))


@cache
def reduced_risk() -> sp.Expr:
    """R in m and z."""
    return sp.collect(in_reduced(RISK), m)


@cache
def logarithmic_flow() -> VectorField:
    """The flow in m and u = log z of which one step is Euler's step of length 1, where m > 1."""
    step = reduced()
    in_u = {z: sp.exp(u)}
    growth = sp.expand_log(sp.log(sp.factor(sp.cancel(step[z] / z))), force=True)
    # (m − 1)² has the logarithm 2 log|m − 1|; here m > 1.
    rate = growth.replace(
        lambda e: isinstance(e, sp.log), lambda e: sp.log(m - 1) if sp.expand(e.args[0] + m - 1) == 0 else e
    )
    return VectorField((m, u), (sp.expand((step[m] - m).subs(in_u)), rate))


@cache
def potential() -> sp.Expr:
    """Φ(m), the part of the energy that depends on m, for m > 1; Φ(2) = 0."""
    rate = logarithmic_flow()[u]
    above = sp.Symbol("s", positive=True)
    integral = sp.integrate(rate.subs(m, above + 1), above)
    return sp.expand((integral - integral.subs(above, 1)).subs(above, m - 1))


@cache
def energy() -> sp.Expr:
    """Φ(m) + ε(z − log z), with u for log z: what :func:`logarithmic_flow` conserves.

    For ṁ = B(u), u̇ = A(m) it is ∫A dm − ∫B du.
    """
    return sp.expand(potential() - sp.integrate(logarithmic_flow()[m], u))


@cache
def energy_change() -> sp.Expr:
    """How much the energy changes in one step of the map where m and m' are above 1, in m and z; exact."""
    step = reduced()
    before = energy().subs(u, sp.log(z))
    after = energy().subs({m: step[m], u: sp.log(z) + 2 * sp.log(m - 1)}, simultaneous=True)
    return after - before


@cache
def energy_gain() -> sp.Expr:
    """The same in a = m − 1 > 0, b = m' − 1 > 0 and ε, in which z is 1 − (b − a)/ε."""
    a, b = gain_symbols()
    step = reduced()
    (height,) = sp.solve(step[m].subs(m, 1 + a) - (1 + b), z)
    change = energy().subs({m: 1 + b, u: sp.Symbol("v")}) - energy().subs({m: 1 + a, u: sp.Symbol("v")})
    grown = sp.cancel(step[z] / z).subs(m, 1 + a)
    # The part that depends on z: −∫B du between u and u + log of the growth.
    potential_of_u = energy() - potential()
    risen = potential_of_u.subs(u, sp.log(z) + sp.log(grown)) - potential_of_u.subs(u, sp.log(z))
    return sp.expand(sp.expand_log(sp.expand(change + sp.factor(risen).subs(z, height)), force=True))


def gain_symbols() -> tuple[sp.Symbol, sp.Symbol]:
    """a = m − 1 and b = m' − 1."""
    return sp.Symbol("a", positive=True), sp.Symbol("b", positive=True)


def scaled_energy_change(order: int) -> sp.Expr:
    """The change of energy/ε at m = 2 + hp, ε = h², as a series in h up to and including h^order; p and h as symbols.

    The spiral lives at this distance from the fixed point; there a step is Euler's with the small length h.
    """
    h, p = scaled_symbols()
    change = (energy_change() / epsilon).subs({m: 2 + h * p, epsilon: h**2}, simultaneous=True)
    return sp.expand(sp.series(sp.expand(change), h, 0, order + 1).removeO())


def scaled_symbols() -> tuple[sp.Symbol, sp.Symbol]:
    """h = √ε and p = (m − 2)/h."""
    return sp.Symbol("h", positive=True), sp.Symbol("p", real=True)


@cache
def spiral_growth() -> tuple[sp.Expr, sp.Expr]:
    """(log of the growth in one turn, steps of one turn) of the linearised map about (2, 1), exact, in s = √(2ε)."""
    s = spiral_symbol()
    jacobian = reduced().jacobian.subs({m: 2, z: 1, epsilon: s**2 / 2})
    trace, determinant = sp.expand(jacobian.trace()), sp.expand(jacobian.det())
    # Eigenvalues re ± i·im with im² = det − re².
    real = trace / 2
    imaginary = sp.sqrt(sp.expand(determinant - real**2))
    turn = 2 * sp.pi / sp.atan(imaginary / real)
    return turn * sp.log(determinant) / 2, turn


def spiral_symbol() -> sp.Symbol:
    """s = √(2ε)."""
    return sp.Symbol("s", positive=True)
