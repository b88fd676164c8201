"""The uv model: its reduction, Hessian and critical values against explicit small networks and closed forms."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory import Neuron, NeuronSum, NotClosed, TheoryError, width
from theory.brackets import rewrite
from theory.gradient_descent import learning_rate, reduce_map
from theory.iteration import IterationMap
from theory.uv import UVModel, Y, dimensionless, f, factorised, g, k, output_and_trace, p, q, trace, x, y
from theory.uv_catapult import delta, end_of_catapult, epsilon, formal_invariant, near_threshold, square
from theory.uv_critical import (
    first_step_loss,
    first_step_sharpness,
    linear_response,
    mean_of_power,
    ratio,
    rho,
)
from theory.uv_edge import edge_map, mean_on_the_cycle, two_cycle
from theory.uv_hessian import applied, block, direction, largest_eigenvalues, sharpness, trace_of_hessian


def one_step(
    u: list[Fraction], v: list[Fraction], at: Fraction, target: Fraction, rate: Fraction
) -> list[Fraction]:
    """(f, λ) before and after a step of an explicit network of width 4, whose √w is 2."""
    found = []
    for _ in range(2):
        out = at * sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) / 2
        found += [out, at**2 * sum((a * a + b * b for a, b in zip(u, v, strict=True)), Fraction(0)) / 4]
        slope = rate * (out - target) * at / 2
        u, v = (
            [a - slope * b for a, b in zip(u, v, strict=True)],
            [b - slope * a for a, b in zip(u, v, strict=True)],
        )
    return found


def exact(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def test_step_of_an_explicit_network_of_width_4() -> None:
    u = [Fraction(n, 3) for n in (2, -1, 4, 3)]
    v = [Fraction(n, 5) for n in (1, 7, -2, 6)]
    at, target, rate = Fraction(3, 2), Fraction(-2, 7), Fraction(1, 3)
    f0, l0, f1, l1 = one_step(u, v, at, target, rate)
    named = {x: at, y: target, learning_rate: rate, width: Fraction(4), f: f0, trace: l0}
    values = {symbol: exact(number) for symbol, number in named.items()}
    step = output_and_trace()
    assert step[f].subs(values) == exact(f1)
    assert step[trace].subs(values) == exact(l1)


def test_output_alone_does_not_close() -> None:
    model = UVModel()
    with pytest.raises(NotClosed):
        reduce_map(model.step, {f: x * model.u * model.v / sp.sqrt(width)})


def test_factorised_map_is_a_square_times_each_variable() -> None:
    a = (p - q) / 4 - Y
    step = factorised()
    assert sp.expand(step[p] - (1 - a) ** 2 * p) == 0
    assert sp.expand(step[q] - (1 + a) ** 2 * q) == 0


def test_a_change_of_variables_must_be_invertible() -> None:
    s, t = sp.symbols("s t")
    double = IterationMap((s,), (2 * s,))
    moved = double.in_coordinates({t: s + 1}, {s: t - 1})
    assert moved[t] == 2 * t - 1
    with pytest.raises(TheoryError, match="is not inverted"):
        double.in_coordinates({t: s + 1}, {s: t + 1})
    with pytest.raises(TheoryError, match="names each present variable once"):
        double.in_coordinates({t: s}, {})


def test_fixed_points_stay_where_they_are() -> None:
    step = dimensionless()
    points = step.fixed_points()
    assert len(points) == 4
    for point in points:
        here = dict(point.conditions)
        assert all(sp.expand((step.change(v)).subs(here)) == 0 for v in (g, k))


def test_hessian_of_width_1_by_hand() -> None:
    """u = 1, v = 2, x = 1, y = 0: ((v², 2uv), (2uv, u²)) = ((4, 4), (4, 1))."""
    here = {f: 2, trace: 5, x: 1, y: 0, width: 1}
    upper, lower = (e.subs(here) for e in largest_eigenvalues())
    assert sp.expand(upper + lower) == 5
    assert sp.expand(upper * lower) == -12
    assert trace_of_hessian() == trace
    assert block().shape == (2, 2)


def test_hessian_applied_to_a_direction_is_the_second_derivative() -> None:
    """At width 1 with a direction (φ, ψ): explicit second derivatives of ½(x u v − y)²."""
    u, v, phi, psi = sp.symbols("u v phi psi", real=True)
    hessian = sp.hessian((x * u * v - y) ** 2 / 2, (u, v))
    expected = hessian * sp.Matrix([phi, psi])
    names = {"a": u, "w1": v, "w2": phi, "w3": psi}

    def open_sum(node: sp.Expr) -> sp.Expr | None:
        if not isinstance(node, NeuronSum):
            return None
        body, variables = node.open()
        return body.xreplace({symbol: names[slot] for symbol, slot in variables.items()})

    neuron = Neuron("k", 3)
    free = dict(zip(neuron.coordinates, names.values(), strict=True))
    assert direction() == neuron.w[1:]
    for got, wanted in zip(applied(), expected, strict=True):
        plain = rewrite(got, open_sum).subs(width, 1).xreplace(free)
        assert sp.expand(plain - wanted) == 0


def test_ratio_and_critical_values_at_rho_zero_and_at_the_corner() -> None:
    assert ratio().subs(rho, sp.Rational(1, 4)) == sp.Rational(3, 2)  # f ∝ λ: the largest sharpness
    assert sp.limit(first_step_loss(), rho, 0) == 2
    assert first_step_loss().subs(rho, sp.Rational(1, 8)) == 4
    assert first_step_sharpness() == (sp.Rational(5, 2), sp.Rational(27, 25))


def test_linear_response_is_the_second_derivative_of_an_explicit_orbit() -> None:
    at = sp.Rational(14, 5)
    for steps in (1, 2):
        now = {g: g, k: k}
        for _ in range(steps):
            now = {
                v: dimensionless().substitute({Y: sp.S.Zero})[v].subs(now, simultaneous=True) for v in (g, k)
            }
        change = sharpness().subs(Y, 0).subs(now, simultaneous=True) - sharpness().subs(Y, 0)
        second = change.diff(g, 2).subs({g: 0, k: at}) / 2
        assert sp.simplify(second - linear_response(steps).subs(k, at)) == 0


def test_mean_of_rho_at_width_1_is_an_integral_over_the_angle() -> None:
    angle = sp.Symbol("theta")
    value = (sp.sin(2 * angle) / 2) ** 2
    for power in (1, 2):
        mean = sp.integrate(sp.expand((value**power).rewrite(sp.exp)), (angle, 0, 2 * sp.pi)) / (2 * sp.pi)
        assert sp.simplify(mean_of_power(power).subs(width, 1) - mean) == 0


def test_formal_invariant_leaves_only_higher_weights() -> None:
    for weight in (2, 3, 4, 5):
        change = sp.Poly(near_threshold().change(formal_invariant(weight)), epsilon, square)
        assert min(i + 2 * j for i, j in change.monoms()) >= weight + 2
    with pytest.raises(TheoryError):
        formal_invariant(1)


def test_end_of_a_catapult_against_the_exact_orbit() -> None:
    """In 60 digits: off by the first term that is left out."""
    from mpmath import mp

    with mp.workdps(60):
        excess = mp.mpf(1) / 50
        at_g, at_k = mp.mpf(10) ** -25, 2 + excess
        for _ in range(12000):
            at_g, at_k = at_g * (1 - at_k + at_g**2), at_k + at_g**2 * (at_k - 4)
        for order in (2, 3, 4):
            said = end_of_catapult(order).subs(delta, sp.Rational(1, 50))
            assert abs(mp.mpf(said.p) / said.q - at_k) < excess ** (order + 1)


def test_two_cycle_is_a_cycle() -> None:
    target = sp.Rational(1, 4) + sp.Integer(4) - 1  # t = 4: t + 1/t = 1 + Y
    points = sp.solve(two_cycle().subs(Y, target), p)
    image = edge_map()[p].subs(Y, target)
    assert {image.subs(p, point) for point in points} == set(points) == {sp.Integer(1), sp.Integer(16)}
    assert mean_on_the_cycle(p / 2) == 1 + Y


@pytest.mark.parametrize(("shift", "rises"), [(-0.01, False), (0.01, True)])
def test_the_frobenius_norm_of_a_network_rises_from_two_and_two_over_w_and_three(shift, rises):
    """Width 3, the Hessian by its blocks in numbers: one step from a small output on either side of the threshold."""
    w = 3
    u, v = np.array([1.0, 0.2, -0.5]), np.array([0.1, 0.4, 0.35])
    assert 0 < u @ v < 0.02

    def norm(u, v):
        f = u @ v / math.sqrt(w)
        corner = f / math.sqrt(w) * np.eye(w) + np.outer(v, u) / w
        whole = np.block([[np.outer(v, v) / w, corner], [corner.T, np.outer(u, u) / w]])
        return float(np.linalg.norm(whole))

    rate = (2 + 2 / (w + 3) + shift) / ((u @ u + v @ v) / w)
    slope = rate * (u @ v) / w
    assert (norm(u - slope * v, v - slope * u) > norm(u, v)) is rises
