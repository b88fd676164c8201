"""Deciding whether an expression is zero, exactly, or saying that it was not decided.

The expression is rewritten into generators between which only the relations written down here are used:

* symbols, sums over neurons, data means, values of undefined functions: a generator each;
* exp: the exponent is split into a rational combination of monomials, one generator exp(monomial / denominator) each
  (so that exp(t) and exp(−t) are powers of the same generator); hyperbolic functions become exponentials;
* b^(symbolic exponent) likewise, for each base b;
* radicals b^(p/q): a generator s with the relation s^q = b.

If the numerator vanishes as a polynomial in these generators, modulo the relations, the expression is zero wherever it
is defined: that is a proof. If it does not vanish nothing is proved, because generators may be dependent in a way that
is not seen here; a refutation needs an exact value at a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

import sympy as sp
from sympy.core.function import AppliedUndef

from theory.activation import Remainder, Sigma
from theory.brackets import lower
from theory.errors import InexactConstant, TheoryError
from theory.network import Target


@dataclass(frozen=True)
class ZeroDecision:
    """Result of :func:`decide_zero`.

    Attributes
    ----------
    is_zero:
        True: proved zero. None: not decided.
    stated_class:
        The class of expressions in which the canonical form was taken, for the evidence.
    residual:
        What is left, in the original symbols; 0 when proved.
    """

    is_zero: bool | None
    stated_class: str
    residual: sp.Expr


def decide_zero(expr: sp.Expr) -> ZeroDecision:
    """Try to prove that ``expr`` is zero wherever it is defined.

    Raises
    ------
    InexactConstant
        If the expression contains a floating-point number.
    TheoryError
        If the expression is not finite (a denominator that is zero identically).
    """
    expr = sp.sympify(expr)
    refuse_floats(expr)
    _refuse_foreign(expr)
    _refuse_infinite(expr, expr)
    generators = _Generators()
    rewritten = generators.rewrite(expr)
    _refuse_infinite(rewritten, expr)
    numerator, denominator = sp.fraction(sp.together(rewritten))
    top, bottom = generators.reduced(numerator), generators.reduced(denominator)
    if bottom == 0:
        raise TheoryError(f"A denominator of {str(expr)[:80]} vanishes identically.")
    _refuse_infinite(top / bottom, expr)
    if top == 0:
        return ZeroDecision(True, generators.stated_class(expr), sp.S.Zero)
    return ZeroDecision(None, generators.stated_class(expr), generators.restore(top / bottom))


def refuse_floats(expr: sp.Expr) -> None:
    """InexactConstant if the expression contains a floating-point number."""
    floats = expr.atoms(sp.Float)
    if floats:
        raise InexactConstant(
            f"A zero test needs exact constants; write {min(floats)} as a Rational in {str(expr)[:80]}."
        )


def _refuse_foreign(expr: sp.Expr) -> None:
    """Only numbers that commute are decided here: a generator for a matrix or an operator would commute too."""
    for node in sp.preorder_traversal(expr):
        if getattr(node, "is_commutative", True) is False or getattr(node, "is_Matrix", False):
            raise TheoryError(f"A zero test is for expressions that commute; {str(node)[:80]} does not.")
        if isinstance(node, (sp.AccumBounds, sp.Order)):
            raise TheoryError(f"A zero test is for values; {str(node)[:80]} stands for many.")


def _refuse_infinite(expr: sp.Expr, source: sp.Expr) -> None:
    # 1/(1 + 1/0) is 0 for SymPy: an infinity must be seen before it is divided by.
    if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise TheoryError(
            f"The expression {str(source)[:80]} is not finite: it contains an infinity, or a denominator in it "
            "vanishes identically."
        )


def _in_exponentials(expr: sp.Expr) -> sp.Expr:
    return sp.expand(expr.rewrite([sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch], sp.exp))


def _refuse_zero_denominators(expr: sp.Expr) -> None:
    for power in expr.atoms(sp.Pow):
        if power.exp.is_negative and _in_exponentials(power.base) == 0:
            raise TheoryError(f"The denominator {str(power.base)[:80]} vanishes identically.")


class _Generators:
    def __init__(self) -> None:
        self.meaning: dict[sp.Symbol, sp.Expr] = {}
        self.known: dict[sp.Expr, sp.Symbol] = {}
        self.relations: list[tuple[sp.Symbol, int, sp.Expr]] = []
        self.kinds: set[str] = set()

    def _new(self, meaning: sp.Expr, kind: str) -> sp.Symbol:
        if meaning not in self.known:
            symbol = sp.Dummy(f"g{len(self.known)}")
            self.known[meaning] = symbol
            self.meaning[symbol] = meaning
        self.kinds.add(kind)
        return self.known[meaning]

    def rewrite(self, expr: sp.Expr) -> sp.Expr:
        lowered, table = lower(expr)
        named = {symbol: self._new(bracket, "brackets") for symbol, bracket in table.items()}
        lowered = lowered.xreplace(named)
        _refuse_zero_denominators(lowered)
        lowered = _in_exponentials(lowered)
        self._denominators = self._collect_denominators(lowered)
        return self._visit(lowered)

    @staticmethod
    def _collect_denominators(expr: sp.Expr) -> dict[tuple[sp.Expr, sp.Expr], int]:
        """Common denominator of the rational multiples of each (base, monomial) that stand in exponents."""
        found: dict[tuple[sp.Expr, sp.Expr], int] = {}
        for power in expr.atoms(sp.Pow, sp.exp):
            base, exponent = power.as_base_exp()
            if exponent.is_Rational:
                continue
            for term in sp.Add.make_args(sp.expand(exponent)):
                rational, monomial = term.as_coeff_Mul()
                if rational.is_Rational:
                    key = (base, monomial)
                    found[key] = lcm(found.get(key, 1), int(rational.q))
        return found

    def _visit(self, expr: sp.Expr) -> sp.Expr:
        if expr.is_Rational or expr.is_Symbol:
            return expr
        if expr.is_Add or expr.is_Mul:
            return expr.func(*(self._visit(arg) for arg in expr.args))
        if isinstance(expr, (sp.Pow, sp.exp)):
            return self._power(*expr.as_base_exp())
        if isinstance(expr, (Sigma, Remainder, Target, AppliedUndef)):
            return self._new(expr, "undefined functions")
        return self._new(expr, "other functions as opaque generators")

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        if exponent.is_Integer:
            return self._visit(base) ** exponent
        if exponent.is_Rational:
            root = self._root(base, int(exponent.q))
            return root ** int(exponent.p)
        if base != sp.E and self.reduced(sp.fraction(sp.together(self._visit(base)))[0]) == 0:
            # 0^(e + 1) is not 0^e·0: at e = −1 it is 1.
            return self._new(base**exponent, "powers of zero")
        result = sp.S.One
        for term in sp.Add.make_args(sp.expand(exponent)):
            rational, monomial = term.as_coeff_Mul()
            if monomial == 1 and base != sp.E:
                result *= self._power(base, rational)
                continue
            denominator = self._denominators.get((base, monomial), 1)
            generator = self._new(base ** (monomial / denominator), "exponentials")
            result *= generator ** (rational * denominator)
        return result

    def _root(self, base: sp.Expr, degree: int) -> sp.Symbol:
        meaning = base ** sp.Rational(1, degree)
        fresh = meaning not in self.known
        generator = self._new(meaning, "radicals")
        if fresh:
            self.relations.append((generator, degree, self._visit(base)))
        return generator

    def reduced(self, numerator: sp.Expr) -> sp.Expr:
        """Numerator as an expanded polynomial, modulo the relations of the radicals, up to a factor that is not 0."""
        result = sp.expand(numerator)
        reducible = True
        # A replacement can bring in other radicals, which are nested less deeply: this ends.
        while reducible:
            reducible = False
            for generator, degree, base in self.relations:
                powers = sp.Poly(result, generator)
                if powers.degree() < degree:
                    continue
                reducible = True
                top, bottom = sp.fraction(sp.together(base))
                most = powers.degree() // degree
                replaced = (
                    c * top ** (n // degree) * bottom ** (most - n // degree) * generator ** (n % degree)
                    for (n,), c in powers.terms()
                )
                result = sp.expand(sp.fraction(sp.together(sp.Add(*replaced)))[0])
        return result

    def restore(self, expr: sp.Expr) -> sp.Expr:
        while expr.free_symbols & set(self.meaning):
            expr = expr.xreplace(self.meaning)
        return expr

    def stated_class(self, expr: sp.Expr) -> str:
        kind = "polynomial" if expr.is_polynomial() else "rational"
        extra = sorted(self.kinds)
        return f"{kind} functions" + (f" with {', '.join(extra)}" if extra else "")
