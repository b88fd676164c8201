"""The zero test may say nothing, but must never call something zero that is not."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory import DataMean, InexactConstant, Neuron, NeuronSum, Sample, TheoryError, decide_zero

x, y, n = sp.Symbol("x", real=True), sp.Symbol("y", positive=True), sp.Symbol("n", integer=True)
z, w = sp.symbols("z w")  # complex
J, K = Neuron("j", 1), Neuron("k", 1)
half, third = sp.Rational(1, 2), sp.Rational(1, 3)

TRUE = {
    "hyperbolic": sp.cosh(x) ** 2 - sp.sinh(x) ** 2 - 1,
    "double angle": sp.sinh(2 * x) - 2 * sp.sinh(x) * sp.cosh(x),
    "tanh": sp.tanh(2 * x) - 2 * sp.tanh(x) / (1 + sp.tanh(x) ** 2),
    "exponents": sp.exp(x / 2) ** 2 - sp.exp(x),
    "exponent and constant": sp.exp(half + z) - sp.sqrt(sp.E) * sp.exp(z),
    "symbolic powers": y ** (x + 1) * y ** (1 - x) - y**2,
    "powers of a power": (z**w) ** 2 - z ** (2 * w),
    "root of a square, real": sp.sqrt(x**2) - sp.Abs(x),
    "root of a product, positive": sp.sqrt(y) * sp.sqrt(3 * y) - sp.sqrt(3) * y,
    "nested radicals": sp.sqrt(1 + sp.sqrt(y)) ** 4 - (1 + sp.sqrt(y)) ** 2,
    "inner radical first": sp.sqrt(z) * sp.sqrt(1 + sp.sqrt(z)) ** 4 - sp.sqrt(z) * (1 + 2 * sp.sqrt(z) + z),
    "rational radicals": sp.sqrt(2) * sp.sqrt(8) - 4,
    "three radicals": (sp.sqrt(2) + sp.sqrt(3)) ** 2 - 5 - 2 * sp.sqrt(6),
    "denominator": 1 / (sp.sqrt(2) - 1) - sp.sqrt(2) - 1,
    "real cube root": (y**3) ** third - y,
    "sign": (-1) ** (2 * n) - 1,
    "imaginary": (1 + sp.I) ** 2 - 2 * sp.I,
    "partial fractions": 1 / (z * (z + 1)) - 1 / z + 1 / (z + 1),
    "bracket": NeuronSum((J.a - J.w[0]) ** 2, J)
    - NeuronSum(J.a**2, J)
    - NeuronSum(J.w[0] ** 2, J)
    + 2 * NeuronSum(J.a * J.w[0], J),
    "bracket in a root": sp.sqrt(1 + NeuronSum(J.a**2, J)) ** 2 - 1 - NeuronSum(K.a**2, K),
}  # fmt: skip

FALSE = {
    "branch of a product": sp.sqrt(z) * sp.sqrt(w) - sp.sqrt(z * w),
    "branch of a quotient": sp.sqrt(z / w) - sp.sqrt(z) / sp.sqrt(w),
    "branch of a reciprocal": sp.sqrt(1 / z) - 1 / sp.sqrt(z),
    "branch of a square": sp.sqrt(z**2) - z,
    "real square": sp.sqrt(x**2) - x,
    "hidden real square": sp.sqrt(x**2 + 2 * x + 1) - x - 1,
    "branch of a cube": (z**3) ** third - z,
    "real cube": (x**3) ** third - x,
    "power of a power": (z**2) ** w - z ** (2 * w),
    "power of a product": (z * w) ** third - z**third * w**third,
    "logarithm of a product": sp.log(z * w) - sp.log(z) - sp.log(w),
    "logarithm of an exponential": sp.log(sp.exp(z)) - z,
    "principal cube root": (-8) ** third + 2,
    "principal root of minus one": sp.cbrt(-1) + 1,
    "imaginary unit": sp.sqrt(-1) * sp.sqrt(-1) - 1,
    "half angle with a sign": sp.sqrt((sp.cosh(x) - 1) / 2) - sp.sinh(x / 2),
    "root of an exponential": sp.sqrt(sp.exp(2 * z)) - sp.exp(z),
    "same name, other assumption": sp.Symbol("x") - sp.Symbol("x", real=True),
    "same name under a root": sp.sqrt(sp.Symbol("x") ** 2) - sp.Symbol("x", positive=True),
    "close radicals": sp.sqrt(5) + sp.sqrt(11) - sp.sqrt(2) - sp.sqrt(17),
    "close number": sp.exp(sp.pi * sp.sqrt(163)) - 262537412640768744,
    "brackets of different functions": NeuronSum(J.a**2, J) - NeuronSum(J.a, J) ** 2,
    "the mean is no sum": NeuronSum(J.a, J) - J.a,
    "even and odd": (-1) ** n - 1,
}  # fmt: skip


@pytest.mark.parametrize("expr", TRUE.values(), ids=TRUE.keys())
def test_identities_are_proved(expr: sp.Expr) -> None:
    decision = decide_zero(expr)
    assert decision.is_zero is True
    assert decision.residual == 0


@pytest.mark.parametrize("expr", FALSE.values(), ids=FALSE.keys())
def test_what_is_not_zero_is_not_called_zero(expr: sp.Expr) -> None:
    decision = decide_zero(expr)
    assert decision.is_zero is None
    assert decision.residual != 0


def test_class_is_stated() -> None:
    assert "exponentials" in decide_zero(sp.exp(x) - y).stated_class
    assert "radicals" in decide_zero(sp.sqrt(z) - 1).stated_class
    assert "brackets" in decide_zero(NeuronSum(J.a, J) - 1).stated_class


A, B = sp.symbols("A B", commutative=False)
M, N = sp.MatrixSymbol("M", 2, 2), sp.MatrixSymbol("N", 2, 2)
NOTHING = sp.sinh(x) - (sp.exp(x) - sp.exp(-x)) / 2  # zero, but SymPy does not see it


@pytest.mark.parametrize(
    "expr",
    [
        A * B - B * A,
        sp.Function("f")(A) * sp.Function("f")(B) - sp.Function("f")(B) * sp.Function("f")(A),
        sp.Function("f", commutative=False)(x) * A - A * sp.Function("f", commutative=False)(x),
        M * N - N * M,
        sp.AccumBounds(-1, 1) * x,
        sp.Order(x) * y,
    ],
    ids=["symbols", "functions of operators", "operators", "matrices", "interval", "order"],
)  # fmt: skip
def test_what_does_not_commute_or_is_no_value_is_refused(expr: sp.Expr) -> None:
    with pytest.raises(TheoryError):
        decide_zero(expr)


@pytest.mark.parametrize(
    "expr",
    [
        sp.nan,
        sp.zoo * x,
        sp.oo - y,
        y / (1 + 1 / NOTHING),
        sp.exp(x) / (1 + 1 / NOTHING) ** 2,
        (x**2 - 1) / NOTHING - (x - 1) * (x + 1) / NOTHING,
        1 / NOTHING,
    ],
)
def test_expressions_without_a_value_are_refused(expr: sp.Expr) -> None:
    with pytest.raises(TheoryError):
        decide_zero(expr)


def test_a_float_is_refused() -> None:
    with pytest.raises(InexactConstant, match="Rational"):
        decide_zero(sp.Float("0.1") * x)
    with pytest.raises(InexactConstant):
        decide_zero(NeuronSum(sp.exp(sp.Float("0.5") * J.a), J))


def expressions(depth: int = 6) -> st.SearchStrategy[sp.Expr]:
    leaf = st.sampled_from([x, y, z, w, n, sp.Integer(2), sp.Integer(-1), half, sp.Integer(3), -third])

    def grow(inner: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
        exponents = st.sampled_from([half, third, -half, sp.Rational(3, 2), sp.Integer(2), sp.Integer(-1)])
        one = st.sampled_from([sp.exp, sp.sqrt, sp.cosh, sp.sinh, sp.tanh, sp.log, sp.Abs])
        return st.one_of(
            st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
            st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
            st.tuples(inner, exponents).map(lambda pair: pair[0] ** pair[1]),
            st.tuples(st.sampled_from([x, y, z]), inner).map(lambda pair: pair[0] ** pair[1]),
            st.tuples(one, inner).map(lambda pair: pair[0](pair[1])),
        )

    return st.recursive(leaf, grow, max_leaves=depth)


POWERS = [
    half,
    third,
    -half,
    sp.Rational(3, 2),
    sp.Rational(2, 3),
    sp.Integer(2),
    sp.Integer(-1),
    x,
    z,
    n,
    2 * n,
]
PLAUSIBLE = {
    "power of a product": lambda p, q, b, c: (p * q) ** c - p**c * q**c,
    "power of a quotient": lambda p, q, b, c: (p / q) ** c - p**c / q**c,
    "power of a power": lambda p, q, b, c: (p**b) ** c - p ** (b * c),
    "power of an exponential": lambda p, q, b, c: sp.exp(p + q) ** c - sp.exp(c * p) * sp.exp(c * q),
    "product of powers": lambda p, q, b, c: p**b * p**c - p ** (b + c),
    "power of a square": lambda p, q, b, c: (p**2 + 2 * p * q + q**2) ** c - (p + q) ** (2 * c),
    "root of a perfect square": lambda p, q, b, c: sp.sqrt(p**2 - 2 * p * q + q**2) - (p - q),
    "hyperbolic": lambda p, q, b, c: sp.cosh(p + q) - sp.cosh(p) * sp.cosh(q) - sp.sinh(p) * sp.sinh(q),
    "half angle": lambda p, q, b, c: sp.sqrt((sp.cosh(p) - 1) / 2) - sp.sinh(p / 2),
    "logarithm": lambda p, q, b, c: sp.log(p * q) - sp.log(p) - sp.log(q),
    "difference of radicals": lambda p, q, b, c: sp.sqrt(p + q) - sp.sqrt(p) - sp.sqrt(q),
    "reciprocal root": lambda p, q, b, c: (1 / p) ** c - p ** (-c),
}


def numbers(expr: sp.Expr) -> list[tuple[mpmath.mpc, mpmath.mpf]]:
    """Values at points that satisfy the assumptions, to 60 digits, each with the size of its largest term."""
    points = (
        {x: "-1.37", y: "0.61", z: mpmath.mpc("-1.2", "0.7"), w: mpmath.mpc("-0.4", "-1.9"), n: "-3"},
        {x: "0.83", y: "2.2", z: mpmath.mpc("-2.1", "-0.3"), w: mpmath.mpc("-1.6", "0.2"), n: "4"},
        {x: "-0.45", y: "1.7", z: "-0.77", w: "-1.31", n: "1"},
    )
    found = []
    for at in points:
        with mpmath.workdps(60):
            arguments = [mpmath.mpmathify(number) for number in at.values()]
            try:
                terms = [
                    mpmath.mpmathify(sp.lambdify(list(at), term, "mpmath")(*arguments))
                    for term in sp.Add.make_args(expr)
                ]
            except (ZeroDivisionError, OverflowError, ValueError):
                continue
            value = mpmath.fsum(terms)
            if mpmath.isfinite(value):
                found.append((value, 1 + max(map(abs, terms))))
    return found


@pytest.mark.parametrize("shape", PLAUSIBLE.values(), ids=PLAUSIBLE.keys())
@given(expressions(3), expressions(3), st.sampled_from(POWERS), st.sampled_from(POWERS))
def test_never_zero_where_the_number_is_not(
    shape: Callable[..., sp.Expr], p: sp.Expr, q: sp.Expr, b: sp.Expr, c: sp.Expr
) -> None:
    """Rules of school that hold for positive numbers, and often fail beyond a branch cut."""
    try:
        difference = shape(p, q, b, c)
        decision = decide_zero(difference)
    except TheoryError:
        return
    if decision.is_zero and difference != 0:
        for value, scale in numbers(difference):
            assert abs(value) < 1e-20 * scale


@settings(max_examples=60)
@given(expressions(5), expressions(4))
def test_true_differences_of_random_expressions_are_not_refuted_by_numbers(p: sp.Expr, q: sp.Expr) -> None:
    """(p + q)² − p² − 2pq − q² is proved for whatever p and q, brackets included."""
    assume(not (p * q).has(sp.nan, sp.zoo, sp.oo))
    with_sum = p + NeuronSum(J.a, J)
    difference = sp.Mul(with_sum + q, with_sum + q, evaluate=False) - with_sum**2 - 2 * with_sum * q - q**2
    assume(not difference.has(sp.nan, sp.zoo, sp.oo))
    assert decide_zero(difference).is_zero is True


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 12)), min_size=1, max_size=5))
def test_relations_between_square_roots_of_integers(terms: list[tuple[int, int]]) -> None:
    """A rational combination of square roots is proved zero exactly when 60 digits say so."""
    expr = sp.Add(*(c * sp.sqrt(k, evaluate=False) for c, k in terms))
    square = sp.Mul(expr, expr, evaluate=False)
    with mpmath.workdps(60):
        number = mpmath.fsum(c * mpmath.sqrt(k) for c, k in terms)
        assert bool(decide_zero(square).is_zero) == (abs(number) < mpmath.mpf(10) ** -50)


def test_mean_in_a_sum() -> None:
    s = Sample("x", 1)
    nested = NeuronSum(DataMean(sp.exp(J.w[0] * s.x[0]) * (J.a + 1), s), J)
    parts = NeuronSum(J.a * DataMean(sp.exp(J.w[0] * s.x[0]), s), J) + NeuronSum(
        DataMean(sp.exp(K.w[0] * s.x[0]), s), J
    )
    assert decide_zero(nested - parts).is_zero is None  # the last sum has a free neuron k in it
    own = NeuronSum(DataMean(sp.exp(J.w[0] * s.x[0]), s), J)
    assert (
        decide_zero(nested - NeuronSum(J.a * DataMean(sp.exp(J.w[0] * s.x[0]), s), J) - own).is_zero is True
    )
