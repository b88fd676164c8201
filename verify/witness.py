"""Witnesses that a changed statement is false, found by other code than the checks use.

A negative control counts only with such a witness. Here both sides are evaluated by their own recursion in ball
arithmetic (sums over neurons and data written out), at rational points that are tested to satisfy the hypotheses;
nothing of the canonical forms, of SymPy's arithmetic or of generated code takes part.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from math import factorial
from typing import Any

from flint import arb, fmpq

from numerics.precision import working_precision

_BITS = 200
_FINITE_TRIES = 8
_TRIES = 80  # of points outside the domain of a logarithm, say, there may be many
_DRAWS = 60


def identity_witness(lhs: Any, rhs: Any, *, aligned: bool = True) -> str | None:
    """A point at which lhs and rhs differ, as text; None if none was found.

    aligned: the point must satisfy Assumptions 1 and 2 (see `verify.checks.symbolic.identity`).
    """
    from verify.checks.symbolic import components

    with working_precision(_BITS):
        for name, left, right in components(lhs, rhs):
            finite = 0
            for seed in range(_TRIES):
                if finite == _FINITE_TRIES:
                    break
                world = _World(random.Random(f"witness {seed}"), _dimension(left, right), aligned)
                try:
                    difference = world.value(left, {}) - world.value(right, {})
                except _NoSuchValue:
                    continue
                finite += bool(difference.is_finite())
                if difference.is_finite() and not difference.contains(0):
                    where = f"component {name}, " if name else ""
                    return f"{where}{world.describe()}: the sides differ by {difference.str(6, radius=False)}"
    return None


def _dimension(*sides: Any) -> int:
    dims = [1]

    def visit(node: Any) -> None:
        name = getattr(node, "name", "") if not node.args else ""
        if name[:1] in ("w", "x") and ("@" in name or "~" in name):
            dims.append(int(name[1:].replace("~", "@").split("@")[0]))
        elif name[:1] in ("M", "F") and name[1:].replace("_", "").isdecimal():
            dims.append(1 + name.count("_"))
        elif type(node).__name__ == "Target":
            dims.append(len(node.args))
        for arg in node.args:
            visit(arg)

    for side in sides:
        visit(side)
    return max(dims)


class _NoSuchValue(Exception):
    """No value that a symbol's assumptions allow was found."""


class _World:
    """Random rational neurons, data and polynomial activation, and rational values for all other symbols."""

    def __init__(self, rng: random.Random, dim: int, aligned: bool) -> None:
        self.rng = rng
        self.dim = dim
        self.neurons = [[self._rational() for _ in range(dim + 1)] for _ in range(4)]
        self.points = self._aligned_points() if aligned else self._free_points()
        if aligned:
            self._assert_aligned()
        self.taylor = [Fraction(0), Fraction(1), Fraction(0), *(self._rational() for _ in range(6))]
        self.others: dict[Any, Fraction] = {}
        self.names: dict[str, tuple[Any, Any]] = {}

    def _rational(self) -> Fraction:
        return Fraction(self.rng.choice((-1, 1)) * self.rng.randint(1, 7), self.rng.randint(2, 6))

    def _free_points(self) -> list[tuple[Fraction, list[Fraction], Fraction]]:
        weights = [abs(self._rational()) for _ in range(self.dim + 3)]
        total = sum(weights)
        places: list[list[Fraction]] = []
        while len(places) < len(weights):
            place = [self._rational() for _ in range(self.dim)]
            # The target has one value at each input.
            if place not in places:
                places.append(place)
        return [(w / total, x, self._rational()) for w, x in zip(weights, places, strict=True)]

    def _aligned_points(self) -> list[tuple[Fraction, list[Fraction], Fraction]]:
        """A product of symmetric four-point laws on {±r, ±s}, r < 1 < s, weighted so that second moments are 1.

        Three points would not do: on {−r, 0, r} the function x³ is a multiple of x, and κ = 0.
        """
        points: list[tuple[Fraction, list[Fraction], Fraction]] = [(Fraction(1), [], Fraction(0))]
        for _ in range(self.dim):
            r, s = Fraction(self.rng.randint(1, 4), 5), Fraction(self.rng.randint(6, 12), 5)
            share = (s * s - 1) / (s * s - r * r)
            law = [(sign * p, q / 2) for p, q in ((r, share), (s, 1 - share)) for sign in (-1, 1)]
            points = [(w * p, [*x, xi], self._rational()) for w, x, _ in points for xi, p in law]
        z = [sum((w * y * x[i] for w, x, y in points), Fraction(0)) for i in range(self.dim)]
        z[0] -= 1
        return [(w, x, y - sum(zi * xi for zi, xi in zip(z, x, strict=True))) for w, x, y in points]

    def _assert_aligned(self) -> None:
        for i in range(self.dim):
            z = sum(w * y * x[i] for w, x, y in self.points)
            if z != (1 if i == 0 else 0) or any(
                sum(w * x[i] * x[j] for w, x, _ in self.points) != (1 if i == j else 0)
                for j in range(self.dim)
            ):
                raise AssertionError("the witness's data do not satisfy Assumptions 1 and 2")

    def describe(self) -> str:
        extra = "".join(f", {name} = {value}" for name, value in sorted(self.others.items(), key=str))
        neurons = "; ".join("(" + ", ".join(map(str, neuron)) + ")" for neuron in self.neurons)
        return f"4 neurons (a, w) = {neurons}, {len(self.points)} data points{extra}"

    def value(self, node: Any, local: Mapping[str, Fraction]) -> arb:
        kind = type(node).__name__
        if node.is_Rational:
            return _ball(Fraction(int(node.p), int(node.q)))
        if kind == "Named":
            return self._named(node, local)
        if kind == "NamedQuantity":
            name, meaning = self.names[node.title]
            pairs = zip(name.args[1:], node.args[1:], strict=True)
            return self.value(meaning, {own.name: self._symbol(given, local) for own, given in pairs})
        if node.is_Symbol and node.name in self.names:
            return self.value(self.names[node.name][1], {})
        if node.is_Symbol:
            return _ball(self._symbol(node, local))
        if kind in ("NeuronSum", "DataMean"):
            return self._bracket(node, kind, local)
        if kind == "Target" and all(arg.is_Symbol for arg in node.args):
            return _ball(self._target(node, local))
        arguments = [self.value(arg, local) for arg in node.args]
        if node.is_Add:
            return sum(arguments, arb(0))
        if node.is_Mul:
            product = arb(1)
            for factor in arguments:
                product *= factor
            return product
        if kind == "Pow":
            exponent = node.args[1]
            return arguments[0] ** int(exponent) if exponent.is_Integer else arguments[0] ** arguments[1]
        if kind == "Sigma":
            return self._sigma(int(node.args[0]), arguments[1], 0)
        if kind == "Remainder":
            return self._sigma(int(node.args[1]), arguments[2], int(node.args[0]) + 1)
        if kind in ("exp", "log", "sinh", "cosh", "tanh", "sin", "cos", "atan", "erf", "sqrt"):
            ball: arb = getattr(arguments[0], kind)()
            return ball
        constants = {"Exp1": arb(1).exp(), "Pi": arb.pi()}
        return constants.get(kind, arb("nan"))

    def _named(self, node: Any, local: Mapping[str, Fraction]) -> arb:
        outer = self.names
        self.names = {
            **outer,
            **{getattr(one, "title", str(one)): (one, means) for one, means in node.meanings},
        }
        try:
            return self.value(node.stated, local)
        finally:
            self.names = outer

    def _sigma(self, derivative: int, u: arb, first: int) -> arb:
        total = arb(0)
        for j, c in enumerate(self.taylor):
            if j >= max(derivative, first):
                total += _ball(c * Fraction(factorial(j), factorial(j - derivative))) * u ** (j - derivative)
        return total

    def _bracket(self, node: Any, kind: str, local: Mapping[str, Fraction]) -> arb:
        body = node.args[0]
        own = {s.name: s.name.split("~")[0] for s in node.bound_symbols}
        total = arb(0)
        if kind == "NeuronSum":
            for neuron in self.neurons:
                here = {name: neuron[0 if slot == "a" else int(slot[1:])] for name, slot in own.items()}
                total += self.value(body, {**local, **here})
            return total
        for weight, x, _ in self.points:
            here = {name: x[int(slot[1:]) - 1] for name, slot in own.items()}
            total += _ball(weight) * self.value(body, {**local, **here})
        return total

    def _target(self, node: Any, local: Mapping[str, Fraction]) -> Fraction:
        at = [self._symbol(arg, local) for arg in node.args]
        return next(y for _, x, y in self.points if x == at)

    def _symbol(self, symbol: Any, local: Mapping[str, Fraction]) -> Fraction:
        name: str = symbol.name
        if name in local:
            return local[name]
        if "@" in name:
            slot = name.split("@")[0]
            return self.neurons[0][0 if slot == "a" else int(slot[1:])]
        if symbol not in self.others:
            named = self._of_the_model(name)
            if named is not None:
                if not _allows(symbol, named):
                    raise _NoSuchValue
                return named
            self.others[symbol] = self._drawn(symbol)
        return self.others[symbol]

    def _of_the_model(self, name: str) -> Fraction | None:
        """Value of m, c3, M4, F3, z1 …; None for a symbol that names nothing of the model."""
        numbers = name[1:].split("_")
        if all(number.isdecimal() for number in numbers):
            powers = [int(number) for number in numbers]
            if name[0] == "c" and len(powers) == 1:
                return self.taylor[powers[0]] if powers[0] < len(self.taylor) else Fraction(0)
            if name[0] in "MF" and len(powers) == self.dim:
                return self._moment(powers, name[0] == "F")
            if name[0] == "z" and len(powers) == 1 and 1 <= powers[0] <= self.dim:
                return self._moment([int(i + 1 == powers[0]) for i in range(self.dim)], True)
        return Fraction(len(self.neurons)) if name == "m" else None

    def _drawn(self, symbol: Any) -> Fraction:
        """A random value that the assumptions of a symbol allow."""
        for _ in range(_DRAWS):
            value = Fraction(self.rng.randint(-9, 9)) if symbol.is_integer else self._rational()
            if _allows(symbol, value):
                return value
        if _allows(symbol, Fraction(0)):
            return Fraction(0)
        raise _NoSuchValue

    def _moment(self, powers: list[int], with_target: bool) -> Fraction:
        total = Fraction(0)
        for weight, x, y in self.points:
            term = weight * (y if with_target else 1)
            for xi, p in zip(x, powers, strict=True):
                term *= xi**p
            total += term
        return total


def _allows(symbol: Any, value: Fraction) -> bool:
    """Whether a value has the properties that a symbol is assumed to have."""
    whole = value.denominator == 1
    properties = {
        "positive": value > 0,
        "negative": value < 0,
        "zero": value == 0,
        "nonnegative": value >= 0,
        "nonpositive": value <= 0,
        "integer": whole,
        "even": whole and value % 2 == 0,
        "odd": whole and value % 2 == 1,
        "rational": True,
        "real": True,
        "imaginary": False,
    }
    return all(getattr(symbol, f"is_{name}") in (None, truth) for name, truth in properties.items())


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))
