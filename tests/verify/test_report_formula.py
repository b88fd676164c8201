"""Formulas of the printed reports: understood, written anew with the same meaning, and never a command of a stranger.

The oracle for the meaning is latex2mathml, which shares no code with the parser here: a formula and the LaTeX that is
written anew from its tree must come out as the same MathML.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latex2mathml.converter import convert_to_element

from verify.load import BUILT_IN, PaperSource
from verify.report.formula import FormulaError, lines, parse
from verify.report.formula_latex import display, latex
from verify.report.formula_typst import tree
from verify.report.latex_text import code, escaped
from verify.report.mathml import statement as mathml_statement
from verify.report.text_runs import is_prose, prose, understood

FORMULAS = [
    r"\frac{dP}{dt} = 2Q(1-P)",
    r"\dot{w_{k}^{(1)}} = - a_{k} \left(x_{1}' - \int f^{*}\left(x_{1}\right)\,\rho\right)",
    r"\begin{aligned} a &= b \\ c &= \sqrt[3]{d} \end{aligned}",
    r"\max_t |P - Q|^{2} \le \tfrac{5}{m}, \quad u \in \mathbb{R}",
    r"\bigl(\sum_{j=1}^{m} a_j\bigr) \Longrightarrow \lVert w \rVert_2 \leq \operatorname{erf}\left(u\right)",
    r"\left\langle A, B \right\rangle \ne \binom{n}{k} \cdot \hat{x} + \overline{ab}",
    r"x^{\prime\prime} + \lim_{t \to \infty} f(t)",
    r"\text{for all } n \ge 1",
]
HOSTILE = [
    r"\input{/etc/passwd}",
    r"\write18{touch pwned}",
    r"\def\x{\x}\x",
    r"a }\end{document}",
    r"\begin{verbatim}x\end{verbatim}",
    r"\csname input\endcsname",
    r"\catcode`\@=11",
    r"x^^5cinput",
    r"\operatorname{\input{x}}",
    r"\text{\immediate\write18{x}}",
    r"\mathrm{\openout3=x}",
    r"\begin{array}{@{\input{x}}}a\end{array}",
    "a % b",
    "a # b",
    r"\left( a",
    "a } b",
    "{" * 40 + "}" * 40,
    "x^2^3",
    r"\unknown",
]


def mathml(source: str) -> str:
    """What latex2mathml makes of it, without how tall a delimiter is told to be and where groups were written."""
    text = tostring(convert_to_element(source), encoding="unicode")
    bare = re.sub(r"</?mrow>|\s+", "", re.sub(r"(<\w+)(?: [^>]*)?>", r"\1>", text))
    # A bar is a letter to it or a sign, depending on how it is typed.
    return re.sub(r"<(m[io])>(&amp;#x0007C;)</\1>", r"\2", bare)


@pytest.mark.parametrize("source", FORMULAS)
def test_what_is_written_anew_means_the_same(source: str) -> None:
    assert mathml(latex(parse(source))) == mathml(source)


def test_writing_anew_twice_changes_nothing() -> None:
    for source in FORMULAS:
        once = latex(parse(source))
        assert latex(parse(once)) == once


@pytest.mark.parametrize("source", HOSTILE)
def test_what_is_not_mathematics_is_refused(source: str) -> None:
    with pytest.raises(FormulaError):
        parse(source)


def test_the_lines_of_an_aligned_formula() -> None:
    aligned = parse(r"\begin{aligned} a &= b \\ c &= d \end{aligned} \quad (x > 0)")
    assert [[latex(cell).strip() for cell in row] for row in lines(aligned)] == [
        ["a", "=b"],
        ["c", r"=d\quad (x>0)"],
    ]
    assert len(lines(parse("a = b"))) == 1
    assert display(parse("a = b")).startswith(r"\lmdisplay{a=b}")


COMMAND = re.compile(r"\\([A-Za-z]+)")
DANGEROUS = {
    "input",
    "include",
    "write",
    "immediate",
    "openout",
    "openin",
    "read",
    "def",
    "csname",
    "catcode",
    "let",
}


@given(
    st.text(alphabet=st.sampled_from(list("ab12{}^_&\\$%#~'|()[] .,-")), max_size=40) | st.text(max_size=30)
)
def test_any_text_is_refused_or_becomes_balanced_latex(text: str) -> None:
    try:
        node = parse(text)
    except FormulaError:
        return
    written = latex(node)
    plain = re.sub(r"\\[\\{}]", "", written)
    depth = 0
    for char in plain:
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0
    assert not DANGEROUS & set(COMMAND.findall(written))
    assert not re.search(r"(?<!\\)[%#$]", written.replace(r"\text", ""))
    tree(node)


@given(st.text(max_size=60))
def test_any_text_can_be_printed_by_tex(text: str) -> None:
    for written in (escaped(text), code(text)):
        assert written.isascii()
        assert not DANGEROUS & set(COMMAND.findall(written))
        assert not re.search(r"(?<!\\)[%#$&~^_](?!\{)", re.sub(r"\\[~^]\{|~", "", written))


def test_ordinary_text_stays_readable() -> None:
    assert escaped("Café: α ≤ x², 5 % & more") == (
        r"Caf\'{e}: \ensuremath{\alpha} \ensuremath{\le} x\textsuperscript{2}, 5 \% \& more"
    )
    assert escaped("a--b") == "a-{}-b"
    assert "[U+4E2D]" in escaped("中")


def test_every_formula_of_the_built_in_papers_is_understood() -> None:
    missed = []
    for name in BUILT_IN:
        paper = PaperSource.built_in(name).load()
        for claim in paper:
            statement = claim.statement() if callable(claim.statement) else claim.statement
            texts = [claim.title, claim.where, claim.expected_reason, *claim.hypotheses]
            missed += _missed(claim.id, statement, texts)
        for entry in paper.entries:
            missed += _missed(entry.id, entry.statement, [entry.title, entry.reach])
    assert missed == []


def test_every_statement_of_the_built_in_papers_is_a_formula_on_its_page() -> None:
    raw = []
    for name in BUILT_IN:
        paper = PaperSource.built_in(name).load()
        shown = {claim.full_id: claim.statement_text() for claim in paper}
        shown |= {f"{name}, entry {entry.id}": entry.statement for entry in paper.entries}
        raw += [id for id, text in shown.items() if text and "<code" in mathml_statement(text)]
    assert raw == []


@pytest.mark.parametrize("size", ["big", "Big", "bigg", "Bigg"])
@pytest.mark.parametrize(
    ("names", "pair"),
    [(r"langle \rangle", "⟨⟩"), (r"lfloor \rfloor", "⌊⌋"), (r"lceil \rceil", "⌈⌉"), (r"{ \}", "{}")],
)
def test_tall_delimiters_are_drawn_on_pages(size: str, names: str, pair: str) -> None:
    left, right = names.split()
    drawn = mathml_statement(rf"\{size}l\{left} x \{size}r{right}")
    assert all(f">{sign}</mo>" in drawn for sign in pair)


def test_signs_that_tex_escapes_are_drawn_on_pages() -> None:
    assert "within\N{NO-BREAK SPACE}5\N{NO-BREAK SPACE}%" in mathml_statement(r"x = 1 \text{ within 5 \%}")


def _missed(id: str, statement: str, texts: list[str]) -> list[tuple[str, str]]:
    if is_prose(statement):
        texts = [*texts, statement]
    elif statement and understood(statement) is None:
        return [(id, statement)]
    return [(id, run.text) for text in texts for run in prose(text) if run.kind == "source"]
