"""A task: a distribution of the input and a target on it; the moments of both, exact where they can be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from theory.constant import sign_of
from theory.distributions import Distribution, unit
from theory.empirical import Empirical
from theory.errors import AssumptionViolated, TheoryError
from theory.exact_numbers import exact
from theory.finiteness import require_finite
from theory.linear_maps import LinearImage, MonomialExpansion
from theory.means import exact_mean, in_input, input_symbols


class Moments(ABC):
    """M_p = ∫ x^p ρ, always exact, and F_p = ∫ f* x^p ρ, exact or None."""

    @property
    @abstractmethod
    def distribution(self) -> Distribution:
        """ρ."""

    @abstractmethod
    def target_moment(self, powers: Sequence[int]) -> sp.Expr | None:
        """∫ f* x1^p1 … xd^pd ρ, None where no exact form is known."""

    @property
    def dim(self) -> int:
        """d"""
        return self.distribution.dim

    def moment(self, powers: Sequence[int]) -> sp.Expr:
        """∫ x1^p1 … xd^pd ρ."""
        return self.distribution.moment(powers)

    @cached_property
    def z(self) -> tuple[sp.Expr | None, ...]:
        """∫ f* x ρ, an entry None where no exact form is known."""
        return tuple(self.target_moment(unit(self.dim, i)) for i in range(self.dim))


@dataclass(frozen=True)
class Task(Moments):
    """ρ and f*, the latter an exact expression in x1 … xd (x for d = 1), or None for the labels of a measure.

    Raises
    ------
    InexactConstant, TheoryError
        For a float or an unknown symbol in the target, if it is not shown to be finite on the support, or if neither a
        target nor labels are there.
    """

    source: Distribution
    target: sp.Expr | None = None

    def __post_init__(self) -> None:
        if self.target is not None:
            target = in_input(self.target, self.source.dim)
            require_finite(target, input_symbols(self.source.dim), self.source)
            object.__setattr__(self, "target", target)
        elif not isinstance(self.source, Empirical) or self.source.labels is None:
            raise TheoryError("A target is needed: an expression in x1 … xd, or a measure with labels.")

    @property
    def distribution(self) -> Distribution:
        return self.source

    def target_moment(self, powers: Sequence[int]) -> sp.Expr | None:
        if self.target is None:
            assert isinstance(self.source, Empirical)
            return self.source.label_moment(powers)
        known: dict[tuple[int, ...], sp.Expr | None] = self.__dict__.setdefault("_target_moments", {})
        key = tuple(powers)
        if key not in known:
            known[key] = exact_mean(self.source, self.target * self._monomial(key))
        return known[key]

    def _monomial(self, powers: Sequence[int]) -> sp.Expr:
        return sp.Mul(*(x**p for x, p in zip(input_symbols(self.dim), powers, strict=True)))

    @cached_property
    def risk_at_zero(self) -> sp.Expr | None:
        """R_0 = ½ ∫ f*² ρ, the risk of a network whose output is 0; None where no exact form is known."""
        if self.target is None:
            return self._over_labels(lambda y: y * y) / 2
        square = exact_mean(self.source, self.target**2)
        return None if square is None else square / 2

    @cached_property
    def absolute_mean(self) -> sp.Expr | None:
        """F = ∫ |f*| ρ of Lemma 1; None where no exact form is known."""
        if self.target is None:
            return self._over_labels(abs)
        return exact_mean(self.source, sp.Abs(self.target))

    def _over_labels(self, function: Any) -> sp.Expr:
        assert isinstance(self.source, Empirical)
        assert self.source.labels is not None
        pairs = zip(self.source.weights, self.source.labels, strict=True)
        total = sum(w * function(y) for w, y in pairs)
        return sp.Rational(total.numerator, total.denominator)


@dataclass(frozen=True)
class TransformedTask(Moments):
    """The task in coordinates x' = A x, A orthogonal, and with the target c f*: M and F as tensors under A.

    Attributes
    ----------
    original:
        The task before.
    matrix:
        The orthogonal matrix A, exact.
    factor:
        c, or None for c = 1/‖z‖ where ‖z‖ has no exact form: then F_p is exact only where it is 0.
    """

    original: Task
    matrix: sp.ImmutableMatrix
    factor: sp.Expr | None

    def __post_init__(self) -> None:
        if self.factor is not None:
            exact(self.factor, "the factor of the target")

    @cached_property
    def distribution(self) -> Distribution:
        """The data in the new coordinates."""
        if self.matrix == sp.eye(self.original.dim):
            return self.original.distribution
        return LinearImage(self.original.distribution, self.matrix, orthogonal=True)

    @cached_property
    def expansion(self) -> MonomialExpansion:
        """Monomials of x' in monomials of x."""
        return MonomialExpansion(self.matrix)

    def target_moment(self, powers: Sequence[int]) -> sp.Expr | None:
        total = sp.S.Zero
        for monomial, coefficient in self.expansion.of(powers).items():
            value = self.original.target_moment(monomial)
            if value is None:
                return None
            total += coefficient * value
        total = sp.expand(total)
        if total == 0:
            return sp.S.Zero
        if self.factor is None:
            return None
        value = self.factor * total
        return sp.radsimp(sp.expand(value)) if value.is_algebraic else value


def known_z(task: Moments) -> tuple[sp.Expr, ...]:
    """z = ∫ f* x ρ, proved not to be zero.

    Raises
    ------
    AssumptionViolated
        If z = 0 (Assumption 2).
    TheoryError
        If an entry has no exact form, or it was not decided whether z is zero.
    """
    entries = []
    for i, entry in enumerate(task.z, 1):
        if entry is None:
            raise TheoryError(
                f"The number z_{i} = ∫ f* x{i} ρ has no exact form here; use a polynomial target or data with rational "
                "points, or numerics.balls.moments.data_model, which encloses it."
            )
        entries.append(entry)
    signs = [sign_of(entry) for entry in entries]
    if any(s in (-1, 1) for s in signs):
        return tuple(entries)
    if all(s == 0 for s in signs):
        raise AssumptionViolated(
            "Assumption 2 is violated: z = ∫ f* x ρ = 0, so that the target has no linear part under these data; "
            "choose a target with z ≠ 0, for instance by adding a linear term."
        )
    raise TheoryError(
        f"Whether z = ({', '.join(map(str, entries))}) is zero was not decided; write it exactly."
    )
