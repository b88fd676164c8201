"""A finite system in discrete time: the analogue of a vector field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from theory.brackets import Bracket
from theory.critical import critical_sets
from theory.errors import InexactConstant, TheoryError
from theory.vectorfield import VectorField


@dataclass(frozen=True)
class FixedPoint:
    """A set of fixed points of a map.

    Attributes
    ----------
    conditions:
        Variable → its value on the set; a variable that is absent is free there.
    multipliers:
        Eigenvalues of the Jacobian on the set, with multiplicity. The set attracts where all but those along it are
        smaller than 1 in modulus.
    """

    conditions: Mapping[sp.Symbol, sp.Expr]
    multipliers: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class IterationMap:
    """variables ↦ images, exact; one application is one step.

    Attributes
    ----------
    variables:
        In order.
    images:
        The value of each variable after one step, in the variables and parameters.
    definitions:
        What each variable is as a sum over neurons, where the map came from a reduction.

    Raises
    ------
    TheoryError:
        Unless there is one image for each of distinct variables, without sums over neurons.
    InexactConstant:
        For a float.
    """

    variables: tuple[sp.Symbol, ...]
    images: tuple[sp.Expr, ...]
    definitions: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if len(self.variables) != len(self.images) or len(set(self.variables)) != len(self.variables):
            raise TheoryError("An iteration map needs one image for each of its distinct variables.")
        for variable, image in zip(self.variables, self.images, strict=True):
            if image.atoms(sp.Float):
                raise InexactConstant(
                    f"The image of {variable} contains a float; write its constants exactly."
                )
            if image.has(Bracket):
                raise TheoryError(
                    f"The image of {variable} still contains a sum over neurons; reduce the map first."
                )

    def __getitem__(self, variable: sp.Symbol) -> sp.Expr:
        return self.images[self.variables.index(variable)]

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """Symbols that are not variables, by name."""
        symbols = set().union(*(e.free_symbols for e in self.images)) - set(self.variables)
        return tuple(sorted(symbols, key=str))

    @property
    def jacobian(self) -> sp.Matrix:
        """Matrix ∂(images)/∂(variables)."""
        return sp.Matrix(self.images).jacobian(self.variables)

    def image(self, expr: sp.Expr) -> sp.Expr:
        """A function of the variables after one step, expanded."""
        step = dict(zip(self.variables, self.images, strict=True))
        return sp.expand(expr.xreplace(step))

    def change(self, expr: sp.Expr) -> sp.Expr:
        """How much a function of the variables changes in one step; 0 for a conserved one."""
        return sp.expand(self.image(expr) - expr)

    def substitute(self, values: Mapping[sp.Symbol, sp.Expr]) -> IterationMap:
        """Give parameters a value. TheoryError for a variable of the map."""
        moved = set(values) & set(self.variables)
        if moved:
            raise TheoryError(
                f"The symbol {sorted(map(str, moved))[0]} is a variable of the map, not a parameter."
            )
        images = tuple(sp.expand(e.subs(dict(values))) for e in self.images)
        return IterationMap(self.variables, images, self.definitions)

    def in_coordinates(
        self, new: Mapping[sp.Symbol, sp.Expr], old: Mapping[sp.Symbol, sp.Expr]
    ) -> IterationMap:
        """The same map in other variables.

        Parameters
        ----------
        new:
            New variable → its value in the present ones.
        old:
            Present variable → its value in the new ones: the inverse, which is checked.

        Raises
        ------
        TheoryError
            If a present variable has no value, or one of the two is not the inverse of the other.
        """
        if set(old) != set(self.variables) or len(new) != len(old):
            raise TheoryError("A change of variables names each present variable once, and as many new ones.")
        for symbol, value in new.items():
            left = sp.simplify(value.xreplace(dict(old)) - symbol)
            if left != 0:
                raise TheoryError(
                    f"The change of variables is not inverted: {symbol} comes back off by {left}."
                )
        images = tuple(sp.expand(self.image(value).xreplace(dict(old))) for value in new.values())
        return IterationMap(tuple(new), images)

    def compose(self, other: IterationMap) -> IterationMap:
        """First ``other``, then this map. TheoryError unless both have the same variables."""
        if self.variables != other.variables:
            raise TheoryError("Two maps are composed in the same variables.")
        return IterationMap(
            self.variables, tuple(other.image(image) for image in self.images), self.definitions
        )

    def iterate(self, steps: int) -> IterationMap:
        """The map of several steps at once, exact. Its degree grows like a power of ``steps``: a few steps only."""
        result = IterationMap(self.variables, self.variables, self.definitions)
        for _ in range(_checked(steps)):
            result = self.compose(result)
        return result

    def orbit(self, start: Mapping[sp.Symbol, sp.Expr], steps: int) -> tuple[tuple[sp.Expr, ...], ...]:
        """The states after 0, 1 … ``steps`` steps from exact values of all variables and parameters.

        TheoryError where a value is missing, InexactConstant for a float.
        """
        missing = set(self.variables) | set(self.parameters)
        missing -= set(start)
        if missing:
            raise TheoryError(f"An orbit needs a value of {sorted(map(str, missing))[0]}.")
        values = {symbol: sp.sympify(value) for symbol, value in start.items()}
        if any(value.atoms(sp.Float) for value in values.values()):
            raise InexactConstant("An exact orbit starts from exact values; write floats as Rationals.")
        states = [tuple(values[v] for v in self.variables)]
        for _ in range(_checked(steps)):
            values |= dict(zip(self.variables, states[-1], strict=True))
            states.append(tuple(sp.expand(image.xreplace(values)) for image in self.images))
        return tuple(states)

    def fixed_points(self) -> tuple[FixedPoint, ...]:
        """All sets of fixed points with their multipliers; complete, as :func:`theory.critical.critical_sets` is.

        Raises
        ------
        TheoryError
            If the map is not polynomial, or a factor of what a step changes cannot be solved exactly.
        """
        moved = tuple(
            sp.expand(image - variable) for variable, image in zip(self.variables, self.images, strict=True)
        )
        jacobian = self.jacobian
        found = []
        for conditions in critical_sets(VectorField(self.variables, moved)):
            there = jacobian.subs(conditions).applyfunc(sp.expand)
            multipliers = [sp.factor(v) for v, n in there.eigenvals().items() for _ in range(n)]
            found.append(FixedPoint(conditions, tuple(sorted(multipliers, key=sp.default_sort_key))))
        return tuple(found)

    def restrict(self, relation: Mapping[sp.Symbol, sp.Expr]) -> IterationMap:
        """The map on an invariant set on which some variables are functions of the others.

        Raises
        ------
        TheoryError
            If a step leaves the set.
        """
        kept = tuple(v for v in self.variables if v not in relation)
        for variable, value in relation.items():
            left = sp.expand((self.image(variable) - self.image(value)).subs(dict(relation)))
            if left != 0:
                raise TheoryError(
                    f"The relation {variable} = {value} is not invariant: after one step the sides differ by {left}."
                )
        images = tuple(sp.expand(self[v].subs(dict(relation))) for v in kept)
        return IterationMap(kept, images)


def _checked(steps: int) -> int:
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise TheoryError(f"The number of steps must be an integer ≥ 0, not {steps!r}.")
    return steps
