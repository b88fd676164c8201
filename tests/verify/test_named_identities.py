"""An identity whose right side is in names: the check, the witness and the negative controls."""

from __future__ import annotations

import sympy as sp

from theory import Neuron, NeuronSum
from theory.naming import Named, quantity
from verify.checks import symbolic
from verify.context import Context
from verify.evidence import Verdict
from verify.mutants import of_identity
from verify.mutants.expression import changes, same
from verify.witness import identity_witness

j, k = Neuron("j", 1), Neuron("k", 1)
Q, gap = sp.Symbol("Q", real=True), quantity("D", k)
SQUARES = NeuronSum(j.a**2, j) + NeuronSum(j.w[0] ** 2, j)
NAMES = {Q: SQUARES / 2, gap: k.a - k.w[0]}
LEFT = SQUARES - NeuronSum((j.a - j.w[0]) ** 2, j)
CONTEXT = Context("quick", 0, lambda _: None)


def _stated(formula: sp.Expr) -> Named:
    return Named(formula, NAMES)


def test_names_stand_for_their_meanings_in_a_check() -> None:
    right = _stated(2 * Q - NeuronSum(gap**2, k))
    assert symbolic.identity(LEFT, right).run(CONTEXT).verdict is Verdict.PROVED
    assert identity_witness(LEFT, right) is None
    wrong = _stated(Q - NeuronSum(gap**2, k))
    assert symbolic.identity(LEFT, wrong).run(CONTEXT).verdict is Verdict.REFUTED
    assert identity_witness(LEFT, wrong) is not None


def test_the_same_name_with_another_meaning_is_another_statement() -> None:
    formula = 2 * Q - NeuronSum(gap**2, k)
    other = Named(formula, {Q: SQUARES, gap: k.a - k.w[0]})
    assert symbolic.identity(LEFT, other).run(CONTEXT).verdict is Verdict.REFUTED
    assert identity_witness(LEFT, other) is not None
    assert not same(_stated(formula), other)
    assert same(_stated(Q * (Q + 1)), _stated(Q**2 + Q))


def test_mutants_change_the_formula_and_keep_the_names() -> None:
    right = _stated(2 * Q - NeuronSum(gap**2, k))
    for listed in changes(right).values():
        for one in listed:
            changed = one.build()
            assert isinstance(changed, Named)
            assert changed.meanings == right.meanings
    mutants = of_identity(LEFT, right)
    assert len(mutants) >= 4
    for mutant in mutants:
        assert mutant.witness() is not None
        assert mutant.run(CONTEXT).verdict is Verdict.REFUTED
