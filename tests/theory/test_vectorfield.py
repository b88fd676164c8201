"""Finite systems: shape, Jacobian, Lie derivative, refusals."""

from __future__ import annotations

import pytest
import sympy as sp

from theory import InexactConstant, Neuron, NeuronSum, P, Q, TheoryError, VectorField

r, s = sp.symbols("r s", real=True)
FIELD = VectorField((P, Q), (2 * Q * (1 - P), r * P * (1 - P)))


def test_parameters_jacobian_and_lie_derivative() -> None:
    assert FIELD.parameters == (r,)
    assert FIELD.jacobian.expand() == sp.Matrix([[-2 * Q, 2 - 2 * P], [r - 2 * P * r, 0]])
    assert sp.expand(FIELD.lie_derivative(P * Q) - (2 * Q**2 + r * P**2) * (1 - P)) == 0
    assert FIELD.substitute({r: sp.Integer(2)}).lie_derivative(Q**2 - P**2) == 0


def test_definitions_do_not_count_for_equality() -> None:
    k = Neuron("k", 1)
    assert VectorField((P,), (P,), {P: NeuronSum(k.a, k)}) == VectorField((P,), (P,))


def test_refusals() -> None:
    k = Neuron("k", 1)
    with pytest.raises(TheoryError, match="one component"):
        VectorField((P, Q), (P,))
    with pytest.raises(TheoryError, match="distinct"):
        VectorField((P, P), (P, P))
    with pytest.raises(InexactConstant, match="dP/dt"):
        VectorField((P,), (sp.Float("0.5") * P,))
    with pytest.raises(TheoryError, match="reduce the system"):
        VectorField((P,), (NeuronSum(k.a, k),))
    with pytest.raises(TheoryError, match="variable"):
        FIELD.substitute({P: sp.S.One})
