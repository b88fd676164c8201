"""The uv model's gradient descent in few variables, exactly: (f, λ), (g, k), (p, q), and what it conserves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import sympy as sp

from theory import NeuronSum, conserved_quantities, width
from theory.gradient_descent import learning_rate as eta
from theory.uv import (
    UVModel,
    Y,
    dimensionless,
    f,
    factorised,
    g,
    k,
    output_and_trace,
    output_and_trace_flow,
    p,
    q,
    trace,
    x,
    y,
)
from verify.papers.sharpness.paper import paper
from verify.stating import expression_latex, named

WHERE = "the uv model"
MODEL = (
    r"$f = x\,u\cdot v/\sqrt w$ with $u, v \in \mathbb{R}^w$, $L = \frac12 (f - y)^2$ on one example $(x, y)$, "
    r"$x \ne 0$; any width $w$ (printed $m$ where it is a symbol of the derivation)",
    r"gradient descent $\theta \leftarrow \theta - \eta\nabla L$ on all $2w$ parameters; $r = f - y$, "
    r"$\lambda = x^2(|u|^2 + |v|^2)/w$",
)
FORMAL = (
    "what is written out is derived; that what is left out is as small as stated is not part of the check"
)
"""For an exact calculation of a part of something, such as a leading term."""

SERIES = (
    r"$[\,\cdot\,]_n$ is the formal series up to order $n$; what it has is derived, and that what is left out is as "
    "small as the next order is not part of the check"
)
"""What the brackets around a series mean."""


def of_width(expr: sp.Expr, names: Mapping[sp.Basic, str] | None = None) -> str:
    """LaTeX of an expression in which the width is w, as in the statements of this paper."""
    return expression_latex(expr, {width: "w", **(names or {})})


in_order = partial(expression_latex, order="rev-lex")
"""LaTeX with low orders first."""

SCALED = (
    *MODEL,
    r"$g = \eta x f/\sqrt w$, $k = \eta\lambda$, $Y = \eta x y/\sqrt w$, $a = g - Y$, $p = k + 2g$, $q = k - 2g$",
)


def _stated_output_and_trace() -> dict[str, sp.Expr]:
    r = f - y
    return {
        "f'": f - eta * r * trace + eta**2 * x**2 * r**2 * f / width,
        "λ'": trace + eta * x**2 * r / width * (eta * r * trace - 4 * f),
    }


paper.identity(
    "uv.reduction",
    lambda: dict(zip(("f'", "λ'"), output_and_trace().images, strict=True)),
    _stated_output_and_trace,
    aligned=False,
    title="Gradient descent of the uv model closes in its output and its trace",
    where=WHERE,
    hypotheses=MODEL,
    basis="derived",
    statement=named("f'", r"\lambda'", printed=partial(in_order, names={width: "w", f - y: "r"})),
)

paper.identity(
    "uv.dimensionless",
    lambda: dict(zip(("g'", "k'"), dimensionless().images, strict=True)),
    lambda: {"g'": g - (g - Y) * k + (g - Y) ** 2 * g, "k'": k + (g - Y) * ((g - Y) * k - 4 * g)},
    aligned=False,
    title="One parameter is left: the dimensionless target",
    where=WHERE,
    hypotheses=SCALED,
    uses=("uv.reduction",),
    basis="derived",
    statement=named("g'", "k'", printed=partial(expression_latex, names={g - Y: "a"})),
)


def _factors() -> dict[str, sp.Expr]:
    a = (p - q) / 4 - Y
    return {"p'": (1 - a) ** 2 * p, "q'": (1 + a) ** 2 * q}


def _in_a(expr: sp.Expr) -> str:
    """LaTeX with a = g − Y = (p − q)/4 − Y."""
    a = (p - q) / 4 - Y
    return expression_latex(expr, {1 - a: "(1 - a)", 1 + a: "(1 + a)"})


paper.identity(
    "uv.factorised",
    lambda: dict(zip(("p'", "q'"), factorised().images, strict=True)),
    _factors,
    aligned=False,
    title="The step factorises in p and q",
    where=WHERE,
    hypotheses=(
        *SCALED,
        r"$p = \eta x^2 |u+v|^2/w \ge 0$ and $q = \eta x^2 |u-v|^2/w \ge 0$, hence $|g| \le k/2$",
    ),
    uses=("uv.dimensionless",),
    basis="derived",
    statement=named("p'", "q'", printed=_in_a),
)


def _per_neuron() -> dict[str, sp.Expr]:
    """u ± v of every neuron, and Σ(u² − v²), after one step."""
    model = UVModel()
    step = model.step
    u, v = model.u, model.v
    return {
        "u+v": step.image(u + v),
        "u-v": step.image(u - v),
        "D": step.image(NeuronSum(u**2 - v**2, model.neuron)),
    }


def _stated_per_neuron() -> dict[str, sp.Expr]:
    model = UVModel()
    u, v = model.u, model.v
    a = eta * x * (model.output - y) / sp.sqrt(width)
    return {
        "u+v": (1 - a) * (u + v),
        "u-v": (1 + a) * (u - v),
        "D": (1 - a**2) * NeuronSum(u**2 - v**2, model.neuron),
    }


paper.identity(
    "uv.directions",
    _per_neuron,
    _stated_per_neuron,
    aligned=False,
    title="The directions of u + v and u − v never change",
    where=WHERE,
    hypotheses=SCALED,
    basis="derived",
    statement=(
        r"(u+v)' = (1-a)(u+v), \qquad (u-v)' = (1+a)(u-v), \qquad (|u|^2 - |v|^2)' = (1-a^2)(|u|^2 - |v|^2)"
    ),
)


def _invariant() -> dict[str, sp.Expr]:
    """What the flow conserves, found as a null space, and the same after a step."""
    flow = output_and_trace_flow()
    (conserved,) = conserved_quantities(flow, 2)
    conserved = sp.expand(conserved / conserved.coeff(trace, 2))
    return {"conserved": conserved, "after a step": output_and_trace().image(conserved)}


def _stated_invariant() -> dict[str, sp.Expr]:
    product = trace**2 - 4 * x**2 * f**2 / width
    a = eta * x * (f - y) / sp.sqrt(width)
    return {"conserved": product, "after a step": (1 - a**2) ** 2 * product}


paper.identity(
    "uv.invariant",
    _invariant,
    _stated_invariant,
    aligned=False,
    title="What gradient flow conserves, and how a step changes it",
    where=WHERE,
    hypotheses=(
        *SCALED,
        r"the only polynomial of degree $\le 2$ in $f, \lambda$ that the flow conserves, up to a factor",
    ),
    uses=("uv.reduction",),
    basis="derived",
    statement=(
        r"\lambda^2 - \frac{4x^2f^2}{w} = \frac{x^4}{w^2}\,|u+v|^2\,|u-v|^2 \;\text{ is conserved by "
        r"the flow; }\quad "
        r"\Bigl(\lambda^2 - \frac{4x^2f^2}{w}\Bigr)' = (1-a^2)^2 \Bigl(\lambda^2 - \frac{4x^2f^2}{w}\Bigr)"
    ),
)
