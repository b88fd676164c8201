"""The full network against a prediction, within an error budget that is itself estimated.

A difference counts as within its tolerance only when it is so with the estimated error added, and as outside
only when it is so with the error taken off. A comparison without an error estimate decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

from numerics.errors import InputError
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict


@dataclass(frozen=True)
class Comparison:
    """One number measured, the number predicted for it, and how far apart they may be.

    All in the unit of the measured quantity. ``error_estimate`` bounds what the measurement itself may be off
    by (integration, sampling, rounding); None or NaN where it, or the measured value, is not known.
    Numbers of any kind are taken as exactly as they are given: whole ones, fractions, floats, SymPy's and
    mpmath's are subtracted before anything is rounded.
    """

    label: str
    measured: float | None
    predicted: float
    tolerance: float
    error_estimate: float | None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.predicted) and math.isfinite(self.tolerance)) or self.tolerance < 0:
            raise InputError(
                f"{self.label}: the prediction {self.predicted} must be finite, "
                f"and the tolerance {self.tolerance} finite and not negative"
            )
        if self.error_estimate is not None and self.error_estimate < 0:
            raise InputError(f"{self.label}: the error estimate {self.error_estimate} must not be negative")

    @property
    def difference(self) -> float | None:
        """|measured − predicted|, None where something is missing."""
        exact = self._exact_difference()
        return None if exact is None else float(exact)

    def _exact_difference(self) -> Fraction | None:
        measured, error = _exact(self.measured), _exact(self.error_estimate)
        if measured is None or error is None:
            return None
        return abs(measured - _finite(self.predicted))

    @property
    def within(self) -> bool | None:
        """True within the tolerance for certain, False outside for certain, None in doubt."""
        difference, error = self._exact_difference(), _exact(self.error_estimate)
        if difference is None or error is None:
            return None
        tolerance = _finite(self.tolerance)
        if difference + error <= tolerance:
            return True
        return False if difference - error > tolerance else None


def _exact(value: Any) -> Fraction | None:
    """A number without rounding it; None where it is missing or not finite."""
    if value is None or not math.isfinite(value):
        return None
    return _finite(value)


def _finite(value: Any) -> Fraction:
    if hasattr(value, "rad"):
        raise InputError(f"{value} is a ball: give its middle, and add its radius to the error estimate")
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if hasattr(value, "as_integer_ratio"):
        top, bottom = value.as_integer_ratio()
        return Fraction(int(top), int(bottom))
    if hasattr(value, "_mpf_"):  # of mpmath, or a floating-point number of SymPy
        sign, mantissa, exponent, _ = value._mpf_
        size = int(mantissa) * Fraction(2) ** int(exponent)
        return -size if sign else size
    if hasattr(value, "p") and hasattr(value, "q"):  # of FLINT
        return Fraction(int(value.p), int(value.q))
    return Fraction(int(value)) if hasattr(value, "__index__") else Fraction(float(value))


@dataclass(frozen=True)
class Measurement:
    """Comparisons with what a reader should see of them: panels of a figure, and a remark."""

    comparisons: Sequence[Comparison]
    figure: Sequence[Any] = ()
    remark: str = ""


def compare(
    measure: Callable[[Context], Measurement | Sequence[Comparison]] | Sequence[Comparison],
    *,
    quantity: str,
    required_fraction: Fraction | float | str = 1,
) -> Check:
    """Check measured values against predicted ones.

    SUPPORTED when all (or the required fraction) are within tolerance for certain, REFUTED when so many are
    outside for certain that the fraction cannot be reached, else UNDECIDED.

    Parameters
    ----------
    measure
        The comparisons, or a function of the context that measures and returns them.
    quantity
        What is compared, in words: "P on the initial plateau".
    required_fraction
        In (0, 1]; a float is read as the decimal it is printed as, "99/100" is 99 seeds of 100.
    """
    try:
        fraction = Fraction(str(required_fraction))
    except ValueError:
        raise InputError(f"the required fraction must be a number, not {required_fraction!r}") from None
    if not 0 < fraction <= 1:
        raise InputError(f"the required fraction must lie in (0, 1], not {required_fraction}")

    @guarded("simulation")
    def run(context: Context) -> Evidence:
        found = measure(context) if callable(measure) else measure
        measurement = found if isinstance(found, Measurement) else Measurement(tuple(found))
        return _decide(measurement, quantity, fraction)

    return Check("simulation", run)


def _decide(measurement: Measurement, quantity: str, fraction: Fraction) -> Evidence:
    items = list(measurement.comparisons)
    data: dict[str, Any] = {"table": table_of(items), "required_fraction": str(fraction)}
    if measurement.figure:
        data["figure"] = list(measurement.figure)
    remark = f"; {measurement.remark}" if measurement.remark else ""
    if not items:
        return Evidence(Verdict.UNDECIDED, "simulation", f"{quantity}: nothing was compared{remark}", data)
    needed = math.ceil(fraction * len(items))
    inside = [item for item in items if item.within is True]
    outside = [item for item in items if item.within is False]
    unknown = [item for item in items if item.difference is None]
    summary = f"{quantity}: {len(inside)} of {len(items)} comparisons within tolerance"
    if fraction < 1:
        summary += f" ({needed} needed)"
    if len(inside) >= needed:
        worst = max(inside, key=_share)
        detail = f"{summary}; the closest to its tolerance is {_words(worst)}{remark}"
        return Evidence(Verdict.SUPPORTED, "simulation", detail, data)
    if len(outside) > len(items) - needed:
        worst = max(outside, key=_share)
        return Evidence(Verdict.REFUTED, "simulation", f"{summary}; outside is {_words(worst)}{remark}", data)
    if unknown:
        detail = f"{summary}; no value or no error estimate for {unknown[0].label}{remark}"
        return Evidence(Verdict.UNDECIDED, "simulation", detail, data)
    doubt = next(item for item in items if item.within is not True)
    detail = f"{summary}; in doubt is {_words(doubt)}{remark}"
    return Evidence(Verdict.UNDECIDED, "simulation", detail, data | {"not_confirmed": True})


def _share(item: Comparison) -> float:
    """Difference and error in units of the tolerance."""
    used = (item.difference or 0.0) + float(item.error_estimate or 0.0)
    return used / float(item.tolerance) if item.tolerance > 0 else (math.inf if used > 0 else 0.0)


def _words(item: Comparison) -> str:
    return (
        f"{item.label}: measured {_number(item.measured):.6g}, predicted {float(item.predicted):.6g}, "
        f"difference {item.difference:.3g} with an error of {_number(item.error_estimate):.2g}, "
        f"tolerance {float(item.tolerance):.3g}"
    )


def table_of(items: Sequence[Comparison]) -> dict[str, Any]:
    """A line for each comparison, as `Evidence.data["table"]`."""
    words = {True: "yes", False: "no", None: "in doubt"}
    rows: list[list[Any]] = [
        [
            item.label,
            _number(item.measured),
            float(item.predicted),
            item.difference,
            _number(item.error_estimate),
            float(item.tolerance),
            words[item.within],
        ]
        for item in items
    ]
    columns = ["case", "measured", "predicted", "difference", "estimated error", "tolerance", "within"]
    return {"columns": columns, "rows": rows}


def _number(value: float | None) -> float | None:
    """A finite number, or None: a failed run among many must not look like a value."""
    return float(value) if value is not None and math.isfinite(value) else None
