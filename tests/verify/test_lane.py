"""How long a worker may take: seconds of computing, and the clock where it does not compute."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from verify.lane import PATIENCE, Lane


class Clock:
    """Seconds by the clock, and seconds that a worker has computed."""

    def __init__(self) -> None:
        self.now = self.computed = 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: made.now)
    monkeypatch.setattr(Lane, "_computed", lambda self: made.computed)
    return made


def test_the_limit_counts_what_was_computed(clock: Clock) -> None:
    lane = Lane()
    lane.allow(10.0)
    clock.now, clock.computed = 9.0, 9.0
    assert not lane.out_of_time()
    clock.now, clock.computed = 10.0, 10.0
    assert lane.out_of_time()


def test_a_worker_that_waits_for_a_core_has_more_time_by_the_clock(clock: Clock) -> None:
    lane = Lane()
    lane.allow(10.0)
    clock.now, clock.computed = 10.0, 4.0
    assert not lane.out_of_time()
    assert lane.deadline == 16.0
    clock.now, clock.computed = 16.0, 9.9
    assert lane.out_of_time()


def test_patience_has_an_end(clock: Clock) -> None:
    lane = Lane()
    lane.allow(10.0)
    looked = 0
    while not lane.out_of_time():
        assert lane.deadline is not None
        clock.now, clock.computed = lane.deadline, lane.deadline / 10
        looked += 1
    assert clock.now == PATIENCE * 10.0
    assert looked < 20


def test_a_worker_that_does_not_compute_is_not_waiting_for_a_core(clock: Clock) -> None:
    lane = Lane()
    lane.allow(10.0)
    clock.now, clock.computed = 10.0, 0.1
    assert lane.out_of_time()


def test_the_limit_is_set_anew_for_the_controls(clock: Clock) -> None:
    lane = Lane()
    lane.allow(10.0)
    clock.now, clock.computed = 9.0, 9.0
    lane.allow(10.0)
    clock.now, clock.computed = 18.0, 18.0
    assert not lane.out_of_time()
    clock.now, clock.computed = 19.0, 19.0
    assert lane.out_of_time()


def test_without_a_limit_there_is_no_end(clock: Clock) -> None:
    lane = Lane()
    lane.allow(None)
    clock.now = clock.computed = 1e9
    assert lane.deadline is None
    assert not lane.out_of_time()


def test_what_a_process_and_its_children_compute_is_seen(toy: Callable[..., Path]) -> None:
    """A worker that turns for ever computes about as long as it lives."""
    lane = Lane()
    path = toy(
        """
def turns(context):
    while True:
        pass

paper.checked("turns", Check("simulation", turns))
"""
    )
    lane.give(
        {
            "source": ["file", str(path)],
            "claim": "turns",
            "effort": "quick",
            "seed": 0,
            "settings": {},
            "checks": True,
            "mutants": False,
        },
        60.0,
    )
    try:
        while lane._computed() < 2.0:
            assert lane.elapsed < 50.0
            time.sleep(0.1)
    finally:
        lane.end()
    assert lane._computed() == 0.0
