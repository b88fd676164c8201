"""Gradient descent θ ← θ + η·drift: one Euler step of the gradient flow, exact for any width.

The multi-stage paper trains by gradient descent and reasons about the flow. Here is what the leading order (16) becomes
with a learning rate η: it closes in P and Q, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from theory.brackets import Bracket, NeuronSum, lower
from theory.errors import TheoryError
from theory.iteration import IterationMap
from theory.particles import ParticleSystem
from theory.reduce import Closure, express
from theory.symbols import Coordinate, Neuron
from theory.vectorfield import VectorField

learning_rate = sp.Symbol("eta", positive=True)
"""Learning rate η of gradient descent."""


@dataclass(frozen=True)
class ParticleMap:
    """θ_k ↦ images for every coordinate θ of neuron k, exact for any width: a particle system in discrete time.

    Attributes
    ----------
    neuron:
        Neuron k, whose free coordinates stand in the images.
    images:
        One expression for each of (a, w1 … wd).

    Raises
    ------
    TheoryError:
        Unless there are 1 + d images.
    """

    neuron: Neuron
    images: tuple[sp.Expr, ...]

    def __post_init__(self) -> None:
        if len(self.images) != len(self.neuron.coordinates):
            raise TheoryError(f"A neuron in dimension {self.neuron.dim} needs {self.neuron.dim + 1} images.")

    def __getitem__(self, coordinate: Coordinate) -> sp.Expr:
        return self.images[self.neuron.coordinates.index(coordinate)]

    def image(self, expr: sp.Expr) -> sp.Expr:
        """A function of sums over neurons and of neuron k's own coordinates after one step, expanded."""
        lowered, table = lower(expr)
        step: dict[sp.Basic, sp.Expr] = dict(zip(self.neuron.coordinates, self.images, strict=True))
        for symbol, bracket in table.items():
            step[symbol] = self._moved(bracket)
        return sp.expand(lowered.xreplace(step))

    def _moved(self, bracket: Bracket) -> sp.Expr:
        if not isinstance(bracket, NeuronSum):
            raise TheoryError(f"Only sums over neurons move in a step; {bracket} does not.")
        body, _ = bracket.open(self.neuron)
        step = dict(zip(self.neuron.coordinates, self.images, strict=True))
        return NeuronSum(body.xreplace(step), self.neuron)

    def change(self, expr: sp.Expr) -> sp.Expr:
        """How much it changes in one step; 0 for a conserved quantity."""
        return sp.expand(self.image(expr) - expr)


def descent_map(system: ParticleSystem, rate: sp.Expr = learning_rate) -> ParticleMap:
    """One step of gradient descent of every neuron."""
    pairs = zip(system.neuron.coordinates, system.drift, strict=True)
    return ParticleMap(system.neuron, tuple(sp.expand(c + rate * drift) for c, drift in pairs))


def euler_map(field: VectorField, rate: sp.Expr = learning_rate) -> IterationMap:
    """One Euler step of a vector field. Of a reduced field this is *not* gradient descent of the network: for that
    reduce its :func:`descent_map`."""
    pairs = zip(field.variables, field.components, strict=True)
    return IterationMap(field.variables, tuple(sp.expand(v + rate * c) for v, c in pairs), field.definitions)


def reduce_map(
    step: ParticleMap, definitions: Mapping[sp.Symbol, sp.Expr], *, closure: Closure | None = None
) -> IterationMap:
    """The values of order parameters after one step, closed exactly: the analogue of :func:`theory.reduce.reduce`.

    Parameters
    ----------
    step:
        One step of every neuron, polynomial in its coordinates.
    definitions:
        Order parameter → function of the coordinates of ``step.neuron``; the order parameter is its sum over neurons.
    closure:
        Applied to the moments that are left. It makes the result an approximation.

    Raises
    ------
    NotClosed
        If moments are left that are not functions of the order parameters.
    """
    sums = {name: NeuronSum(body, step.neuron) for name, body in definitions.items()}
    after = {name: step.image(total) for name, total in sums.items()}
    return IterationMap(tuple(sums), express(after, sums, closure=closure), sums)
