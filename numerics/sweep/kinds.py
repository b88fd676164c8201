"""The kinds of sweeps: what a run of each may be told, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from numerics.array import FloatArray
from numerics.sweep import parameters as usual
from numerics.sweep import phase, settled, start, training
from numerics.sweep.parameters import Parameter, Parameters

#: The kind where nothing is said; its runs do not name it.
USUAL: Final = "training"


@dataclass(frozen=True)
class Kind:
    """``parameters`` by name, of which some are only for one value of ``selector``; ``telling`` are those that
    ``check`` looks at. ``execute`` gives status, message, ``results`` and arrays; ``work`` what its seconds are
    proportional to."""

    name: str
    parameters: Mapping[str, Parameter]
    selector: str
    telling: tuple[str, ...]
    results: tuple[str, ...]
    complete: Callable[[Parameters], dict[str, Any]]
    check: Callable[[Parameters], None]
    work: Callable[[Parameters], FloatArray]
    execute: Callable[
        [Parameters], tuple[str, str, Mapping[str, float | int | None], Mapping[str, FloatArray]]
    ]

    @property
    def columns(self) -> tuple[str, ...]:
        """Of an export: the parameters, and what is recorded of a run."""
        named = () if self.name == USUAL else ("kind",)
        return (*named, *self.parameters, "status", *self.results, "message", "key", "seconds")


KINDS: Final = {
    USUAL: Kind(
        USUAL,
        usual.PARAMETERS,
        "method",
        ("activation", "samples", "dim", "target", "batch", "width", "alpha"),
        training.RESULTS,
        usual.complete,
        usual.check,
        training.work,
        training.execute,
    ),
    phase.NAME: Kind(
        phase.NAME,
        phase.PARAMETERS,
        "network",
        start.TELLING,
        phase.RESULTS,
        phase.complete,
        start.check,
        phase.work,
        phase.execute,
    ),
    settled.NAME: Kind(
        settled.NAME,
        settled.PARAMETERS,
        "network",
        settled.TELLING,
        settled.RESULTS,
        settled.complete,
        settled.check,
        settled.work,
        settled.execute,
    ),
}


def kind_of(parameters: Parameters) -> Kind:
    """The kind of a run."""
    return KINDS[parameters.get("kind", USUAL)]
