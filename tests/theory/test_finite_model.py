"""Random exact models satisfy what they promise."""

from __future__ import annotations

import pytest
import sympy as sp

from theory import Neuron, Remainder, Sample, Sigma, Target, TheoryError, random_model, width


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_aligned_models_satisfy_assumptions_1_and_2(dim: int, seed: int) -> None:
    points = random_model(seed, dim).points
    assert sum(w for w, _, _ in points) == 1
    assert all(w > 0 for w, _, _ in points)
    weight_of = {x: w for w, x, _ in points}
    assert all(weight_of[tuple(-e for e in x)] == w for x, w in weight_of.items())
    for i in range(dim):
        assert sum(w * f * x[i] for w, x, f in points) == (1 if i == 0 else 0)
        for j in range(dim):
            assert sum(w * x[i] * x[j] for w, x, _ in points) == (1 if i == j else 0)


def test_free_models_are_no_special_case() -> None:
    points = random_model(0, 2, aligned=False).points
    assert sum(w for w, _, _ in points) == 1
    assert sum(w * x[0] * x[1] for w, x, _ in points) != 0
    assert sum(w * f * x[1] for w, x, f in points) != 0


@pytest.mark.parametrize("seed", range(30))
def test_the_target_has_one_value_at_each_point(seed: int) -> None:
    for aligned in (True, False):
        places = [x for _, x, _ in random_model(seed, 1, aligned=aligned).points]
        assert len(set(places)) == len(places)


def test_symbols_of_the_model() -> None:
    model = random_model(1, 2)
    assert model.symbol_value(width) == len(model.neurons)
    assert model.symbol_value(sp.Symbol("c1", real=True)) == 1
    assert model.symbol_value(sp.Symbol("c99", real=True)) == 0
    assert model.symbol_value(sp.Symbol("M2_0", real=True)) == 1
    assert model.symbol_value(sp.Symbol("M2", real=True)) is None
    assert model.symbol_value(sp.Symbol("z1", real=True)) == 1
    assert model.symbol_value(sp.Symbol("c²", real=True)) is None
    for name in ("c", "r", "P", "zeta", "M1_x", "c1_2"):
        assert model.symbol_value(sp.Symbol(name, real=True)) is None


def test_sigma_is_polynomial_plus_remainder() -> None:
    model = random_model(1, 1)
    u = sp.Rational(2, 3)
    whole = sum(c * u**n for n, c in enumerate(model.taylor))
    assert model.interpret(Sigma(0, u)) == whole
    assert model.interpret(Remainder(1, 0, u)) == whole - u
    assert model.interpret(Remainder(3, 1, u)) == sum(
        n * c * u ** (n - 1) for n, c in enumerate(model.taylor) if n > 3
    )


def test_what_has_no_value_is_refused() -> None:
    model = random_model(1, 1)
    with pytest.raises(TheoryError, match="no value"):
        model.interpret(sp.Symbol("r"))
    with pytest.raises(TheoryError, match="no value"):
        model.interpret(Target(sp.Integer(77)))
    with pytest.raises(TheoryError, match="no value"):
        model.interpret(Sample("x", 1).x[0])
    assert model.interpret(Neuron("k", 1).a) == model.neurons[0][0]
