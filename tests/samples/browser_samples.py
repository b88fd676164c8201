"""Results written by hand for the tests in a browser, and a tab that remembers what went wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</style>]]>--></svg>\u2028`${alert(3)}`"
)


SIZES = {"phone": {"width": 360, "height": 780}, "desktop": {"width": 1440, "height": 900}}


VERDICTS = ("PROVED", "SUPPORTED", "REFUTED", "UNDECIDED", "ERROR")


def claim(id: str, verdict: str = "PROVED", uses: Sequence[str] = (), **changes: Any) -> dict[str, Any]:
    method = "symbolic" if verdict == "PROVED" else "search"
    return {
        "id": id,
        "paper": id.split(".")[0],
        "title": f"What {id.split('.', 1)[1]} says of $Q$",
        "where": "Section 3.1, equation (7)",
        "statement": r"\dot P = 2 Q \left(1 - P\right)",
        "hypotheses": [r"$\lVert z \rVert = 1$", "the data are symmetric"],
        "uses": list(uses),
        "basis": "derived",
        "verdict": verdict,
        "method": method,
        "settled": False,
        "expected": verdict,
        "expected_reason": "The sentence is false at $m = 1$." if verdict in ("REFUTED", "UNDECIDED") else "",
        "as_expected": True,
        "seconds": 0.25,
        "detail": "the difference is zero",
        "evidence": [
            {"verdict": verdict, "method": method, "detail": "compared", "seconds": 0.25, "data": {}}
        ],
        "mutants": [],
        "source": "papers/toys.py",
        "cached": None,
    } | changes


def rich(id: str) -> dict[str, Any]:
    """A claim with a derivation, plots of both kinds, tables, and a control that survived."""
    t = [0.1 * i for i in range(80)]
    figure = [
        {
            "title": "Loss",
            "xlabel": "$t$",
            "ylabel": "loss",
            "yscale": "log",
            "series": [
                {"label": "network", "x": t, "y": [2.0**-s for s in t], "style": "line", "role": "simulated"},
                {
                    "label": "theory",
                    "x": t,
                    "y": [2.1**-s for s in t],
                    "style": "dashed",
                    "role": "predicted",
                },
            ],
            "marks": [{"x": 3.0, "label": "$T_1$"}],
        },
        {
            "title": "Outcome",
            "xlabel": r"$\eta$",
            "ylabel": r"$\alpha$",
            "cells": {
                "x": [1, 2, 3],
                "y": [1, 2],
                "values": [[0, 1, 1], [None, 0, 1]],
                "categories": ["converges", "diverges"],
            },
        },
    ]
    table = {"columns": ["$m$", "$T_2$"], "rows": [[m, 0.123456789 * m] for m in range(1, 25)]}
    words = "the largest difference between the network and its reduced system up to $T_2$, seed 1"
    compared = {
        "columns": ["case", "measured", "predicted", "difference", "tolerance", "within", "remark"],
        "rows": [[words, 0.00371272, 0.00376552, 5.28e-05, 0.0001, "yes", "none"]],
    }
    steps = [
        {"text": f"Step {i}: the flow at order ${i}$.", "latex": r"\dot a = " + "a w + " * 60 + "1"}
        for i in (1, 2)
    ]
    data = {"figure": figure, "table": [table, compared], "derivation": steps, "seeds": [1, 2, 3]}
    mutants = [
        {
            "mutant": name,
            "description": "the sign of $Q$ is changed",
            "statement": r"\dot P = -2 Q \left(1 - P\right)" + " + Q^2" * 30,
            "verdict": "REFUTED" if killed else "PROVED",
            "detail": "at an exact point the difference is 4/3",
            "witness": witness,
            "killed": killed,
            "seconds": 0.1,
        }
        for name, witness, killed in (
            ("sign-1", "P = 1/2", True),
            ("sign-2", "P = 1", False),
            ("drop", None, True),
        )
    ]
    found = {"verdict": "PROVED", "method": "symbolic", "detail": "equal", "seconds": 0.2, "data": data}
    return claim(id, evidence=[found], mutants=mutants)


def document(claims: Sequence[dict[str, Any]]) -> dict[str, Any]:
    mutants = [one for each in claims for one in each["mutants"]]
    shown = [one for one in mutants if one["witness"] is not None]
    papers = dict.fromkeys(one["paper"] for one in claims)
    return {
        "schema": "lemmata/results/1",
        "created": "2026-05-04T03:02:01+00:00",
        "effort": "quick",
        "seed": 0,
        "versions": {"python": "CPython 3.11.7", "sympy": "1.14.0"},
        "machine": {"system": "Linux", "machine": "x86_64", "cores": 2},
        "papers": [{"name": name, "title": f"On {name}", "reference": "A. Author"} for name in papers],
        "claims": list(claims),
        "summary": {verdict: sum(one["verdict"] == verdict for one in claims) for verdict in VERDICTS},
        "mutants": {
            "killed": sum(one["killed"] for one in shown),
            "with_witness": len(shown),
            "total": len(mutants),
        },
    }


def made_by_hand() -> dict[str, Any]:
    """Two papers; the claims of the first rest on each other in every way of standing."""
    small = [
        claim("toys.eq1"),
        claim("toys.eq2", uses=["toys.eq1"]),
        claim("toys.law", "SUPPORTED", uses=["toys.eq2"], expected="PROVED", as_expected=False),
        claim("toys.thm1", uses=["toys.law", "toys.eq1"]),
        claim("toys.rem1", "REFUTED"),
        claim("toys.rem2", "UNDECIDED", uses=["toys.rem1"]),
        claim("toys.rem3", "ERROR"),
        rich("toys.fig1"),
        claim(
            "toys.evil",
            uses=["toys.eq1"],
            title=HOSTILE,
            where=HOSTILE,
            statement=HOSTILE,
            hypotheses=[HOSTILE, f"${HOSTILE}$"],
            detail=HOSTILE,
            source=HOSTILE,
        ),
    ]
    made = document([*small, claim("other.eq1")])
    made["papers"][0]["entries"] = [
        {
            "id": "eq1",
            "number": "(1)",
            "title": HOSTILE,
            "kind": "claim",
            "basis": "text",
            "statement": r"\dot P = 2 Q (1 - P)" + " + Q" * 80,
            "claims": ["toys.eq1", "toys.law"],
            "reach": "for every width $m$",
            "rests_on": [],
        }
    ]
    return made


def of_many_claims() -> dict[str, Any]:
    """A paper of 200 claims, each of which rests on one or two before it."""
    return document(
        [
            claim(
                f"large.c{i}",
                uses=[f"large.c{j}" for j in {i // 2, i - 3 if i % 5 else i // 3} if 0 <= j < i],
            )
            for i in range(200)
        ]
    )


def closure(made: dict[str, Any], id: str) -> set[str]:
    """A claim with all that it rests on and all that rests on it, by going round until nothing is added."""
    uses = {one["id"]: set(one["uses"]) for one in made["claims"]}
    below, above = {id}, {id}
    for _ in uses:
        below |= {used for one in below for used in uses[one]}
        above |= {one for one in uses if uses[one] & above}
    return below | above


class Tab:
    """A page, with everything it complained about and every address it asked for."""

    def __init__(self, browser: Any, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.context = browser.new_context(**({"viewport": SIZES["desktop"]} | options))
        self.page = self.context.new_page()
        self.trouble: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self.trouble.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on(
            "dialog", lambda dialog: (self.trouble.append(f"dialog {dialog.message}"), dialog.dismiss())
        )
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address: str) -> Any:
        self.page.goto("about:blank")
        name, _, fragment = address.partition("#")
        self.page.goto((self.folder / name).as_uri() + (f"#{fragment}" if fragment else ""))
        return self.page

    def check_quiet(self) -> None:
        assert self.trouble == []
        assert self.asked
        assert [url for url in self.asked if not url.startswith("file://")] == []


PAGES = (
    "index.html",
    "papers/paper-toys.html",
    "graph.html#paper-toys",
    "claims/toys.fig1.html",
    "claims/toys.evil.html",
    "claims/toys.rem1.html",
)


def drawn(page: Any, anchor: str) -> set[str]:
    """The claims in the drawing, once it shows what this address asks for."""
    page.wait_for_selector(f"#canvas[data-drawn='{anchor}']")
    labels = page.locator("#canvas .node a").evaluate_all(
        "links => links.map(link => link.getAttribute('aria-label'))"
    )
    return {label.split(":")[0] for label in labels}
