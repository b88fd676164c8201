"""Generated NumPy code against exact evaluation and against direct substitution."""

from __future__ import annotations

import traceback
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

import theory
from theory import (
    Derivation,
    FiniteModel,
    InexactConstant,
    Neuron,
    NeuronSum,
    P,
    ParticleSystem,
    Q,
    TheoryError,
    VectorField,
)
from theory.codegen import expression_source, numpy_drift, numpy_expression, numpy_function, particle_source

x, y = sp.symbols("x y", positive=True)


def trees() -> st.SearchStrategy[sp.Expr]:
    numbers = st.fractions(min_value=Fraction(1, 9), max_value=5, max_denominator=20)
    leaf = st.one_of(st.sampled_from([x, y]), numbers.map(lambda f: sp.Rational(f.numerator, f.denominator)))

    def grow(inner: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
        powers = st.sampled_from([2, 3, -1, -2, sp.Rational(1, 2), sp.Rational(-3, 2), sp.Rational(1, 3)])
        return st.one_of(
            st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
            st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
            st.tuples(inner, powers).map(lambda p: p[0] ** p[1]),
            inner.map(lambda e: sp.exp(-e)),
            inner.map(lambda e: sp.tanh(e)),
        )

    return st.recursive(leaf, grow, max_leaves=8)


@given(
    st.lists(trees(), min_size=1, max_size=3),
    st.fractions(Fraction(1, 5), 3),
    st.fractions(Fraction(1, 5), 3),
)
def test_values_agree_with_thirty_digits(expressions: list[sp.Expr], p: Fraction, q: Fraction) -> None:
    at = {x: sp.Rational(p.numerator, p.denominator), y: sp.Rational(q.numerator, q.denominator)}
    values = numpy_expression(expressions, [x, y])(float(p), float(q))
    exact = [float(sp.N(e.subs(at), 30)) for e in expressions]
    assume(all(1e-200 < e < 1e200 for e in exact))
    np.testing.assert_allclose(values, exact, rtol=1e-11)


def test_arrays_and_constants() -> None:
    values = numpy_expression([x**2 / 3, sp.Integer(2), sp.pi], [x])(np.array([1.0, 2.0]))
    np.testing.assert_allclose(values[0], [1 / 3, 4 / 3])
    assert values[1:] == (2, np.pi)
    assert numpy_expression([], [x])(1.0) == ()


@pytest.mark.parametrize(
    "expr", [sp.I * x, sp.floor(x), sp.Max(x, 1), sp.EulerGamma * x, sp.Function("f")(x), sp.oo * x, sp.erf(x), x > 1]
)  # fmt: skip
def test_what_numpy_has_not_is_refused(expr: sp.Expr) -> None:
    with pytest.raises(TheoryError, match="NumPy"):
        expression_source([expr], [x])


@pytest.mark.parametrize(
    "name", ["lambda", "exp", "sum", "a b", "numpy", "x@k", "None", "__import__", "values", "p):\n    raise"]
)
def test_names_that_code_cannot_use_are_refused(name: str) -> None:
    with pytest.raises(TheoryError, match="rename"):
        numpy_expression([sp.Symbol(name) ** 2], [sp.Symbol(name)])


def test_two_symbols_of_one_name_are_refused() -> None:
    other = sp.Symbol("x", real=True)
    with pytest.raises(TheoryError, match="assumptions"):
        numpy_expression([x - other], [x, other])
    with pytest.raises(TheoryError, match="assumptions"):
        numpy_function(VectorField((P,), (sp.Symbol("r", real=True) * sp.Symbol("r") * P,)))


def test_floats_sums_and_unknown_symbols_are_refused() -> None:
    k = Neuron("k", 1)
    with pytest.raises(InexactConstant, match="Rational"):
        expression_source([sp.Float("0.1") * x], [x])
    with pytest.raises(TheoryError, match="particle_source"):
        expression_source([NeuronSum(k.a, k)], [])
    with pytest.raises(TheoryError, match="value of y"):
        expression_source([x * y], [x])


def test_names_of_subexpressions_do_not_collide() -> None:
    symbol = sp.Symbol("cse0")
    inner = sp.exp(symbol + 1)
    (value,) = numpy_expression([inner + inner**2 + symbol], [symbol])(0.5)
    assert value == pytest.approx(np.exp(1.5) + np.exp(3.0) + 0.5)


def test_a_traceback_shows_the_generated_source() -> None:
    function = numpy_expression([1 / (x - 7)], [x], "reciprocal_of_something")
    try:
        function("text")
    except TypeError:
        shown = traceback.format_exc()
    assert "reciprocal_of_something" in shown
    assert "return (" in shown


FIELDS = {
    "reduced": Derivation(1).reduced,
    "logistic": Derivation(1).logistic,
    "constant component": VectorField((x, y), (sp.Symbol("r", real=True), sp.Integer(2))),
    "parameters": VectorField((P, Q), (sp.Symbol("r", real=True) * Q / 3, P**2 - sp.Symbol("s", real=True))),
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS.keys())
def test_fields_agree_with_substitution(field: VectorField) -> None:
    numbers = [sp.Rational(3, 7), sp.Rational(5, 4)][: len(field.variables)]
    parameters = [sp.Rational(2, 3), sp.Rational(1, 8)][: len(field.parameters)]
    at = dict(zip((*field.variables, *field.parameters), (*numbers, *parameters), strict=True))
    exact = [float(c.subs(at)) for c in field.components]
    function = numpy_function(field)
    np.testing.assert_allclose(
        function(0.0, list(map(float, numbers)), *map(float, parameters)), exact, rtol=1e-14
    )
    grid = np.array([[float(v)] * 3 for v in numbers])
    result = function(0.0, grid, *map(float, parameters))
    np.testing.assert_allclose(result, np.array([[e] * 3 for e in exact]), rtol=1e-14)


def test_the_closed_form_runs() -> None:
    solution = Derivation(1).descent
    expressions = [solution.P, solution.Q, solution.t, solution.descent_time(sp.Rational(1, 10))]
    values = numpy_expression(expressions, [solution.v, solution.A, solution.B])(2.0, 0.02, 0.01)
    at = {solution.v: 2, solution.A: sp.Rational(1, 50), solution.B: sp.Rational(1, 100)}
    np.testing.assert_allclose(values, [float(sp.N(e.subs(at), 30)) for e in expressions], rtol=1e-11)


def exact_drift(
    system: ParticleSystem, model: FiniteModel, values: dict[sp.Symbol, sp.Expr]
) -> list[list[float]]:
    rows = []
    for index, neuron in enumerate(model.neurons):
        others = (*model.neurons[:index], *model.neurons[index + 1 :])
        turned = FiniteModel((neuron, *others), model.points, model.taylor)
        rows.append([float(turned.interpret(d, values)) for d in system.drift])
    return rows


SYSTEMS = {
    "exact flow": lambda dim: Derivation(dim).flow,
    "(7)": lambda dim: Derivation(dim, data=theory.general(dim)).expanded,
    "(10)": lambda dim: Derivation(dim).expanded,
    "(15)": lambda dim: Derivation(dim).linearised,
    "(16)": lambda dim: Derivation(dim).leading_order,
    "(21)": lambda dim: Derivation(dim).on_plateau,
    "third order": lambda dim: Derivation(dim, theory.tanh_like(3)).expanded,
}


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("which", SYSTEMS)
def test_drifts_of_all_neurons_agree_with_exact_values(which: str, dim: int) -> None:
    system, model = SYSTEMS[which](dim), theory.random_model(8, dim)
    state = np.array([[float(e) for e in n] for n in model.neurons])
    arrays = {
        "x": np.array([[float(e) for e in p] for _, p, _ in model.points]),
        "target": np.array([float(t) for _, _, t in model.points]),
        "rho": np.array([float(w) for w, _, _ in model.points]),
    }

    def sigma(n: int, u: np.ndarray, above: int = -1) -> np.ndarray:
        return (
            sum(
                float(c * sp.ff(j, n)) * u ** (j - n)
                for j, c in enumerate(model.taylor)
                if j >= n and j > above
            )
            + 0 * u
        )

    parameters = {
        str(s): float(model.interpret(s))
        for d in system.drift
        for s in d.free_symbols
        if model.symbol_value(s) is not None and s != theory.width
    }
    drift = numpy_drift(system)(
        state[:, 0],
        state[:, 1:],
        sigma=sigma,
        remainder=lambda order, n, u: sigma(n, u, order),
        **arrays,
        **parameters,
    )
    assert drift.shape == (len(model.neurons), 1 + dim)
    np.testing.assert_allclose(drift, exact_drift(system, model, {}), rtol=1e-9, atol=1e-12)


def test_the_width_is_the_number_of_neurons() -> None:
    k = Neuron("k", 1)
    drift = numpy_drift(ParticleSystem(k, (k.a * theory.width, NeuronSum(k.w[0] + 1, k))))
    np.testing.assert_allclose(drift(np.ones(3), np.ones((3, 1))), [[3.0, 6.0]] * 3)


def test_what_arrays_cannot_hold_is_refused() -> None:
    k, j = Neuron("k", 1), Neuron("j", 1)
    with pytest.raises(TheoryError, match="no coordinate"):
        particle_source(ParticleSystem(k, (j.a, k.a)))
    with pytest.raises(TheoryError, match="rename"):
        particle_source(ParticleSystem(k, (sp.Symbol("rho") * k.a, k.a)))
    with pytest.raises(TheoryError, match="couples two neurons"):
        particle_source(ParticleSystem(k, (NeuronSum(sp.exp(j.a * k.a), j), k.a)))
