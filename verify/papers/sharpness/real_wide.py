"""Wide real networks: c_loss tends to 2, the settled sharpness bends at c = 2, and what mini-batches change."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.saturation import CriticalPoint, critical_point, saturation_ratios
from verify.checks import mean, scaling
from verify.checks.guard import guarded
from verify.checks.mean import Draws
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.real_draws import CRITICAL, TASK, WHERE, logarithm, network, scanned
from verify.papers.sharpness.real_witness import Plain, plain_c_loss, plain_ratio
from verify.papers.sharpness.uv_saturation import COMPARED

FINE = 0.005  # of log2 c
WIDTHS = ((32, 64, 128, 256), (32, 64, 128, 256), (32, 64, 128, 256, 512))


def _fine(depth: int, width: int, seed: int, batch: int | None = None) -> float | None:
    return scanned(
        depth, width, seed, ("loss",), smallest=1.95 if batch is None else 1.5, spacing=FINE, batch=batch
    ).c_loss


def towards(limit: float, exponent: tuple[float, float]) -> Check:
    """c_loss − limit as a power of the width; None where it is not positive."""

    def measure(context: Context, width: float) -> list[float | None]:
        values = []
        for seed in context.draws(context.by_effort(5, 10, 20)):
            context.progress(f"width {width:g}, draw {seed}")
            c = _fine(2, int(width), seed)
            # The grid gives the upper end of a step of 0.35 %; its middle is meant.
            values.append(None if c is None or c / 2 ** (FINE / 2) <= limit else c / 2 ** (FINE / 2) - limit)
        return values

    over = dict(zip(("quick", "standard", "deep"), WIDTHS, strict=True))
    return scaling.law(measure, over, exponent, size_label="width w", value_label=f"c_loss − {limit:g}")


def _limit_witness(limit: float, exponent: tuple[float, float]) -> str | None:
    """Two widths, three draws, by plain loops: the exponent between them."""
    found = []
    for seed in range(3):
        narrow, wide = (plain_c_loss(2, width, seed) / 1.005 - limit for width in (32, 256))
        if min(narrow, wide) <= 0:
            return f"plain loops: c_loss − {limit:g} is not positive at draw {seed}"
        found.append(math.log(wide / narrow) / math.log(8))
    if all(value < exponent[0] or value > exponent[1] for value in found):
        return "plain loops on three draws, w = 32 and 256: exponents " + ", ".join(f"{v:.2f}" for v in found)
    return None


def _limit_mutants() -> Sequence[Mutant]:
    wrong: tuple[tuple[str, str, str, float, tuple[float, float]], ...] = (
        ("root", "a gap like w^(−1/2)", r"c_{\mathrm{loss}} - 2 \sim w^{-1/2}", 2.0, (-0.65, -0.35)),
        ("square", "a gap like w^(−2)", r"c_{\mathrm{loss}} - 2 \sim w^{-2}", 2.0, (-2.3, -1.7)),
        ("limit", "the limit 3/2", r"c_{\mathrm{loss}} - \tfrac32 \sim 1/w", 1.5, (-1.25, -0.8)),
    )
    return [
        Mutant(name, words, statement, towards(limit, exponent).run, partial(_limit_witness, limit, exponent))
        for name, words, statement, limit, exponent in wrong
    ]


paper.checked(
    "real.wide",
    towards(2.0, (-1.25, -0.8)),
    title="At depth 2, c_loss tends to 2 about as 1/w",
    where=WHERE,
    statement=r"c_{\mathrm{loss}} - 2 \sim w^{-p}, \quad p \in [0.8, 1.25]",
    hypotheses=(*TASK, *CRITICAL, r"$d = 2$, $w$ from 32 to 256; $c$ in steps of $2^{0.005}$"),
    basis="chosen",
    mutants=_limit_mutants,
    expected="SUPPORTED",
)

GRID = tuple(round(1.3 + 0.1 * i, 1) for i in range(17))


@cache
def _settled(seed: int) -> FloatArray:
    model = network(2, 64, seed)
    return saturation_ratios(model, model.initial(seed), GRID)


def saturation(low: float, high: float) -> Check:
    """The interval of c_crit inside a stated one."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        ratios = []
        for seed in context.draws(context.by_effort(5, 12, 30)):
            context.progress(f"draw {seed}")
            ratios.append(_settled(seed))
        found = critical_point(np.array(GRID), np.array(ratios), window=5, level=0.99)
        first, last = found.interval
        data: dict[str, Any] = {"c_crit": found.value, "interval": [first, last], "stated": [low, high]}
        detail = (
            f"c_crit is {found.value:.2f}, with a 99 % interval [{first:.2f}, {last:.2f}] that holds half a step of c, "
            f"from {len(ratios)} draws; stated [{low:g}, {high:g}]"
        )
        if low <= first and last <= high:
            return Evidence(Verdict.SUPPORTED, "statistical", detail, {**data, "figure": _panels(found)})
        if last < low or first > high:
            return Evidence(Verdict.REFUTED, "statistical", detail, data)
        return Evidence(Verdict.UNDECIDED, "statistical", detail, {**data, "not_confirmed": True})

    return Check("statistical", run)


def _panels(found: CriticalPoint) -> list[dict[str, Any]]:
    inside = np.isfinite(found.bend)
    marks = [{"x": found.value, "label": "c_crit"}]
    curves = (
        ("Settled sharpness at cτ = 200", "mean of λ / λ₀", found.c, found.mean),
        ("Its downward bend", "−∂²/∂c² of this mean", found.c[inside], found.bend[inside]),
    )
    return [
        {
            "title": title,
            "xlabel": "c",
            "ylabel": ylabel,
            "xscale": "linear",
            "yscale": "linear",
            "series": [
                {
                    "label": ylabel,
                    "x": [float(v) for v in x],
                    "y": [float(v) for v in y],
                    "style": "line",
                    "role": "simulated",
                }
            ],
            "marks": marks,
        }
        for title, ylabel, x, y in curves
    ]


def _bend_witness(low: float, high: float) -> str | None:
    """Second differences by plain loops of one draw: larger at 2 than at the middle of the stated interval."""
    middle = (low + high) / 2

    def ratio(c: float) -> float:
        return plain_ratio(2, 64, 0, c, round(200 / c))

    def bend(c: float) -> float:
        return (2 * ratio(c) - ratio(c - 0.2) - ratio(c + 0.2)) / 0.04

    there, at_two = bend(middle), bend(2.1)
    if at_two > 2 * max(there, 0.0):
        return (
            f"plain loops on one draw: −∂² is {at_two:.2f} about c = 2.1 and {there:.2f} about c = {middle:g}"
        )
    return None


def _saturation_mutants() -> Sequence[Mutant]:
    return [
        Mutant(name, words, statement, saturation(low, high).run, partial(_bend_witness, low, high))
        for name, words, statement, low, high in (
            ("earlier", "a bend near 3/2", r"c_{\mathrm{crit}} \in [1.4, 1.7]", 1.4, 1.7),
            ("later", "a bend near 5/2", r"c_{\mathrm{crit}} \in [2.35, 2.65]", 2.35, 2.65),
        )
    ]


paper.checked(
    "real.saturation",
    saturation(1.85, 2.35),
    title="Intermediate saturation: the settled sharpness bends near c = 2",
    where=WHERE,
    statement=(
        r"c_{\mathrm{crit}} = \operatorname{argmax}_c\, -\partial_c^2 "
        r"\bigl\langle \lambda^H_\tau/\lambda^H_0 \bigr\rangle \in [1.85, 2.35], \quad c\tau = 200"
    ),
    hypotheses=(
        *TASK,
        r"$d = 2$, $w = 64$; $c$ from 1.3 to 2.9 in steps of 0.1; the second derivative is that of local cubics over "
        r"five values of $c$",
        COMPARED,
    ),
    basis="chosen",
    mutants=_saturation_mutants,
    expected="SUPPORTED",
)

BATCH = 32


def against_batches(what: str, low: float, high: float) -> Check:
    """log2 of a critical value with mini-batches over that of the full batch, draw by draw."""

    def measure(context: Context) -> Draws:
        values = []
        for seed in context.draws(context.by_effort(12, 24, 48)):
            context.progress(f"draw {seed}")
            values.append(_difference(what, seed))
        grid = FINE if what == "c_loss" else 0.1
        return Draws(values, below=grid, above=grid)

    return mean.within(measure, low, high, quantity=f"log2 of {what}, batches of {BATCH} over all 64")


def _difference(what: str, seed: int) -> float:
    if what == "c_loss":
        return logarithm(_fine(2, 64, seed, BATCH)) - logarithm(_fine(2, 64, seed))
    pair = [
        scanned(2, 64, seed, ("divergence",), smallest=2.0, largest=16.0, batch=batch).c_max
        for batch in (BATCH, None)
    ]
    return logarithm(pair[0]) - logarithm(pair[1])


def _batch_witness(c: float) -> Callable[[], str | None]:
    """Plain loops over halves of the data in turn, another choice of batches: they diverge where all data do not."""

    def witness() -> str | None:
        wild = []
        for seed in range(3):
            draw = Plain(2, 64, seed)
            rate, start = c / draw.sharpness(draw.start), draw.loss(draw.start)
            whole, halves = draw.start, draw.start
            x, y = draw.x, draw.y
            generator = np.random.Generator(np.random.Philox(key=seed))
            with np.errstate(all="ignore"):
                for _ in range(100):
                    whole = [w - rate * g for w, g in zip(whole, draw.gradient(whole), strict=True)]
                    rows = generator.permutation(len(x))[:BATCH]
                    draw.x, draw.y = x[rows], y[rows]
                    halves = [w - rate * g for w, g in zip(halves, draw.gradient(halves), strict=True)]
                    draw.x, draw.y = x, y
                wild.append(draw.loss(whole) <= 1e6 * start and not draw.loss(halves) <= 1e6 * start)
        if all(wild):
            return f"plain loops on three draws: c = {c:g} diverges with halves of the data, and not with all of them"
        return None

    return witness


def _loss_witness() -> str | None:
    """Halves of the data by plain loops: three quarters of the full c_loss raises no loss within ten steps."""
    for seed in range(3):
        draw = Plain(2, 64, seed)
        rate, first = 0.75 * plain_c_loss(2, 64, seed) / draw.sharpness(draw.start), draw.loss(draw.start)
        weights, x, y = draw.start, draw.x, draw.y
        generator = np.random.Generator(np.random.Philox(key=seed))
        for _ in range(10):
            rows = generator.permutation(len(x))[:BATCH]
            draw.x, draw.y = x[rows], y[rows]
            weights = [w - rate * g for w, g in zip(weights, draw.gradient(weights), strict=True)]
            draw.x, draw.y = x, y
            if draw.loss(weights) > first:
                return None
    return "plain loops on three draws: at three quarters of c_loss, halves of the data do not raise the loss"


def _loss_mutants() -> Sequence[Mutant]:
    return [
        Mutant(
            "half",
            "mini-batches halve c_loss",
            r"\bigl\langle \log_2 c_{\mathrm{loss}}^{\mathrm{SGD}} - \log_2 c_{\mathrm{loss}} \bigr\rangle < -0.8",
            against_batches("c_loss", -math.inf, -0.8).run,
            _loss_witness,
        )
    ]


def _sgd_mutants() -> Sequence[Mutant]:
    return [
        Mutant(
            "later",
            "mini-batches diverge later",
            r"c_{\max}^{\mathrm{SGD}} > c_{\max}",
            against_batches("c_max", 0.0, math.inf).run,
            _batch_witness(3.6),
        ),
        Mutant(
            "same",
            "mini-batches diverge where the full batch does",
            r"|\Delta \log_2 c_{\max}| < 0.1",
            against_batches("c_max", -0.1, 0.1).run,
            _batch_witness(3.6),
        ),
    ]


paper.checked(
    "real.sgd.divergence",
    against_batches("c_max", -math.inf, 0.0),
    title="With mini-batches training diverges at a smaller learning rate",
    where=WHERE,
    statement=r"\bigl\langle \log c_{\max}^{\mathrm{SGD}} \bigr\rangle < \bigl\langle \log c_{\max} \bigr\rangle",
    hypotheses=(
        *TASK,
        *CRITICAL,
        rf"$d = 2$, $w = 64$; batches of {BATCH} of the 64 examples, drawn by epochs",
    ),
    basis="chosen",
    mutants=_sgd_mutants,
    expected="SUPPORTED",
)

paper.checked(
    "real.sgd.loss",
    against_batches("c_loss", -0.15, 0.15),
    title="The first critical value is within a ninth of the same with mini-batches",
    where=WHERE,
    statement=(
        r"\Bigl|\bigl\langle \log_2 c_{\mathrm{loss}}^{\mathrm{SGD}} - \log_2 c_{\mathrm{loss}} \bigr\rangle\Bigr| "
        r"< 0.15"
    ),
    hypotheses=(
        *TASK,
        *CRITICAL,
        rf"$d = 2$, $w = 64$; batches of {BATCH} of the 64 examples, drawn by epochs; $c$ in steps of $2^{{0.005}}$, "
        r"and the loss is that of all examples; $2^{0.15} \approx 1.11$ (chosen)",
    ),
    basis="chosen",
    mutants=_loss_mutants,
    expected="SUPPORTED",
)
