"""Sides that are made by functions, and symbols that a reader could not tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sympy as sp

from theory.errors import TheoryError
from verify.claim import PaperError
from verify.context import Context
from verify.evidence import Verdict
from verify.judge import examine
from verify.paper import Paper
from verify.region import refuse_namesakes
from verify.stating import implication

x = sp.Symbol("x", real=True)

ALIKE = [
    ("x1", "x_1"),
    ("x_1", "x_{1}"),
    ("alpha", "\\alpha"),
    ("x", "x "),
    ("x_ 1", "x_1"),
]


def examined(claim: Any) -> tuple[str, list[dict[str, Any]]]:
    """The statement and the evidence, as a worker reports them."""
    reports: list[dict[str, Any]] = []
    examine(claim, Context(), reports.append, mutants=False)
    (statement,) = (one["text"] for one in reports if one["event"] == "statement")
    return statement, [one for one in reports if one["event"] == "evidence"]


def in_turn(*results: Any) -> Callable[[], Any]:
    """A function that returns the first of these when it is called for the first time, and then the next."""
    following: Iterator[Any] = iter([*results, *[results[-1]] * 9])
    return lambda: next(following)


@pytest.mark.parametrize("names", ALIKE)
def test_symbols_that_are_printed_alike_are_refused(names: tuple[str, str]) -> None:
    a, b = map(sp.Symbol, names)
    said = f"the symbols {min(names)!r} and {max(names)!r} are printed alike; rename one of them"
    for by in ("smt", "enclosure"):
        with pytest.raises(TheoryError) as caught:
            Paper("Alike").inequality("c", a < b, over={a: (0, 1), b: (2, 3)}, by=by)
        assert str(caught.value) == said
        claim = Paper("Alike").inequality("c", lambda: a < b, over={a: (0, 1), b: (2, 3)}, by=by)
        _, (found,) = examined(claim)
        assert found["verdict"] == Verdict.ERROR
        assert said in found["detail"]
    with pytest.raises(TheoryError) as caught:
        Paper("Alike").identity("c", (a - b) * (a + b), a**2 - b**2)
    assert str(caught.value) == said
    for left, right in ((lambda: (a - b) * (a + b), a**2 - b**2), (lambda: [a + b], lambda: (b + a,))):
        _, found = examined(Paper("Alike").identity("c", left, right))
        assert Verdict.ERROR in {one["verdict"] for one in found}
        assert any(said in one["detail"] for one in found)


def test_functions_that_are_printed_alike_are_refused() -> None:
    f, other = sp.Function("f"), sp.Function("f", positive=True)
    y = sp.Symbol("y", real=True)
    with pytest.raises(TheoryError, match="two different symbols have the name f"):
        Paper("Alike").identity("c", sp.sqrt(other(y) ** 2) + f(x), other(y) + f(x))
    # One function at two places, and a symbol of the same name, are told apart.
    refuse_namesakes({f(x), f(y), x, y, sp.Symbol("f")})


def test_two_symbols_that_a_printer_gives_one_name_are_an_error() -> None:
    a, b = sp.symbols("a b")
    over = {a: (0, 1), b: (2, 3)}
    for names in ({a: "x", b: "x"}, {a: "b"}, {a: "x ", b: "x"}):
        claim = Paper("Names").inequality("c", a < b, over=over, statement=implication(names))
        statement, (found, unprinted) = examined(claim)
        assert "could not be printed" in statement
        assert found["verdict"] == Verdict.PROVED
        assert unprinted["verdict"] == Verdict.ERROR
        assert "the symbols a and b are both printed as" in unprinted["detail"]
    claim = Paper("Names").inequality("c", a < b, over=over, statement=implication({a: "b", b: "a"}))
    statement, (found,) = examined(claim)
    assert found["verdict"] == Verdict.PROVED
    assert "b < a" in statement


def test_a_function_that_makes_another_thing_the_second_time_is_an_error() -> None:
    said = "makes another thing each time that it is called"
    for left, right in (
        (in_turn(x**2 + 1, x**2), x**2),
        (x**2, in_turn(x**2 + 1, x**2)),
        (in_turn({"a": x, "b": x + 1}, {"a": x, "b": x}), {"a": x, "b": x}),
    ):
        _, (found,) = examined(Paper("Stateful").identity("c", left, right))
        assert found["verdict"] == Verdict.ERROR
        assert said in found["detail"]
    for by in ("smt", "enclosure"):
        relation = in_turn(sp.Lt(x, 1, evaluate=False), sp.Lt(x, 5, evaluate=False))
        _, (found,) = examined(Paper("Stateful").inequality("c", relation, over={x: (0, 4)}, by=by))
        assert found["verdict"] == Verdict.ERROR
        assert said in found["detail"]


def test_a_list_that_is_changed_in_its_place_is_another_thing() -> None:
    entries = [x]

    def side() -> list[sp.Expr]:
        entries.append(x)
        return entries

    _, (found,) = examined(Paper("Stateful").identity("c", side, [x] * 2))
    assert "makes another thing" in found["detail"]


def test_the_same_in_other_dummies_and_another_parameter_are_no_other_thing() -> None:
    def side() -> sp.Expr:
        k = sp.Dummy("k", integer=True)
        return sp.Sum(k * x, (k, 1, 3))

    _, (found,) = examined(Paper("Dummies").identity("c", side, side))
    assert "makes another thing" not in found["detail"]
    paper = Paper("Parameters")
    share = paper.parameter("share", "1/2", meaning="a share")
    claim = paper.identity("c", lambda: x * sp.Rational(share.value), lambda: x * sp.Rational(share.value))
    for value in ("1/2", "1/3", "1/2"):
        paper.use({"share": value})
        statement, (found,) = examined(claim)
        assert found["verdict"] == Verdict.PROVED
        assert value[-1] in statement


def test_a_function_is_refused_by_itself_as_well() -> None:
    claim = Paper("Stateful").identity("c", in_turn(x, x + 1), x)
    assert claim.statement_text() == "x = x"
    with pytest.raises(PaperError, match="makes another thing"):
        claim.checks[0].run(Context())
