"""What the errors of theory say is a sentence: a capital at its beginning, a full stop at its end."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import sympy as sp

import theory
from theory import NotClosed, TheoryError
from theory.exact_numbers import exact, rational_array

NAMES = ("TheoryError", "InexactConstant", "AssumptionViolated", "NotSmooth")


def texts() -> list[tuple[str, list[ast.expr]]]:
    """Each message in the sources that is written as a text: its place, and its parts."""
    found = []
    for path in sorted(Path(theory.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in NAMES
                and node.args
            ):
                message = node.args[0]
                parts = message.values if isinstance(message, ast.JoinedStr) else [message]
                found.append((f"{path.name}:{node.lineno}", parts))
    return found


def test_messages_begin_with_a_capital_and_end_with_a_full_stop():
    found = texts()
    assert len(found) > 150
    for place, parts in found:
        first, last = parts[0], parts[-1]
        if isinstance(first, ast.Constant):
            names_a_place = first.value.startswith(("points[", "weights["))
            assert names_a_place or not first.value[0].islower(), (place, first.value)
        if isinstance(last, ast.Constant):
            assert last.value.endswith("."), (place, last.value)
        else:
            # Only an error that is quoted at the end brings its own full stop.
            assert ast.unparse(last) == "{error}", (place, ast.unparse(last))


def test_what_an_argument_is_called_is_capitalised_and_a_place_in_it_is_not():
    with pytest.raises(TheoryError, match=r"^The number is the float .*\.$"):
        exact(0.5)
    with pytest.raises(TheoryError, match=r"^points\[1\] is the float .*\.$"):
        rational_array([1, 0.5], "points")


def test_a_system_that_does_not_close_says_so_and_keeps_what_is_left():
    error = NotClosed("P", ["<a^3 w>", "<a w^3>"])
    assert error.leftovers == ("<a^3 w>", "<a w^3>")
    assert str(error).startswith("The system does not close: d(P)/dt needs <a^3 w>, <a w^3>")
    assert str(error).endswith(".")


def test_an_error_inside_another_ends_once():
    with pytest.raises(TheoryError) as caught:
        theory.admit(sp.Abs(sp.Symbol("u", real=True)))
    assert str(caught.value).startswith("The activation ")
    assert str(caught.value).endswith(".")
    assert ".)" not in str(caught.value)
    assert ".." not in str(caught.value)
