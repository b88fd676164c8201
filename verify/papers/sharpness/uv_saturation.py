"""Intermediate saturation of the uv model: where the sharpness settles, its kink at c = 2, c_crit of full networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from numerics.array import FloatArray
from numerics.saturation import PRODUCT, CriticalPoint, bend_of, critical_point, uv_saturation_ratios
from numerics.uv_model import UVNetwork, gaussian_weights
from theory.uv import k
from theory.uv_catapult import delta
from theory.uv_critical import rho
from theory.uv_saturation import bend_between, excess, ratio_above, ratio_below, ratio_between
from verify.checks import simulation
from verify.checks.guard import guarded
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness import reduced
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import TARGET_0
from verify.papers.sharpness.uv_constants import rho_of
from verify.papers.sharpness.uv_critical import GAUSSIAN
from verify.papers.sharpness.uv_reduction import FORMAL, SERIES, in_order
from verify.parameters import remembered
from verify.stating import named

WHERE = "intermediate saturation"
SETTLED = (
    *TARGET_0,
    r"$c = \eta\lambda^H_0 < 4R$, so that the loss tends to zero (uv.converges) and the sharpness to the trace",
)

_above = 1 - delta + delta**2 / 6 - sp.Rational(11, 36) * delta**3
_above += sp.Rational(109, 1080) * delta**4 + sp.Rational(281, 6480) * delta**5

paper.identity(
    "uv.saturation",
    lambda: {
        "below": ratio_below(),
        "above": ratio_above(5),
        "jump of the slope": ratio_above(5).diff(delta).subs(delta, 0) - ratio_below().subs(rho, 0).diff(k),
    },
    lambda: {"below": 1 - 2 * rho * (5 - 2 * k) / (2 - k), "above": _above, "jump of the slope": -1},
    aligned=False,
    title="Where the sharpness settles in wide networks: nothing changes up to c = 2, and a kink there",
    where=WHERE,
    hypotheses=(
        *SETTLED,
        r"$\rho \to 0$, as it does with the width (uv.mean), after $t \to \infty$; formal series",
        r"below: $k_0 < 2$, up to first order in $\rho$; above: $c = 2 + \delta$ and $\rho = 0$, from the end of the "
        r"catapult (uv.catapult)",
        r"orders are those in $\rho$ below and in $\delta$ above",
        SERIES,
    ),
    uses=("uv.catapult", "uv.ratio", "uv.converges", "uv.mean"),
    basis="derived",
    statement=named(
        r"\Bigl[\frac{\lambda^H_\infty}{\lambda^H_0}\Bigr]_1 \;(k_0 = k < 2)",
        r"\Bigl[\frac{\lambda^H_\infty}{\lambda^H_0}\Bigr]_5 \;(c = 2 + \delta)",
        r"\Bigl[\partial_c \frac{\lambda^H_\infty}{\lambda^H_0}\Bigr]_{2^-}^{2^+}",
        printed=in_order,
    ),
)

paper.identity(
    "uv.saturation.bend",
    lambda: {"ratio": ratio_between(), "bend": bend_between(), "slope of it": bend_between().diff(excess)},
    lambda: {
        "ratio": 1 - excess / 2 - sp.sqrt(excess**2 + 8 * rho) / 2,
        "bend": 4 * rho / (excess**2 + 8 * rho) ** sp.Rational(3, 2),
        "slope of it": -12 * rho * excess / (excess**2 + 8 * rho) ** sp.Rational(5, 2),
    },
    aligned=False,
    title="At any large width the settled sharpness bends most at c = 2, draw by draw: c_crit → 2",
    where=WHERE,
    hypotheses=(
        *SETTLED,
        r"$c = 2 + \delta$ with $\delta$ of the order of $\sqrt\rho$; $\operatorname{lead}[\,\cdot\,]$: the terms of "
        r"lowest order of the formal series",
        r"for each $\rho$ the bend falls with $|\delta|$, and so does its mean over any law of $\rho$: its only "
        r"maximum is at $\delta = 0$",
        FORMAL,
    ),
    uses=("uv.catapult.invariant", "uv.ratio", "uv.converges"),
    basis="derived",
    statement=named(
        r"\operatorname{lead}\Bigl[\frac{\lambda^H_\infty}{\lambda^H_0}\Bigr]",
        r"\operatorname{lead}\Bigl[-\partial_c^2 \frac{\lambda^H_\infty}{\lambda^H_0}\Bigr]",
        r"\operatorname{lead}\Bigl[-\partial_c^3 \frac{\lambda^H_\infty}{\lambda^H_0}\Bigr]",
        printed=in_order,
    ),
)

WIDTHS = (8, 16, 32, 64, 128, 256, 512)
SPACING, WINDOW = 0.05, 7
VALUES_OF_C = np.round(np.arange(1.2, 3.2 + SPACING / 2, SPACING), 2)
LEVEL = 1 - 0.01 / len(WIDTHS)
"""Of the interval of c_crit at one width: all of them hold together with 99 %."""

COMPARED = (
    "the interval: all $c$ where no other is found to bend more, by Student's tests of the differences draw by draw, "
    "which take these as normal; its level is that of all tests for one $c$ together"
)

Move = Callable[..., Any]


@remembered
def settled(width: int, seed: int, draws: int) -> FloatArray:
    """λ^H_τ/λ^H_0 of full networks at cτ = 200, (draws, values of c)."""
    u, v = gaussian_weights(seed, draws, width)
    return uv_saturation_ratios(UVNetwork(), u, v, VALUES_OF_C)


def predicted(rhos: FloatArray, c: FloatArray, move: Move | None = None) -> FloatArray:
    """The same from the derived map and ρ alone, (starts, values of c)."""
    found = np.empty((len(rhos), len(c)))
    for i, value in enumerate(c):
        found[:, i] = _after(rhos, np.full(len(rhos), value), round(PRODUCT / float(value)), move)
    return found


def _after(rhos: FloatArray, c: FloatArray, steps: int, move: Move | None = None) -> FloatArray:
    for state in reduced.orbit(rhos, c, steps, move):
        last = state
    return np.asarray(reduced.sharpness()(*last) / c)


def network_check(move: Callable[[], Move | None]) -> Check:
    def measure(context: Context) -> Measurement:
        draws = context.by_effort(20, 100, 400)
        found = []
        for width in WIDTHS:
            context.progress(f"saturation, w = {width}")
            rhos = rho_of(width, context.seed, draws)
            seen = settled(width, context.seed, draws)
            with np.errstate(over="ignore", invalid="ignore"):
                said = predicted(rhos, VALUES_OF_C, move=move())
            # What rounding of the start alone makes of the derived orbit.
            moved = predicted(rhos * (1 + 1e-13), VALUES_OF_C) - predicted(rhos, VALUES_OF_C)
            gap = np.max(np.abs(np.nan_to_num(seen - said, nan=1.0, posinf=1.0)))
            label = f"w = {width}, {draws} draws at {len(VALUES_OF_C)} values of c"
            found.append(Comparison(label, float(gap), 0.0, 1e-9, float(np.max(np.abs(moved))) + 1e-12))
        return Measurement(
            found,
            remark="largest difference over draws and c; the error is what 1e-13 of ρ makes of the derived orbit",
        )

    return simulation.compare(measure, quantity="settled sharpness of full networks against the derived map")


def _changed(kind: str) -> Move:
    def move(g: FloatArray, at_k: FloatArray) -> tuple[FloatArray, FloatArray]:
        if kind == "no-square":
            return g - g * at_k, at_k + g * (g * at_k - 4 * g)
        if kind == "fixed-trace":
            return g - g * at_k + g**3, at_k
        return g - g * at_k + g**3, at_k + g * (g * at_k - 2 * g)

    return move


def _by_hand(kind: str) -> str | None:
    """w = 1, x = 1, u = 1, v = 2, η = 1 by hand: u′ = 1 − 2·2 = −3, v′ = 2 − 2·1 = 0, so g: 2 ↦ 0 and k: 5 ↦ 9."""
    g, at_k = _changed(kind)(np.array([2.0]), np.array([5.0]))
    if (g[0], at_k[0]) != (0.0, 9.0):
        return f"w = 1, u = 1, v = 2, η = 1: (g, k) = (2, 5) goes to (0, 9), not to ({g[0]:g}, {at_k[0]:g})"
    return None


paper.checked(
    "uv.saturation.network",
    network_check(lambda: None),
    title="Settled sharpness of full networks is that of the derived map, draw by draw",
    where=WHERE,
    statement=(
        r"\frac{\lambda^H_\tau}{\lambda^H_0}(u, v;\, c) = \text{that of the derived map from } \rho, \qquad "
        r"c\tau = 200,\; w = 8, \dots, 512,\; 1.2 \le c \le 3.2"
    ),
    hypotheses=(*TARGET_0, r"$\tau$ rounded to whole steps; normal weights; within $10^{-9}$"),
    uses=("uv.dimensionless", "uv.sharpness"),
    basis="derived",
    mutants=lambda: [
        Mutant(name, words, latex, network_check(partial(_changed, name)).run, partial(_by_hand, name))
        for name, words, latex in (
            ("no-square", "g′ without g³", r"g' = g - gk"),
            ("fixed-trace", "k never changes", r"k' = k"),
            ("half-drop", "k′ = k + g(gk − 2g)", r"k' = k + g\,(gk - 2g)"),
        )
    ],
)


def critical_check(low: float, high: float) -> Check:
    """The interval of c_crit inside a stated one, at every width."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        draws = context.by_effort(200, 400, 1600)
        rows: list[list[Any]] = []
        found: dict[int, CriticalPoint] = {}
        for width in WIDTHS:
            context.progress(f"c_crit, w = {width}")
            ratios = settled(width, context.seed, draws)
            found[width] = critical_point(VALUES_OF_C, ratios, window=WINDOW, level=LEVEL)
            one = found[width]
            rows.append([width, draws, one.value, *one.interval, float(np.nanmax(one.bend))])
        inside = [low <= one.interval[0] and one.interval[1] <= high for one in found.values()]
        outside = [one.interval[1] < low or one.interval[0] > high for one in found.values()]
        data: dict[str, Any] = {
            "stated": [low, high],
            "table": {
                "columns": ["width w", "draws", "c_crit", f"{100 * LEVEL:.2f} % from", "to", "largest bend"],
                "rows": rows,
            },
        }
        first = min(one.interval[0] for one in found.values())
        last = max(one.interval[1] for one in found.values())
        detail = (
            f"c_crit is {' '.join(f'{one.value:.2f}' for one in found.values())} at w = "
            f"{', '.join(str(w) for w in WIDTHS)}; the intervals, which hold half a step of c and are at "
            f"{100 * LEVEL:.2f} % each, 99 % together, lie in [{first:.3f}, {last:.3f}]; stated "
            f"[{low:g}, {high:g}]; {draws} draws each"
        )
        if all(inside):
            data["figure"] = _panels(found)
            return Evidence(Verdict.SUPPORTED, "statistical", detail, data)
        if any(outside):
            return Evidence(Verdict.REFUTED, "statistical", detail, data)
        return Evidence(Verdict.UNDECIDED, "statistical", detail, {**data, "not_confirmed": True})

    return Check("statistical", run)


SHOWN = (8, 64, 512)
_TINY = 1e-16  # of ρ, for the limit of infinite width
_LONG = 4000  # steps, in which a catapult from there ends


def _curve(label: str, x: FloatArray, y: FloatArray, style: str, role: str) -> dict[str, Any]:
    there = np.isfinite(y)
    return {
        "label": label,
        "x": [float(v) for v in x[there]],
        "y": [float(v) for v in y[there]],
        "style": style,
        "role": role,
    }


def _panels(found: dict[int, CriticalPoint]) -> list[dict[str, Any]]:
    fine = np.linspace(1.2, 3.2, 201)
    limit = _after(np.full(len(fine), _TINY), fine, _LONG)
    curves, bends = [], []
    for width in SHOWN:
        one = found[width]
        averaged = predicted(reduced.law_of_rho(width, 200), one.c).mean(axis=0)
        bent = bend_of(averaged, SPACING, WINDOW)
        curves.append(_curve(f"w = {width}, full networks", one.c, one.mean, "points", "simulated"))
        bends.append(_curve(f"w = {width}, full networks", one.c, one.bend, "points", "simulated"))
        curves.append(_curve(f"w = {width}, derived map", one.c, averaged, "line", "other"))
        bends.append(_curve(f"w = {width}, derived map", one.c, bent, "line", "other"))
    curves.append(_curve("infinite width, derived map", fine, limit, "dashed", "predicted"))
    shared = {"xlabel": "c", "xscale": "linear", "yscale": "linear", "marks": [{"x": 2.0, "label": "2"}]}
    return [
        {
            **shared,
            "title": "Settled sharpness of the uv model, cτ = 200",
            "ylabel": "mean of λ^H / λ^H₀",
            "series": curves,
        },
        {
            **shared,
            "title": "Its downward bend: c_crit is where it is largest",
            "ylabel": "−∂²/∂c² of this mean",
            "series": bends,
        },
    ]


def _plain_mean(width: int, c: float, draws: int = 12) -> float:
    """⟨λ_τ/λ_0⟩ by lists and loops, with the trace for the sharpness: the output is zero at the end, and nearly so at
    the start of a wide network."""
    from random import Random

    generator = Random(width)
    total = 0.0
    for _ in range(draws):
        u = [generator.gauss(0, 1) for _ in range(width)]
        v = [generator.gauss(0, 1) for _ in range(width)]
        first = sum(a * a + b * b for a, b in zip(u, v, strict=True)) / width
        rate = c / first
        for _ in range(round(200 / c)):
            slope = rate * sum(a * b for a, b in zip(u, v, strict=True)) / width
            u, v = (
                [a - slope * b for a, b in zip(u, v, strict=True)],
                [b - slope * a for a, b in zip(u, v, strict=True)],
            )
        total += sum(a * a + b * b for a, b in zip(u, v, strict=True)) / width / first
    return total / draws


def _bend_witness(low: float, high: float) -> str | None:
    """Second differences over 0.3 of c by plain loops at w = 512, about 2 and about the middle of what is stated."""
    middle = (low + high) / 2

    def bend(c: float) -> float:
        outer = _plain_mean(512, c - 0.3) + _plain_mean(512, c + 0.3)
        return (2 * _plain_mean(512, c) - outer) / 0.09

    there, at_two = bend(middle), bend(2.0)
    if at_two > 2 * max(there, 0.0):
        return f"plain loops, w = 512: −∂² is {at_two:.2f} about c = 2 and {there:.2f} about c = {middle:g}"
    return None


WRONG = (
    ("earlier", "a bend near 3/2", 1.4, 1.6),
    ("sharpness", "a bend where the first step raises the sharpness, at 5/2", 2.4, 2.6),
    ("later", "a bend near 9/4", 2.15, 2.35),
)


paper.checked(
    "uv.c_crit",
    critical_check(1.95, 2.05),
    title="c_crit of full networks is 2 at widths from 8 to 512",
    where=WHERE,
    statement=(
        r"c_{\mathrm{crit}} = \operatorname{argmax}_c\, -\partial_c^2 "
        r"\bigl\langle \lambda^H_\tau/\lambda^H_0 \bigr\rangle = 2.00 \pm 0.05, \quad c\tau = 200, \quad "
        r"w = 8, 16, \dots, 512"
    ),
    hypotheses=(
        *TARGET_0,
        GAUSSIAN,
        rf"$c$ from 1.2 to 3.2 in steps of {SPACING}; the second derivative is that of local cubics over "
        rf"{WINDOW} values of $c$; $w \le 512$: a catapult from $c$ needs about $\ln(w)/(c - 2)$ steps, and $\tau$ has "
        "to hold them",
        COMPARED,
    ),
    uses=("uv.saturation", "uv.saturation.bend"),
    basis="derived",
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"c_{{\mathrm{{crit}}}} \in [{low:g}, {high:g}]",
            critical_check(low, high).run,
            partial(_bend_witness, low, high),
        )
        for name, words, low, high in WRONG
    ],
)
