"""The fully connected network against loops in 50 digits, the two-layer network, and cases solved by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from numerics import InputError, Network, initial_weights
from numerics.activation import NAMED, Activation, activation
from numerics.dataset import from_arrays
from numerics.fully_connected import MOST_PARAMETERS, FullyConnected
from numerics.hessian import Hessian

SIGMA = {
    "relu": lambda u: u if u > 0 else mpmath.mpf(0),
    "linear": lambda u: u,
    "tanh": mpmath.tanh,
    "erf": lambda u: mpmath.erf(mpmath.sqrt(mpmath.pi) * u / 2),
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "rational": lambda u: u / mpmath.sqrt(1 + u * u),
    "gd": lambda u: 2 * mpmath.atan(mpmath.tanh(u / 2)),
    "u + u**3/5": lambda u: u + u**3 / 5,
}


def drawn(shape, seed):
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(shape)


def example(name="tanh", hidden=(3, 2), bias=True, samples=4, inputs=2, outputs=2, weights=None):
    return FullyConnected(
        drawn((samples, inputs), 1), drawn((samples, outputs), 2), hidden, name, bias, weights
    )


def loss(network, sigma, theta):
    """L written with loops over numbers of any arithmetic: nothing of the layout is taken from the network."""
    place, widths, total = 0, (network.x.shape[1], *network.hidden, network.y.shape[1]), mpmath.mpf(0)
    layers = []
    for i, o in pairwise(widths):
        weight = [theta[place + r * i : place + (r + 1) * i] for r in range(o)]
        place += i * o
        bias = theta[place : place + o] if network.bias else [0] * o
        place += o * network.bias
        layers.append((weight, bias))
    assert place == len(theta)
    weights = (
        [mpmath.mpf(1) / len(network.x)] * len(network.x) if network.weights is None else network.weights
    )
    for x, y, p in zip(network.x.tolist(), network.y.tolist(), weights, strict=True):
        h = x
        for number, (weight, bias) in enumerate(layers):
            z = [
                sum(w * c for w, c in zip(row, h, strict=True)) + b
                for row, b in zip(weight, bias, strict=True)
            ]
            h = z if number == len(layers) - 1 else [sigma(u) for u in z]
        total += p * sum((f - t) ** 2 for f, t in zip(h, y, strict=True)) / len(y)
    return total / 2


def slope(f, step):
    """The derivative at 0 by a central difference of the fourth order, in the arithmetic of mpmath."""
    return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)


@pytest.mark.parametrize(
    ("name", "hidden", "bias"),
    [
        *((name, (3, 2), True) for name in SIGMA),
        ("tanh", (4,), False),
        ("relu", (3, 3, 2), False),
        ("tanh", (2, 2, 2, 2), True),
        ("linear", (), True),
    ],
)
def test_gradient_and_products_are_differences_of_the_loss_in_50_digits(name, hidden, bias):
    network = example(name, hidden, bias, weights=[0.1, 0.2, 0.3, 0.4])
    theta, v = 0.9 * drawn(network.size, 3), drawn(network.size, 4)
    sigma = SIGMA[name]
    with mpmath.workdps(50):
        point, direction = [mpmath.mpf(c) for c in theta.tolist()], [mpmath.mpf(c) for c in v.tolist()]
        step = mpmath.mpf(10) ** -8

        def at(along, t, unit=None, s=0):
            moved = [c + t * d for c, d in zip(point, along, strict=True)]
            if unit is not None:
                moved[unit] += s
            return loss(network, sigma, moved)

        value = float(loss(network, sigma, point))
        units = range(network.size)
        gradient = [float(slope(lambda s, i=i: at(direction, 0, i, s), step)) for i in units]
        product = [
            float(slope(lambda t, i=i: slope(lambda s: at(direction, t, i, s), step), step)) for i in units
        ]
    assert network.loss(theta) == pytest.approx(value, rel=1e-13)
    expansion = network.at(theta)
    assert expansion.loss == pytest.approx(value, rel=1e-13)
    assert np.allclose(network.gradient(theta), gradient, rtol=1e-12, atol=1e-14)
    assert np.allclose(expansion.gradient, gradient, rtol=1e-12, atol=1e-14)
    assert np.allclose(network.hessian_product(theta, v), product, rtol=1e-12, atol=1e-13)


def test_every_named_activation_is_tested():
    assert set(NAMED) <= set(SIGMA)


@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_several_directions_at_once_and_the_dense_matrix(name):
    network = example(name, (5, 4), True, samples=7, inputs=3)
    theta, several = drawn(network.size, 3), drawn((6, network.size), 5)
    expansion = network.at(theta)
    together = expansion.product(several)
    assert together.shape == several.shape
    assert np.allclose(together, [expansion.product(v) for v in several], rtol=1e-13, atol=1e-14)
    matrix = expansion.dense()
    assert np.array_equal(matrix, matrix.T)
    assert np.array_equal(matrix, network.hessian(theta))
    assert np.allclose(several @ matrix, together, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", ["tanh", "gd"])
def test_depth_two_without_bias_is_the_two_layer_network(name):
    x, y = drawn((9, 3), 1), drawn(9, 2)
    two = Network(activation(name), from_arrays(x, y))
    state = initial_weights(3, 6, 3, 0.7)
    network = FullyConnected(x, y, (6,), name)
    theta = np.concatenate([state[:, 1:].ravel(), state[:, 0]])
    assert network.loss(theta) == pytest.approx(two.loss(state), rel=1e-14)
    drift = two.drift(state)
    assert np.allclose(
        network.gradient(theta), -np.concatenate([drift[:, 1:].ravel(), drift[:, 0]]), rtol=1e-12, atol=1e-14
    )
    spectrum = np.linalg.eigvalsh(Hessian(two, state).dense())
    assert np.allclose(np.linalg.eigvalsh(network.hessian(theta)), spectrum, rtol=1e-11, atol=1e-12)


def test_the_uv_model_by_hand():
    """f = u·v (w = 2, x = 1, y = 0) has the Hessian [[v vᵀ, f I + v uᵀ], [f I + u vᵀ, u uᵀ]]."""
    u, v = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    network = FullyConnected([[1.0]], [[0.0]], (2,), "linear")
    f = u @ v
    theta = np.concatenate([u, v])
    assert network.loss(theta) == f * f / 2
    assert np.array_equal(network.gradient(theta), f * np.concatenate([v, u]))
    mixed = f * np.eye(2) + np.outer(v, u)
    expected = np.block([[np.outer(v, v), mixed], [mixed.T, np.outer(u, u)]])
    assert np.array_equal(network.hessian(theta), expected)


def test_a_linear_model_has_the_normal_matrix_as_its_hessian_everywhere():
    network = example("tanh", (), True, samples=6, inputs=3, outputs=1)
    design = np.column_stack([network.x, np.ones(6)])
    assert np.allclose(network.hessian(drawn(4, 8)), design.T @ design / 6, rtol=1e-13)


def test_layers_are_views_and_a_sum_of_tanh_can_be_written_into_them():
    network = FullyConnected(np.linspace(-2, 2, 7)[:, None], np.zeros(7), (3,), "tanh", bias=True)
    a, w, b, c = [1.0, -2.0, 0.5], [3.0, 1.0, -1.0], [0.1, 0.2, 0.3], 0.7
    theta = np.empty(network.size)
    inner, outer = network.layers(theta)
    inner.weight[:, 0], inner.bias[:], outer.weight[0], outer.bias[0] = w, b, a, c
    points = [[0.3], [-1.1]]
    expected = [
        math.fsum([c, *(ak * math.tanh(wk * x + bk) for ak, wk, bk in zip(a, w, b, strict=True))])
        for (x,) in points
    ]
    assert np.allclose(network.output(theta, np.array(points))[:, 0], expected, rtol=1e-14)
    assert theta.tolist() == [*w, *b, *a, c]


@pytest.mark.parametrize(("name", "gain"), [("relu", 2.0), ("tanh", 1.0), ("linear", 1.0)])
def test_the_standard_parameterisation(name, gain):
    network = FullyConnected(drawn((2, 50), 1), drawn((2, 40), 2), (200, 300), name)
    layers = network.layers(network.initial(7))
    for layer, expected in zip(layers, [gain / 50, gain / 200, 1 / 300], strict=True):
        numbers = layer.weight.ravel()
        # Five standard deviations of the mean and of the variance of so many normal numbers.
        assert abs(numbers.mean()) < 5 * math.sqrt(expected / numbers.size)
        assert numbers.var() == pytest.approx(expected, rel=5 * math.sqrt(2 / numbers.size))
    first, second = layers[1].weight[:200, :40].ravel(), layers[2].weight[:40, :200].T.ravel()
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / math.sqrt(first.size)


def test_initial_parameters_depend_on_seed_layer_row_and_fan_in_alone():
    x, y = drawn((2, 5), 1), drawn((2, 3), 2)
    small, large = FullyConnected(x, y, (4, 6)), FullyConnected(x, y, (9, 6))
    assert np.array_equal(small.initial(3), small.initial(3))
    assert not np.array_equal(small.initial(3), small.initial(4))
    first = small.layers(small.initial(3))[0].weight
    assert np.array_equal(first, large.layers(large.initial(3))[0].weight[:4])
    with_bias = FullyConnected(x, y, (4, 6), bias=True)
    shown = with_bias.layers(with_bias.initial(3, bias_scale=0.5))
    assert np.array_equal(shown[0].weight, first)
    assert all(np.any(layer.bias) for layer in shown)
    assert not any(np.any(layer.bias) for layer in with_bias.layers(with_bias.initial(3)))
    # Other numbers than those of the two-layer network with the same seed.
    assert not np.allclose(initial_weights(3, 4, 5, math.sqrt(2 / 5))[:, 1:], first)


def test_a_batch_has_the_gradient_of_its_examples():
    network = example(samples=6)
    theta = drawn(network.size, 3)
    rows, weights = np.array([4, 1, 1]), np.array([0.5, 0.25, 0.25])
    part = network.batch(rows, weights)
    alone = [FullyConnected(network.x[[i]], network.y[[i]], network.hidden, "tanh", True) for i in (4, 1)]
    expected = 0.5 * alone[0].gradient(theta) + 0.5 * alone[1].gradient(theta)
    assert np.allclose(part.gradient(theta), expected, rtol=1e-13, atol=1e-15)
    assert network.samples == 6


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"x": np.zeros(3)}, "must be"),
        ({"y": np.zeros((3, 1))}, "must be"),
        ({"x": np.full((2, 1), np.nan)}, "not finite"),
        ({"hidden": (3, 0)}, "at least 1"),
        ({"activation": "softplus"}, "neither relu nor linear"),
        ({"activation": Activation("mine", np.tanh, np.cosh)}, "no second derivative"),
        ({"weights": [0.5, 0.6]}, "of sum 1"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(change, sentence):
    given = {"x": np.ones((2, 1)), "y": np.ones((2, 1)), "hidden": (3,), **change}
    with pytest.raises(InputError, match=sentence):
        FullyConnected(**given)


def test_wrong_parameters_and_large_matrices_are_refused():
    network = example()
    with pytest.raises(InputError, match=f"has {network.size} numbers"):
        network.loss(np.zeros(3))
    with pytest.raises(InputError, match="one row"):
        network.loss(np.zeros((2, network.size)))
    with pytest.raises(InputError, match="seed"):
        network.initial(-1)
    with pytest.raises(InputError, match="biases"):
        network.initial(1, bias_scale=math.nan)
    large = FullyConnected(np.ones((1, 1)), np.ones((1, 1)), (MOST_PARAMETERS,))
    with pytest.raises(InputError, match="too large"):
        large.hessian(large.initial(0))
