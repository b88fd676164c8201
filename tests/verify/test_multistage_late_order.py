"""The room that laws on the secondary plateau leave for the next order in τ, against the slow flow itself."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.slowflow import moment_values, profile_of_normal, solve_slow_flow
from verify.papers.multistage.grid_runs import CUBIC, dataset


@pytest.mark.parametrize("data", ["square", "plane"])
@pytest.mark.parametrize("name", ["tanh", "sin"])
def test_the_slow_flow_stays_below_the_chosen_next_order(data, name):
    """Of normal draws, at the nodes that draws of 10⁵ neurons reach: growth across e₁ over its first order, less 1."""
    c3 = CUBIC[name]
    first, *times = (1e-7, 1e-3, 1e-2, 3e-2)
    found = solve_slow_flow(profile_of_normal(10, 2), [first, *times], moment_values(dataset(data), c3))
    assert found.status == "ok"
    V = found.transverse(2)
    off = V[1:] / (V[0] / first * np.array(times)) - 1
    assert np.all(np.abs(off) <= 4 * abs(c3) * np.array(times))
