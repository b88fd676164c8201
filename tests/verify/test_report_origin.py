"""Pages, the supplement and its LaTeX say whether a statement is printed from what is checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report_samples import claim, document, evidence, first_claim

from verify.commands.list import run as list_claims
from verify.report.latex import latex_files
from verify.results import ResultsError, load_results
from verify.runner import run
from verify.selection import select

STEPS = [{"text": "Left-hand side.", "latex": "x", "compared": True}]
PRINTED = "The statement is printed from the expressions that are checked"
COMPARED = "The statement is typeset by hand, for reading: what was compared, printed from the check itself"
EVALUATED = "The statement is typeset by hand, for reading: what was evaluated is told with the evidence"


def made(printed: bool | None, steps: Any = None) -> dict[str, Any]:
    data = {} if steps is None else {"derivation": steps}
    changes: dict[str, Any] = {} if printed is None else {"printed": printed}
    return document(claim("a.b", evidence=[evidence("PROVED", "symbolic", **data)], **changes))


@pytest.mark.parametrize(
    ("printed", "steps", "said"),
    [
        (True, STEPS, PRINTED),
        (False, STEPS, COMPARED),
        (False, None, EVALUATED),
        (False, [{"text": "A step.", "latex": "x"}], EVALUATED),
        (None, STEPS, ""),
    ],
)
def test_a_page_says_where_its_statement_comes_from(printed: bool | None, steps: Any, said: str) -> None:
    results = made(printed, steps)
    page = first_claim(results).text
    written = latex_files(results)["claims.tex"].decode()
    for one in (PRINTED, COMPARED, EVALUATED):
        assert (one in page) == (one == said)
        assert (one in " ".join(written.split())) == (one == said)


def test_results_say_it(tmp_path: Path) -> None:
    good, bad = made(True), made(True)
    bad["claims"][0]["printed"] = "yes"
    (tmp_path / "good.json").write_text(json.dumps(good), encoding="utf-8")
    (tmp_path / "bad.json").write_text(json.dumps(bad), encoding="utf-8")
    assert load_results(tmp_path / "good.json")["claims"][0]["printed"] is True
    with pytest.raises(ResultsError, match="printed is not true or false"):
        load_results(tmp_path / "bad.json")


def test_claims_of_a_file_say_it(toy: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = toy(
        "import sympy as sp\n"
        'x = sp.Symbol("x", real=True)\n'
        'paper.identity("printed", (x + 1) ** 2, x**2 + 2 * x + 1, title="t")\n'
        'paper.identity("by-hand", x, x, title="t", statement="x = x")\n'
    )
    results = {one.id: one.printed for one in run(select((str(path),)), effort="quick", mutants=False)}
    assert set(results.values()) == {True, False}
    list_claims([str(path)], json=True)
    listed = json.loads(capsys.readouterr().out)["claims"]
    assert {one["id"]: one["printed"] for one in listed} == results
