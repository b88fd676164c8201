"""Hypothesis strategies for properties of two-layer networks: exact, small and easy to read when they shrink.

Everything is a ``Fraction``, so that a property can be evaluated without rounding. Shrinking leads to small
numbers, few neurons and few samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from numerics.errors import InputError
from verify.networks import (
    CubicActivation,
    Data,
    Network,
    Point,
    RationalActivation,
    Sample,
    Unit,
    dot,
)


@dataclass(frozen=True)
class PolynomialActivation:
    """σ(u) = Σ_k coefficients[k] u^k, with exact value and derivative. A polynomial of degree 0 or more."""

    coefficients: tuple[Fraction, ...]

    def value(self, u: Fraction) -> Fraction:
        return sum((c * u**k for k, c in enumerate(self.coefficients)), Fraction(0))

    def derivative(self, u: Fraction) -> Fraction:
        return sum((k * c * u ** (k - 1) for k, c in enumerate(self.coefficients) if k), Fraction(0))


@dataclass(frozen=True)
class Neuron:
    """One neuron x ↦ a σ(w·x)."""

    a: Fraction
    w: Point


@dataclass(frozen=True)
class FiniteModel:
    """A network of width ``len(neurons)`` and a data set of equal weights: mean over samples (x, target)."""

    activation: PolynomialActivation
    neurons: tuple[Neuron, ...]
    samples: tuple[tuple[Point, Fraction], ...]

    def output(self, x: Sequence[Fraction]) -> Fraction:
        """f(x) = Σ_k a_k σ(w_k·x)."""
        return sum((n.a * self.activation.value(dot(n.w, x)) for n in self.neurons), Fraction(0))

    def risk(self) -> Fraction:
        """½ mean (f(x) − y)²."""
        total = sum(((self.output(x) - y) ** 2 for x, y in self.samples), Fraction(0))
        return total / (2 * len(self.samples))


def rationals(height: int = 8, *, nonzero: bool = False) -> SearchStrategy[Fraction]:
    """p/q with |p| ≤ height and 1 ≤ q ≤ height; shrinks to 0, or to 1 when ``nonzero``."""
    if height < 1:
        raise InputError(f"the height of rationals must be at least 1, not {height}")
    drawn = st.builds(Fraction, st.integers(-height, height), st.integers(1, height))
    return drawn.filter(bool) if nonzero else drawn


def points(dim: int, height: int = 4) -> SearchStrategy[Point]:
    """Points of ℚ^dim."""
    return st.tuples(*[rationals(height)] * dim)


def neurons(dim: int, height: int = 4) -> SearchStrategy[Neuron]:
    """One neuron with ``dim`` inner weights."""
    return st.builds(Neuron, rationals(height), points(dim, height))


def polynomial_activations(
    degree: int = 5, height: int = 4, *, odd: bool = False
) -> SearchStrategy[PolynomialActivation]:
    """σ(u) = u + c₃u³ + … up to ``degree``, so that σ(0) = 0, σ'(0) = 1 and σ''(0) = 0; odd powers only when
    ``odd``."""
    if degree < 1:
        raise InputError(f"the degree of an activation must be at least 1, not {degree}")
    higher = [st.just(Fraction(0)) if odd and k % 2 == 0 else rationals(height) for k in range(3, degree + 1)]
    start = (Fraction(0), Fraction(1), Fraction(0))[: degree + 1]
    return st.tuples(*higher).map(lambda c: PolynomialActivation((*start, *c)))


def finite_models(
    dim: int = 1,
    *,
    width: tuple[int, int] = (1, 3),
    samples: tuple[int, int] = (1, 3),
    height: int = 3,
    activations: SearchStrategy[PolynomialActivation] | None = None,
    symmetric: bool = False,
) -> SearchStrategy[FiniteModel]:
    """Finite networks with finite data.

    ``width`` and ``samples`` are (least, most). When ``symmetric``, each sample (x, y) comes with (−x, −y),
    so that the data are symmetric and the target is odd, and there are twice as many samples.
    """
    if dim < 1 or not 1 <= width[0] <= width[1] or not 1 <= samples[0] <= samples[1]:
        raise InputError(
            f"dim, width and samples must be at least 1 and ordered, not {dim}, {width}, {samples}"
        )
    pairs = st.lists(
        st.tuples(points(dim, height), rationals(height)), min_size=samples[0], max_size=samples[1]
    )

    def mirrored(drawn: list[tuple[Point, Fraction]]) -> tuple[tuple[Point, Fraction], ...]:
        return (*drawn, *((tuple(-c for c in x), -y) for x, y in drawn)) if symmetric else tuple(drawn)

    return st.builds(
        FiniteModel,
        polynomial_activations(height=height) if activations is None else activations,
        st.lists(neurons(dim, height), min_size=width[0], max_size=width[1]).map(tuple),
        pairs.map(mirrored),
    )


# -- whole networks that satisfy the paper's assumptions exactly


def class_activations(height: int = 3) -> SearchStrategy[CubicActivation | RationalActivation]:
    """Activations of Assumption 3, exact, with their constant L: u + cu³, the bounded u/(1 + cu²), and u itself."""
    bend = st.one_of(st.just(Fraction(0)), rationals(height, nonzero=True), rationals(height, nonzero=True))
    return st.one_of(st.builds(CubicActivation, bend), st.builds(RationalActivation, bend.map(abs)))


def symmetric_measures(dim: int = 1) -> SearchStrategy[tuple[tuple[Fraction, Point], ...]]:
    """Assumption 1 exactly: (weight, point) of a finite density that is symmetric in every coordinate, with unit second
    moments and no mixed ones.

    Each coordinate is ±1, or ±r and ±s with r < 1 < s; the density is their product, 2 to 4 points to the power `dim`.
    """
    if dim < 1:
        raise InputError(f"the dimension must be at least 1, not {dim}")
    signs = st.just(((Fraction(1, 2), Fraction(1)), (Fraction(1, 2), Fraction(-1))))
    inner = st.integers(0, 4).map(lambda n: Fraction(n, 5))
    outer = st.integers(6, 12).map(lambda n: Fraction(n, 5))
    laws = st.one_of(signs, st.builds(_four_points, inner, outer))
    return st.tuples(*[laws] * dim).map(_product)


def _four_points(r: Fraction, s: Fraction) -> tuple[tuple[Fraction, Fraction], ...]:
    share = (s * s - 1) / (s * s - r * r)
    near = ((share / 2, r), (share / 2, -r)) if r else ((share, r),)
    return (*near, ((1 - share) / 2, s), ((1 - share) / 2, -s))


def _product(laws: tuple[tuple[tuple[Fraction, Fraction], ...], ...]) -> tuple[tuple[Fraction, Point], ...]:
    points: list[tuple[Fraction, Point]] = [(Fraction(1), ())]
    for law in laws:
        points = [(weight * p, (*x, value)) for weight, x in points for p, value in law]
    return tuple(points)


def empirical_measures(
    dim: int = 1, points: tuple[int, int] = (1, 4), height: int = 3
) -> SearchStrategy[tuple[tuple[Fraction, Point], ...]]:
    """Remark 1: finitely many inputs of equal weight, each with its mirror image, and whatever second moments."""
    drawn = st.lists(_nonzero_points(dim, height), min_size=points[0], max_size=points[1])

    def mirrored(inputs: list[Point]) -> tuple[tuple[Fraction, Point], ...]:
        both = [*inputs, *(tuple(-c for c in x) for x in inputs)]
        return tuple((Fraction(1, len(both)), x) for x in both)

    return drawn.map(mirrored)


def _nonzero_points(dim: int, height: int) -> SearchStrategy[Point]:
    return points(dim, height).filter(any)


def aligned_data(dim: int = 1, height: int = 3) -> SearchStrategy[Data]:
    """Assumptions 1 and 2 exactly, with z = e₁: a symmetric measure, and a target with any values whose linear part is
    then set to x₁."""

    def with_target(measure: tuple[tuple[Fraction, Point], ...]) -> SearchStrategy[Data]:
        values = st.lists(rationals(height), min_size=len(measure), max_size=len(measure))
        return values.map(lambda y: _aligned(measure, y))

    return symmetric_measures(dim).flatmap(with_target)


def _aligned(measure: tuple[tuple[Fraction, Point], ...], values: Sequence[Fraction]) -> Data:
    dim = len(measure[0][1])
    rows = list(zip(measure, values, strict=True))
    z = [sum((p * y * x[i] for (p, x), y in rows), Fraction(0)) for i in range(dim)]
    z[0] -= 1
    return Data(tuple(Sample(p, x, y - dot(z, x)) for (p, x), y in rows))


#: Where on the way of a training run the weights of `stage_weights` stand.
STAGES = ("initial plateau", "initial descent", "secondary plateau")


def stage_weights(
    stage: str, dim: int = 1, *, width: tuple[int, int] = (1, 4), height: int = 3
) -> SearchStrategy[tuple[Unit, ...]]:
    """Weights at the scale of a stage; `width` is (least, most).

    "initial plateau": all entries at most 1/100 · height. "initial descent": a_k and w_k^(1) nearly equal and of a size
    that makes P any of 1/20 … 19/20 to within the difference, the other entries at most a tenth of 1/width.
    "secondary plateau": the same with P near 1.
    """
    if stage not in STAGES:
        raise InputError(f"there is no stage {stage!r}; the stages are {', '.join(STAGES)}")
    sizes = st.lists(rationals(height, nonzero=True), min_size=width[0], max_size=width[1])
    share = st.just(Fraction(1)) if stage == STAGES[2] else st.integers(1, 19).map(lambda n: Fraction(n, 20))
    small = st.builds(Fraction, st.integers(-height, height), st.just(100))
    if stage == STAGES[0]:
        unit = st.builds(Unit, small, st.tuples(*[small] * dim))
        return st.lists(unit, min_size=width[0], max_size=width[1]).map(tuple)

    def grown(profile: list[Fraction], P: Fraction) -> SearchStrategy[tuple[Unit, ...]]:
        norm = sum((v * v for v in profile), Fraction(0))
        # Output weights u·ξ and input weights (P/(u Σξ²))·ξ have Σ a w = P exactly, and u² ≈ P/Σξ².
        u = max(Fraction(float(P / norm) ** 0.5).limit_denominator(50), Fraction(1, 50))
        off = st.tuples(*[small.map(lambda c: c / len(profile))] * (dim - 1))
        rows = st.lists(st.tuples(small, off), min_size=len(profile), max_size=len(profile))
        return rows.map(
            lambda drawn: tuple(
                Unit(u * v + shift / len(profile), (P / (u * norm) * v, *rest))
                for v, (shift, rest) in zip(profile, drawn, strict=True)
            )
        )

    return st.tuples(sizes, share).flatmap(lambda drawn: grown(*drawn))


def networks(
    stage: str | None = None, dim: int = 1, *, width: tuple[int, int] = (1, 4), height: int = 3
) -> SearchStrategy[Network]:
    """Whole networks under Assumptions 1 to 3 with z = e₁, all of it exact; weights of a stage, or of any size."""
    if stage is None:
        unit = st.builds(Unit, rationals(height), points(dim, height))
        weights = st.lists(unit, min_size=width[0], max_size=width[1]).map(tuple)
    else:
        weights = stage_weights(stage, dim, width=width, height=height)
    return st.builds(Network, class_activations(height), weights, aligned_data(dim, height))
