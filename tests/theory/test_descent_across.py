"""What the descent leaves across e₁, against the cubic flow on explicit data, integrated at large m."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

import theory
from theory.descent_across import across_descent, alpha1, alpha3
from theory.order_parameters import P

XI = np.array([0.4, -1.3, 0.9, 1.6, -0.2])
XI /= np.sqrt(np.mean(XI**2))
C3, M, P0, ZETA = -0.4, 1e5, 1e-5, 0.2


def data() -> tuple[np.ndarray, np.ndarray]:
    """Points of the plane and their negatives with unit second moments, and an odd target with z = e₁."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(6, 2))
    x[:, 1] += 0.5 * x[:, 0] ** 3
    x = np.linalg.solve(np.linalg.cholesky(x.T @ x / 6), x.T).T
    y = np.sin(2 * x[:, 0]) + x[:, 0] ** 2 * x[:, 1]
    z = x.T @ y / 6
    y = y + x @ (np.array([1.0, 0.0]) - z)
    return np.concatenate([x, -x]), np.concatenate([y, -y])


def test_the_weights_across_at_the_end_of_the_descent() -> None:
    x, y = data()

    def field(_: float, flat: np.ndarray) -> np.ndarray:
        """Exact gradient flow of the network with σ(u) = u + c₃u³, M neurons, copies of five."""
        a, w = flat[:5], flat[5:].reshape(5, 2)
        u = w @ x.T
        residual = M / 5 * a @ (u + C3 * u**3) - y
        rate_a = -(u + C3 * u**3) @ residual / len(y)
        rate_w = -a[:, None] * ((1 + 3 * C3 * u**2) * residual) @ x / len(y)
        return np.concatenate([rate_a, rate_w.ravel()])

    def reached(_: float, flat: np.ndarray) -> float:
        return float(M / 5 * flat[:5] @ flat[5::2]) - (1 - ZETA)

    reached.terminal = True  # type: ignore[attr-defined]
    start = np.zeros(15)
    start[:5] = start[5::2] = np.sqrt(P0 / M) * XI
    found = solve_ivp(field, (0, 40), start, method="DOP853", rtol=1e-12, atol=1e-16, events=reached)
    measured = np.sqrt(M) * M * found.y_events[0][0][6::2]  # m B₂

    derived = across_descent(2, 2)
    fourth = float(np.mean(XI**4))
    known = {
        "c3": C3,
        "k4": fourth,
        "F2_1": float(np.mean(y * x[:, 0] ** 2 * x[:, 1])),
        "M3_1": float(np.mean(x[:, 0] ** 3 * x[:, 1])),
    }
    rates = sp.lambdify((P, alpha1, alpha3), derived.field.substitute(
        {s: sp.nsimplify(known[s.name], rational=True) for s in derived.field.parameters}
    ).components)  # fmt: skip

    def level(_: float, state: np.ndarray) -> float:
        return float(state[0]) - (1 - ZETA)

    level.terminal = True  # type: ignore[attr-defined]
    path = solve_ivp(lambda _, s: rates(*s), (0, 40), [P0, 0, 0], rtol=1e-11, atol=1e-13, events=level)
    one, three = path.y_events[0][0][1:]
    np.testing.assert_allclose(measured, one * XI + three * XI**3, rtol=3e-3, atol=1e-3)
    square = float(derived.square.subs({alpha1: one, alpha3: three}).subs({s: v for s, v in (
        (sp.Symbol("k4", real=True), fourth), (sp.Symbol("k6", real=True), float(np.mean(XI**6))))}))  # fmt: skip
    assert square == pytest.approx(float(np.mean(measured**2)), rel=5e-3)


@pytest.mark.parametrize(("dim", "i"), [(2, 1), (2, 3), (1, 2)])
def test_other_directions_are_refused(dim: int, i: int) -> None:
    with pytest.raises(theory.TheoryError, match="across e₁"):
        across_descent(dim, i)
