"""Whether a target is finite on the support of the data: at every point, or on a box around it by ball arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import sympy as sp

from theory.codegen import ball_expression
from theory.distributions import Distribution
from theory.errors import TheoryError

Box: TypeAlias = tuple[tuple[Any, Any], ...]
"""Midpoint and radius on each side."""

BUDGET = 4000
"""Boxes that are looked at before the attempt is given up."""

_BITS = 64


def require_finite(target: sp.Expr, variables: Sequence[sp.Symbol], distribution: Distribution) -> None:
    """Show that the target is finite on the support.

    On finitely many points it is evaluated there. Otherwise the box of the support's extents is subdivided until ball
    arithmetic has a finite value on every part; polynomials and functions without singularities need none of this.

    Raises
    ------
    TheoryError
        If the target is not finite at a point, or was not shown to be finite.
    """
    if not _may_be_singular(target, variables):
        return
    atoms = distribution.atoms
    if atoms is None:
        _over_box(target, variables, distribution.extents)
        return
    for _, point in atoms:
        value = target.subs(dict(zip(variables, point, strict=True)))
        if value.is_finite is not True or value.is_extended_real is False:
            raise TheoryError(
                f"The target {target} is not finite at the data point ({', '.join(map(str, point))}); leave that point "
                "out or choose another target."
            )


def _may_be_singular(target: sp.Expr, variables: Sequence[sp.Symbol]) -> bool:
    """Whether a logarithm, a tangent, or a power that is no natural number stands over a variable."""
    names = set(variables)
    return any(
        node.free_symbols & names
        and (
            (isinstance(node, sp.Pow) and node.base is not sp.E and not node.exp.is_nonnegative)
            or (isinstance(node, sp.Pow) and node.base is not sp.E and not node.exp.is_Integer)
            or isinstance(node, sp.log | sp.tan)
        )
        for node in sp.preorder_traversal(target)
    )


def _over_box(target: sp.Expr, variables: Sequence[sp.Symbol], extents: Sequence[sp.Expr]) -> None:
    from flint import arb, ctx

    function = ball_expression([target], list(variables))
    edges = ball_expression(list(extents), [])
    with ctx.workprec(_BITS):
        boxes = [tuple((arb(0), edge.upper()) for edge in edges())]
        for _ in range(BUDGET):
            if not boxes:
                return
            box = boxes.pop()
            try:
                (value,) = function(*(arb(mid, radius) for mid, radius in box))
            except ZeroDivisionError:
                value = arb("nan")
            if not value.is_finite():
                boxes.extend(_halves(box))
    raise TheoryError(
        f"The target {target} was not shown to be finite on the data, which reach to "
        f"{', '.join(f'|{x}| = {e}' for x, e in zip(variables, extents, strict=True))}; choose a target without a "
        "singularity there."
    )


def _halves(box: Box) -> list[Box]:
    """The box cut across its widest side."""
    widest = max(range(len(box)), key=lambda i: float(box[i][1]))
    mid, radius = box[widest]
    half = radius / 2
    return [(*box[:widest], (mid + shift, half), *box[widest + 1 :]) for shift in (-half, half)]
