"""Mistakes put into the integrator on purpose: each has to bring the truth out of the enclosure."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from numerics.balls.network import BallNetwork, State
from numerics.balls.samples import of_dataset
from numerics.dataset import equidistant
from numerics.integrate import tube
from numerics.integrate.enclosure import Enclosure
from numerics.integrate.tube import Settings, enclose
from numerics.precision import working_precision
from numerics.sampling import initial_weights

TIME = Fraction(5)


@pytest.fixture(scope="module")
def network() -> BallNetwork:
    with working_precision(128):
        return BallNetwork.named("tanh", of_dataset(equidistant(5, "sin(x)")))


@pytest.fixture(scope="module")
def start() -> np.ndarray:
    return initial_weights(0, 4, 1, 1e-3)


@pytest.fixture(scope="module")
def truth(network: BallNetwork, start: np.ndarray) -> State:
    """At 128 bits, without any patch."""
    return enclose(network, start.tolist(), TIME, Settings(bits=128)).state(TIME)


def holds(found: Enclosure, truth: State) -> bool:
    """Whether the enclosure can be true: every weight's ball meets that of the better enclosure."""
    assert found.status == "PROVED"
    rows = zip(found.state(TIME), truth, strict=True)
    return all(a.overlaps(b) for xs, ys in rows for a, b in zip(xs, ys, strict=True))


def outside(found: Enclosure, truth: State) -> float:
    """Distance of the truth from the centre at the end, in units of the radius claimed there."""
    (step, _, local) = found.pieces(TIME, TIME)[0]
    rows = zip(step.state_polynomials_at(local), truth, strict=True)
    away = sum(float(a - b) ** 2 for xs, ys in rows for a, b in zip(xs, ys, strict=True)) ** 0.5
    return away / float(step.radii[-1])


def coarse(bits: int, honest: bool) -> Callable[[State], tuple[State, arb]]:
    """Recentring that rounds to a few bits, and says so or not."""

    def recentred(box: State) -> tuple[State, arb]:
        centre = [[rounded(entry, bits) for entry in neuron] for neuron in box]
        moved = arb(0)
        for neuron, middles in zip(box, centre, strict=True):
            for entry, middle in zip(neuron, middles, strict=True):
                moved += (entry - middle).abs_upper() ** 2
        return centre, moved.sqrt().upper() if honest else arb(0)

    return recentred


def rounded(entry: arb, bits: int) -> arb:
    mantissa, exponent = (int(part) for part in entry.mid().man_exp())
    spare = max(abs(mantissa).bit_length() - bits, 0)
    return arb((mantissa >> spare, exponent + spare))


@pytest.mark.parametrize("honest", [True, False])
def test_rounding_dropped(
    monkeypatch: pytest.MonkeyPatch, network: BallNetwork, start: np.ndarray, truth: State, honest: bool
) -> None:
    monkeypatch.setattr(tube, "recentred", coarse(36, honest))
    found = enclose(network, start.tolist(), TIME, Settings(bits=96))
    assert holds(found, truth) is honest
    assert (outside(found, truth) < 1) is honest


@pytest.mark.parametrize("honest", [True, False])
def test_defect_dropped(
    monkeypatch: pytest.MonkeyPatch, network: BallNetwork, start: np.ndarray, truth: State, honest: bool
) -> None:
    # Steps much longer than the terms allow: the defect is most of the error.
    monkeypatch.setattr(tube, "_suggested", lambda *_: Fraction(1, 8))
    if not honest:
        monkeypatch.setattr(tube, "_defect_bound", lambda *_: arb(0))
    found = enclose(network, start.tolist(), TIME, Settings(bits=96, terms=10))
    assert holds(found, truth) is honest
    assert (outside(found, truth) < 1) is honest


@pytest.mark.parametrize("factor", [1.0, 0.95, 0.5])
def test_growth_too_small(
    monkeypatch: pytest.MonkeyPatch, network: BallNetwork, start: np.ndarray, factor: float
) -> None:
    # A corner of the initial box, along the direction that grows fastest while the weights are small.
    radius = 1e-8
    corner = enclose(network, (start + radius * (1 - 1e-7)).tolist(), TIME, Settings(bits=96)).state(TIME)
    honest: Callable[..., Any] = tube.growth_over
    monkeypatch.setattr(tube, "growth_over", lambda *arguments: honest(*arguments) * factor)
    box = [[arb(value, radius) for value in neuron] for neuron in start.tolist()]
    found = enclose(network, box, TIME, Settings(bits=96))
    assert found.status == "PROVED"
    assert (outside(found, corner) < 1) is (factor == 1.0)


def test_a_residual_block_left_out(
    monkeypatch: pytest.MonkeyPatch, network: BallNetwork, start: np.ndarray
) -> None:
    """The blocks −Σ ρ r ∇²f are what lets errors grow: without the residuals nothing does."""
    radius = 1e-8
    corner = enclose(network, (start + radius * (1 - 1e-7)).tolist(), TIME, Settings(bits=96)).state(TIME)
    honest = BallNetwork.growth_bound
    monkeypatch.setattr(
        BallNetwork,
        "growth_bound",
        lambda self, box, residuals: honest(self, box, [r * 0 for r in residuals]),
    )
    box = [[arb(value, radius) for value in neuron] for neuron in start.tolist()]
    found = enclose(network, box, TIME, Settings(bits=96))
    assert outside(found, corner) > 10


def test_growth_bound_against_eigenvalues(network: BallNetwork) -> None:
    """The bound of the logarithmic norm is above the largest eigenvalue of −Hess R, by finite differences of the
    hand-written network, and equal to it where the Gauss–Newton part vanishes (all weights zero)."""
    from numerics.activation import activation
    from numerics.dataset import halton
    from numerics.network import Network

    rng = np.random.default_rng(0)
    for data in (equidistant(6, "sin(x)"), halton(4, 2, "sin(x1)+0.3*sin(2*x2)")):
        for name in ("tanh", "erf", "arctan", "sin", "rational", "gd"):
            with working_precision(64):
                balls = BallNetwork.named(name, of_dataset(data))
                plain = Network(activation(name), data)
                for size in (0.0, 0.3, 1.0):
                    state = size * rng.normal(size=(3, 1 + data.dim))
                    box = [[arb(value) for value in neuron] for neuron in state.tolist()]
                    bound = float(balls.growth_bound(box, balls.residuals(box)))
                    top = np.linalg.eigvalsh(jacobian(plain, state))[-1]
                    assert top <= bound + 1e-7
                    if size == 0.0:
                        assert abs(top - bound) < 1e-7


def jacobian(network: Any, state: np.ndarray) -> np.ndarray:
    step, columns = 1e-6, []
    for index in range(state.size):
        shift = np.zeros(state.size)
        shift[index] = step
        shift = shift.reshape(state.shape)
        columns.append((network.drift(state + shift) - network.drift(state - shift)).ravel() / (2 * step))
    matrix = np.array(columns)
    return (matrix + matrix.T) / 2
