"""A search for networks that break Lemma 1: f_k and g_k written out in balls, on networks near the worst case.

The networks are exact (rational weights, data and targets). Half of them are as extreme as the lemma allows: all
neurons equal, the inputs along w, and |a| equal to ‖w‖ or to the largest entry of w.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from flint import arb
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from numerics.balls.subdivision import ball
from numerics.precision import working_precision
from theory.codegen import ball_expression
from theory.estimates import D, F, L, q
from theory.symbols import width

BITS = 200

DIRECTIONS: dict[int, tuple[tuple[Fraction, ...], ...]] = {
    1: ((Fraction(1),),),
    2: ((Fraction(3, 5), Fraction(4, 5)), (Fraction(1), Fraction(0))),
    3: ((Fraction(1, 3), Fraction(2, 3), Fraction(2, 3)),),
    4: ((Fraction(1, 2),) * 4,),
    9: ((Fraction(1, 3),) * 9,),
}
"""Rational unit vectors by dimension."""

SLOPES: dict[str, Fraction | None] = {
    "tanh": Fraction(1),
    "arctan": Fraction(1),
    "sin": Fraction(1, 2),
    "gd": Fraction(1, 2),
    "rational": Fraction(3, 2),
    "erf": None,
    "cubic": None,
}
"""L of Assumption 3; π/4 for erf, 3|c| for the cubic u + cu³."""


@dataclass(frozen=True)
class Case:
    """A network and its data. ``cubic`` is c where the activation is u + cu³."""

    activation: str
    cubic: Fraction
    neurons: tuple[tuple[Fraction, tuple[Fraction, ...]], ...]
    samples: tuple[tuple[tuple[Fraction, ...], Fraction], ...]


@dataclass(frozen=True)
class Bound:
    """A stated bound, in L, D, F, q and m, and the norm of w_k in q: 2, or "max"."""

    expression: sp.Expr
    norm: str = "2"


def cases() -> SearchStrategy[Case]:
    """Networks in dimensions 1 to 9, at scales from 1/1000 to 30."""
    return st.sampled_from(sorted(DIRECTIONS)).flatmap(_in_dimension)


@cache
def _in_dimension(dim: int) -> SearchStrategy[Case]:
    small = st.builds(Fraction, st.integers(-4, 4), st.integers(1, 4))
    scale = st.sampled_from([Fraction(1), Fraction(1, 10), Fraction(1, 1000), Fraction(3), Fraction(30)])
    cubic = st.sampled_from([Fraction(s * n, 3) for n in (1, 2, 3) for s in (1, -1)])
    name = st.one_of(st.just("cubic"), st.sampled_from(sorted(SLOPES)))
    vectors = st.tuples(*[small] * dim)

    def scaled(size: Fraction, rows: list[tuple[Fraction, tuple[Fraction, ...]]]) -> Any:
        return tuple((size * a, tuple(size * wi for wi in w)) for a, w in rows)

    generic = st.builds(
        Case,
        name,
        cubic,
        st.builds(scaled, scale, st.lists(st.tuples(small, vectors), min_size=1, max_size=3)),
        st.lists(st.tuples(vectors, small), min_size=1, max_size=3).map(tuple),
    )

    def extreme(
        activation: str,
        c: Fraction,
        size: Fraction,
        count: int,
        direction: tuple[Fraction, ...],
        reach: Fraction,
        outer: Fraction,
        value: Fraction,
    ) -> Case:
        w = tuple(size * e for e in direction)
        x = tuple(reach * e for e in direction)
        a = outer * size * (1 if abs(outer) == 1 else max(direction))
        return Case(activation, c, ((a / abs(outer), w),) * count, ((x, value),))

    # ±1: |a| = ‖w‖; ±2: |a| is the largest entry of w.
    outer = st.sampled_from([Fraction(n) for n in (1, -1, 2, -2)])
    reach = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2)])
    value = st.sampled_from([Fraction(n) for n in (0, 0, 1, 50, -50)])
    worst = st.builds(
        extreme, name, cubic, scale, st.integers(1, 3), st.sampled_from(DIRECTIONS[dim]), reach, outer, value
    )
    return st.one_of(worst, generic)


def holds(case: Case, bound: Bound) -> bool:
    """False only if a ball shows |f_k| or ‖g_k‖ above the bound for some k."""
    with working_precision(BITS):
        largest, limit = remainders(case), bound_of(case, bound)
        return not any(value.is_finite() and limit.is_finite() and value > limit for value in largest)


def share(case: Case, bound: Bound) -> float:
    """The largest of |f_k| and ‖g_k‖ over the bound: above 1 is a violation. NaN where the bound is 0."""
    with working_precision(BITS):
        limit = bound_of(case, bound)
        return max(float((value / limit).mid()) for value in remainders(case)) if limit > 0 else float("nan")


def bound_of(case: Case, bound: Bound) -> arb:
    """The bound's value for this network and its data."""
    inputs = [_norm(x, "2") for x, _ in case.samples]
    target = sum((abs(ball(y)) for _, y in case.samples), arb(0)) / len(case.samples)
    size = arb(0)
    for a, w in case.neurons:
        size = size.max(abs(ball(a))).max(_norm(w, bound.norm))
    radius = arb(0)
    for norm in inputs:
        radius = radius.max(norm)
    (value,) = _code(bound.expression)(constant(case), radius, target, size, arb(len(case.neurons)))
    limit: arb = value
    return limit


@cache
def _code(expression: sp.Expr) -> Callable[..., Any]:
    return ball_expression([expression], [L, D, F, q, width], "bound")


def constant(case: Case) -> arb:
    """L of the case's activation."""
    if case.activation == "erf":
        return arb.pi() / 4
    known = SLOPES[case.activation]
    return ball(3 * abs(case.cubic) if known is None else known)


def remainders(case: Case) -> list[arb]:
    """|f_k| of (8) and ‖g_k‖ of (9) for every neuron k, written out."""
    points = [([ball(xi) for xi in x], ball(y)) for x, y in case.samples]
    neurons = [(ball(a), [ball(wi) for wi in w]) for a, w in case.neurons]
    output = [sum((a * _sigma(case, _dot(w, x)) for a, w in neurons), arb(0)) for x, _ in points]
    bent = [sum((a * _delta(case, _dot(w, x)) for a, w in neurons), arb(0)) for x, _ in points]
    n = len(points)
    values = []
    for a, w in neurons:
        f = arb(0)
        g = [arb(0)] * len(w)
        for (x, y), out, b in zip(points, output, bent, strict=True):
            u = _dot(w, x)
            f -= ((out - y) * _delta(case, u) + b * u) / n
            pull = a * ((out - y) * (_slope(case, u) - 1) + b) / n
            g = [gi - pull * xi for gi, xi in zip(g, x, strict=True)]
        values += [abs(f), _length(g)]
    return values


def _sigma(case: Case, u: arb) -> arb:
    match case.activation:
        case "tanh":
            return u.tanh()
        case "arctan":
            return u.atan()
        case "sin":
            return u.sin()
        case "erf":
            return (arb.pi().sqrt() * u / 2).erf()
        case "rational":
            return u / (1 + u * u).sqrt()
        case "gd":
            return 2 * (u / 2).tanh().atan()
    return u + ball(case.cubic) * u * u * u


def _delta(case: Case, u: arb) -> arb:
    return _sigma(case, u) - u


def _slope(case: Case, u: arb) -> arb:
    match case.activation:
        case "tanh":
            return 1 - u.tanh() ** 2
        case "arctan":
            return 1 / (1 + u * u)
        case "sin":
            return u.cos()
        case "erf":
            return (-arb.pi() * u * u / 4).exp()
        case "rational":
            return 1 / (1 + u * u).sqrt() ** 3
        case "gd":
            return u.sech()
    return 1 + 3 * ball(case.cubic) * u * u


def _dot(left: list[arb], right: list[arb]) -> arb:
    return sum((p * r for p, r in zip(left, right, strict=True)), arb(0))


def _norm(vector: tuple[Fraction, ...], kind: str) -> arb:
    if kind == "max":
        return ball(max(abs(v) for v in vector))
    return ball(sum((v * v for v in vector), Fraction(0))).sqrt()


def _length(vector: list[arb]) -> arb:
    # The square of a ball around 0 may reach below 0; its square root would be NaN.
    square = sum((v * v for v in vector), arb(0))
    return square.nonnegative_part().sqrt()
