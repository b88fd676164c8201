"""Derived expressions as Python text that builds the same SymPy objects again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy.printing.str import StrPrinter

from theory.activation import Remainder, Sigma
from theory.brackets import Bracket, DataMean, NeuronSum, nesting_height
from theory.network import Target
from theory.symbols import Coordinate, Neuron, Sample


class _Printer(StrPrinter):
    """Brackets are opened with a neuron or sample named after their nesting height."""

    # The classes of theory print themselves for people under SymPy's own hook.
    printmethod = "_script"

    def __init__(self, dim: int) -> None:
        super().__init__({"order": "none"})
        self.dim = dim
        self.points: dict[str, str] = {}
        self.symbols: set[sp.Symbol] = set()

    def _print_Rational(self, expr: sp.Rational) -> str:
        return f"Rational({expr.p}, {expr.q})"

    def _print_Half(self, expr: sp.Rational) -> str:
        return self._print_Rational(expr)

    def _print_Mul(self, expr: sp.Mul) -> str:
        # SymPy would print 1/2*x as x/2, which is exact as well, and x/(y*z) by its own rules; products of the
        # arguments in order say the same without a special case.
        return "*".join(self._factor(arg) for arg in expr.args)

    def _factor(self, arg: sp.Expr) -> str:
        text = self._print(arg)
        return f"({text})" if arg.is_Add or (arg.is_Number and arg.is_negative) else str(text)

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        return f"({self._print(expr.base)})**({self._print(expr.exp)})"

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        self.symbols.add(expr)
        return str(expr.name)

    def _print_Coordinate(self, expr: Coordinate) -> str:
        cls = "Neuron" if expr.space == "neuron" else "Sample"
        self.points[expr.label] = f"{cls}({expr.label!r}, {self.dim})"
        letter, index = expr.slot[0], expr.slot[1:]
        return f"{expr.label}.{letter}" + (f"[{int(index) - 1}]" if index else "")

    def _print_Bracket(self, expr: Bracket) -> str:
        neurons = isinstance(expr, NeuronSum)
        label = ("j" if neurons else "x") + str(nesting_height(expr))
        point = Neuron(label, self.dim) if neurons else Sample(label, self.dim)
        self.points[label] = repr(point)
        body, _ = expr.open(point)
        return f"{type(expr).__name__}({self._print(body)}, {label})"

    def _print_known(self, expr: Any) -> str:
        return f"{type(expr).__name__}({', '.join(str(self._print(arg)) for arg in expr.args)})"

    _print_NeuronSum = _print_DataMean = _print_Bracket
    _print_Sigma = _print_Remainder = _print_Target = _print_known


def script(named: Sequence[tuple[str, sp.Expr]], dim: int) -> str:
    """Python text that defines ``equations``, a dict from name to expression, equal to what is given.

    It imports SymPy and ``theory`` and nothing else.
    """
    printer = _Printer(dim)
    lines = [f"    {name!r}: {printer.doprint(expr)}," for name, expr in named]
    ours = sorted(
        {
            c.__name__
            for c in (DataMean, NeuronSum, Remainder, Sigma, Target)
            if any(e.has(c) for _, e in named)
        }
        | {text.split("(")[0] for text in printer.points.values()}
    )
    head = ["from sympy import *"]
    if ours:
        head.append(f"from theory import {', '.join(ours)}")
    head.append("")
    for symbol in sorted(printer.symbols, key=str):
        assumed = ", ".join(f"{k}={v}" for k, v in sorted(symbol._assumptions_orig.items()))
        head.append(f"{symbol.name} = Symbol({symbol.name!r}{', ' + assumed if assumed else ''})")
    head += [f"{label} = {text}" for label, text in sorted(printer.points.items())]
    return "\n".join([*head, "equations = {", *lines, "}"]) + "\n"
