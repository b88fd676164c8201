"""The simulated network against solvable cases, and the times and numbers read off it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import (
    InputError,
    Network,
    default_horizon,
    descent_time,
    drift_sums,
    generated,
    initial_weights,
    neuron_norm,
    norms,
    order_parameters,
    plateau_time,
    transverse,
)
from numerics.activation import Activation, activation
from numerics.dataset import from_arrays
from numerics.milestones import default_gamma
from numerics.simulate import simulate

LINEAR = Activation("identity", lambda u: u, np.ones_like, odd=True)


def test_two_linear_neurons_follow_the_closed_form():
    """σ(u) = u on x = ±1, y = x. From a = w at all neurons, P = Q is logistic:
    P = P₀ / (P₀ + (1 − P₀) e^{−2t})."""
    network = Network(LINEAR, from_arrays(np.array([-1.0, 1.0]), np.array([-1.0, 1.0])))
    start = 1e-3 * np.array([[1.0, 1.0], [-2.0, -2.0]])
    trajectory = simulate(network, start, 12.0, rtol=1e-11)
    p0 = 5e-6
    times = np.linspace(0, 12, 61)
    p, q = trajectory.series(order_parameters, times).T
    expected = p0 / (p0 + (1 - p0) * np.exp(-2 * times))
    assert np.allclose(p, expected, rtol=1e-8)
    assert np.allclose(q, expected, rtol=1e-8)
    assert np.allclose(
        trajectory.series(network.loss, times), 0.5 * (1 - expected) ** 2, rtol=1e-8, atol=1e-9
    )
    # P = 0.9 at e^{2t} = 9 (1 − p0)/p0.
    assert descent_time(trajectory) == pytest.approx(0.5 * math.log(9 * (1 - p0) / p0), abs=1e-9)
    assert descent_time(trajectory, zeta=0.5) == pytest.approx(0.5 * math.log((1 - p0) / p0), abs=1e-9)


def test_a_linear_network_follows_the_exact_solution_from_any_start():
    """With v = e^{2s}, ds = (1 − P) dt: P = A v − B/v, Q = A v + B/v, and
    t(v) = [log((v − v₋)/(1 − v₋)) − log((v₊ − v)/(v₊ − 1))] / (2A (v₊ − v₋))."""
    network = Network(LINEAR, generated(20, 1, "x"))
    start = initial_weights(11, 50, 1, 1 / 50)
    a, w = start.T
    big, small = 0.25 * np.sum((a + w) ** 2), 0.25 * np.sum((a - w) ** 2)
    root = math.sqrt(1 + 4 * big * small)
    plus, minus = (1 + root) / (2 * big), (1 - root) / (2 * big)
    trajectory = simulate(network, start, 10.0, rtol=1e-12)
    for v in np.geomspace(1.5, 0.999 * plus, 20):
        time = math.log((v - minus) / (1 - minus)) - math.log((plus - v) / (plus - 1))
        time /= 2 * big * (plus - minus)
        p, q = order_parameters(trajectory.state(time))
        assert p == pytest.approx(big * v - small / v, rel=1e-9)
        assert q == pytest.approx(big * v + small / v, rel=1e-9)


def test_the_plain_path_gives_the_same_trajectory():
    data = generated(30, 1, "sin(x)")
    start = initial_weights(0, 60, 1, 1 / 60)
    short = simulate(Network(activation("tanh"), data), start, 8.0)
    plain = simulate(Network(activation("tanh"), data, use_symmetry=False), start, 8.0)
    assert np.abs(short.state(8.0) - plain.state(8.0)).max() < 1e-9
    assert descent_time(short) == pytest.approx(descent_time(plain), abs=1e-8)


def test_a_tighter_tolerance_moves_nothing_that_is_trusted():
    network = Network(activation("tanh"), generated(60, 1, "sin(x)"))
    start = initial_weights(1, 300, 1, 1 / 300)
    usual, tight = simulate(network, start, 9.0), simulate(network, start, 9.0, rtol=1e-13)
    assert descent_time(usual) == pytest.approx(descent_time(tight), abs=1e-9)
    times = np.linspace(0, 9, 50)
    assert np.abs(usual.series(order_parameters, times) - tight.series(order_parameters, times)).max() < 1e-9


@pytest.mark.parametrize("dim", [1, 2])
def test_the_loss_falls_at_the_rate_of_the_squared_gradient(dim):
    """dR/dt = −‖∇R‖² along the gradient flow: five-point differences of the loss."""
    network = Network(activation("tanh"), generated(40, dim, "sin(x)" if dim == 1 else "sin(x1)+x2"))
    trajectory = simulate(network, initial_weights(2, 30, dim, 0.2), 5.0, rtol=1e-12)
    h = 1e-2
    for time in (0.5, 1.5, 3.0):
        losses = [network.loss(trajectory.state(time + k * h)) for k in (-2, -1, 1, 2)]
        slope = (losses[0] - 8 * losses[1] + 8 * losses[2] - losses[3]) / (12 * h)
        drift = network.drift(trajectory.state(time))
        assert slope == pytest.approx(-float(np.sum(drift**2)), rel=1e-5)


def test_provenance_says_how_to_make_it_again():
    network = Network(activation("erf"), generated(10, 1, "x"))
    trajectory = simulate(network, initial_weights(4, 5, 1, 0.1), 1.0, provenance={"seed": 4})
    about = trajectory.provenance
    assert about["seed"] == 4
    assert about["width"] == 5
    assert about["activation"] == "erf"
    assert about["data"]["target"] == "x"
    assert set(about["versions"]) >= {"python", "numpy", "scipy"}
    assert trajectory.status == "ok"
    assert trajectory.end == 1.0


def test_weights_of_another_dimension_are_refused():
    network = Network(activation("tanh"), generated(10, 1, "x"))
    with pytest.raises(InputError, match="shape"):
        simulate(network, initial_weights(4, 5, 2, 0.1), 1.0)


def test_order_parameters_and_norms_by_hand():
    state = np.array([[1.0, 2.0, 3.0], [-4.0, 5.0, -6.0]])
    assert order_parameters(state) == (2.0 - 20.0, 0.5 * (1 + 16 + 4 + 25))
    assert norms(state) == pytest.approx((math.sqrt(17), math.sqrt(4 + 9 + 25 + 36)))
    assert drift_sums(state).tolist() == [-18.0, 27.0]
    assert transverse(state) == pytest.approx([math.sqrt(45)])
    assert neuron_norm(state) == pytest.approx(math.sqrt(61))
    assert neuron_norm(np.array([[9.0, 1.0]])) == 9.0
    assert transverse(np.ones((3, 2))).shape == (0,)


def test_plateau_time_is_gamma_log_m():
    assert plateau_time(1000, 0.25) == pytest.approx(0.25 * math.log(1000))
    assert default_gamma(1.0) == 0.25


def test_descent_time_where_it_is_not_reached_or_is_at_once():
    network = Network(LINEAR, from_arrays(np.array([-1.0, 1.0]), np.array([-1.0, 1.0])))
    early = simulate(network, np.array([[1e-3, 1e-3]]), 1.0)
    assert descent_time(early) is None
    late = simulate(network, np.array([[1.0, 0.95]]), 1.0)
    assert descent_time(late) == 0.0
    for zeta in (0.0, 1.0, -1.0, math.nan):
        with pytest.raises(InputError, match="zeta"):
            descent_time(late, zeta)


def test_descent_time_is_the_first_crossing():
    """A neuron beyond the target falls back towards P = 1; the level is passed at the start."""
    network = Network(LINEAR, from_arrays(np.array([-1.0, 1.0]), np.array([-1.0, 1.0])))
    assert descent_time(simulate(network, np.array([[2.0, 2.0]]), 3.0)) == 0.0


def test_the_horizon_holds_the_descent_and_the_plateau_after_it():
    width, scale = 200, 1 / 200
    # The prediction by hand: ½ [log(2 m) + log 9].
    assert default_horizon(width, scale) == pytest.approx(0.5 * math.log(18 * 200) + 2 * math.log(200) + 3)
    network = Network(activation("tanh"), generated(60, 1, "sin(x)"))
    trajectory = simulate(network, initial_weights(0, width, 1, scale), default_horizon(width, scale))
    found = descent_time(trajectory)
    assert found is not None
    assert found == pytest.approx(0.5 * math.log(18 * 200), abs=0.3)
    assert default_horizon(10, 3.0) == pytest.approx(2 * math.log(10) + 3)
    for arguments in ((0, 1.0), (10, 0.0), (10, 1.0, 0.0), (10, math.nan)):
        with pytest.raises(InputError, match="horizon"):
            default_horizon(*arguments)
