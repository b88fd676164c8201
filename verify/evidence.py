"""What a check found, and how much that is worth.

A verdict is tied to the method that reached it: a simulation can support a statement or refute it, and only
an exact method can prove one. `Evidence` enforces this when it is made, so that no later step has to be
trusted with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

JSON = None | bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"]


class Verdict(StrEnum):
    """What can be said of a statement. The values are their own names, as they stand in results.json."""

    PROVED = "PROVED"
    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"
    ERROR = "ERROR"


_EXACT = frozenset({Verdict.PROVED, Verdict.REFUTED})
_EMPIRICAL = frozenset({Verdict.SUPPORTED, Verdict.REFUTED})

#: What each method may say besides UNDECIDED and ERROR, from the strongest guarantee to the weakest.
METHODS: Final[Mapping[str, frozenset[Verdict]]] = {
    "symbolic": _EXACT,
    "enclosure": _EXACT,
    "smt": _EXACT,
    "search": _EMPIRICAL,
    "scaling": _EMPIRICAL,
    "statistical": _EMPIRICAL,
    "simulation": _EMPIRICAL,
}

_POSITIVE = frozenset({Verdict.PROVED, Verdict.SUPPORTED})


class EvidenceError(ValueError):
    """Evidence that claims more than its method can give, or that cannot be written down as JSON."""


class NotFinite(EvidenceError):
    """A verdict in favour of a statement that rests on a number which is not finite."""


@dataclass(frozen=True)
class Evidence:
    """One check's answer.

    verdict: what the check found; the method must be able to say it (`METHODS`), else EvidenceError.
    method:  a key of `METHODS`.
    detail:  one or two sentences for a reader: what was compared, over what, and how close it came.
    data:    JSON values that back the detail up. NumPy arrays and scalars are turned into lists and numbers.
             A number that is not finite raises NotFinite under PROVED or SUPPORTED, and is kept as text
             ("nan", "inf", "-inf") under any other verdict. The report understands two keys: "table"
             ({"columns", "rows"}) and "figure" (a list of panels).
    """

    verdict: Verdict
    method: str
    detail: str
    data: Mapping[str, JSON] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.verdict, Verdict):
            raise EvidenceError(
                f"a verdict is one of {', '.join(Verdict.__members__)}, not {self.verdict!r}."
            )
        if self.method not in METHODS:
            raise EvidenceError(f"there is no method {self.method!r}; the methods are {', '.join(METHODS)}.")
        allowed = METHODS[self.method] | {Verdict.UNDECIDED, Verdict.ERROR}
        if self.verdict not in allowed:
            words = " or ".join(verdict.value for verdict in Verdict if verdict in METHODS[self.method])
            raise EvidenceError(
                f"the method {self.method!r} cannot say {self.verdict}: it can only say {words}."
            )
        if not isinstance(self.detail, str) or not self.detail.strip():
            raise EvidenceError("evidence needs a detail: a sentence that says what was found.")
        if not isinstance(self.data, Mapping):
            raise EvidenceError(f"the data of evidence are a mapping, not {type(self.data).__name__}.")
        plain = plain_json(self.data, "data", finite=self.verdict in _POSITIVE)
        assert isinstance(plain, dict)
        object.__setattr__(self, "data", plain)

    @property
    def not_confirmed(self) -> bool:
        """True where the check says on purpose that the budget which confirms true statements did not confirm
        this one. It is how an enclosure, a scaling fit or a statistic kills a mutant that it cannot refute
        outright."""
        return self.verdict is Verdict.UNDECIDED and self.data.get("not_confirmed") is True


def plain_json(value: object, where: str, *, finite: bool) -> JSON:
    """A deep copy of `value` made of JSON's own types alone.

    Tuples become lists, and whatever has a `tolist` method (NumPy arrays and scalars) is asked for it. With
    `finite` a NaN or an infinity raises NotFinite; otherwise it becomes text. Anything else raises
    EvidenceError with its place.
    """
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        if finite:
            raise NotFinite(f"{where} is {float(value)}: a number that is not finite supports nothing.")
        return str(float(value))
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise EvidenceError(f"{where} has the key {key!r}; the keys of JSON are text.")
        return {str(key): plain_json(item, f"{where}.{key}", finite=finite) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(item, f"{where}[{i}]", finite=finite) for i, item in enumerate(value)]
    tolist = getattr(value, "tolist", None)
    if callable(tolist):
        listed = tolist()
        if isinstance(listed, (bool, int, float, str, list)):
            return plain_json(listed, where, finite=finite)
    raise EvidenceError(
        f"{where} is of type {type(value).__name__}, which JSON has no word for; write it as a number or as text."
    )
