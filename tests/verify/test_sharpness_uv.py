"""The uv half of the sharpness paper: what is proved is proved, every control with a witness is caught."""

from __future__ import annotations

import re

import numpy as np
import pytest
import sympy as sp

from verify.claim import Claim
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness import (
    paper,
    reduced,
    uv_constants,
    uv_edge_network,
    uv_phases,
    uv_saturation,
)

CONTEXT = Context(effort="quick", seed=0, progress=lambda _: None)
UV = {claim.id: claim for claim in paper if claim.id.startswith("uv.")}
EXACT = {name: claim for name, claim in UV.items() if claim.methods[0] in ("symbolic", "smt")}
SHORT = (
    *("uv.descent", "uv.hessian.dense", "uv.catapult.network", "uv.lyapunov", "uv.sharpening.network"),
    *("uv.saturation.network", "uv.c_crit"),
)
LONG = ("uv.constants", "uv.averages", "uv.phases", "uv.eos.network")


def checked(claim: Claim) -> Evidence:
    return claim.checks[0].run(CONTEXT)


def holds_with_its_controls(claim: Claim) -> None:
    evidence = checked(claim)
    assert evidence.verdict is claim.expected_at("quick"), evidence.detail
    mutants = claim.mutants()
    shown_false = [mutant for mutant in mutants if mutant.witness() is not None]
    assert shown_false or claim.expected_at("quick") is Verdict.REFUTED
    for mutant in shown_false:
        found = mutant.run(CONTEXT)
        assert found.verdict is Verdict.REFUTED or found.not_confirmed, (mutant.name, found.detail)
    assert claim.statement_text()


@pytest.mark.parametrize("claim_id", EXACT)
def test_exact_claim_and_its_controls(claim_id: str) -> None:
    holds_with_its_controls(EXACT[claim_id])


@pytest.mark.parametrize("claim_id", SHORT)
def test_simulated_claim_and_its_controls(claim_id: str) -> None:
    holds_with_its_controls(UV[claim_id])


@pytest.mark.deep
@pytest.mark.parametrize("claim_id", LONG)
def test_longer_simulated_claim_and_its_controls(claim_id: str) -> None:
    holds_with_its_controls(UV[claim_id])


def test_every_claim_is_tested_here() -> None:
    assert set(UV) == {*EXACT, *SHORT, *LONG}


def test_an_expansion_says_that_its_remainder_was_not_looked_at() -> None:
    for claim in EXACT.values():
        if claim.methods == ("symbolic",) and re.search(
            r"\\approx|\+ ?O\(|\+\s*\"?O\(", claim.statement_text()
        ):
            assert any("not part of the check" in one for one in claim.hypotheses), claim.id


def test_the_stable_period_is_stated_as_it_is_compared() -> None:
    """The solver knows rational numbers alone: the root of 5 is in the hypotheses."""
    claim = UV["uv.eos.period"]
    assert "sqrt" not in claim.statement_text()
    compared = claim.checks[0].compared
    assert compared is not None
    assert not compared()[0].has(sp.Pow(5, sp.S.Half))


def test_false_sentences_are_refuted() -> None:
    naive = {name for name in UV if name.startswith("uv.naive.")}
    assert naive == {f"uv.naive.{word}" for word in ("trace", "c_sharp", "reduction", "invariant", "eos")}
    for name in naive:
        assert UV[name].expected_at("quick") is Verdict.REFUTED
        assert UV[name].expected_reason


def test_critical_constants_of_a_start_in_closed_form() -> None:
    """At ρ → 0: 2, 5/2 and 4; c_max = 4R at any ρ."""
    small = np.array([1e-7])
    for watched, value in (("loss", 2.0), ("sharpness", 2.5), ("divergence", 4.0)):
        found = reduced.constants(small, watched, uv_constants.STEPS[watched])
        np.testing.assert_allclose(found, value, atol=2e-3)
    rhos = np.array([0.01, 0.1, 0.2])
    exact = 2 + 2 * np.sqrt(1 + 12 * rhos)
    np.testing.assert_allclose(reduced.constants(rhos, "divergence", 200), exact, atol=2e-3)


def test_mean_of_the_law_of_rho() -> None:
    for width in (1, 4, 16):
        mean = float(np.mean(reduced.law_of_rho(width, 20_000)))
        assert mean == pytest.approx(1 / (4 * (width + 1)), rel=2e-3)


def test_period_of_a_series() -> None:
    repeated = np.tile([1.0, 2.0, 1.0, 3.0], 64)
    assert uv_edge_network.period_of(repeated) == 4
    assert uv_edge_network.period_of(np.ones(200)) == 1
    assert uv_edge_network.period_of(np.random.default_rng(0).normal(size=300)) == 0


def test_phases_are_in_the_order_of_the_paper() -> None:
    c = np.array([1.5, 2.5, 2.5, 3.0, 5.0])
    loss = np.array([False, False, True, True, True])
    sharp = np.array([False, False, False, True, True])
    diverged = np.array([False, False, False, False, True])
    assert uv_phases.phase_of(c, loss, sharp, diverged).tolist() == [0, 1, 2, 3, 4]


def test_a_run_that_leaves_the_edge_has_no_sharpness_and_breaks_nothing() -> None:
    # Y above 2: s ↦ s(1 + Y − s²/4) takes the largest of its values beyond the fixed point of modulus 2√(2 + Y).
    sharp, along = uv_edge_network.at_the_edge((1.2, 2.5), 1, 400)
    for found in (sharp, along):
        assert np.isfinite(found[:, 0]).all()
        assert np.isnan(found[:, 1]).all()
    assert uv_edge_network._shown(np.array([np.nan, 0.5])) == [None, 0.5]


def test_the_settled_sharpness_of_one_catapult_by_its_definition() -> None:
    """A start of width 8 by loops over its weights, to the end of cτ = 200."""
    u, v = (one[0] for one in uv_saturation.gaussian_weights(3, 1, 8))
    first = float(uv_saturation.UVNetwork().sharpness(u, v))
    for c, place in ((1.5, 6), (2.5, 26)):
        a, b = [float(x) for x in u], [float(x) for x in v]
        for _ in range(round(200 / c)):
            slope = c / first * sum(x * y for x, y in zip(a, b, strict=True)) / 8
            a, b = (
                [x - slope * y for x, y in zip(a, b, strict=True)],
                [y - slope * x for x, y in zip(a, b, strict=True)],
            )
        trace = sum(x * x for x in (*a, *b)) / 8
        assert uv_saturation.VALUES_OF_C[place] == c
        # The output has died out, so that trace and sharpness are one.
        assert uv_saturation.settled(8, 3, 1)[0, place] == pytest.approx(trace / first, rel=1e-9)
