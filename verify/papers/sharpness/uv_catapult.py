"""The catapult just above its threshold: a formal invariant of the map, where it ends, how far the loss goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import sympy as sp

from numerics.array import FloatArray
from numerics.uv_model import UVNetwork, descend_uv, gaussian_weights
from theory.codegen import numpy_expression
from theory.uv_catapult import (
    delta,
    end_of_catapult,
    epsilon,
    formal_invariant,
    near_threshold,
    peak_of_catapult,
    square,
    weighted_part,
)
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import TARGET_0
from verify.papers.sharpness.uv_reduction import FORMAL, SERIES, in_order
from verify.stating import named

WHERE = "catapult of the uv model"
NEAR = (*TARGET_0, r"$\varepsilon = k - 2$ has weight 1, $G = g^2$ weight 2; formal series", FORMAL)

STATED = (
    epsilon**2
    + 2 * square
    + sp.Rational(2, 3) * epsilon**3
    + epsilon**4 / 4
    - sp.Rational(5, 3) * square**2 * epsilon
    - sp.Rational(23, 18) * square * epsilon**3
    - sp.Rational(7, 45) * epsilon**5
)


def _left_over() -> dict[str, sp.Expr]:
    change = near_threshold().change(STATED)
    return {f"change, weight {n}": weighted_part(change, n) for n in range(2, 7)}


def _conserved_latex(lhs: dict[str, sp.Expr], rhs: dict[str, sp.Expr]) -> str:
    """The series, and by what one step changes it, weight by weight."""
    names = {epsilon: r"\varepsilon"}
    changed = ", ".join(in_order(change, names) for name, change in rhs.items() if name != "series")
    return rf"I = {in_order(rhs['series'], names)}, \quad [I' - I]_{{2, \dots, 6}} = ({changed})"


paper.identity(
    "uv.catapult.invariant",
    lambda: {"series": formal_invariant(5)} | _left_over(),
    lambda: {"series": STATED} | {f"change, weight {n}": sp.S.Zero for n in range(2, 7)},
    aligned=False,
    title="A formal invariant of the map near the catapult's threshold",
    where=WHERE,
    hypotheses=(
        *NEAR,
        r"$[I' - I]_n$: the part of weight $n$ of the change in a step, which therefore begins at weight 7",
    ),
    uses=("uv.dimensionless",),
    basis="derived",
    statement=_conserved_latex,
)

END = (
    2
    - delta
    - sp.Rational(2, 3) * delta**2
    - sp.Rational(4, 9) * delta**3
    - sp.Rational(14, 135) * delta**4
    + sp.Rational(76, 405) * delta**5
)

paper.identity(
    "uv.catapult",
    lambda: {"end": end_of_catapult(5), "peak": peak_of_catapult()},
    lambda: {"end": END, "peak": delta**2 / 2 + delta**3 / 3},
    aligned=False,
    title="Where a small catapult ends, and how far it throws the loss",
    where=WHERE,
    hypotheses=(
        *NEAR,
        r"$k_0 = 2 + \delta$, $g_0 \to 0$: the two points of a level curve of $I$ on $G = 0$, and its "
        r"highest point at "
        r"$\varepsilon = 0$",
        r"left to the reader: hence $L_{\mathrm{peak}} \approx \frac{w}{2\eta^2x^2}(\frac{\delta^2}{2} + "
        r"\frac{\delta^3}{3})$",
        r"orders are those in $\delta$",
        SERIES,
    ),
    uses=("uv.catapult.invariant",),
    basis="derived",
    statement=named(r"[k_\infty]_5", r"[\,\max_t g_t^2\,]_3", printed=in_order),
)

DELTAS = (0.02, 0.05, 0.1, 0.2)
WIDTH = 64
_SMALL = 1e-9


@cache
def thrown(excess: float, seed: int) -> tuple[float, float, float]:
    """(final k, largest g², change of k in the last tenth) of a full network from k₀ = 2 + excess and a tiny output."""
    network = UVNetwork()
    u, v = gaussian_weights(seed, 1, WIDTH)
    v = v - np.sum(u * v) / np.sum(u * u) * u + _SMALL * u
    rate = (2 + excess) / float(network.trace(u, v)[0])
    steps = int(120 / excess)
    peak, late, k = 0.0, 0.0, 0.0
    for number, (at_u, at_v) in enumerate(descend_uv(network, u, v, rate, steps)):
        k = rate * float(network.trace(at_u, at_v)[0])
        peak = max(peak, (rate * float(network.output(at_u, at_v)[0])) ** 2 / WIDTH)
        if number == int(0.9 * steps):
            late = k
    return k, peak, abs(k - late)


def thrown_check(end: sp.Expr, peak: sp.Expr) -> Check:
    """The last term of the series is left to the tolerance: ``end`` may be off by δ⁶."""

    def measure(context: Context) -> Measurement:
        code = numpy_expression([end, peak], (delta,), "uv_catapult")
        found = []
        for excess in DELTAS:
            context.progress(f"δ = {excess}")
            k, top, late = thrown(excess, context.seed)
            said_end, said_peak = (float(v[0]) for v in code(np.array([excess])))
            found.append(Comparison(f"k at the end, δ = {excess}", k, said_end, excess**6, late + 1e-12))
            found.append(Comparison(f"largest g², δ = {excess}", top, said_peak, excess**4, excess**4 / 8))
        return Measurement(
            found,
            figure=[_path(context.seed)],
            remark="tolerances δ⁶ and δ⁴; a peak between two steps is missed by at most δ⁴/8",
        )

    return simulation.compare(measure, quantity="catapults of a full network")


def _path(seed: int) -> dict[str, object]:
    network = UVNetwork()
    excess = 0.2
    u, v = gaussian_weights(seed, 1, WIDTH)
    v = v - np.sum(u * v) / np.sum(u * u) * u + 1e-4 * u
    rate = (2 + excess) / float(network.trace(u, v)[0])
    states = list(descend_uv(network, u, v, rate, 250))
    k = [rate * float(network.trace(*s)[0]) for s in states]
    squares = [(rate * float(network.output(*s)[0])) ** 2 / WIDTH for s in states]
    fine = np.linspace(-0.235, excess, 120)
    curve = _level_curve(fine, excess)
    return {
        "title": "A catapult from k = 2.2, and a level curve of the invariant",
        "xlabel": "k = ηλ",
        "ylabel": "g²",
        "xscale": "linear",
        "yscale": "linear",
        "series": [
            {"label": "full network, w = 64", "x": k, "y": squares, "style": "points", "role": "simulated"},
            {
                "label": "level curve, weights up to 5",
                "x": [float(2 + e) for e in fine],
                "y": [float(s) if s >= 0 else None for s in curve],
                "style": "dashed",
                "role": "predicted",
            },
        ],
        "marks": [{"x": 2.0, "label": "k = 2"}],
    }


def _level_curve(at: FloatArray, excess: float) -> FloatArray:
    """G on the level curve through (excess, 0), by Newton's method from the leading order."""
    code = numpy_expression([STATED, STATED.diff(square)], (epsilon, square), "uv_level")
    level = float(code(np.array([excess]), np.array([0.0]))[0][0])
    height = np.maximum((excess**2 - at**2) / 2, 0.0)
    for _ in range(30):
        value, slope = code(at, height)
        height = height - (value - level) / slope
    return np.asarray(height)


def _scalar_witness(end: sp.Expr, peak: sp.Expr) -> str | None:
    """The scalar map in mpmath with 50 digits at δ = 1/20."""
    from mpmath import mp

    with mp.workdps(50):
        excess = mp.mpf(1) / 20
        g, k, top = mp.mpf(10) ** -20, 2 + excess, mp.mpf(0)
        for _ in range(4000):
            g, k = g * (1 - k + g * g), k + g * g * (k - 4)
            top = max(top, g * g)
        said = [mp.mpf(sp.Rational(e.subs(delta, sp.Rational(1, 20))).p) for e in (end, peak)]
        below = [sp.Rational(e.subs(delta, sp.Rational(1, 20))).q for e in (end, peak)]
        for name, seen, value, room in (
            ("k ends at", k, said[0] / below[0], excess**6),
            ("the largest g² is", top, said[1] / below[1], excess**4),
        ):
            if abs(seen - value) > 2 * room:
                return f"δ = 1/20: {name} {mp.nstr(seen, 8)}, not at {mp.nstr(value, 8)}"
    return None


def _thrown_mutants() -> list[Mutant]:
    peak = peak_of_catapult()
    listed: list[tuple[str, str, Callable[[], sp.Expr], sp.Expr]] = [
        ("symmetric", "k ends as far below 2 as it began above", lambda: 2 - delta, peak),
        ("second-sign", "+2δ²/3", lambda: END + sp.Rational(4, 3) * delta**2, peak),
        ("third-dropped", "without 4δ³/9", lambda: END + sp.Rational(4, 9) * delta**3, peak),
        ("fifth-sign", "−76δ⁵/405", lambda: END - sp.Rational(152, 405) * delta**5, peak),
        ("peak-first-order", "the peak without δ³/3", lambda: END, delta**2 / 2),
        ("peak-double", "the peak δ²", lambda: END, delta**2),
    ]
    return [
        Mutant(
            name,
            words,
            rf"k_\infty = {sp.latex(end())}, \quad \max g^2 = {sp.latex(top)}",
            thrown_check(end(), top).run,
            partial(_scalar_witness, end(), top),
        )
        for name, words, end, top in listed
    ]


paper.checked(
    "uv.catapult.network",
    thrown_check(END, delta**2 / 2 + delta**3 / 3),
    title="Small catapults of a full network end where the series says",
    where=WHERE,
    statement=(
        r"k_\infty = 2 - \delta - \tfrac23\delta^2 - \tfrac49\delta^3 - \tfrac{14}{135}\delta^4 + "
        r"\tfrac{76}{405}\delta^5, "
        r"\qquad \max_t g_t^2 = \tfrac12\delta^2 + \tfrac13\delta^3"
    ),
    hypotheses=(
        *TARGET_0,
        rf"$w = {WIDTH}$, $u\cdot v \approx 0$ at the start, $\delta = 0.02, 0.05, 0.1, 0.2$; within "
        rf"$\delta^6$ and $\delta^4$",
    ),
    uses=("uv.catapult",),
    basis="derived",
    mutants=_thrown_mutants,
)
