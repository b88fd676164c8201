"""Training a fully connected network by gradient descent, full batch or stochastic, with its sharpness on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from numerics.array import FloatArray
from numerics.batches import Batches, Draw
from numerics.eigenvalues import largest_eigenvalue
from numerics.errors import InputError
from numerics.fully_connected import FullyConnected
from numerics.steps import Observable, Run, Steps, checked, spacing, stable_below

#: A loss above so many times its start does not come back: a catapult's peak is of the order of the width.
RUNAWAY = 1e6


@dataclass(eq=False)
class Sharpness:
    """λ_max of the Hessian of the full loss at a state, as an observable.

    Each search starts from the eigenvector found last, and bounds the relative residual by ``tolerance``; NaN where
    it does not converge.
    """

    network: FullyConnected
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        self._near: FloatArray | None = None

    def __call__(self, theta: FloatArray) -> float:
        if not np.all(np.isfinite(theta)):
            return float("nan")
        found = largest_eigenvalue(self.network.at(theta), tolerance=self.tolerance, near=self._near)
        if found.status != "ok":
            return float("nan")
        self._near = found.vector
        return found.value


def train(
    network: FullyConnected,
    initial: FloatArray,
    learning_rate: float,
    steps: int,
    *,
    batch: int | None = None,
    seed: int = 0,
    draw: Draw = "epochs",
    every: int | None = None,
    observables: Mapping[str, Observable] | None = None,
    keep_states: bool = False,
    explain: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Steps:
    """``steps`` steps θ ← θ − η ∇L(θ) from ``initial`` (size,), of all examples or of ``batch`` at a time.

    As ``numerics.descent.descend`` for the two-layer network: every ``every``-th step the full loss and the
    ``observables`` are recorded, among them Sharpness(network) if wanted; ``seed`` and ``draw`` choose the batches.
    The loss may rise on the way, as it does in a catapult: the status is "diverged" only where it runs away, above
    RUNAWAY times its start or to no number (``explain`` adds what the Hessian allows), and "interrupted" keeps what
    was recorded. InputError for initial weights, a learning rate or a number that makes no sense.
    """
    start = np.array(initial, dtype=np.float64)
    network.layers(start)  # refuses a wrong shape before anything is started
    if not np.all(np.isfinite(start)):
        raise InputError("The initial weights must be finite numbers.")
    checked(learning_rate, steps, every, observables)
    if batch is None:

        def drift(theta: FloatArray, step: int) -> FloatArray:
            return -network.gradient(theta)
    else:
        batches = Batches(Examples(network.samples, network.example_weights), batch, seed, draw)

        def drift(theta: FloatArray, step: int) -> FloatArray:
            return -network.batch(*batches(step)).gradient(theta)

    apart = spacing(steps, start.nbytes if keep_states else 0) if every is None else every
    run = Run(
        network,
        drift,
        learning_rate,
        steps,
        apart,
        dict(observables or {}),
        keep_states,
        lambda theta: stable_below(network.at(theta)) if explain else "",
        RUNAWAY,
    )
    with np.errstate(all="ignore"):
        return run.solution(start, progress, may_rise=True)


@dataclass(frozen=True)
class Examples:
    """How many examples there are and their weights, as ``Batches`` wants to know."""

    samples: int
    weights: FloatArray
