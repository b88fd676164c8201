"""Results written by hand for the tests of the report, and a page taken apart by the standard library's parser."""

from __future__ import annotations

import math
from collections import Counter
from html.parser import HTMLParser
from typing import Any

from verify.report import render_site

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</style>]]>--></svg>"


VOID = {"meta", "link", "br", "hr", "img", "input"}


def claim(id: str, **changes: Any) -> dict[str, Any]:
    paper = id.split(".")[0]
    return {
        "id": id,
        "paper": paper,
        "title": f"Title of {id}",
        "where": "Section 3.1, equation (7)",
        "statement": r"\frac{dP}{dt} = 2Q(1-P)",
        "hypotheses": ["the data are symmetric", "$\\lVert z \\rVert = 1$"],
        "uses": [],
        "basis": "derived",
        "verdict": "PROVED",
        "method": "symbolic",
        "settled": True,
        "expected": "PROVED",
        "expected_reason": "",
        "as_expected": True,
        "seconds": 1.5,
        "detail": "the difference is zero",
        "evidence": [
            {
                "verdict": "PROVED",
                "method": "symbolic",
                "detail": "the difference is zero as a polynomial",
                "seconds": 1.5,
                "data": {},
            }
        ],
        "mutants": [],
        "source": "verify/papers/multistage/dynamics.py",
        "cached": None,
    } | changes


def mutant(name: str, *, witness: str | None, killed: bool, verdict: str = "REFUTED") -> dict[str, Any]:
    return {
        "mutant": name,
        "description": "the sign of the second term is changed",
        "statement": r"\frac{dP}{dt} = 2Q(1+P)",
        "verdict": verdict,
        "detail": "a counterexample was found",
        "witness": witness,
        "killed": killed,
        "seconds": 0.2,
    }


def times(count: int = 60) -> list[float]:
    return [0.2 * i for i in range(count)]


def panel(**changes: Any) -> dict[str, Any]:
    t = times()
    return {
        "title": "Order parameter P of the network and of the reduced system",
        "xlabel": "t (time of the gradient flow)",
        "ylabel": "$P$",
        "xscale": "linear",
        "yscale": "linear",
        "series": [
            {
                "label": "full network, m = 1000",
                "x": t,
                "y": [1 / (1 + math.exp(6 - s)) for s in t],
                "style": "line",
                "role": "simulated",
            },
            {
                "label": "reduced system",
                "x": t,
                "y": [1 / (1 + math.exp(6.05 - s)) for s in t],
                "style": "dashed",
                "role": "predicted",
            },
        ],
        "marks": [{"x": 2.1, "label": "$T_1$"}, {"x": 7.9, "label": "$T_2$"}],
    } | changes


def evidence(verdict: str, method: str, **data: Any) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "method": method,
        "detail": "the largest difference is 0.0031, the error budget 0.01",
        "seconds": 12.25,
        "data": data,
    }


def document(*claims: dict[str, Any]) -> dict[str, Any]:
    every = [one for record in claims for one in record["mutants"]]
    counted = [one for one in every if one["witness"] is not None]
    counts = Counter(record["verdict"] for record in claims)
    return {
        "schema": "lemmata/results/1",
        "created": "2026-05-04T03:02:01+00:00",
        "effort": "quick",
        "seed": 20260504,
        "versions": {"python": "3.11.7", "sympy": "1.14.0"},
        "machine": {"system": "Linux", "machine": "x86_64", "cores": 2},
        "papers": [
            {"name": "multistage", "title": "Multi-stage loss dynamics", "reference": "A. Author, 2024"}
        ],
        "claims": list(claims),
        "summary": {v: counts[v] for v in ("PROVED", "SUPPORTED", "REFUTED", "UNDECIDED", "ERROR")},
        "mutants": {
            "killed": sum(one["killed"] for one in counted),
            "with_witness": len(counted),
            "total": len(every),
        },
    }


def example() -> dict[str, Any]:
    """A document with one of everything."""
    widths = {
        "columns": ["width $m$", "$T_2$", "note"],
        "rows": [[100, 4.123456789, "ok"], [1000, 5.25, None]],
    }
    loss = [0.5 * math.exp(-s) + 1e-5 for s in times()]
    log_panel = panel(
        title="Loss",
        ylabel="loss",
        yscale="log",
        series=[{"label": "loss", "x": times(), "y": loss, "style": "line", "role": "simulated"}],
    )
    fit = panel(
        title="Time of the descent",
        xlabel="width m",
        ylabel="$T_2$",
        xscale="log",
        yscale="log",
        series=[
            {
                "label": "measured",
                "x": [100, 300, 1000],
                "y": [4.1, 4.6, 5.2],
                "style": "points",
                "role": "other",
            },
            {"label": "fit", "x": [100, 1000], "y": [4.1, 5.2], "style": "dashed", "role": "predicted"},
        ],
        marks=[],
    )
    return document(
        claim(
            "multistage.eq7",
            mutants=[
                mutant("sign-1", witness="at P = 1/3, Q = 2: 8/3 against 16/3", killed=True),
                mutant("exponent-2", witness="at P = 2: 1 against 4", killed=False, verdict="UNDECIDED"),
                mutant("symbol-1", witness=None, killed=False, verdict="UNDECIDED"),
            ],
        ),
        claim(
            "multistage.prop4",
            title="The initial descent takes a time of order log m",
            where="Section 4, Proposition 4",
            uses=["multistage.eq7", "sharpness.eq1"],
            verdict="SUPPORTED",
            method="simulation",
            settled=False,
            expected="SUPPORTED",
            expected_reason="an asymptotic statement is not proved by finite widths",
            basis="chosen",
            evidence=[
                evidence("SUPPORTED", "simulation", table=widths, figure=[panel(), log_panel], seeds=[1, 2]),
                evidence("SUPPORTED", "scaling", figure=[fit]),
            ],
        ),
        claim(
            "multistage.rem7",
            where="Remark 7",
            verdict="REFUTED",
            method="search",
            settled=False,
            expected="SUPPORTED",
            as_expected=False,
            evidence=[evidence("REFUTED", "search", counterexample={"m": 2, "a": ["1/3", "-2"]})],
        ),
    )


def hostile() -> dict[str, Any]:
    """Every text of the document is hostile, the ids and the keys of data included."""
    bad = panel(
        title=HOSTILE,
        xlabel=HOSTILE + "$\\frac{$",
        ylabel=HOSTILE,
        series=[{"label": HOSTILE, "x": [0, 1], "y": [1, 2], "style": "line", "role": HOSTILE}],
        marks=[{"x": 0.5, "label": HOSTILE}],
    )
    record = claim(
        f"p.{HOSTILE}",
        title=HOSTILE,
        where=HOSTILE,
        statement=HOSTILE,
        hypotheses=[HOSTILE, f"${HOSTILE}$", f"`{HOSTILE}`"],
        uses=[HOSTILE, f"p.{HOSTILE}"],
        expected_reason=HOSTILE,
        expected="SUPPORTED",
        as_expected=False,
        detail=HOSTILE,
        method=HOSTILE,
        basis=HOSTILE,
        source=HOSTILE,
        cached=HOSTILE,
        evidence=[
            {
                "verdict": "PROVED",
                "method": HOSTILE,
                "detail": HOSTILE + "\x00\ud800\x1b[31m",
                "seconds": 0.0,
                "data": {
                    "table": {"caption": HOSTILE, "columns": [HOSTILE], "rows": [[HOSTILE], [[HOSTILE]]]},
                    "figure": [bad, HOSTILE],
                    HOSTILE: HOSTILE,
                },
            }
        ],
        mutants=[
            mutant(HOSTILE, witness=HOSTILE, killed=False)
            | {"description": HOSTILE, "statement": f"\\text{{{HOSTILE}}}", "detail": HOSTILE}
        ],
    )
    made = document(record)
    made["papers"] = [{"name": "p", "title": HOSTILE, "reference": HOSTILE}]
    made["machine"] = {HOSTILE: HOSTILE}
    made["created"] = HOSTILE
    return made


class Page(HTMLParser):
    """A page taken apart: elements with their attributes in order, their texts, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def named(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def text(self) -> str:
        return " ".join("".join(data for tag, data in self.texts if tag != "style").split())


def site(made: dict[str, Any]) -> dict[str, Page]:
    """The report's pages by their addresses."""
    return {name: Page(text.decode()) for name, text in render_site(made).items() if name.endswith(".html")}


def first_claim(made: dict[str, Any]) -> Page:
    return next(page for name, page in site(made).items() if name.startswith("claims/"))


def many() -> dict[str, Any]:
    caught = [mutant("m", witness=HOSTILE, killed=True)]
    return document(
        *(claim(f"a.c{i}", mutants=caught, title=HOSTILE if i % 3 else "Plain") for i in range(7))
    )
