"""Formulas in LaTeX as a person writes them: sums over neurons and means over the data with plain labels, vectors in
the arguments of functions, no minus sign in front that need not be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from theory.activation import Remainder, Sigma
from theory.brackets import Bracket, NeuronSum
from theory.naming import Named
from theory.network import Target
from theory.symbols import Coordinate

_NEURONS = ("j", "l", "n", "p")


class FormulaPrinter(LatexPrinter):  # type: ignore[misc]
    """Prints one formula; ``called`` gives symbols their LaTeX, ``order`` is that of the terms of a sum.

    Bound neurons are j, l, n from the outermost sum inwards, those that are free in the formula left out. A bound
    input point is x, with a prime for each mean that it stands in beside its own.
    """

    def __init__(self, called: Mapping[sp.Symbol, str], order: str | None) -> None:
        super().__init__({"symbol_names": dict(called), "order": order, "inv_trig_style": "full"})
        self._labels: dict[tuple[str, int], str] = {}
        self._dim = 0
        self._free: frozenset[str] = frozenset()

    def doprint(self, expr: Any) -> str:
        expr = expr.stated if isinstance(expr, Named) else expr
        coordinates = {c for c in _atoms(expr) if isinstance(c, Coordinate)}
        self._dim = max((int(c.slot[1:] or 0) for c in coordinates), default=0)
        self._free = frozenset(c.label for c in coordinates if c.label)
        return str(super().doprint(expr))

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if isinstance(expr, Bracket):
            return self._bracket(expr)
        if isinstance(expr, Coordinate):
            label = expr.label if expr.space == "neuron" else ""
            return expr.latex_at(self._labels.get((expr.space, expr.height), label))
        if isinstance(expr, Sigma | Remainder | Target):
            vector = self._vector(expr)
            if vector:
                shown = vector if "exp" not in kwargs else rf"{{{vector}}}^{{{kwargs['exp']}}}"
                return str(shown)
        return str(super()._print(expr, **kwargs))

    def _bracket(self, expr: Bracket) -> str:
        opened = [label for (space, _), label in self._labels.items() if space == expr.space]
        outer = dict(self._labels)
        is_sum = isinstance(expr, NeuronSum)
        if is_sum:
            label = next(one for one in _NEURONS if one not in opened and one not in self._free)
        else:
            label = "'" * len(opened)
        self._labels[expr.space, expr.height] = label
        body = self._print(expr.args[0])
        self._labels = outer
        return rf"\sum_{{{label}}} {body}" if is_sum else rf"\int {body}\,\rho"

    def _vector(self, expr: Any) -> str:
        """σ(w_k·x), δ(w_k·x), f*(x) where the argument is a whole vector of two entries or more; else ""."""
        if self._dim < 2:
            return ""
        whole = [str(i) for i in range(1, self._dim + 1)]
        if isinstance(expr, Target):
            same = len({c.height for c in expr.args if isinstance(c, Coordinate)}) == 1
            primes = self._primes(expr.args[0]) if same and len(expr.args) == self._dim else ""
            return rf"f^{{*}}(x{primes})" if same and len(expr.args) == self._dim else ""
        pairs = [
            sorted(term.args, key=lambda c: getattr(c, "space", "")) if term.is_Mul else []
            for term in sp.Add.make_args(expr.args[-1])
        ]
        if not all(len(pair) == 2 and all(isinstance(c, Coordinate) for c in pair) for pair in pairs):
            return ""
        weights, inputs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        one_each = (
            len({(c.label, c.height) for c in weights}) == 1 == len({(c.label, c.height) for c in inputs})
        )
        indices = sorted(c.slot[1:] for c in weights)
        fits = all(p.slot[0] == "w" and q.slot == f"x{p.slot[1:]}" for p, q in pairs)
        if not (one_each and fits and indices == whole):
            return ""
        neuron = str(self._print(weights[0])).split("^")[0]
        symbol = sp.Symbol("u")
        alone = super()._print(expr.func(*expr.args[:-1], symbol))
        return str(alone).replace(r"\left(u\right)", rf"({neuron}\cdot x{self._primes(inputs[0])})")

    def _primes(self, coordinate: Any) -> str:
        return self._labels.get((coordinate.space, coordinate.height), "")

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        if isinstance(expr, NeuronSum) and not last:
            return True
        return bool(super()._needs_mul_brackets(expr, first=first, last=last))

    def _print_Mul(self, expr: Any) -> str:
        factor, rest = expr.as_coeff_Mul()
        if factor.is_Rational and not factor.is_Integer and factor > 0 and rest.has(Bracket):
            return rf"\frac{{{factor.p}}}{{{factor.q}}} {self._print(rest)}"
        return str(super()._print_Mul(expr))

    def _print_Add(self, sum_: Any, order: Any = None) -> str:
        terms = self._as_ordered_terms(sum_, order=order)
        first = next((i for i, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        terms = [terms[first], *terms[:first], *terms[first + 1 :]]
        text = ""
        for i, term in enumerate(terms):
            negative = i > 0 and term.could_extract_minus_sign()
            one = self._print(-term if negative else term)
            if self._needs_add_brackets(term):
                one = rf"\left({one}\right)"
            text += (" - " if negative else " + " if i else "") + one
        return text

    def parenthesize_super(self, s: str) -> str:
        # A norm or an inner product with an index above in it needs no brackets of its own.
        for left, right in ((r"\lVert", r"\rVert"), (r"\langle", r"\rangle")):
            if s.startswith(left) and s.endswith(right) and s.count(left) == 1:
                return s
        return str(super().parenthesize_super(s))

    def _print_Abs(self, expr: Any, exp: Any = None) -> str:
        text = rf"\left|{self._print(expr.args[0])}\right|"
        return text if exp is None else rf"{text}^{{{exp}}}"

    def _print_And(self, e: Any) -> str:
        parts = sorted(e.args, key=sp.default_sort_key)
        printed = [(self._print(one), isinstance(one, sp.core.relational.Relational)) for one in parts]
        return r",\quad ".join(one if plain else rf"\left({one}\right)" for one, plain in printed)


def _atoms(expr: Any) -> set[Any]:
    """Free and bound symbols: SymPy's own atoms leave nothing out, as bodies are arguments of brackets."""
    return set(expr.atoms(sp.Symbol))
