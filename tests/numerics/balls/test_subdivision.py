"""The engine of subdivision: it covers the box, keeps to the budget, and believes certain answers only."""

from __future__ import annotations

from fractions import Fraction

from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from numerics.balls.subdivision import Answer, Status, ball, decide, halves, middle

UNIT = ((Fraction(0), Fraction(1)),)


def never(point):
    return False


def test_parts_cover_the_box():
    """Every box of a given size is judged once: their volumes add up to the whole."""
    judged = []

    def judge(box):
        if box[0][1] - box[0][0] > Fraction(1, 8) or box[1][1] - box[1][0] > Fraction(3, 8):
            return Answer.OPEN
        judged.append(box)
        return Answer.HOLDS

    box = (UNIT[0], (Fraction(-1), Fraction(2)))
    found = decide(box, judge, never, budget=1000)
    assert found.status is Status.PROVED
    assert sum((b[0][1] - b[0][0]) * (b[1][1] - b[1][0]) for b in judged) == 3
    assert found.about_something


def test_budget_is_kept():
    asked = []

    def judge(box):
        asked.append(box)
        return Answer.OPEN

    found = decide(UNIT, judge, never, budget=37)
    assert found.status is Status.UNDECIDED
    assert len(asked) == found.boxes == 37
    assert "37 boxes is spent" in found.reason
    assert decide(UNIT, judge, never, budget=0).status is Status.UNDECIDED


def test_a_single_point_that_stays_open_ends_the_search():
    point = ((Fraction(1), Fraction(1)),)
    found = decide(point, lambda box: Answer.OPEN, never, budget=1000)
    assert (found.status, found.boxes) == (Status.UNDECIDED, 1)


def test_refutation_has_its_point():
    found = decide(
        UNIT, lambda box: Answer.OPEN, lambda p: Fraction(1, 5) < p[0] < Fraction(1, 4), budget=100
    )
    assert found.status is Status.REFUTED
    assert Fraction(1, 5) < found.point[0] < Fraction(1, 4)


def test_corners_are_tried():
    assert decide(UNIT, lambda box: Answer.OPEN, lambda p: p[0] == 1, budget=5).point == (1,)


def test_nothing_inside_is_not_something():
    found = decide(UNIT, lambda box: Answer.OUTSIDE, never, budget=5)
    assert (found.status, found.about_something) == (Status.PROVED, False)
    assert not decide(UNIT, lambda box: Answer.VACUOUS, never, budget=5).about_something


@given(st.fractions(-10, 10), st.fractions(0, 10), st.fractions(0, 1))
def test_balls_contain_their_interval(low, width, share):
    inside = low + share * width
    assert ball(low, low + width).contains(ball(inside).mid()) or ball(inside).rad() > 0
    assert ball(low, low + width).overlaps(ball(inside))
    assert (ball(low, low + width) - arb(0)).is_finite()


def test_halves_cut_the_relatively_longest_side():
    original = ((Fraction(0), Fraction(100)), (Fraction(0), Fraction(1)))
    left, right = halves(((Fraction(0), Fraction(25)), (Fraction(0), Fraction(1))), original)
    assert left[1] == (0, Fraction(1, 2))
    assert right[1] == (Fraction(1, 2), 1)
    assert middle(left) == (Fraction(25, 2), Fraction(1, 4))
