"""`lemmata derive --data --target`: moments put in exactly, balls beside, and refusals in one sentence."""

from __future__ import annotations

from pathlib import Path

import mpmath
import pytest

from verify.cli import main


def derive(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        status = main(["derive", *arguments]) or 0
    except SystemExit as end:
        status = int(end.code or 0)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_moments_are_put_in_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = derive(
        capsys, "truncated", "--order", "3", "--activation", "tanh", "--data", "uniform", "--target", "x+x**3"
    )
    # M₄ = 9/5, M₆ = 27/7, F₃ = (M₄ + M₆)/(1 + M₄) = 99/49.
    assert status == 0
    terms = out.splitlines()[0].removeprefix("da_k/dt = ").replace("- ", "+ -").split(" + ")
    assert set(terms) == {
        "-33*w1_k**3/49",
        "-3*w1_k**3*Sum[a_j*w1_j**3]/7",
        "3*w1_k**3*Sum[a_j*w1_j]/5",
        "3*w1_k*Sum[a_j*w1_j**3]/5",
        "-w1_k*Sum[a_j*w1_j]",
        "w1_k",
    }
    assert err == ""


def test_what_has_no_exact_form_is_enclosed_beside(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = derive(
        capsys, "truncated", "--order", "3", "--data", "uniform", "--target", "tanh(2*x)"
    )
    assert status == 0
    assert "F3" in out
    with mpmath.workdps(30):
        nodes = mpmath.linspace(0, mpmath.sqrt(3), 9)
        first, third = (mpmath.quad(lambda u, k=k: mpmath.tanh(2 * u) * u**k, nodes) for k in (1, 3))
        name, ball = err.strip().rstrip("]").split(" = [")
        mid, radius = map(mpmath.mpf, ball.split(" +/- "))
        assert name == "F3"
        assert abs(mid - third / first) <= radius < mpmath.mpf("1e-18")


@pytest.mark.parametrize("name", ["ball", "two-point", "gaussian"])
def test_the_other_names_have_unit_second_moments(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, out, _ = derive(capsys, "eq15", "--dim", "2", "--data", name, "--target", "x1")
    assert (status, out) == (0, "da_k/dt = w1_k\ndw1_k/dt = a_k\ndw2_k/dt = 0\n")


def test_a_file_is_taken_as_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("x,y\n1,3\n-1,-3\n1/2,0.1\n-1/2,-0.1\n")
    status, out, _ = derive(capsys, "eq18.flow", "--data", str(file))
    # M₂ = 5/8, z = (3 + 0.05)/2 = 61/40.
    assert status == 0
    assert out == "dP/dt = -5*P*Q/4 + 61*Q/20\ndQ/dt = -5*P**2/4 + 61*P/20\n"


def test_data_whose_condensed_direction_turns(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("x1,x2,y\n1,0,3\n-1,0,-3\n0,2,1\n0,-2,-1\n")
    assert derive(capsys, "eq7", "--data", str(file))[0] == 0
    status, _, err = derive(capsys, "eq16", "--data", str(file))
    assert status == 2
    assert "not an eigenvector" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "x"], "--target needs --data"),
        (["--data", "uniform"], "needs --target, a formula in x."),
        (["--data", "uniform", "--dim", "2"], "a formula in x1 to x2"),
        (["--data", "cauchy", "--target", "x"], "neither one of uniform"),
        (["--data", "uniform", "--target", "x**2"], "Assumption 2"),
        (["--data", "uniform", "--target", "1/x"], "not shown to be finite"),
        (["--data", "uniform", "--target", "y"], "'y' is unknown"),
        (["--data", "nowhere.csv"], "Cannot read"),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    status, out, err = derive(capsys, "eq10", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_columns_without_names_are_shown_as_they_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bare.csv").write_text("1,2\n3,4\n")
    status, _, err = derive(capsys, "eq10", "--data", str(tmp_path / "bare.csv"))
    assert status == 2
    assert "the columns are 1, 2; they must be y and x1 to xd" in err
