"""Gradient descent against exact rational steps, the gradient flow and backward error analysis; SGD against the
mean over all its batches."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from numerics import InputError, Network, descent_time, generated, initial_weights, order_parameters
from numerics.activation import Activation, activation
from numerics.batches import Batches
from numerics.dataset import from_arrays
from numerics.descent import descend, largest_deviation, modified_drift
from numerics.hessian import Hessian, extreme_eigenvalues
from numerics.simulate import simulate

LINEAR = Activation("identity", lambda u: u, np.ones_like, odd=True, second=np.zeros_like)


def first(state):
    return order_parameters(state)[0]


def exact_steps(state, samples, rate, count):
    """Linear neurons, one input, equal weights of the samples, in rational arithmetic."""
    rows = [[Fraction(entry) for entry in row] for row in state]
    for _ in range(count):
        residuals = [(x, sum(a * w * x for a, w in rows) - y) for x, y in samples]
        mean = sum(x * r for x, r in residuals) / len(samples)
        rows = [[a - rate * mean * w, w - rate * mean * a] for a, w in rows]
    return np.array([[float(entry) for entry in row] for row in rows])


def test_steps_of_a_linear_network_are_exact():
    samples = [(Fraction(-1, 2), Fraction(1)), (Fraction(3, 2), Fraction(2)), (Fraction(1), Fraction(-1))]
    data = from_arrays(*(np.array([float(s[i]) for s in samples]) for i in (0, 1)))
    start = [[0.5, -0.25], [1.0, 0.125], [-0.75, 2.0]]
    found = descend(Network(LINEAR, data), np.array(start), 0.125, 6, every=2)
    assert found.times.tolist() == [0.0, 0.25, 0.5, 0.75]
    assert found.status == "ok"
    for number in range(7):
        expected = exact_steps(start, samples, Fraction(1, 8), number)
        assert np.allclose(found.state(number / 8), expected, rtol=1e-14, atol=1e-15)
    middle = 0.5 * (found.state(0.375) + found.state(0.5))
    assert np.allclose(found.state(0.4375), middle, rtol=1e-15)


@pytest.mark.parametrize("dim", [1, 2])
def test_the_distance_to_the_flow_halves_with_the_learning_rate_and_that_to_the_modified_flow_quarters(dim):
    network = Network(activation("tanh"), generated(20, dim, "sin(x)" if dim == 1 else "sin(x1)+x2**2*x1"))
    start = initial_weights(0, 30, dim, 0.1)
    plain, modified = [], []
    for rate in (0.04, 0.02, 0.01):
        found = descend(network, start, rate, round(4 / rate), every=1)
        plain.append(largest_deviation(found, simulate(network, start, 4.0, rtol=1e-11), first))
        from numerics.integrate import integrate

        solution = integrate(modified_drift(network, rate), start, 4.0, rtol=1e-11)
        modified.append(max(abs(first(solution(t)) - first(found.state(t))) for t in found.times))
    for coarse, fine in itertools.pairwise(plain):
        assert coarse / fine == pytest.approx(2.0, abs=0.15)
    for coarse, fine in itertools.pairwise(modified):
        assert coarse / fine == pytest.approx(4.0, abs=0.3)
    assert modified[-1] < 0.1 * plain[-1]


def test_milestones_are_read_off_as_from_the_flow():
    network = Network(activation("tanh"), generated(30, 1, "sin(x)"))
    start = initial_weights(1, 100, 1, 0.01)
    flow = simulate(network, start, 10.0, rtol=1e-10)
    found = descend(network, start, 0.002, 5000)
    assert descent_time(found) == pytest.approx(descent_time(flow), abs=0.02)
    assert found.provenance["method"] == "gradient descent"
    assert found.provenance["steps"] == 5000
    assert len(found.times) == 1001


def test_what_is_not_kept_is_made_again():
    network = Network(activation("gd"), generated(20, 2, "sin(x1)+0.3*sin(2*x2)"))
    start = initial_weights(1, 12, 2, 0.3)
    options = {"batch": 3, "seed": 8}
    every = descend(network, start, 0.1, 40, every=1, **options)
    seen = descend(network, start, 0.1, 40, every=4, keep_states=False, observables={"P": first}, **options)
    assert seen.times.tolist() == pytest.approx([0.0, 4.0])
    assert len(seen.states) == 2
    assert np.array_equal(seen.states[-1], every.states[-1])
    assert np.allclose(seen.record_times, 0.1 * np.arange(0, 41, 4))
    assert np.array_equal(seen.records["P"], [first(state) for state in every.states[::4]])
    assert np.array_equal(seen.records["loss"], [network.loss(state) for state in every.states[::4]])
    for time in (2.3, 0.7, 0.7, 3.95, 4.0, 0.0):
        assert np.array_equal(seen.state(time), every.state(time))
    with pytest.raises(InputError, match="known from"):
        seen.state(4.1)


def test_a_batch_of_everything_is_the_full_gradient():
    network = Network(activation("tanh"), generated(14, 1, "sin(x)"))
    start = initial_weights(0, 9, 1, 0.5)
    full = descend(network, start, 0.1, 30)
    batch = descend(network, start, 0.1, 30, batch=14, seed=3)
    assert np.allclose(full.states[-1], batch.states[-1], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("weights", [None, np.array([0.1, 0.3, 0.0, 0.2, 0.25, 0.05, 0.1])])
def test_an_epoch_visits_every_sample_once_and_its_mean_is_the_full_gradient(weights):
    random = np.random.default_rng(0)
    data = from_arrays(random.normal(size=(7, 2)), random.normal(size=7), weights)
    batches = Batches(data, 3, seed=5)
    for epoch in range(4):
        drawn = [batches(3 * epoch + place) for place in range(3)]
        assert sorted(np.concatenate([chosen for chosen, _ in drawn]).tolist()) == list(range(7))
        # Each batch, weighted by its share of the samples, adds up to the whole measure.
        whole = np.zeros(7)
        for chosen, share in drawn:
            whole[chosen] += share * len(chosen) / 7
        assert np.allclose(whole, data.weights, rtol=1e-14)
    orders = {tuple(batches(3 * epoch)[0].tolist()) for epoch in range(50)}
    assert len(orders) > 30


def test_batches_depend_on_the_seed_and_the_step_alone():
    data = generated(20, 1, "sin(x)")
    for draw in ("epochs", "independent"):
        ahead, again = Batches(data, 4, 7, draw), Batches(data, 4, 7, draw)
        later = again(123)[0].tolist()
        assert [ahead(step)[0].tolist() for step in range(124)][123] == later
        assert Batches(data, 4, 8, draw)(123)[0].tolist() != later


def test_independent_draws_follow_the_weights():
    """40000 draws: each count is within 4.5 of its binomial standard deviations, a weight of 0 never comes."""
    weights = np.array([0.5, 0.0, 0.2, 0.3, 0.0])
    data = from_arrays(np.arange(1.0, 6.0), np.arange(1.0, 6.0), weights)
    batches = Batches(data, 4, 1, "independent")
    drawn = np.concatenate([batches(step)[0] for step in range(10000)])
    counts = np.bincount(drawn, minlength=5)
    deviation = np.sqrt(40000 * weights * (1 - weights))
    assert np.all(np.abs(counts - 40000 * weights) <= 4.5 * deviation)
    assert batches(0)[1].tolist() == [0.25] * 4


def test_the_mean_step_over_all_batches_is_the_full_step():
    """Every single sample as a batch of one, through the public steps: their mean is the full gradient."""
    network = Network(activation("rational"), generated(6, 1, "sin(x)"))
    start = initial_weights(0, 5, 1, 0.7)
    steps = {}
    for seed in range(60):
        chosen = int(Batches(network.data, 1, seed)(0)[0][0])
        steps[chosen] = descend(network, start, 0.3, 1, batch=1, seed=seed).states[-1] - start
    assert sorted(steps) == list(range(6))
    mean = np.mean([steps[i] for i in range(6)], axis=0)
    assert np.allclose(mean, 0.3 * network.drift(start), rtol=1e-12, atol=1e-15)


def test_many_neurons_are_taken_in_blocks(monkeypatch):
    from numerics import descent

    network = Network(activation("tanh"), generated(10, 1, "sin(x)"))
    start = initial_weights(0, 50, 1, 0.3)
    whole = descend(network, start, 0.1, 5, batch=4)
    monkeypatch.setattr(descent, "_BLOCK_PAIRS", 30)
    parts = descend(network, start, 0.1, 5, batch=4)
    assert np.allclose(whole.states[-1], parts.states[-1], rtol=1e-13, atol=1e-15)


def test_stability_ends_at_two_over_the_largest_eigenvalue():
    """At a minimum, η λ_max < 2 keeps a disturbance small and η λ_max > 2 makes it grow."""
    network = Network(LINEAR, from_arrays(np.array([-1.0, 1.0]), np.array([-1.0, 1.0])))
    minimum = np.array([[2.0, 0.5]])
    top = extreme_eigenvalues(Hessian(network, minimum))
    assert top.largest == pytest.approx(4.25, abs=1e-13)
    disturbed = minimum + 1e-6 * top.largest_vector
    below = descend(network, disturbed, 1.98 / 4.25, 200, every=1)
    assert below.status == "ok"
    assert below.records["loss"][-1] < 1e-3 * below.records["loss"][0]
    above = descend(network, disturbed, 2.05 / 4.25, 100, every=1)
    assert above.records["loss"][10] > 2 * above.records["loss"][0]
    assert "2/λ_max = 0.471" in above.message  # 2/4.25


@pytest.mark.parametrize(("name", "rate"), [("tanh", 50.0), ("sin", 10.0), ("u", 30.0)])
@pytest.mark.parametrize("batch", [None, 5])
def test_a_learning_rate_that_is_too_large_is_said(name, rate, batch):
    network = Network(activation(name), generated(20, 1, "sin(x)"))
    start = initial_weights(0, 30, 1, 1 / 30)
    found = descend(network, start, rate, 3000, batch=batch)
    assert found.status == "diverged"
    assert f"The learning rate {rate:g} is too large" in found.message
    assert "2/λ_max" in found.message
    assert np.all(np.isfinite(found.states))
    assert np.all(np.isfinite(found.records["loss"]))


def test_an_overflow_between_two_records_is_noticed():
    network = Network(activation("u"), generated(20, 1, "x"))
    found = descend(network, initial_weights(0, 30, 1, 1.0), 30.0, 10000, every=5000)
    assert found.status == "diverged"
    assert "overflowed" in found.message
    assert found.times.tolist() == [0.0]


def test_an_interruption_keeps_what_was_recorded():
    network = Network(activation("tanh"), generated(20, 1, "sin(x)"))

    def stop(time):
        if time > 0.99:
            raise KeyboardInterrupt

    found = descend(network, initial_weights(0, 10, 1, 0.1), 0.1, 100, every=1, progress=stop)
    assert found.status == "interrupted"
    assert found.end == pytest.approx(1.0)
    assert len(found.records["loss"]) == 11


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"learning_rate": 0.0}, "learning rate"),
        ({"learning_rate": math.nan}, "learning rate"),
        ({"steps": 0}, "number of steps"),
        ({"batch": 0}, "batch size"),
        ({"batch": 21}, "batch size"),
        ({"batch": 2, "seed": -1}, "seed"),
        ({"batch": 2, "draw": "sometimes"}, "drawn in"),
        ({"every": 0}, "kept"),
        ({"observables": {"loss": first}}, "always recorded"),
    ],
)
def test_what_makes_no_sense_is_refused(change, word):
    network = Network(activation("tanh"), generated(20, 1, "sin(x)"))
    options = {"learning_rate": 0.1, "steps": 10, **change}
    with pytest.raises(InputError, match=word):
        descend(network, initial_weights(0, 10, 1, 0.1), **options)
    with pytest.raises(InputError, match="finite"):
        descend(network, np.full((3, 2), np.inf), 0.1, 10)
