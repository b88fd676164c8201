"""What became of a claim: its evidence, its negative controls, and the verdict that they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from verify.claim import Claim, combined
from verify.evidence import JSON, Verdict

#: Methods for which a false statement may also be caught by not confirming it.
NOT_CONFIRMING: Final = frozenset({"enclosure", "scaling", "statistical", "simulation"})

#: The name of the row that stands for negative controls which could not be made.
ALL_MUTANTS: Final = "(all)"


@dataclass(frozen=True)
class EvidenceResult:
    """One check's evidence and the seconds it took."""

    verdict: Verdict
    method: str
    detail: str
    seconds: float
    data: Mapping[str, JSON]


@dataclass(frozen=True)
class MutantResult:
    """One negative control of a claim.

    witness: the text that shows the mutant to be false, None where it was not shown.
    killed:  the check told the mutant from the claim. An exception, a time-out or a NaN never does.
    """

    claim: str
    mutant: str
    description: str
    statement: str
    verdict: Verdict
    detail: str
    witness: str | None
    killed: bool
    seconds: float

    @property
    def survived(self) -> bool:
        """Shown to be false, and yet not caught."""
        return self.witness is not None and not self.killed


@dataclass(frozen=True)
class ClaimResult:
    """One claim with everything that results.json says about it. `uses` has full ids; `cached` is None where
    the claim was examined in this run, and `why` says why it was. `parameters` names those that its checks read;
    `printed` says that the statement is printed from what is checked, and not typeset by hand."""

    id: str
    paper: str
    title: str
    where: str
    statement: str
    hypotheses: tuple[str, ...]
    uses: tuple[str, ...]
    basis: str
    verdict: Verdict
    method: str
    settled: bool
    expected: Verdict
    expected_reason: str
    seconds: float
    detail: str
    evidence: tuple[EvidenceResult, ...]
    mutants: tuple[MutantResult, ...]
    source: str
    cached: str | None
    why: str
    parameters: tuple[str, ...] = ()
    printed: bool = False

    @property
    def as_expected(self) -> bool:
        """The verdict is the one that was expected at this effort."""
        return self.verdict is self.expected


def claim_result(
    claim: Claim,
    effort: str,
    checks: Mapping[str, Any],
    mutants: Sequence[Mapping[str, Any]],
    *,
    cached: str | None,
    why: str,
) -> ClaimResult:
    """Put a claim's records together: `checks` is {"statement", "evidence": [...]}, `mutants` a list of
    records as a worker writes them. `settled` is still False: it takes the other claims (`with_settled`)."""
    evidence = tuple(
        EvidenceResult(
            Verdict(one["verdict"]), one["method"], one["detail"], float(one["seconds"]), dict(one["data"])
        )
        for one in checks["evidence"]
    )
    verdict, method, remark = combined([(one.verdict, one.method) for one in evidence])
    decisive = [one.detail for one in evidence if (one.verdict, one.method) == (verdict, method)]
    detail = remark or decisive[0]
    return ClaimResult(
        id=claim.full_id,
        paper=claim.paper,
        title=claim.title,
        where=claim.where,
        statement=str(checks["statement"]),
        hypotheses=claim.hypotheses,
        uses=tuple(f"{claim.paper}.{used}" for used in claim.uses),
        basis=claim.basis,
        verdict=verdict,
        method=method,
        settled=False,
        expected=claim.expected_at(effort),
        expected_reason=claim.expected_reason,
        seconds=sum(one.seconds for one in evidence),
        detail=detail,
        evidence=evidence,
        mutants=tuple(_mutant_result(claim.full_id, one, verdict) for one in mutants),
        source=claim.source,
        cached=cached,
        why=why,
        parameters=tuple(checks.get("parameters", ())),
        printed=claim.printed,
    )


def _mutant_result(claim: str, record: Mapping[str, Any], original: Verdict) -> MutantResult:
    verdict = Verdict(record["verdict"])
    # Not confirming means something only where the same budget does confirm the original.
    confirmed = original in (Verdict.PROVED, Verdict.SUPPORTED)
    unconfirmed = record["not_confirmed"] is True and record["method"] in NOT_CONFIRMING
    return MutantResult(
        claim=claim,
        mutant=record["mutant"],
        description=record["description"],
        statement=record["statement"],
        verdict=verdict,
        detail=record["detail"],
        witness=record["witness"],
        killed=verdict is Verdict.REFUTED or (verdict is Verdict.UNDECIDED and unconfirmed and confirmed),
        seconds=float(record["seconds"]),
    )


def with_settled(results: Sequence[ClaimResult]) -> list[ClaimResult]:
    """The same results with `settled` set: PROVED, as is everything that the claim rests on, at any remove. A
    claim that is not among the results settles nothing."""
    by_id = {one.id: one for one in results}
    known: dict[str, bool] = {}

    def settled(id: str) -> bool:
        if id not in by_id:
            return False
        if id not in known:
            known[id] = False  # a circle, refused when the paper was loaded, would settle nothing
            one = by_id[id]
            known[id] = one.verdict is Verdict.PROVED and all([settled(used) for used in one.uses])
        return known[id]

    return [replace(one, settled=settled(one.id)) for one in results]


@dataclass(frozen=True)
class KillRate:
    """How many negative controls were caught. Only those with a witness count."""

    killed: int
    with_witness: int
    total: int


def kill_rate(mutants: Sequence[MutantResult]) -> KillRate:
    """The rate over these mutants."""
    counted = [one for one in mutants if one.witness is not None]
    return KillRate(sum(one.killed for one in counted), len(counted), len(mutants))


def exit_status(results: Sequence[ClaimResult]) -> int:
    """0: every verdict is as expected. 1: one contradicts what was expected, or a negative control that is
    shown to be false was not caught. 3: an UNDECIDED or ERROR that was not expected. 1 goes before 3. The controls of
    a claim in ERROR say nothing, since its check has failed."""
    surprises = [one.verdict for one in results if not one.as_expected]
    mutants = [mutant for one in results for mutant in one.mutants]
    open_verdicts = (Verdict.UNDECIDED, Verdict.ERROR)
    told = [mutant for one in results if one.verdict is not Verdict.ERROR for mutant in one.mutants]
    if any(verdict not in open_verdicts for verdict in surprises) or any(one.survived for one in told):
        return 1
    return 3 if surprises or any(one.verdict is Verdict.ERROR for one in mutants) else 0
