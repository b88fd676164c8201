"""Initial weights: reproducible from one integer, independent of batches, and normal."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from numerics import InputError, initial_weights
from numerics.sampling import initial_from_csv

MASK = 2**64 - 1


def philox(counter: int, key: tuple[int, int]) -> list[int]:
    """Philox-4x64 with ten rounds, from its definition (Salmon et al. 2011), in Python integers."""
    c = [(counter >> (64 * i)) & MASK for i in range(4)]
    k0, k1 = key
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
        c = [(second >> 64) ^ c[1] ^ k0, second & MASK, (first >> 64) ^ c[3] ^ k1, first & MASK]
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & MASK, (k1 + 0xBB67AE8584CAA73B) & MASK
    return c


def test_philox_known_answer():
    """The published known answer of Philox-4x64-10 for zero counter and key."""
    assert philox(0, (0, 0)) == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]


@pytest.mark.parametrize(("seed", "dim"), [(0, 1), (12345, 2), (2**64 - 1, 3), (7, 4)])
def test_each_number_is_made_from_the_seed_and_the_neuron(seed, dim):
    state = initial_weights(seed, 5, dim, 2.0)
    blocks = -(-(1 + dim) // 4)
    for k in range(5):
        # NumPy's generator advances its counter before it makes a block.
        words = [w for b in range(blocks) for w in philox(k * blocks + b + 1, (seed, dim))]
        for j in range(1 + dim):
            normal = NormalDist().inv_cdf(((words[j] >> 12) + 0.5) / 2**52)
            assert state[k, j] == pytest.approx(2.0 * normal, rel=1e-9, abs=1e-12)


@given(
    seed=st.integers(0, 2**64 - 1),
    width=st.integers(1, 60),
    dim=st.integers(1, 9),
    cuts=st.lists(st.integers(0, 60), max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_any_split_into_batches_gives_the_same_numbers(seed, width, dim, cuts):
    whole = initial_weights(seed, width, dim, 0.1, scale_a=0.7)
    ends = sorted({0, width, *(cut for cut in cuts if cut <= width)})
    parts = [
        initial_weights(seed, width, dim, 0.1, scale_a=0.7, start=a, count=b - a) for a, b in pairwise(ends)
    ]
    assert whole.shape == (width, 1 + dim)
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_wider_network_begins_with_the_narrower_one():
    assert np.array_equal(initial_weights(3, 100, 2, 1.0)[:40], initial_weights(3, 40, 2, 1.0))


def test_seeds_and_dimensions_give_other_numbers():
    one = initial_weights(3, 50, 1, 1.0)
    assert not np.any(one == initial_weights(4, 50, 1, 1.0))
    assert not np.any(one == initial_weights(3, 50, 2, 1.0)[:, :2])


def test_scales_are_factors():
    plain = initial_weights(8, 20, 2, 1.0)
    scaled = initial_weights(8, 20, 2, 1e-3, scale_a=1e-5)
    assert np.allclose(scaled, plain * np.array([1e-5, 1e-3, 1e-3]), rtol=1e-15)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_numbers_are_standard_normal_and_independent(seed):
    """Exact p-values; with these seeds none is extreme, and a wrong law at this size would be below 1e-12."""
    state = initial_weights(seed, 20000, 2, 1.0)
    for column in state.T:
        assert stats.kstest(column, "norm", method="exact").pvalue > 1e-3
    everything = state.ravel()
    size = everything.size
    # Mean, variance, fourth moment within 4 standard deviations of 0, 1, 3.
    assert abs(everything.mean()) < 4 / math.sqrt(size)
    assert abs((everything**2).mean() - 1) < 4 * math.sqrt(2 / size)
    assert abs((everything**4).mean() - 3) < 4 * math.sqrt(96 / size)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert abs((state[:, i] * state[:, j]).mean()) < 4 / math.sqrt(20000)
    assert abs((state[1:, 0] * state[:-1, 0]).mean()) < 4 / math.sqrt(20000)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((-1, 10, 1, 1.0), "seed"),
        ((2**64, 10, 1, 1.0), "seed"),
        ((0, 0, 1, 1.0), "width"),
        ((0, -3, 1, 1.0), "width"),
        ((0, 10, 0, 1.0), "dimension"),
        ((0, 10, 1, 0.0), "scale"),
        ((0, 10, 1, math.nan), "scale"),
        ((0, 10, 1, math.inf), "scale"),
    ],
)
def test_bad_arguments_are_refused(arguments, word):
    with pytest.raises(InputError, match=word):
        initial_weights(*arguments)


def test_a_batch_outside_the_width_is_refused():
    for start, count in ((-1, 2), (9, 2), (0, 11), (11, None), (0, -1)):
        with pytest.raises(InputError, match="not within"):
            initial_weights(0, 10, 1, 1.0, start=start, count=count)


def test_weights_from_a_file(tmp_path):
    file = tmp_path / "weights.csv"
    file.write_text("w2,a,w1\n1/3, 0.5 ,-1e-3\n-2,1/7,.25\n", encoding="utf-8")
    assert initial_from_csv(file).tolist() == [[0.5, -1e-3, 1 / 3], [1 / 7, 0.25, -2.0]]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("a,w1\n", "no rows"),
        ("a,a,w1\n1,2,3\n", "twice"),
        ("a,w1,\n1,2,3\n", "without a name"),
        ("a,w2\n1,2\n", "must be"),
        ("a,b\n1,2\n", "must be"),
        ("a\n1\n", "must be"),
        ("a,w1\n1\n", "1 cell, but"),
        ("a,w1\n1,2\n1,nan\n", "line 3, column 'w1'"),
        ("a,w1\n1,inf\n", "finite"),
        ("a,w1\n1,1e999\n", "finite"),
        ("a,w1\n1,1/0\n", "finite"),
        ("a,w1\n1,1e9/1e99999999\n", "finite"),
        ("a,w1\n1,two\n", "finite"),
        ("a,w1\n1,__import__('os')\n", "finite"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, text, word):
    file = tmp_path / "weights.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        initial_from_csv(file)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="Cannot read"):
        initial_from_csv(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="Cannot read"):
        initial_from_csv(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InputError, match="Cannot read"):
        initial_from_csv(tmp_path / "binary.csv")
