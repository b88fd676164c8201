"""The claims about concrete networks: what they state, and that nothing is proved from a run that fell short."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb

from numerics.integrate.crossing import Crossing
from numerics.integrate.tube import Settings, enclose
from numerics.reduced_balls import Gap
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import enclosed, enclosed_claim, enclosed_descent, enclosed_runs, paper

IDS = ("thm2.enclosed", "b1.enclosed", "thm3.enclosed", "prop4.enclosed", "prop5.enclosed")
CONTEXT = Context("quick", 0, lambda _: None)


@pytest.fixture(autouse=True)
def one_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """m = 10 alone: its enclosure takes a second."""
    monkeypatch.setattr(enclosed_runs, "widths", lambda effort: (10,))


@pytest.mark.parametrize("id", IDS)
def test_proved_for_ten_neurons_and_the_controls_are_caught(id: str) -> None:
    claim = paper[id]
    found = claim.checks[0].run(CONTEXT)
    assert (found.verdict, found.method) == (Verdict.PROVED, "enclosure")
    assert claim.statement_text()
    for mutant in claim.mutants():
        assert mutant.run(CONTEXT).verdict is Verdict.REFUTED
        assert mutant.witness() is not None


def test_stated_brackets_hold_the_simulated_times() -> None:
    for width in (10, 20):
        low = float(enclosed.STATED[width])
        assert low - 1e-9 < enclosed_runs.simulated_second(width) < low + 1e-8 + 1e-9


def test_witnesses_find_nothing_against_the_statements_themselves() -> None:
    for width in (10, 20):
        assert enclosed._shifted_witness(0, width) is None
        assert enclosed._gap_witness(enclosed.GAP, width) is None
        assert enclosed._stages_witness(enclosed.SLOWER, 1, width) is None
        assert enclosed_descent._monotone_witness(1, 1, width) is None
        assert enclosed_descent._conserved_witness(enclosed_descent.SHARE, width) is None


@pytest.mark.parametrize("id", IDS)
def test_a_run_that_falls_short_proves_nothing(monkeypatch: pytest.MonkeyPatch, id: str) -> None:
    honest = enclosed_runs.enclosed(10)
    short = enclose(
        honest.enclosure.network,
        enclosed_runs.initial(10).tolist(),
        8,
        Settings(bits=64, max_steps=5),
    )
    run = replace(
        honest,
        enclosure=short,
        second=Crossing("UNDECIDED", None, short.reached, "short"),
        last=None,
    )
    monkeypatch.setattr(enclosed_runs, "enclosed", lambda width: run)
    found = paper[id].checks[0].run(CONTEXT)
    assert found.verdict is Verdict.UNDECIDED
    assert found.not_confirmed


@pytest.mark.parametrize("decide", [enclosed._gap(enclosed.GAP), enclosed._stages(enclosed.SLOWER, 1)])
def test_an_enclosure_that_ends_after_the_descent_and_before_the_stated_time(decide) -> None:
    """T_2 is proved, T_2 + log m is not reached: what is stated up to there stays open."""
    honest = enclosed_runs.enclosed(10)
    assert honest.last is not None
    assert honest.last[0] < honest.last[1] <= honest.enclosure.reached
    assert decide(replace(honest, last=None)).status == "UNDECIDED"


def test_a_bracket_that_is_too_wide_or_not_proved_decides_nothing() -> None:
    honest = enclosed_runs.enclosed(10)
    low = enclosed.STATED[10]
    wide = replace(honest, second=Crossing("PROVED", (low - 1, low + 1), low - 1))
    assert enclosed._descent_time(0)(wide).status == "UNDECIDED"
    loose = replace(honest, second=replace(honest.second, status="UNDECIDED"))
    assert enclosed._descent_time(0)(loose).status == "UNDECIDED"
    beside = replace(honest, second=Crossing("PROVED", (low - 2, low - 1), low - 2))
    assert enclosed._descent_time(0)(beside).status == "REFUTED"


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [(0.1, 0.2, "PROVED"), (0.1, 0.3, "UNDECIDED"), (0.26, 0.3, "REFUTED"), (0.1, float("inf"), "UNDECIDED")],
)
def test_bounds_of_the_gap(monkeypatch: pytest.MonkeyPatch, low: float, high: float, status: str) -> None:
    """5/(2m) is 1/4 at m = 10; an infinite or unknown upper bound is never below it."""
    monkeypatch.setattr(enclosed_runs, "_gap", lambda width: Gap(arb(low), arb(high), Fraction(0), 1))
    assert enclosed._gap(enclosed.GAP)(enclosed_runs.enclosed(10)).status == status


def test_a_nan_in_the_gap_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosed_runs, "_gap", lambda width: Gap(arb(0), arb("nan"), Fraction(0), 1))
    found = paper["b1.enclosed"].checks[0].run(CONTEXT)
    assert found.verdict is Verdict.UNDECIDED


def test_a_network_that_is_not_decided_keeps_the_whole_claim_open() -> None:
    from numerics.integrate.trends import Decision

    check = enclosed_claim.check_of(lambda run: Decision("UNDECIDED", "no budget", 0), "anything")
    assert check.run(CONTEXT).verdict is Verdict.UNDECIDED
    assert np.isfinite(enclosed_runs.enclosed(10).enclosure.largest_radius)


def test_a_decision_reads_the_relation_that_is_printed() -> None:
    assert enclosed.bracket_of(enclosed.brackets(), 10) == (
        enclosed.STATED[10],
        enclosed.STATED[10] + enclosed.WIDE,
    )
    text = enclosed.in_decimals(*enclosed.brackets())
    assert r"4.69095315 &\leq T_2^{(m=10)} \leq 4.69095316" in text
    assert r"5.99570900 &\leq T_2^{(m=20)}" in text
    assert "7.33095758" not in text
    later = [one for one in paper["thm2.enclosed"].hypotheses if "7.33095758" in one]
    assert all("not at quick effort" in one for one in later)
    assert later
    assert "-0.50000000" in enclosed.decimal(sp.Rational(-1, 2))
    assert enclosed.decimal(sp.Rational(1, 7)) == r"\frac{1}{7}"


def test_rates_are_compared_as_they_are_printed() -> None:
    slow, fast = enclosed.RATES[:2]
    part = sp.Lt(10 * slow, fast, evaluate=False)
    assert part in enclosed.stages()[0].args
    assert enclosed._margin(part, {slow: arb(1), fast: arb(12)}) == 2
    assert enclosed._margin(sp.Gt(fast, 0, evaluate=False), {fast: arb(-3)}) == -3
