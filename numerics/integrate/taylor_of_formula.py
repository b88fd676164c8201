"""Taylor coefficients of an activation given by a formula's tree, order by order, in double precision.

Every node of the trees keeps its own series along u(t). A function's series follows from that of its derivative:
k f_k = Σ_{i ≥ 1} i a_i f'_{k−i} for f(a(t)); so only one coefficient of each node is computed for each order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.derivative import outer_derivative
from numerics.expression import Tree, constant
from numerics.integrate.taylor import Chain

Advance = Callable[[int], Any]

_VALUES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "atan": np.arctan,
}  # fmt: skip


class FormulaChain(Chain):
    """σ(u/s), σ' and σ'' from the trees of the formula and its two derivatives; s is its slope at 0."""

    def __init__(
        self, trees: tuple[Tree, Tree, Tree], scale: float, terms: int, shape: tuple[int, ...]
    ) -> None:
        super().__init__(terms, shape)
        self.trees, self.scale = trees, scale
        self.inside = np.zeros_like(self.u)
        self.nodes: dict[Tree, FloatArray] = {}
        self.steps: list[tuple[FloatArray, Advance]] = []
        self.roots = [self._node(tree) for tree in trees[:2]]

    def advance(self, order: int) -> None:
        self.inside[order] = self.u[order] / self.scale
        for series, step in self.steps:
            series[order] = step(order)
        self.value[order] = self.roots[0][order]
        self.slope[order] = self.roots[1][order] / self.scale

    def bend(self) -> FloatArray:
        known = len(self.steps)
        root = self._node(self.trees[2])
        for order in range(len(self.u)):
            for series, step in self.steps[known:]:
                series[order] = step(order)
        return root / self.scale**2

    def _node(self, tree: Tree) -> FloatArray:
        """The series of a tree, known up to the orders that were advanced; one for equal trees."""
        if tree[0] == "var":
            return self.inside
        if tree not in self.nodes:
            replaced = _without_powers(tree)
            if replaced is not None:
                self.nodes[tree] = self._node(replaced)
                return self.nodes[tree]
            # What it is made of comes first; the derivatives of functions are needed one order later only.
            inner = [self._node(part) for part in tree[1:] if isinstance(part, tuple)]
            series = self.nodes[tree] = np.zeros_like(self.u)
            place = len(self.steps)
            self.steps.append((series, lambda order: 0.0))
            self.steps[place] = (series, self._rule(tree, series, inner))
        return self.nodes[tree]

    def _rule(self, tree: Tree, series: FloatArray, inner: list[FloatArray]) -> Advance:
        kind = tree[0]
        if kind in ("num", "const"):
            value = math.pi if kind == "const" else float(tree[1])
            return lambda order: value if order == 0 else 0.0
        if kind == "neg":
            return lambda order: -inner[0][order]
        if kind == "add":
            return lambda order: inner[0][order] + inner[1][order]
        if kind == "sub":
            return lambda order: inner[0][order] - inner[1][order]
        if kind == "mul":
            return lambda order: _mixed(inner[0][: order + 1], inner[1][order::-1])
        if kind == "div":
            return lambda order: (
                (inner[0][order] - _mixed(series[:order], inner[1][order:0:-1])) / inner[1][0]
            )
        slope = self._node(outer_derivative(tree[1], tree[2]))
        return lambda order: (
            _first_value(tree[1], inner[0][0]) if order == 0 else _along(inner[0], slope, order)
        )


def _first_value(function: str, argument: FloatArray) -> FloatArray:
    if function == "erf":
        from scipy.special import erf

        return np.asarray(erf(argument))
    return _VALUES[function](argument)


def _mixed(left: FloatArray, right: FloatArray) -> Any:
    return (left * right).sum(axis=0)


def _along(inner: FloatArray, slope: FloatArray, order: int) -> Any:
    steps = np.arange(1, order + 1).reshape(-1, *[1] * (inner.ndim - 1))
    return (steps * inner[1 : order + 1] * slope[order - 1 :: -1]).sum(axis=0) / order


def _without_powers(tree: Tree) -> Tree | None:
    """A power as products, or by exp and log; None for what is none."""
    if tree[0] != "pow":
        return None
    base, fixed = tree[1], constant(tree[2])
    one: Tree = ("num", 1)
    if fixed is None or fixed.denominator != 1:
        if fixed is not None and fixed.denominator == 2:
            return ("pow", ("call", "sqrt", base), ("num", fixed.numerator))
        return ("call", "exp", ("mul", tree[2], ("call", "log", base)))
    power = int(fixed)
    if power < 0:
        return ("div", one, ("pow", base, ("num", -fixed)))
    if power == 0:
        return one
    if power == 1:
        return ("mul", one, base)
    half: Tree = ("pow", base, ("num", fixed // 2)) if power > 3 else base
    square: Tree = ("mul", half, half)
    return ("mul", square, base) if power % 2 else square
