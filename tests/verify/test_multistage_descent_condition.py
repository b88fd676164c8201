"""(47) on full networks: what is measured, and that its negative controls are caught."""

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
from verify.papers.multistage import descent_condition, paper, runs


def test_holds_from_a_few_thousand_neurons_on():
    claim = paper["eq47.network"]
    found = claim.checks[0].run(Context())
    assert found.verdict is Verdict.SUPPORTED
    rows = {(row[0], row[1]): row for row in found.data["table"]["rows"]}
    assert rows["line", 500][3] > 1.05
    assert all(row[2] == "4 of 4" for (_, width), row in rows.items() if width >= 4000)
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.name
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name


def test_the_parts_of_a_state_by_the_integrals_of_the_definition():
    """f_k and g_k by (8) and (9), with σ − u and its derivative written out."""
    data = halton(60, 2, "sin(x1) + 0.3*sin(2*x2)")
    state = initial_weights(2, 40, 2, 0.3)
    a, w = state[:, 0], state[:, 1:]
    u = data.x @ w.T
    bent = np.tanh(u) - u
    residual = np.tanh(u) @ a - data.y
    share = data.weights
    f = -(share * residual) @ bent - (share * (bent @ a)) @ u
    slope = 1 / np.cosh(u) ** 2 - 1
    # g_k = −a_k ∫ r δ'(w_k·x) x − a_k ∫ (Σ_j a_j δ(w_j·x)) x
    g = -a * (((share * residual * data.x[:, 0]) @ slope) + (share * data.x[:, 0]) @ (bent @ a))
    across, ratio, balance = descent_condition._parts(state, Network(activation("tanh"), data).drift(state))
    Q = (a @ a + w[:, 0] @ w[:, 0]) / 2
    assert across == pytest.approx(float((w[:, 1] ** 2).sum()))
    assert balance == pytest.approx(Q / float(a @ w[:, 0]))
    assert ratio == pytest.approx(2 * math.sqrt(40 / Q) * max(np.abs(f).max(), np.abs(g).max()), rel=1e-6)


def test_a_size_within_the_error_of_its_bound_decides_nothing():
    assert descent_condition._holds((0.9, 0.05)) is True
    assert descent_condition._holds((0.99, 0.05)) is None
    assert descent_condition._holds((1.01, 0.05)) is None
    assert descent_condition._holds((1.2, 0.05)) is False
    assert descent_condition._holds(None) is None
    assert descent_condition._holds((math.nan, 0.05)) is None
    assert descent_condition._holds((0.9, math.nan)) is None


def test_opposite_signs_of_the_layers_are_no_way_to_satisfy_it(monkeypatch):
    """(47) has 0 < Q ≤ 2P. With w turned round P is negative, and V_2 and H are what they were."""
    data = halton(60, 2, "sin(x1) + 0.3*sin(2*x2)")
    state = initial_weights(2, 40, 2, 1e-6)
    state[:, 1] = -state[:, 0]
    parts = descent_condition._parts(state, Network(activation("tanh"), data).drift(state))
    assert descent_condition._holds((descent_condition.condition().over(parts), 0.0)) is False
    monkeypatch.setattr(descent_condition, "largest_parts", lambda *_: parts)
    assert paper["eq47.network"].checks[0].run(Context()).verdict is Verdict.REFUTED


def test_a_whole_ratio_is_printed_as_one():
    assert r"Q \le 2\,P" in descent_condition.condition().latex


def test_the_closed_form_is_at_the_level_that_is_asked_for():
    """The state of the witness has the stated P, and its parts are near those of the simulation."""
    across, _, balance = descent_condition._closed_parts(4000, "plane", 0.5)
    assert balance == pytest.approx(1, abs=1e-3)
    start = runs.initial(4000, 0, 2, 1.0)
    assert across == pytest.approx(float((start[:, 2] ** 2).sum()))
