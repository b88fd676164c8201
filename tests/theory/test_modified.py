"""Backward error analysis: two derivations of the modified flow, a linear map with a closed form, and convergence."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import theory
from theory import (
    Derivation,
    NeuronSum,
    P,
    Q,
    VectorField,
    condensed_order_parameters,
    neuron_derivative,
    tanh_like,
)
from theory.gradient_descent import descent_map, euler_map, learning_rate, reduce_map
from theory.iteration import IterationMap
from theory.modified import (
    modified_field,
    modified_flow,
    modified_particle_series,
    modified_series,
    scalar_deviation,
)

eta = learning_rate
x, y = sp.symbols("x y", real=True)


def test_linear_map_has_a_logarithm() -> None:
    """x ↦ (1 + ηλ)x is the flow of (log(1 + ηλ)/η) x."""
    lam = sp.Symbol("lambda", real=True)
    found = modified_field(euler_map(VectorField((x,), (lam * x,))), 4)[x]
    exact = sp.series(sp.log(1 + eta * lam) / eta, eta, 0, 5).removeO() * x
    assert sp.expand(found - exact) == 0


def test_logarithm_agrees_with_the_textbook_series() -> None:
    u, v, c = sp.symbols("u v c", real=True)
    field = VectorField((u, v), (u * v - c * v**2 + 1, u**2 * v + c * u))
    assert modified_field(euler_map(field), 2).components == modified_series(field, 2).components


@pytest.mark.parametrize("dim", [1, 2])
def test_particles_logarithm_agrees_with_the_series(dim: int) -> None:
    system = Derivation(dim).truncated
    assert modified_flow(descent_map(system), 1).drift == modified_particle_series(system, 1).drift


@pytest.mark.parametrize(("dim", "order"), [(1, 1), (2, 1), (1, 3)])
def test_first_correction_is_gradient_regularisation(dim: int, order: int) -> None:
    """F − (η/2)F'F = −∂(R + (η/4)‖∇R‖²)."""
    system = Derivation(dim, tanh_like(order)).truncated
    k = system.neuron
    norm = NeuronSum(sp.Add(*(c**2 for c in system.drift)), k)
    for coordinate, drift in zip(k.coordinates, modified_particle_series(system, 1).drift, strict=True):
        regularised = system[coordinate] - eta / 4 * neuron_derivative(norm, coordinate, k)
        assert sp.expand(drift - regularised) == 0


def test_a_step_follows_the_modified_flow() -> None:
    """One step against the modified flow, integrated by Taylor series at 40 digits: error η^(order + 2)."""
    step = descent_map(Derivation(1).leading_order)
    reduced = reduce_map(step, condensed_order_parameters(step.neuron))
    start = (mpmath.mpf("0.3"), mpmath.mpf("0.4"))
    for order in (0, 1, 2):
        errors = []
        for size in ("0.002", "0.001"):
            with mpmath.workdps(40):
                h = mpmath.mpf(size)
                # Constants of the generated function are turned into mpmath rationals by the printer.
                field = modified_field(reduced, order).substitute({eta: sp.Rational(size)})
                rates = sp.lambdify((P, Q), field.components, "mpmath")
                flow = mpmath.odefun(lambda t, s, rates=rates: list(rates(*s)), 0, list(start))(h)
                after = sp.lambdify((P, Q), reduced.substitute({eta: sp.Rational(size)}).images, "mpmath")(
                    *start
                )
                errors.append(abs(flow[0] - after[0]))
        assert float(mpmath.log(errors[0] / errors[1], 2)) == pytest.approx(order + 2, abs=0.05)


def test_scalar_deviation_solves_its_equation() -> None:
    step = descent_map(Derivation(1).leading_order)
    line = reduce_map(step, condensed_order_parameters(step.neuron)).restrict({Q: P})
    start = sp.Symbol("P0", positive=True)
    p, e = scalar_deviation(line, start)
    # by hand: e = −P(1 − P)[½ log(P/P₀) + log((1 − P)/(1 − P₀))]
    expected = -p * (1 - p) * (sp.log(p / start) / 2 + sp.log((1 - p) / (1 - start)))
    point = {p: sp.Rational(2, 3), start: sp.Rational(1, 100)}
    assert sp.N(e.subs(point) - expected.subs(point), 30) == pytest.approx(0, abs=1e-28)
    flow = 2 * p * (1 - p)
    first = p * (1 - p) * (3 * p - 1)
    assert sp.simplify(e.diff(p) * flow - flow.diff(p) * e - first) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: modified_field(IterationMap((x,), (2 * x,)), 1), "still moves"),
        (lambda: modified_field(IterationMap((x,), (x + sp.sqrt(eta),)), 1), "polynomial"),
        (lambda: modified_field(IterationMap((x,), (x + eta,)), -1), "integer"),
        (lambda: modified_series(VectorField((x,), (x,)), 3), "order 2"),
        (lambda: scalar_deviation(euler_map(VectorField((x, y), (x, y))), y), "one variable"),
    ],
)
def test_bad_input_is_refused(call: object, message: str) -> None:
    with pytest.raises(theory.TheoryError, match=message):
        call()  # type: ignore[operator]
