"""The threshold (2, 1) of the landscape is an unstable spiral: its multipliers, and what orbits do about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from numerics.llas import orbit
from theory import llas
from theory.llas import epsilon, m, z
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.toy_energy import FORMAL
from verify.papers.spikes.toy_map import REDUCED, in_order
from verify.stating import named

s = llas.spiral_symbol()


def _spiral() -> dict[str, sp.Expr]:
    points = {point.conditions[m]: point for point in llas.reduced().fixed_points()}
    found: dict[str, sp.Expr] = {}
    for place, name in ((2, "(2, 1)"), (0, "(0, 1)")):
        low, high = points[sp.Integer(place)].multipliers
        found |= {f"{name}: sum": sp.expand(low + high), f"{name}: product": sp.expand(low * high)}
        found |= {f"{name}: z": points[sp.Integer(place)].conditions[z]}
    return found


paper.identity(
    "toy.spiral",
    _spiral,
    lambda: {
        "(2, 1): sum": sp.S(2),
        "(2, 1): product": 1 + 2 * epsilon,
        "(2, 1): z": sp.S.One,
        "(0, 1): sum": sp.S(2),
        "(0, 1): product": 1 - 2 * epsilon,
        "(0, 1): z": sp.S.One,
    },
    title="The threshold is an unstable spiral",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        "both fixed points of the map, from the complete list; sum and product of the multipliers",
    ),
    uses=("toy.reduced",),
    basis="derived",
    statement=(
        r"(m, z) = (2, 1):\; 1 \pm i\sqrt{2\varepsilon}; \qquad (m, z) = (0, 1):\; 1 \pm \sqrt{2\varepsilon}"
    ),
)


def _leading(expr: sp.Expr, order: int) -> sp.Expr:
    return sp.expand(sp.series(expr, s, 0, order).removeO())


paper.identity(
    "toy.spiral.turn",
    lambda: {
        "log growth": llas.spiral_growth()[0],
        "steps": llas.spiral_growth()[1],
        "log growth, leading": _leading(llas.spiral_growth()[0], 4),
        "steps, leading": _leading(llas.spiral_growth()[1], 2),
    },
    lambda: {
        "log growth": sp.pi * sp.log(1 + s**2) / sp.atan(s),
        "steps": 2 * sp.pi / sp.atan(s),
        "log growth, leading": sp.pi * s - sp.pi * s**3 / 6,
        "steps, leading": 2 * sp.pi / s + 2 * sp.pi * s / 3,
    },
    title="Growth and length of a turn of the spiral",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        r"$s = \sqrt{2\varepsilon}$; the linearised map",
        r"$[\,\cdot\,]_n$: the formal series in $s$ up to $s^n$",
        FORMAL,
    ),
    uses=("toy.spiral",),
    basis="derived",
    statement=named(
        r"\log\text{growth}",
        r"\text{steps}",
        r"[\,\log\text{growth}\,]_3",
        r"[\,\text{steps}\,]_1",
        printed=in_order,
    ),
)

TURNS = (1e-4, 4e-4, 1.6e-3)
"""ε of the orbits that are measured."""


def measured_turn(eps: float, size: float) -> tuple[float, float]:
    """(growth, steps) of the first whole turn of an orbit that starts at m = 2 + size, z = 1."""
    steps = round(3 * 2 * math.pi / math.sqrt(2 * eps))
    found = orbit(eps, 2.0 + size, 0.0, steps)
    # In these coordinates the linear map is a rotation by arctan s and a stretching.
    across, along = found.above * math.sqrt(2.0 / eps), np.expm1(found.log_z)
    angle = np.unwrap(np.arctan2(along, across))
    radius = 0.5 * np.log(across**2 + along**2)
    whole = angle[0] + 2 * math.pi
    at = float(np.interp(whole, angle, np.arange(len(angle))))
    return math.exp(float(np.interp(at, np.arange(len(radius)), radius)) - radius[0]), at


def turn_check(growth: sp.Expr, length: sp.Expr) -> Check:
    def measure(context: Context) -> Measurement:
        items = []
        for eps in TURNS:
            context.progress(f"ε = {eps}")
            (grown, steps), (other, others) = measured_turn(eps, 1e-6), measured_turn(eps, 1e-5)
            root = math.sqrt(2 * eps)
            said = [float(e.subs(s, sp.Float(root, 30))) for e in (growth, length)]
            items += [
                Comparison(f"growth, ε = {eps}", grown, said[0], 2e-5, abs(other - grown)),
                Comparison(f"steps, ε = {eps}", steps, said[1], 2e-2, abs(others - steps)),
            ]
        return Measurement(
            items, figure=[_spiral_panel()], remark="the error is the change from 10⁻⁶ to 10⁻⁵"
        )

    return simulation.compare(measure, quantity="a turn about (2, 1)")


def _spiral_panel() -> dict[str, Any]:
    found = orbit(1e-4, 1.9, math.log(0.01), 14000)
    return panel(
        "An orbit of the map, ε = 10⁻⁴, from m = 1.9, z = 0.01",
        "m = η λ on the axis",
        "log₁₀ z",
        [curve("orbit", found.m, found.log_z / math.log(10))],
        marks=[(2.0, "threshold")],
    )


def turn_witness(growth: sp.Expr, length: sp.Expr) -> str | None:
    """Eigenvalues of the Jacobian at (2, 1) as numbers, by NumPy."""
    eps = TURNS[-1]
    value = np.linalg.eigvals(np.array([[1.0, -eps], [2.0, 1.0]]))[0]
    steps = 2 * math.pi / abs(float(np.angle(value)))
    grown = float(abs(value) ** steps)
    said = [float(e.subs(s, math.sqrt(2 * eps))) for e in (growth, length)]
    if abs(said[0] - grown) > 1e-4 or abs(said[1] - steps) > 0.05:
        return f"ε = {eps}: eigenvalues give {grown:.6f} in {steps:.3f} steps, not {said[0]:.6f} in {said[1]:.3f}"
    return None


TURN = (sp.exp(sp.pi * sp.log(1 + s**2) / sp.atan(s)), 2 * sp.pi / sp.atan(s))


def _turn_mutants() -> list[Mutant]:
    growth, length = TURN
    listed: Sequence[tuple[str, str, str, sp.Expr, sp.Expr]] = (
        ("half-turn", "the growth of half a turn", r"e^{\pi s/2}", sp.sqrt(growth), length),
        ("half-length", "half the steps", r"\pi/\arctan s", growth, length / 2),
        ("neutral", "no growth, as of a centre", "1", sp.S.One, length),
        ("frequency", "the frequency √ε instead of √(2ε)", r"2\pi\sqrt 2/s", growth, length * sp.sqrt(2)),
    )
    return [
        Mutant(name, words, shown, turn_check(g, n).run, partial(turn_witness, g, n))
        for name, words, shown, g, n in listed
    ]


paper.checked(
    "toy.spiral.measured",
    turn_check(*TURN),
    title="Orbits near the threshold turn and grow as the multipliers say",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        r"$\varepsilon = 10^{-4}, 4\cdot10^{-4}, 1.6\cdot10^{-3}$; start at $m = 2 + 10^{-6}$, $z = 1$",
    ),
    uses=("toy.spiral.turn",),
    basis="derived",
    statement=(
        r"\text{growth in a turn} = (1 + s^2)^{\pi/\arctan s}, \quad \text{steps in it} = 2\pi/\arctan s"
    ),
    mutants=_turn_mutants,
)
