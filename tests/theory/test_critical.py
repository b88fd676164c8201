"""Critical sets by exact decomposition, and the factor that stops all neurons."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, Neuron, NeuronSum, P, Q, TheoryError, VectorField, critical_sets

x, y, z = sp.symbols("x y z", real=True)
a = sp.Symbol("a", real=True)


def test_the_reduced_system() -> None:
    assert critical_sets(Derivation(1).reduced) == ({P: 1}, {P: 0, Q: 0})


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ((x * (1 - x),), ({x: 0}, {x: 1})),
        ((x * y, x * (y - 1)), ({x: 0},)),
        ((x * (x - y), y * (x + y - 2)), ({x: 0, y: 0}, {x: 0, y: 2}, {x: 1, y: 1})),
        ((x - a, y + a * x), ({x: a, y: -(a**2)},)),
        ((sp.S.Zero, y), ({y: 0},)),
        ((sp.S.Zero, sp.S.Zero), ({},)),
        ((sp.S.One, x), ()),
        ((x**2 * (x - 1) ** 3, y), ({x: 0, y: 0}, {x: 1, y: 0})),
        ((x * y * z, x - y), ({z: 0, x: y}, {x: 0, y: 0})),
    ],
)
def test_all_sets(components: tuple[sp.Expr, ...], expected: tuple[dict[sp.Symbol, sp.Expr], ...]) -> None:
    variables = (x, y, z)[: len(components)] if not any(c.has(z) for c in components) else (x, y, z)
    field = VectorField(variables, (*components, sp.S.Zero)[: len(variables)])
    found = critical_sets(field)
    assert len(found) == len(expected)
    for solution in found:
        assert all(sp.expand(c.subs(solution)) == 0 for c in field.components)
        assert any(
            all(sp.expand((v - e).subs(solution)) == 0 for v, e in other.items())
            and len(other) == len(solution)
            for other in expected
        )


@pytest.mark.parametrize("component", [x**2 + 1, x**2 - 2, x**2 - y**3, a * x - 1, x * y - 1])
def test_a_factor_of_another_kind_is_named(component: sp.Expr) -> None:
    with pytest.raises(TheoryError, match="factor"):
        critical_sets(VectorField((x, y), (component, sp.S.Zero)))


def test_no_polynomial_is_refused() -> None:
    with pytest.raises(TheoryError, match="polynomial"):
        critical_sets(VectorField((x,), (sp.exp(x) - 1,)))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_common_factor_of_the_descent(dim: int) -> None:
    k = Neuron("k", dim)
    assert theory.common_factor(Derivation(dim).leading_order) == 1 - NeuronSum(k.a * k.w[0], k)


def test_no_common_factor() -> None:
    assert theory.common_factor(Derivation(2).linearised) == 1
    k = Neuron("k", 1)
    with pytest.raises(TheoryError, match="every point"):
        theory.common_factor(theory.ParticleSystem(k, (sp.S.Zero, sp.S.Zero)))
