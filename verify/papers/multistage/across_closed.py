"""Propositions 3 and 7: the weights across e₁ on the descent and on the secondary plateau, in closed form."""

from __future__ import annotations

import math
from collections.abc import Mapping

import sympy as sp

from theory.across_solution import AcrossSolution, angle, clock, pull, rest, root, solve_across
from theory.descent_across import alpha3
from theory.meanfield import profile
from theory.noting import kept
from verify.papers.multistage import chosen, derivations
from verify.papers.multistage.descent_across import F21, M31, derived
from verify.papers.multistage.first_order import ALONG
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import c3, k4
from verify.stating import expression_latex, named

k6 = sp.Symbol("k6", real=True)
_third = sp.Rational(1, 3)

DRIVE = Formula(3 * c3 * ((F21 - M31) * (clock - root) + M31 * root**3 * _third), (clock, root, c3, F21, M31))
"""α₃: what the cubic terms put along ξ³."""

PULL = Formula(
    c3 * k4 * (3 * F21 * (root - rest * angle) - 2 * M31 * (2 * root - 3 * rest * angle + root * rest**2)),
    (root, rest, angle, c3, k4, F21, M31),
)
"""u = α₁ + k₄α₃: what they leave along ξ."""

SQUARE = (k6 - k4**2) * alpha3**2 + pull**2
_RATE = 3 * c3 * (F21 - M31)
_LIMIT = c3 * k4 * (3 * F21 - 4 * M31)


@kept
def solved() -> AcrossSolution:
    return solve_across(derived(2, 2))


_CLOCK = (
    r"$\sinh x = e^{t - t_{1/2}}$, $P(t_{1/2}) = \frac12$: $P = \tanh^2 x$, and "
    r"$\varphi = \arctan\sinh x$, $F_{21} = \int f^*x_1^2x_i\rho$, $M_{31} = \int x_1^3x_i\rho$"
)


def _in_clock(expr: sp.Expr) -> str:
    """LaTeX with T and C as the functions of x that they stand for."""
    functions = {root: sp.tanh(clock), rest: sp.sech(clock)}
    return expression_latex(expr.xreplace(functions), {angle: r"\varphi"})


paper.identity(
    "eq46.closed",
    lambda: {"α₃": solved().drive, "u": solved().pull, "square": solved().square},
    lambda: {"α₃": DRIVE.expression, "u": PULL.expression, "square": SQUARE},
    title="The weights across e₁ in closed form",
    where="Propositions 3 and 7, equations (46) and (61), sharpened",
    hypotheses=(
        *ALONG[:1],
        "$d = 2$, first order in $1/m$",
        ALONG[-1],
        _CLOCK,
        r"$u = \alpha_1 + k_4\alpha_3$, $k_6 = \langle\xi^6\rangle$",
    ),
    uses=("eq46.derived",),
    basis="derived",
    statement=named(
        r"\alpha_3", r"\alpha_1 + k_4\alpha_3", r"m^2\bigl(V_i^2 - V_i(0)^2\bigr)", printed=_in_clock
    ),
)


def _late() -> dict[str, sp.Expr]:
    """The slow flow's own growth, and the closed forms where P → 1: α₃′ and u."""
    (growth,) = derivations.slow(2).growth_across
    return {"dB/dτ": sp.expand(growth), "dα₃/dt": solved().drive_rate, "u": solved().pull_limit}


paper.identity(
    "eq61.derived",
    _late,
    lambda: {"dB/dτ": _RATE * (profile**3 - k4 * profile), "dα₃/dt": _RATE, "u": _LIMIT},
    title="How the weights across e₁ grow on the secondary plateau, up to a step left to the reader",
    where="Proposition 7, equation (61), sharpened",
    hypotheses=(
        *ALONG[:1],
        r"$d = 2$, first order in $1/m$ and in $\tau = t/m$",
        _CLOCK,
        "the slow flow of the plateau, derived by itself, goes on where the closed forms of the descent end",
        r"with eq46.closed $V_i(t)^2 = V_i(0)^2 + ((k_6 - k_4^2)\,\alpha_3^2 + u^2)/m^2$, so that $V_i$ stays at "
        r"$V_i(0)$ for $t \ll m^{3/2-\alpha}$ and is near "
        r"$3\,\lvert c_3(F_{21} - M_{31})\rvert\sqrt{k_6 - k_4^2}\;t/m$ beyond; "
        "this step is not part of the check",
    ),
    uses=("eq46.closed", "b4.across"),
    basis="derived",
    statement=named(
        r"\frac{dB_k^{(2)}}{d\tau}\Big|_{A_k = B_k^{(1)} = \xi_k}",
        r"\lim_{P\to1} \dot\alpha_3",
        r"\lim_{P\to1} u",
    ),
)


def closed_parts(known: Mapping[str, float], since_half: float) -> dict[str, float]:
    """Lengths over the directions i of α₃ and of u at a time t − t_½, for the moments of `grid_runs.moments`."""
    x = since_half + math.log1p(math.sqrt(1 + math.exp(-2 * since_half)))
    T, C = math.tanh(x), 1 / math.cosh(x) if x < 300 else 0.0
    drives, pulls = [], []
    for i in range(2, int(known["d"]) + 1):
        mixed = known[f"F21_{i}"], known[f"M31_{i}"]
        drives.append(float(DRIVE(x, T, known["c3"], *mixed)))
        pulls.append(float(PULL(T, C, math.atan2(T, C), known["c3"], known["k4"], *mixed)))
    return {"alpha3": math.hypot(*drives), "u": math.hypot(*pulls)}


def half_to_end() -> float:
    """T_2 − t_½, to leading order."""
    zeta = float(chosen.zeta)
    return math.log((1 - zeta) / zeta) / 2
