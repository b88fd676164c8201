"""The real networks of the sharpness paper: verdicts, controls, pictures, and the witness against the simulation."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.eigenvalues import largest_eigenvalue
from numerics.fully_connected import FullyConnected
from numerics.phase_diagram import PHASES, Scan, scan
from verify.claim import Claim
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness import paper, real_catapult, real_diagram, real_regimes
from verify.papers.sharpness.real_draws import network, scanned, slope_weights
from verify.papers.sharpness.real_witness import Plain, plain_c_loss, plain_ratio

CONTEXT = Context(effort="quick", seed=0)
REAL = {claim.id: claim for claim in paper if claim.id.startswith("real.")}
SHORT = (
    *("real.reduction.width", "real.reduction.depth", "real.gap.width", "real.gap.depth", "real.collapse"),
    *("real.wide", "real.saturation", "real.sgd.divergence", "real.sgd.loss", "real.order.always"),
    *("real.reduction.phase", "real.barrier"),
)
LONG = (
    "real.regimes",
    "real.order",
    "real.diagram",
    "real.diagram.tanh",
    "real.diagram.linear",
    "real.catapult",
)
PANELS = {
    "real.regimes": 2,
    "real.order": 3,
    # The gap, and c against 1/w at each depth and against the depth at one width.
    "real.diagram": 5,
    "real.diagram.tanh": 4,
    "real.diagram.linear": 4,
    "real.catapult": 2,
}


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
    assert len(panels) == PANELS[claim_id]
    for panel in panels:
        if "cells" in panel:
            cells = panel["cells"]
            assert len(cells["values"]) == len(cells["y"])
            assert all(len(row) == len(cells["x"]) for row in cells["values"])
            if "categories" not in cells:
                assert all(value > 0 for row in cells["values"] for value in row)
                continue
            assert cells["categories"] == list(PHASES)
            # Below 2 at the lowest c, whatever the network.
            assert set(cells["values"][0]) == {0}


def test_every_claim_is_tested_here():
    assert set(REAL) == {*SHORT, *LONG}


@pytest.mark.parametrize(("depth", "name"), [(2, "relu"), (3, "relu"), (3, "tanh"), (3, "linear")])
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


SMALL = real_diagram.Grid("linear", ((2, 3),) * 3, ((32, 64),) * 3, (8, 8, 8), (1, 1, 1))


def test_a_small_diagram_opens_and_says_so_line_by_line():
    evidence = real_diagram.opening(SMALL, real_diagram.RIGHT).run(CONTEXT)
    assert evidence.verdict is Verdict.SUPPORTED, evidence.detail
    assert [row[:2] for row in evidence.data["table"]["rows"]] == [
        *(["depth 2", "log₂(1/w)"], ["depth 3", "log₂(1/w)"], ["width 32", "d"], ["width 64", "d"]),
    ]
    assert all(row[3] < row[2] < row[4] for row in evidence.data["table"]["rows"])
    gap, *phases = evidence.data["figure"]
    assert gap["cells"]["values"][1][1] > gap["cells"]["values"][0][0] > 0
    assert [panel["xlabel"] for panel in phases] == ["1/w", "1/w", "depth d"]
    for panel in phases:
        assert panel["title"].endswith(", one draw")
        assert panel["cells"]["label"] == "phase"
        assert {series["label"] for series in panel["series"]} <= {"c_loss", "c_sharp", "c_max"}
    wrong = real_diagram.opening(SMALL, {"width": real_diagram.DOWN}).run(CONTEXT)
    assert wrong.verdict is Verdict.REFUTED
    assert "figure" not in wrong.data


def scan_of(loss, sharpness, diverged):
    nothing = np.zeros(4)
    return Scan(np.array([2.0, 3.0, 4.0, 5.0]), np.array(loss), np.array(sharpness), nothing, nothing,
                np.array(diverged), 1.0, 1.0, 0.1, "ok")  # fmt: skip


def test_the_middle_of_a_phase_and_a_phase_that_is_empty():
    last = [False, False, False, True]
    found = real_catapult.middles(scan_of([0.5, 1.5, 2, 9], [0.5, 0.9, 1.1, 9], last))
    assert found == {
        "loss catapult": pytest.approx(12**0.5),
        "loss and sharpness catapult": pytest.approx(4.0),
    }
    assert real_catapult.middles(scan_of([0.5, 0.6, 2, 9], [0.5, 1.1, 1.2, 9], last)) is None
    assert real_catapult.middles(scan_of([0.5, 1.5, 2, 9], [0.5, 0.9, 0.9, 0.9], last)) is None


def test_a_catapult_comes_back_where_each_part_of_it_does():
    whole = {"phase": "", "c": 3.0, "peak": 2.0, "loss": 0.01, "sharpness": 0.3, "scaled": 0.9}
    assert real_catapult.came_back(real_catapult.End(**whole))
    for changed in (
        {"peak": 1.0},
        {"loss": 0.2},
        {"sharpness": 1.1},
        {"scaled": 2.1},
        {"scaled": float("nan")},
    ):
        assert not real_catapult.came_back(real_catapult.End(**(whole | changed)))


def test_each_value_of_c_is_on_its_side_of_the_critical_values():
    """A line is stable up to c = 2 and at once divergent above, so that no phase lies between."""
    line = scan(FullyConnected([[2.0]], [[1.0]], (), "linear"), np.array([3.0]),
                watch=("loss", "sharpness", "divergence"), smallest=2.0**0.625, spacing=0.25)  # fmt: skip
    panel = real_diagram._panel("a line", "depth d", [1.0], [[line]], 0.25)
    named = [PHASES[row[0]] for row in panel["cells"]["values"]]
    assert panel["cells"]["y"][:2] == pytest.approx([2.0**0.625, 2.0**0.875])
    assert (named[0], named[-1]) == ("below 2", "divergent")
    at_two = [value for value, name in zip(panel["cells"]["y"], named, strict=True) if name == "divergent"]
    assert min(at_two) == pytest.approx(2.0**1.125)
    (most,) = [one for one in panel["series"] if one["label"] == "c_max"]
    # Half a step above the last c that does not diverge.
    assert most["y"] == [pytest.approx(2.0)]
