"""The real networks of the sharpness paper: verdicts, controls, pictures, and the witness against the simulation."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.eigenvalues import largest_eigenvalue
from numerics.phase_diagram import PHASES
from verify.claim import Claim
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness import paper, real_regimes
from verify.papers.sharpness.real_draws import network, scanned, slope_weights
from verify.papers.sharpness.real_witness import Plain, plain_c_loss, plain_ratio

CONTEXT = Context(effort="quick", seed=0)
REAL = {claim.id: claim for claim in paper if claim.id.startswith("real.")}
SHORT = (
    *("real.reduction.width", "real.reduction.depth", "real.gap.width", "real.gap.depth", "real.collapse"),
    *("real.wide", "real.saturation", "real.sgd.divergence", "real.sgd.loss", "real.order.always"),
    *("real.reduction.phase", "real.barrier"),
)
LONG = ("real.regimes", "real.order")


def holds_with_its_controls(claim: Claim) -> Evidence:
    evidence = claim.checks[0].run(CONTEXT)
    assert evidence.verdict is claim.expected_at("quick"), evidence.detail
    mutants = claim.mutants()
    shown_false = [mutant for mutant in mutants if mutant.witness() is not None]
    assert len(shown_false) == len(mutants)
    assert mutants or claim.expected_at("quick") is Verdict.REFUTED
    for mutant in shown_false:
        found = mutant.run(CONTEXT)
        assert found.verdict is Verdict.REFUTED or found.not_confirmed, (mutant.name, found.detail)
    assert claim.statement_text()
    return evidence


@pytest.mark.parametrize("claim_id", SHORT)
def test_claim_and_its_controls(claim_id):
    holds_with_its_controls(REAL[claim_id])


@pytest.mark.deep
@pytest.mark.parametrize("claim_id", LONG)
def test_longer_claim_and_its_controls(claim_id):
    evidence = holds_with_its_controls(REAL[claim_id])
    panels = evidence.data["figure"]
    assert len(panels) == {"real.regimes": 2, "real.order": 3}[claim_id]
    for panel in panels:
        if "cells" in panel:
            cells = panel["cells"]
            assert len(cells["values"]) == len(cells["y"])
            assert all(len(row) == len(cells["x"]) for row in cells["values"])
            assert cells["categories"] == list(PHASES)
            # Below 2 at the lowest c, whatever the network.
            assert set(cells["values"][0]) == {0}


def test_every_claim_is_tested_here():
    assert set(REAL) == {*SHORT, *LONG}


@pytest.mark.parametrize(("depth", "name"), [(2, "relu"), (3, "relu"), (3, "tanh")])
def test_the_witness_is_the_same_network(depth, name):
    """Loss, gradient and sharpness by other code agree; so the two disagree only where one of them is wrong."""
    model, plain = network(depth, 8, 3, name), Plain(depth, 8, 3, name)
    theta = model.initial(3)
    assert plain.loss(plain.start) == pytest.approx(model.loss(theta), rel=1e-12)
    gradient = np.concatenate([part.ravel() for part in plain.gradient(plain.start)])
    assert np.allclose(gradient, model.gradient(theta), rtol=1e-10, atol=1e-14)
    expected = largest_eigenvalue(model.at(theta), tolerance=1e-8).value
    assert plain.sharpness(plain.start) == pytest.approx(expected, rel=1e-3)


def test_the_witness_finds_the_same_critical_value():
    c = plain_c_loss(2, 16, 1)
    assert c == pytest.approx(scanned(2, 16, 1, ("loss",), smallest=1.5, spacing=0.01).c_loss, rel=0.02)
    coarse = scanned(2, 16, 1, ("sharpness",), largest=1.01)
    assert plain_ratio(2, 16, 1, 1.0) == pytest.approx(float(coarse.final_sharpness[0]), rel=5e-3)


def test_slopes_are_least_squares():
    x, y = np.array([1.0, 2.0, 4.0, 5.0]), np.array([0.3, 0.1, 0.7, 0.4])
    assert slope_weights(x) @ y == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-12)


def test_a_course_is_seen_with_the_edge_at_two_alone():
    one = real_regimes.course(1)
    assert [regime.seen for regime in real_regimes.seen(one, 2.0)] == [True] * 4
    assert not real_regimes.seen(one, 4.0)[3].seen
    assert (
        real_regimes.seen(real_regimes.Course(one.steps, one.sharpness, one.loss, one.rate, "diverged"), 2.0)
        is None
    )
