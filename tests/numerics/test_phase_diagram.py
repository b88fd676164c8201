"""Critical values against loops written from their definitions, the uv model's own search, and a line by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import InputError
from numerics.fully_connected import FullyConnected
from numerics.phase_diagram import EARLY, PHASES, Scan, phase_of, scan
from numerics.random_task import random_task
from numerics.regimes import NAMES, regimes
from numerics.saturation import critical_point, saturation_ratios, uv_saturation_ratios
from numerics.uv_critical import critical_constants
from numerics.uv_model import UVNetwork, gaussian_weights


def as_uv(width):
    """The uv model f = u·v/√w on (1, 0): a linear network of depth 2 on the input 1/√w."""
    return FullyConnected([[width**-0.5]], [[0.0]], (width,), "linear")


def test_a_line_is_stable_up_to_two():
    """L = (θx − y)²/2: the loss is multiplied by (1 − c)² in every step, and the sharpness never changes."""
    network = FullyConnected([[2.0]], [[1.0]], (), "linear")
    found = scan(network, np.array([3.0]))
    assert found.initial_sharpness == 4.0
    assert found.initial_loss == 12.5
    assert found.c_loss == 2.0**1.1
    assert found.c_sharp is None
    assert found.c_barrier == 2.0**1.1
    # At c = 2 the loss stays what it is; at 2^1.1 it exceeds a millionfold after 53 of the 100 steps.
    assert found.c_max == 2.0
    assert np.allclose(found.loss[:-1], (1 - found.c[:-1]) ** 2, rtol=1e-12, atol=1e-300)
    assert found.status == "ok"
    coarse = scan(network, np.array([3.0]), spacing=1.0, horizon=20)
    assert (coarse.c_loss, coarse.c_max) == (4.0, 2.0)


@pytest.mark.parametrize("name", ["relu", "tanh"])
@pytest.mark.parametrize("depth", [2, 3])
def test_critical_values_are_those_of_plain_loops_with_dense_eigenvalues(name, depth):
    x, y = random_task(5, samples=16, inputs=4, outputs=2)
    network = FullyConnected(x, y, (6,) * (depth - 1), name)
    start = network.initial(2)
    found = scan(network, start, spacing=0.25)
    sharpness = np.linalg.eigvalsh(network.hessian(start))[-1]
    loss = network.loss(start)
    assert found.initial_sharpness == pytest.approx(sharpness, rel=1e-9)
    expected = {"c_loss": None, "c_sharp": None, "c_barrier": None, "c_max": None}
    for i in range(len(found.c)):
        c = 2 ** (0.25 * i)
        theta, losses, tops = start, [], []
        with np.errstate(all="ignore"):
            for _ in range(100):
                theta = theta - c / sharpness * network.gradient(theta)
                losses.append(network.loss(theta))
                if not losses[-1] < 1e6 * loss:
                    break
                if len(losses) <= EARLY:
                    tops.append(np.linalg.eigvalsh(network.hessian(theta))[-1])
                if len(losses) == EARLY:
                    way = [network.loss(start + s * (theta - start)) for s in np.linspace(0.05, 1, 20)]
                    if max(way) > loss and expected["c_barrier"] is None:
                        expected["c_barrier"] = c
        if not losses[-1] < 1e6 * loss:
            break
        if max(losses[:EARLY]) > loss and expected["c_loss"] is None:
            expected["c_loss"] = c
        if max(tops) > sharpness * (1 + 1e-4) and expected["c_sharp"] is None:
            expected["c_sharp"] = c
        expected["c_max"] = c
    assert len(found.c) == i + 1
    for constant, value in expected.items():
        got = getattr(found, constant)
        # The run that diverges may rise first, which the loop above leaves out.
        assert got == value or (value is None and got in (None, found.c[-1])), constant


def test_the_uv_model_has_the_values_that_its_own_search_finds():
    width, draws = 8, 6
    u, v = gaussian_weights(3, draws, width)
    watched = {"c_loss": "loss", "c_sharp": "sharpness", "c_max": "divergence"}
    own = {
        name: critical_constants(UVNetwork(), u, v, what, steps=100 if name == "c_max" else 10)
        for name, what in watched.items()
    }
    ratio = 2.0**0.1
    for i in range(draws):
        found = scan(as_uv(width), np.concatenate([u[i], v[i]]))
        for name in ("c_loss", "c_sharp"):
            assert own[name][i] * (1 - 1e-3) <= getattr(found, name) <= own[name][i] * ratio * (1 + 1e-3)
        assert own["c_max"][i] / ratio * (1 - 1e-3) <= found.c_max <= own["c_max"][i] * (1 + 1e-3)
        # It diverges at c = 4R exactly, R = λ^H/λ; a hundred steps miss the slowest divergence.
        trace = (u[i] @ u[i] + v[i] @ v[i]) / width
        assert found.c_max <= 4 * found.initial_sharpness / trace <= 1.05 * ratio * found.c_max


def test_with_all_samples_in_a_batch_nothing_changes():
    x, y = random_task(1, samples=12, inputs=3, outputs=2)
    network = FullyConnected(x, y, (5,), "tanh")
    whole, same = scan(network, network.initial(0)), scan(network, network.initial(0), batch=12, seed=4)
    half = scan(network, network.initial(0), batch=6, seed=4)
    assert (whole.c_loss, whole.c_sharp, whole.c_max) == (same.c_loss, same.c_sharp, same.c_max)
    assert not np.allclose(whole.loss[:5], half.loss[:5], rtol=1e-6)


def test_neurons_that_are_switched_off_are_no_accident():
    """Every relu off: the Hessian is zero, the loss stays, and nothing diverges."""
    network = FullyConnected([[1.0], [2.0]], [[1.0], [1.0]], (70,), "relu")
    off = -np.ones(network.size)
    with pytest.raises(InputError, match="positive"):
        scan(network, off)
    with pytest.raises(InputError, match="positive"):
        saturation_ratios(network, off, [0.5])


def test_phases():
    assert phase_of(1.9, 2.5, 3.0, 4.0) == PHASES[0]
    assert phase_of(2.0, 2.5, 3.0, 4.0) == "sharpness reduction"
    assert phase_of(2.5, 2.5, 3.0, 4.0) == "loss catapult"
    assert phase_of(2.5, 3.0, 2.2, 4.0) == "sharpness catapult"
    assert phase_of(3.0, 2.5, 3.0, 4.0) == "loss and sharpness catapult"
    assert phase_of(4.1, 2.5, 3.0, 4.0) == "divergent"
    assert phase_of(3.5, None, None, 4.0) == "sharpness reduction"
    flat = np.array([0.5, 0.5])
    open_ended = Scan(
        np.array([1.0, 2.0]), flat, flat, flat, flat, np.array([False, False]), 1.0, 1.0, 1.0, "ok"
    )
    assert open_ended.c_max is None
    assert open_ended.phase(2.0) == "sharpness reduction"


def test_what_cannot_be_scanned_is_said():
    network = FullyConnected([[2.0]], [[1.0]], (), "linear")
    with pytest.raises(InputError, match="spacing"):
        scan(network, np.array([3.0]), spacing=0.0)
    with pytest.raises(InputError, match="at least 10 steps"):
        scan(network, np.array([3.0]), horizon=5)


def test_saturation_of_the_uv_model_bends_at_two():
    c = np.arange(1.0, 3.05, 0.1)
    network, draws = as_uv(64), 4
    u, v = gaussian_weights(1, draws, 64)
    ratios = np.array([saturation_ratios(network, np.concatenate([u[i], v[i]]), c) for i in range(draws)])
    # Below 2 the minimum that is reached keeps λ² − 4f²/w, up to the steps' own drift; far above it falls.
    assert np.all(ratios[:, 0] > 0.95)
    assert np.all(ratios[:, -1] < 0.2)
    found = critical_point(c, ratios, window=5)
    # A window of five spreads the kink over two steps on both sides, and half a step is the interval's own.
    assert 1.749 < found.interval[0] <= 2.0 <= found.interval[1] < 2.251
    assert np.isnan(found.bend[:2]).all()
    assert np.isfinite(found.bend[2:-2]).all()


def test_the_bend_of_a_cubic_and_of_a_corner_is_found_exactly():
    c = np.linspace(1, 3, 21)
    cubic = 1 - (c - 1) ** 3 / 6 + 0.3 * c
    found = critical_point(c, np.tile(cubic, (3, 1)))
    assert np.allclose(found.bend[3:-3], (c - 1)[3:-3], atol=1e-10)
    assert found.value == pytest.approx(c[-4])
    corner = np.minimum(1.0, 3 - c)
    shifted = np.array([corner, corner, corner, np.roll(corner, 1)])
    assert critical_point(c, shifted[:3]).value == pytest.approx(2.0)
    cut = critical_point(c, np.where(c > 2.75, np.nan, shifted[:3]))
    assert cut.c[-1] == pytest.approx(2.7)
    with pytest.raises(InputError, match="three draws"):
        critical_point(c, shifted[:2])
    with pytest.raises(InputError, match="equally spaced"):
        critical_point(c**2, shifted)
    with pytest.raises(InputError, match="window"):
        critical_point(c, shifted, window=4)
    with pytest.raises(InputError, match="between 0 and 1"):
        critical_point(c, shifted, level=99)
    with pytest.raises(InputError, match="lie in"):
        saturation_ratios(as_uv(2), np.ones(4), [0.0])


def made(parts):
    """A piecewise geometric trajectory of ηλ: [(records, from, to), …]."""
    return np.concatenate([np.geomspace(a, b, n, endpoint=False) for n, a, b in parts])


def test_four_regimes_of_a_trajectory_made_to_order():
    scaled = made([(5, 1.5, 1.0), (40, 1.0, 1.02), (50, 1.04, 2.0), (80, 2.01, 2.05)])
    steps, loss = np.arange(len(scaled)) * 2.0, np.geomspace(1, 1e-3, len(scaled))
    found = regimes(steps, scaled / 0.1, loss, 0.1)
    assert [one.name for one in found] == list(NAMES)
    assert all(one.seen for one in found)
    assert [one.begin for one in found[1:]] == [one.end for one in found[:-1]]
    assert found[0].end == 10.0
    assert 88 <= found[1].end <= 94
    assert found[3].begin == 190.0


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        ([(5, 1.5, 1.0), (40, 1.0, 1.02), (50, 1.04, 1.9)], [True, True, True, False]),
        ([(40, 1.0, 1.02), (50, 1.04, 2.0), (80, 2.01, 2.05)], [False, True, True, True]),
        ([(5, 1.5, 1.0), (50, 1.0, 2.0), (80, 2.01, 2.05)], [True, False, True, True]),
        ([(5, 1.8, 1.7), (40, 1.7, 1.7), (20, 1.75, 2.0), (80, 2.01, 2.05)], [True, True, False, True]),
        ([(5, 1.5, 1.0), (40, 1.0, 1.02), (50, 1.04, 2.0), (80, 2.01, 4.0)], [True, True, True, False]),
        ([(5, 2.5, 1.0), (40, 1.0, 1.02), (50, 1.04, 2.0), (80, 2.01, 2.05)], [True, True, True, True]),
    ],
)
def test_what_is_missing_is_not_seen(parts, seen):
    scaled = made(parts)
    found = regimes(np.arange(len(scaled)) * 1.0, scaled, np.geomspace(1, 1e-3, len(scaled)), 1.0)
    assert [one.seen for one in found] == seen, [one.why for one in found]


def test_an_edge_at_which_the_loss_rises_is_none():
    scaled = made([(5, 1.5, 1.0), (40, 1.0, 1.02), (50, 1.04, 2.0), (80, 2.01, 2.05)])
    rising = np.geomspace(1, 1e3, len(scaled))
    assert not regimes(np.arange(len(scaled)) * 1.0, scaled, rising, 1.0)[3].seen
    with pytest.raises(InputError, match="same length"):
        regimes(np.arange(3.0), scaled, rising, 1.0)
    with pytest.raises(InputError, match="finite"):
        regimes(np.arange(3.0), np.array([1, math.nan, 1]), np.ones(3), 1.0)
    with pytest.raises(InputError, match="rate"):
        regimes(np.arange(3.0), np.ones(3), np.ones(3), 0.0)


def test_a_scan_ends_where_all_that_is_watched_was_seen():
    x, y = random_task(5, samples=16, inputs=4, outputs=2)
    network = FullyConnected(x, y, (12,))
    start = network.initial(2)
    whole = scan(network, start)
    loss = scan(network, start, watch=("loss",))
    assert loss.c[-1] == loss.c_loss == whole.c_loss
    assert np.isnan(loss.sharpness).all()
    assert np.isnan(loss.barrier).all()
    both = scan(network, start, watch=("loss", "sharpness"))
    assert (both.c_loss, both.c_sharp) == (whole.c_loss, whole.c_sharp)
    fine = scan(network, start, watch=("loss",), smallest=1.5, spacing=0.01)
    assert fine.c[0] == 1.5
    assert whole.c_loss / 2**0.1 <= fine.c_loss <= whole.c_loss
    for watch in ((), ("accuracy",)):
        with pytest.raises(InputError, match="watches for"):
            scan(network, start, watch=watch)


def test_where_the_first_of_all_diverges_it_is_so_called():
    network = FullyConnected([[2.0]], [[1.0]], (), "linear")
    found = scan(network, np.array([3.0]), smallest=64.0)
    assert len(found.c) == 1
    assert found.c_max is None
    assert (found.phase(64.0), found.phase(100.0)) == ("divergent", "divergent")


def test_the_uv_model_settles_where_it_does_as_a_linear_network():
    width, c = 6, [1.2, 2.3, 3.5, 9.0]
    u, v = gaussian_weights(2, 3, width)
    found = uv_saturation_ratios(UVNetwork(), u, v, c)
    network = as_uv(width)
    for draw in range(3):
        alone = saturation_ratios(network, np.concatenate([u[draw], v[draw]]), c)
        assert np.allclose(found[draw], alone, rtol=1e-6, equal_nan=True)
    assert np.isnan(found[:, 3]).all()
    with pytest.raises(InputError, match="Every c"):
        uv_saturation_ratios(UVNetwork(), u, v, [0.0])
    with pytest.raises(InputError, match="not positive"):
        uv_saturation_ratios(UVNetwork(), 0 * u, 0 * v, [1.0])


def test_draws_without_scatter_leave_no_value_of_c_out():
    """They say nothing of how far another draw may be."""
    c = np.linspace(0, 9, 10)
    found = critical_point(c, np.tile(np.sin(c), (4, 1)), window=5)
    assert found.interval == (1.5, 7.5)


@pytest.mark.parametrize(("times", "interval"), [(0.99, (1.5, 7.5)), (1.01, (6.5, 7.5))])
def test_a_value_of_c_is_left_out_by_student_s_test_of_its_differences(times, interval):
    """−s(c − 2)³/6 bends by s(c − 2), so that the difference of two c's is s times their distance: one t for all.

    Three draws of s; t with two degrees of freedom has the quantile u√(2/(1 − u²)) at p, u = 2p − 1. Inside are six
    c's, and each is tested against five others.
    """
    u = 2 * 0.9 - 1
    quantile = u * math.sqrt(2 / (1 - u * u))
    spread = math.sqrt(3) / (quantile * times)
    c = np.arange(10.0)
    ratios = -(1 + spread * np.array([[-1.0], [0.0], [1.0]])) * (c - 2) ** 3 / 6
    found = critical_point(c, ratios, window=5, level=1 - 5 * (1 - 0.9))
    assert found.value == 7.0
    assert found.interval == pytest.approx(interval)


def test_the_interval_holds_the_largest_expected_bend_as_often_as_stated():
    """Five draws of a hump with noise at each c: at 90 %, far fewer than one interval in ten misses the top."""
    rng = np.random.Generator(np.random.Philox(key=5))
    c = np.linspace(0, 2, 21)
    held = [
        critical_point(c, np.cos(c - 1) + 0.01 * rng.standard_normal((5, 21)), window=7, level=0.9).interval
        for _ in range(300)
    ]
    assert np.mean([low <= 1.0 <= high for low, high in held]) > 0.9
    assert any(high - low < 1.5 for low, high in held)
