"""What the data model replaces, against finite data sets with the same moments."""

from __future__ import annotations

import pytest
import sympy as sp

from theory import (
    AssumptionViolated,
    DataMean,
    DataModel,
    InexactConstant,
    Neuron,
    Sample,
    Target,
    TheoryError,
    aligned,
    dot,
    general,
    random_model,
)
from theory.data import moment, target_moment


def mean(expr: sp.Expr, dim: int) -> sp.Expr:
    return DataMean(expr, Sample("x", dim))


def test_odd_moments_vanish_and_second_ones_are_the_identity() -> None:
    x1, x2 = Sample("x", 2).x
    data = aligned(2)
    assert data.apply(mean(x1**2 + 3 * x1 * x2 + x2**2 + x1 + x1**2 * x2, 2)) == 2
    assert data.apply(mean(x1**3 * x2, 2)) == moment((3, 1))
    assert data.apply(mean(x1**2 * x2**2, 2)) == moment((2, 2))


def test_target_moments() -> None:
    x1, x2 = Sample("x", 2).x
    f = Target(x1, x2)
    data = aligned(2)
    assert data.apply(mean(f * x1, 2)) == 1
    assert data.apply(mean(f * x2, 2)) == 0
    assert data.apply(mean(f, 2)) == target_moment((0, 0))
    assert data.apply(mean(f * x1 * x2**2, 2)) == target_moment((1, 2))
    assert aligned(2, norm=sp.Symbol("q")).apply(mean(f * x1, 2)) == sp.Symbol("q")


def test_symmetry_says_nothing_of_the_target() -> None:
    (x,) = Sample("x", 1).x
    assert aligned(1).apply(mean(Target(x) * x**2, 1)) == target_moment((2,))


def test_without_symmetry_odd_moments_stay() -> None:
    x1, x2 = Sample("x", 2).x
    data = general(2, symmetric=False)
    assert data.apply(mean(x1, 2)) == moment((1, 0))
    assert data.apply(mean(x1 * x2**2, 2)) == moment((1, 2))


def test_what_is_no_monomial_stays() -> None:
    (x,) = Sample("x", 1).x
    w = Neuron("k", 1).w[0]
    for body in (sp.exp(w * x), Target(x) ** 2 * x, 1 / (1 + x**2), sp.Abs(x)):
        assert aligned(1).apply(mean(body, 1)) == mean(body, 1)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("isotropic", [True, False])
def test_general_moments_have_their_value_in_finite_data(dim: int, isotropic: bool) -> None:
    model = random_model(3 + dim, dim, aligned=isotropic)
    k, s = Neuron("k", dim), Sample("x", dim)
    inner = dot(k.w, s.x)
    polynomial = inner**2 + Target(*s.x) * inner + Target(*s.x) * inner**3 + inner**4 + 1
    named = general(dim, isotropic=isotropic, symmetric=False).apply(mean(polynomial, dim))
    assert not named.has(DataMean)
    assert model.interpret(named) == model.interpret(mean(polynomial, dim))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_aligned_moments_have_their_value_in_aligned_data(dim: int) -> None:
    model = random_model(11, dim)
    k, s = Neuron("k", dim), Sample("x", dim)
    polynomial = sp.expand((dot(k.w, s.x) + 1) ** 4 + Target(*s.x) * (dot(k.w, s.x) + 1) ** 2)
    assert model.interpret(aligned(dim).apply(mean(polynomial, dim))) == model.interpret(
        mean(polynomial, dim)
    )


def test_refusals() -> None:
    one, two = sp.ImmutableMatrix([[1]]), sp.ImmutableMatrix([[1, 0], [2, 1]])
    with pytest.raises(AssumptionViolated, match="Assumption 2"):
        DataModel(1, one, (sp.S.Zero,))
    with pytest.raises(AssumptionViolated, match="symmetric"):
        DataModel(2, two, (sp.S.One, sp.S.Zero))
    with pytest.raises(TheoryError, match="length 2"):
        DataModel(2, sp.ImmutableMatrix(sp.eye(2)), (sp.S.One,))
    with pytest.raises(TheoryError, match="2 × 2"):
        DataModel(2, one, (sp.S.One, sp.S.Zero))
    with pytest.raises(InexactConstant, match="Rational"):
        DataModel(1, one, (sp.Float(1),))
    with pytest.raises(TheoryError, match="positive integer"):
        aligned(0)


def test_an_input_of_another_dimension_is_refused() -> None:
    x1, x2 = Sample("x", 2).x
    with pytest.raises(TheoryError):
        aligned(1).apply(mean(x1 * x2, 2))


def test_a_target_at_another_point_is_no_moment() -> None:
    """∫ f*(x2, x1) x1 ρ is not z_1, and ∫ f*(−x) x ρ is not z."""
    x1, x2 = Sample("x", 2).x
    swapped = mean(Target(x2, x1) * x1, 2)
    assert aligned(2).apply(swapped) == swapped
    negated = mean(Target(-Sample("x", 1).x[0]) * Sample("x", 1).x[0], 1)
    assert aligned(1).apply(negated) == negated
