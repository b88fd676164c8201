"""The derivative of a formula's tree, as a tree: what arithmetics without derivatives of their own are given."""

from __future__ import annotations

from fractions import Fraction

from numerics.errors import InputError
from numerics.expression import Tree, constant

_ZERO: Tree = ("num", Fraction(0))
_ONE: Tree = ("num", Fraction(1))


def derivative(tree: Tree) -> Tree:
    """d/du of a tree in one variable. InputError for |·|, which has none at 0."""
    kind = tree[0]
    if kind in ("num", "const"):
        return _ZERO
    if kind == "var":
        return _ONE
    if kind == "neg":
        return _minus(derivative(tree[1]))
    if kind == "call":
        return _times(outer_derivative(tree[1], tree[2]), derivative(tree[2]))
    left, right = tree[1], tree[2]
    if kind == "pow":
        return _of_power(left, right)
    first, second = derivative(left), derivative(right)
    if kind == "add":
        return _plus(first, second)
    if kind == "sub":
        return _plus(first, _minus(second))
    if kind == "mul":
        return _plus(_times(first, right), _times(left, second))
    if second == _ZERO:
        return _over(first, right)
    return _over(_plus(_times(first, right), _minus(_times(left, second))), ("mul", right, right))


def outer_derivative(function: str, argument: Tree) -> Tree:
    """The derivative of a function at its argument. InputError for |·|."""
    call: Tree = ("call", function, argument)
    square: Tree = ("mul", argument, argument)
    if function == "exp":
        return call
    if function == "log":
        return ("div", _ONE, argument)
    if function == "sqrt":
        return ("div", ("num", Fraction(1, 2)), call)
    if function in ("tanh", "tan"):
        return ("sub" if function == "tanh" else "add", _ONE, ("mul", call, call))
    if function == "atan":
        return ("div", _ONE, ("add", _ONE, square))
    if function == "erf":
        root: Tree = ("call", "sqrt", ("const", "pi"))
        return ("mul", ("div", ("num", Fraction(2)), root), ("call", "exp", ("neg", square)))
    if function in ("sin", "sinh", "cosh"):
        return ("call", {"sin": "cos", "sinh": "cosh", "cosh": "sinh"}[function], argument)
    if function == "cos":
        return ("neg", ("call", "sin", argument))
    raise InputError(f"{function} has no derivative at 0.")


def _of_power(base: Tree, exponent: Tree) -> Tree:
    fixed = constant(exponent)
    if fixed is None:
        return derivative(("call", "exp", ("mul", exponent, ("call", "log", base))))
    if fixed == 0:
        return _ZERO
    lower: Tree = _ONE if fixed == 1 else ("pow", base, ("num", fixed - 1)) if fixed != 2 else base
    return _times(_times(("num", fixed), lower), derivative(base))


def _minus(tree: Tree) -> Tree:
    return tree if tree == _ZERO else ("neg", tree)


def _plus(left: Tree, right: Tree) -> Tree:
    if left == _ZERO:
        return right
    return left if right == _ZERO else ("add", left, right)


def _times(left: Tree, right: Tree) -> Tree:
    if _ZERO in (left, right):
        return _ZERO
    if left == _ONE:
        return right
    return left if right == _ONE else ("mul", left, right)


def _over(left: Tree, right: Tree) -> Tree:
    return _ZERO if left == _ZERO else ("div", left, right)
