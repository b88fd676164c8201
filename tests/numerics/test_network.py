"""The hand-written drift against the loss written again, in 50-digit arithmetic."""

from __future__ import annotations

import ast
import os
import pickle
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest

import numerics
from numerics import Dataset, InputError, Network, generated, initial_weights
from numerics import network as network_module
from numerics.activation import activation
from numerics.dataset import from_arrays

SIGMA = {
    "tanh": mpmath.tanh,
    "erf": lambda u: mpmath.erf(mpmath.sqrt(mpmath.pi) * u / 2),
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "rational": lambda u: u / mpmath.sqrt(1 + u * u),
    "gd": mpmath.gd if hasattr(mpmath, "gd") else lambda u: 2 * mpmath.atan(mpmath.tanh(u / 2)),
}


def exact_loss(sigma, state, data: Dataset):
    """R = ½ Σ_i weight_i (Σ_k a_k σ(w_k·x_i) − y_i)², term by term."""
    total = mpmath.mpf(0)
    for x, y, weight in zip(data.x, data.y, data.weights, strict=True):
        output = mpmath.mpf(0)
        for row in state:
            inner = sum((w * mpmath.mpf(float(c)) for w, c in zip(row[1:], x, strict=True)), mpmath.mpf(0))
            output += row[0] * sigma(inner)
        total += mpmath.mpf(float(weight)) * (output - mpmath.mpf(float(y))) ** 2
    return total / 2


def exact_drift(sigma, state, data: Dataset) -> np.ndarray:
    """Minus the gradient by central differences of step 1e-20: truncated at 1e-40, rounded at 1e-30."""
    with mpmath.workdps(50):
        rows = [[mpmath.mpf(float(entry)) for entry in row] for row in state]
        step = mpmath.mpf(10) ** -20
        gradient = np.zeros(np.shape(state))
        for k in range(len(rows)):
            for j in range(len(rows[0])):
                here = rows[k][j]
                rows[k][j] = here + step
                above = exact_loss(sigma, rows, data)
                rows[k][j] = here - step
                below = exact_loss(sigma, rows, data)
                rows[k][j] = here
                gradient[k, j] = float(-(above - below) / (2 * step))
    return gradient


def irregular_data(dim: int) -> Dataset:
    """Data without any symmetry, with unequal weights."""
    x = np.array([[0.3, -1.1, 0.7], [1.7, 0.4, -0.2], [-0.9, 0.8, 1.3], [-0.2, -1.4, 0.5]])[:, :dim]
    return from_arrays(x, np.array([0.5, 1.2, -0.3, 0.9]), np.array([0.1, 0.4, 0.2, 0.3]))


@pytest.mark.parametrize("name", sorted(SIGMA))
@pytest.mark.parametrize("dim", [1, 3])
def test_drift_is_minus_the_gradient_of_the_loss(name, dim):
    state = initial_weights(5, 3, dim, 0.8)
    for data in (
        irregular_data(dim),
        generated(6 if dim == 1 else 8, dim, "x" if dim == 1 else "sin(x1)+x2"),
    ):
        network = Network(activation(name), data)
        expected = exact_drift(SIGMA[name], state, data)
        assert np.allclose(network.drift(state), expected, rtol=1e-13, atol=1e-15)
        with mpmath.workdps(50):
            rows = [[mpmath.mpf(float(entry)) for entry in row] for row in state]
            loss = float(exact_loss(SIGMA[name], rows, data))
        assert network.loss(state) == pytest.approx(loss, rel=1e-14)


def test_drift_keeps_relative_accuracy_for_tiny_weights():
    state = initial_weights(6, 3, 1, 1e-8)
    data = generated(6, 1, "sin(x)")
    expected = exact_drift(mpmath.tanh, state, data)
    assert np.allclose(Network(activation("tanh"), data).drift(state), expected, rtol=1e-14, atol=0)


def test_drift_of_an_activation_given_by_a_formula():
    data = irregular_data(2)
    state = initial_weights(7, 3, 2, 0.6)
    formula = Network(activation("u/sqrt(1+u**2)"), data)
    expected = exact_drift(SIGMA["rational"], state, data)
    assert np.allclose(formula.drift(state), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", [*sorted(SIGMA), "u - u**3/3", "tanh(u)+0.1*sin(u)**3"])
@pytest.mark.parametrize(("samples", "dim"), [(60, 1), (61, 1), (40, 2), (50, 3)])
@pytest.mark.parametrize("scale", [1e-8, 1e-3, 0.3, 3.0])
def test_half_the_samples_say_the_same(name, samples, dim, scale):
    samples -= samples % 2 if dim > 1 else 0
    data = generated(samples, dim, "sin(x)" if dim == 1 else "sin(x1)+0.3*sin(2*x2)")
    short = Network(activation(name), data)
    plain = Network(activation(name), data, use_symmetry=False)
    assert short.uses_symmetry
    assert not plain.uses_symmetry
    state = initial_weights(1, 30, dim, scale)
    one, other = short.drift(state), plain.drift(state)
    size = np.abs(other).max()
    assert np.abs(one - other).max() <= 2e-14 * size
    assert short.loss(state) == pytest.approx(plain.loss(state), rel=1e-13)


def test_symmetry_is_not_used_where_it_is_not_there():
    assert not Network(activation("tanh"), irregular_data(1)).uses_symmetry
    assert not Network(activation("tanh"), generated(20, 1, "sin(x)+x**2")).uses_symmetry
    # Odd, but only by cancellation of its terms, which the form does not show.
    assert not Network(activation("(exp(u)-exp(-u))/2"), generated(20, 1, "sin(x)")).uses_symmetry
    shifted = generated(20, 1, "x")
    weights = np.linspace(1, 2, 20)
    unequal = from_arrays(shifted.x, shifted.y, weights / weights.sum())
    assert not Network(activation("tanh"), unequal).uses_symmetry


def test_samples_at_zero_count_in_the_loss():
    data = from_arrays(np.array([-1.0, 0.0, 0.0, 1.0]), np.array([-2.0, 5.0, -5.0, 2.0]))
    state = np.array([[0.5, 0.7]])
    short, plain = Network(activation("tanh"), data), Network(activation("tanh"), data, use_symmetry=False)
    assert short.uses_symmetry
    by_hand = 0.5 * (2 * (0.5 * np.tanh(0.7) - 2.0) ** 2 + 50.0) / 4
    assert short.loss(state) == pytest.approx(by_hand, rel=1e-15)
    assert plain.loss(state) == pytest.approx(by_hand, rel=1e-15)
    assert np.allclose(short.drift(state), plain.drift(state), rtol=1e-15)


@pytest.mark.parametrize(("cached", "stored"), [(150, 2**23), (150, 150), (1, 1), (2**15, 150)])
def test_blocks_of_neurons_say_the_same(monkeypatch, cached, stored):
    data = generated(40, 2, "sin(x1)+0.3*sin(2*x2)")
    state = initial_weights(2, 101, 2, 0.5)
    whole = Network(activation("tanh"), data)
    drift, loss = whole.drift(state), whole.loss(state)
    monkeypatch.setattr(network_module, "_CACHED_PAIRS", cached)
    monkeypatch.setattr(network_module, "_STORED_PAIRS", stored)
    assert np.allclose(Network(activation("tanh"), data).drift(state), drift, rtol=1e-13, atol=1e-16)
    assert Network(activation("tanh"), data).loss(state) == pytest.approx(loss, rel=1e-14)


def test_output_and_residual_are_in_the_order_of_the_data():
    data = generated(10, 1, "sin(x)")
    network = Network(activation("tanh"), data)
    state = initial_weights(3, 4, 1, 0.5)
    outputs = [sum(a * np.tanh(w * x) for a, w in state) for x in data.x[:, 0]]
    assert np.allclose(network.output(state, data.x), outputs, rtol=1e-14)
    assert np.allclose(network.residual(state), outputs - data.y, rtol=1e-13)
    assert network.output(state, np.zeros((3, 1))).tolist() == [0.0, 0.0, 0.0]


def test_drift_does_not_alter_its_argument_and_is_not_altered_later():
    network = Network(activation("tanh"), generated(10, 1, "sin(x)"))
    state = initial_weights(3, 4, 1, 0.5)
    kept = state.copy()
    first = network.drift(state)
    first_kept = first.copy()
    network.drift(2 * state)
    assert np.array_equal(state, kept)
    assert np.array_equal(first, first_kept)


@pytest.mark.parametrize("state", [np.zeros(4), np.zeros((3, 3)), np.zeros((0, 2))])
def test_weights_of_a_wrong_shape_are_refused(state):
    network = Network(activation("tanh"), generated(10, 1, "sin(x)"))
    with pytest.raises(InputError, match="shape"):
        network.drift(state)
    with pytest.raises(InputError, match="shape"):
        network.loss(state)


def test_a_network_travels_to_another_process():
    network = Network(activation("2*tanh(u)"), generated(10, 1, "sin(x)"))
    state = initial_weights(3, 4, 1, 0.5)
    drift = network.drift(state)
    assert np.array_equal(pickle.loads(pickle.dumps(network)).drift(state), drift)


def test_the_witness_does_not_load_the_theory():
    root = Path(numerics.__file__).parents[1]
    code = (
        "import sys, numpy as np\n"
        "from numerics.network import Network\n"
        "from numerics.activation import activation\n"
        "from numerics.dataset import generated\n"
        "Network(activation('u-u**3/3'), generated(10, 1, 'sin(x)')).drift(np.ones((2, 2)))\n"
        "print([name for name in ('theory', 'sympy') if name in sys.modules])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(root)}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert answer.stdout.strip() == "[]"


def test_only_what_compares_with_the_theory_imports_it():
    """Predictions, exact data and bounds of given expressions; nothing that simulates."""
    folder = Path(numerics.__file__).parent
    allowed = {"reduced.py", "reduced_balls.py", "slowflow.py", "exact_data.py"}
    allowed |= {f"balls/{name}.py" for name in ("evaluate", "inequality", "means", "moments", "remainder")}
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] == "verify" for name in names), file
            if any(name.split(".")[0] in ("theory", "sympy") for name in names):
                found.add(file.relative_to(folder).as_posix())
    assert found <= allowed
