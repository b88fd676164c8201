"""`lemmata derive --activation`: names, formulas, other slopes, and what is refused."""

from __future__ import annotations

import pytest

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
