"""Scalings of polynomial systems."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, Neuron, NeuronSum, TheoryError


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_linearised_flow(dim: int) -> None:
    k = Neuron("k", dim)
    assert Derivation(dim).linearised.drift == (k.w[0], k.a, *[0] * (dim - 1))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_leading_order_of_the_descent(dim: int) -> None:
    k = Neuron("k", dim)
    stop = 1 - NeuronSum(k.a * k.w[0], k)
    expected = (k.w[0] * stop, k.a * stop, *[sp.S.Zero] * (dim - 1))
    derived = Derivation(dim).leading_order.drift
    assert all(sp.expand(p - q) == 0 for p, q in zip(derived, expected, strict=True))


def test_the_rate_is_the_length_of_z() -> None:
    q = sp.Symbol("q", positive=True)
    k = Neuron("k", 2)
    linear = Derivation(2, data=theory.aligned(2, norm=q)).linearised
    assert linear.drift == (q * k.w[0], q * k.a, 0)


def test_with_general_second_moments_the_linear_part_is_the_same() -> None:
    """M₂ stands in cubic terms only; z is what the linear part sees."""
    k = Neuron("k", 2)
    z1, z2 = sp.symbols("z1 z2", real=True)
    linear = Derivation(2, data=theory.general(2)).linearised
    assert sp.expand(linear.drift[0] - z1 * k.w[0] - z2 * k.w[1]) == 0
    assert linear.drift[1:] == (z1 * k.a, z2 * k.a)


def test_every_neuron_is_scaled_bound_ones_too() -> None:
    k = Neuron("k", 1)
    cubic = theory.ParticleSystem(k, (k.w[0] * NeuronSum(k.a**2, k) + k.a, sp.S.Zero))
    assert cubic.leading({"a": 1, "w1": 1}, 3).drift[0] == k.w[0] * NeuronSum(k.a**2, k)
    assert cubic.leading({"a": 1}, 2).drift[0] == k.w[0] * NeuronSum(k.a**2, k)
    assert cubic.leading({"a": 1}, 1).drift[0] == k.a


def test_a_system_with_sigma_is_refused() -> None:
    with pytest.raises(TheoryError, match="expand the activation"):
        theory.linearise(Derivation(1).flow)
    with pytest.raises(TheoryError, match="expand the activation"):
        theory.linearise(Derivation(1).expanded)
