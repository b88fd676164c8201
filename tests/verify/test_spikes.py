"""The paper on loss spikes: its claims come out as expected, and false variants are caught."""

from __future__ import annotations

import math
import random
import re
from fractions import Fraction

import pytest

from verify.claim import Claim, Mutant
from verify.context import EFFORTS, Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes import paper, runs
from verify.papers.spikes.intervals import Sample, mean_check, student_interval
from verify.papers.spikes.panels import MOST, curve
from verify.papers.spikes.shortened import MOST_ROWS

CONTEXT = Context(effort="quick", seed=0)
CLAIMS = {claim.id: claim for claim in paper}
TOY = [name for name in CLAIMS if name.startswith("toy.") or name == "frequency.parseval"]
FEW = (
    "abs.llas",
    "abs.onset",
    "abs.flat",
    "abs.growth",
    "abs.growth.loss",
    "abs.direction.gradient",
    "abs.frequency",
    "abs.sharpness",
    "b1",
    "b2",
)
"""Claims about first spikes: three runs show them, and do not decide that they hold as a rule."""


def checked(claim: Claim) -> Evidence:
    (check,) = claim.checks
    return check.run(CONTEXT)


def caught(mutant: Mutant) -> bool:
    found = mutant.run(CONTEXT)
    return found.verdict is Verdict.REFUTED or found.not_confirmed


def _examine(claim: Claim) -> None:
    found = checked(claim)
    assert found.verdict is claim.expected_at("quick"), found.detail
    mutants = claim.mutants()
    shown_false = [mutant for mutant in mutants if mutant.witness() is not None]
    # A sentence that is false on purpose is a control itself.
    assert shown_false or claim.expected_at("quick") is not Verdict.PROVED
    for mutant in shown_false:
        assert caught(mutant), mutant.description
    assert claim.statement_text()


@pytest.mark.parametrize("claim_id", TOY)
def test_claims_of_the_toy_landscape(claim_id: str) -> None:
    _examine(CLAIMS[claim_id])


@pytest.fixture
def three_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "seeds", lambda context: range(2, 5))
    monkeypatch.setattr(runs, "trials", lambda context, rates=(): [(runs.RATE, seed) for seed in (2, 3, 4)])


@pytest.mark.parametrize("claim_id", FEW)
@pytest.mark.usefixtures("three_runs")
def test_claims_about_first_spikes_hold_in_three_runs_and_false_ones_in_one_at_most(claim_id: str) -> None:
    claim = CLAIMS[claim_id]
    found = checked(claim)
    assert (found.data["successes"], found.data["failures"]) == (3, 0), found.detail
    # Eight of eight would be 1/256 by chance; three of three decide nothing at 99 %.
    assert found.verdict is Verdict.UNDECIDED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(CONTEXT).data["successes"] <= 1, mutant.description


@pytest.mark.parametrize("effort", EFFORTS)
def test_no_two_trials_have_a_start_in_common(effort: str) -> None:
    made = runs.trials(Context(effort=effort))
    assert len({seed for _, seed in made}) == len(made)
    counts = {rate: sum(one == rate for one, _ in made) for rate in runs.RATES}
    assert counts[runs.RATE] == 2 * counts[runs.RATES[0]] == 2 * counts[runs.RATES[2]]
    assert runs.trials(Context(effort=effort), (runs.RATE,)) == [one for one in made if one[0] == runs.RATE]


@pytest.mark.deep
@pytest.mark.parametrize("claim_id", [name for name in CLAIMS if name not in TOY])
def test_every_claim_about_the_network(claim_id: str) -> None:
    _examine(CLAIMS[claim_id])


def test_every_claim_says_where_it_is_from_and_under_what() -> None:
    paper.validate()
    for claim in paper:
        assert claim.hypotheses or claim.id == "frequency.parseval"
        assert claim.where
        assert re.fullmatch(r"(abs|toy|b|frequency)[a-z0-9.]*", claim.id)


def test_the_growth_of_the_loss_is_stated_where_the_landscape_is_flat_as_well() -> None:
    """x = −2, y = 3 on y²(x + 2) − x with η = ¼: λ = m = 0, so that nothing may be divided by m."""
    x, y, rate = Fraction(-2), Fraction(3), Fraction(1, 4)

    def excess(x: Fraction, y: Fraction) -> Fraction:
        return (x + 2) * y**2

    def flatness(x: Fraction) -> Fraction:
        return 2 * rate * (x + 2)

    after = x - rate * (y**2 - 1), y - rate * 2 * (x + 2) * y
    factor = (1 - flatness(x)) ** 2
    assert flatness(x) == 0
    assert flatness(x) * excess(*after) == factor * flatness(after[0]) * excess(x, y)
    assert "frac" not in CLAIMS["toy.growth"].statement_text()


def test_sentences_that_are_false_have_a_limited_one_beside_them() -> None:
    """A refuted sentence of the abstract stands beside a claim, with hypotheses, that holds."""
    for name in ("abs.growth.every", "abs.direction.gradient.every", "abs.direction", "abs.frequency.every"):
        claim = CLAIMS[name]
        assert claim.expected_at("quick") is Verdict.REFUTED
        assert all(CLAIMS[used].expected_at("quick") is Verdict.SUPPORTED for used in claim.uses)


def test_student_bounds_cover_the_mean_as_often_as_stated() -> None:
    """4000 samples of 6 from a normal law: the lower bound at 95 % is below the mean in 95 % of them."""
    rng = random.Random(7)
    inside = 0
    for _ in range(4000):
        values = [rng.gauss(2.0, 3.0) for _ in range(6)]
        _, low, high = student_interval(values, 0.95)
        assert low < high
        inside += low <= 2.0
    assert abs(inside / 4000 - 0.95) < 4 * math.sqrt(0.05 * 0.95 / 4000)


def test_student_bounds_of_three_numbers_by_hand() -> None:
    """t for 2 degrees of freedom at p is (2p − 1)√(2/(1 − (2p − 1)²)); 1, 2, 3 have standard error 1/√3."""
    mean, low, high = student_interval([1.0, 2.0, 3.0], 0.975)
    assert mean == 2.0
    quantile = 0.95 * math.sqrt(2 / (1 - 0.95**2))
    assert high - mean == pytest.approx(quantile / math.sqrt(3), rel=1e-9)
    assert mean - low == pytest.approx(high - mean)
    assert student_interval([1.0, 2.0]) == (1.5, -math.inf, math.inf)
    assert student_interval([2.0] * 9)[1:] == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("at_least", "at_most", "verdict"),
    [
        (0.5, None, Verdict.SUPPORTED),
        (2.0, None, Verdict.REFUTED),
        (1.05, None, Verdict.UNDECIDED),
        (None, 2.0, Verdict.SUPPORTED),
        (None, 0.0, Verdict.REFUTED),
        (0.5, 2.0, Verdict.SUPPORTED),
        (1.5, 2.0, Verdict.REFUTED),
    ],
)
def test_a_mean_is_held_against_its_bounds(
    at_least: float | None, at_most: float | None, verdict: Verdict
) -> None:
    values = {seed: 1.0 + 0.2 * math.sin(5 * seed) for seed in range(12)}
    check = mean_check(lambda _: Sample(values), quantity="a number", at_least=at_least, at_most=at_most)
    found = check.run(CONTEXT)
    assert found.verdict is verdict
    assert found.not_confirmed == (verdict is Verdict.UNDECIDED)


def test_too_few_or_missing_numbers_decide_nothing_and_kill_nothing() -> None:
    few = mean_check(lambda _: Sample({0: 5.0, 1: 6.0}), quantity="a number", at_least=0.0).run(CONTEXT)
    assert few.verdict is Verdict.UNDECIDED
    assert not few.not_confirmed
    nothing = mean_check(lambda _: Sample({}), quantity="a number", at_least=0.0).run(CONTEXT)
    assert nothing.verdict is Verdict.UNDECIDED
    lost = Sample({seed: float(seed) for seed in range(5)}, missing=1)
    unclear = mean_check(lambda _: lost, quantity="a number", at_least=2.0).run(CONTEXT)
    assert unclear.verdict is Verdict.UNDECIDED
    assert not unclear.not_confirmed


def test_a_curve_is_thinned_and_keeps_its_extremes() -> None:
    x = list(range(5000))
    y = [0.0] * 5000
    y[1234], y[4321] = 9.0, -7.0
    made = curve("spike", x, y)
    assert len(made["x"]) <= MOST
    assert (max(made["y"]), min(made["y"])) == (9.0, -7.0)
    assert made["x"] == sorted(made["x"])


@pytest.mark.usefixtures("three_runs")
def test_tables_of_many_spikes_stay_short() -> None:
    found = checked(CLAIMS["abs.growth.every"])
    table = found.data["table"]
    assert isinstance(table, dict)
    assert len(table["rows"]) <= MOST_ROWS
