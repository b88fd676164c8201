"""The end of the descent by a second route: the drift that the theory derived and its code generator printed, by RK45.

A witness for false laws at T_2 that the infinitely wide reduced descent (`limit_model`) cannot see: what the cubic term
of σ adds. Quantities are computed from the weights by formulas of this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from numerics.array import FloatArray
from numerics.sampling import initial_weights
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid_runs import Setting, dataset, moments
from verify.parameters import remembered

WIDTH = 1600
SETTINGS = (Setting(1.0, "tanh", "points"), Setting(1.5, "tanh", "points"))


@remembered
def second_route(setting: Setting, m: int = WIDTH) -> Mapping[str, float]:
    """Quantities at T_2 of seed 0 with tanh, and the numbers for a law's symbols."""
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    points = dataset(setting.data)
    dim = points.dim
    rates = runs.generated_rates(points)
    scale = float(m) ** -setting.alpha
    start = initial_weights(0, m, dim, scale)

    end = runs.descent_mean(m, setting.alpha) + 1.0
    path = solve_ivp(
        lambda _, flat: rates(flat.reshape(start.shape)).ravel(),
        (0.0, end),
        start.ravel(),
        method="RK45",
        rtol=1e-7,
        atol=1e-8 * scale,
        dense_output=True,
    )

    def at(t: float) -> FloatArray:
        return np.asarray(path.sol(t)).reshape(start.shape)

    second = float(brentq(lambda t: float(at(t)[:, 0] @ at(t)[:, 1]) - (1 - float(chosen.zeta)), 0.0, end))
    state = at(second)
    a, w = state[:, 0], state[:, 1]
    xi = start[:, 0] + start[:, 1]
    size = float(np.mean(xi**2))
    gap = float(np.sum((a - w) ** 2))
    return {
        **moments(setting),
        "m": float(m),
        "alpha": setting.alpha,
        "gamma": setting.first,
        "zeta": float(chosen.zeta),
        "k4": float(np.mean(xi**4)) / size**2,
        "k6": float(np.mean(xi**6)) / size**3,
        "D": float(np.sum(start[:, 0] ** 2 - start[:, 1] ** 2)),
        "T_2": second,
        "coupling at T_2": float(np.sqrt(gap / (a @ a))),
        "imbalance at T_2": gap / (2 * (1 - float(chosen.zeta))),
        "sizes at T_2": float(a @ a / (w @ w)) - 1,
        "gradient excess at T_2": float(np.sqrt(np.sum(rates(state) ** 2) / np.sum(state**2)))
        - float(chosen.zeta),
        "V(0)": float(np.sqrt(np.sum(start[:, 2:] ** 2))),
        "V at T_2": float(np.sqrt(np.sum(state[:, 2:] ** 2))),
        "amplitudes at T_2": float(np.sqrt((gap + np.sum(state[:, 2:] ** 2)) / (a @ a))),
    }


def descent_end_witness(
    quantity: str,
    settings: tuple[Setting, ...] = SETTINGS,
    more: Callable[[Setting, Mapping[str, float]], Mapping[str, float]] | None = None,
) -> Callable[[Formula], str | None]:
    """A changed law that is more than 8 % off what the second route finds is false: its next order is 5 % there."""

    def witness(changed: Formula) -> str | None:
        for setting in settings:
            values = second_route(setting)
            values = {**values, **(more(setting, values) if more else {})}
            found = values[quantity]
            wrong = float(changed(*(values[symbol.name] for symbol in changed.symbols)))
            if not abs(wrong / found - 1) < 0.08:
                return (
                    f"m = {WIDTH}, α = {setting.alpha:g}, seed 0: the generated drift gives {quantity} = {found:.5g}, "
                    f"the changed law {wrong:.5g}"
                )
        return None

    return witness


LATE_WIDTH = 400
LATE = (Setting(0.75, "tanh", "plane"), Setting(1.0, "tanh", "plane"), Setting(2.0, "tanh", "plane"))


@remembered
def late_route(setting: Setting, third: bool) -> Mapping[str, float]:
    """V at T_2 + √m or T_3, seed 0 with tanh, by the generated drift and RK23, and the numbers for a law's symbols."""
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    points, m = dataset(setting.data), LATE_WIDTH
    rates = runs.generated_rates(points)
    scale = float(m) ** -setting.alpha
    start = initial_weights(0, m, points.dim, scale)
    later = float(chosen.plateau_factor) * m / np.log(m) if third else m**0.5
    path = solve_ivp(
        lambda _, flat: rates(flat.reshape(start.shape)).ravel(),
        (0.0, runs.descent_mean(m, setting.alpha) + 1.0 + later),
        start.ravel(),
        method="RK23",
        rtol=1e-6,
        atol=1e-7 * scale,
        dense_output=True,
    )

    def at(t: float) -> FloatArray:
        return np.asarray(path.sol(t)).reshape(start.shape)

    end = runs.descent_mean(m, setting.alpha) + 1.0
    second = float(brentq(lambda t: float(at(t)[:, 0] @ at(t)[:, 1]) - (1 - float(chosen.zeta)), 0.0, end))
    xi = start[:, 0] + start[:, 1]
    size = float(np.mean(xi**2))
    return {
        **moments(setting),
        "m": float(m),
        "k4": float(np.mean(xi**4)) / size**2,
        "k6": float(np.mean(xi**6)) / size**3,
        "alpha": setting.alpha,
        "V(0)": float(np.sqrt(np.sum(start[:, 2:] ** 2))),
        "V": float(np.sqrt(np.sum(at(second + later)[:, 2:] ** 2))),
    }


def plateau_witness(
    third: bool, more: Callable[[Setting, Mapping[str, float]], Mapping[str, float]]
) -> Callable[[Formula], str | None]:
    """A changed law that is more than 8 % off what the second route finds in one of two settings is false."""

    def witness(changed: Formula) -> str | None:
        for setting in LATE:
            values = late_route(setting, third)
            values = {**values, **more(setting, values)}
            wrong = float(changed(*(values[symbol.name] for symbol in changed.symbols)))
            if not abs(wrong / values["V"] - 1) < 0.08:
                return (
                    f"m = {LATE_WIDTH}, α = {setting.alpha:g}, d = {setting.dim}, seed 0: the generated drift gives "
                    f"V = {values['V']:.5g}, the changed law {wrong:.5g}"
                )
        return None

    return witness
