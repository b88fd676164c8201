"""The uv model: a two-layer linear network of any width on one example, and its gradient descent in closed form.

f = x u·v/√m with u, v of m entries, L = ½(f − y)² on one example (x, y). Full-batch gradient descent θ ← θ − η∇L closes
exactly on the output f and the trace λ = x²(|u|² + |v|²)/m of the Hessian (the neural tangent kernel), whatever the
width; all of it is derived here from L.

Dimensionless: g = ηxf/√m, k = ηλ, Y = ηxy/√m, a = g − Y; factorised: p = k + 2g, q = k − 2g. With x = 1 and y = 0 this
is the model of Lewkowycz et al., arXiv 2003.02218, section 3, and of the phase diagram, arXiv 2302.12250; with y ≠ 0
that of arXiv 2311.02076.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import sympy as sp

from theory.brackets import NeuronSum
from theory.flow import gradient_flow
from theory.gradient_descent import ParticleMap, descent_map, learning_rate, reduce_map
from theory.iteration import IterationMap
from theory.particles import ParticleSystem
from theory.symbols import Coordinate, Neuron, width
from theory.vectorfield import VectorField

x = sp.Symbol("x", real=True, nonzero=True)
y = sp.Symbol("y", real=True)
"""The one example and its target."""

f = sp.Symbol("f", real=True)
trace = sp.Symbol("lamda", real=True)
"""The order parameters: output f and trace λ."""

g, k = sp.symbols("g k", real=True)
p, q = sp.symbols("p q", real=True)
Y = sp.Symbol("Y", real=True)
"""Dimensionless: g = ηxf/√m, k = ηλ, p = k + 2g, q = k − 2g, Y = ηxy/√m."""


@dataclass(frozen=True)
class UVModel:
    """f = x u·v/√m, L = ½(f − y)². Neuron k has the coordinates u = ``a`` and v = ``w1``."""

    neuron: Neuron = field(default_factory=lambda: Neuron("k", 1))

    @property
    def u(self) -> Coordinate:
        return self.neuron.a

    @property
    def v(self) -> Coordinate:
        return self.neuron.w[0]

    @property
    def output(self) -> sp.Expr:
        """f, a sum over neurons."""
        return x * NeuronSum(self.u * self.v, self.neuron) / sp.sqrt(width)

    @property
    def trace(self) -> sp.Expr:
        """x²(|u|² + |v|²)/m."""
        return x**2 * NeuronSum(self.u**2 + self.v**2, self.neuron) / width

    @property
    def risk(self) -> sp.Expr:
        """L = ½(f − y)²."""
        return sp.expand((self.output - y) ** 2 / 2)

    @property
    def flow(self) -> ParticleSystem:
        """Gradient flow of every neuron, −∂L/∂(u_k, v_k)."""
        return gradient_flow(self)

    @property
    def step(self) -> ParticleMap:
        """One step of gradient descent of every neuron."""
        return descent_map(self.flow)


@cache
def output_and_trace() -> IterationMap:
    """One step of gradient descent in (f, λ), exact for every width."""
    model = UVModel()
    sums = {
        f: x * model.u * model.v / sp.sqrt(width),
        trace: x**2 * (model.u**2 + model.v**2) / width,
    }
    return reduce_map(model.step, sums)


@cache
def output_and_trace_flow() -> VectorField:
    """Gradient flow in (f, λ)."""
    from theory.reduce import reduce

    model = UVModel()
    sums = {
        f: x * model.u * model.v / sp.sqrt(width),
        trace: x**2 * (model.u**2 + model.v**2) / width,
    }
    return reduce(model.flow, sums)


@cache
def dimensionless() -> IterationMap:
    """The same step in (g, k), with the parameter Y alone."""
    scale = learning_rate * x / sp.sqrt(width)
    step = output_and_trace().in_coordinates(
        {g: scale * f, k: learning_rate * trace}, {f: g / scale, trace: k / learning_rate}
    )
    return step.substitute({y: Y / scale})


@cache
def factorised() -> IterationMap:
    """The same step in p = k + 2g and q = k − 2g."""
    return dimensionless().in_coordinates({p: k + 2 * g, q: k - 2 * g}, {g: (p - q) / 4, k: (p + q) / 2})


residual = g - Y
"""a, the dimensionless residual."""
