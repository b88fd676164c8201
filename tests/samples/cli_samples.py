"""A small paper and the command line called on it, for the tests of the commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import verify
from verify.cli import main

Toy = Callable[..., Path]


PROJECT = Path(verify.__file__).resolve().parent.parent


GOOD = """
def says(verdict, method="symbolic"):
    return lambda context: Evidence(verdict, method, f"said at {context.effort}")

paper.checked(
    "eq1", Check("symbolic", says(Verdict.PROVED)), title="A sum", where="Section 2",
    mutants=[Mutant("m1", "sign changed", "1 = 2", says(Verdict.REFUTED), lambda: "false at 0"),
             Mutant("m2", "stronger", "1 = 3", says(Verdict.UNDECIDED), lambda: None)])
paper.checked("eq2", Check("simulation", says(Verdict.SUPPORTED, "simulation")), uses=("eq1",), basis="derived")
"""


def call(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    status = main(arguments)
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    return status, out, err


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}
