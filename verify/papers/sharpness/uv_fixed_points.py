"""Fixed points of the uv model's gradient descent, their multipliers, and which of them attract."""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.iteration import FixedPoint
from theory.uv import Y, dimensionless, g, k
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_reduction import SCALED, WHERE

SETS = ("I", "II", "III", "IV")
STATED: dict[str, dict[sp.Symbol, sp.Expr]] = {
    "I": {g: Y},
    "II": {g: sp.S.Zero, k: sp.S.Zero},
    "III": {g: 2 + Y, k: 4 + 2 * Y},
    "IV": {g: Y - 2, k: 4 - 2 * Y},
}
MULTIPLIERS: dict[str, tuple[sp.Expr, sp.Expr]] = {
    "I": (sp.S.One, 1 - k),
    "II": ((1 + Y) ** 2, (1 - Y) ** 2),
    "III": (sp.Integer(9), 5 + 2 * Y),
    "IV": (sp.Integer(9), 5 - 2 * Y),
}


@cache
def _found() -> dict[str, FixedPoint]:
    """All sets of fixed points, by the names used here; as many as there are."""
    points = dimensionless().fixed_points()
    if len(points) != len(SETS):
        raise AssertionError(f"{len(points)} sets of fixed points")
    named = {}
    for name, place in STATED.items():
        (named[name],) = (
            point
            for point in points
            if set(point.conditions) == set(place)
            and all(sp.expand(point.conditions[v] - e) == 0 for v, e in place.items())
        )
    return named


def _symmetric(values: tuple[sp.Expr, ...]) -> dict[str, sp.Expr]:
    return {"sum": sp.Add(*values), "product": sp.Mul(*values)}


def _multipliers() -> dict[str, sp.Expr]:
    """Sum and product of the two multipliers: they have no order."""
    return {
        f"{name}, {what}": value
        for name, point in _found().items()
        for what, value in _symmetric(point.multipliers).items()
    }


paper.identity(
    "uv.fixed",
    _multipliers,
    lambda: {f"{n}, {what}": v for n in SETS for what, v in _symmetric(MULTIPLIERS[n]).items()},
    aligned=False,
    title="All fixed points, with their multipliers",
    where=WHERE,
    hypotheses=(
        *SCALED,
        "all fixed points: both components are factorised, and each factor is solved exactly",
        "compared are the sum and the product of each pair of multipliers",
    ),
    uses=("uv.dimensionless",),
    basis="derived",
    statement=(
        r"\begin{aligned} \text{(I)}\; & g = Y &&: 1,\; 1-k \\ "
        r"\text{(II)}\; & (g, k) = (0, 0) &&: (1+Y)^2,\; (1-Y)^2 \\ "
        r"\text{(III)}\; & (2+Y,\, 4+2Y) &&: 9,\; 5+2Y \\ \text{(IV)}\; & (Y-2,\, 4-2Y) &&: 9,\; 5-2Y \end{aligned}"
    ),
)

paper.inequality(
    "uv.fixed.stable",
    sp.And(
        sp.Lt((1 - k) ** 2, 1),
        sp.Lt(Y**2, 1),
    ),
    assuming=(sp.Gt(k, 0), sp.Lt(k, 2), sp.Ge(k, 2 * Y), sp.Ge(k, -2 * Y)),
    title="A stable minimum needs |Y| < 1",
    where=WHERE,
    hypotheses=(
        *SCALED,
        r"on the line (I) $|g| \le k/2$ is $k \ge 2|Y|$, and $|1 - k| < 1$ is $0 < k < 2$",
        r"conversely, for $|Y| < 1$ every $k$ with $2|Y| \le k < 2$, $k > 0$, is one",
    ),
    uses=("uv.fixed",),
    basis="derived",
    statement=r"k \ge 2|Y|,\; 0 < k < 2 \;\Longrightarrow\; |1-k| < 1 \text{ and } |Y| < 1",
)
