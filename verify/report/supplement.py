"""The supplement of a paper, from its results: what it says and in which order. How it looks is another matter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from verify.evidence import METHODS, Verdict
from verify.report.blocks import Block, Column, Document, Grid, Heading, Items, Paragraph
from verify.report.reading import read
from verify.report.repeating import repeat_claim
from verify.report.standing import STANDINGS
from verify.report.supplement_claim import Printed, claim_blocks
from verify.report.text_runs import Run, Runs, formula_run, prose, words
from verify.report.views import ClaimView, MutantRow, PaperView, Reading
from verify.report.wording import METHOD_MEANING, VERDICT_MEANING, moment

_KIND: Final = re.compile(r"-(?:of|[0-9])(?:-|$).*")


def supplement(results: Mapping[str, Any]) -> Document:
    """The whole supplement. ReportError where `results` is not a results document."""
    reading = read(results)
    printed = Printed()
    papers = [paper.title for paper in reading.papers]
    made = f"{moment(reading.created)}, effort {reading.effort}"
    if _version(reading):
        made += f", lemmata {_version(reading)}"
    return Document(
        title="Verification of the claims" if papers else "Verification report",
        subtitle=_joined([prose(title) for title in papers], "; "),
        made=made,
        abstract=_abstract(reading),
        front=(*_meaning(), *_summary(reading), *_claim_table(reading), *_map(reading)),
        claims=tuple(block for paper in reading.papers for block in _paper(reading, paper, printed)),
        back=(*_controls(reading), *_origin(reading)),
    )


def _abstract(reading: Reading) -> Runs:
    claims = reading.claims
    if not claims:
        return words("These results hold no claims.")
    counted = [f"{number} {verdict}" for verdict, number in reading.counts if number]
    settled = sum(claim.settled for claim in claims)
    text = (
        f"{_many(len(claims), 'claim')} {_was(len(claims))} checked: {_listed(counted)}. {settled} of them "
        f"{_is(settled)} settled, that is, proved together with everything that they rest on. "
    )
    if reading.with_witness:
        text += (
            f"Of {_many(reading.with_witness, 'altered version')} of the claims that {_is(reading.with_witness)} known "
            f"to be false, the checks caught {reading.killed}. "
        )
    if reading.unexpected:
        text += f"{_many(len(reading.unexpected), 'verdict')} differ from what was expected. "
    return words(text + "Every verdict can be repeated with the command at the end.")


def _meaning() -> Iterator[Block]:
    yield Heading(1, words("What was checked, and what a verdict means"))
    yield Paragraph(
        words(
            "Each claim was checked by one or more methods, each of which could have found it wrong. A verdict says no "
            "more than its method can: PROVED comes from exact methods alone, while simulations, fits and searches can "
            "only support a claim or refute it. A claim is settled when it and everything that it rests on are proved. "
            "The network that is simulated is written by hand and shares no code with the theory that predicts it."
        )
    )
    yield Grid(
        words("The verdicts"),
        (Column(words("Verdict")), Column(words("Meaning"), share=1.0)),
        tuple(((Run("verdict", name),), words(text)) for name, text in VERDICT_MEANING.items()),
    )
    yield Grid(
        words("The methods, and what each of them can say"),
        (
            Column(words("Method")),
            Column(words("What it is"), share=1.0),
            Column(words("Can say"), share=0.5),
        ),
        tuple(
            ((Run("code", name),), words(METHOD_MEANING.get(name, "")), words(", ".join(_sayable(name))))
            for name in METHODS
        ),
    )
    yield Paragraph(
        words(
            "A check that cannot fail is worth nothing. Each is therefore also run on altered versions of its claim, "
            "the negative controls. One counts only if it is known to be false by other means than the check, by a "
            "witness; it is caught when the check tells it from the claim. An error or a time-out never counts as a "
            "catch."
        )
    )


def _sayable(method: str) -> list[str]:
    always = (Verdict.UNDECIDED, Verdict.ERROR)
    return [one.value for one in Verdict if one in METHODS[method] and one not in always]


def _summary(reading: Reading) -> Iterator[Block]:
    yield Heading(1, words("Summary"))
    shown = [verdict for verdict, number in reading.counts if number]
    columns = [Column(words("Paper"), share=1.0), Column(words("Claims"), right=True)]
    columns += [Column((Run("verdict", verdict),), right=True) for verdict in shown]
    columns += [Column(words(title), right=True) for title in ("Settled", "Controls caught")]
    rows = [_summary_row(prose(paper.title), paper.claims, shown) for paper in reading.papers]
    if len(rows) > 1:
        rows.append(_summary_row((Run("strong", "Together"),), reading.claims, shown))
    if rows:
        yield Grid(words("Claims and verdicts"), tuple(columns), tuple(rows))
    if reading.unexpected:
        yield Paragraph(words("These verdicts are not as expected:"), "alarm")
        yield Items(
            tuple(
                ((_link(claim), *words(f" is {claim.verdict}, expected {claim.expected}")),)
                for claim in reading.unexpected
            )
        )
    elif reading.claims:
        yield Paragraph(words("All verdicts are as expected."))


def _summary_row(name: Runs, claims: list[ClaimView], shown: list[str]) -> tuple[Runs, ...]:
    verdicts = Counter(claim.verdict for claim in claims)
    caught, counted = sum(claim.caught for claim in claims), sum(claim.counted for claim in claims)
    numbers = [len(claims), *(verdicts[verdict] for verdict in shown), sum(claim.settled for claim in claims)]
    return (name, *(words(str(number)) for number in numbers), words(f"{caught} of {counted}"))


def _claim_table(reading: Reading) -> Iterator[Block]:
    yield Heading(1, words("Table of claims"))
    for paper in reading.papers:
        titles = ("Claim", "What it says", "Place", "Verdict", "Method", "Page")
        shares = (0.0, 1.0, 0.6, 0.0, 0.0, 0.0)
        yield Grid(
            prose(paper.title),
            tuple(Column(words(t), share=s, right=t == "Page") for t, s in zip(titles, shares, strict=True)),
            tuple(
                (
                    (Run("link", claim.short_id, target=claim.anchor),),
                    prose(claim.title),
                    prose(claim.where),
                    (Run("verdict", claim.verdict), *words(" ✓" if claim.settled else "")),
                    words(claim.method),
                    (Run("page", "", target=claim.anchor),),
                )
                for claim in paper.claims
            ),
        )
    yield Paragraph(words("✓ marks a claim that is settled."), "small")


def _map(reading: Reading) -> Iterator[Block]:
    """What a paper states, how far the checks of it go, and which claims look at it."""
    mapped = [paper for paper in reading.papers if paper.entries]
    if not mapped:
        return
    yield Heading(1, words("What each paper states, and what looks at it"))
    yield Paragraph(
        words(f"The sign after a claim says how it stands: {_signs()}; none where it was not examined.")
    )
    for paper in mapped:
        yield Grid(
            prose(paper.title),
            (
                Column(words("Place")),
                Column(words("What it states, and how far the checks go"), share=1.0),
                Column(words("Basis")),
                Column(words("Claims"), share=0.8),
            ),
            tuple(
                (
                    words(entry.number),
                    (*_strong(prose(f"{entry.title}. ")), *prose(entry.reach)),
                    words(entry.basis),
                    _joined([_found(id, paper, reading) for id in entry.claims], ", ") or words("none"),
                )
                for entry in paper.entries
            ),
        )


def _signs() -> str:
    return "; ".join(f"{one.sign} {one.label}" for one in STANDINGS)


def _strong(runs: Runs) -> Runs:
    return tuple(Run("strong", run.text) if run.kind == "text" else run for run in runs)


def _found(id: str, paper: PaperView, reading: Reading) -> Runs:
    claim = reading.by_id.get(id)
    short = paper.short(id)
    if claim is None:
        return (Run("code", short),)
    return (Run("link", short, target=claim.anchor), *words(f"\N{NO-BREAK SPACE}{claim.standing.sign}"))


def _paper(reading: Reading, paper: PaperView, printed: Printed) -> Iterator[Block]:
    yield Heading(1, prose(paper.title))
    if paper.reference:
        yield Paragraph(prose(paper.reference), "small")
    if paper.parameters:
        yield Grid(
            words("What was chosen, and how many claims read it"),
            (
                Column(words("Symbol")),
                Column(words("What it is"), share=1.0),
                Column(words("Here"), share=0.4),
                Column(words("By default"), share=0.4),
                Column(words("Claims"), right=True),
            ),
            tuple(
                (
                    (formula_run(one.symbol),) if one.symbol else (Run("code", one.name),),
                    prose(one.meaning),
                    (Run("strong" if one.changed else "text", one.value),),
                    words(one.default),
                    words(str(len(one.claims))),
                )
                for one in paper.parameters
            ),
        )
    for section in paper.sections:
        yield Heading(2, prose(section.title))
        for claim in section.claims:
            yield from claim_blocks(
                claim, repeat_claim(reading, paper, claim), printed, paper.changed_for(claim)
            )


def _controls(reading: Reading) -> Iterator[Block]:
    rows = [(claim, row) for claim in reading.claims for row in claim.mutants]
    if not rows:
        return
    yield Heading(1, words("Negative controls"))
    apart = reading.mutants - reading.with_witness
    yield Paragraph(
        words(
            f"{_many(reading.mutants, 'altered version')} of the claims {_was(reading.mutants)} put to the same "
            f"checks. {reading.with_witness} of them {_is(reading.with_witness)} known to be false by other means, and "
            f"{reading.killed} of these {_was(reading.killed)} caught."
            + (
                f" {_many(apart, 'further one')} could not be shown to be false and {_is(apart)} not counted."
                if apart
                else ""
            )
        )
    )
    kinds: dict[str, list[MutantRow]] = {}
    for _, row in rows:
        kinds.setdefault(_KIND.sub("", row.name) or row.name, []).append(row)
    common = {name: found for name, found in kinds.items() if len(found) > 4}
    other = [row for name, found in kinds.items() if name not in common for row in found]
    listed = sorted(common.items(), key=lambda item: -len(item[1])) + (
        [("others, by hand", other)] if other else []
    )
    yield Grid(
        words("Kinds of alterations"),
        (
            Column(words("Kind")),
            Column(words("An example"), share=1.0),
            Column(words("Made"), right=True),
            Column(words("Known to be false"), right=True),
            Column(words("Caught"), right=True),
        ),
        tuple(
            (
                words(name.replace("-", " ")),
                prose(found[0].description),
                words(str(len(found))),
                words(str(sum(row.outcome != "not counted" for row in found))),
                words(str(sum(row.outcome == "caught" for row in found))),
            )
            for name, found in listed
        ),
    )
    for outcome, title in (
        ("survived", "Known to be false, and not caught"),
        ("not counted", "Not shown to be false, and not counted"),
    ):
        found_here = [(claim, row) for claim, row in rows if row.outcome == outcome]
        if found_here:
            yield Paragraph((Run("strong", title),), "label")
            yield Items(
                tuple(
                    ((_link(claim), *words(f" {row.name}: "), *prose(row.description)),)
                    for claim, row in found_here
                )
            )


def _origin(reading: Reading) -> Iterator[Block]:
    yield Heading(1, words("How these results were made, and how to repeat them"))
    yield Grid(
        words("Settings, machine and versions"),
        (Column(words("What")), Column(words("Which"), share=1.0)),
        tuple((words(name), words(value)) for name, value in reading.provenance),
    )
    yield Paragraph(
        (
            *words("With the same versions, seed and effort every verdict is the same again. The command "),
            Run("code", "lemmata report --check results.json"),
            *words(
                " repeats the verification that the results record, and says claim by claim whether anything differs. "
                "The results themselves, which this document is printed from, hold all tables and curves in full."
            ),
        )
    )
    yield Heading(1, words("References"))
    yield Items(
        (
            *((_reference(paper),) for paper in reading.papers),
            (
                words(
                    "lemmata contributors. lemmata: checks of theories of neural-network training. Software."
                ),
            ),
            *((words(text),) for text in _SOFTWARE),
        ),
        numbered=True,
    )


#: What the verdicts rest on, beside lemmata itself.
_SOFTWARE: Final = (
    "A. Meurer et al. SymPy: symbolic computing in Python. PeerJ Computer Science 3:e103, 2017.",
    "F. Johansson. Arb: efficient arbitrary-precision midpoint-radius interval arithmetic. IEEE Transactions on "
    "Computers 66(8):1281–1292, 2017 (now part of FLINT).",
    "L. de Moura, N. Bjørner. Z3: an efficient SMT solver. TACAS 2008, LNCS 4963, 337–340.",
    "D. R. MacIver, Z. Hatfield-Dodds et al. Hypothesis: a new approach to property-based testing. Journal of Open "
    "Source Software 4(43):1891, 2019.",
    "C. R. Harris et al. Array programming with NumPy. Nature 585:357–362, 2020.",
    "P. Virtanen et al. SciPy 1.0: fundamental algorithms for scientific computing in Python. Nature Methods "
    "17:261–272, 2020.",
)


def _reference(paper: PaperView) -> Runs:
    title = paper.title.rstrip(".")
    return (*prose(f"{title}. "), *prose(paper.reference))


def _version(reading: Reading) -> str:
    return dict(reading.provenance).get("lemmata", "")


def _link(claim: ClaimView) -> Run:
    return Run("link", claim.id, target=claim.anchor)


def _joined(parts: list[Runs], between: str) -> Runs:
    made: list[Run] = []
    for number, part in enumerate(parts):
        made += [*(words(between) if number else ()), *part]
    return tuple(made)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
