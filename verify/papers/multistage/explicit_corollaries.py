"""Both halves of (43) and the corollaries with constants, through the sharper bounds of the initial plateau.

A claim here is whole: it holds, with probability at least 1 − δ, from the width on from which every step that leads to
it does; its table says which step that is. Its statement prints the last step.
"""

from __future__ import annotations

from fractions import Fraction

from verify.papers.multistage import explicit_fine as fine
from verify.papers.multistage.explicit_claim import ALPHAS, Step, add

_END = (("gamma-at-its-end", "γ = α − ½", {"share": Fraction(1)}),)
_LONG = (("length-m", "T₃ = T₂ + m", {"plateau": Fraction(1)}),)

NAMES = (
    r"$p = \sqrt{P+Q}$, $n = \sqrt{Q-P}$, $T = \gamma\log m$; $B_j = \sqrt m\int_0^\infty e^{-ju}B(Kx\,e^{-u})\,du$, "
    r"where $B(q)$ is the bound of Lemma 1, bounds $\sqrt m\int_0^Te^{-j(T-t)}B(q)\,dt$ while $q(t) \le Kx\,e^{t-T}$; "
    r"$C$ bounds $\int_0^TB(q)/q\,dt$ in the same way",
    r"$\overline V_1$ bounds every $V_i$ up to $T$, and $\sqrt Q \le y\,e^{t-T}$ (prop4.growth)",
    r"$N$ bounds $\int_0^T\max(-P, 0)\,dt$ (prop4.growth)",
)
HALVES = (r"$\beta_{\pm}$ bounds $\int_0^Te^{\pm(T-t)}(V_2\sqrt Q + \sqrt{2m}\,B)\,dt$ (prop4.halves)",)
CHAIN = (
    r"the steps before are those of eq27.fine, prop2.fine, eq47 and eq52; what eq47 and eq52 take from prop2 is "
    r"$q(T_1) \le Kx$, $P(T_1) \ge \frac{3}{32}m^{1-2\alpha+2\gamma}$ and $Q(T_1) \le \frac54P(T_1)$, which "
    "prop2.fine gives too",
)
APART = (r"$\nu$ bounds $n(T_1)$ over $m^{1/2-\alpha+\gamma}$",)

add(
    "eq27.fine",
    Step(
        fine.plateau,
        before=fine.PLATEAU[:1],
        other=_END,
    ),
    title="(27) from a far smaller width on: the norm's own growth in place of the deviation",
    where="Section 4, Theorem 1, equation (27), by another proof",
    hypotheses=(
        *NAMES,
        r"while $P \le 1$, $\frac{d}{dt}\log q \le 1 + \max(-P, 0) + \lVert S_\perp\rVert + B(q)/q$ (eq52.norm) "
        r"with $\lVert "
        r"S_\perp\rVert^2 \le 2V_2Q$ (prop4.across); the left side bounds $\log\frac{q(t)}{q(0)} - t$ up to $T_1$",
        r"hence $q(T_1) < Kx$ and $P(T_1) < 1 - \zeta$, so that $T_1 < T_2$",
    ),
    uses=("eq52.norm", "lem2", "lem3.event", "prop4.across", "prop4.growth"),
)

add(
    "prop2.fine",
    Step(
        fine.start,
        before=fine.PLATEAU,
        other=_END,
    ),
    title="Proposition 2 with constants from a far smaller width on",
    where="Section 4, Proposition 2, equations (35) and (36), by another proof",
    hypotheses=(
        *NAMES,
        *HALVES,
        *APART,
        r"the first gives $p(T_1) \ge \frac12m^{1/2-\alpha+\gamma}$, from $p(0) \ge \sqrt{1/2}\,m^{1/2-\alpha}$ and "
        r"$\int\max(P,0) \le \frac12y^2$; the second $n(T_1) \le \frac18m^{1/2-\alpha+\gamma}$",
        r"hence $P(T_1) = \frac12(p^2 - n^2) \ge \frac{15}{128}m^{1-2\alpha+2\gamma}$ and $Q(T_1) \le "
        r"\frac{17}{15}P(T_1)$",
    ),
    uses=("eq27.fine", "prop4.halves"),
)

add(
    "eq43.lower",
    Step(
        fine.lower_half,
        before=fine.PLATEAU[:1],
    ),
    title="The lower half of (43) with constants: T₂ ≥ (1 − ϑ) log(1/(√m ε))",
    where="Section 5.1, Theorem 2, equations (2) and (43)",
    hypotheses=(
        *NAMES,
        *HALVES,
        r"the first as in eq27.fine; $p(t) \le e^{t+N}\bigl(p(0) + \int e^{-s}(V_2\sqrt Q + \sqrt{2m}\,B)\bigr)$, "
        r"so that the "
        r"second bounds $P \le \frac12p^2$ by $1 - \zeta$, with $e^{2N} \le 1/(1-2N)$",
        r"hence $P < 1 - \zeta$ up to $(1-\vartheta)(\alpha-\frac12)\log m$, which is "
        r"$(1-\vartheta)\log\frac{1}{\sqrt m\,"
        r"\varepsilon}$",
    ),
    uses=("eq27.fine", "prop4.halves"),
)

add(
    "eq43.lower.full",
    Step(
        fine.lower_half_in_full,
        before=fine.PLATEAU[:1],
    ),
    title="The lower half of (43) without any loss: T₂ ≥ log(1/(√m ε))",
    where="Section 5.1, Theorem 2, equations (2) and (43), sharpened",
    hypotheses=(
        *NAMES,
        *HALVES,
        r"as eq43.lower, with no part of $\log m$ given up, because $P$ is only about $\frac12$ at that time; "
        r"$\zeta < "
        r"\frac14$, so that $\frac32 < 2(1-\zeta)$",
        r"hence $T_2 \ge \log\frac{1}{\sqrt m\,\varepsilon}$",
    ),
    uses=("eq43.lower",),
)

add(
    "eq43.both",
    Step(
        fine.upper_half,
        before=(*fine.DESCENT, fine.lower_half),
        other=_END,
    ),
    title="(43) from both sides with constants: T₂ over log(1/(√m ε)) is between 1 − ϑ and 1 + ϑ",
    where="Section 5.1, Theorem 2, equations (2) and (43)",
    hypotheses=(
        *CHAIN,
        r"$\dot P \ge (2-u)\,P(1-P)$ by eq48.band, so that $T_2 \le T_1 + "
        r"\frac{1}{2-u}\bigl[(2\alpha-1-2\gamma)\log m + "
        r"\log\frac{128(1-\zeta)}{15\,\zeta}\bigr]$ (eq47.integrals, with $P(T_1)$ from prop2.fine); the inequality "
        r"is that "
        r"this is below $(1+\vartheta)(\alpha-\frac12)\log m$, with $\frac{1}{2-u} \le \frac{1+u}{2}$",
        r"the lower half is eq43.lower; hence $1 - \vartheta \le T_2/\log\frac{1}{\sqrt m\,\varepsilon} \le 1 + "
        r"\vartheta$",
        r"the constant in $T_2$ is what makes the width so large, and no proof can avoid it: by b2, $T_2$ itself is "
        r"above "
        r"$(1+\vartheta)\log\frac{1}{\sqrt m\,\varepsilon}$ until $\log m$ is about "
        r"$\frac{1}{2\vartheta(\alpha-1/2)}\log"
        r"\frac{2(1-\zeta)}{\zeta}$",
    ),
    uses=("eq43.lower", "prop2.fine", "eq47", "eq47.integrals", "eq48.band", "eq52"),
)

add(
    "eq40.explicit",
    Step(
        fine.coupling_first,
        before=fine.START,
        other=_END,
    ),
    title="Corollary 1 with a constant: the coupling distance at T₁ is at most 8 m^(−2γ)",
    where="Section 4, Corollary 1, equation (40)",
    hypotheses=(
        *NAMES,
        *HALVES,
        *APART,
        r"$\frac np \le 2\nu \le \frac14$ by prop2.fine, so that $\sqrt{\sum_k(a_k - w_k^{(1)})^2/\sum_ka_k^2} \le "
        r"\frac{2n/p}{1 - n/p} \le \frac{16}{3}\nu \le 8\,m^{-2\gamma}$ (eq40.halves)",
        r"hence $W_2(\mu,\nu)/\sqrt{\frac1m\sum_ka_k^2} \le 8\,m^{-2\gamma}$ at $T_1$ (eq14)",
    ),
    uses=("prop2.fine", "eq40.halves", "eq14"),
)

add(
    "eq41.explicit",
    Step(
        fine.condensed,
        before=fine.START,
        dims=(2, 3),
        other=_END,
    ),
    title="Corollary 2 with a constant: the weights across e₁ have at most the share 24(d − 1) m^(−2γ) at T₁",
    where="Section 4, Corollary 2, equation (41)",
    hypotheses=(
        *NAMES,
        r"$\sum_k(w_k^{(1)})^2 \ge \frac{9}{128}m^{1-2\alpha+2\gamma}$ by prop2.fine and eq40.halves; the share is "
        r"at most "
        r"$(d-1)\overline V_1^2$ over it",
    ),
    uses=("prop2.fine", "eq40.halves", "lem2"),
)

add(
    "eq55.explicit",
    Step(
        fine.gradient_first,
        before=fine.START,
        other=_END,
    ),
    title="Corollary 3 with constants: the gradient over the weights is within ϑ of 1 at T₁",
    where="Section 5.1, Corollary 3, equation (55)",
    hypotheses=(
        *NAMES,
        r"$0 \le P(T_1) \le y^2$, and $\sqrt{Q(T_1)} \ge \frac13m^{1/2-\alpha+\gamma}$ by prop2.fine; the parts of "
        r"eq54.gradient "
        "in turn",
    ),
    uses=("prop2.fine", "eq54.gradient"),
)

add(
    "eq50.explicit",
    Step(
        fine.equal_sums,
        before=fine.DESCENT,
    ),
    title="Proposition 6 with constants: P, Q and both sums of squares nearly equal along the descent",
    where="Section 5.1, Propositions 5 and 6, equations (49), (50) and (51)",
    hypotheses=(
        *CHAIN,
        *APART,
        r"the left side bounds $\sqrt{Q^2-P^2}/P$ on $[T_1, T_2]$: at $T_1$ it is $2pn/(p^2-n^2)$, and its growth "
        r"is that of "
        "eq52",
        r"hence $1 \le Q/P \le 1 + \frac12\vartheta^2$ and $\bigl|\sum_ka_k^2/\sum_k(w_k^{(1)})^2 - 1\bigr| \le "
        r"\frac{2\vartheta}{1-\vartheta}$ for all $t \in [T_1, T_2]$ (eq50, eq51)",
    ),
    uses=("prop2.fine", "eq47", "eq52", "eq49", "eq50", "eq51"),
)

add(
    "eq46.explicit",
    Step(
        fine.across_descent,
        before=fine.DESCENT,
        dims=(2, 3),
        alphas=tuple(a for a in ALPHAS if a < Fraction(3, 2)),
    ),
    title="Proposition 3 with constants, for α < 3/2: V_i grows by less than a factor 1 + ϑ up to T₂",
    where="Section 5.1, Proposition 3, equation (46)",
    hypotheses=(
        *NAMES[:1],
        *CHAIN,
        r"$V_i(0) \ge m^{1/2-\alpha}/\sqrt2$ by Proposition 8; the left side is what lem2 adds to it, with $b$ as "
        r"in eq47",
        r"for $\alpha \ge \frac32$ the second term, which is of order $(\log m)^{3/2}/m$, is no small part of "
        r"$V_i(0)$",
    ),
    uses=("prop2.fine", "eq30", "eq47", "eq52"),
)

add(
    "eq61.explicit",
    Step(
        fine.across_plateau_late,
        before=fine.DESCENT,
        dims=(2, 3),
        alphas=tuple(a for a in ALPHAS if a < 1),
        places=lambda s: s.alpha + s.plateau < Fraction(3, 2),
        other=_LONG,
    ),
    title="Proposition 7 with constants: V_i grows by less than a factor 1 + ϑ up to T₃, while (63) and (64) hold",
    where="Section 6.1, Proposition 7, equation (61)",
    hypotheses=(
        *NAMES[:1],
        *CHAIN,
        r"$\alpha + s < \frac32$; as eq46.explicit, with $b_3$ of eq63 for the time after $T_2$, while $q^2 \le "
        r"4\lambda/m$ and "
        r"$P \ge 1 - 2\zeta$ (eq63, eq64)",
    ),
    uses=("eq46.explicit", "eq63"),
)

add(
    "eq54.explicit",
    Step(
        fine.gradient_second,
        before=fine.DESCENT,
    ),
    title="Corollary 3 with constants: the gradient over the weights is within ϑζ of ζ at T₂",
    where="Section 5.1, Corollary 3, equation (54)",
    hypotheses=(
        *CHAIN,
        r"at $T_2$, where $P = 1 - \zeta$ and $\frac12 \le Q \le 2$: $\lVert S_\perp\rVert \le 2\sqrt{V_2}$, $\sqrt "
        r"m\,B/\sqrt Q = "
        r"H/(2Q) \le b/m$, and the parts of eq54.gradient in turn",
        r"hence $\bigl|\lVert\nabla R\rVert/\lVert\theta\rVert - \zeta\bigr| \le \vartheta\zeta$ at $T_2$: a "
        r"$\zeta$-relative "
        "critical point, and no better one",
    ),
    uses=("prop2.fine", "eq47", "eq52", "eq54.gradient"),
)

add(
    "eq57.explicit",
    Step(
        fine.coupling_second,
        before=fine.DESCENT,
    ),
    title="Corollary 4 with constants: the coupling distance at T₂ is at most ϑ",
    where="Section 5.1, Corollary 4, equations (56) and (57)",
    hypotheses=(
        *CHAIN,
        *APART,
        r"the first bracket bounds $r = \sqrt{Q^2-P^2}/P$ at $T_2$, because $P(T_1) \le y^2$; the coupling distance "
        r"is at most "
        r"$r/(1 - r/2)$ (eq57.half, eq40.halves), and at most $\vartheta$ where $r(\frac1\vartheta + \frac12) \le 1$",
        r"hence $W_2(\mu,\nu)/\sqrt{\frac1m\sum_ka_k^2} \le \vartheta$ at $T_2$ (eq14)",
    ),
    uses=("prop2.fine", "eq47", "eq52", "eq49", "eq57.half", "eq14"),
)
