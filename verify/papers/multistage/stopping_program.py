"""(26) and (42) as the program finds them: its first crossing of a level, on the exact paths of `proof_steps`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from numerics.milestones import first_crossing
from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage.paper import paper
from verify.papers.multistage.proof_steps import Path, paths, stopping_witness


@dataclass(frozen=True)
class Steps:
    """A path as the program sees a run: its state at whole times, and between them on its interpolant."""

    path: Path

    @property
    def end(self) -> float:
        return float(len(self.path.values) - 1)

    @property
    def times(self) -> list[float]:
        return [float(k) for k in range(len(self.path.values))]

    @property
    def states(self) -> list[Any]:
        return [self.state(t) for t in self.times]

    def state(self, time: float) -> Any:
        return np.array([float(self.path.at(Fraction(time)))])


Find = Callable[[Any, Callable[[Any], float]], float | None]


def program_check(find: Find = first_crossing) -> Check:
    """``find`` gives the exact first time at the level."""

    def agrees(path: Path) -> bool:
        exact = path.first(path.low)
        found = find(Steps(path), lambda state: float(state[0]) - float(path.low))
        if exact is None or found is None:
            # At the very level, rounding decides.
            return (exact is None and found is None) or abs(max(path.values) - path.low) < Fraction(1, 10**9)
        return abs(found - float(exact)) < 1e-6

    return search.property(paths, agrees)


def _first_step(run: Any, excess: Callable[[Any], float]) -> float | None:
    return next((t for t, s in zip(run.times, run.states, strict=True) if excess(s) >= 0), None)


def _last_step(run: Any, excess: Callable[[Any], float]) -> float | None:
    above = [t for t, s in zip(run.times, run.states, strict=True) if excess(s) >= 0]
    return above[-1] if above else None


paper.checked(
    "eq26.program",
    program_check(),
    title="The program finds the first time at a level",
    where="Section 4, equation (26); likewise (42) and (45)",
    statement=r"T = \inf\{t : q(t) \ge \ell\} \text{ by bracketing between steps, and a root on the interpolant}",
    hypotheses=(
        r"the function by which $T_2$ and the exits are found, on paths that are linear between its steps, against the "
        r"time in fractions; within $10^{-6}$",
        "a path that reaches the level and falls below it again between two steps is not seen",
    ),
    uses=("eq26",),
    basis="derived",
    mutants=lambda: [
        Mutant(
            reads, words, r"\text{" + words + "}", program_check(find).run, partial(stopping_witness, reads)
        )
        for reads, words, find in (
            ("last", "the last step at the level in place of the first time", _last_step),
            ("corner", "the first step at the level or above, without the root", _first_step),
        )
    ],
)
