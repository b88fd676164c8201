"""Critical constants of full uv networks against those of the derived map: draw by draw, averaged, and as phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.uv_critical import critical_constants
from numerics.uv_model import UVNetwork, gaussian_weights
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness import reduced
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import TARGET_0
from verify.papers.sharpness.uv_critical import GAUSSIAN, WHERE

WIDTHS = (4, 16, 64, 256)
STEPS = {"loss": 10, "sharpness": 10, "divergence": 200}
NAMES = {"loss": "c_loss", "sharpness": "c_sharp", "divergence": "c_max"}
LATEX = {"loss": r"c_{\mathrm{loss}}", "sharpness": r"c_{\mathrm{sharp}}", "divergence": r"c_{\max}"}
ZERO = UVNetwork()


@cache
def measured(width: int, watched: str, seed: int, draws: int) -> FloatArray:
    """One critical constant for each of so many full networks."""
    u, v = gaussian_weights(seed, draws, width)
    start = 3.5 if watched == "divergence" else 1.98
    return critical_constants(ZERO, u, v, watched, steps=STEPS[watched], start=start)


def rho_of(width: int, seed: int, draws: int) -> FloatArray:
    """ρ of the same networks."""
    u, v = gaussian_weights(seed, draws, width)
    inner = np.einsum("ij,ij->i", u, v)
    return np.asarray((inner / (np.einsum("ij,ij->i", u, u) + np.einsum("ij,ij->i", v, v))) ** 2)


@dataclass(frozen=True)
class Stated:
    """What is predicted of (ρ, watched): the derived map's constants, or something else for a negative control."""

    constants: Callable[[FloatArray, str], FloatArray]
    law: Callable[[int], FloatArray] = reduced.law_of_rho


def _derived(rhos: FloatArray, watched: str) -> FloatArray:
    return reduced.constants(rhos, watched, STEPS[watched])


def _trace_for_sharpness(rhos: FloatArray, watched: str) -> FloatArray:
    return reduced.constants(rhos, "trace" if watched == "sharpness" else watched, STEPS[watched])


def _wide(rhos: FloatArray, watched: str) -> FloatArray:
    return np.full_like(rhos, {"loss": 2.0, "sharpness": 2.5, "divergence": 4.0}[watched])


def _no_ratio(rhos: FloatArray, watched: str) -> FloatArray:
    return np.asarray(_derived(rhos, watched) / reduced.ratio_of(rhos))


DERIVED = Stated(_derived)


def each_draw(stated: Stated) -> Check:
    def measure(context: Context) -> Measurement:
        draws = context.by_effort(30, 300, 1000)
        found = []
        for width in WIDTHS:
            rhos = rho_of(width, context.seed, draws)
            for watched in STEPS:
                context.progress(f"{NAMES[watched]}, w = {width}")
                gap = np.abs(measured(width, watched, context.seed, draws) - stated.constants(rhos, watched))
                if not np.all(np.isfinite(gap)):
                    raise ValueError(f"{NAMES[watched]} was not found for every draw of width {width}")
                label = f"{NAMES[watched]}, w = {width}, {draws} draws"
                found.append(Comparison(label, float(np.max(gap)), 0.0, 5e-4, 1e-4))
        return Measurement(
            found, remark="largest difference over the draws; the error is what c is bisected to"
        )

    return simulation.compare(measure, quantity="critical constants of full networks, one by one")


AVERAGED = {4: 500, 16: 300, 64: 120, 256: 50}
"""Width → draws at quick effort."""


def averages(stated: Stated) -> Check:
    def measure(context: Context) -> Measurement:
        more = context.by_effort(1, 4, 16)
        found: list[Comparison] = []
        points: dict[str, list[tuple[float, float]]] = {watched: [] for watched in STEPS}
        for width, draws in AVERAGED.items():
            rhos = stated.law(width)
            for watched in STEPS:
                context.progress(f"mean {NAMES[watched]}, w = {width}")
                values = measured(width, watched, context.seed, draws * more)
                error = float(np.std(values) / np.sqrt(len(values)))
                predicted = float(np.mean(stated.constants(rhos, watched)))
                label = f"{NAMES[watched]}, w = {width}, {len(values)} draws"
                found.append(Comparison(label, float(np.mean(values)), predicted, 6 * error, 2 * error))
                points[watched].append((1 / width, float(np.mean(values))))
        return Measurement(
            found,
            figure=[_against_width(points)],
            remark="the error is two standard errors of the mean, the tolerance six",
        )

    return simulation.compare(measure, quantity="critical constants averaged over the initialisation")


def _expansions() -> dict[str, Callable[[FloatArray], FloatArray]]:
    """Means to first order in 1/w, and that of 4R exactly, as functions of 1/w."""
    return {
        "loss": lambda s: 2 + 2.5 * s / (1 + s),
        "sharpness": lambda s: 2.5 + 57 / 16 * s / (1 + s),
        "divergence": lambda s: np.array([_mean_of_4r(1 / float(v)) for v in s]),
    }


def _mean_of_4r(width: float) -> float:
    """2 + 2 E√(1 + 3B) for B with the Beta law (½, w/2): a hypergeometric function."""
    from scipy.special import hyp2f1

    return float(2 + 2 * hyp2f1(-0.5, 0.5, (width + 1) / 2, -3.0)) if width > 3 else float("nan")


def _against_width(points: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    fine = np.linspace(1 / 256, 1 / 4, 60)
    series: list[dict[str, Any]] = []
    for watched, values in points.items():
        name = NAMES[watched]
        series.append(
            {
                "label": f"{name}, full networks",
                "x": [v for v, _ in values],
                "y": [c for _, c in values],
                "style": "points",
                "role": "simulated",
            }
        )
        words = "mean of 4R, exact" if watched == "divergence" else "first step, first order in 1/w"
        curve = _expansions()[watched](fine)
        series.append(
            {
                "label": f"{name}, {words}",
                "x": [float(v) for v in fine],
                "y": [float(c) for c in curve],
                "style": "dashed",
                "role": "predicted",
            }
        )
    return {
        "title": "Mean critical constants of the uv model",
        "xlabel": "1/w",
        "ylabel": "c",
        "xscale": "linear",
        "yscale": "linear",
        "series": series,
        "marks": [],
    }


def _closed_form_witness(stated: Stated) -> str | None:
    """Closed forms of mpmath at w = 256 and 4: E 4R = 2 + 2 ₂F₁(−½, ½; (w+1)/2; −3), and 5/2 + 57/(16(w+1))."""
    from mpmath import mp

    for width in (256, 4):
        exact = float(2 + 2 * mp.hyp2f1(-0.5, 0.5, (width + 1) / mp.mpf(2), -3))
        said = float(np.mean(stated.constants(stated.law(width), "divergence")))
        if abs(said - exact) > 2e-3:
            return f"w = {width}: the mean of 4R is {exact:.4f}, not {said:.4f}"
    near = 2.5 + 57 / (16 * 257)
    said = float(np.mean(stated.constants(stated.law(256), "sharpness")))
    if abs(said - near) > 0.05:
        return f"w = 256: 5/2 + 57/(16(w+1)) = {near:.4f}, not {said:.4f}"
    return None


def _half_width(width: int) -> FloatArray:
    return reduced.law_of_rho(max(1, width // 2))


WRONG: tuple[tuple[str, str, str, Stated], ...] = (
    (
        "trace",
        "the trace in place of the sharpness",
        r"c_{\mathrm{sharp}} = 4R",
        Stated(_trace_for_sharpness),
    ),
    ("infinite-width", "the values of infinite width", r"c = 2,\ \tfrac52,\ 4", Stated(_wide)),
    ("no-ratio", "ηλ₀ in place of ηλ^H₀", r"c = k_0", Stated(_no_ratio)),
)


def _mutants(check: Callable[[Stated], Check], more: tuple[tuple[str, str, str, Stated], ...] = ()) -> Any:
    def made() -> list[Mutant]:
        return [
            Mutant(name, words, statement, check(stated).run, partial(_closed_form_witness, stated))
            for name, words, statement, stated in (*WRONG, *more)
        ]

    return made


paper.checked(
    "uv.constants",
    each_draw(DERIVED),
    title="Critical constants of full networks are functions of ρ alone",
    where=WHERE,
    statement=(
        r"c_{\mathrm{loss}},\; c_{\mathrm{sharp}},\; c_{\max} \text{ of } (u, v) = "
        r"\text{those of the derived map from } \rho = \frac{(u\cdot v)^2}{(|u|^2+|v|^2)^2}"
    ),
    hypotheses=(
        *TARGET_0,
        r"the smallest $c$ at which $L_t > L_0$ ($\lambda^H_t > \lambda^H_0$) for some $t \le 10$, or that diverges "
        r"within 200 steps; normal weights, $w = 4, 16, 64, 256$",
    ),
    uses=("uv.dimensionless", "uv.sharpness"),
    basis="derived",
    mutants=_mutants(each_draw),
)


def _table() -> str:
    rows = []
    for watched in STEPS:
        values = ", ".join(f"{reduced.average(w, watched, STEPS[watched]):.3f}" for w in WIDTHS)
        rows.append(rf"\langle {LATEX[watched]} \rangle &= {values}")
    joined = r" \\ ".join(rows)
    return rf"\begin{{aligned}} {joined} \end{{aligned}} \qquad (w = 4, 16, 64, 256)"


paper.checked(
    "uv.averages",
    averages(DERIVED),
    title="Mean critical constants over the initialisation",
    where=WHERE,
    statement=_table,
    hypotheses=(
        *TARGET_0,
        GAUSSIAN,
        "10 steps for loss and sharpness, 200 for divergence; the stated means are those of the "
        "derived map over the law "
        "of ρ, at 600 quantiles",
    ),
    uses=("uv.constants", "uv.mean"),
    basis="derived",
    mutants=_mutants(
        averages,
        (
            (
                "half-width",
                "the law of ρ at half the width",
                r"4\rho \sim \mathrm{Beta}(\tfrac12, \tfrac w4)",
                Stated(_derived, _half_width),
            ),
        ),
    ),
)
