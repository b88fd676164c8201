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

Point = tuple[Fraction, ...]


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


def dot(u: Sequence[Fraction], v: Sequence[Fraction]) -> Fraction:
    """u·v."""
    return sum((p * q for p, q in zip(u, v, strict=True)), Fraction(0))


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
