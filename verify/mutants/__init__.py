"""Negative controls made from a statement: small changes that should make it false, and that its check has to
refute.

A mutant counts only with a witness of its falsity that is found by other code than the check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.mutants.identity import of_identity
    from verify.mutants.inequality import of_inequality

__all__ = ["of_identity", "of_inequality"]


def __getattr__(name: str) -> Any:
    # SymPy is imported when a mutant is first asked for.
    if name == "of_identity":
        from verify.mutants.identity import of_identity

        return of_identity
    if name == "of_inequality":
        from verify.mutants.inequality import of_inequality

        return of_inequality
    raise AttributeError(f"verify.mutants has no {name!r}")
