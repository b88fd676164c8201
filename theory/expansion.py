"""Expansion of a flow in σ and in the moments of the data at once, as sparse polynomials below the brackets.

The same as :func:`theory.flow.expand_activation` followed by :func:`theory.flow.apply_data`, node by node, but products
and powers are worked out on exponents: SymPy objects are made once, for the terms of the result, and already in their
canonical order. At order 5 in five dimensions a component has about 27000 terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cmp_to_key

import sympy as sp

from theory.activation import Remainder, Sigma, TaylorModel
from theory.brackets import Bracket, NeuronSum
from theory.data import DataModel
from theory.errors import TheoryError
from theory.network import Target
from theory.particles import ParticleSystem

_Monomial = tuple[tuple[int, int], ...]
"""Pairs (number of an atom, exponent), by number."""

_Number = int | Fraction
_Polynomial = dict[_Monomial, _Number]

_by_compare = cmp_to_key(sp.Basic.compare)


def expand_flow(system: ParticleSystem, taylor: TaylorModel, data: DataModel) -> ParticleSystem:
    """The flow with σ = Taylor polynomial + remainder and the known moments of the data put in. An identity."""
    expansion = _Expansion(taylor, data)
    return system.map(lambda drift: expansion.expression(expansion.polynomial(drift)))


def truncated_flow(system: ParticleSystem, taylor: TaylorModel, data: DataModel) -> ParticleSystem:
    """The terms of :func:`expand_flow` without remainder: what an activation that is its own Taylor polynomial has."""
    expansion = _Expansion(taylor, data, with_remainder=False)
    return system.map(lambda drift: expansion.expression(expansion.polynomial(drift)))


class _Expansion:
    """Polynomials in numbered atoms: symbols, brackets, remainders, values of the target."""

    def __init__(self, taylor: TaylorModel, data: DataModel, *, with_remainder: bool = True) -> None:
        self.taylor = taylor
        self.data = data
        self.with_remainder = with_remainder
        self.atoms: list[sp.Expr] = []
        self.numbers: dict[sp.Expr, int] = {}
        self.plain = True
        self.sums: dict[tuple[object, ...], _Polynomial] = {}
        self.averages: dict[tuple[tuple[int, ...], bool], _Polynomial] = {}

    def atom(self, expr: sp.Expr) -> _Polynomial:
        if expr not in self.numbers:
            self.numbers[expr] = len(self.atoms)
            self.atoms.append(expr)
            if not isinstance(expr, (sp.Symbol, Bracket, Sigma, Remainder, Target)):
                self.plain = False
        return {((self.numbers[expr], 1),): 1}

    def polynomial(self, expr: sp.Expr) -> _Polynomial:
        """The polynomial that an expression is after the expansion."""
        if expr.is_Rational:
            return {(): _number(expr)} if expr else {}
        if expr.is_Add:
            return _sum(self.polynomial(arg) for arg in expr.args)
        if expr.is_Mul:
            return _product(self.polynomial(arg) for arg in expr.args)
        if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
            return _power(self.polynomial(expr.base), int(expr.exp))
        if isinstance(expr, Sigma):
            return self._sigma(expr)
        if isinstance(expr, Bracket):
            return self._bracket(expr)
        return self.atom(expr)

    def _sigma(self, sigma: Sigma) -> _Polynomial:
        n, argument = int(sigma.args[0]), sigma.args[1]
        inner = self.polynomial(argument)
        total: _Polynomial = {}
        power: _Polynomial = {(): 1}
        for j in range(n, self.taylor.order + 1):
            c = self.taylor.coefficients[j]
            if c != 0:
                weight = _number(sp.ff(j, n))
                coefficient = {m: weight * v for m, v in self.polynomial(sp.sympify(c)).items()}
                total = _sum([total, _product([coefficient, power])])
            power = _product([power, inner])
        if self.with_remainder:
            total = _sum([total, self.atom(Remainder(self.taylor.order, n, argument))])
        return total

    def _bracket(self, bracket: Bracket) -> _Polynomial:
        body, variables = bracket.open()
        bound = set(variables)
        close = self._sum_over_neurons if isinstance(bracket, NeuronSum) else self._mean
        total: _Polynomial = {}
        is_bound: dict[int, bool] = {}
        # Terms with the same factor that is bound are collected first: each bracket is looked up once.
        collected: dict[_Monomial, _Polynomial] = {}
        for monomial, value in self.polynomial(body).items():
            inside: list[tuple[int, int]] = []
            outside: list[tuple[int, int]] = []
            for pair in monomial:
                number = pair[0]
                if number not in is_bound:
                    is_bound[number] = bool(self.atoms[number].free_symbols & bound)
                (inside if is_bound[number] else outside).append(pair)
            rest = collected.setdefault(tuple(inside), {})
            rest[tuple(outside)] = rest.get(tuple(outside), 0) + value
        for kernel, factor in collected.items():
            _accumulate(total, close(bracket, kernel, variables), factor)
        return {m: v for m, v in total.items() if v}

    def _sum_over_neurons(
        self, bracket: Bracket, kernel: _Monomial, variables: Mapping[sp.Symbol, str]
    ) -> _Polynomial:
        slots = self._powers(kernel, variables)
        if slots is None:
            return self._closed(bracket, kernel, variables)
        if slots not in self.sums:
            self.sums[slots] = self._closed(bracket, kernel, variables)
        return self.sums[slots]

    def _mean(self, bracket: Bracket, kernel: _Monomial, variables: Mapping[sp.Symbol, str]) -> _Polynomial:
        target = [p for p in kernel if isinstance(self.atoms[p[0]], Target)]
        slots = self._powers(tuple(p for p in kernel if p not in target), variables)
        if slots is None or not self._once_at_the_input(target, variables):
            return self._closed(bracket, kernel, variables)
        powers = [0] * self.data.dim
        for slot, power in slots:
            index = int(slot[1:])
            if index > self.data.dim:
                raise TheoryError(
                    f"The data have dimension {self.data.dim}, but {bracket} has a coordinate x{index}."
                )
            powers[index - 1] = power
        key = (tuple(powers), bool(target))
        if key not in self.averages:
            self.averages[key] = self.polynomial(sp.expand(sp.sympify(self.data.average(*key))))
        return self.averages[key]

    def _once_at_the_input(
        self, target: Sequence[tuple[int, int]], variables: Mapping[sp.Symbol, str]
    ) -> bool:
        """Whether the target stands in the mean as f*(x1 … xd) to the first power, or not at all."""
        if not target:
            return True
        slots = [variables.get(argument) for argument in self.atoms[target[0][0]].args]
        return [power for _, power in target] == [1] and slots == [
            f"x{i}" for i in range(1, self.data.dim + 1)
        ]

    def _powers(
        self, kernel: _Monomial, variables: Mapping[sp.Symbol, str]
    ) -> tuple[tuple[str, int], ...] | None:
        """Exponents by slot where all factors are bound coordinates."""
        found = []
        for number, power in kernel:
            slot = variables.get(self.atoms[number])
            if slot is None:
                return None
            found.append((slot, power))
        return tuple(sorted(found))

    def _closed(self, bracket: Bracket, kernel: _Monomial, variables: Mapping[sp.Symbol, str]) -> _Polynomial:
        if not kernel:
            return self.polynomial(bracket.of_one())
        body = sp.Mul(*(self.atoms[number] ** power for number, power in kernel))
        return self.atom(type(bracket).close(body, dict(variables)))

    def expression(self, polynomial: _Polynomial) -> sp.Expr:
        """The SymPy expression of a polynomial, as SymPy's own constructors would make it."""
        if not self.plain:
            terms = (sp.Mul(_rational(v), *(self.atoms[n] ** p for n, p in m)) for m, v in polynomial.items())
            return sp.expand(sp.Add(*terms))
        factors = {pair: self.atoms[pair[0]] ** pair[1] for m in polynomial for pair in m}
        values = {v: _rational(v) for v in polynomial.values()}
        ranks = _ranks([*factors.values(), *values.values()])
        keyed: list[tuple[tuple[int, ...], sp.Expr]] = []
        others: list[sp.Expr] = []
        for monomial, value in polynomial.items():
            args = sorted((factors[pair] for pair in monomial), key=ranks.__getitem__)
            if value != 1 or not args:
                args.insert(0, values[value])
            if len(args) == 1:
                others.append(args[0])
            else:
                keyed.append(((len(args), *(ranks[a] for a in args)), sp.Mul._from_args(args, True)))
        keyed.sort(key=lambda pair: pair[0])
        return _added([term for _, term in keyed], others)


def _added(products: list[sp.Expr], others: list[sp.Expr]) -> sp.Expr:
    """The sum of products in their canonical order and a few other terms, all different."""
    numbers = [t for t in others if t.is_Rational]
    single = sorted((t for t in others if not t.is_Rational), key=_by_compare)
    if products:
        # Terms are ordered by their class first: all products stand together.
        place = sum(t.compare(products[0]) < 0 for t in single)
        single[place:place] = products
    args = [*numbers, *single]
    if len(args) <= 1:
        return args[0] if args else sp.S.Zero
    return sp.Add._from_args(args, True)


def _ranks(expressions: Iterable[sp.Expr]) -> dict[sp.Expr, int]:
    return {e: n for n, e in enumerate(sorted(set(expressions), key=_by_compare))}


def _number(value: sp.Rational) -> _Number:
    return int(value.p) if value.q == 1 else Fraction(int(value.p), int(value.q))


def _rational(value: _Number) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def _sum(parts: Iterable[_Polynomial]) -> _Polynomial:
    total: _Polynomial = {}
    for part in parts:
        for monomial, value in part.items():
            total[monomial] = total.get(monomial, 0) + value
    return {m: v for m, v in total.items() if v}


def _product(parts: Iterable[_Polynomial]) -> _Polynomial:
    result: _Polynomial = {(): 1}
    for part in parts:
        total: _Polynomial = {}
        _accumulate(total, result, part)
        result = {m: v for m, v in total.items() if v}
    return result


def _accumulate(total: _Polynomial, left: _Polynomial, right: _Polynomial) -> None:
    """Add left · right to ``total``."""
    for p, u in left.items():
        for q, v in right.items():
            monomial = _times(p, q)
            total[monomial] = total.get(monomial, 0) + u * v


def _times(p: _Monomial, q: _Monomial) -> _Monomial:
    if not p:
        return q
    if not q:
        return p
    powers = dict(p)
    for number, power in q:
        powers[number] = powers.get(number, 0) + power
    return tuple(sorted(powers.items()))


def _power(base: _Polynomial, exponent: int) -> _Polynomial:
    return _product([base] * exponent)
