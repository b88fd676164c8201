"""Gronwall's step (31) and Propositions 3, 6 and 7 on whole short trajectories, searched towards a violation.

Networks of few neurons from weights of any size run for a short time in double precision; at 32 times what a bound
allows, an integral along the same run, is held against what the run does. What breaks the bound by more than the
measured error is a counterexample once the same run, enclosed in balls with the integral, breaks it for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage import trajectory_balls, trajectory_runs
from verify.papers.multistage.paper import paper
from verify.papers.multistage.trajectory_balls import BallSides
from verify.papers.multistage.trajectory_runs import SidesOf, Start, broken_at, cases, measured
from verify.papers.multistage.trajectory_witness import witness

CASES = {"quick": 50, "standard": 400, "deep": 4000}


@dataclass(frozen=True)
class Bound:
    """Both sides of a bound along a run in double precision, and at its end in balls."""

    sides: SidesOf
    balls: BallSides

    @classmethod
    def named(cls, name: str, **changes: Any) -> Bound:
        """The function of this name in both arithmetics, with what is changed in a false version."""
        found = (getattr(module, name) for module in (trajectory_runs, trajectory_balls))
        return cls(*(partial(function, **changes) for function in found))


def check(bound: Bound, dims: tuple[int, ...] = (1, 2)) -> Check:
    """No run breaks the bound."""
    from hypothesis import assume

    def holds(start: Start) -> bool:
        assume(measured(start, bound.sides) is not None)
        return broken_at(start, bound.sides) is None

    def confirmed(start: Start) -> bool:
        time = broken_at(start, bound.sides)
        return time is not None and trajectory_balls.broken(start, bound.balls, time)

    def share(start: Start) -> float:
        found = measured(start, bound.sides)
        return float("nan") if found is None else float(found.shares.max())

    return search.property(lambda: cases(dims), holds, confirm=confirmed, cases=CASES, towards=share)


def _mutants(
    listed: Sequence[tuple[str, str, Bound]], dims: tuple[int, ...]
) -> Callable[[], Sequence[Mutant]]:
    return lambda: [
        Mutant(name, words, r"\text{" + words + "}", check(bound, dims).run, partial(witness, bound.sides))
        for name, words, bound in listed
    ]


_TOLD = (
    r"full networks of at most 8 neurons, tanh, arctan, sin or Gudermannian, weights of any size up to 1, up to "
    r"$t = 2$; $d = 1, 2$, $M_2 = I$ and $z = e_1$",
    "searched in double precision at 32 times; what exceeds a bound there by more than the measured error, of the "
    "quadrature and of the run, breaks it if the run and the integral enclosed in balls say so too",
)
_PLANE = (*_TOLD, "$d = 2$")

for _id, _name, _dims, _title, _where, _statement, _uses, _listed in (
    (
        "eq31.search",
        "gronwall",
        (1, 2),
        "No run was found that leaves the linearised path faster than Gronwall's inequality allows",
        "Section 4, proof of Theorem 1, equations (28) and (31)",
        r"\max_k \max\bigl(|\Delta a_k|, \lVert\Delta w_k\rVert\bigr)(t) \le \int_0^t e^{t-s}\bigl(mq^3 + LD^3Fq^3 + "
        r"2mLD^4q^5 + mL^2D^6q^7\bigr)ds",
        ("eq25", "eq31", "lem1"),
        (
            ("half", "half of the bound", Bound.named("gronwall", factor=0.5)),
            ("no-growth", "the integral without the exponential", Bound.named("gronwall", growth=0.0)),
        ),
    ),
    (
        "lem2.runs.search",
        "across",
        (2,),
        "No run was found whose weights across e₁ grow faster than Propositions 1, 3 and 7 say",
        "Propositions 1, 3 and 7, equations (22), (30), (46) and (61)",
        r"V_i(t) - V_i(0) \le \sqrt m \int_0^t \max_j |g_j^{(i)}|\, ds",
        ("lem2",),
        (
            ("no-width", "the bound without √m", Bound.named("across", width=False)),
            ("third", "a third of the bound", Bound.named("across", factor=1 / 3)),
        ),
    ),
    (
        "prop6.search",
        "balanced",
        (1, 2, 2),
        "No run was found whose balance is lost faster than Propositions 5 and 6 say",
        "Propositions 5 and 6, equations (49) to (51)",
        r"\sqrt{Q^2 - P^2}(t) \le \sqrt{Q^2 - P^2}(0) + \int_0^t (2V_2Q + H)\, ds",
        ("eq49", "eq50"),
        (
            ("no-rest", "the bound without H", Bound.named("balanced", rest=0.0)),
            ("no-across", "the bound without the term of V₂", Bound.named("balanced", cross=0.0)),
        ),
    ),
):  # fmt: skip
    paper.checked(
        _id,
        check(Bound.named(_name), _dims),
        title=_title,
        where=_where,
        statement=_statement,
        hypotheses=_PLANE if _dims == (2,) else _TOLD,
        uses=_uses,
        basis="derived",
        mutants=_mutants(_listed, _dims),
    )
