"""A sweep's plan: a TOML file in which a list is an axis, and all combinations are runs.

width = [100, 1000, 10000]
seed = "0..199"
activation = ["tanh", "erf"]
until = 20.0
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from numerics.errors import InputError
from numerics.sweep.kinds import KINDS, USUAL, Kind
from numerics.sweep.parameters import Unfit
from numerics.toml_file import Places, read_toml, shown

MOST_RUNS: Final = 100_000

_RANGE = re.compile(r"\s*(\d{1,18})\s*\.\.\s*(\d{1,18})\s*")


@dataclass(frozen=True)
class Plan:
    """The runs of a sweep, each a complete set of parameters, in the order of the file's axes; no two are equal."""

    name: str
    runs: tuple[Mapping[str, Any], ...]
    kind: str = USUAL


def read_plan(path: str | Path) -> Plan:
    """The plan in a TOML file. InputError, with the line and the key, for anything that is not one.

    Keys are those of ``numerics.sweep.parameters.PARAMETERS``, or of ``numerics.sweep.phase.PARAMETERS`` with kind =
    "phase-diagram" and ``numerics.sweep.settled.PARAMETERS`` with kind = "saturation"; "a..b" stands for the seeds a
    to b, both included.
    """
    document, place = read_toml(path)
    return plan_of(document, name=Path(path).stem, place=place)


def plan_of(document: Mapping[str, Any], *, name: str = "sweep", place: Places | None = None) -> Plan:
    """The plan that these keys and values describe: a list is an axis, everything else is the same in all runs."""
    where = place or Places(None)
    kind = _kind(document.get("kind", USUAL), where)
    axes = {key: _axis(key, value, kind, where) for key, value in document.items() if key != "kind"}
    if not axes:
        raise InputError(
            f"{where.file or name}: this file sets no parameter, so that there is one run with nothing but defaults; "
            f"set some of {', '.join(kind.parameters)}."
        )
    selector = kind.selector
    chosen = axes.get(selector, [kind.parameters[selector].default])
    for key in axes:
        only = kind.parameters[key].only
        if only is not None and only not in chosen:
            raise InputError(
                f'{where(key)}: this is for {selector} = "{only}"; add that, or leave out {key}.'
            )
    if "steps" in axes and "until" in axes and chosen == ["descent"]:
        raise InputError(f"{where('steps')}: steps and until contradict each other; leave one of them out.")
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST_RUNS:
        raise InputError(f"{where.file or name}: these are {count} runs; at most {MOST_RUNS} are allowed.")
    runs: dict[tuple[Any, ...], dict[str, Any]] = {}
    # The order of the axes is that of the file, and the last one changes fastest.
    for combination in itertools.product(*axes.values()):
        parameters = kind.complete(dict(zip(axes, combination, strict=True)))
        runs.setdefault(tuple(parameters.items()), parameters)
    _check_all(runs.values(), kind, where)
    return Plan(name, tuple(runs.values()), kind.name)


def _kind(value: Any, where: Places) -> Kind:
    if not isinstance(value, str) or value not in KINDS:
        said = f"{shown(value)} is no kind of sweep" if isinstance(value, str) else "a sweep has one kind"
        raise InputError(f"{where('kind')}: {said}; it is one of {', '.join(KINDS)}.")
    return KINDS[value]


def _axis(key: str, value: Any, kind: Kind, where: Places) -> list[Any]:
    if key not in kind.parameters:
        near = difflib.get_close_matches(key, [*kind.parameters, "kind"], n=1)
        of = "" if kind.name == USUAL else f'of kind = "{kind.name}" '
        hint = f"did you mean {near[0]}?" if near else f"the keys {of}are {', '.join(kind.parameters)}."
        raise InputError(f"{where(key)}: this is no key of a sweep; {hint}")
    if isinstance(value, Mapping):
        raise InputError(f"{where(key)}: this is a table; give one value, or a list of values.")
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise InputError(f"{where(key)}: this list is empty, so that there is nothing to run; give a value.")
    found: list[Any] = []
    for one in listed:
        for single in _expanded(key, one, where):
            try:
                found.append(kind.parameters[key].read(single))
            except ValueError as error:
                raise InputError(f"{where(key)}: {shown(single)} {error}.") from None
    return list(dict.fromkeys(found))


def _expanded(key: str, value: Any, where: Places) -> Any:
    if key != "seed" or not isinstance(value, str):
        return [value]
    match = _RANGE.fullmatch(value)
    if match is None:
        raise InputError(f'{where(key)}: {shown(value)} is no range of seeds; write "0..199".')
    first, last = int(match.group(1)), int(match.group(2))
    if not first <= last or last - first >= MOST_RUNS:
        raise InputError(
            f"{where(key)}: the range {shown(value)} must go upwards and hold at most {MOST_RUNS} seeds."
        )
    return range(first, last + 1)


def _check_all(runs: Iterable[Mapping[str, Any]], kind: Kind, where: Places) -> None:
    """Try what could still fail, once for all runs that have it in common."""
    seen: set[tuple[Any, ...]] = set()
    for run in runs:
        common = tuple(run.get(name) for name in kind.telling)
        if common in seen:
            continue
        seen.add(common)
        try:
            kind.check(run)
        except Unfit as error:
            raise InputError(f"{where(error.key)}: {error}") from None
