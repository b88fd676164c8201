"""Theorem 1, Propositions 1 and 2, Corollaries 1 to 3 at T_1: each law over the grid."""

from __future__ import annotations

import math

import sympy as sp

from verify.papers.multistage.asymptotics import LEADING
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid import GridLaw, add_grid, alpha, dim, gamma, width
from verify.papers.multistage.grid_runs import Setting

_half = sp.Rational(1, 2)
_P = width ** (1 - 2 * alpha + 2 * gamma) / 2
_STATED = {leading.id: leading for leading in LEADING}

SOURCE = "laws_plateau.py"


def power(m: int, exponent: float) -> float:
    """m^exponent."""
    return math.exp(exponent * math.log(m))


def grown(setting: Setting, m: int) -> float:
    """P(T_1) to leading order."""
    return 0.5 * power(m, 1 - 2 * setting.alpha + 2 * setting.first)


def faded(setting: Setting, m: int) -> float:
    """e^{−2T_1} = m^{−2γ}."""
    return power(m, -2 * setting.first)


def _across(setting: Setting, m: int) -> bool:
    """Laws of the weights across e₁; close to α = ½ these are no small part of the whole at any width here."""
    return setting.dim > 1 and setting.alpha >= 1


def _squares(id: str, quantity: str, latex: str) -> GridLaw:
    return GridLaw(
        id,
        f"{quantity} at the end of the initial plateau",
        "Proposition 2, equation (35)",
        f"{latex} \\;\\sim\\; ",
        quantity,
        _STATED["eq35"].stated,
        1.5,
        lambda s, m: 2 * (grown(s, m) + faded(s, m) ** 2),
        r"2P(T_1) + 2e^{-4T_1}",
        uses=("eq35",),
        changes=(("without γ", _P.subs(gamma, 0)), ("γ counted twice", _P * width ** (2 * gamma))),
    )


for _law in (
    _squares("eq35", "P", "P"),
    _squares("eq35.a", "Σa²", r"\sum_k a_k^2"),
    _squares("eq35.w", "Σw²", r"\sum_k (w_k^{(1)})^2"),
):
    add_grid(_law, SOURCE)

add_grid(
    GridLaw(
        "eq36",
        "How close Q is to P at the end of the initial plateau",
        "Proposition 2, equation (36)",
        r"\frac{Q - P}{P} \;\sim\; ",
        "imbalance",
        _STATED["eq36"].stated,
        2.0,
        lambda s, m: 4 * (grown(s, m) + faded(s, m) ** 2),
        r"4P(T_1) + 4e^{-4T_1}",
        uses=("eq36",),
        changes=(
            ("P and Q swapped", -2 * width ** (-4 * gamma)),
            ("half the exponent", 2 * width ** (-2 * gamma)),
        ),
    ),
    SOURCE,
)

add_grid(
    GridLaw(
        "eq29",
        "Average decay rate of the risk on the initial plateau",
        "Theorem 1, equation (29)",
        r"\frac{R(0) - R(T_1)}{T_1} \;\sim\; ",
        "decay",
        _STATED["eq29"].stated,
        1.5,
        lambda s, m: 3 * (grown(s, m) + faded(s, m) ** 2),
        r"3P(T_1) + 3e^{-4T_1}",
        uses=("eq29", "eq35"),
        changes=(
            ("without the time in it", _P),
            ("T_1 = log m without γ", _P / sp.log(width)),
        ),
    ),
    SOURCE,
)

add_grid(
    GridLaw(
        "eq40",
        "Coupling bound on the Wasserstein distance at the end of the initial plateau",
        "Corollary 1, equation (40)",
        r"\sqrt{\frac{\sum_k (a_k - w_k^{(1)})^2}{\sum_k a_k^2}} \;\sim\; ",
        "coupling",
        _STATED["eq40"].stated,
        1.5,
        lambda s, m: 2 * (grown(s, m) + faded(s, m) ** 2),
        r"2P(T_1) + 2e^{-4T_1}",
        uses=("eq40",),
        changes=(("half the exponent", 2 * width**-gamma),),
    ),
    SOURCE,
)

_EQ41 = 2 * (dim - 1) * width ** (-2 * gamma)
add_grid(
    GridLaw(
        "eq41",
        "Condensation at the end of the initial plateau",
        "Corollary 2, equation (41)",
        r"\frac{\sum_k \lVert w_k\rVert^2 - \sum_k (w_k^{(1)})^2}{\sum_k \lVert w_k\rVert^2} \;\sim\; ",
        "across",
        Formula(_EQ41, (width, gamma, dim)),
        # Σ (w^⊥)² has 2m squares and Σ (a + w¹)² has m: relative variances 1/m and 2/m.
        math.sqrt(3),
        lambda s, m: 2 * (grown(s, m) + 2 * (s.dim - 1) * faded(s, m)),
        r"2P(T_1) + 4(d-1)e^{-2T_1}",
        uses=("eq41",),
        hypotheses=(r"$d = 3$, $\alpha \ge 1$",),
        fits=_across,
        changes=(("d in place of d − 1", 2 * dim * width ** (-2 * gamma)),),
    ),
    SOURCE,
)

_EQ55 = _P + (dim - 1) * width ** (-2 * gamma) / 2
add_grid(
    GridLaw(
        "eq55",
        "Relative size of the gradient at the end of the initial plateau",
        "Corollary 3, equation (55)",
        r"1 - \frac{\lVert\nabla R\rVert}{\lVert\theta\rVert} \;\sim\; ",
        "gradient",
        Formula(_EQ55, (width, alpha, gamma, dim)),
        2.0,
        lambda s, m: 2 * (grown(s, m) + (2 * (s.dim - 1)) * faded(s, m) + faded(s, m) ** 2),
        r"2P(T_1) + 4(d-1)e^{-2T_1} + 2e^{-4T_1}",
        uses=("eq55",),
        # For d = 1 and large α the cubic part of the gradient, 2c₃k₄F₃P/m, is no longer small beside P.
        fits=lambda s, m: s.dim == 1 or s.alpha >= 1,
        changes=(("d in place of d − 1", _P + dim * width ** (-2 * gamma) / 2), ("twice P", 2 * _P)),
    ),
    SOURCE,
)

add_grid(
    GridLaw(
        "eq28",
        "Error of the linearised dynamics at the end of the initial plateau",
        "Theorem 1, equation (28)",
        r"\frac{\max_k \lVert\theta_k - \tilde\theta_k\rVert_\infty}{q} \;\sim\; \tfrac12 P(T_1) \sim ",
        "deviation",
        Formula(_P / 2, (width, alpha, gamma)),
        2.0,
        lambda s, m: 4 * grown(s, m) + 4 * faded(s, m),
        r"4P(T_1) + 4e^{-2T_1}",
        uses=("eq25", "eq35"),
        hypotheses=(
            r"widths with $P(T_1) \ge 10^{-6}$: below, the integrator's own error, $10^{-9}$, is not small beside it",
        ),
        fits=lambda s, m: s.alpha >= 1 and grown(s, m) >= 1e-6,
        changes=(("P in place of P/2", _P), ("without γ", _P.subs(gamma, 0) / 2)),
    ),
    SOURCE,
)

largest = sp.Symbol("largest", positive=True)
_SIZE = width ** (gamma - alpha) * largest / sp.sqrt(2)
add_grid(
    GridLaw(
        "eq27",
        "Neuron-wise norm up to the end of the initial plateau",
        "Theorem 1, equation (27), sharpened",
        r"\max_{t \le T_1} q(t) \;\sim\; ",
        "q",
        Formula(_SIZE, (width, alpha, gamma, largest)),
        0.0,
        lambda s, m: grown(s, m) + 2 * faded(s, m) + 1e-6,
        r"P(T_1) + 2e^{-2T_1} + 10^{-6}",
        uses=("lem3", "eq33", "eq35"),
        hypotheses=(
            r"largest: $\max_k |\xi_k|$ of the draw, $\xi_k = (a_k + w_k^{(1)})(0)/(\sqrt2\,\varepsilon)$ standard "
            r"normal: it is $\sqrt{2\log m}\,(1 + o(1))$ and the right side $\sqrt{\log m}\,m^{\gamma-\alpha}$, "
            r"the size in (27). This limit is slow and scatters, and is not part of the comparison",
            r"$10^{-6}$: room for the error of the integrator",
        ),
        by_hand=(
            ("10 % larger", _SIZE * sp.Rational(11, 10)),
            ("10 % smaller", _SIZE * sp.Rational(9, 10)),
            ("without the largest of m", width ** (gamma - alpha)),
            ("the limit of the largest", width ** (gamma - alpha) * sp.sqrt(sp.log(width))),
            ("exponent larger by 1/10", _SIZE * width ** sp.Rational(1, 10)),
            ("exponent smaller by 1/10", _SIZE * width ** -sp.Rational(1, 10)),
            ("a alone, without the half that w feeds", _SIZE * sp.sqrt(2)),
            ("without γ", _SIZE.subs(gamma, 0)),
        ),
    ),
    SOURCE,
)
