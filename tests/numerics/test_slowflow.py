"""The generated slow flow against hand-written equations, closed forms, and the full network."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.dataset import Dataset, equidistant, halton
from numerics.errors import InputError
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import norms, transverse
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from numerics.slowflow import (
    Profile,
    frozen_run_away_time,
    moment_values,
    profile_of_draw,
    profile_of_normal,
    run_away_time,
    slow_rate,
    solve_slow_flow,
)

STAYS, LEAVES = "x + 0.3*x**3", "sin(x)"
"""Targets with κ > 0 and κ < 0 for tanh."""


def line(target: str) -> Dataset:
    return equidistant(60, target)


def values_of(target: str) -> dict[str, float]:
    return moment_values(line(target), -1 / 3)


def by_hand(kappa: float, A: FloatArray, B: FloatArray) -> tuple[FloatArray, FloatArray]:
    """d = 1: dA = ΛB − κB³, dB = ΛA − 3κAB², Λ from the condition that the mean of AB stays."""
    push_a, push_b = -kappa * B**3, -3 * kappa * A * B**2
    multiplier = -np.mean(B * push_a + A * push_b) / np.mean(A**2 + B**2)
    return multiplier * B + push_a, multiplier * A + push_b


def test_kappa_has_the_sign_of_the_target() -> None:
    data = line(LEAVES)
    assert slow_rate(values_of(LEAVES)) == pytest.approx((data.F(3) - data.M(4)) / 3)
    assert slow_rate(values_of(LEAVES)) < 0 < slow_rate(values_of(STAYS))


@pytest.mark.parametrize("target", [STAYS, LEAVES])
def test_generated_equals_hand_written(target: str) -> None:
    start, kappa = profile_of_draw(initial_weights(1, 20, 1, 1.0)), slow_rate(values_of(target))

    def field(_: float, y: FloatArray) -> FloatArray:
        return np.concatenate(by_hand(kappa, y[:20], y[20:]))

    first = np.concatenate([start.A, start.B[:, 0]])
    other = solve_ivp(field, (0.0, 1.0), first, method="LSODA", rtol=1e-11, atol=1e-12, t_eval=[0.5, 1.0])
    found = solve_slow_flow(start, [0.5, 1.0], values_of(target))
    assert found.status == "ok"
    np.testing.assert_allclose(found.A, other.y[:20], atol=1e-8)
    np.testing.assert_allclose(found.B[:, 0], other.y[20:], atol=1e-8)


def test_the_mean_of_AB_stays_and_the_energy_falls() -> None:
    found = solve_slow_flow(profile_of_normal(24), np.linspace(0, 20, 41), values_of(STAYS))
    product = found.mean(found.A * found.B[:, 0])
    energy = found.mean(found.A * found.B[:, 0] ** 3)
    np.testing.assert_allclose(product, 1.0, atol=1e-8)
    assert np.all(np.diff(energy) < 0)
    assert np.all(np.diff(np.max(found.B[:, 0] ** 2, axis=0)) <= 1e-9)


def test_weights_count_as_copies() -> None:
    xi = np.array([0.3, -1.2, 0.8])
    xi /= math.sqrt(float(np.array([0.5, 0.25, 0.25]) @ xi**2))
    weighted = Profile(xi, xi[:, None], np.array([0.5, 0.25, 0.25]))
    copied = xi[[0, 0, 1, 2]]
    plain = Profile(copied, copied[:, None], np.full(4, 0.25))
    one = solve_slow_flow(weighted, [1.0], values_of(LEAVES))
    two = solve_slow_flow(plain, [1.0], values_of(LEAVES))
    np.testing.assert_allclose(one.A[:, 0], two.A[[0, 2, 3], 0], rtol=1e-9)


def test_the_ratio_of_norms_grows_like_the_root_of_time() -> None:
    """κ > 0: ‖a‖/‖w‖ → √(8κτ), as all neurons become equal in size."""
    kappa = slow_rate(values_of(STAYS))
    times = np.array([1e4, 1e5])
    found = solve_slow_flow(profile_of_normal(12), times, values_of(STAYS), rtol=1e-7)
    excess = found.norm_ratio / np.sqrt(8 * kappa * times) - 1
    assert np.all(np.abs(excess) < 0.01)
    assert abs(excess[1]) < abs(excess[0]) / 2


@pytest.mark.parametrize("target", [STAYS, LEAVES])
def test_the_full_network_follows(target: str) -> None:
    """‖a‖/‖w‖ at τ = 0.1 and 0.3; the descent before shifts the clock by a few units of t, hence 10/m."""
    m = 2000
    data, start = line(target), initial_weights(0, m, 1, 1 / m)
    run = simulate(Network(activation("tanh"), data), start, 0.3 * m + 10, rtol=1e-8)
    reached = descent_time(run, 0.1)
    assert reached is not None
    times = np.array([0.1, 0.3])
    earlier, later = (
        solve_slow_flow(profile_of_draw(start), times + shift, values_of(target)).norm_ratio
        for shift in (-10 / m, 10 / m)
    )
    for tau, one, other in zip(times, earlier, later, strict=True):
        a, w = norms(run.state(tau * m + reached))
        assert min(one, other) < a / w < max(one, other)


def test_transverse_weights_grow_as_in_the_full_network() -> None:
    """d = 2: V_2 at τ = 0.2, started small enough that the growth is what is seen."""
    m = 800
    data = halton(60, 2, "sin(x1) + 0.3*x1**2*x2")
    start = initial_weights(0, m, 2, float(m) ** -2.0)
    run = simulate(Network(activation("tanh"), data), start, 0.2 * m + 20, rtol=1e-8)
    reached = descent_time(run, 0.1)
    assert reached is not None
    found = solve_slow_flow(profile_of_draw(start), [0.1, 0.2], moment_values(data, -1 / 3))
    V = [float(transverse(run.state(reached + tau * m))[0]) for tau in (0.1, 0.2)]
    np.testing.assert_allclose(found.transverse(2), V, rtol=0.15)


def test_a_neuron_with_frozen_multiplier_zero() -> None:
    assert frozen_run_away_time(2.0, -0.5, 0.0) == pytest.approx(
        (3 - math.sqrt(3)) / 6 / (0.5 * 4.0), rel=1e-10
    )


def test_the_run_away_of_a_draw() -> None:
    """Against the hand-written flow carried on until the largest weight is 30 times the next estimate's level."""
    initial, kappa = initial_weights(3, 5000, 1, 1.0), slow_rate(values_of(LEAVES))
    start, count = profile_of_draw(initial), 5000
    found = run_away_time(initial, values_of(LEAVES))
    assert found is not None

    def field(_: float, y: FloatArray) -> FloatArray:
        return np.concatenate(by_hand(kappa, y[:count], y[count:]))

    def ahead(_: float, y: FloatArray) -> float:
        return float(np.max(y[count:] ** 2)) - 800.0

    ahead.terminal = True  # type: ignore[attr-defined]
    first = np.concatenate([start.A, start.B[:, 0]])
    other = solve_ivp(field, (0.0, 2 * found), first, method="RK45", rtol=1e-8, atol=1e-9, events=ahead)
    assert other.status == 1
    left = 1 / (2 * math.sqrt(3) * -kappa * 800.0)  # a cubic push alone
    assert found == pytest.approx(float(other.t[-1]) + left, rel=0.01)
    largest, k4 = float(np.max(np.abs(start.A))), float(np.mean(start.A**4))
    assert found == pytest.approx(frozen_run_away_time(largest, kappa, 2 * k4 * kappa), rel=0.1)


def test_the_run_away_of_one_neuron_ahead_of_many() -> None:
    # Its own share of Λ, 1/m, moves τ* by 2 %; LSODA goes on until B² is a million times m.
    m = 1000
    counts = np.array([0.6 * (m - 1), 0.4 * (m - 1), 1.0])
    B = np.array([0.5, 1.4, np.sqrt(12.0)])
    B[:2] *= np.sqrt((m - 12.0) / (counts[:2] @ B[:2] ** 2))
    kappa = slow_rate(values_of(LEAVES))

    def field(_: float, state: np.ndarray) -> np.ndarray:
        a, b = state[:3], state[3:]
        push = kappa * (counts @ (b**4 + 3 * a**2 * b**2)) / (counts @ (a**2 + b**2))
        return np.concatenate([push * b - kappa * b**3, push * a - 3 * kappa * a * b**2])

    def gone(_: float, state: np.ndarray) -> float:
        return float(state[5] - 1e3 * np.sqrt(m))

    gone.terminal = True  # type: ignore[attr-defined]
    path = solve_ivp(
        field, (0.0, 1e3), np.concatenate([B, B]), method="LSODA", rtol=1e-11, atol=1e-11, events=gone
    )
    start = Profile(B, B[:, None].copy(), counts / m)
    found = solve_slow_flow(start, [1e3], values_of(LEAVES)).run_away_time
    assert found == pytest.approx(path.t[-1], abs=1e-5)


def test_no_run_away_for_positive_kappa() -> None:
    assert run_away_time(initial_weights(0, 50, 1, 1.0), values_of(STAYS)) is None


def test_bad_input_is_named() -> None:
    start = profile_of_normal(8)
    with pytest.raises(InputError, match="increasing"):
        solve_slow_flow(start, [1.0, 0.5], values_of(STAYS))
    with pytest.raises(InputError, match="negative"):
        solve_slow_flow(start, [-1.0], values_of(STAYS))
    with pytest.raises(InputError, match="needs a value of F3"):
        solve_slow_flow(start, [1.0], {"c3": 1.0, "M4": 1.0})
    with pytest.raises(InputError, match="at least 4"):
        profile_of_normal(3)
    with pytest.raises(InputError, match="zero or not finite"):
        profile_of_draw(np.zeros((3, 2)))
    with pytest.raises(InputError, match="does not run away"):
        frozen_run_away_time(1.0, -1.0, -4.0)
    with pytest.raises(InputError, match="κ < 0"):
        frozen_run_away_time(1.0, 1.0, 0.0)
    with pytest.raises(InputError, match="slow time"):
        run_away_time(initial_weights(0, 50, 2, 1.0), {})
