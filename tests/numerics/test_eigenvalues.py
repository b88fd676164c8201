"""The largest eigenvalue by Lanczos against power iteration, the dense matrix, and spectra made to order."""

from __future__ import annotations

import numpy as np
import pytest

from numerics import InputError
from numerics.eigenvalues import extreme_eigenvalues, largest_eigenvalue
from numerics.fully_connected import FullyConnected
from numerics.random_task import random_task


def drawn(shape, seed):
    return np.random.Generator(np.random.Philox(key=seed)).standard_normal(shape)


class Made:
    """A symmetric map with the given eigenvalues, in random directions."""

    def __init__(self, eigenvalues):
        self.eigenvalues = np.asarray(eigenvalues, dtype=float)
        self.size = len(self.eigenvalues)
        self.direction_shape = (self.size // 2, 2)
        self.vectors = np.linalg.qr(drawn((self.size, self.size), 9))[0]

    def product(self, v):
        flat = v.ravel()
        return (self.vectors @ (self.eigenvalues * (self.vectors.T @ flat))).reshape(v.shape)

    def dense(self):
        return (self.vectors * self.eigenvalues) @ self.vectors.T


def power_iteration(product, size, shift, steps):
    """The largest eigenvalue by repeated products with H + shift, which makes it the largest in size."""
    v = drawn(size, 4)
    for _ in range(steps):
        v /= np.linalg.norm(v)
        v = product(v) + shift * v
    v /= np.linalg.norm(v)
    return float(v @ product(v))


@pytest.mark.parametrize("name", ["relu", "tanh", "linear"])
@pytest.mark.parametrize("hidden", [(16,), (12, 12, 12)])
def test_sharpness_by_power_iteration_and_by_the_dense_matrix(name, hidden):
    x, y = random_task(2, samples=24, inputs=8, outputs=3)
    network = FullyConnected(x, y, hidden, name)
    expansion = network.at(network.initial(3))
    found = largest_eigenvalue(expansion, tolerance=1e-6)
    dense = np.linalg.eigvalsh(expansion.dense())
    assert found.status == "ok"
    assert found.value == pytest.approx(dense[-1], rel=1e-11)
    assert np.abs(dense - found.value).min() <= found.residual + 1e-13
    by_power = power_iteration(expansion.product, network.size, abs(dense[0]), 3000)
    assert found.value == pytest.approx(by_power, rel=1e-8)
    both = extreme_eigenvalues(expansion)
    assert both.largest == pytest.approx(dense[-1], rel=1e-10)
    assert both.lowest == pytest.approx(dense[0], rel=1e-6)


@pytest.mark.parametrize("size", [40, 200])
def test_the_upper_end_is_meant_not_the_larger_in_size(size):
    spectrum = np.linspace(-50, 1, size)
    spectrum[-1] = 3.0
    made = Made(spectrum)
    found = largest_eigenvalue(made, tolerance=1e-8)
    assert found.value == pytest.approx(3.0, rel=1e-12)
    assert found.vector.shape == made.direction_shape
    direct = made.product(found.vector) - found.value * found.vector
    assert np.linalg.norm(direct) == pytest.approx(found.residual, abs=1e-12)


def test_a_start_close_by_saves_products_and_a_wrong_one_does_no_harm():
    spectrum = np.linspace(0, 1, 400) ** 2
    spectrum[-2:] = 1.5, 1.6
    made = Made(spectrum)
    cold = largest_eigenvalue(made, tolerance=1e-5)
    warm = largest_eigenvalue(made, tolerance=1e-5, near=cold.vector)
    assert warm.products < cold.products
    second = made.vectors[:, -2].reshape(made.direction_shape)
    for found in (cold, warm, largest_eigenvalue(made, tolerance=1e-5, near=second)):
        assert found.value == pytest.approx(1.6, rel=1e-9)


def test_a_spent_budget_is_a_status():
    made = Made(1 - 1e-9 * np.arange(300))
    found = largest_eigenvalue(made, tolerance=1e-13, most_products=10)
    assert found.status == "not-converged"
    assert np.isfinite(found.value)
    with pytest.raises(InputError, match="tolerance"):
        largest_eigenvalue(made, tolerance=0.0)


@pytest.mark.parametrize("rank", [1, 10, 45, 60, 90])
def test_an_end_that_is_zero_is_found(rank):
    rest = np.zeros(120 - rank)
    positive = np.linspace(0.5, 2.0, rank)
    both = extreme_eigenvalues(Made(np.r_[positive, rest]))
    assert both.lowest == pytest.approx(0.0, abs=1e-5)
    assert both.largest == pytest.approx(2.0, rel=1e-9) or rank == 1
    assert largest_eigenvalue(Made(np.r_[-positive, rest])).value == pytest.approx(0.0, abs=1e-5)


def test_ends_on_the_same_side_of_zero():
    both = extreme_eigenvalues(Made(np.linspace(1.0, 2.0, 120)))
    assert (both.lowest, both.largest) == pytest.approx((1.0, 2.0), rel=1e-8)
    assert both.status == "ok"
    found = largest_eigenvalue(Made(-np.linspace(1.0, 2.0, 120)), tolerance=1e-8)
    assert found.value == pytest.approx(-1.0, rel=1e-8)


def test_a_search_that_ran_out_of_products_is_not_taken_for_the_end():
    made = Made(np.r_[1.2, 1.0, np.linspace(0.0, 0.999, 118)])
    second = made.vectors[:, 1].reshape(made.direction_shape)
    found = largest_eigenvalue(made, near=second, tolerance=1e-12, most_products=12)
    # The start is an eigenvector: its residual is small, and says nothing about the larger eigenvalue.
    assert found.residual < 1e-12
    assert found.status == "not-converged"


@pytest.mark.parametrize("size", [10, 120])
def test_products_that_are_no_numbers_are_no_eigenvalue(size):
    class Broken(Made):
        def product(self, v):
            return np.full(v.shape, np.nan)

        def dense(self):
            return np.full((self.size, self.size), np.nan)

    found = largest_eigenvalue(Broken(np.ones(size)))
    assert found.status == "not-converged"
    assert np.isnan(found.value)
