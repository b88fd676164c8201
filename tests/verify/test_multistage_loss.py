"""Claims on the risk and its remainder, (37)–(39): verdicts, negative controls, and networks computed by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

from numerics.activation import activation
from numerics.dataset import equidistant
from numerics.network import Network
from numerics.sampling import initial_weights
from theory.errors import TheoryError
from theory.estimates import D, F, L, q, risk_estimate
from theory.symbols import width as m
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import loss, paper

BOUND = sp.Add(*loss.TERMS)


def test_search_supports_the_bound_and_kills_its_controls():
    claim = paper["eq38.search"]
    assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED
    for mutant in claim.mutants():
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name
        assert mutant.witness(), mutant.name
    assert loss.witness(BOUND) is None


def test_inequality_and_its_controls():
    claim = paper["eq39"]
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    for mutant in claim.mutants():
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.name
        assert mutant.witness(), mutant.name


def test_the_bound_is_reached():
    """One point, equal weights: all three terms of |E| have one sign."""
    case = loss.Case(Fraction(2, 3), ((Fraction(1, 2), Fraction(1, 2)),) * 3, ((Fraction(2), Fraction(-7)),))
    size, limit = loss.sides(case, BOUND)
    assert size == limit


@settings(max_examples=40)
@given(loss.cases())
def test_the_bound_against_plain_floats(case):
    a, w = (np.array([float(n[i]) for n in case.neurons]) for i in (0, 1))
    x, y = (np.array([float(s[i]) for s in case.samples]) for i in (0, 1))
    u = np.outer(x, w)
    full, linear = (u + float(case.c) * u**3) @ a, u @ a
    error = abs(np.mean((full - y) ** 2) / 2 - np.mean((linear - y) ** 2) / 2)
    scale = 1 + np.mean(full**2) + np.mean(y**2)
    assert abs(float(loss.sides(case, sp.S.Zero)[0]) - error) <= 1e-11 * scale


def test_the_full_network_obeys_the_expansion():
    """The hand-written network at m = 500: R − R_0 + P − ½P² is within the bound, and near its cubic term."""
    data, sigma = equidistant(60, "sin(x)"), activation("tanh")
    state = initial_weights(0, 500, 1, 0.08)
    a, w, x = state[:, 0], state[:, 1], data.x[:, 0]
    P, T = float(a @ w), float(a @ w**3)
    start = float(data.weights @ data.y**2) / 2
    E = Network(sigma, data).loss(state) - start + P - P**2 / 2
    values = {
        L: 1,
        D: float(abs(x).max()),
        F: float(data.weights @ abs(data.y)),
        q: float(abs(state).max()),
        m: 500,
    }
    assert abs(E) <= float(BOUND.subs(values))
    F3, M4 = (float(data.weights @ v) for v in (data.y * x**3, x**4))
    cubic = (F3 - M4 * P) * T / 3
    assert abs(E - cubic) <= 0.1 * abs(cubic) + 1e-4


def test_the_estimate_does_not_depend_on_the_dimension_and_grows_with_the_order():
    assert sp.expand(risk_estimate(1) - risk_estimate(3)) == 0
    assert risk_estimate(1, loss.theory.tanh_like(3)).subs({L: 1, D: 1, F: 1, q: 1, m: 1}).free_symbols
    with pytest.raises(TheoryError, match="cannot begin"):
        risk_estimate(1, loss.theory.tanh_like(3), 3)
