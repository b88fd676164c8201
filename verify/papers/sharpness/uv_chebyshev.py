"""On the edge of divergence, k = 4, gradient descent of the uv model is a Chebyshev map."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import sympy as sp

from numerics.precision import working_precision
from numerics.uv_model import precise_descent
from theory.uv import g, k
from theory.uv_critical import zero_target
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import TARGET_0

WHERE = "the edge of divergence"
z = sp.Symbol("z", nonzero=True)
STEPS = 3
"""Steps for which the product of the multipliers is written out."""


def _on_the_edge() -> dict[str, sp.Expr]:
    step = zero_target()
    edge = {k: sp.Integer(4), g: z + 1 / z}
    slope = step.jacobian[0, 0].subs(k, 4)
    at, product = z + 1 / z, sp.S.One
    found = {"k'": sp.expand(step[k].subs(k, 4)), "g'": step[g].subs(edge)}
    for n in range(1, STEPS + 1):
        product *= slope.subs(g, at)
        at = z ** (3**n) + z ** -(3**n)
        found[f"multiplier of {n} steps"] = product
    return found


paper.identity(
    "uv.chebyshev",
    _on_the_edge,
    lambda: (
        {"k'": sp.Integer(4), "g'": z**3 + z**-3}
        | {
            f"multiplier of {n} steps": 3**n * (z ** (3**n) - z ** -(3**n)) / (z - 1 / z)
            for n in range(1, STEPS + 1)
        }
    ),
    aligned=False,
    title="At k = 4 one step triples an angle",
    where=WHERE,
    hypotheses=(
        *TARGET_0,
        r"$z = e^{i\theta}$, so that $g = 2\cos\theta$, $|g| \le 2$; the multiplier is checked for $n "
        r"= 1, 2, 3$ and telescopes",
    ),
    uses=("uv.dimensionless",),
    basis="derived",
    statement=(
        r"k' = 4, \quad g' = g^3 - 3g: \quad 2\cos\theta \mapsto 2\cos 3\theta, \qquad "
        r"\frac{dg_n}{dg_0} = 3^n\,\frac{\sin 3^n\theta}{\sin\theta}"
    ),
)

U, V = (1.5, 1.5, 0.5, 0.0), (3.0, 1.0, 1.0, 0.5)
"""|u|² + |v|² = 16 and w = 4: λ = 4, so that the rate 1 is k = 4 exactly."""

LONG = 1000


@cache
def exponents() -> tuple[float, float]:
    """Mean of ln|3g² − 3| over all steps of a full network, and over the first half of them."""
    orbit = precise_descent(U, V, x=1.0, y=0.0, rate=1.0, steps=LONG, bits=8000)
    logs = []
    with working_precision(200):
        for f, trace in orbit[:-1]:
            scaled = f / 2  # g = η x f/√w
            if not (trace.contains(4) and float(scaled.rad()) < 1e-50):
                raise ValueError("the balls are too wide; more bits are needed")
            logs.append(float(abs(3 * scaled * scaled - 3).log()))
    return float(np.mean(logs)), float(np.mean(logs[: LONG // 2]))


def lyapunov_check(stated: sp.Expr) -> Check:
    def measure(context: Context) -> Measurement:
        whole, half = exponents()
        error = abs(whole - half)
        return Measurement(
            [Comparison(f"{LONG} steps of w = 4", whole, float(stated), 0.03, error)],
            figure=[_orbit()],
            remark="the error is the change from half as many steps",
        )

    return simulation.compare(measure, quantity="Lyapunov exponent of a full network in 8000 bits")


def _orbit() -> dict[str, object]:
    orbit = precise_descent(U, V, x=1.0, y=0.0, rate=1.0, steps=60, bits=1000)
    return {
        "title": "Output of a full network at k = 4",
        "xlabel": "step",
        "ylabel": "g",
        "xscale": "linear",
        "yscale": "linear",
        "series": [
            {
                "label": "w = 4",
                "x": list(range(61)),
                "y": [float(f / 2) for f, _ in orbit],
                "style": "line",
                "role": "simulated",
            }
        ],
        "marks": [],
    }


def _birkhoff(stated: sp.Expr) -> str | None:
    """∫ ln|3(4cos²θ − 1)| dθ/π by mpmath."""
    from mpmath import mp

    places = [0, mp.pi / 3, 2 * mp.pi / 3, mp.pi]
    value = mp.quad(lambda t: mp.log(abs(3 * (4 * mp.cos(t) ** 2 - 1))), places) / mp.pi
    if abs(value - mp.mpf(float(stated))) > 0.06:
        return f"the mean of ln|g'| over the arcsine law is {mp.nstr(value, 8)}, not {float(stated):.6f}"
    return None


_WRONG = (("ln-2", sp.log(2)), ("ln-4", sp.log(4)), ("one", sp.S.One), ("ln-9", 2 * sp.log(3)))

paper.checked(
    "uv.lyapunov",
    lyapunov_check(sp.log(3)),
    title="The Lyapunov exponent at k = 4 is ln 3",
    where=WHERE,
    statement=r"\lim_{n\to\infty}\frac1n\ln\Bigl|\frac{dg_n}{dg_0}\Bigr| = \ln 3",
    hypotheses=(
        *TARGET_0,
        r"$k = 4$; by uv.chebyshev $\frac1n\ln|dg_n/dg_0| = \ln 3 + \frac1n\ln|\sin 3^n\theta/\sin\theta|$",
        rf"full network of width 4 with $k = 4$ exactly, {LONG} steps in 8000 bits; within 0.03",
    ),
    uses=("uv.chebyshev",),
    basis="derived",
    mutants=lambda: [
        Mutant(
            name, f"{sp.latex(e)} in place of ln 3", sp.latex(e), lyapunov_check(e).run, partial(_birkhoff, e)
        )
        for name, e in _WRONG
    ],
)
