"""The paper's figures by gradient descent and by the flow: verdicts, negative controls and what the panels hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, fig2, fig3, paper


@pytest.mark.parametrize("id", ["fig1.descent", "fig2.m", "fig2.alpha", "fig3"])
def test_a_figure_has_support_and_its_false_versions_are_caught(id):
    claim = paper[id]
    found = claim.checks[0].run(Context())
    assert found.verdict is Verdict.SUPPORTED
    for panel in found.data["figure"]:
        assert panel["series"]
        assert all(len(s["x"]) == len(s["y"]) for s in panel["series"])
        assert all(len(s["x"]) <= 300 for s in panel["series"])
    mutants = claim.mutants()
    assert len(mutants) >= 3
    for mutant in mutants:
        assert mutant.witness(), mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description


@pytest.mark.parametrize("id", ["fig1", pytest.param("fig1.plane", marks=pytest.mark.deep)])
def test_the_three_stages_have_rates_of_their_own(id):
    """A plateau that falls three times as fast, or a third as fast, is rejected on its rate and on nothing else."""
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    caught = {}
    for mutant in claim.mutants():
        assert mutant.witness(), mutant.description
        found = mutant.run(Context())
        assert found.verdict is Verdict.REFUTED, mutant.description
        caught[mutant.name] = [row[0] for row in found.data["table"]["rows"] if row[-1] == "no"]
    for plateau in ("initial", "secondary"):
        for word in ("tripled", "a-third"):
            assert caught[f"{plateau}-{word}"] == [f"decay rate, {plateau} plateau over descent"]


def test_how_much_later_descent_arrives():
    """η(P_n − P) from the recursion of gradient descent on Q = P itself, at a step a hundred times smaller."""
    m, alpha, small = 1000.0, 1.0, float(chosen.learning_rate) / 100
    start = 0.5 * m ** (1 - 2 * alpha)
    P, steps, before = start, 0, start
    while P < 0.9:
        before, P, steps = P, P * (1 + small * (1 - P)) ** 2, steps + 1
    discrete = small * (steps - (P - 0.9) / (P - before))
    exact = 0.5 * (math.log(0.9 / 0.1) - math.log(start / (1 - start)))
    assert 100 * (discrete - exact) == pytest.approx(fig2.behind(m, alpha), rel=0.02)


def test_the_norms_part_at_the_stated_rate_in_the_slow_flow():
    """dA = ΛB − κB³, dB = ΛA − 3κAB² written out here, for a few neurons with ⟨ξ²⟩ = 1."""
    xi = np.array([0.3, 0.7, 1.1, 1.6])
    xi /= np.sqrt(np.mean(xi**2))
    kappa, tau = 0.04, 0.05

    def field(_, y):
        A, B = y[:4], y[4:]
        rate = kappa * np.mean(B**4 + 3 * A**2 * B**2) / np.mean(A**2 + B**2)
        return np.concatenate([rate * B - kappa * B**3, rate * A - 3 * kappa * A * B**2])

    end = solve_ivp(field, (0, tau), np.concatenate([xi, xi]), rtol=1e-12, atol=1e-14).y[:, -1]
    ratio = np.linalg.norm(end[:4]) / np.linalg.norm(end[4:])
    # κ = −c₃(F₃ − M₄) with c₃ = −1, M₄ = 0; an infinite width leaves the slow flow alone.
    k4, k6 = float(np.mean(xi**4)), float(np.mean(xi**6))
    stated = float(fig3.PART(tau, 1e12, k4, k6, -1.0, kappa, 0.0))
    second = 10 * (k6 - k4**2) * (kappa * tau) ** 2
    assert second > 100 * abs(ratio - 1 - stated)
