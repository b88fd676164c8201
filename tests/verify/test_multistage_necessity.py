"""What each hypothesis is needed for: examples, runs and sentences that are false without it."""

from __future__ import annotations

import numpy as np
import pytest

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import descent_shift, necessity_descent, paper

RUNS = ["asm1.symmetry", "rem1.bias", "thm2.half"]


@pytest.mark.parametrize("id", RUNS)
def test_runs_have_support_and_false_versions_are_caught(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


def test_the_false_sentence_is_refuted():
    claim = paper["b4.exit.positive"]
    assert claim.checks[0].run(Context()).verdict is Verdict.REFUTED is claim.expected_at("quick")


def test_the_data_are_what_they_are_said_to_be():
    lopsided, bias, turned = (make() for make in descent_shift.DATA.values())
    assert not lopsided.is_symmetric
    assert abs(lopsided.M(1)) > 0.02
    assert lopsided.M(2) == pytest.approx(1.0, abs=1e-12)
    assert lopsided.F(1) == pytest.approx(1.0, abs=1e-12)
    for inputs in (bias, turned):
        np.testing.assert_allclose(inputs.second_moment, np.eye(2), atol=1e-12)
        np.testing.assert_allclose(inputs.z, [1.0, 0.0], atol=1e-12)
    # The constant input is still there: turned back, one coordinate is 1 for all samples.
    along, across = turned.x.T
    bias_weight = np.linalg.lstsq(turned.x, np.ones(len(along)), rcond=None)[0]
    assert np.linalg.norm(bias_weight) == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(bias_weight[0] * along + bias_weight[1] * across, 1.0, atol=1e-12)
    assert abs(bias_weight[0]) > 0.5


def test_copies_of_neurons_are_the_same_network_to_leading_order():
    start = np.array([[0.3, -0.2, 0.5], [0.1, 0.7, -0.4]])
    for copies in (2, 4):
        state = descent_shift.replicated(start, copies)
        assert len(state) == copies * len(start)
        np.testing.assert_allclose(state.T @ state, start.T @ start, atol=1e-15)


def test_the_extrapolation_is_exact_for_a_parabola_and_its_error_is_the_last_step():
    values = [7.0 - 3.0 / r + 0.5 / r**2 for r in descent_shift.COPIES]
    value, error = descent_shift.extrapolated(*values)
    assert value == pytest.approx(7.0, abs=1e-12)
    # A line through r = 2 and 4 leaves −s₃/8 of the parabola.
    assert error == pytest.approx(0.5 / 8, abs=1e-12)


@pytest.mark.parametrize("q", [1e-1, 1e-2, 1e-3])
def test_the_remainder_with_an_even_part_by_differences(q):
    """f_k of u + cu² at one neuron, from a difference quotient of the risk."""
    c, h, step = 0.7, 0.4, 1e-6

    def risk(a, w):
        return sum((a * (w * x + c * (w * x) ** 2) - (h + x)) ** 2 for x in (1, -1)) / 4

    slope = (risk(q + step, q) - risk(q - step, q)) / (2 * step)
    remainder = -slope - (q - q * q * q)
    assert remainder == pytest.approx(c * h * q**2 - c**2 * q**5, rel=1e-4, abs=1e-10)


def test_weights_with_opposite_signs_never_descend_to_leading_order():
    from numerics.reduced import reduced_order_parameters

    times = np.linspace(0.0, 4.0, 9)
    P, Q = reduced_order_parameters(-1e-3, 1e-3, times)
    # P = −Q with dP/dt = −2P(1 − P): the logistic curve run backwards.
    start = 1e-3 / (1 + 1e-3)
    exact = -start * np.exp(-2 * times) / (1 - start * np.exp(-2 * times))
    np.testing.assert_allclose(P, exact, rtol=1e-7)
    np.testing.assert_allclose(Q, -exact, rtol=1e-7)


DESCENTS = ["start.opposite.network", "asm2.network"]


@pytest.mark.parametrize("id", DESCENTS)
def test_networks_that_descend_late_do_so_when_predicted(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


def test_the_start_with_opposite_weights_feeds_its_sum_by_a_third_order_quadrature():
    """u' = u − 2c₃F₃w³ by Simpson's rule, against the closed form."""
    c, f, w = -1 / 3, 1.68, 0.01
    t = 5.0
    s = np.linspace(0.0, t, 20001)
    values = np.exp(t - s) * -2 * c * f * (w * np.exp(-s)) ** 3
    h = s[1] - s[0]
    u = float(h / 3 * (values[0] + values[-1] + 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()))
    symbols = {"c3": c, "F3": f, "w0": w, "t": t}
    stated = necessity_descent.FED
    assert float(stated.subs({s: symbols[s.name] for s in stated.free_symbols})) == pytest.approx(u, rel=1e-9)


LEFT_OUT = ["start.gaussian.network", "asm1.moments.network"]


@pytest.mark.parametrize("id", LEFT_OUT)
def test_other_starts_and_other_moments_do_what_is_predicted(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


EXACT = [
    "asm1.support.necessary",
    "asm1.moments.plane",
    "asm3.slope.necessary",
    "asm3.growth.necessary",
    "asm3.cubic.necessary",
    "start.gaussian.necessary",
]


@pytest.mark.parametrize("id", EXACT)
def test_exact_examples_of_what_fails(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


def test_laplace_weights_by_a_sample():
    """NumPy's own Laplace weights, m = 1000 and δ = 1/10: within the bound of Lemma 3 in few of 400 draws."""
    rng = np.random.default_rng(5)
    largest = np.abs(rng.laplace(scale=np.sqrt(0.5), size=(400, 2000))).max(axis=1)
    share = float(np.mean(largest <= np.sqrt(2 * np.log(4000 / 0.1))))
    exact = (1 - np.exp(-2 * np.sqrt(np.log(4000 / 0.1)))) ** 2000
    assert share == pytest.approx(exact, abs=0.05)
    assert share < 0.2
