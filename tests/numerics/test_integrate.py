"""Integration against closed forms, and every way in which a run can end."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import InputError
from numerics.integrate import Event, float64, integrate


def swap(state):
    """da/dt = w, dw/dt = a for each row (a, w): the linearised network."""
    return state[:, ::-1].copy()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
def test_the_linear_problem_of_two_neurons(scale):
    """a(t) = a cosh t + w sinh t, w(t) = w cosh t + a sinh t; the error is relative to the initial scale."""
    start = scale * np.array([[0.3, -0.2], [-1.1, 0.7]])
    solution = integrate(swap, start, 6.0, rtol=1e-11)
    assert solution.status == "ok"
    assert solution.t[0] == 0.0
    assert solution.t[-1] == 6.0
    for t in [0.0, *np.linspace(0.011, 5.97, 40), 6.0]:
        expected = start * math.cosh(t) + start[:, ::-1] * math.sinh(t)
        assert np.abs(solution(t) - expected).max() < 2e-9 * scale * math.cosh(t)


def test_exponential_decay_and_growth():
    solution = integrate(lambda y: np.array([1.0, -2.0]) * y, np.array([1.0, 3.0]), 5.0, rtol=1e-12)
    times = np.linspace(0, 5, 57)
    expected = np.stack([np.exp(times), 3 * np.exp(-2 * times)], axis=1)
    assert np.allclose(solution(times), expected, rtol=1e-10, atol=1e-11)
    assert solution(times.reshape(3, 19)).shape == (3, 19, 2)
    assert solution(2.0).shape == (2,)


def test_the_error_follows_the_tolerance():
    """The harmonic oscillator over ten turns: each tolerance keeps the error within a fixed factor of it."""
    for rtol in (1e-6, 1e-8, 1e-10, 1e-12):
        end = integrate(lambda y: np.array([y[1], -y[0]]), np.array([1.0, 0.0]), 20 * math.pi, rtol=rtol).y[
            -1
        ]
        assert np.abs(end - [1.0, 0.0]).max() < 100 * rtol


def test_the_logistic_equation():
    """dP/dt = 2 P (1 − P) from 1e-6: through the plateau, the descent and to the next plateau."""
    start = 1e-6
    solution = integrate(lambda p: 2 * p * (1 - p), np.array([start]), 15.0, rtol=1e-11)
    times = np.linspace(0, 15, 101)
    expected = start / (start + (1 - start) * np.exp(-2 * times))
    assert np.allclose(solution(times)[:, 0], expected, rtol=1e-9)


def test_steps_are_made_again_where_their_interpolants_were_not_kept(monkeypatch):
    start = np.array([[0.3, -0.2], [-1.1, 0.7]])
    kept = integrate(swap, start, 30.0, rtol=1e-13)
    monkeypatch.setattr(float64, "_DENSE_BYTES", 0)
    again = integrate(swap, start, 30.0, rtol=1e-13)
    assert len(again.t) > 20
    assert again._dense[-1] is None
    times = np.linspace(0, 30, 333)
    assert np.allclose(kept(times), again(times), rtol=1e-15, atol=0)


def test_a_solution_that_explodes_is_diverged_with_the_time_reached():
    """dy/dt = y² from 1 is 1/(1 − t)."""
    solution = integrate(lambda y: y * y, np.array([1.0]), 2.0)
    assert solution.status == "diverged"
    assert solution.t[-1] == pytest.approx(1.0, abs=1e-6)
    assert np.all(np.isfinite(solution.y))
    assert solution(0.5)[0] == pytest.approx(2.0, rel=1e-8)
    assert "No finite solution" in solution.message


def test_overflow_is_diverged():
    solution = integrate(lambda y: y, np.array([1e300]), 1000.0)
    assert solution.status == "diverged"
    assert np.all(np.isfinite(solution.y))
    assert solution.t[-1] < math.log(1.8e8) + 0.1


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_right_hand_side_that_is_not_finite_is_diverged(bad):
    at_once = integrate(lambda y: y * bad, np.array([1.0]), 1.0)
    assert at_once.status == "diverged"
    assert at_once.t.tolist() == [0.0]
    assert at_once(0.0).tolist() == [1.0]
    later = integrate(lambda y: np.where(y < 2.0, y, bad), np.array([1.0]), 5.0)
    assert later.status == "diverged"
    assert later.t[-1] == pytest.approx(math.log(2.0), abs=1e-6)
    assert np.all(np.isfinite(later.y))


def test_an_interruption_keeps_what_there_is():
    def progress(time):
        if time > 2.0:
            raise KeyboardInterrupt

    solution = integrate(swap, np.array([[0.3, -0.2]]), 10.0, progress=progress)
    assert solution.status == "interrupted"
    assert 2.0 < solution.t[-1] < 10.0
    middle = 0.5 * float(solution.t[-1])
    assert solution(middle)[0, 0] == pytest.approx(
        0.3 * math.cosh(middle) - 0.2 * math.sinh(middle), rel=1e-8
    )


def test_an_interruption_inside_the_right_hand_side_keeps_complete_steps():
    calls = [0]

    def drift(y):
        calls[0] += 1
        if calls[0] > 200:
            raise KeyboardInterrupt
        return -y

    solution = integrate(drift, np.array([1.0]), 100.0)
    assert solution.status == "interrupted"
    assert len(solution.t) == len(solution.y)
    assert solution(float(solution.t[-1]) * 0.9)[0] == pytest.approx(
        math.exp(-0.9 * solution.t[-1]), rel=1e-7
    )


def test_too_many_steps_is_horizon_not_reached(monkeypatch):
    monkeypatch.setattr(float64, "_MOST_STEPS", 5)
    solution = integrate(swap, np.array([[0.3, -0.2]]), 50.0)
    assert solution.status == "horizon-not-reached"
    assert solution.t[-1] < 50.0


def test_progress_is_told_every_step():
    seen: list[float] = []
    solution = integrate(swap, np.array([[0.3, -0.2]]), 3.0, progress=seen.append)
    assert seen == solution.t[1:].tolist()


def test_events_are_found_and_terminal_ones_stop():
    """cos t falls through zero at π/2, rises at 3π/2; sin t at π."""

    def turn(y):
        return np.array([-y[1], y[0]])

    cosine = Event(lambda y: float(y[0]))
    sine_falls_to_minus_half = Event(lambda y: float(y[1]) + 0.5, terminal=True)
    solution = integrate(
        turn, np.array([1.0, 0.0]), 10.0, rtol=1e-12, events=[cosine, sine_falls_to_minus_half]
    )
    assert solution.status == "ok"
    assert solution.t[-1] == pytest.approx(7 * math.pi / 6, abs=1e-9)
    assert solution.y[-1] == pytest.approx([-math.sqrt(0.75), -0.5], abs=1e-9)
    assert solution.events[0] == pytest.approx([math.pi / 2], abs=1e-9)
    assert solution.events[1] == pytest.approx([7 * math.pi / 6], abs=1e-9)
    free = integrate(turn, np.array([1.0, 0.0]), 10.0, rtol=1e-12, events=[cosine])
    assert free.events[0] == pytest.approx([math.pi / 2, 3 * math.pi / 2, 5 * math.pi / 2], abs=1e-9)


def test_a_state_at_rest_stays():
    solution = integrate(lambda y: 0 * y, np.zeros((3, 2)), 4.0)
    assert solution.status == "ok"
    assert np.all(solution(np.linspace(0, 4, 9)) == 0)


def test_times_outside_are_refused():
    solution = integrate(swap, np.array([[0.3, -0.2]]), 3.0)
    for times in (-1e-9, 3.0000001, np.array([1.0, 4.0]), math.nan):
        with pytest.raises(InputError, match="known from"):
            solution(times)


@pytest.mark.parametrize(
    ("start", "until", "options", "word"),
    [
        ([math.nan], 1.0, {}, "initial state"),
        ([], 1.0, {}, "initial state"),
        ([1.0], 0.0, {}, "final time"),
        ([1.0], -1.0, {}, "final time"),
        ([1.0], math.inf, {}, "final time"),
        ([1.0], math.nan, {}, "final time"),
        ([1.0], 1.0, {"rtol": 1e-15}, "relative tolerance"),
        ([1.0], 1.0, {"rtol": 0.5}, "relative tolerance"),
        ([1.0], 1.0, {"rtol": math.nan}, "relative tolerance"),
        ([1.0], 1.0, {"atol": -1.0}, "absolute tolerance"),
        ([1.0], 1.0, {"atol": math.nan}, "absolute tolerance"),
    ],
)
def test_bad_arguments_are_refused(start, until, options, word):
    with pytest.raises(InputError, match=word):
        integrate(lambda y: -y, np.array(start), until, **options)
