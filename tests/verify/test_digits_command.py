"""`lemmata simulate --digits`: text of so many digits that agrees with the double-precision run; exact files."""

from __future__ import annotations

import json

import mpmath
import pytest

from verify.cli import main


def simulated(capsys: pytest.CaptureFixture[str], *options: str) -> dict:
    assert main(["simulate", *options, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_digits_agree_with_the_run_in_double_precision(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--width", "6", "--samples", "6", "--until", "5", "--seed", "3")
    precise = simulated(capsys, *options, "--digits", "30")
    plain = simulated(capsys, *options, "--neurons", "all", "--rtol", "1e-12")
    assert float(precise["milestones"]["T2"]) == pytest.approx(plain["milestones"]["T2"], abs=1e-9)
    for name in ("loss", "P", "Q"):
        assert float(precise["final"][name]) == pytest.approx(plain["final"][name], rel=1e-9)
        assert len(precise["final"][name].replace("0.", "").replace(".", "")) >= 29
    assert precise["max_abs_P_minus_reduced"] == pytest.approx(plain["max_abs_P_minus_reduced"], rel=1e-3)
    assert precise["error_estimate"] < 1e-30


def test_a_formula_is_followed_as_the_built_in_activation_it_equals(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """tanh(2u) has slope 2 at 0, so that σ(u/2) = tanh u is meant; each formula has derivatives of its own."""
    options = ("--width", "2", "--samples", "4", "--until", "2", "--seed", "1", "--digits", "40")
    known = simulated(capsys, *options)
    for formula in ("(exp(u) - exp(-u))/(exp(u) + exp(-u))", "tanh(2*u)"):
        found = simulated(capsys, *options, "--activation", formula)
        assert found["provenance"]["activation"] == formula
        assert found["error_estimate"] < 1e-40
        with mpmath.workdps(60):
            for name in ("loss", "P", "Q"):
                one, other = (mpmath.mpf(run["final"][name]) for run in (found, known))
                assert abs(one - other) < mpmath.mpf(10) ** -37


def test_numbers_of_a_file_are_taken_exactly(capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    """Rational text in both files; P starts at exactly 3/100."""
    weights, data = tmp_path / "weights.csv", tmp_path / "data.csv"
    weights.write_text("a,w1\n1/10,3/10\n")
    data.write_text("x1,y\n1/3,1/7\n-1/3,-1/7\n")
    found = simulated(
        capsys, "--initial", str(weights), "--data", str(data), "--until", "1e-9", "--digits", "40"
    )
    # To first order in t, P = a w grows from 3/100 by t (a ȧ' + …): dP/dt = w ȧ + a ẇ with −∇R at the exact start.
    with mpmath.workdps(50):
        a, w, x, y, t = (mpmath.mpf(p) / q for p, q in ((1, 10), (3, 10), (1, 3), (1, 7), (1, 10**9)))
        pull = y - a * mpmath.tanh(w * x)
        rate = w * pull * mpmath.tanh(w * x) + a * a * pull * x * mpmath.sech(w * x) ** 2
        assert abs(mpmath.mpf(found["final"]["P"]) - a * w - t * rate) < mpmath.mpf(10) ** -18


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--digits", "3"), "15 to 400"),
        (("--digits", "30", "--neurons", "all"), "contradict"),
        (("--digits", "30", "--descent"), "contradict"),
        (("--digits", "30", "--rtol", "1e-3"), "contradict"),
        (("--digits", "30", "--activation", "u + u**3*abs(u - 20)"), "analytic"),
        (("--digits", "30", "--activation", "relu"), "neither one of"),
    ],
)
def test_what_does_not_go_together_is_refused(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], part: str
) -> None:
    assert main(["simulate", "--width", "4", "--samples", "4", *options]) == 2
    said = capsys.readouterr().err
    assert part in said
    assert len(said.strip().splitlines()) == 1
