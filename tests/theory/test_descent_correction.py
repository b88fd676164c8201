"""First-order corrections of the descent against the cubic flow, written out by hand and integrated at large m."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

import theory
from theory import DescentCorrection, descent_correction
from theory.meanfield import profile
from theory.order_parameters import P

XI = np.array([0.4, -1.3, 0.9, 1.6, -0.2])
XI /= np.sqrt(np.mean(XI**2))
K4 = float(np.mean(XI**4))
C3, F3, M4, M6 = -0.4, 1.9, 1.5, 2.7
M = 1e5
P0, ZETA = 1e-5, 0.15


def field(_: float, y: np.ndarray) -> np.ndarray:
    """Cubic truncation for M neurons, copies of five: a_k = A_k/√M. The term with M₆ is of second order in 1/M."""
    A, B = y.reshape(2, -1)
    level, cube = np.mean(A * B), np.mean(A * B**3) / M
    drop = 1 - level - C3 * M4 * cube
    push = C3 * (F3 - M4 * level - C3 * M6 * cube) / M
    return np.concatenate([B * drop + push * B**3, A * drop + 3 * push * A * B**2])


@pytest.fixture(scope="module")
def reached() -> tuple[float, np.ndarray]:
    """T_2 and the state there, from A = B = √P0 ξ."""

    def level(_: float, y: np.ndarray) -> float:
        return float(np.mean(y[:5] * y[5:])) - (1 - ZETA)

    level.terminal = True  # type: ignore[attr-defined]
    start = np.tile(np.sqrt(P0) * XI, 2)
    found = solve_ivp(field, (0, 50), start, method="DOP853", rtol=1e-13, atol=1e-14, events=level)
    return float(found.t_events[0][0]), found.y_events[0][0]


@pytest.fixture(scope="module")
def derived() -> DescentCorrection:
    return descent_correction(1)


def number(expr: sp.Expr, **more: float) -> float:
    values = {"c3": C3, "F3": F3, "M4": M4, "k4": K4, "m": M, "zeta": ZETA} | more
    return float(expr.subs({s: values[s.name] for s in expr.free_symbols}))


def test_the_shift_of_the_descent_time(reached: tuple[float, np.ndarray], derived: DescentCorrection) -> None:
    logistic = 0.5 * np.log((1 - P0) / P0 * (1 - ZETA) / ZETA)
    shift = number(derived.time_shift(sp.Symbol("zeta", positive=True)))
    assert reached[0] - logistic == pytest.approx(shift, rel=2e-4)


def test_the_asymmetry(reached: tuple[float, np.ndarray], derived: DescentCorrection) -> None:
    A, B = reached[1].reshape(2, -1)
    asymmetry = derived.asymmetry(sp.Symbol("zeta", positive=True))
    predicted = [number(asymmetry, xi=float(xi)) for xi in XI]
    np.testing.assert_allclose(M * (A - B), predicted, rtol=2e-4)


def test_the_relative_gradient(reached: tuple[float, np.ndarray], derived: DescentCorrection) -> None:
    state = reached[1]
    ratio = float(np.linalg.norm(field(0.0, state)) / np.linalg.norm(state))
    predicted = number(derived.relative_gradient.subs(P, 1 - ZETA))
    assert M * (ratio - ZETA) == pytest.approx(M * (predicted - ZETA), rel=1e-3)


def test_the_clock_of_the_slow_flow(derived: DescentCorrection) -> None:
    """From the asymmetry late in the descent: what it is beyond s (t − t_½), in units of s = 2κξ³."""
    zeta = 1e-7
    asymmetry = derived.asymmetry(sp.Symbol("zeta", positive=True))
    late = number(asymmetry, zeta=zeta, xi=1.0)
    kappa = -C3 * (F3 - M4)
    since_half = 0.5 * np.log((1 - zeta) / zeta)
    assert since_half - late / (2 * kappa) == pytest.approx(number(derived.handover), rel=1e-5)


def test_the_direction_across_does_not_enter() -> None:
    line, plane = descent_correction(1), descent_correction(2)
    names = {s: sp.Symbol(s.name + "_0", real=True) for s in sp.symbols("F3 M4", real=True)}
    for name in ("speed", "drive", "split", "decay", "relative_gradient"):
        assert sp.expand(getattr(line, name).subs(names) - getattr(plane, name)) == 0


def test_the_profile_is_free() -> None:
    assert profile in descent_correction(1).split.free_symbols


def test_another_norm_of_z_is_refused() -> None:
    with pytest.raises(theory.TheoryError):
        descent_correction(1, data=theory.aligned(1, norm=sp.Integer(2))).asymmetry(
            sp.Symbol("zeta", positive=True)
        )
