"""Gradient flow of the population risk: dθ/dt = −∇R(θ), derived for one neuron and any width.

Multi-stage paper, section 3.2 and Appendix B, equation (65).
"""

from __future__ import annotations

import sympy as sp

from theory.activation import Remainder, Sigma, TaylorModel
from theory.brackets import neuron_derivative, rewrite
from theory.data import DataModel
from theory.network import Model
from theory.particles import ParticleSystem


def gradient_flow(network: Model) -> ParticleSystem:
    """dθ_k/dt = −∂R/∂θ_k for every coordinate of neuron k, exact: of the two-layer network, equation (65) before any
    expansion."""
    neuron = network.neuron
    risk = network.risk
    return ParticleSystem(neuron, tuple(-neuron_derivative(risk, c, neuron) for c in neuron.coordinates))


def expand_activation(system: ParticleSystem, taylor: TaylorModel) -> ParticleSystem:
    """Replace σ and its derivatives by their Taylor polynomial plus the explicit remainder. An identity.

    The result splits exactly into ``polynomial_part()`` and ``remainder_part()``.
    """

    def rule(node: sp.Expr) -> sp.Expr | None:
        return taylor.expand(node) if isinstance(node, Sigma) else None

    return system.map(lambda drift: sp.expand(rewrite(drift, rule)))


def apply_data(system: ParticleSystem, data: DataModel) -> ParticleSystem:
    """Replace means of monomials by the known moments of the data, and by named symbols where they are not known."""
    return system.map(lambda drift: sp.expand(data.apply(drift)))


def restore_activation(system: ParticleSystem, taylor: TaylorModel) -> ParticleSystem:
    """Undo :func:`expand_activation`: put σ^(n)(u) minus its Taylor polynomial for each remainder."""

    def rule(node: sp.Expr) -> sp.Expr | None:
        if not isinstance(node, Remainder):
            return None
        _, n, argument = node.args
        return Sigma(n, argument) - taylor.derivative(int(n), argument)

    return system.map(lambda drift: sp.expand(rewrite(drift, rule)))
