"""W_2 on the line against assignments tried one by one, linear programming and SciPy."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import wasserstein_distance

from numerics import InputError, relative_wasserstein, wasserstein2

numbers = st.floats(-10, 10, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_equal_sizes_against_every_assignment(pairs):
    u, v = (np.array(side) for side in zip(*pairs, strict=True))
    best = min(float(np.mean((u - v[list(order)]) ** 2)) for order in permutations(range(len(u))))
    assert wasserstein2(u, v) == pytest.approx(math.sqrt(best), abs=1e-9)


def by_programming(u, v, p, q):
    """The transport problem as a linear programme."""
    m, n = len(u), len(v)
    cost = ((u[:, None] - v[None, :]) ** 2).ravel()
    rows = [np.kron(np.eye(m)[i], np.ones(n)) for i in range(m)]
    columns = [np.kron(np.ones(m), np.eye(n)[j]) for j in range(n)]
    # One constraint follows from the others; it is left out so that rounding cannot contradict it.
    answer = linprog(
        cost, A_eq=np.array(rows + columns[:-1]), b_eq=np.concatenate([p, q[:-1]]), method="highs"
    )
    assert answer.status == 0
    return math.sqrt(max(answer.fun, 0.0))


@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 7), st.booleans())
@settings(max_examples=100, deadline=None)
def test_other_sizes_and_weights_against_linear_programming(seed, m, n, weighted):
    random = np.random.default_rng(seed)
    u, v = random.normal(size=m), random.normal(size=n)
    p, q = (random.uniform(0.1, 1, size=k) if weighted else np.ones(k) for k in (m, n))
    expected = by_programming(u, v, p / p.sum(), q / q.sum())
    found = wasserstein2(u, v, p, q) if weighted else wasserstein2(u, v)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(st.integers(0, 10**6), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_never_below_the_first_wasserstein_distance(seed, m):
    """W_1 ≤ W_2, and they agree for a translation."""
    random = np.random.default_rng(seed)
    u, v = random.normal(size=m), random.normal(size=m + 3)
    assert wasserstein2(u, v) >= wasserstein_distance(u, v) - 1e-12
    assert wasserstein2(u, u + 0.75) == pytest.approx(wasserstein_distance(u, u + 0.75), rel=1e-12)


def test_repeated_points_are_weights():
    u, v = np.array([1.0, 1.0, 2.0]), np.array([0.0, 3.0, 3.0, 3.0])
    merged = wasserstein2(
        np.array([1.0, 2.0]), np.array([0.0, 3.0]), np.array([2.0, 1.0]), np.array([1.0, 3.0])
    )
    assert merged == pytest.approx(wasserstein2(u, v), rel=1e-12)
    # By hand: on [0, ¼] 1 against 0, on [¼, ⅔] 1 against 3, on [⅔, 1] 2 against 3.
    assert merged == pytest.approx(math.sqrt(1 / 4 + 4 * (2 / 3 - 1 / 4) + 1 / 3), rel=1e-12)


def test_points_without_weight_do_not_count():
    assert wasserstein2(np.array([1.0, 99.0]), np.array([2.0]), np.array([1.0, 0.0])) == pytest.approx(1.0)


def test_order_scale_and_shift():
    random = np.random.default_rng(1)
    u, v = random.normal(size=30), random.normal(size=45)
    plain = wasserstein2(u, v)
    assert wasserstein2(v, u) == pytest.approx(plain, rel=1e-12)
    assert wasserstein2(u[::-1], random.permutation(v)) == pytest.approx(plain, rel=1e-12)
    assert wasserstein2(-1e-7 * u, -1e-7 * v) == pytest.approx(1e-7 * plain, rel=1e-12)
    assert wasserstein2(u, u) == 0.0


def test_relative_distance_by_hand():
    state = np.array([[3.0, 4.0, 0.0], [-4.0, -3.0, 4.0]])
    # {3, −4} against {4, −3}: both move by 1. {3, 4} against {4, 5}: both move by 1. √(Σa²/m) = √12.5.
    found = relative_wasserstein(state)
    assert found.weights == pytest.approx(1 / math.sqrt(12.5))
    assert found.amplitudes == pytest.approx(1 / math.sqrt(12.5))
    assert all(math.isnan(value) for value in relative_wasserstein(np.array([[0.0, 1.0]])))


@pytest.mark.parametrize(
    "arguments",
    [
        ([], [1.0]),
        ([1.0], []),
        ([1.0], [math.nan]),
        ([1.0], [math.inf]),
        ([1.0], [1.0], [1.0, 2.0]),
        ([1.0, 2.0], [1.0], [-1.0, 2.0]),
        ([1.0, 2.0], [1.0], [0.0, 0.0]),
        ([1.0, 2.0], [1.0], [math.nan, 1.0]),
    ],
)
def test_what_is_no_measure_is_refused(arguments):
    with pytest.raises(InputError, match="measure"):
        wasserstein2(*(np.array(argument) for argument in arguments))
