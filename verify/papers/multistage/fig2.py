"""Figure 2: the descent time T_2 against log m and against α, by gradient descent as in the paper and by the flow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from numerics.descent import descend
from numerics.milestones import descent_time
from numerics.scaling import fit_logarithm
from numerics.simulate import default_horizon, simulate
from theory import width
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.descent_time import SHIFT, alpha, zeta
from verify.papers.multistage.experiment_network import FirstOrder, network, points
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.limit_model import limit_values
from verify.papers.multistage.paper import paper
from verify.parameters import remembered

LINE = Formula(
    (alpha - sp.Rational(1, 2)) * sp.log(width) + sp.log(2 * (1 - zeta) / zeta) / 2, (width, alpha, zeta)
)
"""T_2: slope α − ½ in log m, slope log m in α, and the constant of B2."""

ALPHAS = (0.75, 1.0, 1.5)
SCAN = (0.6, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)

_POINTS = (
    r"full network, $d = 1$, $n$ equidistant points; $\sigma$, $f^{*}$, $n$ and $\zeta$ chosen",
    r"gradient descent on all points with learning rate $\eta$ (chosen), time $\eta$ times the step, and the gradient "
    "flow",
)


@remembered
def measured(m: int, exponent: float, seed: int, by: str) -> float | None:
    """T_2 of one draw by "descent" or by the "flow"."""
    used, rate = network(points("line")), float(chosen.learning_rate)
    start = runs.initial(m, seed, 1, exponent)
    end = default_horizon(m, float(m) ** -exponent) - 2 * math.log(m) - 2
    if by == "flow":
        run = simulate(used, start, end, rtol=1e-8)
    else:
        run = descend(used, start, rate, math.ceil(end / rate), every=1)
    return descent_time(run, float(chosen.zeta)) if run.status == "ok" else None


@dataclass(frozen=True)
class Mean:
    """Mean of T_2 over draws at one place, None where a run did not end as it should."""

    m: int
    exponent: float
    by: str
    value: float | None
    draws: int

    @property
    def error(self) -> float:
        """Standard error from B2: one draw scatters by 1/√(2m)."""
        return 1 / math.sqrt(2 * self.m * self.draws)


def means(places: Sequence[tuple[int, float]], seeds: Sequence[int], context: Context) -> list[Mean]:
    found = []
    for m, exponent in places:
        for by in ("descent", "flow"):
            context.progress(f"m = {m}, α = {exponent:g}, {by}")
            listed = [measured(m, exponent, seed, by) for seed in seeds]
            known = [value for value in listed if value is not None]
            value = float(np.mean(known)) if len(known) == len(listed) else None
            found.append(Mean(m, exponent, by, value, len(listed)))
    return found


def behind(m: float, exponent: float) -> float:
    """How much later gradient descent reaches 1 − ζ, to first order in η: −e_P/Ṗ with e_P of the claim gd.deviation."""
    start = 0.5 * float(m) ** (1 - 2 * exponent)
    return (
        float(chosen.learning_rate)
        / 2
        * (0.5 * math.log((1 - float(chosen.zeta)) / start) + math.log(float(chosen.zeta)))
    )


@remembered
def cubic_delay(m: int) -> float:
    """What the cubic term delays T_2 by at most, b2.shift with k₄ five standard deviations above that of a normal law,
    half more and 3/m for higher orders. NaN where the activation has no fifth derivative."""
    order = FirstOrder.of(points("line"), runs.initial(m, 0, 1))
    if order is None:
        return math.nan
    high = 3 + 5 * math.sqrt(24 / m)
    shift = SHIFT(m, order.c3, high, order.F3, order.M4, float(chosen.zeta))
    return 1.5 * abs(float(shift)) + 3 / m


def _compared(stated: Formula, one: Mean) -> Comparison:
    value = float(stated(one.m, one.exponent, float(chosen.zeta)))
    label = f"T₂, m = {one.m}, α = {one.exponent:g}, {one.by}, {one.draws} draws"
    if not math.isfinite(cubic_delay(one.m)):
        return Comparison(label, None, value, 0.0, None)
    late = behind(one.m, one.exponent) if one.by == "descent" else 0.0
    # Beyond the line: five standard errors, the cubic shift and the start (B2), the transient of the step.
    budget = 5 * one.error + cubic_delay(one.m) + float(one.m) ** (1 - 2 * one.exponent)
    budget += float(chosen.learning_rate) if one.by == "descent" else 0.0
    return Comparison(label, one.value, value + late, budget, one.error)


def width_check(stated: Formula) -> Check:
    """Panel (a)."""

    def measure(context: Context) -> Measurement:
        sizes = context.by_effort(
            (100, 300, 1000, 3000), (100, 300, 1000, 3000, 10000), (100, 300, 1000, 3000, 10000)
        )
        seeds = context.draws(context.by_effort(2, 5, 20))
        found = means([(m, value) for value in ALPHAS for m in sizes], seeds, context)
        comparisons = [_compared(stated, one) for one in found]
        for value in ALPHAS:
            comparisons += _slopes(stated, value, [one for one in found if one.exponent == value])
        return Measurement(comparisons, figure=[_panel_of_widths(stated, found)])

    return simulation.compare(measure, quantity="T₂ against log m")


def _slopes(stated: Formula, value: float, found: Sequence[Mean]) -> list[Comparison]:
    """Fitted slope in log m against that of the stated line; α = ¾ has not yet lost the term ½m^{1−2α}."""
    listed = []
    for by in ("descent", "flow"):
        usable = [one for one in found if one.by == by and one.value is not None]
        label = f"slope in log m, α = {value:g}, {by}"
        low, high = min(one.m for one in found), max(one.m for one in found)
        ends = [float(stated(m, value, float(chosen.zeta))) for m in (low, high)]
        predicted = (ends[1] - ends[0]) / math.log(high / low)
        delay = cubic_delay(low)
        if len(usable) < 3 or not math.isfinite(delay):
            listed.append(Comparison(label, None, predicted, 0.0, None))
            continue
        # Weighted by 1/variance, and the standard error of a slope with known errors.
        x = np.log([one.m for one in usable])
        weights = np.array([one.error**-2 for one in usable])
        fit = fit_logarithm(
            [one.m for one in usable], [one.value or 0.0 for one in usable], weights=list(weights)
        )
        centred = x - float(weights @ x) / float(weights.sum())
        error = float((weights @ centred**2) ** -0.5)
        late = float(chosen.learning_rate) / 2 * (value - 0.5) if by == "descent" else 0.0
        budget = 3 * error + (float(low) ** (1 - 2 * value) + delay) / math.log(high / low)
        listed.append(Comparison(label, fit.slope, predicted + late, budget, error))
    return listed


def scan_check(stated: Formula) -> Check:
    """Panel (b)."""

    def measure(context: Context) -> Measurement:
        seeds = context.draws(context.by_effort(2, 8, 40))
        m = int(chosen.width)
        found = means([(m, value) for value in SCAN], seeds, context)
        comparisons = [_compared(stated, one) for one in found]
        for by in ("descent", "flow"):
            usable = [one for one in found if one.by == by and one.exponent >= 0.75]
            ends = [float(stated(m, value, float(chosen.zeta))) for value in (SCAN[1], SCAN[-1])]
            predicted = (ends[1] - ends[0]) / (SCAN[-1] - SCAN[1])
            late = float(chosen.learning_rate) / 2 * math.log(m) if by == "descent" else 0.0
            known = [one.value for one in usable if one.value is not None]
            slope = (
                float(np.polyfit([one.exponent for one in usable], known, 1)[0])
                if len(known) == len(usable)
                else None
            )
            # All α share their draws, so that the fluctuation of T_2 is the same for each and leaves the slope alone.
            error = usable[0].error / 2
            budget = 3 * error + (float(m) ** -0.5 + 3 / m) / (SCAN[-1] - SCAN[1])
            comparisons.append(Comparison(f"slope in α, {by}", slope, predicted + late, budget, error))
        return Measurement(comparisons, figure=[_panel_of_scan(stated, found, m)])

    return simulation.compare(measure, quantity="T₂ against α")


def _series(label: str, x: Sequence[float], y: Sequence[Any], style: str, role: str) -> dict[str, Any]:
    return {"label": label, "x": list(x), "y": list(y), "style": style, "role": role}


def _panel_of_widths(stated: Formula, found: Sequence[Mean]) -> dict[str, Any]:
    series = []
    for value in ALPHAS:
        own = [one for one in found if one.exponent == value]
        for by in ("descent", "flow"):
            part = [one for one in own if one.by == by]
            words = "gradient descent" if by == "descent" else "flow"
            if by == "descent" or value == ALPHAS[0]:
                label = f"{words}, α = {value:g}" if by == "descent" else "flow, each α"
                usable = part if by == "descent" else [one for one in found if one.by == "flow"]
                series.append(
                    _series(
                        label, [one.m for one in usable], [one.value for one in usable], "points", "simulated"
                    )
                )
        sizes = sorted({one.m for one in own})
        label = f"stated line, α = {value:g}"
        series.append(
            _series(
                label,
                sizes,
                [float(stated(m, value, float(chosen.zeta))) for m in sizes],
                "line",
                "predicted",
            )
        )
    return {
        "title": "Descent time against the width",
        "xlabel": "width m",
        "ylabel": "T₂ (time of the gradient flow)",
        "xscale": "log",
        "yscale": "linear",
        "series": series,
        "marks": [],
    }


def _panel_of_scan(stated: Formula, found: Sequence[Mean], m: int) -> dict[str, Any]:
    series = []
    for by, words in (("descent", "gradient descent"), ("flow", "flow")):
        part = [one for one in found if one.by == by]
        series.append(
            _series(words, [one.exponent for one in part], [one.value for one in part], "points", "simulated")
        )
    usable = [one for one in found if one.by == "flow" and one.value is not None]
    if len(usable) > 1:
        slope, level = np.polyfit([one.exponent for one in usable], [one.value or 0.0 for one in usable], 1)
        series.append(
            _series(
                "fitted to the flow", SCAN, [float(slope) * a + float(level) for a in SCAN], "dashed", "other"
            )
        )
    series.append(
        _series(
            "stated line",
            SCAN,
            [float(stated(m, a, float(chosen.zeta))) for a in SCAN],
            "line",
            "predicted",
        )
    )
    return {
        "title": f"Descent time against the scale of the start, m = {m}",
        "xlabel": "α (ε = m^(−α))",
        "ylabel": "T₂ (time of the gradient flow)",
        "xscale": "linear",
        "yscale": "linear",
        "series": series,
        "marks": [],
    }


def line_witness(changed: Formula) -> str | None:
    """The infinitely wide reduced descent, far out."""
    for m, value in ((1e8, 1.5), (1e8, 1.0)):
        right = limit_values(m, value, (value - 0.5) / 2, 1, float(chosen.zeta))["T_2"]
        wrong = float(changed(m, value, float(chosen.zeta)))
        if not abs(wrong - right) < 0.3:
            return f"m = 10⁸, α = {value:g}: the infinitely wide reduced descent takes {right:.4f}, not {wrong:.4f}"
    return None


_WRONG = (
    ("the leading term alone", (alpha - sp.Rational(1, 2)) * sp.log(width)),
    ("slope α in place of α − ½", LINE.expression + sp.log(width) / 2),
    ("slope larger by 1/10", LINE.expression + sp.log(width) / 10),
    ("slope smaller by 1/10", LINE.expression - sp.log(width) / 10),
    ("10 % larger", LINE.expression * sp.Rational(11, 10)),
    (
        "2‖z‖ in the exponent left out",
        (alpha - sp.Rational(1, 2)) * 2 * sp.log(width) + sp.log(2 * (1 - zeta) / zeta),
    ),
    ("quadratic in α", (alpha**2 - sp.Rational(1, 2)) * sp.log(width) + sp.log(2 * (1 - zeta) / zeta) / 2),
)


def _add(id: str, title: str, check: Callable[[Formula], Check], told: tuple[str, ...]) -> None:
    paper.add(
        Claim(
            id=id,
            paper=paper.name,
            title=title,
            where="Section 5.2, Figure 2; Appendix D",
            statement=r"T_2 \approx " + str(sp.latex(LINE.expression)),
            hypotheses=(*_POINTS, *told),
            uses=("eq43", "b2", "b2.shift.derived", "gd.deviation"),
            basis="chosen",
            checks=(check(LINE),),
            mutants=formula_mutants(LINE, check, partial(line_witness), by_hand=_WRONG),
            expected=Verdict.SUPPORTED,
        )
    )


_add(
    "fig2.m",
    "Descent time against the width",
    width_check,
    (rf"$\alpha \in \{{{', '.join(f'{a:g}' for a in ALPHAS)}\}}$, $m$ from 100 on",),
)
_add(
    "fig2.alpha",
    "Descent time against the scale of the start",
    scan_check,
    (rf"$m$ chosen, $\alpha$ from {SCAN[0]} to {SCAN[-1]:g}; the slope is fitted from $\alpha = 0.75$ on",),
)
