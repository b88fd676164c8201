"""Claims that share a computation: one worker examines them, and what each worker is given next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from verify import ClaimResult, run, select
from verify.claim import PaperError
from verify.load import load_file
from verify.runner import Quiet

Toy = Callable[..., Path]

MIXED = """
import os, time
from verify.parameters import remembered

made = []

@remembered
def long(name):
    made.append(name)
    return len(made)

def add(id, shares):
    def look(context):
        time.sleep(0.05)
        number = long(shares or id)
        return Evidence(Verdict.SUPPORTED, "simulation", "x", {"pid": os.getpid(), "number": number})
    paper.checked(id, Check("simulation", look), shares=shares)

for i in range(3):
    add(f"single{i}", "")
    add(f"one{i}", "one")
    add(f"other{i}", "other")
"""


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_what_is_shared_is_computed_once(toy: Toy, jobs: int) -> None:
    results = run(select([str(toy(MIXED))]), jobs=jobs)
    names = [f"{name}{i}" for i in range(3) for name in ("single", "one", "other")]
    assert [one.id.removeprefix("toys.") for one in results] == names
    for name in ("one", "other"):
        found = [one.evidence[0].data for one in results if name in one.id]
        assert len({(data["pid"], data["number"]) for data in found}) == 1
    if jobs > 1:
        assert len({one.evidence[0].data["pid"] for one in results if "single" not in one.id}) == 2


def test_shared_computations_are_begun_first(toy: Toy) -> None:
    order: list[str] = []

    class Recorder(Quiet):
        def finished(self, result: ClaimResult) -> None:
            order.append(result.id.removeprefix("toys."))

    run(select([str(toy(MIXED))]), jobs=1, observer=Recorder())
    assert order == [f"{name}{i}" for name in ("one", "other", "single") for i in range(3)]


def test_a_lost_worker_takes_up_what_it_shared(toy: Toy) -> None:
    path = toy(
        """
def crash(context): __import__("os")._exit(7)
def fine(context): return Evidence(Verdict.SUPPORTED, "simulation", "x")

paper.checked("a", Check("simulation", crash), shares="one")
paper.checked("b", Check("simulation", fine), shares="one")
paper.checked("c", Check("simulation", fine))
"""
    )
    results = run(select([str(path)]), jobs=2)
    assert [one.verdict.value for one in results] == ["ERROR", "SUPPORTED", "SUPPORTED"]


def test_a_name_is_a_text(toy: Toy) -> None:
    with pytest.raises(PaperError, match="shares"):
        load_file(toy('paper.checked("a", Check("simulation", print), shares=["one"])'))
