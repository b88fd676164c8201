"""The smallest widths of the proofs' steps: bounds that fall, and that they bound what they stand for."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from mpmath import mp

from numerics.activation import activation
from numerics.dataset import equidistant, halton
from numerics.network import Network
from numerics.precision import working_precision
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import explicit_bounds as bounds
from verify.papers.multistage import explicit_claim as claims
from verify.papers.multistage import explicit_fine as fine
from verify.papers.multistage import explicit_fine_plain, explicit_plain, paper
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
    "eq27.fine",
    "prop2.fine",
    "eq43.lower",
    "eq43.lower.full",
    "eq43.both",
    "eq40.explicit",
    "eq41.explicit",
    "eq55.explicit",
    "eq50.explicit",
    "eq46.explicit",
    "eq61.explicit",
    "eq54.explicit",
    "eq57.explicit",
)
BETWEEN = (
    "lem3.event",
    "prop2.deviation",
    "prop2.start",
    "prop4.halves",
    "prop4.growth",
    "eq48.band",
    "eq45.remainder",
    "eq47.integrals",
    "eq47.logarithm",
    "eq52.norm",
    "eq52.ratio",
    "eq53.fall",
    "eq63.distance",
    "eq54.gradient",
    "eq40.halves",
    "eq57.half",
)
PROOF = (
    "risk",
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
    fine.both_halves,
    fine.lower_half_in_full,
    fine.coupling_first,
    fine.condensed,
    fine.gradient_first,
    fine.equal_sums,
    fine.across_descent,
    fine.across_plateau_late,
    fine.gradient_second,
    fine.coupling_second,
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


@pytest.mark.parametrize("id", [*PROOF, *BETWEEN])
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
    stated = {}
    for conditions in ALL:
        stated |= conditions(s)
    for log_m in (7, 40, 150):
        with mp.workdps(40):
            known = explicit_plain.values(s, mp.mpf(log_m)) | explicit_fine_plain.values(s, mp.mpf(log_m))
            for name, bound in stated.items():
                plain = known[name]()
                value = mp.mpf(bound.at(arb(log_m), s.kappa).str(35, radius=False))
                # (64) adds roots where the other takes the root of a sum.
                assert plain <= value * (1 + mp.mpf(10) ** -25)
                assert value < plain * (1.5 if name == "(64), q" else 1 + mp.mpf(10) ** -25)


def _of_a_run(width, dim, seed, last):
    """A network, its run up to a time, and the constants of Lemma 1 for its data."""
    data = equidistant(20, "sin(x)") if dim == 1 else halton(40, dim, "sin(x1) + 0.3*sin(2*x2)")
    start = initial_weights(seed, width, dim, width**-1.0)
    run = simulate(Network(activation("tanh"), data), start, last, rtol=1e-9)
    D = float(np.sqrt((data.x**2).sum(axis=1)).max())
    F = float(np.sum(data.weights * np.abs(data.y)))
    return run, D, F


@pytest.mark.parametrize("dim", [1, 2])
def test_the_halves_of_a_network_obey_their_inequalities(dim):
    """prop4.halves, prop4.growth and eq52.norm, from the network's own drift."""
    width = 300
    run, D, F = _of_a_run(width, dim, 4, 0.5 * math.log(width) + 1.5)
    for t in np.linspace(0, run.end, 9):
        state = run.state(float(t))
        drift = run.network.drift(state)
        a, w = state[:, 0], state[:, 1:]
        P, Q = float(a @ w[:, 0]), float(a @ a + w[:, 0] @ w[:, 0]) / 2
        S, V2 = a @ w[:, 1:], float((w[:, 1:] ** 2).sum())
        q = max(float(np.abs(a).max()), float(np.sqrt((w**2).sum(axis=1)).max()))
        B = D**3 * F * q**3 + 2 * width * D**4 * q**5 + width * D**6 * q**7
        push = V2 * math.sqrt(Q) + math.sqrt(2 * width) * B
        for sign in (1, -1):
            half = a + sign * w[:, 0]
            root = math.sqrt(float(half @ half) / 2)
            moved = float(half @ (drift[:, 0] + sign * drift[:, 1])) / 2 / root
            assert abs(moved - sign * (1 - P) * root) <= push * (1 + 1e-9)
        grown = float(a @ drift[:, 0] + w[:, 0] @ drift[:, 1])
        assert grown <= 2 * Q + 2 * math.sqrt(width * Q) * B
        speed = max(float((np.abs(drift[:, 0])).max()), float(np.sqrt((drift[:, 1:] ** 2).sum(axis=1)).max()))
        assert speed <= q * (abs(1 - P) + float(np.linalg.norm(S))) + B


def test_the_sharper_bounds_are_met_by_a_network():
    """p, n and the lower half of (43) at a width below the thresholds: the true numbers are inside by far."""
    width, alpha = 400, 1.0
    run, *_ = _of_a_run(width, 1, 5, (alpha - 0.5) * math.log(width))
    state = run.state(run.end)
    assert float(state[:, 0] @ state[:, 1]) < 0.9
    first = run.state(0.25 * math.log(width))
    unit = width ** (0.5 - alpha + 0.25)
    p, n = (math.sqrt(float(((first[:, 0] + sign * first[:, 1]) ** 2).sum()) / 2) for sign in (1, -1))
    assert p > unit / 2
    assert n < p / 4
    coupling = math.sqrt(float(((first[:, 0] - first[:, 1]) ** 2).sum() / (first[:, 0] ** 2).sum()))
    assert coupling == pytest.approx(2 * n / math.sqrt(2) / math.sqrt(float((first[:, 0] ** 2).sum())))
    assert coupling < 8 * width**-0.5


def test_one_condition_decides_a_whole_statement():
    step = claims.Step(fine.both_halves, whole=True)
    s = bounds.setting(Fraction(1), 1)
    ((name, _, found),) = step.thresholds(s)
    each = {one: threshold(bound, s.kappa).above for one, bound in fine.both_halves(s).items()}
    assert found.above == max(each.values())
    assert each[name] == found.above


def test_the_lower_half_holds_from_a_smaller_width_on_than_the_upper_one():
    for alpha in ("11/20", "1", "2"):
        s = bounds.setting(Fraction(alpha), 1)
        lower = max(threshold(bound, s.kappa).above for bound in fine.lower_half(s).values())
        upper = max(threshold(bound, s.kappa).above for bound in fine.upper_half(s).values())
        assert lower < upper / 2
        # (43), T₂: log m > c/(2ϑ(α − ½)) in closed form, where the width is so large that V₂ and H are nothing.
        if float(s.alpha) <= 1:
            wait = math.log(76.8) / (0.2 * (float(s.alpha) - 0.5))
            assert float(upper) == pytest.approx(wait, rel=1e-3)


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
