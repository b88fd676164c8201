"""Exact whole networks: what the strategies promise, and that their quantities are those of the simulated network."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from numerics.activation import activation
from numerics.dataset import Dataset
from numerics.errors import InputError
from numerics.network import Network as Simulated
from verify.networks import CubicActivation, Network
from verify.strategies import (
    STAGES,
    aligned_data,
    class_activations,
    empirical_measures,
    networks,
    rationals,
    stage_weights,
    symmetric_measures,
)

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(class_activations(), rationals(6))
def test_activations_obey_assumption_3_with_their_constant(sigma, u):
    assert abs(sigma.value(u) - u) <= sigma.constant * abs(u) ** 3
    assert abs(sigma.derivative(u) - 1) <= sigma.constant * u**2
    h = Fraction(1, 10**6)
    quotient = (sigma.value(u + h) - sigma.value(u - h)) / (2 * h)
    assert abs(quotient - sigma.derivative(u)) <= Fraction(1, 10**6)


@FEW
@given(st.integers(1, 3).flatmap(symmetric_measures))
def test_symmetric_measures_obey_assumption_1(measure):
    dim = len(measure[0][1])
    assert sum(weight for weight, _ in measure) == 1
    assert all(weight > 0 for weight, _ in measure)
    assert {(p, tuple(-c for c in x)) for p, x in measure} == set(measure)
    for i in range(dim):
        for j in range(dim):
            assert sum(p * x[i] * x[j] for p, x in measure) == (i == j)


@FEW
@given(empirical_measures(2))
def test_empirical_measures_are_symmetric(measure):
    assert sum(weight for weight, _ in measure) == 1
    points = [x for _, x in measure]
    assert sorted(points) == sorted(tuple(-c for c in x) for x in points)


@FEW
@given(st.integers(1, 2).flatmap(aligned_data))
def test_aligned_data_obey_assumption_2(data):
    assert data.z == tuple(Fraction(i == 0) for i in range(data.dim))
    assert data.second_moments == tuple(
        tuple(Fraction(i == j) for j in range(data.dim)) for i in range(data.dim)
    )
    assert data.reach_squared >= data.dim
    assert data.size >= 0


@FEW
@given(networks(None, 2, width=(1, 3)))
def test_rates_are_those_of_the_simulated_network(network):
    """The hand-written network of numerics, in double precision."""
    sigma = network.activation
    cubic = isinstance(sigma, CubicActivation)
    text = f"u + ({sigma.c})*u**3" if cubic else f"u/(1 + ({sigma.c})*u**2)"
    samples = network.data.samples
    data = Dataset(
        np.array([[float(c) for c in s.x] for s in samples]),
        np.array([float(s.y) for s in samples]),
        np.array([float(s.weight) for s in samples]),
        {},
    )
    state = np.array([[float(u.a), *map(float, u.w)] for u in network.units])
    found = Simulated(activation(text), data).drift(state)
    expected = np.array([[float(rate), *map(float, moved)] for rate, moved in network.drift])
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-9 * (1 + np.abs(expected).max()))


@FEW
@given(networks(None, 2))
def test_remainders_vanish_for_the_linear_network(network):
    linear = Network(CubicActivation(Fraction(0)), network.units, network.data)
    assert all(f == 0 and not any(g) for f, g in linear.remainders)
    assert linear.rate_of_P == 2 * linear.Q * (1 - linear.P) - sum(
        linear.S(i) * sum(unit.w[0] * unit.w[i - 1] for unit in linear.units) for i in (2,)
    )


@pytest.mark.parametrize("stage", STAGES)
def test_weights_have_the_scale_of_their_stage(stage):
    @FEW
    @given(stage_weights(stage, 2))
    def check(units):
        P = sum(unit.a * unit.w[0] for unit in units)
        across = sum(unit.w[1] ** 2 for unit in units)
        if stage == "initial plateau":
            assert all(abs(v) <= Fraction(3, 100) for unit in units for v in (unit.a, *unit.w))
        else:
            near = Fraction(1) if stage == "secondary plateau" else P
            assert Fraction(0) < P < Fraction(3, 2)
            assert abs(P - near) < Fraction(1, 5)
            assert across <= Fraction(1, 100)

    check()


def test_networks_shrink_to_something_readable():
    network = find(networks(None, 1), lambda one: one.P > 0)
    assert network.width == 1
    assert len(network.data.samples) == 2


def test_a_stage_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="there is no stage 'end'; the stages are initial plateau"):
        stage_weights("end")
    with pytest.raises(InputError, match="dimension must be at least 1"):
        symmetric_measures(0)
