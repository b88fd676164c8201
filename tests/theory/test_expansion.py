"""The expansion below the brackets gives the same objects as the expansion by SymPy, node by node."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, aligned, apply_data, expand_activation, general, tanh_like, taylor_of
from theory.activation import TaylorModel
from theory.data import DataModel
from theory.expansion import expand_flow, truncated_flow
from theory.finite_model import random_model

ERF = theory.named_activation("erf")
THIRD = DataModel(
    2, sp.ImmutableMatrix([[2, sp.Rational(1, 3)], [sp.Rational(1, 3), 1]]), (sp.sqrt(2), sp.S.One)
)


@pytest.mark.parametrize(
    ("dim", "taylor", "data"),
    [
        (1, tanh_like(1), aligned(1)),
        (1, tanh_like(6), general(1, symmetric=False)),
        (1, taylor_of(ERF, 5), aligned(1)),
        (2, tanh_like(3), general(2)),
        (2, tanh_like(2), THIRD),
        (3, tanh_like(3, odd=True), aligned(3)),
    ],
)
def test_same_objects_as_the_slow_route(dim: int, taylor: TaylorModel, data: DataModel) -> None:
    flow = Derivation(dim).flow
    slow = apply_data(expand_activation(flow, taylor), data)
    assert expand_flow(flow, taylor, data).drift == slow.drift
    assert truncated_flow(flow, taylor, data).drift == slow.polynomial_part().drift


def test_terms_stand_in_the_canonical_order() -> None:
    """What is built without SymPy's constructors is what they build, argument by argument."""
    drift = truncated_flow(Derivation(2).flow, tanh_like(4), general(2)).drift
    for component in drift:
        again = sp.Add(*(sp.Mul(*sp.Mul.make_args(term)) for term in component.args))
        assert again.args == component.args
        assert hash(again) == hash(component)


def test_high_order_holds_in_a_finite_network() -> None:
    """σ of degree 5 in two dimensions: the drift is −∂R of the network written out, at exact numbers."""
    model = random_model(3, 2, width_of_model=2, degree=5)
    drift = truncated_flow(Derivation(2).flow, tanh_like(5), aligned(2)).drift
    exact = [model.interpret(component) for component in Derivation(2).flow.drift]
    assert [model.interpret(component) for component in drift] == exact


def test_number_of_terms_does_not_depend_on_the_width() -> None:
    drift = truncated_flow(Derivation(1).flow, tanh_like(9, odd=True), aligned(1)).drift
    assert theory.width not in drift[0].free_symbols
    assert [len(component.args) for component in drift] == [30, 30]


def test_the_target_elsewhere_is_no_moment() -> None:
    """∫ f*(−x) x ρ and ∫ f*(x)² ρ have no name among the moments: they stay."""
    x, k = theory.Sample("x", 1), theory.Neuron("k", 1)
    elsewhere = theory.DataMean(theory.Target(-x.x[0]) * x.x[0], x)
    squared = theory.DataMean(theory.Target(x.x[0]) ** 2, x)
    system = theory.ParticleSystem(k, (elsewhere * k.a, squared * k.w[0]))
    assert expand_flow(system, tanh_like(1), aligned(1)).drift == system.drift


def test_data_of_a_smaller_dimension_are_refused() -> None:
    with pytest.raises(theory.TheoryError, match="x2"):
        expand_flow(Derivation(2).flow, tanh_like(1), aligned(1))
