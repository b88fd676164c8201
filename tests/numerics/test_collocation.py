"""High precision against closed forms, mpmath's Taylor integrator, the float64 network and itself at other settings."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, arb_mat

from numerics.activation import activation
from numerics.dataset import equidistant, from_arrays, halton
from numerics.errors import InputError
from numerics.integrate.collocation import collocate
from numerics.integrate.spectral import lobatto
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import order_parameters
from numerics.precise import simulate_precise
from numerics.precise_network import PreciseNetwork
from numerics.precision import working_precision
from numerics.sampling import initial_weights
from numerics.simulate import simulate


class Linear:
    """y1' = y2, y2' = y1: cosh and sinh."""

    size = 2

    def drift(self, flat):
        return [flat[1], flat[0]]

    def drift_double(self, flat):
        return np.array([flat[1], flat[0]])

    def linearised(self, states):
        return lambda v: v[:, ::-1].copy()


class Square:
    """y' = y², which runs to infinity at t = 1/y(0)."""

    size = 1

    def drift(self, flat):
        return [flat[0] * flat[0]]

    def drift_double(self, flat):
        return flat * flat

    def linearised(self, states):
        return lambda v: 2 * states * v


@pytest.mark.parametrize("digits", [30, 60, 120])
def test_hyperbolic_functions_from_a_tiny_start(digits: int) -> None:
    with working_precision(1000):
        tiny = arb(2) ** -40
    found = collocate(Linear(), [arb(0), tiny], 20.0, digits)
    assert found.status == "ok"
    with working_precision(1000):
        for time in (0.5, 7.25, 20.0):
            sinh, cosh = arb(time).sinh() * tiny, arb(time).cosh() * tiny
            got = found.state(time)
            size = float(cosh)
            assert abs(float((got[0] - sinh) / size)) < 10.0**-digits
            assert abs(float((got[1] - cosh) / size)) < 10.0**-digits


def test_a_solution_that_runs_away_is_said_to_diverge() -> None:
    found = collocate(Square(), [arb(1)], 2.0, 30)
    assert found.status == "diverged"
    assert 0.9 < found.end < 1
    with working_precision(300):
        exact = 1 / (1 - arb(found.end) / 2)
        assert abs(float(found.state(found.end / 2)[0] / exact - 1)) < 1e-30


def test_integration_is_exact_on_polynomials_and_interpolation_reproduces_them() -> None:
    nodes = lobatto(12, 200)
    with working_precision(200):
        values = arb_mat(12, 1, [p**7 for p in nodes.points])
        integrals = (nodes.integration * values).entries()
        assert all(abs(float(v - p**8 / 8)) < 1e-55 for v, p in zip(integrals, nodes.points, strict=True))
        at = arb(3) / 7
        assert abs(float((nodes.row_at(at.mid()) * values)[0, 0] - at**7)) < 1e-55


@pytest.mark.parametrize("name", ["tanh", "erf", "arctan", "sin", "rational", "gd"])
@pytest.mark.parametrize("dim", [1, 2])
def test_drift_and_linearisation_agree_with_the_float64_network(name: str, dim: int) -> None:
    data = equidistant(7, "sin(x) + x**2/5") if dim == 1 else halton(6, 2, "sin(x1) + 0.3*sin(2*x2)")
    state = initial_weights(3, 5, dim, 0.7)
    precise = PreciseNetwork(name, data, 5)
    plain = Network(activation(name), data).drift(state)
    flat = np.concatenate([state[:, 0], state[:, 1:].ravel()])
    expected = np.concatenate([plain[:, 0], plain[:, 1:].ravel()])
    with working_precision(150):
        got = np.array([float(v) for v in precise.drift([arb(float(v)) for v in flat])])
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(precise.drift_double(flat), expected, rtol=1e-12, atol=1e-14)
    direction = np.cos(np.arange(flat.size))
    h = 1e-5
    slope = (precise.drift_double(flat + h * direction) - precise.drift_double(flat - h * direction)) / (
        2 * h
    )
    applied = precise.linearised(flat[None, :])(direction[None, :])[0]
    np.testing.assert_allclose(applied, slope, rtol=1e-7, atol=1e-8)


def test_a_network_of_two_neurons_against_mpmath() -> None:
    data = from_arrays([[-1.5], [-0.5], [0.5], [1.5]], [-1.0, -0.5, 0.5, 1.0])
    initial = [[Fraction(1, 10), Fraction(-1, 7)], [Fraction(3, 20), Fraction(1, 5)]]
    run = simulate_precise("tanh", data, initial, 0.25, 20)
    with mpmath.workdps(26):

        def rates(_, y):
            f = [
                y[0] * mpmath.tanh(y[1] * x) + y[2] * mpmath.tanh(y[3] * x)
                for x in map(mpmath.mpf, data.x[:, 0])
            ]
            r = [(fi - mpmath.mpf(float(yi))) / 4 for fi, yi in zip(f, data.y, strict=True)]
            result = []
            for a, w in ((y[0], y[1]), (y[2], y[3])):
                t = [mpmath.tanh(w * x) for x in map(mpmath.mpf, data.x[:, 0])]
                result.append(-sum(ri * ti for ri, ti in zip(r, t, strict=True)))
                xs = map(mpmath.mpf, data.x[:, 0])
                result.append(-a * sum(ri * (1 - ti**2) * x for ri, ti, x in zip(r, t, xs, strict=True)))
            return result

        start = [mpmath.mpf(v.numerator) / v.denominator for row in initial for v in row]
        expected = mpmath.odefun(rates, 0, start, tol=mpmath.mpf(10) ** -22)(mpmath.mpf(1) / 4)
        got = [mpmath.mpf(v.mid().str(60, radius=False)) for row in run.state(0.25) for v in row]
        assert max(abs(p - q) for p, q in zip(got, expected, strict=True)) < mpmath.mpf(10) ** -20
    assert run.error_estimate is not None
    assert run.error_estimate < 1e-20


def test_from_a_tiny_start_through_the_plateau_against_float64_and_its_own_estimate() -> None:
    data = equidistant(6, "sin(x)")
    initial = initial_weights(5, 6, 1, 1e-6)
    run = simulate_precise("tanh", data, initial, 30.0, 30)
    assert run.status == "ok"
    assert run.error_estimate is not None
    assert run.error_estimate < 1e-30
    plain = simulate(Network(activation("tanh"), data), initial, 30.0, rtol=1e-12)
    for time in (5.0, 15.0, 30.0):
        P, Q = order_parameters(plain.state(time))
        high = run.order_parameters(time)
        assert float(high[0]) == pytest.approx(P, rel=1e-8)
        assert float(high[1]) == pytest.approx(Q, rel=1e-8)
    reached = run.descent_time()
    assert reached is not None
    assert float(reached) == pytest.approx(descent_time(plain), abs=1e-9)
    with working_precision(200):
        assert abs(float(run.order_parameters(reached)[0] - arb(9) / 10)) < 1e-29


@pytest.mark.parametrize("digits", [0, 14, 401, 30.5, True])
def test_digits_that_make_no_sense_are_refused(digits) -> None:
    with pytest.raises(InputError, match="digits"):
        simulate_precise("tanh", equidistant(4, "x"), initial_weights(0, 2, 1, 0.1), 1.0, digits)


def test_other_bad_input_is_refused() -> None:
    data = equidistant(4, "x")
    with pytest.raises(InputError, match="final time"):
        simulate_precise("tanh", data, initial_weights(0, 2, 1, 0.1), float("inf"), 30)
    with pytest.raises(InputError, match="rows"):
        simulate_precise("tanh", data, initial_weights(0, 2, 2, 0.1), 1.0, 30)
    with pytest.raises(InputError, match="finite"):
        simulate_precise("tanh", data, np.array([[np.nan, 1.0]]), 1.0, 30)
