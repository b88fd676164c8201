"""The smallest widths of the proofs' steps: bounds that fall, and that they bound what they stand for."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from mpmath import mp

from numerics.activation import activation
from numerics.dataset import equidistant
from numerics.network import Network
from numerics.precision import working_precision
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import explicit_bounds as bounds
from verify.papers.multistage import explicit_plain, paper
from verify.papers.multistage.large_widths import Falling, constant, root_of_term, term, threshold

STEPS = (
    "eq34",
    "eq30",
    "thm1.ii",
    "prop2",
    "eq47",
    "eq52",
    "eq53",
    "thm2.ii",
    "eq59",
    "eq63",
    "eq64",
    "eq60",
)
PROOF = (
    "eq6",
    "eq11",
    "eq12",
    "eq26",
    "eq31",
    "eq32",
    "eq13.metric",
    "rem1",
    "lem2.search",
    "prop4.search",
    "eq49.search",
)
ALL = (
    bounds.test_time,
    bounds.across_plateau,
    bounds.small_fall,
    bounds.order_parameters,
    bounds.rates,
    bounds.hypothesis_time,
    bounds.large_fall,
    bounds.ratio_of_rates,
    bounds.long_plateau,
    bounds.near_one,
    bounds.norm_stays,
    bounds.slow_plateau,
)


@pytest.fixture(autouse=True)
def _precision():
    with working_precision(160):
        yield


@pytest.mark.parametrize("id", STEPS)
def test_a_step_holds_from_its_smallest_width_on(id):
    claim = paper[id]
    found = claim.checks[0].run(Context())
    assert found.verdict is Verdict.PROVED
    assert all(row[3] > 0 for row in found.data["table"]["rows"])
    for mutant in claim.mutants():
        if mutant.witness():
            assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name


@pytest.mark.parametrize("id", PROOF)
def test_proof_steps_and_definitions(id):
    claim = paper[id]
    found = claim.checks[0].run(Context())
    assert found.verdict is claim.expected_at("quick")
    shown_false = [mutant for mutant in claim.mutants() if mutant.witness()]
    assert len(shown_false) >= 2
    for mutant in shown_false:
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("alpha", ["11/20", "1", "2"])
def test_bounds_of_terms_are_the_bounds_written_out(alpha, dim):
    s = bounds.setting(Fraction(alpha), dim)
    for conditions in ALL:
        for name, bound in conditions(s).items():
            for log_m in (7, 40, 150):
                with mp.workdps(40):
                    plain = explicit_plain.values(s, mp.mpf(log_m))[name]()
                    value = mp.mpf(bound.at(arb(log_m), s.kappa).str(35, radius=False))
                    # (64) adds roots where the other takes the root of a sum.
                    assert plain <= value * (1 + mp.mpf(10) ** -25)
                    assert value < plain * (1.5 if name == "(64), q" else 1 + mp.mpf(10) ** -25)


def test_a_threshold_in_closed_form():
    # 100 m^(−1/2) < 1 from m = 10^4 on.
    found = threshold(term(100, 0, Fraction(1, 2)), arb(0))
    assert float(found.below) < math.log(10_000) < float(found.above)
    assert float(found.above - found.below) < 1e-5
    # Λ/m with Λ = log m + κ, below 1/e from where log m + κ = m/e; at κ = 0 that is m = e².
    found = threshold(term(1, 1, 1).times(arb(1).exp()), arb(0))
    assert found.above is not None
    low = float(found.above)
    assert low * math.exp(1 - low) == pytest.approx(1, abs=1e-4)


def test_what_does_not_fall_has_no_threshold():
    assert "grows" in threshold(term(Fraction(1, 10**9), 1, 0), arb(0)).why
    assert "grows" in threshold(term(1, 0, Fraction(-1, 10)), arb(0)).why
    assert "too large" in threshold(constant(1) + term(1, 0, 1), arb(0)).why
    assert threshold(term(1, 0, Fraction(1, 10**9)).times(3), arb(0)).why.startswith("log m is above")


def test_bounds_multiply_like_numbers():
    one, two = term(2, 1, Fraction(1, 2)) + constant(3), term(5, 0, 1)
    here = (arb(3), arb(1))
    expected = (2 * 4 * math.exp(-1.5) + 3) * 5 * math.exp(-3)
    assert float((one * two).at(*here)) == pytest.approx(expected)
    assert float((one**2).at(*here)) == pytest.approx((2 * 4 * math.exp(-1.5) + 3) ** 2)
    root = root_of_term(term(9, 2, 1), 3)
    assert float(root.at(*here)) == pytest.approx((3 * 4 * math.exp(-1.5)) ** 3)
    assert one.times(0) == Falling({})
    with pytest.raises(ValueError, match="cannot have the factor"):
        one.times(-1)


def test_the_deviation_of_a_network_is_below_its_bound():
    """(28) at widths below the threshold too: with the measured q under the integral it holds for every width."""
    width, gamma = 400, 0.25
    data = equidistant(20, "sin(x)")
    start = initial_weights(3, width, 1, width**-1.0)
    last = gamma * math.log(width)
    run = simulate(Network(activation("tanh"), data), start, last, rtol=1e-10)
    times = np.linspace(0, last, 201)
    states = [run.state(float(t)) for t in times]
    linear = np.column_stack(
        [
            start[:, 0] * np.cosh(last) + start[:, 1] * np.sinh(last),
            start[:, 1] * np.cosh(last) + start[:, 0] * np.sinh(last),
        ]
    )
    deviation = float(np.abs(states[-1] - linear).max())
    q = np.array([np.abs(state).max() for state in states])
    D, F = float(np.abs(data.x).max()), float(np.mean(np.abs(data.y)))
    source = width * q**3 + D**3 * F * q**3 + 2 * width * D**4 * q**5 + width * D**6 * q**7
    weighted = np.exp(last - times) * source
    bound = float(np.sum((weighted[1:] + weighted[:-1]) / 2 * np.diff(times)))
    assert 0 < deviation < bound
    # The bound is by the largest neuron and by absolute values; the deviation itself is ½P of the norm.
    P = float(states[-1][:, 0] @ states[-1][:, 1])
    assert deviation / q[-1] == pytest.approx(P / 2, rel=0.3)


def test_the_test_time_needs_room_and_gamma_below_its_end():
    s = bounds.setting(Fraction(1), 1, share=Fraction(1))
    assert threshold(bounds.test_time(s)["(34)"], s.kappa).above is None
    s = bounds.setting(Fraction(3, 4), 3)
    assert threshold(bounds.norm_stays(s)["(64), q"], s.kappa).above is None


@pytest.mark.parametrize("id", STEPS)
def test_a_step_says_at_which_places_it_was_checked(id):
    claim = paper[id]
    rows = claim.checks[0].run(Context()).data["table"]["rows"]
    (told,) = [one for one in claim.hypotheses if "at the places" in one]
    for dim in {row[1] for row in rows}:
        assert str(dim) in told.split("d = ")[1]
    for alpha in {row[0] for row in rows}:
        written = str(alpha) if "/" not in alpha else r"\frac{{{}}}{{{}}}".format(*alpha.split("/"))
        assert written in told.split("d = ")[0]
