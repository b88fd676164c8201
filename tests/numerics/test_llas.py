"""The map in log z against exact numbers, mpmath and balls."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf

from numerics.errors import InputError
from numerics.llas import crossing, divergence_steps, orbit, plain_descent, reduced_parameters, spikes_of
from numerics.llas_enclosed import enclosed_orbit


def exact(epsilon: float, m: float, log_z: float, steps: int) -> tuple[list[mpf], list[mpf]]:
    """m and log z by the map as it is written, z itself, in 400 digits: z underflows nowhere."""
    with mp.workdps(400):
        rate, value, height = mpf(epsilon), mpf(m), mp.exp(mpf(log_z))
        found: tuple[list[mpf], list[mpf]] = ([value], [mp.log(height)])
        for _ in range(steps):
            value, height = value + rate * (1 - height), (1 - value) ** 2 * height
            found[0].append(value)
            found[1].append(mp.log(height))
        return found


@pytest.mark.parametrize(
    ("epsilon", "m", "log_z", "steps"),
    [(1.6e-3, 0.40003, math.log(0.5), 2500), (1e-4, 1.9, math.log(0.01), 3000), (6.4e-3, 1.6, -2.0, 150)],
)
def test_log_z_is_exact_to_rounding_where_z_underflows(
    epsilon: float, m: float, log_z: float, steps: int
) -> None:
    """Every step may be off by a rounding; a deviation grows from step to step as the map's own derivative says."""
    found = orbit(epsilon, m, log_z, steps)
    values, logs = exact(epsilon, m, log_z, len(found) - 1)
    allowed_m, allowed_u = 0.0, 0.0
    for step in range(len(found)):
        u = float(logs[step])
        assert abs(float(mpf(found.above[step]) - (values[step] - 2))) <= allowed_m + 4e-16
        assert abs(float(mpf(found.log_z[step]) - logs[step])) <= allowed_u + 4e-16 * max(1.0, abs(u))
        pull, slope = epsilon * math.exp(u), 2 / abs(float(values[step]) - 1)
        grown_m = allowed_m + pull * allowed_u + 1e-16 * epsilon * (2 + math.exp(u)) + 1e-30
        allowed_u += slope * allowed_m + 2e-16 * abs(math.log(abs(float(values[step]) - 1))) + 1e-30
        allowed_m = grown_m
    assert len(found) > 100


def test_the_first_orbit_above_underflows_in_double_precision() -> None:
    eps, m, log_z = reduced_parameters(50.0, 50.0, 1 / 250, 0.0, 0.1)
    assert (eps, m, log_z) == pytest.approx((1.6e-3, 0.4, math.log(0.5)))
    found = orbit(eps, m, log_z, 4000)
    assert found.log_z.min() < -2000
    assert found.status == "diverged"
    _, y = plain_descent(50.0, 50.0, 1 / 250, 0.0, 0.1, 4000)
    assert y[-1] == 0.0
    assert np.max(np.abs(y)) == pytest.approx(0.1)


def test_before_the_underflow_both_are_the_same_orbit() -> None:
    eps, m, log_z = reduced_parameters(50.0, 200.0, 1 / 250, 0.0, 0.1)
    found = orbit(eps, m, log_z, 300)
    x, y = plain_descent(50.0, 200.0, 1 / 250, 0.0, 0.1, 300)
    assert found.m == pytest.approx(2 / 250 * (50 * x + 200), rel=1e-12)
    assert found.log_z == pytest.approx(np.log(50 * y**2), rel=1e-9)


def test_the_numbers_of_one_spike() -> None:
    """By the map in 60 digits: m_max 2.10542…, z_peak 130.70…"""
    (spike, *_) = spikes_of(orbit(1e-4, 1.9, math.log(0.01), 4000))
    values, logs = exact(1e-4, 1.9, math.log(0.01), spike.peak + 1)
    assert spike.m_max == pytest.approx(float(max(values)), rel=1e-14)
    assert spike.log_z_peak == pytest.approx(float(logs[spike.peak]), rel=1e-10)
    assert logs[spike.peak] > logs[spike.peak - 1]
    assert logs[spike.peak] > logs[spike.peak + 1]
    assert (round(spike.m_max, 4), round(math.exp(spike.log_z_peak), 1)) == (2.1054, 130.7)


def test_an_orbit_exactly_at_one_keeps_z_at_zero() -> None:
    found = orbit(0.25, 0.5, -1.0, 4)
    again = orbit(0.5, 0.5, math.log(0.5), 2)
    assert np.all(np.isfinite(found.log_z))
    assert not np.any(np.isnan(again.log_z))
    stuck = orbit(1e-3, 1.0, -800.0, 3)
    assert stuck.log_z[1] == -math.inf
    assert stuck.m[3] == pytest.approx(1.003)


def test_many_starts_at_once_are_the_single_orbits() -> None:
    eps, m, log_z = np.array([1.6e-3, 5e-3, 2e-4]), np.array([1.6, 1.3, 1.9]), np.log([0.5, 0.02, 0.3])
    steps = divergence_steps(eps, m, log_z, 3000)
    for i in range(3):
        single = orbit(float(eps[i]), float(m[i]), float(log_z[i]), 3000)
        assert steps[i] == (len(single) - 1 if single.status == "diverged" else -1)


def test_a_ball_orbit_contains_the_exact_one_and_is_trapped() -> None:
    found = enclosed_orbit(Fraction(1, 625), Fraction(8, 5), Fraction(1, 2), 3000)
    m, z = Fraction(8, 5), Fraction(1, 2)
    for state in found[:6]:
        assert abs(float(state.m.mid()) - float(m)) < 1e-15
        assert abs(float(state.z.mid()) - float(z)) < 1e-15
        m, z = m + Fraction(1, 625) * (1 - z), (1 - m) ** 2 * z
    assert found[-1].trapped
    assert not found[-2].trapped
    plain = orbit(1 / 625, 1.6, math.log(0.5), 3000)
    assert len(plain) == len(found)
    assert plain.m[-1] == pytest.approx(float(found[-1].m.mid()), rel=1e-6)


def test_bad_input_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="epsilon"):
        orbit(0.0, 1.0, 0.0, 3)
    with pytest.raises(InputError, match="finite"):
        orbit(0.1, math.nan, 0.0, 3)
    with pytest.raises(InputError, match="off the axis"):
        reduced_parameters(1.0, 1.0, 0.1, 0.0, 0.0)
    with pytest.raises(InputError, match="epsilon > 0"):
        enclosed_orbit(Fraction(0), Fraction(1), Fraction(1), 3)
    with pytest.raises(InputError, match="same sign"):
        crossing(lambda v: v * v + 1, 0.0, 1.0)
