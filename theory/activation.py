"""σ as a symbol that can be differentiated, its Taylor polynomial, and the remainder that truncation leaves.

Inside a derivation σ is opaque: :class:`Sigma` carries the order of its derivative, so that Taylor expansion is a
substitution, and :class:`Remainder` is *by definition* what the substitution leaves: nothing is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.errors import TheoryError


class Sigma(sp.Function):
    """σ^(n)(u), as ``Sigma(n, u)``."""

    nargs = 2
    is_real = True
    is_commutative = True

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        if argindex != 2:
            raise TheoryError("Σ^(n)(u) can be differentiated with respect to u only.")
        return Sigma(self.args[0] + 1, self.args[1])

    def _latex(self, printer: sp.printing.latex.LatexPrinter, exp: str | None = None) -> str:
        return _primed(r"\sigma", int(self.args[0]), printer._print(self.args[1]), exp)


class Remainder(sp.Function):
    """n-th derivative of the Taylor remainder of order K of σ at u, as ``Remainder(K, n, u)``.

    σ^(n)(u) = Σ_{j=n..K} c_j j!/(j−n)! u^(j−n) + Remainder(K, n, u). With K = 1 it is δ^(n) of Assumption 3 of the
    multi-stage paper.
    """

    nargs = 3
    is_real = True
    is_commutative = True

    def fdiff(self, argindex: int = 3) -> sp.Expr:
        if argindex != 3:
            raise TheoryError("A Taylor remainder can be differentiated with respect to its argument only.")
        order, derivative, argument = self.args
        return Remainder(order, derivative + 1, argument)

    def _latex(self, printer: sp.printing.latex.LatexPrinter, exp: str | None = None) -> str:
        order, derivative = int(self.args[0]), int(self.args[1])
        name = r"\delta" if order <= 2 else rf"\delta_{{{order}}}"
        return _primed(name, derivative, printer._print(self.args[2]), exp)


def _primed(name: str, derivative: int, argument: str, exp: str | None) -> str:
    mark = "'" * derivative if derivative <= 2 else f"^{{({derivative})}}"
    shown = rf"{name}{mark}\left({argument}\right)"
    return shown if exp is None else rf"{{{shown}}}^{{{exp}}}"


def coefficient(order: int) -> sp.Symbol:
    """The symbol c_n of the n-th Taylor coefficient of σ at 0; c₁ = 1 and c_n = 0 for n = 0, 2 by Assumption 3."""
    return sp.Symbol(f"c{order}", real=True)


@dataclass(frozen=True)
class TaylorModel:
    """Taylor coefficients of σ at 0 up to ``order``; ``coefficients[n]`` = c_n, exact or symbolic.

    The default, :func:`tanh_like`, keeps c₃, c₄, … as symbols, so that what is derived holds for every activation
    of Assumption 3.
    """

    coefficients: tuple[sp.Expr, ...]

    @property
    def order(self) -> int:
        """The highest order that is kept."""
        return len(self.coefficients) - 1

    def derivative(self, n: int, argument: sp.Expr) -> sp.Expr:
        """n-th derivative of the Taylor polynomial at ``argument``."""
        return sp.Add(
            *(
                c * sp.ff(j, n) * argument ** (j - n)
                for j, c in enumerate(self.coefficients)
                if j >= n and c != 0
            )
        )

    def expand(self, sigma: Sigma) -> sp.Expr:
        """σ^(n)(u) as polynomial plus explicit remainder: an identity, not an approximation."""
        n, argument = int(sigma.args[0]), sigma.args[1]
        return self.derivative(n, argument) + Remainder(self.order, n, argument)


def tanh_like(order: int, *, odd: bool = False) -> TaylorModel:
    """σ(u) = u + c₃u³ + c₄u⁴ + … with symbolic coefficients (Assumption 3 of the multi-stage paper).

    ``odd=True`` drops the even coefficients, as for tanh.

    TheoryError for an order below 1.
    """
    if order < 1:
        raise TheoryError(f"The order of a Taylor expansion must be at least 1, not {order}.")
    return TaylorModel(
        tuple(
            sp.S.One if n == 1 else sp.S.Zero if n in (0, 2) or (odd and n % 2 == 0) else coefficient(n)
            for n in range(order + 1)
        )
    )
