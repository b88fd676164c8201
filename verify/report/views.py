"""What the report shows of a run: claims, their evidence and controls, papers, and all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from verify.report.standing import STANDINGS, Standing
from verify.report.steps import steps_of
from verify.report.wording import statement_origin


@dataclass(frozen=True)
class MutantRow:
    """One negative control. `outcome` is caught, survived or not counted."""

    name: str
    description: str
    statement: str
    verdict: str
    detail: str
    witness: str | None
    outcome: str


@dataclass(frozen=True)
class EvidenceBlock:
    """One check's evidence; `data` is what it found, tables and figures included."""

    verdict: str
    method: str
    detail: str
    seconds: float
    data: Mapping[str, Any]


@dataclass(frozen=True)
class ClaimView:
    """One claim as the report shows it. `anchor` is unique in the report, and `uses` pairs ids with their anchors (None
    where the results do not have the claim); `used_by` has ids of claims that are there."""

    id: str
    anchor: str
    paper: str
    section: str
    title: str
    where: str
    statement: str
    hypotheses: tuple[str, ...]
    uses: tuple[tuple[str, str | None], ...]
    basis: str
    verdict: str
    method: str
    settled: bool
    expected: str
    expected_reason: str
    as_expected: bool
    seconds: float
    detail: str
    evidence: tuple[EvidenceBlock, ...]
    mutants: tuple[MutantRow, ...]
    source: str
    cached: str | None
    standing: Standing
    used_by: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    printed: bool | None = None

    @property
    def origin(self) -> str:
        """How the statement came onto the page, in a sentence; "" where the results do not say."""
        compared = any(step.compared for one in self.evidence for step in steps_of(one.data) or ())
        return statement_origin(self.printed, compared=compared)

    @property
    def address(self) -> str:
        """Where its page is, from the folder of the report."""
        return f"claims/{self.anchor}.html"

    @property
    def short_id(self) -> str:
        """The id without the name of its paper."""
        return self.id.removeprefix(f"{self.paper}.")

    @property
    def counted(self) -> int:
        """Negative controls that were shown to be false."""
        return sum(one.outcome != "not counted" for one in self.mutants)

    @property
    def caught(self) -> int:
        return sum(one.outcome == "caught" for one in self.mutants)


@dataclass(frozen=True)
class EntryView:
    """One statement of a paper. `claims` are full ids of claims, which the results need not have; `rests_on`
    pairs the numbers of other entries with their anchors."""

    id: str
    anchor: str
    number: str
    title: str
    kind: str
    basis: str
    statement: str
    reach: str
    claims: tuple[str, ...]
    rests_on: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ParameterView:
    """What the paper leaves open, and its value in this run. `claims` are full ids of those that read it."""

    name: str
    symbol: str
    meaning: str
    allowed: str
    value: str
    default: str
    changed: bool
    claims: tuple[str, ...]


@dataclass(frozen=True)
class SectionView:
    title: str
    anchor: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True)
class PaperView:
    name: str
    anchor: str
    title: str
    reference: str
    sections: tuple[SectionView, ...]
    entries: tuple[EntryView, ...] = ()
    parameters: tuple[ParameterView, ...] = ()
    file: str = ""

    @property
    def address(self) -> str:
        """Where its page is, from the folder of the report."""
        return f"papers/{self.anchor}.html"

    def changed_for(self, claim: ClaimView) -> list[ParameterView]:
        """The parameters that this claim reads and that have not their default in this run."""
        return [one for one in self.parameters if one.changed and one.name in claim.parameters]

    @property
    def claims(self) -> list[ClaimView]:
        return [claim for section in self.sections for claim in section.claims]

    def short(self, id: str) -> str:
        """The id of a claim without the name of this paper."""
        return id.removeprefix(f"{self.name}.")


@dataclass(frozen=True)
class Reading:
    """The whole document."""

    created: str
    effort: str
    seed: str
    papers: tuple[PaperView, ...]
    counts: tuple[tuple[str, int], ...]
    unexpected: tuple[ClaimView, ...]
    killed: int
    with_witness: int
    mutants: int
    provenance: tuple[tuple[str, str], ...]
    controls_run: bool = True

    @cached_property
    def claims(self) -> list[ClaimView]:
        return [claim for paper in self.papers for claim in paper.claims]

    @cached_property
    def by_id(self) -> dict[str, ClaimView]:
        return {claim.id: claim for claim in self.claims}

    @cached_property
    def survivors(self) -> list[tuple[ClaimView, MutantRow]]:
        """Negative controls that are known to be false and were not caught."""
        return [(claim, row) for claim in self.claims for row in claim.mutants if row.outcome == "survived"]

    def ways(self, ids: Iterable[str]) -> list[Standing]:
        """The ways in which these claims stand, each once, the best first; claims that are not there are left out."""
        found = {self.by_id[id].standing for id in ids if id in self.by_id}
        return [one for one in STANDINGS if one in found]

    def standing_counts(self, claims: Iterable[ClaimView]) -> list[tuple[Standing, int]]:
        """How many of these claims stand in each way."""
        found = [claim.standing for claim in claims]
        return [(one, found.count(one)) for one in STANDINGS]
