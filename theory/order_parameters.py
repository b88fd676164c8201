"""The macroscopic quantities of the multi-stage paper as functions of one neuron, to be summed over neurons."""

from __future__ import annotations

import sympy as sp

from theory.brackets import NeuronSum
from theory.symbols import Neuron

P = sp.Symbol("P", real=True)
"""P = Σ_k a_k w_k^(1), equation (17)."""

Q = sp.Symbol("Q", real=True)
"""Q = ½ Σ_k (a_k² + (w_k^(1))²), equation (18); the factor ½ is a convention."""


def drift_sum(neuron: Neuron, i: int) -> sp.Expr:
    """S_i = Σ_j a_j w_j^(i), i = 1 … d; S_1 = P."""
    return NeuronSum(neuron.a * neuron.w[i - 1], neuron)


def condensed_order_parameters(neuron: Neuron) -> dict[sp.Symbol, sp.Expr]:
    """P and Q as functions of one neuron, in the form that :func:`theory.reduce.reduce` takes."""
    return {P: neuron.a * neuron.w[0], Q: (neuron.a**2 + neuron.w[0] ** 2) / 2}
