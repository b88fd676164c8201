"""Where the sharpness of the uv model settles: the derived series against the map, iterated as plain floats."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from theory.uv import k
from theory.uv_catapult import delta
from theory.uv_critical import rho
from theory.uv_saturation import bend_between, excess, ratio_above, ratio_below, ratio_between


def settled(c: float, small: float, steps: int = 20_000) -> float:
    """λ^H_∞/λ^H_0 from ρ = ``small``."""
    first = 0.5 * (1 + math.sqrt(1 + 12 * small))
    now = c / first
    g = math.sqrt(small) * now
    for _ in range(steps):
        g, now = g * (1 - now + g * g), now + g * g * (now - 4)
    return now / c


@pytest.mark.parametrize("c", [2.02, 2.05, 2.1])
def test_above_two_the_series_ends_where_the_map_does(c: float) -> None:
    series = float(ratio_above(5).subs(delta, sp.Float(c - 2)))
    assert settled(c, 1e-24) == pytest.approx(series, abs=(c - 2) ** 6)


@pytest.mark.parametrize("start", [0.5, 1.2, 1.7])
def test_below_two_the_first_order_in_rho_is_that_of_the_map(start: float) -> None:
    small = 1e-6
    c = start * 0.5 * (1 + math.sqrt(1 + 12 * small))
    change = float(ratio_below().subs({k: start, rho: 1}) - 1)
    assert (settled(c, small) - 1) / small == pytest.approx(change, rel=1e-3)


@pytest.mark.parametrize("scaled", [-2.0, 0.0, 0.5, 3.0])
def test_between_the_two_the_error_is_of_the_next_order(scaled: float) -> None:
    for small in (1e-5, 1e-7):
        c = 2 + scaled * math.sqrt(small)
        derived = float(ratio_between().subs({excess: c - 2, rho: small}))
        assert abs(settled(c, small) - derived) < 20 * small


def test_the_bend_is_largest_at_two_and_symmetric() -> None:
    bend = bend_between()
    assert sp.simplify(bend - bend.subs(excess, -excess)) == 0
    values = [float(bend.subs({excess: d, rho: 0.01})) for d in (0, 0.1, 0.3, 1)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(4 * 0.01 / 0.08**1.5)
