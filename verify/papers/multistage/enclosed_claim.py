"""How a statement about concrete networks becomes a claim: one decision for each, one verdict, negative controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from numerics.integrate.trends import REFUTED, Decision
from verify.checks.guard import guarded
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage import enclosed_runs as runs
from verify.papers.multistage.enclosed_runs import Run
from verify.papers.multistage.paper import paper

NETWORKS = (
    r"full networks, $\tanh$, $d = 1$, $m = 10, 20$ (at standard effort also 50), initial weights the binary numbers "
    r"that seed 0 gives at $\alpha = 2$",
    r"20 equidistant points with $\int x^2\rho = 1$ exactly, $f^{*} = c\sin x$ with $\int f^{*} x\rho = 1$ exactly",
    r"$\zeta = \frac1{10}$ (chosen), $T_1 = \gamma\log m$ with $\gamma = (\alpha - \frac12)/2$ (chosen)",
)

Decide = Callable[[Run], Decision]
"""Whether a statement is true of one network."""


def check_of(decide: Decide, quantity: str, extra: Callable[[Run], Mapping[str, Any]] | None = None) -> Check:
    """PROVED when it is for every network, REFUTED as soon as it is for one."""

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
            return Evidence(Verdict.PROVED, "enclosure", detail, data)
        return Evidence(Verdict.UNDECIDED, "enclosure", detail, data | {"not_confirmed": True})

    return Check("enclosure", check)


_SHORT = "T_2 has no bracket, or the enclosure ends before T_2 + log m"


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
    statement: str,
    decide: Decide,
    changed: Sequence[Control],
    uses: tuple[str, ...] = (),
    extra: Callable[[Run], Mapping[str, Any]] | None = None,
) -> None:
    """A claim that is decided for every network, with its negative controls."""
    paper.add(
        Claim(
            id=id,
            paper=paper.name,
            title=title,
            where=where,
            statement=statement,
            hypotheses=NETWORKS,
            uses=uses,
            basis="derived",
            checks=(check_of(decide, title, extra),),
            mutants=controls_of(title, changed),
            expected=Verdict.PROVED,
        )
    )
