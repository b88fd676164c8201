"""Training of fully connected networks against the two-layer network's descent, plain loops and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import InputError, Network, initial_weights
from numerics.activation import activation
from numerics.dataset import from_arrays
from numerics.descent import descend
from numerics.fully_connected import FullyConnected
from numerics.random_task import TARGETS, random_task
from numerics.training import RUNAWAY, Sharpness, train


def drawn(shape, seed):
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(shape)


def flat(state):
    return np.concatenate([state[:, 1:].ravel(), state[:, 0]])


@pytest.mark.parametrize("batch", [None, 4])
def test_depth_two_is_trained_as_the_two_layer_network_is(batch):
    x, y = drawn((9, 3), 1), drawn(9, 2)
    state = initial_weights(3, 6, 3, 0.7)
    two = descend(Network(activation("tanh"), from_arrays(x, y)), state, 0.1, 40, batch=batch, seed=5)
    found = train(FullyConnected(x, y, (6,), "tanh"), flat(state), 0.1, 40, batch=batch, seed=5)
    assert found.status == "ok"
    assert np.allclose(found.records["loss"], two.records["loss"], rtol=1e-12)
    assert np.allclose(found.y[-1], flat(two.states[-1]), rtol=1e-11, atol=1e-13)


def test_sharpness_is_recorded_on_the_way():
    x, y = random_task(3, samples=20, inputs=5, outputs=3)
    network = FullyConnected(x, y, (12, 12))
    start = network.initial(1)
    found = train(
        network, start, 0.2, 6, every=2, observables={"sharpness": Sharpness(network)}, keep_states=True
    )
    dense = [np.linalg.eigvalsh(network.hessian(theta))[-1] for theta in found.y]
    assert found.numbers.tolist() == [0, 2, 4, 6]
    assert np.allclose(found.records["sharpness"], dense, rtol=1e-6)
    theta = start
    for _ in range(6):
        theta = theta - 0.2 * network.gradient(theta)
    assert np.allclose(theta, found.y[-1], rtol=1e-12, atol=1e-14)


def test_a_line_through_the_origin_is_followed_to_its_fate():
    """L = (θx − y)²/2 on one example: the residual is multiplied by 1 − ηx² in every step."""
    network = FullyConnected([[2.0]], [[1.0]], (), "linear")
    calm = train(network, np.array([3.0]), 0.1, 30, every=1)
    assert np.allclose(calm.records["loss"], 12.5 * 0.6 ** (2 * np.arange(31)), rtol=1e-12)
    wild = train(network, np.array([3.0]), 1.0, 1000, every=1)
    assert wild.status == "diverged"
    assert "stable below 2/λ_max = 0.5" in wild.message
    # The loss grows ninefold with every step.
    assert wild.evaluations == math.floor(math.log(RUNAWAY, 9)) + 1
    overflow = train(network, np.array([3.0]), 1e200, 10)
    assert overflow.status == "diverged"


def test_a_catapult_is_no_divergence():
    """f = u v on (1, 0): from (3, 0.1) with η = 0.3 the loss first rises, then falls, by hand iteration."""
    network = FullyConnected([[1.0]], [[0.0]], (1,), "linear")
    found = train(network, np.array([3.0, 0.1]), 0.3, 60, every=1)
    u, v, losses = 3.0, 0.1, []
    for _ in range(61):
        losses.append((u * v) ** 2 / 2)
        u, v = u - 0.3 * u * v * v, v - 0.3 * u * v * u
    assert max(losses) > 4 * losses[0] > 1e6 * losses[-1]
    assert found.status == "ok"
    assert np.allclose(found.records["loss"], losses, rtol=1e-9, atol=1e-30)


def test_interruption_keeps_what_there_is():
    network = FullyConnected([[1.0]], [[0.0]], (1,), "linear")

    def stop(time):
        if time > 0.35:
            raise KeyboardInterrupt

    found = train(network, np.array([1.0, 1.0]), 0.1, 100, every=1, progress=stop)
    assert found.status == "interrupted"
    assert found.record_numbers.tolist() == [0, 1, 2, 3, 4]


def test_what_makes_no_sense_is_said():
    network = FullyConnected([[1.0]], [[0.0]], (1,), "linear")
    with pytest.raises(InputError, match="finite"):
        train(network, np.array([math.nan, 1.0]), 0.1, 10)
    with pytest.raises(InputError, match="2 numbers"):
        train(network, np.ones(3), 0.1, 10)
    with pytest.raises(InputError, match="learning rate"):
        train(network, np.ones(2), -1.0, 10)
    with pytest.raises(InputError, match="batch size"):
        train(network, np.ones(2), 0.1, 10, batch=2)


def test_a_random_task_is_standardised_and_reproducible():
    x, y = random_task(7)
    assert x.shape == (64, 32)
    assert y.shape == (64, 10)
    assert np.allclose(x.mean(axis=0), 0, atol=1e-14)
    assert np.allclose(x.var(axis=0), 1, rtol=1e-13)
    assert np.array_equal(np.sort(y, axis=1), np.tile([0.0] * 9 + [1.0], (64, 1)))
    values = random_task(7, targets="values")[1]
    assert np.array_equal(values.argmax(axis=1), y.argmax(axis=1))
    assert np.array_equal(random_task(7)[0], x)
    assert not np.array_equal(random_task(8)[0], x)
    # Independent coordinates: correlations of 64 samples are below five of their standard deviations.
    correlations = x.T @ x / 64 - np.eye(32)
    assert np.abs(correlations).max() < 5 / math.sqrt(64)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"samples": 1}, "two samples"),
        ({"outputs": 0}, "one output"),
        ({"targets": "noise"}, " or ".join(TARGETS)),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(change, sentence):
    with pytest.raises(InputError, match=sentence):
        random_task(**{"seed": 0, **change})
