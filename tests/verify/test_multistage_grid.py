"""Laws over a grid: the witness against closed forms, the rules of a row, and every law with its false versions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp
from scipy.stats import norm

from theory import width
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import paper
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid import GridLaw, draws, grid_check, widths
from verify.papers.multistage.grid_rows import Point, Row
from verify.papers.multistage.grid_runs import CUBIC, Setting, dataset, measured
from verify.papers.multistage.limit_model import limit_values, mean_largest

CONTROLS = ["eq30.unlimited.grid", "eq46.unlimited.grid", "eq61.unlimited.grid", "eq35.close.grid"]

TOGETHER: dict[str, list[str]] = {}
"""Claims by what they share: those that look at the same runs are examined in one test, wherever that is run."""

for _claim in paper:
    if _claim.id.endswith(".grid"):
        TOGETHER.setdefault(_claim.shares or _claim.id, []).append(_claim.id)


@pytest.mark.parametrize("shared", TOGETHER)
def test_a_law_has_support_and_its_false_versions_are_caught(shared):
    for claim in (paper[id] for id in TOGETHER[shared]):
        expected = claim.expected_at("quick")
        assert claim.checks[0].run(Context()).verdict is expected, claim.id
        assert (expected is Verdict.SUPPORTED) == (claim.id not in CONTROLS)
        mutants = claim.mutants()
        assert len(mutants) >= 5 or claim.id in CONTROLS
        for mutant in mutants:
            assert mutant.witness(), (claim.id, mutant.description)
            found = mutant.run(Context())
            assert found.verdict is Verdict.REFUTED or found.not_confirmed, (claim.id, mutant.description)


@pytest.mark.parametrize("name", ["points", "rising", "few", "uniform", "plane", "square", "cloud", "cube"])
def test_data_meet_the_assumptions(name):
    data = dataset(name)
    assert data.is_symmetric
    np.testing.assert_allclose(data.second_moment, np.eye(data.dim), atol=1e-12)
    np.testing.assert_allclose(data.z, np.eye(data.dim)[0], atol=1e-12)


def test_uniform_densities_have_their_moments():
    # ∫ x⁴ over [−√3, √3] is 9/5; mixed moments of the cube are products.
    assert dataset("uniform").M(4) == pytest.approx(9 / 5, rel=1e-12)
    cube = dataset("cube")
    assert float(cube.weights @ cube.x[:, 2] ** 6) == pytest.approx(27 / 7, rel=1e-12)
    assert float(cube.weights @ (cube.x[:, 0] ** 2 * cube.x[:, 1] ** 2)) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("name", CUBIC)
def test_cubic_coefficients_by_differences(name):
    from numerics.activation import activation

    u = np.array([1e-2, 2e-2])
    first, second = (activation(name).value(u) - u) / u**3
    # Richardson: the next term of (σ(u) − u)/u³ is of order u².
    assert (4 * first - second) / 3 == pytest.approx(CUBIC[name], abs=1e-6)


def test_the_limit_model_solves_the_reduced_system():
    m, alpha, gamma = 1e4, 1.0, 0.25
    found = limit_values(m, alpha, gamma, 1, 0.1)
    start = m ** (1 - 2 * alpha)

    def level(_, y):
        return y[0] - 0.9

    path = solve_ivp(
        lambda _, y: [2 * y[1] * (1 - y[0]), 2 * y[0] * (1 - y[0])],
        (0, 9),
        [0.0, start],
        rtol=1e-11,
        atol=1e-14,
        dense_output=True,
        events=level,
    )
    first = gamma * math.log(m)
    assert found["P"] == pytest.approx(path.sol(first)[0], rel=1e-8)
    assert found["Σa²"] == pytest.approx(path.sol(first)[1], rel=1e-8)
    assert found["T_2"] == pytest.approx(path.t_events[0][0], rel=1e-8)


def test_the_mean_of_the_largest_of_few_normals():
    # One: √(2/π). Two: 2/√π. Many: between the quantile of one half and the union bound.
    assert mean_largest(1) == pytest.approx(math.sqrt(2 / math.pi), rel=1e-8)
    assert mean_largest(2) == pytest.approx(2 / math.sqrt(math.pi), rel=1e-8)
    assert norm.isf(0.5 / 1000) < mean_largest(1000) < math.sqrt(2 * math.log(2000))


def _row(*means: float, allowed: float = 0.01, missing: bool = False) -> Row:
    points = [Point(10**i, (mean,), 0.002, allowed, 1.0) for i, mean in enumerate(means, 3)]
    return Row(Setting(1.0, "tanh", "points"), tuple(points), 0.0, (0.0, 0.0), missing)


def test_a_row_decides_only_what_it_can():
    assert _row(1.0, 1.0, 1.005).verdict(0.08) is Verdict.SUPPORTED
    assert _row(1.0, 1.0, 1.015).verdict(0.08) is Verdict.REFUTED
    assert _row(1.0, 1.0, 1.009).verdict(0.08) is Verdict.UNDECIDED
    assert _row(1.0, 1.0).verdict(0.08) is Verdict.UNDECIDED
    assert _row(1.0, 1.0, 1.0, allowed=0.2).verdict(0.08) is Verdict.UNDECIDED
    assert _row(1.0, 1.0, 1.0, missing=True).verdict(0.08) is Verdict.UNDECIDED


def test_a_range_that_is_too_short_is_undecided():
    law = GridLaw("x", "x", "", "", "P", Formula(width**-1, (width,)), 1.5, lambda s, m: 0.5, "0.5")
    stated = Formula(width ** (1 - sp.Rational(3, 2)) / 2, (width,))
    found = grid_check(law, (Setting(1.0, "tanh", "points"),))(stated).run(Context())
    assert found.verdict is Verdict.UNDECIDED
    assert "range is too short" in found.detail


def test_a_quadrature_of_the_draw_measures_what_all_neurons_do(monkeypatch):
    from verify.papers.multistage import grid_runs

    setting = Setting(1.0, "tanh", "points")
    whole = measured(setting, 5000, 3)
    monkeypatch.setattr(grid_runs, "WHOLE", {1: 0, 3: 0})
    few = grid_runs.measured.__wrapped__(setting, 5000, 3)
    for name, value in whole.values.items():
        assert few.values[name] == pytest.approx(value, rel=2e-6), name


def test_no_width_is_judged_by_one_draw_alone():
    # |x̄ − 1| + 2s/√n ≤ 4s holds for all but a share 2Φ(−(4√n − 2)) of draws: 5 % for n = 1, 0.03 % for n = 2.
    for effort in ("quick", "standard", "deep"):
        for dim in (1, 3):
            for m in widths(effort, dim):
                assert len(draws(Context(effort=effort, seed=5), m)) >= 2


def test_scatter_of_the_condensation_from_gaussian_weights():
    m, rng = 200, np.random.default_rng(3)
    a, w = rng.standard_normal((5_000, m)), rng.standard_normal((5_000, m, 3))
    across = np.sum(w[..., 1:] ** 2, axis=(1, 2)) / np.sum((a + w[..., 0]) ** 2, axis=1)
    seen = np.std(across) / np.mean(across) * np.sqrt(m)
    allowed = float(paper["eq41.grid"].hypotheses[-1].split(" and ")[-1].split("$")[0])
    assert allowed == pytest.approx(4 * seen, rel=0.05)
