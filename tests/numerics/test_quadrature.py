"""Weighted neurons: their moments, the networks they stand for, and when they are refused."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import InputError, Network, descent_time, generated, initial_weights, norms, order_parameters
from numerics.activation import activation
from numerics.milestones import plateau_exit, secondary_time
from numerics.observables import drift_sums, transverse
from numerics.quadrature import compress, gauss_hermite, node_count
from numerics.representatives import QuadratureRefusedError, why_not
from numerics.simulate import simulate
from numerics.wasserstein import relative_wasserstein, wasserstein2

SINE = generated(60, 1, "sin(x)")


def monomials(coordinates: int, degree: int, even: bool):
    for powers in product(range(degree + 1), repeat=coordinates):
        if sum(powers) <= degree and not (even and sum(powers) % 2):
            yield powers


@pytest.mark.parametrize(("dim", "degree"), [(1, 4), (1, 6), (1, 12), (2, 4), (2, 6), (3, 4)])
@pytest.mark.parametrize("even", [True, False])
def test_the_moments_of_the_draw_are_met(dim, degree, even):
    """Plain monomials, not the polynomials that the elimination works with; relative to the mean modulus."""
    draw = initial_weights(3, 4000, dim, 1e-3)
    found = compress(draw, degree, even=even)
    assert np.all(found.weights > 0)
    assert len(found.nodes) <= node_count(1 + dim, degree, even) + found.kept
    unit, nodes = draw / 1e-3, found.nodes / 1e-3
    for powers in monomials(1 + dim, degree, even):
        exact = math.fsum(np.prod(unit**powers, axis=1))
        size = math.fsum(np.abs(np.prod(unit**powers, axis=1)))
        assert abs(found.weights @ np.prod(nodes**powers, axis=1) - exact) <= 1e-11 * size


@given(
    width=st.integers(200, 3000),
    dim=st.integers(1, 3),
    seed=st.integers(0, 1000),
    kind=st.sampled_from(["normal", "cubed", "equal", "lattice"]),
)
def test_every_draw_is_compressed_to_positive_weights_of_the_same_sum(width, dim, seed, kind):
    """Heavy tails, equal neurons and neurons on a lattice included."""
    draw = initial_weights(seed, width, dim, 1.0)
    if kind == "cubed":
        draw = draw**3
    elif kind == "equal":
        draw = np.repeat(draw[:1], width, axis=0)
    elif kind == "lattice":
        draw = np.round(draw)
    found = compress(draw, 4, even=True)
    assert np.all(found.weights > 0)
    assert found.weights.sum() == pytest.approx(width, rel=1e-12)
    assert found.residual < 1e-12
    rows = {tuple(row) for row in draw}
    assert all(tuple(node) in rows for node in found.nodes)
    sums = order_parameters(found.nodes, found.weights)
    assert sums == pytest.approx(order_parameters(draw), rel=1e-9, abs=1e-9 * width)


def test_the_extreme_neurons_stay():
    draw = initial_weights(5, 3000, 1, 1e-3)
    found = compress(draw, 6, even=True)
    largest = draw[np.argmax(np.abs(draw.sum(axis=1)))]
    rows = found.nodes.tolist()
    for row in (
        largest,
        draw[np.argmax(np.abs(draw[:, 0]))],
        draw[np.argmax(np.abs(draw[:, 1]))],
    ):
        assert found.weights[rows.index(row.tolist())] == 1.0
    assert found.kept >= 4


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_infinite_width_limit_has_normal_moments(dim):
    """E x^p = Π (p_i − 1)!! for even p_i."""
    nodes, weights = gauss_hermite(500.0, dim, 0.1, 8)
    for powers in monomials(1 + dim, 8, True):
        exact = 500.0 * math.prod(math.prod(range(1, p, 2)) for p in powers)
        exact = 0.0 if any(p % 2 for p in powers) else exact * 0.1 ** sum(powers)
        found = weights @ np.prod(nodes**powers, axis=1)
        scale = 500.0 * 0.1 ** sum(powers) * 105
        assert abs(found - exact) <= 1e-11 * scale


def test_the_limit_predicts_the_mean_of_many_draws():
    """T_2 of Gauss–Hermite neurons at m = 4000 against 20 draws, whose scatter is 1/√(2m)."""
    width = 4000
    nodes, weights = gauss_hermite(width, 1, 1 / width, 12)
    network = Network(activation("tanh"), SINE)
    limit = descent_time(
        simulate(Network(activation("tanh"), SINE, neuron_weights=weights), nodes, 8.0, rtol=1e-8)
    )
    found = [
        descent_time(
            simulate(
                network, initial_weights(seed, width, 1, 1 / width), 8.0, rtol=1e-8, neurons="quadrature"
            )
        )
        for seed in range(20)
    ]
    assert abs(np.mean(found) - limit) < 4 / math.sqrt(2 * width * 20)


@pytest.mark.parametrize(("dim", "width"), [(1, 3000), (2, 1500)])
def test_representatives_follow_the_full_network(dim, width):
    """P, the loss and T_2 within the estimate, through T_2 + 6; then every neuron by the flow map."""
    data = SINE if dim == 1 else generated(40, 2, "sin(x1)+0.3*sin(2*x2)")
    network = Network(activation("tanh"), data)
    start = initial_weights(1, width, dim, 1 / width)
    until = 0.5 * math.log(18 * width) + 6
    few = simulate(network, start, until, rtol=1e-11, neurons="quadrature", tolerance=1e-7)
    full = simulate(network, start, until, rtol=1e-11)
    assert few.provenance["neurons"]["simulated"] == "quadrature"
    assert few.width == full.width == width
    estimate = few.provenance["neurons"]["estimate"]
    assert estimate <= 1e-7
    for time in np.linspace(0, until, 15):
        assert few.order_parameters(time) == pytest.approx(full.order_parameters(time), abs=estimate + 1e-10)
        assert few.network.loss(few.state(time)) == pytest.approx(
            network.loss(full.state(time)), abs=estimate + 1e-10
        )
    assert descent_time(few) == pytest.approx(descent_time(full), abs=10 * (estimate + 1e-10))
    end = full.state(until)
    assert np.abs(few.all_neurons(until) - end).max() < 1e-6 * np.abs(end).max()
    assert relative_wasserstein(few.all_neurons(2.0)).weights == pytest.approx(
        relative_wasserstein(full.state(2.0)).weights, abs=1e-7
    )


def test_the_target_error_at_twenty_thousand_neurons():
    """Below 1e-8 in P through T_2 + 6, at a degree that needs fewer than 40 representatives."""
    width = 20000
    network = Network(activation("tanh"), SINE)
    start = initial_weights(0, width, 1, 1 / width)
    until = 0.5 * math.log(18 * width) + 6
    few = simulate(network, start, until, neurons="auto")
    full = simulate(network, start, until, keep="observables", times=np.linspace(0, until, 40))
    assert few.provenance["neurons"]["representatives"] < 40
    found = [few.order_parameters(float(t))[0] for t in full.recorded["t"]]
    assert np.abs(found - full.recorded["P"]).max() < 1e-8


def test_late_in_the_secondary_plateau_representatives_are_refused():
    """κ < 0 for the sine target: the largest neurons run away at a time of order m; low degrees cannot follow."""
    width = 2000
    network = Network(activation("tanh"), SINE)
    start = initial_weights(0, width, 1, 1 / width)
    with pytest.raises(QuadratureRefusedError, match=r"two degrees differ by .* Simulate all neurons"):
        simulate(network, start, 900.0, rtol=1e-8, neurons="quadrature")
    fallen_back = simulate(network, start, 900.0, rtol=1e-8, neurons="auto")
    assert fallen_back.provenance["neurons"]["simulated"] == "all"
    assert "refused" in fallen_back.provenance["neurons"]["reason"]
    assert fallen_back.state(900.0).shape == (width, 2)


def test_where_it_does_not_pay_it_says_so():
    network = Network(activation("tanh"), SINE)
    assert "pays from" in why_not(network, 500)
    assert why_not(network, 10**5) is None
    start = initial_weights(0, 30, 1, 1 / 30)
    assert simulate(network, start, 1.0, neurons="auto").provenance["neurons"]["simulated"] == "all"
    with pytest.raises(InputError, match="does not pay for 30 neurons"):
        simulate(network, start, 1.0, neurons="quadrature")
    four = Network(activation("tanh"), generated(20, 4, "x1+x2"))
    assert "up to 3" in why_not(four, 10**6)
    with pytest.raises(InputError, match="up to 3, not 4"):
        simulate(four, initial_weights(0, 100, 4, 0.01), 1.0, neurons="quadrature")
    with pytest.raises(InputError, match="dimensions up to 3"):
        compress(np.ones((100, 5)), 4, even=True)


@pytest.mark.parametrize(
    ("draw", "degree", "word"),
    [
        (np.full((500, 2), math.nan), 4, "finite"),
        (np.ones((500, 2)), 3, "even"),
        (np.ones((500, 2)), 0, "at least 2"),
    ],
)
def test_bad_draws_are_refused(draw, degree, word):
    with pytest.raises(InputError, match=word):
        compress(draw, degree, even=True)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"neurons": "some"}, "neurons"),
        ({"keep": "nothing"}, "keep"),
        ({"neurons": "quadrature", "tolerance": 0.0}, "tolerance"),
        ({"neurons": "quadrature", "tolerance": math.nan}, "tolerance"),
    ],
)
def test_bad_options_are_refused(options, word):
    with pytest.raises(InputError, match=word):
        simulate(Network(activation("tanh"), SINE), initial_weights(0, 400, 1, 0.01), 1.0, **options)


def test_an_activation_that_is_not_odd_keeps_odd_moments():
    """σ = u + 0.3 u⁴: signs matter, so all degrees up to K are matched."""
    network = Network(activation("u+0.3*u**4"), SINE)
    start = initial_weights(2, 600, 1, 1 / 600)
    few = simulate(network, start, 8.0, rtol=1e-9, neurons="quadrature", tolerance=1e-6)
    full = simulate(network, start, 8.0, rtol=1e-9)
    assert not few.representatives.quadrature.even
    assert few.order_parameters(8.0)[0] == pytest.approx(full.order_parameters(8.0)[0], abs=1e-7)


def test_observables_of_weighted_neurons_are_those_of_copies():
    few = initial_weights(1, 6, 3, 1.0)
    counts = np.array([2, 1, 3, 1, 1, 4])
    many, mu = np.repeat(few, counts, axis=0), counts.astype(float)
    assert order_parameters(few, mu) == pytest.approx(order_parameters(many))
    assert norms(few, mu) == pytest.approx(norms(many))
    assert drift_sums(few, mu) == pytest.approx(drift_sums(many))
    assert transverse(few, mu) == pytest.approx(transverse(many))
    assert relative_wasserstein(few, mu) == pytest.approx(relative_wasserstein(many))
    assert wasserstein2(few[:, 0], many[:, 0], mu) == pytest.approx(0.0, abs=1e-12)


def test_observables_alone_are_those_of_the_states():
    network = Network(activation("tanh"), SINE)
    start = initial_weights(0, 300, 1, 1 / 300)
    times = np.linspace(0, 9, 37)
    thin = simulate(network, start, 9.0, keep="observables", times=times)
    full = simulate(network, start, 9.0)
    assert thin.states.shape == (2, 300, 2)
    assert np.array_equal(thin.states[-1], full.states[-1])
    assert thin.recorded["t"].tolist() == np.union1d(times, full.times).tolist()
    expected = full.series(lambda s: [network.loss(s), *norms(s), *order_parameters(s)], thin.recorded["t"])
    for column, name in zip(expected.T, ("loss", "norm_a", "norm_w", "P", "Q"), strict=True):
        assert np.allclose(thin.recorded[name], column, rtol=1e-12, atol=1e-15)
    assert descent_time(thin) == pytest.approx(descent_time(full), abs=1e-12)
    with pytest.raises(InputError, match="not kept"):
        thin.state(3.0)
    with pytest.raises(InputError, match="recorded"):
        thin.series(order_parameters)
    with pytest.raises(InputError, match="not watched"):
        descent_time(thin, 0.2)


def test_the_end_of_the_plateau_is_found_and_is_the_same_seen_through_all_neurons():
    """m = 100, κ < 0: the largest neuron doubles, then the loss halves; each crossing is one by its definition."""
    network = Network(activation("tanh"), SINE)
    run = simulate(network, initial_weights(0, 100, 1, 0.01), 250.0, rtol=1e-9)
    second, found = descent_time(run), plateau_exit(run)
    assert found.norm_doubles is not None
    assert found.loss_halves is not None
    assert second + math.log(100) < found.norm_doubles < found.loss_halves
    reference = network.loss(run.state(second + math.log(100)))
    assert network.loss(run.state(found.loss_halves)) == pytest.approx(reference / 2, rel=1e-9)
    assert secondary_time(second, 100) == pytest.approx(second + 100 / math.log(100))
    short = simulate(network, initial_weights(0, 100, 1, 0.01), second + 1.0)
    assert plateau_exit(short) is None
    with pytest.raises(InputError, match="two neurons"):
        secondary_time(1.0, 1)
