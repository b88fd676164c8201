"""How a statement about concrete networks becomes a claim: one decision for each, one verdict, negative controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy as sp

from numerics.integrate.trends import REFUTED, Decision
from verify.checks.enclosure_steps import Steps, step
from verify.checks.guard import guarded
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage import enclosed_runs as runs
from verify.papers.multistage.enclosed_runs import Run
from verify.papers.multistage.paper import paper
from verify.stating import Printed

NETWORKS = (
    r"full networks, $\tanh$, $d = 1$, $m = 10, 20$ (at standard effort and above also 50), initial weights the binary "
    r"numbers that seed 0 gives at $\alpha = 2$",
    r"20 equidistant points with $\int x^2\rho = 1$ exactly, $f^{*} = c\sin x$ with $\int f^{*} x\rho = 1$ exactly",
    r"$\zeta = \frac1{10}$ (chosen), $T_1 = \gamma\log m$ with $\gamma = (\alpha - \frac12)/2$ (chosen)",
)

AT_ONCE = sp.FiniteSet(*runs.widths("quick"))
"""Widths of the networks at quick effort."""

Compared = tuple[Any, Mapping[Any, Any], tuple[Any, ...]]
"""A relation, its box and what it assumes, as `verify.claim.Check` has them."""

Decide = Callable[[Run], Decision]
"""Whether a statement is true of one network."""


def check_of(
    decide: Decide,
    quantity: str,
    extra: Callable[[Run], Mapping[str, Any]] | None = None,
    told: Steps = (),
    compared: Callable[[], Compared] | None = None,
) -> Check:
    """PROVED when it is for every network, REFUTED as soon as it is for one.

    ``told``: how the statement is read off the enclosure, for the report. ``compared``: what ``decide`` reads.
    """

    @guarded("enclosure")
    def check(context: Context) -> Evidence:
        rows: list[list[Any]] = []
        found = []
        for width in runs.widths(context.effort):
            context.progress(f"m = {width}")
            run = runs.enclosed(width)
            decision = decide(run)
            found.append(decision)
            more = list(extra(run).values()) if extra is not None else []
            rows.append([width, run.enclosure.largest_radius, decision.status, decision.reason, *more])
        columns = ["m", "radius of the tube", "decision", "how"]
        columns += list(extra(runs.enclosed(10))) if extra is not None else []
        data: dict[str, Any] = {"table": {"columns": columns, "rows": rows}}
        detail = f"{quantity}: " + "; ".join(f"m = {row[0]}: {row[2]}, {row[3]}" for row in rows)
        states = {decision.status for decision in found}
        if REFUTED in states:
            return Evidence(Verdict.REFUTED, "enclosure", detail, data)
        if states == {"PROVED"}:
            if told:
                data["derivation"] = [*tube_steps(context.effort), *told]
            return Evidence(Verdict.PROVED, "enclosure", detail, data)
        return Evidence(Verdict.UNDECIDED, "enclosure", detail, data | {"not_confirmed": True})

    return Check("enclosure", check, compared)


def tube_steps(effort: str) -> Steps:
    """How the exact flow of these networks was enclosed (`numerics.integrate.tube`)."""
    tubes = [(width, runs.enclosed(width).enclosure) for width in runs.widths(effort)]
    counted = "; ".join(f"$m = {width}$: {len(tube.steps)} steps" for width, tube in tubes)
    bits = ", ".join(dict.fromkeys(str(tube.bits) for _, tube in tubes))
    return [
        step(
            "The flow to be enclosed: all weights at once, from exactly given numbers.",
            r"\dot x = F(x) = -\nabla R(x), \qquad x = (a_1, w_1, \ldots, a_m, w_m)",
        ),
        step(
            "Time is cut into steps. On a step $[0, h]$ stands a polynomial $p$ with exact coefficients; $e$ bounds "
            "how far off it is at the start, $D$ how badly it satisfies the equation.",
            r"\lVert x(0) - p(0)\rVert \le e, \qquad \int_0^h \lVert p' - F(p)\rVert\,dt \le D",
        ),
        step(
            "$D$: the first $N$ Taylor coefficients of $p' - F(p)$ are calculated in balls; with $M = \\sup\\lVert "
            "F\\rVert$ over a complex box that holds $p(|t| \\le \\varrho)$, Cauchy's estimate bounds all others.",
            r"\int_0^h \sum_{j \ge N} M \Bigl(\frac t\varrho\Bigr)^j dt \le "
            r"\frac{M\,h\,(h/\varrho)^N}{(N + 1)(1 - h/\varrho)}",
        ),
        step(
            "$\\mu$ bounds the logarithmic norm of the Jacobian of $F$ within the radius $E$ around $p$. While the "
            "flow is there, its distance from $p$ grows at most like this; since that stays below $E$, the flow "
            "never leaves.",
            r"\lVert x(t) - p(t)\rVert \le e_t = (e + D)\,e^{\int_0^t \max(\mu, 0)\,ds} < E",
        ),
        step(
            f"The radius at the end of a step is $e$ of the next. All of it in ball arithmetic of {bits} bits; "
            f"{counted}."
        ),
    ]


_SHORT = "T₂ has no bracket, or the enclosure ends before T₂ + log m"


def undecided(run: Run) -> Decision:
    """For a network without a bracket of T_2, or whose enclosure ends too early."""
    return Decision("UNDECIDED", run.second.reason or run.enclosure.reason or _SHORT, 0)


@dataclass(frozen=True)
class Control:
    """A changed statement: how it is decided, and what the simulation says against it."""

    name: str
    description: str
    statement: str
    decide: Decide
    witness: Callable[[int], str | None]


def controls_of(quantity: str, changed: Sequence[Control]) -> Callable[[], Sequence[Mutant]]:
    """Mutants that run through the same check."""

    def witness(control: Control) -> str | None:
        return next((text for width in (10, 20) if (text := control.witness(width)) is not None), None)

    def made() -> Sequence[Mutant]:
        return [
            Mutant(
                control.name,
                control.description,
                control.statement,
                check_of(control.decide, quantity).run,
                partial(witness, control),
            )
            for control in changed
        ]

    return made


def add(
    id: str,
    title: str,
    where: str,
    stated: Callable[[], Compared],
    show: Callable[..., str],
    decide: Decide,
    changed: Sequence[Control],
    uses: tuple[str, ...] = (),
    extra: Callable[[Run], Mapping[str, Any]] | None = None,
    told: Steps = (),
    more: tuple[str, ...] = (),
) -> None:
    """A claim that is decided for every network, with its negative controls.

    ``stated`` makes the relation that ``decide`` reads, ``show`` prints it; ``more``: hypotheses of its own.
    """
    paper.add(
        Claim(
            id=id,
            paper=paper.name,
            title=title,
            where=where,
            statement=Printed(stated, show),
            hypotheses=(*NETWORKS, *more),
            uses=uses,
            basis="derived",
            checks=(check_of(decide, title, extra, told, stated),),
            mutants=controls_of(title, changed),
            expected=Verdict.PROVED,
        )
    )
