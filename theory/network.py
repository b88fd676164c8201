"""The two-layer network of width m and its population risk, written with the two brackets.

Multi-stage paper, section 3.2: f_θ(x) = Σ_k a_k σ(w_k·x) and R(θ) = ½ ∫ (f_θ(x) − f*(x))² ρ(x) dx.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import sympy as sp

from theory.activation import Sigma
from theory.brackets import DataMean, NeuronSum
from theory.symbols import Neuron, Sample, dot


class Model(Protocol):
    """What gradient flow is derived from: a risk written with the two brackets, and the neuron that stands for all."""

    @property
    def neuron(self) -> Neuron: ...

    @property
    def risk(self) -> sp.Expr: ...


class Target(sp.Function):
    """The target f*(x) as an undefined real function of x1 … xd."""

    is_real = True
    is_commutative = True

    def _latex(self, printer: sp.printing.latex.LatexPrinter, exp: str | None = None) -> str:
        shown = r"f^{*}\left(" + ", ".join(printer._print(arg) for arg in self.args) + r"\right)"
        return shown if exp is None else rf"{{{shown}}}^{{{exp}}}"


@dataclass(frozen=True)
class TwoLayerNetwork:
    """f_θ(x) = Σ_k a_k σ(w_k·x) for symbolic width m and a concrete dimension d of the input."""

    dim: int
    neuron: Neuron = field(init=False)
    sample: Sample = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "neuron", Neuron("k", self.dim))
        object.__setattr__(self, "sample", Sample("x", self.dim))

    def unit(self, neuron: Neuron) -> sp.Expr:
        """Contribution a σ(w·x) of one neuron at the free input point :attr:`sample`."""
        return neuron.a * Sigma(0, dot(neuron.w, self.sample.x))

    @property
    def output(self) -> sp.Expr:
        """f_θ(x) at the free input point :attr:`sample`."""
        summed = Neuron("j", self.dim)
        return NeuronSum(self.unit(summed), summed)

    @property
    def target(self) -> sp.Expr:
        """f*(x) at the free input point :attr:`sample`."""
        return Target(*self.sample.x)

    @property
    def residual(self) -> sp.Expr:
        """r(x) = f_θ(x) − f*(x)."""
        return self.output - self.target

    @property
    def risk(self) -> sp.Expr:
        """R(θ), section 3.2 of the multi-stage paper (the factor ½ is a convention)."""
        return DataMean(self.residual**2 / 2, self.sample)
