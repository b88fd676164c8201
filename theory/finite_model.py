"""Networks of finitely many rational neurons on finitely many rational points, in which brackets have exact values.

The second route beside the canonical form of :mod:`theory.zero`: an identity between brackets must hold in every such
model, and one model where it fails refutes it. The activation is a polynomial, so that every value is rational.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from math import perm

import sympy as sp

from theory.activation import Remainder, Sigma
from theory.brackets import Bracket, NeuronSum
from theory.errors import TheoryError
from theory.network import Target
from theory.symbols import Coordinate, width

_Known = dict[tuple[sp.Expr, tuple[sp.Expr, ...]], sp.Expr]
"""Brackets that have a value already: with the values of what is free in them."""

_Points = tuple[tuple[sp.Rational, tuple[sp.Rational, ...], sp.Rational], ...]


@dataclass(frozen=True)
class FiniteModel:
    """An exact world: neurons, weighted input points with target values, and a polynomial activation.

    Attributes
    ----------
    neurons:
        Tuples (a, w1 … wd) of rationals. The first one also plays the free neuron k.
    points:
        Tuples (weight, (x1 … xd), f*(x)) of rationals with weights that add up to 1.
    taylor:
        (c_0, c_1, …): σ(u) = Σ c_n u^n exactly.
    """

    neurons: tuple[tuple[sp.Rational, ...], ...]
    points: _Points
    taylor: tuple[sp.Rational, ...]

    @property
    def dim(self) -> int:
        """Dimension of the input."""
        return len(self.neurons[0]) - 1

    def sigma(self, derivative: int, argument: sp.Rational, *, above: int = -1) -> sp.Rational:
        """σ^(n) at a rational point, from the Taylor coefficients of order > ``above`` only."""
        return sp.Add(
            *(
                c * perm(j, derivative) * argument ** (j - derivative)
                for j, c in enumerate(self.taylor)
                if j >= derivative and j > above
            )
        )

    def average(self, powers: tuple[int, ...], with_target: bool) -> sp.Rational:
        """∫ x^powers ρ or ∫ f* x^powers ρ."""
        return sp.Add(
            *(
                weight
                * (value if with_target else 1)
                * sp.Mul(*(x**p for x, p in zip(point, powers, strict=True)))
                for weight, point, value in self.points
            )
        )

    def symbol_value(self, symbol: sp.Symbol) -> sp.Rational | None:
        """Value of a symbol that names something of the model: m, c_n, M…, F…, z_i; None for any other symbol."""
        if symbol == width:
            return sp.Integer(len(self.neurons))
        letter, rest = symbol.name[0], symbol.name[1:]
        digits = rest.split("_")
        if not rest or not all(part.isdecimal() for part in digits):
            return None
        numbers = tuple(int(part) for part in digits)
        if letter == "c" and len(numbers) == 1:
            return self.taylor[numbers[0]] if numbers[0] < len(self.taylor) else sp.S.Zero
        if letter in "MF" and len(numbers) == self.dim:
            return self.average(numbers, letter == "F")
        if letter == "z" and len(numbers) == 1 and 1 <= numbers[0] <= self.dim:
            unit = tuple(int(i == numbers[0]) for i in range(1, self.dim + 1))
            return self.average(unit, True)
        return None

    def interpret(self, expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr] | None = None) -> sp.Expr:
        """Exact value of an expression; symbols that the model does not know are taken from ``values``.

        Raises
        ------
        TheoryError
            If a symbol has no value.
        """
        return self._value(expr, dict(values or {}), {})

    def _value(self, expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr], known: _Known) -> sp.Expr:
        if isinstance(expr, Bracket):
            # Bound coordinates are named after the height of their bracket, so that no two in a body are the same.
            free = sorted(expr.free_symbols & values.keys(), key=str)
            place = (expr, tuple(values[symbol] for symbol in free))
            if place not in known:
                known[place] = self._bracket(expr, values, known)
            return known[place]
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr, values)
        if isinstance(expr, Target):
            return self._target(expr, values)
        if isinstance(expr, Sigma):
            return self.sigma(int(expr.args[0]), self._value(expr.args[1], values, known))
        if isinstance(expr, Remainder):
            order, derivative, argument = expr.args
            return self.sigma(int(derivative), self._value(argument, values, known), above=int(order))
        if not expr.args:
            return expr
        return expr.func(*(self._value(arg, values, known) for arg in expr.args))

    def _bracket(self, expr: Bracket, values: Mapping[sp.Symbol, sp.Expr], known: _Known) -> sp.Expr:
        body, bound = expr.args[0], expr.bound_coordinates
        if isinstance(expr, NeuronSum):
            shares = [(sp.S.One, neuron) for neuron in self.neurons]
        else:
            shares = [(weight, (sp.S.Zero, *point)) for weight, point, _ in self.points]
        places = {c: 0 if c.slot == "a" else int(c.slot[1:]) for c in bound}
        return sp.Add(
            *(
                weight * self._value(body, {**values, **{c: one[n] for c, n in places.items()}}, known)
                for weight, one in shares
            )
        )

    def _symbol(self, symbol: sp.Symbol, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
        if symbol in values:
            return values[symbol]
        if isinstance(symbol, Coordinate) and symbol.space == "neuron" and symbol.label:
            index = 0 if symbol.slot == "a" else int(symbol.slot[1:])
            return self.neurons[0][index]
        known = self.symbol_value(symbol)
        if known is None:
            raise TheoryError(f"The symbol {symbol} has no value in this model; pass one in values.")
        return known

    def _target(self, expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
        at = tuple(self._value(arg, values, {}) for arg in expr.args)
        for _, point, value in self.points:
            if point == at:
                return value
        raise TheoryError(f"The target has no value at {at} in this model.")


class ExplicitModel(FiniteModel):
    """The same with symbols for entries and σ left undefined: brackets become explicit sums.

    With m = 1, 2, 3 neurons it serves the derivation by brute force: the risk is written out, differentiated by plain
    calculus, and compared with the drift that was derived for symbolic width.
    """

    def sigma(self, derivative: int, argument: sp.Expr, *, above: int = -1) -> sp.Expr:
        taylor = sp.Add(
            *(
                c * perm(j, derivative) * argument ** (j - derivative)
                for j, c in enumerate(self.taylor)
                if derivative <= j <= above
            )
        )
        return Sigma(derivative, argument) - taylor


def explicit_model(dim: int, width_of_model: int, size: int) -> ExplicitModel:
    """m neurons and n weighted input points with a symbol for every number; c₀ = 0, c₁ = 1, c₂ = 0."""
    neurons = tuple(
        tuple(sp.Symbol(f"{'a' if i == 0 else f'w{i}_'}{k}", real=True) for i in range(dim + 1))
        for k in range(1, width_of_model + 1)
    )
    points = tuple(
        (
            sp.Symbol(f"rho{p}", real=True),
            tuple(sp.Symbol(f"x{i}_{p}", real=True) for i in range(1, dim + 1)),
            sp.Symbol(f"y{p}", real=True),
        )
        for p in range(1, size + 1)
    )
    return ExplicitModel(neurons, points, (sp.S.Zero, sp.S.One, sp.S.Zero))


def random_model(
    seed: int, dim: int, *, aligned: bool = True, width_of_model: int = 3, degree: int = 7
) -> FiniteModel:
    """A random model. With ``aligned`` it satisfies Assumptions 1 and 2: symmetric ρ, M₂ = I, z = e₁.

    The activation has c₀ = 0, c₁ = 1, c₂ = 0 and random rational coefficients up to ``degree``.
    """
    rng = random.Random(seed)

    def rational(low: int = -6, high: int = 6) -> sp.Rational:
        return sp.Rational(rng.randint(low, high) or 1, rng.randint(2, 5))

    neurons = tuple(tuple(rational() for _ in range(dim + 1)) for _ in range(width_of_model))
    points = _aligned_points(rng, dim, rational) if aligned else _free_points(dim, rational)
    taylor = (sp.S.Zero, sp.S.One, sp.S.Zero, *(rational() for _ in range(3, degree + 1)))
    return FiniteModel(neurons, points, taylor)


def _free_points(dim: int, rational: Callable[[], sp.Rational]) -> _Points:
    weights = [abs(rational()) for _ in range(dim + 2)]
    total = sp.Add(*weights)
    places: dict[tuple[sp.Rational, ...], None] = {}
    while len(places) < len(weights):
        # The target has one value at each input: a place that is drawn twice counts once.
        places[tuple(rational() for _ in range(dim))] = None
    return tuple((w / total, x, rational()) for w, x in zip(weights, places, strict=True))


def _aligned_points(rng: random.Random, dim: int, rational: Callable[[], sp.Rational]) -> _Points:
    axis = []
    for _ in range(dim):
        inner, outer = sp.Rational(rng.randint(1, 4), 5), sp.Rational(rng.randint(6, 12), 5)
        share = (1 - inner**2) / (outer**2 - inner**2)
        axis.append([(s * p, q / 2) for p, q in ((inner, 1 - share), (outer, share)) for s in (1, -1)])
    grid = [(sp.Mul(*(q for _, q in cell)), tuple(p for p, _ in cell)) for cell in product(*axis)]
    raw = [rational() for _ in grid]
    z = [sp.Add(*(w * f * x[i] for (w, x), f in zip(grid, raw, strict=True))) for i in range(dim)]
    # M₂ = I, so that adding (e₁ − z)·x to the target moves z to e₁.
    shift = [(1 if i == 0 else 0) - z[i] for i in range(dim)]
    return tuple(
        (w, x, f + sp.Add(*(s * xi for s, xi in zip(shift, x, strict=True))))
        for (w, x), f in zip(grid, raw, strict=True)
    )
