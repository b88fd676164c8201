"""Brackets of first crossings, trends, and the distance from the reduced system; nothing false is PROVED."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_poly
from scipy.optimize import brentq

from numerics.activation import activation
from numerics.balls.network import BallNetwork
from numerics.balls.samples import equidistant_as_meant, of_dataset
from numerics.dataset import equidistant
from numerics.expression import parse
from numerics.integrate import crossing
from numerics.integrate.crossing import (
    Reading,
    descent_time,
    first_rise,
    loss_falls_to,
    size_reaches,
    times_of,
)
from numerics.integrate.enclosure import Enclosure, TubeStep
from numerics.integrate.trends import conserved, decay_rate, increase, positive
from numerics.integrate.tube import Settings, enclose
from numerics.milestones import descent_time as float_descent_time
from numerics.network import Network
from numerics.observables import neuron_norm
from numerics.precision import working_precision
from numerics.reduced import reduced_order_parameters
from numerics.reduced_balls import ReducedDescent, largest_gap
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from numerics.trajectory import Trajectory

BITS = 64
START = initial_weights(0, 5, 1, 0.02)
UNTIL = 9.0


@pytest.fixture(scope="module")
def found() -> Enclosure:
    with working_precision(BITS):
        network = BallNetwork.named("tanh", of_dataset(equidistant(6, "sin(x)")))
    return enclose(network, START.tolist(), UNTIL, Settings(bits=BITS))


@pytest.fixture(scope="module")
def run() -> Trajectory:
    return simulate(Network(activation("tanh"), equidistant(6, "sin(x)")), START, UNTIL, rtol=1e-12)


def check_bracket(bracket: tuple[Fraction, Fraction] | None, expected: float) -> None:
    assert bracket is not None
    low, high = bracket
    assert 0 < high - low < 1e-13
    assert abs(float(low) - expected) < 1e-8


def test_descent_time(found: Enclosure, run: Trajectory) -> None:
    got = descent_time(found)
    expected = float_descent_time(run)
    assert expected is not None
    assert got.status == "PROVED"
    check_bracket(got.bracket, expected)


def test_other_exits(found: Enclosure, run: Trajectory) -> None:
    got = size_reaches(found, arb("0.5"))
    expected = brentq(lambda t: neuron_norm(run.state(t)) - 0.5, 0, 5)
    check_bracket(got.bracket, expected)
    got = loss_falls_to(found, arb("0.2"))
    expected = brentq(lambda t: run.network.loss(run.state(t)) - 0.2, 0, UNTIL)
    check_bracket(got.bracket, expected)
    assert loss_falls_to(found, arb(2)).status == "UNDECIDED"  # it starts below


def test_a_level_that_is_not_reached(found: Enclosure) -> None:
    got = size_reaches(found, arb(10))
    assert (got.status, got.bracket) == ("PROVED", None)
    assert loss_falls_to(found, arb(0)).bracket is None


def test_a_run_that_ends_before_the_crossing(found: Enclosure) -> None:
    short = enclose(found.network, START.tolist(), UNTIL, Settings(bits=BITS, max_steps=4))
    got = descent_time(short)
    assert (got.status, got.bracket) == ("UNDECIDED", None)
    assert "budget" in got.reason
    assert got.below_until == short.reached


def test_a_start_above_the_level(found: Enclosure) -> None:
    got = descent_time(found, Fraction(2))  # the level −1
    assert (got.status, got.bracket) == ("PROVED", (0, 0))


@pytest.mark.parametrize("level", ["1", "1.0000000000000000000001", "nan"])
def test_a_tangency_is_never_decided(found: Enclosure, level: str) -> None:
    """t(2 − t) touches 1 at t = 1 and does not cross; a step without error, one shift above, and a NaN."""

    def readings(step: TubeStep) -> list[Reading]:
        s = arb_poly([arb(float(step.start)), arb(1)])
        return [Reading(s * (2 - s), lambda low, high: arb((1, -60)))]

    got = first_rise(found, readings, arb(level))
    assert got.status == "UNDECIDED"
    assert got.bracket is None
    assert got.below_until < Fraction(1) + Fraction(1, 2**20)


def test_a_budget_of_pieces(found: Enclosure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossing, "_BUDGET", 3)
    got = descent_time(found)
    # What is certified is still true: a bracket, if any, is only wider.
    assert got.status == "UNDECIDED" or (got.bracket is not None and got.bracket[1] - got.bracket[0] > 0.01)


def test_order_parameters_increase(found: Enclosure) -> None:
    high = descent_time(found).bracket
    assert high is not None
    assert increase(found, Fraction(1), high[1]).status == "PROVED"
    assert increase(found, Fraction(0), Fraction(20)).status == "UNDECIDED"  # beyond the horizon
    start = increase(found, Fraction(0), Fraction(1))
    P, Q = (arb(float(v)) for v in (START[:, 0] @ START[:, 1], 0))
    assert (start.status == "REFUTED") == bool(P < 0)  # dQ/dt = 2P(1 − P) at leading order
    assert Q == 0


def test_approximate_conservation(found: Enclosure) -> None:
    low, high = Fraction(2), Fraction(4)
    times = np.linspace(2.0, 4.0, 50)
    worst = 0.0
    run = simulate(Network(activation("tanh"), equidistant(6, "sin(x)")), START, 4.0, rtol=1e-12)
    first = None
    for t in times:
        a, w = run.state(t).T
        P, Q = a @ w, (a @ a + w @ w) / 2
        first = Q * Q - P * P if first is None else first
        worst = max(worst, abs(Q * Q - P * P - first) / P**2)
    assert conserved(found, (low, low), high, Fraction(worst * 1.1)).status == "PROVED"
    assert conserved(found, (low, low), high, Fraction(worst * 0.9)).status == "REFUTED"
    assert conserved(found, (low, low), high, Fraction(worst * 1.1), budget=2).status == "UNDECIDED"


def test_a_nan_is_not_positive(found: Enclosure) -> None:
    got = positive(found, Fraction(0), Fraction(1), lambda *_: [arb("nan")], 50)
    assert got.status == "UNDECIDED"


def test_decay_rates(found: Enclosure, run: Trajectory) -> None:
    first, last = (Fraction(1), Fraction(1)), (Fraction(7, 2), Fraction(15, 4))
    rate = decay_rate(found, first, last)
    for t in (3.5, 3.6, 3.75):
        drop = run.network.loss(run.state(1.0)) - run.network.loss(run.state(t))
        assert abs(rate - drop / (t - 1)).lower() < 1e-10
    assert not decay_rate(found, first, first).is_finite()


def test_times_of_an_irrational_time() -> None:
    with working_precision(BITS):
        low, high = times_of(arb(10).log() / 4)
        assert low < high < low + Fraction(1, 2**50)
        assert arb(10).log() / 4 > arb(float(low)) - 1e-15


# -- the reduced system


def test_the_closed_form_against_the_integrated_reduced_system(found: Enclosure) -> None:
    reduced = ReducedDescent.starting_with(found)
    P0, Q0 = float(reduced.A - reduced.B), float(reduced.A + reduced.B)
    times = np.array([0.0, 0.5, 2.0, 3.0, 4.5, 8.0])
    expected = reduced_order_parameters(P0, Q0, times)
    with working_precision(BITS):
        for t, p, q in zip(times, *expected, strict=True):
            P, Q = reduced.at(Fraction(t))
            assert P.rad() < 1e-8
            assert abs(float(P) - p) < 1e-9
            assert abs(float(Q) - q) < 1e-9


def test_the_largest_gap(found: Enclosure, run: Trajectory) -> None:
    gap = largest_gap(found)
    times = np.linspace(0.0, UNTIL, 2001)
    full = np.array([run.state(t)[:, 0] @ run.state(t)[:, 1] for t in times])
    P0, Q0 = full[0], (START**2).sum() / 2
    difference = np.abs(full - reduced_order_parameters(P0, Q0, times)[0]).max()
    assert float(gap.low) - 1e-9 <= difference <= float(gap.high) + 1e-9
    assert float(gap.high) <= 1.011 * float(gap.low)


def test_the_gap_of_a_starved_search_is_still_a_bound(found: Enclosure) -> None:
    wide, sharp = largest_gap(found, budget=1), largest_gap(found)
    assert wide.high >= sharp.low
    assert not wide.high < sharp.low


def test_data_as_meant_with_box_weights() -> None:
    """A box of initial weights gives a wider bracket that contains the one of its centre."""
    with working_precision(BITS):
        network = BallNetwork.named("tanh", equidistant_as_meant(6, parse("sin(x)", ["x"])))
    wide = enclose(network, [[arb(v, 1e-8) for v in row] for row in START.tolist()], 8.0, Settings(bits=BITS))
    point = descent_time(enclose(network, START.tolist(), 8.0, Settings(bits=BITS))).bracket
    bracket = descent_time(wide).bracket
    assert point is not None
    assert bracket is not None
    assert bracket[0] < point[0] < point[1] < bracket[1]
    assert bracket[1] - bracket[0] < 1e-4
