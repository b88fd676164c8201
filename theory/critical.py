"""Critical points of reduced systems, and the factor that stops a whole particle system at once."""

from __future__ import annotations

import sympy as sp

from theory.brackets import lower
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.vectorfield import VectorField


def critical_sets(field: VectorField) -> tuple[dict[sp.Symbol, sp.Expr], ...]:
    """Solutions of ``components = 0`` as substitutions; a variable that is absent is free on that set.

    Every set returned is checked by exact substitution. That no further set exists rests on SymPy's solver.
    """
    solutions = sp.solve(list(field.components), list(field.variables), dict=True)
    for solution in solutions:
        if any(sp.simplify(component.subs(solution)) != 0 for component in field.components):
            raise TheoryError(f"the solver returned {solution}, which does not make the vector field vanish")
    return tuple(sorted(solutions, key=lambda s: (len(s), str(s))))


def common_factor(system: ParticleSystem) -> sp.Expr:
    """Greatest common factor, in sums over neurons alone, of the non-zero components of the drift.

    Where it vanishes every neuron stops, whatever its own weights: for the leading order (16) of the descent this is
    1 − P, the critical-point condition of the multi-stage paper.
    """
    named, table = lower(sp.Tuple(*system.drift))
    moving = [component for component in named if component != 0]
    if not moving:
        raise TheoryError("the drift is zero: every point is critical")
    factor = sp.gcd_list(moving) if len(moving) > 1 else moving[0]
    own = set(system.neuron.coordinates)
    kept = sp.Mul(*(base**power for base, power in sp.factor_list(factor)[1] if not base.free_symbols & own))
    if kept.subs(dict.fromkeys(table, 0)).could_extract_minus_sign():
        kept = -kept
    return sp.expand(kept).xreplace(dict(table))
