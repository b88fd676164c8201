"""Exact whole networks: rational weights, rational data that satisfy Assumptions 1 and 2 to the letter, and everything
that the lemmas of the paper speak about, in fractions.

The strategies that draw them are in `verify.strategies`. Nothing here knows of the derived theory: the drift is the
negative gradient of the risk, written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Protocol

Point = tuple[Fraction, ...]


class Activation(Protocol):
    """σ with σ(0) = 0, σ'(0) = 1, and L of Assumption 3: |σ(u) − u| ≤ L|u|³ and |σ'(u) − 1| ≤ Lu² for all u."""

    @property
    def constant(self) -> Fraction: ...

    def value(self, u: Fraction) -> Fraction: ...

    def derivative(self, u: Fraction) -> Fraction: ...


@dataclass(frozen=True)
class CubicActivation:
    """σ(u) = u + cu³."""

    c: Fraction

    @property
    def constant(self) -> Fraction:
        return 3 * abs(self.c)

    def value(self, u: Fraction) -> Fraction:
        return u + self.c * u**3

    def derivative(self, u: Fraction) -> Fraction:
        return 1 + 3 * self.c * u**2


@dataclass(frozen=True)
class RationalActivation:
    """σ(u) = u/(1 + cu²) with c ≥ 0: like tanh in that it is bounded, and exact at rational points.

    σ − u = −cu³/(1 + cu²) and σ' − 1 = −cu²(3 + cu²)/(1 + cu²)², so that L = 3c.
    """

    c: Fraction

    @property
    def constant(self) -> Fraction:
        return 3 * self.c

    def value(self, u: Fraction) -> Fraction:
        return u / (1 + self.c * u**2)

    def derivative(self, u: Fraction) -> Fraction:
        return (1 - self.c * u**2) / (1 + self.c * u**2) ** 2


@dataclass(frozen=True)
class Sample:
    """One point of the data: its weight, the input and the value of the target there."""

    weight: Fraction
    x: Point
    y: Fraction


def dot(u: Sequence[Fraction], v: Sequence[Fraction]) -> Fraction:
    """u·v."""
    return sum((p * q for p, q in zip(u, v, strict=True)), Fraction(0))


@dataclass(frozen=True)
class Data:
    """A finite density and a target on it."""

    samples: tuple[Sample, ...]

    @property
    def dim(self) -> int:
        return len(self.samples[0].x)

    def mean(self, values: Sequence[Fraction]) -> Fraction:
        """∫ of a function by its values at the samples."""
        return sum((s.weight * v for s, v in zip(self.samples, values, strict=True)), Fraction(0))

    @property
    def second_moments(self) -> tuple[Point, ...]:
        """∫ x xᵀ ρ."""
        axes = range(self.dim)
        return tuple(tuple(self.mean([s.x[i] * s.x[j] for s in self.samples]) for j in axes) for i in axes)

    @property
    def z(self) -> Point:
        """∫ f* x ρ."""
        return tuple(self.mean([s.y * s.x[i] for s in self.samples]) for i in range(self.dim))

    @property
    def reach_squared(self) -> Fraction:
        """D² of Lemma 1: the largest ‖x‖²."""
        return max(dot(s.x, s.x) for s in self.samples)

    @property
    def size(self) -> Fraction:
        """F of Lemma 1: ∫ |f*| ρ."""
        return self.mean([abs(s.y) for s in self.samples])


@dataclass(frozen=True)
class Unit:
    """One neuron x ↦ a σ(w·x)."""

    a: Fraction
    w: Point


@dataclass(frozen=True)
class Network:
    """A network on its data. Sums, rates and remainders are exact; i counts the entries of w from 1."""

    activation: CubicActivation | RationalActivation
    units: tuple[Unit, ...]
    data: Data

    @property
    def width(self) -> int:
        return len(self.units)

    @cached_property
    def _inner(self) -> list[list[Fraction]]:
        return [[dot(unit.w, s.x) for s in self.data.samples] for unit in self.units]

    @cached_property
    def residual(self) -> list[Fraction]:
        """f_θ − f* at the samples."""
        sigma = self.activation.value
        outputs = [
            sum(
                (unit.a * sigma(row[i]) for unit, row in zip(self.units, self._inner, strict=True)),
                Fraction(0),
            )
            for i in range(len(self.data.samples))
        ]
        return [output - s.y for output, s in zip(outputs, self.data.samples, strict=True)]

    @cached_property
    def drift(self) -> list[tuple[Fraction, Point]]:
        """(da_k/dt, dw_k/dt) of the gradient flow."""
        found = []
        for unit, row in zip(self.units, self._inner, strict=True):
            rate = -self.data.mean(
                [r * self.activation.value(u) for r, u in zip(self.residual, row, strict=True)]
            )
            pulls = [r * self.activation.derivative(u) for r, u in zip(self.residual, row, strict=True)]
            found.append((rate, self._moved(unit.a, pulls)))
        return found

    def _moved(self, a: Fraction, pulls: Sequence[Fraction]) -> Point:
        samples = self.data.samples
        return tuple(
            -a * self.data.mean([p * s.x[i] for p, s in zip(pulls, samples, strict=True)])
            for i in range(self.data.dim)
        )

    @cached_property
    def remainders(self) -> list[tuple[Fraction, Point]]:
        """(f_k, g_k) of (7): the drift less its leading terms."""
        z, sums = self.data.z, [self.S(i) for i in range(1, self.data.dim + 1)]
        pull = tuple(zi - si for zi, si in zip(z, sums, strict=True))
        return [
            (rate - dot(unit.w, pull), tuple(v - unit.a * p for v, p in zip(moved, pull, strict=True)))
            for unit, (rate, moved) in zip(self.units, self.drift, strict=True)
        ]

    def S(self, i: int) -> Fraction:
        """S_i = Σ_k a_k w_k^(i)."""
        return sum((unit.a * unit.w[i - 1] for unit in self.units), Fraction(0))

    @property
    def P(self) -> Fraction:
        """(17)."""
        return self.S(1)

    @property
    def Q(self) -> Fraction:
        """(18)."""
        return sum((unit.a**2 + unit.w[0] ** 2 for unit in self.units), Fraction(0)) / 2

    def V2(self, i: int) -> Fraction:
        """V_i² = Σ_k (w_k^(i))²."""
        return sum((unit.w[i - 1] ** 2 for unit in self.units), Fraction(0))

    @property
    def across(self) -> Fraction:
        """Σ_{i≥2} V_i²."""
        return sum((self.V2(i) for i in range(2, self.data.dim + 1)), Fraction(0))

    @property
    def rate_of_P(self) -> Fraction:
        """dP/dt along the gradient flow."""
        pairs = zip(self.units, self.drift, strict=True)
        return sum((unit.a * moved[0] + rate * unit.w[0] for unit, (rate, moved) in pairs), Fraction(0))

    @property
    def rate_of_Q(self) -> Fraction:
        """dQ/dt along the gradient flow."""
        pairs = zip(self.units, self.drift, strict=True)
        return sum((unit.a * rate + unit.w[0] * moved[0] for unit, (rate, moved) in pairs), Fraction(0))

    def rate_of_V2(self, i: int) -> Fraction:
        """½ dV_i²/dt along the gradient flow."""
        pairs = zip(self.units, self.drift, strict=True)
        return sum((unit.w[i - 1] * moved[i - 1] for unit, (_, moved) in pairs), Fraction(0))
