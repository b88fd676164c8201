"""Ball arithmetic code (python-flint) from derived expressions, every constant exact.

A constant 1/3 becomes ``arb(fmpq(1, 3))``, a ball around one third at the working precision, never a rounded literal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

from theory.codegen.source import (
    ELEMENTARY,
    eliminate_common,
    function_text,
    load,
    refuse_floats,
    refuse_names,
    refuse_unknown,
)
from theory.errors import TheoryError

_METHODS = {
    sp.exp: "exp",
    sp.log: "log",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.atan: "atan",
    sp.asinh: "asinh",
    sp.acosh: "acosh",
    sp.atanh: "atanh",
    sp.sec: "sec",
    sp.csc: "csc",
    sp.cot: "cot",
    sp.sech: "sech",
    sp.csch: "csch",
    sp.coth: "coth",
    sp.erf: "erf",
    sp.erfc: "erfc",
    sp.Abs: "__abs__",
    sp.sign: "sgn",
}


_KNOWN = (*ELEMENTARY, *_METHODS)


class _Printer(PythonCodePrinter):
    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False})

    def _print_Integer(self, expr: sp.Integer) -> str:
        return f"arb({expr.p})"

    def _print_Rational(self, expr: sp.Rational) -> str:
        return f"arb(fmpq({expr.p}, {expr.q}))"

    _print_Half = _print_Rational
    _print_Zero = _print_One = _print_NegativeOne = _print_Integer

    def _print_Float(self, expr: sp.Float) -> str:
        raise TheoryError(f"The float {expr} has no place in ball arithmetic; write it as a Rational.")

    def _print_Pi(self, expr: sp.Expr) -> str:
        return "arb.pi()"

    def _print_Exp1(self, expr: sp.Expr) -> str:
        return "arb(1).exp()"

    def _print_NaN(self, expr: sp.Expr) -> str:
        raise TheoryError(
            f"The expression {expr} has no place in ball arithmetic: the expression is not finite."
        )

    _print_Infinity = _print_NegativeInfinity = _print_ComplexInfinity = _print_NaN

    def _print_ImaginaryUnit(self, expr: sp.Expr) -> str:
        raise TheoryError("The imaginary unit has no place in real ball arithmetic.")

    def _print_Add(self, expr: sp.Add, order: str | None = None) -> str:
        return "(" + " + ".join(self._print(arg) for arg in self._as_ordered_terms(expr, order=order)) + ")"

    def _print_Mul(self, expr: sp.Mul) -> str:
        return "(" + "*".join(self._print(arg) for arg in expr.args) + ")"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        base, exponent = self._print(expr.base), expr.exp
        if exponent.is_Integer:
            positive = f"({base})**{abs(int(exponent))}"
            return positive if exponent > 0 else f"(arb(1)/{positive})"
        if exponent.is_Rational and exponent.q == 2:
            root = f"({base}).sqrt()**{abs(int(exponent.p))}"
            return root if exponent > 0 else f"(arb(1)/{root})"
        return f"(({base}).log()*({self._print(exponent)})).exp()"

    def _print_Function(self, expr: sp.Expr) -> str:
        method = _METHODS.get(type(expr))
        if method is None:
            raise TheoryError(f"No ball arithmetic for {expr.func.__name__}.")
        return f"({self._print(expr.args[0])}).{method}()"

    _print_ExpBase = _print_exp = _print_log = _print_sin = _print_cos = _print_tan = _print_Function
    _print_sinh = _print_cosh = _print_tanh = _print_atan = _print_erf = _print_Function
    _print_asin = _print_acos = _print_asinh = _print_acosh = _print_atanh = _print_erfc = _print_Function
    _print_sec = _print_csc = _print_cot = _print_sech = _print_csch = _print_coth = _print_Function
    _print_Abs = _print_Function

    def _print_sign(self, expr: sp.sign) -> str:
        # The sign of NaN would be a finite ball; the product keeps it NaN.
        inner = self._print(expr.args[0])
        return f"(({inner}).sgn() + arb(0)*({inner}))"


def ball_source(expressions: Sequence[sp.Expr], arguments: Sequence[sp.Symbol], name: str = "balls") -> str:
    """Text of ``name(*arguments)``; arguments and results are ``flint.arb`` balls.

    Raises
    ------
    InexactConstant, TheoryError
        For a floating-point number, an unknown symbol, or a function without ball arithmetic.
    """
    refuse_floats(expressions)
    refuse_unknown(expressions, _KNOWN, "ball arithmetic")
    refuse_names(arguments, {name, "arb", "fmpq"})
    free = set().union(*(e.free_symbols for e in expressions)) - set(arguments)
    if free:
        raise TheoryError(
            f"The code for {name} needs a value of {sorted(map(str, free))[0]}; add it to the arguments."
        )
    printer = _Printer()
    assignments, rest = eliminate_common(expressions)
    lines = [f"{s} = {printer.doprint(e)}" for s, e in assignments]
    lines.append("return (" + "".join(f"{printer.doprint(e)}, " for e in rest) + ")")
    return function_text(
        name, [str(s) for s in arguments], f"Generated code in ball arithmetic: {name}.", lines
    )


def ball_expression(
    expressions: Sequence[sp.Expr], arguments: Sequence[sp.Symbol], name: str = "balls"
) -> Callable[..., tuple[Any, ...]]:
    """Compiled :func:`ball_source`."""
    from flint import arb, fmpq

    return load(ball_source(expressions, arguments, name), name, {"arb": arb, "fmpq": fmpq})


SIGN_BITS = (64, 256, 1024)
"""Working precisions at which a sign is asked for, one after the other."""


def signs_at(
    expression: sp.Expr, variable: sp.Symbol, points: Sequence[sp.Rational]
) -> tuple[int | None, ...]:
    """Sign of the expression at exact rational values of its one variable: −1 or 1, proved by a ball.

    None where the ball contains 0 at every precision tried, or is not finite: nothing is known there.
    """
    from flint import arb, ctx, fmpq

    function = ball_expression([expression], [variable], "sign")
    signs: list[int | None] = []
    for point in points:
        sign = None
        for bits in SIGN_BITS:
            with ctx.workprec(bits):
                (ball,) = function(arb(fmpq(int(point.p), int(point.q))))
                if not ball.is_finite():
                    break
                if not ball.contains(0):
                    sign = 1 if ball > 0 else -1
                    break
        signs.append(sign)
    return tuple(signs)
