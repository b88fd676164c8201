"""Backward error analysis: the flow that a map with a small step follows.

A map x ↦ x + ηF(x) acts on functions by g ↦ g(x + ηF(x)), which is exp(ηD) for a derivation D = F̃·∂ as a formal
series in η: so F̃ = (1/η) log(map) x, the *modified* vector field

    F̃ = F − (η/2) F'F + η² (F'F'F/3 + F''(F, F)/12) − …

whose flow the map follows at t = nη, to every order in η. Hairer, Lubich & Wanner, Geometric Numerical Integration,
chapter IX. For gradient descent the first correction is the gradient flow of R + (η/4)‖∇R‖² instead of R (Barrett &
Dherin 2021). The distance to the flow of F itself is first order in η: :func:`scalar_deviation` in one variable.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory.errors import TheoryError
from theory.gradient_descent import ParticleMap, learning_rate
from theory.iteration import IterationMap
from theory.particles import ParticleSystem
from theory.vectorfield import VectorField


def modified_field(step: IterationMap, order: int, rate: sp.Symbol = learning_rate) -> VectorField:
    """The modified vector field of a map, up to and including ``rate``^order.

    Raises
    ------
    TheoryError
        If the map is not polynomial in the rate, or is not the identity at rate 0.
    """
    components = tuple(_logarithm(step.change, v, rate, order) for v in step.variables)
    return VectorField(step.variables, components, step.definitions)


def modified_flow(step: ParticleMap, order: int, rate: sp.Symbol = learning_rate) -> ParticleSystem:
    """The same for a step of every neuron of a network of any width."""
    drift = tuple(_logarithm(step.change, c, rate, order) for c in step.neuron.coordinates)
    return ParticleSystem(step.neuron, drift)


def _logarithm(
    change: Callable[[sp.Expr], sp.Expr], variable: sp.Symbol, rate: sp.Symbol, order: int
) -> sp.Expr:
    """(1/η) Σ_n (−1)^(n+1)/n (map − 1)^n x; each application of map − 1 brings in one power of η at least."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 0:
        raise TheoryError(f"The order in the learning rate must be an integer ≥ 0, not {order!r}.")
    total, power = sp.S.Zero, sp.sympify(variable)
    for n in range(1, order + 2):
        power = _truncated(change(power), rate, order + 1)
        total += sp.Rational((-1) ** (n + 1), n) * power
    if sp.expand(total).coeff(rate, 0) != 0:
        raise TheoryError(f"At {rate} = 0 a step still moves {variable}; there is no modified vector field.")
    return sp.expand(sp.expand(total) / rate)


def _truncated(expr: sp.Expr, rate: sp.Symbol, highest: int) -> sp.Expr:
    expanded = sp.expand(expr)
    terms = []
    for term in sp.Add.make_args(expanded):
        _, power = term.as_independent(rate, as_Add=False)
        exponent = sp.S.Zero if power == 1 else power.as_base_exp()[1]
        if not (exponent.is_Integer and exponent >= 0 and (power == 1 or power.as_base_exp()[0] == rate)):
            raise TheoryError(f"A step must be polynomial in {rate}; {str(term)[:80]} is not.")
        if exponent <= highest:
            terms.append(term)
    return sp.Add(*terms)


def modified_series(field: VectorField, order: int, rate: sp.Symbol = learning_rate) -> VectorField:
    """F − (η/2) F'F + η² (F'F'F/3 + F''(F, F)/12), up to order 2, for an Euler step: the formula of the textbook.

    Raises
    ------
    TheoryError
        If ``order`` is not 0, 1 or 2.
    """
    terms = _series_terms(field.components, lambda expr, by: _along(expr, field.variables, by), order)
    return VectorField(field.variables, _summed(terms, rate), field.definitions)


def modified_particle_series(
    system: ParticleSystem, order: int, rate: sp.Symbol = learning_rate
) -> ParticleSystem:
    """The same for the gradient descent of a network of any width: derivatives along the flow of all neurons."""

    def along(expr: sp.Expr, by: tuple[sp.Expr, ...]) -> sp.Expr:
        return ParticleSystem(system.neuron, by).derivative(expr)

    return ParticleSystem(system.neuron, _summed(_series_terms(system.drift, along, order), rate))


def _along(expr: sp.Expr, variables: tuple[sp.Symbol, ...], by: tuple[sp.Expr, ...]) -> sp.Expr:
    return sp.expand(sp.Add(*(b * expr.diff(v) for v, b in zip(variables, by, strict=True))))


def _series_terms(
    drift: tuple[sp.Expr, ...], along: Callable[[sp.Expr, tuple[sp.Expr, ...]], sp.Expr], order: int
) -> list[tuple[sp.Expr, ...]]:
    if order not in (0, 1, 2):
        raise TheoryError(f"The series is written out to order 2 in the learning rate, not {order!r}.")
    terms = [drift]
    if order >= 1:
        first = tuple(along(c, drift) for c in drift)  # F'F
        terms.append(tuple(-c / 2 for c in first))
    if order == 2:
        # d²F/dt² along F is F'F'F + F''(F, F)
        inner = [along(c, first) for c in drift]  # F'F'F
        second = [along(c, drift) for c in first]
        terms.append(tuple(s / 12 + i / 4 for s, i in zip(second, inner, strict=True)))
    return terms


def _summed(terms: list[tuple[sp.Expr, ...]], rate: sp.Symbol) -> tuple[sp.Expr, ...]:
    return tuple(
        sp.expand(sp.Add(*(rate**n * t for n, t in enumerate(column)))) for column in zip(*terms, strict=True)
    )


def deviation_field(step: IterationMap, rate: sp.Symbol = learning_rate) -> VectorField:
    """The flow together with the first-order distance e of the map from it, at the same time t = nη.

    x_n = x(t) + η e + O(η²) with e' = F'e + F₁, e = 0 at the start, and F₁ the first-order part of the modified field.
    The variables are those of the map and, for each variable x, e_x.
    """
    components = modified_field(step, 1, rate).components
    flow = [c.coeff(rate, 0) for c in components]
    first = [c.coeff(rate, 1) for c in components]
    errors = tuple(sp.Symbol(f"e_{v}", real=True) for v in step.variables)
    spread = sp.Matrix(flow).jacobian(step.variables) * sp.Matrix(errors)
    moved = tuple(sp.expand(s + f) for s, f in zip(spread, first, strict=True))
    return VectorField((*step.variables, *errors), (*flow, *moved), step.definitions)


def scalar_deviation(
    step: IterationMap, start: sp.Symbol, rate: sp.Symbol = learning_rate
) -> tuple[sp.Symbol, sp.Expr]:
    """First-order distance of a map in one variable from its flow, at the same time t = nη.

    x_n = x(t) + η e + O(η²), where e solves e' = F'e + F₁ with the first-order part F₁ of the modified field and
    e = 0 at the start. With y = e/F this is dy/dx = F₁/F², so that e is a function of x = x(t) and of x(0).

    Parameters
    ----------
    step:
        A map in one variable x, with a rational quotient F₁/F².
    start:
        Symbol of x(0).

    Returns
    -------
    x and e(x).

    Raises
    ------
    TheoryError:
        For a map in more than one variable.
    """
    if len(step.variables) != 1:
        raise TheoryError("This deviation is solved in one variable; restrict the map to an invariant line.")
    (x,) = step.variables
    (component,) = modified_field(step, 1, rate).components
    flow, first = component.coeff(rate, 0), component.coeff(rate, 1)
    quotient = sp.apart(sp.cancel(first / flow**2), x)
    pieces = [_antiderivative(term, x) for term in sp.Add.make_args(quotient)]
    value = sp.Add(*pieces)
    return x, sp.factor(flow) * (value - value.subs(x, start))


def _antiderivative(term: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """Of c·(ax + b)^n for an integer n, the logarithm with a positive argument between the zeros of the flow."""
    constant, rest = term.as_independent(x, as_Add=False)
    base, exponent = rest.as_base_exp()
    if rest == 1:
        return constant * x
    linear = sp.Poly(base, x)
    if linear.degree() != 1 or not exponent.is_Integer:
        raise TheoryError(
            f"The term {term} is no power of a linear function; the deviation is not found in closed form."
        )
    slope = linear.LC()
    if exponent == -1:
        argument = -base if base.subs(x, 0).is_negative else base
        return constant / slope * sp.log(argument)
    return constant / slope * base ** (exponent + 1) / (exponent + 1)
