"""Theorem 2, Proposition 6, Corollaries 3 and 4 at T_2: each law over the grid."""

from __future__ import annotations

import math

import sympy as sp

from verify.papers.multistage import chosen
from verify.papers.multistage.asymptotics import LEADING
from verify.papers.multistage.descent_end import DISTANCE, EXCESS, k6
from verify.papers.multistage.first_order import zeta as positive_zeta
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid import GridLaw, add_grid, alpha, dim, gamma, width, zeta
from verify.papers.multistage.grid_runs import Setting
from verify.papers.multistage.grid_witness import descent_end_witness
from verify.papers.multistage.laws_plateau import faded, grown, power
from verify.papers.multistage.plateau_overshoot import F3, M4, c3, k4

SOURCE = "laws_descent.py"

_half = sp.Rational(1, 2)
_STATED = {leading.id: leading for leading in LEADING}
_MOMENTS = (
    r"$k_4, k_6$: moments of the draw's $(a + w^{(1)})(0)$; $F_3 = \int f^*x_1^3\rho$, $M_4 = \int x_1^4\rho$"
)


def _own_zeta(expression: sp.Expr) -> sp.Expr:
    """ζ of the formulas of first order, written as the ζ of this file."""
    return expression.xreplace({positive_zeta: zeta})


_T2 = (sp.log(2 * width ** (2 * alpha - 1)) + sp.log((1 - zeta) / zeta)) / 2


def _descent_slack(setting: Setting, m: int) -> float:
    """Relative: cubic shift and the term ½m^{1−2α} of B2, each doubled, over T_2."""
    late = 0.5 * math.log(2 * power(m, 2 * setting.alpha - 1) * (1 - float(chosen.zeta)) / float(chosen.zeta))
    return (16 / m + power(m, 1 - 2 * setting.alpha)) / late


add_grid(
    GridLaw(
        "eq43",
        "Descent time with its constant",
        "Theorem 2, equations (2) and (43), sharpened",
        r"T_2 \;\sim\; ",
        "T_2",
        Formula(_T2, (width, alpha, zeta)),
        0.4,
        _descent_slack,
        r"(16/m + m^{1-2\alpha})/T_2",
        uses=("eq43", "b2.derived"),
        hypotheses=(
            r"the paper's leading term $(\alpha - \frac12)\log m$ alone is within the constant "
            r"$\frac12\log\frac{2(1-\zeta)}{\zeta}$, which is no small part of it at any width here",
        ),
        by_hand=(
            ("the leading term alone", (alpha - _half) * sp.log(width)),
            ("constant 10 % of T₂ larger", _T2 * sp.Rational(11, 10)),
            ("α in place of α − ½", _T2 + sp.log(width) / 2),
            ("slope larger by 1/20", _T2 + sp.log(width) / 20),
            ("without the ζ of the end", sp.log(2 * width ** (2 * alpha - 1)) / 2),
            ("2 under the logarithm left out", _T2 - sp.log(2) / 2),
        ),
    ),
    SOURCE,
)

_RATIO = _STATED["eq44"].stated
add_grid(
    GridLaw(
        "eq44",
        "Decay rate of the risk on the descent over that on the plateau",
        "Theorem 2, equations (3) and (44)",
        r"\frac{(R(T_1) - R(T_2))/(T_2 - T_1)}{(R(0) - R(T_1))/T_1} \;\sim\; ",
        "fall ratio",
        _RATIO,
        1.5,
        lambda s, m: 4 * (grown(s, m) + faded(s, m) ** 2) + 10 / m,
        r"4P(T_1) + 4e^{-4T_1} + 10/m",
        uses=("eq44",),
        hypotheses=(r"$T_2$: as measured in each run",),
        changes=(
            ("without γ log m", _RATIO.expression / (gamma * sp.log(width))),
            ("1 − ζ in place of 1 − ζ²", _RATIO.expression / (1 + zeta)),
            ("m^{2α−1}", _RATIO.expression * width ** (2 * gamma)),
        ),
    ),
    SOURCE,
)

largest, square = sp.symbols("largest square", positive=True)
_LARGEST = largest * sp.sqrt((1 - zeta) / (square * width))
add_grid(
    GridLaw(
        "thm2.iii",
        "Neuron-wise norm at the end of the descent",
        "Theorem 2 (iii), sharpened",
        r"q(T_2) \;\sim\; ",
        "q at T_2",
        Formula(_LARGEST, (width, zeta, largest, square)),
        0.0,
        lambda s, m: 12 * math.log(m) / m + 2 * power(m, 1 - 2 * s.alpha),
        r"12\tfrac{\log m}{m} + 2m^{1-2\alpha}",
        uses=("eq27.grid", "eq50.grid"),
        hypotheses=(
            r"largest, square: $\max_k |\xi_k|$ and $\frac1m\sum_k\xi_k^2$ of the draw, $\xi_k = "
            r"(a_k + w_k^{(1)})(0)/(\sqrt2\,\varepsilon)$ standard normal, so that the right side is "
            r"$\sqrt{2(1-\zeta)\log m/m}\,(1 + o(1))$, the size in Theorem 2 (iii). This limit is slow and scatters, "
            "and is not part of the comparison",
            r"the cubic term moves the largest neuron by its square, of relative order $\log m/m$",
        ),
        by_hand=(
            ("10 % larger", _LARGEST * sp.Rational(11, 10)),
            ("10 % smaller", _LARGEST * sp.Rational(9, 10)),
            ("without the largest of m", sp.sqrt((1 - zeta) / width)),
            ("the limit of the largest", sp.sqrt(2 * (1 - zeta) * sp.log(width) / width)),
            ("exponent larger by 1/10", _LARGEST * width ** sp.Rational(1, 10)),
            ("exponent smaller by 1/10", _LARGEST * width ** -sp.Rational(1, 10)),
            ("without ζ", largest / sp.sqrt(square * width)),
        ),
    ),
    SOURCE,
)


def _cubic_slack(setting: Setting, m: int) -> float:
    """Next order in 1/m of the first-order formulas, as for eq54 and eq57: 40/m."""
    return 40 / m


_ROOT = sp.sqrt((width ** (1 - 2 * alpha) / (1 - zeta)) ** 2 + (_own_zeta(DISTANCE.expression) / width) ** 2)
add_grid(
    GridLaw(
        "eq57",
        "Coupling distance of the weights at the end of the descent, both parts",
        "Corollary 4, equations (56) and (57)",
        r"\sqrt{\frac{\sum_k (a_k - w_k^{(1)})^2}{\sum_k a_k^2}}(T_2) \;\sim\; ",
        "coupling at T_2",
        Formula(_ROOT, (width, alpha, zeta, c3, k4, k6, F3, M4)),
        1.5,
        lambda s, m: _cubic_slack(s, m) + 2 * power(m, 1 - 2 * s.alpha),
        r"40/m + 2m^{1-2\alpha}",
        uses=("eq57.derived", "eq36"),
        hypotheses=(
            _MOMENTS,
            r"what the start leaves, $m^{1-2\alpha}$, and what the cubic term makes, $1/m$, are independent and add in "
            "squares",
        ),
        changes=(
            ("without the cubic part", width ** (1 - 2 * alpha) / (1 - zeta)),
            ("without what the start leaves", _own_zeta(DISTANCE.expression) / width),
            (
                "the two parts added",
                width ** (1 - 2 * alpha) / (1 - zeta) + _own_zeta(DISTANCE.expression) / width,
            ),
        ),
        witness=descent_end_witness("coupling at T_2"),
    ),
    SOURCE,
)

add_grid(
    GridLaw(
        "eq50",
        "How close Q is to P at the end of the descent",
        "Proposition 6, equation (50)",
        r"\frac{Q - P}{P}(T_2) \;\sim\; ",
        "imbalance at T_2",
        Formula(_ROOT**2 / 2, (width, alpha, zeta, c3, k4, k6, F3, M4)),
        3.0,
        lambda s, m: 2 * _cubic_slack(s, m) + 4 * power(m, 1 - 2 * s.alpha),
        r"80/m + 4m^{1-2\alpha}",
        uses=("eq57.derived", "eq57.grid"),
        hypotheses=(_MOMENTS,),
        changes=(
            ("P and Q swapped", -(_ROOT**2) / 2),
            ("without the factor ½", _ROOT**2),
        ),
        witness=descent_end_witness("imbalance at T_2"),
    ),
    SOURCE,
)

start_gap = sp.Symbol("D", real=True)
_integral = (F3 - M4) * sp.log(1 / zeta) - F3 * (1 - zeta) + M4 * ((1 - zeta) + (1 - zeta) ** 2 / 2)
_SIZES = (start_gap - 2 * c3 * k4 * _integral / width) / (1 - zeta)
add_grid(
    GridLaw(
        "eq51",
        "How close the norms of a and w are at the end of the descent",
        "Proposition 6, equation (51)",
        r"\frac{\sum_k a_k^2}{\sum_k (w_k^{(1)})^2}(T_2) - 1 \;\sim\; ",
        "sizes at T_2",
        Formula(_SIZES, (start_gap, width, zeta, c3, k4, F3, M4)),
        0.5,
        lambda s, m: 2 * _cubic_slack(s, m),
        r"80/m",
        uses=("eq18.neuron", "eq57.derived"),
        hypotheses=(
            _MOMENTS,
            r"$D = \sum_k (a_k^2 - (w_k^{(1)})^2)(0)$ of the draw, $O(m^{\frac12-2\alpha})$, conserved by (16)",
            r"$\alpha \ge 1.5$, where $D$ does not outweigh the cubic part with either sign",
        ),
        fits=lambda s, m: s.alpha >= 1.5,
        more=lambda s, known: {"D": known["a² − w²"]},
        changes=(
            ("the other sign", -_SIZES),
            ("without the factor 2", (start_gap - c3 * k4 * _integral / width) / (1 - zeta)),
            ("without k₄", (start_gap - 2 * c3 * _integral / width) / (1 - zeta)),
        ),
        witness=descent_end_witness("sizes at T_2"),
    ),
    SOURCE,
)


_AWAY = (dim - 1) * zeta * width ** (1 - 2 * alpha) / (4 * (1 - zeta))
_GRADIENT = _own_zeta(EXCESS.expression) / width - _AWAY
add_grid(
    GridLaw(
        "eq54",
        "Relative size of the gradient at the end of the descent",
        "Corollary 3, equation (54), sharpened",
        r"\frac{\lVert\nabla R\rVert}{\lVert\theta\rVert}(T_2) - \zeta \;\sim\; ",
        "gradient excess at T_2",
        Formula(_GRADIENT, (width, alpha, zeta, dim, c3, k4, k6, F3, M4)),
        1.0,
        lambda s, m: _cubic_slack(s, m),
        r"40/m",
        uses=("eq54.derived", "cor3.exact"),
        hypotheses=(
            _MOMENTS,
            r"$\alpha \ge 1$; the second term is what the weights across $e_1$ add to $\lVert\theta\rVert$",
        ),
        fits=lambda s, m: s.alpha >= 1,
        changes=(
            ("without the factor k₄", _GRADIENT.subs(k4, 1)),
            ("without the target's moment", _GRADIENT.subs(F3, 0)),
        ),
        witness=descent_end_witness("gradient excess at T_2"),
    ),
    SOURCE,
)
