"""Remark 7: the claim, its negative controls, and the curve it states."""

from __future__ import annotations

import math

import pytest
from scipy.integrate import solve_ivp

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import paper, rescaled


def test_rescaled_curves_have_support_and_false_versions_are_caught():
    claim = paper["rem7"]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


@pytest.mark.parametrize("shift", [-3.0, 0.0, 2.0])
def test_the_stated_curve_solves_the_logistic_equation(shift):
    path = solve_ivp(lambda _, P: 2 * P * (1 - P), (0, shift or 1e-9), [0.9], rtol=1e-10, atol=1e-13)
    assert rescaled._logistic(shift) == pytest.approx(float(path.y[0, -1]), rel=1e-7)


def test_the_correction_is_the_constant_of_the_descent_time():
    value = float(rescaled.RESCALED(1e6, 1.5, 0.1))
    assert value * math.log(1e6) == pytest.approx(0.5 * math.log(2 * 1e12 * 9), rel=1e-12)
