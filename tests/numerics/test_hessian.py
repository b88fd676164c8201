"""The Hessian against central differences in 50 digits, dense eigenvalues and cases that can be solved."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from numerics import InputError, Network, generated, initial_weights
from numerics import hessian as hessian_module
from numerics.activation import NAMED, Activation, activation
from numerics.dataset import from_arrays
from numerics.hessian import MOST_PARAMETERS, Hessian, extreme_eigenvalues, spectrum_along
from numerics.simulate import simulate

SIGMA = {
    "tanh": mpmath.tanh,
    "erf": lambda u: mpmath.erf(mpmath.sqrt(mpmath.pi) * u / 2),
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "rational": lambda u: u / mpmath.sqrt(1 + u * u),
    "gd": lambda u: 2 * mpmath.atan(mpmath.tanh(u / 2)),
    "u + u**3/5 - u**4/7": lambda u: u + u**3 / 5 - u**4 / 7,
}
TARGETS = {1: "sin(x)", 2: "sin(x1)+0.3*sin(2*x2)", 3: "x1-0.4*x2*x3*x1"}


def risk(sigma, rows, data):
    """R = ½ Σ_i weight_i (Σ_k a_k σ(w_k·x_i) − y_i)², term by term."""
    total = mpmath.mpf(0)
    for x, y, weight in zip(data.x.tolist(), data.y.tolist(), data.weights.tolist(), strict=True):
        output = sum(row[0] * sigma(sum(w * c for w, c in zip(row[1:], x, strict=True))) for row in rows)
        total += weight * (output - y) ** 2
    return total / 2


def differences(sigma, state, data) -> np.ndarray:
    """∂²R by central differences of step 1e-12: truncated near 1e-24, rounded near 1e-26."""
    with mpmath.workdps(50):
        rows = [[mpmath.mpf(entry) for entry in row] for row in state.tolist()]
        step = mpmath.mpf(10) ** -12
        places = [(k, j) for k in range(len(rows)) for j in range(len(rows[0]))]

        def at(*moves):
            moved = [list(row) for row in rows]
            for (k, j), by in moves:
                moved[k][j] += by
            return risk(sigma, moved, data)

        found = np.empty((len(places), len(places)))
        for i, first in enumerate(places):
            for j, second in enumerate(places[: i + 1]):
                value = sum(
                    s * t * at((first, s * step), (second, t * step)) for s in (1, -1) for t in (1, -1)
                )
                found[i, j] = found[j, i] = float(value / (4 * step**2))
        return found


@pytest.mark.parametrize(
    ("name", "dim", "samples", "width"),
    [*((name, 1, 4, 3) for name in SIGMA), ("tanh", 2, 6, 2), ("gd", 3, 6, 2), ("sin", 2, 6, 1)],
)
def test_all_blocks_are_the_second_differences_of_the_risk(name, dim, samples, width):
    network = Network(activation(name), generated(samples, dim, TARGETS[dim]))
    state = initial_weights(5, width, dim, 0.8)
    expected = differences(SIGMA[name], state, network.data)
    found = Hessian(network, state).dense()
    assert np.allclose(found, expected, rtol=1e-13, atol=2e-15)
    assert np.array_equal(found, found.T)


def test_every_named_activation_is_tested():
    assert set(NAMED) <= set(SIGMA)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("use_symmetry", [True, False])
@pytest.mark.parametrize("kept", [0, 2**24])
def test_products_are_those_of_the_dense_matrix(dim, use_symmetry, kept, monkeypatch):
    """Both ways of computing a product, with and without half the samples, several blocks of neurons."""
    monkeypatch.setattr(hessian_module, "_KEPT_NUMBERS", kept)
    monkeypatch.setattr(hessian_module, "_BLOCK_PAIRS", 50)
    network = Network(activation("arctan"), generated(20, dim, TARGETS[dim]), use_symmetry=use_symmetry)
    state = initial_weights(2, 9, dim, 0.7)
    hessian = Hessian(network, state)
    full = Hessian(Network(network.activation, network.data, use_symmetry=False), state).dense()
    found = np.array([hessian @ direction for direction in np.eye(hessian.size)])
    assert np.allclose(found, full, rtol=0, atol=4e-15 * np.abs(full).max())
    direction = initial_weights(3, 9, dim, 1.0)
    assert hessian.product(direction).shape == direction.shape
    assert np.allclose(hessian.product(direction).ravel(), full @ direction.ravel(), rtol=1e-12, atol=1e-14)


def test_weights_of_the_samples_and_data_without_symmetry():
    random = np.random.default_rng(4)
    weights = np.array([0.1, 0.0, 0.5, 0.2, 0.2])
    data = from_arrays(random.normal(size=(5, 2)), random.normal(size=5), weights)
    network = Network(activation("rational"), data)
    state = random.normal(size=(2, 3))
    expected = differences(SIGMA["rational"], state, data)
    hessian = Hessian(network, state)
    assert np.allclose(hessian.dense(), expected, rtol=1e-13, atol=1e-15)
    assert np.allclose([hessian @ v for v in np.eye(6)], expected, rtol=1e-12, atol=1e-15)


def test_the_hessian_is_minus_the_jacobian_of_the_drift():
    """Central differences of the drift along a direction, extrapolated once: error of order h⁴."""
    network = Network(activation("erf"), generated(30, 2, TARGETS[2]))
    state, direction = initial_weights(0, 12, 2, 0.5), initial_weights(1, 12, 2, 1.0)

    def quotient(h):
        return (network.drift(state - h * direction) - network.drift(state + h * direction)) / (2 * h)

    expected = (4 * quotient(5e-4) - quotient(1e-3)) / 3
    assert np.allclose(Hessian(network, state) @ direction, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("width", [5, 60])
def test_at_zero_weights_the_spectrum_is_plus_and_minus_the_norm_of_z(dim, width):
    """There H couples each a_k with w_k through −z alone: eigenvalues ±‖z‖ (m times each) and 0."""
    network = Network(activation("tanh"), generated(24, dim, TARGETS[dim]))
    state = np.zeros((width, 1 + dim))
    hessian = Hessian(network, state)
    expected = np.repeat([-1.0, 0.0, 1.0], [width, width * (dim - 1), width])
    assert np.allclose(np.linalg.eigvalsh(hessian.dense()), expected, rtol=0, atol=1e-13)
    ends = extreme_eigenvalues(hessian)
    assert (ends.largest, ends.lowest) == pytest.approx((1.0, -1.0), abs=1e-12)
    assert ends.status == "ok"


@pytest.mark.parametrize("time", [0.0, 4.0, 6.0, 12.0])
def test_lanczos_agrees_with_the_dense_eigenvalues(time):
    network = Network(activation("tanh"), generated(40, 1, "sin(x)"))
    trajectory = simulate(network, initial_weights(3, 150, 1, 1 / 150), 12.0, rtol=1e-8)
    hessian = Hessian(network, trajectory.state(time))
    exact = np.linalg.eigvalsh(hessian.dense())
    ends = extreme_eigenvalues(hessian)
    scale = max(abs(exact[0]), abs(exact[-1]))
    assert ends.status == "ok", ends.message
    assert ends.largest == pytest.approx(exact[-1], abs=1e-6 * scale)
    assert ends.lowest == pytest.approx(exact[0], abs=1e-6 * scale)
    for value, vector, residual in zip(
        (ends.largest, ends.lowest), (ends.largest_vector, ends.lowest_vector), ends.residuals, strict=True
    ):
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-12)
        assert np.linalg.norm(hessian @ vector - value * vector) == pytest.approx(residual, abs=1e-14)
        assert np.abs(exact - value).min() <= residual + 1e-13


def test_too_small_a_budget_is_said_and_the_residual_stays_true():
    network = Network(activation("tanh"), generated(40, 1, "sin(x)"))
    trajectory = simulate(network, initial_weights(0, 300, 1, 1 / 300), 3.0, rtol=1e-8)
    hessian = Hessian(network, trajectory.state(3.0))
    ends = extreme_eigenvalues(hessian, tolerance=1e-12, most_products=150)
    assert ends.status == "not-converged"
    assert "Asked for 1e-12" in ends.message
    exact = np.linalg.eigvalsh(hessian.dense())
    assert np.abs(exact - ends.lowest).min() <= ends.residuals[1] + 1e-13
    assert ends.products < 1500


def test_the_spectrum_along_a_trajectory():
    network = Network(activation("gd"), generated(30, 2, TARGETS[2]))
    trajectory = simulate(network, initial_weights(1, 60, 2, 1 / 60), 10.0, rtol=1e-7)
    times = np.linspace(0.0, 10.0, 6)
    found = spectrum_along(trajectory, times)
    exact = [np.linalg.eigvalsh(Hessian(network, trajectory.state(t)).dense()) for t in times]
    assert found.status == "ok"
    assert np.allclose(found.largest, [values[-1] for values in exact], rtol=0, atol=2e-6)
    assert np.allclose(found.lowest, [values[0] for values in exact], rtol=0, atol=2e-6)
    assert spectrum_along(trajectory).times.tolist() == trajectory.times.tolist()


def test_one_linear_neuron_by_hand():
    """σ(u) = u on x = ±1, y = x: R = ½ (a w − 1)², H = [[w², 2aw − 1], [2aw − 1, a²]]."""
    identity = Activation("identity", lambda u: u, np.ones_like, odd=True, second=np.zeros_like)
    network = Network(identity, from_arrays(np.array([-1.0, 1.0]), np.array([-1.0, 1.0])))
    a, w = 0.75, -1.25
    expected = [[w * w, 2 * a * w - 1], [2 * a * w - 1, a * a]]
    assert np.allclose(Hessian(network, np.array([[a, w]])).dense(), expected, rtol=0, atol=1e-15)
    ends = extreme_eigenvalues(Hessian(network, np.array([[1.0, 1.0]])))
    assert (ends.largest, ends.lowest) == pytest.approx((2.0, 0.0), abs=1e-15)


def test_what_cannot_be_computed_is_refused():
    data = generated(10, 1, "sin(x)")
    network = Network(activation("tanh"), data)
    with pytest.raises(InputError, match="not finite"):
        Hessian(network, np.array([[math.nan, 1.0]]))
    with pytest.raises(InputError, match="shape"):
        Hessian(network, np.ones((3, 4)))
    with pytest.raises(InputError, match="second derivative"):
        Hessian(Network(Activation("mine", np.tanh, np.cos), data), np.ones((3, 2)))
    hessian = Hessian(network, np.ones((3, 2)))
    with pytest.raises(InputError, match="6 numbers"):
        hessian.product(np.ones(5))
    with pytest.raises(InputError, match="tolerance"):
        extreme_eigenvalues(hessian, tolerance=0.0)
    with pytest.raises(InputError, match="too large"):
        Hessian(network, np.ones((MOST_PARAMETERS, 2))).dense()
