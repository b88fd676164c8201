"""The moment hierarchy against plain calculus on finite networks, closures against generating functions."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, NeuronSum, tanh_like
from theory.closure import apply_closure, drop_above, first_of, gaussian, table
from theory.finite_model import FiniteModel, random_model
from theory.hierarchy import moment_body, moment_hierarchy, moment_symbol, moments_up_to, powers_of


def moment_value(model: FiniteModel, powers: tuple[int, ...]) -> sp.Expr:
    return sp.Add(*(sp.Mul(*(c**p for c, p in zip(n, powers, strict=True))) for n in model.neurons))


def brute_force_rate(model: FiniteModel, powers: tuple[int, ...]) -> sp.Expr:
    """d/dt of a moment: the risk of the finite network written out, differentiated and put at the weights."""
    names = [sp.symbols(f"u{k}_0:{model.dim + 1}", real=True) for k in range(len(model.neurons))]
    risk = sp.S.Zero
    for weight, x, y in model.points:
        inner = [sp.Add(*(w * xi for w, xi in zip(n[1:], x, strict=True))) for n in names]
        output = sp.Add(
            *(
                n[0] * sum(c * u**p for p, c in enumerate(model.taylor))
                for n, u in zip(names, inner, strict=True)
            )
        )
        risk += weight * (output - y) ** 2 / 2
    values = {s: v for n, at in zip(names, model.neurons, strict=True) for s, v in zip(n, at, strict=True)}
    total = sp.S.Zero
    for n in names:
        body = sp.Mul(*(c**p for c, p in zip(n, powers, strict=True)))
        for c in n:
            if body.diff(c) != 0:
                total -= (body.diff(c) * risk.diff(c)).xreplace(values)
    return total


@pytest.mark.parametrize(("dim", "degree", "seed"), [(1, 4, 1), (1, 3, 2), (2, 2, 3)])
def test_equations_hold_in_finite_networks(dim: int, degree: int, seed: int) -> None:
    model = random_model(seed, dim, width_of_model=2, degree=3)
    hierarchy = moment_hierarchy(Derivation(dim, tanh_like(3)).truncated, degree)
    assert set(hierarchy.equations) == set(moments_up_to(dim, degree))
    needed = (*hierarchy.equations, *hierarchy.leftovers)
    values = {moment_symbol(p): moment_value(model, p) for p in needed}
    for powers, rate in hierarchy.equations.items():
        assert model.interpret(rate, values) == brute_force_rate(model, powers)


def test_leftovers_are_what_the_equations_need_above_the_degree() -> None:
    hierarchy = moment_hierarchy(Derivation(1, tanh_like(3)).truncated, 2, start=[(1, 1)])
    # d(mu1_1)/dt = … c₃ Σ (w⁴ + 3a²w²) …: by hand from section 6.2
    assert hierarchy.leftovers == ((2, 2), (1, 3), (0, 4))
    with pytest.raises(theory.NotClosed) as caught:
        hierarchy.close()
    assert caught.value.equation == "mu2_0"
    assert caught.value.leftovers == ("Sum[a_j*w1_j**3]",)


def test_odd_activation_separates_even_degrees() -> None:
    truncated = Derivation(1, tanh_like(5, odd=True)).truncated
    even = moment_hierarchy(truncated, 4, start=[(1, 1)])
    assert {sum(p) for p in even.equations} == {2, 4}
    with_even_powers = moment_hierarchy(Derivation(1, tanh_like(4)).truncated, 5, start=[(1, 1)])
    assert {sum(p) for p in with_even_powers.equations} >= {2, 4, 5}


def test_leading_order_closes_without_a_closure() -> None:
    closed = moment_hierarchy(Derivation(1).leading_order, 2, start=[(1, 1)]).close()
    a2, p, w2 = (moment_symbol(q) for q in ((2, 0), (1, 1), (0, 2)))
    assert closed.variables == (a2, p, w2)
    assert sp.expand(closed[p] - (1 - p) * (a2 + w2)) == 0
    assert sp.expand(closed[a2] - closed[w2]) == 0


@pytest.mark.parametrize("powers", [(3, 0), (2, 1), (4, 0), (1, 3), (2, 2), (3, 3), (2, 4)])
@pytest.mark.parametrize("centred", [True, False])
def test_gaussian_closure_against_the_generating_function(powers: tuple[int, int], centred: bool) -> None:
    k = theory.Neuron("k", 1)
    s, t = sp.symbols("s t")
    mean = [sp.S.Zero, sp.S.Zero] if centred else [sp.Rational(1, 3), sp.Rational(-2, 5)]
    cov = [[sp.Rational(3, 2), sp.Rational(1, 7)], [sp.Rational(1, 7), sp.Rational(2, 3)]]
    exponent = mean[0] * s + mean[1] * t + (cov[0][0] * s**2 + 2 * cov[0][1] * s * t + cov[1][1] * t**2) / 2
    expected = sp.exp(exponent).diff(s, powers[0], t, powers[1]).subs({s: 0, t: 0})

    def second(i: int, j: int) -> sp.Expr:
        return cov[i][j] + mean[i] * mean[j]

    m = theory.width
    sums = {
        NeuronSum(k.a, k): m * mean[0],
        NeuronSum(k.w[0], k): m * mean[1],
        NeuronSum(k.a**2, k): m * second(0, 0),
        NeuronSum(k.a * k.w[0], k): m * second(0, 1),
        NeuronSum(k.w[0] ** 2, k): m * second(1, 1),
    }
    closed = gaussian(centred=centred)(NeuronSum(moment_body(powers, k), k))
    assert closed is not None
    assert sp.expand(apply_closure(closed, table(sums)) / m) == expected


def test_gaussian_closure_at_infinite_width_is_the_mean_field_of_gaussian_neurons() -> None:
    """With ⟨·⟩ = Σ/m fixed the closed fourth moment of a² is 3, as for a normal variable."""
    k = theory.Neuron("k", 1)
    fourth = gaussian()(NeuronSum(k.a**4, k))
    assert fourth is not None
    assert sp.expand(fourth - 3 * NeuronSum(k.a**2, k) ** 2 / theory.width) == 0


def test_drop_above_gives_the_leading_order_of_the_descent() -> None:
    closed = moment_hierarchy(Derivation(1, tanh_like(3)).truncated, 2, start=[(1, 1)]).close(drop_above(2))
    exact = moment_hierarchy(Derivation(1).leading_order, 2, start=[(1, 1)]).close()
    assert closed.components == exact.components


def test_a_closure_of_ones_own() -> None:
    def cubed(bracket: theory.NeuronSum) -> sp.Expr | None:
        return sp.S.Zero if powers_of(bracket, 1) == (1, 3) else None

    closure = first_of(cubed, gaussian())
    hierarchy = moment_hierarchy(Derivation(1, tanh_like(3)).truncated, 2, start=[(1, 1)])
    p = moment_symbol((1, 1))
    assert hierarchy.close(closure)[moment_symbol((2, 0))] == 2 * p - 2 * p**2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: moment_hierarchy(Derivation(1).flow, 2), "polynomial"),
        (lambda: moment_hierarchy(Derivation(1).truncated, 0), "positive integer"),
        (lambda: moment_hierarchy(Derivation(1).truncated, 2, start=[(3, 0)]), "between 1 and 2"),
        (lambda: moment_body((1, 1), theory.Neuron("k", 2)), "3 exponents"),
        (lambda: table({theory.width: sp.S.One}), "single sums"),
    ],
)
def test_bad_input_is_refused(call: object, message: str) -> None:
    with pytest.raises(theory.TheoryError, match=message):
        call()  # type: ignore[operator]
