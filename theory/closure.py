"""Closures: what is put for the moments that a set of order parameters does not determine.

A closure is a function Bracket → Expr | None, as :func:`theory.reduce.reduce` takes it; it may answer in order
parameters or in sums over neurons that these determine, and None leaves the moment alone. A closure is a model, not a
theorem: how far it carries is for a simulation to say.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from theory.brackets import Bracket, NeuronSum, rewrite
from theory.errors import TheoryError
from theory.reduce import Closure
from theory.symbols import Coordinate, width


def _letters(bracket: Bracket) -> tuple[Coordinate, ...] | None:
    """The bound coordinates of a moment, each as often as its exponent says; None if it is not a monomial."""
    if not isinstance(bracket, NeuronSum):
        return None
    letters: list[Coordinate] = []
    for factor in sp.Mul.make_args(bracket.args[0]):
        base, exponent = factor.as_base_exp()
        if not (isinstance(base, Coordinate) and exponent.is_Integer and exponent > 0):
            return None
        letters += [base] * int(exponent)
    return tuple(letters)


def drop_above(degree: int) -> Closure:
    """Moments of a degree above ``degree`` are put to zero."""

    def closure(bracket: Bracket) -> sp.Expr | None:
        letters = _letters(bracket)
        return sp.S.Zero if letters is not None and len(letters) > degree else None

    return closure


def gaussian(*, centred: bool = True) -> Closure:
    """Moments above the second as those of a Gaussian with the same first and second moments (Isserlis, Wick).

    Over m neurons Σ_k φ is m times the mean of φ over the distribution of neurons; with ``centred`` its mean is put to
    zero, and so are all moments of odd degree above the second. Exact in the limit of infinite width where neurons are
    Gaussian: at initialisation, and as long as the drift is linear in a neuron's own weights.
    """

    def mean(letters: tuple[Coordinate, ...]) -> sp.Expr:
        return NeuronSum.close(sp.Mul(*letters), {c: c.slot for c in letters}) / width

    def centre(letter: Coordinate) -> sp.Expr:
        return sp.S.Zero if centred else mean((letter,))

    def covariance(first: Coordinate, second: Coordinate) -> sp.Expr:
        return mean((first, second)) - centre(first) * centre(second)

    known: dict[tuple[Coordinate, ...], sp.Expr] = {}

    def moment(letters: tuple[Coordinate, ...]) -> sp.Expr:
        # E[x₁x₂…x_n] = E x₁ E[x₂…x_n] + Σ_j Cov(x₁, x_j) E[the rest]
        if not letters:
            return sp.S.One
        if letters not in known:
            first, rest = letters[0], letters[1:]
            total = centre(first) * moment(rest)
            for j, other in enumerate(rest):
                total += covariance(first, other) * moment(rest[:j] + rest[j + 1 :])
            known[letters] = sp.expand(total)
        return known[letters]

    def closure(bracket: Bracket) -> sp.Expr | None:
        letters = _letters(bracket)
        if letters is None or len(letters) <= 2:
            return None
        return sp.expand(width * moment(letters))

    return closure


def table(values: Mapping[sp.Expr, sp.Expr]) -> Closure:
    """A user's own closure from a table: sum over neurons → expression.

    Raises
    ------
    TheoryError
        If a key is not a single sum over neurons.
    """
    for key in values:
        if not isinstance(key, NeuronSum):
            raise TheoryError(f"A closure is a table from single sums over neurons; {key} is not one.")
    return dict(values).get


def first_of(*closures: Closure) -> Closure:
    """The first answer of several closures that is not None."""

    def closure(bracket: Bracket) -> sp.Expr | None:
        return next((value for c in closures if (value := c(bracket)) is not None), None)

    return closure


def apply_closure(expr: sp.Expr, closure: Closure) -> sp.Expr:
    """A closure put into any expression, for example into the drift of a particle system."""

    def rule(node: sp.Expr) -> sp.Expr | None:
        return closure(node) if isinstance(node, NeuronSum) else None

    return sp.expand(rewrite(expr, rule))
