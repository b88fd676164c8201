"""The Hessian of the uv model's loss: its spectrum for every width, its trace, its largest eigenvalue."""

from __future__ import annotations

import sympy as sp

from theory import NeuronSum, width
from theory.uv import UVModel, Y, f, g, k, trace, x, y
from theory.uv_hessian import (
    applied,
    block,
    directed_model,
    direction,
    explicit_characteristic,
    largest_eigenvalues,
    mu,
    sharpness,
    trace_of_hessian,
)
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_reduction import MODEL, SCALED, WHERE

H = r"$h = x\,r/\sqrt w$"
WIDTHS = (1, 2, 3)
"""Widths at which the spectrum is also found by brute force."""

scale = sp.Symbol("s", real=True, nonzero=True)
"""x/√w, in explicit models."""


def _half(model: UVModel) -> sp.Expr:
    return x * (model.output - y) / sp.sqrt(width)


def _stated_action() -> dict[str, sp.Expr]:
    model = directed_model()
    first, second = direction()
    inner = NeuronSum(model.v * first + model.u * second, model.neuron)
    h = _half(model)
    return {
        "u half": h * second + x**2 / width * inner * model.v,
        "v half": h * first + x**2 / width * inner * model.u,
    }


paper.identity(
    "uv.hessian.action",
    lambda: dict(zip(("u half", "v half"), applied(), strict=True)),
    _stated_action,
    aligned=False,
    title="The Hessian is a multiple of the exchange of u and v, plus a projection",
    where=WHERE,
    hypotheses=(*MODEL, H, r"every direction $(\varphi, \psi) \in \mathbb{R}^{2w}$"),
    basis="derived",
    statement=(
        r"\nabla^2 L\,(\varphi, \psi) = h\,(\psi, \varphi) "
        r"+ \frac{x^2}{w}\,\bigl(v\cdot\varphi + u\cdot\psi\bigr)\,(v, u)"
    ),
)


def _plane() -> dict[str, sp.Expr]:
    matrix = block()
    upper, lower = largest_eigenvalues()
    return {
        "characteristic polynomial": sp.expand((mu * sp.eye(2) - matrix).det()),
        "sum": sp.expand(upper + lower),
        "product": sp.expand(upper * lower),
        "square of the root, in g and k": sp.expand((sharpness() - k / 2) ** 2),
    }


def _stated_plane() -> dict[str, sp.Expr]:
    h = x * (f - y) / sp.sqrt(width)
    product = -(h**2) - 2 * h * x * f / sp.sqrt(width)
    return {
        "characteristic polynomial": mu**2 - trace * mu + product,
        "sum": trace,
        "product": product,
        "square of the root, in g and k": k**2 / 4 + (g - Y) ** 2 + 2 * (g - Y) * g,
    }


paper.identity(
    "uv.hessian.plane",
    _plane,
    _stated_plane,
    aligned=False,
    title="On the plane of (u, v) and (v, u) the Hessian is a 2 × 2 matrix in f and λ",
    where=WHERE,
    hypotheses=(
        *MODEL,
        H,
        r"on the complement of that plane the Hessian is $h$ times the exchange (uv.hessian.action), which has $w$ "
        r"eigenvalues $1$ and $w$ eigenvalues $-1$, one of each in the plane: eigenvalues $\pm h$, $w-1$ of each",
    ),
    uses=("uv.hessian.action",),
    basis="derived",
    statement=r"\mu_\pm = \frac{\lambda}{2} \pm \frac12\sqrt{\lambda^2 + 4h^2 + \frac{8\,h\,x f}{\sqrt w}}",
)


def _stated_spectrum() -> dict[str, sp.Expr]:
    found = {}
    for w in WIDTHS:
        _, values = explicit_characteristic(w, scale)
        h, lam, out = values["h"], values["lambda"], values["f"]
        found[f"w = {w}"] = (mu**2 - h**2) ** (w - 1) * (mu**2 - lam * mu - h**2 - 2 * h * scale * out)
    return found


paper.identity(
    "uv.hessian",
    lambda: {f"w = {w}": explicit_characteristic(w, scale)[0] for w in WIDTHS},
    _stated_spectrum,
    aligned=False,
    title="The whole spectrum, by brute force at small widths",
    where=WHERE,
    hypotheses=(
        *MODEL,
        H,
        "$w = 1, 2, 3$, all $2w$ entries as symbols",
        r"$s = x/\sqrt w$ in altered versions",
    ),
    uses=("uv.hessian.plane",),
    basis="derived",
    statement=(
        r"\det\bigl(\mu - \nabla^2 L\bigr) = (\mu^2 - h^2)^{w-1}\,"
        r"\Bigl(\mu^2 - \lambda\mu - h^2 - \frac{2\,h\,x f}{\sqrt w}\Bigr)"
    ),
)

paper.identity(
    "uv.trace",
    trace_of_hessian,
    lambda: trace,
    aligned=False,
    title="The trace of the Hessian is the neural tangent kernel",
    where=WHERE,
    hypotheses=MODEL,
    basis="derived",
    statement=r"\operatorname{tr}\nabla^2 L = \lambda",
)

root = sp.Symbol("r", nonnegative=True)
"""The square root in μ₊."""


DOMAIN = (sp.Le(2 * g, k), sp.Le(-2 * g, k))
"""|g| ≤ k/2, which is p, q ≥ 0."""

paper.inequality(
    "uv.sharpness",
    sp.And(sp.Ge(k / 2 + root, g - Y), sp.Ge(k / 2 + root, Y - g)),
    assuming=(*DOMAIN, sp.Eq(root**2, k**2 / 4 + (g - Y) ** 2 + 2 * (g - Y) * g)),
    title="The sharpness is the upper of the two eigenvalues, never |h|",
    where=WHERE,
    hypotheses=(
        *SCALED,
        H,
        r"$r = \frac12\sqrt{k^2 + 4a^2 + 8ag}$, so that $\eta\mu_+ = k/2 + r$; every target $Y$",
    ),
    uses=("uv.hessian.plane",),
    basis="derived",
    statement=r"\eta\mu_+ = \frac k2 + r \ge |a| = \eta|h|, \qquad\text{so that } \lambda^H = \mu_+",
)


SQUARE = (root**2 - k**2 / 4) / 3
"""g² from k and the root, with the target 0."""

paper.inequality(
    "uv.sharpness.bounds",
    sp.And(sp.Ge(k / 2 + root, k), sp.Le(k / 2 + root, 3 * k / 2)),
    over={k: (0, None)},
    assuming=(sp.Ge(SQUARE, 0), sp.Le(SQUARE, k**2 / 4)),
    title="With the target 0 the sharpness is between the trace and one and a half times it",
    where=WHERE,
    hypotheses=(
        *SCALED,
        r"$y = 0$, $r = \frac12\sqrt{k^2 + 12 g^2}$, $0 \le g^2 = (r^2 - k^2/4)/3 \le k^2/4$",
    ),
    uses=("uv.sharpness",),
    basis="derived",
    statement=r"k \le \frac k2 + r = \eta\lambda^H \le \frac32\,k \qquad (y = 0)",
)


SMALL = WIDTHS[:2]


def _squares() -> dict[str, sp.Expr]:
    """tr H² by brute force, from the two leading coefficients of the characteristic polynomial."""
    found = {}
    for w in SMALL:
        polynomial = sp.Poly(explicit_characteristic(w, scale)[0], mu)
        first, second = (polynomial.coeff_monomial(mu ** (2 * w - i)) for i in (1, 2))
        found[f"w = {w}"] = first**2 - 2 * second
    return found


def _stated_squares() -> dict[str, sp.Expr]:
    found = {}
    for w in SMALL:
        _, values = explicit_characteristic(w, scale)
        h, lam, out = values["h"], values["lambda"], values["f"]
        found[f"w = {w}"] = lam**2 + 2 * w * h**2 + 4 * h * scale * out
    return found


paper.identity(
    "uv.frobenius",
    _squares,
    _stated_squares,
    aligned=False,
    title="The Frobenius norm of the Hessian",
    where=WHERE,
    hypotheses=(*MODEL, H, "$w = 1, 2$ by brute force; for every $w$ from the spectrum"),
    uses=("uv.hessian",),
    basis="derived",
    statement=r"\lVert\nabla^2 L\rVert_F^2 = \lambda^2 + 2w\,h^2 + \frac{4\,h\,x f}{\sqrt w}",
)
