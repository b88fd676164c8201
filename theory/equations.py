"""The derived equations by name, for printing: what ``lemmata derive`` knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import sympy as sp

from theory.activation import TaylorModel, tanh_like
from theory.assumptions import eigenvector_of_second_moments
from theory.asymptotics import Asymptotic, Asymptotics, gamma, zeta
from theory.closure import drop_above, gaussian
from theory.conservation import Scaling
from theory.critical import critical_sets
from theory.critical_manifold import (
    approximate_manifold,
    critical_manifold,
    critical_spectrum,
    field_spectrum,
    relative_gradient,
)
from theory.data import DataModel, aligned, general
from theory.derivation import Derivation
from theory.descent_correction import descent_correction
from theory.descent_time import mean_descent_time
from theory.errors import TheoryError
from theory.estimates import remainder_estimate
from theory.gradient_descent import ParticleMap, descent_map, reduce_map
from theory.hierarchy import Hierarchy, moment_hierarchy, moment_symbol
from theory.iteration import IterationMap
from theory.modified import modified_field, scalar_deviation
from theory.order_parameters import P, Q, condensed_order_parameters
from theory.particles import ParticleSystem
from theory.slowflow import SlowFlow, slow_flow
from theory.solutions import solve_linear, solve_riccati
from theory.vectorfield import VectorField

_ANY_DATA = frozenset(
    {"eq65", "eq7", "eq10", "truncated", "remainder", "moments", "moments.drop", "moments.gauss", "gd"}
)
"""Equations of the flow itself: all others are about neurons on the line that z spans."""

Formulas = tuple[tuple[str, sp.Expr], ...]
"""Closed formulas: pairs of a name and an expression."""

Derived = ParticleSystem | ParticleMap | VectorField | IterationMap | Formulas
"""What an equation is: a drift or a step of one neuron, a closed field or map, or formulas."""


@dataclass(frozen=True)
class Equation:
    """One named equation of the multi-stage paper, or beyond it.

    Attributes
    ----------
    title:
        What it is.
    derive:
        Makes it from a derivation.
    any_order:
        True if a higher order of the expansion changes the equation.
    general_data:
        True if second moments and z stay symbols instead of M₂ = I, z = e₁.
    """

    title: str
    derive: Callable[[Derivation], Derived]
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


def _hierarchy(derivation: Derivation) -> Hierarchy:
    """Moments of degree 2 with all that they need up to that degree: P and the squared norms among them."""
    dim = derivation.dim
    return moment_hierarchy(derivation.truncated, 2, start=[(1, 1, *[0] * (dim - 1))])


def _moments(derivation: Derivation) -> Formulas:
    return tuple((f"d{moment_symbol(p)}/dt", e) for p, e in _hierarchy(derivation).equations.items())


def _spectrum(derivation: Derivation) -> Formulas:
    system = derivation.leading_order
    spectrum = critical_spectrum(system, critical_manifold(system))
    found: list[tuple[str, sp.Expr]] = []
    for n, mode in enumerate(spectrum.modes, 1):
        found.append((f"lambda_{n}", mode.rate))
        entries = zip(system.neuron.coordinates, mode.direction, strict=True)
        found += [(f"v_{n}({c.slot})", e) for c, e in entries]
    return (*found, ("multiplicity of 0", spectrum.neutral))


def _reduced_spectrum(derivation: Derivation) -> Formulas:
    field = derivation.reduced
    (plateau,) = [s for s in critical_sets(field) if Q not in s]
    return tuple((f"lambda_{n}", e) for n, e in enumerate(field_spectrum(field, plateau), 1))


def _displacement(derivation: Derivation) -> Formulas:
    leading = Derivation(derivation.dim, tanh_like(1), derivation.data).leading_order
    # After the descent the weights across e₁ are of order m^(−3/2): multi-stage paper, proposition 3.
    found = approximate_manifold(leading, derivation.truncated, Scaling(across=3, sums=-2))
    (value,) = critical_manifold(leading).values()
    return ((f"P - {value}", found.displacement),)


def _gradient_descent(derivation: Derivation) -> IterationMap:
    step = descent_map(derivation.leading_order)
    return reduce_map(step, condensed_order_parameters(step.neuron))


def _deviation(derivation: Derivation) -> Formulas:
    start = sp.Symbol("P0", positive=True)
    below = sp.Symbol("P", positive=True)
    p, value = scalar_deviation(_gradient_descent(derivation).restrict({Q: P}), start)
    return (("e(P)", value.xreplace({p: below})),)


def _remainder_bounds(derivation: Derivation) -> Formulas:
    found = remainder_estimate(derivation.dim, derivation.taylor)
    return (("|f_k|", found.f), ("|g_k|", found.g), ("p", sp.Integer(found.power)))


def _slow(derivation: Derivation) -> SlowFlow:
    return slow_flow(derivation.dim, data=derivation.data)


def _asymptotics(derivation: Derivation) -> Asymptotics:
    _refuse_other_than_aligned(derivation)
    return Asymptotics(derivation.dim)


def _mean_descent_time(derivation: Derivation) -> sp.Expr:
    _refuse_other_than_aligned(derivation)
    return mean_descent_time()


def _refuse_other_than_aligned(derivation: Derivation) -> None:
    known, model = derivation.data, aligned(derivation.dim)
    if known is not None and (known.z, known.second_moments) != (model.z, model.second_moments):
        raise TheoryError(
            "The leading terms are derived for M₂ = I and z = e₁; rescale the data, or derive without them."
        )


def _leading(name: str, term: Asymptotic) -> Formulas:
    # C has a function gamma, so that the printed symbol is another one.
    return ((name, term.leading.xreplace({gamma: sp.Symbol("gamma1", positive=True)})),)


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
    "eq12": Equation(
        "Lemma 1: bounds of the remainders, where |delta(u)| <= L|u|^p, |delta'(u)| <= L|u|^(p-1)",
        _remainder_bounds,
        any_order=True,
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
    "eq29": Equation(
        "Decay rate of the risk on the initial plateau, leading term",
        lambda d: _leading("R'", _asymptotics(d).first_decay),
    ),
    "eq35": Equation(
        "Norms and P at T_1 = gamma1 log m, leading term", lambda d: _leading("P", _asymptotics(d).squares)
    ),
    "eq36": Equation("(Q - P)/P at T_1, leading term", lambda d: _leading("rest", _asymptotics(d).imbalance)),
    "eq40": Equation(
        "Coupling bound at T_1, leading term", lambda d: _leading("bound", _asymptotics(d).coupling)
    ),
    "eq41": Equation(
        "Share of the weights across e1 at T_1, leading term",
        lambda d: _leading("share", _asymptotics(d).across),
    ),
    "eq54": Equation(
        "Size of the gradient relative to the weights at T_2, order 1/m",
        lambda d: (("ratio", _asymptotics(d).gradient_at_descent),),
    ),
    "b2.mean": Equation(
        "Mean of T_2 over draws, reduced system", lambda d: (("E T_2", _mean_descent_time(d)),)
    ),
    "b2.shift": Equation(
        "What the cubic terms add to T_2",
        lambda d: (("T_2", descent_correction(d.dim, data=d.data).time_shift(zeta)),),
    ),
    "b3": Equation("Overshoot of the secondary plateau", lambda d: (("P - 1", _slow(d).overshoot),)),
    "b4": Equation("Slow flow of the secondary plateau, A and B for a and w", lambda d: _slow(d).flow),
    "b4.multiplier": Equation(
        "Multiplier of the slow flow",
        lambda d: tuple(
            (s.name, e) for s, e in zip(_slow(d).multiplier_symbols, _slow(d).multiplier, strict=True)
        ),
    ),
    "b4.energy": Equation("Energy of the slow flow", lambda d: (("E", _slow(d).energy),)),
    "eq21.spectrum": Equation("Spectrum of all neurons on P = 1: rate, direction, neutral ones", _spectrum),
    "eq21.reduced": Equation("Spectrum of the (P, Q) system on P = 1", _reduced_spectrum),
    "eq21.displacement": Equation(
        "Where P settles beside 1, to lowest order in 1/m (order 3 and above)", _displacement, any_order=True
    ),
    "cor3.exact": Equation(
        "Relative gradient at leading order",
        lambda d: (("(norm of grad R / norm of theta)^2", relative_gradient(d.leading_order)),),
    ),
    "moments": Equation("Rates of the moments of degree 2, exact", _moments, any_order=True),
    "moments.drop": Equation(
        "The same closed: higher moments zero", lambda d: _hierarchy(d).close(drop_above(2)), any_order=True
    ),
    "moments.gauss": Equation(
        "The same closed: neurons as a centred Gaussian",
        lambda d: _hierarchy(d).close(gaussian()),
        any_order=True,
    ),
    "gd": Equation(
        "Gradient descent of neuron k, remainder left out", lambda d: descent_map(d.truncated), any_order=True
    ),
    "gd.step": Equation("Gradient descent in P and Q, leading order", _gradient_descent),
    "gd.modified": Equation(
        "The flow that gd.step follows, to second order in eta",
        lambda d: modified_field(_gradient_descent(d), 2),
    ),
    "gd.deviation": Equation("P of gd.step minus P of the flow, over eta, for Q = P", _deviation),
}


def derive(name: str, dim: int, taylor: TaylorModel, data: DataModel | None = None) -> Derived:
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
        raise TheoryError(
            f"The equation {name} is derived from the first-order expansion; leave the order at 1."
        )
    if data is None:
        data = general(dim) if equation.general_data else None
    elif name not in _ANY_DATA:
        _require_condensation(name, data)
    return equation.derive(Derivation(dim, taylor, data))


def _require_condensation(name: str, data: DataModel) -> None:
    eigenvalue = eigenvector_of_second_moments(data).require()
    if any(entry != 0 for entry in data.z[1:]):
        raise TheoryError(
            f"The equation {name} is derived in coordinates with z = ‖z‖ e₁; rotate the data to them first."
        )
    if name == "eq21" and sp.expand(eigenvalue - data.z[0]) != 0:
        raise TheoryError(
            f"The equation eq21 is written for a plateau at P = 1, and these data have it at "
            f"P = {data.z[0] / eigenvalue}; divide the target by ‖z‖ and normalise the data."
        )


def find(name: str) -> Equation:
    """The equation with that name.

    Raises
    ------
    TheoryError
        If there is none; the message says which are close, or lists the names.
    """
    if name not in EQUATIONS:
        close = get_close_matches(name.rpartition(".")[2].lower(), EQUATIONS, n=3)
        if close:
            raise TheoryError(f"There is no equation {name!r}; the closest are {', '.join(close)}.")
        raise TheoryError(f"There is no equation {name!r}; there are {', '.join(EQUATIONS)}.")
    return EQUATIONS[name]
