"""Theorems 1 to 3, each from one width on: where every step that leads to it holds, with probability at least 1 − δ."""

from __future__ import annotations

from fractions import Fraction

from verify.papers.multistage import explicit_bounds as bounds
from verify.papers.multistage import explicit_fine as fine
from verify.papers.multistage.explicit import PLACES, short_enough
from verify.papers.multistage.explicit_bounds import Conditions
from verify.papers.multistage.explicit_claim import Step, add

EVENT = (
    r"all steps are on one event, (68) at the level $\frac\delta2$ with Proposition 8 for $d + 1$ sums at "
    r"$\frac\delta2$: its probability is at least $1 - \delta$ from the width on that is the first of the steps "
    "(lem3.event), and nothing else is given up"
)
DESCENT: tuple[Conditions, ...] = (*fine.DESCENT, bounds.small_fall, bounds.large_fall)
_END = (("gamma-at-its-end", "γ = α − ½", {"share": Fraction(1)}),)

add(
    "thm1.explicit",
    Step(
        bounds.small_fall,
        before=fine.PLATEAU,
        other=_END,
        conclusion=(
            r"T_1 &= \gamma\log m < T_2, \quad q(T_1) < Kx, \quad |R(0) - R(T_1)| < \vartheta \\ "
            r"& \text{with probability at least } 1 - \delta"
        ),
    ),
    title="Theorem 1 with constants, from one width on",
    where="Theorem 1, equation (1)",
    hypotheses=(
        EVENT,
        r"$x = \sqrt{2d\Lambda}\,m^{\gamma-\alpha}$ bounds the linearised neuron-wise norm at $T_1$; "
        "$q$ is that norm of the flow",
        r"the steps: lem3.event, eq27.fine, thm1.ii",
    ),
    uses=("lem3.event", "eq27.fine", "thm1.ii"),
)

add(
    "thm2.explicit",
    Step(
        bounds.ratio_of_rates,
        before=(*DESCENT, bounds.event, fine.lower_half, fine.upper_half),
        other=_END,
        conclusion=(
            r"1 - \vartheta &\le \frac{T_2}{\log(1/(\sqrt m\,\varepsilon))} \le 1 + \vartheta, \quad "
            r"\frac{R(0) - R(T_1)}{T_1} \le \vartheta\,\frac{R(T_1) - R(T_2)}{T_2 - T_1}, \quad "
            r"q(T_2)^2 \le \frac{\lambda}{m} \\ & \text{with probability at least } 1 - \delta"
        ),
    ),
    title="Theorem 2 with constants, from one width on",
    where="Theorem 2, equations (2) and (3)",
    hypotheses=(
        EVENT,
        r"$\lambda = \frac{128}{3}K^2d\Lambda$; $q$ is the neuron-wise norm",
        r"the steps: lem3.event, eq27.fine, prop2.fine, eq47, eq52, thm1.ii, eq53, thm2.ii and both halves of (43)",
    ),
    uses=("lem3.event", "prop2.fine", "eq47", "eq52", "eq53", "thm2.ii", "eq43.both"),
)

add(
    "thm3.explicit",
    Step(
        bounds.slow_plateau,
        before=(*DESCENT, bounds.long_plateau, bounds.near_one, bounds.norm_stays),
        places=short_enough,
        conclusion=(
            r"T_3 = T_2 + m^s, \quad \frac{T_3}{T_2} &\ge \frac1\vartheta, \quad \frac{R(T_2) - R(T_3)}{T_3 - T_2} \le "
            r"\vartheta\,\frac{R(T_1) - R(T_2)}{T_2 - T_1}, \quad \sup_{[T_2, T_3]}|1 - P| \le (1 + \vartheta)\,\zeta "
            r"\\ & \text{with probability at least } 1 - \delta"
        ),
    ),
    title="Theorem 3 with constants, from one width on",
    where="Theorem 3, equations (4) and (5)",
    hypotheses=(
        EVENT,
        r"the steps: lem3.event, eq27.fine, prop2.fine, eq47, eq52, thm1.ii, eq53, eq59, eq63, eq64, eq60",
        PLACES,
    ),
    uses=("lem3.event", "prop2.fine", "eq52", "eq53", "eq59", "eq60", "eq63", "eq64"),
)
