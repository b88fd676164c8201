"""A formula in names, together with what the names stand for: P, f_k, r(x) for the sums and means that they are.

``Named(2 * Q * (1 - P), {P: Σ …, Q: ½ Σ …})`` keeps the formula as it is written; :func:`in_full` puts the meanings
in. A name is a symbol, or a :class:`NamedQuantity` of a neuron or of an input point, and a meaning may use the names
before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import sympy as sp

from theory.brackets import rewrite
from theory.errors import TheoryError
from theory.symbols import Coordinate, Neuron, Sample


class NamedQuantity(sp.Function):
    """A named quantity of a neuron or two, such as f_k, or of an input point, such as r(x): see :func:`quantity`.

    Brackets bind its arguments, so that Σ_j f_j w_j is a sum over both factors.
    """

    is_real = True
    is_commutative = True

    @property
    def title(self) -> str:
        """The name: a letter, and a number where it is an entry of a vector."""
        return str(self.args[0].name)

    def _latex(self, printer: sp.printing.latex.LatexPrinter, exp: str | None = None) -> str:
        index = re.search(r"\d*$", self.title)[0]  # type: ignore[index]
        letter = self.title.removesuffix(index)
        outputs = [one for one in self.args[1:] if isinstance(one, Coordinate) and one.slot == "a"]
        if outputs:
            label = "".join(re.sub(r"^a_\{(.*)\}$", r"\1", printer._print(one)) for one in outputs)
            shown = f"{letter}_{{{label}}}" + (f"^{{({index})}}" if index else "")
        else:
            shown = f"{letter}_{{{index}}}(x)" if index else f"{letter}(x)"
        if exp is None:
            return shown
        return rf"\left({shown}\right)^{{{exp}}}" if outputs and index else rf"{{{shown}}}^{{{exp}}}"


def quantity(name: str, *of: Neuron | Sample) -> NamedQuantity:
    r"""A name for a quantity of neurons or of an input point: a letter, perhaps ``\delta`` or ``\dot{a}``, and a number
    for an entry of a vector.

    TheoryError for another name.
    """
    if not re.fullmatch(r"([A-Za-z]|\\[a-z]+(\{[A-Za-z]\})?)\d*", name):
        raise TheoryError(f"A quantity is named by a letter and perhaps a number, not {name!r}.")
    made: NamedQuantity = NamedQuantity(sp.Symbol(name), *(c for one in of for c in one.coordinates))
    return made


class Named(sp.Expr):
    """A formula in names. ``stated`` is the formula, ``meanings`` the pairs (name, what it stands for)."""

    is_commutative = True

    def __new__(
        cls,
        stated: sp.Expr,
        meanings: Mapping[sp.Expr, sp.Expr] | Sequence[tuple[sp.Expr, sp.Expr]] | sp.Tuple,
    ) -> Named:
        listed = meanings.items() if isinstance(meanings, Mapping) else meanings
        pairs = [sp.Tuple(name, meaning) for name, meaning in listed]
        for name, _ in pairs:
            if not isinstance(name, sp.Symbol | NamedQuantity):
                raise TheoryError(f"A name is a symbol or a quantity, not {str(name)[:80]}.")
        made: Named = super().__new__(cls, sp.sympify(stated, strict=True), sp.Tuple(*pairs))
        return made

    @property
    def stated(self) -> sp.Expr:
        """The formula, in names."""
        return self.args[0]

    @property
    def meanings(self) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        """The names and what they stand for, in an order in which a meaning uses the names before it alone."""
        return tuple((pair.args[0], pair.args[1]) for pair in self.args[1].args)

    def restated(self, stated: sp.Expr) -> Named:
        """Another formula in the same names."""
        return Named(stated, self.args[1])

    def _latex(self, printer: sp.printing.latex.LatexPrinter) -> str:
        told = [f"{printer._print(name)} = {printer._print(meaning)}" for name, meaning in self.meanings]
        return ",\\quad ".join([printer._print(self.stated), *told])

    def _sympystr(self, printer: sp.printing.str.StrPrinter) -> str:
        return str(printer._print(self.stated))


def title_of(name: sp.Expr) -> str:
    """The name as text, as in "P" and "g2"."""
    return name.title if isinstance(name, NamedQuantity) else str(name)


def names_in(expr: sp.Expr, name: sp.Expr) -> bool:
    """Whether a name stands in an expression, also for another neuron or input point than its own."""
    if isinstance(name, NamedQuantity):
        return any(one.title == name.title for one in expr.atoms(NamedQuantity))
    return name in expr.free_symbols


def in_full(expr: sp.Expr) -> sp.Expr:
    """The expression with the meaning in the place of each name, if it is :class:`Named`."""
    if not isinstance(expr, Named):
        return expr
    result = expr.stated
    for name, meaning in reversed(expr.meanings):
        result = _put(result, name, meaning)
    return result


def _put(expr: sp.Expr, name: sp.Expr, meaning: sp.Expr) -> sp.Expr:
    def rule(node: sp.Expr) -> sp.Expr | None:
        if not isinstance(name, NamedQuantity):
            return meaning if node == name else None
        if not isinstance(node, NamedQuantity) or node.title != name.title:
            return None
        if len(node.args) != len(name.args):
            raise TheoryError(f"The quantity {name.title} is not of {node.args[1:]}.")
        return meaning.xreplace(dict(zip(name.args[1:], node.args[1:], strict=True)))

    return rewrite(expr, rule)
