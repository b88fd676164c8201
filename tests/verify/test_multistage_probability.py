"""“With probability at least 1 − δ”: verdicts, negative controls, and draws against exact distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import paper, probability

IDS = ["thm1.probability", "thm2.probability", "thm2.probability.reduced", "thm3.probability"]


@pytest.mark.parametrize("id", IDS)
def test_it_has_support_and_its_false_versions_are_caught(id):
    claim = paper[id]
    found = claim.checks[0].run(Context())
    assert found.verdict is Verdict.SUPPORTED
    assert found.data["lower_bound"] >= 0.9
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


def test_the_reduced_times_have_the_distribution_of_chi_squared():
    """T_2 = −½ log(χ²_m/m) + O(1/m) about the mean of B2, since A = ½ε²χ²_m."""
    values = probability.reduced_draws(11, 1000, probability.FAR)
    m = probability.FAR
    assert kstest(m * np.exp(-2 * (values - 0.5 / m)), chi2(m).cdf).pvalue > 1e-3


def test_full_networks_scatter_as_the_reduced_system_does():
    values = probability.descent_draws(0, 100)
    assert float(np.std(values)) == pytest.approx(1 / math.sqrt(2 * probability.WIDTH), rel=0.25)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_theorems_hold_for_nearly_all_draws_at_a_further_place(number):
    claim = paper[f"thm{number}.probability.places"]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description
