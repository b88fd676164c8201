from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sympy as sp

from theory.errors import TheoryError
from verify import Check, Claim, Context, Evidence, Mutant, Paper, PaperError, Verdict, select
from verify.load import load_file

x, y = sp.symbols("x y", real=True)


def supported(context: Context) -> Evidence:
    return Evidence(Verdict.SUPPORTED, "simulation", f"at {context.effort}")


def toys(*uses: tuple[str, tuple[str, ...]]) -> Paper:
    paper = Paper("Toys")
    for id, used in uses:
        paper.checked(id, Check("simulation", supported), uses=used)
    return paper


def test_a_name_comes_from_the_title() -> None:
    assert (Paper("On  Toys, II").name, Paper("On  Toys, II").title) == ("on-toys-ii", "On  Toys, II")
    assert (Paper("toys", title="On toys").name, Paper("toys", title="On toys").title) == ("toys", "On toys")
    assert Paper("Überγ").name == "ber"
    assert Paper("γ").name == "paper"
    for bad in ("", "  "):
        with pytest.raises(PaperError, match="title"):
            Paper(bad)
    with pytest.raises(PaperError, match="not a paper's name"):
        Paper("a.b", title="On toys")


def test_claims_keep_their_order_and_are_found_by_id() -> None:
    paper = toys(("b", ()), ("a", ()), ("c", ()))
    assert [claim.id for claim in paper] == ["b", "a", "c"]
    assert paper["a"] is paper["toys.a"]
    assert "a" in paper
    assert len(paper) == 3
    with pytest.raises(PaperError, match="no claim 'd'"):
        paper["d"]


def test_an_id_is_used_once() -> None:
    paper = toys(("a", ()))
    with pytest.raises(PaperError, match="two claims with the id 'a'"):
        paper.checked("a", Check("simulation", supported))


def test_an_unknown_use_and_a_circle_are_refused() -> None:
    toys(("a", ("b",)), ("b", ())).validate()
    with pytest.raises(PaperError, match=r"'a'.*uses 'z'"):
        toys(("a", ("z",))).validate()
    with pytest.raises(PaperError, match="a → b → c → a"):
        toys(("a", ("b",)), ("b", ("c",)), ("c", ("a",))).validate()
    with pytest.raises(PaperError, match="a → a"):
        toys(("a", ("a",))).validate()


def test_a_claim_of_another_paper_is_refused() -> None:
    claim = Claim("a", "others", "A", (Check("simulation", supported),), expected=Verdict.SUPPORTED)
    with pytest.raises(PaperError, match="'others'"):
        Paper("Toys").add(claim)


def test_an_argument_that_nothing_reads_is_refused() -> None:
    with pytest.raises(PaperError, match="'titel'"):
        Paper("Toys").identity("eq1", x, x, titel="One")
    with pytest.raises(PaperError, match="'colour'"):
        Paper("Toys").claim("eq1", method="simulation", colour="red")


def test_an_identity_proves_refutes_and_has_mutants() -> None:
    paper = Paper("Toys")
    true = paper.identity("eq1", (x + y) ** 2, x**2 + 2 * x * y + y**2)
    false = paper.identity("eq2", x, 2 * x, expected=Verdict.REFUTED, expected_reason="on purpose")
    assert true.checks[0].run(Context()).verdict is Verdict.PROVED
    assert false.checks[0].run(Context()).verdict is Verdict.REFUTED
    mutants = true.mutants()
    assert mutants
    for mutant in mutants:
        assert mutant.witness() is not None, mutant.description
        assert mutant.run(Context()).verdict is Verdict.REFUTED, mutant.description
    assert true.statement_text() == r"\left(x + y\right)^{2} = x^{2} + 2 x y + y^{2}"


def test_sides_may_be_derived_late_and_have_several_entries() -> None:
    calls: list[int] = []

    def slow() -> dict[str, sp.Expr]:
        calls.append(1)
        return {"a": x * (x + 1), "b": y}

    claim = Paper("Toys").identity("eq1", slow, lambda: {"a": x**2 + x, "b": y})
    assert calls == []
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    assert claim.statement_text().count("&=") == 2


def test_an_inequality_prints_its_box() -> None:
    claim = Paper("Toys").inequality("ineq", x * (1 - x) <= sp.Rational(1, 4), over={x: (0, None)})
    assert claim.checks[0].run(Context()).verdict is Verdict.PROVED
    assert r"x \in [0, \infty)" in claim.statement_text()
    assert claim.methods == ("smt",)


def test_a_property_and_a_law_expect_support() -> None:
    paper = Paper("Toys")

    def strategy() -> object:
        from hypothesis import strategies

        return strategies.integers()

    square = paper.property("p", strategy, lambda n: n * n >= 0, title="Squares")
    law = paper.law("l", lambda context, size: 3.0 * size**2, over=[10, 20, 40, 80], exponent=2.0)
    for claim in (square, law):
        assert claim.expected_at("quick") is Verdict.SUPPORTED
        assert claim.checks[0].run(Context()).verdict is Verdict.SUPPORTED


def test_a_function_becomes_a_claim_with_or_without_the_context() -> None:
    paper = Paper("Toys")

    @paper.claim("one", method="simulation")
    def first(context: Context) -> Evidence:
        """The first one.

        More words.
        """
        return supported(context)

    @paper.claim("two", method="symbolic", title="Second")
    def second() -> Evidence:
        return Evidence(Verdict.PROVED, "symbolic", "as it must be")

    assert [claim.title for claim in paper] == ["The first one", "Second"]
    assert paper["one"].checks[0].run(Context("deep")).detail == "at deep"
    assert paper["two"].checks[0].run(Context()).verdict is Verdict.PROVED
    assert first(Context()).detail == "at quick"
    assert paper["one"].source == "test_paper.py" or paper["one"].source.endswith("verify/test_paper.py")


def test_mutants_by_hand_come_after_those_that_come_by_themselves() -> None:
    by_hand = Mutant("mine", "by hand", "x = 2", supported, lambda: None)
    alone = Paper("Toys").checked("a", Check("simulation", supported), mutants=[by_hand])
    beside = Paper("Toys").identity("b", x + y, y + x, mutants=lambda: [by_hand])
    assert list(alone.mutants()) == [by_hand]
    assert beside.mutants()[-1] is by_hand
    assert len(beside.mutants()) > 1


def test_a_file_is_loaded_with_what_stands_beside_it(
    toy: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    toy("", name="beside_toys.py", header="TITLE = 'A title from beside'\n")
    path = toy(
        "import beside_toys\nprint('noise')\n"
        "@paper.claim('a', method='simulation', title=beside_toys.TITLE)\ndef a():\n    return None\n"
    )
    paper = load_file(path)
    assert paper["a"].title == "A title from beside"
    assert paper["a"].source == "toys.py"
    out, err = capfd.readouterr()
    assert (out, err.strip()) == ("", "noise")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\n1 / 0\n", r"toys.py, line 3: ZeroDivisionError: division by zero"),
        ("x = (\n", r"toys.py, line 1: it is not valid Python"),
        ("import sys\nsys.exit(3)\n", r"toys.py, line 2: SystemExit"),
        ("open('/nowhere/at/all')\n", r"toys.py, line 1: FileNotFoundError"),
        ("paper = 3\n", r"toys.py, line 1: .*type int"),
        ("", r"toys.py, line 1: .*it has none"),
        (
            "from verify import Paper\npaper = Paper('T')\npaper.claim('a b', method='smt')(len)\n",
            r"line 3: 'a b' is not",
        ),
        ("def f():\n    raise ValueError('deep')\n\nf()\n", r"toys.py, line 2: ValueError: deep"),
    ],
)
def test_a_file_that_is_at_fault_is_named_with_its_line(
    toy: Callable[..., Path], text: str, said: str
) -> None:
    with pytest.raises(PaperError, match=said):
        load_file(toy(text, header=""))


TWO = """
for id in ("eq1", "eq10", "thm2.i"):
    paper.checked(id, Check("simulation", lambda context: None))
"""


def test_claims_are_selected_in_full_or_short(toy: Callable[..., Path]) -> None:
    path = str(toy(TWO))
    assert [one.claim.id for one in select([path])] == ["eq1", "eq10", "thm2.i"]
    assert [one.claim.id for one in select(["thm2.i", path, "toys.eq1", "eq1"])] == ["eq1", "thm2.i"]
    with pytest.raises(PaperError, match=r"no claim 'eq11' in toys; did you mean .*eq10"):
        select([path, "eq11"])
    with pytest.raises(PaperError, match="exclude each other"):
        select([path], "multistage")
    with pytest.raises(PaperError, match=r"no file '.*none\.py'"):
        select(["none.py"])
    with pytest.raises(PaperError, match="no built-in paper 'multistag'; did you mean multistage"):
        select([], "multistag")


def test_a_short_id_in_two_papers_is_ambiguous(toy: Callable[..., Path]) -> None:
    one = str(toy(TWO))
    other = str(toy(TWO, name="more.py", header="from verify import *\npaper = Paper('More')\n"))
    with pytest.raises(PaperError, match=r"more than one paper; write toys\.eq1 or more\.eq1"):
        select([one, other, "eq1"])
    assert [chosen.claim.full_id for chosen in select([one, other, "more.eq1"])] == ["more.eq1"]
    with pytest.raises(PaperError, match="two of the files"):
        select([one, str(toy(TWO, name="again.py"))])


def test_a_printed_statement_says_what_its_symbols_assume() -> None:
    p, n, q = sp.Symbol("p", positive=True), sp.Symbol("n", integer=True), sp.Symbol("q", nonzero=True)
    f = sp.Function("f", negative=True)
    paper = Paper("Assumptions")
    # Each is false for some real values of its symbols, and true of what they assume.
    paper.inequality("positive", p * q**2 / (p + q**2) <= p)
    paper.inequality("integer", sp.Ge(n**2, n, evaluate=False))
    paper.inequality("box", sp.Le(p**2, p, evaluate=False), over={p: (sp.Rational(1, 2), 1)})
    paper.identity("root", sp.Pow(p**2, sp.Rational(1, 2), evaluate=False), p)
    paper.identity("function", sp.Abs(f(n), evaluate=False), -f(n))
    assert paper["positive"].statement_text().endswith(r"\quad (p > 0,\; q \ne 0)")
    assert paper["integer"].statement_text() == r"n^{2} \geq n \quad (n \in \mathbb{Z})"
    assert ">" not in paper["box"].statement_text()
    assert paper["root"].statement_text() == r"\sqrt{p^{2}} = p \quad (p > 0)"
    assert "< 0" in paper["function"].statement_text()
    assert r"\quad" not in Paper("Plain").identity("same", x + y, y + x).statement_text()


def test_two_symbols_of_one_name_are_refused() -> None:
    u, v = sp.Symbol("u", real=True), sp.Symbol("u", real=True, nonzero=True)
    with pytest.raises(TheoryError, match="two different symbols have the name u"):
        Paper("Namesakes").inequality("less", u < v, over={u: (0, 1), v: (2, 3)})
    with pytest.raises(TheoryError, match="two different symbols"):
        Paper("Namesakes").identity("same", u, v)
    claim = Paper("Namesakes").identity("same", lambda: u, v)
    with pytest.raises(TheoryError, match="two different symbols"):
        claim.checks[0].run(Context(effort="quick", seed=0))
