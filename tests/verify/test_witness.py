"""Witnesses are found for false statements and never for true ones; their worlds satisfy the hypotheses."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from theory import DataMean, Neuron, NeuronSum, Remainder, Sample, Sigma, Target, general, width
from verify.witness import _World, identity_witness

J = Neuron("j", 1)
X1, X2 = Sample("x", 1), Sample("x", 2)
t, x, y = sp.symbols("t x y", real=True)
p, q = sp.Symbol("p", positive=True), sp.Symbol("q", negative=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (NeuronSum(J.a, J) ** 2, NeuronSum(J.a**2, J)),
        (NeuronSum(1, J), width + 1),
        (DataMean(X1.x[0] ** 4, X1), sp.Integer(1)),
        (DataMean(Target(*X2.x) * X2.x[0], X2), sp.Integer(2)),
        (Sigma(0, x), x),
        (Sigma(0, x), x + Remainder(1, 0, x) + x**3),
        (Sigma(1, x), 2 + Remainder(1, 1, x)),
        (sp.exp(x + y), sp.exp(x) + sp.exp(y)),
        (sp.sqrt(p), p),
        ({"a": x, "b": y}, {"a": x, "b": y + sp.Rational(1, 10**20)}),
        (lambda: [x], lambda: [x + 1]),
    ],
)
def test_false_statements_have_a_witness(left: object, right: object) -> None:
    witness = identity_witness(left, right)
    assert witness is not None
    assert "differ by" in witness


c3 = sp.Symbol("c3", positive=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (NeuronSum((J.a + J.w[0]) ** 2, J), NeuronSum(J.a**2 + 2 * J.a * J.w[0] + J.w[0] ** 2, J)),
        (DataMean(X2.x[0] * X2.x[1], X2), sp.S.Zero),
        (DataMean(X2.x[0] ** 2, X2), sp.S.One),
        (DataMean(Target(*X2.x) * X2.x[0], X2), sp.S.One),
        (Sigma(0, x), x + Remainder(1, 0, x)),
        (Sigma(1, x), 1 + Remainder(1, 1, x)),
        (sp.sqrt(x**2), sp.Abs(x)),
        (sp.sqrt(x**2 + 2 * x * p + p**2) ** 2, (x + p) ** 2),
        (sp.sqrt(p**2 + 2 * p + 1), p + 1),
        (sp.sqrt(q**2 - 2 * q + 1), 1 - q),
        (sp.sqrt(c3**2 + 2 * c3 + 1), c3 + 1),
        (sp.log(sp.exp(x)), x),
        (sp.sinh(2 * x), 2 * sp.sinh(x) * sp.cosh(x)),
        (sp.Symbol("x") - sp.Symbol("x", real=True), sp.Symbol("x") - x),
        (sp.Function("f")(x), sp.Function("f")(x)),
    ],
)
def test_true_statements_have_none(left: object, right: object) -> None:
    assert identity_witness(left, right) is None


def test_symbols_of_one_name_are_two_unknowns() -> None:
    assert identity_witness(sp.Symbol("s"), sp.Symbol("s", real=True)) is not None


@given(st.integers(0, 10**6), st.integers(1, 3))
def test_aligned_worlds_satisfy_the_assumptions(seed: int, dim: int) -> None:
    world = _World(random.Random(seed), dim, True)
    assert sum(w for w, _, _ in world.points) == 1
    for i in range(dim):
        assert sum(w * v * x[i] for w, x, v in world.points) == (1 if i == 0 else 0)
        for j in range(dim):
            assert sum(w * x[i] * x[j] for w, x, _ in world.points) == (1 if i == j else 0)
    laws = {(tuple(x), w) for w, x, _ in world.points}
    assert {(tuple(-e for e in x), w) for x, w in laws} == laws


@pytest.mark.parametrize("dim", [1, 2])
def test_moments_by_name_are_those_of_the_points(dim: int) -> None:
    model = general(dim, symmetric=False)
    s = Sample("x", dim)
    for body in (
        s.x[0] ** 4,
        s.x[0] ** 2 * s.x[-1] ** 2,
        Target(*s.x) * s.x[-1] ** 3,
        Target(*s.x) * s.x[-1],
        s.x[0],
    ):
        mean = DataMean(body, s)
        assert identity_witness(model.apply(mean), mean, aligned=False) is None
        assert identity_witness(model.apply(mean) + sp.Rational(1, 10**9), mean, aligned=False) is not None


def test_precision_is_given_back() -> None:
    from flint import ctx

    before = ctx.prec
    with pytest.raises(ValueError, match="components"):
        identity_witness([x], [x, y])
    assert identity_witness(x, y) is not None
    assert ctx.prec == before


def test_values_satisfy_the_assumptions_of_their_symbols() -> None:
    world = _World(random.Random(1), 1, True)
    for _ in range(20):
        assert world._drawn(p) > 0
        assert world._drawn(q) < 0
        assert world._drawn(sp.Symbol("n", integer=True, negative=True)) in {
            Fraction(-i) for i in range(1, 10)
        }
        assert world._drawn(sp.Symbol("e", even=True)) % 2 == 0
    assert world._drawn(sp.Symbol("o", zero=True)) == 0
