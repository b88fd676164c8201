"""The landscape R = (αx + β)y² − x + C and its gradient descent, in two variables and in the one parameter ε."""

from __future__ import annotations

from functools import partial

import sympy as sp

from theory import llas
from theory.gradient_descent import learning_rate as eta
from theory.llas import alpha, beta, constant, epsilon, m, x, y, z
from verify.papers.spikes.paper import paper
from verify.stating import expression_latex, implication, named

LANDSCAPE = (
    r"$R(x, y) = (\alpha x + \beta)y^2 - x + C$ with $\alpha > 0$ (the form is chosen: lower along $y = 0$ is "
    r"sharper "
    r"across it)",
)
REDUCED = (
    *LANDSCAPE,
    r"gradient descent with learning rate $\eta$; $m = 2\eta(\alpha x + \beta)$, $z = \alpha y^2$, "
    r"$\varepsilon = "
    r"2\alpha\eta^2$",
)
in_order = partial(expression_latex, order="rev-lex")
"""LaTeX with low orders first."""

SHARPNESS = 2 * (alpha * x + beta)

paper.identity(
    "toy.step",
    lambda: {str(v): llas.descent()[v] for v in (x, y)},
    lambda: {
        "x": x + eta * (1 - alpha * y**2),
        "y": (1 - 2 * eta * (alpha * x + beta)) * y,
    },
    title="Gradient descent on the landscape",
    where="the toy landscape",
    hypotheses=LANDSCAPE,
    basis="chosen",
    statement=named("x'", "y'"),
)


def _curvatures() -> dict[str, sp.Expr]:
    hessian = llas.hessian()
    along, across = llas.axis_eigenvalues()
    return {
        "xx": hessian[0, 0],
        "xy": hessian[0, 1],
        "yy": hessian[1, 1],
        "axis, smaller": along,
        "axis, larger": across,
        "axis, larger, by R": across,
    }


paper.identity(
    "toy.sharper",
    _curvatures,
    lambda: {
        "xx": sp.S.Zero,
        "xy": 2 * alpha * y,
        "yy": SHARPNESS,
        "axis, smaller": sp.S.Zero,
        "axis, larger": SHARPNESS,
        # On the axis R = C − x.
        "axis, larger, by R": 2 * (alpha * (constant - llas.RISK.subs(y, 0)) + beta),
    },
    title="Along the axis, lower is sharper",
    where="abstract, 'a lower-loss-as-sharper (LLAS) structure'",
    hypotheses=(*LANDSCAPE, r"$\lambda_{\max} = \lambda$ where $\alpha x + \beta \ge 0$"),
    basis="chosen",
    statement=(
        r"\nabla^2 R = \begin{pmatrix} 0 & 2\alpha y \\ 2\alpha y & 2(\alpha x + \beta) \end{pmatrix}, \quad "
        r"\text{on } y = 0:\; \lambda = 2(\alpha x + \beta) = 2\bigl(\alpha(C - R) + \beta\bigr)"
    ),
)


def _carried_over() -> dict[str, sp.Expr]:
    step = llas.descent()
    return {
        "m after a step": step.image(llas.CURVATURE),
        "z after a step": step.image(llas.HEIGHT),
        "reduced m": llas.reduced()[m],
        "reduced z": llas.reduced()[z],
        "R": llas.RISK,
    }


def _stated_reduction() -> dict[str, sp.Expr]:
    there, height = llas.CURVATURE, llas.HEIGHT
    return {
        "m after a step": there + 2 * alpha * eta**2 * (1 - height),
        "z after a step": (1 - there) ** 2 * height,
        "reduced m": m + epsilon * (1 - z),
        "reduced z": (1 - m) ** 2 * z,
        "R": there * (height - 1) / (2 * alpha * eta) + beta / alpha + constant,
    }


paper.identity(
    "toy.reduced",
    _carried_over,
    _stated_reduction,
    title="One step depends on one parameter alone",
    where="the toy landscape",
    hypotheses=(
        *REDUCED,
        r"$(x, y)$ and $(x, -y)$ have the same $(m, z)$; but for this the change is one to one",
    ),
    uses=("toy.step",),
    basis="derived",
    statement=(
        r"m' = m + \varepsilon(1 - z), \quad z' = (1 - m)^2 z, \quad "
        r"R = \frac{m(z - 1)}{2\alpha\eta} + \frac{\beta}{\alpha} + C"
    ),
)


def _growth() -> dict[str, sp.Expr]:
    step = llas.descent()
    excess = sp.expand(llas.RISK - llas.RISK.subs(y, 0))
    return {"y": step[y], "excess": sp.expand(step.image(excess) * llas.CURVATURE)}


def _stated_growth() -> dict[str, sp.Expr]:
    sharpness = llas.axis_eigenvalues()[1]
    excess = (alpha * x + beta) * y**2
    after = llas.descent().image(llas.CURVATURE)
    return {"y": (1 - eta * sharpness) * y, "excess": (1 - eta * sharpness) ** 2 * after * excess}


paper.identity(
    "toy.growth",
    _growth,
    _stated_growth,
    title="Off the axis the distance grows by |1 − ηλ| a step, the loss by its square",
    where="abstract, 'the loss exponentially increases once the loss landscape is too sharp'",
    hypotheses=(
        *REDUCED,
        r"$\lambda = 2(\alpha x + \beta)$, the curvature across the axis at the same $x$; $m' = m + "
        r"O(\varepsilon)$ is the "
        r"next step's $m$",
    ),
    uses=("toy.step", "toy.sharper"),
    basis="text",
    statement=(
        r"y' = (1 - \eta\lambda)\,y, \quad m\,\bigl(R(x', y') - R(x', 0)\bigr) = (1 - \eta\lambda)^2\,m'\,"
        r"\bigl(R(x, y) - R(x, 0)\bigr)"
    ),
)

paper.inequality(
    "toy.down",
    lambda: sp.And(
        sp.Lt(llas.reduced()[m], m, evaluate=False),
        sp.Gt(llas.reduced()[m], m - epsilon * z, evaluate=False),
        evaluate=False,
    ),
    assuming=(sp.Gt(z, 1, evaluate=False), sp.Gt(epsilon, 0, evaluate=False)),
    title="Far enough off the axis the landscape gets flatter",
    where="abstract, 'The training stabilizes when it finds a flat region'",
    hypotheses=(*REDUCED, r"$z = \alpha y^2 > 1$"),
    uses=("toy.reduced",),
    basis="derived",
    statement=r"\alpha y^2 > 1 \;\Longrightarrow\; m - \varepsilon z < m' < m",
)

paper.inequality(
    "toy.back",
    lambda: sp.Lt(llas.reduced()[z], z, evaluate=False),
    assuming=(sp.Gt(m, 0, evaluate=False), sp.Lt(m, 2, evaluate=False), sp.Gt(z, 0, evaluate=False)),
    title="Below the threshold 2/η the distance to the axis falls",
    where="abstract, 'The training stabilizes when it finds a flat region'",
    hypotheses=REDUCED,
    uses=("toy.reduced",),
    basis="derived",
    statement=implication(after=r"\quad\text{(on the left is } z' \text{)}"),
)

start, step_number = sp.symbols("x_0 t", real=True)


def _along_the_axis() -> dict[str, sp.Expr]:
    """A step from y = 0, and how far m is beyond 2 after t of them."""
    step = {v: llas.descent()[v].subs(y, 0) for v in (x, y)}
    (crossing,) = sp.solve(llas.CURVATURE - 2, x)
    beyond = llas.CURVATURE.subs(x, start + step_number * eta) - 2
    return {"x": step[x], "y": step[y], "crossing": crossing, "beyond": beyond}


paper.identity(
    "toy.onset",
    _along_the_axis,
    lambda: {
        "x": x + eta,
        "y": sp.S.Zero,
        "crossing": (1 / eta - beta) / alpha,
        "beyond": 2 * alpha * eta**2 * (step_number - ((1 / eta - beta) / alpha - start) / eta),
    },
    title="When the axis becomes unstable",
    where="abstract, 'once the loss landscape is too sharp'",
    hypotheses=(
        *REDUCED,
        r"$y = 0$, start $x_0 \le x_c$; left to the reader: the integer part follows as $2\alpha\eta^2 > 0$",
    ),
    uses=("toy.step",),
    basis="derived",
    statement=(
        r"y = 0: \; x_t = x_0 + \eta t, \quad m_t - 2 = 2\alpha\eta^2 \Bigl(t - \frac{x_c - x_0}{\eta}\Bigr), \quad "
        r"x_c = \frac{1/\eta - \beta}{\alpha}, \quad "
        r"\min\{t : m_t > 2\} = \Bigl\lfloor \frac{x_c - x_0}{\eta} \Bigr\rfloor + 1"
    ),
)
