"""The sides of a claim as they were given: a function has to make the same each time that it is called, as the check
calls it and so does the statement that is printed; and symbols of the two sides have to be told apart in print."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from verify.claim import PaperError
from verify.region import refuse_namesakes
from verify.stating import unknowns


def steady(given: Any, state: Callable[[], Hashable]) -> Any:
    """What was given or, where that is a function, one that raises PaperError once it makes something else.

    state: what else the result may depend on, such as the values of parameters.
    """
    if not callable(given) or isinstance(given, sp.Basic):
        return given
    first: list[Any] = []

    @functools.wraps(given)
    def made() -> Any:
        value = given()
        now = [state(), _fixed(value)]
        if not first or first[0] != now[0]:
            first[:] = now
        elif first != now:
            raise PaperError(
                f"the function {getattr(given, '__name__', given)} makes another thing each time that it is called: "
                "what is checked and what is printed would not be the same"
            )
        return value

    return made


def told_apart(*given: Any) -> tuple[Any, ...]:
    """Sides that are refused as soon as all are known and two of their symbols are printed alike.

    TheoryError at once for sides that are there already, else when the last of them is made.
    """
    known: dict[int, set[Any]] = {}

    def note(place: int, value: Any) -> None:
        known[place] = set().union(*(unknowns(one) for one in _expressions(value)))
        if len(known) == len(given):
            refuse_namesakes(set().union(*known.values()))

    def noting(place: int, make: Callable[[], Any]) -> Callable[[], Any]:
        @functools.wraps(make)
        def made() -> Any:
            value = make()
            note(place, value)
            return value

        return made

    sides = []
    for place, one in enumerate(given):
        if callable(one) and not isinstance(one, sp.Basic):
            sides.append(noting(place, one))
        else:
            note(place, one)
            sides.append(one)
    return tuple(sides)


def _expressions(value: Any) -> Iterator[sp.Basic]:
    if isinstance(value, sp.Basic):
        yield value
    elif isinstance(value, Mapping):
        yield from (one for entry in value.values() for one in _expressions(entry))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (one for entry in value for one in _expressions(entry))


def _fixed(value: Any) -> Any:
    """What can be compared with a later result: a list may be changed in its place, and dummies are new each time."""
    if isinstance(value, Mapping):
        return tuple((key, _fixed(entry)) for key, entry in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(_fixed, value))
    if not isinstance(value, sp.Basic):
        return repr(value)
    dummies = value.atoms(sp.Dummy)
    return value.xreplace({one: sp.Symbol(f"_{one.name}", **one.assumptions0) for one in dummies})
