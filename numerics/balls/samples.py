"""Data as balls: the floats of a data set exactly, or points and labels as they were meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

from numerics.balls.dyadic import ball
from numerics.balls.formula import in_balls
from numerics.dataset import Dataset
from numerics.errors import InputError
from numerics.expression import Expression

Number = float | Fraction | arb


@dataclass(frozen=True)
class BallData:
    """Samples for the sums of a network: ``x`` n lists of d balls, ``y`` and ``weights`` n balls each.

    With ``mirrored`` each sample stands for itself and its negative (−x, −y): with an odd σ both say the same of
    the risk, and each weight counts for the two. ``constant_loss`` is the risk of samples at x = 0, which nothing
    moves. InputError where a number is not finite or a weight is negative.
    """

    x: tuple[tuple[arb, ...], ...]
    y: tuple[arb, ...]
    weights: tuple[arb, ...]
    mirrored: bool = False
    constant_loss: arb = field(default_factory=arb)

    def __post_init__(self) -> None:
        if not self.x or len({len(self.x), len(self.y), len(self.weights)}) != 1 or not self.x[0]:
            raise InputError(
                "The data need as many labels and weights as points, at least one, of dimension 1 or more."
            )
        if any(len(point) != self.dim for point in self.x):
            raise InputError("The points of the data have different dimensions.")
        entries = [*(c for point in self.x for c in point), *self.y, *self.weights, self.constant_loss]
        if not all(entry.is_finite() for entry in entries):
            raise InputError("The data hold a number that is not finite.")
        if any(weight < 0 for weight in self.weights):
            raise InputError("The weights of the samples must not be negative.")

    @property
    def dim(self) -> int:
        """d"""
        return len(self.x[0])


def of_dataset(data: Dataset, odd: bool = True) -> BallData:
    """The data set's own floats, exactly; one sample of each ± pair where it is exactly symmetric and σ is ``odd``.

    Equal weights are exactly 1/n, a ball at the precision that is set.
    """
    share: list[arb] = [arb(rho) for rho in data.weights.tolist()]
    if len(set(data.weights.tolist())) == 1:
        share = [arb(fmpq(1, data.samples))] * data.samples
    rows = list(zip(data.x.tolist(), data.y.tolist(), share, strict=True))
    if not (odd and data.is_symmetric):
        return _collected([([arb(c) for c in x], arb(y), rho) for x, y, rho in rows], mirrored=False)
    constant = arb(0)
    kept = []
    for x, y, rho in rows:
        first = next((c for c in x if c != 0), 0.0)
        if first > 0:
            kept.append(([arb(c) for c in x], arb(y), rho * 2))
        elif first == 0:
            constant += rho * arb(y) ** 2 / 2
    return _collected(kept, mirrored=True, constant=constant)


def of_numbers(
    x: Sequence[Sequence[Number]], y: Sequence[Number], weights: Sequence[Number] | None = None
) -> BallData:
    """Data given as floats (taken as the binary numbers they are), fractions or balls; equal weights by default.

    A fraction becomes a ball at the precision that is set.
    """
    shares: Sequence[Number] = [Fraction(1, len(y))] * len(y) if weights is None and len(y) else weights or []
    if len({len(x), len(y), len(shares)}) != 1:
        raise InputError(f"The data have {len(x)} points, {len(y)} labels and {len(shares)} weights.")
    rows = [
        ([ball(c) for c in point], ball(label), ball(share))
        for point, label, share in zip(x, y, shares, strict=True)
    ]
    return _collected(rows, mirrored=False)


def equidistant_as_meant(n: int, target: Expression) -> BallData:
    """n equidistant points with mean x² = 1 exactly, y = c · target with mean y x = 1 exactly, weights 1/n.

    Irrational numbers are balls at the precision that is set. ``target`` is a formula in one variable and odd, so that
    one point of each ± pair is enough. InputError where it is not odd, not finite at a point, or z = 0.
    """
    if n < 2:
        raise InputError(f"The number of samples is {n}; at least 2 are needed.")
    if target.parity() != "odd":
        raise InputError(f"The target {target.text!r} is not odd by its form.")
    unit = arb(fmpq(3, n * n - 1)).sqrt()
    x = [unit * step for step in range(2 if n % 2 else 1, n, 2)]  # half of them; x = 0 has y = 0
    y = [in_balls(target, {target.variables[0]: point}) for point in x]
    z = sum((point * label for point, label in zip(x, y, strict=True)), arb(0)) * arb(fmpq(2, n))
    if not z.is_finite() or z.contains(0):
        raise InputError(
            f"z, the mean of y x, is not certainly different from 0 for the target {target.text!r}."
        )
    rows = [([point], label / z, arb(fmpq(2, n))) for point, label in zip(x, y, strict=True)]
    return _collected(rows, mirrored=True)


def _collected(
    rows: Sequence[tuple[list[arb], arb, arb]], *, mirrored: bool, constant: arb | None = None
) -> BallData:
    return BallData(
        tuple(tuple(x) for x, _, _ in rows),
        tuple(y for _, y, _ in rows),
        tuple(rho for _, _, rho in rows),
        mirrored,
        arb(0) if constant is None else constant,
    )
