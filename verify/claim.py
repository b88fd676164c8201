"""A claim: one statement of a paper, how it is checked, and the false statements its checks have to catch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from verify.context import EFFORTS, Context
from verify.evidence import METHODS, Evidence, Verdict
from verify.stating import Printed

#: Where a statement comes from: the paper's words, a calculation from the model, or a choice that the paper
#: left open.
BASES: Final[tuple[str, ...]] = ("text", "derived", "chosen")

_ID = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")


class PaperError(ValueError):
    """A paper that cannot be checked as it is written: an id used twice, an unknown id, a circle, a bad
    argument."""


@dataclass(frozen=True)
class Check:
    """One way to examine a statement. `run` returns Evidence of this very method.

    compared: makes what the check is about, as it is handed to the method: both sides of an identity, or a relation,
              its box and what it assumes. None where there are no such expressions.
    PaperError for a method that there is not.
    """

    method: str
    run: Callable[[Context], Evidence]
    compared: Callable[[], tuple[Any, ...]] | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise PaperError(f"there is no method {self.method!r}; the methods are {', '.join(METHODS)}.")


@dataclass(frozen=True)
class Mutant:
    """A negative control: the claim's statement changed so that it should be false, run through the same
    check.

    name:        short and unique within its claim.
    statement:   the changed statement in LaTeX.
    run:         the check of the changed statement.
    witness:     a text that shows the changed statement to be false, found by other code than the check; None
                 where it was not shown. A mutant without a witness does not count in the rate.
    """

    name: str
    description: str
    statement: str
    run: Callable[[Context], Evidence]
    witness: Callable[[], str | None]


def no_mutants() -> Sequence[Mutant]:
    """The default of a claim without negative controls."""
    return ()


@dataclass(frozen=True)
class Claim:
    """One statement of a paper.

    id:          permanent, follows the paper ("eq7", "thm2.i"); unique within it.
    paper:       the name of the paper.
    statement:   LaTeX without dollar signs, or a function that returns it (for statements that have to be
                 derived). Only a `Printed` counts as printed from what is checked; all else is typeset by hand.
    hypotheses:  LaTeX-in-text sentences.     uses: ids of the same paper that this claim rests on.
    basis:       one of `BASES`.
    mutants:     called in the worker that checks the claim, as a derivation may be needed to write them.
    expected:    the verdict to expect, or one for each effort; an effort left out expects what the one before
                 it does.
    expected_reason: why anything else than the strongest verdict of its method is expected. Needed for
                 UNDECIDED and REFUTED.
    shares:      a name for what `remembered` keeps and other claims use as well. Claims of one paper with the same
                 name go to the same worker process, so that it is computed once a run.
    source:      the file that defines the claim.
    PaperError on a bad argument.
    """

    id: str
    paper: str
    title: str
    checks: tuple[Check, ...]
    where: str = ""
    statement: str | Callable[[], str] = ""
    hypotheses: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    basis: str = "text"
    mutants: Callable[[], Sequence[Mutant]] = no_mutants
    expected: Verdict | Mapping[str, Verdict] = Verdict.PROVED
    expected_reason: str = ""
    shares: str = ""
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise PaperError(
                f"{self.id!r} is not a claim id: use letters and digits, with single '.', '-' or '_' between them."
            )
        if isinstance(self.hypotheses, str) or isinstance(self.uses, str):
            raise PaperError(f"claim {self.id!r}: hypotheses and uses are tuples of texts, not one text.")
        for name in ("title", "where", "basis", "expected_reason", "shares"):
            if not isinstance(getattr(self, name), str):
                raise PaperError(f"claim {self.id!r}: {name} is one text, not {getattr(self, name)!r}.")
        if not isinstance(self.statement, str) and not callable(self.statement):
            raise PaperError(
                f"claim {self.id!r}: the statement is LaTeX, or a function that returns it, not {self.statement!r}."
            )
        object.__setattr__(self, "hypotheses", self._texts("hypotheses"))
        object.__setattr__(self, "uses", self._texts("uses"))
        object.__setattr__(self, "checks", tuple(self.checks))
        if not self.checks or not all(isinstance(check, Check) for check in self.checks):
            raise PaperError(f"claim {self.id!r} needs at least one Check.")
        if self.basis not in BASES:
            raise PaperError(
                f"claim {self.id!r}: the basis is one of {', '.join(BASES)}, not {self.basis!r}."
            )
        object.__setattr__(self, "expected", self._expectations())

    def _texts(self, name: str) -> tuple[str, ...]:
        try:
            texts = tuple(getattr(self, name))
        except TypeError:
            raise PaperError(
                f"claim {self.id!r}: {name} is a tuple of texts, not {getattr(self, name)!r}."
            ) from None
        for one in texts:
            if not isinstance(one, str):
                raise PaperError(f"claim {self.id!r}: {name} is a tuple of texts, and {one!r} is none.")
        return texts

    def _expectations(self) -> dict[str, Verdict]:
        given = self.expected
        by_effort = dict(given) if isinstance(given, Mapping) else {EFFORTS[0]: given}
        unknown = [effort for effort in by_effort if effort not in EFFORTS]
        if unknown or EFFORTS[0] not in by_effort:
            raise PaperError(
                f"claim {self.id!r}: expected is one verdict, or a mapping from efforts ({', '.join(EFFORTS)}) to "
                f"verdicts with at least {EFFORTS[0]!r}."
            )
        complete: dict[str, Verdict] = {}
        latest = Verdict.UNDECIDED
        for effort in EFFORTS:
            try:
                latest = Verdict(by_effort.get(effort, latest))
            except ValueError:
                raise PaperError(f"claim {self.id!r}: {by_effort[effort]!r} is not a verdict.") from None
            complete[effort] = latest
        if Verdict.ERROR in complete.values():
            raise PaperError(f"claim {self.id!r}: ERROR is our fault and can never be expected.")
        needs_reason = {Verdict.UNDECIDED, Verdict.REFUTED} & set(complete.values())
        if needs_reason and not self.expected_reason.strip():
            raise PaperError(f"claim {self.id!r} expects {needs_reason.pop()}: say why in expected_reason.")
        return complete

    @property
    def full_id(self) -> str:
        """The id with its paper, as in "multistage.eq7"."""
        return f"{self.paper}.{self.id}"

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of the checks, in their order, each once."""
        return tuple(dict.fromkeys(check.method for check in self.checks))

    def expected_at(self, effort: str) -> Verdict:
        """The verdict to expect at this effort."""
        assert isinstance(self.expected, Mapping)
        return self.expected[effort]

    @property
    def printed(self) -> bool:
        """Whether the statement is printed from what is checked. If not, it is typeset by hand."""
        return isinstance(self.statement, Printed)

    def statement_text(self) -> str:
        """The statement in LaTeX; runs its derivation where there is one."""
        return self.statement() if callable(self.statement) else self.statement


def combined(evidence: Iterable[tuple[Verdict, str]]) -> tuple[Verdict, str, str | None]:
    """One verdict from the (verdict, method) of several checks: (verdict, method that decides it, remark or
    None).

    An ERROR anywhere is an ERROR: the others may have been wrong as well. PROVED beside REFUTED is an ERROR
    of ours: one of the two checks is wrong. A refutation outweighs support; else the strongest verdict
    stands.
    """
    found = list(evidence)
    if not found:
        return Verdict.ERROR, "", "no check gave any evidence."
    by_verdict = {verdict: method for verdict, method in reversed(found)}
    if Verdict.ERROR not in by_verdict and {Verdict.PROVED, Verdict.REFUTED} <= set(by_verdict):
        return (
            Verdict.ERROR,
            by_verdict[Verdict.REFUTED],
            f"two methods contradict each other: {by_verdict[Verdict.PROVED]} says PROVED and "
            f"{by_verdict[Verdict.REFUTED]} says REFUTED.",
        )
    order = (Verdict.ERROR, Verdict.REFUTED, Verdict.PROVED, Verdict.SUPPORTED, Verdict.UNDECIDED)
    for verdict in order:
        if verdict in by_verdict:
            return verdict, by_verdict[verdict], None
    raise AssertionError("a verdict is missing from the order above")
