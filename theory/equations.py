"""The derived equations by name, for printing: what ``lemmata derive`` knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from theory.activation import TaylorModel
from theory.assumptions import eigenvector_of_second_moments
from theory.data import DataModel, general
from theory.derivation import Derivation
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.solutions import solve_linear, solve_riccati
from theory.vectorfield import VectorField

_ANY_DATA = frozenset({"eq65", "eq7", "eq10", "truncated", "remainder"})
"""Equations of the flow itself: all others are about neurons on the line that z spans."""

Formulas = tuple[tuple[str, sp.Expr], ...]
"""Closed formulas: pairs of a name and an expression."""


@dataclass(frozen=True)
class Equation:
    """One named equation of the multi-stage paper, or beyond it.

    Attributes
    ----------
    title:
        What it is.
    derive:
        Makes the drift of a neuron, a vector field or closed formulas from a derivation.
    any_order:
        True if a higher order of the expansion changes the equation.
    general_data:
        True if second moments and z stay symbols instead of M₂ = I, z = e₁.
    """

    title: str
    derive: Callable[[Derivation], ParticleSystem | VectorField | Formulas]
    any_order: bool = False
    general_data: bool = False


def _linear_solution(derivation: Derivation) -> Formulas:
    return tuple((f"{c.slot}(t)", e) for c, e in solve_linear(derivation.linearised).items())


def _logistic_solution(derivation: Derivation) -> Formulas:
    field = derivation.logistic
    (P,) = field.variables
    return (("P(t)", solve_riccati(field[P], P)),)


def _descent(derivation: Derivation) -> Formulas:
    solution = derivation.descent
    return (("P(v)", solution.P), ("Q(v)", solution.Q), ("t(v)", solution.t))


def _descent_time(derivation: Derivation) -> Formulas:
    return (("T_2", derivation.descent.descent_time(sp.Symbol("zeta", positive=True))),)


EQUATIONS: dict[str, Equation] = {
    "eq65": Equation("Gradient flow of neuron k, before expansion", lambda d: d.flow),
    "eq7": Equation(
        "Flow with Taylor polynomial and remainder, any data",
        lambda d: d.expanded,
        any_order=True,
        general_data=True,
    ),
    "eq10": Equation("The same for M₂ = I, z = e₁", lambda d: d.expanded, any_order=True),
    "truncated": Equation(
        "Polynomial part of the flow, remainder left out", lambda d: d.truncated, any_order=True
    ),
    "remainder": Equation(
        "What the truncation leaves out", lambda d: d.expanded.remainder_part(), any_order=True
    ),
    "eq15": Equation("Linearised dynamics", lambda d: d.linearised),
    "eq23": Equation("Solution of the linearised dynamics", _linear_solution),
    "eq16": Equation("Leading order of the descent", lambda d: d.leading_order),
    "eq18.flow": Equation("The (P, Q) system", lambda d: d.reduced),
    "eq18.invariant": Equation(
        "Conserved quantity of the (P, Q) system", lambda d: (("constant", d.conserved),)
    ),
    "eq19": Equation("Logistic equation", lambda d: d.logistic),
    "eq20": Equation("Solution of the logistic equation", _logistic_solution),
    "eq21": Equation(
        "Secondary plateau, on P = 1, remainder left out", lambda d: d.on_plateau, any_order=True
    ),
    "eq21.critical": Equation("Factor that stops every neuron", lambda d: (("0", d.critical_factor),)),
    "b1": Equation("Exact solution of the (P, Q) system, v = exp(2s)", _descent),
    "b2": Equation("Descent time of the reduced system, P(T_2) = 1 − ζ", _descent_time),
}


def derive(
    name: str, dim: int, taylor: TaylorModel, data: DataModel | None = None
) -> ParticleSystem | VectorField | Formulas:
    """Derive a named equation, with the moments of ``data`` put in if they are given.

    Raises
    ------
    AssumptionViolated
        If the equation is about the line that z spans, and z of ``data`` is not an eigenvector of M₂.
    TheoryError
        For an unknown name, an order of the expansion that the equation has no use for, or such an equation where z is
        not along e₁.
    """
    equation = find(name)
    if taylor.order != 1 and not equation.any_order:
        raise TheoryError(f"{name} is derived from the first-order expansion; leave the order at 1")
    if data is None:
        data = general(dim) if equation.general_data else None
    elif name not in _ANY_DATA:
        _require_condensation(name, data)
    return equation.derive(Derivation(dim, taylor, data))


def _require_condensation(name: str, data: DataModel) -> None:
    eigenvalue = eigenvector_of_second_moments(data).require()
    if any(entry != 0 for entry in data.z[1:]):
        raise TheoryError(f"{name} is derived in coordinates with z = ‖z‖ e₁; rotate the data to them first")
    if name == "eq21" and sp.expand(eigenvalue - data.z[0]) != 0:
        raise TheoryError(
            f"eq21 is written for a plateau at P = 1, and these data have it at P = {data.z[0] / eigenvalue}; divide "
            "the target by ‖z‖ and normalise the data"
        )


def find(name: str) -> Equation:
    """The equation with that name.

    Raises
    ------
    TheoryError
        If there is none; the message lists the names.
    """
    if name not in EQUATIONS:
        raise TheoryError(f"there is no equation {name!r}; there are {', '.join(EQUATIONS)}")
    return EQUATIONS[name]
