"""The drift of one neuron in its own coordinates and in brackets, and the transformations of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from theory.activation import Remainder, Sigma
from theory.brackets import NeuronSum, neuron_derivative, partial, replace_free, scale_neurons
from theory.errors import TheoryError
from theory.symbols import Coordinate, Neuron


@dataclass(frozen=True)
class ParticleSystem:
    """dθ_k/dt for every coordinate θ of neuron k, exact for any width.

    Attributes
    ----------
    neuron:
        Neuron k, whose free coordinates stand in the drift.
    drift:
        One expression for each of (a, w1 … wd), in time of the gradient flow.

    Raises
    ------
    TheoryError:
        Unless there are 1 + d components.
    """

    neuron: Neuron
    drift: tuple[sp.Expr, ...]

    def __post_init__(self) -> None:
        if len(self.drift) != len(self.neuron.coordinates):
            raise TheoryError(
                f"A neuron in dimension {self.neuron.dim} needs {self.neuron.dim + 1} components of drift."
            )

    def __getitem__(self, coordinate: Coordinate) -> sp.Expr:
        return self.drift[self.neuron.coordinates.index(coordinate)]

    def map(self, function: Callable[[sp.Expr], sp.Expr]) -> ParticleSystem:
        """The system with ``function`` applied to each component of the drift."""
        return ParticleSystem(self.neuron, tuple(function(component) for component in self.drift))

    def minus(self, other: ParticleSystem) -> ParticleSystem:
        """Difference of the drifts, expanded."""
        pairs = zip(self.drift, other.drift, strict=True)
        return ParticleSystem(self.neuron, tuple(sp.expand(p - q) for p, q in pairs))

    def substitute(self, values: Mapping[sp.Basic, sp.Expr]) -> ParticleSystem:
        """Replace symbols or whole brackets, for instance P = NeuronSum(a w1) by 1."""
        return self.map(lambda drift: sp.expand(drift.subs(dict(values))))

    def polynomial_part(self) -> ParticleSystem:
        """The terms without σ and without remainder."""
        return self.map(lambda drift: sp.Add(*(t for t in _terms(drift) if not t.has(Sigma, Remainder))))

    def remainder_part(self) -> ParticleSystem:
        """The terms that truncation drops: with ``polynomial_part`` they add up to the system exactly."""
        return self.map(lambda drift: sp.Add(*(t for t in _terms(drift) if t.has(Sigma, Remainder))))

    def leading(self, weights: Mapping[str, int], order: int) -> ParticleSystem:
        """Terms of one order in λ after θ → λ^weight θ for the coordinates in ``weights`` (slot → power).

        Every neuron is scaled, the one that the drift belongs to and those under the sums. The drift is polynomial.

        TheoryError for a drift that is not polynomial.
        """
        small = sp.Dummy("lambda", positive=True)
        factors = {slot: small**power for slot, power in weights.items()}

        def pick(drift: sp.Expr) -> sp.Expr:
            if drift.has(Sigma, Remainder):
                raise TheoryError(
                    "A leading order is taken of a polynomial system; expand the activation first."
                )
            scaled = sp.expand(scale_neurons(drift, factors, [self.neuron]))
            return scaled.coeff(small, order)

        return self.map(pick)

    def derivative(self, expr: sp.Expr) -> sp.Expr:
        """Time derivative of a function of brackets and of neuron k's own coordinates along the system.

        The chain rule over all neurons: neuron k through its free coordinates, and every neuron through the brackets.

        Raises
        ------
        TheoryError
            If the expression contains free coordinates of another neuron, whose drift is not known by name.
        """
        own = self.neuron.coordinates
        foreign = {s for s in expr.free_symbols if isinstance(s, Coordinate) and s.space == "neuron"} - set(
            own
        )
        if foreign:
            raise TheoryError(
                f"The symbol {min(map(str, foreign))} belongs to another neuron than {self.neuron!r}."
            )
        moving = Neuron(f"{self.neuron.label}_moving", self.neuron.dim)
        names = dict(zip(own, moving.coordinates, strict=True))
        through_k = (rate * partial(expr, c) for c, rate in zip(own, self.drift, strict=True))
        through_brackets = (
            neuron_derivative(expr, names[c], moving) * replace_free(rate, names)
            for c, rate in zip(own, self.drift, strict=True)
        )
        return sp.expand(sp.Add(*through_k) + NeuronSum(sp.Add(*through_brackets), moving))


def _terms(expr: sp.Expr) -> tuple[sp.Expr, ...]:
    return sp.Add.make_args(sp.expand(expr))
