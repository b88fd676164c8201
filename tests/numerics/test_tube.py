"""Rigorous enclosures: closed forms, other methods and worst corners lie inside; nothing false is ever PROVED."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

from numerics.activation import activation
from numerics.balls.network import BallNetwork, State
from numerics.balls.samples import BallData, equidistant_as_meant, of_dataset, of_numbers
from numerics.dataset import Dataset, equidistant, from_arrays, halton
from numerics.errors import InputError
from numerics.expression import parse
from numerics.integrate import tube
from numerics.integrate.enclosure import Enclosure
from numerics.integrate.picard import enclose_boxes
from numerics.integrate.tube import Settings, enclose
from numerics.network import Network
from numerics.precision import working_precision
from numerics.sampling import initial_weights
from numerics.simulate import simulate

NAMES = ("tanh", "erf", "arctan", "sin", "rational", "gd")


def line(n: int = 5, name: str = "tanh", bits: int = 128) -> BallNetwork:
    with working_precision(bits):
        return BallNetwork.named(name, of_dataset(equidistant(n, "sin(x)")))


def box(weights: np.ndarray, radius: float) -> list[list[arb]]:
    return [[arb(value, radius) for value in neuron] for neuron in weights.tolist()]


def distance_bound(state: State, point: Sequence[Sequence[float]]) -> float:
    """A lower bound of how far outside a box a float point is, in the largest coordinate."""
    gaps = [
        abs(b - arb(v)).lower()
        for row, values in zip(state, point, strict=True)
        for b, v in zip(row, values, strict=True)
    ]
    return max(float(gap) for gap in gaps)


# -- the truth is inside


INVARIANTS = {
    # With one sample a² − (2/x²) ∫ σ/σ' du is conserved for every neuron: d(a²)/dt and d(w)/dt have r in common.
    "tanh": lambda u: u.sinh() ** 2,
    "sin": lambda u: -2 * u.cos().log(),
    "rational": lambda u: u**2 + u**4 / 2,
}


@pytest.mark.parametrize("name", INVARIANTS)
def test_closed_forms_are_inside(name: str) -> None:
    with working_precision(96):
        network = BallNetwork.named(name, of_numbers([[Fraction(3, 4)]], [Fraction(2, 3)]))
        x = arb(3) / 4
        start = [
            [Fraction(1, 50), Fraction(1, 3)],
            [Fraction(-1, 9), Fraction(1, 7)],
            [Fraction(1, 5), Fraction(2, 5)],
        ]
        found = enclose(network, start, 12, Settings(bits=96))
        assert found.status == "PROVED"
        for time in (Fraction(3), Fraction(15, 2), Fraction(12)):
            for (a, w), (a0, w0) in zip(found.state(time), found.initial, strict=True):
                now, before = (p**2 - INVARIANTS[name](q * x) / x**2 for p, q in ((a, w), (a0, w0)))
                assert now.overlaps(before)
                assert now.rad() < 1e-20
        assert found.loss(Fraction(12)) < found.loss(Fraction(3)) < found.loss(Fraction(0))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["line", "plane", "skew"])
def test_float_simulation_is_near(name: str, kind: str) -> None:
    rng = np.random.default_rng(3)
    weights = np.array([0.1, 0.2, 0.15, 0.05, 0.3, 0.2])
    data: Dataset = {
        "line": lambda: equidistant(7, "sin(x)"),
        "plane": lambda: halton(3, 2, "sin(x1)+0.3*sin(2*x2)"),
        "skew": lambda: from_arrays(rng.normal(size=(6, 3)), rng.normal(size=6), weights),
    }[kind]()
    start = initial_weights(5, 3, data.dim, 0.05)
    with working_precision(64):
        network = BallNetwork.named(name, of_dataset(data))
    assert network.data.mirrored == (kind != "skew")
    found = enclose(network, start.tolist(), 5.0, Settings(bits=64))
    assert found.status == "PROVED"
    assert found.radius < 1e-15
    run = simulate(Network(activation(name), data), start, 5.0, rtol=1e-12)
    for time in (1.0, 2.5, 5.0):
        assert distance_bound(found.state(Fraction(time)), run.state(time).tolist()) < 1e-10
        assert abs(float(found.loss(Fraction(time))) - run.network.loss(run.state(time))) < 1e-12


@pytest.mark.parametrize("name", ["tanh", "arctan"])
def test_two_rigorous_methods_overlap(name: str) -> None:
    network = line(name=name)
    start = initial_weights(1, 2, 1, 0.05).tolist()
    boxes = enclose_boxes(network, start, 3.0, 64)
    found = enclose(network, start, 3.0, Settings(bits=128))
    assert boxes.status == found.status == "PROVED"
    check_overlap(found, boxes.times, boxes.states, 1e-12)


@pytest.mark.deep
@pytest.mark.parametrize("name", NAMES)
def test_two_rigorous_methods_overlap_for_longer(name: str) -> None:
    with working_precision(160):
        plane = BallNetwork.named(name, of_dataset(halton(2, 2, "sin(x1)+0.3*sin(2*x2)")))
    for network, start in (
        (line(name=name), initial_weights(1, 2, 1, 0.05)),
        (plane, initial_weights(2, 2, 2, 0.1)),
    ):
        boxes = enclose_boxes(network, start.tolist(), 5.0, 96)
        found = enclose(network, start.tolist(), 5.0, Settings(bits=160))
        assert boxes.status == found.status == "PROVED"
        check_overlap(found, boxes.times, boxes.states, 1e-18)


def check_overlap(found: Enclosure, times: Sequence[Fraction], states: Sequence[State], width: float) -> None:
    for time, state in zip(times, states, strict=True):
        for ours, theirs in zip(found.state(time), state, strict=True):
            for a, b in zip(ours, theirs, strict=True):
                assert a.overlaps(b)
                assert b.rad() < width


class Reversed(BallNetwork):
    """The flow run backwards: the data's weights are negative, and the Gauss–Newton part now drives errors apart."""

    def growth_bound(self, box: State, residuals: Sequence[arb]) -> arb:
        spread = sum(
            (-rho * g * g for rho, g in zip(self.data.weights, self.gradient_bounds(box), strict=True)),
            arb(0),
        )
        return (super().growth_bound(box, residuals) + spread).upper()


def backwards(network: BallNetwork) -> Reversed:
    data = object.__new__(BallData)
    for name in ("x", "y", "mirrored", "constant_loss"):
        object.__setattr__(data, name, getattr(network.data, name))
    object.__setattr__(data, "weights", tuple(-rho for rho in network.data.weights))
    return Reversed(network.activation, data)


def test_there_and_back_again() -> None:
    network, bits = line(), 128
    start = initial_weights(2, 3, 1, 0.1).tolist()
    there = enclose(network, start, 4.0, Settings(bits=bits))
    back = enclose(backwards(network), there.state(Fraction(4)), 4.0, Settings(bits=bits))
    assert there.status == back.status == "PROVED"
    assert back.radius < 1e-12
    for row, values in zip(back.state(Fraction(4)), start, strict=True):
        assert all(entry.contains(value) for entry, value in zip(row, values, strict=True))


@pytest.mark.parametrize("name", ["rational", pytest.param("tanh", marks=pytest.mark.deep)])
def test_mpmath_at_twenty_digits_is_near(name: str) -> None:
    """Another arithmetic, another integrator, the equations typed in once more."""
    sigma = {"tanh": mpmath.tanh, "rational": lambda u: u / mpmath.sqrt(1 + u * u)}[name]
    slope = {
        "tanh": lambda u: 1 / mpmath.cosh(u) ** 2,
        "rational": lambda u: (1 + u * u) ** mpmath.mpf(-1.5),
    }[name]
    x, y, rho = (
        [Fraction(-3, 2), Fraction(1, 2), Fraction(1)],
        [Fraction(-1), Fraction(1, 4), Fraction(3, 4)],
        [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)],
    )
    start = [[Fraction(1, 8), Fraction(1, 4)], [Fraction(-1, 16), Fraction(3, 8)]]
    with working_precision(96):
        network = BallNetwork.named(name, of_numbers([[c] for c in x], y, rho))
    found = enclose(network, start, 1, Settings(bits=80))
    with mpmath.workdps(24):
        data = [
            tuple(mpmath.mpf(v.numerator) / v.denominator for v in row) for row in zip(x, y, rho, strict=True)
        ]

        def drift(_: mpmath.mpf, state: list[mpmath.mpf]) -> list[mpmath.mpf]:
            pairs = [(state[0], state[1]), (state[2], state[3])]
            moved = [mpmath.mpf(0)] * 4
            for at, label, weight in data:
                r = sum(a * sigma(w * at) for a, w in pairs) - label
                for k, (a, w) in enumerate(pairs):
                    moved[2 * k] -= weight * r * sigma(w * at)
                    moved[2 * k + 1] -= weight * r * a * slope(w * at) * at
            return moved

        flat = [mpmath.mpf(v.numerator) / v.denominator for row in start for v in row]
        end = mpmath.odefun(drift, 0, flat, tol=mpmath.mpf(10) ** -20)(1)
        with working_precision(128):
            for entry, value in zip((e for row in found.state(Fraction(1)) for e in row), end, strict=True):
                point = arb(mpmath.nstr(value, 24)) + arb(0, 1e-18)
                assert entry.overlaps(point)
                assert entry.rad() < 1e-20


# -- boxes of initial weights


def test_worst_corners_stay_inside_and_come_close() -> None:
    # In the initial plateau the direction (1, 1) of every neuron grows like e^t: this corner uses the tube nearly up.
    network, radius = line(bits=64), 1e-7
    start = initial_weights(0, 4, 1, 1e-3)
    wide = enclose(network, box(start, radius), 6.0, Settings(bits=64))
    assert wide.status == "PROVED"
    used = []
    for sign in (1.0, -1.0):
        # The corner itself is rounded to a float: shrink it by more than that.
        corner = enclose(network, (start + sign * radius * (1 - 1e-9)).tolist(), 6.0, Settings(bits=64))
        for time in (Fraction(1), Fraction(3), Fraction(6)):
            used.append(share_of_tube(wide, corner.state(time), time))
    assert all(share < 1 for share in used)
    assert max(used) > 0.8


def share_of_tube(wide: Enclosure, state: State, time: Fraction) -> float:
    """Distance of a state from the centre of the tube, in units of its radius there."""
    (step, _, local) = wide.pieces(time, time)[0]
    centre = step.state_polynomials_at(local)
    away = math.hypot(
        *(float(a - c) for row, mid in zip(state, centre, strict=True) for a, c in zip(row, mid, strict=True))
    )
    return away / float(step.radius_up_to(local))


def test_nested_boxes_give_nested_tubes() -> None:
    network = line(bits=64)
    start = initial_weights(0, 4, 1, 1e-3)
    found = [
        enclose(network, box(start, radius), 5.0, Settings(bits=64)) for radius in (0.0, 1e-9, 1e-7, 1e-6)
    ]
    for inner, outer in pairwise(found):
        for time in (Fraction(0), Fraction(2), Fraction(5)):
            rows = zip(outer.state(time), inner.state(time), strict=True)
            assert all(
                big.contains(small) for bigs, smalls in rows for big, small in zip(bigs, smalls, strict=True)
            )


def test_a_ladder_of_precisions() -> None:
    start = initial_weights(0, 3, 1, 1e-2).tolist()
    found = [enclose(line(), start, 6.0, Settings(bits=bits)) for bits in (48, 64, 96, 128)]
    for coarse, fine in pairwise(found):
        assert fine.radius < coarse.radius * 2.0**-12
        for time in (Fraction(1), Fraction(6)):
            rows = zip(coarse.state(time), fine.state(time), strict=True)
            assert all(a.overlaps(b) for xs, ys in rows for a, b in zip(xs, ys, strict=True))


def test_data_as_meant_contain_the_rounded_ones() -> None:
    with working_precision(96):
        meant = equidistant_as_meant(7, parse("sin(x)", ["x"]))
        assert sum((rho * x[0] ** 2 for rho, x in zip(meant.weights, meant.x, strict=True)), arb(0)).contains(
            1
        )
        rounded = of_dataset(equidistant(7, "sin(x)"))
        for x, z in zip(sorted(meant.x), sorted(rounded.x), strict=True):
            assert abs(x[0] - z[0]) < 1e-15
        network = BallNetwork.named("tanh", meant)
        found = enclose(network, initial_weights(0, 3, 1, 1e-2).tolist(), 5.0, Settings(bits=96))
    assert found.status == "PROVED"
    assert found.radius < 1e-24


def test_tiny_initial_weights_keep_their_relative_accuracy() -> None:
    start = initial_weights(0, 3, 1, 1e-12)
    found = enclose(line(bits=64), start.tolist(), 2.0, Settings(bits=64))
    assert found.radius < 1e-28
    a, w = start.T
    expected = a * math.cosh(2.0) + w * math.sinh(2.0)  # the linearised flow (23), exact up to 1e-36
    assert np.allclose([float(row[0]) for row in found.state(Fraction(2))], expected, rtol=1e-12)


# -- what must not be proved


def test_a_horizon_that_cannot_be_reached_keeps_what_it_has() -> None:
    network = line(bits=64)
    start = initial_weights(0, 4, 1, 1e-3)
    found = enclose(network, box(start, 1e-3), 30.0, Settings(bits=64))
    assert found.status == "UNDECIDED"
    assert 1 < found.reached < 30
    assert f"{float(found.reached):.6g}" in found.reason
    assert found.order_parameters(found.reached)[0].is_finite()
    with pytest.raises(InputError, match="covers"):
        found.state(Fraction(30))


def test_a_starved_budget_and_an_interruption() -> None:
    network = line(bits=64)
    start = initial_weights(0, 2, 1, 1e-2).tolist()
    found = enclose(network, start, 9.0, Settings(bits=64, max_steps=3))
    assert (found.status, len(found.steps)) == ("UNDECIDED", 3)
    assert "budget" in found.reason

    found = enclose(network, start, 9.0, Settings(bits=64, memory=20_000))
    assert found.status == "UNDECIDED"
    assert 0 < len(found.steps) < 10
    assert "bytes" in found.reason

    def stop(time: float) -> None:
        if time > 2:
            raise KeyboardInterrupt

    found = enclose(network, start, 9.0, Settings(bits=64), stop)
    assert found.status == "UNDECIDED"
    assert "interrupted" in found.reason
    assert found.steps


@pytest.mark.parametrize("where", ["growth_over", "_defect_bound", "recentred"])
def test_a_nan_is_never_proved(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    honest = getattr(tube, where)
    calls = 0

    def poisoned(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        result = honest(*arguments)
        if calls < 4:
            return result
        return (result[0], arb("nan")) if where == "recentred" else arb("nan")

    monkeypatch.setattr(tube, where, poisoned)
    found = enclose(line(bits=64), [[0.1, 0.2]], 9.0, Settings(bits=64))
    assert found.status == "UNDECIDED"
    assert "finite" in found.reason or "passed" in found.reason


def test_the_working_precision_is_left_as_it_was() -> None:
    before = ctx.prec, ctx.cap
    enclose(line(), [[0.1, 0.2]], 0.5, Settings(bits=96))
    with pytest.raises(InputError), working_precision(64):
        raise InputError("anything")
    assert (ctx.prec, ctx.cap) == before


@pytest.mark.parametrize(
    ("start", "until", "bits", "words"),
    [
        ([[0.1, math.inf]], 1.0, 64, "not a finite"),
        ([[0.1, math.nan]], 1.0, 64, "not a finite"),
        ([[arb("nan"), 0.1]], 1.0, 64, "not a finite"),
        ([], 1.0, 64, "at least one row"),
        ([[0.1]], 1.0, 64, "at least one row"),
        ([[0.1, 0.2]], -1.0, 64, "horizon"),
        ([[0.1, 0.2]], math.inf, 64, "horizon"),
        ([[0.1, 0.2]], 1.0, 0, "precision"),
        ([[0.1, 0.2]], 1.0, -5, "precision"),
    ],
)
def test_bad_input(start: list[list[float]], until: float, bits: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        enclose(line(bits=64), start, until, Settings(bits=bits))


def test_bad_data() -> None:
    with pytest.raises(InputError, match="not finite"):
        of_numbers([[math.inf]], [1.0])
    with pytest.raises(InputError, match="weights"):
        of_numbers([[1.0], [2.0]], [1.0, 2.0], [1.0])
    with pytest.raises(InputError, match="negative"):
        of_numbers([[1.0], [2.0]], [1.0, 2.0], [Fraction(-1), Fraction(2)])
    with pytest.raises(InputError, match="not odd"):
        equidistant_as_meant(5, parse("x**2", ["x"]))
    with pytest.raises(InputError, match="neither"):
        BallNetwork.named("gelu", line().data)


@pytest.mark.deep
@pytest.mark.parametrize(("width", "bits", "radius"), [(20, 64, 1e-15), (50, 64, 1e-15), (20, 128, 1e-34)])
def test_whole_runs_of_wider_networks(width: int, bits: int, radius: float) -> None:
    """From ε = 1e-3 through all three stages."""
    start = initial_weights(0, width, 1, 1e-3).tolist()
    found = enclose(line(20, bits=bits), start, 60.0, Settings(bits=bits))
    assert found.status == "PROVED"
    assert found.radius < radius


@pytest.mark.deep
def test_every_seed_of_a_family() -> None:
    network = line(10, bits=64)
    for seed in range(20):
        found = enclose(network, initial_weights(seed, 10, 1, 1e-3).tolist(), 60.0, Settings(bits=64))
        assert found.status == "PROVED"
        assert found.radius < 1e-14
