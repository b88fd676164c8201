"""What the check of identities says of true, false and doubtful ones."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from theory import DataMean, Neuron, NeuronSum, Sample, Target, TheoryError, width
from verify.checks import symbolic
from verify.checks.symbolic import decide
from verify.context import Context
from verify.evidence import Verdict

J, K = Neuron("j", 1), Neuron("k", 1)
X1 = Sample("x", 1)
x, y, z = sp.symbols("x y z")
t = sp.Symbol("t", real=True)
p = sp.Symbol("p", positive=True)
f = sp.Function("f")

TRUE = [
    (sp.cosh(t) ** 2, 1 + sp.sinh(t) ** 2),
    (NeuronSum((J.a + 3) ** 2, J), NeuronSum(J.a**2, J) + 6 * NeuronSum(J.a, J) + 9 * width),
    (NeuronSum(J.a + 1, J), width + NeuronSum(K.a, K)),
    ((f(x) + 1) ** 2, f(x) ** 2 + 2 * f(x) + 1),
    (sp.sqrt(p) * sp.sqrt(2 * p), sp.sqrt(2) * p),
    (sp.exp(2 * x), sp.exp(x) ** 2),
]  # fmt: skip
FALSE = [
    (sp.sqrt(x) * sp.sqrt(y), sp.sqrt(x * y)),
    (sp.sqrt(t**2), t),
    (NeuronSum(J.a, J) ** 2, NeuronSum(J.a**2, J)),
    (DataMean(Target(X1.x[0]) * X1.x[0], X1), sp.Integer(2)),
    (NeuronSum(1, J), sp.Integer(1)),
    (f(x), f(y)),
    (f(x) ** 2, f(x)),
    (sp.exp(x), 1 + x),
    (x + y, x - y),
    (sp.Symbol("n", integer=True) * (-1) ** sp.Symbol("n", integer=True), sp.Symbol("n", integer=True)),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_true_identities_are_proved(left: sp.Expr, right: sp.Expr) -> None:
    evidence = decide(left, right)
    assert evidence.verdict is Verdict.PROVED
    assert evidence.data["evaluations"] == 3


@pytest.mark.parametrize(("left", "right"), FALSE)
def test_false_identities_are_refuted_at_an_exact_point(left: sp.Expr, right: sp.Expr) -> None:
    evidence = decide(left, right)
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.data["point"]


n_negative = sp.Symbol("n", integer=True, negative=True)
even = sp.Symbol("k", even=True)
c3 = sp.Symbol("c3", positive=True)
nothing = sp.sinh(t) - (sp.exp(t) - sp.exp(-t)) / 2


@pytest.mark.parametrize(
    ("left", "right"),
    [
        # True for what the symbols are assumed to be, and not decided by the canonical form.
        (sp.log(p**2 + 2 * p + 1), 2 * sp.log(p + 1)),
        (sp.log(c3**2 + 2 * c3 + 1), 2 * sp.log(c3 + 1)),
        (sp.sqrt(n_negative**2 - 2 * n_negative + 1), 1 - n_negative),
        (sp.sqrt(p**2 + 2 * p + 1), p + 1),
        (sp.cos(sp.pi * even), sp.Integer(1)),
        (sp.sin(t) ** 2 + sp.cos(t) ** 2, sp.Integer(1)),
        (sp.Symbol("q", zero=True) + sp.exp(sp.Symbol("q", zero=True)), sp.Integer(1)),
        # Nothing is known of these.
        (sp.gamma(t + 1), t * sp.gamma(t)),
    ],
)  # fmt: skip
def test_true_identities_are_never_refuted(left: sp.Expr, right: sp.Expr) -> None:
    assert decide(left, right).verdict in (Verdict.PROVED, Verdict.UNDECIDED)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1 / nothing, 2 / nothing),
        ((t**2 - 1) / nothing, (t - 1) * (t + 1) / nothing),
        (p / (1 + 1 / nothing), sp.S.Zero),
        (sp.nan, sp.nan),
        (sp.zoo * t, sp.zoo * t),
    ],
)
def test_sides_without_a_value_are_never_proved(left: sp.Expr, right: sp.Expr) -> None:
    try:
        verdict = decide(left, right).verdict
    except TheoryError:
        return
    assert verdict is Verdict.UNDECIDED


def test_an_identity_with_no_point_in_its_domain_is_not_proved() -> None:
    """log(−1 − t²) has no real value: what is true wherever it is defined is true nowhere here."""
    hidden = sp.log(-1 - t**2)
    evidence = decide((hidden + 1) ** 2, hidden**2 + 2 * hidden + 1)
    assert evidence.verdict is Verdict.UNDECIDED
    assert "no point" in evidence.detail


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="2 and 1 components"):
        decide([x, y], [x])
    with pytest.raises(ValueError, match="different components"):
        decide({"a": x}, {"b": x})
    with pytest.raises(ValueError, match="not in the same form"):
        decide({"a": x}, x)
    with pytest.raises(ValueError, match="not in the same form"):
        decide([x], x)


def test_one_false_component_is_named() -> None:
    evidence = decide({"first": x, "second": x}, {"first": x, "second": x + 1})
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.data["component"] == "second"


def test_the_hypotheses_matter() -> None:
    second = DataMean(X1.x[0] ** 2, X1)
    assert decide(second * x, second * x, aligned=False).verdict is Verdict.PROVED
    assert decide(second, sp.Integer(1), aligned=False).verdict is Verdict.REFUTED
    assert decide(second, sp.Integer(1), aligned=True).verdict is Verdict.UNDECIDED


def test_sides_are_evaluated_when_the_check_runs() -> None:
    calls = []

    def left() -> sp.Expr:
        calls.append(1)
        return x**2 - y**2

    check = symbolic.identity(left, (x - y) * (x + y))
    assert not calls
    evidence = check.run(Context("quick", 0, lambda _: None))
    assert evidence.verdict is Verdict.PROVED
    assert calls == [1]


def test_contradicting_routes_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong bracket rule makes the canonical form wrong; the sums written out say so."""
    monkeypatch.setattr(NeuronSum, "of_one", classmethod(lambda cls: width + 1))
    wrong = NeuronSum(J.a + 1, J)
    assert decide(wrong - NeuronSum(J.a, J), width).verdict is Verdict.REFUTED
    assert (
        decide(wrong, NeuronSum(J.a, J) + width + 1).verdict is Verdict.PROVED
    )  # both sides share the wrong rule


@given(st.integers(0, 5), st.lists(st.integers(-3, 3), min_size=3, max_size=6))
def test_polynomials_are_decided(seed: int, numbers: list[int]) -> None:
    left = sp.Add(*(c * x**i * y ** (i % 3) for i, c in enumerate(numbers)))
    shifted = sp.expand(left.subs(x, x + 1)).subs(x, x - 1)
    assert decide(left, shifted, seed=seed).verdict is Verdict.PROVED
    assert decide(left, shifted + sp.Rational(1, 10**9) * x, seed=seed).verdict is Verdict.REFUTED


def test_nothing_to_compare_proves_nothing() -> None:
    for empty in ([], {}, ()):
        with pytest.raises(ValueError, match="nothing to compare"):
            decide(lambda empty=empty: empty, empty)


def test_what_is_defined_nowhere_is_not_proved() -> None:
    """The difference cancels to 0 before anything is looked at."""
    nowhere = 1 / (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1)
    assert decide(x + nowhere, nowhere + x).verdict is Verdict.UNDECIDED
    assert decide(x + 1 / x, 1 / x + x).verdict is Verdict.PROVED
    assert decide(x + sp.log(x), sp.log(x) + x).verdict is Verdict.PROVED


@pytest.mark.parametrize("seed", range(1, 8))
def test_what_is_real_near_0_alone_is_proved_with_every_seed(seed: int) -> None:
    rho = sp.Symbol("rho", positive=True)
    root = sp.sqrt(1 - 20 * rho)
    assert decide(root**3 / rho, root / rho - 20 * root, seed=seed).verdict is Verdict.PROVED
    assert decide(root**3 / rho, root / rho - 19 * root, seed=seed).verdict is not Verdict.PROVED


@pytest.mark.parametrize("side", ["x", [x, "y"], {"a": "x"}])
def test_a_side_that_is_text_is_refused_in_words(side):
    with pytest.raises(TheoryError, match=r"a side of an identity is an expression, .* not '[xy]'"):
        decide(side, [x, y] if isinstance(side, list) else {"a": x} if isinstance(side, dict) else x)


j = Neuron("j", 1)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1e16 * t, (10**16 + 1) * t),
        (sp.Float(1) / 3 * t, t / 3),
        (1e16, 10**16 + 1),
        (NeuronSum(1e16 * j.a, j), NeuronSum((10**16 + 1) * j.a, j)),
    ],
)
def test_rounded_numbers_are_refused_before_they_vanish_in_a_difference(left: object, right: object) -> None:
    with pytest.raises(TheoryError, match="exact constants"):
        decide(left, right)


@pytest.mark.parametrize(
    "zero", [sp.S.Zero, (t + 1) ** 2 - t**2 - 2 * t - 1], ids=["zero", "zero when it is expanded"]
)
def test_zero_to_a_power_that_may_be_zero_is_not_zero(zero: sp.Expr) -> None:
    """At e = −1 it is 0⁰ = 1."""
    whole = sp.Symbol("n", integer=True)
    assert decide(zero ** (whole + 1), 0).verdict is not Verdict.PROVED
    assert decide(zero ** (t + 1), 0).verdict is not Verdict.PROVED
    assert decide(t ** (whole + 1), t * t**whole).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (sp.sin(t) ** 2 + sp.cos(t) ** 2, 1, Verdict.UNDECIDED),
        (sp.tanh(t), sp.sinh(t) / sp.cosh(t), Verdict.PROVED),
        (f(t) / 2 + f(t) / 2, f(t), Verdict.PROVED),
        (t, t + 1, Verdict.REFUTED),
        (f(t), f(t + 1), Verdict.REFUTED),
    ],
)
def test_a_function_has_one_value_at_one_place(one: sp.Expr, other: sp.Expr, verdict: Verdict) -> None:
    assert decide(f(one), f(other)).verdict is verdict


def test_a_function_of_its_own_value_is_consistent() -> None:
    """At a point where f(t) = t the inner and the outer call ask for the same value."""
    assert decide(f(f(t)) * f(t), f(t) * f(f(t))).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "side",
    [
        sp.Mul(nowhere := sp.sin(t) ** 2 + sp.cos(t) ** 2 - 1, 1 / nowhere, evaluate=False),
        sp.Add(1, sp.Mul(0, 1 / nowhere, evaluate=False), evaluate=False),
        sp.exp(sp.Mul(nowhere, 1 / nowhere, evaluate=False) - 1),
    ],
)
def test_what_cancels_when_it_is_built_again_has_to_have_a_value(side: sp.Expr) -> None:
    assert decide(side, 1).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "open_form", [sp.Sum(z, (z, 1, sp.oo)), sp.Integral(t, (t, 0, sp.oo)), sp.Product(z, (z, 1, sp.oo))]
)
def test_sums_and_integrals_that_are_not_evaluated_decide_nothing(open_form: sp.Expr) -> None:
    found = decide(open_form + x, x + open_form)
    assert (found.verdict, "evaluate it first" in found.detail) == (Verdict.UNDECIDED, True)
