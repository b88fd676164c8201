"""The spectrum on the critical manifold against the Hessian of explicit networks of two and three neurons."""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Derivation, NeuronSum, P, Q, drift_sum, tanh_like
from theory.critical_manifold import (
    approximate_manifold,
    critical_spectrum,
    field_spectrum,
    particle_jacobian,
    relative_gradient,
)
from theory.finite_model import FiniteModel, random_model

lam = sp.Symbol("lambda")


def plateau(dim: int) -> dict[sp.Expr, sp.Expr]:
    return {drift_sum(Derivation(dim).network.neuron, 1): sp.S.One}


def on_manifold(width: int, dim: int, seed: int) -> FiniteModel:
    """A random network whose first neuron's a is chosen so that P = 1; aligned data, σ(u) = u."""
    model = random_model(seed, dim, width_of_model=width, degree=2)
    rest = sum(n[0] * n[1] for n in model.neurons[1:])
    first = ((1 - rest) / model.neurons[0][1], *model.neurons[0][1:])
    return FiniteModel((first, *model.neurons[1:]), model.points, (sp.S.Zero, sp.S.One))


def explicit_jacobian(model: FiniteModel, condensed_only: bool) -> sp.Matrix:
    """−Hessian of the risk of the linear network, written out. ``condensed_only``: f = Σ a w1 x1, as (16) keeps."""
    names = [sp.symbols(f"u{k}_0:{model.dim + 1}", real=True) for k in range(len(model.neurons))]
    kept = 1 if condensed_only else model.dim
    risk = sp.S.Zero
    for weight, x, y in model.points:
        output = sp.Add(*(n[0] * sum(n[i + 1] * x[i] for i in range(kept)) for n in names))
        risk += weight * (output - y) ** 2 / 2
    flat = [c for n in names for c in n]
    values = dict(zip(flat, (v for n in model.neurons for v in n), strict=True))
    return -sp.hessian(sp.expand(risk), flat).xreplace(values)


@pytest.mark.parametrize(("width", "dim", "seed"), [(2, 1, 1), (3, 1, 2), (2, 2, 3), (3, 2, 4)])
def test_spectrum_of_the_leading_order(width: int, dim: int, seed: int) -> None:
    spectrum = critical_spectrum(Derivation(dim).leading_order, plateau(dim))
    model = on_manifold(width, dim, seed)
    matrix = explicit_jacobian(model, condensed_only=True)
    (mode,) = spectrum.modes
    rate = model.interpret(mode.rate)
    neutral = int(spectrum.neutral.subs(theory.width, width))
    polynomial = sp.Poly(lam**neutral * (lam - rate), lam)
    assert matrix.charpoly(lam).as_expr() == sp.expand(polynomial.as_expr())
    vector = sp.Matrix([e for n in model.neurons for e in _at(mode.direction, model, n)])
    assert matrix * vector == rate * vector
    assert rate == -sum(n[0] ** 2 + n[1] ** 2 for n in model.neurons)


def _at(direction: tuple[sp.Expr, ...], model: FiniteModel, neuron: tuple[sp.Rational, ...]) -> list[sp.Expr]:
    one = FiniteModel((neuron,), model.points, model.taylor)
    return [one.interpret(entry) for entry in direction]


@pytest.mark.parametrize(("width", "seed"), [(2, 5), (3, 6)])
def test_jacobian_of_the_linear_network_in_two_dimensions(width: int, seed: int) -> None:
    """Off the critical set too: blocks and low rank together are the Hessian of the explicit network."""
    dim = 2
    model = on_manifold(width, dim, seed)
    jacobian = particle_jacobian(Derivation(dim).truncated)
    matrix = explicit_jacobian(model, condensed_only=False)
    built = sp.zeros(width * 3, width * 3)
    for i, k in enumerate(model.neurons):
        world = FiniteModel((k, *[n for n in model.neurons if n is not k]), model.points, model.taylor)
        for r, column in enumerate(jacobian.columns):
            for j, other in enumerate(model.neurons):
                row = _at(jacobian.rows[r], model, other)
                for c in range(3):
                    for q in range(3):
                        built[3 * i + c, 3 * j + q] += world.interpret(column[c]) * row[q]
        for c in range(3):
            for q in range(3):
                built[3 * i + c, 3 * i + q] += world.interpret(jacobian.own[c, q])
    assert built == matrix


def test_two_fast_directions_where_both_sums_are_fixed() -> None:
    """On S = e₁ of the linear network in two dimensions G = −(Σ w wᵀ + ‖a‖² I): the cross direction is fast too."""
    derivation = Derivation(2)
    k = derivation.network.neuron
    at = {drift_sum(k, 1): sp.S.One, drift_sum(k, 2): sp.S.Zero}
    spectrum = critical_spectrum(derivation.truncated, at)
    total = sp.expand(sum(mode.rate for mode in spectrum.modes))
    expected = -NeuronSum(2 * k.a**2 + k.w[0] ** 2 + k.w[1] ** 2, k)
    assert len(spectrum.modes) == 2
    assert sp.expand(total - expected) == 0
    assert sp.expand(spectrum.neutral - (3 * theory.width - 2)) == 0


def test_apply_is_the_derivative_along_a_direction() -> None:
    system = Derivation(1, tanh_like(3)).truncated
    k = system.neuron
    direction = (k.a * k.w[0] + 2, k.w[0] ** 2 - k.a)
    found = particle_jacobian(system).apply(direction)
    moved = type(system)(k, direction)
    assert found == tuple(moved.derivative(component) for component in system.drift)


def test_spectrum_of_the_order_parameters() -> None:
    field = Derivation(1).reduced
    assert set(field_spectrum(field, {P: sp.S.One})) == {sp.S.Zero, -2 * Q}
    assert set(field_spectrum(field, {P: sp.S.Zero, Q: sp.S.Zero})) == {sp.S(2), sp.S(-2)}


def test_displacement_is_the_overshoot_of_the_plateau() -> None:
    """With a = w = ξ/√m, ⟨ξ²⟩ = 1, ⟨ξ⁴⟩ = k₄ it is k₄(−c₃M₄ − 2κ)/m, κ = −c₃(F₃ − M₄): B3."""
    found = approximate_manifold(Derivation(1).leading_order, Derivation(1, tanh_like(5, odd=True)).truncated)
    c3, F3, M4, k4 = sp.symbols("c3 F3 M4 k4", real=True)
    k = Derivation(1).network.neuron
    m = theory.width
    second, fourth = sp.S.One, k4 / m
    sums = {
        NeuronSum(k.a**2, k): second,
        NeuronSum(k.w[0] ** 2, k): second,
        NeuronSum(k.w[0] ** 4, k): fourth,
        NeuronSum(k.a**2 * k.w[0] ** 2, k): fourth,
        NeuronSum(k.a * k.w[0] ** 3, k): fourth,
    }
    kappa = -c3 * (F3 - M4)
    assert found.order == 2
    assert sp.expand(found.displacement.subs(sums) - k4 * (-c3 * M4 - 2 * kappa) / m) == 0


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_relative_gradient(dim: int) -> None:
    model = random_model(7, dim, degree=2)
    found = model.interpret(relative_gradient(Derivation(dim).leading_order))
    p = sum(n[0] * n[1] for n in model.neurons)
    gradient = sum((1 - p) ** 2 * (n[0] ** 2 + n[1] ** 2) for n in model.neurons)
    assert found == gradient / sum(v**2 for n in model.neurons for v in n)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: critical_spectrum(Derivation(1).leading_order, {}), "does not stop"),
        (lambda: critical_spectrum(Derivation(1, tanh_like(3)).truncated, plateau(1)), "does not stop"),
        (lambda: particle_jacobian(Derivation(1).flow), "expand"),
        (lambda: field_spectrum(Derivation(1).reduced, {P: sp.S.Zero}), "does not vanish"),
        (
            lambda: approximate_manifold(Derivation(1).leading_order, Derivation(1).leading_order),
            "stops there exactly",
        ),
    ],
)
def test_bad_input_is_refused(call: object, message: str) -> None:
    with pytest.raises(theory.TheoryError, match=message):
        call()  # type: ignore[operator]
