"""Assumptions 1 and 2 of the multi-stage paper, checked exactly, and whether z is an eigenvector of M₂.

(10) and (15)–(20) rest on M₂ z being parallel to z: where it is not, the weights that have condensed on z are drawn
away from that line, towards M₂⁻¹ z. See the claim ``asm1.eigenvector``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from theory.constant import sign_of
from theory.data import DataModel
from theory.distributions import Distribution
from theory.errors import AssumptionViolated, TheoryError
from theory.tasks import Moments, known_z
from theory.zero import decide_zero


def check_assumption_1(distribution: Distribution) -> sp.Expr:
    """D, the radius of a ball that holds the support, if ρ is symmetric and M₂ = I exactly.

    Raises
    ------
    AssumptionViolated
        Naming the moment that is wrong, or the symmetry, and the way out.
    TheoryError
        If it was not decided whether a second moment is what it should be.
    """
    if not distribution.symmetric:
        raise AssumptionViolated(
            f"Assumption 1 is violated: ρ is not symmetric{_odd_moment(distribution)}; add the negative of every "
            "point, or use theory.general with symmetric=False, for which the odd moments stay."
        )
    second = distribution.second_moments
    for i in range(distribution.dim):
        for j in range(i + 1):
            wanted = int(i == j)
            found = sign_of(second[i, j] - wanted)
            if found is None:
                raise TheoryError(
                    f"Whether ∫ x{j + 1} x{i + 1} ρ = {second[i, j]} is {wanted} was not decided."
                )
            if found:
                raise AssumptionViolated(
                    f"Assumption 1 is violated: ∫ x{j + 1} x{i + 1} ρ = {second[i, j]}, not {wanted}; normalise the "
                    "data (theory.normalised), or keep M₂ in the equations, which (7) allows."
                )
    return distribution.radius


def _odd_moment(distribution: Distribution) -> str:
    """The first odd moment of order 1 or 3 that is not zero, in words; the symmetry can fail without one."""
    dim = distribution.dim
    for order in (1, 3):
        for powers in _powers(dim, order):
            value = distribution.moment(powers)
            if sign_of(value) not in (0, None):
                name = " ".join(f"x{i}" + (f"^{p}" if p > 1 else "") for i, p in enumerate(powers, 1) if p)
                return f" (∫ {name} ρ = {value}, not 0)"
    return ""


def _powers(dim: int, total: int) -> list[tuple[int, ...]]:
    if dim == 1:
        return [(total,)]
    return [(p, *rest) for p in range(total, -1, -1) for rest in _powers(dim - 1, total - p)]


def check_assumption_2(task: Moments) -> sp.Expr:
    """‖z‖ > 0, exact.

    Raises
    ------
    AssumptionViolated
        If z = 0.
    TheoryError
        If z has no exact form or was not decided.
    """
    from theory.rotation import norm_of

    return norm_of(known_z(task))


@dataclass(frozen=True)
class Eigenvector:
    """Whether M₂ z is parallel to z.

    Attributes
    ----------
    holds:
        True or False where it is proved; None where it depends on the values of symbols.
    minors:
        (M₂z)_i z_j − (M₂z)_j z_i for i < j: all of them zero if and only if z is an eigenvector.
    eigenvalue:
        λ with M₂ z = λ z, where that holds.
    """

    holds: bool | None
    minors: tuple[sp.Expr, ...]
    eigenvalue: sp.Expr | None

    def require(self) -> sp.Expr:
        """The eigenvalue.

        Raises
        ------
        AssumptionViolated
            If z is not an eigenvector of M₂, or may be none.
        """
        if self.eigenvalue is None:
            broken = next(minor for minor in self.minors if minor != 0)
            raise AssumptionViolated(
                f"The vector z is {'not' if self.holds is False else 'not known to be'} an eigenvector of M₂ "
                f"(a component of M₂z across z is {broken}): the condensed direction turns, and (10), (15)–(20) do not "
                "hold; normalise the data to M₂ = I, or use (7)."
            )
        return self.eigenvalue


def eigenvector_of_second_moments(
    second_moments: sp.ImmutableMatrix | DataModel, z: Sequence[sp.Expr] | None = None
) -> Eigenvector:
    """Whether z is an eigenvector of M₂, exactly, for numbers or symbols; give both or a model of the data.

    TheoryError where the shapes do not fit.
    """
    if isinstance(second_moments, DataModel):
        second_moments, z = second_moments.second_moments, second_moments.z
    if z is None or second_moments.shape != (len(z), len(z)):
        raise TheoryError("Give the d × d matrix M₂ and the d entries of z.")
    image = list(second_moments * sp.Matrix(z))
    minors = tuple(
        sp.expand(image[i] * z[j] - image[j] * z[i]) for i in range(len(z)) for j in range(i + 1, len(z))
    )
    truths = [_is_zero(minor) for minor in minors]
    if all(truths):
        value = sp.Add(*(p * q for p, q in zip(image, z, strict=True))) / sp.Add(*(q**2 for q in z))
        return Eigenvector(True, (sp.S.Zero,) * len(minors), sp.cancel(value))
    return Eigenvector(False if False in truths else None, minors, None)


def _is_zero(expr: sp.Expr) -> bool | None:
    if not expr.free_symbols:
        found = sign_of(expr)
        return None if found is None else found == 0
    return True if decide_zero(expr).is_zero else None
