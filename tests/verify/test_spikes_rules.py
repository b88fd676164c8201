"""Loss spikes: what counts as a trial, and how many decide, with numbers in place of runs."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import condensing_rate, most_spikes, paper, runs, trends
from verify.papers.spikes.runs import CONTROL_RATE, RATE


@pytest.fixture
def quiet_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run at RATE spikes, none at CONTROL_RATE; no pictures."""
    monkeypatch.setattr(runs, "spikes", lambda seed, rate: (1,) if rate == RATE else ())
    monkeypatch.setattr(trends, "_series", lambda *_: [])


@pytest.mark.parametrize(
    ("effort", "quieter", "verdict"),
    [
        ("quick", 6, Verdict.UNDECIDED),
        ("quick", 0, Verdict.UNDECIDED),
        ("standard", 60, Verdict.SUPPORTED),
        ("standard", 40, Verdict.UNDECIDED),
        ("standard", 20, Verdict.REFUTED),
    ],
)
@pytest.mark.usefixtures("quiet_below")
def test_six_starts_decide_nothing_and_eighty_tell_three_quarters_from_a_half(
    effort: str, quieter: int, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two standard deviations and a third of eighty coins are 10.4."""
    monkeypatch.setattr(
        trends, "trend", lambda seed, rate: (0.9 if seed < quieter else 0.1) if rate == CONTROL_RATE else 0.5
    )
    found = trends.quieter_check(0.0).run(Context(effort=effort))
    assert found.verdict is verdict
    assert found.not_confirmed == (verdict is Verdict.UNDECIDED)


@pytest.mark.usefixtures("quiet_below")
def test_a_run_without_a_correlation_counts_against_every_conclusion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "trend", lambda seed, rate: None if rate == CONTROL_RATE else 0.5)
    found = trends.quieter_check(0.0).run(Context(effort="standard"))
    assert (found.verdict, found.not_confirmed) == (Verdict.UNDECIDED, False)


def test_starts_that_spike_at_both_rates_or_at_none_are_no_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    for spiking in ((1,), ()):
        monkeypatch.setattr(runs, "spikes", lambda *_, found=spiking: found)
        assert trends.quieter_check(0.0).run(Context()).detail == "no trial was made"


@pytest.mark.parametrize(("value", "verdict"), [(0.49, Verdict.REFUTED), (0.5, Verdict.SUPPORTED)])
def test_together_is_a_correlation_of_one_half(
    value: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trends, "_series", lambda *_: [])
    monkeypatch.setattr(trends, "trend", lambda *_: value)
    assert trends.trend_check().run(Context()).verdict is verdict


@pytest.mark.parametrize(
    ("effort", "share", "verdict"),
    [
        ("quick", 0.9, Verdict.UNDECIDED),
        ("quick", 0.1, Verdict.UNDECIDED),
        ("standard", 0.9, Verdict.SUPPORTED),
        ("standard", 0.1, Verdict.REFUTED),
    ],
)
def test_a_few_runs_at_quick_effort_do_not_decide_on_most_spikes(
    effort: str, share: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One spike a run. 2⁻⁶ > 1/100, so that not even six of six decide."""
    monkeypatch.setattr(runs, "spikes", lambda *_: (1,))
    one = SimpleNamespace(height=3.0, deviation_share=share)
    monkeypatch.setattr(runs, "dissected", lambda *_: one)
    (check,) = paper["abs.direction.most"].checks
    found = check.run(Context(effort=effort))
    assert found.verdict is verdict
    assert paper["abs.direction.most"].expected_at("standard") is Verdict.REFUTED
    assert found.data["successes"] + found.data["failures"] == (most_spikes.FEW if effort == "quick" else 120)


def test_a_random_direction_has_one_part_in_151() -> None:
    """50 neurons with three numbers each, and c: what the hypothesis of abs.direction.some says."""
    assert len(runs.start(0)) == 151
    assert math.isclose(1 / len(runs.start(0)), 1 / 151)


@pytest.mark.parametrize(
    ("small", "any_rate", "rate"), [(0.5, "REFUTED", "SUPPORTED"), (0.9, "SUPPORTED", "REFUTED")]
)
def test_two_rates_are_compared_start_by_start(
    small: float, any_rate: str, rate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C = 0.7 at η = 0.1 and 0.6 in the controls, with a thousandth of scatter."""
    level = {runs.RATES[0]: small, RATE: 0.7, CONTROL_RATE: 0.6}
    monkeypatch.setattr(
        runs, "run", lambda seed, eta: SimpleNamespace(status="ok", c=level[eta] + 1e-3 * (seed % 3) * eta)
    )
    monkeypatch.setattr(runs, "spikes", lambda *_: (1, 2))
    monkeypatch.setattr(condensing_rate, "final", lambda made: made.c)
    for name, verdict in (("any", any_rate), ("rate", rate)):
        (check,) = paper[f"abs.condensation.{name}"].checks
        found = check.run(Context())
        assert found.verdict is Verdict(verdict)
        assert f"{small - 0.6:.2f}" in found.detail
        assert "0.1000 at η = 0.1 with 2 spikes a run" in found.detail
