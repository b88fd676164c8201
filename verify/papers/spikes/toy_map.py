"""The landscape R = (αx + β)y² − x + C and its gradient descent, in two variables and in the one parameter ε."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp

from theory import llas
from theory.gradient_descent import learning_rate as eta
from theory.llas import alpha, beta, constant, epsilon, m, x, y, z
from verify.checks.guard import guarded
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes.paper import paper

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
    statement=r"x' = x + \eta(1 - \alpha y^2), \quad y' = \bigl(1 - 2\eta(\alpha x + \beta)\bigr)y",
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
        r"y' = (1 - \eta\lambda)\,y, \quad R(x', y') - R(x', 0) = (1 - \eta\lambda)^2\,\frac{m'}{m}\,"
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
    statement=r"0 < m < 2,\; z > 0 \;\Longrightarrow\; z' < z",
)

CASES: Sequence[tuple[Fraction, Fraction, Fraction, Fraction]] = (
    # α, β, η, x₀
    (Fraction(50), Fraction(200), Fraction(1, 250), Fraction(0)),
    (Fraction(50), Fraction(200), Fraction(1, 500), Fraction(1, 3)),
    (Fraction(7, 2), Fraction(10), Fraction(1, 100), Fraction(-1)),
    (Fraction(1), Fraction(1), Fraction(1, 10), Fraction(0)),
)


def _first_beyond(a: Fraction, b: Fraction, rate: Fraction, at: Fraction) -> int:
    """The first step with m > 2 on the axis, by making the steps."""
    step = 0
    while not 2 * rate * (a * at + b) > 2:
        at, step = at + rate, step + 1
    return step


def onset_check(shift: int) -> Check:
    """Whether the first unstable step is floor((x_c − x₀)/η) + 1 + shift in every case, by exact steps."""

    @guarded("symbolic")
    def run(context: Context) -> Evidence:
        rows = []
        for a, b, rate, at in CASES:
            crossing = (1 / rate - b) / a
            stated = (crossing - at) // rate + 1 + shift
            rows.append([str(a), str(b), str(rate), str(at), _first_beyond(a, b, rate, at), int(stated)])
        wrong = [row for row in rows if row[4] != row[5]]
        data: dict[str, Any] = {
            "table": {"columns": ["α", "β", "η", "x₀", "first step with m > 2", "stated"], "rows": rows}
        }
        if wrong:
            return Evidence(Verdict.REFUTED, "symbolic", f"step {wrong[0][4]}, not {wrong[0][5]}.", data)
        return Evidence(
            Verdict.PROVED,
            "symbolic",
            f"{len(rows)} exact orbits along the axis; the first passes 2 at step {rows[0][4]}.",
            data,
        )

    return Check("symbolic", run)


def _onset_witness(shift: int) -> str | None:
    """m after t steps on the axis is m₀ + εt, by exact numbers."""
    a, b, rate, at = CASES[0]
    stated = int(((1 / rate - b) / a - at) // rate + 1 + shift)
    values = [2 * rate * (a * at + b) + 2 * a * rate**2 * t for t in (stated - 1, stated)]
    if values[0] <= 2 < values[1]:
        return None
    return f"after {stated - 1} and {stated} steps m is {values[0]} and {values[1]}: 2 is not passed between them"


paper.checked(
    "toy.onset",
    onset_check(0),
    title="When the axis becomes unstable",
    where="abstract, 'once the loss landscape is too sharp'",
    hypotheses=(
        *REDUCED,
        r"$y = 0$, start $x_0$; the four cases of the table (x, and with it m, is an arithmetic sequence in "
        r"each)",
    ),
    uses=("toy.step",),
    basis="derived",
    statement=(
        r"\min\{t : m_t > 2\} = \Bigl\lfloor \frac{x_c - x_0}{\eta} \Bigr\rfloor + 1, \quad x_c = "
        r"\frac{1/\eta - "
        r"\beta}{\alpha}"
    ),
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"\min\{{t : m_t > 2\}} = \lfloor (x_c - x_0)/\eta \rfloor {shift + 1:+d}",
            onset_check(shift).run,
            partial(_onset_witness, shift),
        )
        for name, words, shift in (("earlier", "one step earlier", -1), ("later", "one step later", 1))
    ],
)
