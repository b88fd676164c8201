"""All errors that a user can cause have one root, and name what is left."""

from __future__ import annotations

from theory import AssumptionViolated, InexactConstant, NotClosed, TheoryError


def test_one_root() -> None:
    assert all(issubclass(kind, TheoryError) for kind in (AssumptionViolated, InexactConstant, NotClosed))
    assert issubclass(TheoryError, ValueError)


def test_leftovers_are_named_and_cut() -> None:
    error = NotClosed("P", [f"M{i}" for i in range(9)])
    assert error.leftovers == tuple(f"M{i}" for i in range(9))
    assert "M5" in str(error)
    assert "M6" not in str(error)
    assert "closure" in str(error)
