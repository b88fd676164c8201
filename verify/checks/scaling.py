"""Power laws: measured sizes and values against a stated exponent and, where there is one, a stated constant.

Exponent and constant are fitted with confidence intervals. The law is supported when these lie inside the
stated intervals (or, narrow enough, around them), refuted when one lies outside, and not confirmed in
between. Values at finitely many sizes never prove an asymptotic law.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numerics.errors import InputError
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict

Stated = float | tuple[float, float]
EXPONENT_TOLERANCE = 0.05
CONSTANT_TOLERANCE = 0.1
LEVEL = 0.99
"""Confidence of the fitted intervals: that of every statistical check."""

ROUNDING = 1e-9
"""Relative widening of a fitted interval: exact data have an interval of width zero, and logarithms round."""


@dataclass(frozen=True)
class Interval:
    """Closed interval of real numbers."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    def within(self, other: Interval) -> bool:
        return other.low <= self.low and self.high <= other.high

    def apart(self, other: Interval) -> bool:
        return self.high < other.low or other.high < self.low

    def __str__(self) -> str:
        return f"[{self.low:.6g}, {self.high:.6g}]"


def law(
    measure: Callable[[Context, Any], Any],
    over: Sequence[float] | Mapping[str, Sequence[float]],
    exponent: Stated,
    constant: Stated | None = None,
    *,
    seeds: int | None = None,
    resolution: float | None = None,
    exponent_tolerance: float = EXPONENT_TOLERANCE,
    constant_tolerance: float = CONSTANT_TOLERANCE,
    size_label: str = "size",
    value_label: str = "value",
) -> Check:
    """Check that a measured quantity grows as constant · size**exponent.

    Parameters
    ----------
    measure
        ``measure(context, size)`` returns one number, or several (one for each seed, say). None or NaN where
        nothing could be measured; the law is then undecided.
    over
        The sizes, at least three different ones; or sizes by effort.
    exponent, constant
        The stated interval, or one number p: then p ± ``exponent_tolerance``, or p · (1 ±
        ``constant_tolerance``).
    seeds
        Call ``measure`` so many times for each size, with the context's seed, the next one, and so on. Values that
        come out the same for all of them count once.
    resolution
        How wide the fitted interval of the exponent may be. Without it the fitted interval has to lie inside
        the stated one; with it, one that contains the stated interval and is narrow enough supports the law
        too.

    Raises
    ------
    InputError
        An interval or a tolerance makes no sense.
    """
    stated_exponent = _stated(exponent, "exponent", exponent_tolerance)
    stated_constant = None
    if constant is not None:
        scale = 1.0 if isinstance(constant, tuple) else abs(constant)
        stated_constant = _stated(constant, "constant", constant_tolerance * scale)
        if stated_constant.low <= 0:
            raise InputError(f"the constant must be positive, not {constant}; a law for −v is one for v")
    if resolution is not None and not 0 < resolution <= 1:
        raise InputError(
            f"the resolution must lie in (0, 1], not be {resolution}: a wider interval contains any exponent"
        )
    if seeds is not None and seeds < 1:
        raise InputError(f"the number of seeds must be at least 1, not {seeds}")
    labels = (size_label, value_label)

    @guarded("scaling")
    def run(context: Context) -> Evidence:
        sizes, values = _measured(measure, over, seeds, context)
        return _decide(sizes, values, stated_exponent, stated_constant, resolution, labels)

    return Check("scaling", run)


def _stated(given: Stated, what: str, tolerance: float) -> Interval:
    low, high = given if isinstance(given, tuple | list) else (given - tolerance, given + tolerance)
    if not (math.isfinite(low) and math.isfinite(high)) or low > high:
        raise InputError(f"the stated {what} must be a number or an interval (low, high), not {given}")
    return Interval(float(low), float(high))


def _measured(
    measure: Callable[[Context, Any], Any], over: Any, seeds: int | None, context: Context
) -> tuple[list[float], list[float | None]]:
    sizes: list[float] = []
    values: list[float | None] = []
    chosen = over[context.effort] if isinstance(over, Mapping) else over
    for size in chosen:
        for shift in range(seeds or 1):
            context.progress(f"size {size}" + (f", seed {context.seed + shift}" if seeds else ""))
            found = measure(context if seeds is None else replace(context, seed=context.seed + shift), size)
            for value in _several(found):
                sizes.append(float(size))
                values.append(None if value is None or not math.isfinite(value) else float(value))
    return sizes, values


def _several(found: Any) -> Iterable[Any]:
    listed = found.tolist() if hasattr(found, "tolist") else found
    return listed if isinstance(listed, list | tuple) else [listed]


def _decide(
    sizes: list[float],
    values: list[float | None],
    exponent: Interval,
    constant: Interval | None,
    resolution: float | None,
    labels: tuple[str, str],
) -> Evidence:
    data: dict[str, Any] = {
        "table": {
            "columns": [labels[0], labels[1]],
            "rows": [list(row) for row in zip(sizes, values, strict=True)],
        }
    }
    usable = [value for value in values if value is not None and value > 0]
    if len(usable) < len(values):
        place = next(s for s, v in zip(sizes, values, strict=True) if v is None or v <= 0)
        detail = f"no positive finite {labels[1]} was measured at {labels[0]} {place:g}: no law can be fitted"
        return Evidence(Verdict.UNDECIDED, "scaling", detail, data)
    if len(set(sizes)) < 3:
        detail = f"{len(set(sizes))} different sizes were measured; a law needs at least three"
        return Evidence(Verdict.UNDECIDED, "scaling", detail, data)
    from numerics.scaling import fit_power

    independent = _without_repeats(sizes, usable)
    try:
        fit = fit_power(*zip(*independent, strict=True), level=LEVEL)
    except InputError as error:
        return Evidence(Verdict.UNDECIDED, "scaling", str(error), data)
    fitted = [_widened(fit.exponent_interval)]
    stated = [exponent]
    if constant is not None:
        fitted.append(_widened(fit.constant_interval))
        stated.append(constant)
    if not all(math.isfinite(end) for interval in fitted for end in (interval.low, interval.high)):
        return Evidence(Verdict.UNDECIDED, "scaling", "the fit gives no finite interval", data)
    data |= _shown(sizes, usable, exponent, constant, labels)
    data |= {"exponent": fit.exponent, "exponent_interval": list(fit.exponent_interval)}
    data |= {"constant": fit.constant, "constant_interval": list(fit.constant_interval), "level": fit.level}
    detail = f"fitted exponent in {fitted[0]}, stated {exponent}"
    if constant is not None:
        detail += f"; fitted constant in {fitted[1]}, stated {constant}"
    once = ", identical repeats counted once" if len(independent) < len(usable) else ""
    detail += f" ({len(independent)} values at {len(set(sizes))} sizes{once}, level {fit.level:g})"
    if any(found.apart(expected) for found, expected in zip(fitted, stated, strict=True)):
        return Evidence(Verdict.REFUTED, "scaling", detail, data)
    narrow = fitted[0].width <= (exponent.width if resolution is None else resolution)
    fits = fitted[0].within(exponent) or (resolution is not None and exponent.within(fitted[0]))
    if narrow and fits and (constant is None or fitted[1].within(constant)):
        return Evidence(Verdict.SUPPORTED, "scaling", detail, data)
    return Evidence(
        Verdict.UNDECIDED, "scaling", detail + "; too wide to decide", data | {"not_confirmed": True}
    )


def _without_repeats(sizes: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """(size, value), each as often as its share among the values at that size needs.

    A measurement that draws nothing gives the same value for every seed. Counted as so many independent ones, they
    would make the interval as narrow as one likes.
    """
    counts: dict[float, Counter[float]] = {}
    for size, value in zip(sizes, values, strict=True):
        counts.setdefault(size, Counter())[value] += 1
    return [
        (size, value)
        for size, found in counts.items()
        for value, count in found.items()
        for _ in range(count // math.gcd(*found.values()))
    ]


def _widened(interval: tuple[float, float]) -> Interval:
    low, high = float(interval[0]), float(interval[1])
    return Interval(low - ROUNDING * (1 + abs(low)), high + ROUNDING * (1 + abs(high)))


def _shown(
    sizes: list[float],
    values: list[float],
    exponent: Interval,
    constant: Interval | None,
    labels: tuple[str, str],
) -> dict[str, Any]:
    """Table and figure. Where no constant is stated, the predicted line goes through the values' geometric
    mean."""
    power = exponent.middle
    offsets = [math.log(v) - power * math.log(s) for s, v in zip(sizes, values, strict=True)]
    log_factor = math.log(constant.middle) if constant else sum(offsets) / len(offsets)
    predicted = [math.exp(log_factor + power * math.log(s)) for s in sizes]
    line = sorted(dict(zip(sizes, predicted, strict=True)).items())
    series = [
        {"label": "simulated", "x": sizes, "y": values, "style": "points", "role": "simulated"},
        {
            "label": f"predicted, exponent {power:g}",
            "x": [x for x, _ in line],
            "y": [y for _, y in line],
            "style": "line",
            "role": "predicted",
        },
    ]
    panel = {
        "title": f"{labels[1]} against {labels[0]}",
        "xlabel": labels[0],
        "ylabel": labels[1],
        "xscale": "log",
        "yscale": "log",
        "series": series,
        "marks": [],
    }
    rows = [list(row) for row in zip(sizes, values, predicted, strict=True)]
    return {"table": {"columns": [*labels, "predicted"], "rows": rows}, "figure": [panel]}
