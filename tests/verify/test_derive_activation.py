"""`lemmata derive --activation`: names, formulas, other slopes, and what is refused."""

from __future__ import annotations

import re

import pytest
import sympy as sp

from verify.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["derive", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_name_and_its_formula_say_the_same(capsys):
    _, named, note = run(capsys, "truncated", "--activation", "rational", "--order", "3")
    _, written, _ = run(capsys, "truncated", "--activation", "u/sqrt(1+u**2)", "--order", "3")
    _, with_x, _ = run(capsys, "truncated", "--activation", "x/sqrt(1+x**2)", "--order", "3")
    assert named == written == with_x
    assert note == ""
    assert "w1_k**3*F3/2" in named.replace(" ", "")


def test_another_slope_is_rescaled_with_a_note(capsys):
    _, plain, _ = run(capsys, "truncated", "--activation", "tanh", "--order", "5")
    status, scaled, note = run(capsys, "truncated", "--activation", "tanh(2*u)", "--order", "5")
    assert (status, scaled) == (0, plain)
    assert "the slope at 0 is 2" in note


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("cos(u)", "σ(0) = 1"),
        ("u**3", "σ'(0) = 0"),
        ("u + u**2", "even part"),
        ("u*abs(u)", "not smooth at u = 0"),
        ("tan(u)", "not defined"),
        ("1/u", "not smooth at u = 0"),
        ("v + 1", "v"),
    ],
)
def test_refusals_say_why(capsys, formula, words):
    status, out, err = run(capsys, "eq10", "--activation", formula)
    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("name", "c3"), [("tanh", "-1/3"), ("arctan", "-1/3"), ("rational", "-1/2")])
def test_the_coefficients_of_the_slow_flow_are_numbers_where_an_activation_is_given(capsys, name, c3):
    """b4 speaks of c3 at the first order already; c3 is the third derivative at 0 over 6, put in here by hand."""
    _, general, _ = run(capsys, "b4")
    status, given, _ = run(capsys, "b4", "--activation", name)
    assert status == 0
    assert "c3" in general
    assert "c3" not in given
    F3, M4, a_k, Lambda = 7, 3, 5, 11
    names = {"F3": F3, "M4": M4, "w1_k": sp.Rational(1, 2), "a_k": a_k, "Lambda": Lambda}
    rates = [line.split(" = ")[1] for line in given.splitlines()]
    found = [sp.sympify(rate, locals=names) for rate in rates]
    third = sp.Rational(c3) * (F3 - M4)
    half = sp.Rational(1, 2)
    assert found == [third * half**3 + half * Lambda, 3 * third * a_k * half**2 + a_k * Lambda]


@pytest.mark.parametrize("equation", ["b2.shift", "b3", "b4.multiplier", "eq21.spectrum", "moments.gauss"])
@pytest.mark.parametrize("form", ["text", "python", "c"])
def test_no_form_leaves_a_coefficient_of_a_given_activation(capsys, equation, form):
    status, text, _ = run(capsys, equation, "--activation", "tanh", "--as", form)
    assert status == 0
    assert re.search(r"\bc\d", text) is None
