"""NumPy code with sums over neurons and means over data: its numbers against sums written out, and what it costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

import theory
from theory import DataMean, Neuron, NeuronSum, ParticleSystem, Sample, Sigma, TwoLayerNetwork, gradient_flow
from theory.codegen import formula_source, numpy_drift, numpy_formula, particle_source
from theory.symbols import dot

k, j, x = Neuron("k", 2), Neuron("j", 2), Sample("x", 2)
c = sp.Symbol("c", real=True)


@pytest.fixture
def world() -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    rng = np.random.default_rng(1)
    points = {
        "x": rng.normal(size=(4, 2)),
        "target": rng.normal(size=4),
        "rho": np.array([0.1, 0.2, 0.3, 0.4]),
    }
    return rng.normal(size=3), rng.normal(size=(3, 2)), points


def sigma(order: int, u: Any) -> Any:
    return np.sin(u) if order == 0 else np.cos(u)


def test_sums_with_and_without_the_output_weight(world: Any) -> None:
    a, w, points = world
    inner = w @ points["x"].T
    plain = DataMean(NeuronSum(Sigma(0, dot(j.w, x.x)), j) ** 2 * x.x[1], x)
    weighted = DataMean(NeuronSum(j.a * j.w[0] ** 2 * x.x[0] * Sigma(1, dot(j.w, x.x)), j), x)
    own = k.a * DataMean(Sigma(0, dot(k.w, x.x)) * x.x[0] ** 3, x)
    code = numpy_formula([plain, weighted, own, NeuronSum(j.a**2 / j.w[0] ** 2, j)], k)
    found = code(a, w, x=points["x"], rho=points["rho"], sigma=sigma)
    rho, x1, x2 = points["rho"], points["x"][:, 0], points["x"][:, 1]
    assert found[0] == pytest.approx(np.sum(rho * np.sin(inner).sum(axis=0) ** 2 * x2))
    expected = sum(
        rho[i] * a[n] * w[n, 0] ** 2 * x1[i] * np.cos(inner[n, i]) for n in range(3) for i in range(4)
    )
    assert found[1] == pytest.approx(expected)
    assert found[2] == pytest.approx(a * (np.sin(inner) @ (rho * x1**3)))
    assert found[3] == pytest.approx(np.sum((a / w[:, 0]) ** 2))
    assert np.shape(found[0]) == ()


def test_each_value_of_the_activation_is_computed_once(world: Any) -> None:
    a, w, points = world
    calls: list[int] = []

    def counted(order: int, u: Any) -> Any:
        calls.append(order)
        return sigma(order, u)

    numpy_drift(gradient_flow(TwoLayerNetwork(2)))(a, w, sigma=counted, **points)
    assert sorted(calls) == [0, 1]


def test_a_power_of_an_array_is_a_product() -> None:
    text = particle_source(ParticleSystem(k, (k.a**5, NeuronSum(j.w[0] ** 3 * j.a, j) * k.a, c)))
    assert "**" not in text


def test_components_without_own_weights_have_their_shape(world: Any) -> None:
    a, w, _ = world
    system = ParticleSystem(k, (c, NeuronSum(j.a, j), k.w[1] * theory.width))
    found = numpy_drift(system)(a, w, c=2.0)
    assert np.allclose(found, np.column_stack((np.full(3, 2.0), np.full(3, a.sum()), 3 * w[:, 1])))


def test_names_that_the_code_uses_are_refused() -> None:
    with pytest.raises(theory.TheoryError, match="bracket0"):
        formula_source([NeuronSum(j.a, j) * sp.Symbol("bracket0")], k)
