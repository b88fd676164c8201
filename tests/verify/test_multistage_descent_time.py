"""What the cubic term adds to T₂: the limit of one draw at growing width."""

from __future__ import annotations

import pytest

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import descent_time, paper


@pytest.fixture
def own_parameters():
    descent_time._grown.cache_clear()
    yield
    paper.use({})
    descent_time._grown.cache_clear()


@pytest.mark.parametrize("zeta", ["1/10", "3/10", "1/50"])
def test_the_limit_is_the_formula_within_what_is_left_out(zeta, own_parameters):
    paper.use({"zeta": zeta})
    found = paper["b2.shift"].checks[0].run(Context())
    assert found.verdict is Verdict.SUPPORTED
    for _, _, predicted, _, _, tolerance, _ in found.data["table"]["rows"]:
        assert tolerance < 0.01 * abs(predicted)


def test_false_versions_are_caught():
    for mutant in paper["b2.shift"].mutants():
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description
