"""Lemma 1 over boxes of weights: proved, refuted where its constants are too small, undecided without a budget."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from numerics.balls.subdivision import Status, ball
from numerics.precision import working_precision
from theory.estimates import D, F, L, q
from theory.symbols import width as m
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import lemma_boxes as boxes
from verify.papers.multistage.estimates import BOUND, ratio
from verify.papers.multistage.lemma_boxes import Bounded, Setting, decide, network_at, witness
from verify.papers.multistage.remainder_search import Case

ONE = Setting("tanh", 1, Fraction(4))


@pytest.mark.parametrize("setting", boxes.QUICK, ids=str)
def test_the_lemma_is_proved(setting: Setting) -> None:
    found = decide(setting, BOUND, boxes.BUDGET["quick"])
    assert found.status is Status.PROVED
    assert found.about_something


@pytest.mark.parametrize("name", ["tanh", "arctan", "sin", "gd", "erf", "rational"])
def test_worst_corners_and_points_lie_in_the_balls(name: str) -> None:
    """f_k and g_k of the definitions, by mpmath, are inside the balls of every box that holds the network."""
    draw = random.Random(name)
    setting = Setting(name, 2, Fraction(1))
    with working_precision(boxes.BITS):
        sides = Bounded(setting, BOUND)
        for _ in range(12):
            point = [
                Fraction(draw.randint(1, 64), 64),
                *(Fraction(draw.randint(-64, 64), 64) for _ in range(4)),
            ]
            for radius in (Fraction(0), Fraction(1, 50)):
                floors = [Fraction(0), *(Fraction(-1),) * 4]
                box = [
                    ball(max(part - radius, floor), min(part + radius, Fraction(1)))
                    for part, floor in zip(point, floors, strict=True)
                ]
                weights = [point[0] * part for part in point[1:]]
                case = Case(name, Fraction(0), ((weights[0], (weights[1],)), (weights[2], (weights[3],))),
                            tuple(((x,), y) for x, y in boxes.SAMPLES))  # fmt: skip
                size = max(abs(part) for part in weights)
                largest = mpmath.mpf(ratio(case, sp.Integer(1))) / mpmath.mpf(float(point[0])) ** 3
                upper = max(float(side.upper()) for pair in sides.sides(box) for side in pair)
                assert size <= point[0]
                assert largest <= upper * (1 + 1e-9)


def test_nested_boxes_give_nested_balls() -> None:
    with working_precision(boxes.BITS):
        sides = Bounded(ONE, BOUND)
        small = sides.sides([ball(Fraction(1, 2)), ball(Fraction(1, 3)), ball(Fraction(-1, 4))])
        large = sides.sides([ball(Fraction(2, 5), Fraction(3, 5)), ball(Fraction(1, 4), Fraction(1, 2)),
                             ball(Fraction(-1, 3), Fraction(-1, 5))])  # fmt: skip
        for one, other in zip(small[0], large[0], strict=True):
            assert other.contains(one)


@pytest.mark.parametrize(
    "changed",
    [BOUND / 3, 2 * m * L * D**4 * q**5 + m * L**2 * D**6 * q**7, L * D**3 * F * q**3 / 3],
    ids=["a third", "first term dropped", "a third of the first term"],
)
def test_constants_too_small_are_refuted_at_a_network(changed: sp.Expr) -> None:
    found = decide(ONE, changed, 4000)
    assert found.status is Status.REFUTED
    assert found.point is not None
    a, w = network_at(found.point)
    case = Case("tanh", Fraction(0), ((a, (w,)),), tuple(((x,), y) for x, y in boxes.SAMPLES))
    assert ratio(case, changed) > 1
    assert witness(changed) is not None
    assert witness(BOUND) is None


def test_without_a_budget_it_is_undecided() -> None:
    found = decide(ONE, BOUND, 20)
    assert found.status is Status.UNDECIDED
    assert "budget" in found.reason


def test_a_nan_is_never_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    from flint import arb

    monkeypatch.setattr(Bounded, "quotients", lambda self, u: (arb("nan"), arb("nan")))
    assert decide(ONE, BOUND, 50).status is Status.UNDECIDED


def test_every_mutant_is_caught() -> None:
    context = Context("quick", 0, lambda _: None)
    for mutant in boxes._mutants():
        assert mutant.witness() is not None
        assert mutant.run(context).verdict is Verdict.REFUTED
    assert boxes.over_boxes(BOUND).run(context).verdict is Verdict.PROVED
