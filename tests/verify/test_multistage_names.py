"""Names whose meaning a statement leaves to another claim mean there what that claim says."""

from __future__ import annotations

import re

import pytest
import sympy as sp

from theory.naming import Named, in_full, title_of
from verify.checks.symbolic import components
from verify.load import PaperSource
from verify.papers.multistage import names
from verify.papers.multistage.paper import paper

PaperSource.built_in("multistage").load()


def _right_sides(claim_id: str) -> dict[str, sp.Expr]:
    (check,) = paper[claim_id].checks
    assert check.compared is not None
    return {name: right for name, _, right in components(*check.compared())}


@pytest.fixture(scope="module")
def stated() -> dict[tuple[int, str], sp.Expr]:
    """The right sides of (8) and (9), by dimension and name."""
    found = {}
    for claim_id, letter in (("eq8", "f"), ("eq9", "g")):
        for name, right in _right_sides(claim_id).items():
            dim, slot = re.fullmatch(r"d = (\d): d([a-z]+\d?)/dt", name).groups()
            found[int(dim), letter + slot[1:]] = sp.expand(in_full(right))
    return found


@pytest.mark.parametrize("claim_id", ["eq7", "eq10", "eq25", "lem2.identity", "prop4.rates", "prop5.rate"])
def test_remainders_are_those_of_8_and_9(claim_id: str, stated: dict[tuple[int, str], sp.Expr]) -> None:
    assert names.REMAINDERS in paper[claim_id].hypotheses
    looked_at = 0
    for name, right in _right_sides(claim_id).items():
        dim = int(re.match(r"d = (\d)", name)[1])
        assert isinstance(right, Named)
        for head, _ in right.meanings:
            if (dim, title_of(head)) in stated:
                meant = sp.expand(in_full(right.restated(head)))
                assert meant == stated[dim, title_of(head)]
                looked_at += 1
    assert looked_at >= 2


def test_in_one_dimension_the_names_are_sums_and_means_written_by_hand() -> None:
    from theory import DataMean, Neuron, NeuronSum, Remainder, Sample, Target

    j, k, x = Neuron("j", 1), Neuron("k", 1), Sample("x", 1)
    (a, w), (xi,) = (j.a, j.w[0]), x.x
    output = NeuronSum(a * (w * xi + Remainder(1, 0, w * xi)), j)
    bent, slope = Remainder(1, 0, k.w[0] * xi), Remainder(1, 1, k.w[0] * xi)
    b = NeuronSum(a * Remainder(1, 0, w * xi), j)
    f = -DataMean((output - Target(xi)) * bent, x) - DataMean(b * k.w[0] * xi, x)
    g = -k.a * DataMean((output - Target(xi)) * slope * xi, x) - k.a * DataMean(b * xi, x)
    called = names.remainders(1)
    assert sp.expand(in_full(Named(names.f(1), called)) - f) == 0
    assert sp.expand(in_full(Named(names.g(1, 1), called)) - g) == 0
