"""Why the map is iterated in log z: in double precision the distance to the axis underflows, and no spike comes."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.llas import orbit, plain_descent, reduced_parameters
from numerics.llas_enclosed import enclosed_orbit
from verify.checks.enclosure_steps import Steps, step
from verify.checks.guard import guarded
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.toy_map import REDUCED

BETA, STEPS = 50, 4000
"""α = 50, η = 1/250, start x = 0, y = 1/10: ε = 1/625, m₀ = 2/5, z₀ = 1/2."""

BITS = 4000
"""Precision of the orbit in balls."""

FIRST_ABOVE = 2576
"""The step at which the exact orbit first has z > 1 after its fall."""


def spike_check(stated: int) -> Check:
    """PROVED when in balls z is certainly above 1 for the first time at this step, and below before."""

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        context.progress("the orbit in balls")
        states = enclosed_orbit(Fraction(1, 625), Fraction(2, 5), Fraction(1, 2), STEPS, bits=BITS)
        _, ys = plain_descent(50.0, float(BETA), 1 / 250, 0.0, 0.1, STEPS)
        zero = int(np.argmax(ys == 0.0))
        if not all(bool(s.z < 1 or s.z > 1) for s in states):
            return Evidence(
                Verdict.UNDECIDED, "enclosure", "A ball of z contains 1.", {"not_confirmed": True}
            )
        first = next((s.step for s in states if s.z > 1), -1)
        lowest = min(float(s.z.log().mid()) for s in states[:2500:50])
        text = (
            f"in balls z first passes 1 at step {first}, after a fall to about e^{lowest:.0f}; in double "
            f"precision y is 0 "
            f"from step {zero} on and stays so for all {STEPS} steps"
        )
        plain_spikes = bool(np.any(50.0 * ys**2 > 1))
        if first != stated or plain_spikes or not zero:
            return Evidence(Verdict.REFUTED, "enclosure", f"Not so: {text}.", {})
        told = _told(first, zero)
        return Evidence(Verdict.PROVED, "enclosure", f"{text}.", {"figure": [_panel(ys)], "derivation": told})

    return Check("enclosure", run)


def _told(first: int, zero: int) -> Steps:
    return [
        step(
            "The map of the landscape, from exact rational numbers.",
            r"m' = m + \varepsilon(1 - z), \quad z' = (1 - m)^2 z; \qquad \varepsilon = \tfrac{1}{625},\; "
            r"m_0 = \tfrac25,\; z_0 = \tfrac12",
        ),
        step(
            f"It is iterated in balls of {BITS} bits: each contains the exact $m_t$ or $z_t$, with all rounding "
            f"included. At each of {STEPS} steps the ball of $z_t$ lies on one side of 1."
        ),
        step(
            "The first step at which it lies above.", rf"z_t < 1 \;\;(t < {first}), \qquad z_{{{first}}} > 1"
        ),
        step(
            "The same start iterated as $(x, y)$ in double precision, where every operation is rounded to 53 bits: "
            f"$y$ is 0 from step {zero} on, and 0 is mapped to 0. This part is an observation of the machine's "
            f"arithmetic."
        ),
    ]


def _panel(ys: FloatArray) -> dict[str, Any]:
    eps, m0, log_z0 = reduced_parameters(50.0, float(BETA), 1 / 250, 0.0, 0.1)
    found = orbit(eps, m0, log_z0, STEPS)
    seen = np.flatnonzero(ys != 0.0)
    plain = np.log10(50.0) + 2 * np.log10(np.abs(ys[seen]))
    return panel(
        "The same start, in log z and in double precision",
        "step",
        "log₁₀ z",
        [
            curve("in log z", np.arange(len(found)), found.log_z / math.log(10)),
            curve("x and y in double precision, until y = 0", seen, plain, style="dashed", role="other"),
        ],
    )


def _witness(stated: int) -> str | None:
    eps, m0, log_z0 = reduced_parameters(50.0, float(BETA), 1 / 250, 0.0, 0.1)
    found = orbit(eps, m0, log_z0, STEPS)
    first = int(np.argmax(found.log_z > 0))
    return None if first == stated else f"in log z the orbit first has z > 1 at step {first}, not {stated}"


paper.checked(
    "toy.underflow",
    spike_check(FIRST_ABOVE),
    title="A spike that double precision does not see",
    where="beyond the paper; the toy landscape",
    hypotheses=(*REDUCED, r"$\alpha = \beta = 50$, $\eta = 1/250$, start $x = 0$, $y = 1/10$"),
    uses=("toy.reduced",),
    basis="derived",
    statement=(
        rf"z_t < 1 \text{{ for }} t < {FIRST_ABOVE}, \; z_{{{FIRST_ABOVE}}} > 1; \quad \text{{iterated as }} "
        rf"(x, y) \text{{ in "
        rf"double precision, }} y \text{{ becomes 0 and no spike comes}}"
    ),
    mutants=lambda: [
        Mutant(
            name,
            f"at step {step}",
            rf"z_t < 1 \text{{ for }} t < {step},\; z_{{{step}}} > 1",
            spike_check(step).run,
            partial(_witness, step),
        )
        for name, step in (("earlier", FIRST_ABOVE - 1), ("later", FIRST_ABOVE + 1), ("never-fell", 1))
    ],
)
