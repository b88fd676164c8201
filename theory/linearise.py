"""Scalings of a polynomial particle system: linearisation at the origin and the leading order of the descent."""

from __future__ import annotations

from theory.particles import ParticleSystem


def linearise(system: ParticleSystem) -> ParticleSystem:
    """Terms linear in the weights of all neurons together: equation (15) of the multi-stage paper.

    The system must be polynomial (activation expanded, remainder split off).
    """
    return system.leading({c.slot: 1 for c in system.neuron.coordinates}, 1)


def condensed_leading_order(system: ParticleSystem) -> ParticleSystem:
    """Leading order when the weights across the condensed direction e₁ are small: equation (16).

    w^(i), i ≥ 2, is given the weight λ and the terms of order λ⁰ are kept.
    """
    return system.leading({c.slot: 1 for c in system.neuron.w[1:]}, 0)
