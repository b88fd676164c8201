"""Sums over neurons and means over the data, as they are printed in statements."""

from __future__ import annotations

import pytest
import sympy as sp

from theory import DataMean, Neuron, NeuronSum, Remainder, Sample, Sigma, Target
from theory.naming import Named, quantity
from theory.symbols import dot
from verify.stating import expression_latex, named

k, j, x = Neuron("k", 2), Neuron("j", 2), Sample("x", 2)
S = sp.Symbol("S", real=True)
SUM = NeuronSum(j.a * Sigma(0, dot(j.w, x.x)), j)


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        # The label of a bound point has a prime only beside that of another one.
        (DataMean(SUM * x.x[0], x), r"\int x_{1} \sum_{j} a_{j} \sigma(w_{j}\cdot x)\,\rho"),
        (Remainder(3, 1, dot(k.w, x.x)), r"\delta_{3}'(w_{k}\cdot x)"),
        (Sigma(0, k.w[1] * x.x[1]), r"\sigma\left(w_{k}^{(2)} x_{2}\right)"),
        (Target(*x.x) ** 2, r"{f^{*}(x)}^{2}"),
        (NeuronSum(j.a, j) * NeuronSum(j.w[0], j), r"\left(\sum_{j} a_{j}\right) \sum_{j} w_{j}^{(1)}"),
        (NeuronSum(j.a, j) / 2, r"\frac{1}{2} \sum_{j} a_{j}"),
        (k.w[0] * NeuronSum(NeuronSum(quantity("X", j, k), j), k), r"w_{k}^{(1)} \sum_{j} \sum_{l} X_{lj}"),
    ],
)
def test_brackets(expr: sp.Expr, latex: str) -> None:
    assert expression_latex(expr) == latex


def test_a_vector_of_one_entry_is_written_with_it() -> None:
    one, point = Neuron("k", 1), Sample("x", 1)
    assert expression_latex(Sigma(0, one.w[0] * point.x[0])) == r"\sigma\left(w_{k}^{(1)} x_{1}\right)"


def test_names_are_followed_by_what_they_stand_for() -> None:
    f = quantity("f", k)
    stated = Named(S * f, {S: NeuronSum(j.a, j), f: S + k.a, sp.Symbol("unused"): sp.S.One})
    show = named("F")
    assert show(sp.S.Zero, stated) == (
        r"\begin{aligned} F &= S f_{k} \\ \text{with } S &= \sum_{j} a_{j} \\ f_{k} &= a_{k} + S \end{aligned}"
    )
    assert show(sp.S.Zero, stated.restated(2 * S * f)) != show(sp.S.Zero, stated)
    # What is told in words leads no further.
    assert named("F", told=("f",))(sp.S.Zero, Named(f, stated.args[1])) == "F = f_{k}"
    # So is what a name on the left stands for.
    with_left = named("F", also=lambda: {"F": k.a})
    assert with_left(S, S) == r"\begin{aligned} F &= S \\ \text{with } F &= a_{k} \end{aligned}"
    other = {"a": stated, "b": Named(S, {S: k.a})}
    with pytest.raises(ValueError, match="two meanings"):
        named("A", "B")(other, other)
