"""The lower-loss-as-sharper landscape: its map against exact gradient steps, its flow against numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from theory import llas
from theory.errors import TheoryError
from theory.gradient_descent import learning_rate as eta
from theory.llas import alpha, beta, constant, epsilon, m, u, x, y, z

VALUES = {
    alpha: sp.Rational(7, 3),
    beta: sp.Rational(5, 2),
    eta: sp.Rational(1, 9),
    constant: sp.Rational(-3, 4),
}


def test_a_step_is_a_difference_quotient_of_the_risk() -> None:
    """Central differences are exact of what is at most quadratic in each variable, as R is."""
    point = {x: sp.Rational(2, 5), y: sp.Rational(-3, 7)}
    risk = llas.RISK.subs(VALUES)
    h = sp.Rational(1, 8)
    for v, image in zip((x, y), llas.descent().images, strict=True):
        up, down = (risk.subs({**point, v: point[v] + s * h}) for s in (1, -1))
        stepped = point[v] - VALUES[eta] * (up - down) / (2 * h)
        assert image.subs(VALUES).subs(point) == stepped


def test_the_reduced_map_carries_an_orbit_over() -> None:
    a, b, rate = Fraction(7, 3), Fraction(5, 2), Fraction(1, 9)
    at, off = Fraction(2, 5), Fraction(1, 3)
    eps = 2 * a * rate**2
    state = (2 * rate * (a * at + b), a * off**2)
    image = sp.lambdify((m, z, epsilon), llas.reduced().images)
    for _ in range(6):
        at, off = at + rate * (1 - a * off**2), (1 - 2 * rate * (a * at + b)) * off
        state = image(*state, eps)
        assert state == (2 * rate * (a * at + b), a * off**2)
        values = {m: sp.Rational(state[0]), z: sp.Rational(state[1]), **VALUES}
        risk = (a * at + b) * off**2 - at - Fraction(3, 4)
        assert llas.reduced_risk().subs(values) == sp.Rational(risk)


def test_odd_powers_of_y_do_not_close() -> None:
    with pytest.raises(TheoryError, match="sign of y"):
        llas.in_reduced(x * y)


def test_the_potential_is_an_antiderivative_that_vanishes_at_two() -> None:
    assert llas.potential().subs(m, 2) == 0
    assert sp.simplify(llas.potential().diff(m) - 2 * sp.log(m - 1)) == 0


def test_the_energy_is_conserved_by_the_flow_as_an_integrator_sees_it() -> None:
    from scipy.integrate import solve_ivp

    eps = 0.01
    code = sp.lambdify(
        (m, u), [c.subs(epsilon, sp.Rational(1, 100)) for c in llas.logarithmic_flow().components]
    )
    energy = sp.lambdify((m, u), llas.energy().subs(epsilon, sp.Rational(1, 100)))
    found = solve_ivp(lambda _, s: code(*s), (0, 200), [1.7, -1.0], rtol=1e-11, atol=1e-13)
    values = [energy(*state) for state in found.y.T]
    assert max(values) - min(values) < 1e-9 * eps + 1e-10


def test_gain_and_change_of_the_energy_agree() -> None:
    a, b = llas.gain_symbols()
    point = {m: sp.Rational(5, 2), z: sp.Rational(3, 2), epsilon: sp.Rational(1, 10)}
    after = llas.reduced()[m].subs(point)
    one = llas.energy_change().subs(point).evalf(40)
    other = llas.energy_gain().subs({a: point[m] - 1, b: after - 1, epsilon: point[epsilon]}).evalf(40)
    assert abs(one - other) < sp.Float(10) ** -35
    assert one > 0


def test_a_turn_of_the_spiral_by_powers_of_the_jacobian() -> None:
    import numpy as np

    eps = 1e-3
    value = complex(np.linalg.eigvals(np.array([[1.0, -eps], [2.0, 1.0]]))[0])
    s = llas.spiral_symbol()
    growth, steps = (float(e.subs(s, sp.sqrt(2 * sp.Rational(1, 1000)))) for e in llas.spiral_growth())
    assert steps == pytest.approx(2 * np.pi / abs(np.angle(value)), rel=1e-12)
    assert growth == pytest.approx(steps * np.log(abs(value)), rel=1e-12)
