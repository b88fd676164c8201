"""Formulas in names, and what is left when the meanings are put in."""

from __future__ import annotations

import pytest
import sympy as sp

from theory import DataMean, Neuron, NeuronSum, Remainder, Sample, TheoryError
from theory.naming import Named, in_full, names_in, quantity, title_of

k, j, x = Neuron("k", 2), Neuron("j", 2), Sample("x", 2)
S = sp.Symbol("S", real=True)


def test_a_symbol_stands_for_its_meaning() -> None:
    total = NeuronSum(j.a, j)
    assert in_full(Named(S**2 + k.a, {S: total})) == total**2 + k.a
    assert in_full(S) == S


def test_a_quantity_of_a_neuron_is_summed_over() -> None:
    f = quantity("f", k)
    named = Named(NeuronSum(f * k.a, k) + f, {f: k.w[0] + S})
    assert in_full(named) == NeuronSum(j.a * j.w[0], j) + S * NeuronSum(j.a, j) + k.w[0] + S


def test_a_quantity_of_the_input_is_averaged_over_and_may_use_others() -> None:
    b, r = quantity("b", x), quantity("r", x)
    bent = Remainder(1, 0, j.w[0] * x.x[0])
    named = Named(DataMean(r * x.x[1], x), {b: NeuronSum(j.a * bent, j), r: x.x[0] + b})
    assert in_full(named) == DataMean(x.x[0] * x.x[1], x) + DataMean(NeuronSum(j.a * bent, j) * x.x[1], x)


def test_a_quantity_of_two_neurons() -> None:
    crossed = quantity("X", j, k)
    named = Named(NeuronSum(NeuronSum(crossed**2, k), j), {crossed: j.a * k.w[0] - k.a * j.w[0]})
    a, w, both = NeuronSum(j.a**2, j), NeuronSum(j.w[0] ** 2, j), NeuronSum(j.a * j.w[0], j)
    assert sp.expand(in_full(named) - 2 * (a * w - both**2)) == 0


def test_names_print_with_the_labels_of_their_neurons() -> None:
    assert sp.latex(quantity("g2", k)) == "g_{k}^{(2)}"
    assert sp.latex(quantity("X", j, k) ** 2) == "{X_{jk}}^{2}"
    assert sp.latex(quantity("r", x)) == "r(x)"
    assert sp.latex(quantity(r"\dot{a}", k)) == r"\dot{a}_{k}"
    named = Named(S, {S: k.a})
    assert str(named) == "S"
    assert sp.latex(named) == r"S,\quad S = a_{k}"


def test_where_a_name_stands() -> None:
    f = quantity("f", k)
    assert title_of(f) == "f"
    assert title_of(S) == "S"
    assert names_in(NeuronSum(f * k.a, k), f)
    assert not names_in(S, f)
    assert names_in(S + 1, S)


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(TheoryError, match="symbol or a quantity"):
        Named(S, {S + 1: S})
    with pytest.raises(TheoryError, match="named by a letter"):
        quantity("no name", k)
    with pytest.raises(TheoryError, match="not of"):
        in_full(Named(quantity("f", Neuron("k", 1)), {quantity("f", k): k.a}))
