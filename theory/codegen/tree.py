"""Derived expressions as JSON: a list of nodes of a few known kinds, each built from earlier ones.

Reading it back builds SymPy objects and nothing else: a kind that is not listed here is refused, no name is looked up
and no text is evaluated. Terms are put together without SymPy's own sorting, as they were in order when written; a file
must therefore be checked against damage by its reader (:mod:`verify.derived` keeps a hash beside it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from theory.activation import Remainder, Sigma
from theory.brackets import DataMean, Height, NeuronSum
from theory.errors import TheoryError
from theory.network import Target
from theory.symbols import Coordinate

Node = list[Any]
"""[kind, …]: numbers, names and assumptions, or the positions of earlier nodes."""

_ORDERED = {"+": sp.Add, "*": sp.Mul}
_BUILT = {
    "^": sp.Pow,
    "exp": sp.exp,
    "log": sp.log,
    "sin": sp.sin,
    "cos": sp.cos,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "atan": sp.atan,
    "erf": sp.erf,
    "tan": sp.tan,
    "abs": sp.Abs,
    "digamma": sp.digamma,
    "sigma": Sigma,
    "remainder": Remainder,
    "target": Target,
}
_BRACKETS = {"sum": NeuronSum, "mean": DataMean}
_CONSTANTS = {"pi": sp.pi, "e": sp.E}
_KINDS = {cls: kind for kind, cls in (*_ORDERED.items(), *_BUILT.items(), *_BRACKETS.items())}


def encode(expressions: Sequence[sp.Expr]) -> tuple[list[Node], list[int]]:
    """Nodes, and where each expression stands among them.

    Raises
    ------
    TheoryError
        For an object that has no kind here.
    """
    nodes: list[Node] = []
    places: dict[sp.Basic, int] = {}

    def place(expr: sp.Basic) -> int:
        if expr not in places:
            node = _node(expr, place)
            places[expr] = len(nodes)
            nodes.append(node)
        return places[expr]

    return nodes, [place(expression) for expression in expressions]


def _node(expr: sp.Basic, place: Any) -> Node:
    for kind, constant in _CONSTANTS.items():
        if expr is constant:
            return [kind]
    if isinstance(expr, sp.Rational):
        return ["q", int(expr.p), int(expr.q)]
    if type(expr) is Coordinate:
        return ["c", expr.name]
    if type(expr) is sp.Symbol:
        return ["s", expr.name, dict(sorted(expr._assumptions_orig.items()))]
    if type(expr) not in _KINDS:
        raise TheoryError(
            f"An expression of the type {type(expr).__name__} has no form in a file: {str(expr)[:80]}."
        )
    kind = _KINDS[type(expr)]
    if kind in _BRACKETS:
        return [kind, place(expr.args[0]), expr.height]
    return [kind, *map(place, expr.args)]


def decode(nodes: Sequence[Node], places: Sequence[int]) -> list[sp.Expr]:
    """The expressions that :func:`encode` wrote.

    Raises
    ------
    TheoryError
        If the nodes are not of the known kinds and in order.
    """
    built: list[sp.Expr] = []
    try:
        for kind, *rest in nodes:
            built.append(_expression(str(kind), rest, built))
        return [built[_index(place, built)] for place in places]
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise TheoryError(f"These are no expressions in the form of a file ({error}).") from None


def _expression(kind: str, rest: list[Any], built: list[sp.Expr]) -> sp.Expr:
    if kind in _CONSTANTS:
        return _CONSTANTS[kind]
    if kind == "q":
        numerator, denominator = rest
        if type(numerator) is not int or type(denominator) is not int:
            raise ValueError("a number that is no quotient of integers")
        return sp.Rational(numerator, denominator)
    if kind == "c":
        return Coordinate(_name(rest[0]))
    if kind == "s":
        return sp.Symbol(_name(rest[0]), **_assumptions(rest[1]))
    if kind in _BRACKETS:
        body, height = rest
        if type(height) is not int:
            raise ValueError("a height that is no integer")
        return sp.Expr.__new__(_BRACKETS[kind], built[_index(body, built)], Height(height))
    args = [built[_index(place, built)] for place in rest]
    if kind in _ORDERED:
        return _ORDERED[kind]._from_args(tuple(args), True)
    return _BUILT[kind](*args)


def _index(place: Any, built: list[sp.Expr]) -> int:
    if type(place) is not int or not 0 <= place < len(built):
        raise ValueError("a node that refers to a later one")
    return place


def _name(text: Any) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= 80:
        raise ValueError("a name that is no text")
    return text


def _assumptions(given: Any) -> dict[str, bool]:
    if not isinstance(given, Mapping) or any(type(v) is not bool for v in given.values()):
        raise ValueError("assumptions that are no true and false")
    return {_name(key): value for key, value in given.items()}
