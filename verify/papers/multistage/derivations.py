"""What the theory derives for this paper, each once a process: the machine's side of every comparison."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

import theory
from theory import Derivation, ParticleSystem, SlowFlow
from theory.noting import kept

DIMENSIONS = (1, 2, 3)
"""Dimensions of the input in which the algebraic claims are checked."""


@cache
def of(dim: int) -> Derivation:
    """Every step of the derivation under Assumptions 1 and 2: symmetric ρ, M₂ = I, z = e₁."""
    return Derivation(dim)


@cache
def of_any_data(dim: int) -> Derivation:
    """The same with symbolic second moments and z."""
    return Derivation(dim, data=theory.general(dim))


@kept
def slow(dim: int) -> SlowFlow:
    """The slow flow of the secondary plateau under Assumptions 1 and 2."""
    return theory.slow_flow(dim)


def flow(dim: int) -> ParticleSystem:
    """Gradient flow of neuron k from the population risk, exact, σ opaque."""
    return of(dim).flow


def expanded(dim: int) -> ParticleSystem:
    """The flow with σ = u + δ(u), for any second moments and any z."""
    return of_any_data(dim).expanded


def aligned(dim: int) -> ParticleSystem:
    """The same under Assumptions 1 and 2."""
    return of(dim).expanded


def linearised(dim: int) -> ParticleSystem:
    """Linear part of the flow at the origin."""
    return of(dim).linearised


def leading_order(dim: int) -> ParticleSystem:
    """Leading order of the descent, with the weights across e₁ small."""
    return of(dim).leading_order


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
