"""Remark 7: different scales arrive at the critical point at one time, once time is divided by (α − ½) log m.

The rescaled curves of P tend to a step at 1, slowly: what is left is the constant of T_2 over (α − ½) log m, and the
step is as wide as the logistic curve. Both are compared, for several α.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import order_parameters
from numerics.simulate import simulate
from theory import width
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen
from verify.papers.multistage.descent_time import alpha, zeta
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.grid_runs import Setting, dataset, normals, representatives
from verify.papers.multistage.limit_model import limit_values
from verify.papers.multistage.paper import paper
from verify.parameters import remembered

ALPHAS = (0.75, 1.0, 1.5, 2.0)

_UNIT = (alpha - sp.Rational(1, 2)) * sp.log(width)
RESCALED = Formula(1 + sp.log(2 * (1 - zeta) / zeta) / (2 * _UNIT), (width, alpha, zeta))
"""T_2/((α − ½) log m), with the constant of B2."""

_SHARES = (0.5, 0.75, 1.25, 1.5, 2.0)


@remembered
def curve(
    exponent: float, m: int, seed: int, rtol: float
) -> tuple[float, tuple[float, ...], tuple[float, ...]] | None:
    """T_2, P at the shares of T_2, and P on 80 points of rescaled time in [0, 2.5]; None where the run fails."""
    setting = Setting(exponent, "tanh", "points")
    scale, unit = float(m) ** -exponent, (exponent - 0.5) * math.log(m)
    network = Network(activation("tanh"), dataset("points"))
    if m <= 1000:
        nodes = scale * normals(m, seed, setting.dim)
    else:
        units, weights = representatives(m, seed, setting.dim, 6)
        network, nodes = replace(network, neuron_weights=weights), scale * units
    run = simulate(network, nodes, 2.5 * unit + 6, rtol=rtol)
    second = descent_time(run, float(chosen.zeta))
    if run.status != "ok" or second is None or 2 * second > run.end:
        return None

    def level(time: float) -> float:
        return order_parameters(run.state(time), run.weights)[0]

    return (
        second,
        tuple(level(share * second) for share in _SHARES),
        tuple(level(float(x) * unit) for x in np.linspace(0.0, 2.5, 80)),
    )


def _logistic(shift: float) -> float:
    """P at a time ``shift`` after T_2 on the logistic curve (20)."""
    z = float(chosen.zeta)
    return (1 - z) / (1 - z + z * math.exp(-2 * shift))


def collapse_check(stated: Formula) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        widths = context.by_effort(
            (1000, 30_000, 1_000_000), (1000, 30_000, 1_000_000), (1000, 30_000, 1_000_000)
        )
        for m in widths:
            for exponent in ALPHAS:
                for seed in context.draws(context.by_effort(1, 3, 8)):
                    context.progress(f"m = {m}, α = {exponent:g}, seed {seed}")
                    found += _compared(stated, exponent, m, seed)
        return Measurement(found, figure=_panels(widths[0], widths[-1], context.seed))

    return simulation.compare(measure, quantity="P against time over (α − ½) log m")


def _compared(stated: Formula, exponent: float, m: int, seed: int) -> list[Comparison]:
    label = f"m = {m}, α = {exponent:g}, seed {seed}"
    fine, coarse = (curve(exponent, m, seed, rtol) for rtol in (1e-9, 1e-7))
    if fine is None or coarse is None:
        return [Comparison(label, None, 0.0, 0.0, None)]
    unit = (exponent - 0.5) * math.log(m)
    # Four deviations 1/√(2m) of T_2, the cubic shift, and the term ½m^{1−2α} of B2 twice.
    late = 4 / math.sqrt(2 * m) + 10 / m + float(m) ** (1 - 2 * exponent)
    value = float(stated(m, exponent, float(chosen.zeta)))
    found = [
        Comparison(
            f"T₂/((α − ½) log m), {label}",
            fine[0] / unit,
            value,
            late / unit,
            abs(fine[0] - coarse[0]) / unit,
        )
    ]
    for share, level, rough in zip(_SHARES, fine[1], coarse[1], strict=True):
        found.append(
            Comparison(
                f"P at {share:g} T₂, {label}",
                level,
                _logistic((share - 1) * fine[0]),
                # The cubic term, and Q² − P² = m^{2−4α}, which the logistic curve leaves out.
                5 / m + 2 * float(m) ** (1 - 2 * exponent),
                abs(level - rough),
            )
        )
    return found


def _panels(narrow: int, wide: int, seed: int) -> list[dict[str, Any]]:
    panels = []
    for m in (narrow, wide):
        series = []
        for exponent in ALPHAS:
            one = curve(exponent, m, seed, 1e-9)
            if one is not None:
                series.append(
                    {
                        "label": f"α = {exponent:g}",
                        "x": np.linspace(0.0, 2.5, 80),
                        "y": list(one[2]),
                        "style": "line",
                        "role": "simulated",
                    }
                )
        series.append(
            {"label": "limit", "x": [0, 1, 1, 2.5], "y": [0, 0, 1, 1], "style": "line", "role": "predicted"}
        )
        panels.append(
            {
                "title": f"P against rescaled time, m = {m}",
                "xlabel": "t / ((α − ½) log m)",
                "ylabel": "P",
                "xscale": "linear",
                "yscale": "linear",
                "series": series,
                "marks": [],
            }
        )
    return panels


def rescaled_witness(changed: Formula) -> str | None:
    for exponent in (1.0, 1.5):
        right = limit_values(1e8, exponent, (exponent - 0.5) / 2, 1, float(chosen.zeta))["T_2"]
        right /= (exponent - 0.5) * math.log(1e8)
        wrong = float(changed(1e8, exponent, float(chosen.zeta)))
        if not abs(wrong - right) < 0.01:
            return f"m = 10⁸, α = {exponent:g}: the infinitely wide reduced descent has {right:.4f}, not {wrong:.4f}"
    return None


_EXCESS = RESCALED.expression - 1
paper.add(
    Claim(
        id="rem7",
        paper=paper.name,
        title="Different scales, one curve: P against time over (α − ½) log m",
        where="Remark 7",
        statement=(
            r"\frac{T_2}{(\alpha - \frac12)\log m} \;\sim\; "
            + str(sp.latex(RESCALED.expression))
            + r" \;\to\; 1 \text{ for every } \alpha,\quad "
            r"P(T_2 + s) \;\sim\; \frac{1-\zeta}{1 - \zeta + \zeta e^{-2s}}"
        ),
        hypotheses=(
            rf"$\tanh$, $d = 1$, equidistant points, $\alpha \in \{{{', '.join(f'{a:g}' for a in ALPHAS)}\}}$, "
            r"$m = 10^3$ (all neurons), $3\cdot10^4$, $10^6$ (a quadrature of the draw)",
            r"$P$ at $\frac12, \frac34, \frac54, \frac32, 2$ times $T_2$",
        ),
        uses=("eq43.grid", "eq20"),
        basis="derived",
        checks=(collapse_check(RESCALED),),
        mutants=formula_mutants(
            RESCALED,
            collapse_check,
            rescaled_witness,
            by_hand=(
                ("1 without its correction", sp.S.One + 0 * width),
                ("the correction doubled", 1 + 2 * _EXCESS),
                ("the correction 10 % larger", 1 + _EXCESS * sp.Rational(11, 10)),
                ("2 in place of 1", 2 + _EXCESS),
                ("α log m as the unit", RESCALED.expression * (alpha - sp.Rational(1, 2)) / alpha),
            ),
        ),
        expected=Verdict.SUPPORTED,
    )
)
