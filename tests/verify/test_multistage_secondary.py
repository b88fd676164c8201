"""What the network does between T_2 and T_3: verdicts and negative controls."""

from __future__ import annotations

import math

import pytest

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import laws_secondary, paper
from verify.papers.multistage.grid_runs import Setting


def test_they_have_support_and_their_false_versions_are_caught():
    # In one test: all three look at the same runs.
    for claim in (paper[id] for id in ("eq60.network", "eq62.network", "thm3.network")):
        assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED, claim.id
        for mutant in claim.mutants():
            assert mutant.witness(), (claim.id, mutant.description)
            assert mutant.run(Context()).verdict is Verdict.REFUTED, (claim.id, mutant.description)


def test_t3_is_the_chosen_time_and_the_loss_is_counted_from_t2():
    found = laws_secondary.plateau(Setting(1.0, "tanh", "points"), 300, 0, 1e-8)
    assert found["T_3"] - found["T_2"] == pytest.approx(150 / math.log(300), rel=1e-12)
    # At m = 300 the cubic part is a few per cent of ζ²/2.
    assert found["fall"] == pytest.approx(0.005, rel=0.5)
