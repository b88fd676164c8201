"""What the theory derives for this paper, each once a process: the machine's side of every comparison."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

import theory
from theory import DescentSolution, ParticleSystem, TwoLayerNetwork, VectorField

DIMENSIONS = (1, 2, 3)
"""Dimensions of the input in which the algebraic claims are checked."""


@cache
def flow(dim: int) -> ParticleSystem:
    """Gradient flow of neuron k from the population risk, exact, σ opaque."""
    return theory.gradient_flow(TwoLayerNetwork(dim))


@cache
def expanded(dim: int, order: int = 1) -> ParticleSystem:
    """The flow with σ = Taylor polynomial + explicit remainder, for any second moments and any z."""
    system = theory.expand_activation(flow(dim), theory.tanh_like(order))
    return theory.apply_data(system, theory.general(dim))


@cache
def aligned(dim: int, order: int = 1) -> ParticleSystem:
    """The same under Assumptions 1 and 2: symmetric ρ, M₂ = I, z = e₁."""
    system = theory.expand_activation(flow(dim), theory.tanh_like(order))
    return theory.apply_data(system, theory.aligned(dim))


@cache
def linearised(dim: int) -> ParticleSystem:
    """Linear part of the flow at the origin."""
    return theory.linearise(aligned(dim).polynomial_part())


@cache
def leading_order(dim: int) -> ParticleSystem:
    """Leading order of the descent, with the weights across e₁ small."""
    return theory.condensed_leading_order(aligned(dim).polynomial_part())


@cache
def reduced(dim: int) -> VectorField:
    """The (P, Q) system, reduced from the leading order."""
    return theory.reduce(leading_order(dim), theory.condensed_order_parameters(TwoLayerNetwork(dim).neuron))


@cache
def conserved(dim: int) -> sp.Expr:
    """The one conserved quantity of degree 2 of the (P, Q) system, found by the null space of an ansatz."""
    (quantity,) = theory.conserved_quantities(reduced(dim), 2)
    return quantity


@cache
def logistic() -> VectorField:
    """The (P, Q) system on the branch Q = P of the level set Q² − P² = 0, with P > 0."""
    branches = theory.on_level_set(reduced(1), conserved(1), sp.S.Zero, theory.Q)
    half = sp.Rational(1, 2)
    (growing,) = [branch for branch in branches if branch[theory.P].subs(theory.P, half) > 0]
    return growing


@cache
def descent() -> DescentSolution:
    """Exact solution of the (P, Q) system, parametrised by v = e^{2s}."""
    return theory.solve_descent(reduced(1))


def named(dim: int, system: ParticleSystem) -> dict[str, sp.Expr]:
    """Components of a drift with names that say the dimension."""
    slots = [coordinate.slot for coordinate in system.neuron.coordinates]
    return {f"d = {dim}: d{slot}/dt": drift for slot, drift in zip(slots, system.drift, strict=True)}


def over_dimensions(system: object, dims: Sequence[int] = DIMENSIONS) -> dict[str, sp.Expr]:
    """Components of ``system(dim)`` for several dimensions, in one mapping."""
    result: dict[str, sp.Expr] = {}
    for dim in dims:
        result |= named(dim, system(dim))  # type: ignore[operator]
    return result
