"""∫ g ρ for an expression g of the input, exact where a closed form or a finite sum gives it.

Polynomials go by the moments of ρ. Terms that are products of functions of independent coordinates split into means
over these. On an interval, polynomials times products of exp, sin, cos, sinh, cosh of linear functions are integrated
in closed form. On finitely many points the mean is a finite sum, if its values are rational or the points are few.
What remains is not exact: ``numerics.balls.moments`` encloses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sympy as sp

from theory.distributions import Box, Distribution
from theory.errors import InexactConstant, TheoryError
from theory.linear_maps import LinearImage, Scaled

FEW = 16
"""Up to so many points a finite sum of irrational values is written out."""

Separated = tuple[tuple[sp.Expr, tuple[sp.Expr, ...]], ...]
"""Terms: a coefficient, and one expression for each factor of a distribution."""


def input_symbols(dim: int) -> tuple[sp.Symbol, ...]:
    """x1 … xd, the coordinates of the input in a target."""
    return tuple(sp.Symbol(f"x{i}", real=True) for i in range(1, dim + 1))


def in_input(expression: sp.Expr, dim: int) -> sp.Expr:
    """An expression in x1 … xd (x for d = 1) with the symbols of :func:`input_symbols`.

    Raises
    ------
    InexactConstant, TheoryError
        For a float, or for another symbol.
    """
    expression = sp.sympify(expression)
    floats = sorted(expression.atoms(sp.Float), key=str)
    if floats:
        raise InexactConstant(
            f"The target {expression} contains the float {floats[0]}; write it exactly, for instance "
            f'Rational("{floats[0]}").'
        )
    known = {symbol.name: symbol for symbol in input_symbols(dim)}
    if dim == 1:
        known["x"] = known["x1"]
    for symbol in expression.free_symbols:
        if symbol.name not in known:
            raise TheoryError(
                f"The target {expression} contains {symbol}; its variables are {', '.join(sorted(known))}."
            )
    return expression.xreplace({symbol: known[symbol.name] for symbol in expression.free_symbols})


def exact_mean(distribution: Distribution, expression: sp.Expr) -> sp.Expr | None:
    """∫ g ρ for an expression g in x1 … xd, None where no exact form is known.

    Raises
    ------
    TheoryError
        If g has no finite value at a point of a finite support.
    """
    return _mean(distribution, expression, input_symbols(distribution.dim))


@lru_cache(maxsize=4096)
def _mean(
    distribution: Distribution, expression: sp.Expr, variables: tuple[sp.Symbol, ...]
) -> sp.Expr | None:
    expression = sp.expand(expression, power_base=False, power_exp=False, log=False)
    if expression.is_polynomial(*variables):
        terms = sp.Poly(expression, *variables).terms()
        return sp.expand(sp.Add(*(c * distribution.moment(p) for p, c in terms)))
    if is_odd(expression, variables) and distribution.symmetric:
        return sp.S.Zero
    found = _mean_over_atoms(distribution, expression, variables)
    if found is not None:
        return found
    if len(distribution.factors) > 1:
        return _mean_over_factors(distribution, expression, variables)
    if isinstance(distribution, Scaled | LinearImage):
        return _mean(distribution.base, *pulled_back(distribution, expression, variables))
    if isinstance(distribution, Box):
        return _mean_over_interval(distribution.half_widths[0], expression, variables[0])
    return None


def is_odd(expression: sp.Expr, variables: Sequence[sp.Symbol]) -> bool:
    """Whether g(−x) = −g(x) shows in the form of g."""
    mirrored = expression.xreplace({x: -x for x in variables})
    return bool(sp.expand(mirrored + expression) == 0)


def pulled_back(
    image: Scaled | LinearImage, expression: sp.Expr, variables: Sequence[sp.Symbol]
) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    """g(A x) as an expression in the coordinates x of the distribution that ``image`` is the image of."""
    base = tuple(sp.Dummy(f"x{i}", real=True) for i in range(1, image.base.dim + 1))
    if isinstance(image, Scaled):
        forms = [c * x for c, x in zip(image.scales, base, strict=True)]
    else:
        forms = list(image.matrix * sp.Matrix(base))
    return expression.xreplace(dict(zip(variables, forms, strict=True))), base


def separated(
    distribution: Distribution, expression: sp.Expr, variables: Sequence[sp.Symbol]
) -> Separated | None:
    """g as a sum of products of functions of the independent factors of ρ, None if its form does not show one."""
    groups, start = [], 0
    for factor in distribution.factors:
        groups.append(frozenset(variables[start : start + factor.dim]))
        start += factor.dim
    found = []
    for term in sp.Add.make_args(expression):
        parts = [sp.S.One] * len(groups)
        coefficient = sp.S.One
        for piece in sp.Mul.make_args(term):
            touched = [i for i, group in enumerate(groups) if piece.free_symbols & group]
            if len(touched) > 1:
                return None
            if touched:
                parts[touched[0]] *= piece
            else:
                coefficient *= piece
        found.append((coefficient, tuple(parts)))
    return tuple(found)


def _mean_over_atoms(
    distribution: Distribution, expression: sp.Expr, variables: tuple[sp.Symbol, ...]
) -> sp.Expr | None:
    atoms = distribution.atoms
    if atoms is None:
        return None
    total = sp.S.Zero
    for weight, point in atoms:
        value = expression.subs(dict(zip(variables, point, strict=True)))
        if value.is_finite is False or value is sp.nan:
            raise TheoryError(f"The function {expression} is not finite at the data point {point}.")
        if not value.is_Rational and len(atoms) > FEW:
            return None
        total += weight * value
    return total


def _mean_over_factors(
    distribution: Distribution, expression: sp.Expr, variables: tuple[sp.Symbol, ...]
) -> sp.Expr | None:
    terms = separated(distribution, expression, variables)
    if terms is None:
        return None
    total: sp.Expr | None = sp.S.Zero
    for coefficient, parts in terms:
        means, start = [], 0
        for factor, part in zip(distribution.factors, parts, strict=True):
            means.append(_mean(factor, part, variables[start : start + factor.dim]))
            start += factor.dim
        if any(mean == 0 for mean in means):
            continue
        if total is None or None in means:
            # A later term may still be undefined at a point; nothing else can change the answer.
            total = None
            continue
        total += coefficient * sp.Mul(*means)
    return total


def _mean_over_interval(half_width: sp.Expr, expression: sp.Expr, x: sp.Symbol) -> sp.Expr | None:
    """(1/2h) ∫_{−h}^{h} g dx for g = Σ c x^n exp(λ x + μ), λ and μ complex; None for any other g."""
    rewritten = sp.expand(expression.rewrite([sp.sin, sp.cos, sp.sinh, sp.cosh], sp.exp))
    total = sp.S.Zero
    for term in sp.Add.make_args(rewritten):
        coefficient, power, exponents = sp.S.One, 0, sp.S.Zero
        for piece in sp.Mul.make_args(term):
            base, exponent = piece.as_base_exp()
            if not piece.has(x):
                coefficient *= piece
            elif base == x and exponent.is_Integer and exponent > 0:
                power += int(exponent)
            elif base == sp.E:
                exponents += exponent
            else:
                return None
        rest, rate = exponents.as_independent(x, as_Add=True)
        rate = sp.expand(rate / x)
        if rate.has(x):
            return None
        total += coefficient * sp.exp(rest) * _power_times_exponential(power, rate, half_width)
    # The mean of a real function: what is left of the imaginary part cancels.
    return sp.expand(sp.expand(total / (2 * half_width)).as_real_imag()[0])


def _power_times_exponential(power: int, rate: sp.Expr, half_width: sp.Expr) -> sp.Expr:
    """∫_{−h}^{h} x^n exp(λ x) dx by parts."""
    if rate == 0:
        return (half_width ** (power + 1) - (-half_width) ** (power + 1)) / (power + 1)
    ends = half_width**power * sp.exp(rate * half_width) - (-half_width) ** power * sp.exp(-rate * half_width)
    if power == 0:
        return ends / rate
    return (ends - power * _power_times_exponential(power - 1, rate, half_width)) / rate
