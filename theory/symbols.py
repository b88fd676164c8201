"""Named symbols of the field, and the coordinates of one neuron and of one input point.

A *free* coordinate (``Neuron("k", 2).a``) belongs to a named neuron; a *bound* one stands inside a bracket.
The dimension d of the input is always a concrete number, the width m always a symbol.
"""

from __future__ import annotations

from functools import cached_property

import sympy as sp

from theory.errors import TheoryError

width = sp.Symbol("m", positive=True, integer=True)
"""Width m of the hidden layer."""

time = sp.Symbol("t", real=True)
"""Time t of the gradient flow."""


class Coordinate(sp.Symbol):
    """A real coordinate of a neuron or of an input point, free (label) or bound (height).

    The name carries everything, so that copying and pickling keep it: ``a@k``, ``w2@k``, ``x1@x`` are free,
    ``a~1``, ``w2~1``, ``x1~2`` are bound at a nesting height.
    """

    __slots__ = ()

    def __new__(cls, name: str, **assumptions: bool) -> Coordinate:
        assumptions.setdefault("real", True)
        return super().__new__(cls, name, **assumptions)

    @property
    def _diff_wrt(self) -> bool:
        # Plain diff(R, a_k) would silently give 0 where a bracket hides neuron k: SymPy is told to refuse it.
        return self.space == "sample"

    @property
    def slot(self) -> str:
        """``a``, ``w1`` … ``wd`` or ``x1`` … ``xd``."""
        return self.name.replace("@", "~").split("~")[0]

    @property
    def space(self) -> str:
        """``neuron`` or ``sample``."""
        return "sample" if self.name[0] == "x" else "neuron"

    @property
    def height(self) -> int:
        """Nesting height of the bracket that binds this coordinate; 0 for a free one."""
        return int(self.name.split("~")[1]) if "~" in self.name else 0

    @property
    def label(self) -> str:
        """Name of the neuron or input point that a free coordinate belongs to."""
        return self.name.split("@")[1] if "@" in self.name else ""

    def _latex(self, printer: object) -> str:
        label = self.label if self.space == "neuron" else ""
        if self.height:
            label = {"neuron": "j", "sample": ""}[self.space] + ("'" * (self.height - 1))
        return self.latex_at(label)

    def latex_at(self, label: str) -> str:
        """The coordinate in LaTeX where its neuron or input point is called this."""
        letter, index = self.slot[0], self.slot[1:]
        upper = f"^{{({index})}}" if index and self.space == "neuron" else ""
        lower = f"_{{{label}}}" if self.space == "neuron" else f"_{{{index}}}" + label
        return f"{letter}{lower}{upper}"

    def _sympystr(self, printer: object) -> str:
        if self.height:
            return self.slot + ("_j" if self.space == "neuron" else "") + "'" * (self.height - 1)
        return f"{self.slot}_{self.label}" if self.space == "neuron" else self.slot


def check_dimension(dim: int) -> int:
    """Return ``dim`` if it is a positive integer.

    Raises
    ------
    TheoryError
        Otherwise: the dimension of the input is a concrete number, never a symbol.
    """
    if isinstance(dim, bool) or not isinstance(dim, int) or dim < 1:
        raise TheoryError(f"The dimension of the input must be a positive integer, not {dim!r}.")
    return dim


class _Point:
    def __init__(self, label: str, dim: int) -> None:
        if not label.isidentifier():
            raise TheoryError(f"A label must be an identifier such as 'k', not {label!r}.")
        self.label = label
        self.dim = check_dimension(dim)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.label == other.label and self.dim == other.dim

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.label, self.dim))


class Neuron(_Point):
    """The neuron named ``label``: output weight ``a``, input weights ``w`` = (w1 … wd)."""

    @cached_property
    def a(self) -> Coordinate:
        """The output weight."""
        return Coordinate(f"a@{self.label}")

    @cached_property
    def w(self) -> tuple[Coordinate, ...]:
        """The input weights w1 … wd."""
        return tuple(Coordinate(f"w{i}@{self.label}") for i in range(1, self.dim + 1))

    @property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """a, w1 … wd."""
        return (self.a, *self.w)

    def __repr__(self) -> str:
        return f"Neuron({self.label!r}, {self.dim})"


class Sample(_Point):
    """A point of the input space, x = (x1 … xd), to be averaged over the density ρ."""

    @cached_property
    def x(self) -> tuple[Coordinate, ...]:
        """The coordinates x1 … xd of the input point."""
        return tuple(Coordinate(f"x{i}@{self.label}") for i in range(1, self.dim + 1))

    @property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """All coordinates that a mean over the data binds."""
        return self.x

    def __repr__(self) -> str:
        return f"Sample({self.label!r}, {self.dim})"


def dot(left: tuple[sp.Expr, ...], right: tuple[sp.Expr, ...]) -> sp.Expr:
    """Inner product of two vectors of the same length. TheoryError for different lengths."""
    if len(left) != len(right):
        raise TheoryError(f"Inner product of vectors of lengths {len(left)} and {len(right)}.")
    return sp.Add(*(p * q for p, q in zip(left, right, strict=True)))
