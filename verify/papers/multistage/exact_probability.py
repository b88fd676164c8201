"""A bound on a probability that is known exactly, checked in balls case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from numerics.precision import working_precision
from verify.checks.enclosure_steps import Steps, in_balls, step
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import JSON, Evidence, Verdict

if TYPE_CHECKING:
    from flint import arb

BITS = 160

Cases = Callable[[str], "Iterator[tuple[str, arb]]"]
"""Effort → (case in words, margin by which the bound holds there), evaluated one by one in balls."""


def check(cases: Cases, of: str, told: Steps = ()) -> Check:
    """PROVED when every margin is certainly positive, REFUTED as soon as one is certainly negative.

    A margin whose ball contains 0, or is not finite, decides nothing. ``told``: how the margin comes about, for the
    report.
    """

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        import sympy as sp

        count, smallest, where = 0, float("inf"), ""
        open_case = ""
        with working_precision(BITS):
            for label, margin in cases(context.effort):
                count += 1
                if margin < 0:
                    return Evidence(
                        Verdict.REFUTED,
                        "enclosure",
                        f"{of}: false for {label}, by {margin.str(6, radius=False)}.",
                        {"case": label},
                    )
                if not margin > 0:
                    open_case = open_case or label
                elif float(margin.mid()) < smallest:
                    smallest, where = float(margin.mid()), label
        if open_case or not count:
            reason = f"not decided for {open_case}" if count else "there was no case"
            return Evidence(Verdict.UNDECIDED, "enclosure", f"{of}: {reason}.", {"not_confirmed": True})
        data: dict[str, JSON] = {"cases": count}
        if told:
            data["derivation"] = [
                *told,
                step(f"It is evaluated case by case, {in_balls(BITS)}."),
                step(
                    f"In each of {count} cases the whole ball of the margin is above 0. It is nearest for {where}.",
                    rf"{sp.latex(sp.Float(smallest, 6))}\ldots > 0",
                ),
            ]
        return Evidence(
            Verdict.PROVED,
            "enclosure",
            f"{of}: {count} cases, each settled in balls; the smallest margin, {smallest:.3g}, is that for {where}.",
            data,
        )

    return Check("enclosure", run)
