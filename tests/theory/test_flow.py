"""The flow, its expansion and what is left out."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import ParticleSystem, Remainder, Sigma, decide_zero, random_model


def flow(dim: int) -> ParticleSystem:
    return theory.gradient_flow(theory.TwoLayerNetwork(dim))


@pytest.mark.parametrize(("dim", "order"), [(1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (2, 1), (2, 3), (3, 1)])
def test_restoring_undoes_the_expansion(dim: int, order: int) -> None:
    taylor = theory.tanh_like(order)
    expanded = theory.expand_activation(flow(dim), taylor)
    assert not any(drift.has(Sigma) for drift in expanded.drift)
    restored = theory.restore_activation(expanded, taylor)
    assert all(decide_zero(d).is_zero for d in restored.minus(flow(dim)).drift)


@pytest.mark.parametrize(("dim", "order"), [(1, 1), (1, 3), (2, 2), (3, 1)])
def test_polynomial_and_remainder_are_the_whole(dim: int, order: int) -> None:
    system = theory.apply_data(
        theory.expand_activation(flow(dim), theory.tanh_like(order)), theory.general(dim)
    )
    parts = zip(system.polynomial_part().drift, system.remainder_part().drift, strict=True)
    assert all(sp.expand(p + q - whole) == 0 for (p, q), whole in zip(parts, system.drift, strict=True))
    assert not any(d.has(Sigma, Remainder) for d in system.polynomial_part().drift)
    assert all(t.has(Remainder) for d in system.remainder_part().drift for t in sp.Add.make_args(d))


@pytest.mark.parametrize("dim", [1, 2])
def test_a_polynomial_activation_is_expanded_without_remainder(dim: int) -> None:
    """In a model whose σ is the Taylor polynomial itself the expansion has the value of the exact flow."""
    model = random_model(5, dim, degree=5)
    system = theory.expand_activation(flow(dim), theory.tanh_like(5)).polynomial_part()
    for polynomial, exact in zip(system.drift, flow(dim).drift, strict=True):
        assert model.interpret(polynomial) == model.interpret(exact)


@pytest.mark.parametrize(("dim", "order"), [(1, 5), (2, 3), (3, 1)])
def test_data_are_applied_truly(dim: int, order: int) -> None:
    model = random_model(7, dim)
    expanded = theory.expand_activation(flow(dim), theory.tanh_like(order))
    applied = theory.apply_data(expanded, theory.aligned(dim))
    for left, right in zip(applied.drift, expanded.drift, strict=True):
        assert model.interpret(left) == model.interpret(right)


def test_the_drift_is_minus_the_gradient_in_a_finite_network() -> None:
    """−∂R/∂θ_1 of the risk written out for three neurons and two points, by plain calculus."""
    model = theory.explicit_model(2, 3, 2)
    risk = model.interpret(theory.TwoLayerNetwork(2).risk)
    for entry, drift in zip(model.neurons[0], flow(2).drift, strict=True):
        assert sp.expand(model.interpret(drift) + sp.diff(risk, entry)) == 0
