"""Section 3.3: the Wasserstein distance of input and output weights, (13), and its bound by a coupling, (14)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import permutations
from typing import Any

import sympy as sp

from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage import chosen
from verify.papers.multistage.paper import paper
from verify.stating import implication

MEASURES = (
    r"$\mu = \frac1m\sum_k \delta_{a_k}$, $\nu = \frac1m\sum_k \delta_{w_k^{(1)}}$, $p$ chosen (2 unless set): the "
    "empirical distributions of the weights",
)

_a, _b, _u, _v = sp.symbols("a b u v", real=True)

paper.inequality(
    "eq13.swap",
    sp.Le((_a - _u) ** 2 + (_b - _v) ** 2, (_a - _v) ** 2 + (_b - _u) ** 2, evaluate=False),
    assuming=(sp.Le(_a, _b, evaluate=False), sp.Le(_u, _v, evaluate=False)),
    title="Two pairs that cross cost no less than the same pairs in order; Birkhoff's theorem left to the reader",
    where="Section 3.3, equation (13)",
    hypotheses=(
        r"so that the sorted pairing is the cheapest one; of all couplings of two sets of $m$ points the cheapest is a "
        "pairing (Birkhoff; not part of the check)",
    ),
    basis="derived",
    statement=implication(),
)


@dataclass(frozen=True)
class Case:
    """Weights (a_k, w_k^(1)) of a few neurons, exact."""

    neurons: tuple[tuple[Fraction, Fraction], ...]


def cases() -> Any:
    """Up to five neurons, with ties."""
    from hypothesis import strategies as st

    number = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 3))
    return st.lists(st.tuples(number, number), min_size=1, max_size=5).map(lambda rows: Case(tuple(rows)))


def by_sorting(case: Case) -> Fraction:
    """W_p^p of the sorted pairing."""
    first, second = (sorted(neuron[i] for neuron in case.neurons) for i in (0, 1))
    return _cost(first, second)


def by_pairings(case: Case) -> Fraction:
    """The smallest cost of all pairings."""
    first, second = ([neuron[i] for neuron in case.neurons] for i in (0, 1))
    return min(_cost(first, chosen) for chosen in permutations(second))


def by_neurons(case: Case) -> Fraction:
    """(14): every neuron's own pair."""
    return _cost([a for a, _ in case.neurons], [w for _, w in case.neurons])


def _cost(first: Sequence[Fraction], second: Sequence[Fraction]) -> Fraction:
    power = int(chosen.order)
    return sum((abs(x - y) ** power for x, y in zip(first, second, strict=True)), Fraction(0)) / len(first)


def in_double_precision(case: Case) -> float:
    """W_2² by ``numerics.wasserstein``, which integrates quantile functions."""
    import numpy as np

    from numerics.wasserstein import wasserstein2

    points = np.array([[float(a), float(w)] for a, w in case.neurons])
    return wasserstein2(points[:, 0], points[:, 1]) ** 2


Value = Callable[[Case], Fraction]


def distance_check(value: Value, factor: Fraction = Fraction(1)) -> Check:
    """factor · value is W_p^p, the smallest of all pairings, and for p = 2 so is what the simulations compute."""

    def predicate(case: Case) -> bool:
        found = factor * value(case)
        if found != by_pairings(case):
            return False
        return int(chosen.order) != 2 or abs(float(found) - in_double_precision(case)) <= 1e-12 * (1 + found)

    return search.property(cases, predicate, confirm=lambda case: factor * value(case) != by_pairings(case))


def bound_check(factor: Fraction = Fraction(1), strict: bool = False) -> Check:
    """W_p^p ≤ factor · (14)."""

    def predicate(case: Case) -> bool:
        left, right = by_sorting(case), factor * by_neurons(case)
        return left < right if strict else left <= right

    def confirm(case: Case) -> bool:
        left, right = by_pairings(case), factor * by_neurons(case)
        return left >= right if strict else left > right

    def towards(case: Case) -> float:
        right = factor * by_neurons(case)
        return float(by_sorting(case) / right) if right else float("nan")

    return search.property(cases, predicate, confirm=confirm, towards=towards)


_PROBES = (
    Case(((Fraction(0), Fraction(1)),)),
    Case(((Fraction(0), Fraction(3)), (Fraction(3), Fraction(0)))),
    Case(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(2)))),
)


def _by_graph(case: Case) -> float:
    """W_p^p as an assignment problem, by SciPy."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    points = np.array([[float(a), float(w)] for a, w in case.neurons])
    cost = np.abs(points[:, :1] - points[:, 1]) ** int(chosen.order)
    return float(cost[linear_sum_assignment(cost)].mean())


def distance_witness(value: Value, factor: Fraction) -> str | None:
    for case in _PROBES:
        stated, found = float(factor * value(case)), _by_graph(case)
        if abs(stated - found) > 1e-9:
            return f"{_shown(case)}: the cheapest assignment costs {found:.6g}, not {stated:.6g}"
    return None


def bound_witness(factor: Fraction, strict: bool) -> str | None:
    for case in _PROBES:
        stated = (
            sum(abs(float(a) - float(w)) ** int(chosen.order) for a, w in case.neurons)
            / len(case.neurons)
            * float(factor)
        )
        found = _by_graph(case)
        if found > stated + 1e-9 or (strict and abs(found - stated) <= 1e-12):
            return f"{_shown(case)}: the cheapest assignment costs {found:.6g}, the bound is {stated:.6g}"
    return None


def _shown(case: Case) -> str:
    return "(a, w) = " + "; ".join(f"({a}, {w})" for a, w in case.neurons)


def _distance_mutants() -> Sequence[Mutant]:
    listed: list[tuple[str, str, Value, Fraction]] = [
        ("own-pairs", "every neuron's own pair in place of the sorted ones", by_neurons, Fraction(1)),
        ("reversed", "one side sorted downwards", by_reversed, Fraction(1)),
        ("factor-half", "half of the cost", by_sorting, Fraction(1, 2)),
        ("factor-two", "twice the cost", by_sorting, Fraction(2)),
    ]
    return [
        Mutant(
            name,
            words,
            r"W_p^p = \text{" + words + "}",
            distance_check(value, factor).run,
            partial(distance_witness, value, factor),
        )
        for name, words, value, factor in listed
    ]


def by_reversed(case: Case) -> Fraction:
    """The most expensive pairing."""
    first, second = (sorted(neuron[i] for neuron in case.neurons) for i in (0, 1))
    return _cost(first, second[::-1])


def bound_latex(factor: Fraction = Fraction(1), strict: bool = False) -> str:
    sign = "<" if strict else r"\le"
    shown = "" if factor == 1 else sp.latex(sp.Rational(factor)) + r"\,"
    return rf"W_p^p(\mu, \nu) {sign} {shown}\frac1m \sum_k \bigl|a_k - w_k^{{(1)}}\bigr|^p"


def _bound_mutants() -> Sequence[Mutant]:
    listed = [
        ("tenth-less", "bound a tenth smaller", Fraction(9, 10), False),
        ("half", "bound halved", Fraction(1, 2), False),
        ("strict", "< in place of ≤", Fraction(1), True),
    ]
    return [
        Mutant(
            name,
            words,
            bound_latex(factor, strict),
            bound_check(factor, strict).run,
            partial(bound_witness, factor, strict),
        )
        for name, words, factor, strict in listed
    ]


paper.checked(
    "eq13",
    distance_check(by_sorting),
    title="The Wasserstein distance of the weights is that of the sorted pairs",
    where="Section 3.3, equation (13)",
    statement=(
        r"W_p^p(\mu, \nu) = \min_\pi \frac1m \sum_k \bigl|a_k - w_{\pi(k)}^{(1)}\bigr|^p = "
        r"\frac1m \sum_k \bigl|a_{(k)} - w_{(k)}^{(1)}\bigr|^p"
    ),
    hypotheses=(
        *MEASURES,
        r"exact weights, $m \le 5$, all $m!$ pairings; for $p = 2$ the values that the simulations report agree to "
        "rounding",
    ),
    uses=("eq13.swap",),
    basis="chosen",
    mutants=_distance_mutants,
)

paper.checked(
    "eq14",
    bound_check(),
    title="The Wasserstein distance is at most the cost of every neuron's own pair",
    where="Section 3.3, equation (14)",
    statement=bound_latex(),
    hypotheses=(
        *MEASURES,
        r"exact weights, $m \le 5$",
        r"for $p = 2$ the right side is $2(Q - P)/m$ by eq18.order",
    ),
    uses=("eq13", "eq18.order"),
    mutants=_bound_mutants,
)

_w = sp.Symbol("w", real=True)
_norm, _rest = sp.symbols("N W", nonnegative=True)

paper.inequality(
    "eq14.amplitude",
    sp.Le((sp.Abs(_a) - _norm) ** 2, (_a - _w) ** 2 + _rest**2, evaluate=False),
    assuming=(sp.Eq(_norm**2, _w**2 + _rest**2, evaluate=False),),
    title="The same bound for the amplitudes, neuron by neuron",
    where="Section 3.3, equation (14); Corollaries 1 and 4",
    hypotheses=(
        r"$W_k^2 = \sum_{i\ge 2} (w_k^{(i)})^2$",
        r"summed over $k$: $W_2^2$ of the amplitudes is at most $\frac1m\sum_k \bigl[(a_k - w_k^{(1)})^2 + "
        r"\sum_{i\ge 2} (w_k^{(i)})^2\bigr]$",
    ),
    uses=("eq14",),
    basis="derived",
    statement=implication({_a: "a_k", _w: "w_k^{(1)}", _rest: "W_k", _norm: r"\lVert w_k\rVert"}),
)
