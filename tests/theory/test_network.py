"""The network and its risk, against values by loops."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from theory import TheoryError, TwoLayerNetwork, random_model


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("aligned", [True, False])
def test_risk_has_the_value_of_its_definition(dim: int, aligned: bool) -> None:
    model = random_model(3, dim, aligned=aligned)

    def plain(number: sp.Rational) -> Fraction:
        return Fraction(int(number.p), int(number.q))

    total = Fraction(0)
    for weight, x, target in model.points:
        output = Fraction(0)
        for a, *w in model.neurons:
            u = sum((plain(wi) * plain(xi) for wi, xi in zip(w, x, strict=True)), Fraction(0))
            output += plain(a) * sum((plain(c) * u**n for n, c in enumerate(model.taylor)), Fraction(0))
        total += plain(weight) * (output - plain(target)) ** 2 / 2
    assert plain(model.interpret(TwoLayerNetwork(dim).risk)) == total


def test_dimension_is_checked() -> None:
    with pytest.raises(TheoryError, match="positive integer"):
        TwoLayerNetwork(0)
