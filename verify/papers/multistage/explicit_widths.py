"""The widths that the statements name, from the bounds written out (`explicit_plain`) and not from what is checked.

A width is given by the hundredths of its decimal logarithm, rounded up: 6128 is 10^61.28.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from flint import arb

from verify.papers.multistage.explicit_terms import Setting
from verify.papers.multistage.large_widths import ball
from verify.parameters import remembered

DIGITS = 20
"""Of the arithmetic of mpmath here."""

ROUNDING = 1e-15
"""Of a logarithm here, with room."""

ANY = 0
"""Every width from 3 on will do."""

FARTHEST = 400_000_000
"""Hundredths beyond which no width is looked for."""


def log_width(hundredths: int) -> arb:
    """log m as a ball; log m = 1 < log 3 for `ANY`."""
    return ball(1) if hundredths <= ANY else ball(Fraction(hundredths, 100)) * ball(10).log()


Written = Mapping[str, Callable[[], Any]]


def _written(s: Setting, hundredths: int, of: Callable[[Setting, Any], Written]) -> Written:
    from mpmath import mp

    return of(s, mp.mpf(1) if hundredths <= ANY else mp.mpf(hundredths) / 100 * mp.log(10))


def plainly(s: Setting, name: str, hundredths: int) -> Any:
    """What has to be below 1, by mpmath. A number below 0 where there is nothing that it could be below."""
    from mpmath import mp

    with mp.workdps(DIGITS):
        return _written(s, hundredths, _witness_of(name)[1])[name]()


def _witness_of(name: str) -> tuple[bool, Callable[[Setting, Any], Written]]:
    from verify.papers.multistage import explicit_fine_plain, explicit_plain

    sharper = name in explicit_fine_plain.NAMES
    return sharper, explicit_fine_plain.values if sharper else explicit_plain.values


@remembered
def _rung(alpha: Fraction, dim: int, hundredths: int, sharper: bool) -> Written:
    """All bounds at a width of the ladder, which the names share."""
    from verify.papers.multistage import explicit_fine_plain, explicit_plain

    return _written(
        Setting(alpha, dim), hundredths, (explicit_fine_plain if sharper else explicit_plain).values
    )


@remembered
def stated(alpha: Fraction, dim: int, name: str) -> int | None:
    """From which width on this condition holds, in the parameters of this run. None where there is none."""
    from mpmath import mp

    sharper, values = _witness_of(name)

    def excess(hundredths: int, *, shared: bool = False) -> float:
        known = (
            _rung(alpha, dim, hundredths, sharper)
            if shared
            else _written(Setting(alpha, dim), hundredths, values)
        )
        return _excess(known[name]())

    with mp.workdps(DIGITS):
        return _from_where(excess, partial(excess, shared=True))


def _excess(value: Any) -> float:
    """Below 0 where the condition holds by more than rounding: what tends to 1 from above never gets below."""
    from mpmath import mp

    if value < 0:
        return math.inf
    found = float(mp.log(value)) if value > 0 else -math.inf
    return 0.0 if abs(found) < ROUNDING else found


def _from_where(excess: Callable[[int], float], on_ladder: Callable[[int], float]) -> int | None:
    """The least hundredths from which on the excess stays below 0: past the last rung of a ladder where it is not."""
    ladder = [ANY]
    rung = 50
    while rung < FARTHEST and (rung < 50_000 or on_ladder(ladder[-1]) >= 0):
        ladder.append(rung)
        rung *= 2
    above = [i for i, one in enumerate(ladder) if on_ladder(one) >= 0]
    if not above:
        return ANY
    if above[-1] == len(ladder) - 1:
        return None
    low, high = ladder[above[-1]], ladder[above[-1] + 1]
    over, under = on_ladder(low), on_ladder(high)
    halve = False
    while high - low > 1:
        # The logarithm is almost linear in log m: a line through both ends in turn with the middle.
        share = 0.5 if halve or not math.isfinite(over - under) else over / (over - under)
        middle = min(max(low + math.ceil(share * (high - low)), low + 1), high - 1)
        value = excess(middle)
        if value >= 0:
            low, over, halve = middle, value, not halve
        else:
            high, under, halve = middle, value, not halve
    return high


def told_width(hundredths: int) -> str:
    """A width for a reader."""
    return "m = 3" if hundredths <= ANY else f"m = 10^{hundredths / 100:.2f}"
