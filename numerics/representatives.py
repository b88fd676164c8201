"""The gradient flow of a wide network through a few weighted neurons, with an error estimate or a refusal."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.integrate.float64 import Solution, integrate
from numerics.network import Network
from numerics.observables import order_parameters
from numerics.quadrature import Quadrature, compress, node_count

DEGREES = {1: (4, 6, 8, 10), 2: (4, 6, 8), 3: (4, 6, 8)}
_PAYS_FROM = 100  # neurons a representative
_USUAL_DEGREE = 6
_FINEST = 1e-13  # relative tolerance of the integrator


class QuadratureRefusedError(InputError):
    """The representatives cannot be trusted to the tolerance; the message says how far they can."""


@dataclass(frozen=True, eq=False)
class Representatives:
    """What stands for the neurons of a draw ``initial`` (m, 1 + d).

    ``estimate`` is the largest difference of P, Q and the loss, over the integrator's own steps, to a quadrature two
    degrees lower; ``estimate_at`` is the time where it is largest. The error is usually far smaller.
    """

    quadrature: Quadrature
    initial: FloatArray
    estimate: float
    estimate_at: float

    def expand(self, state: FloatArray) -> FloatArray:
        """All m neurons, (m, 1 + d), when the representatives are at ``state`` (r, 1 + d)."""
        return self.quadrature.expand(state, self.initial)


def why_not(network: Network, width: int) -> str | None:
    """Why representatives would not pay for this width without being asked for; None where they do."""
    dim = network.data.dim
    if dim not in DEGREES:
        return f"neuron quadrature is for input dimensions up to 3, not {dim}"
    if network.neuron_weights is not None:
        return "the neurons have weights already"
    least = _PAYS_FROM * node_count(1 + dim, _USUAL_DEGREE, network.activation.odd)
    if width < least:
        return f"neuron quadrature pays from about {least} neurons on in dimension {dim}"
    return None


def integrate_representatives(
    network: Network,
    initial: FloatArray,
    until: float,
    *,
    tolerance: float,
    rtol: float,
    atol: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Network, Solution, Representatives]:
    """The flow of ever more representatives until two degrees agree on P, Q and the loss to ``tolerance``.

    Returns the weighted network, its solution and what it stands for. QuadratureRefusedError where they do not agree
    at the highest degree, or where a run does not end well; InputError as for ``compress``.
    """
    if not 0 < tolerance < 1:
        raise InputError(f"The tolerance of the neuron quadrature is {tolerance}; it must lie in (0, 1).")
    if network.neuron_weights is not None:
        raise InputError("The neurons have weights already; neuron quadrature is for a draw without.")
    if network.data.dim not in DEGREES:
        raise InputError(
            f"Neuron quadrature is for input dimensions up to 3, not {network.data.dim}: above, it needs too many "
            "representatives to pay. Simulate all neurons."
        )
    # Two degrees are compared: the integrator must not make the difference.
    rtol = max(_FINEST, min(rtol, tolerance / 100))
    absolute = rtol * float(np.sqrt(np.mean(initial * initial))) if atol is None else atol
    before: tuple[Network, Solution] | None = None
    estimate, at = math.inf, 0.0
    for degree in DEGREES[network.data.dim]:
        try:
            quadrature = compress(initial, degree, even=network.activation.odd)
        except InputError as problem:
            if not math.isfinite(estimate):
                raise
            raise _refusal(tolerance, estimate, at, str(problem)) from None
        small = replace(network, neuron_weights=quadrature.weights)
        solution = integrate(
            small.drift,
            quadrature.nodes,
            until,
            rtol=rtol,
            atol=absolute,
            progress=progress,
            solver=small.solver(len(quadrature.nodes)),
        )
        if solution.status == "interrupted":
            return small, solution, Representatives(quadrature, initial, float("nan"), 0.0)
        if solution.status != "ok":
            raise QuadratureRefusedError(
                f"The representatives of degree {degree} do not reach the end: {solution.message} "
                "Simulate all neurons."
            )
        if before is not None:
            estimate, at = _largest_difference(before, (small, solution))
            if estimate <= tolerance:
                return small, solution, Representatives(quadrature, initial, estimate, at)
        before = small, solution
    raise _refusal(
        tolerance, estimate, at, "This is the highest degree. Simulate all neurons, or a shorter time."
    )


def _refusal(tolerance: float, estimate: float, at: float, reason: str) -> QuadratureRefusedError:
    return QuadratureRefusedError(
        f"Neuron quadrature is refused: two degrees differ by {estimate:.1e} at t = {at:.6g}, more than the "
        f"tolerance {tolerance:.1e}. {reason}"
    )


def _largest_difference(
    one: tuple[Network, Solution], other: tuple[Network, Solution]
) -> tuple[float, float]:
    """The largest difference in P, Q or the loss at the steps of the second run, and when."""
    times = other[1].t
    values = []
    for network, solution in (one, other):
        states = (solution(float(time)) for time in times)
        values.append(
            [[*order_parameters(state, network.neuron_weights), network.loss(state)] for state in states]
        )
    found = np.abs(np.array(values[0]) - np.array(values[1])).max(axis=1)
    worst = int(np.argmax(found))
    return float(found[worst]), float(times[worst])
