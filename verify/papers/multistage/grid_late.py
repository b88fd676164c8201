"""Runs of the grid that go on after T_2: to T_2 + √m, or to T_3 = T_2 + c m/log m. Nothing here imports `theory`."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from numerics.milestones import descent_time, secondary_time
from numerics.observables import transverse
from numerics.simulate import simulate
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.grid_runs import WHOLE, Measured, Setting, of_draw, started
from verify.parameters import remembered

_FINE, _COARSE = (8, 1e-8), (6, 1e-6)
"""Degree of the quadrature and tolerance of the integrator, as in `grid_runs` but for runs that are far longer."""

SETTLED = 6.0
"""So long after T_2 the fast modes of the descent have died out."""


def after(m: int, third: bool) -> float:
    """t − T_2: √m, or T_3 − T_2."""
    return secondary_time(0.0, m, float(chosen.plateau_factor)) if third else math.sqrt(m)


@remembered
def _late(setting: Setting, m: int, seed: int, whole: bool, third: bool) -> Measured | None:
    """ "V" (√ΣV_i²) then; of the draw "V(0)", "k4", "k6". None where the run did not get there."""
    every = whole or m <= WHOLE[setting.dim]
    found = [
        _run(setting, m, seed, None if every else degree, rtol, third) for degree, rtol in (_FINE, _COARSE)
    ]
    if found[0] is None or found[1] is None:
        return None
    k4, k6, _ = of_draw(m, seed, setting.dim)
    values = {**found[0], "k4": k4, "k6": k6}
    errors = {name: abs(value - found[1][name]) for name, value in found[0].items()}
    return Measured(values, errors)


def _run(
    setting: Setting, m: int, seed: int, degree: int | None, rtol: float, third: bool
) -> dict[str, float] | None:
    network, nodes = started(setting, m, seed, degree)
    descent = runs.descent_mean(m, setting.alpha) + 1.0
    until = descent + after(m, third)
    run = simulate(network, nodes, until, rtol=rtol, slow=(descent + SETTLED, until + SETTLED))
    second = descent_time(run, float(chosen.zeta))
    if run.status != "ok" or second is None or second + after(m, third) > run.end:
        return None
    times = {"V(0)": 0.0, "V": second + after(m, third)}
    return {name: float(np.linalg.norm(transverse(run.state(t), run.weights))) for name, t in times.items()}


at_root, at_third = partial(_late, third=False), partial(_late, third=True)
