"""Corollaries 1 and 4 for amplitudes, |a_k| against ‖w_k‖, d = 2 and 3: the coupling bound (14) at T_1 and at T_2.

(‖w_k‖ − |a_k|)² ≤ (a_k − w_k^(1))² + Σ_{i≥2} (w_k^(i))², and the second part is by far the larger: distributions of
amplitudes are close because neurons condense, and no faster.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from verify.papers.multistage.across_closed import closed_parts, half_to_end
from verify.papers.multistage.descent_end import DISTANCE
from verify.papers.multistage.descent_end import k6 as positive_k6
from verify.papers.multistage.first_order import zeta as positive_zeta
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid import GridLaw, add_grid, alpha, dim, gamma, width, zeta
from verify.papers.multistage.grid_runs import Setting
from verify.papers.multistage.grid_witness import descent_end_witness
from verify.papers.multistage.laws_across import cubic, k4, k6, left
from verify.papers.multistage.laws_plateau import faded, grown, power

SOURCE = "laws_amplitudes.py"

_AT_T1 = sp.sqrt(4 * width ** (-4 * gamma) + 2 * (dim - 1) * width ** (-2 * gamma))

add_grid(
    GridLaw(
        "eq40.amplitudes",
        "Coupling bound for the amplitudes at the end of the initial plateau",
        "Corollary 1, equations (14) and (40)",
        r"\sqrt{\frac{\sum_k (a_k - w_k^{(1)})^2 + \sum_{i\ge2} V_i^2}{\sum_k a_k^2}}(T_1) \;\sim\; ",
        "amplitudes",
        Formula(_AT_T1, (width, gamma, dim)),
        1.5,
        lambda s, m: 2 * (grown(s, m) + faded(s, m) ** 2),
        r"2P(T_1) + 2e^{-4T_1}",
        uses=("eq40.grid", "eq41.grid"),
        hypotheses=(r"$d = 2, 3$, $\alpha \ge 1$",),
        fits=lambda s, m: s.dim > 1 and s.alpha >= 1,
        changes=(
            ("the part along e₁ alone, as for the weights", 2 * width ** (-2 * gamma)),
            ("d in place of d − 1", sp.sqrt(4 * width ** (-4 * gamma) + 2 * dim * width ** (-2 * gamma))),
        ),
    ),
    SOURCE,
)

start = sp.Symbol("V0", positive=True)
_CUBIC = DISTANCE.expression.xreplace({positive_zeta: zeta, positive_k6: k6})
_ALONG = width ** (1 - 2 * alpha) / (1 - zeta), _CUBIC / width
_ACROSS = start**2 + ((k6 - k4**2) * cubic**2 + left**2) / width**2
_AT_T2 = sp.sqrt(_ALONG[0] ** 2 + _ALONG[1] ** 2 + _ACROSS / (1 - zeta))
_SYMBOLS = tuple(sorted(_AT_T2.free_symbols, key=str))


def _parts(setting: Setting, known: Mapping[str, float]) -> dict[str, float]:
    return {"V0": known["V(0)"], **closed_parts(known, half_to_end())}


add_grid(
    GridLaw(
        "eq56.amplitudes",
        "Coupling bound for the amplitudes at the end of the descent",
        "Corollary 4, equations (14), (56) and (57)",
        r"\sqrt{\frac{\sum_k (a_k - w_k^{(1)})^2 + \sum_{i\ge2} V_i^2}{\sum_k a_k^2}}(T_2) \;\sim\; ",
        "amplitudes at T_2",
        Formula(_AT_T2, _SYMBOLS),
        1.5,
        lambda s, m: 40 / m + 2 * power(m, 1 - 2 * s.alpha),
        r"40/m + 2m^{1-2\alpha}",
        uses=("eq57.grid", "eq46.grid"),
        hypotheses=(
            r"$d = 2, 3$; the part along $e_1$ is that of eq57.grid, the part across it that of eq46.grid",
            r"for $\alpha < \frac32$ the start across $e_1$ rules, $\sqrt{(d-1)/(1-\zeta)}\,m^{1/2-\alpha}$: slower "
            r"than the $m^{1-2\alpha}$ or $1/m$ of the weights along $e_1$",
        ),
        fits=lambda s, m: s.dim > 1,
        more=_parts,
        changes=(
            ("the part along e₁ alone, as for the weights", sp.sqrt(_ALONG[0] ** 2 + _ALONG[1] ** 2)),
            ("the start across e₁ alone", start / sp.sqrt(1 - zeta)),
        ),
        witness=descent_end_witness(
            "amplitudes at T_2", (Setting(1.0, "tanh", "plane"), Setting(1.5, "tanh", "plane")), _parts
        ),
    ),
    SOURCE,
)
