"""The inequalities behind the explicit bounds of the descent and of what follows it, each for all real numbers."""

from __future__ import annotations

import sympy as sp

from verify.papers.multistage.monotonicity import P_MOVES, S2, SIZES, V2, H, P, P_rate, Q, Y, zeta
from verify.papers.multistage.paper import paper
from verify.stating import expression_latex, implication, named

X, w, a, f, a_rate, q_rate, R0, R1, R2, rest = sp.symbols("X w a f adot qdot R_0 R_1 R_2 E", real=True)
n, y, A, B, b, k, p, N, W, sigma, beta, theta, s = sp.symbols(
    "n y A B b k p N W sigma beta vartheta s", nonnegative=True
)
q = sp.Symbol("q", positive=True)
"""The neuron-wise norm."""


def _le(left: sp.Expr, right: sp.Expr) -> sp.Rel:
    return sp.Le(left, right, evaluate=False)


def _eq(left: sp.Expr, right: sp.Expr) -> sp.Rel:
    return sp.Eq(left, right, evaluate=False)


paper.inequality(
    "eq48.band",
    sp.And(
        sp.Ge(P_rate, (2 - theta) * Q * (1 - P), evaluate=False),
        _le(P_rate, (2 + theta) * Q * (1 - P)),
        evaluate=False,
    ),
    assuming=(*P_MOVES, _le(V2 * Q + H, theta * zeta * Q), _le(P, 1 - zeta)),
    title="P grows at a rate between (2 − ϑ)Q(1 − P) and (2 + ϑ)Q(1 − P) where (47) holds with room",
    where="Section 5.1, proof of Proposition 4, equation (48)",
    hypotheses=("the rate is that of prop4.rates", *SIZES),
    uses=("prop4.rates", "prop4.across", "prop4.remainders"),
    basis="derived",
    statement=implication(),
)

c1, c2, c3, bound = sp.symbols("c_1 c_2 c_3 B", nonnegative=True)
root_m = sp.Symbol("mu", positive=True)

paper.inequality(
    "eq45.remainder",
    sp.And(
        _le(root_m * bound, b * p**3 / root_m**2),
        _le(H, 2 * b * p**2 * Q / root_m**2),
        evaluate=False,
    ),
    assuming=(
        _le(bound, (c1 * p**3 + c2 * p**5 + c3 * p**7) / root_m**3),
        _eq(b, c1 + c2 + c3),
        _le(H**2, 4 * root_m**2 * Q * bound**2),
        _le(p**2, 1),
        _le(p**2, Q),
    ),
    title="The remainders up to the hypothesis time of the descent",
    where="Section 5.1, equations (45) and (47)",
    hypotheses=(
        r"$B$ bounds every $|f_k|$ and $\lVert g_k\rVert$; with $q = \sqrt{\lambda P/m}$ in Lemma 1 the constants are "
        r"$c_1 = LD^3F\lambda^{3/2}$, $c_2 = 2LD^4\lambda^{5/2}$, $c_3 = L^2D^6\lambda^{7/2}/m$, "
        r"and $b$ is their sum; $P \ge 0$",
        r"$H = 2\sqrt{mQ}\,B$; left to the reader: hence $H/Q \le 2bP/m$ and $\sqrt m\,B \le bP^{3/2}/m$",
    ),
    uses=("lem1", "prop4.remainders", "eq18.order"),
    basis="derived",
    statement=implication(
        {
            p**2: "P",
            p**3: "P^{3/2}",
            p**5: "P^{5/2}",
            p**7: "P^{7/2}",
            root_m**2: "m",
            root_m**3: "m^{3/2}",
            root_m**-2: r"m^{-1}",
            root_m**-3: r"m^{-3/2}",
            root_m: r"\sqrt{m}",
            p: r"\sqrt{P}",
        }
    ),
)

level = sp.Symbol("P", positive=True)
OVER_DESCENT = {
    "1": sp.log(level) - sp.log(1 - level),
    "√P": sp.log(1 + sp.sqrt(level)) - sp.log(1 - sp.sqrt(level)),
    "P": -sp.log(1 - level),
}
"""What bounds the time integrals of 1, √P and P along dP/dt = P(1 − P): antiderivatives over P."""


def _slopes_latex(lhs: dict[str, sp.Expr], rhs: dict[str, sp.Expr]) -> str:
    lefts = (rf"\frac{{d}}{{dP}}\Bigl[{expression_latex(value)}\Bigr]" for value in OVER_DESCENT.values())
    return named(*lefts)(lhs, rhs)


paper.identity(
    "eq47.integrals",
    lambda: {key: value.diff(level) for key, value in OVER_DESCENT.items()},
    lambda: {key: 1 / (level ** sp.Rational(2 - n, 2) * (1 - level)) for n, key in enumerate(OVER_DESCENT)},
    aligned=False,
    title="Integrals over the descent as integrals over P",
    where="Section 5.1, equations (46) and (52)",
    hypotheses=(
        r"$0 < P < 1$; where $\dot P \ge (2-\vartheta)P(1-P)$, $\int g(P)\,ds \le \frac{1}{2-\vartheta}\int "
        r"\frac{g(P)\,dP}{P(1-P)}$ for $g \ge 0$",
        r"left to the reader: hence $\int P\,ds \le \frac{\log(1/\zeta)}{2-\vartheta}$ up to $T_2$, $\int\sqrt P\,ds "
        r"\le "
        r"\frac{\log(4/\zeta)}{2-\vartheta}$ by eq47.logarithm, and $T_2 - T_1 \le \frac{1}{2-\vartheta}\bigl[\log"
        r"\frac1{P(T_1)} + \log\frac{1-\zeta}\zeta\bigr]$",
    ),
    uses=("eq48.band",),
    basis="derived",
    statement=_slopes_latex,
)

paper.inequality(
    "eq47.logarithm",
    _le((1 + p) / (1 - p), 4 / zeta),
    assuming=(_le(p**2, 1 - zeta),),
    title="The integral of √P over the descent is at most the logarithm of 4/ζ",
    where="Section 5.1, equation (52)",
    hypotheses=(r"$P \ge 0$; the left side is the argument of the logarithm of eq47.integrals",),
    basis="derived",
    statement=implication({p**2: "P", p: r"\sqrt{P}"}),
)

paper.inequality(
    "eq52.norm",
    sp.And(
        _le(sp.Abs(a_rate - f), q * (sp.Abs(1 - P) + sigma)),
        _le(N, q * (sp.Abs(1 - P) + sigma)),
        evaluate=False,
    ),
    assuming=(
        _eq(a_rate, (1 - P) * w - X + f),
        _le(X**2, W**2 * sigma**2),
        _le(N**2, a**2 * ((1 - P) ** 2 + sigma**2)),
        _le(a**2, q**2),
        _le(w**2 + W**2, q**2),
    ),
    title="How fast the neuron-wise norm can grow",
    where="Section 5.1, proof of Theorem 2, equation (52); (64)",
    hypotheses=(
        r"$\sigma = \lVert S_\perp\rVert$, $W_k^2 = \sum_{i\ge2}(w_k^{(i)})^2$, $X = \sum_{i\ge2} w_k^{(i)}S_i$ with "
        r"$X^2 \le W_k^2\sigma^2$ by Cauchy–Schwarz; the first condition is (10), and so is the third, with equality: "
        r"$\dot w_k - g_k = a_k\,(1 - P, -S_2, \ldots, -S_d)$",
        r"left to the reader: hence $\frac{d}{dt}\log q \le |1-P| + \lVert S_\perp\rVert + B(q)/q$",
    ),
    uses=("eq10", "lem1"),
    basis="derived",
    statement=implication(
        {
            a: "a_k",
            f: "f_k",
            w: "w_k^{(1)}",
            a_rate: r"\dot a_k",
            N: r"\lVert\dot w_k - g_k\rVert",
            W: "W_k",
        }
    ),
)

_P, _Q, _A, _n, _k = sp.symbols("P Q A n k", positive=True)

paper.inequality(
    "eq52.ratio",
    _le(2 * q_rate / q - P_rate / _P, 2 * (sigma + beta + V2 + H / _Q)),
    assuming=(
        _le(q_rate, (1 - _P + sigma + beta) * q),
        sp.Ge(P_rate, 2 * _Q * (1 - _P) - V2 * _Q - H, evaluate=False),
        _le(_P, 1),
        _le(_P, _Q),
        _le(_Q, 2 * _P),
    ),
    title="q² grows hardly faster than P on the descent",
    where="Section 5.1, proof of Theorem 2, equation (52)",
    hypotheses=(
        r"$\sigma = \lVert S_\perp\rVert$, $\beta = B(q)/q$; the first condition is eq52.norm, the second prop4.rates "
        r"with prop4.across and prop4.remainders; the left side is $\frac{d}{dt}\log(q^2/P)$",
    ),
    uses=("eq52.norm", "prop4.rates", "prop4.across", "prop4.remainders"),
    basis="derived",
    statement=implication(),
)

paper.inequality(
    "eq53.fall",
    sp.Ge(R1 - R2, (1 - zeta**2) / 2 - y - 2 * V2 - beta, evaluate=False),
    assuming=(
        sp.Ge(R1 - R0, -y, evaluate=False),
        _eq(R2, R0 - P + P**2 / 2 + S2 / 2 + rest),
        _le(sp.Abs(rest), beta),
        _le(S2, 2 * V2 * Q),
        _le(Q, 2 * P),
        _eq(P, 1 - zeta),
    ),
    title="The fall of the loss on the descent",
    where="Section 5.1, proof of Theorem 2, equation (53)",
    hypotheses=(
        r"$y$ of eq39; (37) at $T_2$, where $P = 1 - \zeta$, with the remainder $E$ and its bound $\beta$ of eq38, and "
        r"$S_2 = \sum_{i\ge2} S_i^2$; $Q \le 2P$ at $T_2$ by eq52",
    ),
    uses=("eq37", "eq38", "eq39", "prop4.across"),
    basis="derived",
    statement=implication({R1: "R(T_1)", R2: "R(T_2)"}),
)

paper.inequality(
    "eq63.distance",
    _le(-(1 - P) * P_rate, -2 * Q * (1 - P) ** 2 + sp.Abs(1 - P) * (V2 * Q + H)),
    assuming=P_MOVES,
    title="How P goes to 1 on the secondary plateau",
    where="Section 6.1, proof of Theorem 3, equation (63)",
    hypotheses=(
        "the rate is that of prop4.rates",
        *SIZES,
        r"the left side is $\frac12\frac{d}{dt}(1-P)^2$, so that $\frac{d}{dt}|1-P| \le -2Q|1-P| + (V_2 + H/Q)Q$",
    ),
    uses=("prop4.rates", "prop4.across", "prop4.remainders"),
    basis="derived",
    statement=implication(),
)

r = sp.Symbol("r", nonnegative=True)

paper.inequality(
    "eq64.root",
    _le(N, r * A + B),
    assuming=(_le(N**2, A**2 / 2 + (A + B) * B), sp.Ge(2 * r**2, 1, evaluate=False)),
    title="The integral of S across e₁ on the secondary plateau, without the root of a sum",
    where="Section 6.1, proof of Theorem 3, equation (64)",
    hypotheses=(
        r"$\overline V$ bounds every $V_i$ at $T_2$, $B = b_3\,m^{s-1}$ is what the secondary plateau adds, and "
        r"$N^2 = \int S_i^2$, for which the first condition holds by lem2.identity; $r = \frac1{\sqrt2}$. With "
        r"Cauchy–Schwarz $\int\lVert S_\perp\rVert \le \sqrt{(d-1)\,m^s}\,(r\overline V + B)$",
    ),
    uses=("lem2.identity",),
    basis="derived",
    statement=implication({A: r"\overline V"}),
)

# -- corollaries

paper.inequality(
    "eq54.gradient",
    _le(sp.Abs(Y / _n - (1 - P)), sigma + b + V2 / (4 * _Q)),
    over={P: (0, 1)},
    assuming=(
        _eq(_k**2, 2 * _Q),
        _eq(_n**2, 2 * _Q + V2),
        _le(sp.Abs(Y - (1 - P) * _k), sigma * _n + b * _k),
    ),
    title="The gradient over the weights, from P and the weights across e₁",
    where="Section 5.1, Corollary 3, equations (54) and (55)",
    hypotheses=(
        r"$k = \sqrt{2Q}$, $\sigma = \lVert S_\perp\rVert$, $bk = \sqrt{2m}\,B(q)$; $\theta = (a, w)$",
        r"the last condition: by (10) the gradient is $-(1 - P)\,(w^{(1)}, a, 0)$, of length $(1 - P)\,k$, up to a "
        r"vector of length at most $\sigma\sqrt{V_2 + \sum a_k^2} + \sqrt{2m}\,B(q)$ (triangle inequality)",
    ),
    uses=("eq10", "lem1", "lem2.squares"),
    basis="derived",
    statement=implication({_n: r"\lVert\theta\rVert", Y: r"\lVert\nabla R\rVert"}),
)

paper.inequality(
    "eq40.halves",
    sp.And(
        _le(n / _A, 2 * sigma / (1 - sigma)),
        sp.Ge(B, (1 - sigma) * k / 2, evaluate=False),
        evaluate=False,
    ),
    assuming=(
        _le(n, sigma * k),
        sp.Lt(sigma, 1, evaluate=False),
        sp.Ge(_A, (k - n) / 2, evaluate=False),
        sp.Ge(B, (k - n) / 2, evaluate=False),
    ),
    title="The coupling distance, from the norms of a + w and a − w",
    where="Section 4, Corollaries 1 and 2; section 5.1, Corollary 4",
    hypotheses=(
        r"$a$ and $w$: the vectors of the $a_k$ and of the $w_k^{(1)}$; the last two conditions are the triangle "
        r"inequality; $\sigma = \sqrt{(Q-P)/(Q+P)}$",
        r"the first quotient is $\sqrt{\sum_k(a_k - w_k^{(1)})^2/\sum_ka_k^2}$",
    ),
    uses=("eq14",),
    basis="derived",
    statement=implication(
        {
            n: r"\lVert a - w\rVert",
            k: r"\lVert a + w\rVert",
            _A: r"\lVert a\rVert",
            B: r"\lVert w\rVert",
        }
    ),
)

paper.inequality(
    "eq57.half",
    _le(sigma, s / 2),
    assuming=(
        _le(sigma**2, (_Q - _P) / (_Q + _P)),
        sp.Ge(s**2, (_Q**2 - _P**2) / _P**2, evaluate=False),
    ),
    title="The distance between a and w, from Q² − P²",
    where="Section 5.1, Corollary 4, equation (57)",
    hypotheses=(
        r"$\sigma = \sqrt{(Q-P)/(Q+P)}$ of eq40.halves and $s = \sqrt{Q^2-P^2}/P$ of eq51: both conditions hold with "
        "equality",
    ),
    uses=("eq40.halves",),
    basis="derived",
    statement=implication(),
)
