"""`lemmata derive`: every equation in every form, and what is printed can be used."""

from __future__ import annotations

from typing import Any

import pytest

from theory import equations
from verify.cli import main
from verify.commands.derive import Form


def printed(capsys: pytest.CaptureFixture[str], name: str, form: Form, dim: int) -> str:
    order = "3" if equations.find(name).any_order else "1"
    status = main(["derive", name, "--dim", str(dim), "--order", order, "--as", form.value])
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    return captured.out


@pytest.mark.parametrize("name", list(equations.EQUATIONS))
def test_every_form_of_every_equation(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, name, Form.TEXT, 1)
    assert all(" = " in line for line in text.splitlines())
    latex = printed(capsys, name, Form.LATEX, 1)
    assert latex.count("{") == latex.count("}")
    assert "_" not in "".join(
        part.partition("}")[0].replace(r"\_", "") for part in latex.split(r"\text{")[1:]
    )
    code = printed(capsys, name, Form.PYTHON, 1)
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert callable(scope[name.replace(".", "_")])
    source = printed(capsys, name, Form.C, 1)
    assert f" {name.replace('.', '_')}(" in source
    assert source.count("{") == source.count("}")
    again: dict[str, Any] = {}
    exec(printed(capsys, name, Form.SYMPY, 1), again)
    assert len(again["equations"]) == len(text.splitlines())


def test_two_dimensions_have_their_own_equations(capsys: pytest.CaptureFixture[str]) -> None:
    assert "mu0_0_2" in printed(capsys, "moments.drop", Form.TEXT, 2)
    assert printed(capsys, "eq21.spectrum", Form.TEXT, 2).endswith("= 3*m - 1\n")


def test_an_equation_that_needs_a_higher_order_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "eq21.displacement"]) == 2
    assert "stops there exactly" in capsys.readouterr().err
