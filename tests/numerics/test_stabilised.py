"""Runge–Kutta–Chebyshev: its conditions of order, its stability, and runs along a plateau beside DOP853."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import InputError
from numerics.activation import activation
from numerics.dataset import equidistant
from numerics.integrate.float64 import integrate
from numerics.integrate.joined import Joined
from numerics.integrate.stabilised import Stabilised, coefficients
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import norms
from numerics.sampling import initial_weights
from numerics.simulate import simulate


def _factor(stages: int, z: float) -> float:
    """What a step of size 1 makes of y' = z y, y = 1."""
    first, later = coefficients(stages)
    before, now = 1.0, 1.0 + first * z
    for mu, nu, share, rest in later:
        before, now = now, (1 - mu - nu) + mu * now + nu * before + share * z * now + rest * z
    return now


@pytest.mark.parametrize("stages", [2, 3, 7, 20, 60])
def test_second_order_and_damped_along_the_real_axis(stages: int) -> None:
    z = 1e-3
    assert abs(_factor(stages, z) - math.exp(z)) < 0.2 * z**3
    assert abs(_factor(stages, 2 * z) - math.exp(2 * z)) > 1e-12
    # 0.653 (s² − 1) is the length of the interval of stability in the paper that the method is from.
    inside = -np.linspace(1e-3, 0.65 * (stages**2 - 1), 400)
    assert max(abs(_factor(stages, float(x))) for x in inside) <= 1.0


def test_a_stiff_linear_problem_with_a_known_solution() -> None:
    slow, fast = 1e-3, 50.0
    rates = np.array([-slow, -fast])

    def drift(y):
        # The fast component follows the slow one, which is e^{−slow t}.
        return np.array([rates[0] * y[0], rates[1] * (y[1] - y[0])])

    found = integrate(drift, np.array([1.0, 0.0]), 1000.0, rtol=1e-8, solver=Stabilised)
    assert found.status == "ok"
    for t in (1.0, 333.3, 1000.0):
        expected = math.exp(-slow * t)
        assert found(t)[0] == pytest.approx(expected, rel=3e-6)
        assert found(t)[1] == pytest.approx(expected * fast / (fast - slow), rel=3e-6)
    # A usual explicit method of that order takes about one evaluation a unit of fast time: 25 000 steps or more.
    assert found.evaluations < 10_000


def test_an_overflow_is_said_to_be_one() -> None:
    found = integrate(lambda y: y * y, np.array([1.0]), 2.0, rtol=1e-6, solver=Stabilised)
    assert found.status == "diverged"


def _plateau(slow: tuple[float, float] | None):
    network = Network(activation("tanh"), equidistant(20, "x + 0.3*x**3"))
    return simulate(network, initial_weights(0, 50, 1, 1 / 50), 600.0, rtol=1e-7, slow=slow)


def test_a_plateau_is_what_the_usual_method_says_it_is() -> None:
    usual, slow = _plateau(None), _plateau((20.0, 590.0))
    assert isinstance(slow.solution, Joined)
    assert slow.status == "ok"
    assert slow.end == pytest.approx(600.0, rel=1e-12)
    assert np.all(np.diff(slow.times) > 0)
    assert len(slow.times) == len(slow.states)
    assert descent_time(slow) == descent_time(usual)
    for t in (10.0, 20.0, 100.0, 589.0, 590.0, 595.0, slow.end):
        assert norms(slow.state(t)) == pytest.approx(norms(usual.state(min(t, usual.end))), rel=1e-5)
    assert slow.solution.evaluations < usual.solution.evaluations / 2
    assert "RKC" in slow.provenance["method"]


def test_a_run_that_ends_before_its_plateau() -> None:
    found = _plateau((700.0, 800.0))
    usual = _plateau(None)
    np.testing.assert_array_equal(found.states, usual.states)


def test_what_a_plateau_cannot_be() -> None:
    network = Network(activation("tanh"), equidistant(6, "x"))
    start = initial_weights(0, 10, 1, 0.1)
    for slow in ((0.0, 1.0), (2.0, 1.0)):
        with pytest.raises(InputError, match="slow"):
            simulate(network, start, 3.0, slow=slow)
    with pytest.raises(InputError, match="slow"):
        simulate(network, start, 3.0, slow=(1.0, 2.0), keep="observables")
