"""Critical values of c = η λ^H₀ for the uv model with target 0: exact in ρ, and averaged over the initialisation."""

from __future__ import annotations

from functools import partial

import sympy as sp

from theory import width
from theory.uv import k
from theory.uv_critical import (
    averaged,
    expanded_in_rho,
    first_step_loss,
    first_step_sharpness_in_rho,
    mean_of_power,
    ratio,
    rho,
)
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_bounds import TARGET_0
from verify.papers.sharpness.uv_reduction import SERIES, in_order, of_width
from verify.stating import implication, named

WHERE = "critical values with target zero"
START = (
    *TARGET_0,
    r"$\rho = g_0^2/k_0^2 = (u\cdot v)^2/(|u|^2 + |v|^2)^2 \in [0, \frac14]$ at the start",
)
GAUSSIAN = r"$u, v \sim N(0, I_w)$: $p/(p+q)$ has the Beta law with parameters $\frac w2, \frac w2$"

paper.identity(
    "uv.ratio",
    ratio,
    lambda: (1 + sp.sqrt(1 + 12 * rho)) / 2,
    aligned=False,
    title="Sharpness and trace at the start",
    where=WHERE,
    hypotheses=START,
    uses=("uv.sharpness",),
    basis="derived",
    statement=named(r"\eta\lambda^H_0 / k_0 = R(\rho)"),
)

paper.identity(
    "uv.mean",
    lambda: {"mean": mean_of_power(1), "mean square": mean_of_power(2)},
    lambda: {"mean": 1 / (4 * (width + 1)), "mean square": 3 / (16 * (width + 1) * (width + 3))},
    aligned=False,
    title="Mean and mean square of ρ over the initialisation, for every width",
    where=WHERE,
    hypotheses=(*START, GAUSSIAN),
    basis="derived",
    statement=named(r"\mathbb{E}\,\rho", r"\mathbb{E}\,\rho^2", printed=of_width),
)

paper.identity(
    "uv.c_loss",
    lambda: {
        "k": first_step_loss(),
        "c": expanded_in_rho(first_step_loss() * ratio(), 2),
        "mean": averaged(expanded_in_rho(first_step_loss() * ratio())),
    },
    lambda: {
        "k": (1 - sp.sqrt(1 - 8 * rho)) / (2 * rho),
        "c": 2 + 10 * rho + 10 * rho**2,
        "mean": 2 + sp.Rational(5, 2) / (width + 1),
    },
    aligned=False,
    title="From where on the first step raises the loss",
    where=WHERE,
    hypotheses=(
        *START,
        GAUSSIAN,
        r"$\rho \le \frac18$; orders are those in $\rho$",
        SERIES,
    ),
    uses=("uv.loss.rise", "uv.ratio", "uv.mean"),
    basis="derived",
    statement=named(
        r"k_{\mathrm{loss}}",
        r"\bigl[c_{\mathrm{loss}}\bigr]_2 = \bigl[R\,k_{\mathrm{loss}}\bigr]_2",
        r"\mathbb{E}\bigl[c_{\mathrm{loss}}\bigr]_1",
        printed=partial(in_order, names={width: "w"}),
    ),
)

_rho = sp.Symbol("rho", real=True)

paper.inequality(
    "uv.c_loss.never",
    sp.Lt(k - _rho * k**2, 2),
    assuming=(sp.Gt(_rho, sp.Rational(1, 8)),),
    title="A start with ρ > 1/8 never has its loss raised by the first step below k = 4",
    where=WHERE,
    hypotheses=(*START, r"$k - g_0^2 = k - \rho k^2$ (uv.loss.rise)"),
    uses=("uv.loss.rise",),
    basis="derived",
    statement=implication(after=r"\text{ for every } k"),
)

paper.identity(
    "uv.c_sharp.mean",
    lambda: averaged(first_step_sharpness_in_rho()),
    lambda: sp.Rational(5, 2) + sp.Rational(57, 16) / (width + 1),
    aligned=False,
    title="Mean of c from which on the first step raises the sharpness",
    where=WHERE,
    hypotheses=(*START, GAUSSIAN, r"orders are those in $\rho$", SERIES),
    uses=("uv.c_sharp", "uv.mean"),
    basis="derived",
    statement=named(r"\mathbb{E}\bigl[c_{\mathrm{sharp}}\bigr]_1", printed=of_width),
)

paper.identity(
    "uv.c_max",
    lambda: {"c": expanded_in_rho(4 * ratio(), 2), "mean": averaged(expanded_in_rho(4 * ratio(), 2))},
    lambda: {
        "c": 4 + 12 * rho - 36 * rho**2,
        "mean": 4 + 3 / (width + 1) - sp.Rational(27, 4) / ((width + 1) * (width + 3)),
    },
    aligned=False,
    title="From where on training diverges: c = 4R",
    where=WHERE,
    hypotheses=(
        *START,
        GAUSSIAN,
        r"$k_0 < 4$ converges (uv.converges) and $k_0 > 4$ diverges except on a set of measure zero (uv.diverges): "
        r"$c_{\max} = 4R(\rho)$ exactly; orders are those in $\rho$",
        SERIES,
    ),
    uses=("uv.converges", "uv.diverges", "uv.ratio", "uv.mean"),
    basis="derived",
    statement=named(
        r"\bigl[c_{\max}\bigr]_2 = \bigl[4R(\rho)\bigr]_2",
        r"\mathbb{E}\bigl[c_{\max}\bigr]_2",
        printed=partial(in_order, names={width: "w"}),
    ),
)

_start, _now, _before, _after = sp.symbols("k_0 k_t S_0 S_t", real=True)

paper.inequality(
    "uv.order",
    sp.Le(_after, _before),
    over={_start: (0, 4), _now: (0, 4), _before: (0, 6), _after: (0, 6)},
    assuming=(
        sp.Le(_now, _start),
        sp.Ge(_before, _start),
        sp.Ge(_after, _now),
        sp.Le(_after * (_after - _now), _before * (_before - _start)),
    ),
    title="Sharpness never rises before the loss does: c_loss ≤ c_sharp for every draw and any number of steps",
    where=WHERE,
    hypotheses=(
        *TARGET_0,
        r"$S = \eta\lambda^H$ with $S(S - k) = 3g^2$, which is proportional to the loss, and $k \le S \le \frac32 k "
        r"\le 6$ (uv.sharpness.bounds); $k_t \le k_0$ for $k_0 \le 4$ (uv.bounded)",
        r"left to the reader: hence, for $c \le c_{\max}$, a loss that is never above its first value keeps the "
        r"sharpness below its own",
    ),
    uses=("uv.bounded", "uv.sharpness", "uv.sharpness.bounds"),
    basis="derived",
    statement=(
        r"k_t \le k_0 \le 4,\; L_t \le L_0 \;\Longrightarrow\; \eta\lambda^H_t = S_t \le S_0 = \eta\lambda^H_0"
    ),
)
