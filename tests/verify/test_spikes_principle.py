"""The frequency principle and the sharper floor alone: what is counted, by closed forms and by a second computation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.array import FloatArray
from numerics.shallow import descend
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import llas_alone, paper, principle, runs, second_run


def one_frequency(k: int) -> float:
    """The low share of outputs that a direction moves by a cosine of this frequency, all others not at all."""
    grid = np.arange(40)

    def residual(theta: FloatArray) -> FloatArray:
        return np.asarray(theta[0] * np.cos(2 * math.pi * k * grid / 40) + theta[1])

    return principle.moved_low_share(np.array([0.3, 2.0]), np.array([1.0, 0.0]), residual)


@pytest.mark.parametrize("k", [0, 1, 3, 4, 20])
def test_a_direction_that_moves_one_frequency_moves_low_ones_or_none(k: int) -> None:
    assert one_frequency(k) == pytest.approx(1.0 if k <= 3 else 0.0, abs=1e-9)


def test_a_direction_that_moves_two_frequencies_equally_moves_half_low() -> None:
    grid = np.arange(40)
    shape = np.cos(2 * math.pi * grid / 40) + np.sin(2 * math.pi * 5 * grid / 40)
    share = principle.moved_low_share(np.zeros(1), np.ones(1), lambda theta: theta[0] * shape)
    assert share == pytest.approx(0.5, rel=1e-9)


def test_low_and_high_parts_are_the_loss() -> None:
    residual = np.random.Generator(np.random.Philox(key=3)).standard_normal(40)
    assert sum(principle._low_and_high(residual)) == pytest.approx(0.5 * np.mean(residual**2), rel=1e-12)


def test_times_of_capture_are_those_of_plain_loops() -> None:
    """The looks are at every step at first and about 1.3 % apart later."""
    found = principle.captured(second_run.SEED)
    assert found is not None
    low, high = principle._plain_times()
    assert found[0] == pytest.approx(low, abs=runs.RATE / 2)
    assert high <= found[1] <= 1.02 * high


def test_a_run_that_does_not_spike_has_the_structure_too() -> None:
    """The run by the general network's gradients, λ_max by its Hessian."""
    seed, rate = second_run.SEED, llas_alone.SMALL
    found = llas_alone.window(seed)
    assert found is not None
    network, theta = runs.model().network, runs.start(seed)
    end = round(second_run.second().start * runs.RATE / rate)
    looks = np.linspace(end - round(llas_alone.SPAN / rate), end, llas_alone.LOOKS).astype(int)
    losses, sharpness = [], []
    for step in range(end + 1):
        point = network.at(theta)
        if step in looks:
            losses.append(point.loss)
            sharpness.append(float(np.linalg.eigvalsh(network.hessian(theta))[-1]))
        theta = theta - rate * point.gradient
    correlation = float(np.corrcoef(np.log(losses), sharpness)[0, 1])
    assert found == pytest.approx((correlation, rate * sharpness[-1]), abs=1e-6)
    assert correlation <= llas_alone.SHARPER
    assert found[1] < 2
    assert llas_alone.later_spikes(seed) == []


@pytest.mark.parametrize(
    ("qualify", "verdict"), [(6, Verdict.UNDECIDED), (7, Verdict.REFUTED), (16, Verdict.REFUTED)]
)
def test_seven_runs_without_a_spike_decide(
    qualify: int, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2⁻⁷ < 1/100 < 2⁻⁶. A single step stands for each run."""
    still = descend(runs.model(), runs.start(0), llas_alone.SMALL, 1)
    monkeypatch.setattr(llas_alone, "window", lambda seed, _: (-0.99, 1.0) if seed < qualify else (-0.9, 1.0))
    monkeypatch.setattr(llas_alone, "small_run", lambda _: still)
    monkeypatch.setattr(llas_alone, "later_spikes", lambda *_: [])
    assert llas_alone.check().run(Context()).verdict is verdict


@pytest.mark.parametrize(
    ("factor", "high", "verdict"),
    [
        (0.5, 0.04, Verdict.SUPPORTED),
        (0.5, 0.06, Verdict.REFUTED),
        (0.5, math.nan, Verdict.UNDECIDED),
        (2.0, 0.19, Verdict.SUPPORTED),
        (2.0, 0.21, Verdict.REFUTED),
    ],
)
def test_the_high_share_is_held_against_that_of_random_directions(
    factor: float, high: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(principle, "_shares", lambda *_: (1 - high, 1.0, 0.9))
    assert principle.fewer_high_check(factor).run(Context()).verdict is verdict


def test_the_shares_of_a_run_are_those_of_its_hessian_by_other_code() -> None:
    shares = principle._shares(second_run.SEED)
    assert shares is not None
    found = second_run.second()
    network = runs.model().network
    for i in (0, 1):
        direct = principle.moved_low_share(
            found.states[found.start], found.vectors[:, i], lambda theta: network.residual(theta)[:, 0]
        )
        assert shares[i] == pytest.approx(direct, abs=1e-4)


@pytest.mark.parametrize("claim_id", ["abs.principle.captured", "abs.principle.direction"])
def test_controls_have_witnesses(claim_id: str) -> None:
    assert all(mutant.witness() for mutant in paper[claim_id].mutants())


def test_what_is_false_rests_on_what_holds() -> None:
    """The last one that holds is examined by the same check: it can pass."""
    for id, held in (
        ("abs.llas.enough", ("abs.llas", "abs.llas.reach")),
        ("abs.principle.special", ("abs.principle.direction", "abs.principle.like")),
    ):
        assert paper[id].expected_at("quick") is Verdict.REFUTED
        assert paper[id].uses == held
        assert all(paper[one].expected_at("quick") is Verdict.SUPPORTED for one in held)


@pytest.mark.parametrize(("spikes", "verdict"), [(16, Verdict.SUPPORTED), (1, Verdict.REFUTED)])
def test_the_same_check_passes_where_runs_spike(
    spikes: int, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single step stands for each run; 16 of 16 and 15 of 16 are rarer than 1/100 by chance."""
    still = descend(runs.model(), runs.start(0), llas_alone.LARGER, 1)
    monkeypatch.setattr(llas_alone, "window", lambda *_: (-0.99, 1.0))
    monkeypatch.setattr(runs, "run", lambda *_: still)
    monkeypatch.setattr(llas_alone, "later_spikes", lambda seed, _: [seed] if seed < spikes else [])
    assert llas_alone.check(llas_alone.LARGER).run(Context()).verdict is verdict
    opposite = {Verdict.SUPPORTED: Verdict.REFUTED, Verdict.REFUTED: Verdict.SUPPORTED}[verdict]
    assert llas_alone.check(llas_alone.LARGER, unstable=False).run(Context()).verdict is opposite


@pytest.mark.parametrize("claim_id", ["abs.llas.reach", "abs.principle.like"])
def test_what_shows_that_a_check_can_pass_has_a_control_with_a_witness(claim_id: str) -> None:
    (mutant,) = paper[claim_id].mutants()
    assert mutant.witness()


def test_a_correlation_that_is_no_number_makes_no_trial(monkeypatch):
    monkeypatch.setattr(llas_alone, "window", lambda *_: (math.nan, 1.0))
    found = llas_alone.check().run(Context())
    assert (found.verdict, found.detail) == (Verdict.UNDECIDED, "no trial was made")
