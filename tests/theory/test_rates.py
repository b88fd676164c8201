"""The dot of a rate stands over the letter."""

from __future__ import annotations

import sympy as sp

from theory import TwoLayerNetwork
from theory.rates import rate_latex


def test_dot_over_the_letter_alone() -> None:
    a, w1, w2 = TwoLayerNetwork(2).neuron.coordinates
    assert rate_latex(a) == r"\dot{a}_{k}"
    assert rate_latex(w1) == r"\dot{w}_{k}^{(1)}"
    assert rate_latex(w2) == r"\dot{w}_{k}^{(2)}"


def test_plain_and_greek_names() -> None:
    assert rate_latex(sp.Symbol("P")) == r"\dot{P}"
    assert rate_latex(sp.Symbol("lambda1")) == r"\dot{\lambda}_{1}"


def test_what_is_no_name_has_the_dot_over_all_of_it() -> None:
    assert rate_latex(sp.Symbol("x") + 1) == r"\dot{x + 1}"
