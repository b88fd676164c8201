"""Formulas in the pages: MathML that is nothing but mathematics, and words where a formula cannot be set."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from report_samples import (
    Page,
)

from verify.report.mathml import math as formula
from verify.report.mathml import prose, statement
from verify.report.plain import plain

THIN = '<mspace width="0.167em" />'


def tree(latex: str) -> Element:
    return fromstring(str(statement(latex)))


@pytest.mark.parametrize("latex", [r"\lVert x\rVert \int", r"|x| \int", r"\|x\| \sum"])
def test_bars_do_not_grow_with_what_stands_beside_them(latex):
    bars = [one for one in tree(latex).iter("mo") if one.text in ("|", "‖")]
    assert len(bars) == 2
    assert {one.get("stretchy") for one in bars} == {"false"}


def test_bars_that_are_said_to_stretch_do():
    bars = [one for one in tree(r"\left\| \int x \right\|").iter("mo") if one.text == "‖"]
    assert [one.get("stretchy") for one in bars] == ["true", "true"]


@pytest.mark.parametrize(
    ("latex", "tag", "held"),
    [
        (r"M\Bigl(\frac{t}{r}\Bigr)^j", "msup", "(tr)"),
        (r"\bigl|x\bigr|^2", "msup", "|x|"),
        (r"\bigl[\bigl[x\bigr]\bigr]_3", "msub", "[[x]]"),
        (r"\bigl(a\bigr)\bigl(b\bigr)_1^2", "msubsup", "(b)"),
    ],
)
def test_a_sized_bracket_takes_its_pair_into_the_base_of_its_index(latex, tag, held):
    (scripted,) = tree(latex).iter(tag)
    assert "".join(scripted[0].itertext()) == held


@pytest.mark.parametrize("latex", [r"x\Bigr)^2", r"\Bigl(x & y\Bigr)^2"])
def test_a_bracket_without_its_pair_in_the_same_cell_stays_where_it_is(latex):
    (scripted,) = tree(latex).iter("msup")
    assert "".join(scripted.itertext()) == ")2"


@pytest.mark.parametrize(("latex", "prime"), [(r"\sigma'(u)", "′"), (r"f''", "″"), (r"m'", "′")])
def test_a_prime_stands_beside_its_letter_at_full_size(latex, prime):
    found = tree(latex)
    assert not list(found.iter("msup"))
    assert prime in [one.text for one in found.iter("mo")]


def test_a_prime_with_another_index_stays_raised_above_it():
    (scripted,) = tree("P_k'").iter("msubsup")
    assert "".join(scripted.itertext()) == "Pk′"


@pytest.mark.parametrize(
    ("latex", "wanted"),
    [
        (r"\frac{1}{2}", "<mfrac>"),
        (r"a < b \& c", "<mo>&lt;</mo>"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "<mtr>"),
        (r"a \\ b", "<mtr>"),
        (r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}", "<mtable>"),
        (r"\mathrm{d}t", '<mi mathvariant="normal">d</mi>'),
        (r"\dot a", '<mover accent="true">'),
        (r"\max_j x", "<munder><mo"),
        (r"\log m", '<mi>log</mi><mspace width="0.167em" /><mi>m</mi>'),
        (r"\log_2 m", '<msub><mi>log</mi><mn>2</mn></msub><mspace width="0.167em" /><mi>m</mi>'),
        (r"\gamma\log m", f"<mi>γ</mi>{THIN}<mi>log</mi>{THIN}<mi>m</mi>"),
        (r"x_1\log m", f"</msub>{THIN}<mi>log</mi>"),
        (r"(2\alpha-1)\log m", f'<mo stretchy="false">)</mo>{THIN}<mi>log</mi>'),
        (r"\|x\|\log m", f"‖</mo>{THIN}<mi>log</mi>"),
        (r"2\sin x\cos y", f"<mn>2</mn>{THIN}<mi>sin</mi>{THIN}<mi>x</mi>{THIN}<mi>cos</mi>{THIN}<mi>y</mi>"),
        (r"2\max_k x", f"<mn>2</mn>{THIN}<munder>"),
        (r"\log\log m", f"<mi>log</mi>{THIN}<mi>log</mi>"),
        (r"-\log m", "<mo>−</mo><mi>log</mi>"),
        (r"|\log m|", "|</mo><mi>log</mi>"),
        (r"m\,\log m", f"<mi>m</mi>{THIN}<mi>log</mi>"),
        (r"m &= 2 \\ &\log m", '<mtd class="left"><mi>log</mi>'),
        (r"\sin^2 x", '<msup><mi>sin</mi><mn>2</mn></msup><mspace width="0.167em" /><mi>x</mi>'),
        (r"\frac{\sin}{\cos}", "<mfrac><mrow><mi>sin</mi></mrow><mrow><mi>cos</mi></mrow></mfrac>"),
    ],
)
def test_formulas_become_mathml(latex: str, wanted: str) -> None:
    set_ = formula(latex, display=True)
    assert set_.startswith("<math ")
    assert wanted in set_


@pytest.mark.parametrize("latex", [r"\unknown{x}", "}{", "", "{" * 5000, "a\x00b", "x" * 30_000, "\\"])
def test_what_cannot_be_set_stays_latex(latex: str) -> None:
    assert formula(latex).startswith('<code class="latex">')


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:red}{x}",
        r"\class{evil}{x}",
        r"\text{<script>alert(1)</script>}",
        r"\text{&lt;script&gt;&#x3c;script&#x3e;}",
        r"<script>",
        r"\color{red\" onclick=\"alert(1)}{x}",
        r"\mathrm{<b>}",
    ],
)
def test_formulas_carry_nothing_but_mathematics(latex: str) -> None:
    page = Page(str(formula(latex)))
    allowed = {"display", "alttext", "mathvariant", "stretchy", "form", "fence", "accent", "class"}
    for tag, attributes in page.elements:
        assert tag in ("math", "code") or tag.startswith("m"), tag
        assert set(attributes) <= allowed
        assert attributes.get("class", "latex") == "latex"


def test_prose_sets_formulas_and_code_and_escapes_the_rest() -> None:
    assert prose("a < $b$ & `c<d`").startswith("a &lt; <math ")
    assert prose("a < $b$ & `c<d`").endswith(" &amp; <code>c&lt;d</code>")
    assert prose("it costs $5") == "it costs $5"


def test_a_statement_in_words_is_not_set_as_one_formula() -> None:
    assert statement("for all $t$: bounded").startswith("for all <math ")
    assert statement(r"x \ \text{where $x$ is real}").startswith("<math ")


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("$T_1$", "T₁"),
        (r"$\alpha^{-2}$ (no unit)", "α⁻² (no unit)"),
        (r"$\lVert w \rVert$", "‖w ‖"),
        (r"$T_1 = \gamma\log m$", "T₁ = γ log m"),
        (r"$m^{2}\log m - \log(n) + |\log\log k|$", "m² log m - log(n) + |log log k|"),
        (r"$(2\alpha-1)\max_k x$", "(2α-1) max_k x"),
        (r"$\frac{1}{2}$", r"$\frac{1}{2}$"),
        ("5 $ or 6", "5 $ or 6"),
    ],
)
def test_labels_are_plain_text(label: str, wanted: str) -> None:
    assert plain(label) == wanted
