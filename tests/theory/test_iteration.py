"""Maps in discrete time and gradient descent in order parameters, against explicit networks and exact orbits."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import theory
from theory import Derivation, NeuronSum, P, Q, VectorField, condensed_order_parameters, tanh_like
from theory.codegen import iteration_source, numpy_iteration
from theory.gradient_descent import ParticleMap, descent_map, euler_map, learning_rate, reduce_map
from theory.iteration import IterationMap

eta = learning_rate
x = sp.Symbol("x", real=True)


def reduced(dim: int = 1) -> IterationMap:
    step = descent_map(Derivation(dim).leading_order)
    return reduce_map(step, condensed_order_parameters(step.neuron))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_reduced_step_by_hand(dim: int) -> None:
    """a + w and a − w are multiplied by 1 ± η(1 − P), so P + Q and Q − P by the squares."""
    step, g = reduced(dim), eta * (1 - P)
    assert sp.expand(step[Q] + step[P] - (Q + P) * (1 + g) ** 2) == 0
    assert sp.expand(step[Q] - step[P] - (Q - P) * (1 - g) ** 2) == 0


def test_reduced_step_is_that_of_an_explicit_network() -> None:
    """Three neurons with rational weights, many steps of (16) neuron by neuron, exactly."""
    rate = sp.Rational(1, 7)
    neurons = [tuple(map(sp.Rational, pair)) for pair in (("1/5", "-2/7"), ("1/3", "1/4"), ("-3/8", "-1/9"))]
    step = reduced()

    def measured() -> tuple[sp.Expr, sp.Expr]:
        return sum(a * w for a, w in neurons), sum(a * a + w * w for a, w in neurons) / 2

    p, q = measured()
    orbit = step.orbit({P: p, Q: q, eta: rate}, 4)
    for state in orbit:
        assert state == measured()
        g = rate * (1 - measured()[0])
        neurons = [(a + g * w, w + g * a) for a, w in neurons]


def test_euler_step_of_the_reduced_field_is_something_else() -> None:
    field = Derivation(1).reduced
    difference = sp.expand(reduced()[P] - euler_map(field)[P])
    assert sp.expand(difference - eta**2 * P * (1 - P) ** 2) == 0


def test_truncated_step_does_not_close() -> None:
    step = descent_map(Derivation(1, tanh_like(3)).truncated)
    with pytest.raises(theory.NotClosed):
        reduce_map(step, condensed_order_parameters(step.neuron))


def test_what_a_step_conserves() -> None:
    step = reduced()
    lost = step.change(Q**2 - P**2)
    assert sp.expand(lost - (Q**2 - P**2) * ((1 - eta**2 * (1 - P) ** 2) ** 2 - 1)) == 0
    neurons = descent_map(Derivation(2).leading_order)
    k = neurons.neuron
    p = NeuronSum(k.a * k.w[0], k)
    factor = 1 - eta**2 * (1 - p) ** 2
    assert sp.expand(neurons.image(k.a**2 - k.w[0] ** 2) - factor * (k.a**2 - k.w[0] ** 2)) == 0
    assert neurons.change(k.w[1]) == 0


def test_fixed_points_of_gradient_descent() -> None:
    """P = 1 with multiplier 1 − 2ηQ: it attracts for Q < 1/η. The two others are neurons that change sign each step."""
    points = {tuple(sorted(f.conditions.items(), key=str)): f.multipliers for f in reduced().fixed_points()}
    on_plateau = points[((P, sp.S.One),)]
    assert {sp.expand(v) for v in on_plateau} == {sp.S.One, sp.expand(1 - 2 * eta * Q)}
    assert {sp.expand(v) for v in points[((P, sp.S.Zero), (Q, sp.S.Zero))]} == {
        sp.expand((1 + eta) ** 2),
        sp.expand((1 - eta) ** 2),
    }
    assert len(points) == 4
    large = points[((P, 1 + 2 / eta), (Q, 1 + 2 / eta))]
    rate, w = sp.Rational(1, 2), sp.sqrt(5)  # P = Q = 5: one neuron a = w = √5 goes to −√5
    assert w + rate * w * (1 - w**2) == -w
    assert all(abs(v.subs(eta, rate)) > 1 for v in large)


def test_multipliers_against_the_known_logistic_map() -> None:
    r = sp.Symbol("r", positive=True)
    logistic = IterationMap((x,), (r * x * (1 - x),))
    with pytest.raises(theory.TheoryError, match="not linear"):
        logistic.substitute({r: sp.S(3)}).restrict({}).compose(logistic).fixed_points()
    points = {f.conditions[x]: f.multipliers for f in logistic.fixed_points()}
    assert points[sp.S.Zero] == (r,)
    assert sp.expand(points[1 - 1 / r][0] - (2 - r)) == 0


def test_iterate_is_repeated_substitution() -> None:
    square = IterationMap((x,), (x**2 - 1,))
    assert sp.expand(square.iterate(3)[x] - (((x**2 - 1) ** 2 - 1) ** 2 - 1)) == 0
    assert square.iterate(0)[x] == x
    assert square.orbit({x: sp.S(0)}, 3) == ((0,), (-1,), (0,), (-1,))


def test_invariant_line() -> None:
    line = reduced().restrict({Q: P})
    assert sp.expand(line[P] - P * (1 + eta * (1 - P)) ** 2) == 0
    with pytest.raises(theory.TheoryError, match="not invariant"):
        reduced().restrict({Q: 2 * P})


def test_generated_code_gives_the_exact_orbit_rounded() -> None:
    step = reduced()
    start = {P: sp.Rational(1, 10), Q: sp.Rational(1, 5), eta: sp.Rational(1, 4)}
    code = numpy_iteration(step)
    y = np.array([0.1, 0.2])
    for exact in step.orbit(start, 3):
        assert np.allclose(y, [float(e) for e in exact], rtol=1e-14)
        y = code(y, 0.25)
    many = code(np.array([[0.1, 0.3], [0.2, 0.4]]), 0.25)
    assert many.shape == (2, 2)
    assert "def move(y, eta):" in iteration_source(step, "move")


def test_a_component_that_depends_on_a_parameter_only_keeps_the_shape() -> None:
    c = sp.Symbol("c", real=True)
    assert numpy_iteration(IterationMap((x,), (c,)))(np.zeros((1, 5)), 2.0).shape == (1, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: IterationMap((x, x), (x, x)), "distinct"),
        (lambda: IterationMap((x,), (0.5 * x,)), "float"),
        (
            lambda: IterationMap((x,), (NeuronSum(theory.Neuron("k", 1).a, theory.Neuron("k", 1)),)),
            "sum over",
        ),
        (lambda: IterationMap((x,), (x**2,)).iterate(-1), "≥ 0"),
        (lambda: IterationMap((x,), (x**2,)).orbit({}, 1), "value of x"),
        (lambda: IterationMap((x,), (x**2,)).orbit({x: sp.Float(0.5)}, 1), "exact"),
        (lambda: IterationMap((x,), (x**2,)).substitute({x: sp.S.One}), "variable of the map"),
        (lambda: ParticleMap(theory.Neuron("k", 2), (x,)), "3 images"),
        (lambda: euler_map(VectorField((x,), (x,))).compose(reduced()), "same variables"),
    ],
)
def test_bad_input_is_refused(call: object, message: str) -> None:
    with pytest.raises(theory.TheoryError, match=message):
        call()  # type: ignore[operator]
