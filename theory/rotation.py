"""Rotation of the coordinates to z = ‖z‖ e₁, exact over the rationals extended by one square root."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from theory.constant import sign_of
from theory.errors import TheoryError
from theory.tasks import Moments, Task, TransformedTask, known_z


def rotation_to_first(z: Sequence[sp.Expr]) -> sp.ImmutableMatrix:
    """The orthogonal matrix A of determinant 1 with A z = ‖z‖ e₁, for d ≥ 2.

    A is the Householder reflection that takes z to ‖z‖ e₁, followed by a change of the last coordinate's sign. With
    r the direction of z in rational numbers its entries lie in Q(√(r·r)). Where z is along e₁ already A = I, where it
    is along −e₁ the first two coordinates change their sign.

    Raises
    ------
    TheoryError
        If the ratios of the entries of z are not rational; the message says what else can be done.
    """
    dim = len(z)
    direction = rational_direction(z)
    first, across = direction[0], direction[1:]
    if not any(across):
        flipped = [-1 if first < 0 and i < 2 else 1 for i in range(dim)]
        return sp.ImmutableMatrix(sp.diag(*flipped))
    square = sp.Add(*(r * r for r in direction))
    beside = sp.Add(*(r * r for r in across))
    root = sp.sqrt(square)

    def entry(i: int, j: int) -> sp.Expr:
        if i == 0 or j == 0:
            return direction[i + j] * root / square
        # 1/(s (s − r₁)) = 1/t + r₁ s/(s² t) with s = √(r·r), t = Σ_{i≥2} r_i²: no root below the line.
        return int(i == j) - direction[i] * direction[j] * (1 / beside + first * root / (square * beside))

    reflection = sp.Matrix(dim, dim, entry)
    reflection[dim - 1, :] *= -1
    return sp.ImmutableMatrix(reflection.applyfunc(sp.expand))


def rational_direction(z: Sequence[sp.Expr]) -> list[sp.Rational]:
    """Rational numbers r with z = λ r for some λ > 0.

    Raises
    ------
    TheoryError
        If there are none, or none were found.
    """
    signs = [sign_of(entry) for entry in z]
    pivot = next((i for i, s in enumerate(signs) if s in (-1, 1)), None)
    if pivot is None or None in signs:
        raise TheoryError("The direction of z was not decided; write its entries as exact numbers.")
    ratios = []
    for entry, s in zip(z, signs, strict=True):
        ratio = sp.S.Zero if s == 0 else sp.radsimp(sp.cancel(entry / z[pivot]))
        if not ratio.is_Rational:
            raise TheoryError(
                f"The exact rotation needs rational ratios of the entries of z, but one is {str(ratio)[:60]}; choose a "
                "target whose z is rational or along one axis, keep z as symbols with theory.general, or rotate in "
                "balls with numerics.balls.moments.data_model."
            )
        ratios.append(ratio * signs[pivot])
    return ratios


def rotated(task: Task, *, unit_norm: bool = False) -> TransformedTask:
    """The task in coordinates in which z = ‖z‖ e₁, with the target divided by ‖z‖ if ``unit_norm``.

    In one dimension there is nothing to rotate: a negative z changes the sign of the target, as x ↦ −x would for an
    odd one.

    Raises
    ------
    AssumptionViolated
        If z = 0.
    TheoryError
        If z, or the ratios of its entries, are not known exactly.
    """
    z = known_z(task)
    if task.dim == 1:
        factor = 1 / z[0] if unit_norm else sp.Integer(sign_of(z[0]) or 1)
        return TransformedTask(task, sp.ImmutableMatrix([[1]]), factor)
    matrix = rotation_to_first(z)
    norm = norm_of(z)
    return TransformedTask(task, matrix, 1 / norm if unit_norm else sp.S.One)


def norm_of(z: Sequence[sp.Expr]) -> sp.Expr:
    """‖z‖; the entry itself, made positive, where there is one that is not 0."""
    present = [entry for entry in z if entry != 0]
    if len(present) == 1:
        return present[0] * (sign_of(present[0]) or 1)
    return sp.sqrt(sp.expand(sp.Add(*(entry**2 for entry in z))))


def is_along_first(task: Moments) -> bool:
    """Whether z is shown to be along e₁ by entries 2 … d that are exactly 0."""
    return all(entry == 0 for entry in task.z[1:])
