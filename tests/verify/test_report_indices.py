"""Indices that were typed: lowered and raised in the pages and in print, left alone where a program wrote them."""

from __future__ import annotations

import pytest

from verify.report.indices import in_characters, pieces
from verify.report.latex import latex_files
from verify.report.mathml import prose
from verify.report.text_runs import prose as runs


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("T_2", "T<sub>2</sub>"),
        ("T_half − t_½", "T<sub>half</sub> − t<sub>½</sub>"),
        ("log₂(c_loss/2)", "log₂(c<sub>loss</sub>/2)"),
        ("|1 − ηλ_max|", "|1 − ηλ<sub>max</sub>|"),
        ("ξ²_max = 40", "ξ²<sub>max</sub> = 40"),
        ("f_θ(x) = Σ a_k", "f<sub>θ</sub>(x) = Σ a<sub>k</sub>"),
        ("V_i(0)", "V<sub>i</sub>(0)"),
        ("W_p^p", "W<sub>p</sub><sup>p</sup>"),
        ("2^-25 < 10^3", "2<sup>−25</sup> &lt; 10<sup>3</sup>"),
        ("e^{2T_1} P", "e<sup>2T₁</sup> P"),
        ("m^(−1/20)", "m<sup>−1/20</sup>"),
        ("λ^H₀", "λ<sup>H</sup>₀"),
        ("lambda_0 = 3/4, zeta = 1", "λ<sub>0</sub> = 3/4, ζ = 1"),
    ],
)
def test_what_was_typed_is_set(typed, set_):
    assert prose(typed) == set_


@pytest.mark.parametrize(
    "text",
    [
        "Sum[a_j**2*w1_j**2] in -3*X",
        "(a*(E + 1/E))**2/4 <= E**2*q_lin",
        "LEMMATA_CACHE and numerics.llas_enclosed",
        "real_order.py",
        "a _ b ^ c",
        "_x and ^y",
        "x_ and y^",
        "x1_1",
    ],
)
def test_names_and_programs_stay_as_they_are(text):
    assert list(pieces(text)) == [("text", text)]
    assert in_characters(text) == text


def test_the_pieces_hold_all_of_the_text():
    text = "At T_2 the λ_max is 2^-5, <b>x_i</b>; $T_1$ is a formula and `c_loss` code"
    assert [run.text for run in runs("At T_2")] == ["At T", "2"]
    assert "<b>" not in prose(text)
    assert "<code>c_loss</code>" in prose(text)
    assert "x<sub>i</sub>" in prose(text)


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("T_2 and λ_max", "T₂ and λₘₐₓ"),
        ("10^-3", "10⁻³"),
        ("T_half", "T_half"),
        ("m^(−1/20)", "m^(−1/20)"),
    ],
)
def test_labels_in_drawings_use_the_characters_that_there_are(typed, set_):
    assert in_characters(typed) == set_


def test_the_printed_forms_lower_and_raise_as_well():
    assert [run.kind for run in runs("c_loss^2")] == ["text", "sub", "super"]
    document = {
        "schema": "lemmata/results/1",
        "created": "2026-05-04T03:02:01+00:00",
        "effort": "quick",
        "seed": 0,
        "versions": {},
        "machine": {},
        "papers": [{"name": "p", "title": "At T_2", "reference": "e^-3"}],
        "claims": [],
        "summary": {},
        "mutants": {"killed": 0, "with_witness": 0, "total": 0},
    }
    from report_samples import claim

    document["claims"] = [claim("p.one", title="Up to T_2", detail="e^-3")]
    text = b"".join(
        content for name, content in latex_files(document).items() if name.endswith(".tex")
    ).decode()
    assert r"Up to T\textsubscript{2}" in text
