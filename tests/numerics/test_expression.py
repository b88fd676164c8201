"""Formulas against mpmath and Python's exact fractions."""

from __future__ import annotations

import operator
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics import InputError, parse
from numerics.expression import FUNCTIONS

MP = {"abs": abs, "arctan": mpmath.atan} | {
    name: getattr(mpmath, name) for name in FUNCTIONS if name != "abs"
}

numbers = st.one_of(
    st.integers(0, 50).map(str),
    st.tuples(st.integers(0, 99), st.integers(0, 9999)).map(lambda p: f"{p[0]}.{p[1]}"),
    st.tuples(st.integers(1, 99), st.integers(-8, 8)).map(lambda p: f"{p[0]}e{p[1]}"),
)


def rational_texts():
    """Pairs of a formula in x and its exact value as a function of a Fraction, grown together."""
    leaves = st.one_of(
        numbers.map(lambda t: (t, lambda _, t=t: Fraction(t))),
        st.just(("x", lambda x: x)),
        st.just(("(x)", lambda x: x)),
    )

    def grow(children):
        def binary(op):
            return {
                "+": lambda a, b: lambda x: a(x) + b(x),
                "-": lambda a, b: lambda x: a(x) - b(x),
                "*": lambda a, b: lambda x: a(x) * b(x),
                "/": lambda a, b: lambda x: a(x) / b(x),
            }[op]

        pairs = st.tuples(st.sampled_from("+-*/"), children, children).map(
            lambda p: (f"({p[1][0]}) {p[0]} ({p[2][0]})", binary(p[0])(p[1][1], p[2][1]))
        )
        powers = st.tuples(children, st.integers(-3, 4)).map(
            lambda p: (f"({p[0][0]})**({p[1]})", lambda x, p=p: p[0][1](x) ** p[1])
        )
        negated = children.map(lambda p: (f"-({p[0]})", lambda x, p=p: -p[1](x)))
        return st.one_of(pairs, powers, negated)

    return st.recursive(leaves, grow, max_leaves=6)


def exact(tree, x: Fraction) -> Fraction:
    """The exact value of a rational tree."""
    kind, *rest = tree
    if kind == "num":
        return rest[0]
    if kind == "var":
        return x
    if kind == "neg":
        return -exact(rest[0], x)
    left, right = (exact(child, x) for child in rest)
    if kind == "pow":
        assert right.denominator == 1
        return left ** int(right)
    return (
        {"add": left + right, "sub": left - right, "mul": left * right}[kind]
        if kind != "div"
        else left / right
    )


@given(pair=rational_texts(), x=st.fractions(-3, 3, max_denominator=20))
@settings(max_examples=300, deadline=None)
def test_rational_formulas_are_read_exactly(pair, x):
    text, meaning = pair
    try:
        expected = meaning(x)
    except ZeroDivisionError:
        assume(False)
    assume(len(text) < 2000)
    assert exact(parse(text, ["x"]).tree, x) == expected


@given(
    st.lists(st.tuples(st.sampled_from(["+", "-", "*", "/", "**"]), st.integers(1, 3)), max_size=6),
    st.integers(1, 5),
    st.sampled_from(["", "-", "+", "--", "-+-"]),
)
@settings(max_examples=300, deadline=None)
def test_precedence_is_that_of_exact_arithmetic(tail, head, sign):
    """Without parentheses: powers from the right, then signs, then products, then sums from the left."""
    assume([op for op, _ in tail].count("**") <= 2)
    text = f"{sign}{head}" + "".join(f"{op}{n}" for op, n in tail)
    factors = [[head]]
    for op, n in tail:
        if op == "**":
            factors[-1].append(n)
        else:
            factors.append([n])
    values = [Fraction(tower(factor)) for factor in factors]
    values[0] *= (-1) ** sign.count("-")
    terms = values[:1]
    for op, value in zip([op for op, _ in tail if op != "**"], values[1:], strict=True):
        if op in "*/":
            terms[-1] = terms[-1] * value if op == "*" else terms[-1] / value
        else:
            terms.append(value if op == "+" else -value)
    assert exact(parse(text, ["x"]).tree, Fraction(0)) == sum(terms)


def tower(numbers):
    result = 1
    for n in reversed(numbers):
        result = n**result
    return result


def function_texts():
    leaves = st.one_of(numbers, st.sampled_from(["x", "y", "pi"]))

    def grow(children):
        call = st.tuples(st.sampled_from([*FUNCTIONS, "arctan"]), children).map(lambda p: f"{p[0]}({p[1]})")
        pair = st.tuples(children, st.sampled_from("+-*/"), children).map(lambda p: f"({p[0]}{p[1]}{p[2]})")
        power = st.tuples(children, st.sampled_from(["2", "3", "(-1)", "0.5", "(1/3)", "y", "pi"])).map(
            lambda p: f"({p[0]})**{p[1]}"
        )
        return st.one_of(call, pair, power)

    return st.recursive(leaves, grow, max_leaves=5)


def with_mpmath(tree, values, smallest=1e-100):
    kind, *rest = tree
    if kind == "num":
        return mpmath.mpf(rest[0].numerator) / rest[0].denominator
    if kind == "const":
        return +mpmath.pi
    if kind == "var":
        return values[rest[0]]
    children = [with_mpmath(child, values, smallest) for child in rest[1 if kind == "call" else 0 :]]
    return applied(kind, rest[0], children, smallest)


def applied(kind, function, children, smallest=1e-100):
    """One operation on real numbers; ValueError where mpmath would go on with complex ones, or with numbers
    beyond the range of doubles."""
    if kind == "call":
        value = MP[function](*children)
    else:
        value = {
            "neg": operator.neg,
            "add": operator.add,
            "sub": operator.sub,
            "mul": operator.mul,
            "div": operator.truediv,
            "pow": mpmath.power,
        }[kind](*children)
    if not isinstance(value, mpmath.mpf) or (value != 0 and not smallest < abs(value) < 1e100):
        raise ValueError("not a double")
    return value


@given(text=function_texts(), x=st.floats(0.1, 2.0), y=st.floats(0.1, 2.0))
@settings(max_examples=400, deadline=None)
def test_values_agree_with_mpmath(text, x, y):
    """Compared where the formula is well conditioned: where arithmetic of 15 digits agrees with 60."""
    formula = parse(text, ["x", "y"])
    values = {"x": mpmath.mpf(x), "y": mpmath.mpf(y)}
    try:
        with mpmath.workdps(60):
            precise = with_mpmath(formula.tree, values)
        with mpmath.workdps(15):
            coarse = with_mpmath(formula.tree, values)
    except (ZeroDivisionError, ValueError, OverflowError):
        assume(False)
    assume(mpmath.isfinite(precise) and 1e-100 < abs(precise) < 1e100)
    assume(abs(coarse - precise) < 1e-13 * abs(precise))
    found = formula.evaluate({"x": np.array(x), "y": np.array(y)})
    assert abs(mpmath.mpf(float(found)) - precise) < 1e-11 * abs(precise)


@given(text=function_texts(), x=st.floats(0.2, 1.5))
@settings(max_examples=200, deadline=None)
def test_jets_agree_with_derivatives_taken_by_mpmath(text, x):
    text = text.replace("y", "x")
    formula = parse(text, ["x"])

    def derivatives(jitter):
        """Value and derivatives, with each operation off by a relative error of about ``jitter``."""

        def function(t):
            return shaken(formula.tree, t, mpmath.mpf(jitter))

        with mpmath.workdps(60):
            return [mpmath.diff(function, mpmath.mpf(x), k) for k in range(4)]

    try:
        expected, moved = derivatives(0), derivatives("1e-15")
    except (ZeroDivisionError, ValueError, OverflowError, TypeError):
        assume(False)
    assume(all(mpmath.isfinite(value) and abs(value) < 1e8 for value in expected))
    found = [float(value) for value in formula.jet(np.array(x), 3)]
    # Where an argument of abs vanishes no derivative exists, and NaN says so.
    assume(all(np.isfinite(found)))
    for value, reference, other in zip(found, expected, moved, strict=True):
        tolerance = 1e-11 * (1 + max(map(abs, expected))) + 1e3 * abs(reference - other)
        assume(tolerance < 1e-3 * (1 + abs(reference)))
        assert abs(value - reference) < tolerance


def shaken(tree, x, jitter):
    """The value with every operation's result off by jitter, times a factor that differs between kinds."""
    kind, *rest = tree
    if kind in ("num", "const"):
        return with_mpmath(tree, {})
    if kind == "var":
        return x
    factor = 1 + jitter * {"add": 1, "sub": -0.7, "mul": 0.6, "div": -0.9, "pow": 0.8, "neg": 0}.get(kind, -1)
    children = [shaken(child, x, jitter) for child in rest[1 if kind == "call" else 0 :]]
    return applied(kind, rest[0], children) * factor


@pytest.mark.parametrize(
    "text",
    [
        "sin(u)",
        "cos(u)",
        "tan(u)",
        "tanh(u)",
        "sinh(u)",
        "cosh(u)",
        "exp(u)",
        "atan(u)",
        "erf(u)",
        "u**5",
        "u/sqrt(1+u**2)",
        "2*atan(tanh(u/2))",
        "log(1+u**2)",
        "(1+u)**(1/3)",
        "2**u",
        "(1+u)**(-2)",
    ],
)
@pytest.mark.parametrize("point", [0.0, 0.3, -0.7])
def test_jets_to_sixth_order(text, point):
    formula = parse(text, ["u"])
    found = formula.jet(np.array([point]), 6)
    with mpmath.workdps(60):
        for k in range(7):
            reference = mpmath.diff(lambda t: with_mpmath(formula.tree, {"u": t}, 0), mpmath.mpf(point), k)
            assert float(found[k][0]) == pytest.approx(float(reference), rel=1e-11, abs=1e-11)


def test_jets_have_the_shape_of_their_points():
    for text in ("3", "u", "pi*u", "u**2"):
        jets = parse(text, ["u"]).jet(np.zeros((2, 3)), 2)
        assert [jet.shape for jet in jets] == [(2, 3)] * 3
    with pytest.raises(InputError, match="several"):
        parse("x*y", ["x", "y"]).jet(np.zeros(2))


def test_abs_has_no_derivative_at_zero():
    value, slope = parse("abs(u)", ["u"]).jet(np.array([-2.0, 0.0, 3.0]), 1)
    assert value.tolist() == [2.0, 0.0, 3.0]
    assert slope[0] == -1.0
    assert np.isnan(slope[1])
    assert slope[2] == 1.0


def test_trees_are_as_documented():
    assert parse("0.1", ["x"]).tree == ("num", Fraction(1, 10))
    assert parse("1e-3*x", ["x"]).tree == ("mul", ("num", Fraction(1, 1000)), ("var", "x"))
    assert parse("-x**2", ["x"]).tree == ("neg", ("pow", ("var", "x"), ("num", Fraction(2))))
    assert parse("2**-x", ["x"]).tree == ("pow", ("num", Fraction(2)), ("neg", ("var", "x")))
    assert parse(" arctan(pi) ", ["x"]).tree == ("call", "atan", ("const", "pi"))
    assert parse("1-2-3", ["x"]).tree[0:2] == ("sub", ("sub", ("num", Fraction(1)), ("num", Fraction(2))))
    assert parse("x/2", ["x"]).tree == ("div", ("var", "x"), ("num", Fraction(2)))
    assert parse("007.50", ["x"]).tree == ("num", Fraction(15, 2))


def test_values_are_broadcast():
    formula = parse("x1 + 2*x2", ["x1", "x2"])
    assert formula.evaluate({"x1": np.ones((2, 1)), "x2": np.arange(3.0)}).shape == (2, 3)
    constant = parse("3", ["x"]).evaluate({"x": np.zeros(4)})
    assert constant.tolist() == [3.0] * 4
    constant[0] = 1.0  # a fresh array, not a view
    x = np.arange(3.0)
    parse("x", ["x"]).evaluate({"x": x})[0] = 9.0
    assert x[0] == 0.0
    with pytest.raises(InputError, match="No value is given for x2"):
        formula.evaluate({"x1": x})


def test_values_outside_the_domain_are_not_numbers():
    assert np.isnan(parse("log(x)", ["x"]).evaluate({"x": np.array(-1.0)}))
    assert np.isinf(parse("1/x", ["x"]).evaluate({"x": np.array(0.0)}))
    assert np.isnan(parse("x**0.5", ["x"]).evaluate({"x": np.array(-1.0)}))


@pytest.mark.parametrize(
    ("text", "parity"),
    [
        ("x", "odd"),
        ("x**3 - 2*x", "odd"),
        ("sin(x)*cos(x)", "odd"),
        ("x/(1+x**2)", "odd"),
        ("tanh(2*x)", "odd"),
        ("x*abs(x)", "odd"),
        ("-x", "odd"),
        ("x**(-1)", "odd"),
        ("x**(4-1)", "odd"),
        ("x**2", "even"),
        ("exp(-x**2)", "even"),
        ("2", "even"),
        ("(x**2)**0.5", "even"),
        ("x+1", "neither"),
        ("exp(x)", "neither"),
        ("x+x**2", "neither"),
        ("x**x", "neither"),
        ("(x**2)**x", "neither"),
        ("2**x", "neither"),
        ("sqrt(x)", "neither"),
        ("(1+x)**2", "neither"),
    ],
)
def test_parity(text, parity):
    assert parse(text, ["x"]).parity() == parity


@given(text=function_texts(), x=st.floats(0.1, 2.0))
@settings(max_examples=300, deadline=None)
def test_parity_is_true_of_the_values(text, x):
    text = text.replace("y", "x")
    formula = parse(text, ["x"])
    sign = {"odd": -1.0, "even": 1.0}.get(formula.parity())
    assume(sign is not None)
    above, below = (float(formula.evaluate({"x": np.array(point)})) for point in (x, -x))
    assume(np.isfinite(above))
    assert below == pytest.approx(sign * above, rel=1e-12, abs=1e-300)


def test_long_sums_are_fine():
    text = "+".join(f"x**{k}" for k in range(1, 100))
    assert parse(text, ["x"]).evaluate({"x": np.array(1.0)}) == 99.0


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("x^2", r"\*\* for a power"),
        ("\N{MINUS SIGN}x", "- for minus"),
        ("x²", r"\*\*2"),
        ("2·x", r"\* for a product"),
        ("x+0,5", "a point in decimals"),
    ],
)
def test_characters_copied_from_a_text_get_a_hint(text, instead):
    with pytest.raises(InputError, match=f"not allowed in a formula; write {instead}"):
        parse(text, ["x"])
