"""Progressive sharpening of the uv model with a target: what the trace ends at, by what the flow conserves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp

from numerics.uv_model import UVNetwork, descend_uv, gaussian_weights
from theory import conserved_quantities, width
from theory.codegen import numpy_expression
from theory.uv import Y, f, output_and_trace_flow, p, q, trace, x, y
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.papers.sharpness.controls import solver_mutants
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_reduction import MODEL, SCALED

WHERE = "progressive sharpening"

first, last = sp.symbols("lambda_0 lambda_infty", positive=True)
start = sp.Symbol("f_0", real=True)


def _end_of_flow() -> sp.Expr:
    """λ_∞² where the flow's conserved quantity has its initial value and f = y."""
    (conserved,) = conserved_quantities(output_and_trace_flow(), 2)
    unknown = sp.Symbol("s")
    at_end = conserved.subs({trace: sp.sqrt(unknown), f: y})
    at_start = conserved.subs({trace: first, f: start})
    (value,) = sp.solve(at_end - at_start, unknown)
    return sp.expand(value)


STATED = first**2 + 4 * x**2 * (y**2 - start**2) / width

paper.identity(
    "uv.sharpening",
    _end_of_flow,
    lambda: STATED,
    aligned=False,
    title="Progressive sharpening: where gradient flow ends",
    where=WHERE,
    hypotheses=(*MODEL, r"gradient flow ($\eta \to 0$) to a minimum, $f = y$"),
    uses=("uv.invariant",),
    basis="derived",
    statement=r"\lambda_\infty^2 = \lambda_0^2 + \frac{4x^2\,(y^2 - f_0^2)}{w}",
)


def _product(limit: int = 2) -> sp.Boolean:
    a = (p - q) / 4 - Y
    return sp.Implies(sp.Le(a**2, limit), sp.Le((1 - a**2) ** 2 * p * q, p * q))


paper.inequality(
    "uv.sharpening.bound",
    _product,
    assuming=(sp.Ge(p, 0), sp.Ge(q, 0)),
    title="Gradient descent ends no sharper than gradient flow",
    where=WHERE,
    hypotheses=(
        *SCALED,
        r"$pq = \eta^2(\lambda^2 - 4x^2f^2/w)$ is multiplied by $(1-a^2)^2$ (uv.invariant)",
        r"left to the reader: hence, if $|a_t| \le \sqrt2$ at all steps and $f_t \to y$: $\lambda_\infty$ is at most "
        r"that "
        r"of uv.sharpening",
    ),
    uses=("uv.invariant", "uv.sharpening"),
    basis="derived",
    statement=r"a^2 \le 2 \;\Longrightarrow\; (pq)' = (1-a^2)^2\,pq \le pq",
    mutants=solver_mutants(
        (
            ("limit-3", "a² ≤ 3", lambda: _product(3)),
            ("limit-4", "a² ≤ 4", lambda: _product(4)),
        ),
        (sp.Ge(p, 0), sp.Ge(q, 0)),
    ),
)

CASES = ((16, 1.0, 3.0, 0.5), (64, 1.0, 8.0, 0.3), (8, 0.7, -5.0, 1.0))
"""(width, x, y, scale of the initial weights)."""

RATE = 0.02
"""η λ at the end is about this and its half and quarter."""


@cache
def final_trace(case: tuple[int, float, float, float], share: int, seed: int) -> tuple[float, float, float]:
    """(λ at the end, f₀, λ₀) of gradient descent with the rate RATE/share over the final λ of the flow."""
    w, example, target, scale = case
    network = UVNetwork(example, target)
    u, v = (scale * part for part in gaussian_weights(seed, 1, w))
    f0, l0 = float(network.output(u, v)[0]), float(network.trace(u, v)[0])
    largest = np.sqrt(l0**2 + 4 * example**2 * target**2 / w)
    rate = RATE / share / largest
    steps = int(60 / (rate * l0)) + 100
    at = (u, v)
    for at_u, at_v in descend_uv(network, u, v, rate, steps):
        at = (at_u, at_v)
        if abs(float(network.output(at_u, at_v)[0]) - target) < 1e-13 * abs(target):
            break
    return float(network.trace(*at)[0]), f0, l0


def sharpening_check(stated: sp.Expr) -> Check:
    def measure(context: Context) -> Measurement:
        code = numpy_expression([stated], (first, start, x, y, width), "uv_final")
        found = []
        for case in CASES:
            w, example, target, _ = case
            context.progress(f"w = {w}, y = {target}")
            ends = [final_trace(case, share, context.seed) for share in (1, 2, 4)]
            _, f0, l0 = ends[0]
            coarse, middle, fine = (end[0] for end in ends)
            value, before = 2 * fine - middle, 2 * middle - coarse
            with np.errstate(invalid="ignore"):
                squared = float(code(np.array([l0]), f0, example, target, float(w))[0][0])
            predicted = float(np.sign(squared) * np.sqrt(abs(squared)))
            label = f"λ at the end, w = {w}, x = {example}, y = {target}, from {l0:.3g}"
            error = abs(value - before) + 1e-12 * value
            found.append(Comparison(label, value, predicted, 1e-4 * abs(predicted), error))
        return Measurement(
            found,
            figure=[_figure(context.seed)],
            remark="extrapolated to η = 0 from two learning rates; the error is what a third one changes",
        )

    return simulation.compare(measure, quantity="final trace of full networks")


def _figure(seed: int) -> dict[str, Any]:
    """Sharpness against time below and above the edge of stability."""
    w, example, target, scale = CASES[0]
    network = UVNetwork(example, target)
    u, v = (scale * part for part in gaussian_weights(seed, 1, w))
    f0, l0 = float(network.output(u, v)[0]), float(network.trace(u, v)[0])
    end = float(np.sqrt(l0**2 + 4 * example**2 * (target**2 - f0**2) / w))
    series: list[dict[str, Any]] = []
    length = 12.0
    for label, rate in (("small η", 0.05 / end), ("ηλ of the flow would be 2.3", 2.3 / end)):
        steps = int(length / rate)
        kept = max(1, steps // 200)
        states = list(descend_uv(network, u, v, rate, steps))[::kept]
        series.append(
            {
                "label": label,
                "x": [rate * kept * i for i in range(len(states))],
                "y": [float(network.sharpness(*s)[0]) for s in states],
                "style": "line",
                "role": "simulated",
            }
        )
        if label != "small η":
            edge = {"label": "2/η of the larger rate", "x": [0.0, length], "y": [2 / rate, 2 / rate]}
            series.append(edge | {"style": "dashed", "role": "predicted"})
    final = {"label": "end of the flow", "x": [0.0, length], "y": [end, end]}
    series.append(final | {"style": "dashed", "role": "predicted"})
    return {
        "title": f"Progressive sharpening, w = {w}, y = {target:g}",
        "xlabel": "time ηt",
        "ylabel": "λ^H",
        "xscale": "linear",
        "yscale": "linear",
        "series": series,
        "marks": [],
    }


def _riccati(stated: sp.Expr) -> str | None:
    """Width 1, x = 1 by mpmath's integrator: u̇ = (y − uv) v, v̇ = (y − uv) u from u = 1, v = ½ with y = 2."""
    from mpmath import mp, odefun

    with mp.workdps(20):
        flow = odefun(
            lambda t, s: [(2 - s[0] * s[1]) * s[1], (2 - s[0] * s[1]) * s[0]], 0, [mp.mpf(1), mp.mpf(1) / 2]
        )
        u, v = flow(12)
        seen = u**2 + v**2
        values = {first: sp.Rational(5, 4), start: sp.Rational(1, 2), x: 1, y: 2, width: 1}
        said = sp.sqrt(stated.subs(values))
        if not said.is_real or abs(mp.mpf(str(said.evalf(20))) - seen) > mp.mpf(10) ** -3:
            return f"w = 1, u = 1, v = ½, y = 2: λ ends at {mp.nstr(seen, 8)}, not at {said.evalf(8)}"
    return None


def _mutants() -> list[Mutant]:
    listed: list[tuple[str, str, Callable[[], sp.Expr]]] = [
        ("factor-2", "4 made 2", lambda: first**2 + 2 * x**2 * (y**2 - start**2) / width),
        ("no-start", "without f₀²", lambda: first**2 + 4 * x**2 * y**2 / width),
        ("sign", "+f₀²", lambda: first**2 + 4 * x**2 * (y**2 + start**2) / width),
        (
            "no-width",
            "without 1/w, in part",
            lambda: first**2 + 4 * x**2 * (y**2 - start**2) / sp.sqrt(width) / 2,
        ),
        ("constant", "λ stays", lambda: first**2),
    ]
    return [
        Mutant(
            name,
            words,
            rf"\lambda_\infty^2 = {sp.latex(made())}",
            sharpening_check(made()).run,
            partial(_riccati, made()),
        )
        for name, words, made in listed
    ]


paper.checked(
    "uv.sharpening.network",
    sharpening_check(STATED),
    title="Full networks sharpen to where the flow's conserved quantity says",
    where=WHERE,
    statement=r"\lim_{\eta\to0}\lambda_\infty = \sqrt{\lambda_0^2 + 4x^2(y^2 - f_0^2)/w}",
    hypotheses=(
        *MODEL,
        r"three networks, $w = 8, 16, 64$; learning rates with $\eta\lambda_\infty$ about 1/50, "
        r"1/100, 1/200, extrapolated "
        r"to 0; within $10^{-4}$",
    ),
    uses=("uv.sharpening",),
    basis="derived",
    mutants=_mutants,
)
