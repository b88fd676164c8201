"""What a paper leaves open and a user may change, and which claims it enters: numbers, and choices given as text.

    zeta = paper.parameter("zeta", "1/10", between=(0, "1/2"), symbol=r"\\zeta", meaning="P(T_2) = 1 − ζ")
    sigma = paper.choice("activation", "tanh", of=numerics.activation, allowed="a name or a formula in u", meaning="σ")

A check reads `zeta.value` when it runs, not when its paper is loaded. Each reading is noted, so that results.json can
say which claims a parameter enters, and so that a claim that never read it need not be checked again when it is
changed. A computation that several claims share has to be kept with `remembered` in place of `functools.cache`: it
notes what was read when the kept value was found.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import numbers
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Generic, ParamSpec, TypeVar

from verify.claim import PaperError

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")

Settings = Mapping[str, str]
"""Parameters of one paper that have another value than their default: name → the value as text."""

#: The recordings under way; each notes the name of every parameter that is read.
_recordings: list[set[str]] = []

#: How many papers are being loaded, one inside another: until they are, every parameter has its default.
_loading = 0

#: Characters of a number, and of a choice, that is written on a command line.
_LONGEST: Final = 40
_LONGEST_TEXT: Final = 200

Written = TypeVar("Written", Fraction, str)


@dataclass
class Declared(Generic[Written]):
    """What a number and a choice have in common. `default` is a value as it is written.

    What it is in a run is private: a reading that is not noted would leave a claim's kept verdict as it was."""

    paper: str
    name: str
    default: Written
    meaning: str
    symbol: str
    _current: Written = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._current = self.default = self.accepted(self.default)

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        raise NotImplementedError

    def accepted(self, given: object) -> Written:
        """What a user gave, as it is kept. PaperError, in a sentence, for what this parameter cannot be."""
        raise NotImplementedError

    def use(self, given: object) -> None:
        """Give it this value. PaperError as for `accepted`."""
        self._current = self.accepted(given)

    @property
    def kept(self) -> Written:
        """What it is now, for what has no verdict to give: the reading is not noted."""
        return self._current

    def _read(self) -> Written:
        """The value of this run; the reading is noted. PaperError while a paper is being loaded: what is made of the
        default then would stay when the parameter is changed, and no reading would tell."""
        if _loading:
            raise PaperError(
                f"the parameter {self.name!r} is read while its paper is being loaded, when only its default is known; "
                "read it inside a check, or give a side of the claim as a function (lambda: …)."
            )
        for recording in _recordings:
            recording.add(self.name)
        return self._current

    def document(self, settings: Settings, claims: Sequence[str]) -> dict[str, Any]:
        """The parameter as it stands in results.json; `claims` are the full ids of those that read it."""
        return {
            "name": self.name,
            "symbol": self.symbol,
            "meaning": self.meaning,
            "allowed": self.allowed,
            "value": settings.get(self.name, str(self.default)),
            "default": str(self.default),
            "changed": self.name in settings,
            "claims": list(claims),
        }


@dataclass
class Parameter(Declared[Fraction]):
    """One number that was chosen. Made by `Paper.parameter`, which see."""

    low: Fraction | None
    high: Fraction | None
    whole: bool

    @property
    def value(self) -> Fraction:
        """The value of this run, exactly. Noted as read. PaperError while a paper is being loaded."""
        return self._read()

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        kind, words, joined = (
            ("a whole number", ("from", "to"), " ")
            if self.whole
            else ("a number", ("above", "below"), " and ")
        )
        ends = [
            f"{word} {end}" for word, end in zip(words, (self.low, self.high), strict=True) if end is not None
        ]
        return f"{kind} {joined.join(ends)}".strip()

    def accepted(self, given: object) -> Fraction:
        """The exact value of what a user wrote. PaperError, in a sentence, for what this parameter cannot be."""
        value = _exact(given)
        # It is handed on as a fraction, which may be longer than what was written.
        if value is not None and len(str(value)) > _LONGEST:
            raise PaperError(
                f"{self.paper}.{self.name} cannot be {str(given)[:_LONGEST]!r}: as a fraction it has more than "
                f"{_LONGEST} characters; round it."
            )
        if value is not None and self._fits(value):
            return value
        raise PaperError(
            f"{self.paper}.{self.name} cannot be {str(given)[:_LONGEST]!r}: it is {self.allowed}."
        )

    def _fits(self, value: Fraction) -> bool:
        if self.whole:
            above = self.low is None or value >= self.low
            below = self.high is None or value <= self.high
            return value.denominator == 1 and above and below
        return (self.low is None or value > self.low) and (self.high is None or value < self.high)


@dataclass
class Choice(Declared[str], Generic[Value]):
    """One choice that is given as text. Made by `Paper.choice`, which see."""

    read: Callable[[str], Value]
    described: str

    @property
    def text(self) -> str:
        """The choice of this run as it is written. Noted as read. PaperError while a paper is being loaded."""
        return self._read()

    @property
    def value(self) -> Value:
        """What the text of this run stands for. Noted as read. PaperError while a paper is being loaded."""
        return self.read(self.text)

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        return self.described

    def accepted(self, given: object) -> str:
        """The text that a user wrote, without blanks around it. PaperError, in a sentence, for what cannot be read."""
        text = given.strip() if isinstance(given, str) else ""
        why = f"it is {self.described}."
        if len(text) > _LONGEST_TEXT:
            why = f"it has {len(text)} characters, and at most {_LONGEST_TEXT} are taken."
        elif text.isprintable() and text:
            try:
                self.read(text)
                return text
            except (ValueError, ArithmeticError) as error:
                why = str(error) or why
        raise PaperError(
            f"{self.paper}.{self.name} cannot be {str(given)[:_LONGEST]!r}: {why[0].lower()}{why[1:]}"
        )


def one_of(*allowed: str) -> Callable[[str], str]:
    """A reader for `Paper.choice` that takes these words and no others."""

    def read(text: str) -> str:
        if text not in allowed:
            raise PaperError(f"it is {' or '.join(allowed)}.")
        return text

    return read


AnyParameter = Parameter | Choice[Any]


def _exact(given: object) -> Fraction | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, numbers.Rational):
        return Fraction(given)
    # A float is meant as it is printed: 0.05 is 1/20.
    text = str(given).strip()
    if len(text) > _LONGEST or ("e" in text.lower() and len(text.lower().partition("e")[2]) > 3):
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def exact_bound(given: object) -> Fraction | None:
    """A bound of a parameter. PaperError when it is no number."""
    if given is None:
        return None
    value = _exact(given)
    if value is None:
        raise PaperError(f"{given!r} is no exact number; write a parameter's bounds as 1 or '1/2'.")
    return value


def settings_of(
    parameters: Mapping[str, Mapping[str, AnyParameter]], given: Mapping[str, object]
) -> dict[str, dict[str, str]]:
    """What a user sets, sorted by paper: {"zeta": "0.05"} or {"multistage.zeta": "0.05"} becomes
    {"multistage": {"zeta": "1/20"}}. A value that is the default is left out.

    `parameters` has those of each paper that takes part. PaperError for a name that there is not, or that several
    papers have, and for a value that a parameter cannot have.
    """
    sorted_out: dict[str, dict[str, str]] = {}
    for name, value in given.items():
        fits = [
            one
            for paper, declared in parameters.items()
            for one in declared.values()
            if name in (one.name, f"{paper}.{one.name}")
        ]
        if not fits:
            known = [one.name for declared in parameters.values() for one in declared.values()]
            if near := difflib.get_close_matches(name.rpartition(".")[2], known, n=1):
                raise PaperError(f"there is no parameter {name!r}; did you mean {near[0]}?")
            there = f"there is {', '.join(known)}" if known else "these papers have none"
            raise PaperError(f"there is no parameter {name!r}; {there}.")
        if len(fits) > 1:
            meant = " or ".join(f"{one.paper}.{one.name}" for one in fits)
            raise PaperError(f"{name!r} is a parameter of more than one paper; write {meant}.")
        (one,) = fits
        exact = one.accepted(value)
        if exact != one.default:
            sorted_out.setdefault(one.paper, {})[one.name] = str(exact)
    return sorted_out


def assignments(written: Sequence[str]) -> dict[str, str]:
    """ "zeta=0.05" as {"zeta": "0.05"}. PaperError for what is no assignment, or names a parameter twice."""
    found: dict[str, str] = {}
    for text in written:
        name, sign, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not sign or not name or not value:
            raise PaperError(f"{text!r} sets nothing; write NAME=VALUE, such as zeta=0.05.")
        if name in found:
            raise PaperError(f"the parameter {name!r} is set twice.")
        found[name] = value
    return found


@contextlib.contextmanager
def recording() -> Iterator[set[str]]:
    """The names of all parameters whose value is read inside."""
    names: set[str] = set()
    _recordings.append(names)
    try:
        yield names
    finally:
        # By identity: two recordings may be equal as sets.
        _recordings[:] = [one for one in _recordings if one is not names]


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """A paper is being loaded: its parameters have no value yet."""
    global _loading
    _loading += 1
    try:
        yield
    finally:
        _loading -= 1


class _Kept(Generic[Value]):
    def __init__(self, value: Value, read: frozenset[str]) -> None:
        self.value = value
        self.read = read


def remembered(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """Like `functools.cache`, and what the function read of parameters counts as read again when its value is reused.

    It is for one run: a value that was kept is not found again when a parameter has another value later on in the
    same process, which is what workers never do.
    """

    @functools.cache
    def kept(*args: Arguments.args, **kwargs: Arguments.kwargs) -> _Kept[Value]:
        with recording() as read:
            value = function(*args, **kwargs)
        return _Kept(value, frozenset(read))

    @functools.wraps(function)
    def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        found = kept(*args, **kwargs)  # type: ignore[arg-type]
        for one in _recordings:
            one |= found.read
        return found.value

    wrapper.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
    return wrapper
