"""Choices that are given as text: what they accept, that readings are noted, and what the commands make of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from numerics.activation import Activation, activation
from verify import Choice, Paper, PaperError, load_results, run, select
from verify.cli import main
from verify.parameters import one_of, recording
from verify.results import SCHEMA_FILE

TOY = """
from numerics.activation import activation
from verify.parameters import one_of

sigma = paper.choice("sigma", "tanh", of=activation, allowed="a name or a formula in u", symbol=r"\\sigma",
                     meaning="The activation.")
norm = paper.choice("norm", "two", of=one_of("two", "max"), allowed="two or max", meaning="The norm.")

def slope(context):
    import numpy as np
    right = abs(float(sigma.value.value(np.array(1e-4))) - 1e-4) < 1e-9
    return Evidence(Verdict.SUPPORTED if right else Verdict.REFUTED, "simulation", sigma.text)

paper.checked("a", Check("simulation", slope))
paper.checked("b", Check("symbolic", lambda context: Evidence(Verdict.PROVED, "symbolic", norm.value)))
"""


@pytest.fixture
def sigma() -> Choice[Activation]:
    return Paper("Toys").choice("sigma", "tanh", of=activation, allowed="a name or a formula", meaning="m")


def test_a_choice_is_what_its_text_stands_for_and_its_reading_is_noted(sigma: Choice[Activation]) -> None:
    with recording() as read:
        assert sigma.allowed == "a name or a formula"
        sigma.use(" u - u**3/3 ")
    assert read == set()
    with recording() as read:
        assert sigma.value.name == sigma.text == "u - u**3/3"
    assert read == {"sigma"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nothing", "the activation is neither one of tanh, .*the name 'nothing' is unknown"),
        ("cos(u)", "it is even, so it has no linear part"),
        ("u**3", "its slope at 0 is 0"),
        ("u + 1", "its value at 0 is 1"),
        ("'u'", "is not allowed in a formula"),
        ('tanh(u"', "is not allowed in a formula"),
        ("u\n+ u**3", "it is a name or a formula"),
        ("u\x00", "it is a name or a formula"),
        ("u + " * 2000 + "u", "it has 8001 characters, and at most 200 are taken"),
        ("1/0 + u", "it is not finite at 0"),
        ("", "it is a name or a formula"),
        (3, "it is a name or a formula"),
        (None, "it is a name or a formula"),
    ],
)
def test_what_it_cannot_be_is_refused_in_one_line(
    sigma: Choice[Activation], given: object, words: str
) -> None:
    with pytest.raises(PaperError, match=rf"^toys\.sigma cannot be .*: .*{words}.*\.$") as caught:
        sigma.accepted(given)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_words_are_taken_and_no_others() -> None:
    norm = Paper("Toys").choice("norm", "two", of=one_of("two", "max"), allowed="two or max", meaning="m")
    assert [norm.accepted(given) for given in ("two", " max")] == ["two", "max"]
    with pytest.raises(PaperError, match=r"^toys\.norm cannot be 'Two': it is two or max\.$"):
        norm.accepted("Two")


@pytest.mark.parametrize(
    ("name", "default", "words"),
    [("sigma", "sin", "two parameters"), ("a b", "sin", "not a parameter's name"), ("x", "cos", "cannot be")],
)
def test_a_declaration_that_makes_no_sense_is_refused(name: str, default: Any, words: str) -> None:
    paper = Paper("Toys")
    paper.parameter("sigma", 1, meaning="Any number.")
    with pytest.raises(PaperError, match=words):
        paper.choice(name, default, of=activation, allowed="a name or a formula", meaning="m")
    assert list(paper.parameters) == ["sigma"]


def test_only_claims_that_read_it_are_checked_again(toy: Callable[..., Path]) -> None:
    selection = select([str(toy(TOY))])

    def examined(**parameters: object) -> dict[str, tuple[str, bool]]:
        found = run(selection, jobs=1, parameters=parameters)
        return {one.id.removeprefix("toys."): (one.detail, one.cached is None) for one in found}

    assert examined() == {"a": ("tanh", True), "b": ("two", True)}
    assert examined(sigma="sin") == {"a": ("sin", True), "b": ("two", False)}
    assert examined(sigma="sin", norm="max") == {"a": ("sin", True), "b": ("max", True)}
    # The default written out is no change, nor are blanks around it.
    assert examined(sigma=" tanh ", norm="two") == {"a": ("tanh", False), "b": ("two", False)}


def test_results_name_it_and_can_be_repeated(toy: Callable[..., Path], tmp_path: Path) -> None:
    file, out = str(toy(TOY)), tmp_path / "out"
    formula = "u/(1 + u**2)"
    assert main(["verify", file, "--set", f"sigma={formula}", "--out", str(out), "--jobs", "1"]) == 0
    document = load_results(out / "results.json")
    jsonschema.validate(document, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    sigma, norm = document["papers"][0]["parameters"]
    assert (sigma["value"], sigma["default"], sigma["changed"]) == (formula, "tanh", True)
    assert (sigma["allowed"], sigma["claims"]) == ("a name or a formula in u", ["toys.a"])
    assert (norm["value"], norm["changed"], norm["claims"]) == ("two", False, ["toys.b"])
    assert main(["report", "--check", str(out / "results.json"), file, "--jobs", "1"]) == 0


@pytest.mark.parametrize("text", ["sigma=cos(u)", "sigma=nothing", "sigma=u\nu", "norm=three", "sigma='"])
def test_a_bad_choice_is_bad_usage(
    toy: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = str(toy(TOY))
    assert main(["verify", file, "--set", text, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    name = text.partition("=")[0]
    assert said.startswith(f"lemmata: toys.{name} cannot be ")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_choice_read_while_the_file_is_loaded_is_refused(
    toy: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(toy(TOY + "\nearly = sigma.value\n"))]) == 2
    assert "read while its paper is being loaded" in capsys.readouterr().err
