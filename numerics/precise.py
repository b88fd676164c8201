"""The gradient flow of the full network to many digits, with an error estimated by a second, different run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from numerics.array import FloatArray
from numerics.dataset import Dataset
from numerics.errors import InputError
from numerics.integrate.collocation import PreciseSolution, check_digits, collocate
from numerics.precise_network import Entry, Numbers, PreciseNetwork, exact
from numerics.precision import working_precision
from numerics.simulate import versions

Initial = FloatArray | Sequence[Sequence[Entry]]

_REFINED_DIGITS = 6
_REFINED_NODES = 9
_REFINED_LONGEST = 1.7
_CHECKED = 9


@dataclass(frozen=True)
class PreciseTrajectory:
    """A run in multiple precision.

    Attributes
    ----------
    network:
        The network, with its observables in multiple precision.
    solution:
        The steps, and the state at any time.
    error_estimate:
        Largest difference to the second run over a grid of times, relative to the largest weight at that time; None if
        it was not asked for or the second run did not arrive.
    provenance:
        What it takes to make the run again.
    """

    network: PreciseNetwork
    solution: PreciseSolution
    error_estimate: float | None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        return self.solution.status

    @property
    def message(self) -> str:
        return self.solution.message

    @property
    def digits(self) -> int:
        return self.solution.digits

    @property
    def end(self) -> float:
        return self.solution.end

    def state(self, time: float | arb) -> list[list[arb]]:
        """Rows (a, w1 … wd) at a time in [0, end]; balls of radius 0."""
        flat = self.solution.state(time)
        a, w = self.network.parts(flat)
        dim = self.network.dim
        return [[a[k], *w[k * dim : (k + 1) * dim]] for k in range(self.network.width)]

    def order_parameters(self, time: float | arb) -> tuple[arb, arb]:
        """P and Q, (17) and (18)."""
        with working_precision(self.solution.bits):
            return self.network.order_parameters(self.solution.state(time))

    def loss(self, time: float | arb) -> arb:
        """R(θ(t))."""
        with working_precision(self.solution.bits):
            return self.network.loss(self.solution.state(time))

    def descent_time(self, zeta: Entry = Fraction(1, 10)) -> arb | None:
        """T_2 = first t with P(t) = 1 − ζ (42), to the digits of the run; None if it is not reached.

        The first crossing is sought on the nodes of the integration; P between two nodes is followed by secants.
        """
        with working_precision(self.solution.bits):
            level = 1 - exact(zeta)
            bracket = self._bracket(level)
            if bracket is None:
                return None
            low, high = bracket
            below, above = (self.order_parameters(t)[0] - level for t in (low, high))
            for _ in range(60):
                if above == below:
                    return high
                after = (high - above * (high - low) / (above - below)).mid()
                low, below, high = high, above, after
                above = self.order_parameters(high)[0] - level
                if abs(float(high - low)) <= 0.0 or _magnitude(above) < -self.solution.bits + 16:
                    return high
        return None

    def _bracket(self, level: arb) -> tuple[arb, arb] | None:
        previous = arb(0)
        for step in self.solution.steps:
            for inside in self.solution.nodes.points[1:]:
                time = (arb(step.start) + inside * arb(step.length)).mid()
                if float(self.order_parameters(time)[0]) >= float(level):
                    return previous, time
                previous = time
        return None


def _magnitude(value: arb) -> float:
    """Binary logarithm of |value|, −inf for zero."""
    size = abs(value)
    return float("-inf") if size == 0 else float(size.log()) / float(np.log(2))


def simulate_precise(
    name: str,
    data: Dataset,
    initial: Initial,
    until: float,
    digits: int,
    *,
    numbers: Numbers | None = None,
    estimate: bool = True,
    progress: Callable[[float], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> PreciseTrajectory:
    """Gradient flow of a named activation or a formula from ``initial`` (m, 1 + d) to ``until``, to ``digits`` digits.

    Parameters
    ----------
    name:
        A built-in activation, or a formula in u; with a slope s at 0 other than 1, σ(u/s) is meant.
    initial:
        Rows (a, w1 … wd): floats are taken as dyadic numbers, Fractions exactly up to the working precision.
    digits:
        15 to 400, relative to the size of the weights at each time.
    numbers:
        Inputs (n, d) and labels (n,) as exact rationals, in place of the data's doubles.
    estimate:
        Run again with more digits, other nodes and shorter steps, and compare. Costs about 1.5 runs more.

    Raises
    ------
    InputError
        For digits, a horizon or weights that make no sense, or an activation not analytic or outside Assumption 3.
    """
    rows = [list(row) for row in initial]
    if not rows or any(len(row) != 1 + data.dim for row in rows):
        raise InputError(f"The initial weights must be rows of 1 + {data.dim} numbers, one for each neuron.")
    check_digits(digits)
    # One network serves both runs: its constants have the bits of the finer one.
    bits = int((digits + _REFINED_DIGITS + 20) * 3.33) + 64
    with working_precision(bits):
        network = PreciseNetwork(name, data, len(rows), numbers)

    def run(wanted: int, **options: Any) -> PreciseSolution:
        with working_precision(bits):
            start = network.flatten([[exact(_entry(v)) for v in row] for row in rows])
        return collocate(network, start, until, wanted, progress=progress, **options)

    solution = run(digits)
    error = None
    if estimate and solution.status == "ok":
        finer = run(digits + _REFINED_DIGITS, extra_nodes=_REFINED_NODES, longest=_REFINED_LONGEST)
        error = _difference(solution, finer, until) if finer.status == "ok" else None
    about = {
        "activation": name,
        "data": dict(data.description),
        "width": len(rows),
        "dim": data.dim,
        "until": until,
        "digits": digits,
        "bits": solution.bits,
        "method": f"collocation at {solution.nodes.count} Chebyshev–Lobatto nodes",
        "steps": len(solution.steps),
        "sweeps": solution.sweeps,
        "versions": versions(),
    }
    return PreciseTrajectory(network, solution, error, {**about, **(provenance or {})})


def _entry(value: Any) -> Entry:
    return value if isinstance(value, Fraction) else float(value)


def _difference(solution: PreciseSolution, finer: PreciseSolution, until: float) -> float:
    worst = 0.0
    with working_precision(finer.bits):
        for time in np.linspace(0.0, until, _CHECKED)[1:]:
            one, other = solution.state(float(time)), finer.state(float(time))
            size = max(abs(float(v)) for v in other)
            worst = max(worst, *(abs(float((p - q) / arb(size))) for p, q in zip(one, other, strict=True)))
    return worst
