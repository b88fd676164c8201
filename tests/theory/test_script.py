"""What `derive --as sympy` and `--as python` print builds the same objects and computes the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import theory
from theory import equations
from theory.activation import coefficient
from theory.codegen import script
from theory.gradient_descent import ParticleMap
from theory.iteration import IterationMap
from theory.particles import ParticleSystem
from theory.vectorfield import VectorField


def entries(derived: Any) -> list[tuple[str, Any]]:
    if isinstance(derived, ParticleSystem):
        return [(str(i), drift) for i, drift in enumerate(derived.drift)]
    if isinstance(derived, VectorField):
        return [(str(i), component) for i, component in enumerate(derived.components)]
    if isinstance(derived, (ParticleMap, IterationMap)):
        return [(str(i), image) for i, image in enumerate(derived.images)]
    return list(derived)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("name", list(equations.EQUATIONS))
def test_a_script_builds_the_same_expressions(name: str, dim: int) -> None:
    order = 3 if equations.find(name).any_order else 1
    named = entries(equations.derive(name, dim, theory.tanh_like(order)))
    scope: dict[str, Any] = {}
    exec(script(named, dim), scope)
    assert scope["equations"] == dict(named)


def test_an_order_without_a_use_is_refused() -> None:
    with pytest.raises(theory.TheoryError, match="first-order"):
        equations.derive("eq16", 1, theory.tanh_like(3))


def test_coefficients_of_an_activation_are_put_in() -> None:
    tanh = theory.taylor_of(theory.named_activation("tanh"), 3)
    generic = equations.derive("truncated", 1, theory.tanh_like(3))
    special = equations.derive("truncated", 1, tanh)
    assert isinstance(generic, ParticleSystem)
    assert isinstance(special, ParticleSystem)
    assert generic.substitute({coefficient(3): tanh.coefficients[3]}).drift == special.drift
    assert np.isclose(float(tanh.coefficients[3]), -1 / 3)
