"""The smallest widths of the proofs' steps: bounds that fall, and that they bound what they stand for."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb
from mpmath import mp

from numerics.activation import activation
from numerics.dataset import equidistant, halton
from numerics.network import Network
from numerics.precision import working_precision
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from theory.symbols import width as m
from verify.context import Context
from verify.evidence import Verdict
from verify.load import BUILT_IN, PaperSource
from verify.papers.multistage import explicit_bounds as bounds
from verify.papers.multistage import explicit_claim as claims
from verify.papers.multistage import explicit_controls as controls
from verify.papers.multistage import explicit_fine as fine
from verify.papers.multistage import explicit_fine_plain, explicit_plain, paper
from verify.papers.multistage.explicit_terms import Condition, K, Lambda, Place, Setting, gamma
from verify.papers.multistage.explicit_widths import ANY, plainly, stated
from verify.papers.multistage.large_widths import Falling, constant, term
from verify.report.formula import parse

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
    "thm1.explicit",
    "thm2.explicit",
    "thm3.explicit",
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
    "eq64.root",
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
    bounds.event,
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
    fine.plateau,
    fine.start,
    fine.lower_half,
    fine.lower_half_in_full,
    fine.upper_half,
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
def test_the_formulas_are_the_bounds_written_out(alpha, dim):
    """By balls as sums of terms, by mpmath from the same formula, and by hand."""
    s = Setting(Fraction(alpha), dim)
    place = Place(s, fine.names())
    for hundredths in (300, 1700, 6500):
        with mp.workdps(40):
            log_m = mp.mpf(hundredths) / 100 * mp.log(10)
            known = explicit_plain.values(s, log_m) | explicit_fine_plain.values(s, log_m)
            for one in (condition for step in ALL for condition in step()):
                plain = known[one.name]()
                in_balls = place.ratio(one).at(arb(hundredths) / 100 * arb(10).log(), s.kappa)
                value = mp.mpf(in_balls.str(35, radius=False))
                assert abs(value - plain) <= plain * mp.mpf(10) ** -25, one.name
                formula = controls.evaluated(one, fine.names(), s, hundredths)
                assert abs(formula - plain) <= plain * mp.mpf(10) ** -20, one.name


@pytest.mark.parametrize("id", ["eq34", "eq52", "eq43.both", "thm3.explicit"])
def test_a_wrong_constant_refutes_the_claim(id, monkeypatch):
    """In what is put together: λ halved, and a tenth of m in Φ; the widths that are stated stay."""
    changed = dict(fine.names())
    changed[bounds.lam] /= 2
    changed[bounds.Phi] -= sp.Rational(9, 20) * K**3 * m * bounds.x**2
    monkeypatch.setattr(claims, "names", lambda: changed)
    assert paper[id].checks[0].run(Context()).verdict is Verdict.REFUTED


def test_a_small_term_that_is_wrong_is_noticed(monkeypatch):
    """Its last term moves no width by a hundredth, and the two evaluations differ."""
    right = fine.names()[bounds.Phi]
    smallest = next(one for one in right.args if one.has(bounds.x**6))
    monkeypatch.setattr(claims, "names", lambda: {**fine.names(), bounds.Phi: right - smallest / 10})
    found = paper["eq34"].checks[0].run(Context())
    assert found.verdict is Verdict.UNDECIDED
    assert "another value" in found.detail


def test_with_room_for_more_than_an_eighth_the_condition_stays_that_of_the_paper():
    """(47) is V₂ ≤ ζ/8 and H ≤ ζQ/4 whatever ϑ is."""
    (condition,) = bounds.rates()
    for slack, at_most in (("1/10", "1/100"), ("1/2", "1/80"), ("9/10", "1/80")):
        s = Setting(Fraction(1), 1, {"slack": Fraction(slack)})
        right = Place(s, fine.names()).number(condition.right)
        assert float(right) == pytest.approx(float(Fraction(at_most)))


def test_the_constants_of_lemma_1_are_parameters():
    (condition,) = bounds.test_time()
    for changed in ({"L": Fraction(5)}, {"F": Fraction(5)}, {"square": Fraction(5)}):
        more, usual = (Setting(Fraction(1), 1, one) for one in (changed, {}))
        assert plainly(more, "(34)", 404) > plainly(usual, "(34)", 404)
        value = Place(more, fine.names()).ratio(condition).at(arb(404) / 100 * arb(10).log(), more.kappa)
        assert float(value) == pytest.approx(float(plainly(more, "(34)", 404)), rel=1e-12)


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
    step = claims.Step(
        fine.upper_half, before=(*fine.DESCENT, fine.lower_half), alphas=(Fraction(1),), dims=(1,)
    )
    ((*_, name, width),) = claims.check(step, "both").run(Context()).data["table"]["rows"]
    each = {one.name: stated(Fraction(1), 1, one.name) for one in step.all()}
    assert round(100 * width) == max(each.values()) == each[name]


def test_a_theorem_holds_from_the_largest_width_of_its_steps_on():
    def widths(id):
        rows = paper[id].checks[0].run(Context()).data["table"]["rows"]
        found = {}
        for alpha, dim, _, width in rows:
            found[alpha, dim] = max(width, found.get((alpha, dim), 0))
        return found

    third = widths("thm3.explicit")
    for id in ("eq52", "eq53", "eq59", "eq60", "eq63", "eq64", "prop2.fine"):
        assert all(third[place] >= width for place, width in widths(id).items() if place in third)


def test_the_lower_half_holds_from_a_smaller_width_on_than_the_upper_one():
    for alpha in ("11/20", "1", "2"):
        s = Setting(Fraction(alpha), 1)
        lower = max(stated(s.alpha, 1, one.name) for one in (*bounds.event(), *fine.lower_half()))
        upper = stated(s.alpha, 1, "(43), T₂")
        assert lower < upper / 2
        # (43), T₂: log m > c/(2ϑ(α − ½)) in closed form, where the width is so large that V₂ and H are nothing.
        if float(s.alpha) <= 1:
            wait = math.log(76.8) / (0.2 * (float(s.alpha) - 0.5))
            assert upper / 100 * math.log(10) == pytest.approx(wait, rel=1e-3)


def _found(bound, width):
    """What is decided of a bound with κ = log 40."""
    return claims.decide(bound, Setting(Fraction(1), 1), width)


def test_a_width_in_closed_form():
    # 100 m^(−1/2) < 1 from m = 10^4 on.
    bound = term(99, 0, Fraction(1, 2))
    assert _found(bound, 400) == "holds"
    assert _found(bound, 399) == "fails"
    assert _found(bound, 401) == "sooner"
    assert _found(term(Fraction(1, 2), 0, 1), ANY) == "holds"
    assert _found(None, 400) == _found(bound, None) == "open"


def test_what_does_not_fall_has_no_width():
    assert _found(term(Fraction(1, 10**9), 1, 0), 400) == "open"
    assert _found(constant(1) + term(1, 0, 1), 400) == "fails"
    # Λ^20/m rises at first: below 1 at m = 10, and not for good.
    assert _found(term(Fraction(1, 10**16), 20, 1), 100) == "open"


def test_formulas_that_are_no_sums_of_terms_are_refused():
    place = Place(Setting(Fraction(1), 1), fine.names())
    with pytest.raises(ValueError, match="no sum of powers"):
        place.falling(sp.log(m))
    with pytest.raises(ValueError, match="cannot have the factor"):
        place.falling(-Lambda / m)
    with pytest.raises(ValueError, match="2 terms"):
        place.falling(sp.sqrt(Lambda + m))
    assert place.ratio(Condition("none", 1 / m, sp.Integer(-1))) is None
    moved = place.ratio(Condition("γ", m**-gamma, sp.S.One, sp.Integer(2)))
    assert list(moved.terms) == [(0, 2)]


def test_bounds_multiply_like_numbers():
    one, two = term(2, 1, Fraction(1, 2)) + constant(3), term(5, 0, 1)
    here = (arb(3), arb(1))
    expected = (2 * 4 * math.exp(-1.5) + 3) * 5 * math.exp(-3)
    assert float((one * two).at(*here)) == pytest.approx(expected)
    assert float((one**2).at(*here)) == pytest.approx((2 * 4 * math.exp(-1.5) + 3) ** 2)
    root = term(9, 2, 1) ** Fraction(3, 2)
    assert float(root.at(*here)) == pytest.approx((3 * 4 * math.exp(-1.5)) ** 3)
    assert one.times(0) == Falling({})
    with pytest.raises(ValueError, match="cannot have the factor"):
        one.times(-1)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_step_beyond_what_is_compared_is_left_to_the_reader_in_these_words(name: str) -> None:
    """In the title or in a hypothesis, for what is proved: the words that docs/trust.md tells a reader to look for."""
    beyond = re.compile(
        r"^hence\b|[:;] hence\b|by induction|summed over the steps|takes continuity|part follows"
    )
    for claim in PaperSource.built_in(name).load():
        if claim.expected_at("quick") is Verdict.PROVED and any(map(beyond.search, claim.hypotheses)):
            assert any("left to the reader" in one for one in (claim.title, *claim.hypotheses)), claim.full_id
    assert any("left to the reader" in one for one in paper["thm1.explicit"].hypotheses)


def test_a_term_that_rises_in_the_end_is_not_settled():
    """½ m^{1/1000}/Λ is below 1 at log m = 3, falls at first, and is above 10³⁸ at log m = 10⁵."""
    rising = term(Fraction(1, 2), -1, Fraction(-1, 1000))
    assert rising.at(arb(3), arb(0)) < 1
    assert rising.at(arb(100_000), arb(0)) > 10**38
    assert not rising.falls_from(arb(3), arb(0))
    assert not rising.settled(arb(3), arb(0))
    assert not term(Fraction(1, 2), 1, 0).settled(arb(1), arb(0))
    for falls in (term(Fraction(1, 2), -1, 0), constant(Fraction(1, 2)), term(Fraction(1, 2), 1, 1)):
        assert falls.settled(arb(2), arb(0))
        assert not falls.settled(arb(-2), arb(1))


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


def test_the_test_time_needs_gamma_below_its_end():
    (condition,) = bounds.test_time()
    s = Setting(Fraction(1), 1, {"share": Fraction(1)})
    bound = Place(s, fine.names()).ratio(condition)
    assert not bound.falls_from(arb(10) ** 9, s.kappa)
    assert stated(Fraction(3, 4), 3, "(64), q") is None


@pytest.mark.parametrize("id", STEPS)
def test_a_statement_names_its_places_and_widths(id):
    claim = paper[id]
    assert claim.printed is (id not in ("thm1.explicit", "thm2.explicit", "thm3.explicit"))
    told = claim.statement_text()
    for alpha, dim, _, width in claim.checks[0].run(Context()).data["table"]["rows"]:
        assert f"d = {dim}" in told
        assert (alpha if "/" not in alpha else r"\tfrac{{{}}}{{{}}}".format(*alpha.split("/"))) in told
        assert width == 0.48 or f"{width:.2f}" in told
    parse(told)
