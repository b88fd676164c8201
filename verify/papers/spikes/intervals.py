"""Means over seeds with confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict

CONFIDENCE = 0.99

NORMAL = (
    "the interval is Student's: it takes the numbers of different seeds as independent draws of one normal "
    "law; an exact "
    "sign test, which does not, is in the evidence"
)


@dataclass(frozen=True)
class Sample:
    """One number of each seed, with a table or figure that a reader should see of them. ``missing`` seeds gave none."""

    values: Mapping[int, float]
    missing: int = 0
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    figure: Sequence[Any] = ()
    remark: str = ""


def student_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """(mean, lower, upper): one-sided bounds for the mean, each at this confidence, of a normal law.

    With fewer than three numbers, or with equal ones, which no normal law gives, the bounds are infinite.
    """
    from scipy.stats import t

    n = len(values)
    mean = math.fsum(values) / n if n else math.nan
    if n < 3 or len(set(values)) == 1:
        return mean, -math.inf, math.inf
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)
    half = float(t.ppf(confidence, n - 1)) * spread
    return mean, mean - half, mean + half


def mean_check(
    measure: Callable[[Context], Sample],
    *,
    quantity: str,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Check:
    """Check that the mean over seeds of a number is at least, or at most, what is stated.

    SUPPORTED when the one-sided confidence bound says so, REFUTED when the other one excludes it, else UNDECIDED
    and not confirmed. With both, each bound is held against its own side.
    """
    if at_least is None and at_most is None:
        raise ValueError("a mean is stated to be at least something, at most something, or both")

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        from verify.checks.statistical import upper_tail

        sample = measure(context)
        values = list(sample.values.values())
        mean, low, high = student_interval(values)
        said = [f"at least {at_least:g}" for _ in (0,) if at_least is not None]
        said += [f"at most {at_most:g}" for _ in (0,) if at_most is not None]
        reference = at_least if at_least is not None else at_most
        above = sum(v > float(reference or 0.0) for v in values)
        data: dict[str, Any] = {"mean": mean, "seeds": len(values), "confidence": CONFIDENCE}
        data |= {"lower_bound": low, "upper_bound": high, "above": above}
        if values:
            from fractions import Fraction

            data["sign_test_above"] = float(upper_tail(above, len(values), Fraction(1, 2)))
        if sample.columns:
            data["table"] = {"columns": list(sample.columns), "rows": [list(row) for row in sample.rows][:30]}
        if sample.figure:
            data["figure"] = list(sample.figure)
        lost = f", {sample.missing} without a value" if sample.missing else ""
        text = (
            f"{quantity}: mean {mean:.4g} over {len(values)} seeds{lost}, {100 * CONFIDENCE:g} % bounds "
            f"{low:.4g} and "
            f"{high:.4g}, {above} of {len(values)} above {reference:g}; stated {' and '.join(said)}"
            + (f"; {sample.remark}" if sample.remark else "")
        )
        fits = (at_least is None or low >= at_least) and (at_most is None or high <= at_most)
        fails = (at_least is not None and high < at_least) or (at_most is not None and low > at_most)
        if not math.isfinite(low):
            return Evidence(Verdict.UNDECIDED, "statistical", f"{text}: too few seeds, or no scatter", {})
        if fits:
            return Evidence(Verdict.SUPPORTED, "statistical", text, data)
        if fails:
            return Evidence(Verdict.REFUTED, "statistical", text, data)
        return Evidence(Verdict.UNDECIDED, "statistical", text, data | {"not_confirmed": sample.missing == 0})

    return Check("statistical", run)
