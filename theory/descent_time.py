"""T_2 of the reduced system from a random small start: its mean with the constant, and its scatter between draws.

B1 expanded for small A = ¼Σ(a + w¹)²(0), B = ¼Σ(a − w¹)²(0), which for Gaussian weights are ½ε² times independent χ²
variables with m degrees of freedom. Multi-stage paper, equation (43), sharpened.
"""

from __future__ import annotations

import sympy as sp

from theory.asymptotics import Asymptotic, alpha, zeta
from theory.derivation import Derivation
from theory.errors import TheoryError
from theory.initialisation import Initialisation
from theory.noting import kept
from theory.solutions import DescentSolution
from theory.symbols import width


@kept
def small_start() -> tuple[DescentSolution, sp.Expr]:
    """B1, and T_2 through first order in A and B; second order is O(A² log A).

    The time is (log X − log Y)/root with X, Y algebraic in A and B. Along the ray (sA, sB) each logarithm is
    p log s + log c + O(s), from the first terms of its argument.
    """
    solution = Derivation(1).descent
    s, level, log = sp.Symbol("s", positive=True), sp.Symbol("p", positive=True), sp.Dummy("log")
    exact = solution.descent_time(1 - level).subs({solution.A: s * solution.A, solution.B: s * solution.B})
    logs = {node: _logarithm(node.args[0], s, log) for node in exact.atoms(sp.log)}
    series = sp.series(sp.expand(exact.xreplace(logs)), s, 0, 2).removeO()
    found = sp.expand_log(sp.expand(series).subs(log, 0).subs(s, 1), force=True)
    return solution, sp.expand(found.subs(level, 1 - zeta))


def _logarithm(argument: sp.Expr, s: sp.Symbol, log: sp.Symbol) -> sp.Expr:
    """log of an algebraic function of s through first order, log s written as a symbol."""
    total = sp.S.Zero
    for part, sign in zip(sp.fraction(sp.together(argument)), (1, -1), strict=True):
        polynomial = sp.Poly(sp.expand(sp.series(part, s, 0, 4).removeO()), s)
        terms = sorted((power, sp.simplify(c)) for (power,), c in polynomial.terms())
        (power, first), rest = next((t, terms[i + 1 :]) for i, t in enumerate(terms) if t[1] != 0)
        second = sp.Add(*(c for n, c in rest if n == power + 1))
        total += sign * (power * log + sp.log(first) + s * sp.cancel(second / first))
    return total


@kept
def mean_descent_time() -> sp.Expr:
    """E T_2 up to O(m^(−2)) and O(m^(2−4α) log m): E log A by the digamma function, E A and E B exact."""
    solution, linear = small_start()
    log = sp.log(solution.A)
    slope = linear.coeff(log, 1)
    rest = sp.expand(linear - slope * log)
    if rest.has(log) or rest.has(sp.log(solution.B)):
        raise TheoryError("T_2 is not linear in log A for a small start.")
    means = _means()
    # A = (E A / m) χ²_m and E log χ²_m = log 2 + ψ(m/2).
    x = sp.Symbol("x", positive=True)
    psi = sp.digamma(x).series(x, sp.oo, 2).removeO().subs(x, width / 2)
    logarithm = sp.log(2 * means["A"] / width) + psi
    total = slope * logarithm + rest.subs({solution.A: means["A"], solution.B: means["B"]})
    return sp.expand(sp.expand_log(sp.expand(total), force=True))


@kept
def descent_time_variance() -> Asymptotic:
    """Var T_2 between draws for α ≥ 1: slope² times the variance ψ'(m/2) of log χ²_m."""
    solution, linear = small_start()
    x = sp.Symbol("x", positive=True)
    trigamma = sp.polygamma(1, x).series(x, sp.oo, 2).removeO().subs(x, width / 2)
    slope = linear.coeff(sp.log(solution.A), 1)
    return Asymptotic("Var T_2", sp.expand(slope**2 * trigamma), (1 / width, width ** (1 - 2 * alpha)))


@kept
def leading_descent_time() -> Asymptotic:
    """(43): T_2 to leading order, (α − ½) log m."""
    slope = sp.expand(mean_descent_time()).coeff(sp.log(width), 1)
    return Asymptotic("T_2", slope * sp.log(width), (1 / sp.log(width),))


def _means() -> dict[str, sp.Expr]:
    start = Initialisation(1, width**-alpha, width**-alpha)
    return {name: sp.powsimp(start.mean(start.order_parameters[name])) for name in ("A", "B")}
