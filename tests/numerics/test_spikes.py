"""Training of the small network, its spikes and what is measured in them, each against other code."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.array import FloatArray
from numerics.condensation import angles, clusters, condensation, similarities
from numerics.errors import InputError
from numerics.fully_connected import FullyConnected
from numerics.precise_descent import descend_precisely
from numerics.shallow import Shallow, Steps, descend
from numerics.spike_anatomy import anatomy, frequency_parts, leading_eigenpairs, low_share
from numerics.spikes import Spike, detect


@pytest.fixture(scope="module")
def network() -> FullyConnected:
    x = np.linspace(-np.pi, np.pi, 40)
    return FullyConnected(x[:, None], np.sin(x) + np.sin(4 * x), (50,), "tanh", bias=True)


def start(network: FullyConnected, seed: int) -> FloatArray:
    theta = network.initial(seed, bias_scale=1.0)
    theta[-1] = 0.0
    return theta


@pytest.fixture(scope="module")
def run(network: FullyConnected) -> Steps:
    return descend(Shallow(network), start(network, 2), 0.1, 700, every=30)


def test_loss_gradient_and_hessian_are_those_of_the_network(network: FullyConnected) -> None:
    model = Shallow(network)
    for seed in range(3):
        theta = 1.5 * start(network, seed) + 0.1
        assert model.loss(theta) == pytest.approx(network.loss(theta), rel=1e-14)
        scale = np.abs(network.gradient(theta)).max()
        assert np.abs(model.gradient(theta) - network.gradient(theta)).max() <= 1e-14 * max(scale, 1.0)
        dense = network.hessian(theta)
        assert np.abs(model.hessian(theta) - dense).max() <= 1e-13 * np.abs(dense).max()
        assert model.residual(theta) == pytest.approx(network.residual(theta)[:, 0], abs=1e-13)


def test_unequal_weights_of_the_samples_count() -> None:
    x = np.linspace(-1, 1, 7)
    weights = np.arange(1.0, 8.0) / 28
    network = FullyConnected(x[:, None], x**2, (3,), "tanh", bias=True, weights=weights)
    theta = network.initial(1, bias_scale=0.5)
    model = Shallow(network)
    assert model.gradient(theta) == pytest.approx(network.gradient(theta), abs=1e-15)
    assert model.hessian(theta) == pytest.approx(network.hessian(theta), abs=1e-14)


def test_steps_are_plain_gradient_descent_and_the_same_when_made_again(
    network: FullyConnected, run: Steps
) -> None:
    theta = start(network, 2)
    for _ in range(50):
        theta = theta - 0.1 * network.gradient(theta)
    assert run.state(50) == pytest.approx(theta, abs=1e-13)
    again = descend(Shallow(network), start(network, 2), 0.1, 700, every=7)
    assert np.array_equal(run.losses, again.losses)
    for step in (0, 13, 30, 699, 700):
        assert np.array_equal(run.state(step), again.state(step))
    assert np.array_equal(run.states(28, 33), np.array([again.state(k) for k in range(28, 33)]))


def test_a_run_away_is_a_status_and_no_number(network: FullyConnected) -> None:
    found = descend(Shallow(network), start(network, 0), 0.4, 500)
    assert found.status == "diverged"
    assert np.all(np.isfinite(found.losses))
    assert found.last < 500
    assert np.all(np.isfinite(found.state(found.last)))


def test_bad_input_of_runs_is_refused_in_words(network: FullyConnected, run: Steps) -> None:
    x = np.linspace(-1, 1, 5)[:, None]
    with pytest.raises(InputError, match="tanh"):
        Shallow(FullyConnected(x, x[:, 0], (3,), "sin", bias=True))
    with pytest.raises(InputError, match="biases"):
        Shallow(FullyConnected(x, x[:, 0], (3,), "tanh"))
    with pytest.raises(InputError, match="finite numbers"):
        descend(Shallow(network), np.zeros(3), 0.1, 5)
    with pytest.raises(InputError, match="positive"):
        descend(Shallow(network), start(network, 0), 0.0, 5)
    with pytest.raises(InputError, match="the run has 0 to 700"):
        run.state(701)


def test_spikes_of_a_series_made_for_it() -> None:
    losses = np.array([8.0, 4, 2, 1, 1.1, 1.5, 2.5, 6, 5, 1.9, 1.3, 1.1, 0.8, 0.9, 1.7, 0.85, 0.5, 1.2, 0.7])
    assert detect(losses) == [Spike(3, 7, 11), Spike(12, 14, 15), Spike(16, 17, None)]
    assert detect(np.array([3.0, 2.0, 1.0])) == []
    # A second rise before the loss has settled belongs to the same spike.
    assert detect(np.array([1.0, 3, 1.5, 4, 1.1])) == [Spike(0, 3, 4)]
    with pytest.raises(InputError, match="settled"):
        detect(losses, rise=1.1, settled=1.2)
    with pytest.raises(InputError, match="finite"):
        detect(np.array([1.0, math.nan]))


def test_the_loss_is_the_sum_of_its_frequencies() -> None:
    rng = np.random.default_rng(3)
    for n in (1, 2, 7, 8, 40, 41):
        residual = rng.standard_normal(n)
        parts = frequency_parts(residual)
        assert parts.sum() == pytest.approx(0.5 * np.mean(residual**2), rel=1e-13)
    x = 2 * np.pi * np.arange(40) / 40
    parts = frequency_parts(3 * np.cos(5 * x))
    assert parts[5] == pytest.approx(9 / 4, rel=1e-12)
    assert np.abs(np.delete(parts, 5)).max() < 1e-25
    assert low_share(np.zeros(40), np.cos(2 * x)) == pytest.approx(1.0)
    assert low_share(np.zeros(40), np.cos(2 * x) + np.cos(6 * x)) == pytest.approx(0.5)


def test_the_anatomy_of_a_spike_by_other_code(network: FullyConnected, run: Steps) -> None:
    (spike,) = [s for s in detect(run.losses) if s.start > 100]
    found = anatomy(run, spike)
    states = run.states(spike.start, spike.peak + 1)
    values, vectors = np.linalg.eigh(network.hessian(states[0]))
    first, delta = vectors[:, -1], states[-1] - states[0]
    gradient = network.gradient(states[-1])
    assert found.at_start == pytest.approx(0.1 * values[-1], rel=1e-12)
    assert found.deviation_share == pytest.approx((delta @ first) ** 2 / (delta @ delta), rel=1e-9)
    assert found.gradient_share == pytest.approx((gradient @ first) ** 2 / (gradient @ gradient), rel=1e-9)
    bend = 0.5 * delta @ network.hessian_product(states[0], delta) + network.gradient(states[0]) @ delta
    rise = network.loss(states[-1]) - network.loss(states[0])
    assert found.quadratic == pytest.approx(bend / rise, rel=1e-8)
    assert found.growth is not None
    begin, end = found.growth.start, found.growth.stop
    along = [abs(float((run.state(k + 1) - run.state(k)) @ first)) for k in (begin, end)]
    assert found.growth.measured == pytest.approx((along[1] / along[0]) ** (1 / (end - begin)), rel=1e-9)
    pairs, columns = leading_eigenpairs(run.model, states[0], 3)
    assert pairs == pytest.approx(values[::-1][:3])
    assert np.abs(columns.T @ columns - np.eye(3)).max() < 1e-12


def test_the_linear_growth_of_a_quadratic_valley() -> None:
    """The tests above are of one network; here the growth is known: a step multiplies a deviation by 1 − ηλ."""
    x = np.linspace(-1, 1, 9)
    network = FullyConnected(x[:, None], np.tanh(0.5 * x + 0.2), (1,), "tanh", bias=True)
    theta = np.array([0.5, 0.2, 1.0, 0.0])  # an exact fit: the gradient vanishes
    model = Shallow(network)
    assert np.abs(model.gradient(theta)).max() < 1e-16
    value, vector = (one[..., 0] for one in leading_eigenpairs(model, theta, 1))
    rate = 2.1 / float(value)
    moved = descend(model, theta + 1e-7 * vector, rate, 10, every=1)
    offsets = (moved.states(0, 11) - theta) @ vector
    assert offsets == pytest.approx(1e-7 * (-1.1) ** np.arange(11), rel=1e-4)


def test_condensation_of_known_directions() -> None:
    w, b = np.array([1.0, -2.0, 3.0]), np.array([1.0, -2.0, 3.0])
    assert condensation(w, b) == pytest.approx(1.0)
    assert clusters(w, b) == 1
    assert similarities(w, b) == pytest.approx(np.array([[1, -1, 1], [-1, 1, -1], [1, -1, 1.0]]))
    w, b = np.array([1.0, 0.0]), np.array([0.0, 5.0])
    assert condensation(w, b) == pytest.approx(0.0, abs=1e-16)
    assert clusters(w, b) == 2
    assert angles(w, b) == pytest.approx([0, np.pi / 2])
    turned = np.linspace(0, np.pi, 2001)[:-1]
    assert condensation(np.cos(turned), np.sin(turned)) == pytest.approx(2 / np.pi, rel=1e-3)
    # Around the circle 0 and π are the same direction.
    assert clusters(np.array([1.0, -1.0, 0.0]), np.array([0.01, 0.01, 1.0])) == 2
    with pytest.raises(InputError, match="not zero"):
        condensation(np.zeros(2), np.zeros(2))
    with pytest.raises(InputError, match="cosine"):
        clusters(w, b, alike=1.0)


def test_many_digits_agree_with_double_precision_and_with_more_digits(
    network: FullyConnected, run: Steps
) -> None:
    found = descend_precisely(start(network, 2), 40, "0.1", 12, keep=(0, 12))
    assert found.losses == pytest.approx(run.losses[:13], rel=1e-13)
    assert found.states[0] == pytest.approx(start(network, 2), abs=0)
    assert found.states[1] == pytest.approx(run.state(12), abs=1e-14)
    more = descend_precisely(start(network, 2), 40, "0.1", 12, digits=90)
    assert np.array_equal(found.losses, more.losses)
    assert np.array_equal(found.last, more.last)


def test_a_step_with_many_digits_by_mpmath() -> None:
    """Two neurons, three samples, one step: gradients by mpmath's numerical derivative in 60 digits."""
    from mpmath import mp, mpf

    start = np.array([0.5, -1.25, 0.25, 0.75, 1.5, -0.5, 0.125])
    found = descend_precisely(start, 3, "0.25", 1, digits=40)
    with mp.workdps(60):
        points = [-mp.pi, mpf(0), mp.pi]
        labels = [mp.sin(p) + mp.sin(4 * p) for p in points]

        def loss(*t: mpf) -> mpf:
            outputs = [sum(t[4 + j] * mp.tanh(t[j] * p + t[2 + j]) for j in range(2)) + t[6] for p in points]
            return sum((o - q) ** 2 for o, q in zip(outputs, labels, strict=True)) / 6

        at = [mpf(float(v)) for v in start]
        for k in range(7):
            slope = mp.diff(lambda v, k=k: loss(*at[:k], v, *at[k + 1 :]), at[k])  # type: ignore[misc]
            assert float(at[k] - slope / 4) == pytest.approx(found.last[k], abs=1e-15)
        assert float(loss(*at)) == pytest.approx(found.losses[0], rel=1e-15)


def test_bad_input_of_many_digits_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="3 m"):
        descend_precisely(np.zeros(6), 10, "0.1", 1)
    with pytest.raises(InputError, match="two samples"):
        descend_precisely(np.ones(7), 1, "0.1", 1)
