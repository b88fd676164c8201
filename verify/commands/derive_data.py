"""The data of `lemmata derive`: a named distribution or a file, a target, and the balls around what stays a symbol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verify.commands.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sympy as sp

    from numerics.balls.moments import BallMoments
    from theory import DataModel, Distribution

NAMES = ("uniform", "ball", "two-point", "gaussian")
"""Built-in distributions: uniform on a cube or a ball, the corners of a cube, a Gaussian cut at three deviations."""

_DIGITS = 30
_SHOWN = 20


def given_data(
    data: str | None, target: str | None, dim: int, *, rotate: bool
) -> tuple[DataModel, BallMoments | None] | None:
    """The model that ``--data`` and ``--target`` mean, None without them.

    Built-in distributions are normalised to M₂ = I and the target is divided by ‖z‖; a file is taken as it is, apart
    from the rotation to z = ‖z‖ e₁ where ``rotate`` asks for it. The second entry has balls for what has no exact form.
    """
    if data is None:
        if target is not None:
            raise UsageError(f"--target needs --data: one of {', '.join(NAMES)}, or a CSV file.")
        return None
    import theory
    from numerics.balls import moments

    if data in NAMES:
        if target is None:
            raise UsageError(f"--data {data} needs --target, a formula in {_variables(dim)}.")
        return moments.data_model(_named(data, dim), _formula(target, dim), digits=_DIGITS)
    if Path(data).suffix.lower() != ".csv":
        raise UsageError(f"--data {data} is neither one of {', '.join(NAMES)} nor a file that ends in .csv.")
    from numerics.exact_data import measure_from_csv

    measure = measure_from_csv(data)
    if dim not in (1, measure.dim):
        raise UsageError(f"--dim is {dim}, but {data} has {measure.dim} input columns; leave --dim out.")
    formula = None if target is None else _formula(target, measure.dim)
    return theory.data_model(measure, formula, rotate=rotate, unit_norm=False), None


def enclosures(model: DataModel, balls: BallMoments | None, expressions: Sequence[sp.Expr]) -> list[str]:
    """Lines with a ball around each moment that is left in the expressions as a symbol."""
    if balls is None:
        return []
    from numerics.balls.moments import free_moments

    return [f"{symbol} = {balls.value(symbol).str(_SHOWN)}" for symbol in free_moments(model, expressions)]


def _named(name: str, dim: int) -> Distribution:
    import theory

    if name == "uniform":
        return theory.normalised(theory.Box(*[1] * dim))
    if name == "ball":
        return theory.normalised(theory.Ball(dim, 1))
    if name == "two-point":
        return theory.Product(*[theory.TwoPoint(1) for _ in range(dim)])
    return theory.normalised(theory.TruncatedGaussian(dim, 3))


def _variables(dim: int) -> str:
    return "x" if dim == 1 else f"x1 to x{dim}"


def _formula(text: str, dim: int) -> sp.Expr:
    from numerics.expression import parse
    from verify.expressions import to_sympy

    names = [f"x{i}" for i in range(1, dim + 1)]
    return to_sympy(parse(text, ["x", *names] if dim == 1 else names))
