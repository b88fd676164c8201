"""The supplement in print: what it must contain, that a hostile text is only ever text, and that TeX compiles it."""

from __future__ import annotations

import copy
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from verify.report import ReportError
from verify.report.latex import latex_files, write_latex
from verify.report.pdf import render_pdf, write_pdf
from verify.report.supplement import supplement

# Texts that would do something if any of them reached a typesetter as commands.
TYPST = '#panic("owned") #read("/etc/passwd") $ #sys $ #eval("1+1") ] } " \\u{41} // gone /* gone */'
TEX = (
    r"\input{/etc/passwd} \write18{touch owned} }\end{document} \csname x\endcsname % gone ^^5cinput # & _ ~"
)


def evidence(**data: Any) -> dict[str, Any]:
    return {
        "verdict": "SUPPORTED",
        "method": "simulation",
        "detail": "the largest difference is 0.0031",
        "seconds": 12.25,
        "data": data,
    }


def claim(id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id,
        "paper": "toy",
        "title": f"Title of {id}, with $\\alpha^2$",
        "where": "Section 3.1, equation (7)",
        "statement": r"\frac{dP}{dt} = 2Q\left(1-P\right) \quad (t \ge 0)",
        "hypotheses": ["the data are symmetric", "$\\lVert z \\rVert = 1$"],
        "uses": [],
        "basis": "derived",
        "verdict": "SUPPORTED",
        "method": "simulation",
        "settled": False,
        "expected": "SUPPORTED",
        "expected_reason": "",
        "as_expected": True,
        "seconds": 1.5,
        "detail": "as far as it goes",
        "evidence": [evidence()],
        "mutants": [
            {
                "mutant": "sign-1",
                "description": "the sign of the second term is changed",
                "statement": r"\frac{dP}{dt} = 2Q(1+P)",
                "verdict": "REFUTED",
                "detail": "a counterexample was found",
                "witness": "at P = 1",
                "killed": True,
                "seconds": 0.2,
            }
        ],
        "source": "verify/papers/toy/dynamics.py",
        "cached": None,
    } | changes


def document(*claims: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "lemmata/results/1",
        "created": "2026-05-04T03:02:01+00:00",
        "effort": "quick",
        "seed": 7,
        "versions": {"lemmata": "0.1.0", "python": "3.11.7"},
        "machine": {"system": "Linux", "cores": 2},
        "papers": [{"name": "toy", "title": "A toy of a paper", "reference": "A. Author, 2024"}],
        "claims": list(claims),
        "summary": {"PROVED": 0, "SUPPORTED": len(claims), "REFUTED": 0, "UNDECIDED": 0, "ERROR": 0},
        "mutants": {"killed": len(claims), "with_witness": len(claims), "total": len(claims)},
    }


def panel() -> dict[str, Any]:
    t = [0.5 * i for i in range(30)]
    return {
        "title": "Order parameter",
        "xlabel": "time",
        "ylabel": "$P$",
        "series": [
            {"label": "network", "x": t, "y": [math.tanh(s) for s in t], "role": "simulated"},
            {"label": "reduced", "x": t, "y": [math.tanh(s) for s in t], "role": "predicted"},
            {"label": "points", "x": t[::5], "y": [math.tanh(s) for s in t[::5]], "style": "points"},
        ],
        "marks": [{"x": 2.0, "label": "$T_1$"}],
    }


def example() -> dict[str, Any]:
    table = {"columns": ["width $m$", "$T_2$", "note"], "rows": [[100, 4.5e-8, "ok"], [1000, 5.25, None]]}
    steps = [{"text": "Multiply by $a_k$.", "latex": r"\dot{P} = \sum_k a_k \dot{w}_k"}, {"text": "Sum up."}]
    field = {"x": [1, 2, 3], "y": [1, 2], "values": [[0, 1, 2], [3, None, 5]], "label": "sharpness"}
    long = r"S = " + " + ".join(rf"\frac{{a_{{{i}}}^{{2}}}}{{b_{{{i}}}}}" for i in range(60))
    return document(
        claim("toy.eq1"),
        claim(
            "toy.eq2",
            uses=["toy.eq1", "toy.elsewhere"],
            evidence=[
                evidence(table=table, derivation=steps, cases=200),
                evidence(figure=[panel(), {"title": "Field", "xlabel": "x", "ylabel": "y", "cells": field}]),
            ],
        ),
        claim("toy.long", statement=long),
        claim(
            "toy.words",
            statement=r"Every neuron with $a_k > 0$ stays: `a_k`, see \cite{x}, for all $\unheard{of}$.",
        ),
        claim("toy.unset", statement=r"\unheard{of} = 1"),
    )


def hostile() -> dict[str, Any]:
    text = f"{TYPST} {TEX}"
    made = claim(
        "toy.bad<id>",
        title=text,
        where=text,
        statement=text,
        hypotheses=[text, f"${TEX}$", "`" + TEX + "`"],
        expected="REFUTED",
        expected_reason=text,
        as_expected=False,
        detail=text,
        source=text,
        evidence=[
            evidence(
                table={"columns": [text, "[b]"], "rows": [[text, "*"], ["[x]", text]], "caption": text},
                derivation=[{"text": text, "latex": TEX}],
                figure=[panel() | {"title": text, "xlabel": text, "marks": [{"x": 1, "label": text}]}],
                note=TEX[:60],
            )
            | {"detail": text}
        ],
    )
    made["mutants"] = [
        copy.deepcopy(made["mutants"][0]) | {"description": text, "mutant": text, "witness": None}
    ]
    results = document(made)
    results["papers"][0] |= {"title": text, "reference": text}
    results["versions"] = {text: text}
    return results


def words(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(content)
    text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    return " ".join(text.replace("\u200b", "").split())


def test_the_pdf_says_what_there_is() -> None:
    said = words(render_pdf(example()))
    for expected in (
        "5 claims were checked: 5 SUPPORTED",
        "A toy of a paper",
        "toy.eq2",
        "the data are symmetric",
        "Derivation",
        "Sum up.",
        "4.5·10⁻⁸",
        "lemmata verify toy.eq1 --effort quick --seed 7",
        "lemmata report --check",
        "A. Author, 2024",
        "Negative controls: 1 of 1 caught",
    ):
        assert expected in said, expected


def test_what_cannot_be_set_is_shown_as_it_is_written_and_counted() -> None:
    assert supplement(example()).unset() == [r"\unheard{of}", r"\unheard{of} = 1"]
    assert r"\unheard{of} = 1" in words(render_pdf(example()))


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = write_pdf(example(), tmp_path / "a.pdf"), write_pdf(example(), tmp_path / "b.pdf")
    assert first.read_bytes() == second.read_bytes()
    assert latex_files(example()) == latex_files(example())


def test_the_pdf_keeps_to_the_standard_for_accessible_documents() -> None:
    """It is set once more where it cannot; so what it says of itself shows that it could."""
    for results in (example(), hostile()):
        assert b"pdfuaid" in render_pdf(results)


def test_no_line_of_the_pdf_leaves_its_page() -> None:
    pdf = pypdfium2.PdfDocument(render_pdf(example()))
    for page in pdf:
        width, _ = page.get_size()
        texts = page.get_textpage()
        for i in range(texts.count_rects()):
            left, _, right, _ = texts.get_rect(i)
            assert left > 0
            assert right < width - 40


def test_a_hostile_text_is_printed_as_text_by_typst() -> None:
    said = words(render_pdf(hostile()))
    for part in (
        '#panic("owned")',
        '#read("/etc/passwd")',
        '#eval("1+1")',
        "/* gone */",
        r"\input{/etc/passwd}",
    ):
        assert part in said, part
    assert "root:" not in said


def test_no_command_of_a_hostile_text_is_one_to_tex() -> None:
    tame = {name for text in latex_files(example()).values() for name in commands(text)}
    mine = latex_files(hostile())
    bad = {"write", "csname", "endcsname", "openout", "catcode", "def", "immediate"}
    for name in ("main.tex", "claims.tex"):
        assert not bad & commands(mine[name].split(rb"\begin{document}")[-1])
        assert b"^^" not in mine[name]
    assert commands(mine["claims.tex"]) <= tame | {
        "textbackslash", "textasciitilde", "textasciicircum", "textquotedbl", "textbar", "textless", "textgreater",
        "textquotesingle",
    }  # fmt: skip
    assert mine["main.tex"].count(rb"\input{") == 1
    assert b"\\input{" not in mine["claims.tex"]


def commands(text: bytes) -> set[str]:
    return set(re.findall(r"\\([A-Za-z]+)", text.decode("utf-8", errors="replace")))


def test_the_folder_holds_the_figures_that_it_shows() -> None:
    files = latex_files(example())
    shown = set(re.findall(rb"\\lmpanel\{([^}]+)\}", files["claims.tex"]))
    assert {f"figures/{name.decode()}" for name in shown} == {
        name for name in files if name.startswith("figures/")
    }
    assert len(shown) == 2
    assert all(files[f"figures/{name.decode()}"].startswith(b"%PDF") for name in shown)
    assert files["claims.tex"].isascii()


@pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="pdflatex is not installed; it compiles the LaTeX folder"
)
@pytest.mark.parametrize("make", [example, hostile])
def test_tex_compiles_the_folder(tmp_path: Path, make: Any) -> None:
    main = write_latex(make(), tmp_path)
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", main.name],
            cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert not (tmp_path / "owned").exists()
    assert "root:" not in words((tmp_path / "main.pdf").read_bytes())
    log = (tmp_path / "main.log").read_text(encoding="utf-8", errors="replace")
    if make is example:
        wide = [float(found) for found in re.findall(r"Overfull \\hbox \(([0-9.]+)pt", log)]
        assert max(wide, default=0.0) < 5


def test_a_printed_map_says_how_far_the_checks_go_and_how_claims_stand() -> None:
    made = document(claim("toy.eq1"), claim("toy.eq2", verdict="REFUTED"))
    made["papers"][0]["entries"] = [
        {
            "id": "one",
            "number": "Abstract 1",
            "title": "The first assertion",
            "kind": "claim",
            "basis": "text",
            "statement": "x = x",
            "claims": ["toy.eq1", "toy.eq2", "toy.eq3"],
            "reach": "As far as width 7.",
            "rests_on": [],
        }
    ]
    table = next(
        block
        for block in supplement(made).blocks
        if getattr(block, "rows", None) and "Abstract 1" in str(block)
    )
    (row,) = table.rows
    place, says, basis, claims = ("".join(run.text for run in cell) for cell in row)
    assert (place, basis) == ("Abstract 1", "text")
    assert says == "The first assertion. As far as width 7."
    assert claims.replace("\N{NO-BREAK SPACE}", " ") == "eq1 ≈, eq2 ✗, eq3"


def test_results_without_claims_are_still_a_document(tmp_path: Path) -> None:
    empty = document() | {"papers": []}
    assert "hold no claims" in words(render_pdf(empty))
    assert b"hold no claims" in latex_files(empty)["main.tex"]


def test_what_is_no_results_document_is_refused() -> None:
    for write in (render_pdf, latex_files):
        with pytest.raises(ReportError):
            write({"claims": []})


def test_a_long_step_that_several_derivations_share_is_printed_once() -> None:
    long = " + ".join(rf"\frac{{a_{{{i}}}}}{{b_{{{i}}}}}" for i in range(20))
    shared = [{"text": "Start.", "latex": long}, {"text": "Then.", "latex": "a = b"}]
    both = document(*(claim(f"toy.eq{i}", evidence=[evidence(derivation=shared)]) for i in (1, 2)))
    said = words(render_pdf(both))
    assert said.count("The formula stands in step 1 of toy.eq1.") == 1
    assert latex_files(both)["claims.tex"].count(rb"\lmdisplay{a=b}") == 2
