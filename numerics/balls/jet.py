"""Truncated Taylor series with balls as coefficients: what generated ball code returns when it is called with one.

Code that `theory.codegen.ball` generates uses operators and methods only, so that the same text runs on a ball and on
a :class:`Jet`. With the jet (m, 1, 0, …) at an exact point the coefficients enclose f^(n)(m)/n!; with a ball in place
of m they enclose f^(n)(ξ)/n! for every ξ in the ball, which is what Lagrange's remainder needs. A coefficient that is
not finite spoils everything that depends on it and never proves anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import arb


class Jet:
    """c₀ + c₁h + … + c_N h^N; all jets in one calculation have the same length."""

    __slots__ = ("c",)

    def __init__(self, coefficients: Sequence[arb]) -> None:
        self.c = list(coefficients)

    @classmethod
    def variable(cls, at: arb, order: int) -> Jet:
        """The jet of the identity at a point or ball."""
        return cls([at, arb(1), *[arb(0)] * order][: order + 1])

    def _constant(self, value: Any) -> Jet:
        return Jet([arb(value), *[arb(0)] * (len(self.c) - 1)])

    # -- arithmetic

    def __neg__(self) -> Jet:
        return Jet([-x for x in self.c])

    def __add__(self, other: Any) -> Jet:
        if isinstance(other, Jet):
            return Jet([x + y for x, y in zip(self.c, other.c, strict=True)])
        return Jet([self.c[0] + other, *self.c[1:]])

    __radd__ = __add__

    def __sub__(self, other: Any) -> Jet:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Jet:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Jet:
        if isinstance(other, Jet):
            return Jet([_convolved(self.c, other.c, n) for n in range(len(self.c))])
        return Jet([x * other for x in self.c])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet([x / other for x in self.c])
        quotient: list[arb] = []
        for n in range(len(self.c)):
            rest = sum((other.c[k] * quotient[n - k] for k in range(1, n + 1)), arb(0))
            quotient.append((self.c[n] - rest) / other.c[0])
        return Jet(quotient)

    def __rtruediv__(self, other: Any) -> Jet:
        return self._constant(other) / self

    def __pow__(self, exponent: int) -> Jet:
        if exponent < 0:
            return self._constant(1) / self**-exponent
        result, square = self._constant(1), self
        while exponent:
            if exponent % 2:
                result = result * square
            exponent //= 2
            if exponent:
                square = square * square
        return result

    def __abs__(self) -> Jet:
        if self.c[0] > 0:
            return self
        return -self if self.c[0] < 0 else Jet([arb("nan")] * len(self.c))

    def sgn(self) -> Jet:
        if self.c[0] > 0 or self.c[0] < 0:
            return self._constant(self.c[0].sgn())
        return Jet([arb("nan")] * len(self.c))

    # -- functions, each by its differential equation

    def _integral(self, start: arb, slope: Callable[[list[arb]], Sequence[arb]]) -> Jet:
        """y with y(0) = start and y' = slope(y) · x'; ``slope`` gives its coefficients as far as y's are known."""
        y = [start]
        for n in range(1, len(self.c)):
            g = slope(y)
            y.append(sum((k * self.c[k] * g[n - k] for k in range(1, n + 1)), arb(0)) / n)
        return Jet(y)

    def _by_slope(self, start: arb, slope: Jet) -> Jet:
        return self._integral(start, lambda y: slope.c)

    def _square_law(self, start: arb, sign: int) -> Jet:
        known: list[arb] = []

        def slope(y: list[arb]) -> list[arb]:
            n = len(y) - 1
            known.append(sign * _convolved(y, y, n) + (1 if n == 0 else 0))
            return known

        return self._integral(start, slope)

    def _pair(self, first: arb, second: arb, sign: int) -> tuple[Jet, Jet]:
        y, z = [first], [second]
        for n in range(1, len(self.c)):
            steps = range(1, n + 1)
            up = sum((k * self.c[k] * z[n - k] for k in steps), arb(0)) / n
            across = sum((k * self.c[k] * y[n - k] for k in steps), arb(0)) / n
            y.append(up)
            z.append(sign * across)
        return Jet(y), Jet(z)

    def exp(self) -> Jet:
        return self._integral(self.c[0].exp(), lambda y: y)

    def log(self) -> Jet:
        return self._by_slope(self.c[0].log(), 1 / self)

    def sqrt(self) -> Jet:
        root = [self.c[0].sqrt()]
        for n in range(1, len(self.c)):
            inner = sum((root[k] * root[n - k] for k in range(1, n)), arb(0))
            root.append((self.c[n] - inner) / (2 * root[0]))
        return Jet(root)

    def sin(self) -> Jet:
        return self._pair(self.c[0].sin(), self.c[0].cos(), -1)[0]

    def cos(self) -> Jet:
        return self._pair(self.c[0].sin(), self.c[0].cos(), -1)[1]

    def sinh(self) -> Jet:
        return self._pair(self.c[0].sinh(), self.c[0].cosh(), 1)[0]

    def cosh(self) -> Jet:
        return self._pair(self.c[0].sinh(), self.c[0].cosh(), 1)[1]

    def tan(self) -> Jet:
        return self._square_law(self.c[0].tan(), 1)

    def tanh(self) -> Jet:
        return self._square_law(self.c[0].tanh(), -1)

    def sec(self) -> Jet:
        return 1 / self.cos()

    def csc(self) -> Jet:
        return 1 / self.sin()

    def cot(self) -> Jet:
        return 1 / self.tan()

    def sech(self) -> Jet:
        return 1 / self.cosh()

    def csch(self) -> Jet:
        return 1 / self.sinh()

    def coth(self) -> Jet:
        return 1 / self.tanh()

    def atan(self) -> Jet:
        return self._by_slope(self.c[0].atan(), 1 / (1 + self * self))

    def asin(self) -> Jet:
        return self._by_slope(self.c[0].asin(), 1 / (1 - self * self).sqrt())

    def acos(self) -> Jet:
        return self._by_slope(self.c[0].acos(), -1 / (1 - self * self).sqrt())

    def asinh(self) -> Jet:
        return self._by_slope(self.c[0].asinh(), 1 / (1 + self * self).sqrt())

    def acosh(self) -> Jet:
        return self._by_slope(self.c[0].acosh(), 1 / (self * self - 1).sqrt())

    def atanh(self) -> Jet:
        return self._by_slope(self.c[0].atanh(), 1 / (1 - self * self))

    def erf(self) -> Jet:
        return self._by_slope(self.c[0].erf(), (-(self * self)).exp() * (2 / arb.pi().sqrt()))

    def erfc(self) -> Jet:
        return self._by_slope(self.c[0].erfc(), (-(self * self)).exp() * (-2 / arb.pi().sqrt()))


def _convolved(left: Sequence[arb], right: Sequence[arb], n: int) -> arb:
    return sum((left[k] * right[n - k] for k in range(n + 1)), arb(0))
