"""Concrete full networks whose whole training is enclosed, each once a process, and the same networks simulated.

The enclosures use `numerics.integrate.tube`; the simulations, which bear witness against changed statements, are the
hand-written network in double precision with scipy's integrator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from flint import arb

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.balls.network import BallNetwork
from numerics.balls.samples import equidistant_as_meant
from numerics.dataset import equidistant
from numerics.expression import parse
from numerics.integrate.crossing import Crossing, descent_time, times_of
from numerics.integrate.enclosure import Enclosure
from numerics.integrate.tube import Settings, enclose
from numerics.milestones import descent_time as simulated_descent_time
from numerics.network import Network
from numerics.precision import working_precision
from numerics.reduced_balls import Gap, largest_gap
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from numerics.trajectory import Trajectory

ALPHA = 2
"""α of these networks: ε = m^{−2}, so that the three stages are far apart at small widths."""

SEED = 0
SAMPLES = 20
TARGET = "sin(x)"
BITS = 64
ZETA = Fraction(1, 10)

_HORIZON = {10: 8, 20: 10, 50: 12}
"""A time after T_2 + log m of each network."""


@dataclass(frozen=True)
class Run:
    """One network: its enclosure, bounds of T_1 = γ log m with γ = (α − ½)/2, the proved T_2, and bounds of
    T_2 + log m, None where the enclosure ends before that."""

    width: int
    enclosure: Enclosure
    first: tuple[Fraction, Fraction]
    second: Crossing
    last: tuple[Fraction, Fraction] | None

    @property
    def gap(self) -> Gap:
        """max |P_full − P_reduced| on [0, T_2 + log m]."""
        return _gap(self.width)


def widths(effort: str) -> tuple[int, ...]:
    """The networks that are enclosed at an effort."""
    return (10, 20) if effort == "quick" else (10, 20, 50)


def initial(width: int) -> FloatArray:
    """The initial weights: the binary numbers that the sampler gives."""
    return initial_weights(SEED, width, 1, float(width) ** -ALPHA)


@cache
def enclosed(width: int) -> Run:
    """The data are meant exactly: 20 equidistant points with mean x² = 1, y = c sin x with mean yx = 1."""
    with working_precision(BITS):
        network = BallNetwork.named("tanh", equidistant_as_meant(SAMPLES, parse(TARGET, ["x"])))
        first = times_of(arb(width).log() * (2 * ALPHA - 1) / 4)
    found = enclose(network, initial(width).tolist(), _HORIZON[width], Settings(bits=BITS))
    second = descent_time(found, ZETA)
    last = None
    if second.bracket is not None:
        with working_precision(BITS):
            low, high = (x + y for x, y in zip(times_of(arb(width).log()), second.bracket, strict=True))
        last = (low, high) if high <= found.reached else None
    return Run(width, found, first, second, last)


@cache
def _gap(width: int) -> Gap:
    run = enclosed(width)
    if run.last is None:
        raise ValueError("the enclosure ends before T_2 + log m")
    return largest_gap(run.enclosure, run.last[1])


@cache
def simulated(width: int) -> Trajectory:
    """The same network in double precision."""
    data = equidistant(SAMPLES, TARGET)
    return simulate(Network(activation("tanh"), data), initial(width), float(_HORIZON[width]), rtol=1e-12)


@cache
def simulated_second(width: int) -> float:
    """T_2 of the simulation."""
    found = simulated_descent_time(simulated(width), float(ZETA))
    return math.nan if found is None else found


def simulated_parameters(width: int, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P and Q of the simulation."""
    run = simulated(width)
    states = [run.state(float(t)) for t in times]
    P = np.array([state[:, 0] @ state[:, 1] for state in states])
    Q = np.array([(state**2).sum() / 2 for state in states])
    return P, Q


def simulated_first(width: int) -> float:
    """T_1 = γ log m."""
    return (2 * ALPHA - 1) / 4 * math.log(width)
