"""Constants that a user may change: what they accept, that readings are noted, and what is checked again."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from verify import Paper, PaperError, load_results, run, select
from verify.cli import main
from verify.parameters import Parameter, assignments, recording, remembered, settings_of
from verify.results import SCHEMA_FILE

TOY = """
from verify.parameters import remembered

share = paper.parameter("share", "1/10", between=(0, "1/2"), symbol="s", meaning="A share.")
count = paper.parameter("count", 3, between=(1, 9), whole=True, meaning="A number.")

@remembered
def square():
    return share.value ** 2

def evidence(found):
    return Evidence(Verdict.PROVED, "symbolic", f"{found}")

paper.checked("a", Check("symbolic", lambda context: evidence(square())))
paper.checked("b", Check("symbolic", lambda context: evidence(square() + count.value)))
paper.checked("c", Check("symbolic", lambda context: evidence("nothing")), mutants=lambda: [
    Mutant("m", "about", "1 = 2", lambda context: Evidence(Verdict.REFUTED, "symbolic", f"{count.value}"), lambda: "w")
])
"""


@pytest.fixture
def share() -> Parameter:
    return Paper("Toys").parameter("share", "1/10", between=(0, "1/2"), meaning="A share.")


def test_a_value_is_exact_and_its_reading_is_noted(share: Parameter) -> None:
    with recording() as outer, recording() as inner:
        assert share.value == Fraction(1, 10)
    assert outer == inner == {"share"}
    with recording() as read:
        assert share.allowed == "a number above 0 and below 1/2"
    assert read == set()


@pytest.mark.parametrize("given", ["0.05", "1/20", "5e-2", 0.05, Fraction(1, 20)])
def test_a_value_is_meant_as_it_is_written(share: Parameter, given: object) -> None:
    assert share.accepted(given) == Fraction(1, 20)


@pytest.mark.parametrize(
    "given", ["0", "1/2", "-1", "nan", "inf", "1/0", "abc", "", "1e-9999999", True, "0." + "1" * 50]
)
def test_what_it_cannot_be_is_refused_in_a_sentence(share: Parameter, given: object) -> None:
    with pytest.raises(
        PaperError, match=r"^toys\.share cannot be .*: it is a number above 0 and below 1/2\.$"
    ):
        share.accepted(given)


@pytest.mark.parametrize("given", ["1e-40", "0.12345678901234567890123"])
def test_a_number_that_is_too_long_as_a_fraction_is_refused(share: Parameter, given: str) -> None:
    with pytest.raises(PaperError, match=r"as a fraction it has more than 40 characters; round it\.$"):
        share.accepted(given)


def test_whole_numbers_include_their_ends() -> None:
    count = Paper("Toys").parameter("count", 3, between=(1, 9), whole=True, meaning="A number.")
    assert [count.accepted(given) for given in ("1", 9, "4.0")] == [1, 9, 4]
    for given in (0, 10, "2.5"):
        with pytest.raises(PaperError, match="it is a whole number from 1 to 9"):
            count.accepted(given)


@pytest.mark.parametrize(
    ("name", "default", "between", "words"),
    [
        ("share", 1, (None, None), "two parameters"),
        ("a b", 1, (0, 2), "no parameter's name|not a parameter's name"),
        ("x", 3, (0, 2), "cannot be '3'"),
        ("x", "many", (0, 2), "no exact number"),
        ("x", None, (0, 2), "a default"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(
    name: str, default: Any, between: Any, words: str
) -> None:
    paper = Paper("Toys")
    paper.parameter("share", 1, meaning="Any number.")
    with pytest.raises(PaperError, match=words):
        paper.parameter(name, default, between=between, meaning="m")


def test_what_is_remembered_counts_as_read_again(share: Parameter) -> None:
    calls = []

    @remembered
    def doubled(factor: int) -> Fraction:
        calls.append(factor)
        return factor * share.value

    for _ in range(2):
        with recording() as read:
            assert doubled(2) == Fraction(1, 5)
        assert read == {"share"}
    assert calls == [2]


def test_settings_are_sorted_by_paper_and_defaults_left_out() -> None:
    first, second = Paper("one"), Paper("two")
    for paper in (first, second):
        paper.parameter("shared", 1, between=(0, 9), meaning="m")
    first.parameter("own", 1, between=(0, 9), meaning="m")
    declared = {paper.name: paper.parameters for paper in (first, second)}
    assert settings_of(declared, {"own": "2", "two.shared": 3}) == {
        "one": {"own": "2"},
        "two": {"shared": "3"},
    }
    assert settings_of(declared, {"own": "1.0"}) == {}
    with pytest.raises(PaperError, match=r"more than one paper; write one.shared or two.shared"):
        settings_of(declared, {"shared": 2})
    with pytest.raises(PaperError, match=r"there is no parameter 'odd'; there is shared, own, shared"):
        settings_of(declared, {"odd": 2})
    with pytest.raises(PaperError, match="these papers have none"):
        settings_of({"x": {}}, {"odd": 2})


@pytest.mark.parametrize("text", ["zeta", "=1", "zeta=", " = "])
def test_an_assignment_has_a_name_and_a_value(text: str) -> None:
    with pytest.raises(PaperError, match="sets nothing; write NAME=VALUE"):
        assignments([text])


def test_an_assignment_is_made_once() -> None:
    assert assignments(["a=1", " b = 1/2 "]) == {"a": "1", "b": "1/2"}
    with pytest.raises(PaperError, match="'a' is set twice"):
        assignments(["a=1", "a=1"])


def test_only_claims_that_read_it_are_checked_again(toy: Callable[..., Path]) -> None:
    selection = select([str(toy(TOY))])

    def examined(**parameters: object) -> dict[str, tuple[str, bool]]:
        found = run(selection, jobs=1, parameters=parameters)
        return {one.id.removeprefix("toys."): (one.detail, one.cached is None) for one in found}

    assert examined() == {"a": ("1/100", True), "b": ("301/100", True), "c": ("nothing", True)}
    # The mutant of c reads the count, its check does not.
    assert examined(count=4) == {"a": ("1/100", False), "b": ("401/100", True), "c": ("nothing", True)}
    assert examined(count=4) == {"a": ("1/100", False), "b": ("401/100", False), "c": ("nothing", False)}
    assert examined(share="1/5") == {"a": ("1/25", True), "b": ("76/25", True), "c": ("nothing", False)}
    assert examined() == {"a": ("1/100", False), "b": ("301/100", False), "c": ("nothing", False)}


def test_a_parameter_that_no_check_reads_is_said(
    toy: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = str(toy(TOY)), str(tmp_path / "out")
    common = ["--out", out, "--no-html", "--jobs", "1", "--set"]
    for name in ("count", "toys.count"):
        main(["verify", file, "a", "c", *common, f"{name}=4"])
        assert f"note: --set {name} changed no verdict: no check of these claims" in capsys.readouterr().err
        main(["verify", file, "b", *common, f"{name}=4"])
        assert "note:" not in capsys.readouterr().err


def test_results_say_which_claims_a_parameter_enters(toy: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        main(["verify", str(toy(TOY)), "--set", "count=4", "--out", str(out), "--no-html", "--jobs", "1"])
        == 0
    )
    document = load_results(out / "results.json")
    jsonschema.validate(document, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    share, count = document["papers"][0]["parameters"]
    assert (share["value"], share["changed"], share["claims"]) == ("1/10", False, ["toys.a", "toys.b"])
    assert (count["value"], count["default"], count["changed"], count["claims"]) == (
        "4",
        "3",
        True,
        ["toys.b"],
    )
    assert [one["parameters"] for one in document["claims"]] == [["share"], ["count", "share"], []]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("odd=1", "there is no parameter 'odd'; there is share, count."),
        ("shere=1", "there is no parameter 'shere'; did you mean share?"),
        ("toys.counts=1", "there is no parameter 'toys.counts'; did you mean count?"),
        ("share=1", "toys.share cannot be '1': it is a number above 0 and below 1/2."),
        ("share", "'share' sets nothing; write NAME=VALUE, such as zeta=0.05."),
    ],
)
def test_a_bad_setting_is_bad_usage(
    toy: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    file = str(toy(TOY))
    assert main(["verify", file, "--set", text, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"lemmata: {words}\n"
    assert main(["mutate", file, "--set", text]) == 2
    assert not (tmp_path / "out").exists()


PAGE = """
share = paper.parameter("share", "1/10", between=(0, "1/2"), meaning="Where the descent ends.")
from verify.strategies import networks

paper.property("bound", networks("initial descent", 2), lambda n: n.P <= n.Q, towards=lambda n: float(n.P / n.Q))
wrong = dict(expected="REFUTED", expected_reason="a control")
paper.property("false", networks("initial descent", 2), lambda n: 2 * n.P <= n.Q, **wrong)
"""


def test_what_the_page_on_papers_shows_runs(toy: Callable[..., Path]) -> None:
    found = {one.id: one for one in run(select([str(toy(PAGE))]), jobs=1)}
    assert found["toys.bound"].verdict == "SUPPORTED"
    assert found["toys.false"].verdict == "REFUTED"
    code = found["toys.false"].evidence[0].data["code"]
    namespace: dict[str, Any] = {}
    exec(str(code), namespace)
    assert 2 * namespace["case"].P > namespace["case"].Q


def test_a_value_read_while_the_file_is_loaded_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "early.py"
    file.write_text(
        "import sympy as sp\nfrom verify import Paper\n"
        "x = sp.Symbol('x', real=True)\npaper = Paper('Early')\n"
        "share = paper.parameter('share', '1/10', between=(0, '1/2'), meaning='A share.')\n"
        "end = 1 - sp.Rational(str(share.value))\n"
        "paper.inequality('ends', x <= end, over={x: (0, sp.Rational(9, 10))})\n"
    )
    assert main(["verify", str(file), "--out", str(tmp_path / "out"), "--set", "share=0.3"]) == 2
    said = capsys.readouterr().err
    assert "early.py, line 6" in said
    assert "lambda" in said
    late = file.read_text().replace("end = 1 -", "end = lambda: x <= 1 -").replace("x <= end,", "end,")
    file.write_text(late)
    found = {value: run(select([str(file)]), parameters={"share": value}, jobs=1) for value in ("0.1", "0.3")}
    assert [one.verdict for (one,) in found.values()] == ["PROVED", "REFUTED"]
