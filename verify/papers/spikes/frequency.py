"""The rapid descent of a spike in frequencies: Parseval's split of the loss, and what of it goes up and comes down."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from numerics.spike_anatomy import LOW, Anatomy, frequency_parts, low_share
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import as_a_rule
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.direction import every_check
from verify.papers.spikes.intervals import NORMAL, Sample, mean_check
from verify.papers.spikes.lower_is_sharper import FIRST
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.shortened import shortened

SENTENCE = "abstract, 'the rapid descent in loss as being primarily influenced by low-frequency components'"
LENGTHS = (4, 5, 6, 12)
"""Numbers of samples in which the identity is proved; the angles are then exact."""

SPLIT = (
    rf"$E_k = c_k\,|\sum_j r_j e^{{-2\pi ijk/n}}|^2/(2n^2)$, $c_k = 2$ for $0 < k < n/2$, else 1, $r_j = "
    rf"f(x_j) - y_j$; low: "
    rf"$k \le {LOW}$ (chosen)"
)


def _half_mean_square(n: int) -> sp.Expr:
    return sp.Add(*(r**2 for r in sp.symbols(f"r1:{n + 1}", real=True))) / (2 * n)


def _by_frequency(n: int) -> sp.Expr:
    """Σ_k E_k with the cosines and sines of 2πjk/n as exact numbers."""
    residual = sp.symbols(f"r1:{n + 1}", real=True)
    total = sp.S.Zero
    for k in range(n // 2 + 1):
        angles = [sp.Rational(2 * j * k, n) * sp.pi for j in range(n)]
        cosine = sp.Add(*(r * sp.expand_func(sp.cos(a)) for r, a in zip(residual, angles, strict=True)))
        sine = sp.Add(*(r * sp.expand_func(sp.sin(a)) for r, a in zip(residual, angles, strict=True)))
        twice = 2 if 0 < 2 * k < n else 1
        total += twice * (sp.expand(cosine**2) + sp.expand(sine**2)) / (2 * n**2)
    return sp.expand(sp.sqrtdenest(sp.expand(total)))


paper.identity(
    "frequency.parseval",
    lambda: {f"n = {n}": _by_frequency(n) for n in LENGTHS},
    lambda: {f"n = {n}": _half_mean_square(n) for n in LENGTHS},
    title="The loss is the sum of its parts by frequency",
    where="beyond the abstract; Parseval's identity",
    hypotheses=(SPLIT, f"$n = {', '.join(map(str, LENGTHS))}$ (the general case is Parseval's)"),
    basis="derived",
    statement=r"\frac{1}{2n}\sum_j r_j^2 = \sum_{k=0}^{\lfloor n/2\rfloor} E_k",
)

Read = Callable[[Anatomy], float]


def low_drop(found: Anatomy) -> float:
    """The share of low frequencies in L(θ_P) − L(θ_E)."""
    return found.low_drop


def share_check(read: Read, stated: float, tolerance: float, quantity: str) -> Check:
    def measure(context: Context) -> Measurement:
        items = []
        for rate, seed, found in runs.first_spikes(context):
            items.append(Comparison(f"η = {rate}, seed {seed}", read(found), stated, tolerance, 1e-9))
        return Measurement(runs.shown_first(items), figure=_panels(runs.seeds(context)[0]))

    return shortened(as_a_rule(measure, quantity=quantity))


def _panels(first: int) -> list[dict[str, Any]]:
    seed = next((s for s in range(first, first + 8) if runs.spikes(s)), None)
    if seed is None:
        return []
    made, spike = runs.run(seed, runs.RATE), runs.spikes(seed)[0]
    assert spike.end is not None
    steps = np.arange(max(0, spike.start - 20), min(spike.end + 40, made.last))
    states = made.states(int(steps[0]), int(steps[-1]) + 1)
    parts = np.array([frequency_parts(runs.model().residual(theta)) for theta in states])
    marks = [(spike.start, "s"), (spike.peak, "P"), (spike.end, "E")]
    listed = [curve(f"k = {k}", steps, parts[:, k]) for k in range(LOW + 1)]
    high = curve("k ≥ 4", steps, parts[:, LOW + 1 :].sum(axis=1), style="dashed")
    whole = curve("L", steps, parts.sum(axis=1), role="predicted")
    return [
        panel(
            f"Loss by frequency through the first spike of seed {seed}, η = {runs.RATE}",
            "step",
            "E_k",
            [*listed, high, whole],
            yscale="log",
            marks=marks,
        )
    ]


def _low_witness(stated: float, tolerance: float) -> str | None:
    found = second_run.second()
    value = second_run.low_share(found.peak, found.end)
    if abs(value - stated) > tolerance + 0.02:
        return f"seed {second_run.SEED}, sums of cosines and sines: the low share of the drop is {value:.3f}"
    return None


def _low_check(stated: float) -> Check:
    return share_check(low_drop, stated, 0.25, "share of k ≤ 3 in the drop of the loss from peak to end")


paper.checked(
    "abs.frequency",
    _low_check(1.0),
    title="The rapid descent of a first spike is one of low frequencies",
    where=SENTENCE,
    hypotheses=(*FIRST, SPLIT),
    uses=("frequency.parseval",),
    basis="text",
    statement=(
        r"\frac{\sum_{k \le 3} E_k(\theta_P) - E_k(\theta_E)}{L(\theta_P) - L(\theta_E)} = 1 \pm 0.25"
        r"\quad\text{(above 1: high frequencies rise meanwhile)}"
    ),
    mutants=lambda: [
        Mutant(
            "half",
            "half of it",
            r"= \tfrac12 \pm 0.25",
            _low_check(0.5).run,
            partial(_low_witness, 0.5, 0.25),
        ),
        Mutant(
            "high",
            "one of high frequencies",
            r"= 0 \pm 0.25",
            _low_check(0.0).run,
            partial(_low_witness, 0.0, 0.25),
        ),
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.frequency.every",
    every_check(low_drop, 1.0, 0.25, "share of k ≤ 3 in the drop of the loss"),
    title="The rapid descent of every spike is one of low frequencies",
    where=f"{SENTENCE}, without a limit",
    hypotheses=(*runs.NETWORK, runs.MANY, *runs.DEFINITIONS, SPLIT),
    uses=("abs.frequency",),
    basis="text",
    statement=r"\text{as abs.frequency, in every spike}",
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason="Of some later spikes up to half of the drop is in the frequencies from 4 on.",
)


def _same_check(factor: float) -> Check:
    def read(found: Anatomy) -> float:
        return found.low_drop - factor * found.low_rise

    return share_check(read, 0.0, 0.08, "low share of the drop less that of the rise")


def _same_witness(factor: float) -> str | None:
    found = second_run.second()
    value = second_run.low_share(found.peak, found.end) - factor * second_run.low_share(
        found.start, found.peak
    )
    return f"seed {second_run.SEED}: the difference is {value:.3f}" if abs(value) > 0.15 else None


paper.checked(
    "b2",
    _same_check(1.0),
    title="What the descent takes out, the rise of the same spike put in",
    where="beyond the abstract",
    hypotheses=(*FIRST, SPLIT),
    uses=("abs.frequency",),
    basis="derived",
    statement=(
        r"\frac{\sum_{k\le3} E_k(\theta_P) - E_k(\theta_E)}{L(\theta_P) - L(\theta_E)} = "
        r"\frac{\sum_{k\le3} E_k(\theta_P) - "
        r"E_k(\theta_s)}{L(\theta_P) - L(\theta_s)} \pm 0.08"
    ),
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"\text{{drop}} = {shown}\,\text{{rise}} \pm 0.08",
            _same_check(factor).run,
            partial(_same_witness, factor),
        )
        for name, words, shown, factor in (
            ("half", "half of what the rise put in", r"\tfrac12", 0.5),
            ("unrelated", "nothing of what the rise put in", "0", 0.0),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def _quiet(context: Context) -> Sample:
    """The drop's low share less that of the quiet descent of twice the length before the start."""
    values, rows = {}, []
    for _, seed, found in runs.first_spikes(context, (runs.RATE,)):
        made, spike = runs.run(seed, runs.RATE), found.spike
        assert spike.end is not None
        before = max(runs.TRANSIENT // 2, spike.start - 2 * (spike.end - spike.start))
        early, start = (runs.model().residual(made.state(step)) for step in (before, spike.start))
        share = low_share(early, start)
        parts = frequency_parts(start)
        held = float(parts[: LOW + 1].sum() / parts.sum())
        values[seed] = found.low_drop - share
        rows.append([seed, found.low_drop, share, held])
    return Sample(
        values,
        columns=(
            "seed",
            "low share of the spike's drop",
            "of the quiet descent before",
            "of the loss at the start",
        ),
        rows=rows,
    )


def _quiet_check(least: float) -> Check:
    return mean_check(
        _quiet, quantity="low share of the spike's drop less that of the quiet descent", at_least=least
    )


def _quiet_witness() -> str | None:
    found = second_run.second()
    before = second_run.low_share(found.start - 2 * (found.end - found.start), found.start)
    value = second_run.low_share(found.peak, found.end) - before
    return f"seed {second_run.SEED}: the difference is {value:.2f}" if value < 1.6 else None


paper.checked(
    "abs.frequency.control",
    _quiet_check(0.0),
    title="The quiet descent before a spike is less one of low frequencies than the spike's own",
    where=f"{SENTENCE}; control",
    hypotheses=(
        *FIRST,
        rf"$\eta = {runs.RATE}$; the descent over twice as many steps as the spike takes, up to its start",
        SPLIT,
        NORMAL,
    ),
    uses=("abs.frequency",),
    basis="derived",
    statement=(
        r"\mathrm{E}\bigl[\text{low share of the spike's drop} - \text{low share of the quiet descent}\bigr] "
        r"> 0"
    ),
    mutants=lambda: [
        Mutant("more", "at least 2", r"\mathrm{E}[\dots] \ge 2", _quiet_check(2.0).run, _quiet_witness)
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)
