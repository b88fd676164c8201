"""Whole runs against their bounds: the searches, what they read off a run, and the program's first crossing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import paper
from verify.papers.multistage.trajectory_search import Start, gronwall, run_of


@pytest.mark.parametrize("id", ["eq31.search", "lem2.runs.search", "prop6.search", "eq26.program"])
def test_no_run_breaks_a_bound_and_false_bounds_are_broken(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


def test_the_integral_with_growth_is_a_closed_form():
    run = run_of(Start("sin", "two", ((0.3, 0.2),), 1.0), 480)
    found = run.integral(np.exp(3 * run.times), 1.0)
    exact = (np.exp(3 * run.times) - np.exp(run.times)) / 2
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-6)


def test_the_remainders_of_a_run_by_hand():
    """One tanh neuron on ±1 with f* = x: f = −(aσ − 1)(σ − w) − a(σ − w)w."""
    run = run_of(Start("tanh", "two", ((0.5, 0.8),), 0.5), 10)
    a, w = run.a[:, 0], run.w[:, 0, 0]
    bent = np.tanh(w) - w
    np.testing.assert_allclose(run.f[:, 0], -(a * np.tanh(w) - 1) * bent - a * bent * w, atol=1e-12)
    assert math.isclose(run.D, 1.0, rel_tol=1e-12)
    left, right = gronwall(run)
    assert np.all(left[1:] < right[1:])
