"""Bounds on a probability from independent trials, by the exact test of Clopper and Pearson.

The decision is made in rational arithmetic: the lower confidence bound is at least p exactly when so many
successes or more would be rarer than 1 − confidence if the probability were p; and the upper bound is below p
when so few would be.

The level belongs to one claim, and is one in a hundred everywhere: a claim that is decided wrongly by chance is to
be expected once in a hundred such claims, and is seen by another seed. The number of trials is fixed by the effort
before any is made; none is added when the first ones do not decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numerics.errors import InputError
from verify.checks.guard import guarded
from verify.checks.simulation import Comparison, Measurement, table_of
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict

MOST_TRIALS = 20_000
"""Exact tails of more trials than this take too long."""


@dataclass(frozen=True)
class Tally:
    """Outcomes of independent trials. An undecided one (a diverged run, a NaN) counts against every
    conclusion."""

    successes: int
    failures: int
    undecided: int = 0

    def __post_init__(self) -> None:
        for name in ("successes", "failures", "undecided"):
            count = getattr(self, name)
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise InputError(f"the number of {name} must be an integer of at least 0, not {count!r}")

    @property
    def trials(self) -> int:
        return self.successes + self.failures + self.undecided

    @classmethod
    def of(cls, outcomes: Iterable[bool | None]) -> Tally:
        """Count True, False and None (undecided). InputError for anything else: NaN and texts would count as True."""
        import numpy as np

        listed = list(outcomes)
        for outcome in listed:
            if not (outcome is None or isinstance(outcome, (bool, np.bool_))):
                raise InputError(f"the outcome of a trial must be True, False or None, not {outcome!r}")
        return cls(
            sum(o is not None and bool(o) for o in listed),
            sum(o is not None and not o for o in listed),
            sum(o is None for o in listed),
        )


def told(outcome: bool, *numbers: float) -> bool | None:
    """The outcome of a trial that compares these numbers; None where one of them is NaN, of which every comparison is
    false, and would count as one that failed."""
    return None if any(number != number for number in numbers) else bool(outcome)


def bound(
    count: Callable[[Context], Tally] | Tally,
    *,
    probability: Fraction | float | str,
    confidence: Fraction | float | str = Fraction(99, 100),
) -> Check:
    """Check that an event has at least a given probability.

    SUPPORTED when the one-sided lower confidence bound is at least ``probability``, REFUTED when the
    one-sided upper bound is below it, else UNDECIDED and not confirmed.

    Parameters
    ----------
    count
        The outcomes, or a function of the context that makes the trials (their number may depend on the
        effort).
    probability, confidence
        In (0, 1]  and (0, 1); a float is read as the decimal it is printed as: 0.99 is 99/100.
    """
    least, level = _fraction(probability, "the probability"), _fraction(confidence, "the confidence")
    if not 0 < least <= 1 or not 0 < level < 1:
        raise InputError(
            f"the probability must lie in (0, 1] and the confidence in (0, 1), not {least} and {level}"
        )

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        tally = count(context) if callable(count) else count
        if not isinstance(tally, Tally):
            raise TypeError(f"a Tally was expected, not {tally!r}")
        return _decide(tally, least, level)

    return Check("statistical", run)


def as_a_rule(
    measure: Callable[[Context], Measurement | Sequence[Comparison]],
    *,
    quantity: str,
    probability: Fraction | float | str = Fraction(1, 2),
) -> Check:
    """Check that a prediction holds more often than not: one comparison for each independent trial.

    A trial succeeds where the measured value is within tolerance for certain, and fails where it is outside for
    certain; what is in doubt counts against every conclusion. The evidence has the exact bounds on how often the
    prediction holds, whatever the verdict. How far off counts as off is what the statement says; how many may be off
    is no choice of the claim.
    """

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        found = measure(context)
        seen = found if isinstance(found, Measurement) else Measurement(tuple(found))
        evidence = bound(Tally.of(item.within for item in seen.comparisons), probability=probability).run(
            context
        )
        data: dict[str, Any] = {**evidence.data, "table": table_of(seen.comparisons)}
        if seen.figure:
            data["figure"] = list(seen.figure)
        remark = f"; {seen.remark}" if seen.remark else ""
        return Evidence(evidence.verdict, "statistical", f"{quantity}: {evidence.detail}{remark}", data)

    return Check("statistical", run)


def clopper_pearson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """One-sided lower and one-sided upper confidence bound, each at the given level, in double precision."""
    from scipy.stats import beta

    risk = 1 - confidence
    low = 0.0 if successes == 0 else float(beta.ppf(risk, successes, trials - successes + 1))
    high = 1.0 if successes == trials else float(beta.ppf(1 - risk, successes + 1, trials - successes))
    return low, high


def _decide(tally: Tally, least: Fraction, level: Fraction) -> Evidence:
    if tally.trials > MOST_TRIALS:
        raise InputError(f"{tally.trials} trials are more than the {MOST_TRIALS} that are counted exactly")
    data: dict[str, Any] = {
        "successes": tally.successes,
        "failures": tally.failures,
        "undecided": tally.undecided,
        "probability": str(least),
        "confidence": str(level),
    }
    if not tally.trials:
        return Evidence(Verdict.UNDECIDED, "statistical", "no trial was made", data)
    at_most = tally.successes + tally.undecided
    low = clopper_pearson(tally.successes, tally.trials, float(level))[0]
    high = clopper_pearson(at_most, tally.trials, float(level))[1]
    data |= {"lower_bound": low, "upper_bound": high}
    shown = f"{tally.successes} of {tally.trials} trials succeeded" + (
        f" and {tally.undecided} gave no answer" if tally.undecided else ""
    )
    percent = f"{float(100 * level):g} %"
    if upper_tail(tally.successes, tally.trials, least) <= 1 - level:
        detail = f"{shown}: the probability is at least {low:.6g} with {percent} confidence; stated {least}"
        return Evidence(Verdict.SUPPORTED, "statistical", detail, data)
    if lower_tail(at_most, tally.trials, least) < 1 - level:
        detail = (
            f"{shown}: the probability is at most {high:.6g} with {percent} confidence, less than {least}"
        )
        return Evidence(Verdict.REFUTED, "statistical", detail, data)
    detail = f"{shown}: the {percent} bounds {low:.6g} and {high:.6g} have the stated {least} between them"
    # Trials without an answer must not let a false statement look caught.
    return Evidence(Verdict.UNDECIDED, "statistical", detail, data | {"not_confirmed": tally.undecided == 0})


def upper_tail(successes: int, trials: int, probability: Fraction) -> Fraction:
    """Probability of at least so many successes, exactly."""
    return 1 - lower_tail(successes - 1, trials, probability)


def lower_tail(successes: int, trials: int, probability: Fraction) -> Fraction:
    """Probability of at most so many successes, exactly."""
    if successes < 0:
        return Fraction(0)
    if successes >= trials:
        return Fraction(1)
    hit, whole = probability.numerator, probability.denominator
    miss = whole - hit
    if miss == 0:
        return Fraction(0)
    # Integers throughout: the terms are binomial(n, k) hit^k miss^(n−k), over whole^n.
    term = miss**trials
    total = term
    for k in range(successes):
        term = term * (trials - k) * hit // ((k + 1) * miss)
        total += term
    return Fraction(total, whole**trials)


def _fraction(value: Fraction | float | str, what: str) -> Fraction:
    try:
        return Fraction(str(value))
    except ValueError:
        raise InputError(f"{what} must be a number, not {value!r}") from None
