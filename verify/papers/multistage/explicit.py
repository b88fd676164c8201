"""Theorems 1 to 3 with constants: the smallest width from which on each step of their proofs holds.

What is checked of a step is an inequality between explicit functions of m. That its left side bounds what the paper
bounds is said in the hypotheses, and rests on the claims under `uses`.
"""

from __future__ import annotations

from fractions import Fraction

from verify.papers.multistage import explicit_bounds as bounds
from verify.papers.multistage.explicit_claim import Step, add
from verify.papers.multistage.explicit_terms import Setting


def short_enough(s: Setting) -> bool:
    """Where (64) can be had this way: m^s V_2 has to vanish."""
    return s.dim == 1 or s.plateau < min(2 * s.alpha - 1, Fraction(2, 3))


PLACES = (
    r"at $d = 3$ only $\alpha > \frac12(1 + s)$ and $s < \frac23$: with $V_2$ of order $m^{1-2\alpha} + m^{2s-2}$ "
    r"this way of proof needs $s < \min(2\alpha - 1, \frac23)$. For the chosen $s = \frac12$ the scales "
    r"$\alpha \le \frac34$ are left out there"
)
_ONE = Fraction(1)
_GAMMA = (("gamma-at-its-end", "γ = α − ½", {"share": _ONE}),)
_SHORT = (("no-length", "T₃ = T₂ + 1", {"plateau": Fraction(0)}),)
_LONG = (("length-m", "T₃ = T₂ + m", {"plateau": _ONE}),)

add(
    "eq34",
    Step(bounds.test_time, other=_GAMMA),
    title="The test time of the linearisation is later than T₁",
    where="Section 4, proof of Theorem 1, equations (26)–(28) and (34)",
    hypotheses=(
        r"while $q(s) \le K x\,e^{s - T_1}$, (25) is driven by at most $m q^3 + B(q)$ with $B$ the bound of Lemma 1; "
        r"by Gronwall's inequality (eq31), with $\int_0^t e^{t-s}e^{ps}\,ds \le e^{pt}/(p-1)$, the deviation is at "
        r"most "
        r"$x$ times the left side",
        r"so that $q(T_1) \le \tilde q(T_1) + \max_k N(\Delta_k) < K x$, against the definition of $T^{*}$: (27) and "
        "(28) hold with these constants",
    ),
    uses=("eq25", "eq31", "eq32", "eq33", "lem1", "lem3"),
)

add(
    "eq30",
    Step(bounds.across_plateau, dims=(2, 3), other=_GAMMA),
    title="Proposition 1 with constants: the weights across e₁ hardly change on the initial plateau",
    where="Section 4, Proposition 1, equation (30)",
    hypotheses=(
        r"$B_0$ is $\sqrt m\int_0^{T_1} B(q)\,ds$ of (22) with $q(s) \le K x\,e^{s-T_1}$; $V_i(0) \ge "
        r"m^{1/2-\alpha}/\sqrt2$ by Proposition 8",
    ),
    uses=("lem1", "lem2", "eq34", "lem3.event"),
)

add(
    "thm1.ii",
    Step(bounds.small_fall, other=_GAMMA),
    title="Theorem 1 (ii) with constants: the loss changes by less than ϑ on the initial plateau",
    where="Section 4, Theorem 1, equations (1), (29) and (39)",
    hypotheses=(
        r"$\Delta$ is (39) at $q = Kx$, so that $2\Delta$ bounds $|R(0) - R(T_1)|$ by eq39, and "
        r"the decay rate is below $\vartheta/(\gamma\log m)$",
    ),
    uses=("eq34", "eq39"),
)

add(
    "prop2",
    Step(bounds.order_parameters, other=_GAMMA),
    title="Proposition 2 with constants: P at the end of the initial plateau, and Q beside it",
    where="Section 4, Proposition 2, equations (35) and (36)",
    hypotheses=(
        r"$\Phi$ is that of eq34; $\frac14\sum_k(a_k \pm w_k^{(1)})^2(0) \in [\frac14, "
        r"\frac34]\,m^{1-2\alpha}$ "
        "by Proposition 8",
        r"hence $P(T_1) \ge \frac{3}{32} m^{1-2\alpha+2\gamma}$ and $P(T_1) \le Q(T_1) \le \frac54 P(T_1)$",
    ),
    uses=("eq34", "prop2.deviation", "prop2.start"),
)

add(
    "eq47",
    Step(bounds.rates),
    title="Condition (47) holds on the descent",
    where="Section 5.1, proof of Proposition 4, equation (47)",
    hypotheses=(
        r"up to $T^{\dagger}$ of (45): $q^2 \le \lambda P/m$, where $\lambda$ is twice what prop2 gives at $T_1$, and "
        r"$Q \le 2P$; $b = m^{3/2}B(\sqrt{\lambda/m})$, so that $H/Q \le 2b/m$",
        r"$\overline V$ bounds every $V_i$ up to $T_2$, which is (46): its start, what eq30 adds and the descent",
        r"hence $V_2 + H/Q \le \vartheta\zeta$ and $\dot P \ge (2 - \vartheta)\,Q(1 - P)$ there; and, for every "
        r"$\vartheta$, $V_2 \le \frac18\zeta$ and $H \le \frac14\zeta Q$, the form of (47) in eq48",
    ),
    uses=("eq30", "lem2", "prop2", "eq48.band", "eq45.remainder", "eq47.integrals"),
)

add(
    "eq52",
    Step(bounds.hypothesis_time),
    title="The hypothesis time of the descent is later than T₂",
    where="Section 5.1, proof of Theorem 2, equations (45) and (52)",
    hypotheses=(
        r"$\overline V$ and $b$ as in eq47, $b_2 = mB(q)/q$ at $q^2 = \lambda/m$; $\overline\tau$ bounds $T_2 - T_1$ "
        "by eq47.integrals",
        r"the left sides bound the growth of $\log(q^2/P)$ and of $\sqrt{Q^2-P^2}/P \le \frac34$ from $T_1$ on, so "
        r"that "
        r"$q^2 < \lambda P/m$ and $Q < 2P$ up to $T_2$",
        r"hence $q(T_2)^2 \le \lambda/m$, Theorem 2 (iii), and $T_2 \le T_1 + \overline\tau$, the upper half of (43)",
    ),
    uses=("eq47", "eq47.integrals", "eq47.logarithm", "eq49", "eq52.ratio", "prop2"),
)

add(
    "eq53",
    Step(bounds.large_fall, other=_GAMMA),
    title="The loss falls by almost ½(1 − ζ²) on the descent",
    where="Section 5.1, proof of Theorem 2, equation (53)",
    hypotheses=(
        r"(37) at both times, with $q(T_2)^2 \le \lambda/m$ and $\sum_{i\ge2}S_i^2 \le 4V_2$: the left side bounds "
        r"$\frac12(1 - \zeta^2) - (R(T_1) - R(T_2))$",
    ),
    uses=("eq53.fall", "eq52", "thm1.ii"),
)

add(
    "thm2.ii",
    Step(bounds.ratio_of_rates, other=_GAMMA),
    title="Theorem 2 (ii) with constants: the loss falls 1/ϑ times as fast on the descent as before it",
    where="Section 5.1, Theorem 2, equations (3) and (44)",
    hypotheses=(
        r"the fall up to $T_1 = \gamma\log m$ from thm1.ii, that up to $T_2$ from eq53; $\overline\tau_1 \ge "
        r"\overline\tau/\log m$ is $\overline\tau$ of eq52 with $1 + \log\frac{2(d+1)}{\delta}$ for $\Lambda$ ($m "
        r"\ge "
        r"3$)",
    ),
    uses=("thm1.ii", "eq52", "eq53"),
)

add(
    "eq59",
    Step(bounds.long_plateau, other=_SHORT),
    title="The secondary plateau is 1/ϑ times as long as what goes before it",
    where="Section 6.1, Theorem 3, equations (4), (58) and (59)",
    hypotheses=(r"$T_2 \le \gamma\log m + \overline\tau$ from eq52",),
    uses=("eq52",),
)

add(
    "eq63",
    Step(bounds.near_one, other=_LONG),
    title="P stays within (1 + ϑ)ζ of 1 up to T₃",
    where="Section 6.1, proof of Theorem 3, equation (63)",
    hypotheses=(
        r"while $q^2 \le 4\lambda/m$ and $|1 - P| \le 2\zeta$; $b_3$ is $b$ of eq47 at $4\lambda$, and $\overline "
        r"V_3$ bounds every $V_i$ up to $T_3$, which is (61)",
        r"the left side bounds $|1 - P(t)| - \zeta e^{-2\int Q}$, because $\frac{d}{dt}|1-P| \le -2Q|1-P| + (V_2 + "
        r"H/Q)Q$",
    ),
    uses=("eq52", "eq63.distance", "lem2"),
)

add(
    "eq64",
    Step(
        bounds.norm_stays,
        places=short_enough,
        other=_LONG,
    ),
    title="The neuron-wise norm does not double up to T₃, and Q stays below 2P",
    where="Section 6.1, proof of Theorem 3, equation (64)",
    hypotheses=(
        PLACES,
        r"$\int|1-P| \le \frac{\zeta}{2(1-2\zeta)} + m^s \cdot {}$ the left side of eq63; $\int B/q \le "
        r"b_4\,m^{s-1}$; $\int\lVert S_\perp\rVert$ is eq64.root. So the first left side bounds the growth of $\log q$ "
        r"beyond $\frac{\zeta}{2(1-2\zeta)}$",
        r"the second one bounds the growth of $\sqrt{Q^2-P^2} \le 1 - \zeta$ by eq49, where $Q \le 2(1+2\zeta)$",
    ),
    uses=("eq63", "eq52.norm", "eq64.root", "eq49"),
)

add(
    "eq60",
    Step(
        bounds.slow_plateau,
        places=short_enough,
        other=_SHORT,
    ),
    title="Theorem 3 with constants: the loss falls at most ϑ times as fast on the secondary plateau",
    where="Section 6.1, Theorem 3, equations (5), (60) and (62)",
    hypotheses=(
        r"what is multiplied by $\overline\tau m^{-s}$ bounds $|R(T_2) - R(T_3)|$, which is (62): (37) with "
        r"$|1-P| \le (1+\vartheta)\zeta$ by eq63",
        r"the fall on the descent from eq53, its length from eq52",
        PLACES,
    ),
    uses=("eq37", "eq38", "eq53", "eq63", "eq64"),
)
