"""Exact reduction of a particle system to order parameters, or the reason why it does not close."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from theory.brackets import Bracket, NeuronSum, lower, outer_brackets
from theory.errors import NotClosed, TheoryError
from theory.particles import ParticleSystem
from theory.vectorfield import VectorField

Closure = Callable[[Bracket], sp.Expr | None]
"""A closure maps a moment to an expression in the order parameters, or to None to leave it alone."""


def reduce(
    system: ParticleSystem, definitions: Mapping[sp.Symbol, sp.Expr], *, closure: Closure | None = None
) -> VectorField:
    """Find d/dt of each order parameter and close the system exactly.

    Parameters
    ----------
    system:
        Drift of one neuron, polynomial in its coordinates.
    definitions:
        Order parameter → function of the coordinates of ``system.neuron``; the order parameter is its sum over neurons.
    closure:
        Applied to the moments that are left. A closure makes the result an approximation; the caller knows.

    Raises
    ------
    NotClosed
        If moments are left that are not functions of the order parameters.
    """
    sums = {name: NeuronSum(body, system.neuron) for name, body in definitions.items()}
    rates = {name: system.derivative(total) for name, total in sums.items()}
    return VectorField(tuple(sums), express(rates, sums, closure=closure), sums)


def express(
    values: Mapping[sp.Symbol, sp.Expr], sums: Mapping[sp.Symbol, sp.Expr], *, closure: Closure | None = None
) -> tuple[sp.Expr, ...]:
    """Expressions in moments as expressions in order parameters, in the order of ``sums``.

    Parameters
    ----------
    values:
        One expression for each order parameter: its time derivative, or its value after a step.
    sums:
        Order parameter → the sum over neurons that it is.
    closure:
        Applied to the moments that are left.

    Raises
    ------
    NotClosed
        If moments are left that are not functions of the order parameters.
    """
    table = _eliminated(sums)
    components = []
    for name, value in values.items():
        closed = sp.expand(_put(value, table))
        if closure is not None:
            replacements = {b: closure(b) for b in outer_brackets(closed)}
            closed = sp.expand(_put(closed, {b: e for b, e in replacements.items() if e is not None}))
            closed = sp.expand(_put(closed, table))
        leftovers = outer_brackets(closed)
        if leftovers:
            raise NotClosed(str(name), [str(b) for b in leftovers])
        components.append(closed)
    return tuple(components)


def _put(expr: sp.Expr, table: Mapping[Bracket, sp.Expr]) -> sp.Expr:
    lowered, names = lower(expr)
    return lowered.xreplace({symbol: table.get(bracket, bracket) for symbol, bracket in names.items()})


def _eliminated(sums: Mapping[sp.Symbol, sp.Expr]) -> dict[Bracket, sp.Expr]:
    """Solve the definitions for as many moments as there are order parameters.

    Moments (sums of distinct monomials over many neurons) are algebraically independent, so that whatever else is
    left after this linear elimination really is not a function of the order parameters.
    """
    moments = sorted({b for total in sums.values() for b in outer_brackets(total)}, key=sp.default_sort_key)
    rows, right = [], []
    for name, total in sums.items():
        lowered, names = lower(total)
        symbols = {bracket: symbol for symbol, bracket in names.items()}
        ordered = [symbols.get(b) for b in moments]
        row = [sp.S.Zero if s is None else lowered.coeff(s, 1) for s in ordered]
        constant = sp.expand(
            lowered - sp.Add(*(c * s for c, s in zip(row, ordered, strict=True) if s is not None))
        )
        if constant.free_symbols & set(names):
            raise TheoryError(f"The order parameter {name} must be linear in sums over neurons.")
        rows.append(row)
        right.append(name - constant)
    reduced, pivots = _row_echelon(sp.Matrix(rows), right)
    if len(pivots) < len(rows):
        raise TheoryError("The order parameters are linearly dependent; leave one out.")
    table: dict[Bracket, sp.Expr] = {}
    for row_index, pivot in enumerate(pivots):
        others = sp.Add(
            *(
                reduced[row_index, j] * moments[j]
                for j in range(len(moments))
                if j != pivot and reduced[row_index, j] != 0
            )
        )
        table[moments[pivot]] = reduced[row_index, len(moments)] - others
    return table


def _row_echelon(matrix: sp.Matrix, right: list[sp.Expr]) -> tuple[sp.Matrix, tuple[int, ...]]:
    # The right-hand side holds the names of the order parameters: eliminate with the identity instead of with them.
    size = matrix.rows
    reduced, pivots = matrix.row_join(sp.eye(size)).rref(pivots=True)
    columns = matrix.cols
    solved = reduced[:, columns:] * sp.Matrix(right)
    pivots = tuple(p for p in pivots if p < columns)
    return reduced[:, :columns].row_join(solved), pivots
