"""Claims on the initial weights, Appendix C: verdicts, negative controls, and the exact probabilities behind them."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from flint import arb
from scipy import stats

from numerics.precision import working_precision
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import (
    chi_squared,
    chosen,
    exact_probability,
    initialisation,
    paper,
    sums_of_squares,
)
from verify.stating import expression_latex

BY_PROBABILITY = ("lem3", "lem3.sharp", "thm4", "prop8", "prop8.sharp")


@pytest.mark.parametrize("id", BY_PROBABILITY)
def test_probabilities_are_proved_and_their_controls_killed(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    mutants = list(claim.mutants())
    assert len({mutant.name for mutant in mutants}) == len(mutants) >= 4
    for mutant in mutants:
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name
        assert mutant.witness(), mutant.name


@pytest.mark.parametrize("id", ["lem3.bernoulli", "lem3.union"])
def test_inequalities_are_proved(id):
    assert paper[id].checks[0].run(Context()).verdict is Verdict.PROVED


def test_what_is_stated_has_no_witness_against_it():
    assert initialisation.witness(initialisation.BOUND) is None
    assert initialisation.witness(initialisation.SHARP) is None
    assert chi_squared.bernstein_witness(chi_squared.bernstein()) is None


@pytest.mark.parametrize(
    ("width", "low", "high"), [(1, "1/2", "3/2"), (2, "1/4", "3"), (37, "1/2", "8/5"), (400, "9/10", "11/10")]
)
def test_tails_against_scipy_and_finite_sums(width, low, high):
    low, high = Fraction(low), Fraction(high)
    law = stats.chi2(width)
    expected = law.cdf(width * float(low)) + law.sf(width * float(high))
    with working_precision(160):
        found = chi_squared.tails(width, low, high)
        assert found.is_finite()
        assert float(found.rad()) < 1e-30
    assert float(found.mid()) == pytest.approx(expected, rel=1e-10)
    with mpmath.mp.workdps(40):
        assert float(chi_squared.other_tails(width, low, high)) == pytest.approx(expected, rel=1e-10)


def test_two_degrees_in_closed_form():
    """χ²(2) is exponential: P(X ≥ 2v) = e^{−v}."""
    with working_precision(160):
        found = chi_squared.tails(2, Fraction(1, 2), Fraction(3, 2))
        assert found.overlaps(1 - arb("-0.5").exp() + arb("-1.5").exp())


def test_tails_far_out_keep_their_digits():
    with working_precision(160):
        found = chi_squared.tails(2000, Fraction(1, 10), Fraction(100))
        assert found > 0
        assert float((found.rad() / found.mid()).mid()) < 1e-30
    with pytest.raises(ValueError, match="below the mean"):
        chi_squared.tails(1, Fraction(4), Fraction(5))


def test_the_bound_by_markov_is_a_bound():
    with working_precision(160):
        for width in (1, 5, 50, 300):
            exact = chi_squared.tails(width, Fraction(1, 2), Fraction(3, 2))
            assert exact < sums_of_squares.chernoff_tails(width, Fraction(1, 2), Fraction(3, 2))


def test_thresholds_by_scipy():
    for level, threshold in sums_of_squares.THRESHOLDS.items():
        good = [
            stats.chi2(m).cdf(1.5 * m) - stats.chi2(m).cdf(0.5 * m) >= 1 - float(level) for m in range(1, 200)
        ]
        assert good.index(True) + 1 == threshold
        assert all(good[threshold - 1 :])


def test_the_largest_constant_of_bernstein():
    assert float(chi_squared.LARGEST) == pytest.approx(4 / 3 - math.log(11 / 3) / 2)
    bound = chosen.bernstein.high
    assert chi_squared.bernstein().constant < bound < float(chi_squared.LARGEST) < Fraction(7, 10)


def test_norm_of_chi_squared_by_quadrature():
    for degrees in (1, 2, 5):
        s = float(chi_squared.norm_of_chi_squared(degrees))
        with mpmath.mp.workdps(20):
            mean = mpmath.quad(
                lambda x, s=s, k=degrees: mpmath.exp(x / s - x / 2) * x ** (mpmath.mpf(k) / 2 - 1),
                [0, 1, 50, mpmath.inf],
            ) / (2 ** (mpmath.mpf(degrees) / 2) * mpmath.gamma(mpmath.mpf(degrees) / 2))
        assert float(mean) == pytest.approx(2, rel=1e-8)


def _check(*margins):
    return exact_probability.check(lambda effort: iter(margins), "a test").run(Context())


def test_margins_decide():
    assert _check(("one", arb(1)), ("two", arb("0.5"))).verdict is Verdict.PROVED
    assert _check(("one", arb(1)), ("two", arb(-1))).verdict is Verdict.REFUTED
    for undecided in (arb(0), arb(0, 1), arb("nan")):
        found = _check(("one", arb(1)), ("two", undecided))
        assert found.verdict is Verdict.UNDECIDED
        assert found.not_confirmed
    assert _check().verdict is Verdict.UNDECIDED


def test_a_stated_bound_is_evaluated_as_it_is_printed():
    """1 − 2^{−n} ≥ 1 − x/4 at x = 3 and n = 1, 2 and, beyond the set, 3; e^{−n/x} is put in as a known probability."""
    n, x = sp.Symbol("n", positive=True, integer=True), sp.Symbol("x", positive=True)
    P, e = sp.Function("P")(x, n), sp.Symbol("e", positive=True)
    over = {x: sp.FiniteSet(3), n: sp.Range(1, 3)}
    stated = exact_probability.Stated(sp.Ge(1 - e, 1 - x / 4, evaluate=False), over, (sp.Eq(e, 2**-n),))
    with working_precision(160):
        found = dict(stated.cases({n: lambda effort: [3]})("quick"))
        assert list(found) == ["x = 3, n = 1", "x = 3, n = 2", "x = 3, n = 3"]
        for margin, exact in zip(
            found.values(), (Fraction(1, 4), Fraction(1, 2), Fraction(5, 8)), strict=True
        ):
            assert margin.overlaps(arb(exact.numerator) / exact.denominator)
        strict = exact_probability.Stated(sp.Lt(P, 1 - x / 4, evaluate=False), over)
        known = {P: lambda x, n: arb(int(n)) / int(x)}
        (first, second) = (margin for _, margin in strict.cases(known=known)("quick"))
        assert max(first, second) < 0
        assert first.overlaps(arb(-1) / 12)
        (first, _) = (margin for _, margin in strict.cases(known=known, share=True)("quick"))
        assert first.overlaps(arb(-1) / 3)


def test_events_are_printed_with_their_numbers():
    n = sp.Symbol("n")
    inside = sums_of_squares.Inside(n, sp.Rational(1, 2), 3)
    assert expression_latex(inside) == r"\Pr\Bigl[\frac{1}{2} \le \frac{S_{n}}{n} \le 3\Bigr]"
    assert expression_latex(inside**2).endswith("^{2}")
    assert expression_latex(chi_squared.Outside(n, 2)) == r"\Pr\bigl[|S_{n}/{n} - 1| \ge 2\bigr]"
    with pytest.raises(TypeError, match="not a rational number"):
        sums_of_squares.fraction(sp.sqrt(2))
