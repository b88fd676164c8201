"""Whatever text comes in, the answer is a formula or one sentence."""

from __future__ import annotations

import warnings
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import InputError, parse

HOSTILE = [
    "",
    "   ",
    "__import__('os')",
    "__import__(x)",
    "__builtins__",
    "x.__class__",
    "x.real",
    "(1).real",
    "().__class__",
    "lambda x: x",
    "lambda: 0",
    "[x for x in x]",
    "[1]",
    "{1}",
    "x[0]",
    "x,x",
    "(x,)",
    "x if x else x",
    "x and x",
    "not x",
    "~x",
    "x<1",
    "x==x",
    "x:=1",
    "(x:=1)",
    "x=1",
    "x;x",
    "x%2",
    "x//2",
    "x@x",
    "x|x",
    "x<<2",
    "f'{x}'",
    "'x'",
    "b'x'",
    "1j",
    "0x10",
    "0b1",
    "1_000",
    "True",
    "None",
    "...",
    "nan",
    "inf",
    "sin",
    "sin()",
    "sin(x,x)",
    "sin(*x)",
    "sin(x=1)",
    "sin(x)(x)",
    "(sin)(x)(1)",
    "2(x)",
    "x(2)",
    "2x",
    "x x",
    "eval(x)",
    "exec(x)",
    "open(x)",
    "print(x)",
    "getattr(x)",
    "x^2",
    "x # comment",
    "x\\\n+1",
    "x\n+1",
    "x\0",
    "(",
    ")",
    "((x)",
    "x+",
    "*x",
    "**x",
    "σ(x)",
    "ｘ",
    "х",
    "π",
    "x²",
    "x−1",
    "await x",
    "yield",
    "import os",
    "y",
    "9**9**9",
    "x**9**9**9",
    "x**(9**9**9)",
    "x**-9**9**9",
    "x**101",
    "x**1e9",
    "x**(10*11)",
    "x**(50+51)",
    "x**(1/0)",
    "x**(0**-1)",
    "1e999999999",
    "1e301",
    "1e-301",
    "9" * 400,
    "(" * 300 + "x" + ")" * 300,
    "sin(" * 250 + "x" + ")" * 250,
    "-" * 1500 + "x",
    "x" + "+x" * 900,
    "x" * 5000,
    "(" * 1999,
    "x" + "**x" * 600,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_in_one_sentence(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError) as caught:
            parse(text, ["x"])
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert len(message) < 300


@given(st.text(alphabet="x1.e+-*/() \t_sincopabqrtghldf9", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_formula_or_an_input_error(text):
    try:
        formula = parse(text, ["x"])
    except InputError:
        return
    formula.evaluate({"x": np.array([0.0, 0.5])})
    formula.jet(np.array([0.0, 0.5]), 2)
    formula.parity()


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_unicode_is_a_formula_or_an_input_error(text):
    with suppress(InputError):
        assert parse(text, ["x"]).tree


@pytest.mark.parametrize(
    ("text", "position"), [("x + q", 5), ("  x + q", 7), ("x + $", 5), ("sin(x) + 2^x", 11), ("x**101", 4)]
)
def test_the_position_is_named(text, position):
    with pytest.raises(InputError, match=f"position {position}:"):
        parse(text, ["x"])
