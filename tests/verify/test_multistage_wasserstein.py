"""Claims on the Wasserstein distance and on the linearised dynamics' norm: verdicts and negative controls."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import paper, wasserstein
from verify.papers.multistage.wasserstein import Case


@pytest.mark.parametrize("id", ["eq13", "eq14"])
def test_searches_support_and_kill_their_controls(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name
        assert mutant.witness(), mutant.name


@pytest.mark.parametrize("id", ["eq13.swap", "eq14.amplitude", "eq33"])
def test_inequalities_are_proved_and_their_controls_killed(id):
    claim = paper[id]
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    shown_false = [mutant for mutant in claim.mutants() if mutant.witness()]
    assert len(shown_false) >= 5
    for mutant in shown_false:
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name


def test_what_is_stated_has_no_witness_against_it():
    assert wasserstein.distance_witness(wasserstein.by_sorting, Fraction(1)) is None
    assert wasserstein.bound_witness(Fraction(1), False) is None


def test_pairings_by_hand():
    case = Case(((Fraction(0), Fraction(3)), (Fraction(2), Fraction(1)), (Fraction(5), Fraction(-1))))
    assert wasserstein.by_sorting(case) == wasserstein.by_pairings(case) == Fraction(1 + 1 + 4, 3)
    assert wasserstein.by_neurons(case) == Fraction(9 + 1 + 36, 3)


@settings(max_examples=50)
@given(wasserstein.cases())
def test_the_natural_coupling_costs_what_p_and_q_say(case):
    """(1/m) Σ (a − w)² = 2(Q − P)/m."""
    a, w = (np.array([float(n[i]) for n in case.neurons]) for i in (0, 1))
    P, Q = a @ w, (a @ a + w @ w) / 2
    assert float(wasserstein.by_neurons(case)) == pytest.approx(2 * (Q - P) / len(a), abs=1e-9)
