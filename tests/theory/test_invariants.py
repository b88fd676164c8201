"""Conserved quantities are found, all of them, and are conserved."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, Neuron, P, Q, TheoryError, VectorField, conserved_quantities, neuron_invariants

x, y, z, r = sp.symbols("x y z r", real=True)


def test_the_reduced_system() -> None:
    assert conserved_quantities(Derivation(1).reduced, 2) == (P**2 - Q**2,) or conserved_quantities(
        Derivation(1).reduced, 2
    ) == (Q**2 - P**2,)
    four = conserved_quantities(Derivation(1).reduced, 4)
    assert len(four) == 2  # the square is the other one


@pytest.mark.parametrize(
    ("field", "degree", "count"),
    [
        (VectorField((x, y), (y, -x)), 2, 1),
        (VectorField((x, y), (y, -x)), 4, 2),
        (VectorField((x, y), (r * x, -r * y)), 2, 1),
        (VectorField((x, y, z), (y * z, -2 * x * z, x * y)), 2, 2),  # a free rigid body
        (VectorField((x, y), (x, y)), 3, 0),
        (VectorField((x, y), (sp.S.Zero, sp.S.Zero)), 2, 5),
        (VectorField((x,), (1 - x,)), 3, 0),
    ],
)
def test_how_many_there_are(field: VectorField, degree: int, count: int) -> None:
    found = conserved_quantities(field, degree)
    assert len(found) == count
    assert all(field.lie_derivative(quantity) == 0 for quantity in found)
    assert all(not quantity.is_number for quantity in found)


@pytest.mark.parametrize("dim", [1, 2])
def test_each_neuron_keeps_its_own(dim: int) -> None:
    k, system = Neuron("k", dim), Derivation(dim).leading_order
    found = neuron_invariants(system, 2)
    assert sum(1 for q in found if sp.expand(q**2 - (k.a**2 - k.w[0] ** 2) ** 2) == 0) == 1
    assert len(found) == {1: 1, 2: 3}[dim]
    assert all(system.derivative(quantity) == 0 for quantity in found)


def test_the_truncated_flow_of_third_order_keeps_none() -> None:
    truncated = Derivation(1, theory.tanh_like(3)).truncated
    assert neuron_invariants(truncated, 2) == ()


def test_coordinates_hidden_in_a_bracket_are_refused() -> None:
    with pytest.raises(TheoryError, match="expand the activation"):
        neuron_invariants(Derivation(1).flow, 2)
    with pytest.raises(TheoryError, match="expand the activation"):
        theory.common_factor(Derivation(1).flow)
