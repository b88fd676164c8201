"""The inequalities behind the explicit bounds of the descent and of what follows it, each for all real numbers."""

from __future__ import annotations

import sympy as sp

from verify.papers.multistage.paper import paper

P, S, X, Y, Z, u, w1, rate = sp.symbols("P S X Y Z u w1 r", real=True)
n, y, A, B, Q, H, R, k, p, q = sp.symbols("n y A B Q H R k p q", nonnegative=True)
theta, zeta, mu, b, V2, S2, W, sigma, beta = sp.symbols(
    "vartheta zeta mu b V2 S2 W sigma beta", nonnegative=True
)


def _le(left: sp.Expr, right: sp.Expr) -> sp.Rel:
    return sp.Le(left, right, evaluate=False)


paper.inequality(
    "eq48.band",
    sp.And(
        sp.Ge(2 * Q * (1 - P) - Z + Y, (2 - theta) * Q * (1 - P), evaluate=False),
        _le(2 * Q * (1 - P) - Z + Y, (2 + theta) * Q * (1 - P)),
        evaluate=False,
    ),
    assuming=(
        _le(sp.Abs(Z), V2 * Q),
        _le(sp.Abs(Y), H),
        _le(V2 * Q + H, theta * zeta * Q),
        _le(P, 1 - zeta),
    ),
    title="P grows at a rate between (2 − ϑ)Q(1 − P) and (2 + ϑ)Q(1 − P) where (47) holds with room",
    where="Section 5.1, proof of Proposition 4, equation (48)",
    hypotheses=(
        r"$Z$, $Y$ and $H$ as in prop4.across and prop4.remainders; the rate is that of prop4.rates",
    ),
    uses=("prop4.rates", "prop4.across", "prop4.remainders"),
    basis="derived",
    statement=(
        r"V_2 + \frac HQ \le \vartheta\zeta,\; P \le 1 - \zeta \;\Longrightarrow\; (2-\vartheta)\,Q(1-P) \le \dot P "
        r"\le "
        r"(2+\vartheta)\,Q(1-P)"
    ),
)

c1, c2, c3 = sp.symbols("c1 c2 c3", nonnegative=True)

paper.inequality(
    "eq45.remainder",
    sp.And(
        _le(c1 * p**3 + c2 * p**5 + c3 * p**7, (c1 + c2 + c3) * p**3),
        _le(H, 2 * b * mu * p**2 * Q),
        evaluate=False,
    ),
    assuming=(_le(p, 1), _le(p**2, Q), _le(H**2, 4 * Q * b**2 * p**6 * mu**2)),
    title="The remainders up to the hypothesis time of the descent",
    where="Section 5.1, equations (45) and (47)",
    hypotheses=(
        r"$p = \sqrt P$, $P \le 1$, $\mu = 1/m$; with $q = p\sqrt{\lambda/m}$ the bound of Lemma 1 is $m^{-3/2}$ "
        r"times the "
        r"left side for $c_1 = LD^3F\lambda^{3/2}$, $c_2 = 2LD^4\lambda^{5/2}$, $c_3 = L^2D^6\lambda^{7/2}/m$, "
        r"whose sum is $b$",
        r"$H = 2\sqrt{mQ}\,B(q)$ and $P \le Q$; hence $H/Q \le 2bP/m$ and $\sqrt m\,B \le bP^{3/2}/m$",
    ),
    uses=("lem1", "prop4.remainders", "eq18.order"),
    basis="derived",
    statement=(
        r"c_1p^3 + c_2p^5 + c_3p^7 \le (c_1 + c_2 + c_3)\,p^3, \qquad H^2 \le 4Q\,b^2p^6\mu^2,\; p^2 \le Q \;"
        r"\Longrightarrow\; H \le 2b\mu p^2Q"
    ),
)

root = sp.Symbol("p", positive=True)
"""√P."""

OVER_DESCENT = {
    "1": sp.log(root**2) - sp.log(1 - root**2),
    "√P": sp.log(1 + root) - sp.log(1 - root),
    "P": -sp.log(1 - root**2),
}
"""What bounds the time integrals of 1, √P and P along dP/dt = P(1 − P): antiderivatives over P."""


def _slopes() -> dict[str, sp.Expr]:
    """Their derivatives in p."""
    return {key: sp.cancel(value.diff(root)) for key, value in OVER_DESCENT.items()}


paper.identity(
    "eq47.integrals",
    _slopes,
    lambda: {
        key: root**power / (root**2 * (1 - root**2)) * 2 * root for power, key in enumerate(("1", "√P", "P"))
    },
    aligned=False,
    title="Integrals over the descent as integrals over P",
    where="Section 5.1, equations (46) and (52)",
    hypotheses=(
        r"$p = \sqrt P$; where $\dot P \ge (2-\vartheta)P(1-P)$, $\int g(P)\,ds \le \frac{1}{2-\vartheta}\int "
        r"\frac{g(P)\,dP}{P(1-P)}$ for $g \ge 0$",
        r"hence $\int P\,ds \le \frac{\log(1/\zeta)}{2-\vartheta}$ up to $T_2$, $\int\sqrt P\,ds \le "
        r"\frac{\log(4/\zeta)}{2-\vartheta}$ by eq47.logarithm, and $T_2 - T_1 \le \frac{1}{2-\vartheta}\bigl[\log"
        r"\frac1{P(T_1)} + \log\frac{1-\zeta}\zeta\bigr]$",
    ),
    uses=("eq48.band",),
    basis="derived",
    statement=(
        r"\frac{d}{dP}\log\frac{P}{1-P} = \frac{1}{P(1-P)}, \quad \frac{d}{dP}\log\frac{1+\sqrt P}{1-\sqrt P} = "
        r"\frac{\sqrt P}{P(1-P)}, \quad \frac{d}{dP}\log\frac{1}{1-P} = \frac{P}{P(1-P)}"
    ),
)

paper.inequality(
    "eq47.logarithm",
    _le(zeta * (1 + p), 4 * (1 - p)),
    assuming=(_le(p, 1), _le(p**2, 1 - zeta)),
    title="The integral of √P over the descent is at most the logarithm of 4/ζ",
    where="Section 5.1, equation (52)",
    hypotheses=(r"$p = \sqrt P$ with $P \le 1 - \zeta$",),
    basis="derived",
    statement=r"P \le 1 - \zeta \;\Longrightarrow\; \frac{1 + \sqrt P}{1 - \sqrt P} \le \frac4\zeta",
)

paper.inequality(
    "eq52.norm",
    _le(sp.Abs(w1 * u - X), q * (sp.Abs(u) + sigma)),
    assuming=(_le(X**2, W**2 * sigma**2), _le(w1**2 + W**2, q**2)),
    title="How fast the neuron-wise norm can grow",
    where="Section 5.1, proof of Theorem 2, equation (52); (64)",
    hypotheses=(
        r"$u = 1 - P$, $\sigma = \lVert S_\perp\rVert$, $W^2 = \sum_{i\ge2}(w_k^{(i)})^2$, $X = \sum_{i\ge2} "
        r"w_k^{(i)}S_i$ with "
        r"$X^2 \le W^2\sigma^2$ (Cauchy–Schwarz), so that the left side is $|\dot a_k - f_k|$ by (10); $\lVert\dot "
        r"w_k - "
        r"g_k\rVert = |a_k|\sqrt{u^2 + \sigma^2}$ is at most $q(|u| + \sigma)$ too",
        r"hence $\frac{d}{dt}\log q \le |1-P| + \lVert S_\perp\rVert + B(q)/q$",
    ),
    uses=("eq10", "lem1"),
    basis="derived",
    statement=r"X^2 \le W^2\sigma^2,\; w_1^2 + W^2 \le q^2 \;\Longrightarrow\; |w_1u - X| \le q\,(|u| + \sigma)",
)

paper.inequality(
    "eq52.ratio",
    _le(2 * (1 - P + sigma + beta) * P - rate, (2 * sigma + 2 * beta + 2 * V2 + 2 * mu) * P),
    assuming=(
        sp.Ge(rate, 2 * Q * (1 - P) - V2 * Q - mu * Q, evaluate=False),
        sp.Ge(P, 0, evaluate=False),
        _le(P, 1),
        _le(P, Q),
        _le(Q, 2 * P),
    ),
    title="q² grows hardly faster than P on the descent",
    where="Section 5.1, proof of Theorem 2, equation (52)",
    hypotheses=(
        r"$r = \dot P$, $\sigma = \lVert S_\perp\rVert$, $\beta = B(q)/q$, $\mu = H/Q$; divided by $P > 0$: "
        r"$\frac{d}{dt}\log"
        r"(q^2/P) \le 2\lVert S_\perp\rVert + 2B(q)/q + 2V_2 + 2H/Q$",
    ),
    uses=("eq52.norm", "prop4.rates", "prop4.across", "prop4.remainders"),
    basis="derived",
    statement=(
        r"r \ge 2Q(1-P) - V_2Q - \mu Q,\; P \le Q \le 2P,\; P \le 1 \;\Longrightarrow\; 2(1 - P + \sigma + \beta)P "
        r"- r "
        r"\le 2(\sigma + \beta + V_2 + \mu)P"
    ),
)

paper.inequality(
    "eq53.fall",
    sp.Ge(u, (1 - zeta**2) / 2 - y - 2 * V2 - beta, evaluate=False),
    assuming=(
        _le(-y, X),
        _le(Y, -(1 - zeta) + (1 - zeta) ** 2 / 2 + S2 / 2 + beta),
        _le(S2, 2 * V2 * Q),
        _le(Q, 2 * (1 - zeta)),
        sp.Eq(u, X - Y, evaluate=False),
    ),
    title="The fall of the loss on the descent",
    where="Section 5.1, proof of Theorem 2, equation (53)",
    hypotheses=(
        r"$X = R(T_1) - R_0 \ge -y$ by eq39, $Y = R(T_2) - R_0$ by (37) at $P = 1 - \zeta$ with $|E| \le \beta$ "
        r"(eq38), "
        r"$u = R(T_1) - R(T_2)$; $Q \le 2P$ at $T_2$ by eq52",
    ),
    uses=("eq37", "eq38", "eq39", "prop4.across"),
    basis="derived",
    statement=r"R(T_1) - R(T_2) \ge \tfrac12(1 - \zeta^2) - y - 2V_2 - \beta",
)

paper.inequality(
    "eq63.distance",
    _le(-u * (2 * Q * u - Z + Y), -2 * Q * u**2 + sp.Abs(u) * (V2 * Q + H)),
    assuming=(_le(sp.Abs(Z), V2 * Q), _le(sp.Abs(Y), H)),
    title="How P goes to 1 on the secondary plateau",
    where="Section 6.1, proof of Theorem 3, equation (63)",
    hypotheses=(
        r"$u = 1 - P$; the left side is $u\dot u$ by prop4.rates, so that $\frac{d}{dt}|u| \le -2Q|u| + (V_2 + "
        r"H/Q)Q$",
    ),
    uses=("prop4.rates", "prop4.across", "prop4.remainders"),
    basis="derived",
    statement=r"u\dot u \le -2Qu^2 + |u|\,(V_2Q + H), \qquad u = 1 - P",
)

r = sp.Symbol("r", nonnegative=True)

paper.inequality(
    "eq64.root",
    _le(A**2 / 2 + (A + B) * B, (r * A + B) ** 2),
    assuming=(sp.Ge(2 * r**2, 1, evaluate=False),),
    title="The integral of S across e₁ on the secondary plateau, without the root of a sum",
    where="Section 6.1, proof of Theorem 3, equation (64)",
    hypotheses=(
        r"$A = \overline V$ bounds every $V_i$ at $T_2$, $B = b_3\,m^{s-1}$ is what the secondary plateau adds; by "
        r"lem2.identity $\int S_i^2 \le \frac12V_i(T_2)^2 + (A + B)B$, so that with $r = \frac1{\sqrt2}$ and "
        r"Cauchy–Schwarz $\int\lVert S_\perp\rVert \le \sqrt{(d-1)\,m^s}\,(rA + B)$",
    ),
    uses=("lem2.identity",),
    basis="derived",
    statement=r"2r^2 \ge 1 \;\Longrightarrow\; \tfrac12A^2 + (A + B)\,B \le (rA + B)^2",
)

# -- corollaries

paper.inequality(
    "eq54.gradient",
    sp.And(
        _le(k * Y, u * k * n + (sigma + R) * n * k),
        sp.Ge(Y, u * (1 - V2 / (2 * k**2)) * n - (sigma + R) * n, evaluate=False),
        evaluate=False,
    ),
    over={u: (0, 1)},
    assuming=(
        sp.Eq(n**2, k**2 + V2, evaluate=False),
        sp.Gt(k, 0, evaluate=False),
        _le(sp.Abs(Y - u * k), sigma * n + R * k),
    ),
    title="The gradient over the weights, from P and the weights across e₁",
    where="Section 5.1, Corollary 3, equations (54) and (55)",
    hypotheses=(
        r"$Y = \lVert\nabla R\rVert$, $u = 1 - P$, $k = \sqrt{2Q}$, $n = \lVert\theta\rVert = \sqrt{2Q + V_2}$, "
        r"$\sigma = \lVert "
        r"S_\perp\rVert$, $Rk = \sqrt{2m}\,B(q)$; by (10) the gradient is $-u\,(w^{(1)}, a, 0)$ up to a vector "
        r"of length at most $\sigma\sqrt{V_2 + \sum a_k^2} + \sqrt{2m}\,B(q)$ (triangle inequality)",
        r"hence the ratio is within $\sigma + R + \frac{V_2}{4Q}$ of $1 - P$",
    ),
    uses=("eq10", "lem1", "lem2.squares"),
    basis="derived",
    statement=(
        r"|Y - uk| \le \sigma n + Rk,\; n^2 = k^2 + V_2 \;\Longrightarrow\; u\Bigl(1 - \frac{V_2}{2k^2}\Bigr) - "
        r"\sigma - R "
        r"\le \frac Yn \le u + \sigma + R"
    ),
)

paper.inequality(
    "eq40.halves",
    sp.And(
        _le(n * (1 - sigma), 2 * sigma * A),
        _le(p * (1 - sigma), 2 * B),
        evaluate=False,
    ),
    assuming=(
        _le(n, sigma * p),
        _le(sigma, 1),
        _le(p - n, 2 * A),
        _le(p - n, 2 * B),
    ),
    title="The coupling distance, from the norms of a + w and a − w",
    where="Section 4, Corollaries 1 and 2; section 5.1, Corollary 4",
    hypotheses=(
        r"$p = \lVert a + w^{(1)}\rVert$, $n = \lVert a - w^{(1)}\rVert \le \sigma p$, $A = \lVert a\rVert$ and $B "
        r"= \lVert "
        r"w^{(1)}\rVert$, both at least $\frac12(p - n)$ by the triangle inequality; $\sigma = \sqrt{(Q-P)/(Q+P)}$",
        r"hence $\sqrt{\sum_k(a_k - w_k^{(1)})^2/\sum_ka_k^2} \le 2\sigma/(1-\sigma)$",
    ),
    uses=("eq14",),
    basis="derived",
    statement=(
        r"n \le \sigma p,\; A, B \ge \tfrac12(p - n) \;\Longrightarrow\; \frac nA \le \frac{2\sigma}{1-\sigma},\; B "
        r"\ge "
        r"\tfrac12(1-\sigma)\,p"
    ),
)

paper.inequality(
    "eq57.half",
    _le(sigma * 2 * P, q * P),
    assuming=(
        sp.Gt(P, 0, evaluate=False),
        _le(sigma**2 * (Q + P), Q - P),
        _le(Q**2 - P**2, q**2 * P**2),
    ),
    title="The distance between a and w, from Q² − P²",
    where="Section 5.1, Corollary 4, equation (57)",
    hypotheses=(r"$q = \sqrt{Q^2-P^2}/P$ and $\sigma = \sqrt{(Q-P)/(Q+P)}$ of eq40.halves",),
    uses=("eq40.halves",),
    basis="derived",
    statement=r"\sqrt{\frac{Q - P}{Q + P}} \le \frac{\sqrt{Q^2 - P^2}}{2P} \qquad (0 < P \le Q)",
)
