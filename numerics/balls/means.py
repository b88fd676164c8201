"""∫ g ρ as a rigorous ball, for any expression g of the input and any distribution of :mod:`theory`.

An exact form is used where there is one. Products of functions of independent coordinates split. What remains goes to
``acb.integral`` (Gauss–Legendre quadrature with bounds from complex analysis), nested for up to three dimensions that
do not split; finite supports are summed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import sympy as sp
from flint import acb, arb

from numerics.balls.evaluate import evaluate, real_constant
from numerics.errors import InputError
from numerics.precision import working_precision
from theory.distributions import Box, Distribution
from theory.linear_maps import LinearImage, Scaled
from theory.means import exact_mean, input_symbols, is_odd, separated
from theory.radial import Ball, Radial, Sphere, TruncatedGaussian

Integrand: TypeAlias = Callable[[list[acb], bool], acb]

MOST_DIGITS = 1000
MOST_NESTED = 3
_EVALUATIONS = 50_000
_EVALUATIONS_INSIDE = 2_000
_GUARD_BITS = 40


def bits_for(digits: int) -> int:
    """Working precision for so many decimal digits. InputError for a number of digits outside 1 … MOST_DIGITS."""
    if not 1 <= digits <= MOST_DIGITS:
        raise InputError(f"The number of digits is {digits}; it must be from 1 to {MOST_DIGITS}.")
    return int(3.33 * digits) + _GUARD_BITS


def ball_mean(distribution: Distribution, expression: sp.Expr, digits: int = 30) -> arb:
    """A ball that holds ∫ g ρ, computed with ``digits`` decimal digits and some to spare.

    The radius says what was reached; for an integrand with a kink it can be larger than asked.

    Raises
    ------
    InputError
        If g is not finite or not real somewhere on the support, as far as quadrature sees, or if more than three
        dimensions do not split.
    """
    with working_precision(bits_for(digits)):
        return _mean(distribution, expression, input_symbols(distribution.dim))


def _mean(distribution: Distribution, expression: sp.Expr, variables: Sequence[sp.Symbol]) -> arb:
    expression = sp.expand(expression, power_base=False, power_exp=False, log=False)
    names = input_symbols(distribution.dim)
    exact = exact_mean(distribution, expression.xreplace(dict(zip(variables, names, strict=True))))
    if exact is not None:
        return real_constant(exact)
    if len(distribution.factors) > 1:
        terms = separated(distribution, expression, variables)
        if terms is not None:
            return sum((_product(distribution, term, variables) for term in terms), arb(0))
    if distribution.symmetric and is_odd(expression, variables):
        return arb(0)

    def integrand(point: list[acb], analytic: bool) -> acb:
        return evaluate(expression, dict(zip(variables, point, strict=True)), analytic)

    value = _over(distribution, integrand, _EVALUATIONS)
    if not value.is_finite():
        raise InputError(
            f"The function {str(expression)[:80]} could not be integrated: it is not finite somewhere on the data, or "
            "has a singularity there."
        )
    if not value.imag.contains(0):
        raise InputError(f"The function {str(expression)[:80]} is not real on all of the data.")
    return value.real


def _product(
    distribution: Distribution, term: tuple[sp.Expr, tuple[sp.Expr, ...]], variables: Sequence[sp.Symbol]
) -> arb:
    coefficient, parts = term
    result, start = real_constant(coefficient), 0
    for factor, part in zip(distribution.factors, parts, strict=True):
        result *= _mean(factor, part, variables[start : start + factor.dim])
        start += factor.dim
    return result


def _over(distribution: Distribution, function: Integrand, limit: int) -> acb:
    atoms = distribution.atoms
    if atoms is not None:
        return sum(
            (
                acb(real_constant(weight)) * function([acb(real_constant(x)) for x in point], False)
                for weight, point in atoms
            ),
            acb(0),
        )
    if isinstance(distribution, Scaled):
        scales = [acb(real_constant(c)) for c in distribution.scales]
        return _over(
            distribution.base,
            lambda point, analytic: function([c * x for c, x in zip(scales, point, strict=True)], analytic),
            limit,
        )
    if isinstance(distribution, LinearImage):
        rows = [[acb(real_constant(c)) for c in distribution.matrix.row(i)] for i in range(distribution.dim)]
        return _over(
            distribution.base, lambda point, analytic: function(_image(rows, point), analytic), limit
        )
    if len(distribution.factors) > 1:
        return _nested(distribution.factors, function, limit)
    if isinstance(distribution, Box):
        half = acb(real_constant(distribution.half_widths[0]))
        return _line(lambda x, analytic: function([x], analytic), -half, half, limit) / (2 * half)
    if isinstance(distribution, Radial):
        return _radial(distribution, function, limit)
    raise InputError(f"There is no quadrature for {type(distribution).__name__}.")


def _image(rows: list[list[acb]], point: list[acb]) -> list[acb]:
    return [sum((c * x for c, x in zip(row, point, strict=True)), acb(0)) for row in rows]


def _nested(factors: Sequence[Distribution], function: Integrand, limit: int) -> acb:
    if sum(factor.dim for factor in factors if factor.atoms is None) > MOST_NESTED:
        raise InputError(
            f"Quadrature is nested up to {MOST_NESTED} dimensions; write the target as a sum of products of functions "
            "of one coordinate, as a polynomial, or use sampled data."
        )
    first, *rest = factors
    if not rest:
        return _over(first, function, limit)

    def outer(point: list[acb], analytic: bool) -> acb:
        return _nested(
            rest, lambda inner, flag: function([*point, *inner], analytic or flag), _EVALUATIONS_INSIDE
        )

    return _over(first, outer, limit)


def _line(function: Callable[[acb, bool], acb], low: acb, high: acb, limit: int) -> acb:
    """∫ from low to high. An error inside is kept: the library would only see a value that is not finite."""
    failures: list[Exception] = []

    def guarded(x: acb, analytic: bool) -> acb:
        if failures:
            return acb("nan")
        try:
            return function(x, bool(analytic))
        except Exception as error:
            failures.append(error)
            return acb("nan")

    value = acb.integral(guarded, low, high, eval_limit=limit)
    if failures:
        raise failures[0]
    return value


def _radial(distribution: Radial, function: Integrand, limit: int) -> acb:
    dim = distribution.dim
    if dim > MOST_NESTED:
        raise InputError(
            f"Quadrature is nested up to {MOST_NESTED} dimensions, not {dim}; use a polynomial target or sampled data."
        )
    edge = acb(real_constant(distribution.bound))
    if isinstance(distribution, Sphere):
        return _on_sphere(dim, edge, function, False, limit)

    def shell(r: acb, analytic: bool) -> acb:
        return (
            r ** (dim - 1)
            * _density(distribution, r)
            * _on_sphere(dim, r, function, analytic, _EVALUATIONS_INSIDE)
        )

    total = _line(lambda r, _: r ** (dim - 1) * _density(distribution, r), acb(0), edge, limit)
    return _line(shell, acb(0), edge, limit) / total


def _density(distribution: Radial, r: acb) -> acb:
    if isinstance(distribution, Ball):
        return acb(1)
    if isinstance(distribution, TruncatedGaussian):
        return (-(r**2) / (2 * acb(real_constant(distribution.deviation)) ** 2)).exp()
    raise InputError(f"There is no quadrature for {type(distribution).__name__}.")


def _on_sphere(dim: int, r: acb, function: Integrand, analytic: bool, limit: int) -> acb:
    """The mean over the sphere of radius r, a holomorphic function of r."""
    if dim == 1:
        return (function([r], analytic) + function([-r], analytic)) / 2
    pi = acb(arb.pi())
    if dim == 2:
        return _line(
            lambda t, flag: function([r * t.cos(), r * t.sin()], analytic or flag), acb(0), 2 * pi, limit
        ) / (2 * pi)

    def circle(height: acb, flag: bool) -> acb:
        level, across = r * height.cos(), r * height.sin()
        return height.sin() * _line(
            lambda t, inner: function([level, across * t.cos(), across * t.sin()], analytic or flag or inner),
            acb(0),
            2 * pi,
            _EVALUATIONS_INSIDE,
        )

    return _line(circle, acb(0), pi, limit) / (4 * pi)
