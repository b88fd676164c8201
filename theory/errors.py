"""Errors of the symbolic layer. Each message says what was wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class TheoryError(ValueError):
    """Base class of every error that a user of :mod:`theory` can cause and mend."""


class InexactConstant(TheoryError):
    """A floating-point number stands in an expression that has to be exact."""


class AssumptionViolated(TheoryError):
    """The data, the target or the activation breaks an assumption of the theory."""


class NotClosed(TheoryError):
    """A set of order parameters does not close: their time derivatives need other moments.

    Attributes
    ----------
    leftovers:
        The moments that are left, as text, in the order of their size.
    """

    def __init__(self, equation: str, leftovers: Sequence[str]) -> None:
        self.equation = equation
        self.leftovers = tuple(leftovers)
        shown = ", ".join(self.leftovers[:6]) + (", …" if len(self.leftovers) > 6 else "")
        super().__init__(
            f"The system does not close: d({equation})/dt needs {shown}; add these as order parameters, "
            "or pass a closure that expresses them."
        )
