"""What a check is told about the run it is part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

#: Draws that belong to one `--seed`: of two of them, no claim draws the same.
DRAWS: Final = 1_000_000

#: The largest `--seed`; the generators of `numerics` take integers below 2**64.
LARGEST_SEED: Final = 10**12

#: How hard to try, from the least to the most.
EFFORTS: Final[tuple[str, ...]] = ("quick", "standard", "deep")

Choice = TypeVar("Choice")


def _silent(message: str) -> None:
    pass


@dataclass(frozen=True)
class Context:
    """effort: one of `EFFORTS`; seed: the first of the integers that all randomness of a check comes from;
    progress: call it with a few words now and then in a long check.

    The rule for the whole project: ``--seed N`` owns the integers N · DRAWS … (N + 1) · DRAWS − 1, of which a check
    takes as many as it has draws, from the first on (`draws`). So another N is another sample for every claim, claims
    share the draws of one N, and the number in front of a draw in a table is the one that makes it again.

    ValueError for any other effort.
    """

    effort: str = "quick"
    seed: int = 0
    progress: Callable[[str], None] = _silent

    def __post_init__(self) -> None:
        if self.effort not in EFFORTS:
            raise ValueError(f"there is no effort {self.effort!r}; it is one of {', '.join(EFFORTS)}.")

    @classmethod
    def of_run(cls, effort: str, number: int, progress: Callable[[str], None] = _silent) -> Context:
        """The context of ``--seed number``."""
        if not 0 <= number <= LARGEST_SEED:
            raise ValueError(f"the seed of a run lies between 0 and {LARGEST_SEED}, and {number} does not.")
        return cls(effort, number * DRAWS, progress)

    def draws(self, count: int) -> range:
        """The integers of so many independent draws. ValueError for more than `DRAWS`."""
        if not 0 <= count <= DRAWS:
            raise ValueError(f"a check has between 0 and {DRAWS} draws, not {count}.")
        return range(self.seed, self.seed + count)

    def by_effort(self, quick: Choice, standard: Choice, deep: Choice) -> Choice:
        """The one of the three values that belongs to this run's effort."""
        return (quick, standard, deep)[EFFORTS.index(self.effort)]
