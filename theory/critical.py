"""Critical points of reduced systems, and the factor that stops a whole particle system at once."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from theory.brackets import lower_apart
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.vectorfield import VectorField


def critical_sets(field: VectorField) -> tuple[dict[sp.Symbol, sp.Expr], ...]:
    """All solutions of ``components = 0`` as substitutions; a variable that is absent is free on that set.

    Complete: a product vanishes exactly where one of its factors does, and each factor is solved for a variable that
    stands in it with a constant coefficient. Sets that lie inside another one are left out.

    Raises
    ------
    TheoryError
        If a component is not polynomial, or a factor of it is linear in no variable with a constant coefficient.
    """
    found: list[dict[sp.Symbol, sp.Expr]] = []
    for solution in _branches(list(field.components), field.variables, {}):
        if solution not in found:
            found.append(solution)
    largest = [s for s in found if not any(_inside(s, other) for other in found if other is not s)]
    return tuple(sorted(largest, key=lambda s: (len(s), str(s))))


def _branches(
    components: list[sp.Expr], variables: tuple[sp.Symbol, ...], so_far: dict[sp.Symbol, sp.Expr]
) -> Iterator[dict[sp.Symbol, sp.Expr]]:
    components = [c for c in map(sp.expand, components) if c != 0]
    if not components:
        yield so_far
        return
    first, *rest = components
    if not first.is_polynomial(*variables):
        raise TheoryError(f"Critical sets are found of polynomial systems; {first} is none.")
    for factor, _ in sp.factor_list(first, *variables)[1]:
        variable, value = _solved(factor, variables)
        step = {variable: value}
        known = {v: sp.expand(e.subs(step)) for v, e in so_far.items()} | step
        yield from _branches([c.subs(step) for c in rest], variables, known)


def _solved(factor: sp.Expr, variables: tuple[sp.Symbol, ...]) -> tuple[sp.Symbol, sp.Expr]:
    for variable in variables:
        polynomial = sp.Poly(factor, variable)
        if polynomial.degree() == 1 and _never_zero(polynomial.LC(), variables):
            slope, constant = polynomial.all_coeffs()
            return variable, sp.expand(-constant / slope)
    raise TheoryError(
        f"The factor {factor} of a component is not linear in any variable with a constant coefficient, so that its "
        "zeros are not found exactly here."
    )


def _never_zero(slope: sp.Expr, variables: tuple[sp.Symbol, ...]) -> bool:
    # A parameter that is declared positive may stand in it, such as a learning rate.
    return bool(slope.is_nonzero) and not slope.free_symbols & set(variables)


def _inside(smaller: dict[sp.Symbol, sp.Expr], larger: dict[sp.Symbol, sp.Expr]) -> bool:
    """Whether every point of one set satisfies the equations of the other."""
    return all(sp.expand((v - e).subs(smaller, simultaneous=True)) == 0 for v, e in larger.items())


def common_factor(system: ParticleSystem) -> sp.Expr:
    """Greatest common factor, in sums over neurons alone, of the non-zero components of the drift.

    Where it vanishes every neuron stops, whatever its own weights: for the leading order (16) of the descent this is
    1 − P, the critical-point condition of the multi-stage paper.

    TheoryError where the drift is zero, so that every point is critical.
    """
    named, table = lower_apart(sp.Tuple(*system.drift), system.neuron.coordinates)
    moving = [component for component in named if component != 0]
    if not moving:
        raise TheoryError("The drift is zero: every point is critical.")
    factor = sp.gcd_list(moving) if len(moving) > 1 else moving[0]
    own = set(system.neuron.coordinates)
    kept = sp.Mul(*(base**power for base, power in sp.factor_list(factor)[1] if not base.free_symbols & own))
    if kept.subs(dict.fromkeys(table, 0)).could_extract_minus_sign():
        kept = -kept
    return sp.expand(kept).xreplace(dict(table))
