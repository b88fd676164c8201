"""Exact Taylor series of an expression at 0, by recurrences: the cost grows with the square of the order.

Repeated differentiation doubles an expression at each step; here every function is continued by its own differential
equation, y' = G(y) x' or y' = f'(x) x', on lists of exact coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import sympy as sp

from theory.constant import sign_of
from theory.errors import TheoryError

Coefficients = list[sp.Expr]
"""c₀ … c_N of Σ c_n u^n."""


class NotSmooth(TheoryError):
    """The expression has no Taylor series at 0 with real coefficients."""


def taylor_series(expr: sp.Expr, variable: sp.Symbol, order: int) -> Coefficients:
    """Exact c₀ … c_order of the expression at variable = 0.

    Raises
    ------
    NotSmooth
        If a part of the expression has no value or no derivatives at 0.
    TheoryError
        If it is not decided whether a constant is zero on which that depends.
    """
    return _Expansion(variable, order).of(expr)


def _tidy(value: sp.Expr) -> sp.Expr:
    return value if value.is_Rational else sp.expand(value)


def _times(left: Coefficients, right: Coefficients) -> Coefficients:
    return [_tidy(_convolved(left, right, n)) for n in range(len(left))]


def _convolved(left: Coefficients, right: Coefficients, n: int) -> sp.Expr:
    return sp.Add(*(left[k] * right[n - k] for k in range(n + 1) if left[k] != 0 and right[n - k] != 0))


def _next_of_integral(x: Coefficients, slope: Coefficients, n: int) -> sp.Expr:
    """Coefficient n of ∫ slope · x', from the coefficients of ``slope`` below n."""
    total = sp.Add(*(k * x[k] * slope[n - k] for k in range(1, n + 1) if x[k] != 0 and slope[n - k] != 0))
    return _tidy(total / n)


# y' = (1 + s y²) x' with s = −1 and 1.
_SQUARES = {sp.tanh: -1, sp.tan: 1}
# The pair y' = z x', z' = s y x'; the first of the pair is y.
_PAIRS = {sp.sin: (sp.cos, -1), sp.sinh: (sp.cosh, 1)}
_PARTNERS = {sp.cos: sp.sin, sp.cosh: sp.sinh}
_RECIPROCALS = {
    sp.sech: sp.cosh,
    sp.csch: sp.sinh,
    sp.coth: sp.tanh,
    sp.sec: sp.cos,
    sp.csc: sp.sin,
    sp.cot: sp.tan,
}
# Functions whose derivative is elementary without themselves: y = y₀ + ∫ f'(x) x'.
_INTEGRALS = (sp.log, sp.atan, sp.asin, sp.acos, sp.asinh, sp.acosh, sp.atanh, sp.erf, sp.erfc)


class _Expansion:
    def __init__(self, variable: sp.Symbol, order: int) -> None:
        if order < 0:
            raise TheoryError(f"The order of a Taylor series is at least 0, not {order}.")
        self.variable = variable
        self.size = order + 1
        self.known: dict[sp.Expr, Coefficients] = {}

    def of(self, expr: sp.Expr) -> Coefficients:
        if expr not in self.known:
            self.known[expr] = self._expanded(expr)
        return self.known[expr]

    def _constant(self, value: sp.Expr) -> Coefficients:
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise NotSmooth(f"It is infinite or has no value at {self.variable} = 0.")
        return [value] + [sp.S.Zero] * (self.size - 1)

    def _expanded(self, expr: sp.Expr) -> Coefficients:
        if expr == self.variable:
            return [sp.S.Zero, sp.S.One, *[sp.S.Zero] * self.size][: self.size]
        if not expr.has(self.variable):
            return self._constant(expr)
        if expr.is_Add:
            parts = [self.of(arg) for arg in expr.args]
            return [_tidy(sp.Add(*terms)) for terms in zip(*parts, strict=True)]
        if expr.is_Mul:
            return reduce(_times, (self.of(arg) for arg in expr.args))
        if isinstance(expr, (sp.Pow, sp.exp)):
            base, exponent = expr.as_base_exp()
            if base == sp.E:
                return self._exponential(self.of(exponent))
            if not exponent.has(self.variable):
                return self._power(self.of(base), exponent, expr)
            return self.of(sp.exp(exponent * sp.log(base)))
        return self._function(expr)

    def _power(self, x: Coefficients, exponent: sp.Expr, shown: sp.Expr) -> Coefficients:
        if exponent.is_Integer and exponent >= 0:
            return self._natural_power(x, int(exponent))
        sign = self._sign(x[0], shown)
        if sign == 0:
            raise NotSmooth(
                f"The expression {shown} has no Taylor series at {self.variable} = 0; a singularity that the other "
                "factors remove has to be removed in the expression."
            )
        if sign < 0 and not exponent.is_Integer:
            raise NotSmooth(f"The expression {shown} is not real at {self.variable} = 0.")
        y = [_tidy(x[0] ** exponent)]
        for n in range(1, self.size):
            total = sp.Add(
                *((k * exponent - (n - k)) * x[k] * y[n - k] for k in range(1, n + 1) if x[k] != 0)
            )
            y.append(_tidy(total / (n * x[0])))
        return y

    def _natural_power(self, x: Coefficients, exponent: int) -> Coefficients:
        result, square = self._constant(sp.S.One), x
        while exponent:
            if exponent % 2:
                result = _times(result, square)
            exponent //= 2
            if exponent:
                square = _times(square, square)
        return result

    def _sign(self, value: sp.Expr, shown: sp.Expr) -> int:
        sign = sign_of(value)
        if sign is None:
            raise TheoryError(f"It was not decided whether {value} is zero, which stands in {shown} at 0.")
        return sign

    def _exponential(self, x: Coefficients) -> Coefficients:
        y = self._constant(sp.exp(x[0]))[:1]
        for n in range(1, self.size):
            y.append(_next_of_integral(x, y, n))
        return y

    def _function(self, expr: sp.Expr) -> Coefficients:
        kind = expr.func
        if len(expr.args) != 1 or not isinstance(expr, sp.Function):
            raise TheoryError(f"No Taylor series of {kind.__name__} is known here.")
        (argument,) = expr.args
        x = self.of(argument)
        if kind in _RECIPROCALS:
            return self.of(1 / _RECIPROCALS[kind](argument))
        if kind in _SQUARES:
            return self._square_law(expr, x, _SQUARES[kind])
        if kind in _PAIRS or kind in _PARTNERS:
            return self._pair(kind, x)
        if kind in (sp.Abs, sp.sign):
            sign = self._sign(x[0], expr)
            if sign == 0:
                raise NotSmooth(f"The expression {expr} is not smooth at {self.variable} = 0.")
            return [sign * c for c in x] if kind is sp.Abs else self._constant(sp.Integer(sign))
        if kind in _INTEGRALS:
            return self._integral(expr, argument, x)
        return self._by_derivatives(kind, x)

    def _square_law(self, expr: sp.Expr, x: Coefficients, sign: int) -> Coefficients:
        y = self._constant(expr.func(x[0]))[:1]
        slope: Coefficients = []
        for n in range(1, self.size):
            square = sp.Add(*(y[k] * y[n - 1 - k] for k in range(n) if y[k] != 0 and y[n - 1 - k] != 0))
            slope.append(_tidy((1 if n == 1 else 0) + sign * square))
            y.append(_next_of_integral(x, slope, n))
        return y

    def _pair(self, kind: Callable[[sp.Expr], sp.Expr], x: Coefficients) -> Coefficients:
        first = kind if kind in _PAIRS else _PARTNERS[kind]
        second, sign = _PAIRS[first]
        y, z = self._constant(first(x[0]))[:1], self._constant(second(x[0]))[:1]
        for n in range(1, self.size):
            following = _next_of_integral(x, z, n)
            z.append(sign * _next_of_integral(x, y, n))
            y.append(following)
        return y if kind in _PAIRS else z

    def _integral(self, expr: sp.Expr, argument: sp.Expr, x: Coefficients) -> Coefficients:
        if expr.func in (sp.log, sp.acosh) and sign_of(x[0] if expr.func is sp.log else x[0] - 1) != 1:
            raise NotSmooth(f"The expression {expr} is not defined around {self.variable} = 0.")
        inner = sp.Dummy("x")
        slope = self.of(expr.func(inner).diff(inner).xreplace({inner: argument}))
        y = self._constant(expr.func(x[0]))[:1]
        if y[0].is_extended_real is False:
            raise NotSmooth(f"The expression {expr} is not real at {self.variable} = 0.")
        y += [_next_of_integral(x, slope, n) for n in range(1, self.size)]
        return y

    def _by_derivatives(self, kind: Callable[[sp.Expr], sp.Expr], x: Coefficients) -> Coefficients:
        """Composition with the Taylor series of a function that has no recurrence here."""
        inner = sp.Dummy("x")
        derivative = kind(inner)
        outer = []
        for n in range(self.size):
            value = derivative.subs(inner, x[0])
            if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.Derivative, sp.Subs):
                raise TheoryError(
                    f"The derivative of order {n} of {kind(self.variable)} at {x[0]} is not known here."
                )
            outer.append(value / sp.factorial(n))
            derivative = derivative.diff(inner)
        step = [sp.S.Zero, *x[1:]]
        total = self._constant(outer[-1])
        for c in reversed(outer[:-1]):
            total = _times(total, step)
            total[0] = _tidy(total[0] + c)
        return total
