"""The two brackets against sums written out: trees of our own are evaluated by plain loops over rational neurons."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.core.kind import NumberKind

from theory import DataMean, FiniteModel, Neuron, NeuronSum, Sample, TheoryError, neuron_derivative, width
from theory.brackets import lower, nesting_height, rewrite

K, J, I = Neuron("k", 1), Neuron("j", 1), Neuron("i", 1)  # noqa: E741
X = Sample("x", 1)
R, S = sp.symbols("r s", real=True)
LEAVES = {
    "ka": K.a, "kw": K.w[0], "ja": J.a, "jw": J.w[0], "ia": I.a, "iw": I.w[0], "x": X.x[0], "r": R, "s": S,
}  # fmt: skip
NEURONS = [(Fraction(2, 3), Fraction(-1)), (Fraction(-1, 2), Fraction(3, 2)), (Fraction(1), Fraction(1, 4))]
POINTS = [(Fraction(1, 3), Fraction(1, 2)), (Fraction(2, 3), Fraction(-2))]
OUTSIDE = {"x": Fraction(5, 7), "r": Fraction(-3, 4), "s": Fraction(2)}

Tree = tuple[Any, ...]


def tree(leaves: list[str], size: int = 7) -> st.SearchStrategy[Tree]:
    leaf = st.one_of(
        st.sampled_from(leaves).map(lambda name: ("leaf", name)),
        st.sampled_from([-2, 1, 3]).map(lambda n: ("number", n)),
    )

    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        pairs = st.tuples(st.sampled_from(["add", "mul"]), inner, inner)
        single = st.tuples(st.sampled_from(["square", "bent", "sum_j", "sum_i", "mean"]), inner)
        return st.one_of(pairs, single)

    return st.recursive(leaf, grow, max_leaves=size)


def built(t: Tree) -> sp.Expr:
    kind, *parts = t
    if kind == "leaf":
        return LEAVES[parts[0]]
    if kind == "number":
        return sp.Integer(parts[0])
    inner = [built(p) for p in parts]
    match kind:
        case "add":
            return inner[0] + inner[1]
        case "mul":
            return inner[0] * inner[1]
        case "square":
            return inner[0] ** 2
        case "bent":
            return 1 / (1 + inner[0] ** 2)
        case "sum_j":
            return NeuronSum(inner[0], J)
        case "sum_i":
            return NeuronSum(inner[0], I)
    return DataMean(inner[0], X)


def value(t: Tree, env: dict[str, Any], neurons: list[Any] = NEURONS) -> Any:
    """The same by loops; exact for fractions, and symbolic where the neurons are symbols."""
    kind, *parts = t
    if kind == "leaf":
        return env[parts[0]]
    if kind == "number":
        return parts[0]
    if kind in ("sum_j", "sum_i"):
        label = kind[-1]
        return sum(value(parts[0], env | {label + "a": a, label + "w": w}, neurons) for a, w in neurons)
    if kind == "mean":
        number = sp.Rational if isinstance(env["r"], sp.Basic) else Fraction
        return sum(
            number(p.numerator, p.denominator)
            * value(parts[0], env | {"x": number(x.numerator, x.denominator)}, neurons)
            for p, x in POINTS
        )
    inner = [value(p, env, neurons) for p in parts]
    match kind:
        case "add":
            return inner[0] + inner[1]
        case "mul":
            return inner[0] * inner[1]
        case "square":
            return inner[0] * inner[0]
    one = Fraction(1) if isinstance(inner[0], (int, Fraction)) else sp.S.One
    return one / (1 + inner[0] * inner[0])


def rational(number: Fraction | int) -> sp.Rational:
    return sp.Rational(Fraction(number).numerator, Fraction(number).denominator)


def model(neurons: list[tuple[Fraction, Fraction]]) -> FiniteModel:
    return FiniteModel(
        tuple((rational(a), rational(w)) for a, w in neurons),
        tuple((rational(p), (rational(x),), sp.S.Zero) for p, x in POINTS),
        (sp.S.Zero, sp.S.One),
    )


MODEL = model(NEURONS)
VALUES = {LEAVES[name]: rational(number) for name, number in OUTSIDE.items()}
# A free coordinate of any neuron takes the value of the model's first neuron.
ENV = OUTSIDE | {f"{label}{slot}": NEURONS[0]["aw".index(slot)] for label in "kji" for slot in "aw"}
ALL = list(LEAVES)


def interpreted(expr: sp.Expr) -> sp.Rational:
    return MODEL.interpret(expr, VALUES)


@given(tree(ALL))
def test_a_bracket_expression_has_the_value_of_its_sums(t: Tree) -> None:
    assert interpreted(built(t)) == rational(value(t, ENV))


@given(tree(ALL, 5), tree(ALL, 4), st.sampled_from(["subs", "xreplace", "rewrite"]))
def test_substitution_never_captures(outer: Tree, inner: Tree, how: str) -> None:
    expr, put = built(outer), built(inner)
    if how == "subs":
        changed = expr.subs(R, put)
    elif how == "xreplace":
        changed = expr.xreplace({R: put})
    else:
        # `rewrite` opens every bracket, so that what is put in must not be bound by accident either.
        changed = rewrite(expr, lambda node: put if node == R else None)
    assert interpreted(changed) == rational(value(outer, ENV | {"r": value(inner, ENV)}))


@given(tree(ALL, 5), tree(ALL, 4))
def test_rebuilding_from_arguments_is_right_or_refused(outer: Tree, inner: Tree) -> None:
    """SymPy's own traversal (`replace`) changes bodies without opening them."""
    expr, put = built(outer), built(inner)
    try:
        changed = expr.replace(lambda node: node == R, lambda node: put)
    except TheoryError:
        return
    assert interpreted(changed) == rational(value(outer, ENV | {"r": value(inner, ENV)}))


@given(tree(ALL))
def test_func_of_args_copies_and_pickles_are_the_same_object(t: Tree) -> None:
    expr = built(t)
    for node in sp.preorder_traversal(expr):
        if isinstance(node, (NeuronSum, DataMean)):
            assert node.func(*node.args) == node
    if expr.args:
        assert expr.func(*expr.args) == expr
    again = pickle.loads(pickle.dumps(expr))
    assert again == expr
    assert hash(again) == hash(expr)
    assert copy.deepcopy(expr) == expr


@given(tree(ALL, 6))
def test_names_of_bound_neurons_do_not_matter(t: Tree) -> None:
    def swapped(node: Tree) -> Tree:
        kind, *parts = node
        if kind == "leaf":
            return (kind, {"ja": "ia", "jw": "iw", "ia": "ja", "iw": "jw"}.get(parts[0], parts[0]))
        names = {"sum_j": "sum_i", "sum_i": "sum_j"}
        return (names.get(kind, kind), *(swapped(p) if isinstance(p, tuple) else p for p in parts))

    expr = NeuronSum(NeuronSum(built(t), I), J)
    assert NeuronSum(NeuronSum(built(swapped(t)), J), I) == expr


@given(tree(ALL, 5), tree(ALL, 5), st.integers(-3, 3))
def test_both_brackets_are_linear_and_pull_constants_out(p: Tree, q: Tree, n: int) -> None:
    left, right = built(p), built(q)
    for functional, over in ((NeuronSum, J), (DataMean, X)):
        both = functional(n * S * left + right, over)
        assert sp.expand(both - n * S * functional(left, over) - functional(right, over)) == 0


def numbered(symbols: list[tuple[sp.Symbol, sp.Symbol]]) -> dict[sp.Symbol, sp.Rational]:
    entries = [v for row in NEURONS for v in row]
    flat = [s for pair in symbols for s in pair]
    return {s: rational(v) for s, v in zip(flat, entries, strict=False)}


@settings(max_examples=60)
@given(tree(["ka", "kw", "ja", "jw", "ia", "iw", "r"], 7), st.sampled_from(["a", "w"]), st.integers(1, 3))
def test_neuron_derivative_is_that_of_the_sums_written_out(t: Tree, slot: str, size: int) -> None:
    symbols = [sp.symbols(f"a{n} w{n}", real=True) for n in range(size)]
    numbers = {
        s: rational(v)
        for pair, row in zip(symbols, NEURONS, strict=False)
        for s, v in zip(pair, row, strict=True)
    }
    # Neuron k is the first one; the free neurons j and i are others, which do not move with it.
    free = {f"{label}{c}": rational(NEURONS[0]["aw".index(c)]) for label in "ji" for c in "aw"}
    env = {n: rational(v) for n, v in OUTSIDE.items()} | free | {"ka": symbols[0][0], "kw": symbols[0][1]}
    written_out = sp.sympify(value(t, env, symbols))
    expected = written_out.diff(symbols[0]["aw".index(slot)]).subs(numbers)
    derived = neuron_derivative(built(t), K.a if slot == "a" else K.w[0], K)
    assert sp.nsimplify(model(NEURONS[:size]).interpret(derived, VALUES) - expected) == 0


@settings(max_examples=25)
@given(tree(["ka", "kw", "ja", "jw", "ia", "iw", "r"], 5), st.sampled_from(["aa", "aw", "ww", "wa"]))
def test_second_derivatives_have_their_diagonal(t: Tree, slots: str) -> None:
    symbols = [sp.symbols(f"a{n} w{n}", real=True) for n in range(2)]
    numbers = {
        s: rational(v)
        for pair, row in zip(symbols, NEURONS, strict=False)
        for s, v in zip(pair, row, strict=True)
    }
    free = {f"{label}{c}": rational(NEURONS[0]["aw".index(c)]) for label in "ji" for c in "aw"}
    env = {n: rational(v) for n, v in OUTSIDE.items()} | free | {"ka": symbols[0][0], "kw": symbols[0][1]}
    expected, derived = sp.sympify(value(t, env, symbols)), built(t)
    for slot in slots:
        expected = expected.diff(symbols[0]["aw".index(slot)])
        derived = neuron_derivative(derived, K.a if slot == "a" else K.w[0], K)
    assert sp.nsimplify(model(NEURONS[:2]).interpret(derived, VALUES) - expected.subs(numbers)) == 0


def test_of_one() -> None:
    assert NeuronSum(1, J) == width
    assert DataMean(1, X) == 1
    assert NeuronSum(0, J) == 0
    assert NeuronSum(R * S, J) == width * R * S


def test_sums_and_powers_distribute() -> None:
    a = NeuronSum(J.a, J)
    assert NeuronSum((J.a + R) ** 2, J) == NeuronSum(J.a**2, J) + 2 * R * a + width * R**2
    assert NeuronSum(J.a * NeuronSum(I.w[0], I), J) == a * NeuronSum(J.w[0], J)


def test_second_derivative_of_a_product_of_sums() -> None:
    """∂²/∂a_k∂w_k of (Σ a w)² = 2 a_k w_k + 2 Σ a w."""
    p = NeuronSum(J.a * J.w[0], J)
    twice = neuron_derivative(neuron_derivative(p**2, K.a, K), K.w[0], K)
    assert sp.expand(twice - 2 * K.a * K.w[0] - 2 * p) == 0


def test_a_vanishing_variable_does_not_make_the_inner_bracket_bind_the_outer_one() -> None:
    f = sp.Function("f", real=True)
    nested = NeuronSum(sp.sin(K.a) * NeuronSum(f(J.a, K.w[0]), J), K)
    second_only = nested.replace(f, lambda first, second: second)
    assert second_only == width * NeuronSum(K.w[0] * sp.sin(K.a), K)


def test_simplify_and_sympys_kinds_work_on_brackets() -> None:
    p = NeuronSum(J.a * J.w[0], J)
    one = sp.cos(J.a) ** 2 + sp.sin(J.a) ** 2
    nested = NeuronSum(sp.sin(K.a) * NeuronSum(sp.exp(K.w[0] * one), J), K)
    assert sp.simplify(nested) == width * NeuronSum(sp.sin(K.a) * sp.exp(K.w[0]), K)
    assert (p * K.a).kind == NumberKind
    assert sp.simplify(p * R / p) == R


def test_plain_derivative_by_a_neuron_coordinate_refuses() -> None:
    p = NeuronSum(J.a * J.w[0], J)
    for expr in (p, p * K.a, K.a**2):
        with pytest.raises(ValueError, match="derivative"):
            sp.diff(expr, K.a)
    assert DataMean(sp.exp(R * X.x[0]), X).diff(R) == DataMean(X.x[0] * sp.exp(R * X.x[0]), X)


def test_bound_coordinates_are_not_free() -> None:
    p = NeuronSum(J.a * J.w[0] * K.a, J)
    assert p.free_symbols == {K.a}
    inner = next(iter(p.atoms(NeuronSum)))
    assert inner.subs(inner.bound_coordinates[0], R) == inner
    assert nesting_height(NeuronSum(J.a * sp.exp(J.w[0] * inner), J)) == 2


def test_lowering_leaves_no_bracket() -> None:
    p, q = NeuronSum(J.a, J), NeuronSum(J.w[0] * sp.exp(NeuronSum(I.a, I) * J.a), J)
    expr, table = lower(p * q + p)
    assert not expr.has(NeuronSum)
    assert set(table.values()) == {p, q}
    assert sp.expand(expr.xreplace(table) - p * q - p) == 0


@pytest.mark.parametrize(
    "body",
    [sp.Symbol("A", commutative=False) * J.a, sp.I * J.a, sp.exp(sp.I * J.a), sp.Matrix([J.a]), J.a > 0],
    ids=["operator", "imaginary", "oscillating", "matrix", "relation"],
)
def test_bodies_that_are_no_real_expressions_are_refused(body: Any) -> None:
    with pytest.raises(TheoryError, match="real expression"):
        NeuronSum(body, J)


def test_wrong_binders_are_refused() -> None:
    with pytest.raises(TheoryError, match="binds a Neuron"):
        NeuronSum(X.x[0], X)
    with pytest.raises(TheoryError, match="binds a Sample"):
        DataMean(J.a, J)
    wide = Neuron("j", 2)
    product = NeuronSum(wide.a * wide.w[1], wide)
    with pytest.raises(TheoryError, match="no coordinate w2"):
        neuron_derivative(product, K.a, K)


def test_expansion_is_done_on_closing() -> None:
    nested = NeuronSum((J.a + J.w[0]) * (J.a - J.w[0]), J)
    assert nested == NeuronSum(J.a**2, J) - NeuronSum(J.w[0] ** 2, J)


def test_a_power_of_a_bracket_is_printed_with_parentheses() -> None:
    total, mean = NeuronSum(K.a * K.w[0], K), DataMean(X.x[0] * sp.Symbol("y"), X)
    assert sp.latex(total**2) == r"\left(\sum_{j} a_{j} w_{j}^{(1)}\right)^{2}"
    assert sp.latex(3 * DataMean(sp.tanh(X.x[0]), X) ** 2).startswith(r"3 \left(\int")
    assert r"\rho^" not in sp.latex(mean**3)
    assert sp.latex(1 - total) == r"1 - \sum_{j} a_{j} w_{j}^{(1)}"
    # As text for people it stays as short as it was.
    assert str(total**2) == f"{total}**2"
