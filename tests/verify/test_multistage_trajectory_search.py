"""Whole runs against their bounds: the searches, what they read off a run, and the program's first crossing."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from numerics.balls.dyadic import float_interval
from numerics.precision import working_precision
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import paper, trajectory_balls, trajectory_runs
from verify.papers.multistage.trajectory_runs import (
    Measured,
    Start,
    broken_at,
    gronwall,
    integrals,
    measured,
    run_of,
)
from verify.papers.multistage.trajectory_search import Bound, check

ATTAINED = Start("arctan", "plane", ((0.0, 0.3125, 0.0),) * 8, 2.0)
"""Here what the weights across e₁ may grow by is attained to leading order in t."""


@pytest.mark.parametrize("id", ["eq31.search", "lem2.runs.search", "prop6.search", "eq26.program"])
def test_no_run_breaks_a_bound_and_false_bounds_are_broken(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


@pytest.mark.parametrize("name", ["gronwall", "across", "balanced"])
def test_a_bound_that_is_attained_is_not_broken(name):
    bound = Bound.named(name)
    found = measured(ATTAINED, bound.sides)
    assert found.shares.max() < 1
    assert broken_at(ATTAINED, bound.sides) is None
    assert not trajectory_balls.broken(ATTAINED, bound.balls, float(found.times[0]))
    # By 480 trapezoids the left side is above the right one by a thousandth at the first of them.
    run = run_of(ATTAINED, steps=480)
    left, source, _ = bound.sides(run)
    if name == "across":
        assert left[1] > 1.001 * (source[0] + source[1]) / 2 * run.times[1]


def test_the_integral_with_growth_is_a_closed_form():
    run = run_of(Start("sin", "two", ((0.3, 0.2),), 1.0))
    found, error = integrals(run.times, np.exp(3 * run.times), 1.0)
    at = run.times[4::4]
    exact = (np.exp(3 * at) - np.exp(at)) / 2
    assert np.all(np.abs(found - exact) <= error)
    assert np.all(error < 1e-6)


@pytest.mark.parametrize("kink", [0.1, 0.26, 0.499, 0.7])
def test_the_error_of_an_integral_covers_a_kink(kink):
    times = np.linspace(0.0, 1.0, 129)
    found, error = integrals(times, np.maximum(times**3, kink + 2 * (times - kink)))
    at = times[4::4]
    # The two meet where s³ = 2s − kink; below the cubic is the smaller one of (0, 1).
    roots = np.roots([1.0, 0.0, -2.0, kink])
    meet = float(min(r.real for r in roots if 0 < r.real < 1))
    before = np.minimum(at, meet)
    exact = before**4 / 4 + (at**2 - before**2) - kink * (at - before)
    assert np.all(np.abs(found - exact) <= error + 1e-15)
    assert error[-1] < 1e-3


def test_the_remainders_of_a_run_by_hand():
    """One tanh neuron on ±1 with f* = x: f = −(aσ − 1)(σ − w) − a(σ − w)w."""
    run = run_of(Start("tanh", "two", ((0.5, 0.8),), 0.5), steps=8)
    a, w = run.a[:, 0], run.w[:, 0, 0]
    bent = np.tanh(w) - w
    np.testing.assert_allclose(run.f[:, 0], -(a * np.tanh(w) - 1) * bent - a * bent * w, atol=1e-12)
    assert math.isclose(run.D, 1.0, rel_tol=1e-12)
    found = measured(Start("tanh", "two", ((0.5, 0.8),), 0.5), gronwall)
    assert np.all(found.left < found.right)


@pytest.mark.parametrize(
    "start",
    [
        Start("gd", "square", ((0.5, 0.5, 0.25), (1.0, 0.5, -1.0)), 0.5),
        Start("tanh", "two", ((0.5, 0.5),) * 8, 1.0),
        Start("sin", "few", ((0.5, 0.25), (-0.125, 1.0)), 1.0),
        Start("arctan", "square", ((0.05, 0.5, 0.05), (0.1, 0.05, -0.1), (0.0, 0.1, 0.1)), 1.0),
    ],
)
@pytest.mark.parametrize("name", ["gronwall", "across", "balanced"])
def test_balls_and_double_precision_agree_within_the_measured_error(start, name):
    if name == "across" and len(start.weights[0]) < 3:
        start = Start(start.activation, "square", tuple((*row, 0.5) for row in start.weights), start.until)
    found = measured(start, getattr(trajectory_runs, name))
    with working_precision(trajectory_balls.BITS):
        flow = trajectory_balls.flow_of(start, start.until / 2)
        left, right = getattr(trajectory_balls, name)(flow)
        low = max(float_interval(value)[0] for value in left)
        high = float_interval(right)[1]
    at = trajectory_runs.PANELS // 2 - 1
    assert found.times[at] == start.until / 2
    assert abs(low - found.left[at]) <= found.error[at] + 1e-9
    # The balls' right side is a bound from above, and a close one.
    assert -found.error[at] <= high - found.right[at] <= found.error[at] + 1e-6 * high


def test_what_balls_do_not_confirm_is_undecided():
    wrong = Bound(partial(trajectory_runs.across, factor=1 / 3), trajectory_balls.across)
    found = check(wrong, (2,)).run(Context())
    assert found.verdict is Verdict.UNDECIDED
    assert "not confirmed" in found.detail


def test_no_excess_within_the_error_counts():
    one = np.ones(2)
    found = Measured(one, np.array([1.1, 1.1]), one, np.array([0.2, 0.05]))
    assert list(found.shares > 1) == [False, True]


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_side_that_is_no_finite_number_is_no_case(wrong):
    start = Start("tanh", "two", ((0.5, 0.5),), 0.25)

    def sides(run):
        left, source, growth = gronwall(run)
        return trajectory_runs.Sides(np.where(run.times > 0.2, wrong, left), source, growth)

    assert measured(start, gronwall) is not None
    assert measured(start, sides) is None
