"""Assumptions 1 and 2 checked exactly, and z as an eigenvector of M₂."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

import theory
from theory import (
    AssumptionViolated,
    Ball,
    Box,
    Empirical,
    Task,
    TheoryError,
    TruncatedGaussian,
    check_assumption_1,
    check_assumption_2,
    data_model,
    eigenvector_of_second_moments,
    equations,
    normalised,
    tanh_like,
    with_bias,
)

x, x1, x2 = sp.symbols("x x1 x2")
TILTED = [[1, 0], [-1, 0], [0, 2], [0, -2]]


def test_the_radius_of_what_satisfies_assumption_1() -> None:
    assert check_assumption_1(Box(sp.sqrt(3))) == sp.sqrt(3)
    assert check_assumption_1(normalised(Box(1, 5))) == sp.sqrt(6)
    assert check_assumption_1(normalised(Ball(3, 2))) == sp.sqrt(5)
    radius = check_assumption_1(normalised(TruncatedGaussian(1, 2)))
    assert float(radius) == pytest.approx(
        2 / 0.8796256610342398, rel=1e-12
    )  # √var of scipy's truncnorm(-2, 2)
    assert check_assumption_1(Empirical.of([1, -1])) == 1


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda: check_assumption_1(Box(1)), r"∫ x1 x1 ρ = 1/3, not 1; normalise"),
        (lambda: check_assumption_1(Empirical.of([[1, 1], [-1, -1]])), r"∫ x1 x2 ρ = 1, not 0"),
        (lambda: check_assumption_1(Empirical.of([1, 2])), r"not symmetric \(∫ x1 ρ = 3/2"),
        (lambda: check_assumption_1(with_bias(Box(sp.sqrt(3)))), r"∫ x2 ρ = 1, not 0"),
        (lambda: check_assumption_1(Empirical.of([-2, 1, 1])), r"∫ x1\^3 ρ = -2"),
        (lambda: check_assumption_2(Task(Box(1), sp.cos(x))), "Assumption 2"),
        (lambda: check_assumption_2(Task(Empirical.of([1, -1], labels=[1, 1]))), "z ≠ 0"),
    ],
)
def test_violations_name_the_moment_and_the_way_out(check: Callable[[], object], words: str) -> None:
    with pytest.raises(AssumptionViolated, match=words):
        check()


def test_the_norm_of_z() -> None:
    assert check_assumption_2(Task(normalised(Box(1, 1)), 3 * x1 - 4 * x2)) == 5
    with pytest.raises(TheoryError, match="no exact form"):
        check_assumption_2(Task(Box(1), sp.tanh(x)))


def test_an_eigenvector_or_not() -> None:
    matrix = sp.ImmutableMatrix([[2, 1], [1, 2]])
    found = eigenvector_of_second_moments(matrix, (sp.S(1), sp.S(1)))
    assert (found.holds, found.require()) == (True, 3)
    found = eigenvector_of_second_moments(matrix, (sp.S(1), sp.S(0)))
    assert found.holds is False
    with pytest.raises(AssumptionViolated, match="condensed direction turns"):
        found.require()


def test_an_eigenvector_with_a_square_root() -> None:
    matrix = sp.ImmutableMatrix([[2, 1], [1, 1]])
    golden = (1 + sp.sqrt(5)) / 2
    found = eigenvector_of_second_moments(matrix, (golden, sp.S.One))
    assert found.holds
    assert sp.expand(sp.radsimp(found.require()) - golden**2) == 0


def test_symbols_leave_it_open_unless_the_form_decides() -> None:
    assert eigenvector_of_second_moments(theory.general(2)).holds is None
    isotropic = eigenvector_of_second_moments(theory.general(2, isotropic=True))
    assert (isotropic.holds, isotropic.eigenvalue) == (True, 1)
    assert eigenvector_of_second_moments(theory.general(1)).holds
    with pytest.raises(TheoryError, match="Give the d"):
        eigenvector_of_second_moments(sp.ImmutableMatrix([[1]]), (sp.S.One, sp.S.One))


def test_equations_on_the_condensed_line_refuse_data_that_leave_it() -> None:
    model = data_model(Empirical.of(TILTED, labels=[3, -3, 1, -1]), unit_norm=False)
    with pytest.raises(AssumptionViolated, match="eigenvector"):
        equations.derive("eq16", 2, tanh_like(1), model)
    equations.derive("eq10", 2, tanh_like(1), model)
    straight = data_model(Empirical.of(TILTED, labels=[3, -3, 0, 0]), unit_norm=False)
    field = equations.derive("eq18.flow", 2, tanh_like(1), straight)
    # M₂₀ = 1/2 and z = (3/2, 0): dP/dt = 2Q (z − M₂₀ P).
    P, Q = theory.P, theory.Q
    assert sp.expand(field[P] - 2 * Q * (sp.Rational(3, 2) - P / 2)) == 0
    with pytest.raises(TheoryError, match="P = 3"):
        equations.derive("eq21", 2, tanh_like(1), straight)
