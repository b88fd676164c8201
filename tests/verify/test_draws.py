"""Which random numbers a check may use: those of its own run, and no other run's."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import verify
from verify.claim import Check
from verify.context import DRAWS, LARGEST_SEED, Context
from verify.evidence import Verdict
from verify.load import BUILT_IN

PAPERS = {name: importlib.import_module(module).paper for name, module in BUILT_IN.items()}
SAMPLED = ("statistical", "scaling", "simulation")
RUN = 3
BLOCK = range(RUN * DRAWS, (RUN + 1) * DRAWS)

#: One computation, without a draw in it.
WITHOUT_DRAWS = {
    *("multistage.thm3.exit.constant", "sharpness.uv.lyapunov", "spikes.toy.sharpest"),
    *("spikes.toy.peak", "spikes.toy.peak.near", "spikes.toy.spiral.measured"),
}
#: About certain draws that their hypotheses name, whatever the seed of the run.
ABOUT_CERTAIN_DRAWS = {"spikes.b3", "spikes.b3.error", "spikes.b3.timing"}


def test_two_runs_have_no_draw_in_common_and_the_first_begins_at_zero() -> None:
    largest = [Context.of_run("deep", number).draws(DRAWS) for number in (0, 1, 2, 7, LARGEST_SEED)]
    assert all(one[-1] < other[0] for one, other in itertools.pairwise(largest))
    assert largest[0][0] == 0
    assert largest[-1][-1] < 2**64
    assert list(Context.of_run("quick", 2).draws(3)) == [2 * DRAWS, 2 * DRAWS + 1, 2 * DRAWS + 2]


@pytest.mark.parametrize("number", [-1, LARGEST_SEED + 1])
def test_a_run_without_draws_of_its_own_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="seed of a run"):
        Context.of_run("quick", number)


def test_a_check_cannot_take_the_next_run_s_draws() -> None:
    with pytest.raises(ValueError, match="draws"):
        Context().draws(DRAWS + 1)


class Stopped(BaseException):
    """Raised at the first draw: the rest of a simulation is not of interest here."""


class Recorder:
    """In place of NumPy's Philox: notes the integers that draws come from, and stops at the first.

    A key above 2**64 is one of `numerics.sampling`; a smaller one outside the run's block is a fixed start, such as
    that of the power iteration for an eigenvalue, which is no draw.
    """

    def __init__(self) -> None:
        self.generator = np.random.Philox
        self.drawn: list[int] = []

    def __call__(self, *, key: int, counter: int | None = None) -> np.random.Philox:
        seed = int(key) % 2**64
        if key >= 2**64 or seed in BLOCK:
            self.drawn.append(seed)
            raise Stopped
        return self.generator(key=key, counter=counter)


def sampled() -> Iterator[tuple[str, Check]]:
    """Every check of a built-in claim that may draw."""
    for name, paper in PAPERS.items():
        for claim in paper:
            yield from ((f"{name}.{claim.id}", one) for one in claim.checks if one.method in SAMPLED)


def first_draws(check: Check, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    recorder = Recorder()
    with monkeypatch.context() as patched:
        patched.setattr(np.random, "Philox", recorder)
        with contextlib.suppress(Stopped):
            assert check.run(Context.of_run("quick", RUN)).verdict is not Verdict.ERROR
    return recorder.drawn


def test_every_built_in_claim_draws_from_its_own_run(monkeypatch: pytest.MonkeyPatch) -> None:
    without, outside = set(), set()
    for name, check in sampled():
        drawn = first_draws(check, monkeypatch)
        if not drawn:
            without.add(name)
        elif drawn[0] not in BLOCK:
            outside.add(name)
    assert without == WITHOUT_DRAWS
    assert outside == ABOUT_CERTAIN_DRAWS


def test_no_claim_reckons_with_the_seed_by_itself() -> None:
    """Draws after the first come from `Context.draws`: nowhere is anything added to the seed, or multiplied."""
    reckoned = re.compile(r"context\.seed\b\s*[-+*]|[-+*]\s*context\.seed\b")
    for file in sorted((Path(verify.__file__).parent / "papers").rglob("*.py")):
        assert not reckoned.search(file.read_text(encoding="utf-8")), file.name
