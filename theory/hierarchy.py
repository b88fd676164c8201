"""The hierarchy of moments Σ_k a_k^i w_k^j of a polynomial particle system, to any degree.

The time derivative of a moment is a polynomial in moments, with products of several and with higher ones than itself.
Up to a degree N that is a finite list of equations and a finite list of leftovers: the moments above N that they need.
With a closure for these (:mod:`theory.closure`) the list becomes a :class:`~theory.vectorfield.VectorField`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import sympy as sp

from theory.activation import Remainder, Sigma
from theory.brackets import Bracket, NeuronSum, lower
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.reduce import Closure, reduce
from theory.symbols import Coordinate, Neuron, check_dimension
from theory.vectorfield import VectorField

Powers = tuple[int, ...]
"""The exponents (i, j1 … jd) of the moment Σ_k a_k^i (w_k^(1))^j1 … (w_k^(d))^jd."""


def moment_symbol(powers: Sequence[int]) -> sp.Symbol:
    """Name of a moment: mu1_1 is Σ_k a_k w_k in one dimension, that is P."""
    return sp.Symbol("mu" + "_".join(str(p) for p in powers), real=True)


def moment_body(powers: Sequence[int], neuron: Neuron) -> sp.Expr:
    """a^i w1^j1 … wd^jd of one neuron."""
    if len(powers) != neuron.dim + 1 or any(p < 0 for p in powers):
        raise TheoryError(f"A moment in dimension {neuron.dim} has {neuron.dim + 1} exponents ≥ 0.")
    return sp.Mul(*(c**p for c, p in zip(neuron.coordinates, powers, strict=True)))


def powers_of(bracket: Bracket, dim: int) -> Powers | None:
    """The exponents of a sum over neurons of a monomial in their coordinates; None for any other bracket."""
    if not isinstance(bracket, NeuronSum):
        return None
    powers = [0] * (dim + 1)
    for factor in sp.Mul.make_args(bracket.args[0]):
        base, exponent = factor.as_base_exp()
        if not (isinstance(base, Coordinate) and base.height and exponent.is_Integer and exponent > 0):
            return None
        powers[0 if base.slot == "a" else int(base.slot[1:])] += int(exponent)
    return tuple(powers)


def moments_up_to(dim: int, degree: int) -> tuple[Powers, ...]:
    """Exponents of all moments of degree 1 … ``degree``, lower degrees first."""
    check_dimension(dim)
    every = (p for p in product(range(degree + 1), repeat=dim + 1) if 1 <= sum(p) <= degree)
    return tuple(sorted(every, key=lambda p: (sum(p), [-q for q in p])))


@dataclass(frozen=True)
class Hierarchy:
    """d/dt of moments, exact, as polynomials in moments of which some are above the degree.

    Attributes
    ----------
    system:
        The polynomial particle system.
    degree:
        Highest degree of a moment that has an equation.
    equations:
        Exponents of a moment → its time derivative, in the symbols of :func:`moment_symbol`, parameters and the width.
    leftovers:
        Exponents of the moments that are needed and have no equation, lower degrees first. Empty: the list closes.
    """

    system: ParticleSystem
    degree: int
    equations: Mapping[Powers, sp.Expr]
    leftovers: tuple[Powers, ...]

    @property
    def definitions(self) -> dict[sp.Symbol, sp.Expr]:
        """The moments that have an equation, in the form that :func:`theory.reduce.reduce` takes."""
        neuron = self.system.neuron
        return {moment_symbol(p): moment_body(p, neuron) for p in self.equations}

    def close(self, closure: Closure | None = None) -> VectorField:
        """The finite system that a closure of the leftovers makes of the hierarchy; without leftovers it needs none.

        Raises
        ------
        NotClosed
            If the closure leaves a moment alone that has no equation.
        """
        return reduce(self.system, self.definitions, closure=closure)


def moment_hierarchy(
    system: ParticleSystem, degree: int, *, start: Iterable[Sequence[int]] | None = None
) -> Hierarchy:
    """The equations of moments up to a degree.

    Parameters
    ----------
    system:
        Drift of one neuron, polynomial in its coordinates (activation expanded, remainder split off).
    degree:
        Highest degree i + j1 + … + jd of a moment that gets an equation, at least 1.
    start:
        Moments of interest: then only what these need, directly or not, gets an equation. With an odd activation
        the moments of even degree need no others, for example. By default all moments up to the degree.

    Raises
    ------
    TheoryError
        If the drift is not polynomial, or a moment in ``start`` is above the degree.
    """
    if isinstance(degree, bool) or not isinstance(degree, int) or degree < 1:
        raise TheoryError(f"The degree of a hierarchy must be a positive integer, not {degree!r}.")
    if any(component.has(Sigma, Remainder) for component in system.drift):
        raise TheoryError("Moments are taken of a polynomial system; expand the activation first.")
    dim = system.neuron.dim
    waiting = list(moments_up_to(dim, degree)) if start is None else [tuple(p) for p in start]
    for powers in waiting:
        if not 1 <= sum(powers) <= degree:
            raise TheoryError(f"The moment {moment_symbol(powers)} has no degree between 1 and {degree}.")
    found: dict[Powers, sp.Expr] = {}
    above: set[Powers] = set()
    while waiting:
        powers = waiting.pop()
        if powers in found:
            continue
        rate = system.derivative(NeuronSum(moment_body(powers, system.neuron), system.neuron))
        found[powers], needed = _in_moments(rate, dim)
        above |= {p for p in needed if sum(p) > degree}
        waiting += [p for p in needed if sum(p) <= degree]
    order = {p: n for n, p in enumerate(moments_up_to(dim, max(map(sum, {*found, *above}))))}
    equations = {p: found[p] for p in sorted(found, key=order.__getitem__)}
    return Hierarchy(system, degree, equations, tuple(sorted(above, key=order.__getitem__)))


def _in_moments(expr: sp.Expr, dim: int) -> tuple[sp.Expr, set[Powers]]:
    needed: set[Powers] = set()

    def name(bracket: Bracket) -> sp.Symbol:
        powers = powers_of(bracket, dim)
        if powers is None:
            raise TheoryError(
                f"The bracket {bracket} is no moment; only polynomial systems have a moment hierarchy."
            )
        needed.add(powers)
        return moment_symbol(powers)

    return lower(expr, name)[0], needed
