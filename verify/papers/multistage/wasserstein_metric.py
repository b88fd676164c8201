"""(13) makes sense: the Wasserstein distance of empirical measures is a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage import chosen
from verify.papers.multistage.paper import paper
from verify.papers.multistage.wasserstein import MEASURES

Points = tuple[Fraction, ...]


@dataclass(frozen=True)
class Three:
    """Three empirical measures of equally many points."""

    first: Points
    second: Points
    third: Points


def three_measures() -> Any:
    """Up to four points each, some of the measures equal or shifted copies of others."""
    from hypothesis import strategies as st

    number = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 3))

    def of(size: int) -> Any:
        points = st.lists(number, min_size=size, max_size=size).map(tuple)
        copied = st.builds(lambda u, v, c: Three(u, tuple(x + c for x in u[::-1]), v), points, points, number)
        return st.one_of(st.builds(Three, points, points, points), copied)

    return st.integers(1, 4).flatmap(of)


def power_of_distance(u: Points, v: Points, power: int, paired: bool = False) -> Fraction:
    """W_p^p; with `paired` the cost of pairing the points as they are listed, which is no distance of measures."""
    pairs = zip(u, v, strict=True) if paired else zip(sorted(u), sorted(v), strict=True)
    return sum((abs(x - y) ** power for x, y in pairs), Fraction(0)) / len(u)


def metric_check(root: bool = True, paired: bool = False) -> Check:
    """Symmetric, zero between equal measures only, and the triangle inequality; without `root` of W_p^p itself."""

    def triangle_broken(case: Three) -> bool:
        from flint import arb, fmpq

        power = int(chosen.order)
        sides = ((case.first, case.third), (case.first, case.second), (case.second, case.third))
        exact = [power_of_distance(u, v, power, paired) for u, v in sides]
        if not root or power == 1:
            return exact[0] > exact[1] + exact[2]
        balls = [arb(fmpq(value.numerator, value.denominator)).root(power) for value in exact]
        # Equality is allowed and cannot be seen in balls: what is not certainly broken holds.
        return bool(balls[0] > balls[1] + balls[2])

    def sound(case: Three) -> bool:
        power, u, v = int(chosen.order), case.first, case.second
        there, back = power_of_distance(u, v, power, paired), power_of_distance(v, u, power, paired)
        equal = sorted(u) == sorted(v)
        return there == back and (there == 0) == equal and not triangle_broken(case)

    return search.property(three_measures, sound)


def _squares_witness() -> str | None:
    """At 0, 1, 2 the squared distances are 1, 1 and 4."""
    power = int(chosen.order)
    found = abs(2 - 0) ** power
    if found > 1 + 1:
        return f"points 0, 1 and 2: |2 − 0|^{power} = {found} > 1 + 1"
    return None


def _paired_witness() -> str | None:
    """Equal measures listed in two orders."""
    import numpy as np

    from numerics.wasserstein import wasserstein2

    listed = np.array([0.0, 1.0])
    if wasserstein2(listed, listed[::-1]) == 0 and np.abs(listed - listed[::-1]).max() > 0:
        return "the points 0, 1 and 1, 0 are the same measure, and their pairs cost 1"
    return None


def _mutants() -> Sequence[Mutant]:
    listed = [
        ("power-in-place-of-root", "W_p^p in place of W_p", metric_check(root=False), _squares_witness),
        (
            "listed-pairs",
            "every neuron's own pair in place of the coupling",
            metric_check(paired=True),
            _paired_witness,
        ),
    ]
    return [
        Mutant(name, words, r"\text{" + words + "}", check.run, partial(witness))
        for name, words, check, witness in listed
    ]


paper.checked(
    "eq13.metric",
    metric_check(),
    title="The Wasserstein distance of empirical measures is a metric",
    where="Section 3.3, equation (13)",
    statement=(
        r"W_p(\mu, \nu) = W_p(\nu, \mu), \qquad W_p(\mu, \nu) = 0 \iff \mu = \nu, \qquad "
        r"W_p(\mu, \lambda) \le W_p(\mu, \nu) + W_p(\nu, \lambda)"
    ),
    hypotheses=(
        *MEASURES,
        r"exact measures of $m \le 4$ points; the distance is that of the sorted pairs, eq13",
    ),
    uses=("eq13",),
    basis="chosen",
    mutants=_mutants,
)
