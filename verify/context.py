"""What a check is told about the run it is part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

#: How hard to try, from the least to the most.
EFFORTS: Final[tuple[str, ...]] = ("quick", "standard", "deep")

Choice = TypeVar("Choice")


def _silent(message: str) -> None:
    pass


@dataclass(frozen=True)
class Context:
    """effort: one of `EFFORTS`; seed: the one integer all randomness of a check comes from;
    progress: call it with a few words now and then in a long check.

    ValueError for any other effort.
    """

    effort: str = "quick"
    seed: int = 0
    progress: Callable[[str], None] = _silent

    def __post_init__(self) -> None:
        if self.effort not in EFFORTS:
            raise ValueError(f"there is no effort {self.effort!r}; it is one of {', '.join(EFFORTS)}.")

    def by_effort(self, quick: Choice, standard: Choice, deep: Choice) -> Choice:
        """The one of the three values that belongs to this run's effort."""
        return (quick, standard, deep)[EFFORTS.index(self.effort)]
