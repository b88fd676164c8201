"""Definitions (17) and (18)."""

from __future__ import annotations

import sympy as sp

from theory import Neuron, NeuronSum, P, Q, condensed_order_parameters, drift_sum


def test_definitions() -> None:
    k = Neuron("k", 3)
    assert drift_sum(k, 3) == NeuronSum(k.a * k.w[2], k)
    assert condensed_order_parameters(k) == {P: k.a * k.w[0], Q: (k.a**2 + k.w[0] ** 2) / 2}
    assert drift_sum(k, 1) == NeuronSum(condensed_order_parameters(k)[P], k)
    assert (P.is_real, Q.is_real) == (True, True)
    assert sp.Symbol("P") != P
