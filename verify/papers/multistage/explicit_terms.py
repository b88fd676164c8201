"""A bound as a formula, and at a place (α, d) as a sum of terms that fall: both are one SymPy expression.

An expression may hold names, such as x or λ; a `Names` says what each stands for, in further expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import sympy as sp
from flint import arb

from theory.estimates import D, F, L
from theory.symbols import width as m
from verify.papers.multistage import chosen
from verify.papers.multistage.chi_squared import C0
from verify.papers.multistage.initialisation import d, delta
from verify.papers.multistage.large_widths import Falling, ball, constant, term
from verify.parameters import Parameter

alpha, gamma, K, vartheta, zeta, s = sp.symbols("alpha gamma K vartheta zeta s", positive=True)
Lambda, kappa = sp.symbols("Lambda kappa", positive=True)
across_share, rest_share = sp.symbols("c_V c_H", positive=True)
"""Those of (47): V_2 ≤ c_V ζ and H ≤ c_H ζ Q."""

KAPPA = sp.log(2 * (d + 1) / delta)
"""κ = Λ − log m, with Λ of (68)."""

Names = Mapping[sp.Symbol, sp.Expr]
"""What each name stands for."""


@dataclass(frozen=True)
class Condition:
    """left < right, for a right side that is one term at most. `name` is that of `explicit_plain`.

    gamma: what γ is in it, None where it is that of T_1.
    """

    name: str
    left: sp.Expr
    right: sp.Expr
    gamma: sp.Expr | None = None


@dataclass(frozen=True)
class Setting:
    """Where a bound is evaluated: the chosen parameters of this run, unless `changed` has another value.

    A parameter is read when a bound needs it, so that it is known which bounds it enters.
    """

    alpha: Fraction
    dim: int
    changed: Mapping[str, Fraction] = field(default_factory=dict)

    def _chosen(self, name: str, parameter: Parameter) -> Fraction:
        if name not in self.changed:
            return parameter.value
        return self.changed[name]

    @property
    def share(self) -> Fraction:
        """γ/(α − ½)."""
        return self._chosen("share", chosen.gamma_share)

    @property
    def room(self) -> Fraction:
        """K."""
        return self._chosen("room", chosen.room)

    @property
    def level(self) -> Fraction:
        """δ."""
        return self._chosen("level", chosen.level)

    @property
    def slack(self) -> Fraction:
        """ϑ."""
        return self._chosen("slack", chosen.slack)

    @property
    def zeta(self) -> Fraction:
        """ζ."""
        return self._chosen("zeta", chosen.zeta)

    @property
    def plateau(self) -> Fraction:
        """s."""
        return self._chosen("plateau", chosen.plateau_exponent)

    @property
    def across_share(self) -> Fraction:
        """c_V of (47)."""
        return self._chosen("c_V", chosen.across_share)

    @property
    def rest_share(self) -> Fraction:
        """c_H of (47)."""
        return self._chosen("c_H", chosen.rest_share)

    @property
    def bernstein(self) -> Fraction:
        """C₀ of Theorem 4."""
        return self._chosen("C_0", chosen.bernstein)

    @property
    def L(self) -> Fraction:
        """Constant of Assumption 3."""
        return self._chosen("L", chosen.lipschitz)

    @property
    def F(self) -> Fraction:
        """Bound of the mean of |f*|."""
        return self._chosen("F", chosen.mean_target)

    @property
    def square(self) -> Fraction:
        """D²."""
        return self._chosen("square", chosen.coordinate_square) * self.dim

    @property
    def gamma(self) -> Fraction:
        return self.share * (self.alpha - Fraction(1, 2))

    @property
    def kappa(self) -> arb:
        """Λ − log m."""
        return (ball(2 * (self.dim + 1)) / ball(self.level)).log()

    def exact(self, symbol: sp.Symbol) -> Fraction:
        """The value of a symbol that has an exact one. KeyError for another."""
        return Fraction(getattr(self, VALUES[symbol]))


VALUES: Mapping[sp.Symbol, str] = {
    alpha: "alpha",
    d: "dim",
    gamma: "gamma",
    K: "room",
    delta: "level",
    vartheta: "slack",
    zeta: "zeta",
    s: "plateau",
    across_share: "across_share",
    rest_share: "rest_share",
    C0: "bernstein",
    L: "L",
    F: "F",
}
"""Which attribute of a `Setting` has the value of a symbol."""


class Place:
    """Bounds at one place: expressions with these names become sums of terms that fall."""

    def __init__(self, setting: Setting, names: Names) -> None:
        self.setting = setting
        self.names = names
        self._known: dict[sp.Symbol, Falling] = {}
        self._moving: dict[sp.Symbol, bool] = {m: True, Lambda: True}

    def ratio(self, condition: Condition) -> Falling | None:
        """Left side over right side. None where the right side is not positive."""
        here = self if condition.gamma is None else self.with_gamma(condition.gamma)
        right = here.falling(condition.right) if here.moves(condition.right) else None
        if right is not None:
            return here.falling(condition.left) * right ** (-1)
        fixed = here.number(condition.right)
        return here.falling(condition.left).times(1 / fixed) if fixed > 0 else None

    def with_gamma(self, value: sp.Expr) -> Place:
        """The same where γ is another number."""
        share = self._exponent(value) / (self.setting.alpha - Fraction(1, 2))
        return Place(replace(self.setting, changed={**self.setting.changed, "share": share}), self.names)

    def moves(self, expr: sp.Expr) -> bool:
        """Whether it depends on m."""
        for symbol in expr.free_symbols:
            if symbol not in self._moving:
                inside = self.names.get(symbol)
                self._moving[symbol] = inside is not None and self.moves(inside)
            if self._moving[symbol]:
                return True
        return False

    def falling(self, expr: sp.Expr) -> Falling:
        """An expression as a sum of terms. ValueError for one that is none, or not with positive coefficients."""
        if not self.moves(expr):
            value = self.number(expr)
            return constant(1).times(value)
        if expr == m:
            return term(1, 0, -1)
        if expr == Lambda:
            return term(1, 1)
        if expr.is_Symbol:
            if expr not in self._known:
                self._known[expr] = self.falling(self.names[expr])
            return self._known[expr]
        if expr.is_Pow:
            return self.falling(expr.base) ** self._exponent(expr.exp)
        if expr.is_Add or expr.is_Mul:
            fixed = [arg for arg in expr.args if not self.moves(arg)]
            moving = [self.falling(arg) for arg in expr.args if self.moves(arg)]
            rest = self.number(expr.func(*fixed))
            found = moving[0]
            for one in moving[1:]:
                found = found * one if expr.is_Mul else found + one
            return found.times(rest) if expr.is_Mul else found + constant(1).times(rest)
        raise ValueError(f"{expr} is no sum of powers")

    def number(self, expr: sp.Expr) -> arb:
        """An expression without m in balls."""
        if expr.is_Rational:
            return ball(Fraction(int(expr.p), int(expr.q)))
        if expr.is_Symbol:
            if expr in self.names:
                return self.number(self.names[expr])
            return ball(self.setting.square).sqrt() if expr == D else ball(self.setting.exact(expr))
        values = [self.number(arg) for arg in expr.args]
        if expr.is_Pow:
            return values[0].sqrt() if expr.exp == sp.Rational(1, 2) else values[0] ** values[1]
        if isinstance(expr, sp.log):
            return values[0].log()
        if isinstance(expr, sp.Min):
            found = values[0]
            for one in values[1:]:
                found = found.min(one)
            return found
        if expr.is_Add:
            return sum(values[1:], values[0])
        if expr.is_Mul:
            found = values[0]
            for one in values[1:]:
                found = found * one
            return found
        raise ValueError(f"{expr} is no number that is known here")

    def _exponent(self, expr: sp.Expr) -> Fraction:
        """An exponent, exactly."""
        put = {symbol: self.setting.exact(symbol) for symbol in expr.free_symbols}
        value = expr.subs({symbol: sp.Rational(v.numerator, v.denominator) for symbol, v in put.items()})
        if not value.is_Rational:
            raise ValueError(f"the exponent {expr} is no exact number")
        return Fraction(int(value.p), int(value.q))


def used(conditions: list[sp.Expr], names: Names) -> list[sp.Symbol]:
    """The names that expressions need, each after those that it needs itself."""
    found: list[sp.Symbol] = []

    def visit(expr: sp.Expr) -> None:
        for symbol in sorted(
            expr.free_symbols, key=lambda one: list(names).index(one) if one in names else -1
        ):
            if symbol in names and symbol not in found:
                visit(names[symbol])
                found.append(symbol)

    for expr in conditions:
        visit(expr)
    return found
