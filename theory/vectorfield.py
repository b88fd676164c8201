"""A finite system of ordinary differential equations in named order parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from theory.brackets import Bracket
from theory.errors import InexactConstant, TheoryError


@dataclass(frozen=True)
class VectorField:
    """d(variables)/dt = components, exact.

    Attributes
    ----------
    variables:
        Order parameters, in order.
    components:
        One expression for each variable.
    definitions:
        What each order parameter is as a sum over neurons, where the field came from a reduction.

    Raises
    ------
    TheoryError:
        Unless there is one component for each of distinct variables, without sums over neurons.
    InexactConstant:
        For a float.
    """

    variables: tuple[sp.Symbol, ...]
    components: tuple[sp.Expr, ...]
    definitions: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if len(self.variables) != len(self.components) or len(set(self.variables)) != len(self.variables):
            raise TheoryError("A vector field needs one component for each of its distinct variables.")
        for variable, component in zip(self.variables, self.components, strict=True):
            if component.atoms(sp.Float):
                raise InexactConstant(
                    f"The derivative d{variable}/dt contains a float; write its constants exactly."
                )
            if component.has(Bracket):
                raise TheoryError(
                    f"The derivative d{variable}/dt still contains a sum over neurons; reduce the system first."
                )

    def __getitem__(self, variable: sp.Symbol) -> sp.Expr:
        return self.components[self.variables.index(variable)]

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """Symbols that are not variables, by name."""
        symbols = set().union(*(c.free_symbols for c in self.components)) - set(self.variables)
        return tuple(sorted(symbols, key=str))

    @property
    def jacobian(self) -> sp.Matrix:
        """Matrix ∂(components)/∂(variables)."""
        return sp.Matrix(self.components).jacobian(self.variables)

    def lie_derivative(self, expr: sp.Expr) -> sp.Expr:
        """Rate of change of a function of the variables along the field."""
        return sp.expand(
            sp.Add(*(c * expr.diff(v) for v, c in zip(self.variables, self.components, strict=True)))
        )

    def substitute(self, values: Mapping[sp.Symbol, sp.Expr]) -> VectorField:
        """Give parameters a value. TheoryError for a variable of the field."""
        moved = set(values) & set(self.variables)
        if moved:
            raise TheoryError(
                f"The symbol {sorted(map(str, moved))[0]} is a variable of the field, not a parameter."
            )
        components = tuple(sp.expand(c.subs(dict(values))) for c in self.components)
        return VectorField(self.variables, components, self.definitions)
