"""Closed forms against integration of the equations in high precision."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import theory
from theory import Derivation, Neuron, P, ParticleSystem, Q, TheoryError, VectorField, decide_zero, time

P0 = theory.initial_value(P)


@pytest.mark.parametrize(
    ("rate", "start"),
    [(2 * P * (1 - P), "0.01"), (1 + P**2, "0.2"), (3 - 2 * P, "0.5"),
     (1 + P - P**2, "0.1"), (-(P**2), "0.7"), (sp.Integer(2), "1")],
)  # fmt: skip
def test_riccati_against_integration(rate: sp.Expr, start: str) -> None:
    solution = sp.lambdify([time, P0], theory.solve_riccati(rate, P), "mpmath")
    slope = sp.lambdify([P], rate, "mpmath")
    with mpmath.workdps(30):
        numeric = mpmath.odefun(lambda t, y: [slope(y[0])], 0, [mpmath.mpf(start)])
        for at in (mpmath.mpf("0.3"), mpmath.mpf(1)):
            assert abs(solution(at, mpmath.mpf(start)) - numeric(at)[0]) < mpmath.mpf(10) ** -20


@pytest.mark.parametrize("rate", [P**3, 1 / P, sp.exp(P), sp.sqrt(P)])
def test_other_rates_are_refused(rate: sp.Expr) -> None:
    with pytest.raises(TheoryError, match="quadratic"):
        theory.solve_riccati(rate, P)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_linear_solution_satisfies_its_equation_and_start(dim: int) -> None:
    q = sp.Symbol("q", positive=True)
    system = Derivation(dim, data=theory.aligned(dim, norm=q)).linearised
    solution = theory.solve_linear(system)
    for coordinate, drift in zip(system.neuron.coordinates, system.drift, strict=True):
        assert decide_zero(solution[coordinate].diff(time) - drift.xreplace(solution)).is_zero
        assert decide_zero(solution[coordinate].subs(time, 0) - theory.initial_value(coordinate)).is_zero


def test_what_is_not_linear_is_refused() -> None:
    k = Neuron("k", 1)
    for drift in ((k.a**2, k.w[0]), (k.a + 1, k.w[0]), (k.a * k.w[0], k.a)):
        with pytest.raises(TheoryError, match="not linear"):
            theory.solve_linear(ParticleSystem(k, drift))
    with pytest.raises(TheoryError, match="sums over neurons"):
        theory.solve_linear(Derivation(1).leading_order)


def test_branches_of_the_level_set() -> None:
    field = Derivation(1).reduced
    branches = theory.on_level_set(field, Q**2 - P**2, sp.S.Zero, Q)
    assert {sp.expand(b[P]) for b in branches} == {2 * P - 2 * P**2, 2 * P**2 - 2 * P}
    with pytest.raises(TheoryError, match="not conserved"):
        theory.on_level_set(field, Q**2 + P**2, sp.S.Zero, Q)


STARTS = [("0.004", "0.003"), ("0.02", "0"), ("0.3", "0.25"), ("1e-9", "1e-9")]


@pytest.mark.parametrize(("a", "b"), STARTS)
def test_descent_against_integration(a: str, b: str) -> None:
    """P and Q at the time t(v) are those of the (P, Q) system integrated at 30 digits."""
    solution = theory.solve_descent(Derivation(1).reduced)
    symbols = [solution.v, solution.A, solution.B]
    p, q, t = (sp.lambdify(symbols, e, "mpmath") for e in (solution.P, solution.Q, solution.t))
    with mpmath.workdps(30):
        A, B = mpmath.mpf(a), mpmath.mpf(b)
        numeric = mpmath.odefun(
            lambda _, y: [2 * y[1] * (1 - y[0]), 2 * y[0] * (1 - y[0])],
            0,
            [A - B, A + B],
            tol=mpmath.mpf(10) ** -24,
        )
        for v in (mpmath.mpf("1.5"), mpmath.mpf(2)):
            at = t(v, A, B)
            assert at > 0
            assert abs(numeric(at)[0] - p(v, A, B)) < mpmath.mpf(10) ** -18
            assert abs(numeric(at)[1] - q(v, A, B)) < mpmath.mpf(10) ** -18


@pytest.mark.parametrize(("a", "b"), STARTS)
@pytest.mark.parametrize("zeta", ["0.1", "0.5", "0.01"])
def test_descent_time_against_root_finding(a: str, b: str, zeta: str) -> None:
    solution = theory.solve_descent(Derivation(1).reduced)
    exact = solution.descent_time(sp.Rational(zeta)).subs(
        {solution.A: sp.Rational(a), solution.B: sp.Rational(b)}
    )
    with mpmath.workdps(30):
        A, B, level = mpmath.mpf(a), mpmath.mpf(b), 1 - mpmath.mpf(zeta)
        # dt = dv / (2v(1 − P)) and P = Av − B/v: root by bisection, time by quadrature.
        root = mpmath.findroot(
            lambda v: A * v - B / v - level,
            (1, 2 * (1 + B) / A + 2),
            solver="anderson",
            tol=1e-40,
            verify=False,
        )
        steps = [mpmath.e**s for s in mpmath.linspace(0, mpmath.log(root), 12)]
        quadrature = mpmath.quad(lambda v: 1 / (2 * v * (1 - A * v + B / v)), steps)
        assert abs(A * root - B / root - level) < mpmath.mpf(10) ** -25
        assert abs(mpmath.mpf(str(sp.N(exact, 30))) - quadrature) < mpmath.mpf(10) ** -15


@pytest.mark.parametrize(
    "field",
    [
        VectorField((P, Q), (2 * P * (1 - P), 2 * Q * (1 - P))),
        VectorField((P, Q), (2 * Q * (1 - Q), 2 * P * (1 - Q))),
        VectorField((P, Q), (2 * Q * (P - 1), 2 * P * (P - 1))),
        VectorField((P, Q), (Q, P)),
        VectorField((P, Q), (P**2 * Q, Q**3)),
        VectorField((P,), (P * (1 - P),)),
    ],
)
def test_other_fields_are_refused(field: VectorField) -> None:
    with pytest.raises(TheoryError):
        theory.solve_descent(field)


def test_another_overall_speed_only_changes_the_time() -> None:
    fast = theory.solve_descent(VectorField((P, Q), (6 * Q * (1 - P), 6 * P * (1 - P))))
    slow = theory.solve_descent(Derivation(1).reduced)
    assert decide_zero(fast.P - slow.P).is_zero
    assert decide_zero((3 * fast.t - slow.t).diff(slow.v)).is_zero
