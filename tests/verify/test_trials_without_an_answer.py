"""Trials in which nothing was seen, or two things are the same, are no successes: in every count of the papers."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from verify.checks.statistical import Tally, bound, told
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import probability
from verify.papers.sharpness import real_catapult, real_reduction_phase, real_regimes
from verify.papers.spikes import flatness, most_spikes, principle, runs, trends

NAN, INF = math.nan, math.inf


def test_a_comparison_with_no_number_has_no_outcome():
    assert told(NAN > 1.0, 1.0, NAN) is None
    assert told(True, NAN) is None
    assert told(INF > 1.0, 1.0, INF) is True
    assert told(2.0 < 1.0, 2.0, 1.0) is False


def test_trials_without_an_answer_decide_nothing_and_are_said():
    found = bound(Tally.of([None] * 20), probability="1/2").run(Context())
    assert found.verdict is Verdict.UNDECIDED
    assert "20 gave no answer" in found.detail


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(1.0, 6.0, True), (1.0, INF, True), (2.0, 6.0, False), (INF, 1.0, False), (INF, INF, None), (0.0, 0.0, None),
     (NAN, 1.0, None), (1.0, NAN, None)],
)  # fmt: skip
def test_what_is_captured_sooner(one, other, expected):
    assert principle.sooner(5.0, one, other) is expected


def test_frequencies_that_are_never_captured_support_nothing(monkeypatch):
    monkeypatch.setattr(principle, "captured", lambda seed: (INF, INF))
    monkeypatch.setattr(principle, "_panels", lambda seed: [])
    assert principle.order_check(5.0).run(Context()).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("ends", "expected"),
    [(((1.0, 2.0), (2.0, 1.0)), True), (((2.0, 1.0), (1.0, 2.0)), True), (((1.0, 1.0), (2.0, 2.0)), False),
     (((1.0, NAN), (2.0, 1.0)), None), (((NAN, 1.0), (2.0, 2.0)), None), (((1.0, 2.0), (1.0, 1.0)), None),
     (((1.0, 2.0), (2.0, 2.0)), None)],
)  # fmt: skip
def test_the_flatter_of_two_ends(ends, expected):
    assert flatness.flatter_is(False, *ends) is expected
    assert flatness.flatter_is(True, *ends) is (None if expected is None else not expected)


@pytest.mark.parametrize("end", [(1.0, NAN), (1.0, 2.0)])
def test_equal_ends_and_ends_without_a_loss_support_nothing(monkeypatch, end):
    monkeypatch.setattr(runs, "run", lambda *_, **__: SimpleNamespace(status="ok"))
    monkeypatch.setattr(flatness, "_ends", lambda seed, rate: end)
    assert flatness.flatter_check(False).run(Context()).verdict is Verdict.UNDECIDED


def test_a_series_that_stays_as_it_is_has_no_correlation(monkeypatch):
    import numpy as np

    times = np.linspace(0.0, 200.0, 50)
    monkeypatch.setattr(runs, "run", lambda *_: SimpleNamespace(status="ok"))
    seen = SimpleNamespace(times=times, sharpness=np.ones(50), condensed=times)
    monkeypatch.setattr(runs, "looks", lambda *_: seen)
    with np.errstate(all="ignore"):
        assert trends.trend(0, 0.1) is None


def test_more_than_half_of_the_spikes_whatever_the_unknown_ones_are():
    assert most_spikes.more_than_half([True, True, None]) is True
    assert most_spikes.more_than_half([True, False]) is False
    assert most_spikes.more_than_half([True, False, None]) is None
    assert most_spikes.more_than_half([False, False, None]) is False
    assert most_spikes.more_than_half([None]) is None


def test_a_spike_whose_growth_is_not_known_neither_holds_nor_fails():
    assert most_spikes.grows(0.1, SimpleNamespace(growth=None)) is None
    unknown = SimpleNamespace(growth=SimpleNamespace(predicted=NAN, measured=1.1))
    assert most_spikes.grows(0.1, unknown) is None
    assert most_spikes.turns(0.5, SimpleNamespace(gradient_share=NAN)) is None
    assert most_spikes.falls(0.1, 0.9, SimpleNamespace(low_drop=NAN)) is None
    assert most_spikes.deviates(0.5, SimpleNamespace(deviation_share=NAN)) is None


def test_networks_that_end_without_a_number_support_nothing(monkeypatch):
    monkeypatch.setattr(probability, "late_draw", lambda *_: (NAN, 0.0))
    found = probability.late_check(1.0).run(Context())
    assert found.verdict is Verdict.UNDECIDED
    assert not found.data.get("not_confirmed")


def test_draws_of_the_uv_network_without_a_number(monkeypatch):
    end = real_catapult.End("loss catapult", 3.0, NAN, 0.01, 0.5, 1.0)
    monkeypatch.setattr(real_catapult, "ends", lambda seed: (end,))
    assert real_catapult.check(lambda one: not one.peak <= 1).run(Context()).verdict is Verdict.UNDECIDED
    scan = SimpleNamespace(status="ok", c=[3.0], loss=[NAN], sharpness=[NAN], final_sharpness=[NAN])
    monkeypatch.setattr(real_reduction_phase, "_at", lambda *_: scan)
    assert real_reduction_phase.reduced().run(Context()).verdict is Verdict.UNDECIDED
    course = SimpleNamespace(status="ok", sharpness=[1.0, 1.0], loss=[1.0, NAN])
    assert real_regimes.seen(course, 2.0) is None
