"""Formulas typed by a user: read through a whitelist into a tree, never evaluated as a program.

A tree is a nested tuple: ("num", Fraction), ("var", name), ("const", "pi"), ("call", function, child),
("add" | "sub" | "mul" | "div" | "pow", left, right) or ("neg", child).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError

Tree: TypeAlias = tuple[Any, ...]

LONGEST = 2000
DEEPEST = 200
LARGEST_EXPONENT = 100

_ALIASES = {"arctan": "atan"}
FUNCTIONS = ("sin", "cos", "tan", "tanh", "sinh", "cosh", "exp", "log", "sqrt", "atan", "erf", "abs")
_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE]([+-]?\d{1,3}))?")
#: What is meant by a character that a formula copied from a text often has.
_INSTEAD = {
    "^": "** for a power",
    "²": "**2",
    "³": "**3",
    "\N{MINUS SIGN}": "- for minus",
    "\N{EN DASH}": "- for minus",
    "\N{MULTIPLICATION SIGN}": "* for a product",
    "·": "* for a product",
    "÷": "/ for a quotient",
    "π": "pi",
    ",": "a point in decimals",
}
_FOREIGN = re.compile(r"[^A-Za-z0-9_+\-*/(). \t]")


def _erf(u: FloatArray) -> FloatArray:
    from scipy.special import erf

    return np.asarray(erf(u), dtype=np.float64)


_NUMPY: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "atan": np.arctan,
    "erf": _erf,
    "abs": np.abs,
}


@dataclass(frozen=True)
class Expression:
    """A formula in the named variables; ``text`` is what was typed, ``tree`` what it means."""

    text: str
    variables: tuple[str, ...]
    tree: Tree

    def evaluate(self, values: Mapping[str, FloatArray]) -> FloatArray:
        """The formula's values in double precision, in the common shape of the variables' arrays.

        Outside its domain (log of a negative number, division by zero) a value is NaN or infinite, as in
        floating-point arithmetic; the caller decides what that means. InputError for a missing variable.
        """
        for name in self.variables:
            if name not in values:
                raise InputError(f"No value is given for {name} in the formula {self.text!r}.")
        arrays = {name: np.asarray(values[name], dtype=np.float64) for name in self.variables}
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        with np.errstate(all="ignore"):
            result = _evaluate(self.tree, arrays)
        return np.array(np.broadcast_to(result, shape), dtype=np.float64)

    def jet(self, u: FloatArray, order: int = 2) -> tuple[FloatArray, ...]:
        """The value and the first ``order`` derivatives at the points ``u`` of a formula in one variable.

        Computed by Taylor arithmetic, so to rounding; a derivative that does not exist is NaN.

        InputError for a formula in several variables.
        """
        from numerics.jets import derivatives

        if len(self.variables) != 1:
            raise InputError(f"A derivative needs a formula in one variable; {self.text!r} has several.")
        return derivatives(self.tree, np.asarray(u, dtype=np.float64), order)

    def parity(self) -> str:
        """``"odd"``, ``"even"`` or ``"neither"`` in all variables together, as the form of the tree shows.

        ``"neither"`` means only that the form does not show it: ``exp(x) - exp(-x)`` is odd and yet says so.
        """
        return {-1: "odd", 1: "even", 0: "neither"}[_parity(self.tree)]


def _evaluate(tree: Tree, values: Mapping[str, FloatArray]) -> Any:
    kind = tree[0]
    if kind == "num":
        return np.float64(float(tree[1]))
    if kind == "const":
        return np.float64(np.pi)
    if kind == "var":
        return values[tree[1]]
    if kind == "neg":
        return -_evaluate(tree[1], values)
    if kind == "call":
        return _NUMPY[tree[1]](_evaluate(tree[2], values))
    left = _evaluate(tree[1], values)
    right = _evaluate(tree[2], values)
    if kind == "add":
        return left + right
    if kind == "sub":
        return left - right
    if kind == "mul":
        return left * right
    if kind == "div":
        return left / right
    return np.power(left, right)


def _parity(tree: Tree) -> int:
    kind = tree[0]
    if kind in ("num", "const"):
        return 1
    if kind == "var":
        return -1
    if kind == "neg":
        return _parity(tree[1])
    if kind == "call":
        inside = _parity(tree[2])
        if inside != -1:
            return inside
        if tree[1] in ("sin", "tan", "tanh", "sinh", "atan", "erf"):
            return -1
        return 1 if tree[1] in ("cos", "cosh", "abs") else 0
    left = _parity(tree[1])
    if kind == "pow":
        exponent = constant(tree[2])
        if exponent is None or exponent.denominator != 1:
            return left if left == 1 and _parity(tree[2]) == 1 else 0
        return 1 if exponent % 2 == 0 and left else left
    right = _parity(tree[2])
    if kind in ("mul", "div"):
        return left * right
    return left if left == right else 0


def constant(tree: Tree) -> Fraction | None:
    """The exact value of a tree made of numbers, None where it holds anything else.

    Powers are folded for small exponents only: the value of ``9**9**9`` is never computed. InputError for
    a division by zero.
    """
    kind = tree[0]
    if kind == "num":
        return Fraction(tree[1])
    if kind == "neg":
        inside = constant(tree[1])
        return None if inside is None else -inside
    if kind in ("const", "var", "call"):
        return None
    left = constant(tree[1])
    right = constant(tree[2])
    if left is None or right is None:
        return None
    if kind == "add":
        return left + right
    if kind == "sub":
        return left - right
    if kind == "mul":
        return left * right
    if kind == "div":
        if right == 0:
            raise InputError("The formula divides by zero.")
        return left / right
    if right.denominator != 1:
        return None
    if left == 0 and right < 0:
        raise InputError("The formula divides by zero.")
    small = max(abs(left.numerator), left.denominator).bit_length() * abs(right) <= 4096
    return left**right.numerator if small else None


def parse(text: str, variables: Sequence[str]) -> Expression:
    """Read a formula: numbers, + - * / **, parentheses, pi, the functions in FUNCTIONS, and ``variables``.

    Numbers are kept exactly. InputError, naming the position, for anything else, for a formula longer than
    LONGEST characters or nested deeper than DEEPEST, and for an exponent above LARGEST_EXPONENT in size.
    """
    if not text.strip():
        raise InputError("The formula is empty.")
    if len(text) > LONGEST:
        raise InputError(f"The formula has {len(text)} characters; at most {LONGEST} are allowed.")
    foreign = _FOREIGN.search(text)
    if foreign:
        instead = _INSTEAD.get(foreign.group())
        hint = f"; write {instead}" if instead else ""
        raise InputError(_at(text, foreign.start(), f"{foreign.group()!r} is not allowed in a formula{hint}"))
    # Spaces in front would be read as indentation; turned into the same number of characters afterwards.
    shift = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for instance SyntaxWarning: 'int' object is not callable
            node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        position = shift + max((error.offset or 1) - 1, 0)
        raise InputError(_at(text, position, "this is not a formula")) from None
    except (RecursionError, MemoryError, ValueError):
        raise InputError(f"The formula {_shown(text)} is nested too deeply.") from None
    tree = _Reader(text, shift, tuple(variables)).read(node, 0)
    return Expression(text.strip(), tuple(variables), tree)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _at(text: str, position: int, what: str) -> str:
    return f"In the formula {_shown(text)}, position {position + 1}: {what}."


@dataclass(frozen=True)
class _Reader:
    text: str
    shift: int
    variables: tuple[str, ...]

    def fail(self, node: ast.expr, what: str) -> InputError:
        return InputError(_at(self.text, self.shift + node.col_offset, what))

    def read(self, node: ast.expr, depth: int) -> Tree:
        if depth > DEEPEST:
            raise self.fail(node, f"nested deeper than {DEEPEST} levels")
        if isinstance(node, ast.Constant):
            return self.number(node)
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            child = self.read(node.operand, depth + 1)
            return ("neg", child) if isinstance(node.op, ast.USub) else child
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            return self.binary(node, depth)
        raise self.fail(node, "only numbers, + - * / **, parentheses and named functions are allowed")

    def number(self, node: ast.Constant) -> Tree:
        literal = ast.get_source_segment(self.text.strip(), node) or ""
        match = _NUMBER.fullmatch(literal)
        if not match or abs(int(match.group(3) or 0)) > 300 or len(literal) > 300:
            raise self.fail(node, f"{_shown(literal)} is not a number in the allowed range")
        return ("num", Fraction(literal))

    def name(self, node: ast.Name) -> Tree:
        if node.id in self.variables:
            return ("var", node.id)
        if node.id == "pi":
            return ("const", "pi")
        known = ", ".join(self.variables)
        if _ALIASES.get(node.id, node.id) in FUNCTIONS:
            raise self.fail(node, f"the function {node.id} needs an argument in parentheses")
        raise self.fail(node, f"the name {node.id!r} is unknown (the variables here are {known})")

    def call(self, node: ast.Call, depth: int) -> Tree:
        if not isinstance(node.func, ast.Name):
            raise self.fail(node, "only a named function can be applied; write * for a product")
        function = _ALIASES.get(node.func.id, node.func.id)
        if function not in FUNCTIONS:
            raise self.fail(node, f"{node.func.id!r} is not one of the functions {', '.join(FUNCTIONS)}")
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise self.fail(node, f"{node.func.id} takes exactly one argument")
        return ("call", function, self.read(node.args[0], depth + 1))

    def binary(self, node: ast.BinOp, depth: int) -> Tree:
        kind = _BINARY[type(node.op)]
        left = self.read(node.left, depth + 1)
        right = self.read(node.right, depth + 1)
        if kind == "pow":
            try:
                exponent = constant(right)
            except InputError as error:
                raise self.fail(node.right, str(error).rstrip(".")) from None
            fixed = not _holds_variable(right)
            if fixed and exponent is None and right[0] not in ("const", "call"):
                # A number that is not folded because it may be astronomically large, or irrational.
                exponent_value = float(_evaluate_quietly(right))
                if not abs(exponent_value) <= LARGEST_EXPONENT:
                    raise self.fail(node.right, f"the exponent is larger than {LARGEST_EXPONENT}")
            if exponent is not None and abs(exponent) > LARGEST_EXPONENT:
                raise self.fail(node.right, f"the exponent is larger than {LARGEST_EXPONENT}")
        return (kind, left, right)


def _holds_variable(tree: Tree) -> bool:
    return tree[0] == "var" or any(_holds_variable(child) for child in tree[1:] if isinstance(child, tuple))


def _evaluate_quietly(tree: Tree) -> Any:
    with np.errstate(all="ignore"):
        return _evaluate(tree, {})
