"""Theorems 1 to 3 with constants: the smallest width from which on each step of their proofs holds.

What is checked of a step is an inequality between explicit functions of m. That its left side bounds what the paper
bounds is said in the hypotheses, and rests on the claims under `uses`.
"""

from __future__ import annotations

from fractions import Fraction

from verify.papers.multistage import explicit_bounds as bounds
from verify.papers.multistage.explicit_bounds import Setting
from verify.papers.multistage.explicit_claim import Step, add


def _short_enough(s: Setting) -> bool:
    """Where (64) can be had this way: m^s V_2 has to vanish."""
    return s.dim == 1 or s.plateau < min(2 * s.alpha - 1, Fraction(2, 3))


_ONE = Fraction(1)
_GAMMA = (("gamma-at-its-end", "γ = α − ½", {"share": _ONE}),)
_SHORT = (("no-length", "T₃ = T₂ + 1", {"plateau": Fraction(0)}),)
_LONG = (("length-m", "T₃ = T₂ + m", {"plateau": _ONE}),)

add(
    "eq34",
    Step(bounds.test_time, changed=_GAMMA),
    title="The test time of the linearisation is later than T₁",
    where="Section 4, proof of Theorem 1, equations (26)–(28) and (34)",
    statement=r"\tfrac12 K^3(m + LD^3F)\,x^2 + \tfrac12 K^5 mLD^4 x^4 + \tfrac16 K^7 mL^2D^6 x^6 < K - 1",
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
    Step(bounds.across_plateau, dims=(2, 3), changed=_GAMMA),
    title="Proposition 1 with constants: the weights across e₁ hardly change on the initial plateau",
    where="Section 4, Proposition 1, equation (30)",
    statement=(
        r"\sqrt m\Bigl(\tfrac13 K^3LD^3F x^3 + \tfrac25 K^5 mLD^4x^5 + \tfrac17 K^7mL^2D^6x^7\Bigr) < "
        r"\frac{\vartheta}{\sqrt2}\,m^{1/2-\alpha}"
    ),
    hypotheses=(
        r"the left side is $\sqrt m\int_0^{T_1} B(q)\,ds$ of (22) with $q(s) \le K x\,e^{s-T_1}$; $V_i(0) \ge "
        r"m^{1/2-\alpha}/\sqrt2$ by Proposition 8",
    ),
    uses=("lem1", "lem2", "eq34", "lem3.event"),
)

add(
    "thm1.ii",
    Step(bounds.small_fall, changed=_GAMMA),
    title="Theorem 1 (ii) with constants: the loss changes by less than ϑ on the initial plateau",
    where="Section 4, Theorem 1, equations (1), (29) and (39)",
    statement=r"2\,\bigl(m q^2 + \tfrac12 m^2q^4 + B_E(q)\bigr) < \vartheta, \qquad q = K x",
    hypotheses=(
        r"the left side bounds $|R(0) - R(T_1)|$ by eq39, so that the decay rate is below $\vartheta/(\gamma\log m)$",
    ),
    uses=("eq34", "eq39"),
)

add(
    "prop2",
    Step(bounds.order_parameters, changed=_GAMMA),
    title="Proposition 2 with constants: P at the end of the initial plateau, and Q beside it",
    where="Section 4, Proposition 2, equations (35) and (36)",
    statement=(
        r"12\,m^{-4\gamma} < 1, \quad \tfrac{64}{3} d\Lambda(2\Phi + \Phi^2) < 1, \quad "
        r"4\bigl(32\,m^{-4\gamma} + \tfrac{256}{3} d\Lambda\Phi^2\bigr) < 1"
    ),
    hypotheses=(
        r"$\Phi$ is the left side of eq34; $\frac14\sum_k(a_k \pm w_k^{(1)})^2(0) \in [\frac14, "
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
    statement=r"(d-1)\,\overline V^2 + \frac{2b}{m} < \vartheta\zeta",
    hypotheses=(
        r"up to $T^{\dagger}$ of (45): $q^2 \le \lambda P/m$ with $\lambda = \frac{128}{3}K^2d\Lambda$, and $Q \le "
        r"2P$",
        r"$b = LD^3F\lambda^{3/2} + 2LD^4\lambda^{5/2} + L^2D^6\lambda^{7/2}/m$, and $H/Q \le 2b/m$",
        r"$\overline V = \sqrt{3/2}\,m^{1/2-\alpha} + {}$ the left side of eq30 ${} + \frac{b\log(1/\zeta)}"
        r"{(2-\vartheta)\,m}$ bounds every $V_i$ up to $T_2$, which is (46)",
        r"hence $\dot P \ge (2 - \vartheta)\,Q(1 - P)$ there",
    ),
    uses=("eq30", "lem2", "prop2", "eq48.band", "eq45.remainder", "eq47.integrals"),
)

add(
    "eq52",
    Step(bounds.hypothesis_time),
    title="The hypothesis time of the descent is later than T₂",
    where="Section 5.1, proof of Theorem 2, equations (45) and (52)",
    statement=(
        r"\frac{4\sqrt{d-1}\,\overline V\log\frac4\zeta + \frac{2b_2+4b}{m}\log\frac1\zeta}{2-\vartheta} + "
        r"2(d-1)\overline V^2\,\overline\tau < \log 2, \qquad "
        r"\frac{2(d-1)\overline V^2 + 2b/m}{\zeta(2-\vartheta)} < \frac14"
    ),
    hypotheses=(
        r"$\overline V$ and $b$ as in eq47, $b_2 = LD^3F\lambda + 2LD^4\lambda^2 + L^2D^6\lambda^3/m$, "
        r"$\overline\tau = \frac{1}{2-\vartheta}\bigl[(2\alpha-1-2\gamma)\Lambda + "
        r"\log\frac{32(1-\zeta)}{3\zeta}\bigr]$",
        r"the left sides bound the growth of $\log(q^2/P)$ and of $\sqrt{Q^2-P^2}/P \le \frac34$ from $T_1$ on, so "
        r"that "
        r"$q^2 < \lambda P/m$ and $Q < 2P$ up to $T_2$",
        r"hence $q(T_2)^2 \le \lambda/m$, Theorem 2 (iii), and $T_2 \le T_1 + \overline\tau$, the upper half of (43)",
    ),
    uses=("eq47", "eq47.integrals", "eq47.logarithm", "eq49", "eq52.ratio", "prop2"),
)

add(
    "eq53",
    Step(bounds.large_fall, changed=_GAMMA),
    title="The loss falls by almost ½(1 − ζ²) on the descent",
    where="Section 5.1, proof of Theorem 2, equation (53)",
    statement=(
        r"m q^2 + \tfrac12m^2q^4 + B_E(q) + 2(d-1)\overline V^2 + B_E\bigl(\sqrt{\lambda/m}\bigr) < "
        r"\tfrac12\vartheta(1 - \zeta^2), \qquad q = Kx"
    ),
    hypotheses=(
        r"(37) at both times, with $q(T_2)^2 \le \lambda/m$ and $\sum_{i\ge2}S_i^2 \le 4V_2$: the left side bounds "
        r"$\frac12(1 - \zeta^2) - (R(T_1) - R(T_2))$",
    ),
    uses=("eq53.fall", "eq52", "thm1.ii"),
)

add(
    "thm2.ii",
    Step(bounds.ratio_of_rates, changed=_GAMMA),
    title="Theorem 2 (ii) with constants: the loss falls 1/ϑ times as fast on the descent as before it",
    where="Section 5.1, Theorem 2, equations (3) and (44)",
    statement=(
        r"\frac{2}{\gamma}\bigl(m q^2 + \tfrac12m^2q^4 + B_E(q)\bigr)\,\overline\tau_1 < "
        r"\tfrac12\vartheta(1 - \vartheta)(1 - \zeta^2), \qquad q = Kx"
    ),
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
    Step(bounds.long_plateau, changed=_SHORT),
    title="The secondary plateau is 1/ϑ times as long as what goes before it",
    where="Section 6.1, Theorem 3, equations (4), (58) and (59)",
    statement=r"\gamma\Lambda + \overline\tau < \vartheta\, m^s, \qquad T_3 = T_2 + m^s",
    hypotheses=(r"$T_2 \le \gamma\log m + \overline\tau$ from eq52",),
    uses=("eq52",),
)

add(
    "eq63",
    Step(bounds.near_one, changed=_LONG),
    title="P stays within (1 + ϑ)ζ of 1 up to T₃",
    where="Section 6.1, proof of Theorem 3, equation (63)",
    statement=r"\tfrac12\Bigl((d-1)\,\overline V_3^2 + \frac{2b_3}{m\sqrt{1-2\zeta}}\Bigr) < \vartheta\,\zeta",
    hypotheses=(
        r"while $q^2 \le 4\lambda/m$ and $|1 - P| \le 2\zeta$; $b_3$ is $b$ of eq47 at $4\lambda$, and $\overline "
        r"V_3 "
        r"= "
        r"\overline V + b_3\,m^{s-1}$ bounds every $V_i$ up to $T_3$, which is (61)",
        r"the left side bounds $|1 - P(t)| - \zeta e^{-2\int Q}$, because $\frac{d}{dt}|1-P| \le -2Q|1-P| + (V_2 + "
        r"H/Q)Q$",
    ),
    uses=("eq52", "eq63.distance", "lem2"),
)

add(
    "eq64",
    Step(
        bounds.norm_stays,
        places=_short_enough,
        changed=_LONG,
    ),
    title="The neuron-wise norm does not double up to T₃, and Q stays below 2P",
    where="Section 6.1, proof of Theorem 3, equation (64)",
    statement=(
        r"\overline{\int_{T_2}^{T_3} \Bigl(|1 - P| + \lVert S_\perp\rVert + \frac{B(q)}{q}\Bigr)ds} < \log 2, \qquad "
        r"\overline{\sqrt{Q^2 - P^2}(T_3)} < \sqrt3\,(1 - 2\zeta)"
    ),
    hypotheses=(
        "a bar is the explicit bound given here, and the check is of these functions of m",
        r"$d = 1$, or $s < \min(2\alpha - 1, \frac23)$: with $V_2$ of order $m^{1-2\alpha} + m^{2s-2}$ this way of "
        "proof needs it",
        r"$\int|1-P| \le \frac{\zeta}{2(1-2\zeta)} + m^s \cdot {}$ the left side of eq63; $\int B/q \le "
        r"b_2\,m^{s-1}$ "
        r"at "
        r"$4\lambda$",
        r"$\int \lVert S_\perp\rVert^2 \le \frac12(d-1)\overline V^2 + (d-1)\overline V_3\,b_3\,m^{s-1}$ by "
        r"lem2.identity, "
        r"and $\int\lVert S_\perp\rVert \le m^{s/2}\sqrt{\int\lVert S_\perp\rVert^2}$",
        r"$\sqrt{Q^2-P^2}(T_3) \le (1-\zeta) + 2(1+2\zeta)\,m^s\bigl(2(d-1)\overline V_3^2 + "
        r"2b_3/(m\sqrt{1-2\zeta})\bigr)$ by eq49",
    ),
    uses=("eq63", "eq52.norm", "lem2.identity", "eq49"),
)

add(
    "eq60",
    Step(
        bounds.slow_plateau,
        places=_short_enough,
        changed=_SHORT,
    ),
    title="Theorem 3 with constants: the loss falls at most ϑ times as fast on the secondary plateau",
    where="Section 6.1, Theorem 3, equations (5), (60) and (62)",
    statement=(
        r"\frac{\overline\tau}{m^s}\Bigl(\tfrac12(1+\vartheta)^2\zeta^2 + 4(1+2\zeta)(d-1)\overline V_3^2 + "
        r"2B_E\bigl(2\sqrt{\lambda/m}\bigr)\Bigr) < \tfrac12\vartheta(1-\vartheta)(1-\zeta^2)"
    ),
    hypotheses=(
        r"the bracket bounds $|R(T_2) - R(T_3)|$, which is (62): (37) with $|1-P| \le (1+\vartheta)\zeta$ by eq63",
        r"the fall on the descent from eq53, its length from eq52; places as in eq64",
    ),
    uses=("eq37", "eq38", "eq53", "eq63", "eq64"),
)
