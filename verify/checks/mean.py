"""The mean of a quantity over independent draws, by Student's interval, widened by what each value may be off by.

A stated interval is supported when the confidence interval of the mean lies inside it, refuted when the two have no
point in common, and not confirmed in between. Draws are independent; the interval takes their mean to be normal, which
a few draws of a quantity without long tails are near enough to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numerics.errors import InputError
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict

FEWEST = 4


@dataclass(frozen=True)
class Draws:
    """One value of each draw, None (or NaN) where a draw gave none; ``below`` and ``above`` are how far its true value
    may lie under and over it, as on a grid. ``table`` and ``figure`` are what a reader should see of them."""

    values: Sequence[float | None]
    below: float = 0.0
    above: float = 0.0
    figure: Sequence[Any] = ()
    table: Any = None
    remark: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def within(
    measure: Callable[[Context], Draws],
    low: float = -math.inf,
    high: float = math.inf,
    *,
    quantity: str,
    confidence: float = 0.99,
) -> Check:
    """Check that the mean of what ``measure`` draws lies in (low, high), either of which may be infinite.

    InputError for an empty or an unbounded interval, or a confidence outside (0, 1).
    """
    if not low < high or (math.isinf(low) and math.isinf(high)) or not 0 < confidence < 1:
        raise InputError(
            f"The mean of {quantity} cannot be held against ({low}, {high}) with confidence {confidence}: the interval "
            "has to be bounded on one side at least, and the confidence lies between 0 and 1."
        )

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        draws = measure(context)
        return _decide(draws, low, high, confidence, quantity)

    return Check("statistical", run)


def student_interval(
    values: Sequence[float], confidence: float, *, hidden: float = 0.0
) -> tuple[float, float]:
    """Two-sided interval of the mean of independent normal values.

    Draws that are all equal show no scatter, which does not say that there is none: it is then taken to be the largest
    that values within ``hidden`` of each other can have, and the interval is the whole line where nothing is hidden.
    """
    from scipy.stats import t

    array = np.asarray(values, dtype=np.float64)
    scatter = float(array.std(ddof=1))
    if np.ptp(array) == 0:
        scatter = hidden / 2 * math.sqrt(len(array) / (len(array) - 1)) if hidden else math.inf
    half = float(t.ppf((1 + confidence) / 2, len(array) - 1)) * scatter / math.sqrt(len(array))
    return float(array.mean()) - half, float(array.mean()) + half


def _decide(draws: Draws, low: float, high: float, confidence: float, quantity: str) -> Evidence:
    values = [None if v is None or not math.isfinite(v) else float(v) for v in draws.values]
    known = [v for v in values if v is not None]
    data: dict[str, Any] = {
        "values": values,
        "stated": [str(low), str(high)],
        "confidence": confidence,
        **draws.more,
    }
    if draws.table is not None:
        data["table"] = draws.table
    if draws.figure:
        data["figure"] = list(draws.figure)
    if len(known) < FEWEST or len(known) < len(values):
        detail = f"{quantity}: {len(known)} of {len(values)} draws gave a value; at least {FEWEST}, and all, are needed"
        return Evidence(Verdict.UNDECIDED, "statistical", detail, data)
    first, last = student_interval(known, confidence, hidden=draws.below + draws.above)
    first, last = first - draws.below, last + draws.above
    data |= {"mean": float(np.mean(known)), "interval": [first, last]}
    percent = f"{100 * confidence:g} %"
    detail = (
        f"{quantity}: {np.mean(known):.4g} in the mean of {len(known)} draws, {percent} interval "
        f"[{first:.4g}, {last:.4g}]"
    )
    if draws.below or draws.above:
        detail += f", of which {draws.below:.3g} below and {draws.above:.3g} above are the grid's"
    if draws.remark:
        detail += f"; {draws.remark}"
    if low < first and last < high:
        return Evidence(Verdict.SUPPORTED, "statistical", f"{detail}; stated {_stated(low, high)}", data)
    if last < low or first > high:
        return Evidence(Verdict.REFUTED, "statistical", f"{detail}, apart from {_stated(low, high)}", data)
    detail = f"{detail} does not decide on {_stated(low, high)}"
    return Evidence(Verdict.UNDECIDED, "statistical", detail, data | {"not_confirmed": True})


def _stated(low: float, high: float) -> str:
    if math.isinf(low):
        return f"a mean below {high:g}"
    return f"a mean above {low:g}" if math.isinf(high) else f"a mean in ({low:g}, {high:g})"
