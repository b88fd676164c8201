"""Claims on Assumption 3, Lemma 1 and Lemma 2: verdicts, negative controls, and the code behind them."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

import theory
from numerics.balls.subdivision import ball
from numerics.precision import working_precision
from theory.estimates import F, L, q
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import assumption3, estimates, paper
from verify.papers.multistage.remainder_search import Bound, Case, cases, holds, remainders

ONE = Fraction(1)


@pytest.mark.parametrize("name", assumption3.CONSTANTS)
def test_assumption_3_is_proved_and_its_controls_are_killed(name):
    claim = paper[f"asm3.{name}"]
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    for mutant in claim.mutants():
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name
        assert mutant.witness(), mutant.name


def test_the_constants_are_the_limits_at_zero():
    for name, constant in assumption3.CONSTANTS.items():
        assert sp.simplify(3 * abs(theory.admit(name).coefficients(3)[3]) - constant) == 0
        assert assumption3.witness(name, constant, (3, 2)) is None


def test_slopes_are_derivatives():
    with mpmath.mp.workdps(30):
        for name in assumption3.CONSTANTS:
            f = sp.lambdify(theory.activation_class.argument, theory.NAMED[name], "mpmath")
            for at in (mpmath.mpf("0.3"), mpmath.mpf("-1.7")):
                assert abs(assumption3.slope(name, at) - mpmath.diff(f, at)) < 1e-12


def test_limit_at_zero_has_the_right_factor():
    """|c₅|·5 u⁴ is what is left of tanh' after the order 3."""
    assert assumption3.limit_at_zero(theory.admit("tanh").coefficients(5), 3, 1) == (4, sp.Rational(2, 3))
    assert assumption3.limit_at_zero(theory.admit("tanh").coefficients(5), 3, 0) == (5, sp.Rational(2, 15))


@pytest.mark.parametrize("id", ["asm3.orders", "lem1", "lem1.terms", "lem2", "lem2.identity", "lem2.squares"])
def test_proved_claims(id):
    claim = paper[id]
    assert all(check.run(Context()).verdict is Verdict.PROVED for check in claim.checks)
    first = next(iter(claim.mutants()))
    assert first.run(Context()).verdict is Verdict.REFUTED
    assert first.witness()


def test_search_supports_lemma_1_and_kills_its_controls():
    claim = paper["lem1.search"]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    mutants = list(claim.mutants())
    assert "norm" in [mutant.name for mutant in mutants]
    for mutant in mutants:
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name
        assert mutant.witness(), mutant.name


def test_the_true_bound_has_no_witness_against_it():
    assert estimates.exact_witness(estimates.BOUND) is None


def test_the_largest_entry_in_place_of_the_norm_by_hand():
    """w = s(1, …, 1), x = (1, …, 1)/√d, a = s: ‖g‖ → d times the stated bound as s → 0, here with d = 9."""
    s = Fraction(1, 10**4)
    case = Case("tanh", ONE, ((s, (s,) * 9),), (((Fraction(1, 3),) * 9, Fraction(10**6)),))
    assert holds(case, Bound(estimates.BOUND))
    assert not holds(case, Bound(estimates.BOUND, "max"))
    assert estimates.ratio(case, estimates.BOUND, "max") == pytest.approx(9, rel=1e-5)
    assert estimates.ratio(case, estimates.BOUND) <= 1


def test_the_bound_is_nearly_reached():
    """d = 1, small weights, a large constant target: the first term alone, with ratio 1 to first order."""
    s = Fraction(1, 10**5)
    case = Case("tanh", ONE, ((s, (s,)),), (((ONE,), Fraction(10**6)),))
    assert 0.99999 < estimates.ratio(case, estimates.BOUND) <= 1
    assert not holds(case, Bound(sp.Rational(9, 10) * estimates.BOUND))


@settings(max_examples=40)
@given(cases())
def test_two_evaluations_agree(case):
    """Balls with derivatives in closed form against mpmath with numerical ones: the ratio to a bound of 1."""
    with working_precision(200):
        found = [float(value.mid()) for value in remainders(case)]
    stated = estimates.ratio(case, sp.S.One + 0 * (L + F + q))
    assert max(found) == pytest.approx(stated, rel=1e-9, abs=1e-30)


def test_cases_written_out_by_hand():
    """One neuron, one point, d = 1, σ = u + u³/3: (8) and (9) in fractions."""
    a, w, x, y = Fraction(1, 2), Fraction(3), Fraction(2, 3), Fraction(5)
    case = Case("cubic", Fraction(1, 3), ((a, (w,)),), (((x,), y),))
    u = w * x
    r = a * (u + u**3 / 3) - y
    f = -r * u**3 / 3 - a * u**3 / 3 * u
    g = -a * (r * u**2 + a * u**3 / 3) * x
    with working_precision(200):
        values = remainders(case)
        assert abs(values[0] - ball(abs(f))) < 1e-50
        assert abs(values[1] - ball(abs(g))) < 1e-50


def test_with_the_largest_entry_the_bound_fails_in_the_full_network():
    from numerics.activation import activation
    from numerics.dataset import from_arrays
    from numerics.network import Network
    from verify.papers.multistage.max_norm import EXAMPLES, squares, stated

    for one in EXAMPLES:
        x = np.array(one.inputs, dtype=float)
        data = from_arrays(x, float(one.slope) * x[:, 0])
        state = np.full((one.width, one.dim + 1), float(one.entry))
        drift = Network(activation("u + u**3/3"), data).drift(state)[0]
        # (7): what the linear activation gives, with the data's own second moments, is taken off.
        error = one.width * float(one.entry) * x @ state[0, 1:] - data.y
        f = drift[0] + np.mean(error * (x @ state[0, 1:]))
        g = drift[1:] + float(one.entry) * np.mean(error[:, None] * x, axis=0)
        assert np.allclose([f**2, g @ g], [float(v) for v in squares(one)], rtol=1e-6)
        assert max(abs(f), np.linalg.norm(g)) > 1.2 * float(stated(one))


def test_the_smaller_constants_are_attained_by_the_full_network():
    """m equal neurons a = −q, w = q, σ = u + u³/3, inputs ±D, target F sgn x: the network's own drift."""
    from numerics.activation import activation
    from numerics.dataset import from_arrays
    from numerics.network import Network
    from verify.papers.multistage.estimates_integrated import INPUT

    q, reach, size, count = 0.3, 1.2, 0.7, 3
    x = np.array([[reach], [-reach]])
    data = from_arrays(x, size * np.sign(x[:, 0]))
    drift = Network(activation("u + u**3/3"), data).drift(np.tile([-q, q], (count, 1)))[0]
    linear = -count * q * q * x[:, 0] - data.y
    g = drift[1] - q * np.mean(linear * x[:, 0])
    values = {"L": 1.0, "D": reach, "F": size, "q": q, "m": count}
    stated = float(INPUT.subs({s: values[s.name] for s in INPUT.free_symbols}))
    assert abs(g) == pytest.approx(stated, rel=1e-12)


def test_the_search_measures_how_far_a_network_is_from_the_bound():
    from verify.papers.multistage.estimates_integrated import INPUT
    from verify.papers.multistage.remainder_search import Bound, share

    attained = Case(
        "cubic", Fraction(1, 3), ((Fraction(-1), (Fraction(1),)),), (((Fraction(2),), Fraction(5)),)
    )
    assert share(attained, Bound(INPUT)) == pytest.approx(1.0, abs=1e-15)
    smaller = Case(
        "cubic", Fraction(1, 3), ((Fraction(1), (Fraction(1),)),), (((Fraction(2),), Fraction(5)),)
    )
    assert 0 < share(smaller, Bound(INPUT)) < 1


def test_a_bound_of_a_remainder_is_read_from_what_is_printed():
    v = assumption3.modulus
    assert assumption3.bound_of(sp.pi / 4 * v**3) == (sp.pi / 4, 3)
    for other in (v**3 + v, sp.sqrt(v), sp.S.One, assumption3.u**2):
        with pytest.raises(TypeError, match="not a constant times a power"):
            assumption3.bound_of(other)
    relation, over, _ = assumption3.orders_stated(sp.Rational(9, 10))
    assert relation.rhs.subs({assumption3.K: 3, assumption3.nu: 1}).has(v**4)
    assert sp.Rational(9, 10) in relation.rhs.args
    assert over[assumption3.K] == sp.FiniteSet(1, 3, 5)
