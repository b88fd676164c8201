"""What the report says in words: what verdicts, methods and bases mean; times and dates as a person writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from verify.evidence import Verdict

VERDICT_MEANING: Final[Mapping[str, str]] = {
    Verdict.PROVED.value: "An exact method showed what is compared, as the claim's page prints it, to be true under "
    "the printed hypotheses.",
    Verdict.SUPPORTED.value: "Experiments that could have contradicted the statement agree with it. "
    "This is not a proof.",
    Verdict.REFUTED.value: "The statement is false as it is written: there is a counterexample, or the measured "
    "value lies outside the stated range.",
    Verdict.UNDECIDED.value: "The method could not tell within its budget.",
    Verdict.ERROR.value: "The check itself failed. This says nothing about the statement.",
}
METHOD_MEANING: Final[Mapping[str, str]] = {
    "symbolic": "exact computer algebra, in a class of expressions where zero can be decided",
    "enclosure": "ball arithmetic over the whole stated set, with every rounding accounted for",
    "smt": "a solver's answer over the real numbers",
    "search": "property-based search for a counterexample among many cases",
    "scaling": "a fitted exponent or limit against a stated interval",
    "statistical": "a confidence bound on a probability or on a mean",
    "simulation": "the full network against the prediction, within an estimated error",
}
BASIS_MEANING: Final[Mapping[str, str]] = {
    "text": "read off the paper's text",
    "derived": "calculated from the model",
    "chosen": "a choice made here where the paper leaves one open",
}


def statement_origin(printed: bool | None, *, compared: bool) -> str:
    """Whether a statement is printed from what is checked, for the reader to whom it makes a difference."""
    if printed is None:
        return ""
    if printed:
        return (
            "The statement is printed from the expressions that are checked; what was derived or measured may stand "
            "there by its name."
        )
    by_hand = "The statement is typeset by hand, for reading"
    if compared:
        return f"{by_hand}: what was compared, printed from the check itself, stands in the derivation below."
    return f"{by_hand}: what was evaluated is told with the evidence below and stands in the code that is named there."


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if not math.isfinite(seconds) or seconds < 0:
        return "an unknown time"
    if seconds < 0.1:
        return "under 0.1 s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def moment(stamp: str) -> str:
    """A time stamp as a person writes it; anything else as it is."""
    try:
        made = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    zone = " UTC" if made.utcoffset() == timedelta(0) else f" {made:%z}".rstrip()
    return f"{made.day} {made:%B %Y, %H:%M}{zone}"
