"""Claims on how P and Q move along the full dynamics: verdicts, negative controls, and the network's own numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.activation import activation
from numerics.dataset import halton
from numerics.network import Network
from numerics.sampling import initial_weights
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import approximate_conservation, monotonicity, paper

INEQUALITIES = ("prop4.across", "prop4.remainders", "eq48", "prop4", "eq49", "eq50", "eq51")


@pytest.mark.parametrize("id", INEQUALITIES)
def test_proved_and_controls_killed(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    shown_false = [mutant for mutant in claim.mutants() if mutant.witness()]
    # Two of the controls of prop4 are strong enough to be true of real weights.
    assert len(shown_false) >= (3 if id == "prop4" else 5)
    for mutant in shown_false:
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name


def test_what_is_stated_has_no_witness_against_it():
    assert approximate_conservation.Drift().witness() is None
    assert all(monotonicity.growth(of).witness() is None for of in ("P", "Q"))


@pytest.fixture(scope="module", params=[0.02, 0.1])
def state(request):
    """Weights on the descent: an initial draw, stretched along (1, e₁)."""
    weights = initial_weights(1, 200, 2, request.param)
    along = (weights[:, 0] + weights[:, 1]) / 2
    weights[:, 0] += 1.5 * along
    weights[:, 1] += 1.5 * along
    return weights


def _quantities(weights):
    data = halton(100, 2, "sin(x1) + 0.3*sin(2*x2)")
    drift = Network(activation("tanh"), data).drift(weights)
    a, w1, w2 = weights.T
    P, Q = a @ w1, (a @ a + w1 @ w1) / 2
    S, C, V2 = a @ w2, w1 @ w2, w2 @ w2
    f = drift[:, 0] - w1 * (1 - P) + w2 * S
    g = drift[:, 1] - a * (1 - P)
    rate_P = drift[:, 0] @ w1 + a @ drift[:, 1]
    rate_Q = drift[:, 0] @ a + w1 @ drift[:, 1]
    H = 2 * math.sqrt(len(a) * Q) * max(abs(f).max(), abs(g).max())
    return P, Q, S, C, V2, f @ w1 + g @ a, f @ a + g @ w1, rate_P, rate_Q, H


def test_rates_of_the_network(state):
    P, Q, S, C, V2, Y, X, rate_P, rate_Q, H = _quantities(state)
    assert rate_P == pytest.approx(2 * Q * (1 - P) - S * C + Y, rel=1e-10)
    assert rate_Q == pytest.approx(2 * P * (1 - P) - S**2 + X, rel=1e-10)
    invariant = 2 * Q * rate_Q - 2 * P * rate_P
    assert invariant == pytest.approx(-2 * S * (Q * S - P * C) + 2 * Q * X - 2 * P * Y, rel=1e-8)
    assert abs(invariant) <= (4 * V2 * Q + 2 * H) * math.sqrt(Q**2 - P**2)


def test_sizes_of_the_network(state):
    _, Q, S, C, V2, Y, X, *_, H = _quantities(state)
    assert S**2 <= 2 * V2 * Q
    assert abs(S * C) <= V2 * Q
    assert max(abs(X), abs(Y)) <= H


def test_ratio_of_the_sums_of_squares():
    """A_2 and B_2 of a concrete network are as near as eq51 says, from its own Q² − P²."""
    rng = np.random.default_rng(0)
    along = rng.normal(size=300)
    a, w = along + 0.05 * rng.normal(size=300), along + 0.05 * rng.normal(size=300)
    P, Q = a @ w, (a @ a + w @ w) / 2
    s = math.sqrt(Q * Q - P * P) / P
    assert abs(a @ a - w @ w) <= 2 * s * P
    assert abs(a @ a / (w @ w) - 1) <= 2 * s / (1 - s)
    assert 1 <= Q / P <= 1 + s * s / 2
