"""The deviation along the first eigendirection: of the gradient, of the parameters, and what the loss makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from numerics.spike_anatomy import Anatomy, leading_eigenpairs
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import as_a_rule
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.spikes import runs, second_run
from verify.papers.spikes.lower_is_sharper import FIRST
from verify.papers.spikes.panels import curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.shortened import shortened

SENTENCE = "abstract, 'We observe a deviation in the first eigendirection'"
Read = Callable[[Anatomy], float]
Error = Callable[[Anatomy], float]


def gradient_share(found: Anatomy) -> float:
    """(∇L(θ_P)·v_1)²/|∇L|²."""
    return found.gradient_share


def gradient_error(found: Anatomy) -> float:
    """How much the share changes in one step, to the other side of the valley."""
    return abs(found.gradient_share - found.gradient_share_before)


def deviation_share(found: Anatomy) -> float:
    """((θ_P − θ_s)·v_1)²/|θ_P − θ_s|²."""
    return found.deviation_share


def _no_error(_: Anatomy) -> float:
    return 1e-9


def first_check(
    read: Read,
    stated: float,
    tolerance: float,
    quantity: str,
    error: Error = _no_error,
    figure: Callable[[int], Sequence[Any]] | None = None,
) -> Check:
    """A number of every first spike."""

    def measure(context: Context) -> Measurement:
        items = []
        for rate, seed, found in runs.first_spikes(context):
            items.append(Comparison(f"η = {rate}, seed {seed}", read(found), stated, tolerance, error(found)))
        panels = figure(runs.seeds(context)[0]) if figure else ()
        return Measurement(runs.shown_first(items), figure=panels)

    return shortened(as_a_rule(measure, quantity=quantity))


def every_check(read: Read, stated: float, tolerance: float, quantity: str) -> Check:
    """The same of every spike."""

    def measure(context: Context) -> Measurement:
        found = runs.all_spikes(context)
        items = [
            Comparison(f"η = {rate}, seed {seed}, step {a.spike.start}", read(a), stated, tolerance, 1e-9)
            for rate, seed, a in found
        ]
        figure = panel(
            quantity,
            "height of the spike, L(θ_P)/L(θ_s)",
            "share",
            [
                curve(
                    f"η = {r}",
                    [a.height for q, _, a in found if q == r],
                    [read(a) for q, _, a in found if q == r],
                    style="points",
                )
                for r in runs.RATES
                if any(q == r for q, _, _ in found)
            ],
            xscale="log",
        )
        return Measurement(runs.shown_first(items), figure=[figure])

    return shortened(simulation.compare(measure, quantity=quantity))


def _direction_panels(first: int) -> list[dict[str, Any]]:
    """The quadratic part of the loss along eigenvectors of the start, through one spike."""
    seed = next((s for s in range(first, first + 8) if runs.spikes(s)), None)
    if seed is None:
        return []
    made, spike = runs.run(seed, runs.RATE), runs.spikes(seed)[0]
    assert spike.end is not None
    stop = min(spike.end + 40, made.last)
    path = made.states(spike.start, stop)
    values, vectors = leading_eigenpairs(runs.model(), path[0], len(path[0]))
    along = 0.5 * values * ((path - path[0]) @ vectors) ** 2
    steps = np.arange(spike.start, stop)
    marks = [(spike.peak, "P"), (spike.end, "E")]
    rest = along[:, 3:].sum(axis=1)
    reach = np.linspace(-0.35, 0.35, 61)
    shapes = [
        curve(
            f"v{'₁₂₃'[i]}",
            reach,
            [runs.model().loss(path[0] + float(r) * vectors[:, i]) for r in reach],
        )
        for i in range(3)
    ]
    return [
        panel(
            f"Loss by eigendirection through the first spike of seed {seed}, η = {runs.RATE}",
            "step",
            "½ λ_i ((θ_t − θ_s)·v_i)²",
            [
                curve("v₁", steps, along[:, 0]),
                curve("v₂", steps, along[:, 1]),
                curve("v₃", steps, along[:, 2]),
                curve("all others", steps, rest, style="dashed"),
                curve(
                    "L(θ_t) − L(θ_s)", steps, made.losses[steps] - made.losses[spike.start], role="predicted"
                ),
            ],
            marks=marks,
        ),
        panel("Loss along eigenvectors at the start", "distance from θ_s", "loss", shapes, yscale="log"),
    ]


def _gradient_witness(stated: float, tolerance: float) -> str | None:
    found = second_run.second()
    gradient = runs.model().network.gradient(found.states[found.peak])
    value = second_run.share(gradient, found.vectors[:, 0])
    if abs(value - stated) > tolerance + 0.02:
        return f"seed {second_run.SEED}, gradient and Hessian by other code: the share is {value:.4f}, not {stated:g}"
    return None


def _second_gradient_witness() -> str | None:
    found = second_run.second()
    gradient = runs.model().network.gradient(found.states[found.peak])
    value = second_run.share(gradient, found.vectors[:, 1])
    return f"seed {second_run.SEED}: the share of v₂ is {value:.2e}" if value < 0.9 else None


def _gradient_check(stated: float) -> Check:
    return first_check(
        gradient_share,
        stated,
        0.05,
        "share of v₁ in the gradient at the peak",
        gradient_error,
        _direction_panels,
    )


paper.checked(
    "abs.direction.gradient",
    _gradient_check(1.0),
    title="At the peak of a first spike the gradient points along the first eigendirection",
    where=SENTENCE,
    hypotheses=(*FIRST,),
    uses=("abs.growth",),
    basis="text",
    statement=r"\frac{(\nabla L(\theta_P)\cdot v_1)^2}{|\nabla L(\theta_P)|^2} \ge 0.95",
    mutants=lambda: [
        Mutant(
            "half",
            "half of it",
            r"\approx \tfrac12",
            _gradient_check(0.5).run,
            partial(_gradient_witness, 0.5, 0.05),
        ),
        Mutant(
            "none",
            "none of it",
            r"\approx 0",
            _gradient_check(0.0).run,
            partial(_gradient_witness, 0.0, 0.05),
        ),
        Mutant(
            "second",
            "the second eigendirection",
            r"(\nabla L\cdot v_2)^2/|\nabla L|^2 \ge 0.95",
            first_check(lambda a: a.gradient_in_two - a.gradient_share, 1.0, 0.05, "share of v₂").run,
            _second_gradient_witness,
        ),
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)

paper.checked(
    "abs.direction.gradient.every",
    every_check(gradient_share, 1.0, 0.1, "share of v₁ in the gradient at the peak"),
    title="At every peak the gradient points along the first eigendirection",
    where=f"{SENTENCE}, without a limit",
    hypotheses=(*runs.NETWORK, runs.MANY, *runs.DEFINITIONS),
    uses=("abs.direction.gradient",),
    basis="text",
    statement=(
        r"\frac{(\nabla L(\theta_P)\cdot v_1)^2}{|\nabla L(\theta_P)|^2} \ge 0.9 \text{ in every spike}"
    ),
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "Where two eigenvalues stand at 2/η together, the gradient of the peak lies along another eigenvector "
        "of the start."
    ),
)

paper.checked(
    "abs.direction",
    every_check(deviation_share, 0.75, 0.25, "share of v₁ in the deviation"),
    title="In every spike most of the parameters' deviation is along the first eigendirection",
    where=f"{SENTENCE}, without a limit",
    hypotheses=(*runs.NETWORK, runs.MANY, *runs.DEFINITIONS),
    uses=("abs.direction.large",),
    basis="text",
    statement=(
        r"\frac{((\theta_P - \theta_s)\cdot v_1)^2}{|\theta_P - \theta_s|^2} \ge \tfrac12 "
        r"\text{ in every spike}"
    ),
    expected=Verdict.REFUTED,
    shares=runs.SHARED,
    expected_reason=(
        "Weak spikes rise so slowly that the parameters meanwhile move as far along the floor of the valley; "
        "and late spikes "
        "at the larger learning rate rise along another eigenvector."
    ),
)


def _quadratic_check(factor: float) -> Check:
    def read(found: Anatomy) -> float:
        return found.quadratic * factor

    return first_check(read, 1.0, 0.15, "quadratic part of the loss over its rise")


def _quadratic_witness(factor: float) -> str | None:
    found = second_run.second()
    rise = float(found.losses[found.peak] - found.losses[found.start])
    slope = float(runs.model().network.gradient(found.states[found.start]) @ found.delta)
    bend = 0.5 * float(
        found.delta @ runs.model().network.hessian_product(found.states[found.start], found.delta)
    )
    value = factor * (slope + bend) / rise
    return f"seed {second_run.SEED}: {value:.3f} of the rise" if abs(value - 1.0) > 0.2 else None


paper.checked(
    "b1",
    _quadratic_check(1.0),
    title="The loss at the peak of a first spike is that of the quadratic approximation at its start",
    where="beyond the abstract",
    hypotheses=(*FIRST,),
    uses=("abs.direction.gradient",),
    basis="derived",
    statement=(
        r"L(\theta_P) - L(\theta_s) = \nabla L(\theta_s)\cdot\delta + \tfrac12\sum_i \lambda_i(\delta\cdot "
        r"v_i)^2"
        r" \text{ within 15 \%}, \quad \delta = \theta_P - \theta_s"
    ),
    mutants=lambda: [
        Mutant(name, words, shown, _quadratic_check(factor).run, partial(_quadratic_witness, factor))
        for name, words, shown, factor in (
            ("no-half", "without the factor ½", r"\sum_i \lambda_i(\delta\cdot v_i)^2", 2.0),
            ("quarter", "with ¼ instead of ½", r"\tfrac14\sum_i", 0.5),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)


def _deviation_check(least: float) -> Check:
    """At least this share; the middle between it and 1 with half the difference for tolerance."""
    return first_check(deviation_share, (1 + least) / 2, (1 - least) / 2, "share of v₁ in the deviation")


def _deviation_witness(least: float) -> str | None:
    found = second_run.second()
    value = second_run.share(found.delta, found.vectors[:, 0])
    return (
        f"seed {second_run.SEED}: the share of its first spike is {value:.3f}"
        if value < least - 0.05
        else None
    )


paper.checked(
    "abs.direction.first",
    _deviation_check(0.5),
    title="The parameters of a first spike deviate mostly along the first eigendirection",
    where=SENTENCE,
    hypotheses=FIRST,
    uses=("abs.direction.gradient",),
    basis="text",
    statement=r"\frac{((\theta_P - \theta_s)\cdot v_1)^2}{|\theta_P - \theta_s|^2} \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "nearly-all",
            "0.9 of the deviation",
            r"\dots \ge 0.9",
            _deviation_check(0.9).run,
            partial(_deviation_witness, 0.9),
        )
    ],
    expected=Verdict.SUPPORTED,
    shares=runs.SHARED,
)
