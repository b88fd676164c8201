"""The Hessian of the uv model's loss: its action and its whole spectrum, for every width at once.

The Hessian applied to a direction is the derivative of the gradient along it. With the direction's entries φ_k, ψ_k as
two further coordinates of neuron k, that derivative has one sum over neurons, for any width:

    ∇²L (φ, ψ) = h (ψ, φ) + (x²/m) ⟨(v, u), (φ, ψ)⟩ (v, u),    h = x r/√m.

So it is h times the exchange of the two halves, plus a multiple of the projection on ∇f ∝ (v, u). On the plane of
(u, v) and (v, u) it is a 2 × 2 matrix; on the complement it is h times the exchange, with the eigenvalues ±h, m − 1 of
each.
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from theory.brackets import NeuronSum, lower, neuron_derivative
from theory.flow import gradient_flow
from theory.gradient_descent import learning_rate
from theory.particles import ParticleSystem
from theory.symbols import Neuron, width
from theory.uv import UVModel, Y, f, g, k, trace, x, y

mu = sp.Symbol("mu", real=True)
"""An eigenvalue."""

_DIRECTED = Neuron("k", 3)
"""A neuron (u, v) with the entries φ, ψ of a direction as two further coordinates."""


def direction() -> tuple[sp.Expr, sp.Expr]:
    """The entries φ_k, ψ_k of a direction, as :func:`applied` has them."""
    return _DIRECTED.w[1], _DIRECTED.w[2]


def directed_model() -> UVModel:
    """The uv model whose neurons carry a direction."""
    return UVModel(_DIRECTED)


@cache
def applied() -> tuple[sp.Expr, sp.Expr]:
    """The two halves of ∇²L (φ, ψ) at neuron k, derived from the loss for every width."""
    model = directed_model()
    along = ParticleSystem(_DIRECTED, (*direction(), sp.S.Zero, sp.S.Zero))
    gradient = gradient_flow(model).drift[:2]
    return tuple(along.derivative(-component) for component in gradient)


def _applied_to(first: sp.Expr, second: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """∇²L on the field that has these functions of (u_k, v_k) as entries."""
    model = UVModel()
    along = ParticleSystem(model.neuron, (first, second))
    return tuple(along.derivative(-component) for component in gradient_flow(model).drift)


@cache
def block() -> sp.Matrix:
    """The matrix of ∇²L on the plane of (u, v) and (v, u), in f and λ."""
    model = UVModel()
    u, v = model.u, model.v
    columns = []
    for first, second in ((u, v), (v, u)):
        image = _applied_to(first, second)
        columns.append([_in_parameters(image[0].coeff(c)) for c in (u, v)])
        if any(sp.expand(half - sum(half.coeff(c) * c for c in (u, v))) != 0 for half in image):
            raise AssertionError("the plane of (u, v) and (v, u) is not invariant")
    return sp.Matrix(columns).T


def _in_parameters(expr: sp.Expr) -> sp.Expr:
    """Sums over neurons as f and λ."""
    model = UVModel()
    u, v, neuron = model.u, model.v, model.neuron
    lowered, table = lower(sp.expand(expr))
    squares = [NeuronSum(u**2, neuron), NeuronSum(v**2, neuron)]
    named = {bracket: symbol for symbol, bracket in table.items()}
    result = lowered
    if NeuronSum(u * v, neuron) in named:
        result = result.xreplace({named[NeuronSum(u * v, neuron)]: sp.sqrt(width) * f / x})
    if all(s in named for s in squares):
        total = width * trace / x**2
        result = sp.expand(result.subs(named[squares[0]], total - named[squares[1]]))
    return sp.expand(result)


def largest_eigenvalues() -> tuple[sp.Expr, sp.Expr]:
    """μ₊, μ₋: the eigenvalues of :func:`block`, in f and λ."""
    matrix = block()
    half = sp.expand(matrix.trace()) / 2
    root = sp.sqrt(sp.expand(half**2 - matrix.det()))
    return half + root, half - root


def scaled_block() -> sp.Matrix:
    """η times :func:`block`, in (g, k) and Y."""
    scale = learning_rate * x / sp.sqrt(width)
    return (learning_rate * block()).subs({f: g / scale, trace: k / learning_rate, y: Y / scale})


def sharpness() -> sp.Expr:
    """η μ₊ in (g, k) and Y."""
    matrix = scaled_block()
    half = sp.expand(matrix.trace()) / 2
    return half + sp.sqrt(sp.expand(half**2 - matrix.det()))


def squared_norm() -> sp.Expr:
    """η²‖∇²L‖² (Frobenius) in (g, k) and Y: the plane's two eigenvalues, and ±ηh, ηh = g − Y, w − 1 times each."""
    matrix = scaled_block()
    return sp.expand((matrix * matrix).trace() + 2 * (width - 1) * (g - Y) ** 2)


def trace_of_hessian() -> sp.Expr:
    """Σ over neurons of the second derivatives of L, for every width, in λ."""
    model = UVModel()
    risk, neuron = model.risk, model.neuron
    diagonal = (neuron_derivative(neuron_derivative(risk, c, neuron), c, neuron) for c in neuron.coordinates)
    return _in_parameters(NeuronSum(sp.Add(*diagonal), neuron))


def explicit_characteristic(neurons: int, scale: sp.Symbol) -> tuple[sp.Expr, dict[str, sp.Expr]]:
    """det(μ − ∇²L) of a model of concrete width by brute force, every entry a symbol.

    ``scale`` stands for x/√m. Also returns f, λ and h = x r/√m in the same symbols.
    """
    u = sp.symbols(f"u1:{neurons + 1}", real=True)
    v = sp.symbols(f"v1:{neurons + 1}", real=True)
    output = scale * sp.Add(*(a * b for a, b in zip(u, v, strict=True)))
    hessian = sp.hessian((output - y) ** 2 / 2, (*u, *v)).applyfunc(sp.expand)
    coefficients = DomainMatrix.from_Matrix(hessian).to_dense().charpoly()
    size = 2 * neurons
    ring = DomainMatrix.from_Matrix(hessian).domain
    polynomial = sp.Add(*(ring.to_sympy(c) * mu ** (size - i) for i, c in enumerate(coefficients)))
    values = {
        "f": output,
        "lambda": scale**2 * sp.Add(*(c**2 for c in (*u, *v))),
        "h": scale * (output - y),
    }
    return polynomial, values
