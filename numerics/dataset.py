"""Samples, labels and weights: the data distribution ρ of the network, always a finite measure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.expression import Expression, parse
from numerics.table import numbered_columns, read_table

_LARGEST = 1e100  # the squares of larger numbers overflow in what is computed from them


@dataclass(frozen=True, eq=False)
class Dataset:
    """n samples of dimension d: ``x`` (n, d), labels ``y`` (n,), ``weights`` (n,) of sum 1.

    The arrays are copied and cannot be written to. ``description`` says where they come from. InputError for
    fewer than two samples, shapes that do not fit, a number that is not finite, or z = 0 (Assumption 2).
    """

    x: FloatArray
    y: FloatArray
    weights: FloatArray
    description: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("x", "y", "weights"):
            array = np.array(getattr(self, name), dtype=np.float64, order="C")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.x.ndim != 2 or self.y.shape != self.x.shape[:1] or self.weights.shape != self.y.shape:
            raise InputError(
                f"The data have shapes x {self.x.shape}, y {self.y.shape}, weights {self.weights.shape}; "
                "they must be (n, d), (n,) and (n,)."
            )
        if self.x.shape[0] < 2 or self.x.shape[1] < 1:
            raise InputError(f"The data hold {self.x.shape[0]} samples; at least 2 are needed.")
        for name in ("x", "y", "weights"):
            if not np.all(np.abs(getattr(self, name)) < _LARGEST):
                raise InputError(f"The data hold a number that is not finite or is beyond 1e100, in {name}.")
        if np.any(self.weights < 0) or abs(math.fsum(self.weights) - 1.0) > 1e-12:
            raise InputError("The weights of the samples must not be negative, and must sum to 1.")
        size = math.sqrt(float(np.trace(self.second_moment)) * float(self.weights @ self.y**2))
        if not float(np.linalg.norm(self.z)) > 1e-12 * size:
            raise InputError(
                "Assumption 2 is violated: z, the mean of y x, is zero, so the target has no linear part "
                "under these data; choose another target."
            )

    @property
    def samples(self) -> int:
        """n"""
        return int(self.x.shape[0])

    @property
    def dim(self) -> int:
        """d"""
        return int(self.x.shape[1])

    @cached_property
    def second_moment(self) -> FloatArray:
        """The mean of x xᵀ, shape (d, d)."""
        return np.asarray((self.x * self.weights[:, None]).T @ self.x)

    @cached_property
    def z(self) -> FloatArray:
        """The mean of y x, shape (d,)."""
        return np.asarray(self.x.T @ (self.weights * self.y))

    def M(self, k: int) -> float:
        """The mean of x^k (d = 1)."""
        return math.fsum(self.weights * self._line() ** k)

    def F(self, k: int) -> float:
        """The mean of y x^k (d = 1)."""
        return math.fsum(self.weights * self.y * self._line() ** k)

    def _line(self) -> FloatArray:
        if self.dim != 1:
            raise InputError(
                f"Raw moments M(k), F(k) are for one input coordinate; the data have {self.dim}."
            )
        return np.asarray(self.x[:, 0])

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether with each sample (x, y) also (−x, −y) is there, exactly and with the same weight."""
        rows = np.column_stack([self.x, self.y, self.weights]) + 0.0  # + 0.0 turns −0 into 0
        mirrored = np.column_stack([-self.x, -self.y, self.weights]) + 0.0
        return bool(np.array_equal(rows[np.lexsort(rows.T)], mirrored[np.lexsort(mirrored.T)]))


def uniform(n: int) -> FloatArray:
    """n equal weights of sum 1."""
    return np.full(n, 1.0 / n)


def equidistant(n: int, target: str) -> Dataset:
    """n equidistant points of an interval about 0 with mean x² = 1, and y = c · target with mean y x = 1.

    ``target`` is a formula in x, taken at the rescaled points (which fill [−√3, √3] as n grows).
    InputError for n < 2, a formula that cannot be read or is not finite at a point, and z = 0.
    """
    if n < 2:
        raise InputError(f"The number of samples is {n}; at least 2 are needed.")
    # The mean of (2j − n + 1)² over j = 0 … n − 1 is (n² − 1)/3. Integers first: exactly symmetric points.
    steps = np.arange(1 - n, n, 2, dtype=np.float64)
    x = (steps * math.sqrt(3.0 / (n * n - 1.0)))[:, None]
    labels = _labels(_formula(target, 1), x)
    return _normalised(x, labels, target, {"kind": "equidistant", "samples": n, "dim": 1})


def halton(half: int, dim: int, target: str) -> Dataset:
    """``half`` Halton points of [−1, 1]^dim and their negatives, second moment I, z = e₁.

    The points are whitened by the symmetric inverse root of their second moment. ``target`` is a formula in
    x1 … xd (x if dim = 1), taken at these whitened points; only then are the points rotated so that
    z = ‖z‖ e₁, and the labels divided by ‖z‖. InputError as in ``equidistant``, and where there are too few
    points for the dimension.
    """
    if dim < 1:
        raise InputError(f"The dimension is {dim}; it must be at least 1.")
    if half < max(dim, 1):
        raise InputError(f"{2 * half} samples are too few in dimension {dim}; take at least {2 * dim}.")
    points = 2.0 * _halton_points(half, dim) - 1.0
    for _ in range(2):  # the second pass removes what rounding left in the first
        spread, directions = np.linalg.eigh(points.T @ points / half)
        if spread[0] < 1e-10 * spread[-1]:
            raise InputError(f"{2 * half} samples do not span dimension {dim}; take more of them.")
        points = points @ ((directions / np.sqrt(spread)) @ directions.T)
    x = np.concatenate([points, -points[::-1]])
    labels = _labels(_formula(target, dim), x)
    return _normalised(x, labels, target, {"kind": "halton", "samples": 2 * half, "dim": dim})


def generated(samples: int, dim: int, target: str) -> Dataset:
    """The data that are meant where nothing else is said: equidistant for dim = 1, Halton above.

    InputError for fewer than 2 samples, and for an odd number of them above dimension 1.
    """
    if samples < 2:
        raise InputError(f"The number of samples is {samples}; at least 2 are needed.")
    if dim == 1:
        return equidistant(samples, target)
    if samples % 2:
        raise InputError(f"The number of samples is {samples}; above dimension 1 it must be even (± pairs).")
    return halton(samples // 2, dim, target)


def from_arrays(
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray | None = None,
    description: Mapping[str, Any] | None = None,
) -> Dataset:
    """Data given as arrays, taken as they are; ``weights`` equal if not given, ``x`` (n,) or (n, d)."""
    points = np.asarray(x, dtype=np.float64)
    points = points[:, None] if points.ndim == 1 else points
    given = uniform(len(points)) if weights is None and len(points) else weights
    about = {"kind": "arrays", "samples": len(points)} if description is None else description
    return Dataset(points, np.asarray(y, dtype=np.float64), np.asarray(given, dtype=np.float64), about)


def from_csv(path: str | Path) -> Dataset:
    """Data from a file with columns x1, …, xd, y in any order (x for a single one); not rescaled."""
    file = Path(path)
    names, rows = read_table(file)
    if sorted(names) == ["x", "y"]:
        names = ["x1" if name == "x" else name for name in names]
    columns = numbered_columns(file, names, "y", "x")
    about = {"kind": "file", "file": file.name, "samples": len(rows), "dim": len(names) - 1}
    return from_arrays(rows[:, columns[1:]], rows[:, columns[0]], description=about)


def _formula(target: str, dim: int) -> Expression:
    numbered = [f"x{i}" for i in range(1, dim + 1)]
    if dim > 1:
        return parse(target, numbered)
    try:
        return parse(target, ["x"])
    except InputError:
        try:
            return parse(target, ["x1"])
        except InputError:
            pass
        raise


def _labels(formula: Expression, x: FloatArray) -> FloatArray:
    """The target at points with x[::-1] = −x, exactly odd where the formula's form shows that it is odd."""
    labels = formula.evaluate({name: x[:, i] for i, name in enumerate(formula.variables)})
    bad = np.flatnonzero(~(np.abs(labels) < _LARGEST))
    if bad.size:
        point = ", ".join(f"{c:.6g}" for c in x[bad[0]])
        raise InputError(f"The target {formula.text!r} is not finite at the data point ({point}).")
    if formula.parity() == "odd":
        labels = _odd_part(labels)
    return labels


def _odd_part(values: FloatArray) -> FloatArray:
    """Values at points with x[::-1] = −x made exactly odd: rounding may differ from place to place."""
    return 0.5 * (values - values[::-1])


def _normalised(x: FloatArray, labels: FloatArray, target: str, about: dict[str, Any]) -> Dataset:
    """Rotate so that z is along e₁ and scale the labels so that ‖z‖ = 1."""
    raw = Dataset(x, labels, uniform(len(x)))  # also refuses z = 0
    rotation = _rotation_to_first(raw.z)
    turned = _odd_part(x @ rotation.T)
    # In one dimension there is no rotation: the sign of z goes into the scale of the labels.
    scale = 1.0 / float(raw.z[0]) if raw.dim == 1 else 1.0 / float(np.linalg.norm(raw.z))
    about = {**about, "target": target, "target_scale": scale}
    if raw.dim > 1:
        about["rotation"] = rotation.tolist()
    return Dataset(turned, labels * scale, raw.weights, about)


def _rotation_to_first(z: FloatArray) -> FloatArray:
    """The rotation (determinant 1) made of plane rotations that turns z onto the positive first axis."""
    rotation = np.eye(len(z))
    for i in range(len(z) - 1, 0, -1):
        first, other = rotation[0] @ z, rotation[i] @ z
        length = math.hypot(first, other)
        if length == 0.0 or (other == 0.0 and (first > 0.0 or i > 1)):
            continue
        c, s = first / length, other / length
        rotation[[0, i]] = np.array([[c, s], [-s, c]]) @ rotation[[0, i]]
    return rotation


def _halton_points(count: int, dim: int) -> FloatArray:
    """Points 1 … count of the Halton sequence in the first dim prime bases, in (0, 1)."""
    primes: list[int] = []
    candidate = 2
    while len(primes) < dim:
        if all(candidate % p for p in primes):
            primes.append(candidate)
        candidate += 1
    points = np.zeros((count, dim))
    for column, base in enumerate(primes):
        index, weight = np.arange(1, count + 1), 1.0
        while np.any(index):
            weight /= base
            points[:, column] += weight * (index % base)
            index //= base
    return points
