"""Conserved quantities, found as the null space of a polynomial ansatz; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp
from sympy.polys.monomials import itermonomials

from theory.brackets import lower_apart
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.vectorfield import VectorField


def conserved_quantities(field: VectorField, degree: int) -> tuple[sp.Expr, ...]:
    """A basis of the non-constant polynomials of degree ≤ ``degree`` whose Lie derivative along ``field`` is zero."""
    return _null_space(field.variables, degree, field.lie_derivative)


def neuron_invariants(system: ParticleSystem, degree: int) -> tuple[sp.Expr, ...]:
    """A basis of the non-constant polynomials in one neuron's coordinates that the flow conserves for each neuron.

    The sums over neurons count as independent of the neuron's own coordinates: what is found holds for every width
    and every state.

    TheoryError for a drift that is not polynomial.
    """
    plain = {c: sp.Symbol(c.slot, real=True) for c in system.neuron.coordinates}
    variables = tuple(plain.values())
    named, table = lower_apart(sp.Tuple(*system.drift), plain)
    rates = [component.xreplace(plain) for component in named]
    if any(not component.is_polynomial(*variables) for component in rates):
        raise TheoryError(
            "Conserved quantities are sought of polynomial systems; expand the activation first."
        )

    def along(expr: sp.Expr) -> sp.Expr:
        return sp.expand(sp.Add(*(r * expr.diff(v) for v, r in zip(variables, rates, strict=True))))

    back = {symbol: coordinate for coordinate, symbol in plain.items()}
    return tuple(q.xreplace(back) for q in _null_space(variables, degree, along, tuple(table)))


def _null_space(
    variables: Sequence[sp.Symbol],
    degree: int,
    along: Callable[[sp.Expr], sp.Expr],
    independent: Sequence[sp.Symbol] = (),
) -> tuple[sp.Expr, ...]:
    monomials = sorted(set(itermonomials(list(variables), degree)) - {sp.S.One}, key=sp.default_sort_key)
    unknowns = sp.symbols(f"q0:{len(monomials)}")
    ansatz = sp.Add(*(q * mono for q, mono in zip(unknowns, monomials, strict=True)))
    conditions = sp.Poly(along(ansatz), *variables, *independent).coeffs()
    matrix = sp.Matrix([[condition.coeff(q) for q in unknowns] for condition in map(sp.expand, conditions)])
    if matrix.rows == 0:
        return tuple(monomials)
    basis = []
    for vector in matrix.nullspace():
        quantity = sp.Add(*(c * mono for c, mono in zip(vector, monomials, strict=True)))
        _, primitive = sp.Poly(quantity, *variables).primitive()
        basis.append(primitive.as_expr())
    return tuple(basis)
